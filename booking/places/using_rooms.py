"""How rooms are really used: who has the keys out of hours, who did not come, and space that could be won back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import audit, clock, db
from booking.people.contacts import phone_words, read_name, read_phone
from booking.people.signing_in import Who
from booking.places.models import Keyholder
from booking.places.room_lists import COLUMNS, TABLES, within
from booking.problems import Problem, Refused

Use = Literal["used", "unused", ""]
RUNNING = 3
"""So many times unused running, and the space is shown as one to win back."""
SINCE = timedelta(days=365)
NOT_THERE = Problem("There is no such booking.", rule="unknown")
NOT_YET = Problem("This booking has not begun. Say afterwards whether anybody came.", rule="too early")
KNOWN = Problem("This keyholder is on the list already.", "name", rule="known")
NO_KEYHOLDER = Problem("There is no such keyholder.", rule="unknown")
NO_PARTNER = Problem("Choose a partner from the list, or nobody.", "organisation", rule="partner")


async def add_keyholder(
    *, location_id: UUID, name: str, by: Who, phone: str = "", organisation_id: UUID | None = None
) -> UUID:
    """Somebody who can open and lock a place out of hours; returns the id. Raises Refused for no name or a wrong number."""
    known, problems = read_name(name, "name", "the keyholder’s name")
    number, wrong = read_phone(phone) if phone.strip() else ("", [])
    hub_id = await db.value("SELECT hub_id FROM location WHERE id = $1", location_id)
    if hub_id is None or not by.may_act_at(hub_id):
        raise Refused([Problem("There is no such place.", rule="unknown")])
    if problems or wrong:
        raise Refused([*problems, *wrong])
    if organisation_id and not await db.row("SELECT id FROM organisation WHERE id = $1", organisation_id):
        raise Refused([NO_PARTNER])

    async def body() -> UUID:
        row = Keyholder(
            location_id=location_id, name=known, phone=number, organisation_id=organisation_id, ended_at=None
        )
        if await db.row(
            "SELECT id FROM keyholder WHERE location_id = $1 AND name = $2 AND ended_at IS NULL", location_id, known
        ):
            raise Refused([KNOWN])
        await db.write_new([row])
        await audit.record(
            "add keyholder",
            about_kind="location",
            about_id=location_id,
            by=by,
            hub_id=hub_id,
            after={"id": str(row.id)},
        )
        return row.id

    return await db.run_tx(body)


async def end_keyholder(*, keyholder_id: UUID, by: Who) -> None:
    """They have given the keys back. Bookings that name them keep the name. Twice is once."""

    async def body() -> None:
        found = await db.row(
            "SELECT k.location_id, l.hub_id FROM keyholder k JOIN location l ON l.id = k.location_id WHERE k.id = $1",
            keyholder_id,
        )
        if found is None or not by.may_act_at(found["hub_id"]):
            raise Refused([NO_KEYHOLDER])
        ended = await db.row(
            "UPDATE keyholder SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id",
            keyholder_id,
            clock.now(),
        )
        if ended:
            await audit.record(
                "end keyholder", about_kind="location", about_id=found["location_id"], by=by, hub_id=found["hub_id"],
                before={"id": str(keyholder_id)},
            )  # fmt: skip

    await db.run_tx(body)


async def keyholders_of(location_ids: Sequence[UUID], organisation_id: UUID | None = None) -> list[dict[str, Any]]:
    """Who has keys to these places: the hub's own, and those of one organisation where one is named (else all)."""
    theirs = (
        f" AND (k.organisation_id IS NULL OR k.organisation_id = ${len(location_ids) + 1})" if organisation_id else ""
    )
    found = await db.rows(
        "SELECT k.id, k.location_id, k.name, k.phone, k.organisation_id, g.name AS organisation_name FROM keyholder k"
        " LEFT JOIN organisation g ON g.id = k.organisation_id"
        f" WHERE k.ended_at IS NULL AND k.location_id IN {db.in_list(location_ids)}{theirs} ORDER BY k.name",
        *location_ids,
        *([organisation_id] if organisation_id else []),
    )
    return [row | {"phone_words": phone_words(row["phone"]) if row["phone"] else ""} for row in found]


async def without_keys(room_bookings: Sequence[dict[str, Any]]) -> set[UUID]:
    """Of these bookings (with location_id) those out of hours that name nobody who has keys to their place today."""
    late = [row for row in room_bookings if row["is_out_of_hours"]]
    named = sorted({row["keyholder_id"] for row in late if row["keyholder_id"]})
    found = await db.rows(
        "SELECT id, location_id, organisation_id FROM keyholder WHERE ended_at IS NULL"
        f" AND id IN {db.in_list(named)}",
        *named,
    ) if named else []  # fmt: skip
    keys = {row["id"]: row for row in found}
    return {row["id"] for row in late if not _opens(keys.get(row["keyholder_id"]), row)}


def _opens(keyholder: dict[str, Any] | None, room_booking: dict[str, Any]) -> bool:
    return (
        keyholder is not None
        and keyholder["location_id"] == room_booking["location_id"]
        and keyholder["organisation_id"] in (None, room_booking["organisation_id"])
    )


async def bookings_without_keys(keyholder_id: UUID) -> int:
    """How many bookings to come name this keyholder: they need another when the keys are given back."""
    return await db.value(
        "SELECT COUNT(*) AS n FROM room_booking WHERE keyholder_id = $1 AND starts_at > $2"
        " AND state IN ('requested', 'confirmed')",
        keyholder_id,
        clock.now(),
    )


async def mark_used(*, room_booking_id: UUID, use: Use, by: Who) -> None:
    """Says whether anybody came; "" takes it back. Raises Refused before it has begun, or if it is not theirs to say."""

    async def body() -> None:
        lock = " FOR UPDATE OF b" if db.is_postgres() else ""
        found = await db.row(
            "SELECT b.starts_at, b.use, l.hub_id FROM room_booking b JOIN room o ON o.id = b.room_id"
            " JOIN location l ON l.id = o.location_id"
            f" WHERE b.kind = 'partner' AND b.state = 'confirmed' AND b.id = $1{lock}",
            room_booking_id,
        )
        if found is None or not by.may_act_at(found["hub_id"]):
            raise Refused([NOT_THERE])
        if found["starts_at"] > clock.now():
            raise Refused([NOT_YET])
        if found["use"] == use:
            return
        await db.execute("UPDATE room_booking SET use = $2 WHERE id = $1", room_booking_id, use)
        await audit.record(
            "mark room use", about_kind="room_booking", about_id=room_booking_id, by=by, hub_id=found["hub_id"],
            before={"use": found["use"]}, after={"use": use},
        )  # fmt: skip

    await db.run_tx(body)


async def lately(who: Who) -> list[dict[str, Any]]:
    """Yesterday's and today's partner bookings that have begun, in the hubs of who asks, the latest first."""
    condition, parameters = within(who, 3)
    return await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.kind = 'partner' AND b.state = 'confirmed' AND b.starts_at >= $1"
        f" AND b.starts_at <= $2 AND {condition} ORDER BY b.starts_at DESC, b.id LIMIT 200",
        clock.at(clock.today() - timedelta(days=1), "00:00"),
        clock.now(),
        *parameters,
    )


@dataclass(frozen=True, slots=True)
class NoShows:
    """How often a partner did not come, of how many times that somebody looked."""

    organisation_id: UUID
    name: str
    unused: int
    looks: int


async def no_shows(who: Who) -> list[NoShows]:
    """By partner over the last year, most first, in the hubs of who asks; partners that always came are missing."""
    condition, parameters = within(who, 2)
    found = await db.rows(
        "SELECT g.id, g.name, SUM(CASE WHEN b.use = 'unused' THEN 1 ELSE 0 END) AS unused, COUNT(*) AS looks"
        f" FROM {TABLES} WHERE b.kind = 'partner' AND b.state = 'confirmed' AND b.use <> '' AND b.starts_at > $1"
        f" AND {condition} AND g.id IS NOT NULL GROUP BY g.id, g.name ORDER BY unused DESC, g.name",
        clock.now() - SINCE,
        *parameters,
    )
    return [NoShows(row["id"], row["name"], row["unused"], row["looks"]) for row in found if row["unused"]]


@dataclass(frozen=True, slots=True)
class ToWinBack:
    """A series whose last dates nobody used, and its next date, from which it could be ended or offered."""

    booking: dict[str, Any]
    times: int
    last_unused_at: datetime
    dates_to_come: int


async def to_win_back(who: Who) -> list[ToWinBack]:
    """Series not used three times running and with dates to come, most dates first. Two queries."""
    condition, parameters = within(who, 3)
    past = await db.rows(
        f"SELECT b.series_id, b.starts_at, b.use FROM {TABLES} WHERE b.series_id IS NOT NULL AND b.kind = 'partner'"
        f" AND b.state = 'confirmed' AND b.use <> '' AND b.starts_at > $1 AND b.starts_at <= $2 AND {condition}"
        " ORDER BY b.starts_at DESC",
        clock.now() - SINCE,
        clock.now(),
        *parameters,
    )
    unused = _running(past)
    coming = await _to_come(list(unused))
    found = [
        ToWinBack(dates[0], unused[series_id][0], unused[series_id][1], len(dates))
        for series_id, dates in coming.items()
    ]
    return sorted(found, key=lambda each: -each.dates_to_come)


def _running(past: Sequence[dict[str, Any]]) -> dict[UUID, tuple[int, datetime]]:
    """By series how often it was unused up to the last time, where that is often enough, and when that was. Pure."""
    uses: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in past:
        uses[row["series_id"]].append(row)
    found = {}
    for series_id, rows in uses.items():
        times = next((n for n, row in enumerate(rows) if row["use"] == "used"), len(rows))
        if times >= RUNNING:
            found[series_id] = (times, rows[0]["starts_at"])
    return found


async def _to_come(series_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    if not series_ids:
        return {}
    found = await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE b.series_id IN {db.in_list(series_ids, 2)} AND b.starts_at > $1"
        " AND b.state IN ('requested', 'confirmed') ORDER BY b.starts_at",
        clock.now(),
        *series_ids,
    )
    coming: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        coming[row["series_id"]].append(row)
    return coming
