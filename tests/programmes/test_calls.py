"""The calls of a mixed course: among its dates for those booked, told as calls, without a room, whatever else changes."""

from datetime import UTC, datetime

import pytest

from booking import clock, db
from booking.messages.models import Message
from booking.problems import Refused
from booking.programmes import disclosure, reminding
from booking.programmes.bookings import booking_places, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import changing_dates, switching_online
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Run, Session
from booking.programmes.plans import planning, publishing
from booking.programmes.plans.publishing import Terms
from tests import make
from tests.programmes import planning_calls
from tests.programmes.planning_calls import asked

PARTS = [{"week": 3, "minutes": 20}]
LINK = "https://meet.example/toddlers"


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """It is November 2026, whenever the tests run."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def desk(database):
    await planning_calls.dorset_terms()
    return await planning_calls.desk(parts=PARTS, reminder_days=2, what_to_bring="Socks")


@pytest.fixture
async def run(desk):
    """A published course of four sessions and a call in the third week, without a creche."""
    run_id = await planning.save(asked(desk, sessions="4", creche_room=""), by=desk.by)
    await publishing.publish(run_id, Terms(), by=desk.by, undo_minutes=10)
    return await Run.get(id=run_id)


@pytest.fixture
async def booking(run):
    lease_id = await leasing.lease(Target(run.id))
    jo = Contact("Jo Bloggs", "+447700900123", "jo@home.example", "email")
    party = Party(("Jo Bloggs",), (ChildComing("Ada", 2025, 3),))
    return await booking_places.book(lease_id=lease_id, contact=jo, party=party)


async def call_of(run: Run) -> Session:
    return await Session.get(run_id=run.id, kind="call")


async def facts(session: Session) -> dict:
    found = await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)
    assert found
    return found


def entry_of(message: Message) -> str:
    return str(message.calendar).replace("\r\n ", "")


async def test_it_stands_among_the_dates_of_its_course_and_nowhere_else(client, run):
    call = await call_of(run)
    page = (await client.get(f"/courses/{run.slug}")).text
    assert "10am to 10:20am, by phone" in page and str(call.id) not in page
    assert (await client.get(f"/sessions/{call.id}")).status_code == 404
    assert str(call.id) not in (await client.get("/?when=365")).text
    assert await Session.filter(run_id=run.id, is_listed=True).count() == 4


async def test_the_confirmation_says_which_date_is_a_call_and_so_does_its_calendar_entry(run, booking):
    mail = await Message.get(kind="confirmation", channel="email")
    assert "- Tuesday 26 January 2027, 10am to 10:20am, by phone: we ring you\n" in mail.body
    assert mail.body.count("by phone") == 1 and "Where: Ferndown Family Hub" in mail.body
    entries = [entry_of(each) for each in await Message.exclude(calendar=None).exclude(calendar="")]
    calls = [each for each in entries if "LOCATION:By phone\\, we ring you" in each]
    assert len(entries) == 5 and len(calls) == 1
    assert "T100000" in calls[0] and "T102000" in calls[0] and "GEO:" not in calls[0] and "Socks" not in calls[0]


async def test_a_familys_own_page_says_by_phone(client, run, booking):
    page = (await client.get(f"/m/{booking.manage_token}")).text
    assert "10am to 10:20am, by phone" in page


async def test_the_reminder_of_a_call_is_about_a_call(run, booking, monkeypatch):
    call = await call_of(run)
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 1, 24, 10, 30, tzinfo=UTC))
    await reminding.queue_due()
    mail = await Message.get(kind="reminder_days", session_id=call.id, channel="email")
    assert "This one is a call: we ring you" in mail.body and "Socks" not in mail.body and "Penny" not in mail.body


async def test_another_room_and_time_for_all_leaves_it_without_a_room_and_as_short_as_it_was(desk, run, booking):
    first = await Session.filter(run_id=run.id, kind="group").order_by("date").first()
    hall = await make.room(desk.hub, name="Hall", capacity=30)
    wish = Wish(room_id=hall.id, start="11:00", end="13:00")
    await changing_dates.change(session_id=first.id, scope="all", wish=wish, by=desk.by, undo_minutes=10)
    call = await call_of(run)
    assert (call.room_id, call.room_booking_id, call.start_time, call.end_time) == (None, None, "11:00", "11:20")
    assert (await Run.get(id=run.id)).room_id == hall.id


async def test_online_for_good_leaves_it_a_call_without_a_link(desk, run, booking):
    call = await call_of(run)
    first = await Session.filter(run_id=run.id, kind="group").order_by("date").first()
    asked_of = {"session_id": first.id, "scope": "all", "by": desk.by, "undo_minutes": 10}
    await switching_online.switch(**asked_of, to="online", join_url=LINK)
    told = disclosure.said(await facts(call))
    assert (told.place, told.join_url) == ("By phone, we ring you", "")
    with pytest.raises(Refused, match="call by phone"):
        await switching_online.switch(**asked_of | {"session_id": call.id, "scope": "date"}, to="online", join_url=LINK)


async def test_staff_see_by_phone_and_no_room(client, desk, run):
    call = await call_of(run)
    await make.sign_in_staff(client, await make.staff("hub_staff", desk.hub.id))
    page = (await client.get(f"/staff/sessions/{call.id}")).text
    assert "By phone" in page and "Blue room" not in page
    assert (await client.get(f"/staff/sessions/{call.id}/change")).status_code == 200
