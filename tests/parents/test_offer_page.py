"""The page of an offer: looking uses nothing up, yes books, no asks the next, and a dead link says kindly how things stand."""

import pytest
import time_machine

from booking.programmes.bookings import giving_up
from booking.programmes.models import Booking, Offer
from booking.programmes.waiting import ending_offers, offering
from tests import make
from tests.programmes.lines_of import TEN, at, full_session, open_offer, state_of, taken, waits

pytestmark = pytest.mark.usefixtures("database", "ten")


@pytest.fixture
def ten():
    with time_machine.travel(TEN, tick=False):
        yield


@pytest.fixture
async def offered():
    session, (booking,) = await full_session()
    entry = await waits(session)
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    offer = await Offer.get(id=await open_offer(entry))
    return session, entry, f"/o/{offer.token}"


async def test_looking_at_it_changes_nothing(client, offered):
    _, entry, path = offered
    for _ in range(3):
        answer = await client.get(path)
        assert answer.status_code == 200 and "We keep it for you until" in answer.text
        assert (await client.head(path)).status_code == 200
    assert (await client.get(f"{path}.x7k2p9")).headers["location"] == path
    assert answer.headers["referrer-policy"] == "no-referrer" and "no-store" in answer.headers["cache-control"]
    assert await state_of(entry) == "offered"


async def test_yes_books_and_shows_the_booking_also_when_pressed_twice(client, offered):
    session, entry, path = offered
    first = await client.post(path, data={"answer": "yes"})
    again = await client.post(path, data={"answer": "yes"})
    assert first.status_code == 303 and first.headers["location"] == again.headers["location"]
    assert "Your place is booked" in (await client.get(first.headers["location"])).text
    assert await Booking.filter(session_id=session.id, state="booked").count() == 1 and await taken(session) == 1
    seen = (await client.get(path)).text
    assert "You have taken this place" in seen and "See your booking" in seen
    waiting_page = await client.get(f"/m/{entry.manage_token}")
    assert waiting_page.status_code == 303 and waiting_page.headers["location"].startswith("/m/")


async def test_no_is_thanked_and_one_press_puts_them_back_in_line(client, offered):
    session, entry, path = offered
    await client.post(path, data={"answer": "no"})
    seen = (await client.get(path)).text
    assert "You said no to this place" in seen and "not on the waiting list any more" in seen
    await client.post(path, data={"answer": "again"})
    assert "first in line" in (await client.get(path)).text and await state_of(entry) == "waiting"
    assert (await client.post(path, data={"answer": "yes"})).status_code == 409
    assert await taken(session) == 0


async def test_after_its_time_a_yes_takes_nothing(client, offered):
    session, _, path = offered
    with time_machine.travel(at(hours=49), tick=False):
        await ending_offers.expire_due()
        answer = await client.post(path, data={"answer": "yes"})
        assert answer.status_code == 409 and "no longer kept for you" in answer.text
        assert "did not hear from you" in answer.text and "Put me back on the waiting list" in answer.text
    assert await taken(session) == 0


async def test_an_answer_that_is_none_changes_nothing(client, offered):
    _, entry, path = offered
    assert (await client.post(path, data={"answer": "maybe"})).headers["location"] == path
    assert await state_of(entry) == "offered"


async def test_nobody_else_opens_it(client, offered):
    _, _, path = offered
    for guess in (path[:-1], f"{path}0", "/o/0", "/o/%25"):
        assert (await client.get(guess)).status_code == 404
        assert (await client.post(guess, data={"answer": "yes"})).status_code == 404


async def test_a_restricted_session_is_not_named(client):
    run = await make.run(first_date=TEN.date(), is_restricted=True, title="Freedom Programme", is_listed=False)
    session, (booking,) = await full_session(run=run, date=at(days=9).date())
    entry = await waits(session)
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    offer = await Offer.get(id=await open_offer(entry))
    seen = (await client.get(f"/o/{offer.token}")).text
    assert "Freedom" not in seen and "Your session" in seen and "Exit this page" in seen


async def test_who_waits_sees_how_many_are_before_and_the_open_offer(client, offered):
    session, entry, path = offered
    second, third = await waits(session, 5), await waits(session, 6)
    assert "2 families are before you" in (await client.get(f"/m/{third.manage_token}")).text
    assert "1 family is before you" in (await client.get(f"/m/{second.manage_token}")).text
    seen = (await client.get(f"/m/{entry.manage_token}")).text
    assert path in seen and "A place is kept for you" in seen
    await client.post(f"/m/{entry.manage_token}/give-up")
    assert await state_of(entry) == "left" and await taken(session) == 0
