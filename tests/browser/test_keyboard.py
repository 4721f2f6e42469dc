"""Booking a place and a room with the keyboard alone: everything can be reached, in order, and shows that it has the focus."""

from playwright.async_api import expect

from tests.browser.in_rooms import CRECHE, KITCHEN, diary_of, hours_on, quiet_day, room_of
from tests.browser.test_booking_by_parents import two_years_old
from tests.browser.visitor import DESKTOP, Visitor

FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), label = e.labels && e.labels[0];
  const shadow = style.boxShadow !== 'none' || style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
  const after = getComputedStyle(e, '::after').boxShadow !== 'none', near = label && getComputedStyle(label, '::before').boxShadow !== 'none';
  return {words: (label ? label.innerText : e.innerText || e.getAttribute('aria-label') || e.value || '').trim(),
          href: e.getAttribute('href') || '', is_shown: shadow || after || !!near, tag: e.tagName};
}"""


async def tab_to(visitor: Visitor, words: str = "", *, href: str = "", most: int = 150) -> None:
    """Presses Tab until the focus is on what begins with these words or leads there; each stop must be visible."""
    for _ in range(most):
        await visitor.page.keyboard.press("Tab")
        focused = await visitor.page.evaluate(FOCUSED)
        assert focused["tag"] == "BODY" or focused["is_shown"], f"the focus cannot be seen on {focused}"
        if (words and focused["words"].startswith(words)) or (href and focused["href"] == href):
            return
    raise AssertionError(f"{words or href} is not reached with {most} tabs")


async def type_into(visitor: Visitor, label: str, text: str) -> None:
    await tab_to(visitor, label)
    await visitor.page.keyboard.type(text)


async def test_a_place_is_booked_without_a_mouse(visit, site):
    wanted = site.session()
    parent = await visit(DESKTOP)
    keyboard = parent.page.keyboard
    await parent.go("/")
    await tab_to(parent, "Skip to main content", most=1)
    await keyboard.press("Enter")
    await type_into(parent, "Postcode or town", wanted["postcode"])
    await keyboard.press("Enter")
    await expect(parent.page.locator(".results__count")).to_contain_text("near")
    await tab_to(parent, "Your child’s age")
    await keyboard.type("2 years")
    await parent.page.wait_for_url("**age=24**")
    await expect(parent.page.get_by_label("Your child’s age")).to_be_focused()
    await parent.go(f"/sessions/{wanted['id']}")
    await tab_to(parent, "Book a place")
    await keyboard.press("Enter")
    await parent.heading("Who is coming?")
    month, year = two_years_old()
    await type_into(parent, "Your full name", "Kit Tabb")
    await type_into(parent, "First name", "Ada")
    await type_into(parent, "Month of birth", month)
    await type_into(parent, "Year of birth", year)
    await tab_to(parent, "Text message")
    await keyboard.press("Space")
    await type_into(parent, "Mobile number", "07700 900 701")
    await keyboard.press("Enter")
    await parent.heading("Check and confirm")
    await tab_to(parent, "Book ")
    await keyboard.press("Enter")
    await expect(parent.page.locator(".govuk-panel__title")).to_be_visible()


async def test_problems_take_the_focus_and_lead_to_the_field(visit, site):
    parent = await visit(DESKTOP)
    await parent.go(f"/sessions/{site.session()['id']}")
    await parent.click("Book a place")
    await parent.click("Continue")
    await expect(parent.page.locator(".govuk-error-summary")).to_be_focused()
    await parent.page.keyboard.press("Tab")
    await parent.page.keyboard.press("Enter")
    await expect(parent.page.get_by_label("Your full name")).to_be_focused()


async def test_a_partner_reserves_a_room_without_a_mouse(partner, site):
    grace = await partner()
    keyboard, room, day = grace.page.keyboard, room_of(site, KITCHEN), quiet_day(site, KITCHEN)
    await grace.go(f"/partner/reserve?room={room['id']}&date={day}&repeat=weekly")
    await tab_to(grace, "Weekly")
    await keyboard.press("ArrowLeft")
    await expect(grace.page.get_by_label("Once", exact=True)).to_be_checked()
    await type_into(grace, "From", "10am")
    await type_into(grace, "to", "11am")
    await type_into(grace, "What for", "Mending")
    await type_into(grace, "How many people", "4")
    await keyboard.press("Tab")
    await expect(grace.page.locator(".asked--free")).to_contain_text("10am to 11am")
    await tab_to(grace, "Reserve this date")
    await keyboard.press("Enter")
    await grace.sees("What happens next")
    assert hours_on(site, room, day) == ["10:00-11:00"]


async def test_free_time_is_booked_from_the_diarys_table_without_a_mouse(staff, site):
    tom = await staff()
    keyboard, room, day = tom.page.keyboard, room_of(site, CRECHE), quiet_day(site, CRECHE)
    await tom.go(diary_of(room, day))
    await tab_to(tom, "Table")
    await keyboard.press("Enter")
    await expect(tom.page.get_by_role("table").first).to_be_visible()
    link = tom.page.get_by_role("row", name="Crèche room").get_by_role("link", name="Book").first
    await tab_to(tom, href=str(await link.get_attribute("href")))
    await keyboard.press("Enter")
    await tom.heading("Book a room")
    await type_into(tom, "What for", "Team day")
    await keyboard.press("Tab")
    await tab_to(tom, "Book it")
    await keyboard.press("Enter")
    await tom.heading("Team day")
    assert len(hours_on(site, room, day)) == 1
