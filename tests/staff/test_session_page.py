"""One session as its staff see it, and the taps of its register by form and by htmx."""

import re
from datetime import timedelta

import pytest

from booking import clock
from booking.programmes.models import Attendance, Attendee, Session
from tests import make
from tests.staff import rows

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def session(hub):
    return await make.session(await make.run(location=hub, title="Messy play"))


async def test_it_shows_who_comes_with_ages_needs_and_how_to_reach_them(desk, session):
    parent = await make.person(name="Sam Carter", phone="+447700900123")
    booking = await make.booking(session, parent, needs="Wheelchair", reference="K7M4-QX")
    born = session.date.replace(day=1) - timedelta(days=400)
    await Attendee.create(booking=booking, kind="child", name="Ada", birth_year=born.year, birth_month=born.month)
    page = (await desk.get(f"/staff/sessions/{session.id}")).text
    for words in ("Sam Carter", "07700 900123", "Ada", "1 year", "Wheelchair", "K7M4-QX", "1 adult, 1 child"):
        assert words in page


async def test_a_stranger_finds_nothing(client, session):
    path = f"/staff/sessions/{session.id}"
    assert (await client.get(path)).headers["location"] == f"/staff/sign-in?next={path}"
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert (await client.get(path)).status_code == 404
    for action in ("register", "tally", "walk-ins", "walk-ins/remove", "everyone", "everyone/undo", "finish", "reopen", "rung",
                   "cancel", "cancel/undo", "cancel/send-now"):  # fmt: skip
        assert (await client.post(f"{path}/{action}", data={"reason": "weather"})).status_code == 404, action
    assert (await client.get(f"{path}/cancel")).status_code == 404


async def test_a_parent_who_is_signed_in_is_no_staff(client, session):
    await make.sign_in_family(client, await make.person())
    assert (await client.get(f"/staff/sessions/{session.id}")).status_code == 303


@pytest.mark.parametrize("kind", ["county_admin", "hub_manager"])
async def test_a_restricted_session_is_not_there_but_for_its_own_staff(client, kind):
    secret = await make.location(kind="restricted", is_restricted=True)
    session = await make.session(await make.run(location=secret, is_restricted=True, title="Freedom course"))
    elsewhere = (await make.location()).id if kind == "hub_manager" else None
    await make.sign_in_staff(client, await make.staff(kind, elsewhere))
    for path in ("", "/cancel"):
        assert (await client.get(f"/staff/sessions/{session.id}{path}")).status_code == 404
    await make.sign_in_staff(client, await make.staff("hub_staff", secret.id))
    page = await client.get(f"/staff/sessions/{session.id}")
    assert page.status_code == 200 and "Freedom course" in page.text
    assert f'href="/sessions/{session.id}"' not in page.text


async def test_ids_that_are_none_are_not_there(desk, session):
    assert (await desk.get("/staff/sessions/1")).status_code == 404
    answer = await desk.post(f"/staff/sessions/{session.id}/register", data={"attendee": "x", "status": "attended"})
    assert answer.status_code == 404


async def tap(browser, session, attendee, status, **more):
    data = {"attendee": str(attendee.id), "status": status}
    return await browser.post(f"/staff/sessions/{session.id}/register", data=data, **more)


async def test_a_tap_without_scripts_comes_back_to_the_row(desk, session):
    person = await Attendee.get(booking_id=(await make.booking(session)).id)
    answer = await tap(desk, session, person, "attended")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/sessions/{session.id}#row-{person.id}")
    page = (await desk.get(f"/staff/sessions/{session.id}")).text
    assert re.search(rf'id="attended-{person.id}"[^>]*value=""[^>]*aria-pressed="true"', page)


async def test_a_tap_with_htmx_answers_with_the_row_and_the_sums(desk, session):
    person = await Attendee.get(booking_id=(await make.booking(session)).id)
    part = (await tap(desk, session, person, "absent", headers=HTMX)).text
    assert part.strip().startswith(("{#", "<li"))
    assert "<html" not in part and f'id="row-{person.id}"' in part and "hx-swap-oob" in part
    assert "<strong>1</strong> absent" in part


async def test_a_tap_on_somebody_gone_meanwhile_says_so(desk, session):
    person = await Attendee.get(booking_id=(await make.booking(session, state="given_up")).id)
    answer = await tap(desk, session, person, "attended", headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"
    assert "no longer booked here" in (await desk.get(f"/staff/sessions/{session.id}")).text
    assert await Attendance.all().count() == 0


async def test_the_tally_of_a_drop_in_saves_each_tap(desk, hub):
    session = await make.session(await make.run(location=hub, booking_mode="drop_in"))
    path = f"/staff/sessions/{session.id}"
    assert (await desk.post(f"{path}/tally", data={"children": "1"})).headers["location"] == f"{path}#tally"
    part = (await desk.post(f"{path}/tally", data={"children": "1", "adults": "40"}, headers=HTMX)).text
    assert "<html" not in part and 'id="tally"' in part
    saved = await Session.get(id=session.id)
    assert (saved.adults_counted, saved.children_counted) == (0, 2)


async def test_a_walk_in_sent_twice_is_added_once(desk, session):
    data = {"name": " Jo  Lee ", "adults": "1", "children": "2", "form_token": "abc"}
    for _ in range(2):
        assert (await desk.post(f"/staff/sessions/{session.id}/walk-ins", data=data)).status_code == 303
    assert await Attendance.all().values_list("walk_in_name", "adults", "children") == [("Jo Lee", 1, 2)]


async def test_a_refused_walk_in_keeps_what_was_typed(desk, session):
    data = {"name": "Jo", "adults": "none", "children": "0"}
    answer = await desk.post(f"/staff/sessions/{session.id}/walk-ins", data=data)
    assert answer.status_code == 422
    assert 'value="Jo"' in answer.text and "Say how many came" in answer.text


async def test_everyone_then_undo(desk, session):
    for _ in range(2):
        await make.booking(session)
    path = f"/staff/sessions/{session.id}"
    await desk.post(f"{path}/everyone")
    page = (await desk.get(path)).text
    assert "<strong>2</strong> here" in page
    event = re.search(r'name="event" value="([^"]+)"', page).group(1)
    await desk.post(f"{path}/everyone/undo", data={"event": event})
    page = (await desk.get(path)).text
    assert "<strong>0</strong> here" in page and "Undo" not in page


async def test_waiting_messages_and_the_trail_are_on_the_page(desk, session):
    await rows.waiting(session, person=await make.person(name="Wanda Waits"))
    await rows.message(session_id=session.id, state="failed")
    page = (await desk.get(f"/staff/sessions/{session.id}")).text
    assert "Wanda Waits" in page and "Failed" in page and "12 places free" in page


async def test_hostile_names_stay_text(desk, hub):
    session = await make.session(await make.run(location=hub, title='<script>alert(1)</script> "x" \U0001f37c'))
    await make.booking(session, await make.person(name="<img src=x onerror=alert(1)>"), needs="<b>x</b>")
    page = (await desk.get(f"/staff/sessions/{session.id}")).text
    assert "<script>alert" not in page and "<img src=x" not in page and "<b>x</b>" not in page


async def test_it_costs_as_many_queries_with_forty_families_as_with_one(desk, session, count_queries):
    await make.booking(session)
    with count_queries() as one:
        await desk.get(f"/staff/sessions/{session.id}")
    await Session.filter(id=session.id).update(places=60)
    for _ in range(40):
        await make.booking(session)
        await rows.waiting(session)
    with count_queries() as many:
        await desk.get(f"/staff/sessions/{session.id}")
    assert many.count == one.count <= 12


async def test_where_a_tap_was_interrupted_by_signing_in_the_page_is_found_again(desk, session):
    answer = await desk.get(f"/staff/sessions/{session.id}/register")
    assert answer.headers["location"] == f"/staff/sessions/{session.id}"


async def test_today_and_the_page_agree_on_the_register(desk, hub):
    session = await make.session(
        await make.run(location=hub, first_date=clock.today(), start_time="00:01", end_time="23:59")
    )
    await make.booking(session)
    await desk.post(f"/staff/sessions/{session.id}/finish")
    assert "Register done" in (await desk.get("/staff")).text
    assert "Open the register again" in (await desk.get(f"/staff/sessions/{session.id}")).text


async def test_it_leads_to_its_run_which_leads_to_its_programme_and_line(desk, session):
    run = await session.run
    assert f'href="/staff/runs/{run.id}"' in (await desk.get(f"/staff/sessions/{session.id}")).text
    page = (await desk.get(f"/staff/runs/{run.id}")).text
    assert f'href="/staff/programmes/{run.programme_id}"' in page
    assert f'href="/staff/runs/{run.id}"' in (await desk.get(f"/staff/programmes/{run.programme_id}")).text
