"""Why a room cannot be had, or only with a request or a warning: one pure function for each rule.

Each answers with a Problem that names its rule and the way out, or None. `Case` has all they may look at; nothing here asks the
database or the clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from booking import clock
from booking.places.opening import Opening, spans, usual_spans
from booking.places.rooms import RoomFacts
from booking.problems import Level, Problem
from booking.words import clock_time, count_words, day_and_year, short_day

BENDABLE = {
    "opening hours", "bank holiday", "capacity", "terms", "agreement", "insurance", "notice", "longest", "furthest", "allowance",
}  # fmt: skip
"""Rules that staff may go beyond with a reason. Nobody goes beyond a hold, a closure, an ended room or the past."""
LONGEST_HOLD = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Partner:
    """What the rules look at of an organisation."""

    name: str
    has_accepted_terms: bool
    agreement_to: date | None
    insurance_to: date | None
    approval: str
    is_ended: bool = False


@dataclass(frozen=True)
class Case:
    """One use of one room. partner is None for staff's own use; as_partner: the partner asks, not staff for it.

    taken: what stands in the way, "a closure" or "a booking", with its times. minutes_left: of the allowance of the term,
    before this; None is no limit.
    """

    room: RoomFacts
    starts_at: datetime
    ends_at: datetime
    opening: Opening
    now: datetime
    partner: Partner | None = None
    as_partner: bool = False
    people: int | None = None
    layout: str = ""
    features: frozenset[str] = frozenset()
    taken: tuple[tuple[str, datetime, datetime], ...] = ()
    minutes_left: int | None = None
    has_keyholder: bool = False
    second_person: str = ""
    may_override: bool = False

    @property
    def day(self) -> date:
        return clock.local(self.starts_at).date()

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @cached_property
    def is_out_of_hours(self) -> bool:
        """Set-up and clearing may lie outside the hours; the use itself may not. A place without any hours is unknown."""
        if not self.opening.hours and not spans(self.opening, self.day):
            return False
        return not any(opens <= self.starts_at and self.ends_at <= closes for opens, closes in _joined(self))


def _joined(case: Case) -> list[tuple[datetime, datetime]]:
    """The open spans of the days touched; those that touch each other are one."""
    last = clock.local(case.ends_at).date()
    found = sorted({span for day in {case.day, last} for span in spans(case.opening, day)})
    joined: list[tuple[datetime, datetime]] = []
    for opens, closes in found:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def past(case: Case) -> Problem | None:
    if case.ends_at <= case.now or (case.as_partner and case.starts_at <= case.now):
        return Problem("This date is over. Choose a later one.", "day", rule="past")
    return None


def not_in_use(case: Case) -> Problem | None:
    room = case.room
    if room.valid_from and case.day < room.valid_from:
        words = f"{room.words} opens on {day_and_year(room.valid_from)}. Choose a later date or another room."
        return Problem(words, rule="not in use")
    if room.valid_to and case.day > room.valid_to:
        words = f"{room.words} cannot be used after {day_and_year(room.valid_to)}. Choose another room."
        return Problem(words, rule="not in use")
    return None


def not_for_partners(case: Case) -> Problem | None:
    if case.as_partner and (not case.room.is_partner_bookable or case.room.is_restricted):
        return Problem("Partners cannot book this room. Find another one.", "room", rule="not for partners")
    return None


def room_taken(case: Case) -> Problem | None:
    other = next(((starts, ends) for kind, starts, ends in case.taken if kind != "closure"), None)
    if other is None:
        return None
    when = f"{clock_time(other[0])} to {clock_time(other[1])}"
    return Problem(f"{case.room.name} is taken {when}, set-up and clearing included.", rule="room taken")


def closed(case: Case) -> Problem | None:
    cuts = [shut for shut in case.opening.closures if shut.starts_at < case.ends_at and case.starts_at < shut.ends_at]
    if cuts:
        why = f" ({cuts[0].reason})" if cuts[0].reason else ""
        return Problem(f"{case.room.location_name} is closed{why}. Choose another day or place.", rule="closure")
    if any(kind == "closure" for kind, _, _ in case.taken):
        return Problem(f"{case.room.name} is closed then. Choose another room or day.", rule="closure")
    return None


def opening_hours(case: Case) -> Problem | None:
    if not case.is_out_of_hours:
        return None
    title = case.opening.bank_holidays.get(case.day)
    if title and not spans(case.opening, case.day):
        words = f"{case.room.location_name} is closed: {title}."
        return _ask_or_block(case, words, "bank holiday")
    usual = " and ".join(f"{clock_time(opens)} to {clock_time(closes)}" for opens, closes in _hours_that_day(case))
    hours = f"open {usual}" if usual else "not open"
    words = f"{case.room.location_name} is {hours} on {short_day(case.day)}: this is out of hours."
    return _ask_or_block(case, words, "opening hours")


def _hours_that_day(case: Case) -> list[tuple[datetime, datetime]]:
    return spans(case.opening, case.day) or (
        [] if case.day in case.opening.bank_holidays else usual_spans(case.opening, case.day)
    )


def _ask_or_block(case: Case, words: str, rule: str) -> Problem:
    """Out of hours a partner may ask for it; staff go beyond it with a reason."""
    if not case.as_partner:
        return Problem(words, "start", rule=rule)
    level: Level = "warns" if _approval(case) == "never" else "needs_approval"
    return Problem(words, "start", level, rule)


def _approval(case: Case) -> str:
    own = case.partner.approval if case.partner else "room"
    return case.room.approval if own == "room" else own


def asks_always(case: Case) -> Problem | None:
    if case.as_partner and _approval(case) == "always":
        return Problem("Staff decide about this room and answer you.", None, "needs_approval", "approval")
    return None


def capacity(case: Case) -> Problem | None:
    most = case.room.capacity_in(case.layout)
    if case.people is None or case.people <= most:
        return None
    layout = f" as {case.layout}" if case.layout in case.room.layouts else ""
    words = f"{case.room.name} takes {count_words(most, 'person', 'people')}{layout}, not {case.people}. Find a larger room."
    return Problem(words, "people", rule="capacity")


def feature(case: Case) -> Problem | None:
    missing = sorted(case.features - case.room.features)
    if not missing:
        return None
    return Problem(f"{case.room.name} has no {', no '.join(missing)}. Find a room that has.", None, "warns", "feature")


def terms(case: Case) -> Problem | None:
    if not case.partner:
        return None
    if case.partner.is_ended:
        return Problem(f"{case.partner.name} is no longer a partner.", rule="agreement")
    if not case.partner.has_accepted_terms:
        words = "Accept the terms first." if case.as_partner else f"{case.partner.name} has not accepted the terms."
        return Problem(words, rule="terms")
    return None


def agreement(case: Case) -> Problem | None:
    return _expired(case, case.partner.agreement_to if case.partner else None, "agreement")


def insurance(case: Case) -> Problem | None:
    return _expired(case, case.partner.insurance_to if case.partner else None, "insurance")


def _expired(case: Case, last: date | None, what: str) -> Problem | None:
    if last is None or case.day <= last:
        return None
    words = f"Your {what}" if case.as_partner else f"The {what} of {case.partner.name if case.partner else ''}"
    way_out = "Send us the new one, or choose an earlier date."
    return Problem(f"{words} ends on {day_and_year(last)}. {way_out}", rule=what)


def notice(case: Case) -> Problem | None:
    hours = case.room.notice_hours
    if not case.as_partner or not hours or past(case) or case.starts_at >= case.now + timedelta(hours=hours):
        return None
    words = f"{case.room.name} needs {_hours_words(hours)} notice. Choose a later date, or ring us."
    return Problem(words, "day", rule="notice")


def _hours_words(hours: int) -> str:
    return f"{count_words(hours // 24, 'day')}’" if hours % 24 == 0 else f"{count_words(hours, 'hour')}’"


def longest(case: Case) -> Problem | None:
    most = case.room.longest_minutes
    if not case.as_partner or not most or case.minutes <= most:
        return None
    words = f"{case.room.name} can be booked for {most / 60:g} hours at most. Choose a shorter time."
    return Problem(words, "end", rule="longest")


def too_long(case: Case) -> Problem | None:
    """Beyond it the database refuses the hold (guards.LENGTH_OF_HOLD), whoever asks."""
    starts_at, ends_at = case.room.held(case.starts_at, case.ends_at)
    if ends_at - starts_at <= LONGEST_HOLD:
        return None
    words = (
        "With set-up and clearing it is longer than the 26 hours for which a room can be held. Choose a shorter time."
    )
    return Problem(words, "end", rule="too long")


def furthest(case: Case) -> Problem | None:
    days = case.room.furthest_days
    if not case.as_partner or not days:
        return None
    last = clock.local(case.now).date() + timedelta(days=days)
    if case.day <= last:
        return None
    return Problem(f"{case.room.name} can be booked until {day_and_year(last)} at the moment.", "day", rule="furthest")


def allowance(case: Case) -> Problem | None:
    if case.minutes_left is None or case.minutes <= case.minutes_left:
        return None
    level: Level = "needs_approval" if case.as_partner else "warns"
    return Problem("This goes beyond the hours agreed for the term.", None, level, "allowance")


def keyholder(case: Case) -> Problem | None:
    if not case.is_out_of_hours or case.has_keyholder:
        return None
    level: Level = "needs_approval" if case.as_partner else "blocks"
    return Problem("Out of hours somebody must open and lock up: name a keyholder.", "keyholder", level, "keyholder")


def lone_working(case: Case) -> Problem | None:
    """Out of hours nobody should be alone in the building."""
    if not case.is_out_of_hours or not case.room.needs_two or case.second_person or (case.people or 0) > 1:
        return None
    words = "Out of hours nobody should be there alone: name a second person."
    return Problem(words, "second_person", "warns", "lone working")


RULES: tuple[Callable[[Case], Problem | None], ...] = (
    past, not_in_use, not_for_partners, room_taken, closed, opening_hours, asks_always, capacity, feature, terms, agreement,
    insurance, notice, longest, too_long, furthest, allowance, keyholder, lone_working,
)  # fmt: skip


def problems_of(case: Case, rules: Sequence[Callable[[Case], Problem | None]] = RULES) -> tuple[Problem, ...]:
    """All that speaks against it, worst first. Staff with a reason are warned where others are stopped."""
    found = [problem for rule in rules if (problem := rule(case))]
    if case.may_override and not case.as_partner:
        found = [replace(each, level="warns") if each.rule in BENDABLE else each for each in found]
    order = {"blocks": 0, "needs_approval": 1, "warns": 2}
    return tuple(sorted(found, key=lambda problem: order[problem.level]))


def state_of(problems: Sequence[Problem]) -> str:
    """ "clash", "request" or "free"."""
    levels = {problem.level for problem in problems}
    return "clash" if "blocks" in levels else "request" if "needs_approval" in levels else "free"
