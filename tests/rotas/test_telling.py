"""Whoever's published duties change hears of it once, and their calendar follows."""

from datetime import date, timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas import telling
from booking.rotas.assigning import Change
from tests import make

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
DAY = date(2027, 1, 12)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 4), "10:00"))


async def messages(member=None, kind=None):
    found = await db.rows("SELECT * FROM message ORDER BY due_at, id")
    found = [row for row in found if member is None or row["person_id"] == member.person_id]
    return [row for row in found if kind is None or row["kind"] == kind]


async def by_mail(at):
    member = await make.worker(at, gets_invites=True)
    await Person.filter(id=member.person_id).update(channel="email")
    return member


async def tell(*changes, **values):
    return await db.run_tx(lambda: telling.tell(list(changes), by=None, **values))


async def test_a_new_duty_is_one_message_and_one_calendar_entry():
    at = await make.location(name="Ferndown Family Hub")
    sam, shift = await by_mail(at), await make.shift(at, date=DAY, title="Stay and play")
    told = await tell(Change(shift.id, None, sam.id))
    assert [(each.name, each.way) for each in told] == [(sam.known_as, "email")]
    message, entry = await messages(sam)
    assert message["kind"] == "duty_changed" and "Stay and play, Ferndown Family Hub" in message["body"]
    assert (
        entry["kind"] == "duty_invite" and "METHOD:REQUEST" in entry["calendar"] and "SEQUENCE:0" in entry["calendar"]
    )


async def test_the_uid_stays_and_the_sequence_rises_with_each_change():
    at = await make.location()
    sam, ada, shift = await by_mail(at), await by_mail(at), await make.shift(at, date=DAY)
    await tell(Change(shift.id, None, sam.id))
    await db.execute("UPDATE shift SET starts_at = $1 WHERE id = $2", shift.starts_at + timedelta(hours=1), shift.id)
    await tell(Change(shift.id, sam.id, sam.id), words="The session has moved")
    await tell(Change(shift.id, sam.id, ada.id))
    await tell(Change(shift.id, ada.id, sam.id))
    lines = [_lines(each["calendar"]) for each in await messages(sam, "duty_invite")]
    assert len({each["UID"] for each in lines}) == 1
    assert [each["SEQUENCE"] for each in lines] == ["0", "1", "2", "3"]
    assert [each["METHOD"] for each in lines] == ["REQUEST", "REQUEST", "CANCEL", "REQUEST"]
    assert "The session has moved" in (await messages(sam, "duty_changed"))[1]["body"]


def _lines(calendar):
    return dict(line.split(":", 1) for line in calendar.splitlines() if ":" in line)


async def test_what_comes_back_to_whom_it_was_is_no_news():
    at = await make.location()
    sam, ada, shift = await by_mail(at), await by_mail(at), await make.shift(at, date=DAY)
    changes = [
        Change(shift.id, sam.id, ada.id),
        Change(shift.id, ada.id, sam.id),
        Change(shift.id, sam.id, None, "draft"),
    ]
    assert await tell(*changes) == [] and await messages() == []


async def test_what_is_over_is_no_news():
    at = await make.location()
    sam, shift = await by_mail(at), await make.shift(at, date=date(2027, 1, 2))
    assert await tell(Change(shift.id, None, sam.id)) == []


async def test_of_a_restricted_duty_only_the_time_is_said_anywhere():
    at = await make.location(name="Refuge of Wareham", is_restricted=True)
    sam, shift = await by_mail(at), await make.shift(at, date=DAY, title="Freedom programme")
    await tell(Change(shift.id, None, sam.id))
    found = await messages(sam)
    assert len(found) == 2
    for each in found:
        everything = each["subject"] + each["body"] + each["html"] + each["calendar"]
        assert "Refuge" not in everything and "Freedom" not in everything and "Wareham" not in everything
    assert "Private booking" in found[0]["body"] and "SUMMARY:Appointment" in found[1]["calendar"]


async def test_a_text_message_goes_to_who_chose_it_and_the_entry_by_mail_beside_it():
    at = await make.location(name="Ferndown Family Hub")
    sam = await make.worker(at, gets_invites=True)
    await Person.filter(id=sam.person_id).update(channel="sms", phone="+447700900123")
    shifts = [await make.shift(at, date=DAY + timedelta(days=n)) for n in range(3)]
    await tell(*[Change(each.id, None, sam.id) for each in shifts])
    found = await messages(sam, "duty_changed")
    assert [each["channel"] for each in found] == ["sms"]
    assert "New: Tue 12 Jan 9am, Ferndown Family Hub +2." in found[0]["body"]
    assert [each["channel"] for each in await messages(sam, "duty_invite")] == ["email"] * 3


async def test_who_wants_no_messages_is_named_for_the_manager_to_tell():
    at = await make.location()
    sam, shift = await make.worker(at), await make.shift(at, date=DAY)
    await Person.filter(id=sam.person_id).update(channel="none")
    assert [each.way for each in await tell(Change(shift.id, None, sam.id))] == [""]
    assert await messages() == []


async def test_later_news_never_overtakes_a_rota_that_waits_to_be_undone():
    at = await make.location()
    sam, one, two = (
        await make.worker(at),
        await make.shift(at, date=DAY),
        await make.shift(at, date=DAY + timedelta(days=1)),
    )
    until = clock.now() + timedelta(minutes=10)
    await tell(Change(one.id, None, sam.id), undo_until=until, kind=telling.PUBLISHED)
    await tell(Change(two.id, None, sam.id))
    assert (await messages(sam, "duty_changed"))[0]["due_at"] > until
