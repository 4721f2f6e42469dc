"""What would have to give: for each wish the smallest step back with which there is a plan. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from booking.places.near import miles
from booking.programmes.plans.judging_plans import Judge
from booking.programmes.plans.plan_times import World
from booking.programmes.plans.plan_wishes import Relaxed, Wishes, of_day, wall
from booking.programmes.plans.writing_plans import written
from booking.words import DAYS, count_words, time_words

EARLIEST, LATEST = "07:00", "21:00"
SHIFTS = (30, 60, 90)
LATER_WEEKS = 4
FARTHEST = 3
MILES_MORE = 10
"""So many times as far as was wished is looked, and so many miles farther at least."""
Step = tuple[str, str, Wishes]


def relaxed(wishes: Wishes, world: World) -> list[Relaxed]:
    """One for each kind of wish where a plan comes of it, each the smallest step of its kind."""
    found = []
    for _, steps in groupby(_steps(wishes, world), key=lambda step: step[0]):
        for _, words, other in steps:
            judge = Judge(other, world)
            candidates = judge.candidates()
            if candidates:
                found.append(Relaxed(words, other, written(judge, candidates[0])))
                break
    return found


def widest(wishes: Wishes, world: World) -> list[Wishes]:
    """Wishes that between them ask for all that the steps will: so much of the world must be read."""
    return [other for _, _, other in _steps(wishes, world)]


def _steps(wishes: Wishes, world: World) -> Iterator[Step]:
    """(kind, words, wishes), the smallest of each kind first, what costs families least before the rest."""
    yield from _times(wishes)
    yield from _weekdays(wishes)
    yield from _later(wishes)
    yield from _farther(wishes, world)
    yield from _fewer(wishes, world)
    yield from _without(wishes)


def _times(wishes: Wishes) -> Iterator[Step]:
    for minutes in SHIFTS:
        latest = wall(min(of_day(wishes.latest) + minutes, of_day(LATEST)))
        if latest > wishes.latest:
            yield "later", f"{_length(minutes)} later: until {time_words(latest)}", replace(wishes, latest=latest)
    for minutes in SHIFTS:
        earliest = wall(max(of_day(wishes.earliest) - minutes, of_day(EARLIEST)))
        if earliest < wishes.earliest:
            words = f"{_length(minutes)} earlier: from {time_words(earliest)}"
            yield "earlier", words, replace(wishes, earliest=earliest)


def _length(minutes: int) -> str:
    return {30: "Half an hour", 60: "An hour", 90: "An hour and a half"}[minutes]


def _weekdays(wishes: Wishes) -> Iterator[Step]:
    """The nearest weekday not wished; a Saturday last."""
    others = [n for n in range(6) if n not in wishes.weekdays]
    for n in sorted(others, key=lambda n: (n > 4, min(abs(n - each) for each in wishes.weekdays), n)):
        yield "weekday", f"{DAYS[n]} instead", replace(wishes, weekdays=(n,))


def _later(wishes: Wishes) -> Iterator[Step]:
    for weeks in range(1, LATER_WEEKS + 1):
        words = f"Begin up to {count_words(weeks, 'week')} later"
        yield "start", words, replace(wishes, window=wishes.window + 7 * weeks)


def _farther(wishes: Wishes, world: World) -> Iterator[Step]:
    """Each place that is too far, the nearest first; its way is told in whole miles."""
    point, within = wishes.point, wishes.within
    if point is None or within is None:
        return
    rooms = [rooms[0] for rooms in world.rooms.values()]
    far = {
        int(-(-miles(point.lat, point.lon, r.lat, r.lon) // 1))
        for r in rooms
        if r.lat is not None and r.lon is not None
    }
    for each in sorted(n for n in far if within < n <= max(FARTHEST * within, within + MILES_MORE)):
        yield "miles", f"{each} miles instead of {within:g}", replace(wishes, within=float(each))


def _fewer(wishes: Wishes, world: World) -> Iterator[Step]:
    """As many people as a smaller room takes, down to half; then so many children; then fewer dates."""
    sizes = sorted({room.capacity for rooms in world.rooms.values() for room in rooms}, reverse=True)
    for size in sizes:
        if wishes.people / 2 <= size < wishes.people:
            words = f"{count_words(wishes.people - size, 'seat')} fewer: {count_words(size, 'person', 'people')}"
            yield "people", words, replace(wishes, people=size)
    for size in sizes:
        if wishes.creche_people / 2 <= size < wishes.creche_people:
            words = f"{count_words(wishes.creche_people - size, 'child', 'children')} fewer in the crèche: {size}"
            yield "creche", words, replace(wishes, creche_people=size)
    for fewer in (1, 2):
        if wishes.sessions - fewer > 1:
            words = f"{count_words(fewer, 'session')} fewer: {wishes.sessions - fewer}"
            yield "sessions", words, replace(wishes, sessions=wishes.sessions - fewer)


def _without(wishes: Wishes) -> Iterator[Step]:
    for name in sorted(wishes.features):
        yield f"feature {name}", f"Without “{name}”", replace(wishes, features=wishes.features - {name})
    if wishes.creche_people:
        yield "no creche", "Without a crèche", replace(wishes, creche_people=0)
    if not wishes.out_of_hours:
        words = "Also outside opening hours: somebody must open up"
        yield "hours", words, replace(wishes, out_of_hours=True)
    if wishes.term_time_only:
        yield "holidays", "In the holidays too", replace(wishes, term_time_only=False)
