"""The grid of a run that is planned: a row for each date with a cell for every room and facilitator, what is wrong in it, and
the ways out that a cell offers. Pure, but for the one function that looks for the ways out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from booking.places import ways_out
from booking.places.chosen_ways import choice_value
from booking.places.rooms import RoomFacts
from booking.places.ways_out import WayOut
from booking.places.working_out import Line
from booking.programmes.changes.date_choices import NONE, ONLINE
from booking.programmes.plans.planned_dates import Want
from booking.programmes.plans.planning import PlannedDate, Preview
from booking.words import count_words, short_day, time_range

Ways = Mapping[date, Sequence[WayOut]]
MOST_ROOMS_LOOKED_AT = 2
MOST_WAYS = 3
"""So many ways out, one of each kind, stand in a cell that clashes; all of them are in its select."""
MANY = 4
WAYS_OUT = "Ways out"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A room or creche room of one date. state: free, clash, warned or none. groups: (heading, options) of its select."""

    name: str
    words: str
    state: str
    why: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Option, ...]], ...]
    ways: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class GridRow:
    """One date. state: held, clash or skipped. of names its fields. note says what is not as in the rest."""

    of: str
    number: str
    day: str
    times: str
    state: str
    reasons: tuple[str, ...]
    note: str
    room: Cell | None
    creche: Cell | None
    f1: str
    f2: str
    usual_f1: str
    usual_f2: str
    is_put_back: bool
    is_left_out: bool
    is_added: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """What the page shows of a preview."""

    rows: tuple[GridRow, ...]
    summary: tuple[tuple[str, str], ...]
    has_creche: bool


async def ways_for(found: Preview) -> tuple[Ways, Ways]:
    """Ways out of the clashes of rooms and of creche rooms; eleven queries for each kind that has any, else none."""
    rooms = [each.room for each in found.clashing if each.room and each.room.state == "clash"]
    creches = [each.creche for each in found.clashing if each.creche and each.creche.state == "clash"]
    scene = found.scene
    return (
        _beside(
            await _ways(rooms, scene.rooms, scene.asked.places, scene.besides),
            {each.want.of: each.want.creche_room_id for each in found.clashing},
        ),
        _beside(
            await _ways(creches, scene.rooms, scene.asked.creche_places, scene.besides),
            {each.want.of: each.want.room_id for each in found.clashing},
        ),
    )


def _beside(ways: Ways, taken: Mapping[date, UUID | None]) -> Ways:
    """The same without the room that the date's own creche (or course) has, and without buildings far from it."""
    return {
        day: [way for way in some if not taken[day] or (way.room_id != taken[day] and way.kind != "near")]
        for day, some in ways.items()
    }


def only_to(room_ids: Collection[UUID], ways: tuple[Ways, Ways]) -> tuple[Ways, Ways]:
    """The same without ways into rooms that who asks may not book."""
    rooms, creches = (
        {day: [way for way in some if way.room_id is None or way.room_id in room_ids] for day, some in each.items()}
        for each in ways
    )
    return rooms, creches


async def _ways(lines: Sequence[Line], rooms: Mapping[UUID, RoomFacts], people: int, besides: frozenset[UUID]) -> Ways:
    found: dict[date, Sequence[WayOut]] = {}
    for room_id in list(dict.fromkeys(line.room_id for line in lines))[:MOST_ROOMS_LOOKED_AT]:
        wanted = [(line.of, line.starts_at, line.ends_at) for line in lines if line.room_id == room_id]
        found |= await ways_out.for_dates(rooms[room_id], wanted, people=people, for_partner=False, besides=besides)
    return found


def grid_of(
    found: Preview, ways: tuple[Ways, Ways], choices: Mapping[str, Mapping[str, str]], here: Sequence[Mapping[str, Any]]
) -> Grid:
    """`choices` are what was typed for single dates; `here` the other rooms of the place (id, name)."""
    rows = tuple(_row(each, found, ways, choices.get(each.want.of.isoformat(), {}), here) for each in found.dates)
    if len(found.clashing) > MANY:
        rows = tuple(map(_without_ways, rows))
    held = len(found.held)
    clashing, skipped = len(found.clashing), len(found.dates) - held
    calls = sum(each.want.kind == "call" for each in found.held)
    summary = [
        ("good", f"{count_words(held - clashing, 'date')} free" if held > clashing else ""),
        ("bad", f"{clashing} not free" if clashing else ""),
        ("plain", f"{skipped} left out" if skipped else ""),
        ("plain", f"{count_words(calls, 'call')} by telephone" if calls else ""),
    ]
    has_creche = any(each.want.creche_room_id for each in found.dates)
    return Grid(rows, tuple(line for line in summary if line[1]), has_creche)


def _row(
    each: PlannedDate,
    found: Preview,
    ways: tuple[Ways, Ways],
    typed: Mapping[str, str],
    here: Sequence[Mapping[str, Any]],
) -> GridRow:
    want, asked = each.want, found.scene.asked
    of = want.of.isoformat()
    is_group = want.is_held and want.kind == "group"
    creche = (
        _creche_cell(of, each, found, ways[1].get(want.of, ()), typed, here)
        if is_group and asked.creche_room_id
        else None
    )
    return GridRow(
        of=of,
        number="Call" if want.kind == "call" and want.is_held else str(want.number or ""),
        day=short_day(want.day),
        times=time_range(want.start, want.end),
        state="skipped" if not want.is_held else "clash" if each.is_clashing else "held",
        reasons=want.left_out,
        note=_note(want, asked.start, asked.end),
        room=_room_cell(of, each, found, ways[0].get(want.of, ()), typed, here) if is_group else None,
        creche=creche,
        f1=_own(want.facilitator_1, asked.facilitator_1),
        f2=_own(want.facilitator_2, asked.facilitator_2),
        usual_f1=asked.facilitator_1,
        usual_f2=asked.facilitator_2,
        is_put_back=typed.get("do") == "back",
        is_left_out=typed.get("do") == "skip",
        is_added=want.is_added,
    )


def _without_ways(row: GridRow) -> GridRow:
    """Of many clashes the selects alone have the ways out: else nobody could read the grid."""
    room, creche = (replace(cell, ways=()) if cell else None for cell in (row.room, row.creche))
    return replace(row, room=room, creche=creche)


def _own(name: str, usual: str) -> str:
    return "" if name == usual else name


def _note(want: Want, start: str, end: str) -> str:
    """What is not as in the rest."""
    moved = f"in place of {short_day(want.of)}" if want.day != want.of else ""
    times = "another time" if want.kind == "group" and (want.start, want.end) != (start, end) else ""
    return ", ".join(filter(None, [moved, times, "added" if want.is_added else ""]))


def _room_cell(
    of: str, each: PlannedDate, found: Preview, ways: Sequence[WayOut], typed: Mapping[str, str], here: Sequence[Any]
) -> Cell:
    want, scene = each.want, found.scene
    chosen = typed.get("room", "")
    words = scene.rooms[want.room_id].name if want.room_id else "Online"
    usual = Option("", "As it is" if chosen else words, not chosen)
    offered = tuple(
        Option(value, way.words, value == chosen)
        for way in ways
        if way.kind != "skip" and (value := choice_value(way.choice))
    )
    taken = (want.room_id, want.creche_room_id, scene.asked.room_id)
    others = [_use(room["id"]) for room in here if room["id"] not in taken]
    names = {_use(room["id"]): room["name"] for room in here}
    elsewhere = tuple(Option(value, names[value], value == chosen) for value in others)
    if scene.asked.delivery != "online":
        elsewhere = (*elsewhere, Option(ONLINE, "Online, without a room", chosen == ONLINE))
    groups = [("", (usual,)), (WAYS_OUT, offered), ("Another room, same time" if here else "", elsewhere)]
    return _cell(
        f"room-{of}", words, each.room, groups, chosen, _chosen_words(want, words), _of_each_kind(ways, offered)
    )


def _use(room_id: UUID) -> str:
    return f"use~{room_id}~~~"


def _chosen_words(want: Want, words: str) -> str:
    day = short_day(want.day) if want.day != want.of else ""
    return ", ".join(filter(None, [day, time_range(want.start, want.end), words]))


def _creche_cell(
    of: str, each: PlannedDate, found: Preview, ways: Sequence[WayOut], typed: Mapping[str, str], here: Sequence[Any]
) -> Cell:
    want, scene = each.want, found.scene
    chosen = typed.get("creche", "")
    words = scene.rooms[want.creche_room_id].name if want.creche_room_id else "No crèche"
    usual = Option("", "As it is" if chosen else words, not chosen)
    offered = tuple(
        Option(str(way.room_id), way.words, str(way.room_id) == chosen)
        for way in ways
        if way.kind == "room" and way.room_id
    )
    known = {option.value for option in offered} | {str(want.room_id), str(scene.asked.creche_room_id)}
    others = tuple(
        Option(str(room["id"]), room["name"], str(room["id"]) == chosen)
        for room in here
        if str(room["id"]) not in known and room["id"] != want.creche_room_id
    )
    groups = [
        ("", (usual,)),
        (WAYS_OUT, offered),
        ("Another room", (*others, Option(NONE, "No crèche", chosen == NONE))),
    ]
    return _cell(f"creche-{of}", words, each.creche, groups, chosen, words, offered)


def _cell(
    name: str,
    words: str,
    line: Line | None,
    groups: Sequence[tuple[str, tuple[Option, ...]]],
    chosen: str,
    chosen_words: str,
    ways: Sequence[Option] = (),
) -> Cell:
    """Chosen earlier and no longer among the options, it is one of them all the same."""
    known = {option.value for _, options in groups for option in options}
    shown = [(heading, options) for heading, options in groups if options]
    if chosen and chosen not in known:
        shown.insert(1, ("", (Option(chosen, chosen_words, is_chosen=True),)))
    if line is None:
        return Cell(name, words, "none", (), tuple(shown))
    warned = tuple(problem.words for problem in line.problems)
    state = "clash" if line.state == "clash" else "warned" if warned else "free"
    return Cell(name, words, state, warned, tuple(shown), tuple(ways[:MOST_WAYS]) if state == "clash" else ())


def _of_each_kind(ways: Sequence[WayOut], offered: Sequence[Option]) -> list[Option]:
    """The first of each kind: another room, another time, another day, a building near by."""
    words = {way.kind: way.words for way in reversed(ways) if way.kind != "skip"}
    return [option for option in offered if option.words in words.values()]


def is_out_of_hours(found: Preview) -> bool:
    return any(line.is_out_of_hours for each in found.held for line in each.lines)


def blocking_rules(found: Preview) -> set[str]:
    return {p.rule for each in found.held for line in each.lines for p in line.problems if p.level == "blocks"}


def last_words(found: Preview) -> str:
    """ "12 dates, Tue 12 Jan 2027 to Tue 20 Apr 2027" """
    days = sorted(each.want.day for each in found.held)
    if not days:
        return ""
    dates = count_words(len(days), "date")
    span = f"{short_day(days[0])} {days[0].year}"
    return f"{dates}, {span}" + (f" to {short_day(days[-1])} {days[-1].year}" if days[-1] != days[0] else "")


def shared_ways(found: Preview, ways: Ways) -> list[WayOut]:
    """Rooms that would do for every date that clashes, where many do; for few the ways out stand in their cells."""
    if len(found.clashing) <= MANY:
        return []
    per_date = [{way.room_id: way for way in some if way.kind in ("room", "near")} for some in ways.values()]
    rooms = set.intersection(*(set(some) for some in per_date)) if per_date else set()
    return [way for room_id, way in per_date[0].items() if room_id in rooms] if per_date else []
