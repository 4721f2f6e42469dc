"""Closing places or rooms: each use in the way gets its own answer, and the rest of the time is held, as one act.

The preview is the act itself, rolled back (promise P10). Rooms are locked first, in the order of their ids, then bookings, then
session by session. For ten minutes it can be undone (undoing_closing.py), whether the messages wait for that or leave at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places import closing, displacing
from booking.places.closing_times import span_words
from booking.problems import Refused
from booking.programmes.changes.telling_cancelled import Told
from booking.programmes.closures import closing_sessions, standing_down
from booking.programmes.closures.closing_answers import Answer, answer_of, problems_of
from booking.programmes.closures.closing_lists import PRIVATE_PLACE, InTheWay, asked, in_the_way
from booking.programmes.closures.closing_sessions import Done, Ways
from booking.programmes.closures.closing_wanted import (
    MEANWHILE,
    Closing,
    How,
    Leaves,
    Place,
    all_leaves,
    locations_of,
    lock,
    refuse_if_closed,
)
from booking.programmes.closures.standing_down import StoodDown

VERB = "close place"
PART = "close place too"
"""The same act, about each further place."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closing did, or as a preview would do. told are families; partner_messages are one for each booking or series;
    offered: displaced bookings for which a room is kept."""

    event_id: UUID
    closure_ids: tuple[UUID, ...]
    undo_until: datetime
    done: tuple[Done, ...]
    ended: tuple[InTheWay, ...]
    kept: tuple[InTheWay, ...]
    offered: int
    family_messages: int
    partner_messages: int
    staff: StoodDown

    @property
    def told(self) -> list[Told]:
        return [told for each in self.done for told in each.told]

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if each.is_to_ring]

    @property
    def cancelled(self) -> tuple[InTheWay, ...]:
        """Sessions that are off, and what of others has ended."""
        return (*(each.use for each in self.done if each.kind == "cancel"), *self.ended)


async def preview(wanted: Closing, how: How, *, by: Who, undo_minutes: int = 10) -> Closed:
    """What `close` would do now. Raises Refused as `close` does; changes nothing."""
    return await look(lambda: close(wanted, how, seen=None, by=by, undo_minutes=undo_minutes))


async def close(wanted: Closing, how: How, *, seen: Collection[UUID] | None, by: Who, undo_minutes: int = 10) -> Closed:
    """Closes, and does with each use in the way what its answer says. `seen` are the room bookings that the preview showed.

    Raises Refused when it is closed already, an answer is missing or cannot be had any more (a room was taken), or something
    is in the way that was not seen.
    """

    async def body() -> Closed:
        locations = await locations_of(wanted, by)
        leaves, rooms = await lock(wanted, how, by)
        await refuse_if_closed(wanted)
        found = await in_the_way(all_leaves(leaves), wanted.spans, by)
        _refuse(found, how, seen)
        act = _Act(wanted, how, by, undo_minutes, clock.now() + timedelta(minutes=undo_minutes))
        ways = Ways(how.make_ups, how.join_url)
        done = await closing_sessions.do(_sessions(found, how), ways, wanted.reason, by=by, undo_minutes=undo_minutes)
        return await _close(act, locations, leaves, rooms, found, done)

    return await db.run_tx(body)


@dataclass(frozen=True, slots=True)
class _Act:
    wanted: Closing
    how: How
    by: Who
    undo_minutes: int
    undo_until: datetime

    @property
    def due_at(self) -> datetime:
        return clock.now() if self.how.is_told_now else self.undo_until


def _refuse(found: Sequence[InTheWay], how: How, seen: Collection[UUID] | None) -> None:
    if seen is not None and {each.id for each in found} - set(seen):
        raise Refused([MEANWHILE])
    problems = problems_of(asked(found), how.answers)
    if problems:
        raise Refused(problems)


def _sessions(found: Sequence[InTheWay], how: How) -> list[tuple[InTheWay, Answer]]:
    """Those with something to be done."""
    pairs = [(each, answer_of(each, how.answers)) for each in asked(found) if each.session_id]
    return [(each, answer) for each, answer in pairs if answer and answer.kind != "keep"]


async def _close(
    act: _Act,
    locations: Mapping[UUID, dict[str, Any]],
    leaves: Leaves,
    rooms: Sequence[UUID],
    found: Sequence[InTheWay],
    done: Sequence[Done],
) -> Closed:
    """What comes after the sessions: other bookings, the closures, the event, and the messages."""
    reason = act.wanted.reason
    ending = {each.id: answer for each in found if (answer := _ends(each, act.how))}
    ended = await displacing.end(list(ending), reason=reason, by=act.by)
    offers = {id: answer.room_id for id, answer in ending.items() if answer.kind == "move" and answer.room_id}
    swaps = await displacing.offer(offers, reason=reason, by=act.by)
    closures = {place: await _shut(place, act.wanted, some) for place, some in leaves.items()}
    stored = {
        "rooms": [str(room) for room in rooms],
        "steps": [step for it in done for step in it.steps],
        "bookings": ended,
        "swaps": [str(id) for id in swaps.values()],
    }
    event_id = await _record(act, locations, closures, stored, found, done)
    await displacing.tell_all(ended, swaps, reason=reason, batch_id=event_id, due_at=act.due_at)
    partner_messages = await _messages([event_id])
    staff = StoodDown()
    if act.how.tells_staff:
        here = [locations[place.location_id] for place in act.wanted.places]
        staff = await standing_down.tell(
            here, act.wanted.spans, reason, done, event_id=event_id, due_at=act.due_at, by=act.by
        )
    batches = [event for it in done for event in it.events]
    if act.how.is_told_now:
        await outbox.release_batches(batches)
    touched = {it.use.id for it in done} | set(ending) | {id for it in done for id in it.follows}
    return Closed(
        event_id=event_id,
        closure_ids=tuple(id for ids in closures.values() for id in ids),
        undo_until=act.undo_until,
        done=tuple(done),
        ended=tuple(each for each in found if each.id in ending),
        kept=tuple(each for each in found if each.id not in touched),
        offered=len(swaps),
        family_messages=await _messages(batches),
        partner_messages=partner_messages,
        staff=staff,
    )


def _ends(each: InTheWay, how: How) -> Answer | None:
    """The answer for what is not a session, unless it is kept."""
    answer = answer_of(each, how.answers)
    return answer if answer and answer.kind != "keep" and not each.session_id else None


async def _shut(place: Place, wanted: Closing, leaves: Sequence[UUID]) -> list[UUID]:
    return await closing.shut(
        location_id=place.location_id, room_id=place.room_id, spans=wanted.spans, reason=wanted.reason, leaves=leaves
    )


async def _messages(batches: Sequence[UUID]) -> int:
    if not batches:
        return 0
    return await db.value(f"SELECT COUNT(*) AS n FROM message WHERE batch_id IN {db.in_list(batches)}", *batches)


async def _record(
    act: _Act,
    locations: Mapping[UUID, dict[str, Any]],
    closures: Mapping[Place, Sequence[UUID]],
    stored: dict[str, Any],
    found: Sequence[InTheWay],
    done: Sequence[Done],
) -> UUID:
    """One event for the act, about the first place, with all that undoing needs; one more for each other place. It names no
    restricted place: who may know one reads its name on the page (undoing_closing.py)."""
    first, *others = act.wanted.places
    closed = "; ".join(span_words(*span) for span in act.wanted.spans)
    names = ", ".join(dict.fromkeys(PRIVATE_PLACE if it["is_restricted"] else it["name"] for it in locations.values()))
    counts = {kind: sum(1 for each in done if each.kind == kind) for kind in ("cancel", "move", "online")}
    event_id = await audit.record(
        VERB,
        about_kind="location",
        about_id=first.location_id,
        by=act.by,
        hub_id=locations[first.location_id]["hub_id"],
        why=act.wanted.reason,
        before=stored,
        after={
            "closures": [str(id) for ids in closures.values() for id in ids],
            "locations": [str(place.location_id) for place in act.wanted.places],
            "where": names,
            "closed": closed,
            "sessions": counts["cancel"],
            "moved_sessions": counts["move"],
            "online": counts["online"],
            "made_up": sum(1 for each in done if each.made_up),
            "bookings": len(stored["bookings"]),
            "offered": len(stored["swaps"]),
            "families": sum(len(it.told) for it in done),
        },
        undo_until=act.undo_until,
    )
    for place in others:
        await audit.record(
            PART, about_kind="location", about_id=place.location_id, by=act.by,
            hub_id=locations[place.location_id]["hub_id"], why=act.wanted.reason,
            before={"part_of": str(event_id)}, after={"closed": closed, "where": names},
        )  # fmt: skip
    return event_id
