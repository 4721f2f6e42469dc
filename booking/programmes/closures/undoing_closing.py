"""Undoing a closing for ten minutes, whether its messages wait or have left; and sending them now.

While they wait nobody hears of it. Who has heard already hears that it goes on after all (telling_goes_on.py). The rooms are locked
first, all that the closing had locked; then its steps are undone one by one, the last one first.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.places import closing, displacing, holding
from booking.places.telling_partners import tell_after_undo
from booking.problems import Refused
from booking.programmes.changes import undoing_adding, undoing_cancelling, undoing_change
from booking.programmes.changes.undoing_cancelling import TOO_LATE, take_event
from booking.programmes.closures import closing_sessions, telling_goes_on
from booking.programmes.closures.closing_lists import PRIVATE_PLACE
from booking.programmes.closures.closing_places import VERB
from booking.programmes.registers.registering import as_json
from booking.programmes.staff_lists import within

Row = dict[str, Any]


async def undo(*, event_id: UUID, by: Who) -> int:
    """As if it had never been closed: sessions, bookings and requests are back; returns how many had heard and hear of it.

    Raises Refused when it was undone already, ten minutes are over, or a room was taken meanwhile. Sessions that somebody
    brought back one by one meanwhile stay as they are.
    """

    async def body() -> int:
        event = await take_event(await _about(event_id), event_id, VERB)
        before, after = as_json(event["before"]), as_json(event["after"])
        await holding.lock_rooms(UUID(room) for room in before["rooms"])
        steps = await _still_done(before["steps"])
        await closing_sessions.lock([step["session_id"] for step in steps])
        heard = await outbox.undo_batches([event_id, *(step["event_id"] for step in steps)], event_id)
        lost = await telling_goes_on.made_up(heard)
        await closing.take_away([UUID(each) for each in after["closures"]])
        await displacing.take_offers_back([UUID(each) for each in before["swaps"]], is_known=bool(heard))
        back = await displacing.bring_back(before["bookings"], event["happened_at"])
        await tell_after_undo(_unheard(back, heard), event["happened_at"])
        for step in reversed(steps):
            await _undo_step(step, by, event["happened_at"])
        told = await telling_goes_on.tell(heard, lost, event | after, back, event_id=event_id)
        await audit.record(
            "undo close place", about_kind="location", about_id=UUID(after["locations"][0]), by=by,
            hub_id=event["hub_id"], before={"closed": after["closed"]}, after={"closed": "no more", "heard": told},
        )  # fmt: skip
        return told

    return await db.run_tx(body)


async def _about(event_id: UUID) -> UUID:
    found = await db.value("SELECT about_id FROM audit_event WHERE id = $1 AND verb = $2", event_id, VERB)
    if found is None:
        raise Refused([TOO_LATE])
    return found


async def _still_done(steps: Sequence[Mapping[str, str]]) -> list[Row]:
    """The steps that nobody has undone one by one: session_id, event_id, kind and verb, in the order they were done."""
    ids = [UUID(step["event"]) for step in steps]
    if not ids:
        return []
    found = {
        row["id"]: row["verb"]
        for row in await db.rows(
            f"SELECT id, verb FROM audit_event WHERE undone_at IS NULL AND id IN {db.in_list(ids)}", *ids
        )
    }
    return [
        {"session_id": UUID(step["session"]), "event_id": id, "kind": step["kind"], "verb": found[id]}
        for step, id in zip(steps, ids, strict=True)
        if id in found
    ]


async def _undo_step(step: Row, by: Who, closed_at: Any) -> None:
    of = {"session_id": step["session_id"], "event_id": step["event_id"], "by": by}
    if step["kind"] == "cancel":
        await undoing_cancelling.undo(**of, laid_before=closed_at)
    elif step["kind"] in ("move", "online"):
        await undoing_change.undo(**of)
    else:
        await undoing_adding.undo(**of)


def _unheard(back: Sequence[UUID], heard: Sequence[Row]) -> list[UUID]:
    """Bookings of partners who have not heard of the closing."""
    known = {row["about_id"] for row in heard}
    return [id for id in back if id not in known]


async def send_now(*, event_id: UUID, by: Who) -> int:
    """The messages to families, partners and staff leave at once; it can still be undone. Returns how many."""

    async def body() -> int:
        event = await db.row(
            "SELECT about_id, before, hub_id FROM audit_event WHERE id = $1 AND verb = $2 AND undone_at IS NULL"
            " AND undo_until > $3",
            event_id, VERB, clock.now(),
        )  # fmt: skip
        if event is None:
            raise Refused([TOO_LATE])
        steps = await _still_done(as_json(event["before"])["steps"])
        released = await outbox.release_batches([event_id, *(step["event_id"] for step in steps)])
        await audit.record(
            "send now", about_kind="location", about_id=event["about_id"], by=by, hub_id=event["hub_id"],
            after={"messages": released},
        )  # fmt: skip
        return released

    return await db.run_tx(body)


EVENT = (
    "SELECT e.id, e.why, e.before, e.after, e.at AS closed_at, e.undo_until AS undo_until_at, e.undone_at, e.by_name, e.hub_id"
    " FROM audit_event e"
)


async def closing_seen_by(who: Who, event_id: UUID) -> Row | None:
    """A closing with what became of it (what stands in `after`, and its steps), for staff of the hubs of its places; None for
    others."""
    event = await db.row(f"{EVENT} WHERE e.id = $1 AND e.verb = $2", event_id, VERB)
    found = await _seen([event] if event else [], who)
    return found[0] if found else None


async def under_way(who: Who) -> list[Row]:
    """Closings in the hubs of who asks that can still be undone, the last first."""
    condition, parameters = within(who, 3, column="e.hub_id")
    found = await db.rows(
        f"{EVENT} WHERE e.verb = $1 AND e.undone_at IS NULL AND e.undo_until > $2 AND {condition} ORDER BY e.id DESC"
        " LIMIT 10",
        VERB, clock.now(), *parameters,
    )  # fmt: skip
    return await _seen(found, who)


async def _seen(events: Sequence[Row], who: Who) -> list[Row]:
    """Those with a place that who asks may know, `where` in the words for them (promise P5). One query."""
    shown = [_shown(event) for event in events]
    ids = sorted({UUID(each) for event in shown for each in event["locations"]})
    places = await db.rows(
        "SELECT id, name, hub_id, (is_restricted OR kind = 'restricted') AS is_restricted FROM location"
        f" WHERE id IN {db.in_list(ids)}",
        *ids,
    ) if ids else []  # fmt: skip
    by_id = {str(place["id"]): place for place in places}
    found = []
    for event in shown:
        here = [by_id[each] for each in event["locations"] if each in by_id]
        known = {place["id"] for place in here if _may_know(who, place)}
        if any(place["id"] in known and who.may_act_at(place["hub_id"]) for place in here):
            names = [place["name"] if place["id"] in known else PRIVATE_PLACE for place in here]
            found.append(event | {"where": ", ".join(dict.fromkeys(names))})
    return found


def _may_know(who: Who, place: Row) -> bool:
    return not place["is_restricted"] or who.works_at(place["hub_id"])


async def latest(who: Who, location_id: UUID) -> Row | None:
    """The last closing of the location that can still be undone: id, closed (words), families, bookings, undo_until_at."""
    return next((each for each in await under_way(who) if str(location_id) in each["locations"]), None)


async def waiting(event: Row) -> int:
    """How many of its messages have not left."""
    ids = [event["id"], *(UUID(step["event"]) for step in event["steps"])]
    return await db.value(
        f"SELECT COUNT(*) AS n FROM message WHERE state = 'queued' AND due_at > $1 AND batch_id IN {db.in_list(ids, 2)}",
        clock.now(),
        *ids,
    )


def sessions_of(event: Row) -> tuple[Any, ...]:
    """A condition on session s for those that a closing touched, creches left out, with its parameters."""
    ids = sorted({UUID(step["session"]) for step in event["steps"]})
    return f"s.id IN {db.in_list(ids)} AND r.booking_mode <> 'linked'", *ids


def _shown(event: Row) -> Row:
    before = as_json(event["before"])
    return event | as_json(event["after"]) | {"steps": before["steps"], "before": None}
