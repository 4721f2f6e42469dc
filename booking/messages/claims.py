"""Who sends which row: claimed before, recorded after, in small statements of their own (promise P4).

    queued -> claimed -> (may_have_left) -> sent | failed | queued again | missed

`may_have_left` is set in the last statement before the request. A worker killed before that has sent nothing; one
killed after it leaves the mark behind, and whoever rescues the row asks the provider first: the one that stands on the row.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from booking import clock, db
from booking.messages import digests, hours
from booking.messages.outcomes import Outcome

LEASE = timedelta(minutes=5)  # a claim older than this was left by a dead worker
FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0  # seconds before the second attempt; doubled each time up to the longest
LONGEST_HELD = timedelta(days=8)  # hours of people who share a telephone may never meet
WIPED = "subject = '', body = '', html = ''"

Row = dict[str, Any]


async def rescue(lease: timedelta = LEASE) -> int:
    """Gives the rows of dead workers back to the queue."""
    now = clock.now()
    rows = await db.rows(
        "UPDATE message SET state = 'queued', claimed_by = '', next_try_at = $1 WHERE id IN"
        f" (SELECT id FROM message WHERE state = 'claimed' AND claimed_at < $2{db.skip_locked()}) RETURNING id",
        now,
        now - lease,
    )
    return len(rows)


async def miss_expired() -> int:
    """Marks what is too late to make sense; what may have left is asked about first, by the sender."""
    now = clock.now()
    rows = await db.rows(
        "UPDATE message SET state = 'missed', error = 'Too late to make sense.' WHERE id IN (SELECT id FROM message"
        f" WHERE state = 'queued' AND expires_at <= $1 AND NOT may_have_left{db.skip_locked()}) RETURNING id",
        now,
    )
    await digests.put_back_missed()
    await wipe_secrets()
    return len(rows)


async def wipe_secrets() -> int:
    """Codes leave no text behind once they are of no use."""
    rows = await db.rows(
        f"UPDATE message SET {WIPED} WHERE id IN (SELECT id FROM message WHERE is_secret AND body <> ''"
        f" AND state IN ('sent', 'failed', 'void', 'missed'){db.skip_locked()}) RETURNING id"
    )
    return len(rows)


async def is_idle(channels: list[str], lease: timedelta) -> bool:
    """Whether there is nothing to send and nothing to rescue: a read, so that an idle worker locks nothing."""
    now = clock.now()
    found = await db.row(
        "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM message WHERE state = 'claimed' AND claimed_at < $2)"
        " OR EXISTS (SELECT 1 FROM message WHERE state = 'queued' AND next_try_at <= $1"
        f" AND channel IN {db.in_list(channels, 3)})",
        now,
        now - lease,
        *channels,
    )
    return found is None


async def due(channel: str, limit: int) -> int:
    """How many rows of a channel are due, as far as `limit`."""
    return await db.value(
        "SELECT count(*) AS n FROM (SELECT 1 AS one FROM message WHERE state = 'queued' AND next_try_at <= $1 AND channel = $2"
        " LIMIT $3) AS due",
        clock.now(),
        channel,
        limit,
    )


async def claim(worker: str, channels: list[str], limit: int) -> list[Row]:
    """Takes due rows for one worker: codes, what cannot wait, what is ordinary, notices; other workers get other rows."""
    taken = await _take(worker, channels, limit, _IN_LINE)
    return taken + await _take(worker, channels, limit - len(taken), _IN_TURNS) if len(taken) < limit else taken


DUE = "state = 'queued' AND next_try_at <= $1 AND channel IN {channels} AND urgency"
_IN_LINE = f"SELECT id FROM message WHERE {DUE} < 3 ORDER BY urgency, next_try_at, id LIMIT $3{{skip}}"
# notices to many take turns, so that a short one is not kept waiting by a long one that was written before it
_IN_TURNS = (
    "SELECT m.id FROM message m JOIN (SELECT id, ROW_NUMBER() OVER (PARTITION BY COALESCE(batch_id, hub_id)"
    f" ORDER BY next_try_at, id) AS turn FROM message WHERE {DUE} >= 3) t ON t.id = m.id WHERE m.state = 'queued'"
    " ORDER BY t.turn, m.next_try_at, m.id LIMIT $3{skip_m}"
)


async def _take(worker: str, channels: list[str], limit: int, which: str) -> list[Row]:
    skip = db.skip_locked()
    due = which.format(
        channels=db.in_list(channels, 4), skip=skip, skip_m=skip.replace("UPDATE", "UPDATE OF m") if skip else ""
    )
    return await db.rows(
        f"WITH due AS ({due}) UPDATE message SET state = 'claimed', claimed_at = $1, claimed_by = $2"
        " WHERE id IN (SELECT id FROM due) RETURNING *",
        clock.now(),
        worker,
        limit,
        *channels,
    )


async def begin(row: Row, provider: str = "") -> bool:
    """The last statement before the request: is it still ours and still wanted? From here on it may have left by `provider`."""
    begun = await db.row(
        "UPDATE message SET attempts = attempts + 1, may_have_left = $4, provider = $5"
        " WHERE id = $1 AND state = 'claimed' AND claimed_by = $2 AND claimed_at = $3 RETURNING id",
        row["id"],
        row["claimed_by"],
        row["claimed_at"],
        True,
        provider or row["provider"],
    )
    return begun is not None


async def is_still_ours(row: Row) -> bool:
    """After a question, which takes its time: whether nobody has taken it back or heard meanwhile that it has left."""
    found = await db.row(
        "SELECT id FROM message WHERE id = $1 AND state = 'claimed' AND claimed_by = $2 AND claimed_at = $3",
        row["id"],
        row["claimed_by"],
        row["claimed_at"],
    )
    return found is not None


async def goes_by(row: Row, provider: str) -> bool:
    """The one that may have had it does not; from here on it may have left by this one. False when it is not wanted any more."""
    return await _update_claimed(row, "provider = $3", provider)


async def put_back(row: Row, until: datetime) -> None:
    """Not tried: back into the queue as it was."""
    await _update_claimed(row, "state = 'queued', claimed_by = '', next_try_at = $3", until)


async def record_sent(row: Row, outcome: Outcome, provider: str = "") -> None:
    """It has left, whatever happened to the claim meanwhile; where a report was faster, the row says more already."""
    wiped = f", {WIPED}" if row["is_secret"] else ""
    await db.execute(
        "UPDATE message SET state = 'sent', sent_at = $2, provider_reference = $3, may_have_left = $4, error = '',"
        f" error_code = '', provider = $5{wiped} WHERE id = $1 AND state IN ('claimed', 'queued', 'void')",
        row["id"],
        clock.now(),
        outcome.provider_id,
        False,
        provider,
    )
    await digests.has_left(row)


async def is_overtaken(row: Row) -> bool:
    """Whether a newer entry for the same calendar has left already: an old one behind it would bring back the past."""
    of = "session_id" if row["session_id"] else "about_id"  # a session's, or that of a room booking or series
    newer = await db.row(
        f"SELECT id FROM message WHERE person_id = $1 AND {of} = $2 AND calendar_method <> ''"
        " AND state IN ('sent', 'delivered') AND created_at > $3 LIMIT 1",
        row["person_id"],
        row[of],
        row["created_at"],
    )
    return newer is not None


async def record_overtaken(row: Row) -> None:
    """An invite that came too late for its calendar: not sent."""
    await _update_claimed(
        row, "state = 'void', may_have_left = $3, error = 'A newer calendar entry has left already.'", False
    )


async def record_failed(row: Row, outcome: Outcome) -> bool:
    """It will never leave. False when the row was voided meanwhile."""
    wiped = f", {WIPED}" if row["is_secret"] else ""
    return await _update_claimed(
        row,
        f"state = 'failed', may_have_left = $5, error_code = $3, error = $4{wiped}",
        outcome.code[:20],
        outcome.words[:300],
        False,
    )


async def record_missed(row: Row, words: str) -> bool:
    """Too late to make sense. False when the row was voided meanwhile."""
    was_wanted = await _update_claimed(row, "state = 'missed', may_have_left = $4, error = $3", words[:300], False)
    await wipe_secrets()
    return was_wanted


async def record_later(row: Row, outcome: Outcome) -> None:
    """Another attempt, later each time; after an unknown outcome the mark stays and the provider is asked first."""
    await _update_claimed(
        row,
        "state = 'queued', claimed_by = '', next_try_at = $3, error_code = $4, error = $5, may_have_left = $6",
        clock.now() + timedelta(seconds=wait(row["attempts"], outcome.retry_after)),
        outcome.code[:20],
        outcome.words[:300],
        outcome.kind == "unknown",
    )


def wait(attempts: int, at_least: float | None = None) -> float:
    """Seconds until the next attempt: 5, 10, 20 ... 900, a third more or less, so that a crowd spreads out."""
    doubled = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 10))
    return max(at_least or 0.0, doubled) * random.uniform(1.0, 1.33)


async def slow_down(channel: str, until: datetime) -> None:
    """The provider asked for it: nobody takes anything of this channel until then."""
    await db.execute(
        "UPDATE message SET next_try_at = $1 WHERE id IN (SELECT id FROM message WHERE state = 'queued' AND channel = $2"
        f" AND next_try_at < $1{db.skip_locked()})",
        until,
        channel,
    )


async def _update_claimed(row: Row, changes: str, *parameters: Any) -> bool:
    found = await db.row(
        f"UPDATE message SET {changes} WHERE id = $1 AND claimed_by = $2 AND state = 'claimed' RETURNING id",
        row["id"],
        row["claimed_by"],
        *parameters,
    )
    return found is not None


async def known_to_us(references: list[str], but: Row) -> set[str]:
    """Those of the provider's ids that stand on other rows than this one already."""
    if not references:
        return set()
    found = await db.rows(
        f"SELECT provider_reference AS sid FROM message WHERE id <> $1 AND provider_reference IN {db.in_list(references, 2)}",
        but["id"],
        *references,
    )
    return {line["sid"] for line in found}


@dataclass(frozen=True, slots=True)
class Look:
    """What is known right before sending: what is wrong with the address, and from when this may leave."""

    state: str
    leaves_at: datetime
    moved_to: str = ""  # another address of the same person by now
    is_too_long: bool = False  # a text that was tried, for somebody who asks for short words only by now


async def look(row: Row) -> Look:
    """The last look at who gets it: another message may have found out since that the address is dead, and people change
    their hours. Who shares a number shares its safe hours, for it is one telephone."""
    column = "phone" if row["channel"] == "sms" else "email"
    found = await db.rows(
        f"SELECT id, {column} AS address, {column}_state AS told, safe_from, safe_to, safe_days, hears_urgent,"
        " is_discreet FROM person"
        f" WHERE {column} = $1 OR id = $2",
        row["address"],
        row["person_id"],
    )
    theirs = [each for each in found if each["address"] == row["address"]]
    own = next((each for each in theirs if each["told"] == "opted_out"), None)  # said by a telephone, not by a person
    own = own or next((each for each in theirs if each["id"] == row["person_id"]), None)
    is_urgent = next((bool(each["hears_urgent"]) for each in found if each["id"] == row["person_id"]), False)
    now = next((each["address"] for each in found if each["id"] == row["person_id"]), "") or ""
    may_be_long = row["channel"] == "email" or row["is_discreet"] or row["is_secret"] or not row["attempts"]
    is_discreet = any(each["is_discreet"] for each in found if each["id"] == row["person_id"])
    return Look(
        own["told"] if own else "ok",
        _leaves_at(row, theirs or found, is_urgent),
        now if now != row["address"] else "",
        is_too_long=is_discreet and not may_be_long,
    )


async def send_elsewhere(row: Row, address: str) -> None:
    """The provider does not have it for the old address, and the person has another: it waits for that one."""
    await _update_claimed(row, "state = 'queued', claimed_by = '', address = $3, may_have_left = $4", address, False)


def _leaves_at(row: Row, people: list[Row], hears_urgent: bool) -> datetime:
    """The first minute that the hours of everybody at this address allow. Past `expires_at` there is no need to look on."""
    now = leaves_at = clock.now()
    kept = {hours.of(each, row["channel"]) for each in people} or {hours.of(None, row["channel"])}
    kind, urgency, asked_at = row["kind"], row["urgency"], row["created_at"]
    for _ in range(50):
        latest = max(
            hours.may_leave(each, leaves_at, kind=kind, urgency=urgency, hears_urgent=hears_urgent, asked_at=asked_at)
            for each in kept
        )
        if latest == leaves_at or latest - now > LONGEST_HELD:
            return latest
        leaves_at = latest
    return leaves_at


async def lock_people(row: Row) -> None:
    """Whoever marks an address locks its people before the message, as does who changes a person; in the same order."""
    if row["person_id"] and db.is_postgres():
        column = "phone" if row["channel"] == "sms" else "email"
        await db.rows(
            f"SELECT id FROM person WHERE id = $1 OR {column} = $2{db.lock_in_order()}",
            row["person_id"],
            row["address"],
        )


async def mark_address(row: Row, state: str) -> None:
    """Writes down that a number or mail address does not work, unless the person has another by now; of one that has opted out
    for everybody who has it."""
    column = "phone" if row["channel"] == "sms" else "email"
    own, whose = ("", []) if state == "opted_out" else (" AND id = $3", [row["person_id"]])
    await db.execute(f"UPDATE person SET {column}_state = $1 WHERE {column} = $2{own}", state, row["address"], *whose)
