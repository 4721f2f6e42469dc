"""The term calendar of an area: which days are left out of a timetable, and in words a parent would use.

Areas differ (one has a half term of two weeks, its neighbour one week), so there is a calendar for each. Councils write
school dates from Monday to Friday; a weekend that touches a day of term counts as term, unless a holiday names it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

KINDS = ("term", "half_term", "holiday", "training_day", "staff_training", "election")
NOTHING_HELD = ("staff_training", "election")
"""On these days nothing is held at all, not even what goes on in the holidays: as on bank holidays."""
OF_SCHOOLS = ("term", "half_term", "holiday", "training_day")
PARTS = ("autumn", "christmas", "spring", "easter", "summer")
AUGUST_31 = (8, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """One row of a council's school calendar; `first` and `last` both belong to it."""

    kind: str
    part: str
    first: date
    last: date


def bank_holiday_words(title: str, day: date | None = None) -> str:
    """ "Good Friday (bank holiday)", "Early May bank holiday", "Boxing Day (substitute bank holiday)"; "Christmas Day" on a
    weekend, where another day is the bank holiday."""
    if "bank holiday" in title.lower() or (day and _is_weekend(day.toordinal())):
        return title
    name = title.removesuffix(" (substitute day)")
    return f"{name} ({'substitute ' if name != title else ''}bank holiday)"


def words_for(period: Period) -> str:
    """Why a day of this period is left out of a term-time timetable."""
    match period.kind:
        case "half_term":
            return "Half term"
        case "training_day":
            return "School training day"
        case "staff_training":
            return "Staff training day"
        case "election":
            return "Election day"
        case _:
            return f"{period.part.capitalize()} holiday"


class TermCalendar:
    """The school terms and bank holidays (date -> title) of one area, asked day by day.

    A calendar is built once and asked often, so the days left out are kept by their ordinal (`date.toordinal()`).
    """

    def __init__(self, area: str, periods: Iterable[Period] = (), bank_holidays: Mapping[date, str] | None = None):
        self.area = area
        self.periods = tuple(sorted(periods, key=lambda p: (p.first, p.last)))
        self._always: dict[int, tuple[str, ...]] = {}
        for period in self.periods:
            if period.kind in NOTHING_HELD:
                self._add_days(self._always, period)
        for day, title in (bank_holidays or {}).items():
            self._add(self._always, day.toordinal(), bank_holiday_words(title, day))
        self._in_term_time = self._term_time()

    def left_out(self, *, term_time_only: bool) -> Mapping[int, tuple[str, ...]]:
        """Every day left out (ordinal -> reasons): bank holidays, staff training and elections; for term-time timetables
        holidays too."""
        return self._in_term_time if term_time_only else self._always

    def reasons(self, day: date, *, term_time_only: bool) -> tuple[str, ...]:
        """Why nothing is held that day: none, one or more reasons (a bank holiday inside half term has two)."""
        return self.left_out(term_time_only=term_time_only).get(day.toordinal(), ())

    def knows(self, day: date) -> bool:
        """Whether the area's school dates reach as far as this day; beyond them nobody can say what is term."""
        return any(first <= day <= last for first, last in self._known())

    def known_until(self) -> date | None:
        """The last day that the school dates speak for, or None if there are no terms."""
        return max((last for _, last in self._known()), default=None)

    def _term_time(self) -> dict[int, tuple[str, ...]]:
        left_out: dict[int, tuple[str, ...]] = {}
        for period in self.periods:
            if period.kind != "term" and period.kind not in NOTHING_HELD:
                self._add_days(left_out, period)
        for first, last, words in self._gaps():
            for day in range(first, last + 1):
                if day not in left_out:
                    left_out[day] = (words,)
        for day, reasons in self._always.items():
            left_out[day] = left_out.get(day, ()) + reasons
        return left_out

    def _gaps(self) -> list[tuple[int, int, str]]:
        """Stretches between one term and the next that are more than a weekend at either end."""
        terms = [p for p in self.periods if p.kind == "term"]
        gaps = []
        for before, after in pairwise(terms):
            if self._same_or_next_year(before, after):
                gaps.append((before.last, after.first, _gap_words(before, after)))
        if terms and terms[-1].part == "summer":
            gaps.append((terms[-1].last, date(terms[-1].last.year, 9, 1), "Summer holiday"))
        inner = []
        for last_of_term, first_of_term, words in gaps:
            first, last = _without_weekends(last_of_term.toordinal() + 1, first_of_term.toordinal() - 1)
            if first <= last:
                inner.append((first, last, words))
        return inner

    def _known(self) -> list[tuple[date, date]]:
        """Stretches of days that the terms speak for; a missing school year leaves a hole."""
        stretches: list[tuple[date, date]] = []
        for term in (p for p in self.periods if p.kind == "term"):
            last = date(term.last.year, *AUGUST_31) if term.part == "summer" else term.last
            if stretches and (term.first - stretches[-1][1]).days <= 31:
                stretches[-1] = (stretches[-1][0], max(last, stretches[-1][1]))
            else:
                stretches.append((term.first, last))
        return [(_back_over_weekend(first), last) for first, last in stretches]

    @staticmethod
    def _same_or_next_year(before: Period, after: Period) -> bool:
        return (after.first - before.last).days < 70

    def _add_days(self, days: dict[int, tuple[str, ...]], period: Period) -> None:
        for day in range(period.first.toordinal(), period.last.toordinal() + 1):
            self._add(days, day, words_for(period))

    @staticmethod
    def _add(days: dict[int, tuple[str, ...]], day: int, words: str) -> None:
        have = days.get(day, ())
        if words not in have:
            days[day] = (*have, words)


def _gap_words(before: Period, after: Period) -> str:
    if after.part == "autumn" or before.part == "summer":
        return "Summer holiday"
    return {"spring": "Christmas holiday", "summer": "Easter holiday"}.get(after.part, "Outside term time")


def _is_weekend(ordinal: int) -> bool:
    return ordinal % 7 in (6, 0)  # ordinal 1 was a Monday


def _without_weekends(first: int, last: int) -> tuple[int, int]:
    """A stretch of days without the weekends at its two ends."""
    while first <= last and _is_weekend(first):
        first += 1
    while first <= last and _is_weekend(last):
        last -= 1
    return first, last


def _back_over_weekend(day: date) -> date:
    ordinal = day.toordinal()
    while _is_weekend(ordinal - 1):
        ordinal -= 1
    return date.fromordinal(ordinal)
