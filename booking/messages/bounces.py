"""Mails that come back: the message has failed, a mailbox that is not there is marked, and the next channel is tried."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

from booking import clock, db
from booking.messages import bounce_mailbox, bounce_reading, claims, next_channel, sender
from booking.messages.bounce_mailbox import Found, Place
from booking.messages.bounce_reading import Bounce
from booking.settings import Settings
from booking.words import count_words

LOOK_BACK = timedelta(days=7)  # in a mailbox that has never been read; mail hosts give up after five days


async def read_new(settings: Settings) -> str:
    """Reads the reports that came since the last time; returns in words what they were, "" for nothing new.

    May be killed at any moment and run twice at once: a report changes a message once, and how far the mailbox has been read is
    written down last. Raises MailboxTrouble.
    """
    place, since = await _place(settings), (clock.now() - LOOK_BACK).date()
    found = await asyncio.to_thread(bounce_mailbox.new_reports, settings, place, since)
    ours = await asyncio.to_thread(_ours, found)
    settled = {uid: await settle(bounce) for uid, bounce in ours}
    known = [uid for uid, became in settled.items() if became != "unknown"]
    if known:
        await asyncio.to_thread(bounce_mailbox.mark_seen, settings, known)
    if found.place != place:
        await _remember(settings, found.place)
    failed = sum(became == "failed" for became in settled.values())
    return f"{count_words(len(known), 'report')}, {count_words(failed, 'message')} failed" if known else ""


def _ours(found: Found) -> list[tuple[int, Bounce]]:
    """Those that are about mails of ours. In a thread: what somebody has made up may take a second to be read."""
    bounces = ((uid, bounce_reading.read(content, sender.current().domain)) for uid, content in found.reports)
    return [(uid, bounce) for uid, bounce in bounces if bounce]


async def settle(bounce: Bounce) -> Literal["failed", "noted", "unknown"]:
    """Writes down what a report says of one message: it has failed by it, or nothing changes, or there is no such message."""

    async def body() -> Literal["failed", "noted", "unknown"]:
        ours = await db.row("SELECT person_id, channel, address FROM message WHERE id = $1", bounce.message_id)
        if ours is None:
            return "unknown"
        await claims.lock_people(ours)
        row = await _failed(bounce) if await _is_news(bounce) and bounce.has_failed else None
        if row is None:
            return "noted"
        if bounce.is_dead_mailbox and row["person_id"]:
            await claims.mark_address(row, "bounced")
        await next_channel.try_next(row)
        return "failed"

    return await db.run_tx(body)


async def _is_news(bounce: Bounce) -> bool:
    """Keeps the report beside the message, settled; False when it was there before."""
    written = await db.row(
        "INSERT INTO delivery_report (id, provider, provider_reference, status, error_code, words, received_at, settled_at)"
        " VALUES ($1, 'smtp', $2, $3, $4, $5, $6, $6) ON CONFLICT (provider_reference, status) DO NOTHING RETURNING id",
        db.new_id(), bounce.message_id.hex, "bounced" if bounce.has_failed else "delayed", bounce.status[:20],
        bounce.words[:300], clock.now(),
    )  # fmt: skip
    return written is not None


async def _failed(bounce: Bounce) -> dict[str, Any] | None:
    """The row, marked as failed; None where it did not stand as sent. What may have left has: it came back."""
    return await db.row(
        "UPDATE message SET state = 'failed', error_code = $2, error = $3, may_have_left = $4 WHERE id = $1"
        " AND channel = 'email' AND (state IN ('sent', 'delivered') OR (state IN ('queued', 'claimed') AND may_have_left))"
        " RETURNING *",
        bounce.message_id, bounce.status[:20], bounce.words[:300], False,
    )  # fmt: skip


async def _place(settings: Settings) -> Place:
    kept: Any = await db.value("SELECT value FROM instance WHERE key = $1", _key(settings))
    validity, _, uid = (kept or "0:0").partition(":")
    return Place(int(validity), int(uid))


async def _remember(settings: Settings, place: Place) -> None:
    await db.execute(
        "INSERT INTO instance (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        _key(settings),
        f"{place.validity}:{place.uid}",
    )


def _key(settings: Settings) -> str:
    """One for each folder that was ever read; at most 60 letters, as the table has it."""
    return f"bounces {settings.messages.bounce_user}/{settings.messages.bounce_folder}"[-60:]
