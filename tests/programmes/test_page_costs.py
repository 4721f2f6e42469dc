"""A page costs at most 6 queries, whatever the tables hold; counted, not timed."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from booking import clock
from booking.places.models import Location
from booking.programmes.models import Session, Topic
from tests import make

MOST = 6
ALL_FILTERS = (
    "/?near=BH22+9TH&within=any&age=12&day=0&day=1&day=2&day=3&day=4&day=5&day=6&time=morning&time=afternoon&time=evening"
    "&how=in_person&booked=drop_in&topic=play&hub=the-hub&words=messy&when=28&sort=near"
)


async def county(hub: Location, runs: int, sessions: int) -> Session:
    """So many drop-in runs of so many sessions at a hub, all of them what ALL_FILTERS asks for; the last one made."""
    await make.Postcode.create(postcode="BH229TH", lat=50.8, lon=-1.9)
    topic = await Topic.create(code="play", name="Play")
    offered = {"programme": await make.programme(topic=topic), "booking_mode": "drop_in", "search_words": "messy play"}
    for _ in range(runs):
        run = await make.run(location=hub, min_age_months=0, max_age_months=60, **offered)
        for n in range(sessions):
            last = await make.session(run, date=clock.today() + timedelta(days=1 + n))
    return last


@pytest.fixture(params=[(1, 1), (12, 6)], ids=["few rows", "many rows"])
async def session(request, database) -> Session:
    return await county(await make.location(slug="the-hub"), *request.param)


@pytest.fixture
def cost(client, caplog) -> Any:
    """How many statements a page sends, of whatever kind, when it is asked for again but not from memory."""

    async def of(path: str) -> int:
        await client.get(path)
        with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
            caplog.clear()
            answer = await client.get(path)
        assert answer.status_code == 200, path
        return sum(record.name == "tortoise.db_client" for record in caplog.records)

    return of


@pytest.mark.parametrize("path", ["/", "/?near=BH22+9TH", "/?near=Nowhere", "/?view=week&near=BH22+9TH", ALL_FILTERS])
async def test_whats_on(session, cost, path):
    assert 1 < await cost(path) <= MOST


async def test_all_filters_find_what_they_ask_for(session, client):
    page = (await client.get(ALL_FILTERS)).text
    assert page.count('class="result is-drop_in') in (1, 50)


async def test_a_session_and_a_course(session, cost):
    assert 1 < await cost(f"/sessions/{session.id}") <= MOST
    assert 1 < await cost(f"/courses/{(await session.run).slug}") <= MOST


@pytest.mark.parametrize("path", ["/hubs", "/hubs?near=BH22+9TH", "/places/the-hub"])
async def test_hubs_and_places(session, cost, path):
    assert 1 < await cost(path) <= MOST
