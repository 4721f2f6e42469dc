"""The door sheet: what may hang where everybody passes."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from booking import db
from tests import make
from tests.places.in_rooms import DAY, closed, divided, session_in, use

MARK = "Larkspur"


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel("2027-01-12T07:20:00Z", tick=False):
        yield


@pytest.fixture
async def hub(client, database):
    hub = await make.location(name="Ferndown")
    await make.sign_in_staff(client, await make.staff(hub_id=hub.id))
    return hub


async def sheet(client, path: str) -> list[list[str]]:
    """The lines of each sheet."""
    answer = await client.get(path)
    assert answer.status_code == 200
    sheets = re.findall(r'<section class="door".*?</section>', answer.text, re.DOTALL)
    return [[words(line) for line in re.findall(r"<li class=\"door__use.*?</li>", each, re.DOTALL)] for each in sheets]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_it_says_when_what_and_which_organisation(client, hub):
    room = await make.room(hub)
    partner = await make.organisation(name="Citizens Advice")
    await use(room, "14:00", "15:30", organisation_id=partner.id, title="Debt advice")
    await session_in(room, await make.run(location=hub, first_date=DAY, title="Stay and play", host="Karen Smith"))
    await closed(room, "Floor washed", "17:00", "18:00")
    assert await sheet(client, f"/staff/rooms/{room.id}/door") == [
        ["10am to 11:30am Stay and play", "2pm to 3:30pm Debt advice Citizens Advice", "5pm to 6pm Closed Floor washed"]
    ]


async def test_it_names_no_people_and_nothing_that_is_not_settled(client, hub):
    room, booker = await make.room(hub), await make.booker(name="Grace Penny")
    values = {"booked_by_id": booker.id, "second_person": "Grace Penny", "notes": "Ask Grace Penny"}
    await use(room, "10:00", "11:00", **values)
    await use(room, "12:00", "13:00", state="requested", title="Perhaps")
    await use(room, "14:00", "15:00", kind="swap", title="Perhaps")
    await use(room, "16:00", "17:00", state="cancelled", title="Perhaps")
    page = (await client.get(f"/staff/rooms/{room.id}/door")).text
    assert "Baby clinic" in page
    assert "Grace" not in page.replace("Maya", "") and "Perhaps" not in page


async def test_private_use_is_private_at_the_door_even_when_its_own_staff_print_it(client, hub):
    room = await make.room(hub)
    await use(room, "10:00", "11:00", title=f"{MARK} group", is_private=True)
    run = await make.run(
        location=hub, first_date=DAY, title=f"{MARK} course", is_restricted=True, start_time="12:00", end_time="13:00"
    )
    await session_in(room, run)
    page = await client.get(f"/staff/rooms/{room.id}/door")
    assert MARK not in page.text
    assert await sheet(client, f"/staff/rooms/{room.id}/door") == [
        ["10am to 11am Private booking", "midday to 1pm Private booking"]
    ]


async def test_another_day(client, hub):
    room = await make.room(hub)
    await use(room, day=DAY + timedelta(days=1))
    assert await sheet(client, f"/staff/rooms/{room.id}/door") == [[]]
    assert "Nothing is booked" in (await client.get(f"/staff/rooms/{room.id}/door")).text
    assert await sheet(client, f"/staff/rooms/{room.id}/door?date=2027-01-13") == [["10am to 11am Baby clinic"]]


async def test_every_room_of_a_place_with_what_its_parts_are_used_for(client, hub):
    whole, left, _ = await divided(hub)
    await use(whole, "10:00", "11:00", title="Concert")
    await use(left, "13:00", "14:00", title="Choir")
    assert await sheet(client, f"/staff/places/{hub.id}/doors") == [
        ["10am to 11am Concert", "1pm to 2pm Choir Hall, left half"],
        ["10am to 11am Concert Hall", "1pm to 2pm Choir"],
        ["10am to 11am Concert Hall"],
    ]
    assert len(await sheet(client, f"/staff/rooms/{left.id}/door")) == 1


async def test_staff_of_another_hub_a_stranger_and_nonsense_find_nothing(client, hub):
    room = await make.room(hub)
    assert (await client.get(f"/staff/rooms/{db.new_id()}/door")).status_code == 404
    assert (await client.get("/staff/rooms/nonsense/door")).status_code == 404
    await make.sign_in_staff(client, await make.staff(hub_id=(await make.location()).id))
    for path in (f"/staff/rooms/{room.id}/door", f"/staff/places/{hub.id}/doors"):
        assert (await client.get(path)).status_code == 404
    client.cookies.clear()
    assert (await client.get(f"/staff/rooms/{room.id}/door")).status_code == 303


async def test_the_doors_of_a_restricted_place_are_for_its_own_staff(client, hub):
    place = await make.location(is_restricted=True, name=f"{MARK} House")
    room = await make.room(place)
    await use(room)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get(f"/staff/rooms/{room.id}/door")).status_code == 404
    await make.sign_in_staff(client, await make.staff(hub_id=place.id))
    assert await sheet(client, f"/staff/rooms/{room.id}/door") == [["10am to 11am Private booking"]]
