"""Staff sign in by code, see today, keep a register tap by tap, cancel a date and undo it; a stranger gets nowhere."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import sign_in_as
from tests.browser.test_booking_by_parents import two_years_old
from tests.browser.the_site import AT_FERNDOWN
from tests.browser.visitor import DESKTOP, PHONE

TOM = "tom@ferndown.example"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def with_families(site, *, mode: str = "session", at: str = "Ferndown%", families: int = 2, places: int = 0) -> dict:
    """A coming date of a hub to which so many families are booked, with so many places left; a fresh one as long as
    there are any."""
    found = site.rows(
        "SELECT s.id, r.id AS run_id, r.title FROM session s JOIN run r ON r.id = s.run_id JOIN location h ON h.id = s.hub_id"
        " WHERE h.hub_name LIKE :at AND s.state = 'planned' AND s.is_listed AND r.booking_mode = :mode AND"
        " s.starts_at > datetime('now', '+1 day') AND (SELECT COUNT(*) FROM booking b WHERE b.session_id = s.id"
        "   AND b.state = 'booked') >= :families AND s.places - s.taken >= :places ORDER BY s.starts_at",
        at=at,
        families=families,
        places=places,
        mode=mode,
    )
    fresh = next((line for line in found if line["id"] not in site.given), found[0])
    site.given.add(fresh["id"])
    return fresh


async def test_staff_sign_in_with_a_code_from_the_outbox(visit, site):
    member = await visit(DESKTOP)
    await sign_in_as(member, "maya@ferndown.example")
    await member.sees("Ferndown")
    await member.go("/outbox")
    await expect(member.page.locator("h1")).to_be_visible()


async def test_the_demos_outbox_page_shows_the_code_to_type(visit, site):
    member = await visit(DESKTOP)
    await member.go("/staff/sign-in")
    await member.fill("Your work email address", "ruth@county.example")
    await member.click("Send me a code")
    await member.heading("Enter your code")
    code = site.newest_code("ruth@county.example")
    await member.go("/outbox?kind=sign_in_code")
    await expect(member.main()).to_contain_text("ruth@county.example")
    await member.page.get_by_role("link", name=re.compile("code", re.I)).first.click()
    await expect(member.main()).to_contain_text(code)


async def test_a_wrong_code_signs_nobody_in(visit):
    member = await visit(PHONE)
    await member.go("/staff/sign-in")
    await member.fill("Your work email address", "nobody@example.org")
    await member.click("Send me a code")
    await member.fill("Code", "123456")
    await member.click("Sign in")
    await expect(member.page.locator(".govuk-error-summary")).to_be_visible()
    await member.go("/staff")
    await member.heading("Staff sign-in")


@SCRIPTS
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_each_tap_of_the_register_is_saved(staff, site, size, scripts):
    member = await staff(TOM, size, scripts=scripts)
    await member.go(f"/staff/sessions/{with_families(site)['id']}")
    here = member.page.locator(".tap--attended").first
    absent = member.page.locator(".tap--absent").first
    await here.click()
    await expect(here).to_have_attribute("aria-pressed", "true")
    await absent.click()
    await expect(absent).to_have_attribute("aria-pressed", "true")
    await expect(here).to_have_attribute("aria-pressed", "false")
    await member.page.reload()
    await expect(absent).to_have_attribute("aria-pressed", "true")
    await absent.click()
    await expect(absent).to_have_attribute("aria-pressed", "false")


@SCRIPTS
async def test_a_drop_in_is_counted(staff, site, scripts):
    [drop_in] = site.rows(
        "SELECT s.id, s.children_counted FROM session s JOIN run r ON r.id = s.run_id JOIN location h ON h.id = s.hub_id"
        " WHERE h.hub_name LIKE 'Ferndown%' AND r.booking_mode = 'drop_in' AND s.state = 'planned' AND"
        " s.starts_at > datetime('now') ORDER BY s.starts_at LIMIT 1"
    )
    member = await staff(TOM, PHONE, scripts=scripts)
    await member.go(f"/staff/sessions/{drop_in['id']}")
    for _ in range(2):
        await member.click("One more: Children")
    count = drop_in["children_counted"] + 2
    await expect(member.page.locator(".tally__one", has_text="Children").locator(".tally__number")).to_have_text(
        str(count)
    )
    await member.page.reload()
    await expect(member.page.locator(".tally__one", has_text="Children").locator(".tally__number")).to_have_text(
        str(count)
    )


@SCRIPTS
async def test_a_date_is_cancelled_after_a_preview_and_undone(staff, visit, site, scripts):
    session = with_families(site)
    member, parent = await staff(TOM, scripts=scripts), await visit(PHONE)
    await member.go(f"/staff/sessions/{session['id']}")
    await member.click("Cancel this date")
    await member.page.get_by_role("radio").first.check()
    await member.click("See what will happen")
    await member.sees("What will happen")
    await expect(member.page.locator(".words-sent").first).to_be_visible()
    assert site.rows("SELECT state FROM session WHERE id = :id", id=session["id"]) == [{"state": "planned"}]
    await member.click("Cancel this date")
    await expect(member.page.locator("#cancelled-title")).to_have_text("Cancelled")
    await parent.page.wait_for_timeout(1200)  # public pages are shared for a second
    await parent.go(f"/sessions/{session['id']}")
    await parent.sees("This date is cancelled.")
    await member.click("Undo: it takes place after all")
    await expect(member.page.locator("#cancelled-title")).to_have_count(0)
    assert site.rows("SELECT state FROM session WHERE id = :id", id=session["id"]) == [{"state": "planned"}]
    sent = site.rows(
        "SELECT COUNT(*) AS n FROM message WHERE about_id = :id AND kind LIKE 'cancel%' AND state = 'sent'",
        id=session["id"],
    )
    assert sent == [{"n": 0}]


@SCRIPTS
async def test_a_place_is_booked_for_a_family_on_the_phone(staff, site, scripts):
    session = site.session(where=AT_FERNDOWN)
    member = await staff(TOM, scripts=scripts)
    await member.go(f"/staff/sessions/{session['id']}")
    await member.click("Book a place by phone")
    month, year = two_years_old()
    await member.fill("Full name of the adult who books", "Rosa Quick")
    await member.fill("First name", "Bo")
    await member.fill("Month of birth", month)
    await member.fill("Year of birth", year)
    await member.page.get_by_label("Phone call").check()
    await member.fill("Phone number", "01305 100200")
    await member.page.get_by_label("Year of birth").first.press("Enter")
    await expect(member.page.locator("#register")).to_contain_text("Rosa Quick")


async def test_another_hubs_session_is_not_there(staff, site):
    session = with_families(site, at="Wimborne%")
    member = await staff(TOM)
    answer = await member.go(f"/staff/sessions/{session['id']}")
    assert answer.status == 404


async def test_a_printed_register_has_boxes_to_tick_and_no_buttons(staff, site):
    member = await staff(TOM)
    await member.go(f"/staff/sessions/{with_families(site)['id']}")
    await member.page.emulate_media(media="print")
    await expect(member.page.locator(".register__paper").first).to_be_visible()
    for hidden in (".register__taps", ".site-nav", ".aside-actions", "#messages"):
        await expect(member.page.locator(hidden).first).to_be_hidden()
    await member.picture("register-on-paper", whole=True)
    pdf = await member.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    (member.pictures / "register.pdf").write_bytes(pdf)


async def test_the_pages_of_a_session_are_fit_for_everybody(staff, site):
    session = with_families(site)
    member, found = await staff(TOM), {}
    await member.go(f"/staff/sessions/{session['id']}")
    found["register"] = await member.problems_of_this_page()
    await member.go(f"/staff/sessions/{session['id']}/cancel")
    found["cancel"] = await member.problems_of_this_page()
    await member.page.get_by_role("radio").first.check()
    await member.click("See what will happen")
    await member.sees("What will happen")
    found["preview"] = await member.problems_of_this_page()
    await member.click("Cancel this date")
    await expect(member.page.locator("#cancelled-title")).to_be_visible()
    found["cancelled"] = await member.problems_of_this_page()
    await member.go(f"/staff/sessions/{with_families(site, families=0, places=2)['id']}/book")
    found["book by phone"] = await member.problems_of_this_page()
    await member.click("Book the")
    await member.sees("Please check these")
    found["book by phone, with problems"] = await member.problems_of_this_page()
    await member.go("/nowhere")
    found["not there"] = await member.problems_of_this_page()
    assert {page: problems for page, problems in found.items() if problems} == {}
