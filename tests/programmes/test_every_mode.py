"""Every way of booking, walked through the pages of parents and staff: one table, one walk."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from booking import clock
from booking.messages.models import Message
from booking.programmes.appointments import keeping_slots
from booking.programmes.models import Attendee, Booking, Slot
from tests import make

DUE = clock.today().replace(day=1)
ADULT = {"adult-0": "Sam Carter", "channel": "sms", "phone": "07700 900123"}
CHILD = {"child-0-first_name": "Ada", "child-0-month": "3", "child-0-year": str(clock.today().year - 2)}
CODE = "K7M4-QXP"


@dataclass(frozen=True)
class Way:
    """One row: how the run is, what is typed, and the words that must stand where. `card` "" is: not on what's on."""

    name: str
    programme: dict[str, Any]
    run: dict[str, Any]
    typed: dict[str, str]
    page: str
    card: str
    manage: str = "You have a place"
    register: str = "Sam Carter"
    is_booked: bool = True
    listed_at: str = "/?when=14"
    opens_at: str = ""
    known: dict[str, Any] = field(default_factory=dict)


CLINIC = {"booking_mode": "appointment", "slot_minutes": 30, "places": 3}
WAYS = [
    Way("drop-in", {}, {"booking_mode": "drop_in"}, {}, "Just come along", "No need to book", is_booked=False),
    Way("session", {}, {}, ADULT | CHILD, "Book a place", "12 places left"),
    Way("whole run", {"entry_sessions": 2}, {"booking_mode": "run"}, ADULT | CHILD, "Book the whole course", "12 places left",
        register="whole course"),
    Way("appointment", {"age_of": "adult"}, CLINIC, ADULT, "Tap a time to book it", "3 times left", register="10am"),
    Way("first visit", {}, {"is_first_visit_booked": True}, ADULT | CHILD, "Only the first visit is booked", "12 places left",
        manage="just come", register="First visit"),
    Way("referral", {}, {"booking_mode": "referral", "is_listed": False, "referral_code": CODE, "takes_referrals": True},
        ADULT | CHILD, "Book the whole course", "", register="whole course", opens_at=f"/with-a-code/{CODE}"),
    Way("family session", {"most_adults": 1, "most_children": 3, "places_unit": "families"}, {}, ADULT | CHILD, "Book a place",
        "12 places left"),
    Way("expectant parents", {"age_of": "expectant parents"}, {"min_age_months": None, "max_age_months": None},
        ADULT | {"due-month": str(DUE.month), "due-year": str(DUE.year)}, "Expectant parents", "Expectant parents",
        register=f"Due {clock.today():%B}"),
    Way("training", {"audience": "professionals", "age_of": "adult"}, {},
        ADULT | {"job": "Health visitor", "organisation": "Stour Health"}, "Professionals", "Professionals",
        register="Health visitor, Stour Health", listed_at="/?when=14&for=professionals"),
    Way("anyone", {"audience": "anyone", "age_of": "all"}, {"min_age_months": None, "max_age_months": None}, ADULT,
        "Everyone", "Everyone"),
]  # fmt: skip


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request) -> Way:
    return request.param


@pytest.fixture
async def session(way, database):
    run = await make.run(programme=await make.programme(**way.programme), **way.run)
    session = await make.session(run)
    await keeping_slots.make_missing(run_id=run.id)
    await session.refresh_from_db()
    return session


def path_of(way: Way, session: Any, slug: str) -> str:
    if way.opens_at:
        return way.opens_at
    return f"/courses/{slug}" if way.run.get("booking_mode") == "run" else f"/sessions/{session.id}"


async def booked_by_the_family(client, way, session) -> Booking:
    run = await session.run
    slot = await Slot.filter(session_id=session.id).order_by("starts_at").first()
    started = await client.post(
        f"{path_of(way, session, run.slug)}/book", data={"slot": str(slot.id)} if slot else None
    )
    assert started.status_code == 303, started.text
    checked = await client.post(started.headers["Location"], data=way.typed)
    assert checked.headers.get("Location", "").endswith("/check"), checked.text
    assert (await client.get(checked.headers["Location"])).status_code == 200
    made = await client.post(checked.headers["Location"])
    assert made.headers["Location"].startswith("/m/")
    return await Booking.get(run_id=run.id)


async def test_its_page_and_its_card(client, way, session):
    run = await session.run
    assert way.page in (await client.get(path_of(way, session, run.slug))).text
    listed = (await client.get(way.listed_at)).text
    assert (way.card in listed and run.title in listed) if way.card else run.title not in listed
    if way.listed_at != "/?when=14":
        assert run.title not in (await client.get("/?when=14")).text


async def test_a_family_books_and_looks_after_it(client, way, session):
    if not way.is_booked:
        answer = await client.post(f"/sessions/{session.id}/book")
        assert answer.status_code == 404
        return
    booking = await booked_by_the_family(client, way, session)
    manage = (await client.get(f"/m/{booking.manage_token}")).text
    assert way.manage in manage
    assert "Sam Carter" in manage
    confirmation = await Message.filter(about_id=booking.id, kind="confirmation").first()
    assert confirmation is not None
    given_up = await client.post(f"/m/{booking.manage_token}/give-up")
    assert given_up.status_code == 303
    assert (await Booking.get(id=booking.id)).state == "given_up"


async def test_staff_see_it_on_the_register(client, way, session):
    run = await session.run
    if way.is_booked:
        await booked_by_the_family(client, way, session)
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    page = (await client.get(f"/staff/sessions/{session.id}")).text
    assert (way.register in page) is way.is_booked
    assert ("Count everyone who comes in" in page) is not way.is_booked
    walked = await client.post(
        f"/staff/sessions/{session.id}/walk-ins", data={"name": "Kim", "adults": "1", "children": "0"}
    )
    assert walked.status_code == 303
    assert "Kim" in (await client.get(f"/staff/sessions/{session.id}")).text


async def test_staff_book_it_by_phone(client, way, session):
    run = await session.run
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    slot = await Slot.filter(session_id=session.id).order_by("starts_at").first()
    path = f"/staff/sessions/{session.id}/book"
    form = await client.get(path)
    if not way.is_booked:
        assert form.status_code == 303
        return
    assert form.status_code == 200
    made = await client.post(path, data=way.typed | {"act": "book"} | ({"slot": str(slot.id)} if slot else {}))
    assert made.status_code == 303, made.text
    booking = await Booking.get(run_id=run.id)
    assert (booking.source, booking.state) == ("phone", "booked")
    assert await Attendee.filter(booking=booking, kind="adult").exists()
