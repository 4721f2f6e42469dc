"""A partner in a real browser: a term of Tuesdays with one clash and half term left out, then one date changed and one cancelled."""

from datetime import date, timedelta

import pytest
from playwright.async_api import expect

from booking import clock
from tests.browser.test_partner_papers import GRACE, SCRIPTS, sign_in_to
from tests.browser.visitor import DESKTOP, PHONE, Visitor

DAN = "dan@advice.example"


def quiet_room(site) -> dict:
    """A room for partners, open on Tuesdays, that nobody holds; the next test finds another."""
    [found] = site.rows(
        "SELECT o.id, o.name, l.area FROM room o JOIN location l ON l.id = o.location_id JOIN opening_hours h ON"
        " h.location_id = l.id AND h.weekday = 1 AND h.opens <= '09:30' AND h.closes >= '16:00' WHERE o.is_partner_bookable"
        " AND NOT l.is_restricted AND l.kind <> 'restricted' AND o.approval <> 'always' AND l.valid_to_date IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM room_hold d WHERE d.room_id = o.id) AND NOT EXISTS (SELECT 1 FROM room_part p"
        " WHERE o.id IN (p.whole_id, p.part_id)) ORDER BY o.id LIMIT 1"
    )
    return found


def tuesdays_of_next_term(site, area: str) -> list[date]:
    """Those of the next whole term; half term is among them."""
    [term] = site.rows(
        "SELECT start_date, end_date FROM term_date WHERE kind = 'term' AND area = :area AND start_date > :today"
        " ORDER BY start_date LIMIT 1",
        area=area,
        today=clock.today().isoformat(),
    )
    first, last = (date.fromisoformat(term[name]) for name in ("start_date", "end_date"))
    first += timedelta(days=(1 - first.weekday()) % 7)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


async def dan_takes(visitor: Visitor, room: dict, day: date) -> None:
    await sign_in_to(visitor, "/partner/reserve", DAN)
    await visitor.go(f"/partner/reserve?room={room['id']}&date={day}&start=10:00&end=12:00&people=3")
    await visitor.click("Reserve this date")
    await visitor.sees("What happens next")


@SCRIPTS
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_partner_reserves_a_term_of_tuesdays(visit, site, scripts, size):
    room = quiet_room(site)
    tuesdays = tuesdays_of_next_term(site, room["area"])
    await dan_takes(await visit(DESKTOP), room, tuesdays[2])

    grace = await visit(size, scripts=scripts)
    await sign_in_to(grace, "/partner/reserve", GRACE)
    page = grace.page
    await page.get_by_label("Room", exact=True).select_option(room["id"])
    await page.get_by_label("Tue", exact=True).check()
    await page.get_by_label("From", exact=True).first.select_option("10:00")
    await page.get_by_label("to", exact=True).first.select_option("10:30")
    await page.get_by_label("Next term").check()
    await grace.fill("How many people", "2")
    await page.get_by_label("How many people").blur()
    if not scripts:
        await grace.click("Show every date")
    taken = page.locator(f"#day-{tuesdays[2]}")
    await expect(taken).to_contain_text("Not free")
    await expect(page.locator(".asked--skipped").first).to_contain_text("Half term")
    await expect(page.locator(".asked--free")).to_have_count(len(tuesdays) - 2)
    assert site.rows("SELECT id FROM room_series WHERE room_id = :room", room=room["id"]) == []
    await page.get_by_role("button", name="Reserve").click()
    await grace.sees("What happens next")
    await grace.sees("1 date was not free")

    await page.get_by_role("link", name=f"{tuesdays[0]:%a} {tuesdays[0].day} {tuesdays[0]:%b}").first.click()
    await grace.click("Change")
    await page.get_by_label("From", exact=True).first.select_option("13:00")
    await page.get_by_label("to", exact=True).first.select_option("13:30")
    if not scripts:
        await grace.click("Show what changes")
    await grace.click("Change 1 date")
    await grace.sees("1 date changed.")
    await expect(page.locator(".booked-date", has_text="1pm to 1:30pm")).to_have_count(1)

    await page.locator(".booked-date", has_text="1pm to 1:30pm").get_by_role("link").first.click()
    await grace.click("Cancel", "link", exact=True)
    await grace.click("Cancel these dates")
    await grace.sees("1 date cancelled.")
    await grace.click("Take it back")
    await grace.sees("yours again")
    assert not grace.troubles


async def test_the_pages_of_partners_about_rooms_are_fit_for_everybody(visit, site):
    room = quiet_room(site)
    grace = await visit(PHONE)
    await sign_in_to(grace, "/partner/reserve", GRACE)
    found = {"empty": await grace.problems_of_this_page("Reserve a room")}
    await grace.go(
        f"/partner/reserve?room={room['id']}&repeat=weekly&weekday=1&term=next&start=10:00&end=20:00&people=2"
    )
    found["dates"] = await grace.problems_of_this_page("Reserve a room")
    await grace.go(
        f"/partner/reserve?room={room['id']}&repeat=weekly&weekday=1&term=next&start=10:00&end=10:30&people=2"
    )
    await grace.click("Reserve")
    await grace.sees("What happens next")
    found["saved"] = await grace.problems_of_this_page()
    await grace.page.locator(".booked-date a").first.click()
    found["booking"] = await grace.problems_of_this_page()
    await grace.click("Change")
    found["change"] = await grace.problems_of_this_page("Change")
    await grace.go("/partner")
    found["home"] = await grace.problems_of_this_page("Dorset Toy Library")
    assert {page: problems for page, problems in found.items() if problems} == {}
