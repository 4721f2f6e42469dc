"""When a room is free and busy, for programs that look for a free time (RFC 5545 section 3.6.4)."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import clock
from booking.open_data.free_busy import closed, joined, periods_of
from booking.places import holding
from booking.places.models import RoomBooking, RoomPart
from booking.places.opening import Opening
from booking.places.rooms import facts_of_one
from tests import make
from tests.messages.room_examples import booked
from tests.open_data.conftest import TUESDAY, link

pytestmark = pytest.mark.anyio
WEDNESDAY = TUESDAY + timedelta(days=1)


def between(day: date, start: str, end: str) -> tuple[datetime, datetime]:
    return clock.at(day, start), clock.at(day, end)


async def held(room, row):
    """What the booking holds, set-up and clearing included, as the verbs take it."""
    facts = await facts_of_one(room.id)
    await holding.hold([holding.hold_for(row.id, facts, row.starts_at, row.ends_at)])
    return row


async def told(room, first: date, last: date) -> dict[str, list]:
    found: dict[str, list] = {}
    for period in await periods_of(room.id, clock.at(first, "00:00"), clock.at(last, "00:00")):
        found.setdefault(period.kind, []).append((period.starts_at, period.ends_at))
    return found


async def test_taken_closed_and_asked_for_are_three_kinds(here):
    room = await make.room(here.hub, setup_minutes=15, clear_minutes=30)
    await make.opening_hours(here.hub, "09:00", "17:00")
    await held(room, await booked(room, TUESDAY, here.booker))
    await held(room, await booked(room, TUESDAY, here.booker, start="14:00", end="15:00", state="requested"))
    closure = await RoomBooking.create(
        room=room, kind="closure", starts_at=clock.at(TUESDAY, "16:00"), ends_at=clock.at(TUESDAY, "16:30")
    )
    await holding.hold([holding.Hold(closure.id, (room.id,), closure.starts_at, closure.ends_at)])
    found = await told(room, TUESDAY, WEDNESDAY)
    assert found == {
        "BUSY": [between(TUESDAY, "09:45", "12:30")],
        "BUSY-TENTATIVE": [between(TUESDAY, "13:45", "15:30")],
        "BUSY-UNAVAILABLE": [
            between(TUESDAY, "00:00", "09:00"), between(TUESDAY, "16:00", "16:30"),
            (clock.at(TUESDAY, "17:00"), clock.at(WEDNESDAY, "00:00")),
        ],
    }  # fmt: skip


async def test_a_request_counts_only_as_long_as_it_holds_the_room(here):
    room = await make.room(here.hub)
    row = await booked(room, TUESDAY, here.booker, state="requested", hold_until_at=clock.now() + timedelta(hours=1))
    await held(room, row)
    assert "BUSY-TENTATIVE" in await told(room, TUESDAY, WEDNESDAY)
    here.travelled.shift(3601)
    assert await told(room, TUESDAY, WEDNESDAY) == {}


async def test_a_hall_is_busy_when_a_part_is(here):
    part = await make.room(here.hub)
    await RoomPart.create(whole=here.hall, part=part)
    await held(part, await booked(part, TUESDAY, here.booker))
    assert await told(here.hall, TUESDAY, WEDNESDAY) == {"BUSY": [between(TUESDAY, "10:00", "12:00")]}


async def test_where_nobody_said_when_it_opens_nothing_is_closed(here):
    assert await told(here.hall, TUESDAY, WEDNESDAY) == {}


async def test_the_file_reads_back_and_is_in_utc(client, here):
    await make.opening_hours(here.hub, "09:00", "17:00", "0123456")
    summer = date(2027, 7, 6)
    await held(here.room, await booked(here.room, summer, here.booker))
    token = await link("room", here.room.id)
    answer = await client.get(f"/feeds/{token}.ifb")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/calendar")
    [busy] = icalendar.Calendar.from_ical(answer.text).walk("VFREEBUSY")
    assert busy["DTSTART"].dt.utcoffset() == timedelta(0) and busy["DTEND"].dt - busy["DTSTART"].dt > timedelta(
        days=429
    )
    assert "FREEBUSY;FBTYPE=BUSY:20270706T090000Z/20270706T110000Z\r\n" in answer.text
    lines = [line for line in answer.text.split("\r\n") if line.startswith("FREEBUSY")]
    starts = [line.split(":")[1] for line in lines]
    assert starts == sorted(starts) and len(lines) > 400
    for words in ("Blue room", "Ferndown", "Debt clinic", "Citizens"):
        assert words not in answer.text
    again = await client.get(f"/feeds/{token}.ifb", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_restricted_room_gives_times_and_no_word(client, here, secrets_here):
    answer = await client.get(f"/feeds/{await link('room', secrets_here.room.id)}.ifb")
    assert answer.status_code == 200 and "Hidden" not in answer.text


@pytest.mark.parametrize("kind", ["location", "hub", "partner"])
async def test_only_a_room_has_free_and_busy_times(client, here, kind):
    about = here.partner.id if kind == "partner" else here.hub.id
    assert (await client.get(f"/feeds/{await link(kind, about)}.ifb")).status_code == 404


def test_hours_over_the_clock_changes_stay_wall_time():
    opening = Opening(dict.fromkeys(range(7), (("10:00", "12:00"),)))
    for first in (date(2027, 3, 27), date(2027, 10, 30)):
        gaps = closed(opening, clock.at(first, "00:00"), clock.at(first + timedelta(days=3), "00:00"))
        walls = [clock.local(instant).strftime("%H:%M") for gap in gaps for instant in gap]
        assert walls == ["00:00", "10:00", "12:00", "10:00", "12:00", "10:00", "12:00", "00:00"]


START = clock.at(TUESDAY, "00:00")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-10, 60), st.integers(1, 20)), max_size=12))
def test_joined_times_cover_the_same_minutes_and_never_touch(spans):
    def at(minute: int) -> datetime:
        return START + timedelta(minutes=minute)

    together = joined([(at(n), at(n + length)) for n, length in spans], at(0), at(50))
    covered = {minute for n, length in spans for minute in range(n, n + length) if 0 <= minute < 50}
    assert {
        m for s, e in together for m in range(int((s - START).seconds / 60), int((e - START).total_seconds() / 60))
    } == covered
    assert all(one[1] < two[0] for one, two in pairwise(together))
