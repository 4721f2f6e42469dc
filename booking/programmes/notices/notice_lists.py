"""Notices as staff see them: those of their hubs, how far each is, and what became of its messages.

One about something restricted is seen by staff of that very hub alone (promises P5, P6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes.staff_lists import within

Row = dict[str, Any]
PAGE = 20
COLUMNS = (
    "n.id, n.hub_id, n.about_kind, n.about_id, n.about_words, n.sms, n.subject, n.mail, n.to_whom, n.from_at, n.until_at,"
    " n.is_discreet, n.is_restricted, n.state, n.created_at, n.due_at, n.event_id, w.name AS by_name"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What has become of a notice. people are meant, dealt of them have a message or were left out: gone no longer come,
    silent want no message. Of the messages waiting have not left, later_at is when the last of them may; calls are to be
    rung by staff, rung of them have been; void were taken back."""

    people: int = 0
    dealt: int = 0
    gone: int = 0
    silent: int = 0
    waiting: int = 0
    later_at: datetime | None = None
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    calls: int = 0
    rung: int = 0
    void: int = 0
    parts: int = 0

    @property
    def left(self) -> int:
        """How many have left, known to have come or not."""
        return self.sent + self.delivered

    @property
    def is_anything_to_undo(self) -> bool:
        return bool(self.people - self.dealt or self.waiting or self.calls)


def _seen(who: Who, first: int) -> tuple[str, list[Any]]:
    """A condition on notice n for what somebody may see."""
    condition, parameters = within(who, first, column="n.hub_id")
    own = sorted(who.role_hubs)
    theirs = f"n.hub_id IN {db.in_list(own, first + len(parameters))}"
    return f"{condition} AND (NOT n.is_restricted OR {theirs})", [*parameters, *own]


async def find(who: Who, page: int = 1) -> tuple[list[Row], bool]:
    """One page of notices with their `figures`, the latest first, and whether there are more. Three queries."""
    condition, parameters = _seen(who, 1)
    found = await db.rows(
        f"SELECT {COLUMNS} FROM notice n LEFT JOIN person w ON w.id = n.by_id WHERE {condition}"
        f" ORDER BY n.created_at DESC, n.id DESC LIMIT {PAGE + 1} OFFSET {(max(page, 1) - 1) * PAGE}",
        *parameters,
    )
    return await _with_figures(found[:PAGE]), len(found) > PAGE


async def find_one(who: Who, notice_id: UUID) -> Row | None:
    """A notice with its `figures`; None when it is not there or not theirs to see."""
    condition, parameters = _seen(who, 2)
    found = await db.rows(
        f"SELECT {COLUMNS} FROM notice n LEFT JOIN person w ON w.id = n.by_id WHERE n.id = $1 AND {condition}",
        notice_id,
        *parameters,
    )
    return (await _with_figures(found))[0] if found else None


def may_undo(who: Who, notice: Mapping[str, Any]) -> bool:
    """Whoever may write such a notice may take it back."""
    return notice["about_kind"] not in ("hub", "location") or who.manages(notice["hub_id"])


async def _with_figures(notices: Sequence[Row]) -> list[Row]:
    if not notices:
        return []
    ids, batches = [row["id"] for row in notices], [row["event_id"] for row in notices]
    people = await db.rows(
        "SELECT notice_id, COUNT(*) AS people, COUNT(queued_at) AS dealt,"
        " SUM(CASE WHEN outcome = 'gone' THEN 1 ELSE 0 END) AS gone,"
        f" SUM(CASE WHEN outcome = 'nothing' THEN 1 ELSE 0 END) AS silent FROM notice_recipient"
        f" WHERE notice_id IN {db.in_list(ids)} GROUP BY notice_id",
        *ids,
    )
    messages = await db.rows(
        "SELECT batch_id, channel, state, COUNT(*) AS n, SUM(parts) AS parts, MAX(next_try_at) AS last_at FROM message"
        f" WHERE batch_id IN {db.in_list(batches)} GROUP BY batch_id, channel, state",
        *batches,
    )
    by_id = {row["notice_id"]: row for row in people}
    return [
        notice
        | {"figures": _figures(by_id.get(notice["id"]), [m for m in messages if m["batch_id"] == notice["event_id"]])}
        for notice in notices
    ]


def _figures(people: Row | None, messages: Sequence[Row]) -> Figures:
    def count(*states: str, calls: bool = False) -> int:
        return sum(m["n"] for m in messages if m["state"] in states and (m["channel"] == "call") is calls)

    waits = [m["last_at"] for m in messages if m["state"] == "queued" and m["channel"] != "call"]
    last_at = max(waits, default=None)
    of = people or {"people": 0, "dealt": 0, "gone": 0, "silent": 0}
    return Figures(
        people=of["people"],
        dealt=of["dealt"],
        gone=of["gone"] or 0,
        silent=of["silent"] or 0,
        waiting=count("queued", "claimed"),
        later_at=last_at if last_at and last_at > clock.now() else None,
        sent=count("sent"),
        delivered=count("delivered"),
        failed=count("failed", "missed"),
        calls=count("queued", "claimed", calls=True),
        rung=count("sent", "delivered", calls=True),
        void=count("void") + count("void", calls=True),
        parts=sum(m["parts"] or 0 for m in messages if m["state"] in ("sent", "delivered")),
    )


async def to_ring(who: Who, notice: Mapping[str, Any]) -> list[Row]:
    """Whom staff have still to ring about it: name, phone, body; and whose message failed: error. Discreet ones are for staff of
    that very hub alone. One query."""
    everybody = "" if who.works_at(notice["hub_id"]) else " AND NOT (m.is_discreet OR h.is_discreet)"
    return await db.rows(
        "SELECT m.id, h.name, h.phone, m.channel, m.body, m.error FROM message m JOIN person h ON h.id = m.person_id"
        " WHERE m.batch_id = $1 AND ((m.channel = 'call' AND m.state = 'queued') OR m.state IN ('failed', 'missed'))"
        f"{everybody}"
        " ORDER BY h.name, m.id LIMIT 200",
        notice["event_id"],
    )
