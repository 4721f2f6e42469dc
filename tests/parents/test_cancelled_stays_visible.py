"""What is cancelled is not gone: pages, lists, JSON-LD and the family's own page say that it is cancelled."""

import re
from datetime import timedelta

import pytest

from booking import clock, web
from booking.programmes.changes import cancelling, cancelling_dates
from booking.programmes.models import Run, Session
from tests import make
from tests.places.who import staff_who


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub", slug="ferndown")


@pytest.fixture
async def maya(hub):
    return staff_who(await make.staff("hub_staff", hub.id), {hub.id})


@pytest.fixture
async def sessions(hub):
    run = await make.run(location=hub, title="Incredible Years", booking_mode="run", slug="incredible-years")
    return [await make.session(run, date=run.first_date + timedelta(weeks=n), number=n + 1) for n in range(3)]


async def cancel(session, who):
    await cancelling.cancel(session_id=session.id, reason="The boiler is broken", by=who, undo_minutes=10)


async def cancel_all(session, who):
    await cancelling_dates.cancel(session_id=session.id, scope="all", reason="Too few", by=who, undo_minutes=10)


def event_in(html: str) -> dict:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert found
    return web.from_json(found.group(1))


async def test_its_own_page_says_so_with_the_reason_and_cannot_book(client, hub, maya):
    session = await make.session(await make.run(location=hub))
    await cancel(session, maya)
    page = await client.get(f"/sessions/{session.id}")
    assert page.status_code == 200 and "This date is cancelled." in page.text and "The boiler is broken" in page.text
    assert '/book"' not in page.text and "calendar.ics" not in page.text
    assert event_in(page.text)["eventStatus"] == "https://schema.org/EventCancelled"


async def test_lists_and_the_hubs_page_keep_it_marked_as_cancelled(client, hub, maya):
    session = await make.session(await make.run(location=hub, title="Messy play"))
    await cancel(session, maya)
    for path in ("/?when=28", f"/?hub={hub.slug}", f"/places/{hub.slug}"):
        page = (await client.get(path)).text
        assert f"/sessions/{session.id}" in page and "Cancelled" in page, path


async def test_a_courses_page_marks_the_date_and_says_that_the_others_go_on(client, sessions, maya):
    await cancel(sessions[1], maya)
    course = (await client.get("/courses/incredible-years")).text
    assert "dates__item--cancelled" in course and "The boiler is broken" in course and "Book the whole course" in course
    date = (await client.get(f"/sessions/{sessions[1].id}")).text
    assert "This date is cancelled." in date and "The other dates go on" in date


async def test_a_course_cancelled_as_a_whole_says_so_and_nobody_can_book_it(client, sessions, maya):
    await cancel_all(sessions[0], maya)
    page = await client.get("/courses/incredible-years")
    assert page.status_code == 200 and "This course is cancelled." in page.text
    assert "Book the whole course" not in page.text and "Join the waiting list" not in page.text
    assert event_in(page.text)["eventStatus"].endswith("EventCancelled")


async def test_the_family_sees_it_as_cancelled(client, sessions, maya):
    booking = await make.booking(await Run.get(id=sessions[0].run_id))
    await cancel(sessions[1], maya)
    page = (await client.get(f"/m/{booking.manage_token}")).text
    assert "dates__item--cancelled" in page and "You have a place" in page
    await cancel_all(sessions[0], maya)
    page = (await client.get(f"/m/{booking.manage_token}")).text
    assert "Cancelled by us" in page and "calendar.ics" not in page


async def test_online_dates_say_so_and_never_the_link(client, hub):
    run = await make.run(location=hub)
    session = await make.session(run, delivery="online", join_url="https://meet.example/secret")
    page = (await client.get(f"/sessions/{session.id}")).text
    assert event_in(page)["eventAttendanceMode"].endswith("OnlineEventAttendanceMode")
    found = (await client.get("/?how=online")).text + (await client.get("/?when=28")).text
    assert "Online" in found and "meet.example" not in page + found
    ics = (await client.get(f"/sessions/{session.id}/calendar.ics")).text
    assert "meet.example" not in ics and "BEGIN:VEVENT" in ics


async def test_a_course_says_which_of_its_dates_is_online(client, sessions):
    await Session.filter(id=sessions[1].id).update(delivery="online", join_url="https://meet.example/secret")
    booking = await make.booking(await Run.get(id=sessions[0].run_id))
    for path in ("/courses/incredible-years", f"/m/{booking.manage_token}"):
        page = (await client.get(path)).text
        assert page.count("10am to 11:30am, online") == 1 and "meet.example" not in page, path


@pytest.mark.parametrize(("hours", "is_there"), [(25, False), (23.9, True), (0.2, True), (-0.5, True)])
async def test_the_link_is_on_the_familys_page_from_24_hours_before(client, hub, hours, is_there):
    run = await make.run(location=hub)
    session = await make.session(run, delivery="online", join_url="https://meet.example/secret")
    starts_at = clock.now() + timedelta(hours=hours)
    await Session.filter(id=session.id).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    booking = await make.booking(session)
    page = (await client.get(f"/m/{booking.manage_token}")).text
    assert ("https://meet.example/secret" in page) == is_there
    assert ("The link to join online is here from" in page) != is_there


async def test_who_gave_the_place_up_or_only_waits_has_no_link(client, hub):
    run = await make.run(location=hub)
    session = await make.session(run, delivery="online", join_url="https://meet.example/secret")
    starts_at = clock.now() + timedelta(hours=2)
    await Session.filter(id=session.id).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    booking = await make.booking(session, state="given_up")
    page = (await client.get(f"/m/{booking.manage_token}")).text
    assert "meet.example" not in page
