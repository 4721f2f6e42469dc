"""What the outbox page shows: messages by state, channel, kind, hub, day and words, within the hubs of who asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages.words_for_staff import CHANNELS, KINDS, STATES, without_links

PAGE = 40
MOST_REASONS = 8
COLUMNS = (
    "m.id, m.kind, m.channel, m.address, m.subject, m.body, m.calendar_method, m.session_id, m.hub_id, m.about_kind, m.about_id, m.is_secret, m.is_discreet,"
    " m.parts, m.state, m.created_at, m.due_at, m.sent_at, m.next_try_at, m.attempts, m.error, m.error_code, m.language, m.urgency,"
    " m.provider, m.delivered_at, m.digest_id, m.dedupe_key, m.marker, m.person_id, m.handled_by_id, m.handled_words, m.provider_reference, m.claimed_at, m.may_have_left,"
    " m.expires_at, p.name, p.hears_urgent, p.safe_from, p.safe_to, p.safe_days, p.phone, p.phone_state, p.email, p.email_state,"
    " p.channel AS person_channel, p.is_discreet AS is_discreet_person"
)
# what is looked for in: links are not shown to staff, so they are not found either, not even letter by letter
BEFORE_LINKS = "substr(m.body, 1, {strpos}(m.body || 'http', 'http') - 1)"
TABLES = "message m LEFT JOIN person p ON p.id = m.person_id"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" and None are anything, what is unknown too. `since` and `until` are local days, both included."""

    state: str = ""
    channel: str = ""
    kind: str = ""
    words: str = ""
    language: str = ""
    error_code: str = ""
    hub_id: UUID | None = None
    session_id: UUID | None = None
    person_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    page: int = 1

    @property
    def is_narrow(self) -> bool:
        """Whether anything is asked for but a page."""
        return replace(self, page=1) != Wanted()


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
    return [readable(row, reader) for row in found[:PAGE]], len(found) > PAGE


async def counts(reader: Reader, wanted: Wanted) -> dict[str, int]:
    """How many there are in each state of what is looked for, whichever state is."""
    conditions, parameters = _conditions(reader, replace(wanted, state="", error_code=""))
    found = await db.rows(
        f"SELECT m.state, count(*) AS n FROM {TABLES} WHERE {' AND '.join(conditions)} GROUP BY m.state", *parameters
    )
    return {row["state"]: row["n"] for row in found}


async def reasons(reader: Reader, wanted: Wanted) -> list[dict[str, Any]]:
    """Why those that failed have: error_code, error (one of its texts) and n, the most frequent first."""
    conditions, parameters = _conditions(reader, replace(wanted, state="failed", error_code=""))
    return await db.rows(
        f"SELECT m.error_code, min(m.error) AS error, count(*) AS n FROM {TABLES} WHERE {' AND '.join(conditions)}"
        f" GROUP BY m.error_code ORDER BY 3 DESC, 1 LIMIT {MOST_REASONS}",
        *parameters,
    )


async def hubs(reader: Reader) -> list[dict[str, Any]]:
    """The hubs to choose from (id, name): the reader's, and restricted ones only for their own staff."""
    parameters: list[Any] = []
    scope = "1 = 1" if reader.hub_ids is None else _in_hubs(reader.hub_ids, parameters, "l.id")
    if reader.discreet_hub_ids is not None:
        scope += f" AND (NOT l.is_restricted OR {_in_hubs(reader.discreet_hub_ids, parameters, 'l.id')})"
    return await db.rows(
        f"SELECT l.id, l.name FROM location l WHERE l.id = l.hub_id AND {scope} ORDER BY l.name", *parameters
    )


async def find_one(reader: Reader, message_id: UUID) -> dict[str, Any] | None:
    """One message, or None when it is not there or not within the reader's hubs."""
    found = await find_each(reader, "m.id = $1", [message_id])
    return found[0] if found else None


async def find_each(reader: Reader, condition: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    """The messages of a condition of ours that the reader may read, the oldest first."""
    values = list(parameters)
    scope = _scope(reader, values)
    found = await db.rows(
        f"SELECT {COLUMNS} FROM {TABLES} WHERE {condition} AND {scope} ORDER BY m.created_at, m.id", *values
    )
    return [readable(row, reader) for row in found]


def _conditions(reader: Reader, wanted: Wanted) -> tuple[list[str], list[Any]]:
    parameters: list[Any] = []
    conditions = [_scope(reader, parameters)]
    for condition, value in _asked(wanted):
        parameters.append(value)
        conditions.append(condition.format(f"${len(parameters)}"))
    if wanted.state == "queued":  # what a worker has in hand waits as well
        conditions.append("m.state IN ('queued', 'claimed')")
    before_links = BEFORE_LINKS.format(strpos="strpos" if db.is_postgres() else "instr")
    for word in wanted.words.lower().split()[:5]:
        parameters.append(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
        n = len(parameters)
        conditions.append(
            f"(lower(COALESCE(p.name, '')) LIKE ${n} ESCAPE '!' OR lower(m.address) LIKE ${n} ESCAPE '!'"
            f" OR (NOT m.is_secret AND (lower(m.subject) LIKE ${n} ESCAPE '!' OR lower({before_links}) LIKE ${n} ESCAPE '!')))"
        )
    return conditions, parameters


def _asked(wanted: Wanted) -> list[tuple[str, Any]]:
    """Conditions with the place for their value, and the value."""
    state = wanted.state if wanted.state in STATES and wanted.state != "queued" else ""
    asked = [
        ("m.state = {}", state),
        ("m.channel = {}", wanted.channel if wanted.channel in CHANNELS else ""),
        ("m.kind = {}", wanted.kind if wanted.kind in KINDS else ""),
        ("m.language = {}", wanted.language),
        ("m.error_code = {}", wanted.error_code if wanted.state == "failed" else ""),
        ("m.hub_id = {}", wanted.hub_id),
        ("m.session_id = {}", wanted.session_id),
        ("m.person_id = {}", wanted.person_id),
        ("m.created_at >= {}", clock.at(wanted.since, "00:00") if wanted.since else None),
        ("m.created_at < {}", clock.at(wanted.until + timedelta(days=1), "00:00") if wanted.until else None),
    ]
    return [(condition, value) for condition, value in asked if value]


def _scope(reader: Reader, parameters: list[Any]) -> str:
    scope = "1 = 1" if reader.hub_ids is None else _in_hubs(reader.hub_ids, parameters)
    if reader.discreet_hub_ids is None:
        return scope
    return f"{scope} AND (NOT m.is_discreet OR m.is_secret OR {_in_hubs(reader.discreet_hub_ids, parameters)})"


def _in_hubs(hub_ids: tuple[UUID, ...], parameters: list[Any], column: str = "m.hub_id") -> str:
    first = len(parameters) + 1
    parameters.extend(hub_ids)
    return f"{column} IN {db.in_list(hub_ids, first)}"


def readable(row: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """Codes are readable only where the demo shows them, until they have left; a family's link opens its bookings,
    other hubs' and restricted ones too, so staff do not see it either."""
    if row["is_secret"] and not (reader.may_read_codes and row["state"] in ("queued", "claimed")):
        return row | {"subject": "", "body": "", "is_hidden": True}
    body = row["body"] if reader.may_read_codes else without_links(row["body"])
    return row | {"body": body, "is_hidden": False}
