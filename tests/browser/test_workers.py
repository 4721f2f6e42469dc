"""People who work, in a browser: every page is fit for everybody, and leave is decided knowing what it leaves uncovered."""

import pytest

from tests.browser.visitor import DESKTOP

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def worker(site, name: str) -> str:
    [found] = site.rows("SELECT id FROM staff_profile WHERE known_as = :name", name=name)
    return f"/staff/workers/{found['id']}"


async def test_the_pages_about_people_are_fit_for_everybody(staff, site):
    tom = await staff()
    maya, joan = worker(site, "Maya Okafor"), worker(site, "Joan Trask")
    found = {}
    for path in (
        "/staff/workers",
        "/staff/workers?q=nobody",
        "/staff/workers/new",
        "/staff/workers/import",
        "/staff/skills",
        "/staff/leave",
        maya,
        joan,
        f"{maya}/change",
        f"{maya}/end",
    ):
        await tom.go(path)
        found[path] = await tom.problems_of_this_page()
    assert {page: problems for page, problems in found.items() if problems} == {}


@SCRIPTS
async def test_a_manager_adds_somebody_with_a_skill_and_a_week(staff, site, scripts):
    tom = await staff(size=DESKTOP, scripts=scripts)
    name = f"Robin Vale {'a' if scripts else 'b'}"
    await tom.go("/staff/workers/new")
    await tom.fill("Name on the rota", name)
    await tom.fill("Email", f"{name.replace(' ', '.').lower()}@hub.example")
    await tom.fill("Hours a week", "20")
    await tom.fill("Works on Monday", "9 to 5")
    await tom.click("Add to the rota")
    await tom.sees("Monday: enter hours like 09:00-17:00")
    await tom.fill("Works on Monday", "09:00-17:00")
    await tom.click("Add to the rota")
    await tom.heading(name)
    await tom.sees("0 hours of 20 hours")
    await tom.page.locator("summary", has_text="Add a skill").click()
    await tom.page.locator("#skill").select_option(label="Keyholder")
    await tom.click("Add skill")
    await tom.sees("The skill is written down.")
    await tom.picture(f"worker-{'scripts' if scripts else 'plain'}", whole=True)


async def test_leave_is_approved_knowing_what_it_leaves_and_undone(staff, site):
    tom = await staff(size=DESKTOP)
    await tom.go("/staff/leave")
    card = tom.page.locator(".leave-card", has_text="Cas Moe")
    assert await card.count() == 1
    await card.get_by_role("button", name="Approve").click()
    await tom.sees("Cas Moe is away")
    await tom.picture("leave-decided", whole=True)
    await tom.page.get_by_role("button", name="Undo what was decided about Cas Moe").click()
    await tom.sees("waits for a decision again")
