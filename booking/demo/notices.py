"""Two notices in the demo county: one that reached the families of a course yesterday, but for one who wants to be rung, and one
to a whole hub that leaves tomorrow."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from booking import clock, db
from booking.demo.rooms import people
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.notices import queueing_notices, sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed

STAFF, MANAGER = "maya@ferndown.example", "tom@ferndown.example"
COURSE = Typed("We meet in the garden from next week on, if it is dry. Please bring coats, hats and wellies.")
CAR_PARK = Typed(
    sms="The car park is closed all next week. Please park at the library, three minutes away.",
    subject="The car park is closed next week",
    mail="The car park is being mended all next week.\n\nPlease park at the library, three minutes away on foot. There is a level"
    " way with a pushchair. If you need to park at the door, ring us and we open the gate for you.",
)


async def make(today: date) -> None:
    """Written with the very verbs of the site; none where there is nobody to write to."""
    who = await people()
    if STAFF not in who or MANAGER not in who:
        return
    hub_id = next(iter(who[STAFF].role_hubs))
    run_id = await db.value(
        "SELECT r.id FROM run r JOIN programme p ON p.id = r.programme_id WHERE r.hub_id = $1 AND r.booking_mode = 'run'"
        " AND r.state = 'published' AND NOT r.is_restricted AND NOT p.is_discreet AND r.last_date > $2"
        " ORDER BY r.taken DESC, r.id LIMIT 1",
        hub_id,
        today + timedelta(days=7),
    )
    if run_id:
        await _wants_a_call(run_id)
    if run_id and await _write(who[STAFF], "run", run_id, COURSE, "demo: a course"):
        await queueing_notices.queue_due()
        await _arrive()
    tomorrow = clock.at(today + timedelta(days=1), "09:30")
    waits = Typed(CAR_PARK.sms, CAR_PARK.subject, CAR_PARK.mail, due_at=tomorrow)
    await _write(who[MANAGER], "hub", hub_id, waits, "demo: a hub")


async def _wants_a_call(run_id: Any) -> None:
    """One family of the course, so that Today has a call to make."""
    await db.execute(
        "UPDATE person SET channel = 'call', contact_words = 'Has no mobile. Let it ring for long.' WHERE id ="
        " (SELECT p.id FROM booking b JOIN person p ON p.id = b.person_id WHERE b.run_id = $1 AND b.state = 'booked'"
        " AND p.phone <> '' AND NOT p.is_discreet AND p.channel = 'sms' AND p.phone_state = 'ok' ORDER BY p.name, p.id LIMIT 1)",
        run_id,
    )


async def _write(by: Who, kind: str, id: Any, typed: Typed, token: str) -> bool:
    about = await find_about(by, kind, id)
    if about is None:
        return False
    with suppress(Refused):
        await sending_notices.send(about, about.audience(), typed, form_token=token, by=by, undo_minutes=0)
        return True
    return False


async def _arrive() -> None:
    """Its messages as if they had left a day ago: a demo has no provider that would take them."""
    ago = clock.now() - timedelta(days=1)
    await db.execute(
        "UPDATE message SET state = CASE WHEN channel = 'sms' THEN 'delivered' ELSE 'sent' END, sent_at = $1, due_at = $1,"
        " created_at = $1 WHERE kind = 'notice' AND channel <> 'call' AND state = 'queued'",
        ago,
    )
    await db.execute("UPDATE notice SET created_at = $1, due_at = $1 WHERE state = 'sent'", ago)
