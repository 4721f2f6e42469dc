"""Closing a location or a room: what is in the way is cancelled or kept, and the rest of the time is held, as one act.

The preview is the act itself, rolled back (promise P10). Rooms are locked first, then, session by session, bookings and the
session. Messages leave when it can no longer be undone (undoing_closing.py).
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.closing_times import Span, span_words
from booking.places.holding import REPARTED, Hold
from booking.places.telling_partners import tell
from booking.problems import Problem, Refused
from booking.programmes import cancelling
from booking.programmes.closing_lists import ALWAYS_KEPT, GROUPS, InTheWay, in_the_way
from booking.programmes.disclosure import PRIVATE
from booking.programmes.telling_cancelled import Told

VERB = "close place"
Answer = Literal["cancel", "keep"]
NO_REASON = Problem("Say why it is closed. Families and partners read it.", "reason", rule="missing")
NOT_THERE = Problem("There is no such place.", rule="unknown")
MEANWHILE = Problem("Something was booked meanwhile. Look again at what is in the way.", rule="meanwhile")
NO_ANSWER = "Say what becomes of this: {group}."


class _OnlyLooking(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Closing:
    """What is to be closed, and why. room_id is None for the whole location."""

    location_id: UUID
    room_id: UUID | None
    spans: tuple[Span, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closing did, or as a preview would do. told are families; partner_messages are one for each booking or series."""

    event_id: UUID
    closure_ids: tuple[UUID, ...]
    undo_until: datetime
    cancelled: tuple[InTheWay, ...]
    kept: tuple[InTheWay, ...]
    told: tuple[Told, ...]
    family_messages: int
    partner_messages: int

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if not each.messages]


async def preview(wanted: Closing, *, answers: Mapping[str, str], keep: Collection[UUID], by: Who) -> Closed:
    """What `close` would do now. Raises Refused as `close` does; changes nothing."""
    seen: list[Closed] = []

    async def body() -> None:
        seen.append(await close(wanted, answers=answers, keep=keep, seen=None, by=by))
        raise _OnlyLooking

    with suppress(_OnlyLooking):
        await db.run_tx(body)
    return seen[0]


async def close(
    wanted: Closing,
    *,
    answers: Mapping[str, str],
    keep: Collection[UUID] = (),
    seen: Collection[UUID] | None,
    by: Who,
    undo_minutes: int = 10,
) -> Closed:
    """Closes, and does with each group in the way (closing_lists.GROUPS) what its answer says, "cancel" or "keep"; single
    room bookings in `keep` stay all the same. `seen` are the room bookings that the preview showed.

    Raises Refused when it is closed already, an answer is missing, or something is in the way that was not seen.
    """

    async def body() -> Closed:
        hub_id = await _hub_of(wanted, by)
        leaves, rooms = await _lock(wanted, by)
        await _refuse_if_closed(wanted)
        found = await in_the_way(leaves, wanted.spans, by)
        _refuse_unanswered(found, answers, seen)
        cancelled = [each for each in found if _goes(each, answers, keep)]
        sessions = [each for each in cancelled if each.session_id]
        done = [await _cancel_session(each, wanted, by, undo_minutes) for each in sessions]
        before = await _end_bookings([each for each in cancelled if not each.session_id], wanted, by)
        closure_ids = await closing.shut(
            location_id=wanted.location_id, room_id=wanted.room_id, spans=wanted.spans, reason=wanted.reason, leaves=leaves
        )  # fmt: skip
        undo_until = clock.now() + timedelta(minutes=undo_minutes)
        children = [(each.session_id, it.event_id) for each, it in zip(sessions, done, strict=True)]
        event_id = await audit.record(
            VERB,
            about_kind="location",
            about_id=wanted.location_id,
            by=by,
            hub_id=hub_id,
            why=wanted.reason,
            before={
                "rooms": [str(room) for room in rooms],
                "sessions": [[str(session), str(event)] for session, event in children],
                "bookings": before,
            },
            after={
                "closures": [str(each) for each in closure_ids],
                "closed": "; ".join(span_words(*span) for span in wanted.spans),
                "sessions": len(sessions),
                "bookings": len(before),
                "families": sum(len(it.told) for it in done),
            },
            undo_until=undo_until,
        )
        await _tell_partners(before, wanted.reason, event_id, undo_until)
        return Closed(
            event_id=event_id,
            closure_ids=tuple(closure_ids),
            undo_until=undo_until,
            cancelled=tuple(cancelled),
            kept=tuple(each for each in found if each not in cancelled),
            told=tuple(told for each, it in zip(sessions, done, strict=True) for told in _as_known(each, it.told)),
            family_messages=sum(it.sms_count + it.mail_count for it in done),
            partner_messages=await db.value("SELECT COUNT(*) AS n FROM message WHERE batch_id = $1", event_id),
        )

    return await db.run_tx(body)


async def _hub_of(wanted: Closing, by: Who) -> UUID:
    hub_id = await db.value("SELECT hub_id FROM location WHERE id = $1", wanted.location_id)
    if hub_id is None or not by.may_act_at(hub_id):
        raise Refused([NOT_THERE])
    if not wanted.reason:
        raise Refused([NO_REASON])
    return hub_id


async def _lock(wanted: Closing, by: Who) -> tuple[tuple[UUID, ...], list[UUID]]:
    """The rooms to be held, and with them all that are locked: also the other rooms of what is cancelled, because another
    closure may take over what it gives back."""
    leaves = await closing.leaves_of(wanted.location_id, wanted.room_id)
    rooms = sorted({*leaves, *await _rooms_of(await in_the_way(leaves, wanted.spans, by))})
    await holding.lock_rooms(rooms)
    if await closing.leaves_of(wanted.location_id, wanted.room_id) != leaves:
        raise Refused([REPARTED])
    if await _rooms_of(await in_the_way(leaves, wanted.spans, by)) - set(rooms):
        raise Refused([MEANWHILE])
    return leaves, rooms


async def _rooms_of(found: Sequence[InTheWay]) -> set[UUID]:
    return {leaf for each in await holding.holds_of(each.id for each in found) for leaf in each.leaves}


async def _refuse_if_closed(wanted: Closing) -> None:
    for starts_at, ends_at in wanted.spans:
        there = await db.row(
            "SELECT reason, starts_at, ends_at FROM closure WHERE location_id = $1 AND (room_id IS NULL OR room_id = $2)"
            " AND starts_at <= $3 AND ends_at >= $4",
            wanted.location_id,
            wanted.room_id,
            starts_at,
            ends_at,
        )
        if there:
            words = f"It is closed then already: {span_words(there['starts_at'], there['ends_at'])}, {there['reason']}."
            raise Refused([Problem(words, "first", rule="closed already")])


def _refuse_unanswered(found: Sequence[InTheWay], answers: Mapping[str, str], seen: Collection[UUID] | None) -> None:
    if seen is not None and {each.id for each in found} - set(seen):
        raise Refused([MEANWHILE])
    missing = [
        group
        for group in GROUPS
        if group not in ALWAYS_KEPT and answers.get(group) not in ("cancel", "keep")
        and any(each.group == group for each in found)
    ]  # fmt: skip
    if missing:
        raise Refused(
            Problem(NO_ANSWER.format(group=GROUPS[group]), f"answer-{group}", rule="missing") for group in missing
        )


def _goes(each: InTheWay, answers: Mapping[str, str], keep: Collection[UUID]) -> bool:
    return each.group not in ALWAYS_KEPT and answers.get(each.group) == "cancel" and each.id not in keep


def _as_known(each: InTheWay, told: Sequence[Told]) -> list[Told]:
    """Who comes to a session that whoever closes may not know (it leads nowhere) has no name either (promise P5)."""
    return [it if each.href else replace(it, name=PRIVATE, phone="", reference="") for it in told]


async def _cancel_session(each: InTheWay, wanted: Closing, by: Who, undo_minutes: int) -> cancelling.Cancelled:
    assert each.session_id
    return await cancelling.cancel(session_id=each.session_id, reason=wanted.reason, by=by, undo_minutes=undo_minutes)


async def _end_bookings(ending: Sequence[InTheWay], wanted: Closing, by: Who) -> list[dict[str, Any]]:
    """Bookings are cancelled and requests declined; returns what undoing needs of each, as plain JSON."""
    ids = [each.id for each in ending]
    if not ids:
        return []
    holds: dict[UUID, list[Hold]] = {}
    for hold in await holding.holds_of(ids):
        holds.setdefault(hold.room_booking_id, []).append(hold)
    rows = await db.rows(
        "SELECT id, state, why, organisation_id, decided_at, decided_by_id FROM room_booking"
        f" WHERE id IN {db.in_list(ids)} ORDER BY id",
        *ids,
    )
    await closing.cover_again(ids)
    await db.execute(
        "UPDATE room_booking SET state = CASE WHEN state = 'requested' THEN 'declined' ELSE 'cancelled' END, why = $1,"
        f" decided_at = $2, decided_by_id = $3, sequence = sequence + 1 WHERE id IN {db.in_list(ids, 4)}",
        wanted.reason, clock.now(), by.id, *ids,
    )  # fmt: skip
    return [
        {"id": str(row["id"]), "state": row["state"], "why": row["why"], "is_partner": bool(row["organisation_id"])}
        | {"decided_at": row["decided_at"] and row["decided_at"].isoformat()}
        | {"decided_by": row["decided_by_id"] and str(row["decided_by_id"])}
        | {"holds": [_stored(hold) for hold in holds.get(row["id"], [])]}
        for row in rows
    ]


def _stored(hold: Hold) -> dict[str, str]:
    return {"room": str(hold.leaves[0]), "from": hold.starts_at.isoformat(), "to": hold.ends_at.isoformat()}


async def _tell_partners(before: Sequence[dict[str, Any]], reason: str, event_id: UUID, due_at: datetime) -> None:
    partners = [each for each in before if each["is_partner"]]
    for kind, state in (("room_cancelled", "confirmed"), ("room_declined", "requested")):
        ids = [UUID(each["id"]) for each in partners if each["state"] == state]
        if ids:
            await tell(kind, bookings=ids, why=reason, batch_id=event_id, due_at=due_at)
