"""Delivering what is due: claim, look again, ask if need be, send, record (promise P4). Workers may be many."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from booking import clock, db
from booking.messages import channels, claims, digests, error_words, following, next_channel, pacing, providers
from booking.messages.claims import LEASE, Look, Row
from booking.messages.deadline import Deadline
from booking.messages.email import MailDoor
from booking.messages.outcomes import Outcome, later, refused, unknown
from booking.messages.words_for_staff import PROVIDERS
from booking.settings import Settings

HELD_TOO_LONG = "Not in the hours in which they may be contacted; too late after them."
TOO_MANY, TOO_MANY_WAIT = "So many texts went to this number that the next one waits.", 600.0
NOT_SET_UP = "not set up"
ASKED_LATER = "It may have left by {name}, which is asked when it is set up again."
NEVER_ASKED = "It may have left by {name}, which is not set up any more and could not be asked."
PAUSE = 30.0  # seconds, when a provider asks to slow down and does not say for how long


@dataclass(slots=True)
class Delivered:
    """What one batch came to."""

    claimed: int = 0
    sent: int = 0
    failed: int = 0
    later: int = 0
    missed: int = 0
    full: int = 0  # channels of which there may be more

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
    """Sends one batch of what is due and returns what came of it; `full` means there may be more.

    Once `is_stopping` it starts on nothing more and gives the rest of the batch back. Channels without credentials are left
    alone. Waits for its turn where texts are paced. Safe to run in any number of processes, and to kill at any moment.
    """
    open_channels = [c for c, is_open in (("sms", settings.sends_sms), ("email", settings.sends_mail)) if is_open]
    if not open_channels or await claims.is_idle(open_channels, lease):
        return Delivered()
    await claims.rescue(lease)
    if "sms" in open_channels:
        await digests.gather()
    permits = await _turn(settings, limit) if "sms" in open_channels else 0
    deadline = Deadline(lease.total_seconds() / 2)  # counted from before the claim
    taken = await _claim(settings, worker, permits, limit, has_mail="email" in open_channels)
    async with _Batch(settings, deadline, is_stopping) as batch:
        ended = await asyncio.gather(*(batch.deliver(row) for row in taken.rows), return_exceptions=True)
    await pacing.give_back(permits - batch.handed_over)
    batch.delivered.claimed, batch.delivered.full = len(taken.rows), taken.full
    for error in ended:
        if isinstance(error, BaseException):
            raise error  # the others are done; this one's row stays claimed and is rescued later
    return batch.delivered


async def _turn(settings: Settings, limit: int) -> int:
    """How many texts may be claimed now, as far as pace and limits permit; waits until it is this worker's turn."""
    due = await claims.due("sms", limit)
    if not due:
        return 0
    turn = await pacing.take(settings.messages, due)
    await asyncio.sleep(max(0.0, (turn.starts_at - clock.now()).total_seconds()))
    return turn.count


@dataclass(frozen=True, slots=True)
class _Claimed:
    rows: list[Row]
    full: int  # channels of which there may be more


async def _claim(settings: Settings, worker: str, permits: int, limit: int, *, has_mail: bool) -> _Claimed:
    """Texts as far as there are permits, then mails."""
    rows = await claims.claim(worker, ["sms"], permits) if permits else []
    await pacing.give_back_turns(settings.messages, permits - len(rows))
    full = int(permits > 0 and len(rows) == permits)
    room = limit - len(rows)
    if has_mail and room > 0:
        mails = await claims.claim(worker, ["email"], room)
        rows, full = rows + mails, full + (len(mails) == room)
    return _Claimed(rows, full)


class _Batch:
    """The open doors of one batch, and what has come of it so far."""

    def __init__(self, settings: Settings, deadline: Deadline, is_stopping: Callable[[], bool]):
        self.settings = settings
        self.is_stopping = is_stopping
        self.deadline = deadline  # past it the claims could be somebody else's
        self.at_once = asyncio.Semaphore(settings.messages.at_once)
        self.opened = AsyncExitStack()
        self.doors: dict[str, Any] = {}
        self.paused: dict[str, float] = {}  # channel -> seconds
        self.delivered = Delivered()
        self.handed_over = 0  # texts that have left, or may have

    async def __aenter__(self) -> "_Batch":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.opened.aclose()

    def door(self, name: str) -> Any:
        """By the provider's name; "smtp" is the door for mails."""
        if name not in self.doors:
            known = providers.by_name(self.settings, name)
            self.doors[name] = (
                providers.open_sms(known, self.deadline) if known else MailDoor(self.settings, self.deadline)
            )
            self.opened.push_async_callback(self.doors[name].close)
        return self.doors[name]

    def way(self, row: Row) -> str:
        """The name of the door by which a row leaves now."""
        return self.settings.messages.sms_provider if row["channel"] == "sms" else MailDoor.name

    async def deliver(self, row: Row) -> None:
        async with self.at_once:
            if row["channel"] in self.paused or self.is_stopping() or self.deadline.is_past():
                seconds = self.paused.get(row["channel"], 0.0)
                await claims.put_back(row, clock.now() + timedelta(seconds=seconds * 1.05))
                self.delivered.later += 1
                return
            outcome = await self._attempt(row)
            if outcome:
                await self._record(row, outcome)

    async def _attempt(self, row: Row) -> Outcome | None:
        """The outcome of one attempt; None when the row is not ours, not wanted or too late."""
        seen = await claims.look(row)
        if seen.state in channels.DEAD and not row["may_have_left"]:
            return refused(seen.state, "This address is known not to work.", seen.state)
        if row["channel"] == "sms" and not row["may_have_left"] and (held := await self._limits(row)):
            return held
        if seen.is_too_long and not row["may_have_left"]:
            return await following.say_less(row)
        is_too_early = seen.leaves_at > clock.now()
        if is_too_early and not row["may_have_left"]:
            return await self._hold(row, seen.leaves_at)
        is_asked_first = row["may_have_left"] and row["channel"] == "sms"
        row["provider"] = (is_asked_first and row["provider"]) or self.way(row)
        if not await claims.begin(row, row["provider"]):
            return None
        if is_asked_first and (asked := await self._ask(row)).kind != "later":
            return asked
        if is_asked_first and await _is_other_by_now(row, seen):
            return None
        if await digests.is_spoilt(row):
            return await digests.give_up(row)
        if row["expires_at"] and row["expires_at"] <= clock.now():
            await claims.record_missed(row, "Too late to make sense.")
            self.delivered.missed += 1
            return None
        if is_too_early:
            return await self._hold(row, seen.leaves_at)
        if row["calendar"] and await claims.is_overtaken(row):
            if row["kind"] in ("invite", "duty_invite"):
                await claims.record_overtaken(row)
                return None
            row = row | {"calendar": "", "calendar_method": ""}
        return await self._send(row)

    async def _ask(self, row: Row) -> Outcome:
        """What the provider by which it may have left says of it; another one in use since cannot know."""
        if providers.by_name(self.settings, row["provider"]):
            return await self.door(row["provider"]).ask(row)
        name = PROVIDERS.get(row["provider"], row["provider"])
        if row["expires_at"] and row["expires_at"] <= clock.now():
            return refused(NOT_SET_UP, NEVER_ASKED.format(name=name))
        return unknown(NOT_SET_UP, ASKED_LATER.format(name=name))

    async def _send(self, row: Row) -> Outcome | None:
        if row["provider"] != self.way(row):
            if not await claims.goes_by(row, self.way(row)):
                return None
            row["provider"] = self.way(row)
        return await self.door(row["provider"]).send(row)

    async def _limits(self, row: Row) -> Outcome | None:
        """Where this text may not go at all, or not yet."""
        if not pacing.is_allowed_country(self.settings.messages, row["address"]):
            is_british = row["address"].startswith("+44")
            return refused("country", error_words.words("country"), "not_mobile" if is_british else "")
        if not await pacing.is_too_many_to_one(self.settings.messages, row["address"], row["id"]):
            return None
        return (
            refused("limit", error_words.words("limit"))
            if row["is_secret"]
            else later("limit", TOO_MANY, TOO_MANY_WAIT)
        )

    async def _hold(self, row: Row, until: datetime) -> None:
        """Nothing leaves in quiet or unsafe hours. What would be too late after them goes another way, if there is one."""
        if row["expires_at"] is None or until < row["expires_at"]:
            await claims.put_back(row, until)
            self.delivered.later += 1
        else:
            await db.run_tx(lambda: _miss(row))
            self.delivered.missed += 1

    async def _record(self, row: Row, outcome: Outcome) -> None:
        has_left = outcome.kind in ("sent", "unknown") and outcome.code != NOT_SET_UP
        self.handed_over += row["channel"] == "sms" and has_left
        if outcome.kind == "sent":
            await claims.record_sent(row, outcome, row["provider"])
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
            if channel == "sms":
                await pacing.hold(seconds)


async def _is_other_by_now(row: Row, seen: Look) -> bool:
    """What the provider does not have, after a question that took its time: it may have been taken back meanwhile, or somebody else
    has heard that it left; it may have to go elsewhere, or in other words."""
    if not await claims.is_still_ours(row):
        return True
    if seen.moved_to:
        await claims.send_elsewhere(row, seen.moved_to)
    elif seen.is_too_long:
        await following.say_less(row)
    return bool(seen.moved_to or seen.is_too_long)


async def _miss(row: Row) -> None:
    """It could only have left after it makes sense. Mail keeps no quiet hours; where that is no way staff see who has not heard."""
    if not await claims.record_missed(row, HELD_TOO_LONG):
        return
    if row["kind"] == digests.KIND:
        await digests.put_back_missed()
    else:
        await next_channel.try_next(row)


async def _give_up(row: Row, outcome: Outcome) -> None:
    """Records the refusal, marks the address, and queues the next way to this person."""
    await claims.lock_people(row)
    was_wanted = await claims.record_failed(row, outcome)
    if outcome.address_state and row["person_id"]:
        await claims.mark_address(row, outcome.address_state)
    if was_wanted and await digests.is_spoilt(row):
        await digests.put_back_parts(row["id"])
    elif was_wanted:
        await next_channel.try_next(row)
