"""A facilitator swaps a duty with a colleague: two phones and a manager; a stranger sees nothing."""

import re
from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.browser.visitor import PHONE

MAYA = "maya@ferndown.example"
PERSON = "SELECT f.known_as, p.phone, p.email FROM staff_profile f JOIN person p ON p.id = f.person_id WHERE f.known_as = :name"
HOLDER = (
    "SELECT a.layer, f.known_as FROM assignment a JOIN staff_profile f ON f.id = a.staff_id WHERE a.shift_id = :shift"
    " ORDER BY a.layer"
)


async def sign_in_at_duties(visitor, typed: str, address: str) -> None:
    """With the code that was mailed or texted to the address."""
    visitor.site.forget_tries()
    await visitor.go("/duties/sign-in")
    assert await visitor.problems_of_this_page("Sign in to your duties") == []
    await visitor.fill("Your email address or mobile number", typed)
    await visitor.click("Send me a code")
    await visitor.heading("Enter your code")
    await visitor.fill("Code", visitor.site.newest_code(address))
    await visitor.click("Sign in")
    await visitor.heading("My duties")


async def holders(site, shift: str) -> set[str]:
    return {row["known_as"] for row in site.rows(HOLDER, shift=shift)}


async def test_two_phones_and_a_manager(visit, staff, site):
    maya = await visit(PHONE)
    await sign_in_at_duties(maya, MAYA, MAYA)
    assert await maya.problems_of_this_page("My duties") == []
    await maya.picture("my-duties", whole=True)
    await maya.page.locator("main > .duty-week .duty-row__when a").last.click()
    await expect(maya.page).to_have_url(re.compile("/duties/shifts/"))
    path = urlsplit(maya.page.url).path
    shift = path.rpartition("/")[2]
    assert await maya.problems_of_this_page() == []
    await maya.picture("a-duty", whole=True)
    await maya.click("Choose a colleague")
    await maya.heading("Who could take it?")
    await maya.page.get_by_text("Who cannot, and why").click()
    assert await maya.problems_of_this_page() == []
    await maya.picture("who-could-take-it", whole=True)
    colleague = await maya.page.locator(".duty-row__when a").first.inner_text()
    await maya.page.locator(".duty-row__when a").first.click()
    await maya.heading(f"Ask {colleague}")
    await maya.fill("A word to", "My son is in the school play")
    assert await maya.problems_of_this_page() == []
    await maya.picture("ask-a-colleague", whole=True)
    await maya.click(f"Ask {colleague}")
    await maya.sees(f"You have asked {colleague}")
    assert await holders(site, shift) == {"Maya Okafor"}

    [other] = site.rows(PERSON, name=colleague)
    kim = await visit(PHONE)
    await sign_in_at_duties(kim, other["phone"].replace("+44", "0"), other["phone"])
    await kim.sees("A colleague asks")
    await kim.click("Say yes or no", "link")
    await kim.sees("Maya Okafor asks you to swap")
    await kim.sees("My son is in the school play")
    assert await kim.problems_of_this_page("Swaps") == []
    await kim.picture("asked-to-swap", whole=True)
    await kim.click("Yes, I agree")
    await kim.sees("A manager decides next")
    assert await holders(site, shift) == {"Maya Okafor"}
    assert (await kim.go(path)).status == 404

    tom = await staff()
    await tom.go("/staff/rota/swaps")
    await tom.sees("Please decide")
    assert await tom.problems_of_this_page("Swaps") == []
    await tom.picture("swaps-of-a-hub", whole=True)
    await tom.click(f"Maya Okafor and {colleague}", "link")
    await tom.sees("What it would break")
    assert await tom.problems_of_this_page() == []
    await tom.picture("decide-a-swap", whole=True)
    reason = tom.page.get_by_label("Why may the rules be set aside?")
    if await reason.count():
        await reason.fill("They agree between them")
    await tom.page.get_by_role("button", name=re.compile("^Approve")).click()
    await tom.sees("Both are told")
    assert await holders(site, shift) == {colleague}

    await kim.go(path)
    await kim.heading(",")
    await kim.click("I will be there")
    await kim.sees("You have accepted")
    assert (await maya.go(path)).status == 404
    told = site.rows("SELECT p.name FROM message m JOIN person p ON p.id = m.person_id WHERE m.kind = 'duty_changed'")
    assert {"Maya Okafor", colleague} <= {row["name"] for row in told}

    stranger = await visit(PHONE)
    for page in ("/duties", path, f"{path}/swap", "/duties/swaps", "/duties/leave", "/duties/calendar"):
        await stranger.go(page)
        await expect(stranger.page).to_have_url(re.compile("/duties/sign-in"))
        said = await stranger.main().inner_text()  # the demo lists who may sign in, and nothing of their duties
        assert not re.search(r"[0-9] ?(am|pm)\b|Accepted|Please answer", said)
    await stranger.go("/staff/rota/swaps")
    await expect(stranger.page).to_have_url(re.compile("/staff/sign-in"))


async def test_without_scripts_a_duty_is_declined_and_leave_asked_for(visit, site):
    maya = await visit(PHONE, scripts=False)
    await sign_in_at_duties(maya, MAYA, MAYA)
    await maya.page.locator(".duty-row__when a").first.click()
    await maya.click("Tell my manager that I cannot")
    await maya.sees("Say in a few words why you cannot")
    await maya.fill("Why not?", "Dentist")
    await maya.click("Tell my manager that I cannot")
    await maya.sees("You have said that you cannot")
    await maya.click("I can after all")
    await maya.go("/duties/leave")
    await maya.click("Ask for leave")
    await maya.sees("Enter the first day")
    await maya.go("/duties/calendar")
    await maya.click("Make an address")
    await maya.sees("Copy it now")
    await maya.page.get_by_role("button", name=re.compile("^Stop")).first.click()
    await maya.sees("The address works no more")
    await maya.click("Sign out")
    await maya.sees("You are signed out")


async def test_pages_of_duties_are_fit_for_everybody(visit, site):
    maya = await visit(PHONE)
    await sign_in_at_duties(maya, MAYA, MAYA)
    for path, heading in (
        ("/duties/leave", "Leave"),
        ("/duties/calendar", "My duties in my calendar"),
        ("/duties/swaps", "Swaps"),
    ):
        await maya.go(path)
        assert await maya.problems_of_this_page(heading) == []
