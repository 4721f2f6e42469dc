"""Everything the page of a session or a course says, in four queries."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.programmes import disclosure
from booking.programmes.creche.creche_places import creche_of
from booking.programmes.finding import KEPT, dates_of_run, places_left
from booking.programmes.waiting import line_first, offer_times
from booking.words import short_day, time_range

KEPT_OF_RUN, KEPT_OF_SESSION = (KEPT.format(table).replace("$1", "$2") for table in "rs")
# with what is reserved for others, and all of it while families in line fit in what is left
TAKEN_OF_RUN = (
    f"r.taken + r.guest_places + CASE WHEN {line_first.STAYS_OPEN.format(t='r', soonest='$3')}"
    f" AND {line_first.for_run('r', kept=KEPT_OF_RUN)} THEN r.places ELSE {KEPT_OF_RUN} END"
)
TAKEN_OF_SESSION = (
    f"s.taken + CASE WHEN s.starts_at >= $3 AND {line_first.for_session('s', kept=KEPT_OF_SESSION)} THEN s.places"
    f" ELSE {KEPT_OF_SESSION} END"
)
RUN_FACTS = (
    "r.id AS run_id, r.slug, r.booking_mode, r.takes_referrals, r.is_first_visit_booked, r.min_age_months,"
    f" r.max_age_months, r.places AS run_places, {TAKEN_OF_RUN} AS run_taken, r.planned_sessions, r.creche_run_id, r.is_listed,"
    " r.slot_minutes, r.first_date, r.last_date, r.weekday, r.frequency, p.age_of, p.places_unit, p.send_max_age_months, p.most_adults, p.most_children, p.audience, r.referral_code, p.summary, p.creche,"
    " p.kind AS programme_kind, p.picture, p.title AS programme_title, p.entry_sessions, p.topic_id, l.slug AS location_slug, l.access_notes, l.hub_id,"
    " l.kind AS location_kind, o.name AS room_name, o.features AS room_features,"
    " (SELECT COALESCE(SUM(k.places), 0) FROM lease k WHERE k.released_at IS NULL AND k.expires_at <= $2"
    "  AND k.run_id = r.id AND k.session_id IS NULL) AS run_lapsed"
)


SESSION_FACTS = (
    f"{disclosure.FACTS}, {RUN_FACTS}, s.id, s.date, s.start_time, s.end_time, s.number, s.state, s.why_cancelled, s.places,"
    f" {TAKEN_OF_SESSION} AS taken, (SELECT COALESCE(SUM(k.places), 0) FROM lease k WHERE k.released_at IS NULL AND k.expires_at <= $2"
    " AND k.session_id = s.id) AS lapsed"
)
SESSION_JOINS = f"{disclosure.JOINS} LEFT JOIN room o ON o.id = s.room_id"
MAY_BE_SHOWN = "s.is_listed AND NOT l.is_restricted"
# to who began to book it, by a code perhaps: what is not listed too, but never what is restricted (promise P5)
MAY_BE_SHOWN_TO_WHO_BOOKS = "s.state <> 'draft' AND NOT r.is_restricted AND NOT l.is_restricted"


async def session_facts(session_id: UUID, *, may: str = MAY_BE_SHOWN) -> dict[str, Any] | None:
    """One listed session with all that its page says, or None for what the public may not know of."""
    return await db.row(
        f"SELECT {SESSION_FACTS} FROM session s {SESSION_JOINS} WHERE s.id = $1 AND {may}",
        session_id,
        *_now_and_soonest(),
    )


async def facts_of_lease(lease_id: UUID) -> dict[str, Any] | None:
    """Like session_facts, of the session that a lease is for, with the lease: `lease_id`, `lease_places`, `draft`,
    `is_for_waiting`, `expires_at` and `released_at`. None also for a lease of a whole course."""
    return await db.row(
        f"SELECT {SESSION_FACTS}, e.id AS lease_id, e.places AS lease_places, e.draft, e.is_for_waiting, e.expires_at,"
        " e.released_at, e.slot_id, e.is_priority, x.starts_at AS slot_starts_at, x.ends_at AS slot_ends_at"
        f" FROM lease e JOIN session s ON s.id = e.session_id {SESSION_JOINS} LEFT JOIN slot x ON x.id = e.slot_id"
        f" WHERE e.id = $1 AND {MAY_BE_SHOWN_TO_WHO_BOOKS}",
        lease_id,
        *_now_and_soonest(),
    )


def _now_and_soonest() -> tuple[datetime, datetime]:
    """Now, and what must close later for families in line to be asked first."""
    now = clock.now()
    return now, offer_times.earliest_close(now)


async def run_facts(slug: str) -> dict[str, Any] | None:
    """A listed run with the facts of its next date (or its last, when all are over), or None."""
    return await _at_next_date("r.slug = $1", slug)


async def facts_of_run(run_id: UUID) -> dict[str, Any] | None:
    """Like run_facts, for a run by its id, for who began to book it or came by its code: it need not be listed."""
    return await _at_next_date("r.id = $1", run_id, MAY_BE_SHOWN_TO_WHO_BOOKS)


async def _at_next_date(which: str, parameter: Any, may: str = MAY_BE_SHOWN) -> dict[str, Any] | None:
    found = await db.row(
        f"SELECT s.id FROM session s {disclosure.JOINS} WHERE {which} AND {may}"
        " ORDER BY CASE WHEN s.ends_at > $2 AND s.state = 'planned' THEN 0 ELSE 1 END,"
        " CASE WHEN s.ends_at > $2 THEN s.starts_at END, s.starts_at DESC LIMIT 1",
        parameter,
        clock.now(),
    )
    return await session_facts(found["id"], may=may) if found else None


async def page_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with their dates and what may be done: `dates`, `coming`, `can` and `left`."""
    now = clock.now()
    dates = await dates_of_run(facts["run_id"])
    coming = [each for each in dates if each["state"] == "planned" and each["starts_at"] > now]
    shown = disclosure.shown(facts, "public")
    creche = await creche_of(facts["run_id"]) if facts["creche_run_id"] else None
    return {
        "facts": facts,
        "shown": shown,
        "dates": [_date(each, facts, now) for each in dates],
        "coming": coming,
        "left": places_left(facts),
        "can": what_can_be_done(facts, dates, now),
        "creche": creche,
    }


def what_can_be_done(facts: dict[str, Any], dates: list[dict[str, Any]], now: datetime) -> str:
    """book, wait, drop_in, ask, appointment, begun, cancelled or over: the one main action of the page."""
    mode = facts["booking_mode"]
    if mode == "run" or (mode == "referral" and facts.get("by_code")):
        return _with_run(facts, dates, now)
    if facts["state"] == "cancelled":
        return "cancelled"
    if facts["ends_at"] <= now:
        return "over"
    if mode in ("drop_in", "appointment"):
        return mode
    if mode == "referral":
        return "ask"
    if facts["starts_at"] <= now:
        return "begun"
    return "book" if places_left(facts) else "wait"


def _with_run(facts: dict[str, Any], dates: list[dict[str, Any]], now: datetime) -> str:
    to_come = [each for each in dates if each["ends_at"] and each["ends_at"] > now]
    if to_come and all(each["state"] == "cancelled" for each in to_come):
        return "cancelled"
    if not is_open_for_joining(facts["entry_sessions"], dates, now):
        is_over = not any(each["starts_at"] and each["starts_at"] > now for each in dates)
        return "over" if is_over else "begun"
    return "book" if places_left(facts) else "wait"


def is_open_for_joining(entry_sessions: int, dates: list[dict[str, Any]], now: datetime) -> bool:
    """Whether a course can still be joined: until its session number `entry_sessions` has begun. Calls count for nothing, and
    neither does what is cancelled; searches ask the same (finding.py)."""
    first = [each for each in dates if each["state"] == "planned" and each["number"] <= entry_sessions]
    return any(each["starts_at"] > now for each in first)


def _date(each: dict[str, Any], facts: dict[str, Any], now: datetime) -> dict[str, Any]:
    state = "skipped" if each["state"] == "skipped" else "cancelled" if each["state"] == "cancelled" else "held"
    if state == "held" and each["ends_at"] <= now:
        state = "past"
    return {
        "day": short_day(each["date"]),
        "times": date_times(each),
        "state": state,
        "reason": each["reason"],
        "href": f"/sessions/{each['session_id']}" if each["session_id"] and not each["is_call"] else "",
        "is_this": each["session_id"] == facts["session_id"],
        "date": each["date"],
    }


def date_times(each: dict[str, Any]) -> str:
    """ "10am to 11:30am", "10am to 11:30am, online", "10am to 10:20am, by phone", or "" for a date that is left out."""
    if not each["start_time"]:
        return ""
    return time_range(each["start_time"], each["end_time"]) + (
        ", online" if each["is_online"] else ", by phone" if each["is_call"] else ""
    )


def dates_to_show(dates: list[dict[str, Any]], today: date, most: int = 8) -> tuple[list[dict[str, Any]], int]:
    """The next dates with the skips between them, and how many more there are; a short run is shown whole."""
    if len(dates) <= 20:
        return dates, 0
    coming = [each for each in dates if each["date"] >= today]
    return coming[:most], max(len(coming) - most, 0)
