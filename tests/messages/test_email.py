"""The door to SMTP, against a real SMTP server."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from booking.messages.deadline import Deadline
from booking.messages.email import MailDoor


@pytest.fixture
async def door(host, sending):
    door = MailDoor(sending(mail=host).with_("messages", timeout_seconds=1), Deadline(60))
    yield door
    await door.close()


def row(**changes):
    values = {
        "id": UUID(int=5),
        "address": "jo@mail.example",
        "subject": "You are booked: Café",
        "created_at": datetime(2026, 11, 21, 9, tzinfo=UTC),
        "body": "Hello\n.a line that begins with a dot\n",
        "html": "<p>Hello</p>",
        "calendar": "",
        "calendar_method": "",
        "is_discreet": False,
    }
    return values | changes


CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


async def test_sends_text_and_html_from_the_hub(door, host):
    outcome = await door.send(row())
    mail = host.accepted[0].read
    assert outcome.kind == "sent" and "queued as 1" in outcome.provider_id
    assert mail["From"] == "Family Hubs <hubs@dorset.example>" and mail["Subject"] == "You are booked: Café"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().splitlines()[1] == ".a line that begins with a dot"


async def test_invite_is_an_alternative_and_an_attachment(door, host):
    await door.send(row(calendar=CALENDAR, calendar_method="REQUEST"))
    mail = host.accepted[0].read
    alternative, attached = mail.iter_parts()
    assert mail.get_content_type() == "multipart/mixed"
    assert [p.get_content_type() for p in alternative.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    calendar = list(alternative.iter_parts())[2]
    assert calendar.get_param("method") == "REQUEST" and calendar.get_content_charset() == "utf-8"
    assert calendar.get_payload(decode=True) == attached.get_payload(decode=True) == CALENDAR.encode()
    assert attached.get_filename() == "invite.ics"


async def test_discreet_comes_from_the_neutral_sender(sending, host):
    door = MailDoor(sending(mail=host).with_("messages", mail_from_neutral="office@post.example"), Deadline(60))
    await door.send(row(is_discreet=True))
    await door.close()
    mail = host.accepted[0]
    assert "Family Hubs" not in mail.content.decode() and "hubs@" not in mail.content.decode()
    assert mail.by == mail.read["From"] == "office@post.example"


async def test_the_same_row_is_the_same_bytes(door, host):
    message = row(calendar=CALENDAR, calendar_method="REQUEST")
    await door.send(message)
    await door.send(message)
    assert host.accepted[0].content == host.accepted[1].content
    assert host.accepted[0].id == "<00000000000000000000000000000005@hubs.dorset.example>"


@pytest.mark.parametrize(
    ("fault", "kind", "code", "state"),
    [
        ("450", "later", "450", ""),
        ("421", "later", "421", ""),
        ("550", "refused", "550", "bounced"),
        ("552", "refused", "552", ""),
        ("451 data", "later", "451", ""),
        ("554 data", "refused", "554", ""),
        ("cut before", "unknown", "silence", ""),
        ("cut after", "unknown", "silence", ""),
    ],
)
async def test_every_answer_is_sorted_and_the_next_mail_goes_out(door, host, fault, kind, code, state):
    host.faults = [fault]
    outcome = await door.send(row())
    assert (outcome.kind, outcome.code, outcome.address_state) == (kind, code, state)
    assert (await door.send(row(id=UUID(int=6)))).kind == "sent"


async def test_silence_after_the_content_is_unknown(door, host, monkeypatch):
    monkeypatch.setattr("booking.messages.email.REPLY_PATIENCE", 0.3)
    host.faults = ["hold after"]
    assert (await door.send(row())).kind == "unknown"


async def test_no_host_means_not_sent(door, host):
    await host.go_down()
    assert (await door.send(row())).kind == "later"


async def test_one_connection_serves_many_mails(door, host):
    for number in range(5):
        await door.send(row(id=UUID(int=number)))
    assert host.connections == 1


@pytest.mark.parametrize("address", ["jo", "jo@x.example\r\nBcc: eve@x.example", "a@x.example, b@x.example", ""])
async def test_an_address_that_is_none_is_refused_and_adds_no_header(door, host, address):
    assert (await door.send(row(address=address))).kind == "refused"
    assert host.accepted == []
