"""When the provider does not say whether it took a message, it is asked before anything is sent again (promise P4)."""

import pytest

from booking import db
from booking.messages import claims, outbox, reports
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages.queueing import deliver, queue_code, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.mark.parametrize(
    "fault", ["429", "503", "500", "cut before", "cut after", "reset", "500 after", "nonsense after"]
)
async def test_after_one_fault_it_arrives_once(sending, provider, fault):
    provider.faults, provider.retry_after = [fault], "0"
    sent = await queue_reminder()
    await deliver(sending(provider), times=3)
    assert (await row(sent["id"]))["state"] == "sent"
    assert len(provider.accepted) == 1


@pytest.mark.parametrize(
    "faults", [["500", "cut after"], ["cut before", "500 after"], ["429", "500", "cut before", "429"]]
)
async def test_after_many_faults_it_arrives_once(sending, provider, faults):
    provider.faults, provider.retry_after = list(faults), "0"
    await queue_reminder()
    await deliver(sending(provider), times=6)
    assert await states() == {"sent": 1} and len(provider.accepted) == 1


async def test_silence_is_not_taken_for_a_refusal(sending, provider):
    provider.faults = ["hold after"]
    settings = sending(provider).with_("messages", timeout_seconds=1)
    sent = await queue_reminder()
    await deliver_due(settings, "w")
    now = await row(sent["id"])
    assert (now["state"], now["may_have_left"], now["error_code"]) == ("queued", 1, "silence")
    await deliver(settings, times=2)
    assert (await row(sent["id"]))["state"] == "sent" and len(provider.accepted) == 1


async def test_asks_before_it_sends_again_and_not_otherwise(sending, provider):
    provider.faults = ["500 after"]
    await queue_reminder()
    await deliver(sending(provider), times=2)
    assert [request.method for request in provider.requests] == ["POST", "GET"]


async def test_while_it_cannot_ask_it_does_not_send(sending, provider):
    provider.faults, provider.list_fault = ["cut after"], "500"
    sent = await queue_reminder()
    await deliver(sending(provider), times=3)
    assert len(provider.sends) == 1 and (await row(sent["id"]))["may_have_left"]
    provider.list_fault = ""
    await deliver(sending(provider))
    assert (await row(sent["id"]))["state"] == "sent" and len(provider.accepted) == 1


async def test_without_asking_there_would_be_two(sending, provider):
    """The negative control: with the mark forgotten, the fault that the tests above survive sends twice."""
    provider.faults = ["cut after"]
    await queue_reminder()
    await deliver_due(sending(provider), "w")
    await db.execute("UPDATE message SET may_have_left = $1", False)
    await deliver(sending(provider), times=2)
    assert len(provider.accepted) == 2 and provider.doubled


async def test_two_texts_alike_are_told_apart_by_their_marker(sending, provider):
    person = await make.person()
    provider.faults = ["ok", "500"]
    await queue_reminder(person, key="one")
    await queue_reminder(person, key="two")
    await deliver(sending(provider).with_("messages", at_once=1), times=3)
    assert await states() == {"sent": 2} and len(provider.accepted) == 2


async def test_two_codes_alike_are_told_apart_by_what_is_ours_already(sending, provider):
    provider.faults = ["ok", "500"]
    await queue_code(code="111111")
    await queue_code(code="111111")
    await deliver(sending(provider).with_("messages", at_once=1), times=3)
    assert await states() == {"sent": 2} and len(provider.accepted) == 2


def while_it_asks(monkeypatch, happens):
    """Lets something happen between the last look at a row that is in doubt and the answer of the provider that is asked."""
    begin = claims.begin

    async def beginning(row, *more):
        begun = await begin(row, *more)
        if row["may_have_left"]:
            await happens()
        return begun

    monkeypatch.setattr(claims, "begin", beginning)


async def test_a_report_that_is_settled_while_it_asks_makes_no_second_text(sending, provider, monkeypatch):
    provider.faults = ["cut after"]
    message = await queue_reminder()
    await deliver(sending(provider))
    [text] = provider.accepted
    await reports.keep(
        provider=provider.name, provider_reference=text["id"], status="delivered", message_id=message["id"]
    )
    while_it_asks(monkeypatch, reports.settle_due)
    await deliver(sending(provider), times=2)
    assert len(provider.accepted) == 1 and (await row(message["id"]))["state"] == "delivered"


async def test_what_is_taken_back_while_it_asks_does_not_leave(sending, provider, monkeypatch):
    provider.faults = ["500"]
    message = await queue_reminder()
    await deliver(sending(provider))

    async def take_back():
        await outbox.void(about=(message["about_kind"], message["about_id"]), why="off")

    while_it_asks(monkeypatch, take_back)
    await deliver(sending(provider), times=2)
    assert provider.accepted == [] and (await row(message["id"]))["state"] == "void"
