"""A duty that somebody declined at a hub that is not theirs is shown to the managers of both hubs, of a restricted one its time only."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import clock
from tests import make

SWAPS = "/staff/rota/swaps"
ELSEWHERE = "A duty of another hub"


@pytest.fixture
async def here(database):
    home, other = await make.location(name="Wimborne Family Hub"), await make.location(name="Ferndown Family Hub")
    kim = await make.worker(home, known_as="Kim Hall")
    shift = await make.shift(other, title="Front desk")
    await make.assignment(shift, kim, answer="declined", answer_words="The car is broken", answered_at=clock.now())
    return SimpleNamespace(home=home, other=other, kim=kim, shift=shift)


async def seen(client, kind, hub, path=SWAPS):
    await make.sign_in_staff(client, await make.staff(kind, hub.id if hub else None))
    return (await client.get(path)).text


async def test_the_manager_of_their_own_hub_reads_it_and_who_can_change_it(client, here):
    page = await seen(client, "hub_manager", here.home)
    assert "Kim Hall: The car is broken" in page and "Front desk" in page and ELSEWHERE in page
    assert str(here.shift.id) not in page
    assert "1 duty is declined" in (await client.get("/staff")).text


async def test_the_manager_of_its_hub_reads_it_with_its_link(client, here):
    page = await seen(client, "hub_manager", here.other)
    assert "Kim Hall: The car is broken" in page and ELSEWHERE not in page
    assert f'href="/staff/rota/shifts/{here.shift.id}"' in page
    assert "1 duty is declined" in (await client.get("/staff")).text


async def test_other_hubs_and_those_who_do_not_plan_there_read_nothing(client, here):
    assert "Kim Hall" not in await seen(client, "hub_manager", await make.location())
    assert "declined</a>" not in (await client.get("/staff")).text
    assert "Kim Hall" not in await seen(client, "hub_staff", here.home)


async def test_of_a_restricted_one_their_own_hub_reads_the_time(client, here):
    run = await make.run(location=here.other, title="Safe and Together", is_restricted=True)
    secret = await make.shift(
        session=await make.session(run, location=here.other, date=clock.today() + timedelta(days=9))
    )
    await make.assignment(secret, here.kim, answer="declined", answer_words="I know her", answered_at=clock.now())
    for kind, at in (("hub_manager", here.home), ("county_admin", None)):
        page = await seen(client, kind, at)
        assert page.count("Kim Hall") == 2 and "Private booking" in page
        assert not any(each in page for each in ("Safe and Together", "I know her", str(secret.id)))
    assert "Safe and Together" in await seen(client, "hub_manager", here.other)


async def test_at_a_hub_that_is_restricted_they_read_the_time(client, here):
    await type(here.other).filter(id=here.other.id).update(is_restricted=True)
    page = await seen(client, "hub_manager", here.home)
    assert "Private booking" in page and "Front desk" not in page and "The car" not in page and "Ferndown" not in page
