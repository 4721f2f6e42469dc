"""What the database refuses by itself, behind every check of ours (promises P1, P2 and P3).

Tortoise creates neither checks nor partial indexes, and its table rebuilds on SQLite drop triggers; so these statements are
idempotent and run after every migration. The names are what a broken guard is recognised by.
"""

from booking import db

UNIQUE_AND_INDEXES = [
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_booking_session_family ON booking (session_id, family_id)"
    " WHERE state = 'booked' AND session_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_booking_run_family ON booking (run_id, family_id)"
    " WHERE state = 'booked' AND session_id IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_waiting_session_family ON waiting_entry (session_id, family_id)"
    " WHERE state IN ('waiting', 'offered') AND session_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_waiting_run_family ON waiting_entry (run_id, family_id)"
    " WHERE state IN ('waiting', 'offered') AND session_id IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_session_run_start ON session (run_id, date, start_time)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_skip_run_date ON skip (run_id, date)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_attendance_attendee ON attendance (session_id, attendee_id)"
    " WHERE attendee_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_reminder ON reminder (booking_id, session_id, lead)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_missed_date ON missed_date (booking_id, session_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_invite_session_person ON invite (session_id, person_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_offer_open ON offer (waiting_entry_id) WHERE state = 'open'",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_term_date ON term_date (area, academic_year, part, kind, start_date)",
    "CREATE INDEX IF NOT EXISTS ix_session_in_order ON session (date, start_time, id) WHERE is_listed",
    "CREATE INDEX IF NOT EXISTS ix_lease_kept_session ON lease (session_id, expires_at) WHERE released_at IS NULL",
    "CREATE INDEX IF NOT EXISTS ix_lease_kept_run ON lease (run_id, expires_at) WHERE released_at IS NULL",
    "CREATE INDEX IF NOT EXISTS ix_lease_kept ON lease (expires_at) WHERE released_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_room_part ON room_part (whole_id, part_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_room_swap_open ON room_swap (room_booking_id) WHERE state = 'open'",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_keyholder ON keyholder (location_id, name) WHERE ended_at IS NULL",
    "CREATE INDEX IF NOT EXISTS ix_room_booking_room ON room_booking (room_id, starts_at)",
    "CREATE INDEX IF NOT EXISTS ix_room_booking_partner ON room_booking (organisation_id, starts_at)"
    " WHERE organisation_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_room_booking_requested ON room_booking (hold_until_at) WHERE state = 'requested'",
    "CREATE INDEX IF NOT EXISTS ix_room_booking_missing ON room_booking (starts_at) WHERE state = 'missing'",
    "CREATE INDEX IF NOT EXISTS ix_room_hold_times ON room_hold (room_id, starts_at, ends_at)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_slot ON slot (session_id, worker, starts_at)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_booking_slot ON booking (slot_id) WHERE state = 'booked' AND slot_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_creche_place ON creche_place (booking_id, session_id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_term_version ON term_version (area, number)",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_run_referral_code ON run (referral_code) WHERE referral_code <> ''",
    "CREATE INDEX IF NOT EXISTS ix_waiting_in_line ON waiting_entry (run_id, session_id) WHERE state = 'waiting'",
    "CREATE INDEX IF NOT EXISTS ix_offer_open ON offer (expires_at) WHERE state = 'open'",
    "CREATE INDEX IF NOT EXISTS ix_message_waiting ON message (next_try_at) WHERE state = 'queued'",
    "CREATE INDEX IF NOT EXISTS ix_message_in_line ON message (urgency, next_try_at, id) WHERE state = 'queued'",
    "CREATE INDEX IF NOT EXISTS ix_message_written ON message (created_at)",
    "CREATE INDEX IF NOT EXISTS ix_message_to_ring ON message (hub_id, due_at) WHERE state = 'queued' AND channel = 'call'",
    "CREATE INDEX IF NOT EXISTS ix_message_secret ON message (id) WHERE is_secret AND body <> ''",
    "CREATE INDEX IF NOT EXISTS ix_text_waiting ON inbound_message (state, received_at) WHERE state IN ('new', 'unclear')",
    "CREATE INDEX IF NOT EXISTS ix_report_unsettled ON delivery_report (received_at) WHERE settled_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_wording_text ON wording_text (kind, channel, language, is_discreet)"
    " WHERE replaced_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_shift_session ON shift (session_id, kind, position) WHERE session_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_shift_need ON shift (need_id, date, position) WHERE need_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_rota_rules_county ON rota_rules ((hub_id IS NULL)) WHERE hub_id IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_assignment_shift ON assignment (shift_id, layer)",
    "CREATE INDEX IF NOT EXISTS ix_assignment_declined ON assignment (shift_id) WHERE layer = 'published' AND answer = 'declined'",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_swap_open ON swap_request (shift_id) WHERE state IN ('asked', 'agreed')",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_cover_ask_open ON cover_ask (shift_id, staff_id) WHERE state = 'asked'",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_cover_ask_yes ON cover_ask (shift_id, round_id) WHERE state = 'yes'",
    "CREATE INDEX IF NOT EXISTS ix_publication_waits ON publication (due_at) WHERE state = 'waits'",
    "CREATE INDEX IF NOT EXISTS ix_plan_run_open ON plan_run (created_at) WHERE state IN ('waits', 'runs')",
    "CREATE INDEX IF NOT EXISTS ix_leave_dates ON leave (last_date, first_date) WHERE state IN ('requested', 'approved')",
    "CREATE INDEX IF NOT EXISTS ix_notice_open ON notice (due_at) WHERE state IN ('waits', 'sending')",
    "CREATE INDEX IF NOT EXISTS ix_recipient_open ON notice_recipient (notice_id) WHERE queued_at IS NULL",
]

# so that who looks for overlaps need not look further back
LENGTH_OF_HOLD = "{new}ends_at - {new}starts_at <= interval '26 hours'"
LENGTH_OF_HOLD_ON_SQLITE = "julianday({new}ends_at) - julianday({new}starts_at) <= 26.001 / 24"

# table, name, what must hold (`new.` stands before each column for the triggers of SQLite)
CHECKS = [
    ("session", "ck_session_places", "{new}taken >= 0 AND {new}taken <= {new}places"),
    ("run", "ck_run_places", "{new}taken >= 0 AND {new}taken <= {new}places"),
    ("run", "ck_run_with_guests", "{new}guest_places >= 0 AND {new}taken + {new}guest_places <= {new}places"),
    ("run", "ck_run_reserved", "{new}reserved >= 0 AND {new}reserved_taken >= 0 AND {new}reserved_taken <= {new}taken"),
    (
        "session",
        "ck_session_reserved",
        "{new}reserved >= 0 AND {new}reserved_taken >= 0 AND {new}reserved_taken <= {new}taken",
    ),
    ("slot", "ck_slot_taken", "{new}taken >= 0 AND {new}taken <= 1 AND ({new}taken = 0 OR {new}state = 'open')"),
    ("slot", "ck_slot_interval", "{new}ends_at > {new}starts_at"),
    ("creche_place", "ck_creche_places", "{new}places > 0"),
    ("shift", "ck_shift_interval", "{new}ends_at > {new}starts_at AND {new}minutes >= 0"),
    ("assignment", "ck_assignment_interval", "{new}ends_at > {new}starts_at"),
    ("assignment", "ck_assignment_length", LENGTH_OF_HOLD),
    ("session", "ck_session_interval", "{new}ends_at > {new}starts_at"),
    ("room_hold", "ck_room_hold_interval", "{new}ends_at > {new}starts_at"),
    ("room_hold", "ck_room_hold_length", LENGTH_OF_HOLD),
    ("booking", "ck_booking_places", "{new}places > 0"),
    ("lease", "ck_lease_places", "{new}places >= 0"),
]

# table -> the guard's name, and the columns within which no two intervals may overlap (promises P1 and P3)
ROOM_OVERLAP, DUTY_OVERLAP = "ex_room_overlap", "ex_duty_overlap"
NO_OVERLAP = {"room_hold": (ROOM_OVERLAP, ("room_id",)), "assignment": (DUTY_OVERLAP, ("staff_id", "layer"))}

POSTGRES_NO_OVERLAP = (
    "ALTER TABLE {table} ADD CONSTRAINT {name}"
    " EXCLUDE USING gist ({columns}, tstzrange(starts_at, ends_at, '[)') WITH &&)"
)

# it looks no further back than a hold can be long; the text of an instant sorts after that of its first 19 letters
SQLITE_NO_OVERLAP = """
CREATE TRIGGER {name}_{verb} BEFORE {when} ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same} AND id <> NEW.id
             AND starts_at > strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '-27 hours')
             AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at)
BEGIN SELECT RAISE(ABORT, '{name}'); END"""

SQLITE_CHECK = """
CREATE TRIGGER IF NOT EXISTS {name}_{verb} BEFORE {when} ON "{table}"
WHEN NOT ({condition}) BEGIN SELECT RAISE(ABORT, '{name}'); END"""


async def put_up() -> None:
    """Creates every guard that is not there yet."""
    for statement in UNIQUE_AND_INDEXES:
        await db.execute(statement)
    await (_on_postgres() if db.is_postgres() else _on_sqlite())


async def missing() -> list[str]:
    """The names of guards that the database does not have; empty when all is well."""
    if db.is_postgres():
        found = await db.rows("SELECT conname AS name FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        wanted = {name for _, name, _ in CHECKS} | _overlaps()
    else:
        found = await db.rows("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index')")
        wanted = {f"{name}_{verb}" for name in {c[1] for c in CHECKS} | _overlaps() for verb in ("insert", "update")}
    wanted |= {statement.split(" IF NOT EXISTS ")[1].split()[0] for statement in UNIQUE_AND_INDEXES}
    return sorted(wanted - {line["name"] for line in found})


def _overlaps() -> set[str]:
    return {name for name, _ in NO_OVERLAP.values()}


async def _on_postgres() -> None:
    await db.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    there = {line["conname"] for line in await db.rows("SELECT conname FROM pg_constraint")}
    for table, (name, within) in NO_OVERLAP.items():
        if name not in there:
            columns = ", ".join(f"{column} WITH =" for column in within)
            await db.execute(POSTGRES_NO_OVERLAP.format(table=table, name=name, columns=columns))
    for table, name, condition in CHECKS:
        if name not in there:
            await db.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT {name} CHECK ({condition.format(new="")})')


async def _on_sqlite() -> None:
    for verb, when in (("insert", "INSERT"), ("update", "UPDATE")):
        for table, (name, within) in NO_OVERLAP.items():
            same = " AND ".join(f"{column} = NEW.{column}" for column in within)
            await db.execute(f"DROP TRIGGER IF EXISTS {name}_{verb}")  # an older one looked at every hold of the room
            await db.execute(SQLITE_NO_OVERLAP.format(table=table, name=name, same=same, verb=verb, when=when))
        for table, name, condition in CHECKS:
            condition = LENGTH_OF_HOLD_ON_SQLITE if condition is LENGTH_OF_HOLD else condition
            condition = condition.format(new="NEW.")
            await db.execute(SQLITE_CHECK.format(name=name, verb=verb, when=when, table=table, condition=condition))
