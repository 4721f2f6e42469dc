"""Changing and cancelling room bookings: this date, this and later, all; deciding about requests; filling missing dates."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine

from booking import clock
from booking.messages.models import Message
from booking.people.models import Organisation
from booking.places import (
    booking_rooms,
    cancelling_rooms,
    changing_rooms,
    closing,
    deciding_requests,
    filling_dates,
    requests_inbox,
)
from booking.places.asking import Ask, Choice
from booking.places.changing_rooms import Wish
from booking.places.models import Keyholder, Room, RoomBooking, RoomHold, RoomSeries
from booking.places.recurrence import Rule
from booking.problems import Refused
from tests import make
from tests.places.who import partner_who, staff_who

pytestmark = pytest.mark.anyio
TUESDAY = date(2027, 1, 12)


@pytest.fixture
async def room(database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        at = await make.location()
        await make.opening_hours(at)
        yield await make.room(at, is_partner_bookable=True, capacity=20)


@pytest.fixture
async def grace(room):
    organisation = await make.organisation()
    return partner_who(await make.booker(organisation), organisation)


@pytest.fixture
async def maya(room):
    return staff_who(await make.staff("hub_staff", room.location_id), {room.location_id})


def ask(room, who, day=TUESDAY, start="10:00", end="12:00", **values):
    return Ask(room.id, start, end, day=day, as_partner=True, organisation_id=who.organisation_ids[0], **values)


async def series(room, who, weeks=4):
    rule = Rule(1, "10:00", "12:00", TUESDAY, held_sessions=weeks)
    return await booking_rooms.book(replace(ask(room, who), day=None, rule=rule), by=who)


async def times(ids):
    rows = [await RoomBooking.get(id=each) for each in ids]
    return [clock.local(row.starts_at).strftime("%d %H:%M") for row in rows]


async def test_this_date_only_is_moved_and_the_others_stay(room, grace):
    booked = await series(room, grace)
    second = booked.booking_ids[1]
    await changing_rooms.change(
        room_booking_id=second, scope="this", wish=Wish(start="13:00", end="15:00"), by=grace, as_partner=True
    )
    assert await times(booked.booking_ids) == ["12 10:00", "19 13:00", "26 10:00", "02 10:00"]
    assert await RoomHold.all().count() == 4


async def test_this_and_later_move_to_another_weekday(room, grace):
    booked = await series(room, grace)
    done = await changing_rooms.change(
        room_booking_id=booked.booking_ids[2], scope="later", wish=Wish(weekday=3), by=grace, as_partner=True
    )
    assert len(done.lines) == 2
    assert await times(booked.booking_ids) == ["12 10:00", "19 10:00", "28 10:00", "04 10:00"]


async def test_a_series_may_move_over_its_own_times(room, grace):
    booked = await series(room, grace)
    await changing_rooms.change(
        room_booking_id=booked.booking_ids[0],
        scope="all",
        wish=Wish(start="11:00", end="13:00"),
        by=grace,
        as_partner=True,
    )
    assert await times(booked.booking_ids) == ["12 11:00", "19 11:00", "26 11:00", "02 11:00"]


async def test_where_all_dates_change_the_series_says_so(room, grace):
    booked = await series(room, grace)
    wish = Wish(weekday=3, start="13:00", end="15:00", title="Weighing")
    await changing_rooms.change(
        room_booking_id=booked.booking_ids[0], scope="all", wish=wish, by=grace, as_partner=True
    )
    rule = await RoomSeries.get(id=booked.series_id)
    assert (rule.weekday, rule.start_time, rule.end_time, rule.title) == (3, "13:00", "15:00", "Weighing")
    last = await Message.filter(kind="room_changed").first()
    assert last is not None and "RRULE:FREQ=WEEKLY" in last.calendar and "BYDAY=TH" in last.calendar


async def test_dates_that_would_clash_keep_what_they_have_if_the_reader_agrees(room, grace):
    booked = await series(room, grace)
    other = await make.organisation()
    who = partner_who(await make.booker(other), other)
    await booking_rooms.book(ask(room, who, date(2027, 1, 26), "13:00", "14:00"), by=who)
    wish = Wish(start="13:00", end="15:00")
    asked = {"room_booking_id": booked.booking_ids[0], "scope": "all", "wish": wish, "by": grace, "as_partner": True}
    seen = await changing_rooms.preview_change(**asked)
    assert [line.state for line in seen.lines] == ["free", "free", "clash", "free"] and seen.can_be_saved
    with pytest.raises(Refused) as refused:
        await changing_rooms.change(**asked)
    assert refused.value.rules == {"clash", "room taken"}
    assert await times(booked.booking_ids[:1]) == ["12 10:00"]
    await changing_rooms.change(**asked, leave_clashing=True)
    assert await times(booked.booking_ids) == ["12 13:00", "19 13:00", "26 10:00", "02 13:00"]


async def test_a_partner_nearer_than_the_notice_cannot_change_and_staff_can(room, grace, maya):
    booked = await series(room, grace)
    with time_machine.travel("2027-01-11 15:00+00:00", tick=False):
        asked = {"room_booking_id": booked.booking_ids[0], "scope": "this", "wish": Wish(start="13:00", end="14:00")}
        with pytest.raises(Refused) as refused:
            await changing_rooms.change(**asked, by=grace, as_partner=True)
        assert refused.value.rules == {"notice"}
        await changing_rooms.change(**asked, by=maya)
    assert await times(booked.booking_ids[:1]) == ["12 13:00"]


async def test_a_stranger_organisation_can_change_and_cancel_nothing(room, grace):
    booked = await series(room, grace)
    other = await make.organisation()
    stranger = partner_who(await make.booker(other), other)
    for verb, more in [
        (changing_rooms.change, {"wish": Wish(start="13:00", end="14:00")}),
        (changing_rooms.preview_change, {"wish": Wish(start="13:00", end="14:00")}),
        (cancelling_rooms.cancel, {}),
        (cancelling_rooms.preview_cancel, {}),
    ]:
        with pytest.raises(Refused) as refused:
            await verb(room_booking_id=booked.booking_ids[0], scope="all", by=stranger, as_partner=True, **more)
        assert refused.value.rules == {"unknown"}
    assert await RoomHold.all().count() == 4


async def test_cancelling_frees_the_room_and_can_be_undone(room, grace):
    booked = await series(room, grace)
    asked = {"room_booking_id": booked.booking_ids[1], "scope": "later", "by": grace, "as_partner": True}
    assert len((await cancelling_rooms.preview_cancel(**asked)).bookings) == 3
    assert await RoomHold.all().count() == 4
    ended = await cancelling_rooms.cancel(**asked, why="Clinic moves")
    assert await RoomHold.all().count() == 1
    await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    assert await RoomHold.all().count() == 4
    with pytest.raises(Refused) as refused:
        await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    assert refused.value.rules == {"undone"}


async def test_undo_puts_a_date_back_into_a_calendar_that_was_told_meanwhile(room, grace):
    booked = await series(room, grace)
    ended = await cancelling_rooms.cancel(
        room_booking_id=booked.booking_ids[1], scope="this", by=grace, as_partner=True
    )
    with time_machine.travel("2027-01-04 09:03+00:00", tick=False):
        await changing_rooms.change(
            room_booking_id=booked.booking_ids[0],
            scope="this",
            wish=Wish(start="13:00", end="15:00"),
            by=grace,
            as_partner=True,
        )
        await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    told = await Message.filter(kind__startswith="room_").order_by("id").values_list("kind", "state")
    assert told == [
        ("room_confirmed", "queued"), ("room_cancelled", "void"), ("room_changed", "queued"), ("room_changed", "queued"),
    ]  # fmt: skip
    last = await Message.filter(kind="room_changed").order_by("-id").first()
    assert last is not None and "20270119" not in last.calendar.split("EXDATE")[-1].split("\n")[0]


async def test_undo_is_refused_when_the_room_was_taken_meanwhile(room, grace):
    booked = await series(room, grace)
    ended = await cancelling_rooms.cancel(
        room_booking_id=booked.booking_ids[0], scope="this", by=grace, as_partner=True
    )
    await booking_rooms.book(ask(room, grace), by=grace)
    with pytest.raises(Refused) as refused:
        await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    assert refused.value.rules == {"room taken"}


async def test_cancelling_within_the_notice_is_possible_and_marked_late(room, grace):
    booked = await series(room, grace)
    with time_machine.travel("2027-01-11 15:00+00:00", tick=False):
        ended = await cancelling_rooms.cancel(
            room_booking_id=booked.booking_ids[0], scope="all", by=grace, as_partner=True
        )
    assert len(ended.late) == 1 and len(ended.bookings) == 4


async def evening(room, who, keyholder=None, day=TUESDAY):
    return await booking_rooms.book(ask(room, who, day, "18:00", "20:00", keyholder_id=keyholder), by=who)


async def test_a_request_is_confirmed_once_and_needs_a_keyholder_out_of_hours(room, grace, maya):
    booked = await evening(room, grace)
    decided = await deciding_requests.approve(room_booking_ids=booked.booking_ids, by=maya)
    assert not decided.confirmed and decided.refused[0][1].rule == "keyholder"
    key = await Keyholder.create(location_id=room.location_id, name="Jo")
    decided = await deciding_requests.approve(room_booking_ids=booked.booking_ids, by=maya, keyholder_id=key.id)
    assert decided.confirmed == booked.booking_ids
    row = await RoomBooking.get(id=booked.booking_ids[0])
    assert (row.state, row.keyholder_id, row.decided_by_id) == ("confirmed", key.id, maya.id)
    with pytest.raises(Refused) as refused:
        await deciding_requests.approve(room_booking_ids=booked.booking_ids, by=maya, keyholder_id=key.id)
    assert refused.value.rules == {"decided"}


async def test_of_two_clashing_requests_that_lapsed_one_wins_and_the_other_is_told(room, grace, maya):
    key = await Keyholder.create(location_id=room.location_id, name="Jo")
    day = date(2027, 2, 16)
    first = await evening(room, grace, key.id, day)
    with time_machine.travel("2027-01-15 09:00+00:00", tick=False):
        second = await evening(room, grace, key.id, day)
    with time_machine.travel("2027-02-01 09:00+00:00", tick=False):
        both = [*first.booking_ids, *second.booking_ids]
        decided = await deciding_requests.approve(room_booking_ids=both, by=maya)
    assert len(decided.confirmed) == 1 and [p.rule for _, p in decided.refused] == ["room taken"]
    assert await RoomHold.all().count() == 1


async def test_declining_needs_a_reason_and_frees_the_room(room, grace, maya):
    booked = await evening(room, grace)
    with pytest.raises(Refused):
        await deciding_requests.decline(room_booking_ids=booked.booking_ids, by=maya, why="  ")
    await deciding_requests.decline(room_booking_ids=booked.booking_ids, by=maya, why="The caretaker is away")
    assert await RoomHold.all().count() == 0
    assert (await RoomBooking.get(id=booked.booking_ids[0])).why == "The caretaker is away"


async def test_staff_of_another_hub_decide_nothing(room, grace):
    booked = await evening(room, grace)
    other = await make.location()
    stranger = staff_who(await make.staff("hub_manager", other.id), {other.id}, "hub_manager")
    with pytest.raises(Refused):
        await deciding_requests.approve(room_booking_ids=booked.booking_ids, by=stranger)


async def test_a_missing_date_is_offered_once_when_the_clash_goes_and_then_filled(room, grace, maya):
    other = await make.organisation()
    who = partner_who(await make.booker(other), other)
    blocking = await booking_rooms.book(ask(room, who, date(2027, 1, 19)), by=who)
    booked = await series(room, grace)
    assert booked.missing == (date(2027, 1, 19),)
    missing = await RoomBooking.get(state="missing")
    assert await filling_dates.offer_free_dates() == 0
    with pytest.raises(Refused):
        await filling_dates.fill(room_booking_id=missing.id, by=grace, as_partner=True)
    await cancelling_rooms.cancel(room_booking_id=blocking.booking_ids[0], scope="this", by=maya)
    assert (await filling_dates.offer_free_dates(), await filling_dates.offer_free_dates()) == (1, 0)
    line = await filling_dates.fill(room_booking_id=missing.id, by=grace, as_partner=True)
    assert line.state == "free" and await RoomHold.all().count() == 4
    with pytest.raises(Refused) as refused:
        await filling_dates.fill(room_booking_id=missing.id, by=grace, as_partner=True)
    assert refused.value.rules == {"not missing"}


async def another(room, **values):
    """Another room of the same place that partners may book."""
    return await make.room(await room.location, **{"is_partner_bookable": True, "capacity": 20} | values)


async def test_the_notice_of_the_room_that_is_given_up_counts_and_not_that_of_the_new_one(room, grace):
    lenient = await another(room, notice_hours=0)
    booked = await series(room, grace)
    with time_machine.travel("2027-01-11 15:00+00:00", tick=False), pytest.raises(Refused) as refused:
        await changing_rooms.change(
            room_booking_id=booked.booking_ids[0],
            scope="this",
            wish=Wish(room_id=lenient.id, day=date(2027, 1, 20)),
            by=grace,
            as_partner=True,
        )
    assert refused.value.rules == {"notice"}


async def test_a_date_that_moves_to_another_room_costs_what_that_room_costs(room, grace, maya):
    dear = await another(room, rate_pence=2500)
    booked = await booking_rooms.book(ask(room, grace), by=grace)
    asked = {"room_booking_id": booked.booking_ids[0], "scope": "this"}
    await changing_rooms.change(**asked, wish=Wish(room_id=dear.id), by=maya)
    assert (await RoomBooking.get(id=booked.booking_ids[0])).rate_pence == 2500
    await Organisation.filter(id=grace.organisation_ids[0]).update(rate_pence=700)
    await changing_rooms.change(**asked, wish=Wish(room_id=room.id), by=maya)
    assert (await RoomBooking.get(id=booked.booking_ids[0])).rate_pence == 700


async def test_what_moves_into_another_term_frees_nothing_of_that_ones_allowance(room, grace):
    await Organisation.filter(id=grace.organisation_ids[0]).update(minutes_per_term=120)
    spring = await booking_rooms.book(ask(room, grace), by=grace)
    summer = await booking_rooms.book(ask(room, grace, date(2027, 5, 11)), by=grace)
    assert (spring.state, summer.state) == ("confirmed", "confirmed")
    seen = await changing_rooms.preview_change(
        room_booking_id=spring.booking_ids[0], scope="this", wish=Wish(day=date(2027, 5, 13)), by=grace, as_partner=True
    )
    assert [problem.rule for problem in seen.lines[0].problems] == ["allowance"]


async def test_a_date_that_clashes_keeps_its_share_of_the_allowance(room, grace):
    booked = await series(room, grace, weeks=2)
    await Organisation.filter(id=grace.organisation_ids[0]).update(minutes_per_term=300)
    other = await make.organisation()
    who = partner_who(await make.booker(other), other)
    await booking_rooms.book(ask(room, who, TUESDAY, "13:00", "14:00"), by=who)
    seen = await changing_rooms.preview_change(
        room_booking_id=booked.booking_ids[0], scope="all", wish=Wish(end="14:00"), by=grace, as_partner=True
    )
    assert [line.state for line in seen.lines] == ["clash", "request"]


async def test_what_was_kept_in_a_closed_room_may_become_shorter(room, grace, maya):
    booked = await booking_rooms.book(ask(room, grace), by=grace)
    day = clock.at(TUESDAY, "00:00"), clock.at(date(2027, 1, 13), "00:00")
    await closing.shut(location_id=room.location_id, room_id=room.id, spans=[day], reason="Paint", leaves=[room.id])
    await changing_rooms.change(room_booking_id=booked.booking_ids[0], scope="this", wish=Wish(end="11:00"), by=maya)
    held = await RoomHold.filter(room_id=room.id).order_by("starts_at").values_list("starts_at", "ends_at")
    times = [f"{clock.local(instant):%H:%M}" for span in held for instant in span]
    assert times == ["00:00", "10:00", "10:00", "11:00", "11:00", "00:00"]


async def test_a_keyholder_of_another_place_opens_nothing_here(room, grace, maya):
    """Neither one named from the start, nor one whose place the booking leaves, nor one who gave the keys back."""
    elsewhere = await make.location()
    await make.opening_hours(elsewhere)
    far = await make.room(elsewhere, is_partner_bookable=True, capacity=20)
    at_home = await Keyholder.create(location_id=room.location_id, name="Jo")
    wrong = await Keyholder.create(location_id=elsewhere.id, name="Ann")
    named = await evening(room, grace, wrong.id)
    moved = await evening(room, grace, at_home.id, date(2027, 1, 19))
    await changing_rooms.change(
        room_booking_id=moved.booking_ids[0], scope="this", wish=Wish(room_id=far.id), by=grace, as_partner=True
    )
    given_back = await evening(room, grace, at_home.id, date(2027, 1, 26))
    await Keyholder.filter(id=at_home.id).update(ended_at=clock.now())
    county = staff_who(await make.staff("county_admin"), set(), "county_admin")
    ids = [*named.booking_ids, *moved.booking_ids, *given_back.booking_ids]
    waiting = await requests_inbox.requests_for(county)
    assert len(waiting) == 3 and all(each.lacks_keyholder for each in waiting)
    decided = await deciding_requests.approve(room_booking_ids=ids, by=county)
    assert not decided.confirmed and {problem.rule for _, problem in decided.refused} == {"keyholder"}
    bob = await Keyholder.create(location_id=room.location_id, name="Bob")
    here = [*named.booking_ids, *given_back.booking_ids]
    decided = await deciding_requests.approve(room_booking_ids=here, by=county, keyholder_id=bob.id)
    assert set(decided.confirmed) == set(here)
    assert await RoomBooking.filter(id__in=here).values_list("keyholder_id", flat=True) == [bob.id, bob.id]


async def test_a_request_is_looked_at_again_for_what_has_ended_since(room, grace, maya):
    organisation_id = grace.organisation_ids[0]
    booked = await booking_rooms.book(ask(room, grace, start="18:00", end="20:00"), by=grace)
    key = await Keyholder.create(location_id=room.location_id, name="Jo")
    asked = {"room_booking_ids": booked.booking_ids, "by": maya, "keyholder_id": key.id}

    async def refused_for():
        decided = await deciding_requests.approve(**asked)
        assert not decided.confirmed
        return [problem.rule for _, problem in decided.refused]

    await Room.filter(id=room.id).update(valid_to_date=date(2027, 1, 11))
    assert await refused_for() == ["not in use"]
    await Room.filter(id=room.id).update(valid_to_date=None)
    await Organisation.filter(id=organisation_id).update(insurance_to_date=date(2027, 1, 11))
    assert await refused_for() == ["insurance"]
    await Organisation.filter(id=organisation_id).update(insurance_to_date=None, ended_at=clock.now())
    assert await refused_for() == ["agreement"]
    await Organisation.filter(id=organisation_id).update(ended_at=None)
    assert (await deciding_requests.approve(**asked)).confirmed == booked.booking_ids


async def test_a_partner_does_not_take_a_date_back_into_a_place_that_was_closed_meanwhile(room, grace, maya):
    booked = await booking_rooms.book(ask(room, grace), by=grace)
    ended = await cancelling_rooms.cancel(
        room_booking_id=booked.booking_ids[0], scope="this", by=grace, as_partner=True
    )
    with time_machine.travel("2027-01-04 09:05+00:00", tick=False):
        day = clock.at(TUESDAY, "00:00"), clock.at(date(2027, 1, 13), "00:00")
        await closing.shut(location_id=room.location_id, room_id=None, spans=[day], reason="Paint", leaves=[room.id])
        with pytest.raises(Refused) as refused:
            await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    assert refused.value.rules == {"room taken"}


async def test_a_partner_takes_back_what_was_kept_in_spite_of_a_closure(room, grace):
    booked = await booking_rooms.book(ask(room, grace), by=grace)
    day = clock.at(TUESDAY, "00:00"), clock.at(date(2027, 1, 13), "00:00")
    await closing.shut(location_id=room.location_id, room_id=None, spans=[day], reason="Paint", leaves=[room.id])
    with time_machine.travel("2027-01-04 09:05+00:00", tick=False):
        ended = await cancelling_rooms.cancel(
            room_booking_id=booked.booking_ids[0], scope="this", by=grace, as_partner=True
        )
        await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    assert await RoomHold.filter(room_booking_id=booked.booking_ids[0]).count() == 1


async def test_a_missing_date_that_is_filled_in_another_room_costs_what_that_room_costs(room, grace):
    dear = await another(room, rate_pence=2500)
    other = await make.organisation()
    who = partner_who(await make.booker(other), other)
    await booking_rooms.book(ask(room, who, date(2027, 1, 19)), by=who)
    await series(room, grace)
    missing = await RoomBooking.get(state="missing")
    await filling_dates.fill(room_booking_id=missing.id, by=grace, as_partner=True, room_id=dear.id)
    assert (await RoomBooking.get(id=missing.id)).rate_pence == 2500


async def test_staff_are_not_sent_to_pages_of_partners_for_missing_dates_of_their_own(room, grace, maya):
    blocking = await booking_rooms.book(ask(room, grace), by=grace)
    rule = Rule(1, "10:00", "12:00", TUESDAY, held_sessions=2)
    await booking_rooms.book(Ask(room.id, "10:00", "12:00", rule=rule, title="Team meeting"), by=maya)
    await cancelling_rooms.cancel(room_booking_id=blocking.booking_ids[0], scope="this", by=maya)
    assert await filling_dates.offer_free_dates() == 0
    assert await Message.filter(kind="room_date_free").count() == 0


async def test_dates_far_down_the_list_are_offered_too(room, grace, maya, monkeypatch):
    monkeypatch.setattr(filling_dates, "AT_ONCE", 2)
    other = await make.organisation()
    who = partner_who(await make.booker(other), other)
    blocking = await series(room, who)
    await series(room, grace, weeks=5)
    await cancelling_rooms.cancel(room_booking_id=blocking.booking_ids[3], scope="this", by=maya)
    assert await RoomBooking.filter(state="missing").count() == 4
    assert await filling_dates.offer_free_dates() == 1


async def test_who_gives_up_a_series_is_offered_none_of_its_missing_dates_and_undone_they_are_missing_again(
    room, grace, maya
):
    other = await make.organisation()
    who = partner_who(await make.booker(other), other)
    blocking = [await booking_rooms.book(ask(room, who, date(2027, 1, day)), by=who) for day in (12, 26)]
    booked = await series(room, grace)
    later = {"room_booking_id": booked.booking_ids[0], "scope": "later", "by": grace, "as_partner": True}
    ended = await cancelling_rooms.cancel(**later)
    for each in blocking:
        await cancelling_rooms.cancel(room_booking_id=each.booking_ids[0], scope="this", by=maya)
    assert await filling_dates.offer_free_dates() == 1  # the 12th comes before those that were given up
    await cancelling_rooms.undo_cancel(event_id=ended.event_id, by=grace, as_partner=True)
    assert await RoomBooking.filter(series_id=booked.series_id, state="missing").count() == 2
    assert await filling_dates.offer_free_dates() == 1


async def test_no_date_moves_into_what_another_of_the_series_keeps(room, grace):
    """The second date was moved to the afternoon of the first; both longer would meet, so both keep what they have."""
    rule = Rule(1, "10:00", "12:00", TUESDAY, held_sessions=3)
    moved = {date(2027, 1, 19): Choice("use", day=TUESDAY, start="12:00", end="14:00")}
    booked = await booking_rooms.book(replace(ask(room, grace), day=None, rule=rule, choices=moved), by=grace)
    done = await changing_rooms.change(
        room_booking_id=booked.booking_ids[0],
        scope="all",
        wish=Wish(end="13:00"),
        by=grace,
        as_partner=True,
        leave_clashing=True,
    )
    assert [line.state for line in done.lines] == ["clash", "clash", "free"]
    assert [clock.local(row.ends_at).hour for row in await RoomBooking.all().order_by("starts_at")] == [12, 14, 13]
