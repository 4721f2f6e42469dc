"""The dates of a wished change whose room cannot be had, each with its ways out: another room, a little earlier or later,
another day, or staying as it is."""

from dataclasses import dataclass
from uuid import UUID

from booking.people.signing_in import Who
from booking.places import ways_out
from booking.places.chosen_ways import choice_value
from booking.places.rooms import RoomFacts
from booking.programmes.changes import dates_in_scope, rooms_of_dates
from booking.programmes.changes.dates_in_scope import Change, Scope, Wish
from booking.programmes.changes.rooms_of_dates import Beyond, Wanted
from booking.words import day_words, time_range

STAYS = ("skip", "Leave this date as it is")


@dataclass(frozen=True, slots=True)
class Clash:
    """One date that clashes: what is wanted in words, why it cannot be, and (value, words) of the ways out. chosen is the
    value that stands for it already."""

    session_id: UUID
    wanted: str
    why: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    chosen: str = ""


async def clashes(*, session_id: UUID, scope: Scope, wish: Wish, by: Who) -> list[Clash]:
    """Every date of the wish whose room cannot be had, or that has a way of its own already. Raises Refused for what makes no
    sense in itself. Some twelve queries for any number of dates of one room."""
    anchor = await dates_in_scope.anchor_of(session_id)
    dates = await dates_in_scope.dates_of(anchor, scope)
    changes = await dates_in_scope.planned(anchor, dates, wish, scope, by)
    taking = [each for each in changes if each.takes_room]
    gone = [each.before["room_booking_id"] for each in changes if each.takes_room or each.frees_room]
    besides = [each for each in gone if each]
    beyond = Beyond(wish.keyholder_id, wish.second_person, wish.override)
    lines = await rooms_of_dates.look_at([_wanted(each) for each in taking], beyond, by, besides=besides)
    bad = [each for each in taking if any(p.level == "blocks" for p in lines[each.before["id"]].problems)]
    ways = await _ways(bad, besides)
    found = [
        Clash(
            each.before["id"],
            _words(each),
            tuple(p.words for p in lines[each.before["id"]].problems if p.level == "blocks"),
            (*ways.get(each.before["id"], ()), STAYS),
        )
        for each in bad
    ]
    return [*found, *_chosen(changes, wish, {each.session_id for each in found})]


def _wanted(change: Change) -> Wanted:
    assert change.room
    after = change.after
    return Wanted(change.before["id"], change.room, after["date"], after["starts_at"], after["ends_at"])


async def _ways(bad: list[Change], besides: list[UUID]) -> dict[UUID, tuple[tuple[str, str], ...]]:
    by_room: dict[UUID, tuple[RoomFacts, list[Change]]] = {}
    for each in bad:
        assert each.room
        by_room.setdefault(each.room.id, (each.room, []))[1].append(each)
    found = {}
    for room, some in by_room.values():
        wanted = [(each.after["date"], each.after["starts_at"], each.after["ends_at"]) for each in some]
        ways = await ways_out.for_dates(room, wanted, people=None, for_partner=False, besides=besides)
        for each in some:
            own = [way for way in ways.get(each.after["date"], []) if way.kind != "skip"]
            found[each.before["id"]] = tuple((choice_value(way.choice), way.words) for way in own)
    return found


def _words(change: Change) -> str:
    """ "Tuesday 12 January, 10am to 11:30am, Blue room" """
    after = change.after
    room = change.room.name if change.room else ""
    return ", ".join(
        part for part in (day_words(after["date"]), time_range(after["start_time"], after["end_time"]), room) if part
    )


def _chosen(changes: list[Change], wish: Wish, besides: set[UUID]) -> list[Clash]:
    """Dates for which a way out was taken and that clash no more: it can be taken back."""
    return [
        Clash(
            each.before["id"],
            _words(each),
            (),
            ((choice_value(way), "As chosen: " + _words(each)), ("", "Try as the others again")),
            choice_value(way),
        )
        for each in changes
        if (way := wish.ways.get(each.before["id"])) and each.before["id"] not in besides
    ]
