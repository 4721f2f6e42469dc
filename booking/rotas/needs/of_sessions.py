"""Which shifts a session makes: its facilitators, creche workers or the workers of its appointments, and work beside it. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking.rotas.needs.wanted import Wanted, positions
from booking.rotas.values import BESIDE, Kind

Row = dict[str, Any]
NAMED_KINDS = ("facilitator", "creche", "appointment")
"""Kinds of which the session's page says who does them."""
USUAL_CRECHE_WORKERS, USUAL_FACILITATORS = 2, 1
NO_NAME = re.compile(r"(worker \d+)?", re.IGNORECASE)


def plain(name: str) -> str:
    """The name as it is compared."""
    return " ".join(name.split()).casefold()


def wanted_of(
    row: Row,
    *,
    known: Mapping[str, UUID],
    own_hosts: Collection[str],
    workers: Iterable[str] = (),
    held: Mapping[str, Mapping[int, str]],
) -> list[Wanted]:
    """The shifts of a session: row of `reading.FACTS`.

    known: plain name -> person on the rota; own_hosts: plain names of hosts whose sessions our own people run; workers: those of
    its appointments; held: kind -> position -> the name it was last known by, of positions that somebody is in.
    """
    if row["state"] != "planned" or row["run_state"] != "published":
        return []
    is_ours = plain(row["host"]) in own_hosts or not row["host"].strip()
    usual = Wanted(
        kind="facilitator",
        location_id=row["location_id"],
        hub_id=row["hub_id"],
        starts_at=row["held_from_at"] or row["starts_at"],
        ends_at=row["held_to_at"] or row["ends_at"],
        skills=row["skill_codes"],
        title="" if row["is_restricted"] else row["title"],
        session_id=row["id"],
        on=row["date"],
    )
    if row["booking_mode"] == "appointment":
        return list(_appointments(replace(usual, kind="appointment"), workers, known, is_ours, held))
    kind: Kind = "creche" if row["booking_mode"] == "linked" else "facilitator"
    names = (row["name_1"].strip(), row["name_2"].strip())
    found = [
        replace(usual, kind=kind, position=position, **(_named(row, position) if position <= 2 else {}))
        for position in _positions(row, kind, names, known, is_ours, held.get(kind, {}))
    ]
    return [*found, *(beside for one in found for beside in _beside(one, row, known))]


def _named(row: Row, position: int) -> dict[str, str]:
    return {"name": row[f"name_{position}"].strip(), "usual": row[f"usual_{position}"].strip()}


def _positions(
    row: Row, kind: Kind, names: tuple[str, str], known: Mapping[str, UUID], is_ours: bool, held: Mapping[int, str]
) -> list[int]:
    """Of sessions that others run only those whose name is one of ours."""
    if not is_ours:
        return [n for n, name in enumerate(names, 1) if plain(name) in known]
    by_name = sum(bool(name) for name in names)
    return positions(max(_count(row, kind), by_name), {*held, *(n for n, name in enumerate(names, 1) if name)})


def _count(row: Row, kind: Kind) -> int:
    if kind == "creche":
        count = next(
            (
                row[each]
                for each in ("course_creche_workers", "creche_workers", "facilitators")
                if row[each] is not None
            ),
            USUAL_CRECHE_WORKERS,
        )
    else:
        count = USUAL_FACILITATORS if row["facilitators"] is None else row["facilitators"]
    return min(count, 20)


def _appointments(
    usual: Wanted,
    workers: Iterable[str],
    known: Mapping[str, UUID],
    is_ours: bool,
    held: Mapping[str, Mapping[int, str]],
) -> Iterator[Wanted]:
    """One for each worker of the clinic, where they were before if they were there."""
    names = sorted("" if NO_NAME.fullmatch(name.strip()) else name.strip() for name in workers)
    names = [name for name in names if is_ours or plain(name) in known]
    places = {plain(name): position for position, name in held.get("appointment", {}).items() if name}
    at: dict[int, str] = {}
    for name in names:
        position = places.pop(plain(name), None) if name else None
        if position:
            at[position] = name
    free = (position for position in range(1, 100) if position not in at)
    left = [name for name in names if name not in at.values() or not name]
    at |= dict(zip(free, left, strict=False))
    return (replace(usual, position=position, name=name) for position, name in sorted(at.items()))


def _beside(one: Wanted, row: Row, known: Mapping[str, UUID]) -> Iterator[Wanted]:
    """Preparation and follow-up of one facilitator, directly before and after; of none who is not on the rota."""
    is_outside = bool(one.name) and plain(one.name) not in known
    if one.kind != "facilitator" or is_outside or row["session_kind"] != "group":
        return
    before, after = row["prepare_minutes"] or 0, row["follow_up_minutes"] or 0
    rest = replace(one, name="", usual="", skills="")
    if before:
        yield replace(rest, kind=BESIDE[0]).at(one.starts_at - timedelta(minutes=before), one.starts_at)
    if after:
        yield replace(rest, kind=BESIDE[1]).at(one.ends_at, one.ends_at + timedelta(minutes=after))


def usual_time(kind: Kind, session: tuple[datetime, datetime], lasts: timedelta) -> tuple[datetime, datetime]:
    """Where work beside a session stands unless somebody puts it elsewhere."""
    starts_at, ends_at = session
    return (starts_at - lasts, starts_at) if kind == "preparation" else (ends_at, ends_at + lasts)
