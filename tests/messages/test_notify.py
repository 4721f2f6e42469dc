"""The door to GOV.UK Notify, against a stand-in for its API: every answer, and every silence, is sorted right."""

import asyncio
import threading
from uuid import UUID

import pytest

from booking.messages.deadline import Deadline
from booking.messages.notify import LONGEST, Notify
from tests.standins.notify import TEMPLATE

pytestmark = pytest.mark.usefixtures("database")
NUMBER = "+447700900123"
BODY = "Hello. https://hubs.dorset.example/m/abc.x7k2p9"
ID = UUID("019aa0c4-0000-7000-8000-000000000001")


@pytest.fixture
async def door(notify_service, sending):
    door = Notify(sending(notify_service).with_("messages", timeout_seconds=1), Deadline(60))
    yield door
    await door.close()


def row(**changes):
    return {"id": ID, "address": NUMBER, "body": BODY, "is_discreet": False} | changes


async def test_our_text_fills_the_field_of_the_template_and_our_id_is_the_reference(door, notify_service):
    outcome = await door.send(row())
    [taken] = notify_service.accepted
    assert (outcome.kind, outcome.provider_id) == ("sent", taken["id"])
    assert (taken["to"], taken["body"], taken["template_id"], taken["reference"]) == (NUMBER, BODY, TEMPLATE, str(ID))
    assert taken["sender_id"] is None, "the service's own"


async def test_discreet_goes_from_the_neutral_sender(notify_service, sending):
    settings = sending(notify_service).with_("messages", notify_sender="hub", sms_sender_neutral="nobody")
    door = Notify(settings, Deadline(60))
    await door.send(row())
    await door.send(row(is_discreet=True))
    await door.close()
    assert [taken["sender_id"] for taken in notify_service.accepted] == ["hub", "nobody"]


@pytest.mark.parametrize(
    ("fault", "kind", "code", "state"),
    [
        ("not a mobile", "refused", "not_mobile", "not_mobile"),
        ("invalid phone", "refused", "not_mobile", "not_mobile"),
        ("international", "refused", "international", ""),
        ("trial", "later", "400", ""),
        ("team", "later", "400", ""),
        ("no template", "later", "400", ""),
        ("bad template", "later", "400", ""),
        ("no sender", "later", "400", ""),
        ("auth", "later", "403", ""),
        ("429", "later", "429", ""),
        ("429 rate", "later", "429", ""),
        ("429 day", "later", "429", ""),
        ("500", "unknown", "500", ""),
        ("503", "unknown", "503", ""),
        ("500 after", "unknown", "500", ""),
        ("cut before", "unknown", "silence", ""),
        ("cut after", "unknown", "silence", ""),
        ("reset", "unknown", "silence", ""),
        ("hold before", "unknown", "silence", ""),
        ("hold after", "unknown", "silence", ""),
        ("nonsense after", "unknown", "answer", ""),
    ],
)
async def test_every_answer_is_sorted_and_asked_for_once(door, notify_service, fault, kind, code, state):
    notify_service.faults = [fault]
    outcome = await door.send(row())
    assert (outcome.kind, outcome.code, outcome.address_state) == (kind, code, state)
    assert outcome.words and len(notify_service.sends) == 1


@pytest.mark.parametrize(("fault", "wait"), [("429 rate", 17.0), ("429 day", 900.0)])
async def test_how_long_to_wait_is_passed_on(door, notify_service, fault, wait):
    notify_service.faults, notify_service.retry_after = [fault], "17"
    assert (await door.send(row())).retry_after == wait


async def test_a_wrong_key_is_ours_to_put_right(notify_service, sending, monkeypatch):
    monkeypatch.setattr("tests.standins.notify.NOTIFY_SECRET", "11111111-2222-3333-4444-555555555555")
    door = Notify(sending(notify_service), Deadline(60))
    assert (await door.send(row())).code == "403"
    await door.close()


async def test_refused_connection_means_not_sent(door, notify_service):
    await notify_service.go_down()
    assert (await door.send(row())).kind == "later"


async def test_a_text_longer_than_notify_takes_is_not_brought_to_it(door, notify_service):
    assert (await door.send(row(body="x" * (LONGEST + 1)))).code == "too_long"
    assert notify_service.requests == []


async def test_past_the_deadline_nothing_is_sent(door, notify_service):
    door.deadline = Deadline(-1)
    assert ((await door.send(row())).code, notify_service.requests) == ("late", [])
    assert (await door.ask(row())).kind == "unknown"


async def test_what_a_thread_has_not_written_when_we_stop_waiting_is_never_written(door, notify_service, monkeypatch):
    """A name server that takes its time: the worker gives up, and the thread must not send behind its back."""
    monkeypatch.setattr("booking.messages.notify.WHOLE_REQUEST", 0.2)
    from urllib3.connection import HTTPConnection

    connect = HTTPConnection.connect
    has_given_up = threading.Event()
    monkeypatch.setattr(HTTPConnection, "connect", lambda self: (has_given_up.wait(30), connect(self)))
    assert (await door.send(row())).kind == "unknown"
    has_given_up.set()
    await asyncio.to_thread(door.threads.shutdown)
    assert notify_service.requests == []


async def test_is_asked_by_reference(door, notify_service):
    assert (await door.ask(row())).kind == "later", "it does not have it"
    await door.send(row())
    await door.send(row(id=UUID(int=2)))
    outcome = await door.ask(row())
    assert (outcome.kind, outcome.provider_id) == ("sent", notify_service.accepted[0]["id"])
    assert notify_service.questions[0].query == {"reference": [str(ID)]}


async def test_where_it_has_the_message_twice_the_first_is_the_one(door, notify_service):
    await door.send(row())
    await door.send(row())
    assert (await door.ask(row())).provider_id == notify_service.accepted[0]["id"]


async def test_being_unable_to_ask_is_unknown(door, notify_service):
    notify_service.list_fault = "500"
    assert (await door.ask(row())).kind == "unknown"
    await notify_service.go_down()
    assert (await door.ask(row())).kind == "unknown"


async def test_many_at_once_have_a_client_each(door, notify_service):
    notify_service.delay = 0.1
    outcomes = await asyncio.gather(*(door.send(row(id=UUID(int=n), body=f"text {n}")) for n in range(40)))
    assert {outcome.kind for outcome in outcomes} == {"sent"} and notify_service.doubled == []
    assert {taken["reference"]: taken["body"] for taken in notify_service.accepted} == {
        str(UUID(int=n)): f"text {n}" for n in range(40)
    }
    assert 1 < notify_service.most_at_once <= 16


async def test_phone_numbers_stay_out_of_the_log(door, notify_service, caplog):
    notify_service.faults = ["", "not a mobile"]
    with caplog.at_level("DEBUG"):
        await door.send(row())
        await door.send(row())
        await door.ask(row())
    assert "7700900123" not in caplog.text and "phone_number" not in caplog.text
