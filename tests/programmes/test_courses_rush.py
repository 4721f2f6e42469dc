"""Promise P2 where everything happens at once to two courses with a creche: bookings, guests, missed and cancelled dates."""

import asyncio
import os
import signal
import sys
from datetime import timedelta

import pytest

from booking import clock, db
from booking.problems import Refused
from booking.programmes import reconciling
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Booking, Run, Session
from tests import make
from tests.programmes import course_rush

ROUNDS, AT_ONCE = 14, 8


async def two_courses() -> None:
    """Twice the same programme at one hub: eight places and a creche of three, three dates, one with fewer places."""
    clock.use_zone("Europe/London")
    offered, place = await make.programme(), await make.location()
    for n in range(2):
        first = clock.today() + timedelta(days=7 + n)
        _, dates, _ = await make.course_with_creche(places=3, programme=offered, location=place, first_date=first)
        await db.execute("UPDATE run SET places = 8 WHERE id = $1", dates[0].run_id)
        await db.execute("UPDATE session SET places = 8 WHERE run_id = $1", dates[0].run_id)
        await db.execute("UPDATE session SET places = 7 WHERE id = $1", dates[2].id)


async def holds() -> None:
    """No date has more than it has places for, and every counter says what its rows say."""
    assert await course_rush.too_many() == []
    assert await reconciling.reconcile() == 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_happens_at_once_no_date_has_too_many_and_none_is_lost(real_database, seed):
    await two_courses()
    for turn in range(ROUNDS):
        seeds = (seed * 10_000 + turn * AT_ONCE + n for n in range(AT_ONCE))
        troubles = [t for t in await asyncio.gather(*(course_rush.act(each) for each in seeds)) if t]
        assert troubles == [], troubles
        await holds()
    assert await Booking.filter(catches_up_id__not_isnull=True).count() > 0


async def test_the_last_creche_places_go_once(real_database):
    clock.use_zone("Europe/London")
    run, _, beside = await make.course_with_creche(places=8)
    ada = ChildComing("Ada", clock.today().year - 2, 3)

    async def book(n: int) -> Booking | None:
        lease_id = await leasing.lease(Target(run.id))
        contact = Contact(f"Family {n}", f"+44770090{n:04}")
        try:
            return await booking_places.book(
                lease_id=lease_id, contact=contact, party=Party(("Sam",), (ada,), creche=(ada,))
            )
        except Refused as refused:
            assert refused.rules == {"creche full"}
            await leasing.release(lease_id)
            return None

    made = [each for each in await asyncio.gather(*(book(n) for n in range(12))) if each]
    assert len(made) == 8 and (await Run.get(id=run.id)).taken == 8
    assert [(await Session.get(id=each.id)).taken for each in beside] == [8, 8, 8]
    creche = await creche_places.creche_of(run.id)
    assert creche is not None and creche.left == 0
    await holds()


async def test_a_process_that_is_killed_leaves_nothing_half_done(real_database):
    await two_courses()
    for seconds in (0.7, 1.0, 1.3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.programmes.course_rush", real_database.url,
            stdout=asyncio.subprocess.PIPE, env=os.environ,
        )  # fmt: skip
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"begun"
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await asyncio.sleep(0.3)  # the server rolls back what it had begun
        await holds()
    assert await Booking.all().count() > 0
