"""Partners and rooms: ways out of a clash, a missing date taken, a room found, a swap answered, a statement; and nothing of others."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import expect

from booking import clock
from tests.browser.in_rooms import GROUP, KITCHEN, bookings_on, hours_on, quiet_day, room_of
from tests.browser.test_partner_reserves import DAN, quiet_room, tuesdays_of_next_term
from tests.browser.test_rooms_by_staff import PHONE_AND_DESKTOP
from tests.browser.visitor import DESKTOP

NOT_THEIRS = re.compile(r"/partner/(bookings|series|calendar/series)/|/partner/reserve\?like=")


@PHONE_AND_DESKTOP
async def test_a_clash_has_ways_out_and_a_missing_date_is_taken_when_it_comes_free(partner, site, size, scripts):
    room = quiet_room(site)
    _, second, third = tuesdays_of_next_term(site, room["area"])[:3]
    dan = await partner(DAN)
    for day in (second, third):
        await dan.go(f"/partner/reserve?room={room['id']}&date={day}&start=10:00&end=12:00&people=2")
        await dan.click("Reserve this date")
        await dan.sees("What happens next")

    grace = await partner(size=size, scripts=scripts)
    page = grace.page
    await grace.go(
        f"/partner/reserve?room={room['id']}&repeat=weekly&weekday=1&term=next&start=10:00&end=11:00&people=2&title=Games"
    )
    await expect(page.locator(".asked--clash")).to_have_count(2)
    clash = page.locator(f"#day-{second}")
    if await clash.locator("summary").count():
        await clash.locator("summary").click()
    await clash.get_by_text(re.compile("earlier|later|same time|Wed|Mon")).first.click()
    if not scripts:
        await grace.click("Show every date")
    await expect(page.locator(".asked--clash")).to_have_count(1)
    assert await grace.problems_of_this_page() == []
    await grace.picture("way-out", whole=True)
    await grace.click("Reserve ", "button")
    await grace.sees("1 date was not free")
    await expect(page.locator("#missing")).to_contain_text(f"{third.day} {third:%b}")
    series = urlsplit(page.url).path
    assert await grace.problems_of_this_page() == []

    [taken] = bookings_on(site, room, third)
    await dan.go(f"/partner/bookings/{taken['id']}/cancel")
    await dan.click("Cancel this booking")
    await dan.sees("1 date cancelled.")
    await grace.go(series)
    await grace.click("Take it")
    await grace.go(series)
    await expect(page.locator("#missing")).to_have_count(0)
    assert hours_on(site, room, third) == ["10:00-11:00"]


@PHONE_AND_DESKTOP
async def test_a_room_is_found_and_reserved(partner, site, size, scripts):
    grace = await partner(size=size, scripts=scripts)
    page, day = grace.page, quiet_day(site, KITCHEN)
    await grace.go("/partner/find")
    await page.get_by_label("Date, or the first of them").fill(day.isoformat())
    await page.get_by_label("People", exact=True).fill("6")
    await page.get_by_label("Near a postcode or town").fill("BH22 9TH")
    await page.get_by_label("Near a postcode or town").press("Enter")
    await expect(page.locator(".results__count")).to_contain_text("near BH22 9TH")
    assert await grace.problems_of_this_page() == []
    await grace.picture("found", whole=True)
    await page.get_by_role("button", name=re.compile("^Reserve this")).first.click()
    await grace.heading("Reserve a room")
    await expect(page.locator(".asked--free")).to_contain_text("10am to midday")
    await grace.click("Reserve this date")
    await grace.sees("What happens next")
    assert await grace.problems_of_this_page() == []


@PHONE_AND_DESKTOP
async def test_a_swap_is_asked_by_staff_and_answered_with_one_click(partner, staff, visit, site, size, scripts):
    group, kitchen = room_of(site, GROUP), room_of(site, KITCHEN)
    day = quiet_day(site, GROUP, others=(KITCHEN,))
    grace = await partner(size=size, scripts=scripts)
    await grace.go(f"/partner/reserve?room={group['id']}&date={day}&start=10:00&end=12:00&people=6&title=Toy+sale")
    await grace.click("Reserve this date")
    await grace.sees("What happens next")
    [booking] = bookings_on(site, group, day)

    tom = await staff(size=size, scripts=scripts)
    await tom.go(f"/staff/rooms/bookings/{booking['id']}")
    await tom.click("We need this room", "link")
    await tom.page.locator("#room").select_option(kitchen["id"])
    await tom.fill("What you need the room for", "Safeguarding course")
    await tom.page.get_by_label("Why", exact=True).fill("Only this room is large enough")
    assert await tom.problems_of_this_page() == []
    await tom.click("Ask ")
    await tom.sees("is asked. The other room is kept")
    assert await tom.problems_of_this_page() == []

    [message] = site.rows(
        "SELECT body FROM message WHERE kind = 'room_swap' AND address LIKE 'grace@%' ORDER BY id DESC LIMIT 1"
    )
    [link] = set(re.findall(r"/swaps/[\w-]+", message["body"]))
    await grace.go("/partner")
    await grace.sees("The hub needs Group room")
    reader = await visit(size, scripts=scripts)
    await reader.go(link)
    await reader.sees("Only this room is large enough")
    assert await reader.problems_of_this_page() == []
    await reader.picture("swap", whole=True)
    await reader.click("Yes, we take the other room")
    await expect(reader.page.get_by_role("button", name="Yes")).to_have_count(0)
    assert [line["id"] for line in bookings_on(site, kitchen, day)] == [booking["id"]]
    assert "10:00-12:00" in hours_on(site, group, day)


async def test_a_statement_is_read_and_taken_away_as_csv(partner, site):
    grace = await partner()
    day = quiet_day(site, KITCHEN)
    room = room_of(site, KITCHEN)
    await grace.go(f"/partner/reserve?room={room['id']}&date={day}&start=13:00&end=15:00&people=6&title=Stock+check")
    await grace.click("Reserve this date")
    await grace.sees("What happens next")
    await grace.go("/partner/statement")
    for _ in range((day.year - clock.today().year) * 12 + day.month - clock.today().month):
        await grace.page.locator("a[rel=next]").click()
        await grace.page.wait_for_load_state()
    await expect(grace.main()).to_contain_text("Stock check")
    async with grace.page.expect_download() as waiting:
        await grace.click("Download as CSV")
    text = (await (await waiting.value).path()).read_text("utf-8-sig")
    [line] = [each for each in text.splitlines() if "Stock check" in each]
    assert "TOY-07" in line and "8.50" in line and "17.00" in line


async def test_a_stranger_organisation_finds_nothing_of_another(partner, visit, site):
    """Every link and form that one partner's pages have, followed by the booker of another, and by nobody in particular."""
    grace, room = await partner(), quiet_room(site)
    first = tuesdays_of_next_term(site, room["area"])[0]
    await grace.go(
        f"/partner/reserve?room={room['id']}&repeat=weekly&weekday=1&term=dates&first={first}"
        f"&until={first + timedelta(weeks=3)}&start=10:00&end=11:00&people=2&title=Only+ours"
    )
    await grace.click("Reserve ")
    await grace.sees("What happens next")
    links, forms = await _addresses(grace, [urlsplit(grace.page.url).path])
    assert {re.sub(r"[0-9a-f-]{36}", "…", path.split("?")[0]) for path in links} >= {
        "/partner/bookings/…",
        "/partner/bookings/…/change",
        "/partner/bookings/…/cancel",
        "/partner/series/…",
        "/partner/calendar/series/….ics",
        "/partner/reserve",
    }
    dan, nobody = await partner(DAN, DESKTOP), await visit()
    for path in links:
        assert (await dan.context.request.get(site.url + path)).status == 404, path
        answer = await nobody.context.request.get(site.url + path)
        assert "/partner/sign-in" in answer.url, path
    for path in forms:
        answer = await dan.context.request.post(site.url + path, form={}, headers={"Origin": site.url})
        assert answer.status == 404, path
    assert (await grace.go(next(path for path in links if "/bookings/" in path))).status == 200


async def _addresses(visitor, start: list[str]) -> tuple[list[str], list[str]]:
    """Where links and forms about the bookings on these pages, and on those behind them, lead."""
    links, forms, to_do = set(), set(), list(start)
    while to_do and len(links) < 60:
        path = to_do.pop()
        if path in links:
            continue
        links.add(path)
        if path.endswith(".ics"):
            continue
        await visitor.go(path)
        script = "(name) => [...document.querySelectorAll(`main [${name}]`)].map(each => each.getAttribute(name))"
        found = [each.split("#")[0] for each in await visitor.page.evaluate(script, "href")]
        to_do += [each for each in found if NOT_THEIRS.match(each)]
        forms |= {each for each in await visitor.page.evaluate(script, "action") if NOT_THEIRS.match(each)}
    return sorted(links), sorted(forms)
