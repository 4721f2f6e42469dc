"""What stands in for the names in a route's path: a small county in which every route leads to something.

The tests that walk every route (test_access, test_leaks, test_security) find new routes by themselves. A new name in a
path needs a line in `stand_ins`, and they say so.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.routing import Route

from booking import app, clock, db
from booking.messages.models import Message
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.people.models import ImportJob
from booking.places.models import RoomSeries
from booking.programmes import leasing
from booking.programmes.leasing import Target
from booking.programmes.models import Attendee, WaitingEntry
from tests import make

FEED_TOKEN = "token-of-a-calendar"


@dataclass(frozen=True)
class Small:
    """A hub with a session, a booked family, a form under way and a message; a second hub that is none of its business."""

    hub: Any
    other_hub: Any
    session: Any
    parent: Any
    booking: Any
    attendee: Any
    lease_id: UUID
    message: Any
    import_job: Any
    entry: Any
    room: Any
    partner: Any
    feed: Any
    series: Any
    swap: Any


async def small_county() -> Small:
    hub, other_hub = await make.location(slug="own-hub"), await make.location(slug="other-hub")
    session = await make.session(await make.run(location=hub, slug="own-run"))
    parent = await make.person()
    booking = await make.booking(session, parent, needs="Needs a ramp")
    now = clock.now()
    message = await Message.create(
        kind="reminder_days", channel="sms", address=parent.phone, body="See you soon", about_kind="booking",
        about_id=booking.id, dedupe_key="standing in", marker="mmm", created_at=now, due_at=now, next_try_at=now,
        hub_id=hub.id, session_id=session.id, person=parent,
    )  # fmt: skip
    job = await ImportJob.create(created_at=now)
    waits = await make.person()
    entry = await WaitingEntry.create(
        reference="WAITING", manage_token="waiting-token", run_id=session.run_id, session_id=session.id, person=waits,
        family_id=waits.family_id, places=1, form_token="standing in", created_at=now,
    )  # fmt: skip
    lease_id = await leasing.lease(Target(session.run_id, session.id))
    attendee = await Attendee.get(booking=booking)
    room = await make.room(hub)
    await make.photo(room)
    partner = await make.organisation()
    feed = await FeedLink.create(kind="room", about_id=room.id, token_hash=hash_of(FEED_TOKEN), created_at=now)
    series = await RoomSeries.create(
        room=room, organisation_id=partner.id, weekday=0, start_time="10:00", end_time="12:00", first_date=clock.today(),
        last_date=clock.today(), created_at=now,
    )  # fmt: skip
    return Small(
        hub, other_hub, session, parent, booking, attendee, lease_id, message, job, entry, room, partner, feed, series,
        await make.swap(room, partner),
    )  # fmt: skip


def routes() -> list[Route]:
    return [route for route in app.ROUTES if isinstance(route, Route)]


def stand_ins(county: Small) -> dict[tuple[str, str], str]:
    """(the part of the path before the name, the name) -> what to put there."""
    return {
        ("sessions", "id"): str(county.session.id),
        ("dates", "session"): str(county.session.id),
        ("courses", "slug"): "own-run",
        ("places", "slug"): "own-hub",
        ("places", "id"): str(county.hub.id),
        ("rooms", "room"): str(county.room.id),
        ("partners", "id"): str(county.partner.id),
        ("feeds", "token"): FEED_TOKEN,
        ("feeds", "id"): str(county.feed.id),
        ("calendar", "id"): str(county.feed.id),
        ("series", "id"): str(county.series.id),
        ("bookings", "room_booking"): str(county.swap.room_booking_id),
        ("swaps", "swap"): county.swap.token,
        ("m", "token"): county.booking.manage_token,
        ("book", "lease"): str(county.lease_id),
        ("outbox", "id"): str(county.message.id),
        ("import", "id"): str(county.import_job.id),
        ("waiting", "entry"): str(county.entry.id),
        ("bookings", "id"): str(county.booking.id),
        ("bookings", "booking"): str(county.booking.id),
    }


def address(route: Route, county: Small) -> str:
    """The route's path with something real in it."""
    known = stand_ins(county)

    def fill(found: re.Match) -> str:
        before, name = found[1], found[2].split(":")[0]
        assert (before, name) in known, f"tests/standing_in.py does not know what {{{name}}} is in {route.path}"
        return f"{before}/{known[before, name]}"

    return re.sub(r"([^/{}]+)/\{([^}]+)\}", fill, route.path)


def form(county: Small) -> dict[str, str]:
    """A form that every endpoint finds something in."""
    return {
        "attendee": str(county.attendee.id), "status": "attended", "walk_in": str(db.new_id()), "event": str(db.new_id()),
        "adults": "1", "children": "0", "name": "Kim", "reason": "weather", "words": "Snow", "adult-0": "Kim Lee",
        "channel": "call", "phone": "07700 900555", "address": "kim@families.example", "email": "kim@families.example",
        "code": "000000", "about": str(county.booking.id), "family": str(county.booking.id), "booking": str(county.booking.id),
    }  # fmt: skip


METHODS = [(route, method) for route in routes() for method in sorted(route.methods or ()) if method != "HEAD"]
