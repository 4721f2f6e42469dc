"""People of the demo who are reached in a way of their own: languages, safe hours, short words, a number that fails, and a
grandmother who is told as well."""

from datetime import date
from typing import Any

from booking import db
from booking.programmes.bookings import telling_others

HUB = "Ferndown Family Hub"
# what each of the first people at the hub chose
CHOICES: tuple[dict[str, Any], ...] = (
    {"language": "pl"},
    {"safe_from": "09:30", "safe_to": "14:30", "safe_days": "024", "is_discreet": True, "channel": "sms",
     "contact_words": "Ring twice, then again. Never leave a message."},
    {"language": "ur", "hears_urgent": True},
    {"phone_state": "failing"},
    {"language": "uk", "channel": "email"},
    {"phone_state": "opted_out"},
    {"channel": "call", "contact_words": "Hard of hearing: speak slowly."},
)  # fmt: skip
COMING = (
    "SELECT b.id, b.person_id FROM booking b JOIN session s ON s.id = b.session_id JOIN run r ON r.id = s.run_id"
    " JOIN location l ON l.id = s.location_id JOIN programme p ON p.id = r.programme_id WHERE b.state = 'booked'"
    " AND s.date > $1 AND s.state = 'planned' AND l.hub_name = $2 AND r.is_restricted = $3 AND l.is_restricted = $3"
    " AND p.is_discreet = $3 AND r.booking_mode = 'session' ORDER BY s.starts_at, b.reference LIMIT 40"
)


async def make(today: date) -> None:
    """Of the first people with a place at Ferndown in the next days; where there are none, nothing."""
    found = await db.rows(COMING, today, HUB, False)
    first = {row["person_id"]: row["id"] for row in reversed(found)}
    people = list(dict.fromkeys(row["person_id"] for row in found))
    for person_id, chosen in zip(people[1:], CHOICES, strict=False):
        columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(chosen, start=2))
        await db.execute(f"UPDATE person SET {columns} WHERE id = $1", person_id, *chosen.values())
    if people:
        await telling_others.add(booking_id=first[people[0]], name="Margaret Hill", phone="+447700900901")
