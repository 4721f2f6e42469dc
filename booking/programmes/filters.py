"""What a parent asked the timetable for: read from the URL, put back into one, and said in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from booking.words import DAYS, short_day

AGES = {  # value in the URL: words, months
    "pregnant": ("Expecting a baby", None),
    "0": ("Under 6 months", 3),
    "6": ("6 to 11 months", 9),
    "12": ("1 year old", 18),
    "24": ("2 years old", 30),
    "36": ("3 years old", 42),
    "48": ("4 years old", 54),
    "60": ("5 to 7 years", 78),
    "96": ("8 to 11 years", 114),
    "144": ("12 to 15 years", 162),
    "192": ("16 to 18 years", 204),
}
TIMES = {"morning": ("Morning", "00:00", "12:00"), "afternoon": ("Afternoon", "12:00", "17:00"),
         "evening": ("Evening, from 5pm", "17:00", "24:00")}  # fmt: skip
HOW = {"in_person": "In person", "online": "Online"}
FOR = {"professionals": "Training for professionals"}
BOOKED = {"drop_in": "Drop in, no booking", "book": "Book a place"}
WHEN = {"7": "The next 7 days", "14": "The next 2 weeks", "28": "The next 4 weeks", "84": "The next 12 weeks"}
WITHIN = {"2": "2 miles", "5": "5 miles", "10": "10 miles", "20": "20 miles", "any": "Any distance"}
SORTS = {"day": "Day by day, nearest first", "time": "Day by day, earliest first", "near": "Nearest place first"}
DEFAULT_WHEN, DEFAULT_WITHIN = "14", "10"
MONDAY_FIRST = [str(n) for n in range(7)]


@dataclass(frozen=True, slots=True)
class Filters:
    """Every field is a value that is offered, or empty; what a URL made up is left out silently."""

    near: str = ""
    within: str = DEFAULT_WITHIN
    age: str = ""
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    how: str = ""
    booked: str = ""
    audience: str = ""
    topic: str = ""
    hub: str = ""
    words: str = ""
    when: str = DEFAULT_WHEN
    start: date | None = None
    sort: str = "day"
    view: str = "list"
    page: int = 1
    unknown: tuple[str, ...] = field(default=())

    @property
    def months(self) -> int | None:
        return AGES[self.age][1] if self.age else None

    def window(self, today: date) -> tuple[date, date]:
        """First and last date asked for; the week view shows the seven days of one week."""
        first = max(self.start or today, today)
        if self.view == "week":
            if self.start is None and first.weekday() > 4:
                first += timedelta(days=7 - first.weekday())  # at the weekend people look ahead
            first -= timedelta(days=first.weekday())
            return first, first + timedelta(days=6)
        return first, first + timedelta(days=int(self.when) - 1)

    def url(self, path: str = "/", **changes: Any) -> str:
        """The address of the same list with some things changed; page 1 unless told otherwise."""
        return _url(path, replace(self, **({"page": 1} | changes)))

    @property
    def count(self) -> int:
        """How many filters are set besides the place."""
        return len(_tokens(self))

    def tokens(self, names: Mapping[str, str]) -> list[dict[str, str]]:
        """What is filtered by, each with the address of the list without it; `names` are of topics and hubs."""
        return [
            {"text": text or names.get(key, key), "href": self.url(**without)} for key, text, without in _tokens(self)
        ]


def read_filters(query: Any) -> Filters:
    """Filters from a request's query parameters (a Starlette MultiDict)."""

    def one_of(name: str, offered: Mapping[str, Any], default: str = "") -> str:
        value = query.get(name, "")
        return value if value in offered else default

    return Filters(
        near=" ".join(query.get("near", "").split())[:60],
        within=one_of("within", WITHIN, DEFAULT_WITHIN),
        age=one_of("age", AGES),
        days=tuple(day for day in MONDAY_FIRST if day in query.getlist("day")),
        times=tuple(name for name in TIMES if name in query.getlist("time")),
        how=one_of("how", HOW),
        booked=one_of("booked", BOOKED),
        audience=one_of("for", FOR),
        topic=query.get("topic", "")[:120],
        hub=query.get("hub", "")[:120],
        words=" ".join(query.get("words", "").split())[:80],
        when=one_of("when", WHEN, DEFAULT_WHEN),
        start=_date(query.get("start", "")),
        sort=one_of("sort", SORTS, "day"),
        view="week" if query.get("view") == "week" else "list",
        page=_page(query.get("page", "")),
    )


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and 0 < int(text) <= 1000 else 1


def _url(path: str, wanted: Filters) -> str:
    pairs: list[tuple[str, str]] = [("near", wanted.near)] if wanted.near else []
    if wanted.near and wanted.within != DEFAULT_WITHIN:
        pairs.append(("within", wanted.within))
    pairs += [
        (name, getattr(wanted, name))
        for name in ("age", "how", "booked", "topic", "hub", "words")
        if getattr(wanted, name)
    ]
    pairs += [("for", wanted.audience)] if wanted.audience else []
    pairs += [("day", day) for day in wanted.days] + [("time", time) for time in wanted.times]
    if wanted.when != DEFAULT_WHEN:
        pairs.append(("when", wanted.when))
    if wanted.start:
        pairs.append(("start", wanted.start.isoformat()))
    if wanted.sort != "day":
        pairs.append(("sort", wanted.sort))
    if wanted.view != "list":
        pairs.append(("view", wanted.view))
    if wanted.page > 1:
        pairs.append(("page", str(wanted.page)))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _tokens(wanted: Filters) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = []
    if wanted.age:
        found.append(("age", AGES[wanted.age][0], {"age": ""}))
    for day in wanted.days:
        found.append(("day", DAYS[int(day)] + "s", {"days": tuple(d for d in wanted.days if d != day)}))
    for time in wanted.times:
        found.append(("time", TIMES[time][0], {"times": tuple(t for t in wanted.times if t != time)}))
    if wanted.how:
        found.append(("how", HOW[wanted.how], {"how": ""}))
    if wanted.booked:
        found.append(("booked", BOOKED[wanted.booked], {"booked": ""}))
    if wanted.audience:
        found.append(("for", FOR[wanted.audience], {"audience": ""}))
    for name in ("topic", "hub"):
        if getattr(wanted, name):
            found.append((getattr(wanted, name), "", {name: ""}))
    if wanted.words:
        found.append(("words", f"“{wanted.words}”", {"words": ""}))
    if wanted.start:
        found.append(("start", f"From {short_day(wanted.start)}", {"start": None}))
    return found
