"""The pages of planning: a form and a grid, a draft changed date by date, a preview before it is published."""

import re
from datetime import timedelta

import pytest

from booking import clock, db
from booking.programmes.models import Run, Session
from tests import make
from tests.programmes import planning_calls

FAR = 40


@pytest.fixture
async def desk(database):
    return await planning_calls.desk(summary="Play, praise and bedtimes.", places_min=6)


@pytest.fixture
def first():
    return clock.today() + timedelta(days=FAR)


@pytest.fixture
async def fields(desk, first):
    return planning_calls.fields(desk, first=first.isoformat(), weekday=(str(first.weekday()),), term_time_only="")


@pytest.fixture
async def staff(client, desk):
    await make.sign_in_staff(client, await make.staff("hub_staff", desk.hub.id))
    return client


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no {name} in the page"
    return found[1]


def sent(fields, html: str, **more: str) -> dict:
    """The form with what the page had hidden in it, as a browser sends it."""
    names = ("seen", "shape", "form_token")
    return dict(fields.multi_items()) | {name: hidden(html, name) for name in names} | more


async def save(client, fields) -> Run:
    seen = await client.post("/staff/plan/new", data=dict(fields.multi_items()))
    answer = await client.post("/staff/plan/new", data=sent(fields, seen.text, action="save"))
    assert answer.status_code == 303, answer.text
    return await Run.get(booking_mode="run")


async def test_an_address_that_says_enough_shows_every_date_and_fills_in_the_programme(staff, desk, first):
    given = {"programme": desk.programme.id, "room": desk.room.id, "weekday": first.weekday(), "start": "10:00"}
    page = await staff.get("/staff/plan/new", params={**given, "first": first.isoformat()})
    assert page.status_code == 200
    assert page.text.count("plan-row-held") == 12
    assert 'value="12:00" selected' in page.text
    assert not await Run.all().count()


async def test_saved_twice_by_a_double_press_it_is_one_draft(staff, fields):
    seen = await staff.post("/staff/plan/new", data=dict(fields.multi_items()))
    form = sent(fields, seen.text, action="save")
    answers = [await staff.post("/staff/plan/new", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await Run.filter(booking_mode="run").count() == 1


async def test_what_was_changed_since_the_dates_were_seen_is_not_saved(staff, fields):
    seen = await staff.post("/staff/plan/new", data=dict(fields.multi_items()))
    form = sent(fields, seen.text, action="save") | {"start": "11:00"}
    answer = await staff.post("/staff/plan/new", data=form)
    assert answer.status_code == 422
    assert "look, then save" in answer.text
    assert not await Run.all().count()


async def test_a_clash_says_why_and_offers_ways_out_in_its_cell(staff, desk, fields, first):
    green = await make.room(desk.hub, name="Green room", capacity=30)
    await make.room_booking(desk.room, day=FAR + 7)
    page = await staff.post("/staff/plan/new", data=dict(fields.multi_items()))
    assert page.text.count("plan-row-clash") == 1
    assert "Blue room is taken 10am to midday" in page.text
    assert "Green room, same time (takes 30)" in page.text
    assert f"use~{desk.creche_room.id}" not in page.text  # the creche of that very date has it
    assert "Nothing can be saved like this" in page.text
    day = (first + timedelta(days=7)).isoformat()
    way = dict(fields.multi_items()) | {f"room-{day}": f"use~{green.id}~~~"}
    page = await staff.post("/staff/plan/new", data=way)
    assert "plan-row-clash" not in page.text
    answer = await staff.post(
        "/staff/plan/new", data=way | {n: hidden(page.text, n) for n in ("seen", "shape")} | {"action": "save"}
    )
    assert answer.status_code == 303
    assert (await Session.get(date=first + timedelta(days=7), run__booking_mode="run")).room_id == green.id


async def test_dates_are_left_out_and_added_in_the_grid(staff, fields, first):
    out, extra = first + timedelta(days=7), first + timedelta(days=9)
    page = await staff.post(
        "/staff/plan/new", data=dict(fields.multi_items()) | {f"do-{out}": "skip", "add": extra.isoformat()}
    )
    assert page.text.count("plan-row-held") == 12
    assert page.text.count("plan-row-skipped") == 1
    assert f'name="added" value="{extra}"' in page.text
    assert f'name="do-{out}" value="skip"' in page.text


async def test_a_refusal_keeps_what_was_typed_and_says_it_beside_the_field(staff, fields):
    page = await staff.post(
        "/staff/plan/new", data=dict(fields.multi_items()) | {"places": "many", "title": "Toddlers at noon"}
    )
    assert page.status_code == 422
    assert 'href="#places"' in page.text
    assert 'value="Toddlers at noon"' in page.text


async def test_for_htmx_only_the_dates_come_and_the_fields_that_the_programme_filled(staff, fields):
    page = await staff.post(
        "/staff/plan/new", data=dict(fields.multi_items()) | {"sessions": ""}, headers={"HX-Request": "true"}
    )
    assert "<h1" not in page.text
    assert 'id="sessions" name="sessions"' in page.text
    assert "hx-swap-oob" in page.text


async def test_a_draft_is_changed_previewed_published_and_taken_back(staff, fields, first):
    run = await save(staff, fields)
    page = await staff.get(f"/staff/plan/{run.id}")
    assert page.text.count("plan-row-held") == 12
    day = (first + timedelta(days=7)).isoformat()
    looked = await staff.post(f"/staff/plan/{run.id}", data={f"f1-{day}": "Cas Moe"})
    answer = await staff.post(
        f"/staff/plan/{run.id}", data={f"f1-{day}": "Cas Moe", "shape": hidden(looked.text, "shape"), "action": "save"}
    )
    assert answer.status_code == 303
    assert (await Session.get(run=run, date=first + timedelta(days=7))).facilitator_1 == "Cas Moe"
    preview = await staff.get(f"/staff/plan/{run.id}/publish")
    assert "What families will see" in preview.text
    assert 'name="min_places"' in preview.text
    form = {"is_listed": "yes", "min_places": "6", "decide_by": (first - timedelta(days=7)).isoformat()}
    answer = await staff.post(f"/staff/plan/{run.id}/publish", data=form)
    assert answer.headers["location"] == f"/staff/runs/{run.id}"
    public = await staff.get(f"/courses/{run.slug}")
    assert public.status_code == 200
    home = await staff.get("/staff/plan")
    event = hidden(home.text, "event")
    await staff.post(f"/staff/plan/{run.id}/unpublish", data={"event": event})
    assert (await Run.get(id=run.id)).state == "draft"
    assert (await staff.get(f"/courses/{run.slug}")).status_code == 404


async def test_nobody_but_staff_of_its_hub_hears_of_a_draft(client, staff, fields, desk, first):
    run = await save(staff, fields)
    sessions = [session.id for session in await Session.filter(run=run)]
    listed = await staff.get("/staff", params={"date": first.isoformat()})
    assert "Incredible Years" not in listed.text
    assert (
        "Draft: Incredible Years"
        in (await staff.get("/staff/diary", params={"location": desk.hub.id, "date": first.isoformat()})).text
    )
    found = await staff.get("/staff/sessions", params={"q": "incredible", "from": ""})
    assert str(sessions[0]) not in found.text
    assert (await staff.get(f"/staff/sessions/{sessions[0]}")).status_code == 404
    client.cookies.clear()
    for path in (
        "/",
        f"/courses/{run.slug}",
        f"/sessions/{sessions[0]}",
        f"/sessions/{sessions[0]}/calendar",
        f"/places/{desk.hub.slug}",
        "/courses",
    ):
        page = await client.get(path)
        assert page.status_code == 404 or "Incredible Years" not in page.text, path
    elsewhere = await make.location()
    await make.sign_in_staff(client, await make.staff("hub_manager", elsewhere.id))
    for path in (f"/staff/plan/{run.id}", f"/staff/plan/{run.id}/publish", f"/staff/runs/{run.id}"):
        assert (await client.get(path)).status_code == 404
    assert "Incredible Years" not in (await client.get("/staff/plan")).text


async def test_an_online_course_needs_a_hub_and_no_room(staff, fields, desk):
    form = {name: value for name, value in fields.multi_items() if name not in ("room", "creche_room", "creche_places")}
    page = await staff.post("/staff/plan/new", data=form | {"delivery": "online"})
    assert "Choose the hub that runs it" in page.text
    page = await staff.post("/staff/plan/new", data=form | {"delivery": "online", "location": str(desk.hub.id)})
    answer = await staff.post(
        "/staff/plan/new",
        data=form
        | {"delivery": "online", "location": str(desk.hub.id), "action": "save"}
        | {name: hidden(page.text, name) for name in ("seen", "shape", "form_token")},
    )
    assert answer.status_code == 303
    run = await Run.get(booking_mode="run")
    assert (run.delivery, run.room_id, run.location_id) == ("online", None, desk.hub.id)
    assert not await db.value("SELECT COUNT(*) AS n FROM room_hold")


async def test_home_lists_drafts_and_runs_below_their_least_number(staff, fields, desk):
    assert "No drafts" in (await staff.get("/staff/plan")).text
    await save(staff, fields)
    short = await make.run(
        location=desk.hub, title="Baby massage", booking_mode="run", state="published", min_places=5,
        first_date=clock.today() + timedelta(days=9), decide_by_date=clock.today() + timedelta(days=2),
    )  # fmt: skip
    page = (await staff.get("/staff/plan")).text
    assert "Incredible Years: Toddlers" in page
    assert f"/staff/runs/{short.id}/decide" in page
    assert "0 of at least 5" in page
