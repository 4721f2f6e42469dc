"""What is taken back, or goes to another number, while nobody knows whether the provider has it (promise P4)."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from booking import db
from booking.messages import outbox
from booking.messages.delivery import deliver_due
from booking.people import keeping_contact
from booking.people.contact_form import Reach
from tests import make
from tests.messages.queueing import deliver, make_due, queue_reminder, row
from tests.messages.test_digests import change

pytestmark = pytest.mark.usefixtures("emptied")


async def two_in_doubt(sending, twilio, fault):
    """A digest of two changes after a fault; its parts and its person."""
    person = await make.person()
    parts = [await change(person, title=title) for title in ("Stay and play", "Baby massage")]
    twilio.faults = [fault]
    await deliver(sending(twilio))
    return person, parts


async def take_back(part):
    return await outbox.void(about=(part["about_kind"], part["about_id"]), why="undone")


@pytest.mark.parametrize("fault", ["500", "cut before"])
async def test_a_part_taken_back_in_doubt_is_never_told_and_the_other_one_is(sending, twilio, fault):
    _, (first, second) = await two_in_doubt(sending, twilio, fault)
    assert await take_back(first) == 1
    await deliver(sending(twilio), times=3)
    [text] = twilio.accepted
    assert "Stay and play" not in text["body"] and (await row(first["id"]))["state"] == "void"
    assert (await row(second["id"]))["state"] == "sent"


async def test_of_three_parts_one_is_taken_back_in_doubt_and_the_others_are_told(sending, provider):
    person = await make.person()
    parts = [await change(person, title=title) for title in ("Stay and play", "Baby massage", "Messy play")]
    provider.faults = ["500"]
    await deliver(sending(provider))
    await take_back(parts[2])
    await deliver(sending(provider), times=4)
    [text] = provider.accepted
    assert "Messy play" not in text["body"]
    assert [(await row(each["id"]))["state"] for each in parts] == ["merged", "merged", "void"]


async def test_a_part_taken_back_in_doubt_that_had_left_counts_as_told(sending, twilio):
    _, (first, second) = await two_in_doubt(sending, twilio, "500 after")
    await take_back(first)
    await deliver(sending(twilio), times=3)
    assert len(twilio.accepted) == 1
    assert [(await row(each["id"]))["state"] for each in (first, second)] == ["merged", "merged"]


async def test_who_wants_nothing_any_more_gets_no_digest_in_doubt_and_its_parts_say_why(sending, twilio):
    person, parts = await two_in_doubt(sending, twilio, "500")
    await keeping_contact.save(person.id, Reach("none"))
    await deliver(sending(twilio), times=3)
    assert twilio.accepted == []
    assert {(await row(each["id"]))["error"] for each in parts} == {"Asked for no messages."}


@pytest.mark.parametrize(("fault", "numbers"), [("500 after", ["+447700900001"]), ("500", ["+447700900002"])])
async def test_in_doubt_another_number_gets_only_what_the_old_one_has_not(sending, provider, fault, numbers):
    person = await make.person(phone="+447700900001")
    message = await change(person)
    provider.faults = [fault]
    await deliver(sending(provider))
    await keeping_contact.save(person.id, Reach("sms", phone="+447700900002"))
    await deliver(sending(provider), times=3)
    assert [each["to"] for each in provider.accepted] == numbers
    assert (await row(message["id"]))["state"] == "sent"
    assert await db.value("SELECT count(*) AS n FROM message") == 1


NEWS = "We have news about your appointment"


@pytest.mark.parametrize("fault", ["500", "cut before", "cut after", "500 after"])
async def test_short_words_in_doubt_are_found_by_their_whole_text(sending, provider, fault):
    person = await make.person()
    await change(person)
    await keeping_contact.save(person.id, Reach("sms", is_discreet=True))
    provider.faults = [fault]
    await deliver(sending(provider), times=3)
    assert [NEWS in each["body"] for each in provider.accepted] == [True]


@pytest.mark.parametrize(
    ("fault", "is_short"), [("500", True), ("429", True), ("cut before", True), ("cut after", False)]
)
@pytest.mark.parametrize("has_marker", [True, False])
async def test_full_words_in_doubt_are_asked_for_before_short_ones_leave(
    sending, provider, fault, is_short, has_marker
):
    person = await make.person()
    message = await change(person)
    if not has_marker:
        await db.execute("UPDATE message SET marker = '', body = 'Thank you.' WHERE id = $1", message["id"])
    provider.faults, provider.retry_after = [fault], "0"
    await deliver(sending(provider))
    await keeping_contact.save(person.id, Reach("sms", is_discreet=True))
    await deliver(sending(provider), times=3)
    assert [NEWS in each["body"] for each in provider.accepted] == [is_short]
    assert (await row(message["id"]))["state"] == "sent"


@asynccontextmanager
async def leaving(settings, stand_in):
    """While one worker's request is under way; afterwards it is over."""
    stand_in.delay = 0.5
    worker = asyncio.ensure_future(deliver_due(settings, "first"))
    async with asyncio.timeout(30):
        while not stand_in.requests:  # noqa: ASYNC110  the stand-in's lists have no event to wait for
            await asyncio.sleep(0.005)
    yield
    await worker


async def test_who_asks_for_short_words_while_a_text_leaves_gets_it_once(sending, provider):
    person = await make.person()
    message = await change(person)
    async with leaving(sending(provider), provider):
        await keeping_contact.save(person.id, Reach("sms", is_discreet=True))
        await make_due()
        await deliver_due(sending(provider), "second")
    assert len(provider.accepted) == 1 and (await row(message["id"]))["state"] == "sent"


async def test_what_is_wanted_again_while_it_leaves_leaves_once(sending, provider):
    person = await make.person()
    message = await queue_reminder(person, key="one")
    async with leaving(sending(provider), provider):
        await take_back(message)
        await queue_reminder(person, key="one")
        await deliver_due(sending(provider), "second")
    assert len(provider.accepted) == 1 and (await row(message["id"]))["state"] == "sent"
