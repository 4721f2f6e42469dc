"""What a parent does in a browser, request by request, and sessions they can book."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from benchmarks.visitor import Answer, Visitor, assets_in
from booking import clock, db, settings

PLENTY = 100_000


@dataclass(frozen=True, slots=True)
class Bookable:
    """A session that is booked date by date, and the birth of a child that it is for."""

    id: UUID
    month: str
    year: str

    @property
    def path(self) -> str:
        return f"/sessions/{self.id}"


async def bookable(url: str, count: int, places: int = PLENTY) -> list[Bookable]:
    """Sessions of the coming weeks for children, each made to have so many places."""
    await db.open_database(settings.Database(url=url, pool=1))
    try:
        found = await db.rows(
            "SELECT s.id, s.date, COALESCE(r.min_age_months, 0) AS youngest, COALESCE(r.max_age_months, 60) AS oldest"
            " FROM session s JOIN run r ON r.id = s.run_id JOIN programme p ON p.id = r.programme_id"
            " WHERE s.is_listed AND r.booking_mode = 'session' AND p.age_of = 'child' AND s.state = 'planned'"
            f" AND s.date > $1 ORDER BY s.date, s.start_time, s.id LIMIT {count}",
            clock.today(),
        )
        for row in found:
            await db.execute("UPDATE session SET places = $2, taken = 0 WHERE id = $1", row["id"], places)
        return [_of(row) for row in found]
    finally:
        await db.close_database()


def _of(row: dict[str, Any]) -> Bookable:
    born = row["date"].year * 12 + row["date"].month - 1 - (row["youngest"] + row["oldest"] + 1) // 2
    return Bookable(row["id"], str(born % 12 + 1), str(born // 12))


async def press_book(visitor: Visitor, session: Bookable) -> Answer:
    """The button on the session's page: 303 to the form, or 409 and the waiting list."""
    return await visitor.post(f"{session.path}/book")


async def fill_in(visitor: Visitor, started: Answer, session: Bookable, n: int, *, by_mail: bool = False) -> str:
    """From the form to the confirmation page; returns where that is. A mail address means an invite for the calendar too."""
    who = _led(started)
    await _page(visitor, who)
    check = _led(await visitor.post(who, _who(session, n, by_mail)))
    await _page(visitor, check)
    confirmation = _led(await visitor.post(check))
    await _page(visitor, confirmation)
    return confirmation


def _who(session: Bookable, n: int, by_mail: bool) -> dict[str, str]:
    child = {"child-0-first_name": "Ada", "child-0-month": session.month, "child-0-year": session.year}
    contact = {
        "channel": "sms",
        "phone": f"07700 9{n % 100_000:05}",
        "email": f"parent{n}@example.org" if by_mail else "",
    }
    return {"adult-0": "Sam Carter", **child, **contact, "needs": "", "language": "en"}


async def first_visit(visitor: Visitor, path: str) -> None:
    """A page with every file that a browser without any asks for."""
    for file in assets_in((await _page(visitor, path)).text):
        await visitor.get(file)


async def _page(visitor: Visitor, path: str) -> Answer:
    answer = await visitor.get(path)
    assert answer.status == 200, (path, answer.status)
    return answer


def _led(answer: Answer) -> str:
    assert answer.status == 303, (answer.status, re.sub(r"\s*<[^>]+>\s*", " ", answer.text)[:2000])
    return answer.headers["location"]
