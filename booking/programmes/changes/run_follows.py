"""A run follows a change of its later or of all its dates: its own time, day, room, places and who leads it; and goes back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.problems import Problem, Refused
from booking.programmes.changes.dates_in_scope import Change, Row, Scope, Wish

FIELDS = (
    *("weekday", "start_time", "end_time", "room_id", "location_id", "facilitator_1", "facilitator_2"),
    *("delivery", "join_url", "places", "first_date", "last_date"),
)
TOO_FEW = "{taken} places are taken, so there must be at least as many."
OF_THE_COURSE = Problem(
    "This course is booked as a whole. Change its places for all its dates.", "places", rule="whole course"
)


async def follow(anchor: Row, scope: Scope, wish: Wish, changes: Sequence[Change]) -> Row | None:
    """Makes the run as its dates are to be, and returns as plain JSON what it was; None where only one date changes.

    Raises Refused when there would be fewer places than are taken.
    """
    if scope == "date":
        if wish.places is not None and anchor["booking_mode"] == "run":
            raise Refused([OF_THE_COURSE])
        return None
    was = await db.row(f"SELECT {', '.join(FIELDS)} FROM run WHERE id = $1", anchor["run_id"])
    assert was is not None
    pinned = await _pin(anchor["run_id"], was, changes) if wish.aspects & {"online"} else []
    new = _new(was, wish, changes)
    if "places" in new:
        await _change_places(anchor["run_id"], new.pop("places"), anchor["booking_mode"] == "run")
    if new:
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(new, start=2))
        await db.execute(f"UPDATE run SET {sets} WHERE id = $1", anchor["run_id"], *new.values())
    await _dates_of_run(anchor["run_id"], changes)
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in was.items()}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in plain.items()} | {
        "id": str(anchor["run_id"]), "pinned": [str(each) for each in pinned],
        "places_after": was["places"] if wish.places is None else wish.places,
    }  # fmt: skip


def _new(was: Mapping[str, Any], wish: Wish, changes: Sequence[Change]) -> dict[str, Any]:
    plain = next((each for each in changes if _is_plain(each, wish)), None)
    day = plain.after["weekday"] if plain and wish.day else None
    room = plain.room if plain and wish.room_id and plain.room else None
    wished = {
        "weekday": day,
        "start_time": wish.start,
        "end_time": wish.end,
        "room_id": room.id if room else None,
        "location_id": room.location_id if room else None,
        "facilitator_1": wish.facilitator_1,
        "facilitator_2": wish.facilitator_2,
        "delivery": wish.delivery,
        "join_url": wish.join_url,
        "places": wish.places,
    }
    return {name: value for name, value in wished.items() if value is not None and value != was[name]}


def _is_plain(change: Change, wish: Wish) -> bool:
    """Whether it became what the run becomes: nothing of its own, and no call by phone."""
    return not change.kept and change.before["id"] not in wish.ways and change.before["kind"] != "call"


async def _pin(run_id: UUID, was: Mapping[str, Any], changes: Sequence[Change]) -> list[UUID]:
    """Dates that do not change stay as they were held, also when the run no longer is so."""
    ids = [each.before["id"] for each in changes]
    found = await db.rows(
        "UPDATE session SET delivery = $2, join_url = $3 WHERE run_id = $1 AND delivery = ''"
        f" AND id NOT IN {db.in_list(ids, 4)} RETURNING id",
        run_id, was["delivery"], was["join_url"], *ids,
    )  # fmt: skip
    return [row["id"] for row in found]


async def _change_places(run_id: UUID, places: int, is_whole: bool) -> None:
    guard = " AND taken + guest_places <= $2" if is_whole else ""
    if await db.row(f"UPDATE run SET places = $2 WHERE id = $1{guard} RETURNING id", run_id, places) is None:
        taken = await db.value("SELECT taken + guest_places AS n FROM run WHERE id = $1", run_id)
        raise Refused([Problem(TOO_FEW.format(taken=taken), "places", rule="too few")])


async def _dates_of_run(run_id: UUID, changes: Sequence[Change]) -> None:
    """The run's first and last date, where a date at its edge moves."""
    days = [each.after["date"] for each in changes]
    if all(each.after["date"] == each.before["date"] for each in changes):
        return
    ids = [each.before["id"] for each in changes]
    others = await db.row(
        f"SELECT MIN(date) AS first_date, MAX(date) AS last_date FROM session WHERE run_id = $1 AND id NOT IN"
        f" {db.in_list(ids, 2)}",
        run_id, *ids,
    )  # fmt: skip
    assert others is not None
    firsts, lasts = [*days, others["first_date"]], [*days, others["last_date"]]
    await db.execute(
        "UPDATE run SET first_date = $2, last_date = $3 WHERE id = $1",
        run_id, min(day for day in firsts if day), max(day for day in lasts if day),
    )  # fmt: skip


async def go_back(was: Mapping[str, Any]) -> None:
    """The run is as it was before it followed. Raises Refused when more places are taken by now than it had."""
    run_id = UUID(was["id"])
    values = dict(was) | {name: UUID(was[name]) if was[name] else None for name in ("room_id", "location_id")}
    values |= {name: date.fromisoformat(was[name]) for name in ("first_date", "last_date")}
    names = [name for name in FIELDS if name != "places"]
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(names, start=2))
    await db.execute(f"UPDATE run SET {sets} WHERE id = $1", run_id, *(values[name] for name in names))
    if was.get("places_after") != was["places"]:  # else what staff have set since stays
        await _places_back(run_id, was["places"])
    pinned = [UUID(each) for each in was["pinned"]]
    await db.execute(f"UPDATE session SET delivery = '', join_url = '' WHERE id IN {db.in_list(pinned)}", *pinned)


async def _places_back(run_id: UUID, places: int) -> None:
    guard = "UPDATE run SET places = $2 WHERE id = $1 AND taken + guest_places <= $2 RETURNING id"
    if await db.row(guard, run_id, places) is None:
        raise Refused([Problem(TOO_FEW.format(taken="More"), rule="too few")])
