"""Shifts follow sessions: made, moved, cancelled, brought back, and said so."""

from datetime import date, timedelta

import pytest

from booking import clock, db
from booking.programmes.models import Session
from booking.rotas import following, loading
from booking.rotas.models import Assignment, Shift
from tests import make

pytestmark = pytest.mark.usefixtures("database")
DAY = clock.today() + timedelta(days=9)


async def a_session(**values):
    """A date next week at 10, led by `facilitators` people, at a hub."""
    of_programme = {
        name: values.pop(name)
        for name in ("facilitators", "skills", "prepare_minutes", "follow_up_minutes", "creche_workers")
        if name in values
    }
    of_run = {
        name: values.pop(name) for name in ("host", "location", "booking_mode", "is_restricted") if name in values
    }
    programme = await make.programme(**{"facilitators": 1} | of_programme)
    run = await make.run(programme=programme, first_date=DAY, **of_run)
    return await make.session(run, **values)


async def shifts(session=None, **where):
    found = await Shift.filter(**({"session_id": session.id} if session else {}) | where).order_by("kind", "position")
    return list(found)


async def put(shift: Shift, worker) -> None:
    await make.assignment(shift, worker)
    await following.follow(tells=False)


async def layers(shift: Shift) -> set[tuple[str, object]]:
    return {(row.layer, row.staff_id) for row in await Assignment.filter(shift_id=shift.id)}


async def move(session: Session, day: date, start: str = "10:00", end: str = "11:30", **more) -> None:
    await Session.filter(id=session.id).update(
        date=day, weekday=day.weekday(), start_time=start, end_time=end, starts_at=clock.at(day, start),
        ends_at=clock.at(day, end), **more,
    )  # fmt: skip


async def test_a_session_needs_as_many_people_as_its_programme_says():
    session = await a_session(facilitators=2)
    assert await following.follow() == "shifts: 2 made"
    first, second = await shifts(session)
    assert (first.kind, first.position, first.state, first.start_time, first.end_time) == (
        "facilitator", 1, "open", "10:00", "11:30",
    )  # fmt: skip
    assert second.position == 2 and first.minutes == 90 and first.hub_id == session.hub_id


async def test_a_second_run_changes_nothing():
    await a_session(facilitators=2)
    await following.follow()
    before = [dict(row) for row in await db.rows("SELECT * FROM shift ORDER BY id")]
    assert await following.follow() == ""
    assert [dict(row) for row in await db.rows("SELECT * FROM shift ORDER BY id")] == before


async def test_a_moved_session_takes_its_people_along_and_tells_them():
    session = await a_session()
    await following.follow()
    worker = await make.worker(await session.location)
    [shift] = await shifts(session)
    await put(shift, worker)
    await move(session, DAY + timedelta(days=1), "14:00", "15:30")
    assert await following.follow() == "shifts: 1 moved"
    [moved] = await shifts(session)
    assert moved.id == shift.id and moved.start_time == "14:00" and "it was" in moved.moved_words
    assert await layers(moved) == {("draft", worker.id), ("published", worker.id)}
    told = await db.rows("SELECT kind FROM message WHERE kind = 'duty_changed'")
    assert len(told) == 1


async def test_whoever_has_no_time_at_the_new_one_is_out_and_told():
    session, other = await a_session(), await a_session(start_time="14:00", end_time="15:30")
    await following.follow()
    worker = await make.worker(await session.location, known_as="Ann Lee")
    for each in (session, other):
        await put((await shifts(each))[0], worker)
    await move(session, DAY, "14:30", "16:00")
    await following.follow()
    [moved] = await shifts(session)
    assert await layers(moved) == set() and "Ann Lee has another duty then" in moved.moved_words
    assert len(await layers((await shifts(other))[0])) == 2
    assert (await Session.get(id=session.id)).facilitator_1 == ""


async def test_two_sessions_that_exchange_their_times_keep_their_people():
    session, other = await a_session(), await a_session(start_time="14:00", end_time="15:30")
    await following.follow()
    worker = await make.worker(await session.location)
    for each in (session, other):
        await put((await shifts(each))[0], worker)
    await move(session, DAY, "14:00", "15:30")
    await move(other, DAY, "10:00", "11:30")
    assert await following.follow() == "shifts: 2 moved"
    for each in (session, other):
        assert len(await layers((await shifts(each))[0])) == 2


async def test_a_cancelled_session_frees_its_people_and_has_them_back_when_it_is_on_again():
    session = await a_session()
    await following.follow()
    worker = await make.worker(await session.location)
    [shift] = await shifts(session)
    await put(shift, worker)
    await Session.filter(id=session.id).update(state="cancelled", why_cancelled="The boiler is broken.")
    assert await following.follow() == "shifts: 1 cancelled; 1 people in or out"
    [gone] = await shifts(session)
    assert gone.state == "cancelled" and "boiler" in gone.moved_words and await layers(gone) == set()
    await Session.filter(id=session.id).update(state="planned", why_cancelled="")
    assert await following.follow() == "shifts: 1 back; 1 people in or out"
    [back] = await shifts(session)
    assert back.state == "open" and len(await layers(back)) == 2
    assert await following.follow() == ""


async def test_setting_up_and_clearing_belong_to_the_shift():
    hub = await make.location()
    room = await make.room(hub, setup_minutes=15, clear_minutes=10)
    session = await a_session(location=hub)
    booking = await make.room_booking(room, day=9, start="10:00", end="11:30", kind="session")
    await Session.filter(id=session.id).update(room_id=room.id, room_booking_id=booking.id)
    await following.follow()
    [shift] = await shifts(session)
    assert (shift.start_time, shift.end_time, shift.minutes) == ("09:45", "11:40", 115)


async def test_a_long_shift_has_half_an_hour_of_unpaid_break():
    session = await a_session(start_time="09:00", end_time="15:30")
    await following.follow()
    assert (await shifts(session))[0].minutes == 6 * 60


async def test_a_room_at_another_place_moves_the_shift_there():
    session, elsewhere = await a_session(), await make.location(name="Wimborne")
    await following.follow()
    worker = await make.worker(await session.location)
    [shift] = await shifts(session)
    await put(shift, worker)
    await Session.filter(id=session.id).update(location_id=elsewhere.id, hub_id=elsewhere.id)
    await following.follow()
    [moved] = await shifts(session)
    assert (moved.location_id, moved.hub_id) == (elsewhere.id, elsewhere.id) and "at Hub" in moved.moved_words
    assert len(await layers(moved)) == 2


async def test_a_restricted_place_is_never_named_in_words():
    session = await a_session()
    secret = await make.location(name="Safe house", is_restricted=True)
    await following.follow()
    await Session.filter(id=session.id).update(location_id=secret.id, hub_id=secret.id)
    await following.follow()
    [moved] = await shifts(session)
    assert moved.title == "" and "Safe" not in moved.moved_words
    await Session.filter(id=session.id).update(location_id=session.location_id, hub_id=session.hub_id)
    await following.follow()
    assert "Safe" not in (await shifts(session))[0].moved_words


async def test_a_run_that_is_cancelled_or_unpublished_needs_nobody():
    session = await a_session()
    await following.follow()
    await db.execute("UPDATE run SET state = 'draft' WHERE id = $1", session.run_id)
    assert await following.follow() == "shifts: 1 cancelled"


async def test_a_draft_needs_nobody_yet():
    session = await a_session(state="draft")
    assert await following.follow() == "" and await shifts(session) == []


async def test_a_deleted_session_leaves_its_shift_cancelled_and_its_people_told():
    session = await a_session()
    await following.follow()
    worker = await make.worker(await session.location)
    [shift] = await shifts(session)
    await put(shift, worker)
    await db.execute("DELETE FROM session WHERE id = $1", session.id)
    assert await following.follow() == "shifts: 1 cancelled; 1 people in or out"
    assert (await Shift.get(id=shift.id)).state == "cancelled"
    assert await following.follow() == ""


async def test_fewer_facilitators_keep_the_place_that_somebody_is_in():
    session = await a_session(facilitators=2)
    await following.follow()
    worker = await make.worker(await session.location)
    _, second = await shifts(session)
    await put(second, worker)
    run = await session.run
    await db.execute("UPDATE programme SET facilitators = 1 WHERE id = $1", run.programme_id)
    await following.follow()
    states = {row.position: row.state for row in await shifts(session)}
    assert states == {1: "cancelled", 2: "open"} and len(await layers(second)) == 2


async def test_hosts_from_elsewhere_bring_their_own_people():
    session = await a_session(host="Library service")
    assert await following.follow() == ""
    await make.worker(await session.location, known_as="Ann Lee")
    await Session.filter(id=session.id).update(facilitator_1="ann lee")
    assert await following.follow() == "shifts: 1 made; 1 people in or out"


async def test_preparation_and_follow_up_stand_beside_the_session_and_stay_where_a_planner_put_them():
    session = await a_session(prepare_minutes=30, follow_up_minutes=45)
    await following.follow()
    times = {row.kind: (row.start_time, row.end_time, row.minutes) for row in await shifts(session)}
    assert times["preparation"] == ("09:30", "10:00", 30) and times["follow_up"] == ("11:30", "12:15", 45)
    [before] = await shifts(session, kind="preparation")
    earlier = DAY - timedelta(days=1)
    await Shift.filter(id=before.id).update(
        date=earlier, start_time="15:00", end_time="15:30", starts_at=clock.at(earlier, "15:00"),
        ends_at=clock.at(earlier, "15:30"),
    )  # fmt: skip
    await move(session, DAY, "11:00", "12:30")
    await following.follow()
    times = {row.kind: (row.date, row.start_time) for row in await shifts(session)}
    assert times["preparation"] == (earlier, "15:00") and times["follow_up"] == (DAY, "12:30")
    await move(session, DAY - timedelta(days=4))
    await following.follow()
    assert (await shifts(session, kind="preparation"))[0].start_time == "09:30"


async def test_a_clinic_needs_one_for_each_of_its_workers():
    hub = await make.location()
    session = await a_session(location=hub, booking_mode="appointment")
    ann = await make.worker(hub, known_as="Ann Lee")
    for name in ("Ann Lee", "Bea Moss", "Worker 3"):
        await db.insert_many(
            "slot", ("id", "session_id", "worker", "starts_at", "ends_at", "state", "taken"),
            [(db.new_id(), session.id, name, session.starts_at, session.ends_at, "open", 0)],
        )  # fmt: skip
    await following.follow()
    found = {row.named: row for row in await shifts(session)}
    assert {(name, row.state) for name, row in found.items()} == {
        ("Ann Lee", "open"),
        ("Bea Moss", "outside"),
        ("", "open"),
    }
    assert {staff for _, staff in await layers(found["Ann Lee"])} == {ann.id}
    await db.execute("UPDATE slot SET state = 'cancelled' WHERE worker = 'Ann Lee'")
    await following.follow()
    assert {row.named: row.state for row in await shifts(session)}["Bea Moss"] == "outside"
    assert await db.value("SELECT COUNT(*) AS n FROM assignment") == 0


async def test_what_has_begun_stays_as_it_is():
    now = clock.local(clock.now())
    session = await a_session()
    await following.follow()
    await Session.filter(id=session.id).update(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    before = await shifts(session)
    await following.follow()
    assert [row.starts_at for row in await shifts(session)] == [row.starts_at for row in before]


async def test_it_takes_as_many_statements_for_forty_sessions_as_for_one(monkeypatch):
    async def statements() -> int:
        count, plain = 0, db.rows

        async def rows(sql, *parameters):
            nonlocal count
            count += 1
            return await plain(sql, *parameters)

        with monkeypatch.context() as patch:
            patch.setattr(db, "rows", rows)
            await following.follow()
        return count

    await a_session()
    one = await statements()
    for _ in range(40):
        await a_session(facilitators=2)
    assert await statements() == one
    assert await statements() < one / 2


async def test_online_nobody_is_alone_or_travels():
    session = await a_session()
    await following.follow()
    await Session.filter(id=session.id).update(delivery="online")
    await following.follow()
    plan = await loading.load(None, DAY, DAY)
    [duty] = plan.duties
    assert not duty.place.needs_two and duty.place.lat is None
