"""Publishing a hub's rota between two days: the draft becomes what people are told, as one act.

The preview is the act itself, rolled back (promise P10). The shifts are locked first, in the order of their ids, as whoever gives
one to somebody does: of two managers one publishes and the other is told so. For some minutes it can be undone
(undoing_publishing.py); until then nobody hears of it. What has begun is never touched.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.guards import DUTY_OVERLAP
from booking.looking import look
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning, loading, publishing_rules, telling
from booking.rotas.assigning import Change
from booking.rotas.models import Assignment, Publication
from booking.rotas.telling import Told
from booking.rotas.values import Broken
from booking.words import clock_time

VERB = "publish rota"
OWN = ("id", "answer", "answered_at", "answer_words", "made_at", "made_by_id")
"""What a published assignment has of its own; the rest is copied from the draft."""
KEPT = (
    *OWN,
    *("staff_id", "is_pinned", "source", "overridden", "override_reason", "override_by_id", "sequence"),
)
"""What of a published assignment is remembered, so that undoing brings it back as it was."""
NOTHING = Problem("There is nothing new to publish: people have been told of all that is planned.", rule="nothing")
MEANWHILE = "The plan has changed since you looked. This is what publishing it would do now."


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did, or would do. kept: staff -> how many of their duties stay as they are; open: shift ids with nobody in
    them; broken are hard rules that no manager has set aside yet, warnings soft ones. starts are
    the beginnings of all shifts looked at; seen is what the changes hash to."""

    id: UUID
    undo_until: datetime
    changes: tuple[Change, ...]
    told: tuple[Told, ...]
    kept: Mapping[UUID, int]
    open: tuple[UUID, ...]
    broken: tuple[Broken, ...]
    warnings: tuple[Broken, ...]
    starts: Mapping[UUID, datetime]
    seen: str

    @property
    def unmoved(self) -> int:
        """How many people are told nothing, because nothing of theirs changes."""
        return len(set(self.kept) - {each.staff_id for each in self.told})


async def preview(hub_id: UUID, first: date, last: date, *, by: Who, undo_minutes: int = 10) -> Published:
    """What `publish` would do now; what it would refuse for a broken rule stands in `broken`. Raises Refused: nothing to publish, or
    somebody would be published twice at once. Changes nothing."""
    return await look(lambda: _publish(hub_id, first, last, by=by, reason=None, seen=None, undo_minutes=undo_minutes))


async def publish(
    hub_id: UUID,
    first: date,
    last: date,
    *,
    by: Who,
    reason: str = "",
    seen: str | None = None,
    undo_minutes: int = 10,
) -> Published:
    """Makes the draft what is published and queues a message to each person whose duties change, and to nobody else.

    `seen` is what the preview showed. Raises Refused: nothing new, not as it was seen (with who published meanwhile), hard rules that
    nobody has set aside and no `reason` is given for, or somebody who would be on two published duties at once.
    """
    return await db.run_tx(
        lambda: _publish(hub_id, first, last, by=by, reason=reason.strip(), seen=seen, undo_minutes=undo_minutes)
    )


async def _publish(
    hub_id: UUID, first: date, last: date, *, by: Who, reason: str | None, seen: str | None, undo_minutes: int
) -> Published:
    shifts = await _locked(hub_id, first, last)
    changes = _changes(shifts)
    now_seen = _hash(changes)
    if seen is not None and seen != now_seen:
        raise Refused([await _meanwhile(hub_id, first, last, by)])
    if not changes:
        raise Refused([NOTHING])
    plan = await loading.load([hub_id], first, last)
    found = await publishing_rules.judged(plan, {row["id"]: row for row in shifts}, by)
    broken = [one for one in found if one.level != "soft"]
    if broken and reason == "":
        raise Refused([Problem(one.words, level="needs_approval", rule=one.rule) for one in broken])
    await publishing_rules.refuse_twice(changes, shifts)
    if broken and reason:
        await publishing_rules.set_aside(broken, reason, by)
    before = await _write(changes, by)
    undo_until = clock.now() + timedelta(minutes=undo_minutes)
    event_id = await _record(hub_id, first, last, changes, before, by, reason or "", undo_until)
    told = await telling.tell(changes, by=by, undo_until=undo_until, kind=telling.PUBLISHED, batch_id=event_id)
    return Published(
        id=event_id,
        undo_until=undo_until,
        changes=tuple(changes),
        told=tuple(told),
        kept=_kept(shifts),
        open=tuple(row["id"] for row in shifts if row["staff_id"] is None),
        broken=tuple(broken),
        warnings=tuple(one for one in found if one.level == "soft"),
        starts={row["id"]: row["starts_at"] for row in shifts},
        seen=now_seen,
    )


async def _locked(hub_id: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """The hub's shifts to come, locked, with who is in them in both layers; and everybody of them, locked after."""
    condition = "hub_id = $1 AND date >= $2 AND date <= $3 AND starts_at > $4 AND state = 'open'"
    asked = (hub_id, first, last, clock.now())
    if db.is_postgres():
        await db.rows(f"SELECT id FROM shift WHERE {condition} ORDER BY id FOR NO KEY UPDATE", *asked)
    found = await db.rows(
        "SELECT s.id, s.date, s.starts_at, s.ends_at, d.staff_id, p.staff_id AS published_staff_id, d.overridden"
        " FROM shift s LEFT JOIN assignment d ON d.shift_id = s.id AND d.layer = 'draft'"
        " LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published'"
        f" WHERE s.{condition.replace(' AND ', ' AND s.')} ORDER BY s.starts_at, s.id",
        *asked,
    )
    people = [row[name] for row in found for name in ("staff_id", "published_staff_id") if row[name]]
    await assigning.in_tx_lock([], people)
    return found


def _changes(shifts: Sequence[Mapping[str, Any]]) -> list[Change]:
    return [
        Change(row["id"], row["published_staff_id"], row["staff_id"])
        for row in shifts
        if row["staff_id"] != row["published_staff_id"]
    ]


def _kept(shifts: Sequence[Mapping[str, Any]]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for row in shifts:
        if row["staff_id"] and row["staff_id"] == row["published_staff_id"]:
            found[row["staff_id"]] = found.get(row["staff_id"], 0) + 1
    return found


def _hash(changes: Sequence[Change]) -> str:
    facts = sorted((str(each.shift_id), str(each.before), str(each.after)) for each in changes)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


async def _meanwhile(hub_id: UUID, first: date, last: date, by: Who) -> Problem:
    """Why it is not as it was seen: who published meanwhile, or that the plan has changed."""
    other = await db.row(
        "SELECT p.at AS happened_at, n.name FROM publication p LEFT JOIN person n ON n.id = p.by_id WHERE p.hub_id = $1 AND p.first_date <= $3"
        " AND p.last_date >= $2 AND p.state <> 'undone' AND p.at > $4 ORDER BY p.at DESC LIMIT 1",
        hub_id, first, last, clock.now() - timedelta(hours=1),
    )  # fmt: skip
    if other is None:
        return Problem(MEANWHILE, rule="meanwhile")
    name = other["name"] or "Somebody"
    return Problem(f"{name} published this rota at {clock_time(other['happened_at'])}. {MEANWHILE}", rule="meanwhile")


async def _write(changes: Sequence[Change], by: Who) -> dict[UUID, dict[str, Any]]:
    """Copies the draft over what is published, where they differ; returns what was published, by shift."""
    ids = [each.shift_id for each in changes]
    rows = await db.rows(f"SELECT * FROM assignment WHERE shift_id IN {db.in_list(ids)}", *ids)
    before = {row["shift_id"]: row for row in rows if row["layer"] == "published"}
    now = clock.now()
    new = [
        Assignment(
            **{name: row[name] for name in KEPT if name not in OWN},
            shift_id=row["shift_id"], layer="published", starts_at=row["starts_at"], ends_at=row["ends_at"],
            made_at=now, made_by_id=by.id,
        )
        for row in rows if row["layer"] == "draft"
    ]  # fmt: skip
    await replace_published(ids, new)
    return before


async def replace_published(shift_ids: Collection[UUID], new: Sequence[Assignment]) -> None:
    """These assignments in place of what is published of these shifts. Raises Refused where somebody would be on two at once."""
    ids = list(shift_ids)
    await db.execute(f"DELETE FROM assignment WHERE layer = 'published' AND shift_id IN {db.in_list(ids)}", *ids)
    try:
        await db.write_many(new)
    except IntegrityError as error:
        if DUTY_OVERLAP not in db.broken_guard(error):
            raise
        raise Refused([assigning.TWICE]) from error


async def _record(
    hub_id: UUID, first: date, last: date, changes: Sequence[Change], before: Mapping[UUID, Mapping[str, Any]], by: Who,
    reason: str, undo_until: datetime,
) -> UUID:  # fmt: skip
    event_id = await audit.record(
        VERB, about_kind="location", about_id=hub_id, by=by, hub_id=hub_id, why=reason,
        after={"from": first.isoformat(), "to": last.isoformat(), "duties": len(changes)}, undo_until=undo_until,
    )  # fmt: skip
    stored = [
        {
            "shift": str(each.shift_id), "before": str(each.before) if each.before else None,
            "after": str(each.after) if each.after else None, "was": _plain(before.get(each.shift_id)),
        }
        for each in changes
    ]  # fmt: skip
    publication = Publication(
        id=event_id, hub_id=hub_id, first_date=first, last_date=last, changes=stored, reason=reason[:300], at=clock.now(),
        by_id=by.id, due_at=undo_until,
    )  # fmt: skip
    await db.write_new([publication])
    return event_id


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A published assignment as JSON."""
    return {name: _text(row[name]) for name in KEPT} if row else None


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
