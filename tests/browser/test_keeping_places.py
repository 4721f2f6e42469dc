"""A manager keeps a place and its rooms, with scripts and without, at phone and desktop width; families see what it comes to."""

import base64

import pytest
from playwright.async_api import expect

from tests.browser.visitor import DESKTOP, PHONE

HALL = "SELECT o.id, o.capacity, o.location_id, l.slug FROM room o JOIN location l ON l.id = o.location_id WHERE o.code = 'D01-M-HALL'"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def hall(site):
    [found] = site.rows(HALL)
    return found


@pytest.mark.parametrize(("size", "scripts"), [(DESKTOP, True), (PHONE, True), (PHONE, False)])
async def test_a_room_made_smaller_is_asked_about_and_enter_does_not_save_it(staff, site, hall, size, scripts):
    tom = await staff(size=size, scripts=scripts)
    await tom.go(f"/staff/rooms/{hall['id']}/edit")
    await tom.fill("How many people at most", "11")
    await tom.click("Save", exact=True)
    await tom.sees("to come would not fit any more")
    await tom.page.get_by_label("How many people at most").press("Enter")
    await tom.page.wait_for_load_state()
    await tom.sees("to come would not fit any more")
    assert site.rows(HALL)[0]["capacity"] == hall["capacity"]
    await tom.click("Save anyway")
    await tom.sees("11 at most")
    site.rows("UPDATE room SET capacity = :people WHERE code = 'D01-M-HALL'", people=hall["capacity"])


async def test_a_hall_hired_in_the_evening_and_its_picture_are_seen_by_families(staff, visit, site, hall):
    tom = await staff()
    await tom.go("/staff/places")
    await tom.click("Ferndown Family Hub", "link")
    await tom.click("Add a special opening", "link")
    [week] = site.rows("SELECT date('now') AS today, date('now', '+6 days') AS last")
    await tom.fill("First day", week["today"])
    await tom.fill("Last day", week["last"])
    await tom.fill("Opens", "21:00")
    await tom.fill("Closes", "22:30")
    await tom.fill("Why", "hall hired by the choir")
    await tom.click("Add it")
    await tom.sees("The special opening is added")
    await tom.go(f"/staff/rooms/{hall['id']}/photo")
    await tom.page.set_input_files("#photo", {"name": "hall.png", "mimeType": "image/png", "buffer": PIXEL})
    await tom.fill("What it shows", "A bright hall")
    await tom.click("Save", exact=True)
    await tom.sees("The picture is saved")
    parent = await visit(PHONE)
    await parent.go(f"/places/{hall['slug']}")
    await parent.sees("Also open 9pm to 10:30pm: hall hired by the choir")
    picture = parent.page.get_by_alt_text("A bright hall")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("naturalWidth", 1)
    assert await parent.problems_of_this_page() == []
    await tom.go(f"/staff/places/{hall['location_id']}")
    await tom.click("Take away")
    await tom.sees("The special opening is taken away")


async def test_the_pages_of_places_and_rooms_are_fit_for_everybody(staff, hall):
    tom = await staff()
    place, room = f"/staff/places/{hall['location_id']}", f"/staff/rooms/{hall['id']}"
    found = {}
    paths = ["/staff/places", "/staff/places?q=xyzzy", "/staff/places/new", place]
    paths += [f"{place}/{page}" for page in ("edit", "hours", "special", "rooms/new")]
    paths += [room, f"{room}/edit", f"{room}/photo"]
    for path in paths:
        await tom.go(path)
        found[path] = await tom.problems_of_this_page()
    await tom.go(f"{place}/special")
    await tom.click("Add it")
    found["problems"] = await tom.problems_of_this_page("Add a special opening")
    await tom.go(f"{room}/edit")
    await tom.fill("How many people at most", "2")
    await tom.click("Save", exact=True)
    await tom.sees("would not fit any more")
    found["would break"] = await tom.problems_of_this_page()
    assert {path: problems for path, problems in found.items() if problems} == {}
