"""The waiting list: a family gets in line for a full session or course, and leaves it."""

import secrets
from dataclasses import asdict
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import leasing
from booking.programmes.bookings.booking_places import Contact, coming_dates, keep_person, new_reference
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import WaitingEntry
from booking.programmes.waiting import ending_offers

ALREADY = Problem("You are already on this waiting list.", rule="already waiting")
LEFT = Problem("You are not on this waiting list any more.", rule="not waiting")


async def join(
    *,
    lease_id: UUID,
    contact: Contact,
    party: Party,
    places: int,
    by: Any = None,
    family_id: UUID | None = None,
    person_id: UUID | None = None,
) -> WaitingEntry:
    """Puts a family in line from its draft; again with the same draft it returns the first entry.

    Raises Refused: cancelled, begun, already waiting.
    """

    async def body() -> WaitingEntry:
        draft = await db.row("DELETE FROM lease WHERE id = $1 AND places = 0 RETURNING run_id, session_id", lease_id)
        if draft is None:
            return await _first_answer(lease_id)
        target = Target(draft["run_id"], draft["session_id"])
        dates = await coming_dates(target, is_locked=True)
        if not dates:
            raise Refused([await leasing.why_not(target) if target.session_id else leasing.CLOSED])
        person = await keep_person(contact, family_id=family_id, person_id=person_id)
        entry = await _write(target, person, party, places, lease_id)
        await _say_so(entry, person, party, dates)
        await audit.record(
            "join waiting list", about_kind="waiting", about_id=entry.id, by=by, by_name="family",
            hub_id=dates[0]["hub_id"],
        )  # fmt: skip
        return entry

    try:
        return await db.run_tx(body)
    except IntegrityError as error:
        if (
            "uq_waiting" in db.broken_guard(error)
            or "waiting_entry.session_id" in db.broken_guard(error)
            or "waiting_entry.run_id" in db.broken_guard(error)
        ):
            raise Refused([ALREADY]) from error
        raise


async def _write(target: Target, person: Person, party: Party, places: int, lease_id: UUID) -> WaitingEntry:
    due = {"due": list(party.due)} if party.due else {}
    entry = WaitingEntry(
        reference=await new_reference("waiting_entry"),
        manage_token=secrets.token_urlsafe(12),
        run_id=target.run_id,
        session_id=target.session_id,
        family_id=person.family_id,
        person=person,
        places=places,
        who=[{"kind": "adult", "name": name} | (due if n == 0 else {}) for n, name in enumerate(party.adults)]
        + [{"kind": "child", **asdict(child), "in_creche": child in party.creche} for child in party.children],
        creche_children=len(party.creche),
        needs=party.needs,
        work=party.work,
        form_token=str(lease_id),
        created_at=clock.now(),
    )
    await entry.save(force_create=True)
    return entry


async def _say_so(entry: WaitingEntry, person: Person, party: Party, dates: list[dict[str, Any]]) -> None:
    told = disclosure.said(dates[0])
    await outbox.queue(
        person=person,
        kind="waiting_joined",
        about=("waiting", entry.id),
        dedupe_key=f"waiting:{entry.id}",
        facts={
            "said": told,
            "dates": [told],
            "people": party.words(),
            "reference": entry.reference,
            "token": entry.manage_token,
        },
        expires_at=dates[-1]["starts_at"],
        hub_id=dates[0]["hub_id"],
        session_id=entry.session_id,
    )


async def _first_answer(lease_id: UUID) -> WaitingEntry:
    entry = await WaitingEntry.get_or_none(form_token=str(lease_id))
    if entry is None:
        raise Refused([leasing.GONE])
    return entry


async def leave(*, entry_id: UUID, by: Any = None) -> None:
    """Takes a family out of the line. Raises Refused when it is not in it."""

    async def body() -> None:
        await ending_offers.make_way(entry_id, "declined")
        left = await db.row(
            "UPDATE waiting_entry SET state = 'left', ended_at = $2 WHERE id = $1 AND state = 'waiting' RETURNING run_id",
            entry_id,
            clock.now(),
        )
        if left is None:
            raise Refused([LEFT])
        await outbox.void(about=("waiting", entry_id), why="left the waiting list")
        hub_id = await db.value("SELECT hub_id FROM run WHERE id = $1", left["run_id"])
        await audit.record(
            "leave waiting list", about_kind="waiting", about_id=entry_id, by=by, by_name="family", hub_id=hub_id
        )

    await db.run_tx(body)
