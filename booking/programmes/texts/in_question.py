"""What a number's YES or NO may be about: the offers that are open for it, and the places of which it has just heard.

A number proves little: only what belongs to people with this very number is ever in question, and never what another adult hears
of beside them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.messages.said import Said
from booking.programmes import disclosure
from booking.programmes.bookings.booking_places import coming_dates
from booking.programmes.bookings.claiming import Target
from booking.programmes.waiting import ending_offers

HEARD_WITHIN = timedelta(days=7)
BESIDE = timedelta(hours=24)  # what was heard so long before the last message may be meant just as well
ABOUT_A_PLACE = (
    *("confirmation", "text_took_back", "reminder_days", "reminder_hours", "changed", "dates_changed", "date_added"),
    *("goes_on", "catch_up"),
)
OF_THE_WHOLE = ("confirmation", "text_took_back")
OF_ONE_DATE = ("reminder_days", "reminder_hours", "changed", "date_added")
Does = Literal["give_up", "miss", "pass", "take", "take_back", "come", "ask", "cover", "not_cover"]


@dataclass(frozen=True, slots=True)
class Thing:
    """A place or an offer of one person. `does` is what a NO does to it (of an offer also a YES); "ask": nobody can tell what is
    meant. Of one date of a course (`session_id`) a NO means that the family misses it."""

    does: Does
    kind: Literal["booking", "offer", "cover_ask"]
    id: UUID
    said: Said
    hub_id: UUID
    person_id: UUID
    is_restricted: bool
    told_at: datetime
    session_id: UUID | None = None
    offer: dict[str, Any] | None = None


async def places_of(phone: str, at: datetime) -> list[Thing]:
    """The places of which the number has heard in the last days before that instant, and that can still be given up; what it heard
    of last comes first."""
    marks = db.in_list(ABOUT_A_PLACE, 4)
    heard = await db.rows(
        "SELECT m.kind, m.session_id AS date_id, b.id, b.run_id, b.session_id, b.slot_id, b.person_id,"
        " COALESCE(m.sent_at, d.sent_at, m.claimed_at) AS told_at FROM message m"
        " JOIN booking b ON b.id = m.about_id AND b.person_id = m.person_id JOIN person p ON p.id = b.person_id"
        " LEFT JOIN message d ON d.id = m.digest_id WHERE m.address = $1 AND m.channel = 'sms' AND m.about_kind = 'booking'"
        " AND p.phone = $1 AND b.state = 'booked' AND m.created_at > $2 AND COALESCE(m.sent_at, d.sent_at, m.claimed_at) > $2"
        " AND COALESCE(m.sent_at, d.sent_at, m.claimed_at) <= $3 AND (m.may_have_left OR m.state IN ('sent', 'delivered')"
        f" OR d.state IN ('sent', 'delivered')) AND m.kind IN {marks} ORDER BY told_at DESC, m.id DESC LIMIT 50",
        phone, at - HEARD_WITHIN, at, *ABOUT_A_PLACE,
    )  # fmt: skip
    found: dict[tuple[UUID, UUID | None], Thing] = {}
    for row in heard:
        thing = await _place(row)
        if thing and (thing.id, None) not in found and (thing.id, thing.session_id) not in found:
            found[thing.id, thing.session_id] = thing
    return list(found.values())


async def _place(row: dict[str, Any]) -> Thing | None:
    """What a message was about, None when that has begun, is over or is missed already."""
    dates = await coming_dates(Target.of(row))
    is_course = row["session_id"] is None
    date_id = row["date_id"] if is_course and row["kind"] not in OF_THE_WHOLE else None
    if date_id:
        dates = [each for each in dates if each["session_id"] == date_id]
        if dates and await _is_missed(row["id"], date_id):
            return None
    if not dates:
        return None
    does: Does = "give_up" if not date_id else "miss" if row["kind"] in OF_ONE_DATE else "ask"
    first = dates[0]
    return Thing(
        does, "booking", row["id"], disclosure.said(first), first["hub_id"], row["person_id"],
        bool(first["is_restricted"]), row["told_at"], date_id,
    )  # fmt: skip


async def _is_missed(booking_id: UUID, session_id: UUID) -> bool:
    missed = await db.row(
        "SELECT id FROM missed_date WHERE booking_id = $1 AND session_id = $2", booking_id, session_id
    )
    return missed is not None


async def offers_of(phone: str) -> list[dict[str, Any]]:
    """Offers of the last week to people with this number, the latest first, with created_at beside what `ending_offers.FACTS`
    has."""
    return await db.rows(
        f"{ending_offers.FACTS.replace('SELECT o.id,', 'SELECT o.created_at, o.id,', 1)}"
        " w.person_id IN (SELECT id FROM person WHERE phone = $1) AND o.expires_at > $2"
        " ORDER BY o.created_at DESC, o.id DESC LIMIT 20",
        phone,
        clock.days_before(clock.now(), 7),
    )


async def open_offers(offers: list[dict[str, Any]], at: datetime, does: Does) -> list[Thing]:
    """Of these the ones that were open at that instant, as things to choose from."""
    found = []
    for offer in offers:
        if offer["state"] == "open" and offer["expires_at"] > at:
            dates = await coming_dates(Target.of(offer))
            if dates:
                found.append(_offered(offer, dates[0], does))
    return found


def _offered(offer: dict[str, Any], date: dict[str, Any], does: Does) -> Thing:
    return Thing(
        does, "offer", offer["id"], disclosure.said(date), date["hub_id"], offer["person_id"],
        bool(date["is_restricted"]), offer["created_at"], None, offer,
    )  # fmt: skip


def meant(things: list[Thing], at: datetime) -> list[Thing]:
    """Of all that a number has heard of, what may be meant at that instant: what it heard of last and shortly before that, and
    what begins today or tomorrow."""
    if not things:
        return []
    since = max(each.told_at for each in things) - BESIDE
    tomorrow = clock.local(at).date() + timedelta(days=1)
    return [each for each in things if each.told_at >= since or clock.local(each.said.starts_at).date() <= tomorrow]
