"""The README's pictures, of the real pages: SCREENSHOTS_TO=docs/pictures bin/test tests/browser/test_pictures.py"""

import pytest
from playwright.async_api import expect

from tests.browser.test_booking_by_parents import say_who
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
