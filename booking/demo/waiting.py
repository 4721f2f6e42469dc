"""Waiting lists of the demo: a full session with three families in line and one open offer, a course that many wait for, and a
text that a person must read."""

import secrets
from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.messages import inbox
from booking.programmes.bookings import claiming
from booking.programmes.bookings.booking_places import new_reference
from booking.programmes.bookings.claiming import Target
from booking.programmes.models import Offer, WaitingEntry
from booking.programmes.texts import answering_texts
from booking.programmes.waiting import lines, offer_times, telling_offers

NEEDS = (1, 1, 2)


async def make(today: date) -> None:
    """Fills one session of Ferndown's and lets families wait for it and for a course; where there is none, nothing."""
    session = await _a_session(today)
    course = await _a_course(today)
    if session:
        await _fill("session", session)
        target = Target(session["run_id"], session["id"])
        entries = [await _wait(target, n) for n in range(3)]
        await _offer(target, entries[0])
        await _text(entries[1])
    if course:
        await _fill("run", course)
        for n in range(5):
            await _wait(Target(course["id"]), n)


async def _a_session(today: date) -> dict[str, Any] | None:
    """A session next week that is booked for itself alone and has families."""
    return await db.row(
        "SELECT s.id, s.run_id, s.hub_id, s.taken FROM session s JOIN run r ON r.id = s.run_id JOIN location h ON"
        " h.id = r.hub_id WHERE r.booking_mode = 'session' AND r.is_listed AND NOT r.is_restricted AND h.name LIKE 'Ferndown%'"
        " AND s.state = 'planned' AND s.taken > 1 AND s.date >= $1 ORDER BY s.date, s.start_time, s.id LIMIT 1",
        today + timedelta(days=3),
    )


async def _a_course(today: date) -> dict[str, Any] | None:
    """A course that can still be joined, at Ferndown if there is one, and has families."""
    return await db.row(
        "SELECT r.id, r.hub_id, r.taken FROM run r JOIN programme p ON p.id = r.programme_id WHERE r.booking_mode = 'run'"
        " AND r.state = 'published' AND r.is_listed AND NOT r.is_restricted AND r.taken > 1 AND EXISTS (SELECT 1 FROM session s"
        " WHERE s.run_id = r.id AND s.state = 'planned' AND s.number <= p.entry_sessions AND s.date > $1)"
        " ORDER BY CASE WHEN r.hub_id IN (SELECT id FROM location WHERE name LIKE 'Ferndown%') THEN 0 ELSE 1 END, r.code LIMIT 1",
        today + timedelta(days=2),
    )


async def _fill(table: str, row: dict[str, Any]) -> None:
    await db.execute(f"UPDATE {table} SET places = taken WHERE id = $1", row["id"])
    if table == "run":
        await db.execute("UPDATE session SET places = $2 WHERE run_id = $1 AND taken <= $2", row["id"], row["taken"])


async def _wait(target: Target, n: int) -> WaitingEntry:
    """A family of the demo that has no place there, with the youngest child."""
    person = await db.row(
        "SELECT p.id, p.name, p.family_id, c.first_name, c.birth_year, c.birth_month FROM person p JOIN child c ON"
        " c.family_id = p.family_id WHERE p.family_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking b WHERE"
        " b.family_id = p.family_id AND b.run_id = $1) AND NOT EXISTS (SELECT 1 FROM waiting_entry w WHERE"
        " w.family_id = p.family_id AND w.run_id = $1) ORDER BY p.phone, c.birth_year DESC, c.id LIMIT 1",
        target.run_id,
    )
    assert person is not None
    is_urgent = n == 2
    child = {name: person[name] for name in ("first_name", "birth_year", "birth_month")}
    entry = WaitingEntry(
        reference=await new_reference("waiting_entry"), manage_token=secrets.token_urlsafe(12),
        form_token=f"demo-{secrets.token_urlsafe(16)}", run_id=target.run_id, session_id=target.session_id,
        family_id=person["family_id"], person_id=person["id"], places=NEEDS[n % 3],
        who=[{"kind": "adult", "name": person["name"]}, {"kind": "child", **child}],
        priority=1 if is_urgent else 0, priority_reason="Asked for by the health visitor" if is_urgent else "",
        created_at=clock.now() - timedelta(days=20 - n, hours=n),
    )  # fmt: skip
    await entry.save(force_create=True)
    return entry


async def _offer(target: Target, entry: WaitingEntry) -> None:
    """One place more, which the first in line is offered: kept a day and a half, and not till the quiet hours."""
    await db.execute("UPDATE session SET places = places + 1 WHERE id = $1", target.session_id)
    await claiming.claim(target, 1, is_from_line=True)
    until = offer_times.when_loud(clock.now() + timedelta(hours=36))
    offer = Offer(
        waiting_entry_id=entry.id, places=1, token=secrets.token_urlsafe(12), created_at=clock.now(), expires_at=until
    )
    await db.write_new([offer])
    await db.execute("UPDATE waiting_entry SET state = 'offered' WHERE id = $1", entry.id)
    line = await lines.lock(target)
    assert line is not None
    await telling_offers.tell_offered(offer, {"person_id": entry.person_id, "reference": entry.reference}, line)


async def _text(entry: WaitingEntry) -> None:
    phone = await db.value("SELECT phone FROM person WHERE id = $1", entry.person_id)
    await inbox.keep(
        provider_reference="SMdemo", sender=phone, receiver="", body="Hi is it ok if grandma brings her? She is early"
    )
    await answering_texts.answer_new()
    hub_id = await db.value("SELECT hub_id FROM run WHERE id = $1", entry.run_id)
    await db.execute("UPDATE inbound_message SET hub_id = $1", hub_id)
