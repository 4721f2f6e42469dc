"""Booking a room for a date or a series: what is seen before, what is saved, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.places import booking_rooms
from booking.places.asking import Ask, Choice
from booking.places.models import Keyholder, RoomBooking, RoomHold, RoomPart, RoomSeries
from booking.places.recurrence import Rule
from booking.problems import Refused
from tests import make
from tests.places.who import partner_who, staff_who

pytestmark = pytest.mark.anyio
TUESDAY = date(2027, 1, 12)


@pytest.fixture
async def here(database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        at = await make.location()
        await make.opening_hours(at)
        for part, kind, first, last in [
            ("spring", "term", "2027-01-04", "2027-02-12"),
            ("spring", "half_term", "2027-02-15", "2027-02-19"),
            ("spring", "term", "2027-02-22", "2027-03-25"),
        ]:
            await make.TermDate.create(
                area="Dorset", academic_year="2026-27", part=part, kind=kind,
                start_date=date.fromisoformat(first), end_date=date.fromisoformat(last),
            )  # fmt: skip
        room = await make.room(at, is_partner_bookable=True, setup_minutes=15, clear_minutes=15, capacity=20)
        yield room


@pytest.fixture
async def grace(here):
    organisation = await make.organisation()
    return partner_who(await make.booker(organisation), organisation)


def once(room, who, **values) -> Ask:
    ask = Ask(room.id, "10:00", "12:00", day=TUESDAY, as_partner=True, organisation_id=who.organisation_ids[0])
    return replace(ask, title="Baby clinic", people=8, **values)


def term_of_tuesdays(room, who, **values) -> Ask:
    rule = Rule(1, "10:00", "12:00", TUESDAY, last_date=date(2027, 3, 23), term_time_only=True)
    return replace(once(room, who), day=None, rule=rule, **values)


async def test_one_date_is_booked_and_holds_set_up_and_clearing_too(here, grace):
    booked = await booking_rooms.book(once(here, grace), by=grace)
    assert booked.state == "confirmed" and booked.series_id is None
    hold = await RoomHold.get()
    assert (clock.local(hold.starts_at).strftime("%H:%M"), clock.local(hold.ends_at).strftime("%H:%M")) == (
        "09:45",
        "12:15",
    )


async def test_a_term_of_tuesdays_skips_half_term_and_keeps_a_clash_as_missing(here, grace):
    other = await make.organisation()
    await booking_rooms.book(
        replace(once(here, grace), day=date(2027, 2, 2)), by=partner_who(await make.booker(other), other)
    )
    seen = await booking_rooms.preview(term_of_tuesdays(here, grace), by=grace)
    states = {line.day: line.state for line in seen.lines}
    assert states[date(2027, 2, 16)] == "skipped" and states[date(2027, 2, 2)] == "clash"
    assert await RoomSeries.all().count() == 0
    booked = await booking_rooms.book(term_of_tuesdays(here, grace), by=grace)
    assert booked.missing == (date(2027, 2, 2),) and booked.skipped == (date(2027, 2, 16),)
    assert await RoomBooking.filter(series_id=booked.series_id, state="confirmed").count() == 9
    skipped = await RoomBooking.get(series_id=booked.series_id, state="skipped")
    assert skipped.why == "Half term"


async def test_ten_oclock_stays_ten_oclock_when_the_clocks_change(here, grace):
    rule = Rule(1, "10:00", "12:00", date(2027, 3, 23), last_date=date(2027, 3, 30))
    booked = await booking_rooms.book(replace(once(here, grace), day=None, rule=rule), by=grace)
    starts = [(await RoomBooking.get(id=each)).starts_at for each in booked.booking_ids]
    assert [clock.local(each).strftime("%H:%M") for each in starts] == ["10:00", "10:00"]
    assert [each.strftime("%H:%M") for each in starts] == ["10:00", "09:00"]


async def test_touching_bookings_are_no_clash(here, grace):
    await booking_rooms.book(once(here, grace), by=grace)
    after = replace(once(here, grace), start="12:30", end="13:30")
    assert (await booking_rooms.book(after, by=grace)).state == "confirmed"
    with pytest.raises(Refused) as refused:
        await booking_rooms.book(replace(after, start="13:45", end="14:30"), by=grace)
    assert refused.value.rules == {"room taken"}


async def test_booking_the_hall_takes_both_halves_and_a_half_takes_part_of_the_hall(here, grace):
    north, south = await make.room(await here.location, is_partner_bookable=True), await make.room(await here.location)
    for part in (north, south):
        await RoomPart.create(whole=here, part=part)
    await booking_rooms.book(once(here, grace), by=grace)
    assert {hold.room_id for hold in await RoomHold.all()} == {north.id, south.id}
    with pytest.raises(Refused):
        await booking_rooms.book(once(north, grace), by=grace)


async def test_out_of_hours_is_a_request_that_holds_the_room(here, grace):
    evening = replace(once(here, grace), start="18:00", end="20:00")
    booked = await booking_rooms.book(evening, by=grace)
    row = await RoomBooking.get(id=booked.booking_ids[0])
    assert (booked.state, row.state, row.is_out_of_hours) == ("requested", "requested", True)
    assert row.hold_until_at == clock.now() + timedelta(days=7) and await RoomHold.all().count() == 1


async def test_a_request_that_was_held_long_enough_makes_way(here, grace):
    evening = replace(
        once(
            here,
            grace,
        ),
        start="18:00",
        end="20:00",
        day=date(2027, 3, 2),
    )
    await booking_rooms.book(evening, by=grace)
    with time_machine.travel("2027-01-12 09:00+00:00", tick=False):
        booked = await booking_rooms.book(evening, by=grace)
    assert await RoomHold.all().values_list("room_booking_id", flat=True) == list(booked.booking_ids)


async def test_staff_need_a_reason_and_a_keyholder_to_go_beyond_the_hours(here):
    member = staff_who(await make.staff("hub_staff", here.location_id), {here.location_id})
    evening = Ask(here.id, "18:00", "20:00", day=TUESDAY, title="Parents' evening")
    with pytest.raises(Refused) as refused:
        await booking_rooms.book(evening, by=member)
    assert refused.value.rules == {"opening hours", "keyholder"}
    key = await Keyholder.create(location_id=here.location_id, name="Jo")
    given = replace(evening, override="Agreed with the caretaker", keyholder_id=key.id, second_person="Ali")
    booked = await booking_rooms.book(given, by=member)
    assert (await RoomBooking.get(id=booked.booking_ids[0])).why == "Agreed with the caretaker"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"terms_accepted_at": None}, "terms"),
        ({"insurance_to_date": date(2027, 1, 11)}, "insurance"),
        ({"agreement_to_date": date(2027, 1, 11)}, "agreement"),
    ],
)
async def test_what_has_expired_stops_new_bookings(here, values, rule):
    organisation = await make.organisation(**values)
    who = partner_who(await make.booker(organisation), organisation)
    with pytest.raises(Refused) as refused:
        await booking_rooms.book(once(here, who), by=who)
    assert refused.value.rules == {rule} and await RoomBooking.all().count() == 0


async def test_a_date_that_was_seen_free_and_is_taken_meanwhile_saves_nothing(here, grace):
    ask = term_of_tuesdays(here, grace)
    seen = await booking_rooms.preview(ask, by=grace)
    agreed = [line.of for line in seen.lines if line.is_to_be_had]
    await booking_rooms.book(once(here, grace), by=grace)
    with pytest.raises(Refused) as refused:
        await booking_rooms.book(ask, by=grace, agreed=agreed)
    assert refused.value.rules == {"changed"} and await RoomSeries.all().count() == 0


async def test_a_way_out_is_taken_for_one_date(here, grace):
    await booking_rooms.book(once(here, grace), by=grace)
    choices = {TUESDAY: Choice("use", start="13:00", end="15:00"), date(2027, 1, 19): Choice("skip")}
    booked = await booking_rooms.book(term_of_tuesdays(here, grace, choices=choices), by=grace)
    assert booked.missing == () and date(2027, 1, 19) in booked.skipped
    first = await RoomBooking.get(id=booked.booking_ids[0])
    assert clock.local(first.starts_at).strftime("%H:%M") == "13:00"


async def test_the_same_way_out_cannot_be_taken_twice(here, grace):
    choices = {
        date(2027, 1, 19): Choice("use", day=date(2027, 1, 20)), date(2027, 1, 26): Choice("use", day=date(2027, 1, 20)),
    }  # fmt: skip
    seen = await booking_rooms.preview(term_of_tuesdays(here, grace, choices=choices), by=grace)
    assert [line.state for line in seen.lines[1:3]] == ["free", "clash"]


async def test_beyond_the_allowance_staff_decide(here):
    organisation = await make.organisation(minutes_per_term=5 * 60)
    who = partner_who(await make.booker(organisation), organisation)
    seen = await booking_rooms.preview(term_of_tuesdays(here, who), by=who)
    assert [line.state for line in seen.lines[:4]] == ["free", "free", "request", "request"]
    assert seen.minutes_left is not None and seen.minutes_left < 0


async def test_a_preview_costs_the_same_number_of_queries_for_any_number_of_dates(here, grace, monkeypatch):
    counted = []
    real = db.rows

    async def counting(sql, *parameters):
        counted.append(sql)
        return await real(sql, *parameters)

    monkeypatch.setattr(db, "rows", counting)
    await booking_rooms.preview(term_of_tuesdays(here, grace), by=grace)
    assert len(counted) <= 10


async def test_a_time_that_the_spring_night_turns_round_is_refused(here, grace):
    """01:30 is read as it would be before the clocks change, so it comes after 02:15."""
    staff = staff_who(await make.staff("hub_staff", here.location_id), {here.location_id})
    night = Ask(here.id, "01:30", "02:15", day=date(2027, 3, 28), override="Moonlight walk")
    for verb in (booking_rooms.preview, booking_rooms.book):
        with pytest.raises(Refused) as refused:
            await verb(night, by=staff)
        assert refused.value.rules == {"time"}


async def test_more_than_a_room_can_be_held_at_once_is_refused_in_words(here, grace):
    at = await make.location(name="Hall without hours")
    slow = await make.room(at, setup_minutes=120, clear_minutes=120)
    staff = staff_who(await make.staff("hub_staff", at.id), {at.id})
    with pytest.raises(Refused) as refused:
        await booking_rooms.book(Ask(slow.id, "00:00", "23:45", day=TUESDAY, override="All day"), by=staff)
    assert refused.value.rules == {"too long"}


async def test_a_managers_room_does_not_give_way_to_staff_as_a_way_out(here):
    strict = await make.room(await here.location, override_by="manager")
    rule = Rule(1, "18:00", "20:00", TUESDAY, held_sessions=2)
    key = await Keyholder.create(location_id=here.location_id, name="Jo")
    wanted = Ask(
        here.id, "18:00", "20:00", rule=rule, override="Open evening", keyholder_id=key.id, second_person="Ali",
        choices={TUESDAY: Choice("use", room_id=strict.id)},
    )  # fmt: skip
    staff = staff_who(await make.staff("hub_staff", here.location_id), {here.location_id})
    of_another_hub = replace(staff, managed_hubs=frozenset({db.new_id()}))
    for by in (staff, of_another_hub):
        seen = await booking_rooms.preview(wanted, by=by)
        assert [line.state for line in seen.lines] == ["clash", "free"]
    manager = staff_who(await make.staff("hub_manager", here.location_id), {here.location_id}, "hub_manager")
    seen = await booking_rooms.preview(wanted, by=manager)
    assert [line.state for line in seen.lines] == ["free", "free"]


async def test_a_request_that_nobody_decided_in_time_uses_no_allowance(here):
    organisation = await make.organisation(minutes_per_term=120)
    who = partner_who(await make.booker(organisation), organisation)
    asked = await booking_rooms.book(replace(once(here, who), start="18:00", end="20:00"), by=who)
    assert asked.state == "requested"
    with time_machine.travel("2027-01-13 09:00+00:00", tick=False):
        booked = await booking_rooms.book(replace(once(here, who), day=date(2027, 1, 19)), by=who)
    assert booked.state == "confirmed"
