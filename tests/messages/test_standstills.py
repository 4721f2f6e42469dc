"""Three hours without a worker, in the nights in which the clocks change too: what still makes sense is sent once, the rest says why
it is not, and two workers that come back at once do no more than one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from booking import clock
from booking.messages import claims, outbox
from booking.messages.delivery import deliver_due
from tests.messages.queueing import queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")

STANDSTILLS = [
    datetime(2027, 3, 27, 23, 30, tzinfo=UTC),  # over the hour that is left out
    datetime(2026, 10, 24, 23, 30, tzinfo=UTC),  # over the hour that comes twice
    datetime(2027, 1, 12, 9, tzinfo=UTC),
]
HOURS = timedelta(hours=3)


async def backlog(began: datetime) -> list[dict]:
    """A message for every quarter of an hour of the standstill; every other one of no use an hour later."""
    queued = []
    for n in range(12):
        due = began + n * timedelta(minutes=15)
        expires_at = due + timedelta(hours=1) if n % 2 else began + timedelta(days=1)
        queued.append(await queue_reminder(key=f"of {n}", due_at=due, expires_at=expires_at))
    return queued


@pytest.mark.parametrize("began", STANDSTILLS)
async def test_a_backlog_goes_out_once_and_what_is_too_late_says_so(sending, provider, began):
    settings = sending(provider)
    with time_machine.travel(began, tick=False) as clock_hand:
        queued = await backlog(began)
        clock_hand.move_to(began + HOURS)
        await claims.miss_expired()
        await asyncio.gather(*(deliver_due(settings, worker) for worker in ("first", "second")))
        now = [await row(each["id"]) for each in queued]
    late = [n for n, each in enumerate(now) if n % 2 and each["expires_at"] <= began + HOURS]
    assert [n for n, each in enumerate(now) if each["state"] == "missed"] == late and len(late) == 4
    assert all(now[n]["error"] for n in late)
    assert [n for n, each in enumerate(now) if each["state"] == "sent"] == [n for n in range(12) if n not in late]
    assert set(provider.texts_per_number().values()) == {1} and len(provider.accepted) == 8


@pytest.mark.parametrize("began", STANDSTILLS)
async def test_what_was_cancelled_during_a_standstill_is_not_sent_after_it(sending, provider, began):
    with time_machine.travel(began, tick=False) as clock_hand:
        queued = await backlog(began)
        clock_hand.move_to(began + HOURS / 2)
        for each in queued[:6]:
            await outbox.void(session_id=each["session_id"], about=(each["about_kind"], each["about_id"]), why="off")
        clock_hand.move_to(began + HOURS)
        await deliver_due(sending(provider), "w")
        told = {(await row(each["id"]))["state"] for each in queued[:6]}
        await claims.miss_expired()
    assert told == {"void"} and await states() == {"void": 6, "sent": 5, "missed": 1}
    assert len(provider.accepted) == 5


async def test_due_times_are_instants_whatever_the_wall_clock_says(sending, provider):
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 for the first time
    with time_machine.travel(twice, tick=False) as clock_hand:
        await queue_reminder(key="second 01:30", due_at=twice + timedelta(hours=1))
        await deliver_due(sending(provider), "w")
        assert provider.accepted == [] and clock.local(twice).strftime("%H:%M") == "01:30"
        clock_hand.move_to(twice + timedelta(hours=1))
        await deliver_due(sending(provider), "w")
    assert len(provider.accepted) == 1 and await states() == {"sent": 1}
