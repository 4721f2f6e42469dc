"""What the outbox page shows: messages by state, channel, kind and words, within the hubs of who asks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from booking import db
from booking.messages.words_for_staff import CHANNELS, KINDS, STATES, without_links

PAGE = 40
COLUMNS = (
    "m.id, m.kind, m.channel, m.address, m.subject, m.body, m.calendar_method, m.session_id, m.hub_id, m.about_kind, m.about_id, m.is_secret, m.is_discreet,"
    " m.parts, m.state, m.created_at, m.due_at, m.sent_at, m.next_try_at, m.attempts, m.error, m.error_code,"
    " m.expires_at, p.name"
)
TABLES = "message m LEFT JOIN person p ON p.id = m.person_id"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" is anything, what is unknown too."""

    state: str = ""
    channel: str = ""
    kind: str = ""
    words: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: hubs (None is all of them), whether codes may be shown, as in a demo on this machine, and of whose
    hubs discreet messages are read (None is all): that somebody is booked on a restricted session is for its staff."""

    hub_ids: tuple[UUID, ...] | None
    may_read_codes: bool = False
    discreet_hub_ids: tuple[UUID, ...] | None = None


async def find(reader: Reader, wanted: Wanted) -> tuple[list[dict[str, Any]], bool]:
    """One page of messages, the newest first, and whether there are more."""
    conditions, parameters = _conditions(reader, wanted)
    found = await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE {' AND '.join(conditions)}"
        f" ORDER BY m.created_at DESC, m.id DESC LIMIT {PAGE + 1} OFFSET {(wanted.page - 1) * PAGE}",
        *parameters,
    )
    return [_readable(row, reader) for row in found[:PAGE]], len(found) > PAGE


async def find_one(reader: Reader, message_id: UUID) -> dict[str, Any] | None:
    """One message, or None when it is not there or not within the reader's hubs."""
    parameters: list[Any] = [message_id]
    scope = _scope(reader, parameters)
    row = await db.row(f"SELECT {COLUMNS} FROM {TABLES} WHERE m.id = $1 AND {scope}", *parameters)
    return _readable(row, reader) if row else None


def _conditions(reader: Reader, wanted: Wanted) -> tuple[list[str], list[Any]]:
    parameters: list[Any] = []
    conditions = [_scope(reader, parameters)]
    known = (("state", wanted.state, STATES), ("channel", wanted.channel, CHANNELS), ("kind", wanted.kind, KINDS))
    for column, value, allowed in known:
        if value in allowed:
            parameters.append(value)
            conditions.append(f"m.{column} = ${len(parameters)}")
    for word in wanted.words.lower().split()[:5]:
        parameters.append(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
        n = len(parameters)
        conditions.append(
            f"(lower(COALESCE(p.name, '')) LIKE ${n} ESCAPE '!' OR lower(m.address) LIKE ${n} ESCAPE '!'"
            f" OR (NOT m.is_secret AND (lower(m.subject) LIKE ${n} ESCAPE '!' OR lower(m.body) LIKE ${n} ESCAPE '!')))"
        )
    return conditions, parameters


def _scope(reader: Reader, parameters: list[Any]) -> str:
    scope = "1 = 1" if reader.hub_ids is None else _in_hubs(reader.hub_ids, parameters)
    if reader.discreet_hub_ids is None:
        return scope
    return f"{scope} AND (NOT m.is_discreet OR m.is_secret OR {_in_hubs(reader.discreet_hub_ids, parameters)})"


def _in_hubs(hub_ids: tuple[UUID, ...], parameters: list[Any]) -> str:
    first = len(parameters) + 1
    parameters.extend(hub_ids)
    return f"m.hub_id IN {db.in_list(hub_ids, first)}"


def _readable(row: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """Codes are readable only where the demo shows them, until they have left; a family's link opens its bookings,
    other hubs' and restricted ones too, so staff do not see it either."""
    if row["is_secret"] and not (reader.may_read_codes and row["state"] in ("queued", "claimed")):
        return row | {"subject": "", "body": "", "is_hidden": True}
    body = row["body"] if reader.may_read_codes else without_links(row["body"])
    return row | {"body": body, "is_hidden": False}
