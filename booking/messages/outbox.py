"""The outbox: what the other areas call, inside the transaction of the act that causes the message (promise P4).

Nothing is sent here. A row is written; `delivery.deliver_due` claims, sends and records it later.

    await outbox.queue(
        person=parent, kind="confirmation", about=("booking", booking.id), dedupe_key=f"confirmation:{booking.id}",
        facts={"said": said, "dates": saids, "people": "You and Ada", "reference": "KQ7-4MD", "token": token},
        calendar=saids,
    )
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.messages import channels, digests, invites, kept_words, orders, outbox_rows, wording
from booking.messages.calendar import Method
from booking.messages.channels import Channel
from booking.messages.orders import Order, duty_invite
from booking.messages.outbox_many import queue_many
from booking.messages.outbox_rows import Queued
from booking.messages.said import RoomEntry, Said

__all__ = [
    "Order",
    "Queued",
    "duty_invite",
    "put_in_calendar",
    "queue",
    "queue_code",
    "queue_many",
    "release_batch",
    "release_batches",
    "take_out",
    "void",
    "void_batch",
    "void_of_many",
]

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
    is_for_hub_alone: bool = False,
    ring_because: str = "",
) -> list[Queued]:
    """Queues one message to one person, by the channel they chose, and returns the rows (none: nothing may be sent).
    A row of the channel `call` is a task for staff; `ring_because` makes one beside the messages, and says why.

    Call it inside the caller's transaction. `dedupe_key` is the caller's base key; the channel is added to it, so the
    same call twice writes nothing twice. A row of that key that was voided before anything left comes back to life
    (a cancellation that was undone). Rules for the channel: `channels.pick`.

    `due_at` defaults to now; after `expires_at` the message is marked missed instead of sent. `calendar` are the
    sessions to put into the family's calendar, or for cancellation, given_up and missed to take out: one mail per session,
    because Outlook reads one entry per mail; the first rides in this message's own mail. Ids and sequence numbers of
    the entries are kept in `Invite` (promise P7). `entry` is what of a room booking or a whole series stands in its booker's
    calendar from now on: one entry, in this message's mail. `batch_id` is the AuditEvent of a mass action, for undo.
    `session_id` (default: that of `said`) and `hub_id` say whose outbox page shows it; what staff of that very hub alone may
    read (`is_for_hub_alone`) no county admin finds there.

    `facts` by kind (see docs/messages.md): said, dates, people, reference, token, reason, alternatives_path.
    Raises wording.MissingFact when a fact the wording needs is missing.
    """
    asked = Order(
        person, kind, facts, about, dedupe_key, due_at or clock.now(), expires_at, batch_id, session_id, hub_id, entry,
        is_for_hub_alone,
    )  # fmt: skip
    order, saids = orders.made_safe(asked), [orders.neutral(each) if person.is_discreet else each for each in calendar]
    picked = channels.pick(person, kind, is_discreet=order.is_discreet)
    if ring_because and person.channel != "none":
        picked = channels.with_call(picked)
    return [await _queue_one(order, channel, saids, ring_because) for channel in picked]


async def take_out(*, person: Any, said: Said, about: tuple[str, UUID], dedupe_key: str, hub_id: UUID | None) -> None:
    """A mail that only takes one session out of the family's calendar, where it stands there: the message about what comes
    instead is another. In the transaction of the act."""
    order = orders.made_safe(
        Order(
            person,
            "given_up",
            {"said": said},
            about,
            dedupe_key,
            clock.now(),
            said.ends_at,
            session_id=said.session_id,
            hub_id=hub_id,
        )
    )
    said = order.facts["said"]
    if "email" in channels.pick(person, "given_up", is_discreet=order.is_discreet):
        await _queue_invite(order, said, order.due_at + INVITES_APART)


async def put_in_calendar(
    *,
    person: Any,
    said: Said,
    is_over: bool,
    about: tuple[str, UUID],
    dedupe_key: str,
    due_at: datetime,
    hub_id: UUID | None,
    batch_id: UUID | None = None,
) -> Queued | None:
    """A mail that puts one duty into somebody's calendar, changes it, or takes it out (`is_over`); None where they have no mailbox,
    or it never stood there. Of a restricted duty it says the time alone. In the transaction of the act."""
    order = duty_invite(
        person,
        said,
        is_over=is_over,
        about=about,
        dedupe_key=dedupe_key,
        due_at=due_at,
        hub_id=hub_id,
        batch_id=batch_id,
    )
    if "email" not in channels.pick(person, order.kind, is_discreet=order.is_discreet):
        return None
    row = await _write(order, "email", order.kind, order.facts, f"{dedupe_key}:email:{said.session_id}", due_at)
    if row.is_new and not await _attach(order, row.id, said):
        await db.execute("DELETE FROM message WHERE id = $1", row.id)
        return None
    return row


async def _queue_one(order: Order, channel: Channel, calendar: Sequence[Said], ring_because: str) -> Queued:
    row = await _write(
        order, channel, order.kind, order.facts, f"{order.dedupe_key}:{channel}", order.due_at, ring_because
    )
    if row.is_new and channel == "email" and order.entry:
        await _attach_entry(order, row.id, order.entry)
    if row.is_new and channel == "email" and calendar:
        own = next((said for said in calendar if order.said and said.session_id == order.said.session_id), calendar[0])
        await _attach(order, row.id, own)
        others = [said for said in calendar if said is not own]
        for number, said in enumerate(others, start=1):
            await _queue_invite(order, said, order.due_at + number * INVITES_APART)
    return row


async def _queue_invite(order: Order, said: Said, due_at: datetime) -> None:
    facts = {"said": said, "is_over": order.kind in channels.TAKES_OUT}
    facts |= {name: True for name in ("is_discreet",) if name in order.facts}
    row = await _write(order, "email", "invite", facts, f"{order.dedupe_key}:email:{said.session_id}", due_at)
    if row.is_new and not await _attach(order, row.id, said):
        await db.execute("DELETE FROM message WHERE id = $1", row.id)  # it was never in their calendar


async def _attach(order: Order, message_id: UUID, said: Said) -> bool:
    """Puts the calendar entry into the mail; False when there is nothing to take out."""
    is_over = order.kind in channels.TAKES_OUT or bool(order.facts.get("is_over"))
    method: Method = "CANCEL" if is_over else "REQUEST"
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


async def _attach_entry(order: Order, message_id: UUID, entry: RoomEntry) -> None:
    """Puts the whole state of a room booking or series into the mail; nothing when it never stood in the calendar."""
    method: Method = "REQUEST" if entry.held else "CANCEL"
    text = await invites.next_room_invite(order.person, entry, method, clock.now())
    if text:
        await db.execute(
            "UPDATE message SET calendar = $1, calendar_method = $2 WHERE id = $3", text, method, message_id
        )


async def _write(
    order: Order, channel: Channel, kind: str, facts: dict[str, Any], dedupe_key: str, due_at: datetime,
    ring_because: str = "",
) -> Queued:  # fmt: skip
    values = await orders.values_of(order, channel, kind, facts, dedupe_key)
    if channel == "call" and ring_because:
        text = values["text"]
        values["text"] = replace(text, body=f"Ring them: {ring_because}.\n\n{text.body}")
    return await outbox_rows.write(**values | {"due_at": due_at})


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
    facts = {"code": code, "minutes": max(1, round((expires_at - now).total_seconds() / 60))}
    kept, language = await kept_words.in_use(kind, channel, facts, person.language if person else "en")
    text = wording.compose(kind, channel, facts, language=language, kept=kept)
    return await outbox_rows.write(
        text=text,
        language=text.language,
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
        is_discreet=kind == "manage_code" or bool(person and person.is_discreet),
        is_secret=True,
        urgency=orders.CODE,
        due_at=now,
        expires_at=expires_at,
    )


async def void(
    *,
    why: str,
    about: tuple[str, UUID] | None = None,
    session_id: UUID | None = None,
    person_id: UUID | None = None,
    kinds: Sequence[str] = (),
) -> int:
    """Takes back what has not left about one thing, of one session, or both; to one person or all, of these kinds or all. Returns
    how many.

    In the transaction of the act. What a worker has claimed but not yet sent is not sent either. Raises ValueError
    when neither `about` nor `session_id` is given.
    """
    wanted = [("about_kind", [about[0]]), ("about_id", [about[1]])] if about else []
    wanted += [("session_id", [session_id])] if session_id else []
    if not wanted:
        raise ValueError("void what? give about or session_id")
    wanted += [("person_id", [person_id])] if person_id else []
    wanted += [("kind", list(kinds))] if kinds else []
    return len(await digests.void(wanted, why))


async def void_of_many(kind: str, ids: Sequence[UUID], *, kinds: Sequence[str], why: str) -> int:
    """The same about many things of one kind, in as many statements as about one."""
    return len(await digests.void([("about_kind", [kind]), ("about_id", ids), ("kind", kinds)], why)) if ids else 0


async def void_batch(batch_id: UUID, why: str = "undone") -> int:
    """Undo: takes back what has not left of one mass action; returns how many."""
    return len(await _void_batches([batch_id], why))


async def undo_batches(batch_ids: Sequence[UUID], into: UUID) -> list[dict[str, Any]]:
    """Undo of an action of several parts, of which something may have left: takes back the rest, and returns who has heard
    (person_id, kind, about_kind, about_id, session_id, calendar_method), as rows of one act from now on: `into`.

    What a worker is just sending counts as heard: it may have left.
    """
    taken = await _void_batches(batch_ids, "undone")
    maybe = [row["id"] for row in taken if row["may_have_left"]]
    return await db.rows(
        f"UPDATE message SET batch_id = $1 WHERE batch_id IN {db.in_list(batch_ids, 2)} AND (state IN ('sent', 'delivered')"
        " OR (state = 'merged' AND digest_id IN (SELECT d.id FROM message d WHERE d.kind = 'digest' AND"
        " (d.state IN ('sent', 'delivered') OR d.may_have_left)))"
        f"{f' OR id IN {db.in_list(maybe, 2 + len(batch_ids))}' if maybe else ''})"
        " RETURNING id, person_id, kind, about_kind, about_id, session_id, calendar_method",
        into,
        *batch_ids,
        *maybe,
    )


async def _void_batches(batch_ids: Sequence[UUID], why: str) -> list[dict[str, Any]]:
    taken = await digests.void([("batch_id", batch_ids)], why)
    cancels = [row for row in taken if row["calendar_method"] == "CANCEL" and row["person_id"]]
    await invites.not_taken_out(
        [invites.uid(row["session_id"] or row["about_id"], row["person_id"]) for row in cancels]
    )
    return taken


async def release_batch(batch_id: UUID) -> int:
    """Send now: makes the waiting messages of one mass action due; returns how many."""
    return await release_batches([batch_id])


async def release_batches(batch_ids: Sequence[UUID], *, in_order_of: Sequence[str] = ()) -> int:
    """The same for an action of several parts. What must not overtake older messages of these kinds to the same person stays behind
    those that wait still."""
    if not batch_ids:
        return 0
    now = clock.now()
    batches, kinds = db.in_list(batch_ids, 2), db.in_list(in_order_of, 2 + len(batch_ids))
    older = (
        " AND NOT EXISTS (SELECT 1 FROM message o WHERE o.person_id = m.person_id AND o.state = 'queued' AND o.due_at > $1"
        f" AND o.kind IN {kinds} AND (o.batch_id IS NULL OR o.batch_id NOT IN {batches})"
        " AND (o.created_at, o.id) < (m.created_at, m.id))"
    )
    rows = await db.rows(
        "UPDATE message SET due_at = $1, next_try_at = $1 WHERE state = 'queued' AND due_at > $1 AND id IN (SELECT id FROM"
        f" message m WHERE state = 'queued' AND batch_id IN {batches}{older if in_order_of else ''}{db.lock_in_order()}) RETURNING id",
        now,
        *batch_ids,
        *in_order_of,
    )
    return len(rows)
