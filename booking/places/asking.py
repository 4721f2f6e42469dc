"""What somebody asks for when they want a room: one date or a series, and the ways out chosen for single dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from booking import clock
from booking.places.recurrence import Rule, plan
from booking.places.term_calendar import TermCalendar

LEFT_OUT = "Left out"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of one date: "skip" leaves it out, "use" takes another room, time or day for it."""

    kind: Literal["skip", "use"]
    room_id: UUID | None = None
    start: str | None = None
    end: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A room wanted from `start` to `end` (local "HH:MM") on one `day`, or on the dates of a `rule`.

    as_partner: a partner's booker asks, so the partner's rules bind; otherwise staff, for a partner or for their own use
    (no organisation). override is staff's reason to go beyond hours and rules. choices are by the rule's own dates.
    """

    room_id: UUID
    start: str
    end: str
    day: date | None = None
    rule: Rule | None = None
    organisation_id: UUID | None = None
    as_partner: bool = False
    booker_id: UUID | None = None
    title: str = ""
    notes: str = ""
    people: int | None = None
    layout: str = ""
    features: frozenset[str] = frozenset()
    cost_code: str = ""
    is_private: bool = False
    keyholder_id: UUID | None = None
    second_person: str = ""
    override: str = ""
    choices: Mapping[date, Choice] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def room_ids(self) -> set[UUID]:
        return {self.room_id} | {choice.room_id for choice in self.choices.values() if choice.room_id}


@dataclass(frozen=True, slots=True)
class Wished:
    """One date of an Ask. `of` is the date in the rule, `day` where it is to be. left_out says why it is not wanted."""

    of: date
    day: date
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    left_out: tuple[str, ...] = ()


def wishes(ask: Ask, calendar: TermCalendar) -> list[Wished]:
    """Every date of the Ask in order, those left out too. Pure.

    Raises ValueError when it has neither a day nor a rule, or a time that ends before it starts.
    """
    if not ask.start < ask.end:
        raise ValueError(f"it ends ({ask.end}) before it starts ({ask.start})")
    if ask.rule is None:
        if ask.day is None:
            raise ValueError("an Ask has a day or a rule")
        return [_wish(ask, ask.day)]
    planned = plan(ask.rule, calendar.left_out(term_time_only=ask.rule.term_time_only))
    left_out = {skip.date: skip.reasons for skip in planned.skips}
    return [_wish(ask, day, left_out.get(day, ())) for day in sorted({*planned.dates, *left_out})]


def _wish(ask: Ask, of: date, left_out: tuple[str, ...] = ()) -> Wished:
    choice = ask.choices.get(of)
    if choice and choice.kind == "skip":
        left_out = (*left_out, LEFT_OUT)
    use = choice if choice and choice.kind == "use" else Choice("use")
    day = use.day or of
    starts_at, ends_at = clock.at(day, use.start or ask.start), clock.at(day, use.end or ask.end)
    if use.day or use.room_id:
        left_out = tuple(why for why in left_out if why == LEFT_OUT)
    return Wished(of, day, use.room_id or ask.room_id, starts_at, ends_at, left_out)
