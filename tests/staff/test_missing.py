"""Staff do for a family that rings what it could do by its link: miss a date, catch up, come after all; and see the creche."""

from datetime import timedelta

import pytest

from booking.audit import AuditEvent
from booking.programmes.creche import creche_places
from booking.programmes.models import Attendance, Attendee, Booking, MissedDate
from tests import make


@pytest.fixture
async def hub(database):
    return await make.location(name="Sturminster Family Hub")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


@pytest.fixture
async def course(hub):
    run, dates, beside = await make.course_with_creche(places=2, location=hub)
    booking = await make.booking(run, await make.person(name="Sam Carter"), creche_children=1)
    await Attendee.create(booking=booking, kind="child", name="Ada", birth_year=2024, birth_month=3, in_creche=True)
    await creche_places.take(booking, run.id, 1)
    return run, dates, beside, booking


async def test_a_date_is_missed_caught_up_and_taken_up_again_by_staff(desk, course, hub):
    run, dates, _, booking = course
    _, others = await make.course(
        programme=await run.programme, location=hub, first_date=run.first_date + timedelta(days=1)
    )
    path = f"/staff/sessions/{dates[0].id}/bookings/{booking.id}/miss"
    assert "They miss this date" in (await desk.get(path)).text
    answer = await desk.post(path, data={"act": "miss"})
    assert answer.headers["Location"] == path
    assert "Their crèche place that day is free." in (await desk.get(path)).text
    await desk.post(path, data={"act": "catch up", "session": str(others[0].id)})
    guest = await Booking.get(catches_up_id=dates[0].id)
    event = await AuditEvent.get(verb="catch up")
    assert guest.by_id == event.by_id is not None
    assert "Catching up: comes this once" in (await desk.get(f"/staff/sessions/{others[0].id}")).text
    await desk.post(path, data={"act": "come"})
    assert await MissedDate.all().count() == 0 and (await Booking.get(id=guest.id)).state == "given_up"


async def test_the_register_says_who_is_in_the_creche_and_the_creche_has_one_of_its_own(desk, course):
    _, dates, beside, booking = course
    text = (await desk.get(f"/staff/sessions/{dates[0].id}")).text
    assert "In the crèche: Ada" in text
    text = (await desk.get(f"/staff/sessions/{beside[0].id}")).text
    assert ">Ada<" in text and "Sam Carter" in text and "1 of 2 booked" in text
    assert "Book a place by phone" not in text
    ada = await Attendee.get(booking=booking, kind="child")
    await desk.post(f"/staff/sessions/{beside[0].id}/register", data={"attendee": str(ada.id), "status": "attended"})
    assert (await Attendance.get(attendee=ada)).session_id == beside[0].id


async def test_who_misses_a_date_is_not_on_the_register_of_the_creche_that_day(desk, course):
    _, dates, beside, booking = course
    await desk.post(f"/staff/sessions/{dates[0].id}/bookings/{booking.id}/miss", data={"act": "miss"})
    assert ">Ada<" not in (await desk.get(f"/staff/sessions/{beside[0].id}")).text
    assert ">Ada<" in (await desk.get(f"/staff/sessions/{beside[1].id}")).text


async def test_staff_of_another_hub_find_nothing(client, course):
    _, dates, _, booking = course
    other = await make.location()
    await make.sign_in_staff(client, await make.staff("hub_staff", other.id))
    path = f"/staff/sessions/{dates[0].id}/bookings/{booking.id}/miss"
    assert (await client.get(path)).status_code == 404
    assert (await client.post(path, data={"act": "miss"})).status_code == 404
