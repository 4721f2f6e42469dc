"""The outbox: what the other areas call, inside the transaction of the act that causes the message (promise P4).

Nothing is sent here. A row is written; `delivery.deliver_due` claims, sends and records it later.

    await outbox.queue(
        person=parent, kind="confirmation", about=("booking", booking.id), dedupe_key=f"confirmation:{booking.id}",
        facts={"said": said, "dates": saids, "people": "You and Ada", "reference": "KQ7-4MD", "token": token},
        calendar=saids,
    )
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.messages import channels, invites, outbox_rows, wording
from booking.messages.calendar import Method
from booking.messages.channels import Channel
from booking.messages.outbox_rows import Queued
from booking.messages.said import RoomEntry, RoomSaid, Said

__all__ = ["Queued", "queue", "queue_code", "release_batch", "void", "void_batch"]

INVITES_APART = timedelta(seconds=5)  # the mails that follow a course's confirmation arrive after it, in order


async def queue(
    *,
    person: Any,
    kind: str,
    facts: dict[str, Any],
    about: tuple[str, UUID],
    dedupe_key: str,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    calendar: Sequence[Said] = (),
    entry: RoomEntry | None = None,
    batch_id: UUID | None = None,
    session_id: UUID | None = None,
    hub_id: UUID | None = None,
) -> list[Queued]:
    """Queues one message to one person, by the channel they chose, and returns the rows (none: nothing may be sent).

    Call it inside the caller's transaction. `dedupe_key` is the caller's base key; the channel is added to it, so the
    same call twice writes nothing twice. A row of that key that was voided before anything left comes back to life
    (a cancellation that was undone). Rules for the channel: `channels.pick`.

    `due_at` defaults to now; after `expires_at` the message is marked missed instead of sent. `calendar` are the
    sessions to put into the family's calendar, or for cancellation, given_up and missed to take out: one mail per session,
    because Outlook reads one entry per mail; the first rides in this message's own mail. Ids and sequence numbers of
    the entries are kept in `Invite` (promise P7). `entry` is what of a room booking or a whole series stands in its booker's
    calendar from now on: one entry, in this message's mail. `batch_id` is the AuditEvent of a mass action, for undo.
    `session_id` (default: that of `said`) and `hub_id` say whose outbox page shows it.

    `facts` by kind (see docs/messages.md): said, dates, people, reference, token, reason, alternatives_path.
    Raises jinja2.UndefinedError when a fact the wording needs is missing.
    """
    order = _Order(
        person, kind, facts, about, dedupe_key, due_at or clock.now(), expires_at, batch_id, session_id, hub_id, entry
    )
    rows = []
    for channel in channels.pick(person, kind, is_discreet=order.is_discreet):
        rows.append(await _queue_one(order, channel, calendar))
    return rows


@dataclass(frozen=True, slots=True)
class _Order:
    """What queue() was asked for."""

    person: Any
    kind: str
    facts: dict[str, Any]
    about: tuple[str, UUID]
    dedupe_key: str
    due_at: datetime
    expires_at: datetime | None
    batch_id: UUID | None
    session_id: UUID | None
    hub_id: UUID | None
    entry: RoomEntry | None

    @property
    def said(self) -> Said | None:
        return self.facts.get("said")

    @property
    def is_discreet(self) -> bool:
        return self.said is not None and self.said.is_discreet


async def _queue_one(order: _Order, channel: Channel, calendar: Sequence[Said]) -> Queued:
    row = await _write(order, channel, order.kind, order.facts, f"{order.dedupe_key}:{channel}", order.due_at)
    if row.is_new and channel == "email" and order.entry:
        await _attach_entry(order, row.id, order.entry)
    if row.is_new and channel == "email" and calendar:
        own = next((said for said in calendar if order.said and said.session_id == order.said.session_id), calendar[0])
        await _attach(order, row.id, own)
        others = [said for said in calendar if said is not own]
        for number, said in enumerate(others, start=1):
            await _queue_invite(order, said, order.due_at + number * INVITES_APART)
    return row


async def _queue_invite(order: _Order, said: Said, due_at: datetime) -> None:
    facts = {"said": said, "is_over": order.kind in channels.TAKES_OUT}
    row = await _write(order, "email", "invite", facts, f"{order.dedupe_key}:email:{said.session_id}", due_at)
    if row.is_new and not await _attach(order, row.id, said):
        await db.execute("DELETE FROM message WHERE id = $1", row.id)  # it was never in their calendar


async def _attach(order: _Order, message_id: UUID, said: Said) -> bool:
    """Puts the calendar entry into the mail; False when there is nothing to take out."""
    method: Method = "CANCEL" if order.kind in channels.TAKES_OUT else "REQUEST"
    text = await invites.next_invite(order.person, said, method, clock.now())
    if text:
        await db.execute(
            "UPDATE message SET calendar = $1, calendar_method = $2, session_id = $3 WHERE id = $4",
            text,
            method,
            said.session_id,
            message_id,
        )
    return bool(text)


async def _attach_entry(order: _Order, message_id: UUID, entry: RoomEntry) -> None:
    """Puts the whole state of a room booking or series into the mail; nothing when it never stood in the calendar."""
    method: Method = "REQUEST" if entry.held else "CANCEL"
    text = await invites.next_room_invite(order.person, entry, method, clock.now())
    if text:
        await db.execute(
            "UPDATE message SET calendar = $1, calendar_method = $2 WHERE id = $3", text, method, message_id
        )


async def _write(
    order: _Order, channel: Channel, kind: str, facts: dict[str, Any], dedupe_key: str, due_at: datetime
) -> Queued:
    said: Said | None = facts.get("said")
    room: RoomSaid | None = facts.get("room")
    marker = outbox_rows.new_marker()
    names = {"name": order.person.name.split(" ")[0], "marker": marker}
    return await outbox_rows.write(
        text=wording.compose(kind, channel, names | facts),
        person_id=order.person.id,
        kind=kind,
        channel=channel,
        address=channels.address(order.person, channel),
        about=order.about,
        session_id=order.session_id or (said.session_id if said else None),
        hub_id=order.hub_id,
        batch_id=order.batch_id,
        dedupe_key=dedupe_key,
        marker=marker,
        is_discreet=bool((said and said.is_discreet) or (room and room.is_private)),
        due_at=due_at,
        expires_at=order.expires_at,
    )


async def queue_code(
    *,
    kind: Literal["sign_in_code", "manage_code"],
    channel: Channel,
    address: str,
    code: str,
    about: tuple[str, UUID],
    dedupe_key: str,
    expires_at: datetime,
    person: Any = None,
) -> Queued:
    """Queues a one-time code to one address. Goes before everything else; its text is wiped once it has left."""
    now = clock.now()
    minutes = max(1, round((expires_at - now).total_seconds() / 60))
    return await outbox_rows.write(
        text=wording.compose(kind, channel, {"code": code, "minutes": minutes}),
        person_id=person.id if person else None,
        kind=kind,
        channel=channel,
        address=address,
        about=about,
        session_id=None,
        hub_id=None,
        batch_id=None,
        dedupe_key=f"{dedupe_key}:{channel}",
        marker="",
        is_discreet=kind == "manage_code",
        is_secret=True,
        due_at=now,
        expires_at=expires_at,
    )


async def void(
    *,
    why: str,
    about: tuple[str, UUID] | None = None,
    session_id: UUID | None = None,
    kinds: Sequence[str] = (),
) -> int:
    """Takes back what has not left about one thing, of one session, or both; of these kinds or all. Returns how many.

    In the transaction of the act. What a worker has claimed but not yet sent is not sent either. Raises ValueError
    when neither `about` nor `session_id` is given.
    """
    wanted = [("about_kind", [about[0]]), ("about_id", [about[1]])] if about else []
    wanted += [("session_id", [session_id])] if session_id else []
    if not wanted:
        raise ValueError("void what? give about or session_id")
    wanted += [("kind", list(kinds))] if kinds else []
    return len(await outbox_rows.void(wanted, why))


async def void_batch(batch_id: UUID, why: str = "undone") -> int:
    """Undo: takes back what has not left of one mass action; returns how many."""
    taken = await outbox_rows.void([("batch_id", [batch_id])], why)
    cancels = [row for row in taken if row["calendar_method"] == "CANCEL" and row["person_id"]]
    await invites.not_taken_out(
        [invites.uid(row["session_id"] or row["about_id"], row["person_id"]) for row in cancels]
    )
    return len(taken)


async def release_batch(batch_id: UUID) -> int:
    """Send now: makes the waiting messages of one mass action due; returns how many."""
    now = clock.now()
    rows = await db.rows(
        "UPDATE message SET due_at = $1, next_try_at = $1 WHERE batch_id = $2 AND state = 'queued' AND due_at > $1"
        " RETURNING id",
        now,
        batch_id,
    )
    return len(rows)
