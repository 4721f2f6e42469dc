"""Which hub's staff read a text: those of the hub that wrote to its number last, or of what is restricted and has to do with it."""

from typing import Any
from uuid import UUID

from booking import db

# families with a place, or in line, at something restricted; `h` is the person
TIES = (
    "SELECT r.hub_id FROM person h JOIN (SELECT person_id, run_id, created_at FROM booking UNION ALL"
    " SELECT person_id, run_id, created_at FROM waiting_entry) x ON x.person_id = h.id JOIN run r ON r.id = x.run_id"
    " JOIN location l ON l.id = r.location_id WHERE h.phone = {phone} AND (r.is_restricted OR l.is_restricted)"
)


async def people_of(phone: str) -> list[dict[str, Any]]:
    """Everybody with this number, who was there last first: id, name, phone_state, is_discreet."""
    return await db.rows(
        "SELECT id, name, phone_state, is_discreet FROM person WHERE phone = $1 ORDER BY created_at DESC, id DESC LIMIT 20",
        phone,
    )


async def is_of_restricted(phone: str) -> bool:
    """Whether anybody with this number has to do with something restricted."""
    return bool(await db.row(f"{TIES.format(phone='$1')} LIMIT 1", phone))


async def hub_of(phone: str) -> UUID | None:
    """The hub whose staff read what this number writes and no rule understood; None: nobody ever wrote to it."""
    last = await db.value(
        "SELECT hub_id FROM message WHERE address = $1 AND channel = 'sms' AND hub_id IS NOT NULL"
        " ORDER BY created_at DESC, id DESC LIMIT 1",
        phone,
    )
    last = last or await db.value(  # to their mailbox, then
        "SELECT m.hub_id FROM message m JOIN person p ON p.id = m.person_id WHERE p.phone = $1 AND m.hub_id IS NOT NULL"
        " ORDER BY m.created_at DESC, m.id DESC LIMIT 1",
        phone,
    )
    ties = [row["hub_id"] for row in await db.rows(f"{TIES.format(phone='$1')} ORDER BY x.created_at DESC", phone)]
    return ties[0] if ties and last not in ties else last
