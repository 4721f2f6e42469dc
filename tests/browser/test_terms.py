"""A county admin changes a school year: sees what it means for runs, lets one follow, and undoes it; with and without scripts."""

import pytest
from playwright.async_api import expect

from tests.browser.visitor import PHONE

RUTH = "ruth@county.example"
DORSET = "/staff/terms/Dorset"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_an_election_day_is_written_down_one_run_follows_and_all_of_it_is_undone(staff, site, scripts):
    [day] = site.rows(
        "SELECT s.date FROM session s JOIN run r ON r.id = s.run_id JOIN location l ON l.id = r.location_id"
        " WHERE l.area = 'Dorset' AND s.state = 'planned' AND r.booking_mode = 'run' AND NOT r.is_restricted"
        " AND NOT l.is_restricted AND s.date > date('now', '+20 days') AND s.date < date('now', '+40 days')"
        " ORDER BY s.date LIMIT 1"
    )
    planned = "SELECT COUNT(*) AS n FROM session WHERE state = 'planned' AND date = :day"
    before = site.rows(planned, day=day["date"])[0]["n"]
    member = await staff(RUTH, scripts=scripts)
    await member.go(DORSET)
    await member.click("Change 20")
    await member.page.get_by_label("What").first.select_option("election")
    line = member.page.get_by_role("group", name="Other dates, line 1")
    await line.get_by_label("First day").fill(str(day["date"]))
    await member.click("See what this means")
    await member.sees("Say why")
    await member.fill("Why is it changed?", "By-election")
    await member.click("See what this means")
    await member.heading("Change the calendar of Dorset?")
    await member.page.get_by_role("checkbox").first.check()
    await member.click("Show it with what is ticked")
    await member.sees("1 date is cancelled")
    await member.click("Change the calendar")
    await member.sees("The calendar is changed.")
    assert site.rows(planned, day=day["date"])[0]["n"] < before
    await member.click("Undo all of it")
    await member.sees("It is as it was. No family heard of it.")
    assert site.rows(planned, day=day["date"])[0]["n"] == before
    await expect(member.page.get_by_role("link", name="Version 1", exact=True)).to_be_visible()


async def test_the_pages_of_term_calendars_are_fit_for_everybody(staff):
    member, found = await staff(RUTH, PHONE), {}
    asked = "year=2026-27&seen=0&what-0=term:spring&first-0=2027-04-01&last-0=2027-01-01&look=1"
    holiday = "/staff/bank-holidays/change?day=2028-03-14&title=Jubilee"
    for path in (
        "/staff/terms",
        DORSET,
        f"{DORSET}/change",
        f"{DORSET}/change?{asked}",
        "/staff/bank-holidays",
        holiday,
    ):
        await member.go(path)
        found[path] = await member.problems_of_this_page()
    assert {path: problems for path, problems in found.items() if problems} == {}
