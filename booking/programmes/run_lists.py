"""What staff see of runs: one with all its dates, drafts to finish, runs to decide about, what was published a moment ago.

Every query is within the hubs of who asks (promise P6); of restricted runs and places only staff of that very hub hear (P5).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes.staff_lists import within

Row = dict[str, Any]
AT_MOST = 60
SOON_DAYS = 21
COLUMNS = (
    "r.id, r.title, r.slug, r.state, r.booking_mode, r.hub_id, r.location_id, r.room_id, r.weekday, r.start_time, r.end_time,"
    " r.frequency, r.first_date, r.last_date, r.places, r.taken, r.guest_places, r.reserved, r.reserved_until_at, r.delivery,"
    " r.join_url, r.host, r.facilitator_1, r.facilitator_2, r.creche_run_id, r.min_places, r.decide_by_date, r.decided_at,"
    " r.published_at, r.planned_by_id, r.planned_sessions, r.is_listed, r.rule, r.referral_code, r.notes, r.slot_minutes,"
    " r.min_age_months, r.max_age_months, r.takes_referrals, r.is_first_visit_booked, r.programme_id,"
    " (r.is_restricted OR l.is_restricted) AS is_restricted, l.name AS location_name, l.slug AS location_slug, l.area,"
    " room.name AS room_name, p.title AS programme_title, (SELECT k.places FROM run k WHERE k.id = r.creche_run_id) AS creche_places, p.picture, p.is_discreet, hub.name AS hub_name"
)
TABLES = (
    "run r JOIN programme p ON p.id = r.programme_id JOIN location l ON l.id = r.location_id"
    " JOIN location hub ON hub.id = r.hub_id LEFT JOIN room ON room.id = r.room_id"
)


def may_see(who: Who, run: Mapping[str, Any]) -> bool:
    """Staff of its hub and the county's; what is restricted only staff of that very hub."""
    return who.works_at(run["hub_id"]) if run["is_restricted"] else who.may_act_at(run["hub_id"])


async def run_seen_by(who: Who, run_id: UUID) -> Row | None:
    """One run with its programme, place and room; None when it is not there or not theirs to see. One query."""
    run = await db.row(
        f"SELECT {COLUMNS}, planner.name AS planned_by_name FROM {TABLES}"
        " LEFT JOIN person planner ON planner.id = r.planned_by_id WHERE r.id = $1",
        run_id,
    )
    return run if run and may_see(who, run) else None


async def dates_of(run_id: UUID) -> list[Row]:
    """Every date of a run, cancelled ones too, in order, with its own room, place and counts. One query."""
    return await db.rows(
        "SELECT s.id, s.number, s.date, s.start_time, s.end_time, s.starts_at, s.ends_at, s.state, s.why_cancelled, s.kind,"
        " s.delivery, s.edited, s.places, s.taken, s.room_id, s.location_id, s.facilitator_1, s.facilitator_2,"
        " s.moved_from_date, s.makes_up_for_id, s.room_booking_id, room.name AS room_name, l.name AS location_name"
        " FROM session s JOIN location l ON l.id = s.location_id LEFT JOIN room ON room.id = s.room_id"
        " WHERE s.run_id = $1 ORDER BY s.starts_at, s.id",
        run_id,
    )


async def skips_of(run_id: UUID) -> list[Row]:
    """The dates that were left out, with their reasons. One query."""
    return await db.rows("SELECT date, reason FROM skip WHERE run_id = $1 ORDER BY date", run_id)


async def counts_of(run_id: UUID) -> Row:
    """How many places are booked, and how many families wait, on the run and on its dates together. One query."""
    found = await db.row(
        "SELECT (SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.run_id = $1 AND b.state = 'booked') AS booked,"
        " (SELECT COUNT(*) FROM waiting_entry w WHERE w.run_id = $2 AND w.state IN ('waiting', 'offered')) AS waiting",
        run_id,
        run_id,
    )
    return found or {"booked": 0, "waiting": 0}


async def drafts(who: Who) -> list[Row]:
    """Drafts to finish, those that start soonest first; a creche is found with its course. One query."""
    return await _runs(who, "r.state = 'draft' AND r.booking_mode <> 'linked'", "r.first_date, r.title")


async def courses(who: Who) -> list[Row]:
    """Published courses that are not over, those that begin or began last first. One query."""
    going = "r.state = 'published' AND r.booking_mode IN ('run', 'referral') AND r.last_date >= $1"
    return await _runs(who, going, "r.first_date DESC, r.title", clock.today())


async def of_programme(who: Who, programme_id: UUID) -> list[Row]:
    """The drafts and published runs of a programme that are not over, by their first date. One query."""
    going = (
        "r.programme_id = $1 AND r.state IN ('draft', 'published') AND r.booking_mode <> 'linked' AND r.last_date >= $2"
    )
    return await _runs(who, going, "r.first_date, r.title", programme_id, clock.today())


async def to_decide(who: Who) -> list[Row]:
    """Published runs below their least number, not decided yet and not begun, the most urgent first. One query."""
    return await _runs(
        who,
        "r.state = 'published' AND r.min_places IS NOT NULL AND r.taken < r.min_places AND r.decided_at IS NULL"
        " AND r.first_date > $1 AND r.decide_by_date <= $2",
        "r.decide_by_date, r.title",
        clock.today(),
        clock.today() + timedelta(days=SOON_DAYS),
    )


async def just_published(who: Who) -> list[Row]:
    """What was published, is not booked yet, and can still be taken back, with its event; the latest first. One query."""
    return await _runs(
        who,
        "r.state = 'published' AND r.taken = 0 AND a.undo_until > $1 AND a.undone_at IS NULL",
        "a.at DESC",
        clock.now(),
        extra=", a.id AS event_id, a.undo_until AS undo_until_at, a.by_name AS published_by",
        join=" JOIN audit_event a ON a.about_id = r.id AND a.about_kind = 'run' AND a.verb = 'publish run'",
    )


async def publishing_to_undo(run: Row) -> Row | None:
    """The event of a publishing that can still be taken back: event_id, undo_until_at, by_name. One query."""
    if run["state"] != "published" or run["taken"]:
        return None
    return await db.row(
        "SELECT id AS event_id, undo_until AS undo_until_at, by_name FROM audit_event WHERE about_id = $1"
        " AND about_kind = 'run' AND verb = 'publish run' AND undone_at IS NULL AND undo_until > $2 ORDER BY at DESC LIMIT 1",
        run["id"],
        clock.now(),
    )


async def _runs(who: Who, where: str, order: str, *parameters: Any, extra: str = "", join: str = "") -> list[Row]:
    condition, hubs = within(who, len(parameters) + 1, column="r.hub_id")
    found = await db.rows(
        f"SELECT {COLUMNS}{extra}, (SELECT COUNT(*) FROM session s WHERE s.run_id = r.id AND s.state <> 'cancelled')"
        f" AS dates FROM {TABLES}{join} WHERE {where} AND {condition} ORDER BY {order} LIMIT {AT_MOST}",
        *parameters,
        *hubs,
    )
    return [run for run in found if may_see(who, run)]
