"""Offers, bookings, give-ups, cancellations and changes of places at once, from several processes, with a checked history;
and processes that are killed while they offer.
"""

import asyncio
import json
import sys
import time
from collections import Counter

import pytest
import time_machine

from booking import db
from booking.messages.models import Message
from booking.programmes import reconciling
from booking.programmes.models import Offer
from booking.programmes.waiting import offering
from booking.settings import ROOT
from tests.programmes import history
from tests.programmes.lines_of import TEN, full_course, full_session, offers, state_of, taken, waits
from tests.programmes.offers_rush_worker import STEPS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PROCESSES, TASKS, OPERATIONS = 3, 4, 20


async def rush(url: str) -> Counter[str]:
    start, running = time.monotonic() + 4, []
    for n in range(PROCESSES):
        command = (sys.executable, "-m", "tests.programmes.offers_rush_worker", url, str(start), str(100 * n), str(TASKS), str(OPERATIONS))  # fmt: skip
        running.append(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE))
    ended = [await one.communicate() for one in running]
    assert all(one.returncode == 0 for one in running)
    return sum((Counter(json.loads(out)) for out, _ in ended), Counter())


async def lost_or_doubled() -> list[dict]:
    """Counters that differ from the rows they count; counted anew, without the program's own sum."""
    return await db.rows(
        "SELECT s.id, s.taken FROM session s JOIN run r ON r.id = s.run_id WHERE r.booking_mode = 'session' AND s.taken <>"
        " (SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.session_id = s.id AND b.state = 'booked')"
        " + (SELECT COALESCE(SUM(k.places), 0) FROM lease k WHERE k.session_id = s.id AND k.released_at IS NULL)"
        " + (SELECT COALESCE(SUM(o.places), 0) FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id"
        " WHERE w.session_id = s.id AND o.state = 'open')"
        " UNION ALL SELECT r.id, r.taken FROM run r WHERE r.booking_mode = 'run' AND r.taken <>"
        " (SELECT COALESCE(SUM(b.places), 0) FROM booking b WHERE b.run_id = r.id AND b.state = 'booked')"
        " + (SELECT COALESCE(SUM(k.places), 0) FROM lease k WHERE k.run_id = r.id AND k.released_at IS NULL)"
        " + (SELECT COALESCE(SUM(o.places), 0) FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id"
        " WHERE w.run_id = r.id AND o.state = 'open')"
    )


async def test_whatever_happens_at_once_every_point_of_the_history_is_right(real_database):
    await history.keep()
    with time_machine.travel(TEN, tick=False):
        for line in ((await full_session(4))[0], (await full_session(3, days=20))[0], (await full_course(3))[0]):
            for n in range(14):
                await waits(line, n, places=3 if n % 5 == 3 else 1, priority=1 if n == 9 else 0)
    said = await rush(real_database.url)
    assert not [each for each in said if each.startswith("TROUBLE")], said
    found = history.check(await history.read())
    assert found.wrong == []
    assert found.offers >= 15 and said["take"] and said["give_up"] and said["change_places"], said
    assert await lost_or_doubled() == [] and await reconciling.reconcile() == 0
    wrong = await db.rows(
        "SELECT w.id FROM waiting_entry w WHERE (w.state = 'offered') <> EXISTS"
        " (SELECT 1 FROM offer o WHERE o.waiting_entry_id = w.id AND o.state = 'open')"
    )
    assert wrong == []
    assert await Offer.all().count() == await Message.filter(kind="offer").count()


def test_the_check_finds_what_is_wrong():
    """Its negative control: a history with every fault there is."""
    on = {"places": 1, "taken": 1, "state": "planned", "starts_at": "2027-02-11"}
    entry = {"run_id": "r", "session_id": "s", "places": 1, "priority": 0, "state": "waiting"}
    first, second = entry | {"created_at": "1"}, entry | {"created_at": "2"}
    offer = {"waiting_entry_id": "b", "places": 1, "state": "open", "expires_at": "2027-02-05"}
    line = [("session", "s", on), ("waiting_entry", "a", first), ("waiting_entry", "b", second)]
    passed = history.check([*line, ("offer", "o", offer)]).wrong
    assert len(passed) == 1 and "passed one who was before" in passed[0]
    doubled = history.check([line[0], line[2], ("offer", "o", offer), ("offer", "p", offer)]).wrong
    assert "second open one" in doubled[0]
    assert "2 of 1" in history.check([("session", "s", on | {"taken": 2})]).wrong[0]
    late = history.check([line[0], line[2], ("offer", "o", offer | {"expires_at": "2027-02-12"})]).wrong
    assert "after the start" in late[0]
    gone = history.check([("session", "s", on | {"state": "cancelled"}), line[2], ("offer", "o", offer)]).wrong
    assert "of what is cancelled" in gone[0]


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_while_it_offers_leaves_nothing_half_made(real_database, step):
    with time_machine.travel(TEN, tick=False):
        session, _ = await full_session()
        entry = await waits(session)
        await db.execute("UPDATE session SET places = 2 WHERE id = $1", session.id)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.programmes.offers_rush_worker", real_database.url, "hang", step),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"here\n"
    process.kill()
    await process.wait()
    assert (await taken(session), await state_of(entry), await offers()) == (1, "waiting", [])
    assert await Message.all().count() == 0
    with time_machine.travel(TEN, tick=False):
        assert await offering.offer_free_places() == 1
    assert (await taken(session), await state_of(entry), await offers()) == (2, "offered", ["open"])
    assert await Message.filter(kind="offer").count() == 1
