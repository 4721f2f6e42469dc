"""A free place is offered to the next in line: kept for one family until a time, with a message that says so.

Whatever freed it: nobody needs to say so, the job finds lines with places left (docs/decisions/places-freed-while-families-wait.md).
The place, the offer, its message and its event are written in one transaction; a family never has two open offers for one entry.
"""

import logging
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.bookings import claiming
from booking.programmes.bookings.claiming import Target
from booking.programmes.models import Offer
from booking.programmes.waiting import line_first, lines, offer_times, telling_offers
from booking.programmes.waiting.lines import Line

logger = logging.getLogger("booking.offering")

MOST_AT_ONCE = 200  # from one line in one go; the next run of the job goes on

QUIET = Problem(
    "It is too late in the day to write to families. The next offer can be made at {at}.", rule="quiet hours"
)
TOO_SOON = Problem("It begins so soon that nobody would have time to answer. Ring the family.", rule="too soon")
NOT_OPEN = Problem("Nothing can be offered: it is cancelled, has begun, or can no longer be joined.", rule="closed")
NOT_WAITING = Problem("This family is not waiting any more, or holds an offer already.", rule="not waiting")
NO_ROOM = "They need {needs}, and {left} left."
NO_REASON = Problem("Say why this family comes before others.", "why", rule="missing")


class _LineMoved(Exception):
    """The entry left the line while its place was claimed; both go back."""


async def offer_free_places() -> int:
    """Offers what is free to those in line, everywhere; returns how many offers were made. None in the quiet hours."""
    now, made = clock.now(), 0
    if offer_times.is_quiet(now):
        return 0
    for target in await _with_places_left(now):
        try:
            made += await _offer_all(target)
        except Exception:
            logger.exception("no place could be offered for run %s, session %s", target.run_id, target.session_id)
    return made


async def _offer_all(target: Target) -> int:
    made = 0
    while made < MOST_AT_ONCE and await offer_next(target):
        made += 1
    return made


async def _with_places_left(now: datetime) -> list[Target]:
    """Lines in which somebody fits in what is left and could still answer."""
    soonest = offer_times.earliest_close(now)
    session_fits = line_first.for_session("s", kept=line_first.kept("s", "$1"))
    run_fits = line_first.for_run("r", kept=line_first.kept("r", "$1"))
    found = await db.rows(
        "SELECT s.run_id, s.id AS session_id FROM session s JOIN run r ON r.id = s.run_id WHERE s.id IN"
        " (SELECT session_id FROM waiting_entry WHERE state = 'waiting' AND session_id IS NOT NULL)"
        f" AND s.state = 'planned' AND r.state = 'published' AND s.starts_at >= $2 AND {session_fits}"
        " UNION ALL SELECT r.id, NULL FROM run r WHERE r.id IN"
        " (SELECT run_id FROM waiting_entry WHERE state = 'waiting' AND session_id IS NULL) AND r.state = 'published'"
        f" AND {line_first.STAYS_OPEN.format(t='r', soonest='$2')} AND {run_fits}",
        now,
        soonest,
    )
    return [Target(row["run_id"], row["session_id"]) for row in found]


async def offer_next(target: Target) -> UUID | None:
    """Offers a free place to the next in line and returns the offer's id; None when there is nothing to offer now."""

    async def body() -> UUID | None:
        line = await lines.lock(target)
        until = _until(line)
        if line is None or until is None:
            return None
        entry = await _next_of(line)
        return await _make(line, entry, until) if entry else None

    try:
        return await db.run_tx(body)
    except _LineMoved:
        return None


def _until(line: Line | None) -> datetime | None:
    if line is None or not line.is_open or line.closes_at is None:
        return None
    return offer_times.offer_until(clock.now(), line.closes_at)


async def _next_of(line: Line) -> dict[str, Any] | None:
    """The first in line who fits. A family that has a place by now leaves the line without a word."""
    for entry in await lines.in_order(line.target):
        if entry["has_a_place"]:
            await db.execute(
                "UPDATE waiting_entry SET state = 'booked', ended_at = $2 WHERE id = $1 AND state = 'waiting'",
                entry["id"], clock.now(),
            )  # fmt: skip
        elif not entry["creche_fits"]:
            continue  # it waits for the creche, which has no room yet; it keeps nobody from the course
        elif entry["places"] <= line.left_for(is_priority=entry["priority"] > 0):
            return entry
        elif not offer_times.rules().smaller_may_pass:
            return None
    return None


async def _make(line: Line, entry: dict[str, Any], until: datetime, *, by: Who | None = None, why: str = "") -> UUID:
    """Claims the places, marks the entry, writes the offer and its message, in the caller's transaction."""
    is_priority, now = entry["priority"] > 0, clock.now()
    if not await claiming.claim(line.target, entry["places"], is_priority=is_priority, is_from_line=True):
        raise _LineMoved
    if not await db.row(
        "UPDATE waiting_entry SET state = 'offered' WHERE id = $1 AND state = 'waiting' RETURNING id", entry["id"]
    ):
        raise _LineMoved
    offer = Offer(
        waiting_entry_id=entry["id"], places=entry["places"], token=secrets.token_urlsafe(12), created_at=now,
        expires_at=until, is_priority=is_priority, by_id=by.id if by else None,
    )  # fmt: skip
    await db.write_new([offer])
    await telling_offers.tell_offered(offer, entry, line)
    await audit.record(
        "offer place", about_kind="waiting", about_id=entry["id"], by=by, by_name="in turn", hub_id=line.hub_id, why=why,
        after={"places": entry["places"], "until": until.isoformat(), "offer": str(offer.id)},
    )  # fmt: skip
    return offer.id


async def offer_by_hand(*, entry_id: UUID, by: Who, why: str = "") -> UUID:
    """Staff offer a place to this family, in turn or out of turn; out of turn they say why. Returns the offer's id.

    Raises Refused: quiet hours, too soon, closed, not waiting, too few places left, or no reason given.
    """

    async def body() -> UUID:
        target = await _target_of(entry_id)
        line = await lines.lock(target)
        if line is None or not line.is_open or line.closes_at is None or line.closes_at <= clock.now():
            raise Refused([NOT_OPEN])
        waiting = await lines.in_order(target)
        entry = next((each for each in waiting if each["id"] == entry_id), None)
        if entry is None:
            raise Refused([NOT_WAITING])
        first = await _next_of(line)
        _refuse(line, entry, is_in_turn=bool(first and first["id"] == entry_id), why=why)
        until = offer_times.offer_until(clock.now(), line.closes_at)
        assert until is not None
        return await _make(line, entry, until, by=by, why=why)

    try:
        return await db.run_tx(body)
    except _LineMoved:
        raise Refused([NOT_WAITING]) from None


async def _target_of(entry_id: UUID) -> Target:
    found = await db.row("SELECT run_id, session_id FROM waiting_entry WHERE id = $1", entry_id)
    if found is None:
        raise Refused([NOT_WAITING])
    return Target.of(found)


def _refuse(line: Line, entry: dict[str, Any], *, is_in_turn: bool, why: str) -> None:
    """Raises Refused with every reason against offering to this family now."""
    now, found = clock.now(), []
    assert line.closes_at is not None
    left = line.left_for(is_priority=entry["priority"] > 0)
    if entry["places"] > left:
        found.append(Problem(NO_ROOM.format(needs=entry["places"], left=left), rule="too few"))
    if offer_times.is_quiet(now):
        at = clock.local(offer_times.when_loud(now)).strftime("%H:%M")
        found.append(Problem(QUIET.words.format(at=at), rule=QUIET.rule))
    elif offer_times.offer_until(now, line.closes_at) is None:
        found.append(TOO_SOON)
    if not is_in_turn and not why.strip() and not found:
        found.append(NO_REASON)
    if found:
        raise Refused(found)
