"""Who takes a session takes its preparation and follow-up along, by text or given by a manager, where the rules let them."""

import pytest
import time_machine

from booking.rotas.models import CoverAsk
from booking.rotas.repair import accepting, answering, asking
from tests import make
from tests.rotas.covering import DAY, MORNING, Hub, messages, seats, state_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture
async def hub():
    with time_machine.travel(MORNING, tick=False):
        self = await Hub.make()
        self.session = await make.session(
            await make.run(location=self.at), date=DAY, start_time="18:00", end_time="19:00"
        )
        self.lead = await make.shift(self.at, session=self.session)
        beside = {"session": self.session, "date": DAY}
        self.before = await make.shift(self.at, kind="preparation", start="17:00", end="18:00", **beside)
        self.after = await make.shift(self.at, kind="follow_up", start="19:00", end="20:00", **beside)
        yield self


async def theirs(member, *shifts):
    return [await seats(each) == {"draft": member.id, "published": member.id} for each in shifts]


async def test_a_yes_takes_along_what_nobody_has(hub):
    kim, lee = await hub.ask(hub.lead, hub.kim, hub.lee)
    await asking.ask(shift_id=hub.after.id, staff_ids=[hub.kim.id], by=hub.tom)
    assert (await answering.take(kim.id)).outcome == "yours"
    assert all(await theirs(hub.kim, hub.lead, hub.before, hub.after))
    assert "duty_changed" in await messages(hub.kim) and "cover_thanks" not in await messages(hub.kim)
    assert (await CoverAsk.get(shift_id=hub.after.id)).state == "yes" and await state_of(lee) == "closed"


async def test_what_the_rules_are_against_stays_and_what_a_colleague_has_too(hub):
    await make.assignment(hub.before, hub.lee)
    await make.assignment(await hub.shift(start="19:30", end="21:00"), hub.kim)
    [kim] = await hub.ask(hub.lead, hub.kim)
    assert (await answering.take(kim.id)).outcome == "yours"
    assert await theirs(hub.kim, hub.lead, hub.before, hub.after) == [True, False, False]
    assert await theirs(hub.lee, hub.before) == [True] and await seats(hub.after) == {}


async def test_who_cannot_come_gives_it_all_away(hub):
    for each in (hub.lead, hub.before, hub.after):
        await make.assignment(each, hub.sam, answer="declined" if each is hub.lead else "")
    [kim] = await hub.ask(hub.lead, hub.kim)
    await answering.take(kim.id)
    assert all(await theirs(hub.kim, hub.lead, hub.before, hub.after))
    assert (await messages(hub.sam)).count("duty_changed") == 1


async def test_given_by_a_manager_it_goes_along_and_a_proposal_does_what_is_ticked(hub):
    assert await accepting.accept({hub.lead.id: (None, hub.lee.id)}, by=hub.tom) == 1
    assert await theirs(hub.lee, hub.lead, hub.before, hub.after) == [True, False, False]
    assert await accepting.give(hub.lead.id, hub.lee.id, hub.kim.id, by=hub.tom) == 3
    assert all(await theirs(hub.kim, hub.lead, hub.before, hub.after))
