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
)


@dataclass(frozen=True, slots=True)
class Queued:
    """One row of the outbox; `is_new` is False when the dedupe key was already there and nothing was written."""

    id: UUID
    channel: Channel
    is_new: bool


def new_marker() -> str:
    return "".join(secrets.choice(MARKER_LETTERS) for _ in range(MARKER_LENGTH))


async def write(
    *, text: Text, about: tuple[str, UUID], channel: Channel, marker: str, due_at: datetime, **values: Any
) -> Queued:
    """Writes one row, or nothing when its dedupe key is there; a void row that never was tried comes back to life."""
    row: dict[str, Any] = values | {
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
    }
    written = await db.row(_insert(tuple(row)), *row.values()) or await _wanted_again(row["dedupe_key"], due_at)
    if written:
        return Queued(written["id"], channel, True)
    there = await db.row("SELECT id FROM message WHERE dedupe_key = $1", row["dedupe_key"])
    assert there is not None
    return Queued(there["id"], channel, False)


def _insert(columns: Sequence[str]) -> str:
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    revived = ", ".join(f"{column} = excluded.{column}" for column in _REVIVED)
    return (
        f"INSERT INTO message ({', '.join(columns)}) VALUES ({places}) ON CONFLICT (dedupe_key) DO UPDATE SET {revived}"
        " WHERE message.state = 'void' AND message.attempts = 0 RETURNING id"
    )


async def _wanted_again(dedupe_key: str, due_at: datetime) -> dict[str, Any] | None:
    """A void row that was tried and has not been sent: as it was, marker and all, so that the provider can be asked."""
    return await db.row(
        "UPDATE message SET state = 'queued', error = '', due_at = $2, next_try_at = $2"
        " WHERE dedupe_key = $1 AND state = 'void' AND attempts > 0 AND sent_at IS NULL RETURNING id",
        dedupe_key,
        due_at,
    )


async def void(wanted: Sequence[tuple[str, Sequence[Any]]], why: str) -> list[dict[str, Any]]:
    """Marks rows void that have not left and match all the columns; returns them."""
    parameters: list[Any] = [why[:300]]
    conditions = []
    for column, values in wanted:
        conditions.append(f"{column} IN {db.in_list(values, len(parameters) + 1)}")
        parameters.extend(values)
    return await db.rows(
        "UPDATE message SET state = 'void', error = $1 WHERE state IN ('queued', 'claimed') AND "
        + " AND ".join(conditions)
        + " RETURNING id, person_id, session_id, about_id, calendar_method",
        *parameters,
    )
