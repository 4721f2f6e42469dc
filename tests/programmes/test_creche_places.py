"""Creche places beside a course: counted on every date, all or none, and free again at once."""

import pytest

from booking import clock, db
from booking.problems import Refused
from booking.programmes.bookings.coming import ChildComing
from booking.programmes.creche import creche_places
from booking.programmes.models import CrechePlace, MissedDate, Run, Session
from tests import make

pytestmark = pytest.mark.usefixtures("database")


async def taken(sessions: list[Session]) -> list[int]:
    return [(await Session.get(id=each.id)).taken for each in sessions]


async def test_one_child_has_a_place_on_every_date_beside_the_course():
    run, _, beside = await make.course_with_creche()
    booking = await make.booking(run, creche_children=1)
    assert await creche_places.take(booking, run.id, 1) == 3
    assert await taken(beside) == [1, 1, 1]
    assert await CrechePlace.filter(booking=booking, released_at=None).count() == 3


async def test_where_one_date_is_full_nothing_is_taken_and_the_words_say_which():
    run, _, beside = await make.course_with_creche()
    await db.execute("UPDATE session SET taken = 2 WHERE id = $1", beside[1].id)
    booking = await make.booking(run)
    with pytest.raises(Refused) as refused:
        await creche_places.take(booking, run.id, 1)
    assert "all are taken on" in refused.value.problems[0].words and "join the waiting list" in str(refused.value)
    assert await taken(beside) == [0, 2, 0]
    assert await CrechePlace.all().count() == 0


async def test_a_full_creche_says_how_many_places_it_has():
    run, _, beside = await make.course_with_creche(places=8)
    await db.execute("UPDATE session SET taken = 8 WHERE run_id = $1", beside[0].run_id)
    with pytest.raises(Refused) as refused:
        await creche_places.take(await make.booking(run), run.id, 1)
    words = "The crèche has 8 places and all are taken. You can book without it, or join the waiting list."
    assert refused.value.problems[0].words == words


async def test_two_children_need_two_places():
    run, _, beside = await make.course_with_creche()
    await creche_places.take(await make.booking(run), run.id, 1)
    with pytest.raises(Refused) as refused:
        await creche_places.take(await make.booking(run), run.id, 2)
    assert "Only 1 crèche place is left." in refused.value.problems[0].words
    assert await taken(beside) == [1, 1, 1]


async def test_a_date_that_the_family_misses_needs_no_place():
    run, dates, beside = await make.course_with_creche()
    booking = await make.booking(run)
    await MissedDate.create(booking=booking, session=dates[1], created_at=clock.now())
    assert await creche_places.take(booking, run.id, 1) == 2
    assert await taken(beside) == [1, 0, 1]


async def test_places_come_back_all_or_of_one_date():
    run, dates, beside = await make.course_with_creche()
    booking = await make.booking(run, creche_children=1)
    await creche_places.take(booking, run.id, 1)
    assert await creche_places.give_back_beside(booking.id, dates[0].id)
    assert not await creche_places.give_back_beside(booking.id, dates[0].id)
    assert await taken(beside) == [0, 1, 1]
    assert await creche_places.take_again(booking.id, dates[0].id) is True
    assert await creche_places.take_again(booking.id, dates[0].id) is True
    assert await taken(beside) == [1, 1, 1]
    assert await creche_places.give_back(booking.id) == 3
    assert await creche_places.give_back(booking.id) == 0
    assert await taken(beside) == [0, 0, 0]


async def test_a_place_that_others_have_meanwhile_does_not_come_back():
    run, dates, beside = await make.course_with_creche(places=1)
    booking = await make.booking(run, creche_children=1)
    await creche_places.take(booking, run.id, 1)
    await creche_places.give_back_beside(booking.id, dates[0].id)
    await db.execute("UPDATE session SET taken = 1 WHERE id = $1", beside[0].id)
    assert await creche_places.take_again(booking.id, dates[0].id) is False
    assert await creche_places.take_again(await no_creche(run), dates[0].id) is None


async def no_creche(run: Run):
    return (await make.booking(run)).id


async def test_more_or_fewer_children_change_what_is_kept():
    run, _, beside = await make.course_with_creche()
    booking = await make.booking(run)
    await creche_places.take(booking, run.id, 1)
    assert await creche_places.change(booking, run.id, 1) == 0
    assert await creche_places.change(booking, run.id, 2) == 3
    assert await taken(beside) == [2, 2, 2]
    with pytest.raises(Refused):
        await db.run_tx(lambda: creche_places.change(booking, run.id, 3))
    assert await taken(beside) == [2, 2, 2]
    await creche_places.change(booking, run.id, 0)
    assert await taken(beside) == [0, 0, 0]


async def test_the_course_page_hears_how_many_are_left_on_every_date():
    run, dates, beside = await make.course_with_creche(places=8)
    await db.execute("UPDATE session SET taken = 5 WHERE id = $1", beside[2].id)
    creche = await creche_places.creche_of(run.id)
    assert creche is not None and (creche.places, creche.left) == (8, 3)
    one = await creche_places.creche_of(run.id, dates[0].id)
    assert one is not None and one.left == 8
    await db.execute("UPDATE session SET state = 'cancelled' WHERE run_id = $1", beside[0].run_id)
    assert await creche_places.creche_of(run.id) is None
    with pytest.raises(Refused) as refused:
        await creche_places.take(await make.booking(run), run.id, 1)
    assert refused.value.rules == {"no creche"}


async def test_children_of_another_age_are_named():
    run, dates, _ = await make.course_with_creche()
    creche = await creche_places.creche_of(run.id)
    assert creche is not None
    day = dates[0].date
    ada, baby = ChildComing("Ada", day.year - 2, day.month), ChildComing("Bo", day.year, day.month)
    found = creche_places.problems_with(creche, [ada, baby])
    assert [each.words for each in found] == [
        "Bo will not be the right age for the crèche: it is for 6 months to 5 years."
    ]
