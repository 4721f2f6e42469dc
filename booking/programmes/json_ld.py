"""A session as schema.org JSON-LD for search engines. Never asked for anything restricted or unlisted."""

import json
from typing import Any

from booking import clock
from booking.programmes.disclosure import Shown
from booking.programmes.finding import places_left

BASE = "https://schema.org/"


def event(facts: dict[str, Any], shown: Shown, base_url: str) -> str:
    """The schema.org Event of one session, as JSON that can stand inside a script element."""
    thing: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{base_url}/sessions/{facts['session_id']}",
        "url": f"{base_url}/sessions/{facts['session_id']}",
        "name": shown.title,
        "startDate": clock.local(facts["starts_at"]).isoformat(),
        "endDate": clock.local(facts["ends_at"]).isoformat(),
        "eventStatus": BASE + ("EventCancelled" if facts["state"] == "cancelled" else "EventScheduled"),
        "eventAttendanceMode": BASE
        + ("OnlineEventAttendanceMode" if shown.is_online else "OfflineEventAttendanceMode"),
        "location": _place(facts, shown, base_url),
        "isAccessibleForFree": True,
        "organizer": {"@type": "Organization", "name": shown.host},
        "description": facts["summary"] or shown.title,
    }
    if facts["booking_mode"] in ("session", "run"):
        thing["remainingAttendeeCapacity"] = places_left(facts)
        thing["maximumAttendeeCapacity"] = facts["run_places"] if facts["booking_mode"] == "run" else facts["places"]
    if facts["age_of"] in ("child", "young person") and facts["max_age_months"] is not None:
        thing["typicalAgeRange"] = f"{(facts['min_age_months'] or 0) // 12}-{facts['max_age_months'] // 12}"
    return _safe(thing)


def _place(facts: dict[str, Any], shown: Shown, base_url: str) -> dict[str, Any]:
    if shown.is_online:
        return {"@type": "VirtualLocation", "url": f"{base_url}/sessions/{facts['session_id']}"}
    place: dict[str, Any] = {
        "@type": "Place",
        "name": shown.place,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": shown.address,
            "postalCode": shown.postcode,
            "addressCountry": "GB",
        },
    }
    if facts["lat"] is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": facts["lat"], "longitude": facts["lon"]}
    return place


def _safe(thing: dict[str, Any]) -> str:
    """JSON in which nothing can end the script element it stands in."""
    return json.dumps(thing, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
