"""Promises P1 and P2 where families and staff do everything at once to the same runs, in several processes: no date has too many,
no place is lost, no room is held twice, and whoever cannot have something reads why."""

import asyncio
import json
import os
import sys
from collections import Counter
from datetime import timedelta

from booking import clock, db
from booking.programmes import reconciling
from tests import make
from tests.programmes import course_rush
from tests.programmes.clinics import clinic

PROCESSES = 3
SECONDS = os.environ.get("BOOKING_RUSH_SECONDS", "4")


async def a_busy_hub() -> str:
    """Two courses with creches, a group and a clinic at one hub with three rooms; returns who works there."""
    clock.use_zone("Europe/London")
    offered, place = await make.programme(entry_sessions=3), await make.location()
    rooms = [await make.room(place, capacity=30) for _ in range(3)]
    first = clock.today() + timedelta(days=9)
    for n in range(2):
        _, dates, _ = await make.course_with_creche(
            places=3, programme=offered, location=place, first_date=first + timedelta(days=n), room_id=rooms[n].id
        )
        await db.execute("UPDATE run SET places = 6 WHERE id = $1", dates[0].run_id)
        await db.execute("UPDATE session SET places = 6, room_id = $2 WHERE run_id = $1", dates[0].run_id, rooms[n].id)
        await db.execute("UPDATE session SET places = 5 WHERE id = $1", dates[2].id)
    group = await make.run(location=place, first_date=first, places=5, room_id=rooms[2].id)
    for n in range(3):
        await make.session(group, date=first + timedelta(weeks=n), number=n + 1, room_id=rooms[2].id)
    await clinic(dates=2, location=place, first_date=first + timedelta(days=2), room_id=rooms[2].id)
    maya = await make.person()
    return f"{maya.id},{place.id}"


async def work(url: str, staff: str, seed: int) -> dict:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.programmes.everything", url, staff, str(seed), SECONDS,
        stdout=asyncio.subprocess.PIPE, env=os.environ,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(said)


async def too_many() -> dict[str, list]:
    """What must never be, whatever was done."""
    asked = {
        "dates with too many": course_rush.too_many(),
        "rooms held twice": db.rows(
            "SELECT a.id FROM room_hold a JOIN room_hold b ON b.room_id = a.room_id AND b.id <> a.id"
            " AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at"
        ),
        "dates cancelled that hold a room": db.rows(
            "SELECT s.id FROM session s JOIN room_hold h ON h.room_booking_id = s.room_booking_id WHERE s.state = 'cancelled'"
        ),
        "booked on a cancelled date": db.rows(
            "SELECT b.id FROM booking b JOIN session s ON s.id = b.session_id WHERE b.state = 'booked' AND s.state <> 'planned'"
        ),
        "waiting for a cancelled date": db.rows(
            "SELECT w.id FROM waiting_entry w JOIN session s ON s.id = w.session_id WHERE w.state IN ('waiting', 'offered')"
            " AND s.state <> 'planned'"
        ),
        "offered without an offer": db.rows(
            "SELECT w.id FROM waiting_entry w WHERE (w.state = 'offered') <>"
            " EXISTS (SELECT 1 FROM offer o WHERE o.waiting_entry_id = w.id AND o.state = 'open')"
        ),
        "appointments not where they are booked": db.rows(
            "SELECT b.id FROM booking b JOIN slot x ON x.id = b.slot_id WHERE b.state = 'booked' AND (x.session_id <> b.session_id"
            " OR x.state <> 'open' OR x.taken <> 1)"
        ),
        "appointments outside their clinic": db.rows(
            "SELECT x.id FROM slot x JOIN session s ON s.id = x.session_id WHERE x.state = 'open'"
            " AND (x.starts_at < s.starts_at OR x.ends_at > s.ends_at)"
        ),
        "clinics with other places than slots": db.rows(
            "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE r.booking_mode = 'appointment' AND s.places <>"
            " (SELECT COUNT(*) FROM slot x WHERE x.session_id = s.id AND x.state = 'open')"
        ),
        "creche places of who is not booked": db.rows(
            "SELECT k.id FROM creche_place k JOIN booking b ON b.id = k.booking_id WHERE k.released_at IS NULL"
            " AND b.state <> 'booked'"
        ),
    }  # fmt: skip
    return {what: found for what, query in asked.items() if (found := await query)}


async def test_whatever_is_done_at_once_nothing_is_had_twice_and_nothing_is_lost(real_database):
    staff = await a_busy_hub()
    said = await asyncio.gather(*(work(real_database.url, staff, seed) for seed in range(PROCESSES)))
    wrong = Counter(each for one in said for each in one["wrong"])
    done = sum((Counter(one["done"]) for one in said), Counter())
    print(dict(done))
    assert not wrong, "\n".join(f"{n} times {each}" for each, n in wrong.most_common())
    assert await too_many() == {}
    assert await reconciling.reconcile() == 0
    assert done["book"] > 5 and done["undo"] > 0
