"""What becomes of the sessions in the way of a closing: cancelled, moved or switched online, their creches with them.

In the transaction of the closing, with the rooms locked: then all bookings in the order of their ids, the sessions in theirs, and
the sessions of creches last. Each is the act that staff know from the session's own page, with an event of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.changes import adding_dates, cancelling, moving, switching_online
from booking.programmes.changes.telling_cancelled import Told
from booking.programmes.closures.closing_answers import Answer, Kind
from booking.programmes.closures.closing_lists import InTheWay
from booking.programmes.disclosure import PRIVATE

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ways:
    """How sessions go: session -> the day that makes up for it, and the link for those that go online and have none."""

    make_ups: Mapping[UUID, date]
    join_url: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one session. follows: the room booking of its creche, which goes with it. steps are the acts, as plain
    JSON for undoing: session, event and kind of each. made_up: the day that makes up for it."""

    use: InTheWay
    kind: Kind
    room_id: UUID | None
    told: tuple[Told, ...]
    follows: tuple[UUID, ...] = ()
    steps: tuple[dict[str, str], ...] = ()
    made_up: date | None = None

    @property
    def events(self) -> list[UUID]:
        return [UUID(step["event"]) for step in self.steps]


async def do(
    pairs: Sequence[tuple[InTheWay, Answer]], ways: Ways, reason: str, *, by: Who, undo_minutes: int
) -> list[Done]:
    """Does with each session what its answer says; returns what was done, in the order of their ids. Raises Refused with the
    name of the session that cannot be had otherwise."""
    if not pairs:
        return []
    ordered = sorted(pairs, key=lambda pair: str(pair[0].session_id))
    await lock([each.session_id for each, _ in ordered if each.session_id])
    acts, there = _Acts(ways, reason, by, undo_minutes), await _creches([each for each, _ in ordered])
    done = [await acts.main(each, answer, there) for each, answer in ordered]
    creches = await _creches([each for each, _ in ordered])  # some acts took their creche with them
    for n, (each, answer) in sorted(enumerate(ordered), key=lambda it: str(it[1][0].creche_id)):
        creche = creches.get(each.creche_id) if each.creche_id else None
        if creche:
            done[n] = await acts.creche(done[n], creche, answer)
    return [await acts.make_up(each) for each in done]


@dataclass(frozen=True, slots=True)
class _Acts:
    ways: Ways
    reason: str
    by: Who
    undo_minutes: int

    async def main(self, each: InTheWay, answer: Answer, creches: Mapping[UUID, Row]) -> Done:
        assert each.session_id
        try:
            event_id, told = await self._act(each.session_id, answer.kind, answer.room_id)
        except Refused as refused:
            raise Refused([_named(each, problem) for problem in refused.problems]) from refused
        step = _step(each.session_id, event_id, answer.kind)
        creche = creches.get(each.creche_id) if each.creche_id else None
        follows = (creche["room_booking_id"],) if creche and creche["room_booking_id"] else ()
        return Done(each, answer.kind, answer.room_id, tuple(_as_known(each, told)), follows, (step,))

    async def creche(self, done: Done, creche: Row, answer: Answer) -> Done:
        """It moves to the room found for it; where there is none, or nobody comes, it is off."""
        kind: Kind = "move" if answer.kind == "move" and answer.creche_room_id else "cancel"
        event_id, _ = await self._act(creche["id"], kind, answer.creche_room_id)
        return replace(done, steps=(*done.steps, _step(creche["id"], event_id, kind)))

    async def make_up(self, done: Done) -> Done:
        """One more date of the course, where one was chosen for a date that is off."""
        session_id, run_id = done.use.session_id, done.use.run_id
        day = self.ways.make_ups.get(session_id) if session_id else None
        if day is None or run_id is None or done.kind != "cancel":
            return done
        start, end = clock.local(done.use.starts_at), clock.local(done.use.ends_at)
        try:
            added = await adding_dates.add(
                run_id=run_id, day=day, start=f"{start:%H:%M}", end=f"{end:%H:%M}", room_id=done.use.room_id,
                makes_up_for_id=session_id, by=self.by, undo_minutes=self.undo_minutes,
            )  # fmt: skip
        except Refused as refused:
            raise Refused([_named(done.use, problem) for problem in refused.problems]) from refused
        step = _step(added.session_id, added.event_id, "add")
        return replace(done, steps=(*done.steps, step), made_up=day)

    async def _act(self, session_id: UUID, kind: Kind, room_id: UUID | None) -> tuple[UUID, list[Told]]:
        if kind == "move":
            target = moving.Target(room_id=room_id)
            moved = await moving.move(session_id=session_id, target=target, by=self.by, undo_minutes=self.undo_minutes)
            return moved.event_id, moved.told
        if kind == "online":
            url = "" if await _has_link(session_id) else self.ways.join_url
            switched = await switching_online.switch(
                session_id=session_id, scope="date", to="online", join_url=url, reason=self.reason, by=self.by,
                undo_minutes=self.undo_minutes,
            )  # fmt: skip
            return switched.event_id, switched.told
        cancelled = await cancelling.cancel(
            session_id=session_id, reason=self.reason, by=self.by, undo_minutes=self.undo_minutes
        )
        return cancelled.event_id, cancelled.told


def _step(session_id: UUID, event_id: UUID, kind: str) -> dict[str, str]:
    return {"session": str(session_id), "event": str(event_id), "kind": kind}


def _named(each: InTheWay, problem: Problem) -> Problem:
    return Problem(f"{each.what}: {problem.words}", f"answer-{each.id}", rule=problem.rule)


def _as_known(each: InTheWay, told: Sequence[Told]) -> list[Told]:
    """Who comes to a session that whoever closes may not know (it leads nowhere) has no name either (promise P5)."""
    return list(told) if each.href else [replace(it, name=PRIVATE, phone="", reference="") for it in told]


async def _has_link(session_id: UUID) -> bool:
    return bool(
        await db.value(
            "SELECT COALESCE(NULLIF(s.join_url, ''), r.join_url) AS url FROM session s JOIN run r ON r.id = s.run_id"
            " WHERE s.id = $1",
            session_id,
        )
    )


async def lock(session_ids: Sequence[UUID]) -> None:
    """All bookings at once and in the order of their ids, as two dates of a course have the same ones; then the runs."""
    if session_ids and db.is_postgres():
        some = db.in_list(session_ids)
        await db.rows(
            f"SELECT id FROM booking WHERE state IN {cancelling.NOT_OVER} AND (session_id IN {some} OR (session_id IS NULL AND run_id IN"
            f" (SELECT run_id FROM session WHERE id IN {some}))) ORDER BY id FOR UPDATE",
            *session_ids,
        )
        await db.rows(
            f"SELECT id FROM run WHERE id IN (SELECT run_id FROM session WHERE id IN {some}) ORDER BY id"
            " FOR NO KEY UPDATE",
            *session_ids,
        )


async def _creches(uses: Sequence[InTheWay]) -> dict[UUID, Row]:
    """The sessions of their creches that are still planned."""
    ids = sorted({each.creche_id for each in uses if each.creche_id})
    if not ids:
        return {}
    rows = await db.rows(
        f"SELECT id, room_booking_id FROM session WHERE state = 'planned' AND id IN {db.in_list(ids)}", *ids
    )
    return {row["id"]: row for row in rows}


async def creche_bookings(uses: Sequence[InTheWay]) -> set[UUID]:
    """The room bookings of their creches, wherever these are."""
    return {row["room_booking_id"] for row in (await _creches(uses)).values() if row["room_booking_id"]}


async def creche_rooms(session_ids: Collection[UUID]) -> list[UUID]:
    """The rooms of the creches of these sessions' courses: a date that makes up for one takes them too."""
    ids = sorted(session_ids)
    if not ids:
        return []
    rows = await db.rows(
        "SELECT c.room_id FROM session s JOIN run r ON r.id = s.run_id JOIN run c ON c.id = r.creche_run_id"
        f" WHERE c.room_id IS NOT NULL AND s.id IN {db.in_list(ids)}",
        *ids,
    )
    return [row["room_id"] for row in rows]
