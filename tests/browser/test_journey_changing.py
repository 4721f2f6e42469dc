"""A family on a course: one date moves, one is cancelled, one goes online; what it then reads, gets and has in its calendar."""

from typing import Any

from playwright.async_api import expect

from tests.browser.journeys import LATER_WAYS, Looks, book_with_creche
from tests.browser.test_changing_dates import later
from tests.browser.the_site import Site
from tests.browser.visitor import PHONE, Visitor

COURSE = (
    "SELECT id, slug FROM run WHERE creche_run_id IS NOT NULL AND code LIKE 'own-%' AND state = 'published'"
    " AND places - taken > 1 ORDER BY id LIMIT 1"
)
DATES = (
    "SELECT id, number, start_time FROM session WHERE run_id = :run AND state = 'planned' AND edited = ''"
    " AND delivery = '' ORDER BY starts_at"
)
MAIL = (
    "SELECT kind, state, calendar, calendar_method, body FROM message WHERE address = :to AND session_id = :session"
    " AND kind <> 'confirmation' ORDER BY created_at DESC, id DESC LIMIT 1"
)
LINK = "https://meet.example/toddlers"


@LATER_WAYS
async def test_a_family_follows_every_change_of_its_course(staff, visit, site, size, scripts):
    looks, mail = Looks(), f"sam{int(scripts)}@families.example"
    [run] = site.rows(COURSE)
    moved, cancelled, online = site.rows(DATES, run=run["id"])[4:7]
    parent = await visit(PHONE, scripts=scripts)
    own = await book_with_creche(parent, run["slug"], f"07700 900 58{int(scripts)}", mail)
    ruth = await staff("ruth@county.example", size=size, scripts=scripts)
    await move(ruth, looks, moved)
    await cancel(ruth, looks, cancelled)
    await meet_online(ruth, looks, online)
    await parent.go(own)
    await looks.at(parent, "change-manage")
    await expect(parent.page.locator(".dates__item--cancelled")).to_have_count(1)
    assert LINK not in await parent.page.content()  # before the last 24 hours nobody has it
    the_calendar_is_right(site, mail, moved, "REQUEST", f"T{later(moved['start_time']).replace(':', '')}00")
    the_calendar_is_right(site, mail, online, "REQUEST", f"LOCATION:{LINK}")
    the_calendar_is_right(site, mail, cancelled, "CANCEL", "STATUS:CANCELLED")
    await undo(ruth, looks, cancelled)
    await parent.page.reload()
    await expect(parent.page.locator(".dates__item--cancelled")).to_have_count(0)
    assert site.rows(MAIL, to=mail, session=cancelled["id"])[0]["state"] == "void"
    assert looks.found == {}


async def move(ruth: Visitor, looks: Looks, session: dict[str, Any]) -> None:
    await ruth.go(f"/staff/sessions/{session['id']}")
    await ruth.click("Change dates")
    await ruth.sees("Which dates?")
    await ruth.click("Continue")
    end = await ruth.page.locator("#end").input_value()
    await ruth.page.locator("#start").select_option(later(session["start_time"]))
    await ruth.page.locator("#end").select_option(later(end))
    await ruth.click("See what will happen")
    await shown_who_is_told(ruth, looks, "change-move")
    await ruth.click("Change this date")
    await ruth.click("Send the messages now")
    await looks.at(ruth, "change-moved")


async def cancel(ruth: Visitor, looks: Looks, session: dict[str, Any]) -> None:
    await ruth.go(f"/staff/sessions/{session['id']}/cancel")
    await ruth.page.get_by_role("radio").first.check()
    await ruth.click("See what will happen")
    await shown_who_is_told(ruth, looks, "change-cancel")
    await ruth.click("Cancel this date")
    await looks.at(ruth, "change-cancelled")


async def meet_online(ruth: Visitor, looks: Looks, session: dict[str, Any]) -> None:
    await ruth.go(f"/staff/sessions/{session['id']}/online")
    await ruth.fill("Link to join by", LINK)
    await ruth.click("See what will happen")
    await shown_who_is_told(ruth, looks, "change-online")
    await ruth.click("Meet online")
    await ruth.click("Send the messages now")
    await looks.at(ruth, "change-is-online")


async def shown_who_is_told(ruth: Visitor, looks: Looks, name: str) -> None:
    """Names and words, before anything is saved."""
    await ruth.sees("What will happen")
    await ruth.page.get_by_text("Everybody who is affected").click()
    await ruth.sees("Sam Carter")
    assert await ruth.page.locator(".words-sent").count()
    await looks.at(ruth, name)


def the_calendar_is_right(site: Site, mail: str, session: dict[str, Any], method: str, words: str) -> None:
    """The newest mail about this date corrects the entry in the family's calendar."""
    [found] = site.rows(MAIL, to=mail, session=session["id"])
    assert found["calendar_method"] == method
    assert f"METHOD:{method}" in found["calendar"]
    assert "SEQUENCE:0" not in found["calendar"]
    assert words in found["calendar"]


async def undo(ruth: Visitor, looks: Looks, session: dict[str, Any]) -> None:
    await ruth.go(f"/staff/sessions/{session['id']}")
    await ruth.click("Undo")
    await ruth.page.wait_for_load_state()
    await looks.at(ruth, "change-undone")
