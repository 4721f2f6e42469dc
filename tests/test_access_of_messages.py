"""P6 of messages: with ids of another hub, of another family or of a manager's, everything is 404 and nothing changes."""

from types import SimpleNamespace
from unittest.mock import patch

import pytest

from booking import db
from booking.messages import hours
from booking.messages.models import InboundMessage, Message
from booking.open_data import feeds
from booking.programmes.bookings import telling_others
from booking.programmes.notices import queueing_notices, sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed
from booking.programmes.texts import answering_texts
from tests import make
from tests.places.who import staff_who
from tests.programmes.offer_calls import NEVER_QUIET
from tests.programmes.texts_of import comes, heard

PHONE = "+447700900123"
TABLES = (
    "message",
    "inbound_message",
    "notice",
    "person",
    "audit_event",
    "feed_link",
    "also_told",
    "wording_text",
    "booking",
)


async def state() -> list:
    return [[tuple(row.values()) for row in await db.rows(f"SELECT * FROM {table} ORDER BY id")] for table in TABLES]


@pytest.fixture
async def here(database):
    """A hub with a family that texted, a message that waits, one that failed, a call, and notices to a session and to the hub."""
    with patch.object(hours, "_county", NEVER_QUIET):
        hub = await make.location(name="Ferndown")
        session = await make.session(await make.run(location=hub))
        booking = await make.booking(session, await make.person(name="Kim Lee", phone=PHONE))
        await make.booking(session, await make.person(name="Cal Call", channel="call"))
        await heard(booking, hub_id=hub.id)
        await comes("Hello?", PHONE)
        await answering_texts.answer_new()
        boss = staff_who(await make.staff("hub_manager", hub.id), {hub.id}, "hub_manager")
        sent = {}
        for kind, about_id in (("session", session.id), ("hub", hub.id)):
            about = await find_about(boss, kind, about_id)
            assert about
            sent[kind] = await sending_notices.send(
                about, about.audience(), Typed(sms=f"{kind}!"), form_token=kind, by=boss
            )
        now = await find_about(boss, "session", session.id)
        assert now
        await sending_notices.send(now, now.audience(), Typed(sms="Now"), form_token="now", by=boss, undo_minutes=0)
        await queueing_notices.queue_due()
        yield SimpleNamespace(
            hub=hub, booking=booking, session=session, text=await InboundMessage.get(), notices=sent,
            waits=await Message.get(kind="notice", channel="sms"), call=await Message.get(kind="notice", channel="call"),
            failed=await heard(booking, hub_id=hub.id, state="failed", error_code="30008", marker="abcdef"),
        )  # fmt: skip


def of_the_hub(here):
    """Address and form of whatever only staff of that hub, or county admins, may do."""
    about = {"about": f"session:{here.session.id}", "sms": "Hello", "to_whom": "booked", "when": "now"}
    thread, person = f"/staff/texts/{here.text.id}", f"/staff/people/{here.booking.person_id}"
    return [
        *((f"/outbox/{each.id}/{act}", {"why": "x"}) for each in (here.waits, here.failed) for act in ("take-back", "put-back", "send-again")),
        (f"{thread}/answer", {"words": "Hello", "seen": f"{here.text.id}/", "key": "k"}), (f"{thread}/done", {"seen": f"{here.text.id}/"}),
        (f"{thread}/person", {"person": str(here.booking.person_id)}), (f"{thread}/size", {"words": "Hello"}),
        (f"/staff/calls/{here.call.id}", {"how": "spoke"}), (f"{person}/again", {"which": "phone"}),
        (person, {"channel": "none", "day": "0", "why": "x"}), ("/staff/notices/new", about | {"do": "send", "form_token": "x"}),
        ("/staff/notices/length", about),
        *((f"/staff/notices/{each.notice_id}/{act}", {}) for each in here.notices.values() for act in ("undo", "send-now")),
        (f"/staff/feeds?kind=run&about={here.session.run_id}", {"sees": "all"}),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager"])
async def test_staff_of_another_hub_do_nothing_with_ids_of_this_one(client, here, kind):
    await make.sign_in_staff(client, await make.staff(kind, (await make.location()).id))
    before = await state()
    for path, form in of_the_hub(here):
        answer = await client.post(path, data=form)
        assert answer.status_code == 404, (path, answer.status_code)
    for path in (f"/outbox/{here.waits.id}", f"/staff/texts/{here.text.id}", f"/staff/people/{here.booking.person_id}", f"/staff/calls/{here.call.id}",
                 *(f"/staff/notices/{each.notice_id}" for each in here.notices.values())):  # fmt: skip
        assert (await client.get(path)).status_code == 404, path
    assert await state() == before


@pytest.mark.parametrize("who", ["nobody", "family", "partner"])
async def test_who_is_no_staff_does_nothing_at_all(client, here, who):
    if who == "family":
        await make.sign_in_family(client, await make.person())
    elif who == "partner":
        await make.sign_in_partner(client, await make.booker())
    before = await state()
    for path, form in [*of_the_hub(here), ("/staff/wording/en/notice/sms", {"do": "save", "body": "{words} {link}"})]:
        answer = await client.post(path, data=form)
        assert answer.status_code in (303, 404) and "/staff/sign-in" in answer.headers.get(
            "location", "/staff/sign-in"
        ), path
    assert await state() == before


async def test_who_manages_another_hub_does_here_what_hub_staff_do_and_no_more(client, here):
    await make.sign_in_staff(client, await make.staff_here_manager_elsewhere(here.hub.id, (await make.location()).id))
    before = await state()
    of_hub = f"/staff/notices/{here.notices['hub'].notice_id}"
    for path, form in [
        (f"/outbox/{here.failed.id}/send-again", {}), (f"{of_hub}/undo", {}), (f"{of_hub}/send-now", {}),
        ("/staff/notices/new", {"about": f"hub:{here.hub.id}", "sms": "Hello", "do": "send"}),
    ]:  # fmt: skip
        assert (await client.post(path, data=form)).status_code == 404, path
    assert (await client.get(f"/staff/notices/new?about=hub:{here.hub.id}")).status_code == 404
    assert "send-again" not in (await client.get(f"/outbox/{here.failed.id}")).text
    assert "/undo" not in (await client.get(of_hub)).text
    assert f"hub:{here.hub.id}" not in (await client.get("/staff/notices/new")).text
    assert await state() == before


async def test_what_managers_do_hub_staff_do_not(client, here):
    await make.sign_in_staff(client, await make.staff("hub_staff", here.hub.id))
    before = await state()
    of_hub = f"/staff/notices/{here.notices['hub'].notice_id}"
    for path, form in [
        (f"/outbox/{here.failed.id}/send-again", {}), (f"{of_hub}/undo", {}), (f"{of_hub}/send-now", {}),
        ("/staff/wording/en/reminder_days/sms", {"do": "save", "body": "{hub}: {start} {link}"}), ("/staff/wording/en/reminder_days/sms", {"do": "test"}),
        ("/staff/notices/new", {"about": f"hub:{here.hub.id}", "sms": "Hello", "do": "send"}),
    ]:  # fmt: skip
        assert (await client.post(path, data=form)).status_code == 404, path
    for path in ("/staff/wording", "/staff/jobs", "/staff/jobs/tidy", f"/staff/notices/new?about=hub:{here.hub.id}"):
        assert (await client.get(path)).status_code == 404, path
    assert await state() == before


async def test_a_family_with_its_own_link_reaches_nothing_of_another(client, here):
    own = await make.booking(here.session, await make.person(name="Mo Karim", phone="+447700900124"))
    told = await telling_others.add(booking_id=here.booking.id, name="Gran Lee", phone="+447700900321")
    link_id, _ = await feeds.make_booking_link(booking_id=here.booking.id, sees="all", words="")
    link = f"/m/{own.manage_token}"
    await make.sign_in_family(client, await make.person(name="Mo Karim"))
    before = await state()
    for path in (
        f"{link}/tell/{told.id}/stop",
        f"{link}/calendar-address/{link_id}/revoke",
        f"/manage/calendar/{link_id}/revoke",
    ):
        assert (await client.post(path)).status_code == 404, path
    assert "Gran" not in (await client.get(link)).text
    assert await state() == before


async def test_another_adults_link_opens_their_page_and_nothing_else(client, here):
    told = await telling_others.add(booking_id=here.booking.id, name="Gran Lee", phone="+447700900321")
    for path in ("", "/contact", "/tell", "/calendar-address", "/calendar.ics"):
        assert (await client.get(f"/m/{told.token}{path}")).status_code == 404, path
    before = await state()
    for path in ("contact", "tell", "calendar-address", "give-up"):
        assert (await client.post(f"/m/{told.token}/{path}", data={"channel": "none"})).status_code in (404, 405), path
    assert await state() == before
    page = (await client.get(f"/t/{told.token}")).text
    for secret in ("Kim", here.booking.reference, here.booking.manage_token, "900123"):
        assert secret not in page, secret
    await telling_others.stop(told_id=told.id, ended_by="family")
    assert (await client.get(f"/t/{told.token}/calendar.ics")).status_code == 404
