"""A midwife's time booked on a phone and given another; a course by its code; staff and partners at their screens."""

import re
import time

import pytest
from playwright.async_api import expect

from tests.browser.visitor import DESKTOP, PHONE

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
CLINIC = (
    "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE r.code = 'D01-02' AND s.state = 'planned'"
    " AND s.starts_at > datetime('now') ORDER BY s.starts_at LIMIT 1"
)
COURSE = (
    "SELECT s.id FROM session s JOIN run r ON r.id = s.run_id WHERE r.code = 'DEMO-REF' ORDER BY s.starts_at LIMIT 1"
)


def clinic(site) -> str:
    return site.rows(CLINIC)[0]["id"]


@SCRIPTS
async def test_a_midwife_slot_is_booked_on_a_phone_in_well_under_a_minute(visit, site, scripts):
    """As far as the machine goes: five fields and four presses."""
    parent = await visit(PHONE, scripts=scripts)
    await parent.go(f"/sessions/{clinic(site)}")
    await parent.heading("Midwife clinic")
    if scripts:
        await parent.picture("clinic-phone")
    began = time.monotonic()
    times = parent.page.locator(".slot-tap")
    wanted = re.split(",", await times.last.inner_text())[0]
    await times.last.click()
    await parent.heading("Who is coming?")
    await parent.sees(f"{wanted} to ")
    await parent.fill("Your full name", "Sam Carter")
    await parent.page.get_by_label("Text message").check()
    await parent.fill("Mobile number", f"07700 900 55{int(scripts)}")
    await parent.click("Continue")
    await parent.click("Book this time")
    await expect(parent.page.locator(".govuk-panel--confirmation")).to_contain_text("Your reference")
    assert time.monotonic() - began < 30
    await parent.sees(f"{wanted} to ")
    await parent.click("Choose another time", "link")
    await parent.page.locator(".slot-tap").first.click()
    await parent.sees("You have a place")


async def test_a_time_somebody_took_meanwhile_is_said_so(visit, site):
    parent = await visit(PHONE)
    await parent.go(f"/sessions/{clinic(site)}")
    button = parent.page.locator(".slot-tap").first
    at = "SELECT starts_at FROM slot WHERE id = :id"
    taken = (
        "UPDATE slot SET taken = 1 WHERE session_id = (SELECT session_id FROM slot WHERE id = :id) AND starts_at = ("
        + at
        + ") AND state = 'open'"
    )
    slot = await button.get_attribute("value")
    free = site.rows(f"SELECT id FROM slot WHERE starts_at = ({at}) AND taken = 0 AND state = 'open'", id=slot)
    site.rows(taken, id=slot)
    await button.click()
    await parent.sees("Somebody has just taken this appointment")
    assert await parent.page.locator(".slot-tap").count() > 1
    for each in free:
        site.rows("UPDATE slot SET taken = 0 WHERE id = :id", id=each["id"])


async def test_a_course_by_its_code(visit, site):
    parent = await visit(PHONE)
    await parent.go("/with-a-code")
    await parent.fill("Your code", "k7m4 qxp")
    await parent.click("Go on")
    await parent.heading("Parenting after separation")
    assert not await parent.problems_of_this_page()
    await parent.click("Book the whole course")
    await parent.heading("Who is coming?")


async def test_the_screens_fit_and_read_well(visit, site):
    parent = await visit(PHONE)
    for path in (f"/sessions/{clinic(site)}", "/with-a-code", "/?for=professionals&when=84"):
        await parent.go(path)
        assert not await parent.problems_of_this_page(), path


async def test_staff_and_partners_screens_fit_and_read_well(staff, partner, site):
    member = await staff()
    course = site.rows(COURSE)[0]["id"]
    for path in (f"{clinic(site)}/slots", f"{clinic(site)}/book", clinic(site), course):
        await member.go(f"/staff/sessions/{path}")
        assert not await member.problems_of_this_page(), path
    await member.width(*DESKTOP)
    await member.go(f"/staff/sessions/{clinic(site)}/slots")
    await member.picture("clinic-times-desktop")
    professional = await partner()
    await professional.go("/partner/refer")
    assert not await professional.problems_of_this_page()
    await professional.page.locator(".home-list a").first.click()
    await professional.heading("Refer a family")
    assert not await professional.problems_of_this_page()
