"""What may be said of a session to whom (promise P5). Every page, message, calendar and feed takes its words from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from booking.messages.said import Said

Audience = Literal["public", "booked", "staff of it", "other staff"]

NEUTRAL_TITLE = "Your session"
NEUTRAL_PLACE = "We will tell you where"
PRIVATE = "Private booking"
BY_PHONE = "By phone"
WE_RING = "By phone, we ring you"


@dataclass(frozen=True, slots=True)
class Shown:
    """The words for one audience. `is_discreet` asks messages for neutral texts and a neutral sender; `has_place` is
    false where no place may be named, so that no link, map or direction is made of it."""

    title: str
    place: str
    address: str
    postcode: str
    directions: str
    host: str
    join_url: str
    is_discreet: bool
    has_place: bool
    is_online: bool
    is_by_phone: bool = False


def shown(facts: Mapping[str, Any], audience: Audience) -> Shown | None:
    """The words for an audience, or None where it may not know that the session exists.

    `facts` is a row with the columns of FACTS. Join links are for those booked and for staff of it.
    """
    if facts["is_restricted"]:
        return _restricted(facts, audience)
    is_neutral = bool(facts["is_discreet"]) and audience == "booked"
    if facts["delivery"] == "phone":
        title, host = (NEUTRAL_TITLE, "") if is_neutral else (facts["title"], facts["host"])
        return Shown(
            title, BY_PHONE, "", "", "", host, "", is_neutral, has_place=False, is_online=False, is_by_phone=True
        )
    return Shown(
        title=NEUTRAL_TITLE if is_neutral else facts["title"],
        place=facts["location_name"],
        address=facts["address"],
        postcode=facts["postcode"],
        directions=facts["directions"],
        host="" if is_neutral else facts["host"],
        join_url=facts["join_url"] if audience in ("booked", "staff of it") else "",
        is_discreet=is_neutral,
        has_place=facts["delivery"] != "online",
        is_online=facts["delivery"] == "online",
    )


def _restricted(facts: Mapping[str, Any], audience: Audience) -> Shown | None:
    if audience == "public":
        return None
    if audience == "staff of it":
        return Shown(
            facts["title"], facts["location_name"], facts["address"], facts["postcode"], facts["directions"],
            facts["host"], facts["join_url"], is_discreet=True, has_place=True, is_online=facts["delivery"] == "online",
        )  # fmt: skip
    title, place = (NEUTRAL_TITLE, NEUTRAL_PLACE) if audience == "booked" else (PRIVATE, "")
    return Shown(title, place, "", "", "", "", "", is_discreet=True, has_place=False, is_online=False)


def said(facts: Mapping[str, Any]) -> Said:
    """What messages and calendar entries may say of one session to somebody booked on it."""
    told = shown(facts, "booked")
    assert told is not None
    if told.is_discreet:
        return Said(facts["session_id"], facts["starts_at"], facts["ends_at"], is_discreet=True)
    is_elsewhere = told.is_online or told.is_by_phone
    full = ", ".join(part for part in (told.place, told.address, told.postcode) if part)
    return Said(
        session_id=facts["session_id"],
        starts_at=facts["starts_at"],
        ends_at=facts["ends_at"],
        title=told.title,
        place="Online" if told.is_online else WE_RING if told.is_by_phone else full,
        directions="" if is_elsewhere else told.directions,
        bring="" if told.is_by_phone else facts["what_to_bring"],
        host=told.host,
        join_url=told.join_url,
        page_path="" if told.is_by_phone else f"/sessions/{facts['session_id']}",
        latitude=None if is_elsewhere else facts["lat"],
        longitude=None if is_elsewhere else facts["lon"],
        is_by_phone=told.is_by_phone,
    )


# How a session is held: as itself says or else its run; a call of a mixed course (kind call) is by phone.
HELD = "CASE WHEN s.kind = 'call' THEN 'phone' ELSE COALESCE(NULLIF(s.delivery, ''), r.delivery) END"
# what shown() and said() need, for a query in which the session is s, its run r, the programme p and the location l
FACTS = (
    "s.id AS session_id, s.starts_at, s.ends_at, r.title, r.host,"
    " CASE WHEN s.delivery = 'in_person' OR s.kind = 'call' THEN '' ELSE COALESCE(NULLIF(s.join_url, ''), r.join_url) END AS join_url,"
    f" {HELD} AS delivery,"
    " (r.is_restricted OR l.is_restricted) AS is_restricted,"
    " p.is_discreet, p.what_to_bring, l.name AS location_name, l.address, l.postcode, l.directions, l.lat, l.lon"
)
JOINS = (
    "JOIN run r ON r.id = s.run_id JOIN programme p ON p.id = r.programme_id JOIN location l ON l.id = s.location_id"
)

# the same for a booking b, which may be of one appointment of the session: its times are then the slot's
FACTS_AT_SLOT = FACTS.replace(
    "s.starts_at, s.ends_at",
    "COALESCE(x.starts_at, s.starts_at) AS starts_at, COALESCE(x.ends_at, s.ends_at) AS ends_at",
)
SLOT = "LEFT JOIN slot x ON x.id = b.slot_id"
