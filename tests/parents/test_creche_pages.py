"""The creche in the forms of a course: how many places are left, who needs one, and the waiting list when it is full."""

import pytest

from booking import clock, db
from booking.messages.models import Message
from booking.programmes.models import Attendee, Booking, Lease, Run, Session, WaitingEntry
from tests import make
from tests.parents.test_booking_pages import FORM

TICKED = FORM | {"creche": "child-0"}


async def start(client, run: Run) -> str:
    answer = await client.post(f"/courses/{run.slug}/book")
    return answer.headers["Location"].removesuffix("/who")


async def fill(sessions: list[Session], taken: int) -> None:
    await db.execute("UPDATE session SET taken = $2 WHERE run_id = $1", sessions[0].run_id, taken)


async def test_the_course_page_and_the_form_say_how_many_creche_places_are_left(client):
    run, _, beside = await make.course_with_creche(places=8)
    await fill(beside, 5)
    text = (await client.get(f"/courses/{run.slug}")).text
    assert "Looks after children (6 months to 5 years)" in text and "3 of 8 places left" in text
    text = (await client.get(f"{await start(client, run)}/who")).text
    assert "Does a child need the crèche?" in text and "3 places left of 8" in text
    assert 'name="creche"' in text


async def test_a_course_without_a_creche_asks_nothing_about_one(client):
    run, _ = await make.course()
    path = await start(client, run)
    assert "crèche" not in (await client.get(f"{path}/who")).text
    await client.post(f"{path}/who", data=TICKED)
    await client.post(f"{path}/check")
    assert (await Booking.get(run=run)).creche_children == 0


async def test_who_ticks_the_creche_has_a_place_on_every_date_and_hears_it(client):
    run, _, beside = await make.course_with_creche(places=8)
    path = await start(client, run)
    await client.post(f"{path}/who", data=TICKED)
    text = (await client.get(f"{path}/check")).text
    assert "Ada, on every date. 8 of 8 places are left now" in text
    place = (await client.post(f"{path}/check")).headers["Location"]
    booking = await Booking.get(run=run)
    assert booking.creche_children == 1 and (await Attendee.get(booking=booking, kind="child")).in_creche
    assert [(await Session.get(id=each.id)).taken for each in beside] == [1, 1, 1]
    assert "crèche too" in (await Message.get(about_id=booking.id, channel="sms")).body
    assert "In the crèche" in (await client.get(place)).text


async def test_a_full_creche_says_so_and_the_course_can_be_booked_without_it(client):
    run, _, beside = await make.course_with_creche(places=8)
    path = await start(client, run)
    await fill(beside, 8)
    text = (await client.get(f"{path}/who")).text
    assert "The crèche has 8 places and all are taken." in text and 'name="creche"' not in text
    answer = await client.post(f"{path}/who", data=TICKED)
    assert answer.status_code == 422 and "Join the waiting list instead" in answer.text
    answer = await client.post(f"{path}/who", data=FORM)
    assert answer.headers["Location"].endswith("/check")


async def test_the_last_creche_place_goes_while_the_form_is_checked(client):
    run, _, beside = await make.course_with_creche(places=8)
    path = await start(client, run)
    await client.post(f"{path}/who", data=TICKED)
    await fill(beside, 8)
    answer = await client.post(f"{path}/check")
    assert answer.status_code in (303, 409)
    assert await Booking.filter(run=run).count() == 0 and (await Run.get(id=run.id)).taken == 1
    assert "all are taken" in (await client.get(f"{path}/who")).text


async def test_who_waits_for_the_creche_keeps_what_was_typed_and_gives_the_place_back(client):
    run, _, beside = await make.course_with_creche(places=8)
    path = await start(client, run)
    await fill(beside, 8)
    answer = await client.post(f"{path}/who", data=TICKED | {"wait": "yes"})
    other = answer.headers["Location"].removesuffix("/who")
    assert (await Run.get(id=run.id)).taken == 0 and await Lease.all().count() == 1
    assert 'value="Ada"' in (await client.get(f"{other}/who")).text
    await client.post(f"{other}/who", data=TICKED)
    await client.post(f"{other}/check")
    entry = await WaitingEntry.get(run=run)
    assert entry.creche_children == 1
    assert [each["in_creche"] for each in entry.who if each["kind"] == "child"] == [True]


async def test_a_sibling_in_the_creche_may_be_of_another_age_than_the_course_is_for(client):
    run, _, _ = await make.course_with_creche(min_age_months=12, max_age_months=36)
    path = await start(client, run)
    sibling = {"child-1-first_name": "Bo", "child-1-month": "1", "child-1-year": str(clock.today().year - 4)}
    answer = await client.post(f"{path}/who", data=FORM | sibling)
    assert answer.headers["Location"].endswith("/ages")
    answer = await client.post(f"{path}/who", data=FORM | sibling | {"creche": "child-1"})
    assert answer.headers["Location"].endswith("/check")


@pytest.mark.parametrize("born", [0, -6])
async def test_a_child_too_young_or_old_for_the_creche_is_named(client, born):
    run, _, _ = await make.course_with_creche(min_age_months=None, max_age_months=None)
    path = await start(client, run)
    year = str(clock.today().year + born)
    answer = await client.post(f"{path}/who", data=TICKED | {"child-0-year": year, "child-0-month": "1"})
    if born:
        assert answer.status_code == 422 and "not be the right age for the crèche" in answer.text


async def test_a_booking_is_changed_to_need_the_creche_and_not_any_more(client):
    run, _, beside = await make.course_with_creche(places=1)
    path = await start(client, run)
    await client.post(f"{path}/who", data=FORM)
    await client.post(f"{path}/check")
    booking = await Booking.get(run=run)
    who = {name: FORM[name] for name in FORM if name.startswith(("adult", "child"))}
    assert 'name="creche"' in (await client.get(f"/m/{booking.manage_token}/who")).text
    await client.post(f"/m/{booking.manage_token}/who", data=who | {"creche": "child-0"})
    assert [(await Session.get(id=each.id)).taken for each in beside] == [1, 1, 1]
    assert " checked" in (await client.get(f"/m/{booking.manage_token}/who")).text
    answer = await client.post(f"/m/{booking.manage_token}/who", data=who | {"creche": "child-0"})
    assert answer.status_code == 303
    await client.post(f"/m/{booking.manage_token}/who", data=who)
    assert [(await Session.get(id=each.id)).taken for each in beside] == [0, 0, 0]


async def test_staff_book_a_creche_place_by_phone(client):
    run, dates, _ = await make.course_with_creche(places=1)
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    path = f"/staff/sessions/{dates[0].id}/book"
    assert "1 place left of 1" in (await client.get(path)).text
    answer = await client.post(path, data=TICKED | {"act": "book"})
    assert answer.status_code == 303 and (await Booking.get(run=run)).creche_children == 1
    answer = await client.post(path, data=TICKED | {"act": "book", "adult-0": "Jo Other", "phone": "07700 900555"})
    assert answer.status_code == 422 and "all are taken" in answer.text
    assert await Booking.filter(run=run).count() == 1 and (await Run.get(id=run.id)).taken == 1
