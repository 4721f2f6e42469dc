"""The school term that is on and the one after it, as choices for whoever wants a room for a term. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from booking.places.allowance import terms_of
from booking.places.term_calendar import Period, TermCalendar

TermKey = Literal["this", "next"]


@dataclass(frozen=True, slots=True)
class TermChoice:
    """One term to choose. words: "spring term 2027"; both dates belong to it."""

    key: TermKey
    words: str
    first: date
    last: date


def term_choices(calendar: TermCalendar, today: date) -> list[TermChoice]:
    """This term (none in the holidays) and the next, as far as the area's school dates are known.

    Where nobody has told us any dates from today on, a third of the year stands for a term.
    """
    terms = [term for term in _whole_terms(calendar.periods) if term[2] >= today]
    if not terms:
        terms = _thirds(today)
    found = []
    if terms[0][1] <= today:
        found.append(TermChoice("this", *terms.pop(0)))
    if terms:
        found.append(TermChoice("next", *terms[0]))
    return found


def _whole_terms(periods: Sequence[Period]) -> list[tuple[str, date, date]]:
    """(words, first, last) of each term; councils that write the halves of a term apart mean one term all the same."""
    found: list[tuple[str, date, date]] = []
    for period in periods:
        if period.kind != "term":
            continue
        words = f"{period.part} term {period.first.year}"
        if found and found[-1][0] == words:
            found[-1] = (words, found[-1][1], max(found[-1][2], period.last))
        else:
            found.append((words, period.first, period.last))
    return found


def _thirds(today: date) -> list[tuple[str, date, date]]:
    nowhere = TermCalendar("")
    this = terms_of(nowhere, [today])[today]
    after = this.last + timedelta(days=1)
    following = terms_of(nowhere, [after])[after]
    return [(term.term_words, term.first, term.last) for term in (this, following)]
