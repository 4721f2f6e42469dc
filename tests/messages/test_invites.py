"""Which number an entry gets (RFC 5546 section 2.1.4), whose it is, and the mail it comes in (RFC 6047)."""

from datetime import timedelta
from email.headerregistry import Address
from uuid import uuid4

import icalendar
import pytest

from booking import db
from booking.messages import email, invites, outbox
from booking.messages.said import Held, Repeats, RoomEntry
from tests import make
from tests.messages import examples
from tests.messages.examples import STAMP, utc
from tests.messages.expected_texts import check

pytestmark = pytest.mark.anyio

NOON = utc(2027, 1, 12, 12)
ONLINE = {"place": "Online", "join_url": "https://meet.example/one"}
# what was told before and after, and whether the number must rise
RISES = {
    "another time": ({}, {"starts_at": NOON, "ends_at": NOON + timedelta(hours=2)}, True),
    "longer": ({}, {"ends_at": utc(2027, 1, 12, 13)}, True),
    "another place": ({}, {"place": "Village hall"}, True),
    "online instead": ({}, ONLINE, True),
    "another link to join": (ONLINE, ONLINE | {"join_url": "https://meet.example/two"}, True),
    "the same once more": ({}, {}, False),
    "another title": ({}, {"title": "Stay, play and sing"}, False),
    "somebody else runs it": ({}, {"host": "Priya"}, False),
    "other directions": ({}, {"directions": "Bus 13."}, False),
    "other things to bring": ({}, {"bring": "Wellies."}, False),
    "a better position on the map": ({}, {"latitude": 50.81, "longitude": -1.91}, False),
    "discreet, in another place": ({"is_discreet": True}, {"is_discreet": True, "place": "Elsewhere"}, False),
}


def event(text: str):
    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


async def told(person, method="REQUEST", at=STAMP, **changes):
    return event(await invites.next_invite(person, examples.said(**changes), method, at))


@pytest.mark.parametrize("change", RISES)
async def test_the_number_rises_when_coming_is_in_doubt_and_else_stays(database, configured, change):
    before, after, must_rise = RISES[change]
    jo = await make.person(email="jo@mail.example")
    first = await told(jo, **before)
    second = await told(jo, at=STAMP + timedelta(hours=1), **after)
    assert second["UID"] == first["UID"] and (first["SEQUENCE"], second["SEQUENCE"]) == (0, int(must_rise))
    assert second["DTSTAMP"].dt > first["DTSTAMP"].dt  # and so is the newer one all the same (section 2.1.5)


async def test_the_number_rises_with_each_cancel_and_each_coming_back(database, configured):
    jo = await make.person(email="jo@mail.example")
    methods = ("REQUEST", "CANCEL", "CANCEL", "REQUEST", "REQUEST", "CANCEL")
    found = [await told(jo, method) for method in methods]
    assert [each["SEQUENCE"] for each in found] == [0, 1, 2, 3, 3, 4]
    assert [str(each["STATUS"]) for each in found] == [
        "CONFIRMED" if method == "REQUEST" else "CANCELLED" for method in methods
    ]


async def test_a_cancel_that_was_undone_may_have_arrived_and_the_next_entry_outdoes_it(database, configured):
    jo = await make.person(email="jo@mail.example")
    cancelled = [await told(jo), await told(jo, "CANCEL")][1]
    await invites.not_taken_out([str(cancelled["UID"])])
    assert (await told(jo))["SEQUENCE"] > cancelled["SEQUENCE"]


async def test_what_was_never_put_in_is_not_taken_out(database, configured):
    assert await invites.next_invite(await make.person(), examples.said(), "CANCEL", STAMP) == ""


def room_entry(**changes):
    repeats = Repeats("WEEKLY", 1, "TU", utc(2027, 1, 12).date(), "10:00", "12:00", 2)
    dates = tuple(Held(utc(2027, 1, day, 10), utc(2027, 1, day, 12), "Blue room") for day in (12, 19))
    facts = {"title": "Clinic", "place": "Blue room", "held": dates, "repeats": repeats, "page_path": "/x"}
    return RoomEntry(**{"about_id": uuid4(), "was": dates[0]} | facts | changes)


@pytest.mark.parametrize(
    ("change", "rises"),
    [
        ({"title": "Weigh-in"}, False),
        ({"is_private": True}, False),
        ({"held": room_entry().held[:1]}, True),
        ({"held": tuple(Held(h.starts_at, h.ends_at, "Hall") for h in room_entry().held)}, True),
        ({"repeats": Repeats("WEEKLY", 1, "TU", utc(2027, 1, 12).date(), "10:00", "12:00", 3)}, True),
    ],
)
def test_the_same_holds_for_room_bookings(change, rises):
    before, after = room_entry(), room_entry(**change)
    assert (invites.version_of_room(before) != invites.version_of_room(after)) is rises


async def test_each_adult_has_an_entry_of_their_own(database, configured):
    """So a grandparent who is told of it can take theirs out, and the parent's stays."""
    parent, grandparent = await make.person(email="jo@mail.example"), await make.person(email="gran@mail.example")
    ones = [await told(each) for each in (parent, grandparent)]
    assert ones[0]["UID"] != ones[1]["UID"]
    assert (await told(grandparent, "CANCEL"))["UID"] == ones[1]["UID"]
    assert (await told(parent))["SEQUENCE"] == 0
    assert "gran@" not in ones[0].to_ical().decode() and "jo@" not in ones[1].to_ical().decode()


async def test_a_discreet_person_gets_the_time_alone_by_mail_and_as_a_file(database, configured):
    kim = await make.person(name="Kim Lee", email="kim@mail.example", is_discreet=True)
    text = await invites.next_invite(kim, examples.said(), "REQUEST", STAMP)
    check("discreet_person.ics", text.replace(invites.uid(examples.said().session_id, kim.id), "(id)"))
    for each in (text, await invites.download(kim.id, [examples.said()], STAMP)):
        assert "CLASS:PRIVATE" in each and "SUMMARY:Appointment" in each
        for secret in ("Stay", "Ferndown", "Sam", "Bus 38", "Socks", "LOCATION", "DESCRIPTION", "URL", "GEO", "Kim"):
            assert secret not in each.split("BEGIN:VEVENT")[1]


@pytest.mark.parametrize("kind", ["confirmation", "given_up"])
async def test_a_mail_has_one_reader_and_its_method_is_that_of_the_entry(database, configured, kind):
    jo = await make.person(email="jo@mail.example", channel="email")
    said = examples.said()
    facts = {name: value for name, value in examples.facts(said).items() if name not in ("name", "marker")}
    await invites.next_invite(jo, said, "REQUEST", STAMP)
    await outbox.queue(person=jo, kind=kind, facts=facts, about=("booking", uuid4()), dedupe_key="x", calendar=[said])
    row = await db.row("SELECT * FROM message")
    mail = email.mail(row, Address(addr_spec="hubs@dorset.example"))
    assert mail["To"] == "jo@mail.example" and mail["Cc"] is None and mail["Bcc"] is None
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    method = "REQUEST" if kind == "confirmation" else "CANCEL"
    assert part.get_param("method") == method and part.get_content_charset() == "utf-8"
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True).decode())
    [entry] = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == method and str(entry["ATTENDEE"]) == "mailto:jo@mail.example"
    assert not calendar.walk("VALARM") and "ORGANIZER" in entry and entry["DTSTAMP"].dt.tzinfo is not None
