"""The creche's session of a date that is cancelled does not take place either: its room is free, and undone it is held again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import db
from booking.places.freeing_rooms import free_room, holds_of, take_back


async def beside(session_ids: Sequence[UUID]) -> list[UUID]:
    """The creche's sessions that are held on the days of these dates of a course, in the order of their ids."""
    found = await db.rows(
        "SELECT DISTINCT c.id FROM session s JOIN run r ON r.id = s.run_id JOIN session c ON c.run_id = r.creche_run_id"
        f" AND c.date = s.date AND c.state = 'planned' WHERE s.id IN {db.in_list(session_ids)} ORDER BY c.id",
        *session_ids,
    )
    return [row["id"] for row in found]


async def cancel(session_ids: Iterable[UUID], why: str) -> list[dict[str, Any]]:
    """Cancels them and frees their rooms, which are locked; returns what `restore` needs, as plain JSON. The children’s places
    stay counted: nobody else can have them."""
    done = []
    for session_id in session_ids:
        row = await db.row(
            "UPDATE session SET state = 'cancelled', why_cancelled = $2, sequence = sequence + 1 WHERE id = $1"
            " AND state = 'planned' RETURNING room_booking_id",
            session_id,
            why[:300],
        )
        if row is None:
            continue
        booking_id = row["room_booking_id"]
        held = await holds_of(booking_id) if booking_id else []
        if booking_id:
            await free_room(booking_id)
        done.append(_stored(session_id, booking_id, held))
    return done


def _stored(session_id: UUID, booking_id: UUID | None, held: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(session_id),
        "room_booking": str(booking_id) if held else "",
        "holds": [
            {"room": str(h["room_id"]), "from": h["starts_at"].isoformat(), "to": h["ends_at"].isoformat()}
            for h in held
        ],
    }


def rooms_of(stored: Iterable[dict[str, Any]]) -> list[UUID]:
    """The rooms to lock before `restore`."""
    return [UUID(hold["room"]) for each in stored for hold in each["holds"]]


async def restore(stored: Iterable[dict[str, Any]], *, laid_before: datetime | None = None) -> None:
    """They take place after all, in their rooms. Raises Refused when a room was taken meanwhile."""
    for each in stored:
        await db.execute(
            "UPDATE session SET state = 'planned', why_cancelled = '', sequence = sequence + 1 WHERE id = $1"
            " AND state = 'cancelled'",
            UUID(each["id"]),
        )
        holds = [
            {"room_id": UUID(h["room"]), "starts_at": _at(h["from"]), "ends_at": _at(h["to"])} for h in each["holds"]
        ]
        if holds:
            await take_back(UUID(each["room_booking"]), holds, laid_before=laid_before)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
