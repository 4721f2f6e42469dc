"""The rota in a browser: dragged, carried with the keyboard, done in the panel and without scripts; with axe, wide and on a phone."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from booking import clock
from tests.browser.visitor import DESKTOP, PHONE


def week(ahead: int) -> str:
    """A week of Ferndown's rota so many weeks from now, by its Monday."""
    today = clock.today()
    return f"/staff/rota?date={today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)}"


async def gap_and_cell(member, name: str, nth: int = 0):
    """An open duty that needs no skill, and the cell of its day in somebody's row."""
    gap = member.page.locator(".rota__open td > ul > li > a.duty--gap", has_not_text=re.compile("needs \\d:")).nth(nth)
    column = await gap.evaluate("chip => chip.closest('td').cellIndex")
    row = member.page.locator(".rota tr[data-staff]", has=member.page.locator("th b", has_text=name))
    return gap, row.locator("td").nth(column - 1)


async def settle(member) -> None:
    """What breaks nothing serious is saved at once; else it is asked, and a reason is given."""
    said, reason = member.page.locator(".rota-said"), member.page.locator("#panel #reason")
    await expect(said.or_(reason).first).to_be_visible()
    if await reason.count() and await reason.is_visible():
        await reason.fill("Agreed with them")
        await member.page.locator("#panel form button").first.click()
    await expect(said).to_be_visible()


async def test_an_open_duty_is_dragged_onto_somebodys_row_and_taken_back(staff):
    member = await staff(size=DESKTOP)
    await member.go(week(5))
    gap, cell = await gap_and_cell(member, "Ann Lee")
    href = await gap.get_attribute("href")
    await gap.hover()
    await member.page.mouse.down()
    box = await cell.bounding_box()
    await member.page.mouse.move(box["x"] + 30, box["y"] + 10, steps=6)
    await expect(member.page.locator(".rota-ghost")).to_contain_text("Ann Lee")
    await expect(cell).to_have_class(re.compile("fits-"))
    await member.page.mouse.up()
    await settle(member)
    await expect(cell.locator(f'a[href="{href}"]')).to_be_visible()
    await member.page.get_by_role("button", name="Undo").click()
    await member.sees("Taken back")
    await expect(cell.locator(f'a[href="{href}"]')).to_have_count(0)


async def test_a_duty_is_carried_with_the_keyboard_and_let_go(staff):
    member = await staff(size=DESKTOP)
    await member.go(week(5))
    gap, cell = await gap_and_cell(member, "Ann Lee")
    href = await gap.get_attribute("href")
    keys = member.page.keyboard
    await gap.focus()
    await keys.press("Space")
    await keys.press("ArrowDown")
    await keys.press("Escape")
    await expect(member.page.locator("#announcements")).to_contain_text("Nothing has changed")
    await keys.press("Space")
    for _ in range(40):
        await keys.press("ArrowDown")
        if "is-target" in (await cell.get_attribute("class") or ""):
            break
    await expect(member.page.locator("#announcements")).to_contain_text("Ann Lee")
    await keys.press("Enter")
    await settle(member)
    await expect(cell.locator(f'a[href="{href}"]')).to_be_visible()


async def test_the_panel_says_who_could_and_gives_it_to_them(staff):
    member = await staff(size=DESKTOP)
    await member.go(week(3))
    gap, _ = await gap_and_cell(member, "Ann Lee")
    await gap.click()
    panel = member.page.locator("#panel")
    await expect(panel.get_by_text("Who could do it")).to_be_visible()
    assert await member.problems_of_this_page() == []
    await member.page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await gap.click()
    await panel.get_by_role("button", name=re.compile("Give it to")).first.click()
    await expect(member.page.locator(".rota-said")).to_be_visible()


async def test_without_scripts_a_duty_is_given_on_its_page(staff):
    member = await staff(size=DESKTOP, scripts=False)
    await member.go(week(4))
    gives = member.page.get_by_role("button", name=re.compile("Give it to"))
    paths = await member.page.locator("a.duty--gap").evaluate_all("gaps => gaps.map(gap => gap.href)")
    for path in dict.fromkeys(paths):  # in a whole run others may have given away what somebody could do
        await member.go(path)
        if await gives.count():
            break
    await gives.first.click()
    await expect(member.page.locator(".rota-said")).to_be_visible()
    await expect(member.page.get_by_role("button", name="Undo")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_on_a_phone_every_day_is_one_tap_away(staff, scripts):
    member = await staff(size=PHONE, scripts=scripts)
    await member.go(week(1))
    for jump in (member.page.locator(".rota-jump a").last, member.page.locator(".rota-jump a").nth(1)):
        day = await jump.get_attribute("href")
        await jump.click()
        await expect(member.page.locator(f"{day} .rota-days__head")).to_be_in_viewport(ratio=1)
        await expect(jump).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("more", ["", "&by=place", "&weeks=4", "&weeks=4&by=place"])
async def test_every_view_reads_well_wide_and_on_a_phone(staff, more):
    member = await staff(size=DESKTOP)
    await member.go(week(1) + more)
    assert await member.problems_of_this_page() == []
    await member.width(*PHONE)
    assert await member.problems_of_this_page() == []
