"""The README's pictures, of the real pages: SCREENSHOTS_TO=docs/pictures bin/test tests/browser/test_pictures.py"""

import pytest
from playwright.async_api import expect

from tests.browser.test_booking_by_parents import say_who
from tests.browser.test_partner_papers import GRACE, sign_in_to
from tests.browser.test_partner_reserves import dan_takes, tuesdays_of_next_term
from tests.browser.test_staff import with_families
from tests.browser.visitor import DESKTOP, PHONE

OF_PARENTS = {
    "whats-on-desktop": ("/?near=BH22+9TH&age=24", DESKTOP),
    "whats-on-phone": ("/?near=BH22+9TH&age=24", PHONE),
    "week-desktop": ("/?view=week&near=BH22+9TH", DESKTOP),
    "hubs-desktop": ("/hubs?near=BH22+9TH&show=all", DESKTOP),
    "place-phone": ("/places/ferndown-family-hub", PHONE),
}


@pytest.mark.parametrize("name", OF_PARENTS)
async def test_pictures_of_what_parents_find(visit, name):
    path, size = OF_PARENTS[name]
    reader = await visit(size)
    await reader.go(path)
    if name == "whats-on-phone":
        await reader.page.locator(".results-bar").evaluate("bar => bar.scrollIntoView()")
    await reader.picture(name)


async def test_pictures_of_a_booking(visit, site):
    parent = await visit(PHONE)
    await parent.go(f"/sessions/{site.session()['id']}")
    await parent.picture("session-phone")
    await parent.click("Book a place")
    await parent.heading("Who is coming?")
    await parent.picture("who-phone")
    await say_who(parent, "07700 900 801")
    await parent.heading("Check and confirm")
    await parent.picture("check-phone")
    await parent.click("Book ")
    await parent.sees("You have a place")
    await parent.picture("booked-phone")


async def test_pictures_of_the_staffs_day(staff, site):
    member = await staff()
    session = with_families(site)
    [day] = site.rows("SELECT date FROM session WHERE id = :id", id=session["id"])
    await member.go(f"/staff?date={day['date']}")
    await member.picture("today-desktop")
    await member.go(f"/staff/sessions/{session['id']}")
    for n in (0, 1):
        here = member.page.locator(".tap--attended").nth(n)
        await here.click()
        await expect(here).to_have_attribute("aria-pressed", "true")
    await member.picture("register-desktop")
    await member.width(*PHONE)
    await member.page.locator("#register").scroll_into_view_if_needed()
    await member.picture("register-phone")
    await member.width(*DESKTOP)
    await member.go(f"/staff/sessions/{session['id']}/cancel")
    await member.page.get_by_role("radio").first.check()
    await member.click("See what will happen")
    await member.sees("What will happen")
    await member.picture("cancel-desktop")
    await member.go("/outbox")
    await member.picture("outbox-desktop")


async def test_pictures_of_the_diary(staff, site):
    [busy] = site.rows(
        "SELECT date(b.starts_at) AS date, COUNT(*) AS uses FROM room_booking b JOIN room o ON o.id = b.room_id"
        " WHERE o.code LIKE 'D01-M-%' AND b.state = 'confirmed' AND date(b.starts_at) > date('now')"
        " AND date(b.starts_at) <= date('now', '+14 days') GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    )
    [place] = site.rows("SELECT id FROM location WHERE code = 'D01-M'")
    member = await staff()
    await member.go(f"/staff/diary?location={place['id']}&date={busy['date']}")
    await member.picture("diary-desktop")
    await member.width(*PHONE)
    await member.page.locator(".lane").first.evaluate(
        "lane => scrollTo(0, lane.getBoundingClientRect().top + scrollY - 90)"
    )
    await member.picture("diary-phone")


async def test_a_picture_of_the_rooms_that_are_free(staff, site):
    [toys] = site.rows(
        "SELECT date(MIN(b.starts_at)) AS date FROM room_booking b WHERE b.title = 'Toy library' AND b.state = 'confirmed'"
        " AND date(b.starts_at) > date('now', '+7 days') AND b.room_id IN (SELECT id FROM room WHERE code = 'D01-M-GROUP')"
    )
    member = await staff()
    await member.go(
        f"/staff/rooms/find?date={toys['date']}&start=13:00&minutes=150&repeat=weekly&term=1&people=8&near=BH22+9TH"
        "&within=5&place=county&feature=hybrid+camera"
    )
    await member.picture("find-room-desktop")


async def test_a_picture_of_a_term_of_tuesdays(visit, site):
    [room] = site.rows("SELECT id FROM room WHERE code = 'D01-M-MEET'")
    await dan_takes(await visit(), room, tuesdays_of_next_term(site, "Dorset")[2])
    grace = await visit()
    await sign_in_to(grace, "/partner/reserve", GRACE)
    await grace.go(
        f"/partner/reserve?room={room['id']}&repeat=weekly&weekday=1&term=next&start=10:00&end=12:00&people=8"
    )
    await grace.picture("reserve-desktop")
