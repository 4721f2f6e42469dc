"""/staff/runs/{id}/decide: the numbers, run it, cancel the whole with a preview, and the public pages afterwards."""

from datetime import timedelta

import pytest

from booking import clock
from booking.programmes.models import Run, Session
from tests import make


@pytest.fixture
async def hub(database):
    return await make.location(name="Sturminster Family Hub")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


@pytest.fixture
async def run(hub):
    first = clock.today() + timedelta(days=10)
    run, _ = await make.course(
        location=hub, first_date=first, min_places=6, decide_by_date=first - timedelta(days=3), taken=0
    )
    for _ in range(4):
        await make.booking(run)
    return run


async def test_today_and_the_page_say_how_it_stands(desk, run):
    text = (await desk.get("/staff")).text
    assert "4 of 6 booked" in text and f"/staff/runs/{run.id}/decide" in text
    text = (await desk.get(f"/staff/runs/{run.id}/decide")).text
    assert "Too few so far" in text and "Run it with 4" in text


async def test_it_runs_and_is_asked_about_no_more(desk, run):
    await desk.post(f"/staff/runs/{run.id}/decide", data={"act": "run"})
    text = (await desk.get(f"/staff/runs/{run.id}/decide")).text
    assert "It runs, decided on" in text and "Decide again" in text
    assert "4 of 6 booked" not in (await desk.get("/staff")).text


async def test_the_whole_course_is_cancelled_after_a_preview_and_stays_visible(desk, run):
    path = f"/staff/runs/{run.id}/decide"
    text = (await desk.get(f"{path}?reason=few")).text
    assert "Cancel the course, 3 dates" in text and "4 families hear it, once for the whole course" in text
    assert (await Run.get(id=run.id)).state == "published"
    answer = await desk.post(path, data={"act": "cancel", "reason": "few"})
    assert answer.headers["Location"] == f"/staff/runs/{run.id}"
    assert {each.state for each in await Session.filter(run=run)} == {"cancelled"}
    assert "Undo" in (await desk.get(f"/staff/runs/{run.id}")).text
    text = (await desk.get(f"/courses/{run.slug}")).text
    assert "This course is cancelled." in text and "Too few families could come" in text


async def test_a_family_sees_that_its_course_is_cancelled(desk, run):
    booking = await make.booking(run)
    await desk.post(f"/staff/runs/{run.id}/decide", data={"act": "cancel", "reason": "few"})
    text = (await desk.get(f"/m/{booking.manage_token}")).text
    assert "Cancelled by us" in text and "Give up" not in text


async def test_the_least_number_is_changed_there(desk, run):
    path = f"/staff/runs/{run.id}/decide"
    answer = await desk.post(path, data={"act": "numbers", "min_places": "x", "decide_by": ""})
    assert answer.status_code == 422 and "Give a number between 1 and the 12 places" in answer.text
    day = (clock.today() + timedelta(days=2)).isoformat()
    await desk.post(path, data={"act": "numbers", "min_places": "4", "decide_by": day})
    assert (await Run.get(id=run.id)).min_places == 4
    assert "Enough have booked" in (await desk.get(path)).text


async def test_staff_of_another_hub_find_nothing(client, run):
    await make.sign_in_staff(client, await make.staff("hub_manager", (await make.location()).id))
    path = f"/staff/runs/{run.id}/decide"
    assert (await client.get(path)).status_code == 404
    assert (await client.post(path, data={"act": "run"})).status_code == 404


async def test_a_form_that_says_nothing_does_nothing(desk, run):
    answer = await desk.post(f"/staff/runs/{run.id}/decide", data={"reason": "few"})
    assert answer.status_code == 303 and (await Run.get(id=run.id)).state == "published"
