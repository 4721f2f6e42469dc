"""Dates changed, switched, cancelled, undone and booked from four processes at once, and killed in the middle: rooms are never held
twice, nobody loses a place, and nothing is left half done (promises P1, P2, P9)."""

import asyncio
import json
import sys
import time
from collections import Counter

import pytest

from booking import db
from booking.settings import ROOT
from tests import make
from tests.places.test_room_rush import double_bookings, overlaps
from tests.programmes.changing_calls import course, everything, family
from tests.programmes.changing_worker import STEPS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PROCESSES = 4

# a session that meets in its room holds that and no other, at its own time; one that is online or cancelled holds none
WRONG_ROOMS = """
    SELECT COUNT(*) AS n FROM session s JOIN run r ON r.id = s.run_id LEFT JOIN room_booking b ON b.id = s.room_booking_id
    LEFT JOIN room_hold h ON h.room_booking_id = b.id
    WHERE (s.state = 'planned' AND COALESCE(NULLIF(s.delivery, ''), r.delivery) <> 'online') <> (h.id IS NOT NULL)
    OR (h.id IS NOT NULL AND (h.room_id <> s.room_id OR h.starts_at <> s.starts_at OR h.ends_at <> s.ends_at
        OR b.state <> 'confirmed' OR b.starts_at <> s.starts_at))
"""
LOST_PLACES = """
    SELECT COUNT(*) AS n FROM session s WHERE s.taken > s.places OR s.taken <>
    (SELECT COALESCE(SUM(l.places), 0) FROM lease l WHERE l.session_id = s.id AND l.released_at IS NULL)
    + (SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.session_id = s.id AND b.state = 'booked')
"""


@pytest.fixture
async def scene(real_database):
    hub = await make.location()
    await make.opening_hours(hub, weekdays="0123456")
    rooms = [await make.room(hub) for _ in range(3)]
    maya = await make.staff("hub_manager", hub.id)
    return real_database.url, hub, rooms, f"{maya.id},{hub.id}"


async def test_whatever_happens_at_once_rooms_and_places_are_right(scene):
    url, hub, rooms, who = scene
    courses = [await course(hub, room, 4, booking_mode="session", places=5) for room in rooms]
    await family(courses[2][0])
    runs, own = ",".join(str(c[0].run_id) for c in courses), ",".join(str(room.id) for room in rooms)
    start, running = str(time.monotonic() + 4), []
    for n in range(PROCESSES):
        command = ("tests.programmes.changing_worker", url, "rush", start, str(1000 * n), who, runs, own)
        running.append(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
            )
        )
    ended = [await one.communicate() for one in running]
    assert [one.returncode for one in running] == [0] * PROCESSES
    said: Counter[str] = sum((Counter(json.loads(out)) for out, _ in ended), Counter())
    assert said["_change"] + said["_move"] + said["_switch"] > 5 and said["_lease"] > 3 and said["_cancel"] > 0
    assert (await overlaps(), await double_bookings()) == (0, 0)
    assert await db.value(WRONG_ROOMS) == 0
    assert await db.value(LOST_PLACES) == 0


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_nothing_is_half_done(scene, step):
    url, hub, rooms, who = scene
    sessions = await course(hub, rooms[0])
    await family(await sessions[0].run)
    before = await everything()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.programmes.changing_worker", url, step, who, str(sessions[0].id)),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"here\n"
    process.kill()
    await process.wait()
    assert await everything() == before
    assert await db.value("SELECT (SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM audit_event) AS n") == 0
