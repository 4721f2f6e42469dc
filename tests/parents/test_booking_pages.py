"""Booking in three screens, from a browser: leases, the form, wrong ages, the confirmation; and a second time."""

import re
from datetime import timedelta

import time_machine

from booking import clock
from booking.messages.models import Message
from booking.people.models import Person
from booking.programmes.models import Attendee, Booking, Lease, Session, WaitingEntry
from tests import make

FORM = {
    "adult-0": "Sam Carter",
    "child-0-first_name": "Ada",
    "child-0-month": "3",
    "child-0-year": str(clock.today().year - 2),
    "channel": "sms",
    "phone": "07700 900123",
    "email": "",
    "needs": "",
    "language": "en",
}


async def start(client, session: Session) -> str:
    """Presses Book; returns the path of the booking under way."""
    answer = await client.post(f"/sessions/{session.id}/book")
    assert answer.status_code == 303
    return answer.headers["Location"].removesuffix("/who")


async def book(client, session: Session, **changes) -> str:
    """Books in three screens and returns the path of the manage page."""
    path = await start(client, session)
    answer = await client.post(f"{path}/who", data=FORM | changes)
    assert answer.headers["Location"] == f"{path}/check"
    answer = await client.post(f"{path}/check")
    assert answer.status_code == 303
    return answer.headers["Location"]


async def test_three_screens_lead_to_a_place_and_a_message(client):
    session = await make.session()
    place = await book(client, session)
    text = (await client.get(place)).text
    booking = await Booking.get(session=session)
    assert "Your place is booked" in text and booking.reference in text
    assert place == f"/m/{booking.manage_token}?new=1"
    assert (await Message.get(about_id=booking.id)).address == "+447700900123"
    assert (await Session.get(id=session.id)).taken == 1


async def test_the_language_is_folded_away_and_is_the_one_that_the_browser_asks_for(client):
    path = await start(client, await make.session())
    text = (await client.get(f"{path}/who", headers={"Accept-Language": "en-GB,en;q=0.9"})).text
    folded = re.search(
        r'<details class="govuk-details">\s*<summary.*?in another language.*?</details>', text, re.DOTALL
    )
    assert folded and 'value="en" selected lang="en" dir="ltr"' in folded[0]
    text = (await client.get(f"{path}/who", headers={"Accept-Language": "ur-PK,en;q=0.5"})).text
    assert 'value="ur" selected lang="ur" dir="rtl"' in text and '<details class="govuk-details" open>' in text


async def test_the_chosen_language_is_said_once_more_and_kept(client):
    session = await make.session()
    path = await start(client, session)
    await client.post(f"{path}/who", data=FORM | {"language": "pl"})
    assert "Polski (Polish)" in (await client.get(f"{path}/check")).text
    await client.post(f"{path}/check")
    assert (await Person.get(bookings__session_id=session.id)).language == "pl"


async def test_the_place_is_kept_and_the_page_says_until_when(client):
    path = await start(client, await make.session())
    text = (await client.get(f"{path}/who")).text
    until = (await Lease.first()).expires_at
    assert f'data-until="{until:%Y-%m-%dT%H:%M:%SZ}"' in text
    assert timedelta(minutes=9) < until - clock.now() <= timedelta(minutes=10)


async def test_problems_stand_beside_their_fields_and_what_was_typed_is_kept(client):
    path = await start(client, await make.session())
    typed = FORM | {"child-0-month": "13", "phone": "12", "adult-0": "Zoë <O'Neill>", "needs": "Step-free"}
    answer = await client.post(f"{path}/who", data=typed)
    assert answer.status_code == 422
    assert "Enter the month of birth as a number" in answer.text
    assert "Enter a phone number" in answer.text
    assert 'value="Zoë &lt;O&#39;Neill&gt;"' in answer.text and "Step-free" in answer.text
    assert "<title>Error:" in answer.text


async def test_another_child_is_added_without_losing_anything(client):
    path = await start(client, await make.session())
    answer = await client.post(f"{path}/who", data=FORM | {"add": "child"})
    assert 'id="child-1-first_name"' in answer.text and 'value="Ada"' in answer.text


async def test_a_landline_cannot_get_texts(client):
    path = await start(client, await make.session())
    answer = await client.post(f"{path}/who", data=FORM | {"phone": "01202 123456"})
    assert "We can only text UK mobile numbers" in answer.text


async def test_a_wrong_age_is_said_kindly_with_what_does_fit(client):
    session = await make.session()
    fits = await make.session(await make.run(min_age_months=96, max_age_months=144, hub_id=session.hub_id))
    path = await start(client, session)
    answer = await client.post(f"{path}/who", data=FORM | {"child-0-year": str(clock.today().year - 10)})
    assert answer.headers["Location"] == f"{path}/ages"
    text = (await client.get(f"{path}/ages")).text
    assert "Ada will not be the right age" in text and f"/sessions/{fits.id}" in text
    assert (await client.post(f"{path}/check")).headers["Location"] == f"{path}/ages"
    assert await Booking.all().count() == 0


async def test_the_second_of_two_for_one_place_is_offered_the_waiting_list(client):
    session = await make.session(places=1)
    await start(client, session)
    client.cookies.clear()
    answer = await client.post(f"/sessions/{session.id}/book")
    assert answer.status_code == 409
    assert "The last place has just gone" in answer.text and "Join the waiting list" in answer.text


async def test_pressing_book_again_keeps_the_one_place(client):
    session = await make.session(places=2)
    first = await start(client, session)
    assert await start(client, session) == first
    assert (await Session.get(id=session.id)).taken == 1


async def test_when_the_time_is_over_the_form_still_books_while_there_is_a_place(client):
    session = await make.session(places=1)
    path = await start(client, session)
    await client.post(f"{path}/who", data=FORM)
    with time_machine.travel(clock.now() + timedelta(minutes=30), tick=False):
        answer = await client.post(f"{path}/check")
    assert answer.headers["Location"].startswith("/m/")


async def test_when_the_time_is_over_and_somebody_was_quicker_it_is_said(client):
    session = await make.session(places=1)
    path = await start(client, session)
    await client.post(f"{path}/who", data=FORM)
    with time_machine.travel(clock.now() + timedelta(minutes=30), tick=False):
        await client.post(f"/sessions/{session.id}/book")
        answer = await client.post(f"{path}/check")
    assert answer.status_code == 409 and "Join the waiting list" in answer.text


async def test_pressing_twice_and_going_back_lead_to_the_one_booking(client):
    session = await make.session()
    path = await start(client, session)
    await client.post(f"{path}/who", data=FORM)
    first = (await client.post(f"{path}/check")).headers["Location"]
    for address in (f"{path}/check", f"{path}/who"):
        assert (await client.get(address)).headers["Location"] == first
    assert (await client.post(f"{path}/check")).headers["Location"] == first
    assert await Booking.all().count() == 1


async def test_another_browser_cannot_open_the_form(client):
    path = await start(client, await make.session())
    client.cookies.clear()
    for address in (f"{path}/who", f"{path}/check", f"{path}/ages"):
        assert (await client.get(address)).status_code == 404
    assert (await client.post(f"{path}/leave")).status_code == 404


async def test_stopping_gives_the_place_back_at_once(client):
    session = await make.session()
    path = await start(client, session)
    await client.post(f"{path}/leave")
    assert (await Session.get(id=session.id)).taken == 0


async def test_the_second_time_nothing_needs_typing(client):
    await book(client, await make.session(), email="sam@example.com")
    path = await start(client, await make.session())
    text = (await client.get(f"{path}/who")).text
    assert 'value="Sam Carter"' in text and 'value="07700 900123"' in text and 'value="sam@example.com"' in text
    known = re.search(r'name="known" type="checkbox" value="([^"]+)" checked', text)[1]
    answer = await client.post(
        f"{path}/who",
        data={"adult-0": "Sam Carter", "known": known, "channel": "sms", "phone": "07700 900123", "language": "en"},
    )
    assert answer.headers["Location"] == f"{path}/check"
    await client.post(f"{path}/check")
    assert sorted(await Attendee.filter(kind="child").values_list("name", flat=True)) == ["Ada", "Ada"]
    assert len({b.family_id for b in await Booking.all()}) == 1


async def test_a_whole_course_is_booked_in_one_go(client):
    run = await make.run(booking_mode="run")
    for week in range(3):
        await make.session(run, date=run.first_date + timedelta(weeks=week), number=week + 1)
    answer = await client.post(f"/courses/{run.slug}/book")
    path = answer.headers["Location"].removesuffix("/who")
    await client.post(f"{path}/who", data=FORM)
    assert (await client.get(f"{path}/check")).text.count("dates__item") >= 3
    await client.post(f"{path}/check")
    booking = await Booking.get(run=run)
    assert booking.session_id is None


async def test_joining_the_waiting_list_uses_the_same_screens_and_keeps_no_place(client):
    session = await make.session(places=1)
    await make.booking(session)
    answer = await client.post(f"/sessions/{session.id}/wait")
    path = answer.headers["Location"].removesuffix("/who")
    await client.post(f"{path}/who", data=FORM)
    place = (await client.post(f"{path}/check")).headers["Location"]
    assert "You are on the waiting list" in (await client.get(place)).text
    entry = await WaitingEntry.get(session=session)
    assert entry.state == "waiting" and (await Session.get(id=session.id)).taken == 1
    answer = await client.post(f"/m/{entry.manage_token}/give-up")
    assert answer.status_code == 303
    assert (await WaitingEntry.get(id=entry.id)).state == "left"


async def test_nobody_waits_for_what_has_places(client):
    session = await make.session()
    answer = await client.post(f"/sessions/{session.id}/wait")
    assert answer.headers["Location"] == f"/sessions/{session.id}"
