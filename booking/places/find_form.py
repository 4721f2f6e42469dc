"""The form that finds a room: what was asked for in the address, and what it means. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from booking.places.access import ROOM_FEATURES
from booking.places.chosen_ways import is_time
from booking.places.judging_rooms import Wanted
from booking.places.recurrence import LAST_OF_MONTH, MONTHLY, Rule, plan
from booking.places.room_form import LAYOUTS
from booking.places.term_calendar import TermCalendar
from booking.problems import Problem
from booking.words import count_words, time_words

Day = date  # in a class with a field of that name
REPEATS = {
    "once": "One date",
    "weekly": "Every week",
    "fortnightly": "Every second week",
    "monthly": "Every month, same weekday",
}
LENGTHS = (30, 45, 60, 90, 120, 150, 180, 210, 240, 300, 360, 420, 480)
STARTS = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 22) for minute in (0, 15, 30, 45))
WITHIN = {"2": "2 miles", "5": "5 miles", "10": "10 miles", "20": "20 miles", "any": "Any distance"}
MOST_DATES = 60
DEFAULTS = {"start": "10:00", "minutes": "120", "repeat": "once", "number": "12", "within": "20"}

NO_DATE = Problem("Enter the date, such as 12 January 2027.", "date", rule="date")
PAST = Problem("This date is over. Choose a later one.", "date", rule="past")
TOO_LATE = Problem("This ends after midnight. Choose an earlier start or a shorter time.", "minutes", rule="time")
NO_PEOPLE = Problem("Enter how many people come, as a number from 1 to 2,000.", "people", rule="people")
NO_NUMBER = Problem(f"Enter how many dates, from 2 to {MOST_DATES}.", "number", rule="number")
NO_UNTIL = Problem("Enter a last date after the first, or leave it empty.", "until", rule="date")
NO_PLACE = Problem("We do not know that place. Try a full postcode, like BH22 9TH, or a town.", "near", rule="place")
NO_DATES = Problem("No date is left: all of them are in holidays. Choose other dates.", "date", rule="term")


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was sent, word for word where it is text. is_asked: somebody has asked, it is not the empty page."""

    is_asked: bool = False
    date: str = ""
    start: str = DEFAULTS["start"]
    minutes: str = DEFAULTS["minutes"]
    repeat: str = DEFAULTS["repeat"]
    number: str = DEFAULTS["number"]
    until: str = ""
    term: bool = False
    people: str = ""
    layout: str = ""
    features: tuple[str, ...] = ()
    near: str = ""
    within: str = DEFAULTS["within"]
    place: str = ""
    page: int = 1
    problems: tuple[Problem, ...] = field(default_factory=tuple)

    @property
    def is_once(self) -> bool:
        return self.repeat == "once"

    @property
    def day(self) -> Day | None:
        return _date(self.date)

    @property
    def end(self) -> str | None:
        """When it ends, local "HH:MM"; None if that is no longer the same day."""
        minutes = 60 * int(self.start[:2]) + int(self.start[3:]) + int(self.minutes)
        return f"{minutes // 60:02}:{minutes % 60:02}" if minutes < 24 * 60 else None

    @property
    def count(self) -> int:
        """How many filters are set beside the time."""
        return len(self.features) + sum(bool(value) for value in (self.people, self.layout, self.near, self.place))

    def query(self, **changes: str | int) -> str:
        """The address of the same question with something changed."""
        values = {
            "near": self.near, "within": self.within, "place": self.place, "people": self.people, "layout": self.layout,
            "date": self.date, "start": self.start, "minutes": self.minutes, "repeat": self.repeat, "number": self.number,
            "until": self.until, "term": "1" if self.term else "",
        } | {name: str(value) for name, value in changes.items()}  # fmt: skip
        pairs = [(name, value) for name, value in values.items() if value and DEFAULTS.get(name) != value]
        return urlencode([*pairs, *(("feature", each) for each in self.features if "feature" not in changes)])


def read(query: Mapping[str, str], features: Iterable[str], today: date, *, is_live: bool = False) -> Asked:
    """What the address asks for, with the Problems of what cannot be understood. is_live: the results follow the form as
    it is filled in, so that a date that is not there yet is no problem."""

    def text(name: str) -> str:
        return " ".join(query.get(name, DEFAULTS.get(name, "")).split())[:100]

    def one_of(name: str, known: Iterable[str]) -> str:
        return text(name) if text(name) in known else DEFAULTS.get(name, "")

    asked = Asked(
        is_asked="date" in query and not (is_live and not text("date")),
        date=text("date"),
        start=_start(text("start")),
        minutes=_minutes(text("minutes"), text("start"), query.get("end", "")),
        repeat=one_of("repeat", REPEATS),
        number=text("number"),
        until=text("until"),
        term=text("term") == "1",
        people=text("people"),
        layout=one_of("layout", LAYOUTS),
        features=tuple(dict.fromkeys(each for each in features if each in ROOM_FEATURES)),
        near=text("near"),
        within=one_of("within", WITHIN),
        place=text("place"),
        page=min(int(text("page")), 100) if text("page").isdecimal() and len(text("page")) < 4 else 1,
    )
    return replace(asked, problems=tuple(_problems(asked, today))) if asked.is_asked else asked


def _problems(asked: Asked, today: date) -> Iterable[Problem]:
    day, until = asked.day, _date(asked.until)
    if day is None:
        yield NO_DATE
    elif day < today:
        yield PAST
    if asked.end is None:
        yield TOO_LATE
    if asked.people and not _is_number(asked.people, 1, 2000):
        yield NO_PEOPLE
    if not asked.is_once and not asked.until and not _is_number(asked.number, 2, MOST_DATES):
        yield NO_NUMBER
    if not asked.is_once and asked.until and (until is None or (day and until <= day)):
        yield NO_UNTIL


def days_of(asked: Asked, calendars: Mapping[str, TermCalendar]) -> dict[str, tuple[date, ...]]:
    """The dates by area, because school terms differ; "" is for areas without a calendar. Call when nothing is wrong."""
    day, end = asked.day, asked.end
    assert day and end
    if asked.is_once:
        return {"": (day,)}
    nth = (day.day - 1) // 7 + 1
    until = _date(asked.until)
    rule = Rule(
        weekday=day.weekday(),
        start=asked.start,
        end=end,
        first_date=day,
        last_date=until,
        held_sessions=MOST_DATES if until else int(asked.number),
        frequency=asked.repeat,
        nth=(nth if nth < 5 else LAST_OF_MONTH) if asked.repeat == MONTHLY else None,
        term_time_only=asked.term,
    )
    known = {"": TermCalendar("")} | dict(calendars)
    return {area: plan(rule, each.left_out(term_time_only=asked.term)).dates for area, each in known.items()}


def wanted(asked: Asked, days: Mapping[str, tuple[date, ...]], **values) -> Wanted:
    """The question for places/free_rooms.py; `values` say who asks and where."""
    return Wanted(
        start=asked.start,
        end=asked.end or "",
        days=days[""],
        days_of_area={area: some for area, some in days.items() if area},
        people=int(asked.people) if asked.people else None,
        layout=asked.layout,
        features=frozenset(asked.features),
        **values,
    )


def booking_query(
    asked: Asked, room_id: UUID, days: Sequence[date], *, start: str = "", end: str = "", day: date | None = None
) -> str:
    """What the page that books needs to know in its address; `day` moves the whole series to another weekday."""
    by = day - days[0] if day else timedelta()
    values = {
        "room": str(room_id),
        "date": (days[0] + by).isoformat(),
        "start": start or asked.start,
        "end": end or asked.end,
    }
    values["repeat"] = asked.repeat if len(days) > 1 else "once"
    if len(days) > 1:
        values |= {"until": (days[-1] + by).isoformat(), "term_time": "yes" if asked.term else ""}
    values |= {name: value for name, value in (("people", asked.people), ("layout", asked.layout)) if value}
    return urlencode(values)


def length_words(minutes: int) -> str:
    """ "45 minutes", "1 hour", "2½ hours" """
    hours, rest = divmod(minutes, 60)
    if not hours or rest not in (0, 30):
        return f"{minutes} minutes"
    return f"{hours}½ hours" if rest else count_words(hours, "hour")


def start_choices(chosen: str) -> list[tuple[str, str]]:
    """(value, words) of when it may start; what was asked for is among them."""
    return [(each, time_words(each)) for each in sorted({*STARTS, chosen})]


def length_choices(chosen: str) -> list[tuple[str, str]]:
    return [(str(each), length_words(each)) for each in sorted({*LENGTHS, int(chosen)})]


def _start(text: str) -> str:
    return text if is_time(text) else DEFAULTS["start"]


def _minutes(text: str, start: str, end: str) -> str:
    """How long it lasts; an address may say when it ends instead."""
    if end and _start(end) == end and _start(start) == start:
        length = _of_day(end) - _of_day(start)
        return str(length) if length > 0 else DEFAULTS["minutes"]
    return str(int(text)) if _is_number(text, 5, 24 * 60) else DEFAULTS["minutes"]


def _of_day(time: str) -> int:
    return 60 * int(time[:2]) + int(time[3:])


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None
