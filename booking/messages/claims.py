"""Who sends which row: claimed before, recorded after, in small statements of their own (promise P4).

    queued -> claimed -> (may_have_left) -> sent | failed | queued again | missed

`may_have_left` is set in the last statement before the request. A worker killed before that has sent nothing; one
killed after it leaves the mark behind, and whoever rescues the row asks the provider first.
"""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages.outcomes import Outcome

LEASE = timedelta(minutes=5)  # a claim older than this was left by a dead worker
FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0  # seconds before the second attempt; doubled each time up to the longest
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
    await wipe_secrets()
    return len(rows)


async def wipe_secrets() -> int:
    """Codes leave no text behind once they are of no use."""
    rows = await db.rows(
        f"UPDATE message SET {WIPED} WHERE is_secret AND body <> '' AND state IN ('sent', 'failed', 'void', 'missed')"
        " RETURNING id"
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


async def claim(worker: str, channels: list[str], limit: int) -> list[Row]:
    """Takes due rows for one worker, codes first; other workers get other rows."""
    return await db.rows(
        "WITH due AS (SELECT id FROM message WHERE state = 'queued' AND next_try_at <= $1"
        f" AND channel IN {db.in_list(channels, 4)}"
        f" ORDER BY is_secret DESC, next_try_at, id LIMIT $3{db.skip_locked()})"
        " UPDATE message SET state = 'claimed', claimed_at = $1, claimed_by = $2 WHERE id IN (SELECT id FROM due)"
        " RETURNING *",
        clock.now(),
        worker,
        limit,
        *channels,
    )


async def begin(row: Row) -> bool:
    """The last statement before the request: is it still ours and still wanted? From here on it may have left."""
    begun = await db.row(
        "UPDATE message SET attempts = attempts + 1, may_have_left = $4"
        " WHERE id = $1 AND state = 'claimed' AND claimed_by = $2 AND claimed_at = $3 RETURNING id",
        row["id"],
        row["claimed_by"],
        row["claimed_at"],
        True,
    )
    return begun is not None


async def put_back(row: Row, until: datetime) -> None:
    """Not tried: back into the queue as it was."""
    await _update_claimed(row, "state = 'queued', claimed_by = '', next_try_at = $3", until)


async def record_sent(row: Row, outcome: Outcome) -> None:
    """It has left, whatever happened to the claim meanwhile."""
    wiped = f", {WIPED}" if row["is_secret"] else ""
    await db.execute(
        "UPDATE message SET state = 'sent', sent_at = $2, provider_reference = $3, may_have_left = $4, error = '',"
        f" error_code = ''{wiped} WHERE id = $1 AND state IN ('claimed', 'queued', 'void')",
        row["id"],
        clock.now(),
        outcome.provider_id,
        False,
    )


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


async def record_missed(row: Row, words: str) -> None:
    await _update_claimed(row, "state = 'missed', may_have_left = $4, error = $3", words[:300], False)
    await wipe_secrets()


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
        "UPDATE message SET next_try_at = $1 WHERE state = 'queued' AND channel = $2 AND next_try_at < $1",
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


async def known_to_us(references: list[str]) -> set[str]:
    """Those of the provider's ids that stand on rows already."""
    if not references:
        return set()
    found = await db.rows(
        f"SELECT provider_reference AS sid FROM message WHERE provider_reference IN {db.in_list(references)}",
        *references,
    )
    return {line["sid"] for line in found}


async def state_of_address(row: Row) -> str:
    """What is known to be wrong with the address by now: another message may have found out since."""
    if row["person_id"] is None:
        return "ok"
    column = "phone" if row["channel"] == "sms" else "email"
    found = await db.row(
        f"SELECT {column}_state AS told FROM person WHERE id = $1 AND {column} = $2", row["person_id"], row["address"]
    )
    return found["told"] if found else "ok"


async def mark_address(row: Row, state: str) -> None:
    """Writes down that a number or mail address does not work, unless the person has another by now."""
    column = "phone" if row["channel"] == "sms" else "email"
    await db.execute(
        f"UPDATE person SET {column}_state = $1 WHERE id = $2 AND {column} = $3",
        state,
        row["person_id"],
        row["address"],
    )


async def person(person_id: UUID) -> Row | None:
    return await db.row("SELECT id, name, email, email_state FROM person WHERE id = $1", person_id)
