"""/staff/places/{id}/close and /staff/rooms/{room}/divide: looked at first, done, taken back; strangers find nothing."""

import re
from datetime import date

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import Message
from booking.people.models import Person
from booking.places import holding
from booking.places.models import Closure, Room, RoomBooking, RoomPart, RoomSwap
from booking.places.rooms import facts_of_one
from booking.programmes.models import Session
from tests import make

MAY = date(2027, 5, 6)


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel("2027-04-01 09:00:00Z", tick=False):
        yield


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Centre")


@pytest.fixture
async def hall(hub):
    return await make.room(hub, name="Main hall")


@pytest.fixture
async def keeper(client, hub):
    """The browser of the hub's manager."""
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


async def booked(room, start, end, kind="partner", **values) -> RoomBooking:
    starts_at, ends_at = clock.at(MAY, start), clock.at(MAY, end)
    booking = await RoomBooking.create(room=room, kind=kind, starts_at=starts_at, ends_at=ends_at, **values)
    await holding.hold([holding.hold_for(booking.id, await facts_of_one(room.id), starts_at, ends_at)])
    return booking


@pytest.fixture
async def day(hall):
    """A session with a family, and a partner's booking."""
    run = await make.run(location=await hall.location, title="Messy play", first_date=MAY)
    use = await booked(hall, "10:00", "11:30", kind="session")
    session = await make.session(run, room_id=hall.id, room_booking_id=use.id)
    await make.booking(session, await make.person(name="Carla Call", channel="call"))
    await make.booking(session, await make.person(channel="email", email="jo@home.example"))
    partner = await make.organisation(name="Health visitors")
    member = await make.booker(partner)
    clinic = await booked(
        hall, "13:00", "14:00", organisation_id=partner.id, booked_by_id=member.id, title="Baby clinic"
    )
    return session, clinic


ASKED = {"first": "2027-05-06", "all_day": "yes", "reason": "election"}


def path(hub) -> str:
    return f"/staff/places/{hub.id}/close"


def shown_ids(page: str, name: str = "seen") -> list[str]:
    return re.findall(f'name="{name}" value="([^"]+)"', page)


# closing


async def test_the_place_leads_to_the_form_which_is_asked_for_what_is_missing(keeper, hub, hall):
    assert path(hub) in (await keeper.get(f"/staff/places/{hub.id}")).text
    page = (await keeper.get(path(hub), params={"date": "2027-05-06", "room": str(hall.id)})).text
    assert 'value="2027-05-06"' in page and f'value="{hall.id}" selected' in page and "None. What you close" in page
    answer = await keeper.get(path(hub), params={"first": "2027-03-01", "all_day": "yes"})
    assert answer.status_code == 422
    assert "That is over" in answer.text and "Say why it is closed" in answer.text
    answer = await keeper.get(path(hub), params=ASKED | {"room": str(db.new_id())})
    assert answer.status_code == 422 and "one of its rooms" in answer.text


async def test_what_is_in_the_way_is_shown_with_families_partners_and_whom_to_ring(keeper, hub, day):
    page = (await keeper.get(path(hub), params=ASKED)).text
    assert "Thursday 6 May, all day" in page and "Election day" in page
    assert "Messy play" in page and "2 families" in page and "Carla Call" in page
    assert "Baby clinic" in page and "Health visitors" in page
    assert "1 session is cancelled." in page and "1 message to partners" in page
    assert await Closure.all().count() == 0 and await Message.all().count() == 0


async def close(keeper, hub, **changes):
    """Looks and closes as the page says; returns the answer."""
    page = (await keeper.get(path(hub), params=ASKED)).text
    form = ASKED | {"do": "close", "place": str(hub.id), "answered": "yes", "seen": shown_ids(page)} | changes
    return await keeper.post("/staff/close", data=form)


async def test_it_is_closed_told_and_undone(keeper, hub, day):
    session, clinic = day
    answer = await close(keeper, hub)
    done = answer.headers["location"]
    assert answer.status_code == 303 and done.startswith("/staff/close/")
    assert (await Session.get(id=session.id)).state == "cancelled"
    assert (await RoomBooking.get(id=clinic.id)).state == "displaced"
    page = (await keeper.get(done)).text
    assert "Thursday 6 May, all day" in page and "Messages leave at" in page and "Messy play" in page
    page = (await keeper.get(path(hub))).text
    assert "Closed: Thursday 6 May, all day" in page and "Reopen" in page and done in page
    assert "Election day" in (await keeper.get(f"/staff/places/{hub.id}")).text
    assert (await keeper.get(f"{done}/undo")).headers["location"] == done
    await keeper.post(f"{done}/undo")
    page = (await keeper.get(done)).text
    assert "It is open as before. Nobody heard of it." in page and "Undo" not in page
    assert "Reopen" not in (await keeper.get(path(hub))).text
    assert (await Session.get(id=session.id)).state == "planned" and await Closure.all().count() == 0


async def test_other_answers_are_shown_before_they_are_done(keeper, hub, day):
    session, clinic = day
    kept = {f"answer-{session.room_booking_id}": "keep", f"answer-{clinic.id}": "keep"}
    asked = ASKED | kept | {"place": str(hub.id), "answered": "yes"}
    page = (await keeper.post("/staff/close", data=asked | {"do": "look"})).text
    assert "2 uses are kept: the closure goes around them" in page and await Closure.all().count() == 0
    answer = await keeper.post("/staff/close", data=asked | {"do": "close", "seen": shown_ids(page)})
    assert (await Session.get(id=session.id)).state == "planned"
    assert (await RoomBooking.get(id=clinic.id)).state == "confirmed"
    assert "Nobody had to be told" in (await keeper.get(answer.headers["location"])).text


async def test_all_sessions_get_one_answer_by_one_button(keeper, hub, day):
    session, _ = day
    asked = ASKED | {f"answer-{session.room_booking_id}": "keep", "place": str(hub.id), "answered": "yes"}
    page = (await keeper.post("/staff/close", data=asked | {"do": "all-cancel"})).text
    assert "1 session is cancelled." in page
    answer = await keeper.post("/staff/close", data=asked | {"do": "all-online"})
    assert answer.status_code == 409 and "Enter the link that families join by" in answer.text
    page = (
        await keeper.post("/staff/close", data=asked | {"do": "all-online", "join_url": "https://meet.example/x"})
    ).text
    assert "1 session is online." in page and await Closure.all().count() == 0


async def test_what_was_booked_meanwhile_is_shown_before_it_is_cancelled(keeper, hub, hall, day):
    page = (await keeper.get(path(hub), params=ASKED)).text
    late = await booked(hall, "15:00", "16:00", kind="hub", title="Team meeting")
    form = ASKED | {"do": "close", "place": str(hub.id), "seen": shown_ids(page)}
    answer = await keeper.post("/staff/close", data=form)
    assert answer.status_code == 409
    assert "Something was booked meanwhile" in answer.text and "Team meeting" in answer.text
    assert (await RoomBooking.get(id=late.id)).state == "confirmed" and await Closure.all().count() == 0


async def test_a_closure_is_opened_earlier_and_then_taken_away(keeper, hub, hall):
    await keeper.post(path(hub), data=ASKED | {"do": "close"})
    closure = await Closure.first()
    await keeper.post(f"{path(hub)}/reopen", data={"closure": closure.id, "last": "2027-05-06", "end": "13:00"})
    assert "It opens earlier now" in (await keeper.get(path(hub))).text
    assert (await Closure.first()).ends_at == clock.at(MAY, "13:00")
    await keeper.post(f"{path(hub)}/reopen", data={"closure": closure.id, "last": "2027-05-20"})
    assert "can only be made shorter" in (await keeper.get(path(hub))).text
    await keeper.post(f"{path(hub)}/reopen", data={"closure": closure.id})
    assert "It is open again" in (await keeper.get(path(hub))).text and await Closure.all().count() == 0
    await keeper.post(f"{path(hub)}/reopen", data={"closure": closure.id})
    assert "is over or was taken away" in (await keeper.get(path(hub))).text


async def test_several_dates_in_one_act(keeper, hub, hall):
    await keeper.post(path(hub), data=ASKED | {"do": "close", "also": ["2027-06-03", ""]})
    page = (await keeper.get(path(hub))).text
    assert "Thursday 6 May, all day" in page and "Thursday 3 June, all day" in page


async def test_the_messages_can_leave_at_once_and_it_can_still_be_undone(keeper, hub, day):
    done = (await close(keeper, hub)).headers["location"]
    await keeper.post(f"{done}/send-now")
    page = (await keeper.get(done)).text
    assert "The messages are leaving now" in page and "Send the messages now" not in page and "Undo" in page
    await Message.filter(state="queued").exclude(channel="call").update(state="sent", sent_at=clock.now())
    await keeper.post(f"{done}/undo")
    assert "Those who had heard (2) hear that it goes on after all" in (await keeper.get(done)).text


async def test_everybody_is_told_at_once_where_that_is_chosen(keeper, hub, day):
    await close(keeper, hub, tell="now")
    messages = await Message.filter(state="queued")
    assert messages and all(message.due_at <= clock.now() for message in messages)


async def test_what_begins_within_twelve_hours_is_told_at_once_unless_it_is_said_otherwise(keeper, hub, day):
    page = (await keeper.get(path(hub), params=ASKED)).text
    assert re.search(r'id="tell-later" name="tell" type="radio" value="later" checked', page)
    with time_machine.travel("2027-05-06 06:00:00Z", tick=False):
        await make.sign_in_staff(keeper, await make.staff("hub_manager", hub.id))
        page = (await keeper.get(path(hub), params=ASKED)).text
    assert re.search(r'id="tell" name="tell" type="radio" value="now" checked', page)
    assert "Messages leave within a minute" in page


async def test_several_places_are_closed_at_once(client, hub, hall, day):
    other = await make.location(name="Wimborne Hub")
    await make.room(other, name="Blue room")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get("/staff/close", params={"date": "2027-05-06"})).text
    assert "Ferndown Centre" in page and "Wimborne Hub" in page
    assert "Choose at least one place" in (await client.get("/staff/close", params=ASKED)).text
    asked = ASKED | {"place": [str(hub.id), str(other.id)]}
    page = (await client.get("/staff/close", params=asked)).text
    assert "Close Ferndown Centre, Wimborne Hub?" in page
    answer = await client.post("/staff/close", data=asked | {"do": "close", "seen": shown_ids(page)})
    assert await Closure.all().count() == 2
    assert "Ferndown Centre, Wimborne Hub" in (await client.get(answer.headers["location"])).text
    assert "one place" in (await client.get("/staff/close", params=asked | {"room": str(hall.id)})).text


async def test_what_became_of_it_is_for_staff_of_its_hubs_and_undoing_for_who_may_close_all_of_it(
    client, keeper, hub, day
):
    done = (await close(keeper, hub)).headers["location"]
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = (await client.get(done)).text
    assert "Messy play" in page and "Undo" not in page
    assert (await client.post(f"{done}/undo")).status_code == 404
    stranger = await make.location()
    await make.sign_in_staff(client, await make.staff("hub_manager", stranger.id))
    assert (await client.get(done)).status_code == 404 and (await client.post(f"{done}/undo")).status_code == 404
    assert (await client.get("/staff/close", params=ASKED | {"place": str(hub.id)})).status_code == 404
    assert await Closure.all().count() == 1


async def test_hostile_words_are_text(keeper, hub, hall):
    words = "<script>alert(1)</script>"
    page = (await keeper.get(path(hub), params=ASKED | {"reason": "other", "words": words})).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    answer = await keeper.post(path(hub), data=ASKED | {"do": "close", "reason": "other", "words": words})
    for where in (path(hub), answer.headers["location"]):
        assert "<script>alert" not in (await keeper.get(where)).text


@pytest.mark.parametrize(("kind", "is_here"), [("hub_staff", True), ("hub_manager", False), ("hub_staff", False)])
async def test_only_managers_of_the_hub_close_its_places_and_divide_its_rooms(client, hub, hall, kind, is_here):
    at = hub if is_here else await make.location()
    await make.sign_in_staff(client, await make.staff(kind, at.id))
    for where in (path(hub), f"/staff/rooms/{hall.id}/divide"):
        assert (await client.get(where)).status_code == 404
        assert (await client.post(where, data=ASKED | {"do": "close"})).status_code == 404
    assert (await client.post(f"{path(hub)}/reopen")).status_code == 404
    assert await Closure.all().count() == 0


async def test_a_closure_of_another_place_is_not_opened_from_here(keeper, hub, client):
    other = await make.location()
    closure = await Closure.create(
        location=other, reason="x", starts_at=clock.at(MAY, "00:00"), ends_at=clock.at(MAY, "23:00")
    )
    await keeper.post(f"{path(hub)}/reopen", data={"closure": closure.id})
    assert await Closure.all().count() == 1


# dividing


def divide_path(room) -> str:
    return f"/staff/rooms/{room.id}/divide"


NEW = {"what": "divide", "name": "East half", "capacity": "20", "name-1": "West half", "capacity-1": "18"}


async def test_a_hall_is_divided_after_a_look(keeper, hall):
    assert divide_path(hall) in (await keeper.get(f"/staff/rooms/{hall.id}")).text
    page = (await keeper.get(divide_path(hall))).text
    assert "Divide it into new parts" in page and "Take it back" not in page
    booking = await booked(hall, "10:00", "11:00")
    page = (await keeper.get(divide_path(hall), params=NEW)).text
    assert "East half (up to 20 people) and West half (up to 18 people)" in page
    assert "1 booking to come stays at the same time" in page and await Room.all().count() == 1
    answer = await keeper.post(divide_path(hall), data=NEW)
    assert answer.status_code == 303
    assert "Main hall is divided into East half and West half" in (await keeper.get(answer.headers["location"])).text
    assert len(await holding.holds_of([booking.id])) == 2
    page = (await keeper.get(divide_path(hall))).text
    assert "Change its parts" in page and "Take it back" in page


async def test_what_is_missing_is_said_beside_the_fields(keeper, hall):
    answer = await keeper.get(divide_path(hall), params=NEW | {"name-1": "", "capacity": "many"})
    assert answer.status_code == 422
    assert 'href="#name-1"' in answer.text and 'href="#capacity"' in answer.text
    other = await make.room(await hall.location, name="Stage")
    join = {"what": "join", "part": str(other.id), "join-name": "Main hall", "join-capacity": "90"}
    answer = await keeper.get(divide_path(hall), params=join)
    assert answer.status_code == 422 and 'href="#join-name"' in answer.text
    assert (await keeper.get(divide_path(hall), params={"what": "join", "part": "x"})).status_code == 404


async def test_bookings_in_the_way_are_named_with_links(keeper, hub, hall):
    east, west = await make.room(hub, name="East"), await make.room(hub, name="West")
    one, other = (
        await booked(hall, "10:00", "11:00", title="Choir"),
        await booked(east, "10:30", "12:00", title="Clinic"),
    )
    asked = {"what": "parts", "part": [str(east.id), str(west.id)]}
    page = (await keeper.get(divide_path(hall), params=asked)).text
    assert "1 booking is in the way" in page and "Choir" in page and "Clinic" in page
    assert f"/staff/rooms/bookings/{one.id}" in page and f"/staff/rooms/bookings/{other.id}" in page
    answer = await keeper.post(divide_path(hall), data=asked)
    assert answer.status_code == 422 and "would be in the way" in answer.text
    assert await RoomPart.all().count() == 0


async def test_rooms_are_joined_and_taken_apart_again(keeper, hub, hall):
    stage = await make.room(hub, name="Stage")
    join = {"what": "join", "part": str(stage.id), "join-name": "Whole house", "join-capacity": "90"}
    assert "Whole house can be booked" in (await keeper.get(divide_path(hall), params=join)).text
    await keeper.post(divide_path(hall), data=join)
    house = await Room.get(name="Whole house")
    assert await RoomPart.filter(whole=house).count() == 2
    assert "Whole house can no longer be booked" in (
        await keeper.get(divide_path(house), params={"what": "unjoin"})
    ).text  # fmt: skip
    answer = await keeper.post(divide_path(house), data={"what": "unjoin"})
    assert answer.headers["location"] == f"/staff/places/{hub.id}" and await RoomPart.all().count() == 0


async def test_a_divided_room_is_made_one_again(keeper, hall):
    await keeper.post(divide_path(hall), data=NEW)
    assert "can no longer be booked" in (await keeper.get(divide_path(hall), params={"what": "undivide"})).text
    await keeper.post(divide_path(hall), data={"what": "undivide"})
    assert "Main hall is one room again" in (await keeper.get(f"/staff/rooms/{hall.id}")).text
    assert await RoomPart.all().count() == 0


# a partner whose room is closed


async def test_a_partner_takes_the_room_that_is_kept_with_one_click(keeper, client, hub, day):
    _, clinic = day
    near = await make.location(name="Wimborne Hub", hub_id=hub.id, kind="delivery_site")
    await make.room(near, name="Studio", is_partner_bookable=True)
    page = (await keeper.get(path(hub), params=ASKED)).text
    assert "Studio, Wimborne Hub (up to 40, very near" in page
    await close(keeper, hub)
    swap = await RoomSwap.get(room_booking_id=clinic.id)
    page = (await keeper.get(f"/staff/rooms/bookings/{clinic.id}")).text
    assert "Displaced" in page and "Studio" in page
    client.cookies.clear()
    await make.sign_in_partner(client, await Person.get(id=clinic.booked_by_id))
    for where in ("/partner", f"/partner/bookings/{clinic.id}"):
        assert f"/swaps/{swap.token}" in (await client.get(where)).text
    page = (await client.get(f"/swaps/{swap.token}")).text
    assert "You cannot use your room: Election day" in page and "No, thank you" in page
    await client.post(f"/swaps/{swap.token}", data={"answer": "yes"})
    page = (await client.get(f"/swaps/{swap.token}")).text
    assert "You have taken the other room" in page and "Your room was" not in page
    assert (await RoomBooking.get(id=clinic.id)).state == "confirmed"
    assert "Studio" in (await client.get(f"/partner/bookings/{clinic.id}")).text
