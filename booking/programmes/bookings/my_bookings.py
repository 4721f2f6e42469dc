"""What a family has booked or waits for, by its link or for whoever has proved who they are."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.programmes import disclosure
from booking.programmes.appointments.slots import at_slot
from booking.programmes.bookings import catch_ups
from booking.programmes.finding import dates_of_run
from booking.programmes.showing import date_times
from booking.words import day_words, short_day, time_range

BOOKED = (
    "b.id AS booking_id, b.reference, b.manage_token, b.state AS booking_state, b.places AS booked_places, b.needs,"
    " b.session_id AS only_session_id, b.run_id, b.family_id, b.person_id, s.id, s.date, s.start_time, s.end_time,"
    " s.state, s.why_cancelled, s.hub_id, r.booking_mode, r.state AS run_state, r.weekday, r.slug, r.min_age_months, r.max_age_months,"
    " p.age_of, p.places_unit, p.send_max_age_months, p.most_adults, p.most_children, p.audience, r.is_first_visit_booked, l.slug AS location_slug, l.access_notes"
)
# a booking of a whole run stands at the run's next date, or its last
NEXT_DATE = (
    "s.id = COALESCE(b.session_id, (SELECT n.id FROM session n WHERE n.run_id = b.run_id"
    " ORDER BY CASE WHEN n.ends_at > $1 AND n.state = 'planned' THEN 0 ELSE 1 END,"
    " CASE WHEN n.ends_at > $1 THEN n.starts_at END, n.starts_at DESC LIMIT 1))"
)


def _query(table: str, where: str) -> str:
    columns = (
        BOOKED
        if table == "booking"
        else BOOKED.replace("b.places AS booked_places", "b.places AS booked_places, b.who")
    )
    if table == "booking":
        facts, slot = f"b.slot_id, {disclosure.FACTS_AT_SLOT}", disclosure.SLOT
    else:
        facts, slot = f"NULL AS slot_id, {disclosure.FACTS}", ""
    return f"SELECT {columns}, {facts} FROM {table} b JOIN session s ON {NEXT_DATE} {disclosure.JOINS} {slot} WHERE {where}"


# What staff typed, or what leads to a place, may name what a family booked on something discreet is not told (P5).
NOT_SAID = {"why_cancelled": "", "what_to_bring": "", "access_notes": "", "location_slug": "", "slug": ""}


async def by_token(token: str) -> dict[str, Any] | None:
    """The booking or waiting entry that the link opens, with `kind` booking or waiting; None for an unknown token."""
    for table in ("booking", "waiting_entry"):
        found = await db.row(_query(table, "b.manage_token = $2"), clock.now(), token)
        if found:
            hidden = NOT_SAID if is_discreet(found) else {}
            return found | hidden | {"kind": "booking" if table == "booking" else "waiting"}
    return None


def is_discreet(row: dict[str, Any]) -> bool:
    """Whether those booked are told the time alone."""
    return bool(row["is_restricted"] or row["is_discreet"])


async def of_family(who: Who) -> list[dict[str, Any]]:
    """All that is coming, and what ended lately, of a family; also of others who gave the address that was proved.

    What is discreet, or was booked by somebody who wants short words only, is seen by whoever booked it or has its address, and
    not by the others of the household.
    """
    parameters: list[Any] = [clock.now(), who.family_id, who.id]
    own = "id = $3"
    if who.proved:
        own = "id = $3 OR phone = $4 OR email = $4"
        parameters.append(who.proved)
    people = f"SELECT id FROM person WHERE family_id = $2 OR {own}"
    hides = "EXISTS (SELECT 1 FROM person d WHERE d.id = b.person_id AND d.is_discreet)"
    seen = f"(NOT (r.is_restricted OR l.is_restricted OR p.is_discreet OR {hides}) OR b.person_id IN (SELECT id FROM person WHERE {own}))"
    found: list[dict[str, Any]] = []
    for table, kind in (("booking", "booking"), ("waiting_entry", "waiting")):
        where = f"b.person_id IN ({people}) AND {seen}" + (" AND b.state <> 'booked'" if kind == "waiting" else "")
        rows = await db.rows(_query(table, f"{where} ORDER BY s.starts_at"), *parameters)
        found += [row | {"kind": kind} for row in rows]
    return sorted(found, key=lambda row: row["starts_at"])


async def attendees(booking_id: UUID) -> list[dict[str, Any]]:
    return await db.rows(
        "SELECT id, kind, name, child_id, birth_year, birth_month, in_creche FROM attendee WHERE booking_id = $1 ORDER BY kind, id",
        booking_id,
    )


def summary(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A booking as the lists and the manage page show it, in the words for those booked."""
    shown = disclosure.shown(row, "booked")
    assert shown is not None
    return {
        "path": f"/m/{row['manage_token']}",
        "shown": shown,
        "when": _when(row),
        "reference": row["reference"],
        "state": _state(row, now),
        "kind": row["kind"],
        "mode": row["booking_mode"],
        "is_course": row["only_session_id"] is None,
    }


def _when(row: dict[str, Any]) -> str:
    """The day and the times; of an appointment its own."""
    times = at_slot(row, row) if row["slot_id"] else row
    return f"{day_words(row['date'])}, {time_range(times['start_time'], times['end_time'])}"


def _state(row: dict[str, Any], now: datetime) -> str:
    """booked, waiting, given_up, cancelled, left or over."""
    if row["booking_state"] in ("given_up", "cancelled", "left"):
        return row["booking_state"]
    if row["state"] == "cancelled" and (row["only_session_id"] or row["run_state"] == "cancelled"):
        return "cancelled"
    if row["ends_at"] <= now:
        return "over"
    if row["kind"] == "waiting":
        return "offered" if row["booking_state"] == "offered" else "waiting"
    return "booked"


async def course_dates(
    run_id: UUID, booking_id: UUID, family_id: UUID, *, with_reasons: bool = True
) -> list[dict[str, Any]]:
    """Every date of a course with those this family will miss marked and what it has booked to catch up on them, on which it
    has a creche place, and why one is left out or cancelled."""
    now = clock.now()
    missed, creche = await _missed(booking_id), await _in_creche(booking_id)
    caught_up = await catch_ups.of_bookings(run_id, family_id) if missed else {}
    return [
        {
            "session_id": each["session_id"],
            "day": short_day(each["date"]),
            "times": date_times(each),
            "state": _date_state(each, missed, now),
            "reason": each["reason"] if with_reasons else "",
            "is_missed": each["session_id"] in missed,
            "catch_up": caught_up.get(each["session_id"]),
            "creche": creche.get(each["date"]),
        }
        for each in await dates_of_run(run_id)
    ]


async def _missed(booking_id: UUID) -> set[UUID]:
    found = await db.rows("SELECT session_id FROM missed_date WHERE booking_id = $1", booking_id)
    return {row["session_id"] for row in found}


async def _in_creche(booking_id: UUID) -> dict[date, bool]:
    """By day whether the booking has its creche place, or had one and gave it back; no entry where it never had one."""
    found = await db.rows(
        "SELECT c.date, k.released_at FROM creche_place k JOIN session c ON c.id = k.session_id"
        " WHERE k.booking_id = $1 AND c.state = 'planned'",
        booking_id,
    )
    return {row["date"]: row["released_at"] is None for row in found}


def _date_state(each: dict[str, Any], missed: set[UUID], now: datetime) -> str:
    if each["state"] != "planned":
        return each["state"]
    if each["ends_at"] <= now:
        return "past"
    return "missed" if each["session_id"] in missed else "held"
