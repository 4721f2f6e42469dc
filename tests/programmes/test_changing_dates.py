"""One date, this and later ones, or all: who hears what, which rooms go and come, what follows the run and what does not."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages import invites
from booking.messages.models import Message
from booking.places.asking import Choice
from booking.places.models import RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes import disclosure
from booking.programmes.bookings import leasing
from booking.programmes.changes import changing_dates
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import MissedDate, Run, Session
from tests import make
from tests.programmes.changing_calls import change, course, everything, family, undo


@pytest.fixture
async def sessions(hub, room):
    return await course(hub, room)


async def times(run_id):
    return await Session.filter(run_id=run_id).order_by("number").values_list("start_time", flat=True)


async def taken(room, session):
    at = {"starts_at": session.starts_at, "ends_at": session.ends_at}
    booking = await RoomBooking.create(room=room, kind="hub", **at)
    await RoomHold.create(room=room, room_booking=booking, **at)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("date", ["10:00", "13:00", "10:00", "10:00"]),
        ("later", ["10:00", "13:00", "13:00", "13:00"]),
        ("all", ["13:00"] * 4),
    ],
)
async def test_what_the_scope_says_changes_and_nothing_else(sessions, maya, scope, expected):
    await change(sessions[1], maya, scope, start="13:00", end="14:30")
    assert await times(sessions[0].run_id) == expected
    run = await Run.get(id=sessions[0].run_id)
    assert run.start_time == ("10:00" if scope == "date" else "13:00")


async def test_another_weekday_moves_every_date_by_as_many_days(sessions, maya):
    await change(sessions[1], maya, "later", day=sessions[1].date + timedelta(days=2))
    days = await Session.all().order_by("number").values_list("date", flat=True)
    assert days == [sessions[0].date, *(each.date + timedelta(days=2) for each in sessions[1:])]
    run = await Run.get(id=sessions[0].run_id)
    assert run.weekday == (sessions[0].weekday + 2) % 7 and run.last_date == days[-1]


async def test_dates_of_a_run_can_take_each_others_days(sessions, maya):
    await change(sessions[0], maya, "all", day=sessions[1].date)
    days = await Session.all().order_by("number").values_list("date", flat=True)
    assert days == [each.date + timedelta(weeks=1) for each in sessions]


async def test_one_family_of_a_course_hears_once_and_each_date_changes_in_its_calendar(sessions, maya):
    parent = await family(await sessions[0].run)
    for session in sessions:
        facts = await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)
        await invites.next_invite(parent, disclosure.said(facts), "REQUEST", clock.now())
    done = await change(sessions[0], maya, "all", start="13:00", end="14:30")
    messages = await Message.filter(batch_id=done.event_id)
    assert sorted(m.kind for m in messages) == ["dates_changed"] * 2 + ["invite"] * 3
    entries = [m.calendar for m in messages if m.calendar_method == "REQUEST"]
    assert len(entries) == 4 and all("SEQUENCE:1" in each and "T130000" in each for each in entries)


async def test_who_misses_a_date_does_not_hear_of_it(sessions, maya):
    parent = await family(await sessions[0].run, email="")
    booking = await parent.bookings.all().first()
    await MissedDate.create(booking=booking, session=sessions[0], created_at=clock.now())
    done = await change(sessions[0], maya, "all", start="13:00", end="14:30")
    assert "3 dates" in (await Message.get(batch_id=done.event_id)).body


async def test_families_booked_session_by_session_hear_of_theirs(hub, room, maya):
    sessions = await course(hub, room, booking_mode="session")
    await family(sessions[0], email="")
    await family(sessions[2], email="")
    done = await change(sessions[0], maya, "all", start="13:00", end="14:30")
    assert [(m.kind, m.session_id) for m in await Message.filter(batch_id=done.event_id).order_by("id")] == [
        ("changed", sessions[0].id),
        ("changed", sessions[2].id),
    ]


async def test_the_preview_has_every_distinct_text_and_how_many_get_it(hub, room, maya):
    sessions = await course(hub, room, booking_mode="session")
    for name in ("Jo Able", "Ann Bell"):
        await family(sessions[0], email="", name=name)
    await family(sessions[1], name="Cy Cole")
    await family(sessions[1], name="Di Dent", channel="call")
    before = await everything()
    seen = await changing_dates.preview(
        session_id=sessions[0].id, scope="all", wish=Wish(start="13:00", end="14:30"), by=maya, undo_minutes=10
    )
    assert await everything() == before and await Message.all().count() == 0
    assert [(each.channel, each.families) for each in seen.texts] == [("sms", 2), ("sms", 1), ("email", 1)]
    assert [each.name for each in seen.to_ring] == ["Di Dent"]


@pytest.mark.parametrize("wish", [{"facilitator_1": "Kim"}, {"places": 15}])
async def test_who_leads_it_and_how_many_can_come_is_no_news(sessions, maya, wish):
    await family(await sessions[0].run)
    done = await change(sessions[0], maya, "all", **wish)
    assert done.told == [] and await Message.all().count() == 0
    assert getattr(await Run.get(id=sessions[0].run_id), *wish) == next(iter(wish.values()))


async def test_another_room_of_the_building_is_no_news_either(sessions, hub, maya):
    await family(await sessions[0].run)
    other = await make.room(hub, name="Red room")
    done = await change(sessions[0], maya, "all", room_id=other.id)
    assert done.told == [] and set(await RoomHold.all().values_list("room_id", flat=True)) == {other.id}


async def test_an_edited_date_keeps_its_own_unless_it_is_to_change_too(sessions, maya):
    await change(sessions[2], maya, start="11:00", end="12:00")
    assert (await Session.get(id=sessions[2].id)).edited == "time"
    done = await change(sessions[0], maya, "all", start="13:00", end="14:30")
    assert await times(sessions[0].run_id) == ["13:00", "13:00", "11:00", "13:00"]
    assert [each.before["id"] for each in done.changes if each.kept] == [sessions[2].id]
    await change(sessions[0], maya, "all", start="14:00", end="15:30", changes_edited=True)
    assert await times(sessions[0].run_id) == ["14:00"] * 4
    assert (await Session.get(id=sessions[2].id)).edited == ""


async def test_what_an_edited_date_has_of_its_own_is_all_it_keeps(sessions, hub, maya):
    other = await make.room(hub, name="Red room")
    await change(sessions[2], maya, start="11:00", end="12:00")
    await change(sessions[0], maya, "all", start="13:00", end="14:30", room_id=other.id)
    third = await Session.get(id=sessions[2].id)
    assert (third.start_time, third.room_id) == ("11:00", other.id)


async def test_a_room_that_is_taken_on_one_date_stops_all_and_says_which(sessions, hub, maya):
    red = await make.room(hub, name="Red room")
    await taken(red, sessions[2])
    before = await everything()
    with pytest.raises(Refused) as refused:
        await change(sessions[0], maya, "all", room_id=red.id)
    assert "taken" in refused.value.problems[0].words and str(sessions[2].date.day) in refused.value.problems[0].words
    assert await everything() == before


async def test_a_way_out_for_one_date_is_its_own(sessions, hub, room, maya):
    red, green = await make.room(hub, name="Red room"), await make.room(hub, name="Green room")
    await taken(red, sessions[2])
    await change(sessions[0], maya, "all", room_id=red.id, ways={sessions[2].id: Choice("use", green.id)})
    rooms = await Session.all().order_by("number").values_list("room_id", flat=True)
    assert rooms == [red.id, red.id, green.id, red.id]
    assert (await Session.get(id=sessions[2].id)).edited == "room"


async def test_a_date_can_be_left_as_it_is(sessions, hub, room, maya):
    red = await make.room(hub, name="Red room")
    await taken(red, sessions[2])
    await change(sessions[0], maya, "all", room_id=red.id, ways={sessions[2].id: Choice("skip")})
    assert (await Session.get(id=sessions[2].id)).room_id == room.id


async def test_there_are_never_fewer_places_than_are_taken(hub, room, maya):
    sessions = await course(hub, room, booking_mode="session")
    for _ in range(3):
        await family(sessions[1])
    with pytest.raises(Refused) as refused:
        await change(sessions[0], maya, "all", places=2)
    assert refused.value.problems[0].words == "3 places are taken, so there must be at least as many."
    await change(sessions[0], maya, "all", places=3)
    assert set(await Session.all().values_list("places", flat=True)) == {3}


async def test_of_a_course_the_places_are_those_of_the_whole_run(sessions, maya):
    for _ in range(3):
        await family(await sessions[0].run)
    for scope, rule in (("date", "whole course"), ("all", "too few")):
        with pytest.raises(Refused) as refused:
            await change(sessions[0], maya, scope, places=2)
        assert refused.value.rules == {rule}
    await change(sessions[0], maya, "all", places=20)
    assert (await Run.get(id=sessions[0].run_id)).places == 20


@pytest.mark.parametrize("scope", ["date", "later", "all"])
@pytest.mark.parametrize(
    "wish",
    [
        {"start": "13:00", "end": "14:30", "facilitator_1": "Kim", "places": 20},
        {"days": 7},
        {"other_room": True, "days": 1, "start": "09:00", "end": "10:00"},
    ],
)
async def test_undone_all_is_as_it_was(hub, room, maya, scope, wish):
    sessions = await course(hub, room, booking_mode="session")
    if scope == "date" and wish == {"days": 7}:
        wish = {"days": 8}
    await family(sessions[1])
    before = await everything()
    values = {k: v for k, v in wish.items() if k not in ("days", "other_room")}
    if "days" in wish:
        values["day"] = sessions[1].date + timedelta(days=wish["days"])
    if "other_room" in wish:
        values["room_id"] = (await make.room(hub)).id
    done = await change(sessions[1], maya, scope, **values)
    assert await everything() != before
    await undo(sessions[1], done, maya)
    assert await everything() == before
    assert await Message.exclude(state="void").count() == 0


async def test_it_cannot_be_undone_when_the_old_room_was_taken(sessions, room, hub, maya):
    done = await change(sessions[0], maya, "all", room_id=(await make.room(hub)).id)
    await taken(room, sessions[3])
    after = await everything()
    with pytest.raises(Refused) as refused:
        await undo(sessions[0], done, maya)
    assert "taken" in refused.value.problems[0].words and await everything() == after


async def test_a_change_whose_messages_still_wait_is_undone_or_sent_first(sessions, maya):
    await family(await sessions[0].run)
    await change(sessions[0], maya, "all", start="13:00", end="14:30")
    with pytest.raises(Refused) as refused:
        await change(sessions[3], maya, start="15:00", end="16:00")
    assert refused.value.rules == {"moved"}


async def test_the_creche_goes_along(sessions, hub, maya):
    creche_room = await make.room(hub, name="Creche")
    beside = await course(
        hub, creche_room, booking_mode="linked", is_listed=False, start_time="09:45", end_time="11:45"
    )
    await Run.filter(id=sessions[0].run_id).update(creche_run_id=beside[0].run_id)
    before = await everything()
    done = await change(sessions[1], maya, day=sessions[1].date + timedelta(days=1), start="13:00", end="14:30")
    creche = await Session.get(id=beside[1].id)
    assert (creche.date, creche.start_time, creche.end_time) == (sessions[1].date + timedelta(days=1), "12:45", "14:45")
    assert await RoomHold.filter(room=creche_room, starts_at=creche.starts_at).count() == 1
    await undo(sessions[1], done, maya)
    assert await everything() == before


async def test_past_dates_stay_what_they_were(hub, room, maya):
    sessions = await course(hub, room, first_date=clock.today() - timedelta(days=7))
    await change(sessions[3], maya, "all", start="13:00", end="14:30")
    assert (await times(sessions[0].run_id))[0] == "10:00"


async def test_a_run_without_dates_to_come_cannot_change(hub, room, maya):
    sessions = await course(hub, room, 1, first_date=clock.today() - timedelta(days=7))
    with pytest.raises(Refused) as refused:
        await change(sessions[0], maya, "all", start="13:00", end="14:30")
    assert refused.value.rules == {"over"}


async def test_who_booked_after_the_change_hears_of_its_undoing_at_once(sessions, maya):
    await family(await sessions[0].run, email="")
    done = await change(sessions[0], maya, "all", start="13:00", end="14:30")
    late = await family(await sessions[0].run, email="")
    await undo(sessions[0], done, maya)
    (heard,) = await Message.filter(state="queued")
    assert heard.person_id == late.id and "10am" in heard.body and heard.due_at <= clock.now()


async def test_more_places_than_the_room_takes_is_warned_of(sessions, maya):
    done = await change(sessions[0], maya, "all", places=60)
    assert [each.words for each in done.warnings] == ["Blue room takes 40 people."]


async def test_who_books_while_the_locks_are_waited_for_counts(hub, room, maya, monkeypatch):
    dates = await course(hub, room, booking_mode="session", places=5)
    lock, target = changing_dates.lock_bookings, leasing.Target(dates[0].run_id, dates[0].id)

    async def somebody_is_quicker(run_id, session_ids):
        await leasing.lease(target)
        return await lock(run_id, session_ids)

    await leasing.lease(target)
    monkeypatch.setattr(changing_dates, "lock_bookings", somebody_is_quicker)
    with pytest.raises(Refused, match="2 places are taken"):
        await change(dates[0], maya, places=1)
