"""The cover board: every published duty to come that nobody does, or that whoever is in it cannot do, and who could."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.rotas import candidates, loading, rules
from booking.rotas.candidates import Candidate
from booking.rotas.repair.proposing import willing_of
from booking.rotas.seeing import is_hidden, read_by
from booking.rotas.values import Duty, Plan, Worker

MOST = 24
UNABLE = ("employed", "leave", "pattern", "skill", "skill_expired", "place", "too_far")
"""Rules by which somebody cannot do what they are in: it is asked for as if nobody did it."""
# open shifts of a rota that people have been told of: others of its hub and day are published, or it was, or somebody was asked
OPEN = (
    "SELECT s.id, d.staff_id AS draft_id FROM shift s LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published'"
    " LEFT JOIN assignment d ON d.shift_id = s.id AND d.layer = 'draft'"
    " WHERE s.state = 'open' AND p.id IS NULL AND s.starts_at > $1 AND s.date >= $2 AND s.date <= $3 AND s.kind NOT IN"
    " ('preparation', 'follow_up') AND (EXISTS (SELECT 1 FROM assignment q JOIN shift w ON w.id = q.shift_id WHERE"
    " q.layer = 'published' AND w.hub_id = s.hub_id AND w.date = s.date) OR EXISTS (SELECT 1 FROM publication u WHERE"
    " u.hub_id = s.hub_id AND u.state <> 'undone' AND s.date >= u.first_date AND s.date <= u.last_date) OR EXISTS (SELECT 1 FROM"
    " cover_ask k WHERE k.shift_id = s.id) OR EXISTS (SELECT 1 FROM audit_event e WHERE e.about_kind = 'shift' AND"
    " e.about_id = s.id AND e.verb = 'needs cover'))"
)
PUBLISHED = (
    "SELECT a.shift_id, a.staff_id, a.answer, a.answer_words, a.overridden, f.known_as FROM assignment a JOIN shift s ON"
    " s.id = a.shift_id JOIN staff_profile f ON f.id = a.staff_id WHERE a.layer = 'published' AND s.starts_at > $1"
    " AND s.date >= $2 AND s.date <= $3"
)
CLOSED = (
    "SELECT s.named_staff_id, s.date, MIN(l.name) AS name FROM shift s JOIN location l ON l.id = s.location_id WHERE"
    " s.state = 'cancelled' AND s.need_id IS NOT NULL AND s.named_staff_id IS NOT NULL AND s.date >= $1 AND s.date <= $2"
    " AND s.starts_at > $3 GROUP BY s.named_staff_id, s.date"
)


@dataclass(frozen=True, slots=True)
class Red:
    """One duty that needs somebody. words say why; name is who is in it, and can_be_asked_for whether they cannot do it; planned who is in the draft already. asks are all
    questions of the last rounds, could is everybody free, those who are willing first, then the nearest."""

    duty: Duty
    words: tuple[str, ...]
    name: str = ""
    can_be_asked_for: bool = True
    planned: str = ""
    asks: tuple[Mapping[str, Any], ...] = ()
    could: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """reds in order of time, the first of them; more is how many are left out."""

    reds: tuple[Red, ...]
    more: int
    at: datetime


async def read(
    who: Who, first: date, last: date, *, hub_id: UUID | None = None, only: UUID | None = None, has_people: bool = True
) -> Board:
    """The board of the hubs of who asks (or one of them) between two dates; `only` one shift; without `has_people`
    nobody who could. A fixed number of queries."""
    hubs = [hub_id] if hub_id else who.hub_ids
    published = await read_by(await loading.load(hubs, first, last, layer="published"), who)
    rows = {row["shift_id"]: row for row in await db.rows(PUBLISHED, clock.now(), first, last)}
    drafts = {row["id"]: row["draft_id"] for row in await db.rows(OPEN, clock.now(), first, last)}
    managed = {each.id for each in published.duties if who.manages(each.place.hub_id)}
    rows = {  # why somebody cannot is between them and their managers
        id: row if id in managed else row | {"answer_words": ""} for id, row in rows.items()
    }
    why, unable = await asyncio.to_thread(_why, published, rows, drafts, hubs)
    inside = [each for each in published.duties if each.id in why and not is_hidden(each) and only in (None, each.id)]
    shown = inside[:MOST]
    if not shown:
        return Board((), 0, clock.now())
    could = await _could(shown, who) if has_people else {}
    asks, names = await asks_of([each.id for each in shown]), await _names(filter(None, drafts.values()))
    reds = [
        Red(
            each, tuple(why[each.id]), rows[each.id]["known_as"] if each.id in rows else "",
            each.id not in rows or rows[each.id]["answer"] == "declined" or each.id in unable,
            names.get(drafts.get(each.id) or each.id, ""), tuple(asks.get(each.id, ())), tuple(could.get(each.id, ())),
        )
        for each in shown
    ]  # fmt: skip
    return Board(tuple(reds), len(inside) - len(shown), clock.now())


def _why(
    plan: Plan,
    rows: Mapping[UUID, Mapping[str, Any]],
    drafts: Mapping[UUID, UUID | None],
    hubs: Collection[UUID] | None,
) -> tuple[dict[UUID, list[str]], set[UUID]]:
    """shift -> why it is red, of those of these hubs; and those that whoever is in them cannot do. Pure."""
    unable: set[UUID] = set()
    inside = {each.id: each for each in plan.duties if hubs is None or each.place.hub_id in set(hubs)}
    found: dict[UUID, list[str]] = defaultdict(list)
    for id in drafts:
        if id in inside:
            found[id].append("Nobody does it.")
    for id, row in rows.items():
        if id in inside and row["answer"] == "declined":
            said = row["answer_words"].rstrip(".")
            found[id].append(
                f"{row['known_as']} cannot: {said}." if said else f"{row['known_as']} has said that they cannot."
            )
    for one in rules.check(plan):
        about = one.duties[0] if one.duties else None
        if one.level == "soft" or about is None or about not in inside or about not in rows:
            continue
        if one.rule not in (rows[about]["overridden"] or "").split() and one.words not in found[about]:
            found[about].append(one.words)
            unable |= {about} if one.rule in UNABLE else set()
    return {id: words for id, words in found.items() if words}, unable


async def _could(shown: Sequence[Duty], who: Who) -> dict[UUID, list[Candidate]]:
    """Who is free for each: judged in the draft, which has what is published too."""
    days = [each.date for each in shown]
    plan = await read_by(await loading.load(None, min(days), max(days), everybody=True), who)
    ruled = {hub: await loading.rules_of(hub) for hub in {each.place.hub_id for each in shown}}
    willing, closed = await willing_of([each.id for each in shown]), await _closed(min(days), max(days))
    led = await _led(shown)

    def judge() -> dict[UUID, list[Candidate]]:
        return {
            each.id: _free(each, replace(plan, rules=ruled[each.place.hub_id]), willing, closed, led) for each in shown
        }

    return await asyncio.to_thread(judge)


def _free(
    duty: Duty, plan: Plan, willing: Mapping[UUID, Collection[UUID]], closed: Mapping[tuple[UUID, date], str],
    led: Mapping[tuple[UUID, UUID], int],
) -> list[Candidate]:  # fmt: skip
    some: list[Worker] = [each for each in plan.workers if all(one.level == "soft" for one in rules.unfit(each, duty))]
    own = {each.id: led[duty.id, each.id] for each in some if (duty.id, each.id) in led}
    found = candidates.judged(duty, replace(plan, workers=some), willing.get(duty.id, ()), own)
    fit = [_said(each, duty, closed) for each in found if each.is_fit]
    return sorted(
        fit, key=lambda it: (not it.is_willing, it.minutes if it.minutes is not None else 999, bool(it.against))
    )


def _said(each: Candidate, duty: Duty, closed: Mapping[tuple[UUID, date], str]) -> Candidate:
    """Whose own place is closed that day is free because of it."""
    place = closed.get((each.worker.id, duty.date))
    return replace(each, speaks_for=(f"is free because {place} is closed", *each.speaks_for)) if place else each


async def _closed(first: date, last: date) -> dict[tuple[UUID, date], str]:
    return {
        (row["named_staff_id"], row["date"]): row["name"] for row in await db.rows(CLOSED, first, last, clock.now())
    }


async def _led(shown: Sequence[Duty]) -> dict[tuple[UUID, UUID], int]:
    """(shift, person) -> how many other dates of the same course they have."""
    ids = [each.id for each in shown if each.run_id]
    if not ids:
        return {}
    rows = await db.rows(
        "SELECT g.id, a.staff_id, COUNT(DISTINCT s.session_id) AS n FROM shift g JOIN session m ON m.id = g.session_id"
        " JOIN session e ON e.run_id = m.run_id JOIN shift s ON s.session_id = e.id AND s.id <> g.id AND s.kind = g.kind"
        f" JOIN assignment a ON a.shift_id = s.id AND a.layer = 'draft' WHERE g.id IN {db.in_list(ids)} GROUP BY g.id, a.staff_id",
        *ids,
    )
    return {(row["id"], row["staff_id"]): row["n"] for row in rows}


async def asks_of(shift_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Who was asked for each, the last question to each person, in the order of their answers."""
    ids = sorted(shift_ids)
    rows = await db.rows(
        "SELECT k.shift_id, k.staff_id, k.state, k.asked_at, k.answered_at, k.expires_at, k.words, f.known_as FROM cover_ask k"
        f" JOIN staff_profile f ON f.id = k.staff_id WHERE k.shift_id IN {db.in_list(ids)} ORDER BY k.asked_at, f.known_as, k.id",
        *ids,
    )
    found: dict[UUID, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        found[row["shift_id"]][row["staff_id"]] = row
    return {id: list(own.values()) for id, own in found.items()}


async def _names(ids: Any) -> dict[UUID, str]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await db.rows(f"SELECT id, known_as FROM staff_profile WHERE id IN {db.in_list(wanted)}", *wanted)
    return {row["id"]: row["known_as"] for row in rows}


async def open_on(who: Who, day: date, hub_id: UUID | None = None) -> int:
    """How many published duties of a day, still to come, have nobody in them. One query."""
    hubs = [hub_id] if hub_id else who.hub_ids
    some = "" if hubs is None else f" AND s.hub_id IN {db.in_list(hubs, 4)}"
    row = await db.row(
        f"SELECT COUNT(*) AS n FROM ({OPEN} AND d.id IS NULL{some}) x", clock.now(), day, day, *(hubs or ())
    )
    return int(row["n"]) if row else 0
