"""The outbox's table: writing a row once, and taking rows back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import sms_parts
from booking.messages.channels import Channel
from booking.messages.wording import Text

MARKER_LETTERS = "23456789bcdfghjkmnpqrstvwxyz"  # no vowels: no words; nothing that reads like another
MARKER_LENGTH = 6
BY_HAND = "Taken back by staff."

_TEXTS = ("subject", "body", "html", "calendar", "calendar_method", "marker", "parts", "address", "is_discreet")
_REVIVED = (
    *_TEXTS,
    "state",
    "created_at",
    "due_at",
    "expires_at",
    "next_try_at",
    "batch_id",
    "session_id",
    "hub_id",
    "error",
    "urgency",
    "language",
    "gist",
)


@dataclass(frozen=True, slots=True)
class Queued:
    """One row of the outbox; `is_new` is False when the dedupe key was already there and nothing was written."""

    id: UUID
    channel: Channel
    is_new: bool


def new_marker() -> str:
    return "".join(secrets.choice(MARKER_LETTERS) for _ in range(MARKER_LENGTH))


async def write(*, due_at: datetime, **values: Any) -> Queued:
    """Writes one row (`row_of`), or nothing when its dedupe key is there; a void row that never was tried comes back to life."""
    row = row_of(due_at=due_at, **values)
    written = await db.row(_insert(tuple(row)), *row.values()) or await _wanted_again(row["dedupe_key"], due_at)
    if written:
        return Queued(written["id"], row["channel"], True)
    there = await db.row("SELECT id FROM message WHERE dedupe_key = $1", row["dedupe_key"])
    assert there is not None
    return Queued(there["id"], row["channel"], False)


async def write_many(rows: Sequence[dict[str, Any]]) -> None:
    """Writes rows of `row_of` that nobody has written before: their dedupe keys are new. One statement, whatever their number."""
    if rows:
        await db.insert_many("message", tuple(rows[0]), [tuple(row.values()) for row in rows])


def row_of(
    *, text: Text, about: tuple[str, UUID], channel: Channel, marker: str, due_at: datetime, **values: Any
) -> dict[str, Any]:
    """A row of the outbox that waits, by column. Pure but for its new id."""
    return values | {
        "id": db.new_id(),
        "channel": channel,
        "subject": text.subject,
        "body": text.body,
        "html": text.html,
        "calendar": "",
        "calendar_method": "",
        "about_kind": about[0],
        "about_id": about[1],
        "marker": marker if marker and f".{marker}" in text.body else "",
        "is_secret": values.get("is_secret", False),
        "parts": sms_parts.parts(text.body) if channel == "sms" else 0,
        "state": "queued",
        "created_at": clock.now(),
        "due_at": due_at,
        "next_try_at": due_at,
        "claimed_by": "",
        "attempts": 0,
        "may_have_left": False,
        "provider_reference": "",
        "error_code": "",
        "error": "",
        "urgency": values.get("urgency", 2),
        "language": values.get("language", "en"),
        "gist": values.get("gist", ""),
    }


def _insert(columns: Sequence[str]) -> str:
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    revived = ", ".join(f"{column} = excluded.{column}" for column in _REVIVED)
    return (
        f"INSERT INTO message ({', '.join(columns)}) VALUES ({places}) ON CONFLICT (dedupe_key) DO UPDATE SET {revived}"
        " WHERE message.state = 'void' AND message.attempts = 0 RETURNING id"
    )


async def _wanted_again(dedupe_key: str, due_at: datetime) -> dict[str, Any] | None:
    """A void row that was tried and has not been sent: as it was, marker and all, so that the provider can be asked. A worker that is
    just sending it keeps it: to a question of another one the provider would answer that it is not there yet."""
    return await db.row(
        "UPDATE message SET state = CASE WHEN may_have_left AND claimed_by <> '' THEN 'claimed' ELSE 'queued' END, error = '',"
        " due_at = $2, next_try_at = $2"
        " WHERE dedupe_key = $1 AND state = 'void' AND attempts > 0 AND sent_at IS NULL RETURNING id",
        dedupe_key,
        due_at,
    )


async def void(wanted: Sequence[tuple[str, Sequence[Any]]], why: str) -> list[dict[str, Any]]:
    """Marks rows void that have not left and match all the columns; returns them. (Parts of a digest: `digests.void`.)

    What has left or failed makes sense no more either: no other way is tried for it, nobody sends it again, and what staff had
    taken back cannot be put back.
    """
    await _lock(wanted)
    conditions, parameters = matching(wanted, 2)
    await db.execute(
        "UPDATE message SET expires_at = $1 WHERE state IN ('sent', 'failed') AND (expires_at IS NULL OR expires_at > $1)"
        f" AND {conditions}",
        clock.now(),
        *parameters,
    )
    await db.execute(
        f"UPDATE message SET error = $1 WHERE state = 'void' AND error = '{BY_HAND}' AND {conditions}",
        why[:300],
        *parameters,
    )
    return await db.rows(
        f"UPDATE message SET state = 'void', error = $1 WHERE state IN ('queued', 'claimed') AND {conditions}"
        " RETURNING id, person_id, session_id, about_id, calendar_method, may_have_left",
        why[:300],
        *parameters,
    )


async def _lock(wanted: Sequence[tuple[str, Sequence[Any]]]) -> None:
    """Whoever changes several rows locks them in the same order."""
    if db.is_postgres():
        conditions, parameters = matching(wanted, 1)
        await db.rows(f"SELECT id FROM message WHERE {conditions}{db.lock_in_order()}", *parameters)


def matching(wanted: Sequence[tuple[str, Sequence[Any]]], first: int) -> tuple[str, list[Any]]:
    """A condition that all the columns match, and its parameters from $first on."""
    parameters: list[Any] = []
    conditions = []
    for column, values in wanted:
        conditions.append(f"{column} IN {db.in_list(values, first + len(parameters))}")
        parameters.extend(values)
    return " AND ".join(conditions), parameters
