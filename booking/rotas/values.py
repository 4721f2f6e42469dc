"""What the rules and the planners of rotas think in: plain values, made from rows by `loading.py` and by nothing else.

Instants are aware UTC; `date` and the times in patterns are local; every length is in minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

Level = Literal["never", "hard", "soft"]
Kind = Literal["cover", "facilitator", "creche", "appointment", "extra", "preparation", "follow_up"]
BESIDE: tuple[Kind, ...] = ("preparation", "follow_up")
"""Work beside a session: it follows whoever leads it, needs no cover and leaves nobody alone in a building."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a duty is. needs_two: nobody should be there alone while it is open."""

    id: UUID
    hub_id: UUID
    name: str
    lat: float | None = None
    lon: float | None = None
    needs_two: bool = True
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift as the rules see it. minutes are paid; skills are codes, all needed; run_id joins the duties of one course."""

    id: UUID
    kind: Kind
    place: Place
    date: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    start: str
    end: str
    skills: frozenset[str] = frozenset()
    title: str = ""
    session_id: UUID | None = None
    run_id: UUID | None = None
    need_id: UUID | None = None
    position: int = 1


class Stretch(NamedTuple):
    """A weekly local time of a pattern. week is of the cycle, None is every week; kind: works, prefers or avoids. A tuple, because
    what a pattern says of a day is remembered by the pattern."""

    weekday: int
    start: str
    end: str
    kind: Literal["works", "prefers", "avoids"] = "works"
    week: int | None = None


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One day that is not as the pattern says: kind works or off."""

    date: date
    start: str
    end: str
    kind: Literal["works", "off"]


@dataclass(frozen=True, slots=True)
class Away:
    """Leave, both dates included, from start to end on each. is_approved: else it is only asked for."""

    first_date: date
    last_date: date
    start: str = "00:00"
    end: str = "24:00"
    kind: str = "annual"
    is_approved: bool = True
    credit_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A skill held from one date to another, both included; None is open."""

    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who can be planned. A pattern without any "works" means at any time (of volunteers: never, they say when they can).
    works_at: ids of the only places; None is anywhere within max_travel_minutes of (lat, lon)."""

    id: UUID
    name: str
    kind: Literal["staff", "volunteer", "partner"] = "staff"
    hub_id: UUID | None = None
    lat: float | None = None
    lon: float | None = None
    drives: bool = True
    max_travel_minutes: int = 45
    works_at: frozenset[UUID] | None = None
    counts_for_two: bool = True
    weekly_minutes: int | None = 37 * 60
    over_minutes: int = 180
    days_in_row: int = 5
    saturdays_in_four: int = 2
    evenings_in_week: int = 2
    cycle_weeks: int = 1
    cycle_from: date | None = None
    pattern: tuple[Stretch, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    leave: tuple[Away, ...] = ()
    skills: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers that the rules go by; managers may change them for a hub (RotaRules). The defaults of rest and the most hours are
    those of the Working Time Regulations 1998 (regulations 4, 10, 11 and 12)."""

    rest_hours: float = 11
    weekly_rest_hours: float = 24
    most_week_minutes: int = 48 * 60
    break_after_minutes: int = 6 * 60
    break_minutes: int = 20
    evening_from: str = "18:00"
    travel_margin_minutes: int = 5


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each wish matters to the planners: 0 not at all, 1 a little, 2 as usual, 3 very much."""

    same_facilitators: int = 2
    fairness: int = 2
    wishes: int = 2
    travel: int = 2
    near_contract: int = 2
    few_changes: int = 2


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that a plan breaks. level: never (nobody can set it aside), hard (a manager may, with a reason) or soft (it warns).
    words are a whole sentence for staff; duties are those it is about, the judged one first."""

    rule: str
    level: Level
    words: str
    duties: tuple[UUID, ...] = ()
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a planner or checker needs: nothing is read from anywhere else.

    duties: every shift in the window, and around it as far as rules look (six days of work before and after, four weeks of
    Saturdays). given: shift -> worker, of the draft. fixed: shifts that nothing may move (pinned, published, or outside the
    window); of these `given` says who does them, or nobody. leads: run -> who led it before. was: shift -> worker as it was
    before a repair, for "few changes". hub_ids: at these every shift of the window is here (None: at all), so that who is alone in
    a building can be judged; elsewhere and on other days only what these workers do is known, and not who is beside them.
    """

    first: date
    last: date
    workers: Sequence[Worker]
    duties: Sequence[Duty]
    given: Mapping[UUID, UUID]
    fixed: frozenset[UUID] = frozenset()
    leads: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    was: Mapping[UUID, UUID] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    weights: Weights = field(default_factory=Weights)
    hub_ids: frozenset[UUID] | None = None

    @property
    def known(self) -> list[Duty]:
        """The duties beside which everybody else is known too."""
        return [
            each
            for each in self.duties
            if self.first <= each.date <= self.last and (self.hub_ids is None or each.place.hub_id in self.hub_ids)
        ]
