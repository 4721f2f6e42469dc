"""Rooms and days of the demo on which nothing is yet, chosen from what the database says; and pages that tests share."""

from datetime import date, datetime, timedelta
from typing import Any

from playwright.async_api import Locator, expect

from booking import clock
from tests.browser.the_site import Site
from tests.browser.visitor import Visitor

CRECHE, HALL, GROUP, KITCHEN = "D01-M-CRECHE", "D01-M-HALL", "D01-M-GROUP", "D01-M-KITCH"
"""Of Ferndown; partners do not book the first."""
ROOM = (
    "SELECT o.id, o.name, o.location_id, l.name AS location_name, l.area FROM room o JOIN location l ON l.id = o.location_id"
    " WHERE o.code = :code"
)
OPEN = (
    "SELECT 1 FROM opening_hours h JOIN room o ON o.location_id = h.location_id WHERE o.code = :code AND h.weekday = :weekday"
    " AND h.opens <= '09:30' AND h.closes >= '16:00' AND NOT EXISTS (SELECT 1 FROM bank_holiday k WHERE k.date = :day)"
)
HELD = (
    "SELECT 1 FROM room_hold d WHERE date(d.starts_at) = :day AND d.room_id IN (SELECT o.id FROM room o WHERE o.code = :code"
    " UNION SELECT p.part_id FROM room_part p JOIN room o ON o.id = p.whole_id WHERE o.code = :code)"
)


def room_of(site: Site, code: str) -> dict[str, Any]:
    [found] = site.rows(ROOM, code=code)
    return found


def quiet_day(site: Site, code: str, *, weekday: int | None = None, others: tuple[str, ...] = ()) -> date:
    """A coming day from 9:30am to 4pm open on which nobody has this room, nor the others; each is given to one test."""
    for n in range(9, 120):
        day = clock.today() + timedelta(days=n)
        if (
            weekday in (None, day.weekday())
            and f"{code} {day}" not in site.given
            and _is_quiet(site, (code, *others), day)
        ):
            site.given.update(f"{each} {day}" for each in (code, *others))
            return day
    raise AssertionError(f"{code} is never quiet")


def _is_quiet(site: Site, codes: tuple[str, ...], day: date) -> bool:
    return all(
        site.rows(OPEN, code=code, weekday=day.weekday(), day=day.isoformat())
        and not site.rows(HELD, code=code, day=day.isoformat())
        for code in codes
    )


def diary_of(room: dict[str, Any], day: date, rest: str = "") -> str:
    return f"/staff/diary?location={room['location_id']}&date={day}{rest}"


def lane_of(visitor: Visitor, room: dict[str, Any]) -> Locator:
    """The room's row in the diary by day."""
    heading = visitor.page.get_by_role("heading", name=room["name"], exact=True)
    return visitor.page.locator(".diary__room").filter(has=heading)


def bookings_on(site: Site, room: dict[str, Any], day: date, *, state: str = "confirmed") -> list[dict[str, Any]]:
    sql = (
        "SELECT id, title, starts_at, ends_at, organisation_id FROM room_booking WHERE room_id = :room AND"
        " date(starts_at) = :day AND state = :state ORDER BY starts_at"
    )
    return site.rows(sql, room=room["id"], day=day.isoformat(), state=state)


def hours_on(site: Site, room: dict[str, Any], day: date) -> list[str]:
    """ "10:00-11:00" of each booking of the room that stands on this day, by the clock on the wall."""
    return [
        f"{_local(line['starts_at']):%H:%M}-{_local(line['ends_at']):%H:%M}" for line in bookings_on(site, room, day)
    ]


def _local(text: str) -> datetime:
    return clock.local(datetime.fromisoformat(text))


async def choose_times(visitor: Visitor, start: str, end: str) -> None:
    await visitor.page.locator("#start").select_option(start)
    await visitor.page.locator("#end").select_option(end)


async def staff_book(visitor: Visitor, room: dict[str, Any], day: date, start: str, end: str, title: str) -> str:
    """Books for the hub by the form's address; returns the path of the booking."""
    await visitor.go(f"/staff/rooms/book?room={room['id']}&date={day}&start={start}&end={end}&title={title}")
    await visitor.click("Book it")
    await visitor.page.wait_for_url("**/staff/rooms/bookings/*")
    await expect(visitor.main()).to_contain_text("is booked")
    return visitor.page.url
