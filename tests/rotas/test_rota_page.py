"""The rota page: who sees what of it, what it says of gaps, rules and hours, and that it asks the database a fixed number of times."""

import logging
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import clock
from booking.rotas.models import Assignment
from booking.rotas.pages import hub_shown
from booking.words import day_words
from tests import make


def monday():
    today = clock.today()
    return today - timedelta(days=today.weekday()) + timedelta(days=7)


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Library", hub_name="Ferndown Family Hub")


async def open_as(client, kind, hub, path=""):
    await make.sign_in_staff(client, await make.staff(kind, hub.id if hub else None))
    return await client.get(f"/staff/rota?date={monday()}{path}")


async def test_a_gap_says_in_words_what_it_needs_and_leads_to_its_shift(client, hub):
    shift = await make.shift(hub, date=monday(), skills="keyholder")
    page = (await open_as(client, "hub_manager", hub)).text
    assert "needs 1: keyholder" in page
    assert f'href="/staff/rota/shifts/{shift.id}"' in page
    assert "1 gap" in page


async def test_a_person_has_a_row_with_duties_hours_and_contract(client, hub):
    sam = await make.worker(hub, known_as="Sam Green")
    await make.assignment(await make.shift(hub, date=monday()), sam)
    page = (await open_as(client, "hub_manager", hub)).text
    assert "<b>Sam Green</b>" in page
    assert "4 of 37 h" in page
    assert "9am to 1pm" in page


async def test_a_broken_rule_is_said_in_a_whole_sentence(client, hub):
    sam = await make.worker(hub, known_as="Sam Green")
    await make.leave(sam, monday())
    await make.assignment(await make.shift(hub, date=monday()), sam)
    page = (await open_as(client, "hub_manager", hub)).text
    assert "Sam Green is on leave on" in page
    assert "On leave" in page


async def test_the_draft_says_where_it_is_not_as_published(client, hub):
    sam, kim = await make.worker(hub, known_as="Sam Green"), await make.worker(hub, known_as="Kim Lee")
    new, changed = await make.shift(hub, date=monday()), await make.shift(hub, date=monday() + timedelta(days=1))
    await make.assignment(new, sam, "draft")
    await make.assignment(changed, sam, "draft")
    await make.assignment(changed, kim, "published")
    page = (await open_as(client, "hub_manager", hub)).text
    assert "Not published" in page
    assert "Published: Kim Lee" in page
    assert "2 duties not as published" in page


async def test_what_is_published_at_another_hub_is_not_counted_as_unpublished_here(client, hub):
    sam = await make.worker(hub, known_as="Sam Green")
    other = await make.location(name="Wareham", hub_name="Wareham Family Hub", lat=hub.lat, lon=hub.lon)
    await make.assignment(await make.shift(hub, date=monday()), sam)
    await make.assignment(await make.shift(other, date=monday() + timedelta(days=1)), sam, "draft")
    page = (await open_as(client, "hub_manager", hub)).text
    assert "Wareham" in page and "As published" in page and "not as published" not in page


@pytest.mark.parametrize(
    "path", ["", "&weeks=4", "&by=place", "&weeks=4&by=place", "&gaps=yes", "&me=yes", "&kind=cover"]
)
async def test_every_way_of_looking_is_there(client, hub, path):
    await make.assignment(await make.shift(hub, date=monday()), await make.worker(hub))
    assert (await open_as(client, "hub_staff", hub, path)).status_code == 200


async def test_staff_may_read_but_nothing_can_be_moved(client, hub):
    await make.assignment(await make.shift(hub, date=monday()), await make.worker(hub, known_as="Sam Green"))
    page = (await open_as(client, "hub_staff", hub)).text
    assert "Sam Green" in page
    assert "data-moves" not in page
    assert "data-may-plan" not in page


async def test_staff_of_another_hub_see_nothing_of_it(client, hub):
    other = await make.location()
    await make.assignment(await make.shift(hub, date=monday()), await make.worker(hub, known_as="Sam Green"))
    assert "Sam Green" not in (await open_as(client, "hub_manager", other)).text
    assert (await client.get(f"/staff/rota?hub={hub.id}")).status_code == 404
    assert (await client.get(f"/staff/rota?place={hub.id}")).status_code == 404


async def test_a_stranger_is_sent_to_the_sign_in(client, hub):
    answer = await client.get("/staff/rota")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/staff/sign-in")


@pytest.mark.parametrize("path", ["", "&by=place", "&weeks=4", "&weeks=4&by=place"])
async def test_a_restricted_session_is_private_to_all_but_staff_of_its_hub(client, hub, path):
    """Somebody of another hub works there: their own managers learn the time, nothing else."""
    home = await make.location(name="Wimborne Family Hub")
    run = await make.run(location=hub, title="Safe and Together", is_restricted=True)
    shift = await make.shift(session=await make.session(run, location=hub, date=monday()))
    kim = await make.worker(home, known_as="Kim Lee")
    await make.assignment(shift, kim)
    for kind, at in (("hub_manager", home), ("county_admin", None)):
        page = (await open_as(client, kind, at, path)).text
        assert "Safe and Together" not in page
        assert str(shift.id) not in page
    page = (await open_as(client, "hub_manager", home)).text  # by person
    assert "Private booking" in page
    assert "Ferndown" not in page
    assert "Safe and Together" in (await open_as(client, "hub_staff", hub)).text


async def test_the_number_of_queries_is_fixed(client, hub):
    async def queries(more: str) -> int:
        lines: list[logging.LogRecord] = []
        counter, log = logging.Handler(), logging.getLogger("tortoise.db_client")
        counter.emit = lines.append  # type: ignore[method-assign]
        log.addHandler(counter)
        log.setLevel(logging.DEBUG)
        await client.get(f"/staff/rota?date={monday()}&weeks=4{more}")
        log.removeHandler(counter)
        log.setLevel(logging.INFO)
        return len(lines)

    await make.assignment(await make.shift(hub, date=monday()), await make.worker(hub))
    await make.location()
    await open_as(client, "county_admin", None)
    ways = "", "&hub=all"
    before = [await queries(more) for more in ways]
    for n in range(6):
        at = await make.location()
        await make.assignment(await make.shift(at, date=monday() + timedelta(days=n)), await make.worker(at))
    assert [await queries(more) for more in ways] == before
    assert max(before) < 25
    assert await Assignment.all().count() == 14


@pytest.fixture
async def two_hubs(hub):
    other = await make.location(name="Wimborne Family Hub", hub_name="Wimborne Family Hub")
    sam, kim = await make.worker(hub, known_as="Sam Green"), await make.worker(other, known_as="Kim Lee")
    await make.assignment(await make.shift(hub, date=monday()), sam)
    await make.assignment(await make.shift(other, date=monday()), kim)
    await make.shift(other, date=monday() + timedelta(days=1))
    return hub, other


async def test_the_county_begins_with_its_first_hub(client, two_hubs):
    page = (await open_as(client, "county_admin", None)).text
    assert "Sam Green" in page
    assert "Kim Lee" not in page


async def test_the_hub_last_looked_at_is_shown_again(client, two_hubs):
    await open_as(client, "county_admin", None, f"&hub={two_hubs[1].id}")
    assert "Kim Lee" in (await client.get(f"/staff/rota?date={monday()}")).text
    assert "Kim Lee" in (await client.get(f"/staff/rota?date={monday()}&place={two_hubs[1].id}")).text
    assert "Sam Green" in (await client.get(f"/staff/rota?date={monday()}&place={two_hubs[0].id}")).text


@pytest.mark.parametrize("path", ["", "&weeks=4", "&gaps=yes", "&by=place"])
async def test_all_hubs_are_a_line_each_that_leads_to_its_rota(client, two_hubs, path):
    page = (await open_as(client, "county_admin", None, f"&hub=all{path}")).text
    for each in two_hubs:
        assert f'href="/staff/rota?hub={each.id}&amp;date={monday()}' in page
    assert "1 of 2" in page or "gaps=yes" in path
    assert "Kim Lee" not in page
    assert 'class="duty ' not in page
    assert "hub=all" in page  # the other weeks are of all hubs too


def test_the_hub_that_was_kept_is_no_door_to_one_that_is_not_theirs():
    mine, other = uuid4(), uuid4()
    kept = cast(Request, SimpleNamespace(session={hub_shown.KEY: other.hex}))
    assert hub_shown.hub_of(kept, [mine], "") == mine
    with pytest.raises(HTTPException):
        hub_shown.hub_of(kept, [mine], str(other))


async def test_warnings_are_said_once_a_person_with_each_day_as_a_link(client, hub):
    sam = await make.worker(hub, known_as="Sam Green")
    shifts = {}
    for day in (0, 1, 3):
        for start, end in (("09:00", "13:00"), ("13:00", "17:00")):
            shifts[day] = await make.shift(hub, date=monday() + timedelta(days=day), start=start, end=end)
            await make.assignment(shifts[day], sam)
    page = (await open_as(client, "hub_manager", hub)).text
    line = page.split("Sam Green: no break on 3 days: ")[1].split("</li>")[0]
    assert line.count("/staff/rota/shifts/") == 3
    assert page.count("no break on") == 1
    assert page.index("alone in the building") < page.index("no break on")  # what is broken comes first


async def test_publishing_and_adding_a_shift_are_about_the_weeks_that_are_looked_at(client, hub):
    week = monday() + timedelta(days=28)
    await make.assignment(await make.shift(hub, date=week), await make.worker(hub), "draft")
    await open_as(client, "hub_manager", hub)
    page = (await client.get(f"/staff/rota?date={week}")).text.replace("&amp;", "&")
    publish, new = (re.search(rf'href="(/staff/rota/{path}[^"]*)"', page) for path in ("publish", "shifts/new"))
    shown = (await client.get(publish[1])).text
    assert f"{day_words(week)} to {day_words(week + timedelta(days=6))}" in shown and "Who is told what" in shown
    assert f'value="{week}"' in (await client.get(new[1])).text
