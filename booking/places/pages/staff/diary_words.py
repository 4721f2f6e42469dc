"""What a member of staff may read of a room's uses: rows of the diary, and the sessions behind them, as Uses.

Private use says "Private booking" and no more, alike whatever it is, to all but staff of that very hub (promise P5).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from booking import clock
from booking.people.signing_in import Who
from booking.places.diary import DiaryRoom, Place, uses_between
from booking.places.grid import Use
from booking.programmes import disclosure
from booking.programmes.sessions_in_rooms import sessions_in
from booking.words import short_day

Row = dict[str, Any]
MODE_WORDS = {
    "drop_in": "Drop in",
    "session": "Book a place",
    "run": "Course",
    "appointment": "Appointment",
    "referral": "By referral",
    "linked": "With a course",
}


async def uses_of(
    rooms: Iterable[DiaryRoom], places: Mapping[UUID, Place], first: date, after: date, who: Who
) -> list[Use]:
    """The uses of these rooms' parts from the first day to the one `after` the last, by time, in the words for `who`.
    Two queries."""
    at = {leaf: places[room.location_id] for room in rooms for leaf in room.leaves if room.location_id in places}
    rows = await uses_between(list(at), clock.at(first, "00:00"), clock.at(after, "00:00"))
    sessions = await sessions_in(list({row["id"] for row in rows if row["kind"] == "session"}))
    return [use_of(row, sessions.get(row["id"]), at[row["room_id"]], who) for row in rows]


def use_of(row: Row, session: Row | None, place: Place, who: Who) -> Use:
    if (row["is_private"] or place.is_restricted) and not who.works_at(place.hub_id):
        return _private(row)
    if row["kind"] == "session":
        return _session(row, session, who)
    href = f"/staff/rooms/bookings/{row['id']}"
    if row["kind"] == "closure":
        return _use(row, "closure", "Closed", row["reason"] or row["title"] or "Closed")
    if row["kind"] == "swap":
        return _use(row, "request", "Kept", row["organisation"] or "Kept", "for a partner asked to move")
    title, note = (row["organisation"] or row["title"] or "Hub’s own use"), row["title"] if row["organisation"] else ""
    if row["state"] == "requested":
        return _use(row, "request", "Request", title, _asked(row, note, place), href, is_movable=True)
    kind, words = ("partner", "Partner") if row["kind"] == "partner" else ("hub", "Hub’s own")
    return _use(row, kind, words, title, note, href, is_movable=True)


def _private(row: Row) -> Use:
    return _use(row, "private", "Private", disclosure.PRIVATE)


def _session(row: Row, session: Row | None, who: Who) -> Use:
    if session is None:
        return _use(row, "session", "Session", "Session")
    works_there = who.works_at(session["hub_id"])
    shown = disclosure.shown(session, "staff of it" if works_there else "other staff")
    if shown is None or (session["is_restricted"] and not works_there):
        return _private(row)
    may_act = who.may_act_at(session["hub_id"])
    kind, words = session["booking_mode"], MODE_WORDS[session["booking_mode"]]
    if session["state"] == "draft":
        href = f"/staff/plan/{session['run_id']}" if may_act else ""
        return _use(row, kind, words, f"Draft: {shown.title}", "families do not see it yet", href)
    href = f"/staff/sessions/{session['session_id']}" if may_act else ""
    return _use(row, kind, words, shown.title, "", href, is_movable=bool(href))


def _asked(row: Row, note: str, place: Place) -> str:
    """ "Baby clinic · Ferndown Family Hub decides by Tue 12 Jan" """
    until = row["hold_until_at"]
    by = f" by {short_day(clock.local(until).date())}" if until else ""
    return " · ".join(filter(None, (note, f"{place.hub_name or place.name} decides{by}")))


def _use(
    row: Row, kind: str, kind_words: str, title: str, note: str = "", href: str = "", *, is_movable: bool = False
) -> Use:
    return Use(
        row["id"], row["room_id"], row["booked_room_id"], row["held_from_at"], row["held_to_at"], row["starts_at"],
        row["ends_at"], kind, kind_words, title, note, href, is_movable,
    )  # fmt: skip
