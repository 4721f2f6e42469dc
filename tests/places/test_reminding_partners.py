"""Reminders of room bookings: the day before at the same wall time, once, one for a day, and only to who asked for them."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import outbox
from booking.places.reminding_partners import is_wanted, remind
from booking.places.telling_partners import tell
from tests import make
from tests.messages.room_examples import booked

pytestmark = pytest.mark.anyio
TUESDAY = date(2027, 1, 12)


@pytest.fixture
async def here(database):
    """A room, a booker of a partner that wants reminders, and a week before the Tuesday to book in."""
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False) as travelled:
        wants = await make.organisation(is_reminded=True)
        yield await make.room(name="Blue room"), await make.booker(wants), wants, travelled


async def reminders() -> list[dict]:
    return await db.rows("SELECT * FROM message WHERE kind = 'room_reminder' ORDER BY created_at, id")


def to(travelled, day: date, wall: str) -> None:
    travelled.move_to(clock.at(day, wall))


async def test_it_leaves_the_day_before_at_the_same_time_and_once(here):
    room, grace, wants, travelled = here
    await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "09:59")
    assert await remind() == 0
    to(travelled, date(2027, 1, 11), "10:00")
    assert await remind() == 1 and await remind() == 0
    [message] = await reminders()
    assert (message["person_id"], message["address"]) == (grace.id, grace.email)
    assert "Tuesday 12 January 2027, 10am to midday" in message["body"] and "Blue room" in message["body"]
    assert message["expires_at"] == clock.at(TUESDAY, "07:00") and message["hub_id"] == (await room.location).hub_id


async def test_who_did_not_ask_for_reminders_gets_none(here):
    room, grace, wants, travelled = here
    await db.execute("UPDATE organisation SET is_reminded = $1", False)
    await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "10:00")
    assert await remind() == 0 and await reminders() == []


@pytest.mark.parametrize("state", ["requested", "cancelled", "displaced", "missing", "skipped", "declined"])
async def test_only_what_is_confirmed_is_reminded_of(here, state):
    room, grace, wants, travelled = here
    await booked(room, TUESDAY, grace, organisation_id=wants.id, state=state)
    to(travelled, date(2027, 1, 11), "12:00")
    assert await remind() == 0


async def test_several_bookings_of_a_day_are_one_message(here):
    room, grace, wants, travelled = here
    await booked(room, TUESDAY, grace, organisation_id=wants.id)
    await booked(room, TUESDAY, grace, organisation_id=wants.id, start="14:00", end="15:00", title="Weigh-in")
    await booked(room, TUESDAY + timedelta(days=1), grace, organisation_id=wants.id, title="Another day")
    to(travelled, date(2027, 1, 11), "10:00")
    await remind()
    to(travelled, date(2027, 1, 11), "14:00")
    await remind()
    [message] = await reminders()
    assert "Baby clinic" in message["body"] and "2pm to 3pm: Weigh-in" in message["body"]
    assert "Another day" not in message["body"]


async def test_two_bookers_are_reminded_each_of_their_own(here):
    room, grace, wants, travelled = here
    other = await make.booker(wants)
    await booked(room, TUESDAY, grace, organisation_id=wants.id, title="Of Grace")
    await booked(room, TUESDAY, other, organisation_id=wants.id, start="13:00", end="14:00", title="Of the other")
    to(travelled, date(2027, 1, 11), "13:00")
    await remind()
    assert {(each["person_id"], "Of Grace" in each["body"]) for each in await reminders()} == {
        (grace.id, True), (other.id, False),
    }  # fmt: skip


async def test_another_hub_gets_a_message_of_its_own(here):
    """Staff of a hub read in the outbox what their hub sent: nothing of what is booked elsewhere."""
    room, grace, wants, travelled = here
    await booked(room, TUESDAY, grace, organisation_id=wants.id)
    await booked(await make.room(), TUESDAY, grace, organisation_id=wants.id, title="Elsewhere", start="11:00")
    to(travelled, date(2027, 1, 11), "11:00")
    await remind()
    assert len({each["hub_id"] for each in await reminders()}) == 2
    assert [each["body"].count("Elsewhere") > 0 for each in await reminders()].count(True) == 1


async def test_a_late_booking_gets_none(here):
    room, grace, wants, travelled = here
    to(travelled, date(2027, 1, 11), "08:00")
    await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "10:00")
    assert await remind() == 1 and await reminders() == []


async def test_a_cancelled_booking_voids_the_message_and_the_rest_of_the_day_is_told_anew(here):
    room, grace, wants, travelled = here
    first = await booked(room, TUESDAY, grace, organisation_id=wants.id)
    await booked(room, TUESDAY, grace, organisation_id=wants.id, start="14:00", end="15:00", title="Weigh-in")
    to(travelled, date(2027, 1, 11), "14:00")
    await remind()
    await db.execute("UPDATE room_booking SET state = 'cancelled', sequence = 1 WHERE id = $1", first.id)
    await tell("room_cancelled", bookings=[first.id])
    assert [each["state"] for each in await reminders()] == ["void"]
    await remind()
    [message] = await reminders()
    assert message["state"] == "queued" and "Weigh-in" in message["body"] and "Baby clinic" not in message["body"]


async def test_a_cancelled_only_booking_is_not_reminded_of(here):
    room, grace, wants, travelled = here
    row = await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "10:00")
    await remind()
    await db.execute("UPDATE room_booking SET state = 'cancelled', sequence = 1 WHERE id = $1", row.id)
    await tell("room_cancelled", bookings=[row.id])
    await remind()
    assert [each["state"] for each in await reminders()] == ["void"]


async def test_a_booking_that_moved_is_reminded_of_at_its_new_time(here):
    room, grace, wants, travelled = here
    row = await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "10:00")
    await remind()
    start, end = clock.at(date(2027, 1, 20), "10:00"), clock.at(date(2027, 1, 20), "12:00")
    await db.execute(
        "UPDATE room_booking SET starts_at = $1, ends_at = $2, sequence = 1 WHERE id = $3", start, end, row.id
    )
    await tell("room_changed", bookings=[row.id])
    await remind()
    to(travelled, date(2027, 1, 19), "10:00")
    await remind()
    assert [(each["state"], "20 January" in each["body"]) for each in await reminders()] == [
        ("void", False),
        ("queued", True),
    ]


async def test_one_that_has_left_is_not_sent_again(here):
    room, grace, wants, travelled = here
    row = await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "10:00")
    await remind()
    await db.execute("UPDATE message SET state = 'sent' WHERE kind = 'room_reminder'")
    await db.execute("UPDATE room_booking SET title = 'Weigh-in', sequence = 1 WHERE id = $1", row.id)
    await tell("room_changed", bookings=[row.id])
    await remind()
    assert [each["state"] for each in await reminders()] == ["sent"]
    assert await outbox.void(why="test", about=("person", grace.id)) == 0


LONG_AGO = datetime.fromisoformat("2026-12-01 09:00+00:00")


@pytest.mark.parametrize(
    ("day", "now", "wanted"),
    [
        (date(2027, 3, 29), "2027-03-28T08:59:59+00:00", False),  # 10:00 summer time, the day before is the change
        (date(2027, 3, 29), "2027-03-28T09:00:00+00:00", True),
        (date(2027, 3, 28), "2027-03-27T09:59:59+00:00", False),  # 10:00 winter time the day before
        (date(2027, 3, 28), "2027-03-27T10:00:00+00:00", True),
        (date(2027, 10, 31), "2027-10-30T09:00:00+00:00", True),
        (date(2027, 10, 31), "2027-10-31T06:59:59+00:00", True),
        (date(2027, 10, 31), "2027-10-31T07:00:00+00:00", False),  # three hours before, too late
    ],
)
def test_the_same_wall_time_across_the_clock_changes(day, now, wanted):
    assert is_wanted(clock.at(day, "10:00"), LONG_AGO, datetime.fromisoformat(now)) is wanted


async def test_two_jobs_at_once_remind_once(real_database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=True) as travelled:
        wants = await make.organisation(is_reminded=True)
        room, grace = await make.room(), await make.booker(wants)
        for hour in range(9, 15):
            await booked(room, TUESDAY, grace, organisation_id=wants.id, start=f"{hour:02}:00", end=f"{hour + 1:02}:00")
        travelled.move_to(clock.at(date(2027, 1, 11), "15:00"))
        await asyncio.gather(*(remind() for _ in range(5)))
        assert len(await reminders()) == 1


async def test_the_timetable_has_it(here, configured):
    from jobs.timetable import jobs

    [line] = [job for job in jobs(configured) if job.name == "remind partners"]
    room, grace, wants, travelled = here
    await booked(room, TUESDAY, grace, organisation_id=wants.id)
    to(travelled, date(2027, 1, 11), "10:00")
    assert await line.run(configured, None) == "1 reminders of rooms settled"
