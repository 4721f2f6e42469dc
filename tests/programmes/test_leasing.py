"""Places are kept for ten minutes, counted while they are, and come back by themselves (promise P2)."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock
from booking.problems import Refused
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Run, Session
from tests import make

pytestmark = pytest.mark.usefixtures("database")


async def target_of(session: Session) -> Target:
    return Target(session.run_id, session.id)


async def taken(session: Session) -> int:
    return (await Session.get(id=session.id)).taken


async def test_it_counts_a_leased_place_as_taken():
    session = await make.session(places=2)
    await leasing.lease(await target_of(session))
    assert await taken(session) == 1


async def test_the_last_place_goes_once():
    session = await make.session(places=1)
    await leasing.lease(await target_of(session))
    with pytest.raises(Refused) as refused:
        await leasing.lease(await target_of(session))
    assert refused.value.rules == {"full"}


async def test_a_place_whose_time_is_over_is_given_to_the_next_who_asks():
    session = await make.session(places=1)
    target = await target_of(session)
    await leasing.lease(target)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False):
        await leasing.lease(target)
    assert await taken(session) == 1


async def test_the_jobs_free_what_nobody_asks_for():
    session, run = await make.session(places=3), await make.run(places=3, booking_mode="run")
    await leasing.lease(await target_of(session), places=2)
    await leasing.lease(Target(run.id))
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert await leasing.free_expired() == 2
        assert await leasing.free_expired() == 0
    assert (await taken(session), (await Run.get(id=run.id)).taken) == (0, 0)


async def test_a_cancelled_session_and_one_that_has_begun_are_refused_by_their_rule():
    cancelled, begun = await make.session(state="cancelled"), await make.session()
    with pytest.raises(Refused) as refused:
        await leasing.lease(await target_of(cancelled))
    assert refused.value.rules == {"cancelled"}
    with time_machine.travel(begun.starts_at, tick=False), pytest.raises(Refused) as refused:
        await leasing.lease(await target_of(begun))
    assert refused.value.rules == {"begun"}


async def test_more_people_need_more_places_and_too_many_leave_the_lease_as_it_was():
    session = await make.session(places=3)
    lease = await leasing.lease(await target_of(session))
    await leasing.change_places(lease, 3)
    assert await taken(session) == 3
    with pytest.raises(Refused):
        await leasing.change_places(lease, 4)
    assert (await taken(session), (await leasing.find(lease))["places"]) == (3, 3)
    await leasing.change_places(lease, 1)
    assert await taken(session) == 1


async def test_a_lease_that_has_lapsed_is_taken_up_again_while_there_is_a_place():
    session = await make.session(places=1)
    lease = await leasing.lease(await target_of(session))
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        await leasing.free_expired()
        await leasing.change_places(lease, 1)
        assert (await leasing.find(lease))["released_at"] is None
    assert await taken(session) == 1


async def test_giving_a_lease_back_frees_it_at_once_and_only_once():
    session = await make.session(places=1)
    lease = await leasing.lease(await target_of(session))
    await leasing.release(lease)
    await leasing.release(lease)
    assert await taken(session) == 0
    assert await leasing.find(lease) is None


async def test_a_draft_for_the_waiting_list_keeps_no_place():
    session = await make.session(places=1)
    await leasing.start_waiting_draft(await target_of(session))
    assert await taken(session) == 0


async def test_a_draft_for_the_waiting_list_is_forgotten_when_others_are():
    draft = await leasing.start_waiting_draft(await target_of(await make.session(places=1)))
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert await leasing.free_expired() == 1
        assert await leasing.forget_drafts() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=132), tick=False):
        assert await leasing.forget_drafts() == 1
    assert await leasing.find(draft) is None


async def test_drafts_nobody_finished_are_forgotten_two_hours_later():
    lease = await leasing.lease(await target_of(await make.session()))
    await leasing.keep_draft(lease, '{"adults": ["Sam"]}')
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        await leasing.free_expired()
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert await leasing.forget_drafts() == 1
    assert await leasing.find(lease) is None
