"""Texts of the demo: a few conversations at Ferndown, of which two wait for an answer."""

from datetime import date, datetime, timedelta
from typing import Any

from booking import clock, db
from booking.messages import inbox

# how many hours ago, what they wrote, what became of it ("" waits for a person), what we answered
TALKS: tuple[tuple[tuple[int, str, str, str], ...], ...] = (
    ((50, "Is there parking for a double buggy?", "handled", "Yes, there is space by the side door."), (3, "Brilliant, and can my mum bring them?", "", "")),
    ((26, "Yes", "Says they come", ""), (2, "Running 10 min late today, sorry", "", "")),
    ((72, "Thank you!", "Says thank you", ""),),
)  # fmt: skip


async def make(today: date) -> None:
    """Families of one of Ferndown's sessions to come write to us; where there are none, nothing."""
    families = await db.rows(
        "SELECT DISTINCT p.id, p.phone, r.hub_id FROM booking b JOIN person p ON p.id = b.person_id JOIN run r ON r.id = b.run_id"
        " JOIN location h ON h.id = r.hub_id WHERE h.name LIKE 'Ferndown%' AND NOT r.is_restricted AND b.state = 'booked'"
        " AND p.phone <> '' AND p.phone NOT IN (SELECT sender FROM inbound_message) ORDER BY p.phone LIMIT 3"
    )
    by_id = await db.value("SELECT id FROM person WHERE email = 'maya@ferndown.example'")
    for number, (family, talk) in enumerate(zip(families, TALKS, strict=False)):
        for hours, words, became, answer in talk:
            await _wrote(family, f"demo-{number}-{hours}", words, became, clock.now() - timedelta(hours=hours), by_id)
            if answer:
                await _answered(family, answer, clock.now() - timedelta(hours=hours - 1))


async def _wrote(family: dict[str, Any], key: str, words: str, became: str, at: datetime, by_id: Any) -> None:
    await inbox.keep(provider_reference=key, sender=family["phone"], receiver="", body=words)
    state = {"": "unclear", "handled": "handled"}.get(became, "answered")
    await db.execute(
        "UPDATE inbound_message SET state = $2, said_back = $3, received_at = $4, hub_id = $5, person_id = $6, handled_at = $7,"
        " handled_by_id = $8 WHERE provider_reference = $1",
        key, state, became if state == "answered" else "", at, family["hub_id"], family["id"],
        at if state == "handled" else None, by_id if state == "handled" else None,
    )  # fmt: skip


async def _answered(family: dict[str, Any], words: str, at: datetime) -> None:
    """What staff wrote back, as it left then."""
    await db.execute(
        "INSERT INTO message (id, person_id, kind, channel, address, subject, body, html, calendar, calendar_method, about_kind,"
        " about_id, hub_id, dedupe_key, marker, is_secret, is_discreet, parts, state, created_at, due_at, next_try_at, claimed_by,"
        " attempts, may_have_left, provider_reference, error_code, error, sent_at) VALUES ($1, $2, 'staff_text', 'sms', $3, '', $4,"
        " '', '', '', 'text', $1, $5, $6, '', $7, $7, 1, 'sent', $8, $8, $8, '', 1, $9, '', '', '', $8)",
        db.new_id(), family["id"], family["phone"], words, family["hub_id"], f"demo-answer-{family['phone']}", False, at, True,
    )  # fmt: skip
