"""What people who are asked to cover a duty hear, in the transaction of the act. Of a restricted duty its time and nothing else
(promise P5)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.rotas import telling

ASK, YOURS, THANKS, GONE = "cover_ask", "cover_yours", "cover_thanks", "cover_gone"
ABOUT = "cover_ask"
Row = Mapping[str, Any]


async def ask(row: Row) -> str:
    """Please take this; returns the channel, "" where no message reaches them."""
    return await _queue(row, ASK)


async def yours(row: Row) -> None:
    """They have it: words at once, the calendar's mail after them, and no reminder any more of a day that is not as it was."""
    duty = (await telling.duties_of([row["shift_id"]]))[row["shift_id"]]
    said, about = telling.said_of(duty), ("staff_profile", row["staff_id"])
    await outbox.void(why=telling.CHANGES_MADE, about=about, kinds=[telling.REMINDER])
    await _queue(row, YOURS, path="/duties")
    person = await _person(row["staff_id"])
    waits = await telling.waiting_until(
        [person.id]
    )  # it may have been taken from them a moment ago, and that be on its way
    if await db.value("SELECT gets_invites FROM staff_profile WHERE id = $1", row["staff_id"]):
        await outbox.put_in_calendar(
            person=person, said=said, is_over=False, about=about, dedupe_key=f"duty_invite:{row['id']}",
            due_at=waits.get(person.id, clock.now() + telling.APART), hub_id=duty["hub_id"],
        )  # fmt: skip


async def thanks(row: Row) -> None:
    """Somebody else has it."""
    await _queue(row, THANKS)


async def gone(row: Row) -> None:
    """Their yes came too late: it is taken, has moved or is off."""
    await _queue(row, GONE)


async def unfit(row: Row, why: str) -> None:
    """Their yes is broken by a rule; why, in words."""
    await _queue(row, GONE, reason=why, is_unfit=True)


async def heard(ask_id: UUID) -> set[str]:
    """By which kinds they hear, or have heard, that they need not come."""
    rows = await db.rows(
        "SELECT DISTINCT kind FROM message WHERE about_kind = $1 AND about_id = $2 AND state <> 'void' AND kind IN ($3, $4)",
        ABOUT, ask_id, THANKS, GONE,
    )  # fmt: skip
    return {row["kind"] for row in rows}


async def take_back(ask_id: UUID, why: str) -> bool:
    """Takes the question back where it has not left; whether it had not."""
    return await outbox.void(why=why, about=(ABOUT, ask_id), kinds=[ASK]) > 0


async def _queue(row: Row, kind: str, *, path: str = "", reason: str = "", is_unfit: bool = False) -> str:
    duty = (await telling.duties_of([row["shift_id"]]))[row["shift_id"]]
    queued = await outbox.queue(
        person=await _person(row["staff_id"]),
        kind=kind,
        facts={
            "dates": [telling.said_of(duty)],
            "reason": reason.strip().rstrip("."),
            "is_unfit": is_unfit,
            "staff_path": path or f"/duties/ask/{row['token']}",
        },
        about=(ABOUT, row["id"]),
        dedupe_key=f"{kind}:{row['id']}",
        expires_at=max(duty["ends_at"] if kind != ASK else duty["starts_at"], clock.now()),
        hub_id=duty["hub_id"],
        is_for_hub_alone=bool(duty["is_secret"]),
    )
    return queued[0].channel if queued else ""


async def _person(staff_id: UUID) -> Person:
    person_id = await db.value("SELECT person_id FROM staff_profile WHERE id = $1", staff_id)
    return await Person.get(id=person_id)
