"""A month of rotas in figures: each hub's managers their own, restricted places only counted, and what leaves as CSV."""

import csv
import io
from datetime import date, timedelta

import pytest

from booking.reports import rota_figures
from tests import make
from tests.staff.conftest import count_queries, who_is

__all__ = ["count_queries"]
MONTH = date(2026, 3, 1)
MONDAY = date(2026, 3, 9)
PATH = "/staff/rota/figures"


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


async def manager(hub):
    return who_is(await make.staff("hub_manager", hub.id), kind="hub_manager", hubs=[hub.id])


async def done(hub, who, day=MONDAY, start="09:00", end="13:00", **values):
    shift = await make.shift(hub, date=day, start=start, end=end)
    if who:
        await make.assignment(shift, who, "published", **values)
    return shift


def by_name(sums):
    return {each.name: each for each in sums}


async def test_hours_are_counted_by_person_and_place_with_what_is_out_of_hours(hub):
    sam = await make.worker(hub, known_as="Sam Green", weekly_minutes=10 * 60)
    other = await make.location(name="Library", hub_id=hub.id)
    await done(hub, sam)
    await done(hub, sam, start="16:00", end="20:00")
    await done(other, sam, day=MONDAY + timedelta(days=5))
    found = await rota_figures.figures(await manager(hub), MONTH)
    mine = by_name(found.people)["Sam Green"]
    assert (mine.duties, mine.minutes, mine.out_of_hours, mine.evenings, mine.weekends) == (3, 720, 480, 1, 1)
    assert mine.agreed == round(600 * 31 / 7)
    assert {name: each.minutes for name, each in by_name(found.places).items()} == {
        "Ferndown Family Hub": 480,
        "Library": 240,
    }


async def test_only_what_is_published_counts_and_only_of_the_month(hub):
    sam = await make.worker(hub)
    draft = await make.shift(hub, date=MONDAY)
    await make.assignment(draft, sam, "draft")
    await done(hub, sam, day=date(2026, 4, 1))
    await done(hub, sam, day=date(2026, 2, 28))
    found = await rota_figures.figures(await manager(hub), MONTH)
    assert (found.all.duties, [row["id"] for row in found.unfilled]) == (0, [draft.id])


async def test_leave_counts_beside_the_hours(hub):
    sam = await make.worker(hub, weekly_minutes=37 * 60)
    await make.leave(sam, MONDAY, MONDAY + timedelta(days=4), credit_minutes=37 * 60)
    found = await rota_figures.figures(await manager(hub), MONTH)
    assert found.people[0].leave == 37 * 60


async def test_a_rule_that_was_set_aside_stands_with_its_reason_and_who_did_it(desk, hub):
    tom, sam = await make.staff("hub_manager", hub.id, name="Tom"), await make.worker(hub, known_as="Sam Green")
    await done(hub, sam, overridden="rest hours", override_reason="She offered", override_by_id=tom.id)
    page = (await desk.get(f"{PATH}?month=2026-03")).text
    assert all(words in page for words in ("Too little rest, Over agreed hours", "She offered", "Tom"))
    lines = list(
        csv.reader(io.StringIO((await desk.get(f"{PATH}.csv?month=2026-03&what=overrides")).text.lstrip("\ufeff")))
    )
    assert lines[1][3:] == ["Sam Green", "Too little rest, Over agreed hours", "She offered", "Tom"]


async def test_unfilled_duties_stand_there_with_a_link_to_fill_them(desk, hub):
    shift = await done(hub, None)
    page = (await desk.get(f"{PATH}?month=2026-03")).text
    assert f"/staff/rota/shifts/{shift.id}" in page
    assert "Duties that nobody has" in page


async def test_a_month_without_anything_says_what_to_do(desk):
    assert "Nothing was published for this month" in (await desk.get(f"{PATH}?month=2026-03")).text


async def test_the_csv_has_hours_by_person_place_and_duty_and_no_formula(desk, hub):
    sam = await make.worker(hub, known_as="=HYPERLINK()")
    await done(hub, sam)
    answer = await desk.get(f"{PATH}.csv?month=2026-03")
    [headings, line] = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert headings == list(rota_figures.HOURS)
    assert line[1].startswith("'=") and line[2:] == ["Ferndown Family Hub", "Extra shift", "1", "4.00", "0.00"]
    assert (await desk.get(f"{PATH}.csv?month=2026-03&what=salaries")).status_code == 404


async def test_what_is_restricted_and_not_of_ones_own_hub_is_only_counted(hub, client):
    refuge = await make.location(name="Rose Cottage", hub_id=hub.id, is_restricted=True)
    sam = await make.worker(hub)
    shift = await make.shift(refuge, date=MONDAY, title="Quiet group")
    await make.assignment(shift, sam, "published", overridden="rest", override_reason="for Rose")
    await make.shift(refuge, date=MONDAY, title="Quiet group two")
    admin = await make.staff("county_admin")
    await make.sign_in_staff(client, admin)
    for path in (
        f"{PATH}?month=2026-03",
        *(f"{PATH}.csv?month=2026-03&what={what}" for what in ("hours", "unfilled", "overrides")),
    ):
        text = (await client.get(path)).text
        assert "Rose" not in text and "Quiet" not in text
        assert "Private booking" in text
    assert "Rose Cottage" in by_name((await rota_figures.figures(await manager(hub), MONTH)).places)


async def test_managers_see_their_own_hubs_and_staff_and_strangers_nothing(client, hub):
    sam = await make.worker(hub, known_as="Sam Green")
    await done(hub, sam)
    for path in (f"{PATH}?month=2026-03", f"{PATH}.csv?month=2026-03"):
        assert (await client.get(path)).status_code == 303
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert (await client.get(PATH)).status_code == 404
    await make.sign_in_staff(client, await make.staff("hub_manager", (await make.location()).id))
    assert "Sam Green" not in (await client.get(f"{PATH}?month=2026-03")).text
    for wrong in ("2026-13", "x", "1066-01"):
        assert (await client.get(f"{PATH}?month={wrong}")).status_code == 404


async def test_the_heading_says_whose_figures_they_are(client, hub):
    await make.location(name="Library", hub_name="Wimborne Family Hub")
    for kind, at, words in (("hub_manager", hub.id, hub.hub_name or hub.name), ("county_admin", None, "all hubs")):
        await make.sign_in_staff(client, await make.staff(kind, at))
        page = (await client.get(PATH)).text
        assert f"Rotas in figures: {words}</h1>" in page


async def test_it_costs_as_many_queries_for_many_duties(desk, hub, count_queries):
    counts = []
    for n in range(2):
        for _ in range(3):
            await done(hub, await make.worker(hub), day=MONDAY + timedelta(days=n))
        with count_queries() as counted:
            await desk.get(f"{PATH}?month=2026-03")
        counts.append(counted.count)
    assert counts[0] == counts[1]
