"""A clinic's time from What's on in under a minute; a referral by a partner; a date missed and caught up in another group."""

import re
import time

from playwright.async_api import expect

from booking import clock
from tests.browser.journeys import BOTH_WAYS, LATER_WAYS, Looks
from tests.browser.test_booking_by_parents import two_years_old
from tests.browser.visitor import Visitor

CLINIC = (
    "SELECT s.id, s.date FROM session s JOIN run r ON r.id = s.run_id WHERE r.code = 'D01-02' AND s.state = 'planned'"
    " AND s.starts_at > datetime('now', '+1 day') ORDER BY s.starts_at LIMIT 1"
)
REFERRED = "SELECT state FROM booking b JOIN person p ON p.id = b.person_id WHERE p.phone = :number"
MISSED = (  # the demo's own comes first: other tests miss dates too, of courses that are held but once
    "SELECT b.manage_token, m.session_id FROM missed_date m JOIN booking b ON b.id = m.booking_id"
    " JOIN session s ON s.id = m.session_id JOIN run r ON r.id = s.run_id WHERE b.state = 'booked' AND b.session_id IS NULL"
    " AND s.state = 'planned' AND s.starts_at > :now AND EXISTS (SELECT 1 FROM session o JOIN run q ON q.id = o.run_id"
    " WHERE q.programme_id = r.programme_id AND q.id <> r.id AND o.number = s.number AND o.state = 'planned' AND o.is_listed"
    " AND o.starts_at > :now AND q.taken + q.guest_places < q.places) ORDER BY m.id LIMIT 1"
)
A_MINUTE = 60


@BOTH_WAYS
async def test_a_midwife_slot_from_whats_on_in_under_a_minute(visit, staff, site, size, scripts):
    looks, [clinic] = Looks(), site.rows(CLINIC)
    parent = await visit(size, scripts=scripts)
    began = time.monotonic()
    await parent.go("/?words=midwife&near=BH22+9TH&when=28")
    await parent.page.locator(f"a[href='/sessions/{clinic['id']}']").click()
    await parent.heading("Midwife clinic")
    wanted = hour(await parent.page.locator(".slot-tap").nth(1).inner_text())
    await parent.page.locator(".slot-tap").nth(1).click()
    await parent.fill("Your full name", "Mia Stone")
    await parent.page.get_by_label("Text message").check()
    await parent.fill("Mobile number", f"07700 900 59{int(scripts)}")
    await parent.click("Continue")
    await parent.sees(f"{wanted} to ")
    await parent.click("Book this time")
    await expect(parent.page.locator(".govuk-panel--confirmation")).to_contain_text("Your reference")
    assert time.monotonic() - began < A_MINUTE
    await looks.at(parent, "slot-booked")
    member = await staff(size=size, scripts=scripts)
    await member.go(f"/staff/sessions/{clinic['id']}/slots")
    await member.sees("Mia Stone")
    await looks.at(member, "slot-staff")
    await change_the_time(parent, looks, wanted)
    assert looks.found == {}


async def change_the_time(parent: Visitor, looks: Looks, was: str) -> None:
    await parent.click("Choose another time", "link")
    await looks.at(parent, "slot-change")
    other = parent.page.locator(".slot-tap").filter(has_not_text=was).last  # several workers have the same hour
    now = hour(await other.inner_text())
    await other.press("Enter")
    await parent.sees("You have a place")
    await parent.sees(f"{now} to ")


def hour(tap: str) -> str:
    """ "9:20am" of "9:20am, with Ann" """
    return re.split(r"[,\n]", tap.strip())[0]


@LATER_WAYS
async def test_a_partner_refers_a_family(partner, site, size, scripts):
    looks, (month, year) = Looks(), two_years_old()
    grace = await partner(size=size, scripts=scripts)
    await grace.go("/partner/refer?q=toddlers")
    await looks.at(grace, "refer-to")
    await grace.page.locator(".home-list a").first.click()
    await grace.heading("Refer a family")
    await grace.fill("Full name of the parent", "Nell Page")
    await grace.fill("First name", "Ada")
    await grace.fill("Month of birth", month)
    await grace.fill("Year of birth", year)
    await grace.page.get_by_label("Text message").check()
    await grace.fill("Phone number", f"07700 900 98{int(scripts)}")
    await grace.page.get_by_label("The family has agreed").check()
    await looks.at(grace, "refer-family")
    await grace.click("Refer this family")
    await grace.sees("Nell Page")
    await looks.at(grace, "referred")
    assert site.rows(REFERRED, number=f"+44770090098{int(scripts)}") == [{"state": "booked"}]
    assert looks.found == {}


@BOTH_WAYS
async def test_a_date_missed_is_caught_up_in_another_group(visit, site, size, scripts):
    """The second walk finds what the first chose, and may choose again."""
    looks, [missed] = Looks(), site.rows(MISSED, now=clock.now().isoformat(" "))
    parent = await visit(size, scripts=scripts)
    await parent.go(f"/m/{missed['manage_token']}")
    await parent.sees("You said you cannot come.")
    await looks.at(parent, "missed")
    await parent.go(f"/m/{missed['manage_token']}/dates/{missed['session_id']}/catch-up")
    await looks.at(parent, "catch-up")
    await parent.click("Come on this day")
    await parent.sees("To catch up")
    await looks.at(parent, "caught-up")
    await parent.go(f"/m/{missed['manage_token']}")
    await parent.sees("You catch up")
    assert looks.found == {}
