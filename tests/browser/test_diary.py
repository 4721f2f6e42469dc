"""The diary in a browser: on its hours where there is room, a list on a phone, and dragging that ends on the forms."""

import re
from itertools import pairwise

import pytest
from playwright.async_api import expect

from tests.browser.visitor import DESKTOP, PHONE

BUSY = (
    "SELECT date(b.starts_at) AS date, l.id AS location FROM room_booking b JOIN room o ON o.id = b.room_id"
    " JOIN location l ON l.id = o.location_id WHERE l.hub_name LIKE 'Ferndown%' AND b.starts_at > datetime('now', '+2 days')"
    " AND b.kind = 'session' AND b.state = 'confirmed' GROUP BY 1, 2 ORDER BY COUNT(*) DESC, 1 LIMIT 1"
)


@pytest.fixture
def busy(site) -> str:
    """The day of Ferndown with the most sessions, as the diary's address."""
    [found] = site.rows(BUSY)
    return f"/staff/diary?location={found['location']}&date={found['date']}"


async def drag(member, locator, right: float, down: float, *, at: str = "middle") -> None:
    box = await locator.bounding_box()
    x = box["x"] + (box["width"] - 3 if at == "right edge" else box["width"] / 2)
    y = box["y"] + (box["height"] - 3 if at == "lower edge" else box["height"] / 2)
    mouse = member.page.mouse
    await mouse.move(x, y)
    await mouse.down()
    await mouse.move(x + right / 2, y + down / 2, steps=3)
    await mouse.move(x + right, y + down, steps=3)
    await expect(member.page.locator(".diary-ghost")).to_be_visible()
    await mouse.up()


async def test_blocks_stand_on_their_hours_and_on_a_phone_in_a_list(staff, busy):
    member = await staff(size=DESKTOP)
    await member.go(busy)
    blocks = member.page.locator(".lane").nth(0).locator(".free, .use__what")
    boxes = [await block.bounding_box() for block in await blocks.all()]
    assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(boxes) if one and other)
    await member.width(*PHONE)
    assert await member.problems_of_this_page() == []
    await member.width(*PHONE)
    link = member.page.locator(".free__link").first
    box = await link.bounding_box()
    assert box and box["height"] >= 24 and box["width"] > 300


async def test_dragging_over_free_time_opens_the_form_that_books_it(staff, busy):
    member = await staff(size=DESKTOP)
    await member.go(busy)
    free = member.page.locator(".free").filter(has_text=re.compile("Free")).first
    await drag(member, free, 60, 0)
    await member.page.wait_for_url(
        re.compile(r"/staff/rooms/book\?room=[\w-]+&date=[\d-]+&start=\d\d%3A\d[05]&end=\d\d%3A\d[05]")
    )


async def test_a_click_on_free_time_books_from_the_half_hour_that_was_clicked(staff, busy):
    member = await staff(size=DESKTOP)
    await member.go(busy)
    links = [(await link.bounding_box(), link) for link in await member.page.locator(".free__link").all()]
    box, free = max((pair for pair in links if pair[0]), key=lambda pair: pair[0]["width"])
    found = re.findall(r"(?:start|end)=(\d\d):(\d\d)", await free.get_attribute("href") or "")
    start, end = (60 * int(hour) + int(minute) for hour, minute in found)
    hour, rest = divmod((start + (end - start) * 7 // 10) // 30 * 30, 60)
    await free.click(position={"x": box["width"] * 0.7, "y": 8})
    aimed = re.compile(rf"/staff/rooms/book\?room=.*&start={hour:02}%3A{rest:02}&end=")
    await expect(member.page).to_have_url(aimed)


async def test_dragging_a_session_opens_its_form_with_the_new_time(staff, busy):
    member = await staff(size=DESKTOP)
    await member.go(busy)
    session = member.page.locator("li[data-moves] > a").first
    path = await session.get_attribute("href")
    await drag(member, session, 90, 0)
    await member.page.wait_for_url(re.compile(rf"{path}/change\?scope=date&what=when&.*start=.*&end=.*&room=.*&see=1"))


async def test_a_click_is_still_a_link_and_all_of_it_can_be_done_without_scripts(staff, busy):
    member = await staff(size=DESKTOP, scripts=False)
    await member.go(busy)
    await expect(member.page.locator(".free__link").first).to_have_attribute("href", re.compile("/staff/rooms/book"))
    await member.page.locator(".use__what[href]").first.click()
    await member.page.wait_for_url(re.compile("/staff/(sessions|rooms/bookings)/"))
    await member.go(busy + "&as=table")
    await expect(member.page.get_by_role("table").first).to_be_visible()
