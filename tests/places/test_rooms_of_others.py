"""Of rooms, bookings and keys that are another hub's or another partner's nothing is told or touched, by whatever id (P5, P6)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import audit, clock, db
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.people.models import Role
from booking.places.models import Keyholder, RoomBooking, RoomPart, RoomSeries
from booking.places.telling_partners import tell
from booking.programmes.closures.closing_lists import in_the_way
from tests import make
from tests.places.who import staff_who

MARK = "zqhush"


@pytest.fixture
async def here(database):
    """Our hub with a room and a partner, and another one whose keyholder and partner nobody here may know."""
    hub, elsewhere = await make.location(name="Ferndown"), await make.location(name="Wimborne")
    stranger = await Keyholder.create(location=elsewhere, name=f"{MARK} Keys", phone="+447700900999")
    return SimpleNamespace(
        hub=hub, room=await make.room(hub), partner=await make.organisation(), elsewhere=elsewhere,
        far_room=await make.room(elsewhere, name="Faraway room"), keys=stranger,
    )  # fmt: skip


@pytest.fixture
async def desk(client, here):
    await make.sign_in_staff(client, await make.staff("hub_staff", here.hub.id))
    return client


async def enter(client, kind, hub_id=None):
    """Signs in as somebody else than before."""
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff(kind, hub_id))


def path(booking, rest=""):
    return f"/staff/rooms/bookings/{booking.id}{rest}"


# Keyholders by their id


@pytest.mark.parametrize("whose", ["another hub's", "nobody's"])
async def test_a_booking_cannot_be_given_the_keyholder_of_another_hub(desk, here, whose):
    booking = await make.room_booking(here.room, here.partner)
    keyholder = here.keys.id if whose == "another hub's" else db.new_id()
    answer = await desk.post(path(booking), data={"scope": "this", "title": "New title", "keyholder": str(keyholder)})
    assert answer.status_code == 422
    assert MARK not in (await desk.get(path(booking))).text
    row = await RoomBooking.get(id=booking.id)
    assert (row.keyholder_id, row.title) == (None, "Advice session")


@pytest.mark.parametrize("whose", ["another hub's", "another partner's", "nobody's"])
async def test_a_request_cannot_be_approved_with_the_keys_of_others(desk, here, whose):
    other = await Keyholder.create(location=here.hub, organisation_id=(await make.organisation()).id, name="Ann Other")
    ids = {"another hub's": here.keys.id, "another partner's": other.id, "nobody's": db.new_id()}
    booking = await make.room_booking(here.room, here.partner, state="requested", is_out_of_hours=True)
    typed = {"request": str(booking.id), "decision": "approve", "keyholder": str(ids[whose])}
    await desk.post("/staff/rooms/requests", data=typed)
    row = await RoomBooking.get(id=booking.id)
    assert (row.state, row.keyholder_id) == ("requested", None)
    assert MARK not in (await desk.get(path(booking))).text


async def test_keys_are_given_to_no_partner_that_is_not_there(desk, here):
    typed = {"name": "Ann Hall", "organisation": str(db.new_id())}
    answer = await desk.post(f"/staff/places/{here.hub.id}/keyholders", data=typed)
    assert answer.status_code == 422 and "Ann Hall" in answer.text


# The two doors


@pytest.fixture
async def both(here):
    """Somebody who works here and books for a partner too."""
    member = await make.staff("hub_manager", here.hub.id)
    await Role.create(person=member, kind="partner", organisation=here.partner)
    return member


async def feed(kind, about):
    return await FeedLink.create(kind=kind, about_id=about.id, token_hash=hash_of(kind), created_at=clock.now())


async def test_a_session_of_the_partners_door_revokes_no_calendar_of_the_hub(client, here, both):
    of_hub, own = await feed("room", here.room), await feed("partner", here.partner)
    await make.sign_in_partner(client, both)
    assert (await client.post(f"/partner/calendar/{of_hub.id}/revoke")).status_code == 404
    assert (await client.post(f"/partner/calendar/{own.id}/revoke")).status_code == 303
    assert (await FeedLink.get(id=of_hub.id)).revoked_at is None


async def test_a_session_of_the_staffs_door_revokes_no_calendar_of_the_partner(client, here, both):
    of_hub, own = await feed("room", here.room), await feed("partner", here.partner)
    await make.sign_in_staff(client, both)
    assert (await client.post(f"/staff/feeds/{own.id}/revoke")).status_code == 404
    assert (await client.post(f"/staff/feeds/{of_hub.id}/revoke")).status_code == 303
    assert (await FeedLink.get(id=own.id)).revoked_at is None


# What is private, restricted, or elsewhere in a series


async def series_with_a_date_elsewhere(here, room, **values):
    day = clock.today() + timedelta(days=20)
    series = await RoomSeries.create(
        room=here.room, organisation_id=here.partner.id, weekday=day.weekday(), start_time="10:00", end_time="12:00",
        first_date=day, last_date=day + timedelta(days=7), created_at=clock.now(),
    )  # fmt: skip
    ours = await make.room_booking(here.room, here.partner, series_id=series.id)
    return ours, await make.room_booking(room, here.partner, day=27, series_id=series.id, **values)


@pytest.mark.parametrize("kind", ["hub_staff", "county_admin"])
async def test_the_dates_of_a_series_name_no_room_that_may_not_be_seen(client, here, kind):
    refuge = await make.location(name=f"{MARK} House", kind="restricted", is_restricted=True)
    ours, theirs = await series_with_a_date_elsewhere(here, await make.room(refuge, name=f"{MARK} room"))
    await make.sign_in_staff(client, await make.staff(kind, here.hub.id))
    answer = await client.get(path(ours))
    assert answer.status_code == 200
    assert MARK not in answer.text and str(theirs.id) not in answer.text


async def test_a_swap_of_a_private_booking_is_told_to_its_hub_alone(client, here):
    partner = await make.organisation(name=f"{MARK} Aid")
    swap = await make.swap(here.room, partner)
    await RoomBooking.filter(id=swap.room_booking_id).update(is_private=True)
    for kind, hub_id, is_told in [("county_admin", None, False), ("hub_staff", here.hub.id, True)]:
        await enter(client, kind, hub_id)
        for booking_id in (swap.kept_booking_id, swap.for_booking_id):
            answer = await client.get(f"/staff/rooms/bookings/{booking_id}")
            assert answer.status_code == 200 and (MARK in answer.text) is is_told
    await make.sign_in_staff(client, await make.staff("county_admin"))
    answer = await client.post(
        f"/staff/rooms/bookings/{swap.kept_booking_id}/swap/decide", data={"decision": "withdraw"}
    )
    await swap.refresh_from_db()
    assert swap.state == "open"


async def test_nobody_else_says_whether_a_private_booking_was_used(client, here):
    booking = await make.room_booking(here.room, here.partner, day=0, start="00:00", end="00:01", is_private=True)
    for kind, hub_id, use in [("county_admin", None, ""), ("hub_staff", here.hub.id, "unused")]:
        await enter(client, kind, hub_id)
        await client.post("/staff/rooms/use", data={"booking": str(booking.id), "use": "unused"})
        assert (await RoomBooking.get(id=booking.id)).use == use


async def restricted_session_in(room, hub):
    """A restricted session of another hub in a room of ours."""
    run = await make.run(location=hub, title=f"{MARK} course", is_restricted=True, is_listed=False)
    day = run.first_date
    use = await make.room_booking(room, day=(day - clock.today()).days, kind="session", title="")
    return await make.session(run, room_booking=use, location_id=room.location_id)


async def test_a_restricted_session_of_another_hub_in_our_room_is_private_to_us(client, here):
    session = await restricted_session_in(here.room, here.elsewhere)
    manager = await make.staff("hub_manager", here.hub.id)
    who = staff_who(manager, {here.hub.id}, "hub_manager")
    [found] = await in_the_way([here.room.id], [(session.starts_at, session.ends_at)], who)
    assert (found.what, found.href) == ("Private booking", "")
    await make.sign_in_staff(client, manager)
    day = session.date.isoformat()
    pages = [
        await client.get(f"/staff/places/{here.hub.id}/close?first={day}&last={day}&all_day=yes&reason=repairs"),
        await client.get(f"/staff/diary?location={here.hub.id}&date={day}"),
        await client.post(
            f"/staff/rooms/{here.room.id}/edit", data={"name": here.room.name, "kind": "hall", "capacity": "5"}
        ),
    ]
    assert all(page.status_code in (200, 422) and MARK not in page.text for page in pages)
    assert str(session.id) not in pages[2].text


async def test_a_restricted_session_of_another_hub_does_not_name_itself_when_a_room_is_divided(client, here):
    half, other = await make.room(here.hub, name="Half"), await make.room(here.hub, name="Other half")
    session = await restricted_session_in(half, here.elsewhere)
    await make.room_booking(here.room, here.partner, day=(session.date - clock.today()).days)
    await make.sign_in_staff(client, await make.staff("hub_manager", here.hub.id))
    answer = await client.get(
        f"/staff/rooms/{here.room.id}/divide", params={"what": "parts", "part": [str(half.id), str(other.id)]}
    )
    assert answer.status_code == 200 and "Private booking" in answer.text
    assert MARK not in answer.text and str(session.id) not in answer.text


async def test_dividing_names_no_room_of_another_place(client, here):
    for part in (await make.room(here.elsewhere), await make.room(here.elsewhere)):
        await RoomPart.create(whole=here.far_room, part=part)
    await make.sign_in_staff(client, await make.staff("hub_manager", here.hub.id))
    other = await make.room(here.hub)
    for what in ("parts", "join"):
        asked = {"what": what, "part": [str(here.far_room.id), str(other.id)], "join-name": "All", "join-capacity": "9"}
        assert "Faraway" not in (await client.get(f"/staff/rooms/{here.room.id}/divide", params=asked)).text
        assert "Faraway" not in (await client.post(f"/staff/rooms/{here.room.id}/divide", data=asked)).text


async def test_whom_to_ring_about_a_restricted_session_is_told_to_its_hub_alone(client, here):
    run = await make.run(location=here.hub, title="Course", is_restricted=True, is_listed=False)
    use = await make.room_booking(here.room, day=7, kind="session", title="", start="10:00", end="11:30")
    session = await make.session(run, room_booking=use)
    await make.booking(session, await make.person(name=f"{MARK} Parent", channel="call"))
    day = session.date.isoformat()
    for kind, hub_id, is_told in [("county_admin", None, False), ("hub_manager", here.hub.id, True)]:
        await enter(client, kind, hub_id)
        asked = f"?first={day}&last={day}&all_day=yes&reason=repairs"
        page = (await client.get(f"/staff/places/{here.hub.id}/close{asked}")).text
        assert "Somebody has to ring" in page and (MARK in page) is is_told


# Mails and the trail


@pytest.mark.parametrize("is_of_restricted_place", [True, False])
async def test_mails_about_a_restricted_place_are_read_by_its_own_staff_alone(client, here, is_of_restricted_place):
    place = here.hub
    if is_of_restricted_place:
        place = await make.location(name=f"{MARK} House", hub_id=here.hub.id, kind="restricted", is_restricted=True)
    booker = await make.booker(here.partner)
    booking = await make.room_booking(
        await make.room(place, name=f"{MARK} room"), here.partner, title=f"{MARK} talk", booked_by_id=booker.id
    )
    await tell("room_confirmed", bookings=[booking.id])
    for kind, hub_id, is_told in [("county_admin", None, not is_of_restricted_place), ("hub_staff", here.hub.id, True)]:
        await enter(client, kind, hub_id)
        assert (MARK in (await client.get("/outbox")).text) is is_told


async def test_the_trail_of_a_session_in_a_restricted_place_is_for_its_own_staff(client, here):
    refuge = await make.location(hub_id=here.hub.id, kind="restricted", is_restricted=True)
    session = await make.session(await make.run(location=refuge, title=f"{MARK} morning"))
    await audit.record(
        "move session", about_kind="session", about_id=session.id, by=None, hub_id=here.hub.id, why=f"{MARK} flood"
    )
    for kind, hub_id, is_told in [("county_admin", None, False), ("hub_staff", here.hub.id, True)]:
        await enter(client, kind, hub_id)
        for query in ("", f"?q={MARK}"):
            page = (await client.get(f"/staff/audit{query}")).text.replace(f'value="{MARK}"', "")
            assert (MARK in page) is is_told


# What hangs where everybody passes


async def test_a_session_that_is_not_listed_has_no_name_on_the_door(desk, here):
    run = await make.run(location=here.hub, title=f"{MARK} group", is_listed=False)
    use = await make.room_booking(here.room, day=7, kind="session", title="")
    await make.session(run, room_booking=use)
    page = (await desk.get(f"/staff/rooms/{here.room.id}/door?date={run.first_date}")).text
    assert "Private booking" in page and MARK not in page
