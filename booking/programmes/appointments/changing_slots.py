"""A family's appointment gets another time, of the same date or another one of the same clinic.

Locks are taken in one order: the booking, the slots, the sessions.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.appointments import finding_slots
from booking.programmes.bookings import hearing, leasing
from booking.programmes.bookings.booking_places import coming_dates
from booking.programmes.bookings.claiming import SLOT_GONE, SlotGone
from booking.programmes.bookings.giving_up import NOT_BOOKED, OVER
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Booking

SAME = Problem("You have this time already.", rule="same")
REMINDERS = ("reminder_days", "reminder_hours")


async def change_slot(*, booking_id: UUID, slot_id: UUID, by: Any = None) -> Booking:
    """Gives the booking this time, or that of another worker at the same time, and queues the change with its calendar entry.

    Raises Refused: not booked, over, the same time, taken, no longer offered. The old time stays theirs then.
    """

    async def body() -> Booking:
        lock = " FOR UPDATE" if db.is_postgres() else ""
        found = await db.row(
            f"SELECT run_id, session_id, slot_id, state, is_priority FROM booking WHERE id = $1{lock}", booking_id
        )
        if found is None or found["state"] != "booked" or found["slot_id"] is None:
            raise Refused([NOT_BOOKED])
        before = await coming_dates(Target.of(found))
        if not before:
            raise Refused([OVER])
        target = await _claimed(found, slot_id)
        await leasing.give_back(Target.of(found), 1, is_priority=bool(found["is_priority"]))
        await db.execute(
            "UPDATE booking SET slot_id = $2, session_id = $3 WHERE id = $1",
            booking_id,
            target.slot_id,
            target.session_id,
        )
        after = await coming_dates(target)
        booking = await Booking.get(id=booking_id)
        await _tell(booking, before[0], after[0])
        await audit.record(
            "change slot", about_kind="booking", about_id=booking_id, by=by, by_name="family",
            hub_id=after[0]["hub_id"], before={"at": before[0]["starts_at"].isoformat()},
            after={"at": after[0]["starts_at"].isoformat()},
        )  # fmt: skip
        return booking

    try:
        return await db.run_tx(body)
    except SlotGone as error:
        raise Refused([SLOT_GONE]) from error


async def _claimed(found: dict[str, Any], slot_id: UUID) -> Target:
    """The new time, counted as taken. It must be of the same run."""
    wanted = await db.row(
        "SELECT x.session_id FROM slot x JOIN session s ON s.id = x.session_id WHERE x.id = $1 AND s.run_id = $2",
        slot_id, found["run_id"],
    )  # fmt: skip
    if wanted is None:
        raise Refused([SLOT_GONE])
    if slot_id == found["slot_id"]:
        raise Refused([SAME])
    targets = [Target(found["run_id"], wanted["session_id"], each) for each in await finding_slots.same_time(slot_id)]
    for target in targets:
        await leasing.free_expired(target)
    await _lock([found["slot_id"], *(each.slot_id for each in targets)], [found["session_id"], wanted["session_id"]])
    for target in targets:
        if await _claim(target, is_priority=bool(found["is_priority"])):
            return target
    raise Refused([await leasing.why_not(Target(found["run_id"], wanted["session_id"], slot_id))])


async def _lock(slot_ids: Sequence[UUID | None], session_ids: Sequence[UUID]) -> None:
    """The old and the new ones together, so that two who change places do not wait for each other."""
    if db.is_postgres():
        for table, ids in (("slot", slot_ids), ("session", session_ids)):
            await db.rows(f"SELECT id FROM {table} WHERE id IN {db.in_list(ids)} ORDER BY id FOR NO KEY UPDATE", *ids)


async def _claim(target: Target, *, is_priority: bool) -> bool:
    """A slot is claimed with a place of its session; the place of the old one goes back afterwards, so the clinic counts one
    more for a moment. Its places are as many as its open slots, so there is one for every free slot."""
    return await leasing.claim(target, 1, is_priority=is_priority)


async def _tell(booking: Booking, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Reminders of the old time are taken back; the calendar entry moves, or on another date goes and comes anew."""
    person = await Person.get(id=booking.person_id)
    await outbox.void(about=("booking", booking.id), kinds=REMINDERS, why="another time")
    await db.execute("DELETE FROM reminder WHERE booking_id = $1", booking.id)
    said, was = disclosure.said(after), disclosure.said(before)
    event = db.new_id()
    await hearing.tell(
        person=person,
        kind="changed",
        about=("booking", booking.id),
        dedupe_key=f"slot:{booking.id}:{event}",
        facts={
            "said": said,
            "dates": [said],
            "was": [was],
            "people": "",
            "reference": booking.reference,
            "token": booking.manage_token,
        },
        calendar=[said],
        expires_at=said.ends_at,
        hub_id=after["hub_id"],
        session_id=after["session_id"],
    )
    if was.session_id != said.session_id:
        await outbox.take_out(
            person=person, said=was, about=("booking", booking.id), dedupe_key=f"slot:{booking.id}:{event}:off",
            hub_id=before["hub_id"],
        )  # fmt: skip
