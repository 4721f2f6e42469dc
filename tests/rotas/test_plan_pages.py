"""The pages of auto-plan: the sums first, what may be asked for, what came of it, and who may see it."""

import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from booking import clock, db
from booking.rotas.models import PlanRun
from booking.rotas.pages.plans import shown
from booking.rotas.planner import running
from tests import make


@pytest.fixture
async def hub(client):
    at = await make.location(name="Ferndown", kind="hub", hub_name="Ferndown Family Hub")
    monday = clock.today() + timedelta(days=7 - clock.today().weekday())
    shifts = [await make.shift(at, date=monday, kind="cover", position=position) for position in (1, 2)]
    people = [await make.worker(at, known_as=name) for name in ("Ann Bell", "Bo Carr")]
    await make.sign_in_staff(client, await make.staff("hub_manager", at.hub_id, name="Tom Field"))
    form = {"hub": str(at.hub_id), "from": monday.isoformat(), "weeks": "1"}
    return SimpleNamespace(at=at, first=monday, shifts=shifts, people=people, form=form)


async def planned(client, hub, **values) -> str:
    """The path of a plan that was asked for on the page and worked."""
    answer = await client.post(
        "/staff/rota/plans", data={**hub.form, "engine": "greedy", "form_token": str(uuid4()), **values}
    )
    assert answer.status_code == 303, answer.text
    await running.work_next(values.get("engine", "greedy"))
    return answer.headers["location"]


async def test_the_sums_come_first(client, hub):
    page = await client.get("/staff/rota/plans", params=hub.form)
    assert "hours needed" in page.text
    assert "The hours are enough. Whether they fit, only a plan can say." in page.text
    assert "Draft in a second" in page.text


async def test_no_hub_ticked_says_what_to_do(client, hub):
    client.cookies.clear()
    await make.location(name="Poole", kind="hub", hub_name="Poole Family Hub")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get("/staff/rota/plans")).status_code == 200
    page = await client.get("/staff/rota/plans", params={"from": hub.form["from"], "weeks": "2"})
    assert page.status_code == 422 and page.text.count("Tick at least one hub") >= 2


async def test_it_says_in_words_that_no_plan_can_exist(client, hub):
    await make.leave(hub.people[0], hub.first)
    page = await client.get("/staff/rota/plans", params=hub.form)
    assert "No plan can fill everything: 4 hours stay open at least." in page.text
    assert "Ferndown Family Hub on Mondays: too few people" in page.text
    assert "4 missing" in page.text


async def test_a_draft_is_asked_for_seen_and_put_into_the_draft(client, hub):
    path = await planned(client, hub)
    page = await client.get(path)
    assert "Put it into the draft" in page.text
    assert "Ann Bell" in page.text
    assert (await client.post(path, data={"act": "apply"})).status_code == 303
    assert await db.value("SELECT COUNT(*) AS n FROM assignment WHERE layer = 'draft'") == 2
    page = (await client.get(path)).text
    assert "Take it out again" in page and "Publish these weeks" in page
    assert (
        await client.get(re.search(r'href="(/staff/rota/publish[^"]*)"', page)[1].replace("&amp;", "&"))
    ).status_code == 200
    await client.post(path, data={"act": "undo"})
    assert await db.value("SELECT COUNT(*) AS n FROM assignment") == 0


async def test_a_gap_is_explained(client, hub):
    await make.skill("trained-iy", name="Trained in Incredible Years")
    await make.shift(hub.at, date=hub.first, kind="extra", skills="trained-iy", start="14:00", end="16:00")
    page = await client.get(await planned(client, hub))
    assert "Nobody trained in Incredible Years is free on" in page.text
    assert "What would help:" in page.text


async def test_while_it_runs_the_page_asks_again_with_and_without_script(client, hub):
    answer = await client.post("/staff/rota/plans", data={**hub.form, "engine": "greedy", "form_token": "a"})
    path = answer.headers["location"]
    page = await client.get(path)
    assert f'hx-get="{path}"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    piece = await client.get(path, headers={"HX-Request": "true"})
    assert piece.text.lstrip().startswith('<div id="progress"')
    await client.post(path, data={"act": "stop"})
    done = await client.get(path, headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "Stopped before it began." in (await client.get(path)).text


async def test_pressed_twice_it_is_planned_once(client, hub):
    for _ in range(2):
        answer = await client.post("/staff/rota/plans", data={**hub.form, "engine": "greedy", "form_token": "twice"})
        assert answer.status_code == 303
    assert await PlanRun.all().count() == 1


async def test_a_rota_that_changed_since_is_said_and_not_overwritten(client, hub):
    path = await planned(client, hub)
    await make.assignment(hub.shifts[0], hub.people[1], "draft")
    answer = await client.post(path, data={"act": "apply"})
    assert answer.status_code == 409
    assert "Bo Carr is in it now, not nobody." in answer.text


async def test_without_the_solver_the_page_offers_the_draft(client, hub, monkeypatch):
    monkeypatch.setattr(running, "is_solver_there", lambda: False)
    page = await client.get("/staff/rota/plans", params=hub.form)
    assert "Thorough planning is not installed here" in page.text
    assert 'value="solver"' not in page.text
    answer = await client.post("/staff/rota/plans", data={**hub.form, "engine": "solver"})
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["hub_manager", "hub_staff"])
async def test_another_hubs_people_find_nothing(client, hub, kind):
    path = await planned(client, hub)
    other = await make.location(name="Poole", kind="hub")
    await make.sign_in_staff(client, await make.staff(kind, other.hub_id))
    assert (await client.get(path)).status_code == 404
    for act in ("apply", "stop", "undo"):
        assert (await client.post(path, data={"act": act})).status_code == 404
    assert (await client.get("/staff/rota/plans", params=hub.form)).status_code == 404
    assert (await client.post("/staff/rota/plans", data={**hub.form, "engine": "greedy"})).status_code == 404


async def test_staff_who_do_not_manage_find_nothing_in_their_own_hub(client, hub):
    path = await planned(client, hub)
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.at.hub_id))
    assert (await client.get(path)).status_code == 404


async def test_a_stranger_is_sent_to_sign_in(client, hub):
    path = await planned(client, hub)
    client.cookies.clear()
    answer = await client.get(path)
    assert answer.headers["location"].startswith("/staff/sign-in")


async def test_what_is_no_plan_is_not_there(client, hub):
    assert (await client.get(f"/staff/rota/plans/{uuid4()}")).status_code == 404
    assert (await client.get("/staff/rota/plans/nonsense")).status_code == 404


@pytest.mark.parametrize("asked", [{"from": "never", "weeks": "x"}, {"from": "9999-12-31"}, {"from": "2001-01-01"}])
async def test_nonsense_in_the_address_shows_the_weeks_to_come(client, hub, asked):
    assert (await client.get("/staff/rota/plans", params={"hub": str(hub.at.hub_id), **asked})).status_code == 200


def test_a_bound_that_says_nothing_is_not_said_as_a_figure():
    searched = {"costs": {"total": 10}, "solver": {"stages": [{"name": "week", "gap": 1.0}]}}
    assert shown.bound_words(searched, "solver") == shown.UNKNOWN
    assert shown.bound_words({"costs": {"total": 10}, "bound": 1}, "solver") == shown.UNKNOWN
    assert shown.bound_words({"costs": {"total": 10}, "bound": 9.5}, "solver").endswith("more than 5 %.")
