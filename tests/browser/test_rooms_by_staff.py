"""Staff steer their rooms: book free time, move it, decide, divide a hall, close the library, move a session, hang out door sheets."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.in_rooms import (
    CRECHE,
    HALL,
    KITCHEN,
    bookings_on,
    choose_times,
    diary_of,
    hours_on,
    lane_of,
    quiet_day,
    room_of,
    staff_book,
)
from tests.browser.test_staff import SCRIPTS, with_families
from tests.browser.visitor import DESKTOP, PHONE

WALKS = pytest.mark.parametrize(
    ("size", "scripts"),
    [(PHONE, True), (PHONE, False), (DESKTOP, True), (DESKTOP, False)],
    ids=["phone", "phone-no-scripts", "desktop", "desktop-no-scripts"],
)
PHONE_AND_DESKTOP = pytest.mark.parametrize(
    ("size", "scripts"), [(PHONE, False), (DESKTOP, True)], ids=["phone-no-scripts", "desktop"]
)


@WALKS
async def test_free_time_is_booked_by_a_click_and_moved_by_a_form_that_shows_clashes(staff, site, size, scripts):
    maya = await staff("maya@ferndown.example", size, scripts=scripts)
    room, page = room_of(site, CRECHE), maya.page
    day = quiet_day(site, CRECHE)
    await staff_book(maya, room, day, "15:00", "16:00", "Supervision")
    await maya.go(diary_of(room, day))
    await lane_of(maya, room).locator(".free__link").first.click()
    await maya.heading("Book a room")
    await page.get_by_label("For whom").select_option(label="Citizens Advice (demo)")
    await maya.fill("What for", "Debt clinic")
    await choose_times(maya, "10:00", "11:00")
    if not scripts:
        await maya.click("See what happens")
    await expect(page.locator(".asked--free")).to_contain_text("10am to 11am")
    assert hours_on(site, room, day) == ["15:00-16:00"]
    found = {"book": await maya.problems_of_this_page()}
    await maya.click("Book it")
    await maya.heading("Debt clinic")

    await page.get_by_text("Change room, day or time").click()
    await choose_times(maya, "15:30", "16:30")
    await maya.click("See what happens")
    await maya.sees("This cannot be saved")
    found["clash"] = await maya.problems_of_this_page()
    await page.get_by_text("Choose something else").click()
    await choose_times(maya, "12:00", "13:30")
    await maya.click("See what happens")
    await expect(page.locator(".asked--free")).to_contain_text("midday to 1:30pm")
    assert hours_on(site, room, day) == ["10:00-11:00", "15:00-16:00"]
    await maya.fill("Words to ", "The room is wanted in the morning")
    found["move"] = await maya.problems_of_this_page()
    await maya.picture("moving", whole=True)
    await maya.click("Save this change")
    await expect(page.locator(".lead-line")).to_contain_text("midday to 1:30pm")
    assert hours_on(site, room, day) == ["12:00-13:30", "15:00-16:00"]
    assert not {name: problems for name, problems in found.items() if problems}


async def test_a_booking_is_dragged_to_another_time_and_then_lengthened(staff, site):
    maya = await staff("maya@ferndown.example")
    room, day = room_of(site, CRECHE), quiet_day(site, CRECHE)
    await staff_book(maya, room, day, "10:00", "11:00", "Team hour")
    for at, start_and_end in (("middle", ["11:00-12:00"]), ("right edge", ["11:00-13:00"])):
        await maya.go(diary_of(room, day))
        await _drag_an_hour(maya, lane_of(maya, room), at)
        await maya.sees("What will happen")
        await expect(maya.page.locator(".asked--free")).to_be_visible()
        assert hours_on(site, room, day) != start_and_end
        await maya.click("Save this change")
        await expect(maya.page.locator(".asked--free")).to_have_count(0)
        assert hours_on(site, room, day) == start_and_end


async def _drag_an_hour(visitor, row, at: str) -> None:
    """To the right, with the mouse."""
    block = row.locator("[data-moves] .use__what, .use__what[data-moves]").first
    await block.scroll_into_view_if_needed()
    minutes = int(await visitor.page.locator(".diary").get_attribute("data-minutes"))
    lane, box = await row.locator(".lane").bounding_box(), await block.bounding_box()
    x = box["x"] + (box["width"] - 3 if at == "right edge" else box["width"] / 2)
    y = box["y"] + box["height"] / 2
    mouse = visitor.page.mouse
    await mouse.move(x, y)
    await mouse.down()
    await mouse.move(x + 20, y, steps=3)
    await mouse.move(x + 60 * lane["width"] / minutes, y, steps=4)
    await expect(visitor.page.locator(".diary-ghost")).to_be_visible()
    await mouse.up()
    await visitor.page.wait_for_url(re.compile("/staff/rooms/bookings/.*start="))


@WALKS
async def test_a_request_out_of_hours_is_approved_with_one_tap(partner, staff, site, size, scripts):
    room, day = room_of(site, KITCHEN), quiet_day(site, KITCHEN)
    grace = await partner(size=size, scripts=scripts)
    title = f"Evening {size[0]} {scripts}"
    await grace.go(f"/partner/reserve?room={room['id']}&date={day}&start=19:30&end=20:30&people=5&title={title}")
    await grace.click("Ask for this date")
    await grace.sees("What happens next")
    [asked] = bookings_on(site, room, day, state="requested")

    tom = await staff(size=size, scripts=scripts)
    await tom.go("/staff")
    await tom.page.locator("main").locator('a[href*="/staff/rooms/requests"]').first.click()
    await tom.heading("Requests")
    request = tom.page.locator(f"#request-{asked['id']}")
    await request.get_by_label("Out of hours").select_option(label="Pat Lane, caretaker")
    assert await tom.problems_of_this_page() == []
    await tom.picture("requests", whole=True)
    await request.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(request).to_have_count(0)
    assert [line["id"] for line in bookings_on(site, room, day)] == [asked["id"]]
    await grace.go(f"/partner/bookings/{asked['id']}")
    await expect(grace.page.locator(".lead-line")).to_contain_text("Confirmed")


@PHONE_AND_DESKTOP
async def test_a_request_is_declined_with_a_reason_that_the_partner_reads(partner, staff, site, size, scripts):
    room, day = room_of(site, KITCHEN), quiet_day(site, KITCHEN)
    grace = await partner(size=size, scripts=scripts)
    await grace.go(f"/partner/reserve?room={room['id']}&date={day}&start=19:30&end=20:30&people=5&title=Late")
    await grace.click("Ask for this date")
    await grace.sees("What happens next")
    [asked] = bookings_on(site, room, day, state="requested")
    tom = await staff(size=size, scripts=scripts)
    await tom.go("/staff/rooms/requests")
    request = tom.page.locator(f"#request-{asked['id']}")
    await request.locator("summary").click()
    await request.get_by_label("Why?").fill("The alarm is set at seven")
    await request.get_by_role("button", name="Decline").click()
    await expect(request).to_have_count(0)
    await grace.page.reload()
    await grace.sees("The alarm is set at seven")


@PHONE_AND_DESKTOP
async def test_of_a_divided_hall_one_half_is_booked_and_the_other_stays_free(staff, site, size, scripts):
    tom = await staff(size=size, scripts=scripts)
    hall, day = room_of(site, HALL), quiet_day(site, HALL)
    await tom.go(f"/staff/rooms/{hall['id']}/divide")
    for end, name in (("", "East half"), ("-1", "West half")):
        await tom.page.locator(f"#name{end}").fill(name)
        await tom.page.locator(f"#capacity{end}").fill("15")
    await tom.click("See what will happen")
    await tom.heading("Divide Main hall?")
    await tom.click("Divide it")
    await tom.sees("is divided into East half and West half")
    halves = {
        line["name"]: line for line in site.rows("SELECT id, name FROM room WHERE name LIKE '% half' ORDER BY id")
    }
    try:
        await staff_book(tom, halves["East half"], day, "10:00", "12:00", "Half a hall")
        await tom.go(f"/staff/rooms/book?room={hall['id']}&date={day}&start=11:00&end=12:30&title=All+of+it")
        await expect(tom.page.locator(".asked--clash")).to_contain_text("taken")
        await expect(tom.page.get_by_role("button", name="Book it")).to_have_count(0)
        await tom.go(f"/staff/rooms/book?room={halves['West half']['id']}&date={day}&start=11:00&end=12:30&title=West")
        await expect(tom.page.locator(".asked--free")).to_be_visible()
        await tom.go(diary_of(hall, day))
        await expect(lane_of(tom, halves["East half"])).to_contain_text("Half a hall")
        assert await tom.problems_of_this_page() == []
        await tom.picture("halves", whole=True)
        [booking] = bookings_on(site, halves["East half"], day)
        await tom.go(f"/staff/rooms/bookings/{booking['id']}/cancel")
        await tom.fill("Why", "Only to try")
        await tom.click("Cancel ")
        await tom.sees("Undo the cancelling")
    finally:
        await tom.go(f"/staff/rooms/{hall['id']}/divide")
        await tom.click("One room again, without parts")
        await tom.page.wait_for_load_state()
        await tom.click("Make it one room")
    await expect(tom.main()).to_contain_text("Main hall")
    assert site.rows("SELECT id FROM room_part WHERE whole_id = :hall", hall=hall["id"]) == []


@SCRIPTS
async def test_a_session_is_moved_after_a_look_at_who_is_told_and_the_move_undone(staff, site, scripts):
    size = DESKTOP if scripts else PHONE
    tom = await staff(size=size, scripts=scripts)
    session = with_families(site)
    room, day = room_of(site, CRECHE), quiet_day(site, CRECHE)
    before = site.rows("SELECT starts_at FROM session WHERE id = :id", id=session["id"])
    await tom.go(f"/staff/sessions/{session['id']}")
    await tom.click("Move this date")
    await tom.page.locator("#room").select_option(room["id"])
    await tom.page.locator("#date").fill(day.isoformat())
    await choose_times(tom, "11:00", "12:00")
    found = {"form": await tom.problems_of_this_page()}
    await tom.click("See what")
    await tom.sees("What will happen")
    await expect(tom.page.locator(".words-sent").first).to_contain_text("11am")
    found["preview"] = await tom.problems_of_this_page()
    await tom.picture("moving-a-session", whole=True)
    assert site.rows("SELECT starts_at FROM session WHERE id = :id", id=session["id"]) == before
    await tom.click("Change this date")
    await tom.sees("Changed")
    found["moved"] = await tom.problems_of_this_page()
    assert hours_on(site, room, day) == ["11:00-12:00"]
    await tom.page.get_by_role("button", name="Undo", exact=True).click()
    await expect(tom.page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)
    assert site.rows("SELECT starts_at FROM session WHERE id = :id", id=session["id"]) == before
    assert hours_on(site, room, day) == []
    assert not {name: problems for name, problems in found.items() if problems}


async def test_a_door_sheet_is_printed_with_the_days_uses_and_nothing_else(staff, site):
    tom = await staff()
    room, day = room_of(site, CRECHE), quiet_day(site, CRECHE)
    await staff_book(tom, room, day, "10:00", "11:00", "Story hour")
    await tom.go(diary_of(room, day))
    await lane_of(tom, room).get_by_role("link", name="Door sheet").click()
    await tom.sees("Story hour")
    assert await tom.problems_of_this_page() == []
    await tom.page.emulate_media(media="print")
    await expect(tom.page.locator(".door")).to_contain_text("10am to 11am")
    for hidden in (".site-nav", ".stepper", ".desk-filter"):
        await expect(tom.page.locator(hidden).first).to_be_hidden()
    await tom.picture("door-on-paper", whole=True)
    await tom.page.emulate_media(media="screen")
    await tom.go(diary_of(room, day))
    await tom.page.emulate_media(media="print")
    await expect(tom.page.locator(".desk-filter")).to_be_hidden()
    await expect(lane_of(tom, room)).to_contain_text("Story hour")
    await tom.picture("diary-on-paper", whole=True)
    assert (await tom.page.pdf(format="A4", landscape=True)).startswith(b"%PDF")
