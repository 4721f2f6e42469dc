"""How much of its allowance a partner has used: hours per term, counted apart for each area, because terms differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places.importing import calendars
from booking.places.term_calendar import TermCalendar

COUNTED = ("requested", "confirmed")


@dataclass(frozen=True, slots=True)
class TermUse:
    """A term ("autumn term 2026", first and last day, both in it) and the minutes that a partner has of it."""

    term_words: str
    first: date
    last: date
    minutes_used: int = 0


async def used_minutes(organisation_id: UUID, area: str, day: date) -> tuple[int, str, date, date]:
    """The minutes booked or asked for in the term of `day`: (minutes, words of the term, its first and last day)."""
    use = (await used_in_terms(organisation_id, area, [day]))[day]
    return use.minutes_used, use.term_words, use.first, use.last


async def used_in_terms(organisation_id: UUID, area: str, days: Sequence[date]) -> dict[date, TermUse]:
    """The use of the term of each of these days; a request that nobody decided in time uses nothing. Three queries, however
    many days; none for no day."""
    if not days:
        return {}
    calendar = (await calendars()).get(area, TermCalendar(area))
    terms = terms_of(calendar, days)
    counted = f"b.state IN {db.in_list(COUNTED, 6)} AND (b.state <> 'requested' OR b.starts_at > $5)"
    found = await db.rows(
        "SELECT b.starts_at, b.ends_at FROM room_booking b JOIN room o ON o.id = b.room_id"
        " JOIN location l ON l.id = o.location_id WHERE b.organisation_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3"
        f" AND b.kind = 'partner' AND {counted} AND l.area = $4",
        organisation_id,
        clock.at(min(term.first for term in terms.values()), "00:00"),
        clock.at(max(term.last for term in terms.values()) + timedelta(days=1), "00:00"),
        area,
        clock.now(),
        *COUNTED,
    )
    return with_use(terms, found)


def terms_of(calendar: TermCalendar, days: Iterable[date]) -> dict[date, TermUse]:
    """The term that each day counts to, nothing used yet. Pure.

    A term lasts till the day before the next, so that holidays count to the term before them and every day to one.
    Where the area has no school dates, years fall into three: from January, May and September.
    """
    known = [*_school_terms(calendar)]
    return {day: next((term for term in known if term.first <= day <= term.last), None) or _third(day) for day in days}


def with_use(terms: Mapping[date, TermUse], bookings: Iterable[Mapping[str, Any]]) -> dict[date, TermUse]:
    """The same terms with the minutes of these bookings (starts_at, ends_at) in them. Pure."""
    spans = [(clock.local(row["starts_at"]).date(), _minutes(row["starts_at"], row["ends_at"])) for row in bookings]
    used = {
        term: sum(minutes for day, minutes in spans if term.first <= day <= term.last) for term in set(terms.values())
    }
    return {day: replace(term, minutes_used=used[term]) for day, term in terms.items()}


def _school_terms(calendar: TermCalendar) -> list[TermUse]:
    terms = [period for period in calendar.periods if period.kind == "term"]
    found = []
    for term, after in zip(terms, [*terms[1:], None], strict=False):
        is_next = after is not None and (after.first - term.last).days < 70
        last = after.first - timedelta(days=1) if after and is_next else max(term.last, _third(term.last).last)
        found.append(TermUse(f"{term.part} term {term.first.year}", term.first, last))
    return found


def _third(day: date) -> TermUse:
    """The third of the year that stands for a term where nobody has told us the dates."""
    part, first, last = {
        0: ("spring", (1, 1), (4, 30)),
        1: ("summer", (5, 1), (8, 31)),
        2: ("autumn", (9, 1), (12, 31)),
    }[(day.month - 1) // 4]
    return TermUse(f"{part} term {day.year}", date(day.year, *first), date(day.year, *last))


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return round((ends_at - starts_at).total_seconds() / 60)
