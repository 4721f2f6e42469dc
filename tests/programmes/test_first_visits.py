"""Groups whose first visit is booked; and what forms ask of whom."""

from datetime import date, timedelta

import pytest

from booking import clock
from booking.programmes.bookings.coming import (
    ChildComing,
    Offered,
    Party,
    age_problems,
    may_turn_on_needs,
    party_problems,
)
from booking.programmes.models import Attendance, Attendee, Booking
from tests import make

YOUNG = Offered(0, 228, "young person", "young people", send_max_age_months=300)
DAY = date(2027, 1, 12)


async def group(**values):
    run = await make.run(is_first_visit_booked=True, **values)
    return run, [await make.session(run, date=clock.today() + timedelta(days=7 * n), number=n + 1) for n in (1, 2)]


async def test_a_family_that_has_been_need_not_book(client):
    run, (_, later) = await group()
    past = await make.session(run, date=clock.today() - timedelta(days=7), number=9)
    parent = await make.person()
    await make.booking(past, parent)
    await make.sign_in_family(client, parent)
    answer = await client.post(f"/sessions/{later.id}/book")
    assert answer.status_code == 200
    assert "You have been here before" in answer.text
    assert (await client.post(f"/sessions/{later.id}/book?again=1")).status_code == 303


async def test_nor_one_whose_first_visit_is_to_come(client):
    _, (first, later) = await group()
    parent = await make.person()
    await make.booking(first, parent)
    await make.sign_in_family(client, parent)
    assert "Your first visit is booked for" in (await client.post(f"/sessions/{later.id}/book")).text


async def test_who_did_not_come_books_again(client):
    run, (_, later) = await group()
    past = await make.session(run, date=clock.today() - timedelta(days=7), number=9)
    parent = await make.person()
    booking = await make.booking(past, parent)
    await Attendance.create(session=past, attendee=await Attendee.get(booking=booking), state="absent", at=clock.now())
    await make.sign_in_family(client, parent)
    assert (await client.post(f"/sessions/{later.id}/book")).status_code == 303


async def test_strangers_simply_book(client):
    _, (first, _) = await group()
    assert (await client.post(f"/sessions/{first.id}/book")).status_code == 303


async def test_the_register_marks_the_first_visit_alone(client):
    run, (first, later) = await group()
    parent, other = await make.person(name="Been Before"), await make.person(name="All New")
    await make.booking(first, parent)
    await make.booking(later, parent)
    await make.booking(later, other)
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    page = (await client.get(f"/staff/sessions/{later.id}")).text
    assert page.count("First visit") == 1


def child(age_months: int) -> ChildComing:
    born = DAY.year * 12 + DAY.month - 1 - age_months
    return ChildComing("Kit", born // 12, born % 12 + 1)


@pytest.mark.parametrize(
    ("years", "has_needs", "fits", "is_asked"),
    [
        (18, False, True, False),
        (22, False, False, True),
        (22, True, True, False),
        (27, False, False, False),
        (27, True, False, False),
    ],
)
def test_the_age_until_25_turns_on_additional_needs(years, has_needs, fits, is_asked):
    party = Party(("Jo",), (child(years * 12),), has_additional_needs=has_needs)
    assert (not age_problems(YOUNG, party, DAY)) is fits
    assert may_turn_on_needs(YOUNG, party, DAY) is is_asked


@pytest.mark.parametrize(("adults", "children", "is_fine"), [(1, 1, True), (1, 3, True), (1, 4, False), (2, 1, False)])
def test_a_place_is_for_as_many_as_the_programme_says(adults, children, is_fine):
    offered = Offered(0, 60, "child", "families", most_adults=1, most_children=3)
    party = Party(("Jo",) * adults, (child(20),) * children)
    found = party_problems(offered, party)
    assert (not found) is is_fine
    assert is_fine or "1 adult and up to 3 children" in found[0].words


async def test_additional_needs_are_asked_kindly_and_kept_nowhere(client):
    offered = await make.programme(age_of="young person", places_unit="young people", send_max_age_months=300)
    session = await make.session(await make.run(programme=offered, min_age_months=132, max_age_months=228))
    who = (await client.post(f"/sessions/{session.id}/book")).headers["Location"]
    typed = {
        "adult-0": "Sam Carter", "channel": "call", "phone": "07700 900123", "child-0-first_name": "Kit",
        "child-0-month": "1", "child-0-year": str(clock.today().year - 22),
    }  # fmt: skip
    ages = (await client.post(who, data=typed)).headers["Location"]
    page = (await client.get(ages)).text
    assert "open until 25" in page
    check = (await client.post(ages, data={"has_additional_needs": "yes"})).headers["Location"]
    made = await client.post(check)
    assert made.headers["Location"].startswith("/m/")
    booking = await Booking.get(session_id=session.id)
    assert "needs" not in (booking.needs + booking.work).lower()
    changed = await client.post(f"/m/{booking.manage_token}/who", data=typed | {"adult-1": "Bo Carter"})
    assert changed.status_code == 303, changed.text


async def test_a_due_month_is_asked_of_expectant_parents(client):
    offered = await make.programme(age_of="expectant parents", places_unit="couples")
    run = await make.run(programme=offered, min_age_months=None, max_age_months=None)
    session = await make.session(run)
    who = (await client.post(f"/sessions/{session.id}/book")).headers["Location"]
    form = (await client.get(who)).text
    assert "When is your baby due?" in form
    typed = {"adult-0": "Sam Carter", "channel": "call", "phone": "07700 900123"}
    for month, year in (
        ("", ""),
        ("13", "2027"),
        ("1", str(clock.today().year - 1)),
        ("1", str(clock.today().year + 3)),
    ):
        answer = await client.post(who, data=typed | {"due-month": month, "due-year": year})
        assert answer.status_code == 422


async def test_professionals_are_asked_where_they_work(client):
    offered = await make.programme(audience="professionals", age_of="adult")
    session = await make.session(await make.run(programme=offered))
    who = (await client.post(f"/sessions/{session.id}/book")).headers["Location"]
    form = (await client.get(who)).text
    assert "Where you work" in form
    assert "Add a child" not in form
    answer = await client.post(who, data={"adult-0": "Sam Carter", "channel": "call", "phone": "07700 900123"})
    assert answer.status_code == 422
    assert "Tell us where you work" in answer.text
