"""Swaps that the rota has overtaken end by themselves, and both who asked and who was asked hear so, once."""

import pytest

from booking import clock
from booking.messages.models import Message
from booking.rotas import assigning
from booking.rotas.duties import overtaken
from booking.rotas.models import Assignment, Shift, SwapRequest
from tests import make
from tests.rotas.test_swaps import Small


@pytest.fixture
async def here(database):
    return await Small().fill()


async def heard() -> list:
    return sorted(row.person_id for row in await Message.filter(kind="swap_decided", state="queued"))


async def test_a_duty_that_a_manager_gave_to_another_ends_its_swap(here):
    swap_id, other = await here.ask(), await make.worker(here.hub)
    await assigning.assign(here.mine.id, other.id, by=None, layers=assigning.BOTH)
    assert (await overtaken.settle(), await overtaken.settle()) == (1, 0)
    assert (await SwapRequest.get(id=swap_id)).state == "void"
    assert await heard() == sorted([here.sam.person_id, here.kim.person_id])


async def test_the_one_in_return_counts_as_well(here):
    await here.agreed(back=True)
    await Assignment.filter(shift_id=here.theirs.id, layer="published").delete()
    assert await overtaken.settle() == 1


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"starts_at": clock.now().replace(year=2020)}])
async def test_what_is_off_or_has_begun_is_swapped_no_more(here, change):
    await here.ask()
    await Shift.filter(id=here.mine.id).update(**change)
    assert await overtaken.settle() == 1


async def test_a_swap_that_can_go_on_stays(here):
    await here.ask(back=True)
    assert await overtaken.settle() == 0
    assert await heard() == []


async def test_when_its_duty_moves_both_hear_that_there_is_nothing_to_swap(here):
    await here.agreed()
    await overtaken.end_all([here.mine.id])
    assert await heard() == sorted([here.sam.person_id, here.kim.person_id])
    assert not await Message.filter(kind="swap_asked", state="queued").exists()
