"""A calendar mail for each duty is for whoever chose it; all others get the one message, with the address of their page."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas import assigning, calendar_mails, telling
from booking.rotas.assigning import Change
from tests import make
from tests.rotas.test_duties import in_days

pytestmark = pytest.mark.usefixtures("database")


async def mails(kind="duty_invite"):
    return await db.rows("SELECT * FROM message WHERE kind = $1 ORDER BY due_at, id", kind)


async def by_mail(hub, **values):
    sam = await make.worker(hub, **values)
    await Person.filter(id=sam.person_id).update(channel="email")
    return sam


async def give(sam, *shifts):
    for each in shifts:
        await make.assignment(each, sam)
    await db.run_tx(lambda: telling.tell([Change(each.id, None, sam.id) for each in shifts], by=None))


async def test_who_did_not_choose_them_gets_one_message_with_the_address_of_their_page(database):
    hub = await make.location()
    await give(await by_mail(hub), *[await make.shift(hub, date=in_days(n)) for n in (1, 2, 3)])
    assert await mails() == []
    [message] = await mails("duty_changed")
    assert "/duties" in message["body"] and message["calendar"] == ""


async def test_turned_on_the_duties_to_come_are_sent_and_later_news_too(database):
    hub = await make.location()
    sam, first, second = (
        await by_mail(hub),
        await make.shift(hub, date=in_days(1)),
        await make.shift(hub, date=in_days(2)),
    )
    await make.assignment(await make.shift(hub, date=in_days(3)), sam, "draft")
    await give(sam, first)
    assert await calendar_mails.choose(staff_id=sam.id, wants=True, by=None) == 1
    assert await calendar_mails.choose(staff_id=sam.id, wants=True, by=None) is None
    await give(sam, second)
    assert [(row["session_id"], row["calendar_method"]) for row in await mails()] == [
        (first.id, "REQUEST"),
        (second.id, "REQUEST"),
    ]


async def test_turned_off_nothing_more_is_sent_and_turned_on_again_what_is_not_theirs_is_taken_out(database):
    hub = await make.location()
    sam, shift = await by_mail(hub, gets_invites=True), await make.shift(hub, date=in_days(1))
    await give(sam, shift)
    assert await calendar_mails.choose(staff_id=sam.id, wants=False, by=None) == 0
    await assigning.unassign(shift.id, by=None, layers=assigning.BOTH)
    await db.run_tx(lambda: telling.tell([Change(shift.id, sam.id, None)], by=None))
    assert [row["calendar_method"] for row in await mails()] == ["REQUEST"]
    await calendar_mails.choose(staff_id=sam.id, wants=True, by=None)
    assert [row["calendar_method"] for row in await mails()] == ["REQUEST", "CANCEL"]
    assert "SEQUENCE:1" in (await mails())[1]["calendar"]


async def test_whoever_has_no_mailbox_chooses_for_later(database):
    hub = await make.location()
    sam = await make.worker(hub)
    await Person.filter(id=sam.person_id).update(channel="sms", phone="+447700900123", email="")
    await give(sam, await make.shift(hub, date=in_days(1)))
    assert await calendar_mails.choose(staff_id=sam.id, wants=True, by=None) == 0
    assert await mails() == []


async def test_of_a_restricted_duty_the_mail_says_the_time_alone(database):
    hub = await make.location(name="Rose Refuge", is_restricted=True)
    sam = await by_mail(hub)
    await give(sam, await make.shift(hub, date=in_days(1), title="Freedom"))
    await calendar_mails.choose(staff_id=sam.id, wants=True, by=None)
    [mail] = await mails()
    assert "Rose" not in mail["calendar"] + mail["body"] and "Freedom" not in mail["calendar"] + mail["body"]


async def test_the_page_says_what_they_are_and_its_button_turns_them_on_and_off(client):
    hub = await make.location()
    sam = await by_mail(hub)
    await make.assignment(await make.shift(hub, date=in_days(1)), sam)
    await make.sign_in_worker(client, sam)
    assert "You do not get them." in (await client.get("/duties/calendar")).text
    assert (await client.post("/duties/calendar/mails", data={"wants": "yes"})).status_code == 303
    page = (await client.get("/duties/calendar")).text
    assert "You get them" in page and "1 mail for your duties to come" in page and len(await mails()) == 1
    await client.post("/duties/calendar/mails", data={"wants": ""})
    assert "You do not get them." in (await client.get("/duties/calendar")).text
    verbs = await db.rows("SELECT verb FROM audit_event WHERE about_id = $1 ORDER BY at, id", sam.id)
    assert [row["verb"] for row in verbs] == ["calendar mails on", "calendar mails off"]


async def test_news_that_waits_to_be_undone_comes_before_them(database):
    hub = await make.location()
    sam, shift = await by_mail(hub), await make.shift(hub, date=in_days(1))
    await make.assignment(shift, sam)
    until = clock.now() + timedelta(minutes=10)
    await db.run_tx(lambda: telling.tell([Change(shift.id, None, sam.id)], by=None, undo_until=until))
    await calendar_mails.choose(staff_id=sam.id, wants=True, by=None)
    assert [row["due_at"] > until for row in await mails()] == [True]
