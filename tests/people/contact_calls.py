"""How tests/test_trail.py calls what is done about how somebody is reached, and who else is told."""

from booking.people import keeping_contact
from booking.people.contact_form import Reach
from booking.programmes.bookings import telling_others
from tests import make


async def _save(session, by):
    person = await make.person()
    await keeping_contact.save(person.id, Reach("sms", "cy"), by, hub_id=session.hub_id, why="They rang")


async def _try_again(session, by):
    person = await make.person(phone_state="failing")
    await keeping_contact.try_again(person.id, "phone", by, hub_id=session.hub_id)


async def _add(session, by):
    booking = await make.booking(session)
    return await telling_others.add(booking_id=booking.id, name="Gran Lee", phone="+447700900321", by=by)


async def _stop(session, by):
    await telling_others.stop(told_id=(await _add(session, by)).id, ended_by="family", by=by)


async def _stop_all(session, by):
    told = await _add(session, by)
    booking = await told.booking
    person = await booking.person
    person.is_discreet = True
    await person.save()
    await telling_others.stop_for_short_words(by)


CALLS = {
    "keeping_contact.save": ("change contact", lambda s, r, by: _save(s, by)),
    "keeping_contact.try_again": ("try address again", lambda s, r, by: _try_again(s, by)),
    "telling_others.add": ("tell another adult", lambda s, r, by: _add(s, by)),
    "telling_others.stop": ("stop telling adult", lambda s, r, by: _stop(s, by)),
    "telling_others.stop_for_short_words": ("stop telling adult", lambda s, r, by: _stop_all(s, by)),
}
