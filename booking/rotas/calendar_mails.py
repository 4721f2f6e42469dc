"""A calendar mail for each duty, for whoever wants that beside the one message: chosen by themselves, or by their managers."""

from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.people.signing_in import Who
from booking.rotas import assigning, telling

ON, OFF = "calendar mails on", "calendar mails off"
THEIRS = "JOIN assignment a ON a.shift_id = s.id AND a.layer = 'published' WHERE a.staff_id = $1 AND s.state = 'open' AND s.ends_at > $2"
NOT_THEIRS = (
    "JOIN invite i ON i.session_id = s.id WHERE i.person_id = $3 AND i.last_method = 'REQUEST' AND s.ends_at > $2 AND NOT EXISTS"
    " (SELECT 1 FROM assignment a WHERE a.shift_id = s.id AND a.layer = 'published' AND a.staff_id = $1 AND s.state = 'open')"
)


async def choose(*, staff_id: UUID, wants: bool, by: Who | None) -> int | None:
    """Whether they get the mails from now on; returns how many are sent now, None where it was so already.

    Turned on, every published duty to come is sent, and what still stands in their calendar and is not theirs any more is taken out.
    Turned off nothing more is sent: their entries stay as they are.
    """

    async def body() -> int | None:
        await assigning.in_tx_lock([], [staff_id])
        row = await db.row(
            "UPDATE staff_profile SET gets_invites = $2 WHERE id = $1 AND gets_invites <> $2 RETURNING hub_id",
            staff_id,
            wants,
        )
        if row is None:
            return None
        await audit.record(ON if wants else OFF, about_kind="worker", about_id=staff_id, by=by, hub_id=row["hub_id"])
        return await send_all(staff_id) if wants else 0

    return await db.run_tx(body)


async def send_all(staff_id: UUID) -> int:
    """Brings the calendar of somebody who has just chosen the mails up to date; returns how many mails. In a transaction, with
    them locked."""
    profile = await db.row("SELECT id, person_id FROM staff_profile WHERE id = $1", staff_id)
    assert profile is not None
    asked = (staff_id, clock.now())
    theirs = await db.rows(f"{telling.DUTIES} {THEIRS} ORDER BY s.starts_at, s.id", *asked)
    gone = await db.rows(f"{telling.DUTIES} {NOT_THEIRS} ORDER BY s.starts_at, s.id", *asked, profile["person_id"])
    member = profile | {"person": await Person.get(id=profile["person_id"])}
    waits = await telling.waiting_until([profile["person_id"]])
    key, first = db.new_id(), waits.get(profile["person_id"], clock.now())
    entries = [
        telling.entry_of(member, telling.said_of(row), is_over, key, first + n * telling.APART, row["hub_id"])
        for n, (row, is_over) in enumerate([*((row, False) for row in theirs), *((row, True) for row in gone)])
    ]
    await outbox.queue_many([], entries)
    return await db.value("SELECT COUNT(*) AS n FROM message WHERE dedupe_key LIKE $1", f"duty_invite:{key}:%")
