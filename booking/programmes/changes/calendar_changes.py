"""What can be changed of a calendar, as one value: the dates of an area, a bank holiday more, or one less. Each makes itself and
says how it is taken back."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import quote
from uuid import UUID

from booking import db
from booking.places import keeping_bank_holidays, keeping_terms, term_lines
from booking.places.term_lines import TermLine
from booking.words import day_and_year

HOLIDAYS = "/staff/bank-holidays"


class CalendarChange(Protocol):
    """areas: those that change, None for all. page: where it is shown afterwards. words: what changes, for the trail."""

    @property
    def areas(self) -> tuple[str, ...] | None: ...
    @property
    def about_id(self) -> UUID: ...
    @property
    def why(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def page(self) -> str: ...
    async def make(self, by: Any) -> dict[str, Any]:
        """Changes it, in the caller's transaction; returns what `take_back` needs, as plain JSON. Raises Refused."""
        ...


def page_of(area: str) -> str:
    return f"/staff/terms/{quote(area, safe='')}"


@dataclass(frozen=True, slots=True)
class TermDates:
    """The whole calendar of an area as it is to be. seen: the version that the reader changed."""

    area: str
    lines: tuple[TermLine, ...]
    seen: int
    why: str

    @property
    def areas(self) -> tuple[str, ...]:
        return (self.area,)

    @property
    def about_id(self) -> UUID:
        return keeping_terms.id_of(self.area)

    @property
    def words(self) -> str:
        return f"Term calendar of {self.area}"

    @property
    def page(self) -> str:
        return page_of(self.area)

    async def make(self, by: Any) -> dict[str, Any]:
        before = await keeping_terms.lines_of(self.area)
        number = await keeping_terms.change(self.area, self.lines, seen=self.seen, why=self.why, by=by)
        return {"area": self.area, "number": number, "lines": term_lines.to_json(before)}


@dataclass(frozen=True, slots=True)
class NewHoliday:
    day: date | None
    title: str
    areas: None = None
    page: str = HOLIDAYS

    @property
    def about_id(self) -> UUID:
        return keeping_bank_holidays.id_of(self.day or date.min)

    @property
    def why(self) -> str:
        return self.title.strip()

    @property
    def words(self) -> str:
        return f"Bank holiday {day_and_year(self.day)}" if self.day else "Bank holiday"

    async def make(self, by: Any) -> dict[str, Any]:
        await keeping_bank_holidays.add(day=self.day, title=self.title, by=by)
        return {"added": self.day.isoformat() if self.day else ""}


@dataclass(frozen=True, slots=True)
class NoHoliday:
    day: date
    areas: None = None
    page: str = HOLIDAYS
    why: str = ""

    @property
    def about_id(self) -> UUID:
        return keeping_bank_holidays.id_of(self.day)

    @property
    def words(self) -> str:
        return f"No bank holiday on {day_and_year(self.day)}"

    async def make(self, by: Any) -> dict[str, Any]:
        title = await db.value("SELECT title FROM bank_holiday WHERE date = $1", self.day)
        await keeping_bank_holidays.remove(day=self.day, by=by)
        return {"removed": self.day.isoformat(), "title": title or ""}


async def take_back(undoing: dict[str, Any], *, by: Any) -> None:
    """The calendar is as it was before, as a version of its own. Raises Refused when somebody changed it since."""
    if "area" in undoing:
        lines = term_lines.from_json(undoing["lines"])
        await keeping_terms.change(
            undoing["area"], lines, seen=undoing["number"], why=f"Undone: version {undoing['number']}", by=by
        )
    elif "added" in undoing:
        await keeping_bank_holidays.remove(day=date.fromisoformat(undoing["added"]), by=by)
    else:
        await keeping_bank_holidays.add(day=date.fromisoformat(undoing["removed"]), title=undoing["title"], by=by)
