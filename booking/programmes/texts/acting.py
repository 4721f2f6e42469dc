"""A text does what it says, once, by the verbs that a link calls too; and it is written down what became of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import inbox, outbox
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes import disclosure
from booking.programmes.bookings import giving_up, taking_back
from booking.programmes.bookings.claiming import Target
from booking.programmes.models import Booking
from booking.programmes.texts.beside_families import NOTHING, Besides
from booking.programmes.texts.in_question import Thing
from booking.programmes.waiting import answering_offers, ending_offers, telling_offers

OWN_OFFER = "o.id = $1 AND w.person_id IN (SELECT id FROM person WHERE phone = $2)"


def day_of(text: dict[str, Any]) -> date:
    """The local day on which it came."""
    return clock.local(text["received_at"]).date()


async def settle(
    text: dict[str, Any],
    *,
    about: tuple[str, UUID] | None = None,
    hub_id: UUID | None = None,
    person_id: UUID | None = None,
    said_back: str,
) -> None:
    """It has been answered, or asks for no answer."""
    if about and about[0] == "booking" and hub_id is None:
        hub_id, person_id = await _whose(about[1])
    await inbox.settle(
        text["id"], state="answered", about=about, hub_id=hub_id, person_id=person_id, said_back=said_back
    )


async def _whose(booking_id: UUID) -> tuple[UUID | None, UUID | None]:
    row = await db.row(
        "SELECT r.hub_id, b.person_id FROM booking b JOIN run r ON r.id = b.run_id WHERE b.id = $1", booking_id
    )
    return (row["hub_id"], row["person_id"]) if row else (None, None)


async def do(text: dict[str, Any], thing: Thing, besides: Besides = NOTHING) -> None:
    """What a YES or NO does to the only thing that it can be about."""
    if thing.kind == besides.kind:
        await besides.do(text, thing.does, thing.id)
    else:
        await _do(text, thing.does, thing.id, thing.session_id)


async def do_option(text: dict[str, Any], option: dict[str, Any], besides: Besides = NOTHING) -> bool:
    """What was asked, and is now answered by its number or by YES. False when it is none of this number's any more."""
    id_, session_id = UUID(option["id"]), UUID(option["session_id"]) if option.get("session_id") else None
    is_beside = option["kind"] == besides.kind
    is_own = besides.is_own(text["sender"], id_) if is_beside else _is_own(text["sender"], option["kind"], id_)
    if not await is_own:
        return False
    await inbox.forget_question(text["sender"])
    if is_beside:
        await besides.do(text, option["does"], id_)
        return True
    await _do(text, option["does"], id_, session_id)
    return True


async def _is_own(phone: str, kind: str, id_: UUID) -> bool:
    table = "booking b" if kind == "booking" else "offer o JOIN waiting_entry b ON b.id = o.waiting_entry_id"
    column = "b.id" if kind == "booking" else "o.id"
    own = await db.row(
        f"SELECT b.id FROM {table} JOIN person p ON p.id = b.person_id WHERE {column} = $1 AND p.phone = $2", id_, phone
    )
    return own is not None


async def _do(text: dict[str, Any], does: str, id_: UUID, session_id: UUID | None) -> None:
    if does in ("take", "pass"):
        await _answer_offer(text, id_, takes=does == "take")
    elif does == "give_up":
        await _give_up(text, id_)
    elif does == "miss" and session_id:
        await _miss(text, id_, session_id)
    elif does == "take_back":
        await _take_back(text, id_)
    elif does == "come" and session_id:
        await _come(text, id_, session_id)
    else:
        raise ValueError(f"a text cannot {does}")


async def _give_up(text: dict[str, Any], booking_id: UUID) -> None:
    about = ("booking", booking_id)
    try:
        booking = await giving_up.give_up(booking_id=booking_id, text_id=text["id"])
    except Refused:
        await settle(text, about=about, said_back="There was no place any more")
        return
    await settle(text, about=about, said_back="Gave up the place")
    starts_at = await _starts_at(booking)
    await _may_take_back(text, {"does": "take_back", "id": str(booking_id)}, giving_up.back_until(starts_at))


async def _starts_at(booking: Booking) -> datetime:
    """When the first date to come of a booking begins, or its appointment."""
    target = Target(booking.run_id, booking.session_id, booking.slot_id)
    return (await giving_up.coming_dates(target))[0]["starts_at"]


async def _miss(text: dict[str, Any], booking_id: UUID, session_id: UUID) -> None:
    about = ("booking", booking_id)
    try:
        await giving_up.miss_date(booking_id=booking_id, session_id=session_id)
    except Refused:
        await settle(text, about=about, said_back="There was no place any more")
        return
    await settle(text, about=about, said_back="Will miss that date; the place on the course stays")
    starts_at = await db.value("SELECT starts_at FROM session WHERE id = $1", session_id)
    option = {"does": "come", "id": str(booking_id), "session_id": str(session_id)}
    await _may_take_back(text, option, giving_up.back_until(starts_at))


async def _may_take_back(text: dict[str, Any], option: dict[str, Any], until: datetime) -> None:
    """A YES to what was done just now is its opposite: a question with one answer, that has no number."""
    option |= {"number": 0, "kind": "booking", "words": ""}
    await inbox.ask(phone=text["sender"], options=[option], until=until, at=clock.now())


async def _take_back(text: dict[str, Any], booking_id: UUID) -> None:
    try:
        await taking_back.take_back(booking_id=booking_id)
    except Refused as refused:
        await _say_not_free(text, booking_id)
        await settle(text, about=("booking", booking_id), said_back=f"Wanted it back. {refused.problems[0].words}")
    else:
        await settle(text, about=("booking", booking_id), said_back="Took the place back")


async def _come(text: dict[str, Any], booking_id: UUID, session_id: UUID) -> None:
    try:
        await giving_up.come_after_all(booking_id=booking_id, session_id=session_id)
    except Refused as refused:
        await _say_not_free(text, booking_id)
        said_back = f"Wanted to come after all. {refused.problems[0].words}"
    else:
        said_back = "Comes after all"
    await settle(text, about=("booking", booking_id), said_back=said_back)


async def _say_not_free(text: dict[str, Any], booking_id: UUID) -> None:
    """Somebody else has the place by now, or it is cancelled; the link leads to what can still be done."""
    booking = await Booking.get(id=booking_id)
    row = await db.row(
        f"SELECT {disclosure.FACTS_AT_SLOT}, s.hub_id FROM session s {disclosure.JOINS} JOIN booking b ON b.id = $1"
        f" {disclosure.SLOT} WHERE s.run_id = b.run_id AND (b.session_id IS NULL OR s.id = b.session_id) AND s.starts_at > $2"
        " ORDER BY s.starts_at LIMIT 1",
        booking_id,
        clock.now(),
    )
    if row is None:
        return
    said = disclosure.said(row)
    await outbox.queue(
        person=await Person.get(id=booking.person_id),
        kind="text_not_free",
        about=("booking", booking_id),
        dedupe_key=f"text_not_free:{text['id']}",
        facts={"said": said, "dates": [said], "reference": booking.reference, "token": booking.manage_token},
        expires_at=said.starts_at,
        hub_id=row["hub_id"],
        session_id=booking.session_id,
    )


async def _answer_offer(text: dict[str, Any], offer_id: UUID, *, takes: bool) -> None:
    offer = await ending_offers.find(OWN_OFFER, offer_id, text["sender"])
    assert offer is not None
    try:
        if takes:
            await answering_offers.take(offer_id=offer_id, source="text", at=text["received_at"])
        else:
            await answering_offers.pass_on(offer_id=offer_id, is_told=True)
    except Refused:
        if not await say_how_it_is(text, await ending_offers.find("o.id = $1", offer_id) or offer):
            raise
    else:
        said_back = "Took the place" if takes else "Passed the place"
        await _settle_offer(text, offer, said_back)


async def say_how_it_is(text: dict[str, Any], offer: dict[str, Any]) -> bool:
    """A yes that comes too late, or again: who has the place hears nothing; the others hear that it is gone. False for an offer
    that is open all the same, which cannot be taken as it is (its crèche is full): a person must help."""
    if offer["state"] == "open":
        return False
    said_back = "Had answered before"
    if offer["state"] != "taken":
        await telling_offers.tell("offer_gone", offer, offer, Target.of(offer), at_once=True, key=f":{text['id']}")
        said_back = "The offer had ended; told so"
    await _settle_offer(text, offer, said_back)
    return True


async def _settle_offer(text: dict[str, Any], offer: dict[str, Any], said_back: str) -> None:
    await settle(
        text,
        about=("offer", offer["id"]),
        hub_id=await db.value("SELECT hub_id FROM run WHERE id = $1", offer["run_id"]),
        person_id=offer["person_id"],
        said_back=said_back,
    )
