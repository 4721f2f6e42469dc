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
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from booking.messages.said import Said

Channel = Literal["sms", "email"]


@dataclass(frozen=True, slots=True)
class Queued:
    """One row of the outbox; `is_new` is False when the dedupe key was already there and nothing was written."""

    id: UUID
    channel: Channel
    is_new: bool


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
    batch_id: UUID | None = None,
) -> list[Queued]:
    """Queues one message to one person, by the channel they chose, and returns the rows (none: nothing may be sent).

    Call it inside the caller's transaction. `dedupe_key` is the caller's base key; the channel is added to it, so the
    same call twice writes nothing twice. A row of that key that was voided before anything left comes back to life
    (a cancellation that was undone). Rules for the channel:

    - the person's own choice, `sms` or `email`; `call` and `none` get nothing;
    - where that address is missing, opted out, not a mobile or bounced: the other one, if there is one;
    - kinds that change a calendar (confirmation, changed, cancellation, given_up) go by mail as well where a mail
      address is known;
    - anything discreet goes by the chosen channel only.

    `due_at` defaults to now; after `expires_at` the message is marked missed instead of sent. `calendar` are the
    sessions to put into the family's calendar, or for cancellation and given_up to take out: one mail per session,
    because Outlook reads one entry per mail; the first rides in this message's own mail. Ids and sequence numbers of
    the entries are kept in `Invite` (promise P7). `batch_id` is the AuditEvent of a mass action, for undo.

    `facts` by kind (see docs/messages.md): said, dates, people, reference, token, reason, alternatives_path.
    Raises jinja2.UndefinedError when a fact the wording needs is missing.
    """
    raise NotImplementedError


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
    raise NotImplementedError


async def void(*, about: tuple[str, UUID], kinds: Sequence[str] | None = None, why: str) -> int:
    """Takes back what has not left about one thing, of these kinds or all; returns how many. In the transaction."""
    raise NotImplementedError


async def void_batch(batch_id: UUID, why: str = "undone") -> int:
    """Undo: takes back what has not left of one mass action; returns how many."""
    raise NotImplementedError


async def release_batch(batch_id: UUID) -> int:
    """Send now: makes the waiting messages of one mass action due; returns how many."""
    raise NotImplementedError
