"""A course of twelve weeks with a creche is found, planned in a grid, kept as a draft, published, and booked on a phone."""

from datetime import date
from typing import Any

from playwright.async_api import expect

from tests.browser.in_rooms import staff_book
from tests.browser.journeys import BOTH_WAYS, Looks, book_with_creche
from tests.browser.the_site import Site
from tests.browser.visitor import PHONE, Visitor

PROGRAMME = "Incredible Years: Parents and Toddlers"
TOWNS = {True: "BH22 9TH", False: "BH21 1HH"}
NEWEST = (
    "SELECT r.id, r.slug, r.state, r.location_id FROM run r WHERE r.booking_mode = 'run' ORDER BY r.id DESC LIMIT 1"
)
ROOMS = (
    "SELECT s.date, s.room_id AS id, s.location_id, s.state, s.start_time FROM session s"
    " WHERE s.run_id = :run ORDER BY s.date"
)
TAKEN = "SELECT r.taken, c.taken AS creche FROM run r JOIN session c ON c.run_id = r.creche_run_id WHERE r.id = :run"


@BOTH_WAYS
async def test_a_course_of_twelve_weeks_is_planned_and_booked(staff, visit, site, size, scripts):
    looks = Looks()
    planner = await staff("ruth@county.example", size=size, scripts=scripts)
    await find(planner, looks, TOWNS[scripts])
    taken = await fill_the_grid(planner, looks)
    [run] = site.rows(NEWEST)
    dates = site.rows(ROOMS, run=run["id"])
    assert [each["state"] for each in dates] == ["draft"] * 12
    assert taken not in [(each["id"], each["date"], each["start_time"]) for each in dates]
    await seen_as_a_draft_by_staff_alone(planner, await visit(PHONE), looks, run, dates[0])
    await publish(planner, looks, run)
    phone = f"07700 900 56{int(scripts)}"
    parent = await visit(PHONE, scripts=scripts)
    await looks_of_the_course(parent, looks, run)
    await book_with_creche(parent, run["slug"], phone)
    await looks.at(parent, "plan-booked")
    assert site.rows(TAKEN, run=run["id"]) == [{"taken": 1, "creche": 1}] * 12
    await cannot_be_taken_back(planner, looks, site, run)
    assert looks.found == {}


async def find(planner: Visitor, looks: Looks, town: str) -> None:
    """From the page of plans to the best plan in the form that plans a run."""
    await planner.go("/staff/plan")
    await planner.click("Find the best plans", "link")
    await planner.page.locator("#programme").select_option(label=PROGRAMME)
    await planner.fill("Children in a crèche", "8")
    await planner.fill("Near a postcode", town)
    await planner.click("Find the best plans")
    await expect(planner.page.get_by_role("button", name="Use this plan").first).to_be_visible()
    await looks.at(planner, "plan-found")
    await planner.click("Use this plan")
    await planner.heading("Plan a run")


async def fill_the_grid(planner: Visitor, looks: Looks) -> tuple[str, str, str]:
    """A colleague takes the third date meanwhile, so it takes a way out; the fifth is left out, a facilitator named; saved.

    Returns room, day and hour that the colleague has."""
    held = planner.page.locator(".plan-row-held")
    await expect(held).to_have_count(12)
    third, fifth = [(await held.nth(n).get_attribute("id") or "").removeprefix("day-") for n in (2, 4)]
    form = planner.page.url
    room, start, end = [await planner.page.locator(f"#{name}").input_value() for name in ("room", "start", "end")]
    await staff_book(planner, {"id": room}, date.fromisoformat(third), start, end, "Staff meeting")
    await planner.go(form)
    await expect(planner.page.locator(".plan-row-clash")).to_have_count(1)
    await looks.at(planner, "plan-grid-clash")
    await planner.page.locator(f"#day-{third} .plan-cell__way").first.press("Enter")
    await expect(planner.page.locator(".plan-row-clash")).to_have_count(0)
    await planner.page.locator(f'[name="do-{fifth}"]').press("Space")
    await planner.page.locator("#facilitator_1").fill("Ann Lee")
    await planner.page.locator("#facilitator_1").press("Tab")
    if not planner.scripts:
        await planner.click("See every date")
    await expect(planner.page.locator(f"#day-{fifth}.plan-row-skipped")).to_be_visible()
    await expect(held).to_have_count(12)
    await looks.at(planner, "plan-grid")
    await planner.click("Save as a draft")
    await planner.heading(PROGRAMME)
    return room, third, start


async def seen_as_a_draft_by_staff_alone(
    planner: Visitor, stranger: Visitor, looks: Looks, run: dict[str, Any], first: dict[str, Any]
) -> None:
    await looks.at(planner, "plan-draft")
    await planner.go(f"/staff/diary?location={first['location_id']}&date={first['date']}")
    await planner.sees(f"Draft: {PROGRAMME}")
    await looks.at(planner, "plan-diary")
    for path in (f"/courses/{run['slug']}", "/?words=incredible&when=84&within=any"):
        answer = await stranger.go(path)
        assert answer is not None
        assert run["slug"] not in await answer.text() or answer.status == 404, path


async def publish(planner: Visitor, looks: Looks, run: dict[str, Any]) -> None:
    await planner.go(f"/staff/plan/{run['id']}")
    await planner.click("Publish")
    await planner.heading("Publish")
    await looks.at(planner, "plan-publish")
    await planner.click("Publish now")
    await planner.sees("What to do")
    await looks.at(planner, "plan-run")
    await planner.go("/staff/plan")
    await looks.at(planner, "plan-home")


async def looks_of_the_course(parent: Visitor, looks: Looks, run: dict[str, Any]) -> None:
    await parent.go(f"/courses/{run['slug']}")
    await parent.heading(PROGRAMME)
    await looks.at(parent, "plan-course")


async def cannot_be_taken_back(planner: Visitor, looks: Looks, site: Site, run: dict[str, Any]) -> None:
    """The page is from before the family booked: it keeps its course, and staff read why."""
    await planner.page.locator(f'form[action="/staff/plan/{run["id"]}/unpublish"] button').click()
    await planner.sees("booked")
    await looks.at(planner, "plan-no-undo")
    assert site.rows("SELECT state FROM run WHERE id = :id", id=run["id"]) == [{"state": "published"}]
