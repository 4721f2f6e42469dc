"""The week that the rota and publishing open when nobody asks for one: the one that is still to be worked."""

from datetime import date

import pytest

from booking import clock
from tests import make

MONDAY, NEXT = date(2027, 1, 4), date(2027, 1, 11)
AT_THE_LATEST = {
    "on the Friday before": (date(2027, 1, 8), "08:00", MONDAY),
    "while it is worked": (date(2027, 1, 8), "12:59", MONDAY),
    "when it is over": (date(2027, 1, 8), "13:00", NEXT),
    "on the Sunday": (date(2027, 1, 10), "16:00", NEXT),
}


@pytest.fixture
async def hub(database):
    at = await make.location(name="Ferndown Family Hub")
    for day in (date(2027, 1, 5), date(2027, 1, 8), date(2027, 1, 12)):
        await make.shift(at, date=day)
    return at


@pytest.mark.parametrize(("day", "time", "first"), AT_THE_LATEST.values(), ids=AT_THE_LATEST.keys())
async def test_the_next_week_is_shown_once_nothing_is_left_of_this_one(client, hub, monkeypatch, day, time, first):
    monkeypatch.setattr(clock, "now", lambda: clock.at(day, time))
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    rota = (await client.get("/staff/rota")).text
    assert f'data-date="{first}"' in rota
    assert ("This week" in rota) == (first == NEXT)
    assert f'type="date" value="{first}"' in (await client.get("/staff/rota/publish")).text


async def test_what_is_left_at_another_hub_or_is_off_does_not_count(client, hub, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 8), "18:00"))
    await make.shift(await make.location(), date=date(2027, 1, 9))
    await make.shift(hub, date=date(2027, 1, 9), state="cancelled")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert f'data-date="{NEXT}"' in (await client.get(f"/staff/rota?hub={hub.id}")).text
    assert f'name="date" type="date" value="{MONDAY}"' in (await client.get("/staff/rota?hub=all")).text


async def test_a_week_that_is_asked_for_is_shown_whatever_is_left_of_it(client, hub, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 10), "16:00"))
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = (await client.get("/staff/rota?date=2027-01-10")).text
    assert f'data-date="{MONDAY}"' in page and f'data-date="{NEXT}"' not in page
