"""A family answers an offer by its link, by text or on the telephone: it takes the place, passes, or asks to wait again.

Only an open offer gives a place. A link that is dead (answered, run out, taken back, begun, the place had otherwise and given
up since) never takes one; the page says kindly how things stand.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.problems import Problem, Refused
from booking.programmes.bookings import my_bookings
from booking.programmes.bookings.booking_places import coming_dates, confirm, random_reference, write_attendees
from booking.programmes.bookings.claiming import Target
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.creche import creche_places
from booking.programmes.models import Booking, WaitingEntry
from booking.programmes.waiting import ending_offers, lines, telling_offers
from booking.words import instant_words

GONE = Problem("This place is no longer kept for you.", rule="offer ended")
HAS_PLACE = Problem("You have a place here already. See it under My bookings.", rule="already booked")
CLOSED = Problem("This has begun or is cancelled, so there is nothing to wait for any more.", rule="closed")
IN_LINE = Problem("You are on this waiting list already.", rule="already waiting")


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer as its family sees it. state: open, taken, passed, expired, withdrawn, over or booked (the family has a place
    from elsewhere). `row` is the entry as my_bookings reads it, `booking_token` opens the booking that was made of it."""

    id: UUID
    token: str
    state: str
    expires_at: datetime
    row: dict[str, Any]
    booking_token: str
    is_in_line: bool
    before: int
    may_wait_again: bool


async def by_token(token: str) -> Asked | None:
    """The offer that the link opens, or None for an unknown token."""
    offer = await db.row(
        "SELECT o.id, o.state, o.expires_at, w.manage_token, w.id AS entry_id, w.run_id, w.session_id, w.family_id,"
        " (SELECT b.manage_token FROM booking b WHERE b.family_id = w.family_id AND b.state = 'booked' AND b.run_id = w.run_id"
        " AND (b.session_id = w.session_id OR (b.session_id IS NULL AND w.session_id IS NULL)) LIMIT 1) AS booking_token"
        " FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id WHERE o.token = $1",
        token,
    )
    row = await my_bookings.by_token(offer["manage_token"]) if offer else None
    if offer is None or row is None:
        return None
    is_coming = bool(await coming_dates(Target.of(offer)))
    state = _state(offer, is_coming=is_coming)
    is_in_line = is_coming and row["booking_state"] in ("waiting", "offered")
    return Asked(
        id=offer["id"], token=token, state=state, expires_at=offer["expires_at"], row=row,
        booking_token=offer["booking_token"] or "", is_in_line=is_in_line,
        before=await lines.before(offer["entry_id"]) if is_in_line and state != "open" else 0,
        may_wait_again=is_coming and row["booking_state"] == "left" and not offer["booking_token"],
    )  # fmt: skip


def _state(offer: dict[str, Any], *, is_coming: bool) -> str:
    if offer["booking_token"]:
        return "taken" if offer["state"] == "taken" else "booked"
    if not is_coming:
        return "over"
    if offer["state"] == "open":
        return "open" if offer["expires_at"] > clock.now() else "expired"
    return {"taken": "given_up", "declined": "passed"}.get(offer["state"], offer["state"])


async def take(
    *, offer_id: UUID, by: Any = None, source: str = "online", at: datetime | None = None, with_creche: bool = True
) -> Booking:
    """Turns an open offer into a booking, with its confirmation; again, it returns the booking it became.

    `at` is when the family answered (now). Raises Refused: the offer has ended, the family has a place already, or the
    creche is full meanwhile; the family may then take the place without it.
    """

    async def body() -> Booking:
        offer = await ending_offers.find("o.id = $1", offer_id)
        line = await lines.lock(Target.of(offer)) if offer else None
        if offer is None or line is None:
            raise Refused([GONE])
        dates = await coming_dates(line.target, is_locked=True)
        if not dates or not line.is_open or not await _mark_taken(offer, at or clock.now()):
            return await _first_answer(offer)
        entry = await WaitingEntry.get(id=offer["entry_id"])
        party = party_of(entry, with_creche=with_creche)
        booking = _booking(entry, offer, len(party.creche), by, source)
        await db.write_new([booking])
        await write_attendees(booking, party)
        await creche_places.take(booking, entry.run_id, len(party.creche))
        await outbox.void(about=("offer", offer_id), why="offer taken")
        await confirm(booking, await Person.get(id=entry.person_id), party, dates)
        await audit.record(
            "take offer", about_kind="booking", about_id=booking.id, by=by, by_name="family", hub_id=line.hub_id,
            after={"places": booking.places, "source": source, "offer": str(offer_id)},
        )  # fmt: skip
        return booking

    try:
        return await db.run_tx(body)
    except IntegrityError as error:
        if "uq_booking" in db.broken_guard(error) or "booking.session_id" in db.broken_guard(error):
            await _let_go(offer_id)
            raise Refused([HAS_PLACE]) from error
        raise


async def _let_go(offer_id: UUID) -> None:
    """The family has a place already: what was kept for it goes to the next."""

    async def body() -> None:
        offer = await ending_offers.find("o.id = $1", offer_id)
        if offer and await lines.lock(Target.of(offer)):
            await ending_offers.end(offer, "declined", entry_state="booked")

    await db.run_tx(body)


async def _mark_taken(offer: dict[str, Any], at: datetime) -> bool:
    """The entry first, then the offer; the places stay taken, for the booking."""
    now = clock.now()
    if not await db.row(
        "UPDATE waiting_entry SET state = 'booked', ended_at = $2 WHERE id = $1 AND state = 'offered' AND EXISTS"
        " (SELECT 1 FROM offer o WHERE o.id = $3 AND o.state = 'open' AND o.expires_at > $4) RETURNING id",
        offer["entry_id"], now, offer["id"], at,
    ):  # fmt: skip
        return False
    taken = await db.row(
        "UPDATE offer SET state = 'taken', answered_at = $2 WHERE id = $1 AND state = 'open' RETURNING id",
        offer["id"],
        now,
    )
    if taken is None:
        raise Refused([GONE])
    return True


async def _first_answer(offer: dict[str, Any]) -> Booking:
    booking = await Booking.get_or_none(form_token=_form_token(offer), state="booked")
    if booking is None:
        raise Refused([GONE])
    return booking


def _form_token(offer: dict[str, Any]) -> str:
    return f"offer:{offer['id']}"


def party_of(entry: WaitingEntry, *, with_creche: bool = True) -> Party:
    """Who was to come, as the family said when it joined the line."""
    adults = tuple(each["name"] for each in entry.who if each["kind"] == "adult")
    children = [each for each in entry.who if each["kind"] == "child"]
    looked_after = [each for each in children if with_creche and each.get("in_creche")]
    due = next((tuple(each["due"]) for each in entry.who if each.get("due")), None)
    return Party(
        adults, tuple(map(_child, children)), entry.needs, tuple(map(_child, looked_after)), due=due, work=entry.work
    )


def _child(each: dict[str, Any]) -> ChildComing:
    return ChildComing(each.get("first_name") or each.get("name", ""), each["birth_year"], each["birth_month"])


def _booking(entry: WaitingEntry, offer: dict[str, Any], creche_children: int, by: Any, source: str) -> Booking:
    return Booking(
        reference=random_reference(),
        manage_token=secrets.token_urlsafe(12),
        run_id=entry.run_id,
        session_id=entry.session_id,
        family_id=entry.family_id,
        person_id=entry.person_id,
        places=offer["places"],
        creche_children=creche_children,
        is_priority=bool(offer["is_priority"]),
        needs=entry.needs,
        work=entry.work,
        organisation_id=entry.organisation_id,
        source=source,
        form_token=_form_token(offer),
        by_id=by.id if by else None,
        created_at=clock.now(),
    )


async def pass_on(*, offer_id: UUID, by: Any = None, is_told: bool = False) -> None:
    """The family does not want this place: it leaves the line, and the next is asked. Raises Refused when it has ended."""

    async def body() -> None:
        offer = await ending_offers.find("o.id = $1", offer_id)
        line = await lines.lock(Target.of(offer)) if offer else None
        if offer is None or line is None or not await ending_offers.end(offer, "declined", entry_state="left"):
            raise Refused([GONE])
        if is_told:
            await telling_offers.tell("offer_passed", offer, offer, line.target, at_once=True)
        await audit.record(
            "pass offer", about_kind="waiting", about_id=offer["entry_id"], by=by, by_name="family", hub_id=line.hub_id,
            after={"offer": str(offer_id)},
        )  # fmt: skip

    await db.run_tx(body)


async def wait_again(*, offer_id: UUID, by: Any = None) -> None:
    """After it passed or did not answer the family joins the line again, at its end. Raises Refused: closed, or in line."""

    async def body() -> None:
        offer = await ending_offers.find("o.id = $1", offer_id)
        line = await lines.lock(Target.of(offer)) if offer else None
        if offer is None or line is None or not line.is_open or line.closes_at is None or line.closes_at <= clock.now():
            raise Refused([CLOSED])
        back = await db.row(
            "UPDATE waiting_entry SET state = 'waiting', created_at = $2, ended_at = NULL WHERE id = $1 AND state = 'left'"
            " RETURNING id",
            offer["entry_id"], clock.now(),
        )  # fmt: skip
        if back is None:
            raise Refused([IN_LINE])
        await audit.record(
            "wait again", about_kind="waiting", about_id=offer["entry_id"], by=by, by_name="family", hub_id=line.hub_id
        )

    try:
        await db.run_tx(body)
    except IntegrityError as error:
        if "waiting" in db.broken_guard(error):
            raise Refused([IN_LINE]) from error
        raise


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a family is in line: how many are before it, or the offer that it holds and until when."""

    before: int
    offer_path: str = ""
    until: str = ""


async def standing_of(entry_id: UUID) -> Standing:
    """For the page of a family that waits."""
    offer = await ending_offers.find("w.id = $1 AND o.state = 'open' AND o.expires_at > $2", entry_id, clock.now())
    if offer:
        return Standing(0, f"/o/{offer['token']}", instant_words(offer["expires_at"]))
    return Standing(await lines.before(entry_id))


async def booked_of(entry_id: UUID) -> str:
    """The token of the booking that an entry became, or "" when it is no more."""
    found = await db.value(
        "SELECT b.manage_token FROM waiting_entry w JOIN booking b ON b.family_id = w.family_id AND b.run_id = w.run_id"
        " AND (b.session_id = w.session_id OR (b.session_id IS NULL AND w.session_id IS NULL)) WHERE w.id = $1"
        " ORDER BY b.created_at DESC LIMIT 1",
        entry_id,
    )
    return found or ""
