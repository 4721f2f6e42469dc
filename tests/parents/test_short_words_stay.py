"""Who asked for short words keeps them: on another device, in a private window, and after a code for the same number."""

import pytest

from booking.messages.models import Message
from booking.people import proving
from booking.people.models import Person
from booking.programmes.bookings import leasing
from booking.programmes.bookings.booking_places import Contact, book
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from tests import make

pytestmark = pytest.mark.usefixtures("database")
PHONE, MAIL = "+447700900123", "kimberley.lee@families.example"


async def books(**contact) -> Person:
    session = await make.session(await make.run(programme=await make.programme(title="Messy play")))
    lease_id = await leasing.lease(Target(session.run_id, session.id))
    booked = await book(lease_id=lease_id, contact=Contact("Kim Lee", **contact), party=Party(("Kim Lee",)))
    return await Person.get(id=booked.person_id)


@pytest.mark.parametrize(
    "contact",
    [
        {"phone": PHONE, "channel": "sms"},
        {"email": MAIL, "channel": "email"},
        {"phone": PHONE, "email": MAIL, "channel": "email"},
    ],
)
async def test_a_booking_on_another_device_is_confirmed_in_short_words_too(contact):
    await make.person(phone=PHONE, email=MAIL, is_discreet=True)
    assert (await books(**contact)).is_discreet
    told = await Message.filter(kind="confirmation")
    assert told and all(each.is_discreet and "Messy" not in each.body + each.calendar for each in told)


async def test_others_are_written_to_as_ever():
    await make.person(phone=PHONE, email=MAIL, is_discreet=True)
    await make.person(phone="", email="", is_discreet=True)
    person = await books(phone="+447700900124", channel="sms")
    assert not person.is_discreet


async def test_who_proves_the_number_first_has_them_too():
    await make.person(phone=PHONE, is_discreet=True)
    assert (await Person.get(id=await proving.proved_person(address=PHONE, here=None))).is_discreet
