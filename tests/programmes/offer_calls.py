"""How tests/test_trail.py calls the verbs of waiting lists and offers, at any time of the day."""

from datetime import timedelta
from unittest.mock import patch

from booking import clock
from booking.messages import hours
from booking.messages.models import InboundMessage
from booking.programmes.bookings import giving_up, taking_back
from booking.programmes.bookings.claiming import Target
from booking.programmes.texts import answering_families, threads
from booking.programmes.waiting import (
    answering_offers,
    ending_offers,
    keeping_lines,
    offering,
)
from tests import make
from tests.programmes.lines_of import open_offer, waits

NEVER_QUIET = hours.Hours("08:00", "08:00")


async def _offered(session, by):
    entry = await waits(session)
    with patch.object(hours, "_county", NEVER_QUIET):
        await offering.offer_by_hand(entry_id=entry.id, by=by)
    return await open_offer(entry)


async def _answered(verb, session, by):
    await verb(offer_id=await _offered(session, by), by=by)


async def _again(session, by):
    offer = await _offered(session, by)
    await answering_offers.pass_on(offer_id=offer, by=by)
    await answering_offers.wait_again(offer_id=offer, by=by)


async def _withdraw(session, by):
    await ending_offers.withdraw(offer_id=await _offered(session, by), then="keep", why="Snow", by=by)


async def _priority(session, by):
    await keeping_lines.set_priority(entry_id=(await waits(session)).id, priority=1, reason="Referred", by=by)


async def _reserve(session, by):
    until = clock.now() + timedelta(days=2)
    await keeping_lines.reserve(target=Target(session.run_id, session.id), places=2, until=until, by=by)


async def _places(session, by):
    await keeping_lines.set_places(target=Target(session.run_id, session.id), places=20, by=by)


async def _thread(session, by):
    text = await InboundMessage.create(
        provider_reference="SM1", sender="+447700900123", body="?", received_at=clock.now(), state="unclear",
        hub_id=session.hub_id,
    )  # fmt: skip
    await make.booking(session, await make.person(phone="+447700900123"))
    thread = await threads.find(by, text.id)
    assert thread is not None
    return thread


async def _done(session, by):
    thread = await _thread(session, by)
    await answering_families.done(thread=thread, seen=thread.seen, by=by)


async def _answer(session, by):
    thread = await _thread(session, by)
    await answering_families.answer(thread=thread, words="Yes, of course", seen=thread.seen, key="1", by=by)


async def _link(session, by):
    thread = await _thread(session, by)
    await answering_families.link(thread=thread, person_id=thread.people[0]["id"], by=by)


async def _took_back(session, by):
    booking = await make.booking(session)
    await giving_up.give_up(booking_id=booking.id, by=by)
    await taking_back.take_back(booking_id=booking.id, by=by)


CALLS = {
    "offering.offer_by_hand": ("offer place", lambda s, r, by: _offered(s, by)),
    "answering_offers.take": ("take offer", lambda s, r, by: _answered(answering_offers.take, s, by)),
    "answering_offers.pass_on": ("pass offer", lambda s, r, by: _answered(answering_offers.pass_on, s, by)),
    "answering_offers.wait_again": ("wait again", lambda s, r, by: _again(s, by)),
    "ending_offers.withdraw": ("withdraw offer", lambda s, r, by: _withdraw(s, by)),
    "keeping_lines.set_priority": ("set priority", lambda s, r, by: _priority(s, by)),
    "keeping_lines.reserve": ("set reserved places", lambda s, r, by: _reserve(s, by)),
    "keeping_lines.set_places": ("raise places", lambda s, r, by: _places(s, by)),
    "answering_families.done": ("read text", lambda s, r, by: _done(s, by)),
    "answering_families.answer": ("answer text", lambda s, r, by: _answer(s, by)),
    "answering_families.link": ("say who texts", lambda s, r, by: _link(s, by)),
    "taking_back.take_back": ("take back place", lambda s, r, by: _took_back(s, by)),
}
LOOKING = {"answering_families.could_be"}
