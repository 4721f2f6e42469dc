"""Changing dates on pages: which, what, who is told, the act, and undoing it; strangers find nothing."""

from datetime import timedelta

import pytest

from booking.messages.models import Message
from booking.places.models import RoomBooking, RoomHold
from booking.programmes.models import Run, Session
from tests import make
from tests.programmes.changing_calls import course, everything, family


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Family Hub")
    await make.opening_hours(hub, weekdays="0123456")
    return hub


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


@pytest.fixture
async def sessions(hub):
    return await course(hub, await make.room(hub, name="Blue room"))


def path(session, page="change"):
    return f"/staff/sessions/{session.id}/{page}"


async def test_this_date_only_is_what_is_chosen_at_first(desk, sessions):
    page = (await desk.get(path(sessions[1]))).text
    assert 'value="date" checked' in page and "This and all later dates (3)" in page and "All dates to come (4)" in page
    assert "Change dates" in (await desk.get(f"/staff/sessions/{sessions[1].id}")).text


async def test_all_dates_move_after_a_look_at_who_is_told_and_are_moved_back(desk, sessions):
    await family(await sessions[0].run)
    typed = {"scope": "all", "what": "when", "see": "1", "start": "13:00", "end": "14:30"}
    page = (await desk.get(path(sessions[0]), params=typed)).text
    assert "Change 4 dates" in page and "1 text message, 1 email" in page and "4 calendar entries follow" in page
    assert "4 dates from" in page and "Each date comes in its own mail" in page
    before = await everything()
    assert (await desk.post(path(sessions[0]), data=typed)).status_code == 303
    assert set(await Session.all().values_list("start_time", flat=True)) == {"13:00"}
    for where in (f"/staff/sessions/{sessions[2].id}", f"/staff/runs/{sessions[0].run_id}"):
        shown = (await desk.get(where)).text
        assert "Changed by Maya Okafor, 4 dates." in shown and "Undo" in shown
    event = (await Message.all().first()).batch_id
    await desk.post(path(sessions[0], "change/undo"), data={"event": str(event)})
    assert await everything() == before


async def test_messages_are_sent_at_once_if_that_is_wanted(desk, sessions):
    await family(await sessions[0].run)
    await desk.post(path(sessions[0]), data={"scope": "date", "what": "when", "start": "13:00", "end": "14:30"})
    event = (await Message.all().first()).batch_id
    await desk.post(path(sessions[0], "change/send-now"), data={"event": str(event)})
    assert "The messages are leaving now." in (await desk.get(f"/staff/sessions/{sessions[0].id}")).text
    again = await desk.post(path(sessions[0], "change/undo"), data={"event": str(event)})
    assert again.status_code == 303 and (await Session.get(id=sessions[0].id)).start_time == "13:00"


async def test_a_clash_is_said_for_its_date_with_ways_out_and_one_of_them_is_taken(desk, hub, sessions):
    red, green = await make.room(hub, name="Red room"), await make.room(hub, name="Green room")
    at = {"starts_at": sessions[2].starts_at, "ends_at": sessions[2].ends_at}
    await RoomHold.create(room=red, room_booking=await RoomBooking.create(room=red, kind="hub", **at), **at)
    typed = {"scope": "all", "what": "when", "see": "1", "room": str(red.id)}
    page = await desk.get(path(sessions[0]), params=typed)
    assert (
        page.status_code == 422 and "Dates that cannot be so" in page.text and "Leave this date as it is" in page.text
    )
    assert "Green room, same time" in page.text
    chosen = typed | {f"way-{sessions[2].id}": f"use~{green.id}~~~"}
    assert "Green room" in (await desk.get(path(sessions[0]), params=chosen)).text
    await desk.post(path(sessions[0]), data=chosen)
    rooms = await Session.all().order_by("number").values_list("room_id", flat=True)
    assert rooms == [red.id, red.id, green.id, red.id]


async def test_what_has_its_own_is_marked_and_can_change_too(desk, sessions):
    await Session.filter(id=sessions[2].id).update(edited="time")
    typed = {"scope": "all", "what": "when", "see": "1", "start": "13:00", "end": "14:30"}
    page = (await desk.get(path(sessions[0]), params=typed)).text
    assert "This date has its own time" in page and "Change 3 dates" in page
    assert "Change 4 dates" in (await desk.get(path(sessions[0]), params=typed | {"too": "1"})).text
    for where in (f"/staff/sessions/{sessions[2].id}", f"/staff/runs/{sessions[0].run_id}"):
        assert "This date has its own time" in (await desk.get(where)).text


async def test_the_rest_of_a_course_is_cancelled(desk, sessions):
    typed = {"scope": "later", "what": "cancel", "see": "1", "reason": "building", "words": ""}
    assert "Cancel 3 dates" in (await desk.get(path(sessions[1]), params=typed)).text
    await desk.post(path(sessions[1]), data=typed)
    assert await Session.filter(state="cancelled").count() == 3
    shown = (await desk.get(f"/staff/sessions/{sessions[2].id}")).text
    assert "Cancelled by Maya Okafor, 3 dates." in shown and "The building is closed" in shown


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"what": "places", "places": "many"}, "as a number"),
        ({"what": "places", "places": "0"}, "as a number"),
        ({"what": "when", "start": "12:00", "end": "11:00"}, "End"),
        ({"what": "when", "date": "never"}, "Enter"),
        ({"what": "when"}, "Nothing would change"),
        ({"what": "cancel", "reason": ""}, "Say why"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, sessions, typed, words):
    page = await desk.get(path(sessions[0]), params={"scope": "all", "see": "1"} | typed)
    assert page.status_code == 422 and words.lower() in page.text.lower()


async def test_it_goes_online_who_has_no_device_is_rung_and_it_comes_back(desk, sessions):
    await family(await sessions[0].run, name="Nora None", has_no_device=True)
    typed = {"scope": "date", "to": "online", "join_url": "https://meet.example/x", "see": "1"}
    page = (await desk.get(path(sessions[0], "online"), params=typed)).text
    assert "Meet online" in page and "Nora None" in page and "has no device to join with" in page
    await desk.post(path(sessions[0], "online"), data=typed)
    shown = (await desk.get(f"/staff/sessions/{sessions[0].id}")).text
    assert "To ring about a change" in shown and "Nora None" in shown
    assert "Nora None" not in (await desk.get(f"/staff/sessions/{sessions[1].id}")).text.split("Register")[0]
    assert f"/staff/sessions/{sessions[0].id}" in (await desk.get("/staff")).text.split("Calls to make")[1]
    about = (await (await Run.get(id=sessions[0].run_id)).bookings.all())[0].id
    await desk.post(path(sessions[0], "rung"), data={"about": str(about)})
    assert "Rung" in (await desk.get(f"/staff/sessions/{sessions[0].id}")).text
    await Message.all().update(state="sent")
    back = {"scope": "date", "to": "in_person", "see": "1"}
    assert "Blue room, " in (await desk.get(path(sessions[0], "online"), params=back)).text
    await desk.post(path(sessions[0], "online"), data=back)
    assert (await Session.get(id=sessions[0].id)).delivery == "in_person"


async def test_without_a_link_it_says_so(desk, sessions):
    page = await desk.get(path(sessions[0], "online"), params={"scope": "all", "to": "online", "see": "1"})
    assert page.status_code == 422 and "Enter the link" in page.text


async def test_a_date_is_added_after_a_look_and_taken_away_again(desk, sessions):
    await family(await sessions[0].run)
    add = f"/staff/runs/{sessions[0].run_id}/add-date"
    assert "Add a date" in (await desk.get(add)).text
    typed = {"date": (sessions[-1].date + timedelta(weeks=1)).isoformat(), "start": "10:00", "end": "11:30"}
    page = (await desk.get(add, params=typed)).text
    assert "There is one more date" in page and "one more date. Incredible Years" in page
    answer = await desk.post(add, data=typed)
    assert await Session.all().count() == 5
    assert "Added by Maya Okafor" in (await desk.get(answer.headers["location"])).text
    event = (await Message.all().first()).batch_id
    undone = await desk.post(f"{answer.headers['location']}/change/undo", data={"event": str(event)})
    assert undone.headers["location"] == f"/staff/runs/{sessions[0].run_id}" and await Session.all().count() == 4


async def test_a_taken_day_or_none_is_said(desk, sessions):
    add = f"/staff/runs/{sessions[0].run_id}/add-date"
    for typed in ({"date": "", "start": "10:00"}, {"date": sessions[0].date.isoformat(), "start": "10:00"}):
        assert (await desk.get(add, params=typed)).status_code == 422


async def test_strangers_and_staff_of_other_hubs_find_nothing(client, hub, sessions):
    pages = [path(sessions[0]), path(sessions[0], "online"), f"/staff/runs/{sessions[0].run_id}/add-date"]
    for page in pages:
        assert (await client.get(page)).status_code in (303, 404)
    await make.sign_in_staff(client, await make.staff("hub_manager", (await make.location()).id))
    for page in [*pages, path(sessions[0], "change/undo"), path(sessions[0], "change/send-now")]:
        assert (await client.get(page)).status_code == 404
        assert (await client.post(page, data={"event": str(sessions[0].id)})).status_code == 404
    before = await everything()
    assert await everything() == before


async def test_an_event_that_is_no_change_of_this_date_undoes_nothing(desk, sessions):
    answer = await desk.post(path(sessions[0], "change/undo"), data={"event": str(sessions[0].id)})
    assert answer.status_code == 303
    assert (await desk.post(path(sessions[0], "change/undo"), data={"event": "no id"})).status_code == 404
