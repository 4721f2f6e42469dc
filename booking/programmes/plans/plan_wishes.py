"""What is wished of a plan, and what a plan is: values alone. Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from booking.places.near import Point
from booking.places.recurrence import KEEP, WEEKLY, Skip
from booking.places.rooms import RoomFacts

QUARTER = 15
WORKING_DAYS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Wishes:
    """A run to be planned. The first date lies on one of `weekdays` within `window` days from `first`; every one begins
    at `earliest` or later and has ended by `latest` (local "HH:MM", on quarter hours). creche_people 0: no creche. within:
    miles from `point`, None is any distance. hub_ids None is the whole county; restricted places only of `own_hubs`.
    out_of_hours: also when the place is not open."""

    minutes: int
    sessions: int
    first: date
    window: int = 28
    weekdays: tuple[int, ...] = WORKING_DAYS
    earliest: str = "09:00"
    latest: str = "17:00"
    people: int = 0
    creche_people: int = 0
    features: frozenset[str] = frozenset()
    frequency: str = WEEKLY
    after_skip: str = KEEP
    term_time_only: bool = True
    out_of_hours: bool = False
    point: Point | None = None
    within: float | None = None
    hub_ids: frozenset[UUID] | None = None
    own_hubs: frozenset[UUID] = frozenset()

    @property
    def starts(self) -> tuple[str, ...]:
        """Every quarter hour at which it may begin."""
        last = of_day(self.latest) - self.minutes
        return tuple(wall(minute) for minute in range(of_day(self.earliest), last + 1, QUARTER))

    def firsts(self, weekday: int) -> list[date]:
        """The days of that weekday on which it may begin."""
        day = self.first + timedelta(days=(weekday - self.first.weekday()) % 7)
        return [each for n in range(self.window // 7 + 1) if (each := day + timedelta(weeks=n)) < self._end]

    @property
    def _end(self) -> date:
        return self.first + timedelta(days=self.window)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why one room cannot be had on one date: rule "taken", "closure", "out of hours" or "not in use". words are for the
    last three; who has it the pure part does not know."""

    room: RoomFacts
    rule: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One date of a plan with its rooms; `blocked` says why it cannot be held there, in a plan that misses by a little."""

    day: date
    room: RoomFacts
    creche: RoomFacts | None = None
    is_other_room: bool = False
    is_out_of_hours: bool = False
    blocked: tuple[Blocked, ...] = ()


@dataclass(frozen=True, slots=True)
class BestPlan:
    """A run as it could be held: room and creche are those of most dates. other_starts: when it could begin as well, all
    else the same. is_known: the school dates reach as far. leaders: of the needed trained people those who are free on all dates;
    nearly_leaders: who is free on most, and on how many not. instead: the same with the dates in the way left out, which then
    ends later."""

    weekday: int
    start: str
    end: str
    room: RoomFacts
    creche: RoomFacts | None
    dates: tuple[Held, ...]
    skips: tuple[Skip, ...]
    miles: float | None = None
    other_starts: tuple[str, ...] = ()
    is_known: bool = True
    needed: int = 0
    leaders: tuple[str, ...] = ()
    nearly_leaders: tuple[tuple[str, int], ...] = ()
    instead: "BestPlan | None" = None

    @property
    def first(self) -> date:
        return self.dates[0].day

    @property
    def last(self) -> date:
        return self.dates[-1].day

    @property
    def others(self) -> tuple[Held, ...]:
        return tuple(held for held in self.dates if held.is_other_room)

    @property
    def out_of_hours(self) -> tuple[Held, ...]:
        return tuple(held for held in self.dates if held.is_out_of_hours)

    @property
    def blocked(self) -> tuple[Held, ...]:
        return tuple(held for held in self.dates if held.blocked)


@dataclass(frozen=True, slots=True)
class Blocker:
    """A rule that stands in the way, and how often: of all weekdays, times and buildings wished, how many fail by it first."""

    rule: str
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Relaxed:
    """One wish less, and there is a plan: the words for the reader, and the wishes as they would be."""

    words: str
    wishes: Wishes
    plan: BestPlan


@dataclass(frozen=True, slots=True)
class Answer:
    """All that was found: the plans, best first; where there are few, those that miss by a date or two, what stood in the
    way most often, and what would have to give. looked_at: how many weekdays, times and buildings."""

    wishes: Wishes
    plans: tuple[BestPlan, ...] = ()
    near_misses: tuple[BestPlan, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    relaxed: tuple[Relaxed, ...] = ()
    looked_at: int = 0
    count: int = field(default=0)


def of_day(text: str) -> int:
    """Minutes since midnight of a local "HH:MM"."""
    return 60 * int(text[:2]) + int(text[3:5])


def wall(minute: int) -> str:
    """The local "HH:MM" of so many minutes after midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


def end_of(start: str, minutes: int) -> str:
    return wall(of_day(start) + minutes)
