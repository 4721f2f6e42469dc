"""Sending a notice to many, and taking it back until it has left.

The act writes the notice and its recipients in one transaction, however many they are; their messages are made by a job when it is
due (queueing_notices.py). The preview is the act rolled back (promise P10).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.looking import look
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.notices import audience, previewing
from booking.programmes.notices.audience import Audience
from booking.programmes.notices.finding_about import About
from booking.programmes.notices.notice_words import AGAIN, NOBODY, Typed, problems_of
from booking.programmes.notices.previewing import Preview

VERB = "send notice"
SAME_WITHIN = timedelta(hours=1)
UNDONE = Problem("This has been taken back already.", rule="undone")
LEFT = Problem("Everything has left already, so it can no longer be taken back.", rule="too late")
NOT_WAITING = Problem("It is leaving already, or was taken back.", rule="not waiting")
NEW = (
    "INSERT INTO notice (id, hub_id, about_kind, about_id, about_words, sms, subject, mail, to_whom, from_at, until_at,"
    " is_discreet, is_restricted, state, created_at, due_at, by_id, form_token)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waits', $14, $15, $16, $17)"
    " ON CONFLICT (form_token) DO NOTHING RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that waits to leave. is_new is False where the same form had sent it before."""

    notice_id: UUID
    due_at: datetime
    people: int
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Undone:
    """How many had left when a notice was taken back, and how many never will."""

    left: int
    taken_back: int


async def preview(about: About, wanted: Audience, typed: Typed, *, by: Who, undo_minutes: int = 10) -> Preview:
    """What `send` would do now, and what families would read. Raises Refused as it does; changes nothing."""

    async def act() -> Preview:
        sent = await send(about, wanted, typed, form_token=db.new_id().hex, by=by, undo_minutes=undo_minutes)
        return await previewing.of(sent.notice_id)

    return await look(act)


async def send(
    about: About, wanted: Audience, typed: Typed, *, form_token: str, by: Who, undo_minutes: int = 10
) -> Sent:
    """Writes the notice to all who are in the audience now; it leaves when it can no longer be undone, or at typed.due_at.

    `about` is as finding_about gave it to whoever sends. The same form twice writes one. Raises Refused with all that is
    wrong; words that went to the same families within the hour only where typed.is_sure.
    """
    problems = problems_of(typed, needs_words=not about.is_discreet, over_at=about.ends_at)
    if problems:
        raise Refused(problems)

    async def body() -> Sent:
        first = await _first(form_token)
        if first:
            return first
        if not typed.is_sure and await is_said_again(about, wanted, typed):
            raise Refused([AGAIN])
        now = clock.now()
        due_at = max(typed.due_at or now, now + timedelta(minutes=undo_minutes))
        notice_id = db.new_id()
        if not await _write(notice_id, about, wanted, typed, due_at, form_token, by):
            again = await _first(form_token)
            assert again is not None
            return again
        people = await audience.write(notice_id, wanted)
        if not people:
            raise Refused([NOBODY])
        await _record(notice_id, about, due_at, people, by)
        return Sent(notice_id, due_at, people)

    return await db.run_tx(body)


async def _first(form_token: str) -> Sent | None:
    row = await db.row(
        "SELECT n.id, n.due_at, (SELECT COUNT(*) FROM notice_recipient p WHERE p.notice_id = n.id) AS people"
        " FROM notice n WHERE n.form_token = $1",
        form_token,
    )
    return Sent(row["id"], row["due_at"], row["people"], is_new=False) if row else None


async def is_said_again(about: About, wanted: Audience, typed: Typed) -> bool:
    """Whether the same words went, or wait to go, to the same families less than an hour ago."""
    found = await db.row(
        "SELECT id FROM notice WHERE about_kind = $1 AND about_id = $2 AND to_whom = $3 AND sms = $4 AND subject = $5"
        " AND mail = $6 AND state <> 'undone' AND created_at > $7 LIMIT 1",
        wanted.kind, wanted.id, wanted.to_whom, typed.sms, _subject(about, typed), typed.mail, clock.now() - SAME_WITHIN,
    )  # fmt: skip
    return found is not None


async def _write(
    notice_id: UUID, about: About, wanted: Audience, typed: Typed, due_at: datetime, form_token: str, by: Who
) -> bool:
    """False when the form had been sent before, by somebody who was quicker."""
    written = await db.row(
        NEW, notice_id, about.hub_id, wanted.kind, wanted.id, about.words[:200], typed.sms, _subject(about, typed), typed.mail,
        wanted.to_whom, wanted.from_at, wanted.until_at, about.is_discreet, about.is_restricted, clock.now(), due_at,
        by.id, form_token,
    )  # fmt: skip
    return written is not None


def _subject(about: About, typed: Typed) -> str:
    return typed.subject or ("" if about.is_discreet else f"About {about.words}"[:120])


async def _record(notice_id: UUID, about: About, due_at: datetime, people: int, by: Who) -> None:
    """The event stands at what the notice is about, so that whoever may not know of that learns nothing here (promise P5)."""
    event_id = await audit.record(
        VERB, about_kind=trail_kind(about.kind), about_id=about.id, by=by, hub_id=about.hub_id,
        after={"people": people, "notice": str(notice_id)}, undo_until=due_at,
    )  # fmt: skip
    await db.execute("UPDATE notice SET event_id = $2 WHERE id = $1", notice_id, event_id)


def trail_kind(kind: str) -> str:
    """What the trail calls it: a hub is a place, and a waiting list is not known there by itself."""
    return {"hub": "location", "waiting": "line"}.get(kind, kind)


async def undo(*, notice_id: UUID, by: Who) -> Undone:
    """Takes back all of it that has not left; who has read it has. Raises Refused when it was taken back before, or
    everything has left."""

    async def body() -> Undone:
        notice = await db.row(
            "UPDATE notice SET state = 'undone' WHERE id = $1 AND state <> 'undone' RETURNING event_id, about_kind,"
            " about_id, hub_id",
            notice_id,
        )
        if notice is None:
            raise Refused([UNDONE])
        await outbox.void_batch(notice["event_id"], "the notice was taken back")
        figures = await _figures(notice_id, notice["event_id"])
        if not figures.taken_back:
            raise Refused([LEFT])
        await db.execute("UPDATE audit_event SET undone_at = $2 WHERE id = $1", notice["event_id"], clock.now())
        await audit.record(
            "undo send notice", about_kind=trail_kind(notice["about_kind"]), about_id=notice["about_id"], by=by,
            hub_id=notice["hub_id"], before={"notice": str(notice_id)}, after={"heard": figures.left},
        )  # fmt: skip
        return figures

    return await db.run_tx(body)


async def _figures(notice_id: UUID, event_id: UUID) -> Undone:
    """What was just being sent counts as left: it may have."""
    row = await db.row(
        "SELECT SUM(CASE WHEN state IN ('sent', 'delivered') OR may_have_left THEN 1 ELSE 0 END) AS went,"
        " SUM(CASE WHEN state = 'void' AND NOT may_have_left THEN 1 ELSE 0 END) AS taken FROM message WHERE batch_id = $1",
        event_id,
    )
    waiting = await db.value(
        "SELECT COUNT(*) AS n FROM notice_recipient WHERE notice_id = $1 AND queued_at IS NULL", notice_id
    )
    assert row is not None
    return Undone(row["went"] or 0, (row["taken"] or 0) + waiting)


async def send_now(*, notice_id: UUID, by: Who) -> None:
    """It leaves with the next run of the job, and can be taken back until then. Raises Refused when it does not wait."""

    async def body() -> None:
        notice: dict[str, Any] | None = await db.row(
            "UPDATE notice SET due_at = $2 WHERE id = $1 AND state = 'waits' RETURNING about_kind, about_id, hub_id",
            notice_id,
            clock.now(),
        )
        if notice is None:
            raise Refused([NOT_WAITING])
        await audit.record(
            "send now", about_kind=trail_kind(notice["about_kind"]), about_id=notice["about_id"], by=by,
            hub_id=notice["hub_id"], after={"notice": str(notice_id)},
        )  # fmt: skip

    await db.run_tx(body)
