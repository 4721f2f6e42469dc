"""/staff/places and /staff/rooms/{room}: who finds what, what a form keeps, what is asked before it is saved."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from booking import clock, db
from booking.places.models import Location, OpeningHours, Room, RoomBooking, RoomPhoto, SpecialOpening
from tests import make
from tests.places.keeping_calls import PNG, new_room, typed_place, typed_room

SECRET = {"kind": "restricted", "is_restricted": True, "name": "Safe house", "address": "", "postcode": ""}


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Centre", hub_name="Ferndown Family Hub", slug="ferndown")
    await make.opening_hours(hub)
    return hub


@pytest.fixture
async def room(hub):
    return await make.room(hub, name="Blue room", features="step-free")


@pytest.fixture
async def keeper(client, hub):
    """The browser of the hub's manager."""
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


async def signed_in(client, kind, hub_id=None):
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff(kind, hub_id))
    return client


def sent(typed):
    """A form as a browser sends it: boxes that are not ticked are left out."""
    return {name: text for name, text in typed.items() if name != "ticked"} | {"features": typed.get("ticked", [])}


async def booked(room, *, days=7, **values):
    day = clock.today() + timedelta(days=days)
    return await RoomBooking.create(
        **{
            "room": room, "kind": "partner", "title": "Baby clinic", "people": 30,
            "starts_at": clock.at(day, "10:00"), "ends_at": clock.at(day, "11:00"),
        }
        | values
    )  # fmt: skip


# The list


async def test_the_list_shows_every_place_of_the_hub_with_its_rooms_and_state(keeper, hub, room):
    tomorrow, yesterday = clock.today() + timedelta(days=1), clock.today() - timedelta(days=1)
    await make.location(name="New hall", kind="outreach", hub_id=hub.id, valid_from_date=tomorrow)
    await make.location(name="Old hall", kind="outreach", hub_id=hub.id, valid_to_date=yesterday)
    await make.location(name="Hall of another hub")
    page = (await keeper.get("/staff/places")).text
    assert "Ferndown Centre" in page and f'href="/staff/rooms/{room.id}"' in page and "40 people" in page
    assert "Planned from" in page and "Ended on" in page
    assert "Hall of another hub" not in page
    ended = (await keeper.get("/staff/places?state=ended")).text
    assert "Old hall" in ended and "New hall" not in ended
    assert "Add a place" in page


async def test_the_list_is_searched_by_place_room_operator_and_postcode(keeper, hub, room):
    await make.location(
        name="Village hall", kind="outreach", hub_id=hub.id, operator="Parish council", postcode="DT1 1AA"
    )
    for words, finds in [("blue", "Ferndown Centre"), ("parish", "Village hall"), ("dt1 1aa", "Village hall")]:
        page = (await keeper.get("/staff/places", params={"q": words})).text
        assert finds in page and "1 place<" in page
    assert "No place found" in (await keeper.get("/staff/places?q=castle")).text


async def test_an_administrator_sees_the_county_but_nothing_restricted(client, hub):
    await make.location(name="Village hall")
    await make.location(hub_id=hub.id, **SECRET)
    page = (await (await signed_in(client, "county_admin")).get("/staff/places")).text
    assert "Ferndown Centre" in page and "Village hall" in page and "Safe house" not in page
    page = (await (await signed_in(client, "hub_staff", hub.id)).get("/staff/places")).text
    assert "Safe house" in page and "Village hall" not in page and "Add a place" not in page


# One place


async def test_one_place_shows_what_is_kept_about_it(keeper, hub, room):
    await SpecialOpening.create(
        location=hub, first_date=date(2037, 1, 12), last_date=date(2037, 1, 12), opens="17:00", closes="20:00",
        is_extra=True, reason="hall hired",
    )  # fmt: skip
    page = (await keeper.get(f"/staff/places/{hub.id}")).text
    for words in (
        "Ferndown Centre",
        "Blue room",
        "9am to 5pm",
        "12 January 2037",
        "hall hired",
        "Add a special opening",
    ):
        assert words in page
    assert 'href="/places/ferndown"' in page


@pytest.mark.parametrize("path", ["", "/edit", "/hours", "/special", "/rooms/new"])
async def test_strangers_of_another_hub_find_neither_the_place_nor_its_forms(client, hub, path):
    other = await make.location()
    await signed_in(client, "hub_manager", other.id)
    assert (await client.get(f"/staff/places/{hub.id}{path}")).status_code == 404
    if path:
        assert (await client.post(f"/staff/places/{hub.id}{path}", data={"name": "Mine now"})).status_code == 404


@pytest.mark.parametrize("path", ["", "/edit", "/photo"])
async def test_strangers_of_another_hub_find_neither_the_room_nor_its_forms(client, room, path):
    await signed_in(client, "hub_manager", (await make.location()).id)
    assert (await client.get(f"/staff/rooms/{room.id}{path}")).status_code == 404
    if path:
        answer = await client.post(f"/staff/rooms/{room.id}{path}", data={"name": "Mine now", "capacity": "1"})
        assert answer.status_code == 404
    assert (await Room.get(id=room.id)).capacity == 40


async def test_staff_who_are_no_managers_read_and_cannot_change(client, hub, room):
    await signed_in(client, "hub_staff", hub.id)
    page = await client.get(f"/staff/places/{hub.id}")
    assert page.status_code == 200 and "Change these facts" not in page.text and "/special" not in page.text
    assert (await client.get(f"/staff/rooms/{room.id}")).status_code == 200
    for path in (f"places/{hub.id}/edit", f"places/{hub.id}/hours", f"rooms/{room.id}/edit", f"rooms/{room.id}/photo"):
        assert (await client.get(f"/staff/{path}")).status_code == 404
        assert (await client.post(f"/staff/{path}", data={"name": "Changed"})).status_code == 404


async def test_a_restricted_place_is_there_for_staff_of_its_very_hub_alone(client, hub):
    secret = await make.location(hub_id=hub.id, **SECRET)
    room = await make.room(secret)
    await make.photo(room)
    paths = (
        f"/staff/places/{secret.id}",
        f"/staff/places/{secret.id}/edit",
        f"/staff/rooms/{room.id}",
        f"/rooms/{room.id}/photo",
    )
    await signed_in(client, "county_admin")
    assert [(await client.get(path)).status_code for path in paths] == [404] * 4
    await signed_in(client, "hub_manager", hub.id)
    assert [(await client.get(path)).status_code for path in paths] == [200] * 4
    assert (await client.get(paths[3])).headers["cache-control"] == "no-store"
    assert "restricted" in (await client.get(paths[0])).text
    client.cookies.clear()
    assert (await client.get(paths[3])).status_code == 404


async def test_what_is_no_id_is_not_there(keeper):
    for path in ("/staff/places/nowhere", "/staff/rooms/nothing", "/rooms/nothing/photo"):
        assert (await keeper.get(path)).status_code == 404


# Forms about a place


async def test_a_place_is_added_once_even_if_the_form_is_sent_twice(keeper, hub):
    page = (await keeper.get("/staff/places/new")).text
    assert f'value="{hub.id}" selected' in page
    form = {"name": "Village hall", "kind": "outreach", "hub_id": str(hub.id), "form_token": "twice"}
    answer = await keeper.post("/staff/places/new", data=form)
    place = await Location.get(name="Village hall")
    assert answer.headers["location"] == f"/staff/places/{place.id}"
    assert (await keeper.post("/staff/places/new", data=form)).status_code == 303
    assert await Location.filter(name="Village hall").count() == 1


async def test_a_place_cannot_be_added_to_the_hub_of_others(keeper):
    other = await make.location(name="Other hub")
    form = {"name": "Village hall", "kind": "outreach", "hub_id": str(other.id)}
    answer = await keeper.post("/staff/places/new", data=form)
    assert answer.status_code == 422 and "Choose the hub" in answer.text
    answer = await keeper.post("/staff/places/new", data=form | {"kind": "hub", "area": "Dorset"})
    assert answer.status_code == 422
    assert not await Location.filter(name="Village hall").exists()


async def test_what_was_typed_is_kept_beside_its_problem(keeper, hub):
    typed = await typed_place(hub.id, postcode="nowhere", directions="Mind the <dog>")
    answer = await keeper.post(f"/staff/places/{hub.id}/edit", data=typed)
    assert answer.status_code == 422
    assert 'value="nowhere"' in answer.text and "Mind the &lt;dog&gt;" in answer.text
    assert "is not a postcode" in answer.text and 'href="#postcode"' in answer.text


async def test_a_place_is_changed_and_families_read_it_at_once(keeper, hub):
    answer = await keeper.post(
        f"/staff/places/{hub.id}/edit", data=await typed_place(hub.id, directions="Through the courtyard")
    )
    assert answer.status_code == 303
    assert "Through the courtyard" in (await keeper.get("/places/ferndown")).text


async def test_a_manager_moves_a_place_only_to_a_hub_of_their_own(keeper, client, hub):
    hall = await make.location(name="Village hall", kind="outreach", hub_id=hub.id, hub_name="Ferndown Family Hub")
    other = await make.location(hub_name="Wimborne Family Hub")
    path, typed = f"/staff/places/{hall.id}/edit", await typed_place(hall.id, hub_id=str(other.id))
    assert "Wimborne" not in (await keeper.get(path)).text
    await keeper.post(path, data=typed)
    assert (await Location.get(id=hall.id)).hub_id == hub.id
    await signed_in(client, "county_admin")
    assert "Wimborne Family Hub" in (await client.get(path)).text
    await client.post(path, data=typed)
    assert (await Location.get(id=hall.id)).hub_id == other.id


async def test_the_end_of_an_agreement_is_asked_about_with_the_bookings_after_it(keeper, hub, room):
    booking = await booked(room, days=30)
    typed = await typed_place(hub.id, valid_to_date=str(clock.today() + timedelta(days=20)))
    answer = await keeper.post(f"/staff/places/{hub.id}/edit", data=typed)
    assert answer.status_code == 422
    assert "1 booking to come would not fit any more" in answer.text and "Save anyway" in answer.text
    assert f'href="/staff/rooms/bookings/{booking.id}"' in answer.text and "Baby clinic" in answer.text
    assert (await Location.get(id=hub.id)).valid_to_date is None
    answer = await keeper.post(f"/staff/places/{hub.id}/edit", data=typed | {"sure": "yes"})
    assert answer.status_code == 303 and (await Location.get(id=hub.id)).valid_to_date is not None


# Hours


async def test_opening_hours_are_changed_on_their_page(keeper, hub):
    page = (await keeper.get(f"/staff/places/{hub.id}/hours")).text
    assert 'value="09:00-17:00"' in page
    form = {"hours-0": "09:00-12:00; 13:00-19:00"}
    assert (await keeper.post(f"/staff/places/{hub.id}/hours", data=form)).status_code == 303
    assert await OpeningHours.filter(location_id=hub.id).count() == 2
    assert "9am to midday and 1pm to 7pm" in (await keeper.get(f"/staff/places/{hub.id}")).text
    answer = await keeper.post(f"/staff/places/{hub.id}/hours", data={"hours-0": "late"})
    assert answer.status_code == 422 and 'value="late"' in answer.text and 'href="#hours-0"' in answer.text


async def test_a_special_opening_is_added_seen_by_families_and_taken_away(keeper, hub):
    today = clock.today()
    form = {
        "first_date": str(today), "last_date": str(today + timedelta(days=6)), "weekdays": list("0123456"),
        "opens": "17:00", "closes": "20:00", "how": "extra", "reason": "hall hired", "form_token": "once",
    }  # fmt: skip
    for _ in range(2):
        assert (await keeper.post(f"/staff/places/{hub.id}/special", data=form)).status_code == 303
    special = await SpecialOpening.get(location_id=hub.id)
    assert special.weekdays == "0123456"
    assert "Open late until 8pm: hall hired" in (await keeper.get("/places/ferndown")).text
    answer = await keeper.post(f"/staff/places/{hub.id}/special/remove", data={"special": str(special.id)})
    assert answer.status_code == 303 and not await SpecialOpening.all().exists()
    answer = await keeper.post(f"/staff/places/{hub.id}/special/remove", data={"special": "nonsense"})
    assert answer.status_code == 303
    assert "not there any more" in (await keeper.get(f"/staff/places/{hub.id}")).text


async def test_a_special_opening_that_cannot_be_comes_back_with_what_was_typed(keeper, hub):
    form = {
        "first_date": "2037-01-12",
        "weekdays": ["3"],
        "opens": "17:00",
        "closes": "16:00",
        "how": "instead",
        "reason": "x",
    }
    answer = await keeper.post(f"/staff/places/{hub.id}/special", data=form)
    assert answer.status_code == 422 and "closes before it opens" in answer.text
    assert 'value="instead" checked' in answer.text and 'value="3" checked' in answer.text
    assert 'value="4" checked' not in answer.text


async def test_taking_hours_away_in_which_something_is_booked_is_asked_first(keeper, hub, room):
    day = clock.today() + timedelta(days=7)
    special = await SpecialOpening.create(
        location=hub, first_date=day, last_date=day, opens="17:00", closes="20:00", is_extra=True, reason="hall hired"
    )
    await booked(room, starts_at=clock.at(day, "18:00"), ends_at=clock.at(day, "19:00"))
    form = {"special": str(special.id)}
    answer = await keeper.post(f"/staff/places/{hub.id}/special/remove", data=form)
    assert answer.status_code == 422 and "Take it away anyway" in answer.text and "Baby clinic" in answer.text
    assert (await keeper.post(f"/staff/places/{hub.id}/special/remove", data=form | {"sure": "yes"})).status_code == 303
    assert not await SpecialOpening.all().exists()


# Rooms


async def test_a_room_is_added_and_shown_with_its_rules(keeper, hub):
    form = sent(new_room(rate="12.50", is_partner_bookable="yes", setup_minutes="15")) | {
        "features": ["projector", "step-free"], "form_token": "room once",
    }  # fmt: skip
    answer = await keeper.post(f"/staff/places/{hub.id}/rooms/new", data=form)
    room = await Room.get(location_id=hub.id)
    assert answer.headers["location"] == f"/staff/rooms/{room.id}"
    page = (await keeper.get(f"/staff/rooms/{room.id}")).text
    for words in ("Blue room", "40 at most", "step-free, projector", "£12.50 an hour", "15 minutes before", "1 day"):
        assert words in page
    await keeper.post(f"/staff/places/{hub.id}/rooms/new", data=form)
    assert await Room.all().count() == 1


async def test_a_room_that_cannot_be_comes_back_with_what_was_typed(keeper, hub):
    form = sent(new_room(capacity="lots", more_features="piano")) | {"features": ["projector"]}
    answer = await keeper.post(f"/staff/places/{hub.id}/rooms/new", data=form)
    assert answer.status_code == 422 and 'href="#capacity"' in answer.text
    assert (
        'value="lots"' in answer.text and 'value="piano"' in answer.text and 'value="projector" checked' in answer.text
    )


async def test_a_smaller_room_is_asked_about_with_its_bookings_and_saved_anyway(keeper, room):
    booking = await booked(room)
    typed = sent(await typed_room(room.id, capacity="10"))
    answer = await keeper.post(f"/staff/rooms/{room.id}/edit", data=typed)
    assert answer.status_code == 422 and "30 people, and there would be room for 10" in answer.text
    assert f'href="/staff/rooms/bookings/{booking.id}"' in answer.text and 'value="10"' in answer.text
    assert (await keeper.post(f"/staff/rooms/{room.id}/edit", data=typed | {"sure": "yes"})).status_code == 303
    assert (await Room.get(id=room.id)).capacity == 10


async def test_other_minutes_say_that_what_is_booked_keeps_its_own(keeper, room):
    assert "keep the minutes they were booked with" in (await keeper.get(f"/staff/rooms/{room.id}/edit")).text
    answer = await keeper.post(f"/staff/rooms/{room.id}/edit", data=sent(await typed_room(room.id, setup_minutes="20")))
    assert answer.status_code == 303
    assert "those already made keep theirs" in (await keeper.get(f"/staff/rooms/{room.id}")).text


# Pictures


async def test_a_picture_is_sent_shown_to_families_and_taken_away(keeper, room):
    files = {"photo": ("hall.exe", PNG, "application/x-msdownload")}
    answer = await keeper.post(f"/staff/rooms/{room.id}/photo", data={"words": "A bright <hall>"}, files=files)
    assert answer.status_code == 303
    page = (await keeper.get("/places/ferndown")).text
    assert f'src="/rooms/{room.id}/photo?v=' in page and 'alt="A bright &lt;hall&gt;"' in page
    keeper.cookies.clear()
    picture = await keeper.get(f"/rooms/{room.id}/photo")
    assert picture.content == PNG and picture.headers["content-type"] == "image/png"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in picture.headers["content-security-policy"]
    again = await keeper.get(f"/rooms/{room.id}/photo", headers={"If-None-Match": picture.headers["etag"]})
    assert again.status_code == 304


async def test_a_picture_is_taken_away(keeper, room):
    await make.photo(room)
    assert "A bright hall" in (await keeper.get(f"/staff/rooms/{room.id}")).text
    assert (await keeper.post(f"/staff/rooms/{room.id}/photo/remove")).status_code == 303
    assert not await RoomPhoto.all().exists()
    assert (await keeper.get(f"/rooms/{room.id}/photo")).status_code == 404


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (b"<svg/>", "A hall", "not a JPEG, PNG or WebP"),
        (PNG, "", "Say in a few words"),
        (b"", "A hall", "Choose a picture"),
    ],
)
async def test_what_is_no_picture_comes_back_with_the_words_typed(keeper, room, content, words, said):
    files = {"photo": ("hall.png", content, "image/png")} if content else {}
    answer = await keeper.post(f"/staff/rooms/{room.id}/photo", data={"words": words}, files=files or {"none": b""})
    assert answer.status_code == 422 and said in answer.text
    assert not await RoomPhoto.all().exists()


async def test_the_list_of_places_takes_few_queries_however_many_there_are(keeper, hub, monkeypatch):
    for n in range(12):
        await make.room(await make.location(name=f"Hall {n}", kind="outreach", hub_id=hub.id))
    counted, plain = [], db.rows

    async def rows(sql, *parameters):
        counted.append(sql)
        return await plain(sql, *parameters)

    monkeypatch.setattr(db, "rows", rows)
    assert "Hall 11" in (await keeper.get("/staff/places")).text
    assert len(counted) <= 6, counted


@pytest.mark.parametrize("kind", ["hub_manager", "hub_staff"])
async def test_every_link_of_a_place_and_a_room_leads_somewhere(client, hub, room, kind):
    await signed_in(client, kind, hub.id)
    for path in (f"/staff/places/{hub.id}", f"/staff/rooms/{room.id}"):
        main = (await client.get(path)).text.partition("<main")[2]
        links = {unescape(href) for href in re.findall(r'href="(/[^"#]*)', main)}
        assert any("/keyholders" in href or "/door" in href for href in links)
        answers = {href: (await client.get(href)).status_code for href in links}
        assert {href: status for href, status in answers.items() if status != 200} == {}
