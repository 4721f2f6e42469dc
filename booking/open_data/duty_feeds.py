"""What the calendar of one person's duties says: what is published, and of what is restricted its time alone. One query (promise P5)."""

from collections.abc import Sequence
from uuid import uuid5

from booking import db
from booking.messages.feed_calendar import Use
from booking.open_data.room_uses import Row, window
from booking.programmes.disclosure import PRIVATE
from booking.rotas.duties import reading

KINDS = ("duties",)
NAME = "My duties"
# the duty itself counts its changes: whatever was done with it stands in the audit trail
ACTS = "(SELECT COUNT(*) FROM audit_event e WHERE e.about_kind = 'shift' AND e.about_id = h.id) AS acts"
OF_PERSON = (
    f"SELECT a.sequence, {ACTS}, {reading.COLUMNS} {reading.SHIFTS} JOIN assignment a ON a.shift_id = h.id AND a.layer = 'published'"
    " JOIN staff_profile f ON f.id = a.staff_id WHERE f.person_id = $1 AND h.ends_at > $2 AND h.starts_at < $3"
    " ORDER BY h.starts_at, h.id"
)


async def rows_of(link: Row) -> list[Row]:
    """Every published duty in the calendar's window, cancelled ones too, in order. One query."""
    return await db.rows(OF_PERSON, link["about_id"], *window())


def name_of(link: Row) -> str:
    """The calendar's own name, which is no secret."""
    return NAME


def uses(link: Row, rows: Sequence[Row]) -> list[Use]:
    """Each duty in the words for a calendar, which ends on the phones of many: a restricted one is "Private booking"."""
    return [_use(link, row) for row in rows]


def _use(link: Row, row: Row) -> Use:
    is_off, is_private = row["state"] != "open", bool(row["is_restricted"])
    told = reading.told(row, is_own=not is_private)
    title = PRIVATE if is_private else ": ".join(dict.fromkeys(filter(None, (told["kind"], told["title"]))))
    return Use(
        uid=str(uuid5(link["id"], str(row["shift_id"]))),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        title=f"Cancelled: {title}" if is_off else title,
        place="" if is_private else ", ".join(filter(None, (told["place"], told["address"]))),
        status="CANCELLED" if is_off else "CONFIRMED",
        sequence=row["sequence"] + row["acts"],
        changed_at=link["created_at"],
        is_private=is_private,
        url="" if is_private else f"/duties/shifts/{row['shift_id']}",
        join_url="" if is_private or is_off else told["join_url"],
    )
