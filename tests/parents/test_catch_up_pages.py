"""A parent misses one date of a course, catches up elsewhere, and comes after all."""

from datetime import timedelta

from booking import db
from booking.programmes.creche import creche_places
from booking.programmes.models import Attendee, Booking, MissedDate, Run, Session
from tests import make


async def on_course(**values) -> tuple[Run, list[Session], list[Session], Booking]:
    run, dates, beside = await make.course_with_creche(places=1, **values)
    booking = await make.booking(run, creche_children=1)
    await Attendee.create(booking=booking, kind="child", name="Ada", in_creche=True)
    await creche_places.take(booking, run.id, 1)
    return run, dates, beside, booking


async def another(run: Run, **values) -> tuple[Run, list[Session]]:
    return await make.course(
        programme=await run.programme,
        location=await run.location,
        first_date=run.first_date + timedelta(days=1),
        **values,
    )


async def test_a_missed_date_leads_to_where_it_can_be_caught_up_and_one_press_books_it(client):
    run, dates, beside, booking = await on_course()
    _, others = await another(run)
    path = f"/m/{booking.manage_token}"
    answer = await client.post(f"{path}/dates/{dates[0].id}")
    assert answer.headers["Location"] == f"{path}/dates/{dates[0].id}/catch-up"
    text = (await client.get(answer.headers["Location"])).text
    assert "Come on this day" in text and "10am to 11:30am" in text
    assert (await Session.get(id=beside[0].id)).taken == 0
    answer = await client.post(f"{path}/dates/{dates[0].id}/catch-up", data={"session": str(others[0].id)})
    guest = await Booking.get(catches_up_id=dates[0].id)
    assert answer.headers["Location"] == f"/m/{guest.manage_token}?new=1"
    assert "for the session you miss on" in (await client.get(answer.headers["Location"])).text
    text = (await client.get(path)).text
    assert "You catch up:" in text and "Your crèche place is free for others." in text


async def test_where_nothing_can_be_caught_up_the_page_of_the_booking_comes_back(client):
    _, dates, _, booking = await on_course()
    answer = await client.post(f"/m/{booking.manage_token}/dates/{dates[0].id}")
    assert answer.headers["Location"] == f"/m/{booking.manage_token}#dates"
    text = (await client.get(f"/m/{booking.manage_token}/dates/{dates[0].id}/catch-up")).text
    assert "No other group has a place" in text


async def test_who_comes_after_all_hears_whether_the_creche_place_is_still_there(client):
    _, dates, beside, booking = await on_course()
    path = f"/m/{booking.manage_token}"
    await client.post(f"{path}/dates/{dates[0].id}")
    await db.execute("UPDATE session SET taken = 1 WHERE id = $1", beside[0].id)
    await client.post(f"{path}/dates/{dates[0].id}", data={"comes": "yes"})
    text = (await client.get(path)).text
    assert "The crèche is full that day" in text and "No crèche place this day" in text
    assert await MissedDate.all().count() == 0


async def test_a_place_that_has_just_gone_is_said_with_the_others(client):
    run, dates, _, booking = await on_course()
    other, others = await another(run)
    await client.post(f"/m/{booking.manage_token}/dates/{dates[0].id}")
    await db.execute("UPDATE run SET taken = places WHERE id = $1", other.id)
    answer = await client.post(
        f"/m/{booking.manage_token}/dates/{dates[0].id}/catch-up", data={"session": str(others[0].id)}
    )
    assert answer.status_code == 409 and "can no longer be booked" in answer.text


async def test_a_date_that_is_not_missed_or_of_another_booking_has_no_such_page(client):
    run, dates, _, booking = await on_course()
    other = await make.booking(run)
    await client.post(f"/m/{booking.manage_token}/dates/{dates[0].id}")
    for token, date in ((other.manage_token, dates[0]), (booking.manage_token, dates[1]), ("nothing", dates[0])):
        assert (await client.get(f"/m/{token}/dates/{date.id}/catch-up")).status_code == 404
        assert (await client.post(f"/m/{token}/dates/{date.id}/catch-up", data={"session": "x"})).status_code == 404
