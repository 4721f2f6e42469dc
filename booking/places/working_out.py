"""Works out what becomes of every date that somebody asks for: free, to be approved, left out or clashing, and why.

The preview and the act both come through here, so that the two cannot differ. A fixed number of queries for any number of dates.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places import clashes, queries
from booking.places.allowance import TermUse, used_in_terms
from booking.places.asking import Ask, Wished
from booking.places.clashes import Case, Partner
from booking.places.holding import Hold, Taken, hold_for, in_the_way
from booking.places.opening import Opening
from booking.places.rooms import RoomFacts, facts_of
from booking.problems import Problem, Refused

State = Literal["free", "request", "skipped", "clash"]
OF_THE_WHOLE = {"not for partners", "capacity", "feature", "terms", "longest"}
"""Rules that say the same of every date; they are told once."""
NO_ROOM = Problem("Choose a room.", "room", rule="room")
NO_PARTNER = Problem("Choose a partner.", "organisation", rule="partner")
NO_KEYS = Problem("Choose somebody who has keys to this place.", "keyholder", rule="keyholder")
WRONG_TIME = Problem("Choose an end time that is after the start.", "end", rule="time")


@dataclass(frozen=True, slots=True)
class Line:
    """One date. `of` is the date in the rule, `day` where it would be. why: the words of its problems or of its being
    left out. is_out_of_hours: outside the opening hours of the place."""

    of: date
    day: date
    starts_at: datetime
    ends_at: datetime
    room_id: UUID
    state: State
    why: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_out_of_hours: bool = False

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def is_to_be_had(self) -> bool:
        return self.state in ("free", "request")


@dataclass(frozen=True, slots=True)
class World:
    """All that is asked of the database for one Ask. keys_to: the place to which the keyholder named has keys.
    may_override: the rooms whose rules whoever asks goes beyond, with a reason. terms: what is used of the allowance."""

    rooms: Mapping[UUID, RoomFacts]
    openings: Mapping[UUID, Opening]
    partner: Partner | None
    organisation: Mapping[str, Any] | None
    keys_to: UUID | None = None
    may_override: frozenset[UUID] = frozenset()
    terms: Mapping[date, TermUse] = field(default_factory=dict)


async def look(ask: Ask, days: Sequence[date], by: Who, others: Iterable[UUID] = ()) -> World:
    """Reads rooms (those of the Ask and others), opening hours, partner and allowance.

    Raises Refused when the room or partner is not there.
    """
    rooms = await facts_of(ask.room_ids | set(others))
    if ask.room_ids - rooms.keys():
        raise Refused([NO_ROOM])
    first, last = (min(days), max(days)) if days else (clock.today(), clock.today())
    openings = await queries.openings(sorted({room.location_id for room in rooms.values()}), first, last)
    organisation = await _organisation(ask.organisation_id) if ask.organisation_id else None
    if ask.organisation_id and organisation is None:
        raise Refused([NO_PARTNER])
    terms: Mapping[date, TermUse] = {}
    if organisation and organisation["minutes_per_term"] is not None:
        terms = await used_in_terms(organisation["id"], rooms[ask.room_id].area, days)
    keys_to = await _keys_to(ask) if ask.keyholder_id else None
    partner = partner_facts(organisation) if organisation else None
    return World(rooms, openings, partner, organisation, keys_to, _may_override(ask, rooms, by), terms)


def _may_override(ask: Ask, rooms: Mapping[UUID, RoomFacts], by: Who) -> frozenset[UUID]:
    if not ask.override or ask.as_partner:
        return frozenset()
    return frozenset(
        room.id
        for room in rooms.values()
        if (by.manages(room.hub_id) if room.override_by == "manager" else by.is_staff)
    )


async def look_again(ask: Ask, world: World, days: Sequence[date]) -> World:
    """The partner as it is now, locked: of two bookings at once the second sees what the first has used of the allowance,
    and nobody books for one that has just ended. After the rooms are locked."""
    if world.organisation is None:
        return world
    lock = " FOR NO KEY UPDATE" if db.is_postgres() else ""
    organisation = await db.row(f"SELECT * FROM organisation WHERE id = $1{lock}", world.organisation["id"])
    assert organisation is not None
    terms: Mapping[date, TermUse] = {}
    if organisation["minutes_per_term"] is not None:
        terms = await used_in_terms(organisation["id"], world.rooms[ask.room_id].area, days)
    return replace(world, partner=partner_facts(organisation), organisation=organisation, terms=terms)


async def _organisation(organisation_id: UUID) -> dict[str, Any] | None:
    return await db.row("SELECT * FROM organisation WHERE id = $1", organisation_id)


def partner_facts(row: Mapping[str, Any]) -> Partner:
    """A row of organisation as the rules look at it."""
    return Partner(
        name=row["name"],
        has_accepted_terms=row["terms_accepted_at"] is not None,
        agreement_to=row["agreement_to_date"],
        insurance_to=row["insurance_to_date"],
        approval=row["approval"],
        is_ended=row["ended_at"] is not None,
    )


async def _keys_to(ask: Ask) -> UUID | None:
    """The place to which the keyholder named has keys; a partner names only its own or the hub's."""
    found = await db.row("SELECT location_id, organisation_id, ended_at FROM keyholder WHERE id = $1", ask.keyholder_id)
    if found is None or found["ended_at"]:
        return None
    is_theirs = not ask.as_partner or found["organisation_id"] in (None, ask.organisation_id)
    return found["location_id"] if is_theirs else None


async def work_out(
    ask: Ask, wished: Sequence[Wished], world: World, *, besides: Iterable[UUID] = (), freed: Mapping[date, int] = {}
) -> list[Line]:
    """What becomes of each date. Holds of the bookings in `besides` do not count: they are being moved.

    `freed` are the minutes, by date, that the bookings being moved have of the allowance already: of the term of that date.
    """
    wanted = [wish for wish in wished if not wish.left_out]
    nobody = UUID(int=0)
    holds = [hold_for(nobody, world.rooms[wish.room_id], wish.starts_at, wish.ends_at) for wish in wanted]
    taken = await in_the_way(holds, besides=besides)
    by_wish = {id(wish): taken.get(n, []) for n, wish in enumerate(wanted)}
    _add_each_other(wanted, holds, by_wish)
    used: dict[tuple[date, date], int] = defaultdict(int)
    lines = []
    for wish in wished:
        if wish.left_out:
            state: State = "skipped"
            lines.append(Line(wish.of, wish.day, wish.starts_at, wish.ends_at, wish.room_id, state, wish.left_out))
        else:
            lines.append(_line(ask, wish, world, by_wish[id(wish)], used, freed))
    return lines


def _add_each_other(wanted: Sequence[Wished], holds: Sequence[Hold], taken: dict[int, list[Taken]]) -> None:
    """Two dates of one Ask may be in each other's way: a way out taken twice, a series that meets itself."""
    by_leaf: dict[UUID, list[int]] = defaultdict(list)
    for n, hold in enumerate(holds):
        for leaf in hold.leaves:
            by_leaf[leaf].append(n)
    for leaf, some in by_leaf.items():
        first, *later = sorted(some, key=lambda n: holds[n].starts_at)
        for n in later:
            if holds[n].starts_at < holds[first].ends_at:
                own = Taken(leaf, holds[first].starts_at, holds[first].ends_at, UUID(int=0), "own", "wanted")
                taken[id(wanted[n])].append(own)
            else:
                first = n


def _line(
    ask: Ask,
    wish: Wished,
    world: World,
    taken: Sequence[Taken],
    used: dict[tuple[date, date], int],
    freed: Mapping[date, int],
) -> Line:
    room, term = world.rooms[wish.room_id], world.terms.get(wish.day) or world.terms.get(wish.of)
    case = Case(
        room=room,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        opening=world.openings[room.location_id],
        now=clock.now(),
        partner=world.partner,
        as_partner=ask.as_partner,
        people=ask.people,
        layout=ask.layout,
        features=ask.features,
        taken=tuple((each.kind, each.starts_at, each.ends_at) for each in taken),
        has_keyholder=world.keys_to == room.location_id,
        second_person=ask.second_person,
        may_override=room.id in world.may_override,
    )
    own_minutes = freed.get(wish.of, 0) if term and term.first <= wish.of <= term.last else 0
    if term and world.organisation:
        left = world.organisation["minutes_per_term"] - term.minutes_used - used[term.first, term.last] + own_minutes
        case = replace(case, minutes_left=left)
    problems = clashes.problems_of(case)
    own = tuple(problem for problem in problems if problem.rule not in OF_THE_WHOLE)
    state: Any = clashes.state_of(own)
    if term and state != "clash":
        used[term.first, term.last] += case.minutes - own_minutes
    words = tuple(problem.words for problem in own)
    return Line(
        wish.of, wish.day, wish.starts_at, wish.ends_at, wish.room_id, state, words, problems, case.is_out_of_hours
    )


def problems_of_the_whole(lines: Sequence[Line]) -> list[Problem]:
    """What is wrong with every date alike, said once."""
    found: dict[str, Problem] = {}
    for line in lines:
        for problem in line.problems:
            if problem.rule in OF_THE_WHOLE:
                found.setdefault(problem.words, problem)
    return list(found.values())


def minutes_left(world: World, lines: Sequence[Line]) -> int | None:
    """Of the allowance after these dates, in the term where it is least; None without an allowance."""
    if not world.terms or not world.organisation:
        return None
    used: dict[tuple[date, date], int] = {(term.first, term.last): term.minutes_used for term in world.terms.values()}
    for line in lines:
        term = world.terms.get(line.day) or world.terms.get(line.of)
        if term and line.is_to_be_had:
            used[term.first, term.last] += line.minutes
    return world.organisation["minutes_per_term"] - max(used.values(), default=0)
