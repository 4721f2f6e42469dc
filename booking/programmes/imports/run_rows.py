"""One row of the timetable as the run that it becomes."""

from collections.abc import Mapping
from uuid import UUID

from booking import words
from booking.changes import Row
from booking.places.recurrence import Plan
from booking.programmes.imports.checking_series import Known
from booking.programmes.imports.programme_tables import SeriesRow
from booking.slugs import free_slug, hidden_slug, slug_of

ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", -1: "last"}


def run_row(row: SeriesRow, planned: Plan, run_ids: Mapping[str, UUID], slugs: set[str], known: Known) -> Row:
    """The columns of the run. `slugs` are those in use; a new one is added. What is restricted has no words to find it by."""
    location, programme = known.places.locations[row.building_code], known.programmes[row.programme_code]
    before = known.runs.get(row.series_id) or {"slug": "", "taken": 0, "guest_places": 0, "join_url": ""}
    every, nth = row.frequency
    is_restricted = bool(location["is_restricted"]) or not row.public_listing
    slug = before["slug"] or _slug(row, location, run_ids[row.series_id], slugs, is_restricted)
    slugs.add(slug)
    return {
        "id": run_ids[row.series_id],
        "code": row.series_id,
        "slug": slug,
        "programme_id": programme["id"],
        "location_id": location["id"],
        "room_id": known.places.rooms[row.room_code]["id"],
        "hub_id": location["hub_id"],
        "title": row.title,
        "weekday": row.weekday,
        "start_time": row.start,
        "end_time": row.end,
        "frequency": f"{every} {ORDINALS[nth]}" if nth else every,
        "first_date": row.first_date,
        "last_date": planned.dates[-1] if row.planned_sessions else row.last_date,
        "planned_sessions": row.planned_sessions,
        "is_term_time_only": row.term_time_only,
        "booking_mode": row.booking_mode,
        "takes_referrals": row.booking in ("book_or_referral", "referral"),
        "is_first_visit_booked": row.booking == "book_first_visit",
        "min_age_months": row.min_age_months,
        "max_age_months": row.max_age_months,
        "places": max(row.places, before["taken"] + before["guest_places"]),
        "slot_minutes": row.slot_minutes,
        "delivery": row.delivery,
        "join_url": row.join_url or before["join_url"],
        "host": row.host,
        "creche_run_id": run_ids.get(row.creche_series),
        "is_listed": not is_restricted and row.booking_mode != "linked",
        "is_restricted": is_restricted,
        "is_out_of_hours": row.out_of_hours == "yes",
        "search_words": "" if is_restricted else _search_words(row, location, programme),
        "source": row.source,
        "notes": row.notes,
    }


def _slug(row: SeriesRow, location: Row, id: UUID, slugs: set[str], is_restricted: bool) -> str:
    if is_restricted:
        return hidden_slug(id)
    return free_slug(slug_of(row.title, location["name"], words.DAYS[row.weekday], longest=140), slugs)


def _search_words(row: SeriesRow, location: Row, programme: Row) -> str:
    """What a parent may type to find it, lower case, each word once."""
    parts = (
        row.title, programme["title"], programme["group"], programme.get("topic_names", ""), row.host, location["name"],
        location["hub_name"], location["district"], location["address"], location["area"],
    )  # fmt: skip
    return " ".join(dict.fromkeys(" ".join(parts).lower().replace(",", " ").split()))
