"""Which calendar entry a family member has of which session: one id for ever, a sequence that only rises (P7).

The number rises with every CANCEL, with an entry that comes back after one, and when the time, the place or the way to join
changed: what decides whether somebody can come. Other words, or the same once more, keep it (RFC 5546 section 2.1.4); a
later DTSTAMP then tells calendars which is newer (section 2.1.5).
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from booking import db
from booking.messages import calendar, room_calendar
from booking.messages.calendar import Entry, Method
from booking.messages.said import RoomEntry, Said

COLUMNS = ("uid", "id", "session_id", "person_id", "version", "sequence", "last_method")
ON_CONFLICT = (
    "ON CONFLICT (uid) DO UPDATE SET sequence = invite.sequence"
    " + CASE WHEN invite.version = excluded.version AND invite.last_method = 'REQUEST' THEN 0 ELSE 1 END,"
    " last_method = 'REQUEST', version = excluded.version"
)
"""The number rises where it must."""


def uid(session_id: UUID, person_id: UUID | None) -> str:
    """The entry's id, the same for ever (RFC 7986 section 5.3: a UUID, no host name). No person: the public's entry."""
    return str(uuid5(session_id, str(person_id or "public")))


def version_of(said: Said) -> str:
    """The same as long as the SEQUENCE of its entry must not rise. Pure."""
    where = () if said.is_discreet else (said.place, said.join_url)
    return _hash(said.starts_at, said.ends_at, *where)


def version_of_room(entry: RoomEntry) -> str:
    """The same for a room booking or a whole series: its rule, and when and where each date is. Pure."""
    return _hash(*entry.held, entry.repeats)


def _hash(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


async def next_room_invite(person: Any, entry: RoomEntry, method: Method, stamp: datetime) -> str:
    """The same for a room booking or a whole series, whose entry is always the whole state anew. In a transaction."""
    entry_uid = uid(entry.about_id, person.id)
    sequence = await _next_sequence(method, entry_uid, entry.about_id, person.id, version_of_room(entry))
    if sequence is None:
        return ""
    addressed = room_calendar.Addressed(entry, entry_uid, sequence, person.name, person.email)
    return room_calendar.invite(addressed, method, stamp)


async def room_download(person_id: UUID, entry: RoomEntry, stamp: datetime) -> str:
    """The .ics of one room booking or series for "add to calendar", with the id of the mailed entry."""
    entry_uid = uid(entry.about_id, person_id)
    sequence = await db.value("SELECT sequence FROM invite WHERE uid = $1", entry_uid)
    return room_calendar.download(room_calendar.Addressed(entry, entry_uid, sequence or 0), stamp)


async def next_invite(person: Any, said: Said, method: Method, stamp: datetime) -> str:
    """The .ics text that puts the entry in, changes it or takes it out; raises its sequence number where it must rise. In a
    transaction.

    Returns "" for taking out what was never put in. For a discreet person it says the time and nothing else.
    """
    told = said.neutral() if person.is_discreet else said
    sequence = await _next_sequence(
        method, uid(said.session_id, person.id), said.session_id, person.id, version_of(told)
    )
    return "" if sequence is None else _text(person, told, sequence, method, stamp)


async def next_invites(asked: Sequence[tuple[Any, Said, Method]], stamp: datetime) -> list[str]:
    """The same for many, each of another entry (person, said, method), in their order. A fixed number of statements."""
    told = [(person, said.neutral() if person.is_discreet else said, method) for person, said, method in asked]
    sequences = await _ask_many([(person, said) for person, said, method in told if method == "REQUEST"])
    sequences |= await _take_out_many(
        [uid(said.session_id, person.id) for person, said, method in told if method == "CANCEL"]
    )
    found = []
    for person, said, method in told:
        sequence = sequences.get(uid(said.session_id, person.id))
        found.append("" if sequence is None else _text(person, said, sequence, method, stamp))
    return found


def _text(person: Any, told: Said, sequence: int, method: Method, stamp: datetime) -> str:
    name = "" if told.is_discreet else person.name
    entry = Entry(told, uid(told.session_id, person.id), sequence, name, person.email)
    return calendar.invite(entry, method, stamp)


async def _ask_many(asked: Sequence[tuple[Any, Said]]) -> dict[str, int]:
    """uid -> the sequence of the entry that stands there from now on."""
    lines = sorted(
        (uid(said.session_id, person.id), db.new_id(), said.session_id, person.id, version_of(said))
        for person, said in asked
    )
    await db.insert_many("invite", COLUMNS, [(*line, 0, "REQUEST") for line in lines], ON_CONFLICT)
    uids = [line[0] for line in lines]
    if not uids:
        return {}
    rows = await db.rows(f"SELECT uid, sequence FROM invite WHERE uid IN {db.in_list(uids)}", *uids)
    return {row["uid"]: row["sequence"] for row in rows}


async def _take_out_many(uids: Sequence[str]) -> dict[str, int]:
    """uid -> the sequence of its CANCEL; what never stood there is left out."""
    if not uids:
        return {}
    rows = await db.rows(
        "UPDATE invite SET sequence = sequence + 1, last_method = 'CANCEL' WHERE uid IN"
        f" (SELECT uid FROM invite WHERE uid IN {db.in_list(uids)}{db.lock_in_order()}) RETURNING uid, sequence",
        *uids,
    )
    return {row["uid"]: row["sequence"] for row in rows}


async def _next_sequence(method: Method, entry_uid: str, of_id: UUID, person_id: UUID, version: str) -> int | None:
    if method == "CANCEL":
        return await _taken_out(entry_uid)
    return await _asked(entry_uid, of_id, person_id, version)


async def _asked(entry_uid: str, of_id: UUID, person_id: UUID, version: str) -> int | None:
    row = await db.row(
        f"INSERT INTO invite ({', '.join(COLUMNS)}) VALUES ($1, $2, $3, $4, $5, $6, $7) {ON_CONFLICT} RETURNING sequence",
        entry_uid,
        db.new_id(),
        of_id,
        person_id,
        version,
        0,
        "REQUEST",
    )
    return row["sequence"] if row else None


async def _taken_out(entry_uid: str) -> int | None:
    row = await db.row(
        "UPDATE invite SET sequence = sequence + 1, last_method = 'CANCEL' WHERE uid = $1 RETURNING sequence", entry_uid
    )
    return row["sequence"] if row else None


async def not_taken_out(entry_uids: Sequence[str]) -> None:
    """A CANCEL that most likely never left was undone: the entry still stands. Its number stays used, and the next entry
    gets a higher one, for the CANCEL may have arrived after all."""
    if entry_uids:
        await db.execute(
            f"UPDATE invite SET last_method = 'REQUEST', version = '' WHERE uid IN {db.in_list(entry_uids)}",
            *entry_uids,
        )


async def download(person_id: UUID | None, sessions: Sequence[Said], stamp: datetime) -> str:
    """The .ics behind "add to calendar": the same ids as the mailed invites, so that nothing stands there twice."""
    is_discreet = bool(person_id and await db.value("SELECT is_discreet FROM person WHERE id = $1", person_id))
    told = [said.neutral() if is_discreet else said for said in sessions]
    uids = [uid(said.session_id, person_id) for said in told]
    rows = await db.rows(f"SELECT uid, sequence FROM invite WHERE uid IN {db.in_list(uids)}", *uids) if uids else []
    known = {row["uid"]: row["sequence"] for row in rows}
    entries = [Entry(said, entry_uid, known.get(entry_uid, 0)) for said, entry_uid in zip(told, uids, strict=True)]
    return calendar.download(entries, stamp)
