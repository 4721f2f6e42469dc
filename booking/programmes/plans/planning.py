"""A run is planned as a whole: every date with its room and creche room is seen before anything is saved, and saved all
at once or not at all (promise P1). The preview is the same work without the writing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import holding, queries, staff_rooms
from booking.places.asking import Ask
from booking.places.recurrence import with_closures
from booking.places.rooms import RoomFacts, facts_of
from booking.places.term_calendars import calendar_of
from booking.places.working_out import Line, World, work_out
from booking.problems import Problem, Refused
from booking.programmes.imports.planning_dates import closed_days
from booking.programmes.plans import keeping_programmes, writing_runs
from booking.programmes.plans.plan_form import NO_LOCATION, NO_PROGRAMME, NO_ROOM, Asked
from booking.programmes.plans.planned_dates import Want, wants_of_rule
from booking.words import count_words, day_and_year, short_day

Row = dict[str, Any]
MOST_DATES = 120
NONE_HELD = Problem(
    "This gives no date at all. Check the first day and the number of sessions.", "first", rule="no date"
)
TOO_MANY = Problem(f"This is more than {MOST_DATES} dates. Choose an earlier last day.", "last", rule="too many")
SAME_ROOM = Problem("The creche needs a room of its own. Choose another one.", "creche_room", rule="creche room")
TWICE = "Two dates begin at the same time: {day}. Leave one out, or move it."
MOST_SAID = 6


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """One date with what becomes of its room and its creche room; None where it needs none."""

    want: Want
    room: Line | None = None
    creche: Line | None = None

    @property
    def lines(self) -> list[Line]:
        return [line for line in (self.room, self.creche) if line]

    @property
    def is_clashing(self) -> bool:
        return self.want.is_held and any(line.state == "clash" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is read before dates are judged. place is the location whose run it is; besides: room bookings of the
    draft itself, which do not stand in its way."""

    asked: Asked
    programme: Row
    place: Row
    rooms: Mapping[UUID, RoomFacts]
    world: World | None
    wants: Sequence[Want]
    is_complete: bool
    besides: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving it would do. problems are of the whole; those of a date are in its lines."""

    scene: Scene
    dates: tuple[PlannedDate, ...]
    problems: tuple[Problem, ...]

    @property
    def held(self) -> list[PlannedDate]:
        return [each for each in self.dates if each.want.is_held]

    @property
    def clashing(self) -> list[PlannedDate]:
        return [each for each in self.dates if each.is_clashing]

    @property
    def blocking(self) -> list[Problem]:
        """Everything that stops it, those of dates named with their date; the first few of them."""
        found = [problem for problem in self.problems if problem.level == "blocks"]
        dated = [
            replace(problem, words=f"{short_day(each.want.day)}: {problem.words}", field=None)
            for each in self.clashing
            for line in each.lines
            for problem in line.problems
            if problem.level == "blocks"
        ]
        return [*found, *dated[:MOST_SAID]]


async def preview(asked: Asked, *, by: Who) -> Preview:
    """Every date with what becomes of it; nothing is written. Raises Refused when programme, room or place is not there.
    A fixed number of queries, however many dates."""
    return await judge(await read(asked, by))


async def save(asked: Asked, *, by: Who, seen: Iterable[date] | None = None) -> UUID:
    """Writes the run as a draft that holds its rooms, and its creche as a run of its own; returns the run's id. One
    transaction, joined if there is one. Raises Refused with every clash when anything of it cannot be had: then nothing is
    saved. `seen` are the dates (in the rule) that the reader saw as held."""

    async def body() -> UUID:
        scene = await read(asked, by)
        await lock_rooms(scene)
        found = await judge(scene)
        refuse(found, seen)
        return await writing_runs.write_new(
            found.scene.asked, scene.programme, scene.place, [d.want for d in found.dates], scene.rooms, by
        )

    return await db.run_tx(body)


async def lock_rooms(scene: Scene, others: Iterable[UUID] = ()) -> None:
    await holding.lock_rooms([*(leaf for room in scene.rooms.values() for leaf in room.leaves), *others])


def refuse(found: Preview, seen: Iterable[date] | None = None) -> None:
    """Raises Refused when something stops it, or when the dates are not those that were seen."""
    if found.blocking:
        raise Refused(found.blocking)
    if seen is not None and set(seen) != {each.want.of for each in found.held}:
        words = "The term calendar or a closure changed while you looked. Here are the dates again: look, then save."
        raise Refused([Problem(words, rule="changed")])


async def read(asked: Asked, by: Who, *, wants: Sequence[Want] | None = None, besides: Iterable[UUID] = ()) -> Scene:
    """Programme, rooms, place, school terms, closures and opening hours. `wants` are the dates of a draft; without them the
    rule gives them. Raises Refused for what is not there or not theirs (promise P6)."""
    programme = await keeping_programmes.programme_row(by, asked.programme_id)
    if programme is None or (wants is None and programme["ended_at"]):
        raise Refused([NO_PROGRAMME])
    rooms = await facts_of(_room_ids(asked, wants or ()))
    _check_rooms(asked, rooms, by)
    place = await _place_of(asked, rooms, by)
    is_complete = True
    if wants is None:
        parts = writing_runs.parts_of(programme)
        wants, is_complete = wants_of_rule(asked, parts, await _left_out(asked, place, rooms))
    world = await _world(asked, rooms, wants, by) if rooms and wants else None
    return Scene(asked, programme, place, rooms, world, wants, is_complete, frozenset(besides))


def _room_ids(asked: Asked, wants: Sequence[Want]) -> set[UUID]:
    uses = [choice.use.room_id for choice in asked.choices.values() if choice.use]
    creches = [choice.creche_room_id for choice in asked.choices.values()]
    there = [room_id for want in wants for room_id in (want.room_id, want.creche_room_id)]
    return {room_id for room_id in (asked.room_id, asked.creche_room_id, *uses, *creches, *there) if room_id}


def _check_rooms(asked: Asked, rooms: Mapping[UUID, RoomFacts], by: Who) -> None:
    """A room that is not there, or not theirs to book, is the same to who asks."""
    known = {id for id, room in rooms.items() if staff_rooms.may_book(room, by)}
    if (rooms.keys() - known - {asked.creche_room_id}) or asked.room_id not in known | {None}:
        raise Refused([NO_ROOM])
    if asked.creche_room_id not in known | {None}:
        raise Refused([Problem("Choose another creche room.", "creche_room", rule="room")])


async def _place_of(asked: Asked, rooms: Mapping[UUID, RoomFacts], by: Who) -> Row:
    """The location of its room, or of a run without a room the one that was chosen."""
    location_id = rooms[asked.room_id].location_id if asked.room_id else asked.location_id
    place = await db.row("SELECT * FROM location WHERE id = $1", location_id) if location_id else None
    if place is None:
        raise Refused([NO_LOCATION])
    is_restricted = bool(place["is_restricted"]) or place["kind"] == "restricted"
    if not (by.works_at(place["hub_id"]) if is_restricted else by.may_act_at(place["hub_id"])):
        raise Refused([NO_LOCATION])
    return place | {"is_restricted": is_restricted}


async def _left_out(asked: Asked, place: Row, rooms: Mapping[UUID, RoomFacts]) -> Mapping[int, tuple[str, ...]]:
    """Reasons by day: the area's school terms and bank holidays, and the closures of the place and its room."""
    assert asked.rule is not None
    left_out = (await calendar_of(place["area"])).left_out(term_time_only=asked.rule.term_time_only)
    if asked.room_id is None:
        return left_out
    leaves = sorted({asked.room_id, *rooms[asked.room_id].leaves})
    closures = await db.rows(
        "SELECT starts_at, ends_at, reason FROM closure WHERE location_id = $1 AND ends_at > $2"
        f" AND (room_id IS NULL OR room_id IN {db.in_list(leaves, 3)})",
        place["id"],
        clock.at(asked.rule.first_date, "00:00"),
        *leaves,
    )
    closed = closed_days(closures, asked.start, asked.end)
    return with_closures(left_out, {day: f"closed: {why}" if why else "closed" for day, why in closed.items()})


async def _world(asked: Asked, rooms: Mapping[UUID, RoomFacts], wants: Sequence[Want], by: Who) -> World:
    days = [want.day for want in wants]
    places = sorted({room.location_id for room in rooms.values()})
    openings = await queries.openings(places, min(days), max(days))
    keys_to = None
    if asked.keyholder_id:
        keys_to = await db.value(
            "SELECT location_id FROM keyholder WHERE id = $1 AND ended_at IS NULL", asked.keyholder_id
        )
    may = {
        id
        for id, room in rooms.items()
        if asked.override and (by.manages(room.hub_id) or room.override_by != "manager")
    }
    return World(rooms, openings, None, None, keys_to, frozenset(may))


async def judge(scene: Scene) -> Preview:
    """What becomes of every date now. One query for each fifty dates."""
    held = [want for want in scene.wants if want.is_held]
    wished = [
        (want, what, want.wished(room_id))
        for want in held
        for what, room_id in (("room", want.room_id), ("creche", want.creche_room_id))
        if room_id
    ]
    lines: dict[tuple[date, str, str], Line] = {}
    if wished and scene.world:
        asked = scene.asked
        ask = Ask(
            wished[0][2].room_id, asked.start, asked.end, override=asked.override, second_person=asked.second_person
        )
        found = await work_out(ask, [wish for _, _, wish in wished], scene.world, besides=scene.besides)
        lines = {(want.of, want.start, what): line for (want, what, _), line in zip(wished, found, strict=True)}
    dates = tuple(
        PlannedDate(want, lines.get((want.of, want.start, "room")), lines.get((want.of, want.start, "creche")))
        for want in scene.wants
    )
    return Preview(scene, dates, tuple(_of_the_whole(scene, held)))


def _of_the_whole(scene: Scene, held: Sequence[Want]) -> list[Problem]:
    asked, problems = scene.asked, []
    if not held:
        problems.append(NONE_HELD)
    if len(scene.wants) > MOST_DATES:
        problems.append(TOO_MANY)
    if asked.room_id and asked.room_id == asked.creche_room_id:
        problems.append(SAME_ROOM)
    starts = sorted(want.starts_at for want in held)
    twice = next((one for one, other in pairwise(starts) if one == other), None)
    if twice:
        problems.append(Problem(TWICE.format(day=short_day(clock.local(twice).date())), rule="twice"))
    if held and not scene.is_complete and asked.rule and asked.rule.held_sessions:
        until = f" by {day_and_year(asked.rule.last_date)}" if asked.rule.last_date else ""
        words = f"Only {count_words(len(held), 'date')} can be held{until}, not {asked.rule.held_sessions}."
        problems.append(Problem(words, "sessions", "warns", "length"))
    return [*problems, *_too_small(scene)]


def _too_small(scene: Scene) -> list[Problem]:
    """Warns: a council may know better how a room can be set out."""
    asked, found = scene.asked, []
    for room_id, people, name in (
        (asked.room_id, asked.places, "places"),
        (asked.creche_room_id, asked.creche_places, "creche_places"),
    ):
        room = scene.rooms.get(room_id) if room_id else None
        if room and people > room.capacity:
            words = (
                f"{room.name} takes {count_words(room.capacity, 'person', 'people')}, and there are {people} places."
            )
            found.append(Problem(words, name, "warns", "capacity"))
    return found
