"""Who waits for a creche place keeps nobody from the course, and is offered both when the creche has room."""

import pytest

from booking import clock, db
from booking.problems import Refused
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Offer, WaitingEntry
from booking.programmes.waiting import offering
from tests import make

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def in_the_morning(monkeypatch):
    from booking.programmes.waiting import offer_times

    monkeypatch.setattr(offer_times, "is_quiet", lambda now: False)


async def waiting_for_creche(full: bool = True):
    run, _, beside = await make.course_with_creche(weeks=4, places=2)
    if full:
        await db.execute("UPDATE session SET taken = 2 WHERE run_id = $1", beside[0].run_id)
    return run, beside, await make.waiting(run, creche_children=1)


async def test_a_family_that_waits_for_a_full_creche_keeps_nobody_from_the_course():
    run, _, _ = await waiting_for_creche()
    await leasing.lease(Target(run.id))


async def test_with_room_in_the_creche_the_family_comes_first():
    run, _, _ = await waiting_for_creche(full=False)
    with pytest.raises(Refused):
        await leasing.lease(Target(run.id))


async def test_it_is_offered_a_place_once_the_creche_has_room(in_the_morning):
    run, beside, entry = await waiting_for_creche()
    after = await make.waiting(run, created_at=clock.now())
    assert await offering.offer_next(Target(run.id)) is not None
    assert (await WaitingEntry.get(id=after.id)).state == "offered"  # who needs no creche is not kept waiting
    assert await offering.offer_next(Target(run.id)) is None
    await db.execute("UPDATE session SET taken = 1 WHERE run_id = $1", beside[0].run_id)
    await offering.offer_next(Target(run.id))
    assert (await Offer.get(waiting_entry_id=entry.id)).state == "open"
