"""Jobs, figures and the outbox for those who run it; a family's dates in a calendar of its own."""

import httpx
import vobject
from playwright.async_api import expect

from tests.browser.journeys import LATER_WAYS, manage_path
from tests.browser.test_booking_by_parents import book
from tests.browser.test_keyboard import tab_to

RUTH = "ruth@county.example"


async def test_an_admin_sees_jobs_figures_and_finds_a_message_by_keyboard(staff):
    ruth = await staff(RUTH)
    await ruth.go("/staff/jobs")
    await ruth.click("Deliver messages", "link")
    await ruth.heading("Deliver messages")
    await ruth.go("/staff/messages")
    async with ruth.page.expect_download() as getting:
        await ruth.click("as CSV", "link")
    lines = (await (await getting.value).path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 1 and "," in lines[0]
    await ruth.go("/outbox")
    keyboard = ruth.page.keyboard
    await tab_to(ruth, "State")
    await keyboard.type("Failed")
    await ruth.page.wait_for_url("**state=failed**")
    await expect(ruth.page.get_by_label("State", exact=True)).to_be_focused()
    await expect(ruth.page.locator(".why-failed")).to_be_visible()
    await tab_to(ruth, href=str(await ruth.page.locator(".outbox__item a").first.get_attribute("href")))
    await keyboard.press("Enter")
    await ruth.sees("What became of it")


@LATER_WAYS
async def test_a_family_subscribes_to_its_dates_until_it_stops_it(visit, site, size, scripts):
    parent, wanted = await visit(size, scripts=scripts), site.session()
    await book(parent, wanted, "07700 900 591")
    await parent.go(manage_path(site, "07700 900 591"))
    await parent.click("Keep my calendar up to date by itself", "link")
    await parent.fill("Who is it for?", "My phone")
    await parent.click("Make an address")
    address = await parent.page.get_by_label("Address of the calendar").input_value()
    async with httpx.AsyncClient(trust_env=False) as program:
        read = vobject.readOne((await program.get(address)).text)
        assert [str(event.summary.value) for event in read.vevent_list] == [wanted["title"]]
        await parent.click("Stop My phone")
        await parent.sees("No address is in use yet")
        assert (await program.get(address)).status_code == 404
