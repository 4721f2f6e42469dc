"""The inbox of requests: soonest to lapse first, a series as one line, looked at again, decided with one tap."""

import re
from datetime import timedelta

import pytest

from booking import clock
from booking.places.models import Keyholder, RoomBooking, RoomHold, RoomSeries
from tests import make

REQUESTS = "/staff/rooms/requests"


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Family Hub")
    await make.opening_hours(hub, weekdays="0123456")
    return hub


@pytest.fixture
async def room(hub):
    return await make.room(hub, name="Main hall")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


async def asked(room, days: int = 20, held: float = 3, **values):
    """A request that holds the room so many days longer; over and so for less than none."""
    partner = values.pop("partner", None) or await make.organisation()
    until = clock.now() + timedelta(days=held)
    return await make.room_booking(room, partner, days, state="requested", hold_until_at=until, **values)


async def series(room, days=(20, 27, 34)):
    partner = await make.organisation(name="Citizens Advice")
    row = await RoomSeries.create(
        room=room, organisation_id=partner.id, weekday=0, start_time="10:00", end_time="12:00", created_at=clock.now(),
        first_date=clock.today(), last_date=clock.today() + timedelta(days=60),
    )  # fmt: skip
    return row, [await asked(room, day, partner=partner, series=row) for day in days]


async def states(*bookings):
    return [(await RoomBooking.get(id=each.id)).state for each in bookings]


async def test_what_lapses_soonest_stands_first(desk, hub, room):
    await asked(room, held=3, title="Later")
    await asked(await make.room(hub), held=1, title="Sooner")
    page = (await desk.get(REQUESTS)).text
    assert page.index("Sooner") < page.index("Later") and "2 requests wait" in page


async def test_a_series_is_one_line_with_all_its_dates_and_one_tap_approves_them(desk, room):
    row, dates = await series(room)
    page = (await desk.get(REQUESTS)).text
    assert "1 request waits" in page and "Approve all 3" in page and page.count('name="date"') == 3
    answer = await desk.post(REQUESTS, data={"request": str(row.id), "decision": "approve"})
    assert answer.status_code == 303 and await states(*dates) == ["confirmed"] * 3
    page = (await desk.get(REQUESTS)).text
    assert "Confirmed: 3 dates" in page and "No request waits" in page


async def test_single_dates_can_be_approved_and_the_others_wait_on(desk, room):
    row, (first, second, third) = await series(room)
    await desk.post(
        REQUESTS, data={"request": str(row.id), "decision": "approve", "date": [str(first.id), str(third.id)]}
    )
    assert await states(first, second, third) == ["confirmed", "requested", "confirmed"]


async def test_a_refusal_keeps_which_dates_were_ticked_and_the_keyholder(desk, hub, room):
    """Else the dates that were left out would be ticked again, and declined with the next press."""
    ann = await Keyholder.create(location=hub, name="Ann Hall")
    row, (first, second, third) = await series(room)
    await RoomBooking.filter(id=first.id).update(is_out_of_hours=True)
    form = {"request": str(row.id), "ticks": "yes", "date": str(second.id), "keyholder": str(ann.id)}
    page = (await desk.post(REQUESTS, data=form | {"decision": "decline"})).text
    assert re.findall(r'name="date" value="([^"]*)" checked', page) == [str(second.id)]
    assert f'<option value="{ann.id}" selected>' in page
    assert await states(first, second, third) == ["requested"] * 3


@pytest.mark.parametrize("decision", ["approve", "decline"])
async def test_no_date_ticked_is_no_date_and_not_all_of_them(desk, room, decision):
    row, dates = await series(room)
    assert 'name="ticks"' in (await desk.get(REQUESTS)).text
    form = {"request": str(row.id), "ticks": "yes", "decision": decision, "why": "We need it"}
    answer = await desk.post(REQUESTS, data=form)
    assert answer.status_code == 422 and "Tick at least one date" in answer.text and "checked" not in answer.text
    assert await states(*dates) == ["requested"] * 3


async def test_what_was_taken_meanwhile_is_shown_before_and_said_after(desk, room):
    row, dates = await series(room)
    await RoomBooking.filter(id=dates[1].id).update(hold_until_at=clock.now() - timedelta(minutes=1))
    await RoomHold.filter(room_booking_id=dates[1].id).delete()
    await make.room_booking(room, day=27, start="11:00", end="13:00")
    page = (await desk.get(REQUESTS)).text
    assert "Taken 11am to 1pm" in page and "Approve the 2 free dates" in page
    await desk.post(REQUESTS, data={"request": str(row.id), "decision": "approve"})
    assert await states(*dates) == ["confirmed", "requested", "confirmed"]
    page = (await desk.get(REQUESTS)).text
    assert "Confirmed: 2 dates" in page and "Not confirmed" in page


async def test_declining_needs_a_reason_and_keeps_what_was_typed(desk, room):
    booking = await asked(room)
    form = {"request": str(booking.id), "decision": "decline"}
    answer = await desk.post(REQUESTS, data=form)
    assert answer.status_code == 422 and "Say why" in answer.text and await states(booking) == ["requested"]
    assert (await desk.post(REQUESTS, data=form | {"why": "We need it for a clinic"})).status_code == 303
    declined = await RoomBooking.get(id=booking.id)
    assert (declined.state, declined.why) == ("declined", "We need it for a clinic")
    assert await RoomHold.all().count() == 0


async def test_out_of_hours_a_keyholder_is_chosen_on_the_spot(desk, hub, room):
    ann = await Keyholder.create(location=hub, name="Ann Hall")
    booking = await asked(room, start="19:00", end="20:00", is_out_of_hours=True)
    form = {"request": str(booking.id), "decision": "approve"}
    assert "Ann Hall" in (await desk.get(REQUESTS)).text
    await desk.post(REQUESTS, data=form)
    assert await states(booking) == ["requested"]
    await desk.post(REQUESTS, data=form | {"keyholder": str(ann.id)})
    assert await states(booking) == ["confirmed"] and (await RoomBooking.get(id=booking.id)).keyholder_id == ann.id


async def test_who_comes_second_is_told_that_it_is_decided(desk, room):
    booking = await asked(room)
    form = {"request": str(booking.id), "decision": "approve"}
    await desk.post(REQUESTS, data=form)
    answer = await desk.post(REQUESTS, data=form)
    assert answer.status_code == 422 and "decided about this already" in answer.text


async def test_the_hubs_own_use_that_waits_for_a_swap_is_no_request(desk, room):
    await make.swap(room, await make.organisation())
    assert "No request waits" in (await desk.get(REQUESTS)).text


async def test_today_says_that_requests_wait(desk, room):
    assert REQUESTS not in (await desk.get("/staff")).text.split("<main")[1]
    await series(room)
    assert "1 request needs a decision" in (await desk.get("/staff")).text


async def test_strangers_see_none_and_decide_none(client, room):
    booking = await asked(room, title="Advice for carers")
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert "Advice for carers" not in (await client.get(REQUESTS)).text
    form = {"request": str(booking.id), "decision": "approve"}
    assert (await client.post(REQUESTS, data=form)).status_code == 422
    assert await states(booking) == ["requested"]


async def test_what_is_private_is_for_staff_of_that_very_hub(client, room):
    await asked(room, title="Supervised contact", is_private=True)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "Supervised contact" not in (await client.get(REQUESTS)).text


async def test_partners_who_are_asked_to_swap_stand_below(client, desk, room):
    swap = await make.swap(room, await make.organisation(name="Citizens Advice"), state="refused")
    page = (await desk.get(REQUESTS)).text
    assert "Said no" in page and f"/staff/rooms/bookings/{swap.room_booking_id}" in page
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert "Said no" not in (await client.get(REQUESTS)).text


async def test_a_private_booking_that_is_to_be_swapped_is_for_staff_of_that_very_hub(client, room):
    swap = await make.swap(room, await make.organisation(name="Citizens Advice"))
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "Citizens Advice" in (await client.get(REQUESTS)).text
    await RoomBooking.filter(id=swap.room_booking_id).update(is_private=True)
    assert "Citizens Advice" not in (await client.get(REQUESTS)).text
