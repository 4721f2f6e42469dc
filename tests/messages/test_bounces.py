"""Mails that come back to a real mailbox: the message has failed, the mailbox is marked, the next way is tried; each once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages import bounces
from booking.messages.bounce_mailbox import MailboxTrouble
from tests import make
from tests.messages.bounce_examples import AWAY, EXCHANGE, GMAIL, POSTFIX, READ_RECEIPT, of
from tests.messages.queueing import queue_code, queue_reminder, row
from tests.standins.imap import ImapStandIn

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
async def mailbox():
    await db.execute("DELETE FROM instance WHERE key LIKE 'bounces%'")
    await db.execute("DELETE FROM delivery_report")
    async with ImapStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def reading(hub, mailbox):
    """The hub's settings with the stand-in as its mailbox of bounces."""
    changed = hub.with_(
        "messages", bounce_host="127.0.0.1", bounce_port=mailbox.port, bounce_security="none", bounce_user=mailbox.user,
        timeout_seconds=2,
    )  # fmt: skip
    return replace(changed, secrets=replace(changed.secrets, bounce_password=mailbox.password))


async def sent(**person):
    """A reminder that left by mail."""
    values = {"channel": "email", "phone": "", "email": "jo@families.example"} | person
    queued = await queue_reminder(await make.person(**values))
    await db.execute("UPDATE message SET state = 'sent', sent_at = $1 WHERE id = $2", clock.now(), queued["id"])
    return await row(queued["id"])


def about(message, report=POSTFIX, **more):
    return of(report, f"<{message['id'].hex}@hubs.dorset.example>", **more)


async def states(message):
    return (await row(message["id"]))["state"], await db.value(
        "SELECT email_state FROM person WHERE id = $1", message["person_id"]
    )


@pytest.mark.parametrize("report", [POSTFIX, EXCHANGE, GMAIL], ids=["Postfix", "Exchange", "Gmail"])
@pytest.mark.parametrize("is_uid_last", [False, True])
async def test_a_mail_that_came_back_has_failed_and_its_mailbox_is_marked(mailbox, reading, report, is_uid_last):
    mailbox.is_uid_last = is_uid_last
    message = await sent()
    uid = mailbox.put(about(message, report))
    assert await bounces.read_new(reading) == "1 report, 1 message failed"
    assert await states(message) == ("failed", "bounced")
    failed = await row(message["id"])
    assert failed["error_code"] in ("5.1.1", "5.1.10") and failed["error"].startswith("There is no such mailbox.")
    assert mailbox.seen() == {uid}


async def test_the_next_way_is_tried_once_however_often_the_report_comes(mailbox, reading):
    message = await sent(phone="+447700900001")
    for _ in range(2):
        mailbox.put(about(message))
        await bounces.read_new(reading)
    texts = await db.rows("SELECT * FROM message WHERE channel = 'sms'")
    assert [(text["address"], text["state"]) for text in texts] == [("+447700900001", "queued")]


async def test_where_no_number_takes_texts_staff_ring(mailbox, reading):
    message = await sent(phone="+441202000001")
    mailbox.put(about(message))
    await bounces.read_new(reading)
    [call] = await db.rows("SELECT * FROM message WHERE channel = 'call'")
    assert call["state"] == "queued" and "Stay and play" in call["body"]


async def test_a_full_mailbox_fails_the_message_and_marks_nothing(mailbox, reading):
    message = await sent()
    mailbox.put(about(message, status="5.2.2", said="552 5.2.2 full"))
    await bounces.read_new(reading)
    assert await states(message) == ("failed", "ok")


async def test_what_is_only_late_is_noted_and_may_fail_later(mailbox, reading):
    message = await sent()
    mailbox.put(about(message, action="delayed", status="4.4.1", said="connect timed out"))
    await bounces.read_new(reading)
    assert await states(message) == ("sent", "ok")
    assert await db.value("SELECT status FROM delivery_report") == "delayed"
    mailbox.put(about(message, status="4.4.7", said="expired"))
    await bounces.read_new(reading)
    assert await states(message) == ("failed", "ok")


async def test_other_peoples_mail_is_left_as_it_is_and_looked_at_once(mailbox, reading):
    message = await sent()
    for content in (b"Subject: Hello\r\n\r\nHi", about(message, AWAY), about(message, READ_RECEIPT), of(POSTFIX), b""):
        mailbox.put(content)
    assert await bounces.read_new(reading) == ""
    assert await states(message) == ("sent", "ok") and not mailbox.seen()
    mailbox.commands.clear()
    await bounces.read_new(reading)
    assert not [command for command in mailbox.commands if "FETCH" in command]
    assert not [command for command in mailbox.commands if "Deleted" in command or "EXPUNGE" in command]


async def test_of_a_person_with_a_new_address_only_the_message_fails(mailbox, reading):
    message = await sent()
    await db.execute("UPDATE person SET email = 'new@families.example'")
    mailbox.put(about(message))
    await bounces.read_new(reading)
    assert await states(message) == ("failed", "ok")


async def test_a_code_that_came_back_fails_and_is_not_sent_another_way(mailbox, reading):
    code = await queue_code()
    await db.execute("UPDATE message SET state = 'sent', channel = 'email', address = 'jo@families.example'")
    mailbox.put(about(code))
    await bounces.read_new(reading)
    assert await db.value("SELECT count(*) AS n FROM message") == 1 and (await row(code["id"]))["state"] == "failed"


@pytest.mark.parametrize("fault", ["FETCH cut", "SEARCH no", "FETCH garbage", "LOGIN no", "SELECT no", "STORE cut"])
async def test_a_mailbox_in_trouble_is_read_the_next_time_and_nothing_happens_twice(mailbox, reading, fault):
    message = await sent(phone="+447700900001")
    mailbox.put(about(message))
    mailbox.faults.append(fault)
    with pytest.raises(MailboxTrouble) as trouble:
        await bounces.read_new(reading)
    assert mailbox.password not in str(trouble.value)
    await bounces.read_new(reading)
    assert await states(message) == ("failed", "bounced") and mailbox.seen() == {1}
    assert await db.value("SELECT count(*) AS n FROM message WHERE channel = 'sms'") == 1


async def test_a_mailbox_that_says_nothing_is_given_up(mailbox, reading):
    mailbox.faults.append("LOGIN hold")
    with pytest.raises(MailboxTrouble):
        await bounces.read_new(reading.with_("messages", timeout_seconds=1))


async def test_killed_after_settling_it_reads_the_same_again_without_harm(mailbox, reading, monkeypatch):
    message = await sent(phone="+447700900001")
    mailbox.put(about(message))

    async def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bounces, "_remember", killed)
        with pytest.raises(KeyboardInterrupt):
            await bounces.read_new(reading)
    assert await bounces.read_new(reading) == "1 report, 0 messages failed"
    assert await db.value("SELECT count(*) AS n FROM message WHERE channel = 'sms'") == 1


async def test_a_mailbox_built_anew_is_read_again_from_the_last_week(mailbox, reading):
    mailbox.put(b"Subject: old\r\n\r\n")
    mailbox.put(b"Subject: older\r\n\r\n")
    await bounces.read_new(reading)
    message = await sent()
    mailbox.mails.clear()
    mailbox.put(about(message), came_on=clock.today() - timedelta(days=2))
    mailbox.build_anew()
    await bounces.read_new(reading)
    assert await states(message) == ("failed", "bounced")


async def test_the_first_time_no_more_than_a_week_is_read(mailbox, reading):
    message = await sent()
    mailbox.put(about(message), came_on=clock.today() - timedelta(days=30))
    assert await bounces.read_new(reading) == ""
    assert await states(message) == ("sent", "ok")


async def test_where_reading_is_all_that_is_allowed_the_place_is_not_forgotten(mailbox, reading):
    mailbox.is_read_only = True
    message = await sent()
    mailbox.put(about(message))
    assert await bounces.read_new(reading) == "1 report, 1 message failed"
    mailbox.commands.clear()
    assert await bounces.read_new(reading) == ""
    assert await states(message) == ("failed", "bounced")


async def test_a_huge_mail_is_read_no_further_than_its_beginning(mailbox, reading):
    message = await sent()
    mailbox.put(about(message) + b"x" * 3_000_000)
    await bounces.read_new(reading)
    assert (await states(message))[0] == "failed"
