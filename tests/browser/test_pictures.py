"""The README's pictures, of the real pages: SCREENSHOTS_TO=docs/pictures bin/test tests/browser/test_pictures.py"""

from datetime import date, timedelta

import pytest
from playwright.async_api import expect

from booking import clock
from tests.browser.test_booking_by_parents import say_who
from tests.browser.test_closing import a_wednesday_with_sessions
from tests.browser.test_every_page import A_RUN_OF_FERNDOWN
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


async def test_pictures_of_planning_a_course(staff):
    """The best plans for a course with a creche, and the grid of the first of them."""
    planner = await staff("ruth@county.example")
    await planner.go("/staff/plan/find")
    await planner.page.locator("#programme").select_option(label="Incredible Years: Parents and Toddlers")
    await planner.fill("Children in a crèche", "8")
    await planner.fill("Near a postcode", "BH22 9TH")
    await planner.click("Find the best plans")
    await expect(planner.page.get_by_role("button", name="Use this plan").first).to_be_visible()
    await planner.picture("best-plans-desktop")
    await planner.click("Use this plan")
    await planner.heading("Plan a run")
    await planner.page.locator("#facilitator_1").fill("Ann Lee")
    await planner.page.locator("#facilitator_1").blur()
    await expect(planner.page.locator(".plan-cell__name[placeholder='Ann Lee']").first).to_be_visible()
    await planner.page.locator("#dates").evaluate("dates => scrollTo(0, dates.offsetTop - 12)")
    await planner.picture("plan-grid-desktop")


async def test_a_picture_of_a_snow_day(staff, site):
    """Two places close for a day; what becomes of each session is chosen before anybody is told."""
    tom = await staff(size=PHONE)
    await tom.go(f"/staff?date={a_wednesday_with_sessions(site)}")
    await tom.click("Close places", "link")
    for place in ("Ferndown Family Hub", "Verwood Library"):
        await tom.page.get_by_label(place, exact=True).check()
    await tom.page.get_by_label("No heating").check()
    await tom.click("See what is in the way")
    await tom.heading("Close Ferndown Family Hub, Verwood Library?")
    await tom.page.locator("h1").evaluate("heading => scrollTo(0, heading.offsetTop - 4)")
    await tom.picture("snow-day-phone")


async def test_a_picture_of_texts_with_a_family(staff, site):
    [text] = site.rows(
        "SELECT id FROM inbound_message WHERE provider_reference LIKE 'demo-0-%' AND state = 'unclear' LIMIT 1"
    )
    member = await staff(size=PHONE)
    await member.go(f"/staff/texts/{text['id']}")
    await member.fill("Your answer by text", "Of course. We look forward to meeting her.")
    await expect(member.page.locator("#size")).to_contain_text("1 part")
    await member.page.locator("h1").evaluate("heading => scrollTo(0, heading.offsetTop - 12)")
    await member.picture("texts-phone")


async def test_a_picture_of_a_notice(staff, site):
    [run] = site.rows(A_RUN_OF_FERNDOWN)
    member = await staff()
    await member.go(f"/staff/notices/new?about=run:{run['id']}")
    await member.fill("Your words", "On Tuesday we meet in the library: the hall has no heating. Same time, same tea.")
    await member.click("See what leaves")
    await member.sees("What will happen")
    await member.picture("notice-desktop")


async def test_a_picture_of_calls_to_make(staff, site):
    """Families whose phones could not be reached, as if the calls made in the demo were still to be made."""
    site.rows(
        "UPDATE message SET state = 'queued', sent_at = NULL, handled_by_id = NULL, handled_words = '', kind = 'reminder_days',"
        " due_at = datetime('now') || '+00:00', next_try_at = datetime('now') || '+00:00' WHERE channel = 'call'"
        " AND dedupe_key LIKE 'demo:%'"
    )
    member = await staff()
    await member.go("/staff")
    await expect(member.page.locator(".call").first).to_be_visible()
    await member.page.locator("#calls").evaluate("calls => scrollTo(0, calls.offsetTop - 320)")
    await member.picture("calls-desktop")


def next_monday() -> date:
    """Of the first week that the demo has published."""
    near = clock.today() + timedelta(days=2)
    return near - timedelta(days=near.weekday())


async def test_a_picture_of_a_weeks_rota(staff):
    member = await staff()
    await member.width(1280, 1300)
    await member.go(f"/staff/rota?date={next_monday()}")
    await member.page.locator("h1").evaluate("heading => scrollTo(0, heading.getBoundingClientRect().top - 14)")
    await member.picture("rota-desktop")


async def test_a_picture_of_my_duties(staff):
    member = await staff("maya@ferndown.example", size=PHONE)
    await member.go("/duties")
    await member.page.locator("h1").evaluate("heading => scrollTo(0, heading.getBoundingClientRect().top - 14)")
    await member.picture("my-duties-phone")


async def test_a_picture_of_the_cover_board(staff):
    member = await staff(size=PHONE)
    await member.go("/staff/rota/cover")
    await member.page.locator(".cover__one").first.evaluate(
        "one => scrollTo(0, scrollY + one.getBoundingClientRect().top - 14)"
    )
    await member.picture("cover-phone")
