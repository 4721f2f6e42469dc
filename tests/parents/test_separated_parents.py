"""Two adults who each book for the same child are two families: neither page, mail, text nor calendar of one has a word of the other.

In one household each sees what is booked, and not how the other is reached.
"""

import re

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import Message
from booking.people.models import Family, Person
from booking.people.signing_in import sign_in
from booking.programmes import reminding
from booking.programmes.bookings import giving_up, telling_others
from booking.programmes.changes import cancelling
from booking.programmes.models import AlsoTold, Booking
from tests import make
from tests.parents.test_booking_pages import book
from tests.staff.conftest import who_is

ONE = {"adult-0": "Robin Ashdown", "phone": "07700 900111", "email": "robin@families.example"}
OTHER = {"adult-0": "Sasha Birchall", "phone": "07700 900222", "email": "sasha@families.example"}
GRAN = {"name": "Gran Ashdown", "address": "gran@families.example"}


def said_of(person: Person, booking: Booking) -> set[str]:
    """Everything by which somebody could be known or found, as it may be written."""
    local = f"0{person.phone.removeprefix('+44')}"
    return {
        *person.name.split(" "), person.email, person.phone, local, f"{local[:5]} {local[5:]}", person.phone[-6:],
        booking.reference, booking.manage_token, str(person.id), str(person.family_id),
    }  # fmt: skip


async def booked(client, session, adult: dict[str, str]) -> Booking:
    """Books for Ada in a browser of their own."""
    client.cookies.clear()
    place = await book(client, session, **adult)
    return await Booking.get(manage_token=place.removeprefix("/m/").partition("?")[0]).prefetch_related("person")


async def pages_of(client, booking: Booking) -> str:
    """All that this adult can open, with the link and signed in by a code; and files, with their lines unfolded."""
    token = await sign_in(person_id=booking.person_id, purpose="manage", proved=booking.person.phone)
    client.cookies.clear()
    client.cookies.set("hub", await make.cookie(client, family=token))
    own = f"/m/{booking.manage_token}"
    paths = [
        own, f"{own}?new=1", f"{own}/contact", f"{own}/tell", f"{own}/who", f"{own}/give-up", f"{own}/calendar.ics",
        f"{own}/calendar-address", "/manage", "/manage/contact", "/manage/calendar", f"/sessions/{booking.session_id}",
        *(f"/t/{told.token}{more}" for told in await AlsoTold.filter(booking=booking) for more in ("", "/calendar.ics")),
    ]  # fmt: skip
    texts = []
    for path in paths:
        answer = await client.get(path)
        assert answer.status_code == 200, path
        texts.append(answer.text)
    start = await client.post(f"/sessions/{(await make.session()).id}/book")
    texts.append((await client.get(start.headers["Location"])).text)
    return re.sub(r"\r\n ", "", "\n".join([*texts, await feed_of(client)]))


async def feed_of(client) -> str:
    """Their calendar to subscribe to."""
    await client.post("/manage/calendar", data={"sees": "all", "words": "", "form_token": str(db.new_id())})
    page = (await client.get("/manage/calendar")).text
    address = re.search(r"/[\w/.~-]+\.ics(?=[\"<\s])", page)
    assert address, "no address of a calendar on the page"
    text = (await client.get(address[0])).text
    assert text.count("BEGIN:VEVENT") == 1
    return text


async def messages_to(booking: Booking) -> str:
    ids = [booking.person_id, *await AlsoTold.filter(booking=booking).values_list("person_id", flat=True)]
    found = await Message.filter(person_id__in=ids)
    assert found
    parts = [part for each in found for part in (each.address, each.subject, each.body, each.html, each.calendar)]
    return "\n".join(parts).replace("\r\n ", "")


async def everything_happens(session) -> None:
    """The reminder of both leads and then a cancellation, so that every usual message is there."""
    for hours in (40, 1.5):
        with time_machine.travel(session.starts_at.timestamp() - hours * 3600, tick=False):
            await reminding.queue_due()
    member = await make.staff("hub_staff", session.hub_id)
    who = who_is(member, hubs={session.hub_id})
    await cancelling.cancel(session_id=session.id, reason="Snow", by=who, undo_minutes=10)


async def test_neither_of_two_separated_parents_reads_a_word_of_the_other(client):
    session = await make.session()
    one, other = await booked(client, session, ONE), await booked(client, session, OTHER)
    await telling_others.add(booking_id=one.id, name=GRAN["name"], email=GRAN["address"])
    assert one.family_id != other.family_id
    pages = {each.id: await pages_of(client, each) for each in (one, other)}
    await everything_happens(session)
    for mine, theirs in ((one, other), (other, one)):
        secrets = said_of(theirs.person, theirs)
        found = {word for word in secrets if word in pages[mine.id] or word in await messages_to(mine)}
        assert not found
    assert "Gran" not in pages[other.id] and "gran@" not in await messages_to(other)


async def test_an_adult_who_is_told_reads_nothing_of_the_parent_who_named_them(client):
    """Though it were the other parent, who books for the same child as well."""
    session = await make.session()
    one, other = await booked(client, session, ONE), await booked(client, session, OTHER)
    told = await telling_others.add(booking_id=one.id, name="Sasha", phone=other.person.phone)
    page = (await client.get(f"/t/{told.token}")).text + (await client.get(f"/t/{told.token}/calendar.ics")).text
    heard = await Message.get(kind="also_told")
    assert not {word for word in said_of(one.person, one) if word in page or word in heard.body}
    assert told.person_id != other.person_id
    await giving_up.give_up(booking_id=one.id)
    assert (await Booking.get(id=other.id)).state == "booked"


async def test_staff_see_two_people_and_not_one_household(client):
    session = await make.session()
    one, other = await booked(client, session, ONE), await booked(client, session, OTHER)
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_staff", session.hub_id))
    text = (await client.get(f"/staff/people/{one.person_id}")).text
    assert not {word for word in said_of(other.person, other) if word in text}


@pytest.fixture
async def household(database):
    """Two adults of one family, each with a place on a session of their own."""
    family = await Family.create(created_at=clock.now())
    people = [
        await make.person(name=name, phone=phone, email=mail, family=family)
        for name, phone, mail in (
            ("Robin Ashdown", "+447700900111", "robin@families.example"),
            ("Sasha Birchall", "+447700900222", "sasha@families.example"),
        )
    ]
    return [await make.booking(by=person) for person in people], people


async def test_in_one_household_nobody_sees_how_the_other_is_reached(client, household):
    (mine, theirs), (me, them) = household
    token = await sign_in(person_id=me.id, purpose="manage", proved=me.phone)
    client.cookies.set("hub", await make.cookie(client, family=token))
    listed = (await client.get("/manage")).text
    assert theirs.reference in listed, "a household sees what it has booked"
    page = (await client.get(f"/m/{theirs.manage_token}")).text
    answer = await client.get(f"/m/{theirs.manage_token}/contact")
    assert answer.headers["location"] == "/manage/contact"
    for text in (listed, page, (await client.get("/manage/contact")).text):
        assert not {word for word in (them.phone, "07700 900222", "900222", them.email) if word in text}
    form = {"channel": "none", "language": "en", "day": list("0123456")}
    await client.post(f"/m/{theirs.manage_token}/contact", data=form)
    assert (await Person.get(id=them.id)).channel == "sms"
    assert mine.reference in listed


async def test_who_wants_short_words_only_is_not_in_the_households_list(client, household):
    (_, theirs), (me, them) = household
    await Person.filter(id=them.id).update(is_discreet=True)
    await make.sign_in_family(client, me)
    assert theirs.reference not in (await client.get("/manage")).text
    client.cookies.clear()
    await make.sign_in_family(client, them)
    assert theirs.reference in (await client.get("/manage")).text
