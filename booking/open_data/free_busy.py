"""When a room cannot be had: taken (set-up and clearing included), closed, or asked for. Times alone, no words."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from booking import clock, db
from booking.messages.feed_calendar import Busy, Period
from booking.places.holding import LONGEST
from booking.places.opening import Opening, Span, spans
from booking.places.queries import openings
from booking.places.rooms import facts_of_one

KINDS: tuple[Busy, ...] = ("BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE")


async def periods_of(room_id: UUID, first_at: datetime, last_at: datetime) -> list[Period]:
    """The room's times between two instants, in order, those of one kind joined where they touch.

    For a divisible room each part counts. A request counts for as long as it holds the room. Where nobody has said
    when the location is open, nothing is closed. Raises LookupError when there is no such room.
    """
    room = await facts_of_one(room_id)
    if room is None:
        raise LookupError(f"room {room_id}")
    found: dict[Busy, list[Span]] = {kind: [] for kind in KINDS}
    for kind, span in await _held(room.leaves, first_at, last_at):
        found[kind].append(span)
    first, last = clock.local(first_at).date(), clock.local(last_at).date()
    opening = (await openings([room.location_id], first, last))[room.location_id]
    found["BUSY-UNAVAILABLE"] += closed(opening, first_at, last_at)
    periods = [Period(*span, kind) for kind in KINDS for span in joined(found[kind], first_at, last_at)]
    return sorted(periods, key=lambda period: (period.starts_at, period.ends_at, period.kind))


async def _held(room_ids: Sequence[UUID], first_at: datetime, last_at: datetime) -> list[tuple[Busy, Span]]:
    rows = await db.rows(
        "SELECT h.starts_at, h.ends_at, b.kind, b.state FROM room_hold h JOIN room_booking b ON b.id = h.room_booking_id"
        " WHERE h.starts_at > $1 AND h.starts_at < $2 AND h.ends_at > $3"
        " AND NOT (b.state = 'requested' AND b.hold_until_at IS NOT NULL AND b.hold_until_at <= $4)"
        f" AND h.room_id IN {db.in_list(room_ids, 5)}",
        first_at - LONGEST,
        last_at,
        first_at,
        clock.now(),
        *room_ids,
    )
    return [(_kind(row["kind"], row["state"]), (row["starts_at"], row["ends_at"])) for row in rows]


def _kind(kind: str, state: str) -> Busy:
    if kind == "closure":
        return "BUSY-UNAVAILABLE"
    return "BUSY-TENTATIVE" if state == "requested" else "BUSY"


def closed(opening: Opening, first_at: datetime, last_at: datetime) -> list[Span]:
    """The times between two instants at which the place is not open. Pure."""
    if not opening.hours and not opening.specials:
        return [(shut.starts_at, shut.ends_at) for shut in opening.closures]
    day, last = clock.local(first_at).date(), clock.local(last_at).date()
    open_spans: list[Span] = []
    while day <= last:
        open_spans += spans(opening, day)
        day += timedelta(days=1)
    edges = [first_at, *(instant for span in joined(open_spans, first_at, last_at) for instant in span), last_at]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [gap for gap in gaps if gap[0] < gap[1]]


def joined(found: Iterable[Span], first_at: datetime, last_at: datetime) -> list[Span]:
    """The spans cut to the time between, in order, joined where they overlap or touch. Pure."""
    together: list[Span] = []
    for starts_at, ends_at in sorted(found):
        starts_at, ends_at = max(starts_at, first_at), min(ends_at, last_at)
        if starts_at >= ends_at:
            continue
        if together and starts_at <= together[-1][1]:
            together[-1] = (together[-1][0], max(together[-1][1], ends_at))
        else:
            together.append((starts_at, ends_at))
    return together
