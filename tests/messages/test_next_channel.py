"""What could not be delivered goes the next way to the same person, once, and never a way that is not safe."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages import next_channel
from tests import make
from tests.messages import examples
from tests.messages.queueing import queue_code, queue_reminder, row

pytestmark = pytest.mark.usefixtures("database")
BOTH = {"phone": "+447700900001", "email": "jo@mail.example", "name": "Jo Smith"}


async def fail(failed, **marks):
    """As the worker does it: the row, then the address, then the way that is left. Returns the row written, or None."""
    await db.execute("UPDATE message SET state = 'failed' WHERE id = $1", failed["id"])
    for column, state in marks.items():
        await db.execute(f"UPDATE person SET {column} = $1 WHERE id = $2", state, failed["person_id"])
    queued = await next_channel.try_next(await row(failed["id"]))
    return await row(queued.id) if queued else None


async def test_a_text_is_tried_by_mail_with_its_words():
    failed = await queue_reminder(await make.person(**BOTH), key="r")
    mail = await fail(failed, phone_state="failing")
    assert (mail["channel"], mail["address"], mail["dedupe_key"]) == ("email", "jo@mail.example", "r:email")
    assert "could not send you this by text" in mail["body"] and "Stay and play" in mail["body"]
    assert (mail["state"], mail["expires_at"], mail["about_id"]) == ("queued", failed["expires_at"], failed["about_id"])


async def test_a_mail_is_tried_by_text_in_one_line_with_the_link_under_a_marker_of_its_own():
    failed = await queue_reminder(await make.person(channel="email", **BOTH), key="r")
    text = await fail(failed, email_state="bounced")
    assert (text["channel"], text["address"], text["dedupe_key"]) == ("sms", "+447700900001", "r:sms")
    assert text["parts"] == 1 and "Stay and play" in text["body"]
    assert text["marker"] != failed["marker"] and text["body"].endswith(f".{text['marker']}")
    link = text["body"].split("https://")[1].removesuffix(text["marker"])
    assert link in failed["body"], "the same booking"


async def test_nobody_hears_it_twice():
    failed = await queue_reminder(await make.person(**BOTH), key="c", kind="confirmation")
    assert (await db.value("SELECT count(*) AS n FROM message WHERE dedupe_key LIKE 'c:email%'")) == 1
    assert await fail(failed) is None, "it goes by mail anyway"
    failed = await queue_reminder(await make.person(**BOTH), key="r")
    assert await fail(failed) is not None
    assert await next_channel.try_next(await row(failed["id"])) is None, "nothing more, however often it is asked"


async def test_where_no_address_is_left_staff_ring_about_what_matters():
    person = await make.person(**BOTH)
    await fail(await queue_reminder(person, key="r"), phone_state="failing")
    mail = await db.row("SELECT * FROM message WHERE dedupe_key = 'r:email'")
    call = await fail(mail, email_state="bounced")
    assert (call["channel"], call["address"], call["state"], call["parts"]) == ("call", "+447700900001", "queued", 0)
    assert "http" not in call["body"] and call["body"]


async def test_what_staff_say_is_the_text_without_its_link():
    failed = await queue_reminder(await make.person(phone="+447700900001"), key="r")
    call = await fail(failed, phone_state="opted_out")
    assert call["channel"] == "call" and "Stay and play" in call["body"]
    assert "http" not in call["body"] and not call["body"].startswith("Family Hubs")


async def test_nobody_is_rung_about_what_does_not_matter():
    thanks = await queue_reminder(await make.person(phone="+447700900001"), kind="given_up")
    assert await fail(thanks, phone_state="opted_out") is None


async def test_of_a_dead_mailbox_without_a_number_staff_learn_that_nobody_can_be_told():
    person = await make.person(channel="email", phone="", email="jo@mail.example")
    call = await fail(await queue_reminder(person), email_state="bounced")
    assert (call["channel"], call["address"], call["state"]) == ("call", "", "queued")
    assert await fail(await queue_reminder(person, kind="given_up"), email_state="bounced") is None


@pytest.mark.parametrize(("phone", "is_rung"), [("+447700900001", True), ("+441202000001", False)])
async def test_what_is_discreet_goes_no_other_way_than_the_chosen_one_and_staff_ring_mobiles_alone(phone, is_rung):
    person = await make.person(channel="email", email="jo@mail.example", phone=phone)
    failed = await queue_reminder(person, key="d", said=examples.discreet())
    call = await fail(failed, email_state="bounced")
    assert bool(call) is is_rung
    if call:
        assert call["channel"] == "call" and call["is_discreet"]
        assert "Freedom" not in call["body"] and "Secret" not in call["body"]


async def test_a_landline_gets_no_text():
    person = await make.person(channel="email", email="jo@mail.example", phone="+441202000001")
    assert (await fail(await queue_reminder(person), email_state="bounced"))["channel"] == "call"


async def test_codes_and_what_is_too_late_or_not_wanted_any_more_are_left():
    assert await fail(await queue_code()) is None
    person = await make.person(**BOTH)
    late = await queue_reminder(person)
    await db.execute("UPDATE message SET expires_at = $1 WHERE id = $2", clock.now() - timedelta(minutes=1), late["id"])
    assert await fail(late) is None
    failed = await queue_reminder(person)
    await db.execute("UPDATE person SET channel = 'none'")
    assert await fail(failed) is None
    await db.execute("UPDATE person SET channel = 'call'")
    assert (await next_channel.try_next(await row(failed["id"]))).channel == "call"
