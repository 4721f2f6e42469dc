"""What was typed on the form of a notice: what it is about, to whom, the words, and when."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException

from booking import clock
from booking.cells import Wrong, wall_time
from booking.people.signing_in import Who
from booking.problems import Problem
from booking.programmes.notices.audience import TO_WHOM, Audience
from booking.programmes.notices.finding_about import About, find_about
from booking.programmes.notices.notice_words import Typed
from booking.words import day_words

Asked = FormData | QueryParams
FIELDS = ("about", "to_whom", "first", "last", "sms", "subject", "mail", "when", "date", "time", "is_sure")
LONGEST = 7000
NO_DATE = Problem("Choose the day on which it leaves.", "date", rule="missing")
NO_TIME = Problem("Write the time at which it leaves, such as 09:00.", "time", rule="missing")
WRONG_DATES = Problem("The last day is before the first.", "last", rule="order")
UNREADABLE = Problem("Choose a day.", "first", rule="unreadable")


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it was typed, for filling it again, and what it asks for."""

    values: dict[str, str]
    wanted: Audience
    typed: Typed
    dates: str = ""
    problems: list[Problem] = field(default_factory=list)


async def about_in(asked: Asked, who: Who) -> About | None:
    """What ?about=kind:id means; None where nothing readable is asked for. 404 for what is not theirs (promise P6)."""
    kind, _, id = str(asked.get("about", "")).partition(":")
    try:
        wanted = UUID(id)
    except ValueError:
        return None
    about = await find_about(who, kind, wanted)
    if about is None:
        raise HTTPException(404)
    return about


def read(asked: Asked, about: About) -> Form:
    """The form that was sent; for a link with nothing but `about` in it, an empty one."""
    values = {name: str(asked.get(name, ""))[:LONGEST] for name in FIELDS} | {"about": f"{about.kind}:{about.id}"}
    problems: list[Problem] = []
    first, last = _day(values["first"], "first", problems), _day(values["last"], "last", problems)
    if first and last and last < first:
        problems.append(WRONG_DATES)
    due_at = _due_at(values, problems) if values["when"] == "at" else None
    chosen: dict[str, Any] = {"to_whom": values["to_whom"] if values["to_whom"] in TO_WHOM else "booked"}
    if about.is_of_many:
        chosen |= {
            "from_at": clock.at(first, "00:00") if first else None,
            "until_at": clock.at(last + timedelta(days=1), "00:00") if last else None,
        }
    typed = Typed.read(values["sms"], values["subject"], values["mail"], due_at, values["is_sure"] == "yes")
    return Form(values, about.audience(**chosen), typed, _dates(first, last), problems)


def _day(text: str, name: str, problems: list[Problem]) -> date | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = None
    if day is None or not 2000 < day.year < 2200:
        problems.append(Problem(UNREADABLE.words, name, rule="unreadable"))
        return None
    return day


def _due_at(values: dict[str, str], problems: list[Problem]) -> datetime | None:
    if not values["date"].strip():
        problems.append(NO_DATE)
    day = _day(values["date"], "date", problems)
    try:
        time = wall_time(values["time"])
    except Wrong as wrong:
        problems.append(Problem(str(wrong), "time", rule="unreadable") if values["time"].strip() else NO_TIME)
        return None
    return clock.at(day, time) if day else None


def _dates(first: date | None, last: date | None) -> str:
    """The dates that are meant, in words; "" for all to come."""
    if first and last:
        return day_words(first) if first == last else f"{day_words(first)} to {day_words(last)}"
    return f"from {day_words(first)}" if first else f"until {day_words(last)}" if last else ""
