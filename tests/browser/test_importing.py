"""An administrator sends a table, sees what it would change and what is wrong, and imports it."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.visitor import Visitor

RUTH = "ruth@county.example"
HEAD = "date,title,notes,division\n"


async def send(member: Visitor, folder: Path, rows: str) -> None:
    table = folder / "bank_holidays.csv"
    table.write_text(HEAD + rows)
    await member.go("/staff/import")
    await member.page.get_by_label("Your tables").set_input_files(table)
    await member.click("Check the files")


@pytest.mark.parametrize(
    ("scripts", "day"), [(True, "2031-12-25"), (False, "2032-12-25")], ids=["scripts", "no-scripts"]
)
async def test_a_table_is_previewed_and_imported(staff, site, tmp_path, scripts, day):
    member = await staff(RUTH, scripts=scripts)
    await send(member, tmp_path, f"{day},Christmas Day,,england-and-wales\n")
    await expect(member.page.get_by_role("heading", level=1)).to_have_text("What would change", timeout=30_000)
    assert site.rows("SELECT 1 FROM bank_holiday WHERE date = :day", day=day) == []
    await member.click("Import", exact=True)
    await expect(member.page.get_by_role("heading", level=1)).to_have_text("Imported", timeout=30_000)
    assert len(site.rows("SELECT 1 FROM bank_holiday WHERE date = :day", day=day)) == 1


async def test_a_wrong_row_is_named_and_the_pages_are_fit_for_everybody(staff, tmp_path):
    member, found = await staff(RUTH), {}
    await member.go("/staff/import")
    found["import"] = await member.problems_of_this_page()
    await member.click("Check the files")
    found["import without a file"] = await member.problems_of_this_page()
    await send(member, tmp_path, "2033-13-45,Christmas Day,,england-and-wales\n")
    await expect(member.page.get_by_role("heading", level=1)).to_have_text("What would change", timeout=30_000)
    await member.sees("2033-13-45")
    found["problems"] = await member.problems_of_this_page()
    assert {page: problems for page, problems in found.items() if problems} == {}


async def test_hub_staff_have_no_import(staff):
    member = await staff("maya@ferndown.example")
    answer = await member.go("/staff/import")
    assert answer.status == 404
