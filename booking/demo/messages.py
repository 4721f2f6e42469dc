"""What became of messages in the demo county: families of one session who were told in every way there is, and four months of
texts behind it, so that the outbox and the figures have something to say."""

from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from booking import clock, db
from booking.messages import outbox_rows, sender
from booking.messages.models import DeliveryReport, Message
from booking.words import day_words, time_words

# what becomes of the confirmation of one family after the other: state, code
BECAME = (
    *(("delivered", ""), ("delivered", ""), ("failed", "30003"), ("delivered", ""), ("sent", ""), ("failed", "30007")),
    *(("delivered", ""), ("failed", "21610"), ("delivered", ""), ("delivered", "")),
)
BY_HAND = "Spoke to them. They have a new number."
HISTORY = (("reminder_days", 9), ("reminder_hours", 7), ("confirmation", 6), ("cancellation", 2))
MONTHS_BACK = 4


async def make(today: date) -> None:
    """Nothing where Ferndown has no families on a session to come."""
    session = await _a_session(today)
    if session is None:
        return
    now = clock.now()
    families = await db.rows(
        "SELECT b.id, b.manage_token, p.id AS person_id, p.name, p.phone, p.email FROM booking b JOIN person p ON p.id = b.person_id"
        " WHERE b.session_id = $1 AND b.state = 'booked' AND p.channel = 'sms' AND p.phone <> '' AND NOT p.is_discreet"
        " ORDER BY p.name, b.id",
        session["id"],
    )
    rows: list[Message] = []
    for n, (family, (state, code)) in enumerate(zip(families, cycle(BECAME), strict=False)):
        at = now - timedelta(days=1, minutes=7 * n)
        text = _text(session, family, at, state=state, code=code)
        rows += [text, *_instead(text, family, code, at)]
    await db.write_new(rows)
    await db.write_new([_report(row) for row in rows if row.channel == "sms" and row.state in ("delivered", "failed")])
    await db.write_new(_history(today, session))


async def _a_session(today: date) -> dict[str, Any] | None:
    return await db.row(
        "SELECT s.id, s.hub_id, s.date, s.start_time, r.title FROM session s JOIN run r ON r.id = s.run_id JOIN location h"
        " ON h.id = r.hub_id WHERE r.booking_mode = 'session' AND NOT r.is_restricted AND h.name LIKE 'Ferndown%'"
        " AND s.state = 'planned' AND s.date >= $1 ORDER BY s.taken DESC, s.date, s.id LIMIT 1",
        today + timedelta(days=2),
    )


def _row(at: datetime, key: str, **values: Any) -> Message:
    known = {
        "about_kind": "booking",
        "created_at": at,
        "due_at": at,
        "next_try_at": at,
        "attempts": 1,
        "marker": "",
        "parts": 0,
    }
    return Message(**known | {"dedupe_key": f"demo:{key}"} | values)


def _text(session: dict[str, Any], family: dict[str, Any], at: datetime, *, state: str, code: str) -> Message:
    when = f"{day_words(session['date'])}, {time_words(session['start_time'])}"
    marker = outbox_rows.new_marker()
    link = f"{sender.current().base_url}/m/{family['manage_token']}.{marker}"
    return _row(
        at, f"{family['id']}:sms", marker=marker, person_id=family["person_id"], kind="confirmation", channel="sms",
        address=family["phone"], body=f"Family Hubs: you are booked on {session['title']}, {when}. See it: {link}",
        about_id=family["id"],
        session_id=session["id"], hub_id=session["hub_id"], state=state, error_code=code, parts=1, provider="twilio",
        sent_at=at + timedelta(seconds=4), provider_reference=f"SM{family['id'].hex}",
        delivered_at=at + timedelta(seconds=9) if state == "delivered" else None,
    )  # fmt: skip


def _instead(text: Message, family: dict[str, Any], code: str, at: datetime) -> list[Message]:
    """The way that was tried when the text did not arrive: a mail, or a call that staff have made."""
    later = at + timedelta(minutes=2)
    same = {name: getattr(text, name) for name in ("person_id", "kind", "about_id", "session_id", "hub_id", "body")}
    if code == "21610" and family["email"]:
        address = {"channel": "email", "address": family["email"], "subject": "You are booked", "provider": "smtp"}
        return [_row(later, f"{family['id']}:email", **same, **address, state="sent", sent_at=later)]
    if code == "30003":
        rung = {"channel": "call", "address": family["phone"], "attempts": 0, "handled_words": BY_HAND}
        said = text.body.removeprefix("Family Hubs: ").partition(" See it")[0]
        rung["body"] = said[:1].upper() + said[1:]
        return [_row(later, f"{family['id']}:call", **same | rung, state="sent", sent_at=later + timedelta(hours=1))]
    return []


def _report(row: Message) -> DeliveryReport:
    arrived = row.delivered_at or row.created_at + timedelta(minutes=1)
    return DeliveryReport(
        provider="twilio", provider_reference=row.provider_reference, error_code=row.error_code, received_at=arrived,
        status="delivered" if row.state == "delivered" else "undelivered", settled_at=arrived,
    )  # fmt: skip


def _history(today: date, session: dict[str, Any]) -> list[Message]:
    """Months gone by: texts to nobody in particular, a few more each month; their words are long forgotten."""
    rows = []
    for back in range(1, MONTHS_BACK + 1):
        count_of_months = today.year * 12 + today.month - 1 - back
        day = date(count_of_months // 12, count_of_months % 12 + 1, 12)
        for kind, count in HISTORY:
            for n in range(max(1, count - back)):
                rows.append(_old(clock.at(day + timedelta(days=n), "10:30"), kind, n, session["hub_id"]))
    return rows


def _old(at: datetime, kind: str, n: int, hub_id: Any) -> Message:
    has_failed = n == 3
    return _row(
        at, f"{at:%Y-%m-%d}:{kind}", kind=kind, channel="sms", address="+447700900000", body="", about_id=db.new_id(),
        hub_id=hub_id, parts=1 + n % 2, provider="twilio", sent_at=at, state="failed" if has_failed else "delivered",
        error_code="30005" if has_failed else "", delivered_at=None if has_failed else at,
    )  # fmt: skip
