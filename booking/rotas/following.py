"""Shifts follow what they are made from: sessions that are published, moved, cancelled or named, and the opening hours of places.

Every run compares the facts, as one text for each session and place, with those that shifts were last made from; only what differs
is looked at. So it may run twice at once, be killed or be down for days: the next run puts everything right.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.changes import in_parts
from booking.places.opening import Opening, one_day
from booking.rotas.needs import of_opening, of_sessions, reading
from booking.rotas.needs.matching import Step, match
from booking.rotas.needs.wanted import Wanted, key_of
from booking.rotas.needs.writing import Counted, apply

Row = dict[str, Any]
WEEKS_AHEAD = 8
OWN_HOSTS = "Family hub team; Outreach team"
BATCH, PLACES = 50, 1
"""Sessions, and places, in one transaction, so that nobody waits for long: neither for locks nor for the event loop."""
LOOK_BACK = timedelta(days=14)
"""So long ago may a session that was cancelled have been, for its shifts to be cancelled too: a worker that was down catches up."""
FEWER, GONE, UNPUBLISHED = "Fewer people are needed.", "The session is not there any more.", "The run is not published."


@dataclass(frozen=True, slots=True)
class Terms:
    """How far ahead, in weeks; the plain names of hosts whose sessions our own people run; and the instant of this run."""

    weeks: int
    own_hosts: frozenset[str]
    now: datetime
    tells: bool = True
    undo_until: datetime | None = None

    @property
    def last(self) -> date:
        return clock.local(self.now).date() + timedelta(weeks=self.weeks)


async def follow(
    since: datetime | None = None, *, weeks_ahead: int = WEEKS_AHEAD, own_hosts: str = OWN_HOSTS, tells: bool = True
) -> str:
    """Makes, moves, cancels and brings back shifts until they are as they should be; says how many, "" for none.

    own_hosts: whose sessions our people run, parted by semicolons. `since` is how far back cancelled sessions are looked at. Without
    `tells` nobody is written to.
    """
    now = clock.now()
    hosts = frozenset(filter(None, (of_sessions.plain(each) for each in own_hosts.split(";"))))
    terms = Terms(weeks_ahead, hosts, now, tells)
    counted = await _follow_places(terms)
    changed = await reading.changed_sessions(await _salt(terms), since or now - LOOK_BACK, now, terms.last)
    for ids in in_parts(changed, BATCH):
        counted.add(await db.run_tx(lambda ids=ids: follow_sessions(ids, terms)))
    counted.add(await _follow_deleted(now))
    return str(counted)


async def _salt(terms: Terms) -> str:
    """What shifts depend on besides rows of the session, as a short text."""
    words = sorted((await reading.skill_words()).items())
    return hashlib.sha256(repr((words, sorted(terms.own_hosts))).encode()).hexdigest()[:16]


async def follow_sessions(ids: Sequence[UUID], terms: Terms) -> Counted:
    """One batch, in a transaction: the sessions' rows are locked first, then shifts, then people."""
    lock = " FOR NO KEY UPDATE" if db.is_postgres() else ""
    await db.rows(f"SELECT id FROM session WHERE id IN {db.in_list(ids)} ORDER BY id{lock}", *ids)
    facts = await reading.sessions_of(ids, await _salt(terms))
    known, names = await reading.known_people()
    workers = await reading.slot_workers([row["id"] for row in facts if row["booking_mode"] == "appointment"])
    words = await reading.skill_words()
    there = await reading.shifts_of(f"x.session_id IN {db.in_list(ids)}", *ids)
    by_session = _by(there, "session_id")
    seated = {id for id, layers in (await reading.assignments_of([row["id"] for row in there])).items() if layers}
    places = await reading.place_names()
    steps: list[Step] = []
    for row in facts:
        row["skill_codes"] = reading.skill_codes(row["skills"], words)
        own = by_session[row["id"]]
        wanted = of_sessions.wanted_of(
            row, known=known, own_hosts=terms.own_hosts, workers=workers.get(row["id"], ()), held=_held(own, seated)
        )
        why = _why_gone(row)
        steps += match(own, wanted, now=terms.now, why_gone=lambda _, why=why: why, places=places)
    counted, page_names = await apply(steps, known, names, terms.now, tells=terms.tells, undo_until=terms.undo_until)
    await _write_names(page_names, {row["id"]: row for row in facts})
    await reading.write_seen({row["id"]: row["seen"] for row in facts})
    return counted


def _by(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _held(shifts: Iterable[Row], seated: Collection[UUID]) -> dict[str, dict[int, str]]:
    """kind -> position -> the name it was last known by, of shifts that somebody is in or was."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in shifts:
        if row["id"] in seated or row["kind"] == "appointment":
            found[row["kind"]][row["position"]] = row["named"]
    return found


def _why_gone(row: Row) -> str:
    if row["state"] == "cancelled":
        why = "" if row["is_restricted"] else row["why_cancelled"].rstrip(". ")
        return f"The session is cancelled: {why}." if why else "The session is cancelled."
    return FEWER if row["state"] == "planned" and row["run_state"] == "published" else UNPUBLISHED


async def _write_names(page_names: Sequence[tuple[Row, str]], facts: Mapping[UUID, Row]) -> None:
    """Who was published, onto the session's page; a name of its own is marked as such, so that the run's other dates keep theirs."""
    names: dict[int, list[Any]] = {1: [], 2: []}
    for shift, name in page_names:
        row = facts[shift["session_id"]]
        if name != row[f"usual_{shift['position']}"]:
            row["edited"] = " ".join(sorted({*row["edited"].split(), "facilitator"}))
        names[shift["position"]] += [row["id"], name]
    for position, own in names.items():
        if own:
            await _set(f"facilitator_{position}", own)
    edited = {shift["session_id"]: facts[shift["session_id"]]["edited"] for shift, _ in page_names}
    if edited:
        await _set("edited", [each for pair in edited.items() for each in pair])


async def _set(column: str, pairs: Sequence[Any]) -> None:
    """One column of many sessions: id, value, id, value ..."""
    cases = " ".join(f"WHEN ${n} THEN ${n + 1}" for n in range(1, len(pairs), 2))
    some = ", ".join(f"${n}" for n in range(1, len(pairs), 2))
    await db.execute(f"UPDATE session SET {column} = CASE id {cases} END WHERE id IN ({some})", *pairs)


async def _follow_places(terms: Terms) -> Counted:
    """Cover of opening hours, place by place whose needs, hours or closures are not as they were."""
    counted = Counted()
    first = clock.local(terms.now).date()
    needs = await reading.needs_by_location()
    if not needs:
        return counted
    _, seen = await reading.openings_and_seen(needs, first, await reading.last_covered(terms.last))
    before = await reading.last_seen(needs)
    changed = sorted(id for id in needs if seen[id] != before.get(id))
    for some in in_parts(changed, PLACES):
        counted.add(await db.run_tx(lambda some=some: follow_cover(some, terms)))
    return counted


async def follow_cover(location_ids: Sequence[UUID], terms: Terms) -> Counted:
    """The cover of these places, in a transaction: their needs are locked, and read again with the locks."""
    first = clock.local(terms.now).date()
    if db.is_postgres():
        some = db.in_list(location_ids)
        await db.rows(
            f"SELECT id FROM cover_need WHERE location_id IN {some} ORDER BY id FOR NO KEY UPDATE", *location_ids
        )
    needs = {id: own for id, own in (await reading.needs_by_location()).items() if id in set(location_ids)}
    last = await reading.last_covered(terms.last)
    openings, seen = await reading.openings_and_seen(needs, first, last)
    known, names = await reading.known_people()
    steps = await steps_of_cover(needs, openings, last, terms)
    counted, _ = await apply(steps, known, names, terms.now, tells=terms.tells, undo_until=terms.undo_until)
    await reading.write_seen(seen)
    return counted


async def steps_of_cover(
    needs: Mapping[UUID, Sequence[Row]], openings: Mapping[UUID, Opening], last: date, terms: Terms
) -> list[Step]:
    """What becomes of the shifts of these needs. Reads and locks the shifts."""
    first = clock.local(terms.now).date()
    ids = sorted(need["id"] for own in needs.values() for need in own)
    there = await reading.shifts_of(f"x.need_id IN {db.in_list(ids, 2)} AND x.date >= $1", first, *ids)
    people = await reading.assignments_of([row["id"] for row in there])
    held: dict[tuple[UUID, date], list[int]] = defaultdict(list)
    for row in there:
        if people.get(row["id"]):
            held[row["need_id"], row["date"]].append(row["position"])
    by_id = {need["id"]: need for own in needs.values() for need in own}
    wanted: list[Wanted] = []
    for need in by_id.values():
        if need["ended_at"] is None:
            wanted += of_opening.wanted_of(need, openings[need["location_id"]], first, last, held)
    begun = {key_of(row) for row in there if row["starts_at"] <= terms.now}
    begun |= {one.key for one in wanted if one.starts_at <= terms.now}
    return match(
        [row for row in there if key_of(row) not in begun],
        [one for one in wanted if one.key not in begun],
        now=terms.now,
        why_gone=lambda row: _why_no_cover(row, by_id[row["need_id"]], openings),
        places=await reading.place_names(),
    )


def _why_no_cover(shift: Row, need: Row, openings: Mapping[UUID, Opening]) -> str:
    if need["ended_at"] is not None:
        return "This need has ended."
    opening = openings[need["location_id"]]
    if list(of_opening.dates_of(need, shift["date"], shift["date"])) and not of_opening.times_on(
        need, opening, shift["date"]
    ):
        note = one_day(opening, shift["date"], shift["date"]).note
        return f"The place is closed: {note}." if note else "The place is closed then."
    return FEWER


async def _follow_deleted(now: datetime) -> Counted:
    """Shifts whose session was deleted, as by an undone publishing."""
    where = "x.session_id IS NULL AND x.state <> 'cancelled' AND x.starts_at > $1 AND x.kind IN"
    kinds = "('facilitator', 'creche', 'appointment', 'preparation', 'follow_up')"
    if not await db.row(f"SELECT x.id FROM shift x WHERE {where} {kinds} LIMIT 1", now):
        return Counted()

    async def body() -> Counted:
        rows = await reading.shifts_of(f"{where} {kinds}", now)
        known, names = await reading.known_people()
        steps = [Step(row, row | {"state": "cancelled"}, words=GONE) for row in rows]
        return (await apply(steps, known, names, now))[0]

    return await db.run_tx(body)
