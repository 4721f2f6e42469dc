"""A swap racing a swap, a withdrawal, a manager who assigns, a publishing: one wins, the other is told, nothing is half done."""

import asyncio

import pytest

from booking import db
from booking.problems import Refused
from booking.rotas import assigning, publishing
from booking.rotas.duties import swaps
from booking.rotas.models import Assignment, SwapRequest
from tests import make
from tests.rotas.test_duties import in_days
from tests.rotas.test_swaps import Small, holders

pytestmark = pytest.mark.slow
ROUNDS = 5


@pytest.fixture
async def here(real_database):
    return await Small().fill()


async def outcome(act):
    """What became of one of those who race."""
    try:
        await act
    except Refused as refused:
        return sorted(refused.rules)
    return ["won"]


async def agreed_again(here):
    """All as at the beginning, and the swap agreed."""
    await db.execute("UPDATE swap_request SET state = 'withdrawn' WHERE state IN ('asked', 'agreed')")
    for shift, owner in ((here.mine, here.sam), (here.theirs, here.kim)):
        await Assignment.filter(shift_id=shift.id).delete()
        await make.assignment(shift, owner)
    return await here.agreed(back=True)


async def is_whole(here, swap_id) -> bool:
    """Whether the swap is done and both duties have changed hands, or it is not and the colleague has kept theirs."""
    is_done = (await SwapRequest.get(id=swap_id)).state == "approved"
    owner = here.sam if is_done else here.kim
    return await holders(here.theirs) == [[owner.id] * 2]


async def test_of_two_who_ask_about_one_duty_one_wins(here):
    bo = await make.worker(here.hub, known_as="Bo Lane")
    for _ in range(ROUNDS):
        found = await asyncio.gather(outcome(here.ask()), outcome(here.ask(to=bo)))
        assert sorted(found) == [["already asked"], ["won"]]
        assert await SwapRequest.filter(state="asked").count() == 1
        await db.execute("UPDATE swap_request SET state = 'withdrawn'")


async def test_of_two_managers_one_decides(here):
    for _ in range(ROUNDS):
        swap_id = await agreed_again(here)
        found = await asyncio.gather(
            outcome(swaps.approve(swap_id=swap_id, by=here.manager)),
            outcome(swaps.refuse(swap_id=swap_id, by=here.manager, why="No")),
        )
        assert sorted(found) == [["answered"], ["won"]]
        assert await is_whole(here, swap_id)


async def test_a_swap_that_is_withdrawn_while_it_is_approved_is_the_one_or_the_other(here):
    for _ in range(ROUNDS):
        swap_id = await agreed_again(here)
        found = await asyncio.gather(
            outcome(swaps.withdraw(swap_id=swap_id, staff_id=here.sam.id, by=None)),
            outcome(swaps.approve(swap_id=swap_id, by=here.manager)),
        )
        assert sorted(found) == [["answered"], ["won"]]
        assert await is_whole(here, swap_id)


async def test_of_two_swaps_for_one_duty_in_return_one_wins(here):
    bo = await make.worker(here.hub, known_as="Bo Lane")
    other = await make.shift(here.hub, date=in_days(2))
    for _ in range(ROUNDS):
        swap_id = await agreed_again(here)
        await Assignment.filter(shift_id=other.id).delete()
        await make.assignment(other, bo)
        rival = await swaps.ask(
            shift_id=other.id,
            from_staff_id=bo.id,
            to_staff_id=here.kim.id,
            in_return_id=here.theirs.id,
            words="",
            by=None,
        )
        await swaps.agree(swap_id=rival, staff_id=here.kim.id, by=None)
        found = await asyncio.gather(*(outcome(swaps.approve(swap_id=id, by=here.manager)) for id in (swap_id, rival)))
        assert sorted(found) == [["void"], ["won"]]
        states = {(await SwapRequest.get(id=id)).state for id in (swap_id, rival)}
        assert states == {"approved", "void"}
        assert await Assignment.filter(layer="published").count() == 3


async def test_a_swap_and_a_manager_who_gives_the_duty_away(here):
    bo = await make.worker(here.hub, known_as="Bo Lane")
    for _ in range(ROUNDS):
        swap_id = await agreed_again(here)
        found = await asyncio.gather(
            outcome(swaps.approve(swap_id=swap_id, by=here.manager)),
            outcome(assigning.assign(here.mine.id, bo.id, by=here.manager, layers=assigning.BOTH)),
        )
        assert found[1] == ["won"]
        assert found[0] in (["won"], ["void"])
        assert await holders(here.mine) == [[bo.id] * 2]
        assert await is_whole(here, swap_id)


async def test_a_swap_and_a_publishing(here):
    bo = await make.worker(here.hub, known_as="Bo Lane")
    for _ in range(ROUNDS):
        swap_id = await agreed_again(here)
        await assigning.assign(here.mine.id, bo.id, by=here.manager)
        found = await asyncio.gather(
            outcome(swaps.approve(swap_id=swap_id, by=here.manager)),
            outcome(publishing.publish(here.hub.id, in_days(0), in_days(6), by=here.manager, reason="In time")),
        )
        assert ["won"] in found
        winner = here.kim if found[0] == ["won"] else bo
        assert await holders(here.mine) == [[winner.id] * 2]
        assert await is_whole(here, swap_id)
