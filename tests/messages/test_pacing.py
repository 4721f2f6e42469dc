"""No more texts leave than the county allows: a second, an hour, a day, to one number, to other countries."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import pacing
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages.queueing import deliver, make_due, queue_code, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")
ROUNDS = 20


@pytest.fixture
def messages(hub):
    return hub.with_("messages", sms_a_minute=600, sms_an_hour=50, sms_a_day=80).messages


async def test_turns_follow_each_other_at_the_countys_pace(messages):
    with time_machine.travel(clock.now(), tick=False):
        turns = [await pacing.take(messages, 100) for _ in range(3)]
        assert [turn.count for turn in turns] == [10, 10, 10], "a second's worth each"
        assert [turn.starts_at - clock.now() for turn in turns] == [timedelta(seconds=n) for n in range(3)]


async def nothing_yet():
    pass


@pytest.mark.parametrize("before", [nothing_yet, lambda: pacing.hold(0)], ids=["no row", "a hold that is over"])
async def test_workers_at_once_share_one_pace(messages, before):
    """Also the very first ones, who find nothing to lock; several times, because they have to meet."""
    with time_machine.travel(clock.now(), tick=False):
        for _ in range(ROUNDS):
            await db.execute("DELETE FROM pace")
            await before()
            turns = await asyncio.gather(*(pacing.take(messages, 5) for _ in range(8)))
            starts = sorted((turn.starts_at - clock.now()).total_seconds() for turn in turns)
            assert starts == [n * 0.5 for n in range(8)]
            used = await db.rows("SELECT used FROM pace WHERE key IN ($1, $2)", pacing.HOUR, pacing.DAY)
            assert [row["used"] for row in used] == [40, 40]


@pytest.mark.parametrize("kept", ["", "DELETE FROM pace"], ids=["later", "the very first"])
async def test_workers_who_take_and_give_back_at_once_never_wait_for_each_other(messages, monkeypatch, kept):
    """Nothing is tried anew here: all lock the rows in one order."""
    monkeypatch.setattr(db, "DEADLOCK_TRIES", 1)
    for _ in range(ROUNDS):
        if kept:
            await db.execute(kept)
        each = (
            lambda: pacing.take(messages, 1), lambda: pacing.give_back(1), lambda: pacing.hold(0),
            lambda: pacing.give_back_turns(messages, 1),
        )  # fmt: skip
        await asyncio.gather(*(act() for _ in range(5) for act in each))


async def test_turns_without_a_text_go_back(messages):
    with time_machine.travel(clock.now(), tick=False):
        await pacing.take(messages, 10)
        await pacing.give_back_turns(messages, 9)
        assert (await pacing.take(messages, 1)).starts_at - clock.now() == timedelta(seconds=0.1)


async def test_a_queue_that_is_too_long_sends_workers_away_and_one_from_a_wrong_clock_is_forgotten(messages):
    with time_machine.travel(clock.now(), tick=False) as travelled:
        for _ in range(5):
            await pacing.take(messages, 10)
        travelled.shift(-8)
        assert (await pacing.take(messages, 10)).count == 0, "13 seconds behind"
        travelled.shift(-3600)
        assert (await pacing.take(messages, 10)).starts_at == clock.now()


async def test_an_hour_has_its_limit_and_a_day_too(messages):
    messages = messages.__class__(**{**vars(messages), "sms_a_minute": 60_000})
    with time_machine.travel(clock.now(), tick=False) as travelled:
        assert (await pacing.take(messages, 45)).count == 45
        assert (await pacing.take(messages, 45)).count == 5
        assert (await pacing.take(messages, 1)).count == 0
        travelled.shift(3601)
        assert (await pacing.take(messages, 45)).count == 30, "the day's"
        travelled.shift(3601)
        assert (await pacing.take(messages, 1)).count == 0
        travelled.shift(24 * 3600)
        assert (await pacing.take(messages, 1)).count == 1


async def test_what_has_not_left_counts_for_nothing(messages):
    await pacing.take(messages, 10)
    await pacing.give_back(10)
    await pacing.give_back(10)
    assert await db.value("SELECT max(used) AS used FROM pace") == 0


async def test_an_alarm_at_four_fifths_that_names_nobody(messages):
    messages = messages.__class__(**{**vars(messages), "sms_a_minute": 60_000})
    assert await pacing.alarms(messages) == []
    await pacing.take(messages, 39)
    assert await pacing.alarms(messages) == []
    await pacing.take(messages, 1)
    [alarm] = await pacing.alarms(messages)
    assert (alarm.window, alarm.used, alarm.limit) == ("hour", 40, 50)
    assert alarm.words == "40 of 50 texts allowed in one hour have left. Past the limit texts wait."
    await pacing.take(messages, 10)
    assert [each.words.split(". ")[1] for each in await pacing.alarms(messages)] == ["All further texts wait."]
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        assert await pacing.alarms(messages) == []


async def test_what_is_more_than_an_hour_may_have_waits_and_leaves_in_the_next(sending, provider):
    settings = sending(provider).with_("messages", sms_an_hour=5)
    for _ in range(8):
        await queue_reminder()
    for _ in range(4):
        await deliver_due(settings, "w")
    assert len(provider.accepted) == 5 and await states() == {"sent": 5, "queued": 3}
    with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
        await deliver_due(settings, "w")
    assert len(provider.accepted) == 8 and provider.doubled == []


async def test_attempts_that_failed_do_not_use_up_the_hour(sending, provider):
    settings = sending(provider).with_("messages", sms_an_hour=2)
    await queue_reminder()
    await provider.go_down()
    for _ in range(4):
        await deliver_due(settings, "w")
        await db.execute("UPDATE message SET next_try_at = $1", clock.now())
    await provider.come_back()
    await deliver_due(settings, "w")
    assert await states() == {"sent": 1} and await db.value("SELECT max(used) AS used FROM pace") == 1


async def test_mail_leaves_while_texts_wait(sending, provider, host):
    settings = sending(provider, host).with_("messages", sms_an_hour=1)
    await queue_reminder()
    await queue_reminder()
    await queue_reminder(await make.person(channel="email", email="jo@mail.example"))
    await deliver_due(settings, "w")
    assert len(provider.accepted) == 1 and len(host.accepted) == 1


async def test_all_workers_wait_when_the_provider_asks_for_it(sending, provider):
    provider.faults, provider.retry_after = ["429"], "60"
    await queue_reminder()
    await deliver_due(sending(provider), "one")
    await queue_reminder()  # written after the pause began
    await deliver_due(sending(provider), "two")
    assert len(provider.sends) == 1
    with time_machine.travel(clock.now() + timedelta(seconds=90)):
        await deliver_due(sending(provider), "two")
    assert await states() == {"sent": 2}


async def test_one_number_gets_so_many_an_hour_and_the_rest_waits(sending, provider):
    settings = sending(provider).with_("messages", sms_an_hour_to_one=3, sms_a_day_to_one=4)
    person = await make.person(phone="+447700900001")
    for n in range(6):
        await queue_reminder(person, key=f"r{n}", kind="given_up")
    await queue_reminder()
    await deliver(settings, times=2)
    assert len(provider.accepted) == 4, "three to that number, one to another"
    now = await db.row("SELECT * FROM message WHERE state = 'queued' LIMIT 1")
    assert now["error_code"] == "limit" and now["attempts"] == 0
    with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
        await make_due()
        await deliver_due(settings, "w")
        assert len(provider.accepted) == 5, "the day's limit"


async def test_codes_past_the_limit_of_a_number_are_refused(sending, provider):
    settings = sending(provider).with_("messages", sms_an_hour_to_one=3)
    codes = [await queue_code(code=f"11111{n}") for n in range(5)]
    await deliver(settings, times=2)
    assert len(provider.accepted) == 3
    assert [(await row(code["id"]))["state"] for code in codes].count("failed") == 2
    refused = await db.row("SELECT * FROM message WHERE state = 'failed' LIMIT 1")
    assert (refused["error_code"], refused["body"]) == ("limit", "") and refused["error"]


@pytest.mark.parametrize(
    ("phone", "countries", "is_allowed"),
    [
        ("+447700900001", "44", True),
        ("+447624000001", "44", True),
        ("+441202000001", "44", False),
        ("+447000000001", "44", False),
        ("+447600000001", "44", False),
        ("+33612345678", "44", False),
        ("+33612345678", "44 33", True),
        ("+447700900001", "33", False),
        ("+353861234567", "35", True),
        ("", "44", False),
    ],
)
async def test_texts_go_to_british_mobiles_and_to_countries_that_are_named(hub, phone, countries, is_allowed):
    messages = hub.with_("messages", sms_countries=countries).messages
    assert pacing.is_allowed_country(messages, phone) is is_allowed


@pytest.mark.parametrize(("phone", "state"), [("+447000000001", "not_mobile"), ("+33612345678", "ok")])
async def test_to_any_other_number_nothing_is_sent_and_the_next_way_is_tried(sending, provider, phone, state):
    await queue_reminder(await make.person(phone=phone, email="jo@mail.example"), key="r")
    await deliver(sending(provider), times=2)
    failed = await db.row("SELECT * FROM message WHERE channel = 'sms'")
    assert (failed["state"], failed["error_code"], provider.requests) == ("failed", "country", [])
    assert await db.value("SELECT state FROM message WHERE dedupe_key = 'r:email'") == "queued"
    assert await db.value("SELECT phone_state FROM person") == state
