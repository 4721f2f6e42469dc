"""A parent finds a session by postcode and books, sees it, and gives it up: phone and desktop, with scripts and without."""

import re
from datetime import date

import pytest
from playwright.async_api import expect

from tests.browser.visitor import DESKTOP, PHONE, Visitor

SCREENS = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
TIME_IS_UP = "UPDATE lease SET expires_at = datetime('now', '-1 minute') || '+00:00' WHERE session_id = :id"
HOW_MANY = "SELECT COUNT(*) AS n FROM booking WHERE session_id = :id"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def two_years_old() -> tuple[str, str]:
    """Month and year of birth of a child who is two today."""
    today = date.today()  # noqa: DTZ011
    return str(today.month), str(today.year - 2)


async def open_filters(visitor: Visitor) -> None:
    if (visitor.page.viewport_size or {"width": 0})["width"] < 600:
        await visitor.page.locator("summary.filters__summary").click()


async def find(visitor: Visitor, wanted: dict, *, scripts: bool) -> None:
    """From the front page to the page of one session, by postcode, age and days."""
    await visitor.go("/")
    await visitor.fill("Postcode or town", wanted["postcode"])
    await visitor.click("Find sessions")
    await expect(visitor.page.locator(".results__count")).to_contain_text(f"near {spaced(wanted['postcode'])}")
    await open_filters(visitor)
    await visitor.page.get_by_label("Your child’s age").select_option("24")
    if scripts:
        await visitor.page.wait_for_url(re.compile("age=24"))
        await visitor.page.get_by_label("Booking").select_option("book")
        await visitor.page.wait_for_url(re.compile("booked=book"))
    else:
        await visitor.page.get_by_label("Booking").select_option("book")
        await visitor.click("Show sessions")
    link = visitor.page.locator(f"a[href='/sessions/{wanted['id']}']")
    while not await link.count():
        await visitor.click("More sessions", "link")
    await link.click()
    await visitor.heading(wanted["title"])


def spaced(postcode: str) -> str:
    squeezed = postcode.replace(" ", "")
    return f"{squeezed[:-3]} {squeezed[-3:]}"


async def say_who(visitor: Visitor, phone: str, name: str = "Sam Carter") -> None:
    """The second screen, with one child of two years."""
    month, year = two_years_old()
    await visitor.fill("Your full name", name)
    await visitor.fill("First name", "Ada")
    await visitor.fill("Month of birth", month)
    await visitor.fill("Year of birth", year)
    await visitor.page.get_by_label("Text message").check()
    await visitor.fill("Mobile number", phone)
    await visitor.click("Continue")


async def book(visitor: Visitor, wanted: dict, phone: str) -> None:
    await visitor.go(f"/sessions/{wanted['id']}")
    await visitor.click("Book a place")
    await say_who(visitor, phone)
    await visitor.click("Book ")
    await expect(visitor.page.locator(".govuk-panel__title")).to_be_visible()


@SCRIPTS
@SCREENS
async def test_a_parent_finds_a_session_by_postcode_and_books(visit, site, size, scripts):
    wanted = site.session(days=13)
    parent = await visit(size, scripts=scripts)
    await find(parent, wanted, scripts=scripts)
    await parent.click("Book a place")
    await parent.heading("Who is coming?")
    await expect(parent.page.locator(".lease")).to_contain_text("Your place is kept until")
    await say_who(parent, "07700 900 501")
    await parent.heading("Check and confirm")
    await parent.sees("Ada")
    await parent.click("Book ")
    await expect(parent.page.locator(".govuk-panel--confirmation")).to_contain_text("Your reference")
    await parent.sees("You have a place")
    if scripts and size == PHONE:
        await parent.picture("booked-phone")


@SCRIPTS
async def test_what_was_typed_stays_when_something_is_missing(visit, site, scripts):
    parent = await visit(PHONE, scripts=scripts)
    await parent.go(f"/sessions/{site.session()['id']}")
    await parent.click("Book a place")
    await parent.fill("Your full name", "Sam Carter")
    await parent.fill("Mobile number", "12")
    await parent.click("Continue")
    summary = parent.page.locator(".govuk-error-summary")
    await expect(summary).to_be_visible()
    await expect(parent.page.get_by_label("Your full name")).to_have_value("Sam Carter")
    await expect(parent.page.get_by_label("Mobile number")).to_have_value("12")
    for link in await summary.locator("a").all():
        target = await link.get_attribute("href")
        assert await parent.page.locator(target).count() == 1, f"{target} is no field"


@SCRIPTS
async def test_a_whole_course_is_booked_in_one_go(visit, site, scripts):
    course = site.session("run")
    parent = await visit(DESKTOP, scripts=scripts)
    await parent.go(f"/courses/{course['slug']}")
    await parent.click("Book the whole course")
    await say_who(parent, "07700 900 502")
    await parent.heading("Check and confirm")
    await parent.click("Book ")
    await expect(parent.page.locator(".govuk-panel__title")).to_be_visible()
    assert await parent.page.locator("#dates + ul > li").count() > 1
    await parent.page.get_by_role("button", name="I cannot come").first.click()
    said, offered = (
        parent.page.get_by_text("You said you cannot come."),
        parent.page.get_by_role("link", name="No, thank you"),
    )
    await expect(said.or_(offered).first).to_be_visible()
    if await offered.count():  # another group has the same session on another day
        await offered.click()
    await expect(said.first).to_be_visible()


@SCRIPTS
async def test_a_child_of_another_age_gets_a_kind_page_with_what_does_fit(visit, site, scripts):
    wanted = site.session("run", months=6, where="s.run_id IN (SELECT id FROM run WHERE max_age_months < 24)")
    parent = await visit(PHONE, scripts=scripts)
    await parent.go(f"/courses/{wanted['slug']}")
    await parent.click("Book the whole course")
    await say_who(parent, "07700 900 503")
    await parent.heading("This one is for other ages")
    assert await parent.page.locator(".results .result").count() >= 1
    await parent.click("Change who is coming", "link")
    await expect(parent.page.get_by_label("First name").first).to_have_value("Ada")


@SCRIPTS
async def test_a_place_is_given_up_and_is_free_again(visit, site, scripts):
    wanted = site.session()
    parent = await visit(PHONE, scripts=scripts)
    await book(parent, wanted, "07700 900 504")
    taken = site.rows("SELECT taken FROM session WHERE id = :id", id=wanted["id"])[0]["taken"]
    await parent.click("Give up my place", "link")
    await parent.click("Give up my place")
    await parent.sees("You gave this place up")
    assert site.rows("SELECT taken FROM session WHERE id = :id", id=wanted["id"])[0]["taken"] < taken


@SCRIPTS
async def test_full_join_the_waiting_list_and_leave_it(visit, site, scripts):
    wanted = site.session()
    site.fill(wanted["id"])
    parent = await visit(DESKTOP, scripts=scripts)
    await parent.go(f"/sessions/{wanted['id']}")
    await parent.click("Join the waiting list")
    await say_who(parent, "07700 900 505")
    await parent.click("Join the waiting list")
    await parent.sees("On the waiting list")
    await parent.click("Leave the waiting list", "link")
    await parent.click("Leave the waiting list")
    await parent.sees("You left the waiting list")


async def test_the_last_place_goes_while_the_page_is_open(visit, site):
    wanted = site.session()
    parent = await visit(PHONE)
    await parent.go(f"/sessions/{wanted['id']}")
    site.fill(wanted["id"])
    await parent.click("Book a place")
    await parent.heading("All places are taken")
    await expect(parent.page.get_by_role("button", name="Join the waiting list")).to_be_visible()


async def test_back_and_again_makes_no_second_booking(visit, site):
    wanted = site.session()
    parent = await visit(DESKTOP)
    await book(parent, wanted, "07700 900 506")
    before = site.rows("SELECT COUNT(*) AS n FROM booking")[0]["n"]
    await parent.page.go_back()
    if await parent.page.get_by_role("button", name=re.compile("^Book my|^Book our")).count():
        await parent.click("Book ")
    await expect(parent.page.locator(".govuk-panel__title")).to_be_visible()
    assert site.rows("SELECT COUNT(*) AS n FROM booking")[0]["n"] == before


async def test_a_second_booking_needs_no_retyping(visit, site):
    parent = await visit(PHONE)
    await book(parent, site.session(), "07700 900 507")
    await parent.go(f"/sessions/{site.session()['id']}")
    await parent.click("Book a place")
    await expect(parent.page.get_by_label("Your full name")).to_have_value("Sam Carter")
    await expect(parent.page.get_by_label("Mobile number")).not_to_have_value("")
    await expect(parent.page.get_by_label("Ada")).to_be_visible()


async def test_on_another_device_a_code_opens_the_booking(visit, site):
    wanted = site.session()
    await book(await visit(PHONE), wanted, "07700 900 508")
    elsewhere = await visit(DESKTOP)
    await elsewhere.go("/manage")
    await elsewhere.fill("Your mobile number or email address", "07700 900508")
    await elsewhere.click("Send me a code")
    await elsewhere.heading("Enter the code")
    code = site.newest_code("+447700900508")
    await elsewhere.fill("Code", "000000" if code != "000000" else "111111")
    await elsewhere.click("Continue")
    await expect(elsewhere.page.locator(".govuk-error-summary")).to_be_visible()
    await elsewhere.fill("Code", code)
    await elsewhere.click("Continue")
    await elsewhere.heading("My bookings")
    await elsewhere.sees(wanted["title"])


async def test_a_lease_belongs_to_the_browser_that_began_it(visit, site):
    parent, stranger = await visit(PHONE), await visit(PHONE)
    await parent.go(f"/sessions/{site.session()['id']}")
    await parent.click("Book a place")
    answer = await stranger.go(parent.page.url)
    assert answer.status == 404


async def test_when_the_ten_minutes_are_over_one_can_still_finish(visit, site):
    wanted = site.session()
    parent = await visit(PHONE)
    await parent.go(f"/sessions/{wanted['id']}")
    await parent.click("Book a place")
    await expect(parent.page.locator("[data-lease-left]")).to_contain_text("minutes left")
    await say_who(parent, "07700 900 509")
    await parent.heading("Check and confirm")
    site.rows(TIME_IS_UP, id=wanted["id"])
    await parent.page.reload()
    await parent.sees("The time your place was kept is over.")
    await parent.click("Book ")
    await expect(parent.page.locator(".govuk-panel__title")).to_be_visible()


async def test_when_the_place_has_gone_meanwhile_it_is_said_and_nothing_is_booked(visit, site):
    wanted = site.session()
    parent = await visit(PHONE)
    await parent.go(f"/sessions/{wanted['id']}")
    await parent.click("Book a place")
    await say_who(parent, "07700 900 510")
    await parent.heading("Check and confirm")
    site.rows(TIME_IS_UP, id=wanted["id"])
    site.rows("UPDATE session SET taken = places WHERE id = :id", id=wanted["id"])
    site.rows("UPDATE lease SET released_at = expires_at WHERE session_id = :id", id=wanted["id"])
    before = site.rows(HOW_MANY, id=wanted["id"])
    await parent.click("Book ")
    await parent.heading("All places are taken")
    assert site.rows(HOW_MANY, id=wanted["id"]) == before


async def test_back_after_filtering_brings_the_list_of_before(visit):
    parent = await visit(DESKTOP)
    await parent.go("/?near=BH22+9TH")
    before = await parent.page.locator(".results__count").inner_text()
    await parent.page.get_by_label("Your child’s age").select_option("24")
    await parent.page.wait_for_url(re.compile("age=24"))
    await expect(parent.page.locator(".tokens")).to_contain_text("2 years old")
    await parent.page.go_back()
    await expect(parent.page.locator(".results__count")).to_have_text(before)
    await expect(parent.page.get_by_label("Your child’s age")).to_have_value("")


async def test_a_filter_is_taken_away_by_its_token(visit):
    parent = await visit(PHONE)
    await parent.go("/?near=BH22+9TH&age=24&booked=book")
    await parent.click("2 years old", "link")
    await expect(parent.page.locator(".tokens")).not_to_contain_text("2 years old")
    await expect(parent.page.locator(".tokens")).to_contain_text("Book a place")
