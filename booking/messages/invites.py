"""Which calendar entry a family member has of which session: one id for ever, a sequence that only rises (P7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from booking import db
from booking.messages import calendar, room_calendar
from booking.messages.calendar import Entry, Method
from booking.messages.said import RoomEntry, Said


def uid(session_id: UUID, person_id: UUID | None) -> str:
    """The entry's id, the same for ever (RFC 7986 section 5.3: a UUID, no host name). No person: the public's entry."""
    return str(uuid5(session_id, str(person_id or "public")))


async def next_room_invite(person: Any, entry: RoomEntry, method: Method, stamp: datetime) -> str:
    """The same for a room booking or a whole series, whose entry is always the whole state anew. In a transaction."""
    entry_uid = uid(entry.about_id, person.id)
    sequence = await (_asked if method == "REQUEST" else _taken_out)(entry_uid, entry.about_id, person.id)
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
    """The .ics text that puts the entry in, changes it or takes it out; raises its sequence number. In a transaction.

    Returns "" for taking out what was never put in.
    """
    entry_uid = uid(said.session_id, person.id)
    sequence = await (_asked if method == "REQUEST" else _taken_out)(entry_uid, said.session_id, person.id)
    if sequence is None:
        return ""
    return calendar.invite(
        Entry(said, entry_uid, sequence, "" if said.is_discreet else person.name, person.email),
        method,
        stamp,
    )


async def _asked(entry_uid: str, of_id: UUID, person_id: UUID) -> int | None:
    row = await db.row(
        "INSERT INTO invite (id, uid, session_id, person_id, sequence, last_method)"
        " VALUES ($1, $2, $3, $4, 0, 'REQUEST')"
        " ON CONFLICT (uid) DO UPDATE SET sequence = invite.sequence + 1, last_method = 'REQUEST' RETURNING sequence",
        db.new_id(),
        entry_uid,
        of_id,
        person_id,
    )
    return row["sequence"] if row else None


async def _taken_out(entry_uid: str, of_id: UUID, person_id: UUID) -> int | None:
    row = await db.row(
        "UPDATE invite SET sequence = sequence + 1, last_method = 'CANCEL' WHERE uid = $1 RETURNING sequence", entry_uid
    )
    return row["sequence"] if row else None


async def not_taken_out(entry_uids: Sequence[str]) -> None:
    """A CANCEL that never left was undone: the entry still stands. Its number stays used."""
    if entry_uids:
        await db.execute(
            f"UPDATE invite SET last_method = 'REQUEST' WHERE uid IN {db.in_list(entry_uids)}", *entry_uids
        )


async def download(person_id: UUID | None, sessions: Sequence[Said], stamp: datetime) -> str:
    """The .ics behind "add to calendar": the same ids as the mailed invites, so that nothing stands there twice."""
    uids = [uid(said.session_id, person_id) for said in sessions]
    rows = await db.rows(f"SELECT uid, sequence FROM invite WHERE uid IN {db.in_list(uids)}", *uids) if uids else []
    known = {row["uid"]: row["sequence"] for row in rows}
    entries = [Entry(said, entry_uid, known.get(entry_uid, 0)) for said, entry_uid in zip(sessions, uids, strict=True)]
    return calendar.download(entries, stamp)
