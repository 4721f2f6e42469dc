"""Partners' papers in a real browser: staff keep them, a booker accepts the terms, the statement reads on a phone and on paper."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.visitor import DESKTOP, PHONE, Visitor

GRACE = "grace@toylibrary.example"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


async def sign_in_to(visitor: Visitor, path: str, email: str) -> None:
    """As a booker, by way of a page for partners, on which it ends."""
    visitor.site.forget_tries()
    await visitor.go(path)
    await visitor.heading("Partner sign-in")
    await visitor.fill("Your work email address", email)
    await visitor.click("Send me a code")
    await visitor.heading("Enter your code")
    await visitor.fill("Code", visitor.site.newest_code(email))
    await visitor.click("Sign in")
    await expect(visitor.page).not_to_have_url(re.compile("sign-in"))


def partner(site, name: str) -> str:
    [found] = site.rows("SELECT id FROM organisation WHERE name = :name", name=name)
    return found["id"]


@SCRIPTS
async def test_a_manager_adds_a_partner_whose_booker_accepts_the_terms(visit, staff, site, scripts):
    name, email = f"Lunch club {scripts}", f"ann.{scripts}@lunch.example".lower()
    tom = await staff(size=DESKTOP, scripts=scripts)
    await tom.go("/staff/partners")
    await tom.click("Add a partner")
    await tom.fill("Name", name)
    await tom.page.get_by_label("Kind").select_option("voluntary")
    await tom.fill("Rate", "twelve")
    await tom.click("Add partner")
    await tom.sees("Please check these")
    await tom.fill("Rate", "12.50")
    await tom.click("Add partner")
    await tom.heading(name)
    await tom.sees("Terms not accepted")
    await tom.fill("Name of another booker", "Ann Lee")
    await tom.fill("Their work email address", email)
    await tom.click("Add booker")
    await tom.sees("Ann Lee can sign in now")

    ann = await visit(PHONE, scripts=scripts)
    await sign_in_to(ann, "/partner/terms", email)
    await ann.sees("The terms have not been accepted yet.")
    await ann.click("We accept these terms")
    await ann.sees("has accepted the terms")
    await tom.page.reload()
    await tom.sees("In order")


async def test_a_partners_pages_are_fit_for_everybody(visit):
    grace = await visit(PHONE)
    await grace.go("/partner/sign-in")
    found = {"sign-in": await grace.problems_of_this_page("Partner sign-in")}
    await sign_in_to(grace, "/partner/statement", GRACE)
    found["statement"] = await grace.problems_of_this_page("Statement for")
    await grace.page.locator("a[rel=next]").click()
    found["next month"] = await grace.problems_of_this_page("Statement for")
    await grace.go("/partner/terms")
    found["terms"] = await grace.problems_of_this_page("Terms and house rules")
    assert {page: problems for page, problems in found.items() if problems} == {}


async def test_staffs_pages_about_partners_are_fit_for_everybody(staff, site):
    tom = await staff()
    one = f"/staff/partners/{partner(site, 'Dorset Toy Library')}"
    found = {}
    for path in (
        "/staff/partners",
        "/staff/partners?q=nobody",
        "/staff/partners/new",
        one,
        f"{one}/change",
        f"{one}/statement",
    ):
        await tom.go(path)
        found[path] = await tom.problems_of_this_page()
    assert {page: problems for page, problems in found.items() if problems} == {}


async def test_on_paper_a_statement_is_a_table_with_name_and_date(visit):
    jo = await visit(PHONE)
    await sign_in_to(jo, "/partner/statement", "noor@toylibrary.example")
    await jo.page.emulate_media(media="print")
    assert await jo.page.get_by_text("printed on").is_visible()
    assert not await jo.page.get_by_role("link", name="Download as CSV").is_visible()
    display = "getComputedStyle(document.querySelector('.ledger tr')).display"
    assert await jo.page.evaluate(display) == "table-row"
