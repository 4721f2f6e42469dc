"""Delivering what is due: claim, look again, ask if need be, send, record (promise P4). Workers may be many."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from booking import clock, db
from booking.messages import channels, claims, outbox_rows, wording
from booking.messages.claims import LEASE, Row
from booking.messages.email import MailDoor
from booking.messages.outcomes import Outcome, later, refused
from booking.settings import Settings

PAUSE = 30.0  # seconds, when a provider asks to slow down and does not say for how long


@dataclass(slots=True)
class Delivered:
    """What one batch came to."""

    claimed: int = 0
    sent: int = 0
    failed: int = 0
    later: int = 0
    missed: int = 0

    def add(self, other: "Delivered") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.failed} failed, {self.later} later, {self.missed} missed"


def never() -> bool:
    return False


async def deliver_due(
    settings: Settings,
    worker: str,
    limit: int = 100,
    lease: timedelta = LEASE,
    is_stopping: Callable[[], bool] = never,
) -> Delivered:
    """Sends one batch of what is due and returns what came of it; `claimed == limit` means there may be more.

    Once `is_stopping` it starts on nothing more and gives the rest of the batch back. Channels without credentials are left alone. Safe to run in any number of processes, and to kill at any moment.
    """
    open_channels = [c for c, is_open in (("sms", settings.sends_sms), ("email", settings.sends_mail)) if is_open]
    if not open_channels or await claims.is_idle(open_channels, lease):
        return Delivered()
    await claims.rescue(lease)
    begun_at = time.monotonic()
    rows = await claims.claim(worker, open_channels, limit)
    async with _Batch(settings, begun_at + lease.total_seconds() / 2, is_stopping) as batch:
        ended = await asyncio.gather(*(batch.deliver(row) for row in rows), return_exceptions=True)
    batch.delivered.claimed = len(rows)
    for error in ended:
        if isinstance(error, BaseException):
            raise error  # the others are done; this one's row stays claimed and is rescued later
    return batch.delivered


class _Batch:
    """The open doors of one batch, and what has come of it so far."""

    def __init__(self, settings: Settings, give_up_at: float, is_stopping: Callable[[], bool]):
        self.settings = settings
        self.is_stopping = is_stopping
        self.give_up_at = give_up_at  # monotonic: past it the claims could be somebody else's
        self.at_once = asyncio.Semaphore(settings.messages.at_once)
        self.opened = AsyncExitStack()
        self.doors: dict[str, Any] = {}
        self.paused: dict[str, float] = {}  # channel -> seconds
        self.delivered = Delivered()

    async def __aenter__(self) -> "_Batch":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.opened.aclose()

    def door(self, channel: str) -> Any:
        if channel not in self.doors:
            self.doors[channel] = _open_sms(self.settings) if channel == "sms" else MailDoor(self.settings)
            self.opened.push_async_callback(self.doors[channel].close)
        return self.doors[channel]

    async def deliver(self, row: Row) -> None:
        async with self.at_once:
            if row["channel"] in self.paused or self.is_stopping() or time.monotonic() > self.give_up_at:
                seconds = self.paused.get(row["channel"], 0.0)
                await claims.put_back(row, clock.now() + timedelta(seconds=seconds * 1.05))
                self.delivered.later += 1
                return
            outcome = await self._attempt(row)
            if outcome:
                await self._record(row, outcome)

    async def _attempt(self, row: Row) -> Outcome | None:
        """The outcome of one attempt; None when the row is not ours, not wanted or too late."""
        bad = await claims.state_of_address(row)
        if bad in channels.DEAD and not row["may_have_left"]:
            return refused(bad, "This address is known not to work.", bad)
        if not await claims.begin(row):
            return None
        if row["may_have_left"] and row["channel"] == "sms":
            asked = await self._ask(row)
            if asked.kind != "later":
                return asked
        if row["expires_at"] and row["expires_at"] <= clock.now():
            await claims.record_missed(row, "Too late to make sense.")
            self.delivered.missed += 1
            return None
        if row["calendar"] and await claims.is_overtaken(row):
            if row["kind"] == "invite":
                await claims.record_overtaken(row)
                return None
            row = row | {"calendar": "", "calendar_method": ""}
        return await self._send(row)

    async def _send(self, row: Row) -> Outcome:
        door = self.door(row["channel"])
        if row["channel"] == "email":
            return await door.send(row)
        return await door.send(address=row["address"], body=row["body"], is_discreet=bool(row["is_discreet"]))

    async def _ask(self, row: Row) -> Outcome:
        """Whether the provider has this row's SMS already: by its marker, or by its whole text where it has none."""
        made = row["created_at"] - timedelta(minutes=5)  # their clock need not be ours
        listed = await self.door("sms").listed(address=row["address"], since=made)
        if isinstance(listed, Outcome):
            return listed
        text = f".{row['marker']}" if row["marker"] else row["body"]
        ours = [sid for sid, body in listed if text in body]
        taken = await claims.known_to_us(ours)
        free = [sid for sid in ours if sid not in taken]
        return Outcome("sent", provider_id=free[0]) if free else later("not there", "The provider does not have it.")

    async def _record(self, row: Row, outcome: Outcome) -> None:
        if outcome.kind == "sent":
            await claims.record_sent(row, outcome)
            self.delivered.sent += 1
        elif outcome.kind == "refused":
            await db.run_tx(lambda: _give_up(row, outcome))
            self.delivered.failed += 1
        else:
            await claims.record_later(row, outcome)
            self.delivered.later += 1
            if outcome.code in ("429", "20429"):
                await self._pause(row["channel"], outcome.retry_after or PAUSE)

    async def _pause(self, channel: str, seconds: float) -> None:
        """Once per batch: everybody leaves this provider alone for so long."""
        if channel not in self.paused:
            self.paused[channel] = seconds
            await claims.slow_down(channel, clock.now() + timedelta(seconds=seconds))


def _open_sms(settings: Settings) -> Any:
    from booking.messages.sms import SmsDoor  # 20 MB that a process without SMS to send need not carry

    return SmsDoor(settings)


async def _give_up(row: Row, outcome: Outcome) -> None:
    """Records the refusal, marks the address, and tries the person's mail address instead."""
    was_wanted = await claims.record_failed(row, outcome)
    if outcome.address_state and row["person_id"]:
        await claims.mark_address(row, outcome.address_state)
        if was_wanted and row["channel"] == "sms" and not row["is_discreet"] and not row["is_secret"]:
            await _fall_back_to_mail(row)


async def _fall_back_to_mail(row: Row) -> None:
    """The same words by mail, under the key that mail would have had: if it went by mail anyway, nothing is added."""
    person = await claims.person(row["person_id"])
    if not person or not person["email"] or person["email_state"] in channels.DEAD:
        return
    await outbox_rows.write(
        text=wording.instead_of_sms(row["kind"], row["body"], person["name"]),
        person_id=row["person_id"],
        kind=row["kind"],
        channel="email",
        address=person["email"],
        about=(row["about_kind"], row["about_id"]),
        session_id=row["session_id"],
        hub_id=row["hub_id"],
        batch_id=row["batch_id"],
        dedupe_key=row["dedupe_key"].removesuffix(":sms") + ":email",
        marker="",
        is_discreet=False,
        due_at=clock.now(),
        expires_at=row["expires_at"],
    )
