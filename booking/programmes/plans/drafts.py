"""A draft is opened again, changed date by date, and discarded. Its dates are those that were saved: nothing works them out anew."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from booking import audit, db
from booking.people.signing_in import Who
from booking.places import holding
from booking.places.chosen_ways import as_uuid
from booking.places.recurrence import Rule, rule_from_json
from booking.problems import Problem, Refused
from booking.programmes.plans import plan_form, planning, writing_dates, writing_runs
from booking.programmes.plans.plan_form import DELIVERY, Asked, Typed
from booking.programmes.plans.planned_dates import Want, numbered, with_choice
from booking.programmes.plans.planning import Preview
from booking.programmes.run_lists import may_see

Row = dict[str, Any]
CHANGED_BY_FORM = ("choices", "added", "override", "keyholder_id", "second_person")
NOT_THERE = Problem("There is no such draft.", rule="unknown")
NO_DRAFT = Problem("This was published or discarded meanwhile. Nothing was saved.", rule="changed")
CHANGED = Problem("Somebody else changed this draft meanwhile. Here it is as it is now.", rule="changed")


async def run_row(run_id: UUID) -> Row | None:
    return await db.row(
        "SELECT r.*, (r.is_restricted OR l.is_restricted) AS is_hidden FROM run r JOIN location l ON l.id = r.location_id"
        " WHERE r.id = $1",
        run_id,
    )


async def draft_row(run_id: UUID, by: Who) -> Row:
    """The run of a draft, all columns. Raises Refused when it is none, or not theirs (promise P6)."""
    run = await run_row(run_id)
    if run is None or not may_see(by, run | {"is_restricted": run["is_hidden"]}):
        raise Refused([NOT_THERE])
    if run["state"] != "draft":
        raise Refused([NO_DRAFT])
    return run


def rule_of(run: Mapping[str, Any]) -> Rule | None:
    """The rule as it was planned; None for a run that was imported."""
    stored = run["rule"]
    found = json.loads(stored) if isinstance(stored, str) else stored
    return rule_from_json(found) if found else None


def ids_of(run: Mapping[str, Any]) -> list[UUID]:
    """The run and its creche."""
    return [run["id"], *([run["creche_run_id"]] if run["creche_run_id"] else [])]


async def sessions_of(run: Mapping[str, Any]) -> list[Row]:
    """Every session of the run and its creche, in order. One query."""
    ids = ids_of(run)
    return await db.rows(f"SELECT * FROM session WHERE run_id IN {db.in_list(ids)} ORDER BY starts_at, id", *ids)


def wants_of(run: Row, sessions: Sequence[Row], skips: Iterable[Row]) -> list[Want]:
    """The dates as they were saved. Pure."""
    creche = {row["date"]: row for row in sessions if row["run_id"] != run["id"]}
    wants = [_want(run, row, creche.get(row["date"])) for row in sessions if row["run_id"] == run["id"]]
    there = {want.of for want in wants} | {want.day for want in wants}
    for skip in skips:
        if skip["date"] not in there:
            wants.append(_skipped(run, skip))
    return sorted(wants, key=lambda want: (want.of, want.start))


def _want(run: Row, row: Row, creche: Row | None) -> Want:
    return Want(
        of=row["moved_from_date"] or row["date"],
        day=row["date"],
        start=row["start_time"],
        end=row["end_time"],
        kind=row["kind"],
        number=row["number"],
        room_id=row["room_id"],
        creche_room_id=creche["room_id"] if creche else None,
        delivery=row["delivery"],
        facilitator_1=row["facilitator_1"] or run["facilitator_1"],
        facilitator_2=row["facilitator_2"] or run["facilitator_2"],
        session_id=row["id"],
        creche_session_id=creche["id"] if creche else None,
    )


def _skipped(run: Row, skip: Row) -> Want:
    return Want(
        of=skip["date"], day=skip["date"], start=run["start_time"], end=run["end_time"], room_id=run["room_id"],
        creche_room_id=run["creche_room_id"], facilitator_1=run["facilitator_1"], facilitator_2=run["facilitator_2"],
        left_out=(skip["reason"],),
    )  # fmt: skip


def asked_of(run: Row, changes: Asked | None = None) -> Asked:
    """The draft as the form would ask for it, with the choices and added dates of `changes`."""
    asked = Asked(
        programme_id=run["programme_id"],
        title=run["title"],
        room_id=run["room_id"],
        creche_room_id=run["creche_room_id"],
        location_id=run["location_id"],
        start=run["start_time"],
        end=run["end_time"],
        rule=rule_of(run),
        delivery=run["delivery"] if run["delivery"] in DELIVERY else "in_person",
        places=run["places"],
        creche_places=run["creche_places"] or 0,
        facilitator_1=run["facilitator_1"],
        facilitator_2=run["facilitator_2"],
        join_url=run["join_url"],
    )
    return asked if changes is None else replace(asked, **{name: getattr(changes, name) for name in CHANGED_BY_FORM})


def changed(asked: Asked, typed: Typed) -> Asked:
    """A draft with what the form of its grid says of single dates. Pure."""
    return replace(
        asked,
        choices=plan_form.choices_of(typed),
        added=plan_form.added_of(typed),
        override=typed.override,
        keyholder_id=as_uuid(typed.keyholder),
        second_person=typed.second_person,
    )


async def asked_now(run_id: UUID, by: Who) -> Asked:
    """The draft as it was saved. Raises Refused. Three queries."""
    run, _, _ = await _read(run_id, by)
    return asked_of(run)


async def _read(run_id: UUID, by: Who) -> tuple[Row, list[Row], list[Row]]:
    run = await draft_row(run_id, by)
    creche = (
        await db.row("SELECT room_id, places FROM run WHERE id = $1", run["creche_run_id"])
        if run["creche_run_id"]
        else None
    )
    run |= {
        "creche_room_id": creche["room_id"] if creche else None,
        "creche_places": creche["places"] if creche else None,
    }
    skips = await db.rows("SELECT date, reason FROM skip WHERE run_id = $1 ORDER BY date", run_id)
    return run, await sessions_of(run), skips


async def preview(run_id: UUID, changes: Asked | None, *, by: Who) -> tuple[Row, Preview]:
    """The draft's run and its dates with these changes, judged anew; nothing is written. Raises Refused."""
    run, sessions, skips = await _read(run_id, by)
    return run, await planning.judge(await _scene(run, sessions, skips, changes, by))


async def _scene(
    run: Row, sessions: Sequence[Row], skips: Sequence[Row], changes: Asked | None, by: Who
) -> planning.Scene:
    asked = asked_of(run, changes)
    wants = wants_of(run, sessions, skips)
    added = [_added(asked, day) for day in asked.added if day not in {want.of for want in wants}]
    chosen = [with_choice(want, asked.choices.get(want.of), asked) for want in (*wants, *added)]
    ordered = numbered(sorted(chosen, key=lambda want: (want.of, want.start)))
    booked = [row["room_booking_id"] for row in sessions if row["room_booking_id"]]
    return await planning.read(asked, by, wants=ordered, besides=booked)


def _added(asked: Asked, day: date) -> Want:
    return Want(
        of=day, day=day, start=asked.start, end=asked.end, room_id=asked.room_id, creche_room_id=asked.creche_room_id,
        facilitator_1=asked.facilitator_1, facilitator_2=asked.facilitator_2, is_added=True,
    )  # fmt: skip


async def change(run_id: UUID, changes: Asked, *, by: Who) -> int:
    """Saves what was changed of a draft, all of it or nothing; returns how many dates are held now. Raises Refused."""

    async def body() -> int:
        run, sessions, skips = await _read(run_id, by)
        scene = await _scene(run, sessions, skips, changes, by)
        await planning.lock_rooms(scene)
        await _lock(run, sessions)
        found = await planning.judge(scene)
        planning.refuse(found)
        creche = await db.row("SELECT * FROM run WHERE id = $1", run["creche_run_id"]) if run["creche_run_id"] else None
        wants = [each.want for each in found.dates]
        await writing_dates.write(run, creche, wants, scene.rooms, sessions)
        await writing_runs.follow_dates(ids_of(run), wants)
        await audit.record(
            "change plan", about_kind="run", about_id=run_id, by=by, hub_id=run["hub_id"],
            before={"dates": sum(row["run_id"] == run_id for row in sessions)}, after={"dates": len(found.held)},
        )  # fmt: skip
        return len(found.held)

    return await db.run_tx(body)


async def _lock(run: Row, sessions: Sequence[Row]) -> None:
    """The run and its creche, after the rooms. Raises Refused when the draft is not as it was read."""
    ids = ids_of(run)
    lock = " FOR UPDATE" if db.is_postgres() else ""
    now = await db.rows(f"SELECT id, state FROM run WHERE id IN {db.in_list(ids)} ORDER BY id{lock}", *ids)
    if len(now) < len(ids) or any(row["state"] != "draft" for row in now):
        raise Refused([NO_DRAFT])
    if await sessions_of(run) != list(sessions):
        raise Refused([CHANGED])


async def discard(run_id: UUID, *, by: Who) -> None:
    """Gives all rooms back and deletes the draft with its creche. Raises Refused. Twice is once for who asks again: it is
    not there any more."""

    async def body() -> None:
        run, sessions, _ = await _read(run_id, by)
        booked = [row["room_booking_id"] for row in sessions if row["room_booking_id"]]
        await holding.lock_rooms(leaf for each in await holding.holds_of(booked) for leaf in each.leaves)
        await _lock(run, sessions)
        await writing_dates.give_back_all(ids_of(run))
        for id in ids_of(run):
            await db.execute("DELETE FROM run WHERE id = $1", id)
        await audit.record(
            "discard plan", about_kind="run", about_id=run_id, by=by, hub_id=run["hub_id"],
            before={"dates": sum(row["run_id"] == run_id for row in sessions)},
        )  # fmt: skip

    await db.run_tx(body)
