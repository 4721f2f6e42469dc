"""Open duties that somebody could take, nearest first, and saying so. Taking is a manager's to decide."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.problems import Problem, Refused
from booking.rotas import loading, rules
from booking.rotas.duties import reading
from booking.rotas.travel import minutes_between
from booking.rotas.values import Broken, Duty, Rules, Worker

AHEAD = timedelta(days=27)
NOT_FOR_YOU = Problem("This duty is not open any more, or the rules do not let you take it.", rule="not open")
TO_THEM = {
    "leave_asked": "You have asked for leave then",
    "over_contract": "More than your agreed hours that week",
    "avoids": "You would rather not work then",
    "break": "No break between your duties that day",
}
"""What warns, said to whoever would do it."""
# nobody is in it, and the rota of its hub and day is published, so that it is not merely unplanned; restricted ones are asked for in person
OPEN = (
    " AND s.starts_at > $4 AND a.id IS NULL AND p.id IS NULL AND s.kind NOT IN ('preparation', 'follow_up')"
    " AND NOT (l.is_restricted OR l.kind = 'restricted' OR COALESCE(x.is_restricted, l.is_restricted))"
    " AND EXISTS (SELECT 1 FROM assignment q JOIN shift w ON w.id = q.shift_id WHERE q.layer = 'published'"
    " AND w.hub_id = s.hub_id AND w.date = s.date)"
)


@dataclass(frozen=True, slots=True)
class Possible:
    """An open duty that they may take: how far it is (None: not known), what warns, and whether they have said that they could."""

    shift_id: UUID
    minutes_away: int | None
    warnings: tuple[str, ...]
    is_said: bool


async def possible(staff_id: UUID, limit: int = 6) -> list[Possible]:
    """Those of the next four weeks, nearest first."""
    return _once(await _judged(staff_id))[:limit]


async def _judged(staff_id: UUID) -> list[tuple[Duty, Possible]]:
    worker, own, open_duties, ruled = await _all_of(staff_id)
    if worker is None:
        return []
    said = {row["shift_id"] for row in await db.rows("SELECT shift_id FROM willing WHERE staff_id = $1", staff_id)}
    found = []
    for duty in open_duties:
        broken = _stands_in_the_way(worker, duty, own, ruled)
        if any(one.level != "soft" for one in broken):
            continue
        far = minutes_between(worker.lat, worker.lon, duty.place.lat, duty.place.lon, drives=worker.drives)
        found.append(
            (duty, Possible(duty.id, far, tuple(dict.fromkeys(TO_THEM[one.rule] for one in broken)), duty.id in said))
        )
    found.sort(key=lambda each: (each[1].minutes_away is None, each[1].minutes_away, each[0].starts_at, each[0].id))
    return found


def _once(found: list[tuple[Duty, Possible]]) -> list[Possible]:
    """Where several people are needed at once it is one line; that of which they have said so, else the first."""
    lines: dict[tuple, Possible] = {}
    for duty, each in found:
        key = (duty.place.id, duty.starts_at, duty.ends_at, duty.kind, duty.session_id)
        if key not in lines or (each.is_said and not lines[key].is_said):
            lines[key] = each
    return list(lines.values())


def _stands_in_the_way(worker: Worker, duty: Duty, own: list[Duty], ruled: Rules) -> list[Broken]:
    """What the rules say, but for the pattern of volunteers who have none: here they say when they can."""
    broken = rules.unfit(worker, duty)
    if worker.kind == "volunteer" and not any(each.kind == "works" for each in worker.pattern):
        broken = [one for one in broken if one.rule != "pattern"]
    if any(one.level != "soft" for one in broken):
        return broken
    return [*broken, *(one for one in rules.would_break(worker, duty, own, ruled) if one.rule != "pattern")]


async def _all_of(staff_id: UUID) -> tuple[Worker | None, list[Duty], list[Duty], Rules]:
    """Who they are, what they do in either layer, what is open, and the rules."""
    workers = await loading.workers_of(None, only=[staff_id])
    if not workers:
        return None, [], [], Rules()
    today, places = clock.today(), {}
    window = (today - loading.BACK, today + AHEAD + loading.AHEAD)
    own = [
        row
        for layer in ("draft", "published")
        for row in await db.rows(f"{loading.DUTIES} AND a.staff_id = $4", layer, *window, staff_id)
    ]
    open_rows = await db.rows(
        f"{loading.DUTIES}{OPEN} ORDER BY s.starts_at LIMIT 1000", "draft", today, today + AHEAD, clock.now()
    )
    mine = {row["id"]: loading.duty_of(row, places) for row in own}
    duties = [loading.duty_of(row, places) for row in open_rows]
    return workers[0], list(mine.values()), duties, await loading.rules_of(workers[0].hub_id)


async def say_willing(*, shift_id: UUID, staff_id: UUID) -> None:
    """They could take this open duty; its managers see it on the shift's page. Said twice is said once.

    Raises Refused when it is not open any more, or not for them.
    """
    if shift_id not in {each.shift_id for _, each in await _judged(staff_id)}:
        raise Refused([NOT_FOR_YOU])
    await db.execute(
        "INSERT INTO willing (id, shift_id, staff_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT (shift_id, staff_id) DO NOTHING",
        db.new_id(), shift_id, staff_id, clock.now(),
    )  # fmt: skip


async def take_back(*, shift_id: UUID, staff_id: UUID) -> None:
    """They cannot after all."""
    await db.execute("DELETE FROM willing WHERE shift_id = $1 AND staff_id = $2", shift_id, staff_id)


async def shown(found: list[Possible]) -> list[dict[str, Any]]:
    """The same in words. One query."""
    ids = [each.shift_id for each in found]
    if not ids:
        return []
    rows = await db.rows(
        f"SELECT {reading.COLUMNS} {reading.SHIFTS} WHERE h.id IN {db.in_list(ids)}",
        *ids,
    )
    by_id = {row["shift_id"]: row for row in rows}
    return [
        {
            **reading.told(by_id[each.shift_id], is_own=False),
            "away": "" if each.minutes_away is None else _away(each.minutes_away),
            "warnings": list(each.warnings),
            "is_said": each.is_said,
        }
        for each in found
        if each.shift_id in by_id
    ]


def _away(minutes: int) -> str:
    return "at your base" if minutes == 0 else f"about {minutes} minutes away"
