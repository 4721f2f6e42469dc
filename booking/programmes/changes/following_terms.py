"""A term calendar is changed, and the runs that the planner ticks follow it: as one act, shown first and undone for ten minutes.

A date newly left out is cancelled, with its creche, and where the run counts held sessions one is added at its end; a draft is
changed and nobody is told. A run that is not ticked stays as it is: nothing is worked out anew by itself. The preview is the act,
rolled back (promise P10). The calendar's version comes first, then the rooms, bookings and sessions in the usual order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.people.signing_in import Who
from booking.places import holding, term_calendars
from booking.places.rooms import facts_of
from booking.places.term_calendar import TermCalendar
from booking.problems import Problem, Refused
from booking.programmes.changes import adding_dates, cancelling, dates_at_end, follow_drafts, term_effects
from booking.programmes.changes.calendar_changes import CalendarChange
from booking.programmes.changes.term_effects import Effects, LostDate, RunEffect

VERB = "runs follow calendar"
OTHERWISE = Problem("Dates of a run you ticked changed meanwhile. Look at it again; nothing was saved.", rule="changed")


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of one run. added: days at its end; missing: how many could not be added, for want of a free room."""

    effect: RunEffect
    cancelled: tuple[LostDate, ...]
    added: tuple[date, ...] = ()
    missing: int = 0
    told: int = 0
    to_ring: int = 0
    steps: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did, or as a preview would do. effects: every run that the change means something for."""

    effects: Effects
    followed: tuple[Followed, ...]
    event_id: UUID
    undo_until: datetime
    sms: int = 0
    mails: int = 0

    @property
    def told(self) -> int:
        return sum(each.told for each in self.followed)

    @property
    def to_ring(self) -> int:
        return sum(each.to_ring for each in self.followed)


async def preview(change: CalendarChange, ticked: Collection[str], *, by: Who, undo_minutes: int) -> Done:
    """What `apply` would do now. Raises Refused as it does; changes nothing."""
    return await look(lambda: apply(change, ticked, by=by, undo_minutes=undo_minutes))


async def apply(change: CalendarChange, ticked: Collection[str], *, by: Who, undo_minutes: int) -> Done:
    """Changes the calendar; the runs whose marks are ticked follow. One transaction.

    Raises Refused when the calendar cannot be changed so, or a ticked run is no longer as it was seen.
    """

    async def body() -> Done:
        before = await term_calendars.all_calendars()
        undoing = await change.make(by)
        after = await term_calendars.all_calendars()
        found = await term_effects.effects_of(before, after, change.areas, to=by)
        chosen = [run for run in found.runs if run.mark in ticked and run.lost]
        if len({mark.partition(":")[0] for mark in ticked}) > len(chosen):
            raise Refused([OTHERWISE])
        await _lock(chosen)
        act = _Act(by, undo_minutes, after)
        followed = [await act.follow(run) for run in chosen]
        return await _record(change, undoing, found, followed, by, undo_minutes)

    return await db.run_tx(body)


async def _lock(chosen: Sequence[RunEffect]) -> None:
    """The rooms of all their dates and of what may be added, then all bookings in the order of their ids, then the runs."""
    if not chosen:
        return
    runs = [id for run in chosen for id in (run.id, run.run["creche_run_id"]) if id]
    some = db.in_list(runs)
    rows = await db.rows(
        f"SELECT room_id FROM run WHERE id IN {some} AND room_id IS NOT NULL UNION"
        f" SELECT room_id FROM session WHERE run_id IN {some} AND room_id IS NOT NULL",
        *runs,
    )
    facts = await facts_of(row["room_id"] for row in rows)
    await holding.lock_rooms(leaf for room in facts.values() for leaf in room.leaves)
    if db.is_postgres():
        await db.rows(
            f"SELECT id FROM booking WHERE state = 'booked' AND run_id IN {some} ORDER BY id FOR UPDATE", *runs
        )
        await db.rows(f"SELECT id FROM run WHERE id IN {some} ORDER BY id FOR NO KEY UPDATE", *runs)


@dataclass(frozen=True, slots=True)
class _Act:
    by: Who
    undo_minutes: int
    calendars: dict[str, TermCalendar] = field(default_factory=dict)

    async def follow(self, effect: RunEffect) -> Followed:
        days = await self._days_at_end(effect) if effect.counts_held else []
        if effect.is_draft:
            added = await follow_drafts.change(effect, days, by=self.by)
            step = follow_drafts.step_of(effect, added)
            return Followed(effect, effect.lost, added, self._missing(effect, added), steps=(step,))
        steps, told, to_ring = [], 0, 0
        for lost in effect.lost:
            done = await cancelling.cancel(
                session_id=lost.session_id, reason=lost.why, by=self.by, undo_minutes=self.undo_minutes
            )
            steps.append(_step("cancel", lost.session_id, done.event_id))
            told, to_ring = told + len(done.told), to_ring + len(done.to_ring)
        added, more = await self._add(effect, days)
        return Followed(effect, effect.lost, added, self._missing(effect, added), told, to_ring, (*steps, *more))

    def _missing(self, effect: RunEffect, added: Sequence[date]) -> int:
        return len(effect.lost) - len(added) if effect.counts_held else 0

    async def _days_at_end(self, effect: RunEffect) -> list[date]:
        last = await db.row(
            "SELECT MAX(COALESCE(moved_from_date, date)) AS last_date FROM session WHERE run_id = $1"
            " AND state IN ('planned', 'draft')",
            effect.id,
        )
        calendar = self.calendars.get(effect.run["area"]) or self.calendars[""]
        day = last["last_date"] if last else None
        return dates_at_end.next_dates(effect.run | {"last_date": day}, day, calendar) if day else []

    async def _add(self, effect: RunEffect, days: Sequence[date]) -> tuple[tuple[date, ...], list[dict[str, str]]]:
        """A date for each lost one, the first whose room is free; the next is looked for after it."""
        left, added, steps = list(days), [], []
        for lost in effect.lost:
            while left:
                day = left.pop(0)
                try:
                    done = await adding_dates.add(
                        run_id=effect.id, day=day, makes_up_for_id=lost.session_id, by=self.by,
                        undo_minutes=self.undo_minutes,
                    )  # fmt: skip
                except Refused:
                    continue
                added.append(day)
                steps.append(_step("add", done.session_id, done.event_id))
                break
        return tuple(added), steps


def _step(kind: str, session_id: UUID, event_id: UUID) -> dict[str, str]:
    return {"kind": kind, "session": str(session_id), "event": str(event_id)}


async def _record(
    change: CalendarChange,
    undoing: dict[str, Any],
    found: Effects,
    followed: Sequence[Followed],
    by: Who,
    undo_minutes: int,
) -> Done:
    undo_until = clock.now() + timedelta(minutes=undo_minutes)
    steps = [step for each in followed for step in each.steps]
    event_id = await audit.record(
        VERB, about_kind="term_calendar", about_id=change.about_id, by=by, why=change.why,
        before={"calendar": undoing, "steps": steps},
        after={
            "changed": change.words, "page": change.page, "runs": len(followed),
            "cancelled": sum(len(each.cancelled) for each in followed),
            "added": sum(len(each.added) for each in followed), "families": sum(each.told for each in followed),
        },
        undo_until=undo_until,
    )  # fmt: skip
    sms, mails = await _counts([UUID(step["event"]) for step in steps if "event" in step])
    return Done(found, tuple(followed), event_id, undo_until, sms, mails)


async def _counts(events: Sequence[UUID]) -> tuple[int, int]:
    """How many text messages and mails wait to leave."""
    if not events:
        return 0, 0
    rows = await db.rows(
        f"SELECT channel, COUNT(*) AS n FROM message WHERE state = 'queued' AND batch_id IN {db.in_list(events)}"
        " GROUP BY channel",
        *events,
    )
    by_channel = {row["channel"]: row["n"] for row in rows}
    return by_channel.get("sms", 0), by_channel.get("email", 0)
