"""The door to Twilio, against a stand-in for its HTTP API: every answer, and every silence, is sorted right."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.messages.deadline import Deadline
from booking.messages.outcomes import Outcome
from booking.messages.sms import Twilio

NUMBER = "+447700900123"
BODY = "Hello. https://hubs.dorset.example/m/abc.x7k2p9"


@pytest.fixture
async def door(twilio, sending):
    door = Twilio(sending(twilio).with_("messages", timeout_seconds=1), Deadline(60))
    yield door
    await door.close()


async def send(door, number=NUMBER, is_discreet=False):
    return await door.send({"id": "1", "address": number, "body": BODY, "is_discreet": is_discreet})


async def test_sends_and_returns_the_providers_id(door, twilio):
    outcome = await send(door)
    assert (outcome.kind, outcome.provider_id) == ("sent", twilio.accepted[0]["sid"])
    assert twilio.accepted[0]["to"] == NUMBER and twilio.accepted[0]["from"] == "FamilyHubs"


async def test_discreet_goes_from_the_neutral_sender(door, twilio):
    door.neutral_sender = "+447700900999"
    await send(door, is_discreet=True)
    assert twilio.accepted[0]["from"] == "+447700900999"


async def test_messaging_service_is_used_where_the_sender_is_one(door, twilio):
    door.sender = "MG0123"
    await send(door)
    assert twilio.accepted[0]["messaging_service_sid"] == "MG0123" and twilio.accepted[0]["from"] is None


@pytest.mark.parametrize(
    ("fault", "kind", "code", "state"),
    [
        ("21610", "refused", "21610", "opted_out"),
        ("21614", "refused", "21614", "not_mobile"),
        ("21211", "refused", "21211", "not_mobile"),
        ("21606", "later", "21606", ""),
        ("20003", "later", "20003", ""),
        ("429", "later", "429", ""),
        ("20429", "later", "429", ""),
        ("500", "unknown", "500", ""),
        ("503", "unknown", "503", ""),
        ("500 after", "unknown", "500", ""),
        ("cut before", "unknown", "silence", ""),
        ("cut after", "unknown", "silence", ""),
        ("hold before", "unknown", "silence", ""),
        ("nonsense after", "unknown", "answer", ""),
    ],
)
async def test_every_answer_is_sorted_and_asked_for_once(door, twilio, fault, kind, code, state):
    twilio.faults = [fault]
    outcome = await send(door)
    assert (outcome.kind, outcome.code, outcome.address_state) == (kind, code, state)
    assert len(twilio.sends) == 1


async def test_retry_after_is_passed_on(door, twilio):
    twilio.faults, twilio.retry_after = ["429"], "17"
    assert (await send(door)).retry_after == 17.0


async def test_asks_to_be_told_what_became_of_it_where_it_can_be(door, twilio):
    await send(door)
    door.base_url = "http://127.0.0.1:8000"
    await send(door)
    told = [request.form.get("StatusCallback") for request in twilio.sends]
    assert told == ["https://hubs.dorset.example/hooks/sms/status?message=1", None]


async def test_past_the_deadline_nothing_is_sent(door, twilio):
    door.http.deadline = Deadline(-1)
    assert ((await send(door)).code, twilio.requests) == ("late", [])


async def test_refused_connection_means_not_sent(door, twilio):
    await twilio.go_down()
    assert (await send(door)).kind == "later"


async def test_says_what_the_provider_has_for_a_number_newest_first(door, twilio):
    await send(door)
    await send(door)
    await send(door, "+447700900124")
    listed = await door.listed(address=NUMBER, since=datetime.now(UTC) - timedelta(minutes=1))
    assert isinstance(listed, list)
    assert [sid for sid, _ in listed] == [twilio.accepted[1]["sid"], twilio.accepted[0]["sid"]]
    assert "DateSent" not in str(twilio.questions[0].query)


async def test_leaves_out_what_was_made_before(door, twilio):
    await send(door)
    assert await door.listed(address=NUMBER, since=datetime.now(UTC) + timedelta(minutes=1)) == []


async def test_being_unable_to_ask_is_unknown(door, twilio):
    twilio.list_fault = "500"
    listed = await door.listed(address=NUMBER, since=datetime.now(UTC))
    assert isinstance(listed, Outcome) and listed.kind == "unknown"


async def test_phone_numbers_stay_out_of_the_log(door, twilio, caplog):
    with caplog.at_level("DEBUG"):
        await send(door)
        await door.listed(address=NUMBER, since=datetime.now(UTC))
    assert "7700900123" not in caplog.text
