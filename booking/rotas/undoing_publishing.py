"""Undoing what was published for some minutes, and sending its messages now.

Undoing brings back what was published before, row for row, unless something of it has changed since: then it says what. Who has
heard already (the messages were sent at once) hears that it was taken back, and nobody else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.registers.registering import as_json
from booking.rotas import assigning, telling, touched
from booking.rotas.assigning import Change
from booking.rotas.models import Assignment
from booking.rotas.publishing import VERB, replace_published
from booking.words import clock_time, short_day

TAKEN_BACK = "The rota that was published has been taken back"
HOLDS = timedelta(hours=1)
"""What was sent longer ago waits for nothing any more."""
UNDONE = Problem("This was undone already.", rule="undone")
TOO_LATE = Problem("The time to undo it is over. Change the draft and publish again.", rule="too late")


async def undo(*, publication_id: UUID, by: Who) -> int:
    """As if it had never been published; returns how many people had heard, and hear that it was taken back.

    Raises Refused: undone already, too late, or somebody has changed a duty of it since (one Problem for each).
    """

    async def body() -> int:
        found = await _take(publication_id)
        changes = [_change(each) for each in found["changes"]]
        people = {who for each in changes for who in (each.before, each.after) if who}
        await assigning.in_tx_lock([each.shift_id for each in changes], people)
        shifts = await _refuse_changed(publication_id, changes, found["happened_at"])
        await replace_published([each.shift_id for each in changes], _as_they_were(found["changes"], shifts))
        heard = await _heard(publication_id)
        back = [Change(each.shift_id, each.after, each.before) for each in changes]
        told = await telling.tell(back, by=by, words=TAKEN_BACK, only=heard)
        await audit.record(
            "undo publish rota", about_kind="location", about_id=found["hub_id"], by=by, hub_id=found["hub_id"],
            after={"duties": len(changes), "told": len(told)},
        )  # fmt: skip
        return len(told)

    return await db.run_tx(body)


async def _take(publication_id: UUID) -> dict[str, Any]:
    """Marks it undone and returns it; only one of two who press at once gets it."""
    now = clock.now()
    found = await db.row(
        "UPDATE publication SET state = 'undone', undone_at = $2 WHERE id = $1 AND state <> 'undone' AND (SELECT undo_until FROM"
        " audit_event e WHERE e.id = publication.id) > $2 RETURNING hub_id, changes, at AS happened_at",
        publication_id,
        now,
    )
    if found is None:
        state = await db.value("SELECT state FROM publication WHERE id = $1", publication_id)
        raise Refused([UNDONE if state == "undone" else TOO_LATE])
    await db.execute("UPDATE audit_event SET undone_at = $2 WHERE id = $1", publication_id, now)
    return found | {"changes": as_json(found["changes"])}


def _change(stored: Mapping[str, Any]) -> Change:
    before, after = (UUID(stored[name]) if stored[name] else None for name in ("before", "after"))
    return Change(UUID(stored["shift"]), before, after)


async def _refuse_changed(
    publication_id: UUID, changes: Sequence[Change], published_at: datetime
) -> dict[UUID, dict[str, Any]]:
    """The shifts by id. Raises Refused with what somebody has changed since."""
    ids = [each.shift_id for each in changes]
    rows = await db.rows(
        "SELECT s.id, s.state, s.starts_at, s.ends_at, s.moved_at, a.staff_id, f.known_as FROM shift s LEFT JOIN assignment a ON"
        " a.shift_id = s.id AND a.layer = 'published' LEFT JOIN staff_profile f ON f.id = a.staff_id"
        f" WHERE s.id IN {db.in_list(ids)} ORDER BY s.starts_at, s.id",
        *ids,
    )
    wanted = {each.shift_id: each.after for each in changes}
    known = await touched.since(publication_id, published_at, ids)
    problems = [
        Problem(words, rule="changed") for row in rows
        if (words := _since(row, wanted[row["id"]], published_at, is_touched=row["id"] in known))
    ]  # fmt: skip
    problems += [Problem("A shift of it is not there any more.", rule="changed")] if len(rows) < len(ids) else []
    if problems:
        raise Refused(problems)
    return {row["id"]: row for row in rows}


def _since(row: Mapping[str, Any], published: UUID | None, published_at: datetime, *, is_touched: bool) -> str:
    """What happened to one shift since it was published; "" for nothing."""
    when = f"{short_day(clock.local(row['starts_at']).date())}, {clock_time(row['starts_at'])}"
    if row["state"] != "open":
        return f"The duty of {when} has been cancelled since."
    if row["starts_at"] <= clock.now():
        return f"The duty of {when} has begun."
    if row["staff_id"] != published:
        who = f"is {row['known_as']}’s now" if row["known_as"] else "has nobody in it now"
        return f"The duty of {when} {who}: somebody has changed it since."
    if published and row["moved_at"] and row["moved_at"] > published_at:  # they have been told of that by itself
        return (
            f"The duty of {when} has been changed with its session or opening hours since, and people have been told."
        )
    if is_touched:
        return f"The duty of {when} has been changed and changed back since, and people have been told."
    return ""


def _as_they_were(stored: Sequence[Mapping[str, Any]], shifts: Mapping[UUID, Mapping[str, Any]]) -> list[Assignment]:
    found = []
    for each in stored:
        if each["was"]:
            shift, was = shifts[UUID(each["shift"])], dict(each["was"])
            ids: dict[str, Any] = {name: UUID(was[name]) for name in ("id", "staff_id")}
            ids |= {name: UUID(was[name]) if was[name] else None for name in ("override_by_id", "made_by_id")}
            at = {name: datetime.fromisoformat(was[name]) if was[name] else None for name in ("answered_at", "made_at")}
            times = {"starts_at": shift["starts_at"], "ends_at": shift["ends_at"]}
            found.append(Assignment(**was | ids | at | times, shift_id=shift["id"], layer="published"))
    return found


async def _heard(publication_id: UUID) -> set[UUID]:
    """Takes back what has not left; returns who (staff) has heard something."""
    rows = await outbox.undo_batches([publication_id], publication_id)
    return {row["about_id"] for row in rows}


async def send_now(*, publication_id: UUID, by: Who) -> int:
    """The messages leave at once; it can still be undone until its time is over. Who waits for older news hears of this after it, once
    that leaves. Returns how many leave."""

    async def body() -> int:
        found = await db.row(
            "UPDATE publication SET state = 'told', due_at = $2 WHERE id = $1 AND state = 'waits' AND due_at > $2 RETURNING hub_id",
            publication_id,
            clock.now(),
        )
        if found is None:
            raise Refused([TOO_LATE])
        told = await db.rows("SELECT id FROM publication WHERE state = 'told' AND due_at > $1", clock.now() - HOLDS)
        released = await outbox.release_batches([row["id"] for row in told], in_order_of=telling.NEWS_KINDS)
        await audit.record(
            "send now", about_kind="location", about_id=found["hub_id"], by=by, hub_id=found["hub_id"],
            after={"messages": released, "of": VERB},
        )  # fmt: skip
        return released

    return await db.run_tx(body)
