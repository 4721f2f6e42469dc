"""/partner: what needs the booker, what is next, the series and the allowance of the partner they act for."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock
from booking.people.models import Role
from booking.places.models import RoomBooking, RoomSwap
from tests import make
from tests.places.partner_desk import NOW, TUESDAY, make_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(client):
    with time_machine.travel(NOW, tick=False):
        found = await make_desk(minutes_per_term=40 * 60)
        await make.sign_in_partner(client, found.grace)
        yield found


async def test_who_has_nothing_yet_is_told_what_to_do(client, desk):
    page = (await client.get("/partner")).text
    assert "No rooms reserved yet" in page and 'href="/partner/reserve"' in page and 'href="/partner/find"' in page


async def test_next_bookings_series_and_allowance_are_on_it(client, desk):
    await desk.a_term()
    page = (await client.get("/partner")).text
    assert "Tuesday 12 January" in page and "Tuesdays 10am to midday" in page and "10 confirmed" in page
    assert "<strong>20 hours</strong> of 40 hours" in page and "20 hours left" in page


async def test_nothing_of_another_partner_is_on_it(client, desk):
    await desk.book_for(desk.olu_who)
    page = (await client.get("/partner")).text
    assert "Debt advice" not in page and desk.stranger.name not in page and "No rooms reserved yet" in page


async def test_requests_that_wait_are_named(client, desk):
    await desk.book_for(desk.who, TUESDAY, start="18:00", end="20:00")
    page = (await client.get("/partner")).text
    assert "Waiting for staff" in page and "out of hours" in page


async def test_a_question_about_another_room_leads_to_its_answer(client, desk):
    booked = await desk.book_for(desk.who, TUESDAY)
    await RoomSwap.create(
        room_booking_id=booked.booking_ids[0], reason="Vaccination day", token="swap-token",
        answer_by_at=clock.now() + timedelta(days=2), created_at=clock.now(),
    )  # fmt: skip
    page = (await client.get("/partner")).text
    assert "Vaccination day" in page and 'href="/swaps/swap-token"' in page
    await make.sign_in_partner(client, desk.olu)
    assert "swap-token" not in (await client.get("/partner")).text


async def test_a_booker_of_two_partners_sees_one_at_a_time(client, desk):
    await Role.create(person=desk.grace, kind="partner", organisation=desk.stranger)
    await desk.book_for(desk.olu_who)
    page = (await client.get(f"/partner?organisation={desk.stranger.id}")).text
    assert "Debt advice" in page
    page = (await client.get(f"/partner?organisation={desk.organisation.id}")).text
    assert "Debt advice" not in page


async def test_cancelled_bookings_are_not_among_the_next(client, desk):
    booked = await desk.book_for(desk.who, TUESDAY)
    await RoomBooking.filter(id=booked.booking_ids[0]).update(state="cancelled")
    assert "Tuesday 12 January" not in (await client.get("/partner")).text
