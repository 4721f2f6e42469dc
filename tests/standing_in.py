"""What stands in for the names in a route's path: a small county in which every route leads to something.

The tests that walk every route (test_access, test_leaks, test_security) find new routes by themselves. A new name in a
path needs a line in `stand_ins`, and they say so.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.routing import Route

from booking import app, audit, clock, db
from booking.messages.models import InboundMessage, Message, Notice, NoticeRecipient
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.people.models import ImportJob, Tick
from booking.places.models import RoomSeries
from booking.programmes.bookings import leasing
from booking.programmes.bookings.leasing import Target
from booking.programmes.closures.closing_places import VERB
from booking.programmes.models import AlsoTold, Attendee, Offer, WaitingEntry
from booking.rotas.models import CoverAsk, CoverNeed, PlanRun, Publication, StaffSkill, SwapRequest
from tests import make

FEED_TOKEN = "token-of-a-calendar"
OFFER, TEXT, CALL = "token-of-an-offer", UUID(int=77), UUID(int=83)
TOLD, TOLD_ID = "token-of-an-adult", UUID(int=78)
CODE = "K7M4-QXP"
NOTICE = UUID(int=80)
PUBLICATION = UUID(int=78)
SHIFT, SWAP_REQUEST, LEAVE = UUID(int=84), UUID(int=85), UUID(int=86)
WORKER, HELD, SKILL = UUID(int=94), UUID(int=95), UUID(int=96)
PLAN_RUN = UUID(int=81)
COVER_TOKEN, COVER_ACT = "token-to-cover", UUID(int=88)
NEED = UUID(int=90)


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
    closing_id: UUID


async def small_county() -> Small:
    hub, other_hub = await make.location(slug="own-hub"), await make.location(slug="other-hub")
    session = await make.session(await make.run(location=hub, slug="own-run", referral_code=CODE))
    await make.term_version(hub.area)
    parent = await make.person()
    booking = await make.booking(session, parent, needs="Needs a ramp")
    now = clock.now()
    message = await Message.create(
        kind="reminder_days", channel="sms", address=parent.phone, body="See you soon", about_kind="booking",
        about_id=booking.id, dedupe_key="standing in", marker="mmm", created_at=now, due_at=now, next_try_at=now,
        hub_id=hub.id, session_id=session.id, person=parent,
    )  # fmt: skip
    job = await ImportJob.create(created_at=now)
    lease_id = await leasing.lease(Target(session.run_id, session.id))
    waits = await make.person()  # and needs more places than there are, so that others can book
    entry = await WaitingEntry.create(
        reference="WAITING", manage_token="waiting-token", run_id=session.run_id, session_id=session.id, person=waits,
        family_id=waits.family_id, places=20, form_token="standing in", created_at=now,
    )  # fmt: skip
    await Message.create(
        id=CALL, kind="cancellation", channel="call", address="", body="It is off", about_kind="booking", about_id=booking.id,
        dedupe_key="a call", marker="", created_at=now, due_at=now, next_try_at=now, hub_id=hub.id, person=parent,
    )  # fmt: skip
    await _offer_and_text(entry, hub)
    await _notice(session, parent)
    await _publication(hub)
    await _swap_of_duties(hub)
    await _plan_run(hub)
    await _cover(hub)
    await CoverNeed.create(id=NEED, location=hub, name="Morning", weekdays="0", start="09:00", end="13:00", people=2)
    gran = await make.person(family=None, name="Gran Lee")
    await AlsoTold.create(id=TOLD_ID, booking=booking, person=gran, token=TOLD, created_at=now)
    attendee = await Attendee.get(booking=booking)
    room = await make.room(hub)
    await make.photo(room)
    partner = await make.organisation()
    await Tick.create(name="deliver messages", last_finished_at=now)
    feed = await FeedLink.create(kind="room", about_id=room.id, token_hash=hash_of(FEED_TOKEN), created_at=now)
    series = await RoomSeries.create(
        room=room, organisation_id=partner.id, weekday=0, start_time="10:00", end_time="12:00", first_date=clock.today(),
        last_date=clock.today(), created_at=now,
    )  # fmt: skip
    return Small(
        hub, other_hub, session, parent, booking, attendee, lease_id, message, job, entry, room, partner, feed, series,
        await make.swap(room, partner), await _closing(hub),
    )  # fmt: skip


async def _closing(hub: Any) -> UUID:
    """The trail of a place that was closed for a day, nothing being in the way."""
    return await audit.record(
        VERB, about_kind="location", about_id=hub.id, hub_id=hub.id, why="Snow",
        before={"rooms": [], "steps": [], "bookings": [], "swaps": []},
        after={"closures": [], "locations": [str(hub.id)], "where": hub.name, "closed": "Tuesday 12 January, all day"},
        undo_until=clock.now() + timedelta(minutes=10),
    )  # fmt: skip


async def _notice(session: Any, parent: Any) -> None:
    """A notice to the families of the session that waits to leave."""
    await Notice.create(
        id=NOTICE, hub_id=session.hub_id, about_kind="session", about_id=session.id, about_words="Own run", sms="Bring a coat",
        created_at=clock.now(), due_at=clock.now() + timedelta(minutes=10), form_token="a notice", event_id=UUID(int=79),
    )  # fmt: skip
    await NoticeRecipient.create(notice_id=NOTICE, person=parent, token="token")


async def _swap_of_duties(hub: Any) -> None:
    """A duty whose owner asks a colleague to take it, and who has asked for leave."""
    sam, kim = await make.worker(hub, id=WORKER), await make.worker(hub)
    first_aid = await make.skill("first-aid", id=SKILL)
    await StaffSkill.create(id=HELD, staff=kim, skill=first_aid)
    await make.assignment(await make.shift(hub, id=SHIFT), sam)
    await make.leave(sam, clock.today() + timedelta(days=60), id=LEAVE, state="requested")
    await SwapRequest.create(
        id=SWAP_REQUEST, shift_id=SHIFT, from_staff_id=sam.id, to_staff_id=kim.id, asked_at=clock.now()
    )


async def _publication(hub: Any) -> None:
    """A rota of the hub that was published a moment ago."""
    await Publication.create(
        id=PUBLICATION, hub_id=hub.id, first_date=clock.today(), last_date=clock.today(), at=clock.now(),
        due_at=clock.now() + timedelta(minutes=10),
    )  # fmt: skip


async def _cover(hub: Any) -> None:
    """Somebody who was ill, and a colleague who was asked too late."""
    event = {"worker": "Sam", "leave": str(LEAVE), "shifts": [], "held": []}
    await audit.AuditEvent.create(
        id=COVER_ACT, at=clock.now(), verb="report ill", about_kind="staff_profile", about_id=WORKER, hub_id=hub.id, after=event,
        undo_until=clock.now(),
    )  # fmt: skip
    await CoverAsk.create(
        shift_id=SHIFT, staff_id=WORKER, round_id=COVER_ACT, token=COVER_TOKEN, state="closed", asked_at=clock.now(),
        answered_at=clock.now(), expires_at=clock.now(),
    )  # fmt: skip


async def _plan_run(hub: Any) -> None:
    """An automatic plan of the hub that found nothing."""
    await PlanRun.create(
        id=PLAN_RUN, hubs=[str(hub.id)], first_date=clock.today(), last_date=clock.today(), engine="greedy", state="failed",
        created_at=clock.now(),
    )  # fmt: skip


async def _offer_and_text(entry: WaitingEntry, hub: Any) -> None:
    """An offer that has run out, of the family that waits; and a text that nobody has read."""
    ago = clock.now() - timedelta(days=1)
    await Offer.create(waiting_entry=entry, places=1, state="expired", token=OFFER, created_at=ago, expires_at=ago)
    await InboundMessage.create(
        id=TEXT, provider_reference="SM1", sender="+447700900123", body="Can I bring my sister?", received_at=ago,
        state="unclear", hub_id=hub.id,
    )  # fmt: skip


def routes() -> list[Route]:
    return [route for route in app.ROUTES if isinstance(route, Route)]


def stand_ins(county: Small) -> dict[tuple[str, str], str]:
    """(the part of the path before the name, the name) -> what to put there."""
    return {
        ("sessions", "id"): str(county.session.id),
        ("runs", "id"): str(county.session.run_id),
        ("plan", "run"): str(county.session.run_id),
        ("programmes", "id"): str(county.session.run.programme_id),
        ("dates", "session"): str(county.session.id),
        ("courses", "slug"): "own-run",
        ("with-a-code", "code"): CODE,
        ("places", "slug"): "own-hub",
        ("places", "id"): str(county.hub.id),
        ("rooms", "room"): str(county.room.id),
        ("partners", "id"): str(county.partner.id),
        ("feeds", "token"): FEED_TOKEN,
        ("feeds", "id"): str(county.feed.id),
        ("calendar", "id"): str(county.feed.id),
        ("calendar-address", "id"): str(county.feed.id),
        ("series", "id"): str(county.series.id),
        ("bookings", "room_booking"): str(county.swap.room_booking_id),
        ("swaps", "swap"): county.swap.token,
        ("m", "token"): county.booking.manage_token,
        ("t", "token"): TOLD,
        ("tell", "told"): str(TOLD_ID),
        ("people", "id"): str(county.parent.id),
        ("book", "lease"): str(county.lease_id),
        ("outbox", "id"): str(county.message.id),
        ("import", "id"): str(county.import_job.id),
        ("waiting", "entry"): str(county.entry.id),
        ("entries", "entry"): str(county.entry.id),
        ("texts", "text"): str(TEXT),
        ("calls", "id"): str(CALL),
        ("o", "token"): OFFER,
        ("bookings", "id"): str(county.booking.id),
        ("bookings", "booking"): str(county.booking.id),
        ("close", "event"): str(county.closing_id),
        **dict.fromkeys((("shifts", "shift"), ("open", "shift")), str(SHIFT)),
        ("swaps", "swap_request"): str(SWAP_REQUEST),
        ("leave", "leave"): str(LEAVE),
        ("workers", "id"): str(WORKER),
        ("skills", "held"): str(HELD),
        ("skills", "skill"): str(SKILL),
        ("days", "day"): str(WORKER),
        ("notices", "notice"): str(NOTICE),
        ("cover", "shift"): str(SHIFT),
        ("acts", "act"): str(COVER_ACT),
        ("ask", "token"): COVER_TOKEN,
        ("published", "publication"): str(PUBLICATION),
        ("plans", "plan"): str(PLAN_RUN),
        ("needs", "need"): str(NEED),
        ("jobs", "name"): "deliver messages",
        ("wording", "language"): "en",
        ("en", "kind"): "reminder_days",
        ("reminder_days", "channel"): "sms",
        ("terms", "area"): county.hub.area,
        ("versions", "number"): "1",
    }


def address(route: Route, county: Small) -> str:
    """The route's path with something real in it."""
    known = stand_ins(county)

    def fill(found: re.Match) -> str:
        before, name = found[1], found[2].split(":")[0]
        assert (before, name) in known, f"tests/standing_in.py does not know what {{{name}}} is in {route.path}"
        return f"{before}/{known[before, name]}"

    path = route.path
    while "{" in path:  # a name may stand right behind another
        path = re.sub(r"([^/{}]+)/\{([^}]+)\}", fill, path)
    return path


def form(county: Small) -> dict[str, str]:
    """A form that every endpoint finds something in."""
    return {
        "attendee": str(county.attendee.id), "status": "attended", "walk_in": str(db.new_id()), "event": str(db.new_id()),
        "adults": "1", "children": "0", "name": "Kim", "reason": "weather", "words": "Snow", "adult-0": "Kim Lee",
        "channel": "call", "phone": "07700 900555", "address": "kim@families.example", "email": "kim@families.example",
        "code": "000000", "about": str(county.booking.id), "family": str(county.booking.id), "booking": str(county.booking.id),
    }  # fmt: skip


METHODS = [(route, method) for route in routes() for method in sorted(route.methods or ()) if method != "HEAD"]
