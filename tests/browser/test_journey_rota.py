"""A month of duties from the sums to people's mailboxes, on a county of its own: planned, published, pinned, planned again, a rule
set aside, leave decided, a course staffed; whoever has no business with the rota sees none of it."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from booking import clock
from tests.browser.conftest import sign_in_as
from tests.browser.journeys import Looks
from tests.browser.test_journey_messages import there
from tests.browser.test_publishing_rotas import press_publish
from tests.browser.texting import Texting, texting_county
from tests.browser.visitor import PHONE, Visitor

MAYA, TOM, RUTH, EWA = "maya@ferndown.example", "tom@ferndown.example", "ruth@county.example", "ewa@colchester.example"
WHO_HAS = (
    "SELECT f.known_as AS name, f.id, a.is_pinned FROM assignment a JOIN staff_profile f ON f.id = a.staff_id"
    " WHERE a.shift_id = :shift AND a.layer = 'draft'"
)
COURSE = "Incredible Years: Parents and Toddlers"
LED = (
    "SELECT DISTINCT f.known_as AS name FROM shift h JOIN session s ON s.id = h.session_id JOIN assignment a ON a.shift_id = h.id"
    " JOIN staff_profile f ON f.id = a.staff_id WHERE s.run_id = :run AND h.kind = 'facilitator' AND a.layer = 'draft' ORDER BY 1"
)


@pytest.fixture(scope="module")
async def county(site, browser, staff_state, tmp_path_factory) -> AsyncIterator[Texting]:
    """Opened once for all stories. Staff sign in before the copy is made."""
    folder = tmp_path_factory.mktemp("county")
    for email in (TOM, MAYA, RUTH, EWA):
        if email not in staff_state:
            context = await browser.new_context(locale="en-GB")
            await sign_in_as(Visitor(site, context, await context.new_page(), folder), email)
            staff_state[email] = await context.storage_state()
            await context.close()
    async with texting_county(folder, site) as running:
        yield running


def monday(weeks: int) -> date:
    """The Monday so many weeks after the first that the demo has planned: 0 and 1 are published, 2 is a draft, from 3 on nothing is."""
    near = clock.today() + timedelta(days=2)
    return near - timedelta(days=near.weekday()) + timedelta(weeks=weeks)


async def ready(visitor: Visitor) -> None:
    """The plan is made: what it would change stands there."""
    await expect(visitor.page.get_by_role("heading", name="What would change")).to_be_visible(timeout=90_000)


async def open_duties(visitor: Visitor) -> int:
    return int(await visitor.page.locator(".figure--asks .figure__number").inner_text())


async def test_a_month_is_planned_and_published(staff, county):
    """The sums, a draft, a thorough plan, gaps with their reasons, into the draft, published, taken back, published, told."""
    looks, tom, first = Looks(), there(await staff(TOM), county), monday(3)
    await needs_what_nobody_can(tom, first)
    await tom.go("/staff/rota")
    await tom.click("Auto-plan", "link")
    await tom.fill("From the week of", first.isoformat())
    await tom.page.get_by_label("For", exact=True).select_option("4")
    await tom.click("Show the hours")
    await tom.sees("hours needed")
    await looks.at(tom, "rota-sums")
    await tom.click("Draft in a second")
    await ready(tom)
    drafted = await open_duties(tom)
    await tom.click("Plan these weeks again", "link")
    await tom.click("Plan thoroughly")
    await expect(tom.page.get_by_role("button", name="Stop and keep the best so far")).to_be_visible()
    await tom.picture("rota-planning")
    await ready(tom)
    assert await open_duties(tom) <= drafted
    gap = tom.page.locator(".auto-gap", has_text="Sign language morning")
    if not await gap.is_visible():
        await tom.page.locator(".auto-day", has=gap).locator("summary").click()
    await expect(gap.locator(".auto-gap__why")).to_be_visible()
    await looks.at(tom, "rota-plan")
    await tom.click("Put it into the draft")
    await tom.sees("Nobody has been told anything yet")
    await tom.click("See the rota", "link")
    await tom.sees("not as published")
    await expect(tom.page.locator(".rota a.duty").first).to_be_visible()
    await tom.page.locator("main").get_by_role("link", name="Publish", exact=True).click()
    await preview(tom, first, 4)
    await tom.sees("Who is told what")
    await looks.at(tom, "rota-publish")
    await press_publish(tom)
    await tom.click("Undo: nobody is told")
    await tom.sees("Nobody had heard of it")
    assert not any("Your rota" in str(each.read["Subject"]) for each in county.host.accepted)
    await tom.go(f"/staff/rota/publish?from={first}&weeks=4")
    await press_publish(tom)
    await tom.click("Tell them now")
    await tom.sees("have heard")
    [ann] = county.site.rows(
        "SELECT p.email, p.id FROM person p JOIN staff_profile f ON f.person_id = p.id WHERE f.known_as = 'Ann Lee'"
    )
    [told] = await county.becomes(
        "SELECT body FROM message WHERE kind = 'rota_published' AND person_id = :id AND state = 'sent'", id=ann["id"]
    )
    assert "Ferndown" in await county.mail_to(ann["email"], told["body"].split("\n")[0][:20])
    await looks.at(tom, "rota-told")
    assert looks.found == {}


async def needs_what_nobody_can(tom: Visitor, first: date) -> None:
    """An extra shift for a skill that nobody near holds: some gap will stay whatever is planned."""
    tom.site.rows(
        "INSERT INTO skill (id, code, name) VALUES ('00000000-0000-4000-8000-00000000bb51', 'trained-bsl', 'Signs in BSL')"
    )
    await tom.go("/staff/rota")
    await tom.click("Add a shift", "link")
    await tom.fill("What it is", "Sign language morning")
    await tom.page.get_by_label("Where").select_option(label="Ferndown Family Hub")
    await tom.page.locator("#date").fill((first + timedelta(days=2)).isoformat())
    await tom.page.locator("#start").fill("10:00")
    await tom.page.locator("#end").fill("12:00")
    await tom.page.locator("summary", has_text="Skills").click()
    await tom.page.get_by_label("Signs in BSL").check()
    await tom.click("Add the shift")
    await expect(tom.page).to_have_url(re.compile("/staff/rota"))


async def preview(tom: Visitor, first: date, weeks: int) -> None:
    await tom.fill("From the week of", first.isoformat())
    await tom.page.get_by_label("For", exact=True).select_option(str(weeks))
    await tom.click("Show", exact=True)
    await tom.heading("Publish the rota")


async def test_a_pinned_duty_stays_when_the_week_is_planned_anew(staff, county):
    """Pinned by keyboard alone; another is dragged, with what that would break shown; then the week is planned anew."""
    looks, tom, week = Looks(), there(await staff(TOM), county), monday(2)
    await tom.go(f"/staff/rota?date={week}")
    pinned = await a_duty(tom, 0)
    shift = await shift_of(pinned)
    before = county.site.rows(WHO_HAS, shift=shift)
    await pinned.focus()
    await tom.page.keyboard.press("Enter")
    await press_by_keyboard(tom, "Pin")
    await expect(tom.page.locator(f'.rota a[href$="{shift}"]').first).to_contain_text("Pinned")
    assert county.site.rows(WHO_HAS, shift=shift) == [before[0] | {"is_pinned": 1}]

    moved = await drag_one_to_another(tom)
    await looks.at(tom, "rota-dragged")
    await tom.go(f"/staff/rota/plans?from={week}&weeks=1")
    await tom.page.get_by_label("May be planned anew").check()
    await tom.click("Draft in a second")
    await ready(tom)
    await tom.click("Put it into the draft")
    await tom.sees("Nobody has been told anything yet")
    assert county.site.rows(WHO_HAS, shift=shift) == [before[0] | {"is_pinned": 1}]
    assert county.site.rows("SELECT 1 FROM audit_event WHERE about_id = :shift", shift=moved)
    await tom.go(f"/staff/rota?date={week}")
    await tom.page.emulate_media(media="print")
    await tom.picture("rota-on-paper", whole=True)
    await tom.page.emulate_media(media="screen")
    assert looks.found == {}


async def a_duty(tom: Visitor, nth: int) -> Locator:
    """A duty of cover that somebody has and that can be moved."""
    return tom.page.locator(".rota tr[data-staff]:not([data-staff=nobody]) a.duty[data-moves]", has_text="Cover").nth(
        nth
    )


async def shift_of(chip: Locator) -> str:
    return str(await chip.get_attribute("href")).split("/shifts/")[1].split("?")[0]


async def press_by_keyboard(tom: Visitor, words: str) -> None:
    """Tab from where the panel puts the focus until the button has it."""
    await expect(tom.page.locator("#panel").get_by_role("button", name=words).first).to_be_visible()
    for _ in range(12):
        await tom.page.keyboard.press("Tab")
        if (await tom.page.evaluate("document.activeElement.innerText")).startswith(words):
            break
    await tom.page.keyboard.press("Enter")


async def drag_one_to_another(tom: Visitor) -> str:
    """The first duty that a colleague on the page could have at the price of a warning, if there is one; returns its shift."""
    chip, shift, staff = await that_fits(tom)
    row = tom.page.locator(f'.rota tr[data-staff="{staff}"]')
    name = await row.locator("th b").inner_text()
    await chip.evaluate("chip => chip.scrollIntoView({block: 'center'})")
    await chip.hover()
    await tom.page.mouse.down()
    await tom.page.mouse.move(600, 450, steps=3)
    cell = row.locator("td.fits-soft, td.fits-fine")
    await cell.evaluate("cell => cell.scrollIntoView({block: 'center'})")
    box = await cell.bounding_box()
    assert box
    await tom.page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 2, steps=5)
    await expect(tom.page.locator(".rota-ghost")).to_contain_text(re.compile(rf"{name}.*\w \w.*\."))
    await tom.picture("rota-carried")
    await tom.page.mouse.up()
    await expect(row.locator(f'a[href*="{shift}"]')).to_be_visible()
    return shift


async def that_fits(tom: Visitor) -> tuple[Locator, str, str]:
    """A duty, its shift, and whom it would fit."""
    rows = await tom.page.locator(".rota tr[data-staff]").evaluate_all("rows => rows.map(each => each.dataset.staff)")
    found = []
    for n in range(1, 8):
        chip = await a_duty(tom, n)
        shift = await shift_of(chip)
        fits = await (await tom.page.request.get(f"{tom.site.url}/staff/rota/shifts/{shift}/fits")).json()
        found += [
            (fits[each][0] != "soft", n, shift, each) for each in rows if fits.get(each, [""])[0] in ("soft", "fine")
        ]
    _, n, shift, staff = min(found)
    return await a_duty(tom, n), shift, staff


async def test_a_rule_is_set_aside_with_a_reason_and_found_in_the_figures(staff, county):
    """On a phone without scripts, where everything is a page."""
    looks, tom, week = Looks(), there(await staff(TOM, size=PHONE, scripts=False), county), monday(2)
    await tom.go(f"/staff/rota?date={week}")
    await tom.page.locator(".rota-days a.duty, a.duty:visible", has_text="Cover").first.click()
    shift = tom.page.url.split("/shifts/")[1].split("?")[0]
    await looks.at(tom, "rota-shift")
    await choose_somebody_who_cannot(tom)
    await tom.sees("Breaks a rule")
    await tom.click("Set the rule aside and do it")
    await expect(tom.page.locator(".govuk-error-summary")).to_be_visible()
    await looks.at(tom, "rota-override")
    await tom.fill("Why this is right all the same", "She asked for this day herself")
    await tom.click("Set the rule aside and do it")
    await expect(tom.page.locator(".rota-said")).to_be_visible()
    [now] = county.site.rows(WHO_HAS, shift=shift)
    await tom.go(f"/staff/rota/publish?from={week}&weeks=1")
    await press_publish(tom)
    await tom.sees("People hear of it at")
    await tom.go(f"/staff/rota/shifts/{shift}")
    await tom.sees("She asked for this day herself")
    [day] = county.site.rows("SELECT date FROM shift WHERE id = :shift", shift=shift)
    await tom.go(f"/staff/rota/figures?month={day['date'][:7]}")
    line = tom.page.locator("#overrides tr", has_text="She asked for this day herself").first
    await expect(line).to_contain_text(now["name"])
    await looks.at(tom, "rota-figures")
    assert looks.found == {}


async def choose_somebody_who_cannot(tom: Visitor) -> None:
    """Somebody whom a rule keeps from it that a manager may set aside: not two duties at once."""
    hrefs = await tom.page.locator("details.cannot a").evaluate_all("links => links.map(each => each.href)")
    for href in hrefs[:9]:
        await tom.go(href)
        if await tom.page.get_by_role("button", name="Set the rule aside and do it").count():
            return
    raise AssertionError("nobody")


async def test_leave_is_asked_on_a_phone_and_decided_knowing_what_it_leaves(staff, county):
    looks, maya = Looks(), there(await staff(MAYA, size=PHONE), county)
    await maya.go("/duties")
    await maya.click("Ask for leave", "link")
    [duty] = county.site.rows(
        "SELECT s.date FROM shift s JOIN assignment a ON a.shift_id = s.id AND a.layer = 'published' JOIN staff_profile f"
        " ON f.id = a.staff_id WHERE f.known_as = 'Maya Okafor' AND s.date >= :first AND s.date NOT IN (SELECT first_date FROM leave"
        " WHERE staff_id = f.id) ORDER BY s.date LIMIT 1",
        first=monday(1).isoformat(),
    )
    await maya.fill("First day", duty["date"])
    await maya.page.get_by_role("radio").first.check()
    await maya.fill("A word to your manager", "Moving house")
    await looks.at(maya, "leave-asked")
    await maya.click("Ask for leave")
    await maya.sees("Moving house")
    tom = there(await staff(TOM), county)
    await tom.go("/staff/leave")
    card = tom.page.locator(".leave-card", has_text="Moving house")
    await expect(card.locator(".duty-lines li").first).to_contain_text(re.compile("could"))
    await looks.at(tom, "leave-inbox")
    await card.get_by_role("button", name="Approve").click()
    await tom.sees("Maya Okafor is away")
    await maya.go("/duties/leave")
    row = maya.page.locator(".duty-row", has_text="Moving house")
    await expect(row).to_contain_text("Approved")
    await tom.go(f"/staff/rota?date={duty['date']}")
    await tom.sees("On leave")
    await looks.at(tom, "rota-with-leave")
    assert looks.found == {}


async def test_a_course_is_found_with_people_free_on_all_dates(staff, county):
    """The plan names two who are trained and free; published, its shifts stand on the rota with them."""
    looks, ruth = Looks(), there(await staff(RUTH), county)
    await ruth.go("/staff/plan/find")
    await ruth.page.locator("#programme").select_option(label=COURSE)
    await ruth.fill("Children in a crèche", "8")
    await ruth.fill("Near a postcode", "BH22 9TH")
    await ruth.click("Find the best plans")
    card = ruth.page.locator(".best-plan").first
    await expect(card.locator(".best-plan__reason", has_text="can lead every date")).to_be_visible()
    await looks.at(ruth, "course-found-with-people")
    await card.get_by_role("button", name="Use this plan").click()
    await ruth.heading("Plan a run")
    names = sorted([await ruth.page.locator(f"#facilitator_{n}").input_value() for n in (1, 2)])
    assert all(names)
    await ruth.click("Save as a draft")
    await ruth.heading(COURSE)
    await ruth.click("Publish")
    await ruth.click("Publish now")
    await ruth.sees("What to do")
    [run] = county.site.rows("SELECT id FROM run WHERE booking_mode = 'run' ORDER BY id DESC LIMIT 1")
    await county.becomes(LED, run=run["id"])
    assert [each["name"] for each in county.site.rows(LED, run=run["id"])] == names
    [seen] = county.site.rows(
        "SELECT h.id, h.date, h.hub_id FROM shift h JOIN session s ON s.id = h.session_id WHERE s.run_id = :run"
        " AND h.kind = 'facilitator' ORDER BY h.date LIMIT 1",
        run=run["id"],
    )
    await ruth.go(f"/staff/rota?hub={seen['hub_id']}&date={seen['date']}")
    row = ruth.page.locator(".rota tr[data-staff]", has=ruth.page.locator("th b", has_text=names[0]))
    await expect(row.locator("a.duty", has_text=COURSE).first).to_be_visible()
    assert looks.found == {}


async def test_others_see_nothing_of_a_rota(visit, staff, county):
    """A stranger and a parent are asked to sign in; staff of another hub are told that there is no such thing."""
    shift, run = await seen_by_tom(await staff(TOM), county)
    paths = [
        "",
        "?hub=all",
        "/plans",
        f"/plans/{run}",
        "/publish",
        "/published",
        "/needs",
        "/figures",
        "/rules",
        "/cover",
    ]
    paths += [f"/shifts/{shift}", f"/shifts/{shift}/fits", f"/shifts/{shift}/change?do=open"]
    parent = there(await visit(PHONE), county)
    for path in [*(f"/staff/rota{each}" for each in paths), "/staff/leave", "/staff/workers"]:
        await parent.go(path)
        await expect(parent.page).to_have_url(re.compile("/sign-in"))
        assert "Trask" not in await parent.page.content()
    await parent.go("/duties")
    await expect(parent.page).to_have_url(re.compile("/sign-in"))  # where the demo lists who may sign in
    ewa = there(await staff(EWA), county)
    for path in (f"/plans/{run}", f"/shifts/{shift}", f"/shifts/{shift}/fits", f"/shifts/{shift}/change?do=open"):
        answer = await ewa.go(f"/staff/rota{path}")
        assert answer is not None and answer.status == 404, path
    for path in ("/staff/rota", "/staff/rota?hub=all", "/staff/workers", "/staff/leave", "/staff/rota/needs"):
        await ewa.go(path)
        assert "Trask" not in await ewa.page.content(), path


async def seen_by_tom(tom: Visitor, county: Texting) -> tuple[Any, Any]:
    """A shift of Ferndown and a plan of its weeks."""
    tom = there(tom, county)
    await tom.go(f"/staff/rota?date={monday(1)}")
    shift = await shift_of(await a_duty(tom, 0))
    await tom.go(f"/staff/rota/plans?from={monday(5)}&weeks=1")
    await tom.click("Draft in a second")
    await expect(tom.page).to_have_url(re.compile("plans/"))
    return shift, tom.page.url.rsplit("/", 1)[1]
