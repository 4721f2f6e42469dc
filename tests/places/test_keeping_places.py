"""Staff keep places, hours, rooms and pictures: what is saved, what is refused, what bookings to come it would break."""

from datetime import date, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.audit import AuditEvent
from booking.places import keeping_hours, keeping_places, keeping_rooms, room_photos
from booking.places.models import Location, OpeningHours, Room, RoomBooking, RoomHold, RoomPhoto, SpecialOpening
from booking.places.new_rules import PRIVATE, Rules, Use, WouldBreak, newly_broken, path_of, to_come, why_broken
from booking.places.opening import Opening, Special
from booking.problems import Refused
from tests import make
from tests.places.keeping_calls import HALL, HOURS, PNG, SPECIAL, new_room, typed_place, typed_room
from tests.staff.conftest import who_is

MONDAY = date(2027, 1, 11)


@pytest.fixture(autouse=True)
def at_new_year():
    with time_machine.travel("2027-01-05 09:00:00Z", tick=False):
        yield


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Centre", hub_name="Ferndown Family Hub")


@pytest.fixture
async def manager(hub):
    return who_is(await make.staff("hub_manager", hub.id), kind="hub_manager", hubs={hub.id})


async def booked(room, day=MONDAY, start="10:00", end="11:30", **values):
    starts_at, ends_at = clock.at(day, start), clock.at(day, end)
    values = {"kind": "partner", "title": "Baby clinic"} | values
    booking = await RoomBooking.create(room=room, starts_at=starts_at, ends_at=ends_at, **values)
    await RoomHold.create(room_booking=booking, room=room, starts_at=starts_at, ends_at=ends_at)
    return booking


async def last_event(verb) -> AuditEvent:
    return await AuditEvent.filter(verb=verb).order_by("-id").first()


# Locations


async def test_a_new_place_belongs_to_its_hub_and_stands_where_its_postcode_is(hub, manager):
    await make.Postcode.create(postcode="BH229TH", lat=50.8, lon=-1.9)
    id = await keeping_places.add_location(typed=HALL | {"needs_two": "yes"}, hub_id=hub.id, by=manager)
    place = await Location.get(id=id)
    assert (place.hub_id, place.hub_name, place.area) == (hub.id, "Ferndown Family Hub", "Dorset")
    assert (place.slug, place.code, place.lat, place.lon) == ("village-hall", "own-village-hall", 50.8, -1.9)
    assert (await last_event("add place")).after["name"] == "Village hall"
    again = await keeping_places.add_location(typed=HALL, hub_id=hub.id, by=manager)
    assert (await Location.get(id=again)).slug == "village-hall-2"
    assert not (await Location.get(id=again)).needs_two


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "=cmd()"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"kind": "castle"}, "kind"),
        ({"postcode": "nowhere"}, "postcode"),
        ({"valid_from_date": "31/02/2027"}, "valid_from_date"),
        ({"valid_from_date": "2027-05-01", "valid_to_date": "2027-04-30"}, "valid_to_date"),
        ({"kind": "restricted"}, "address"),
        ({"kind": "hub"}, "area"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(hub, manager, typed, field):
    with pytest.raises(Refused) as refused:
        await keeping_places.add_location(typed=HALL | typed, hub_id=hub.id, by=manager)
    assert field in {problem.field for problem in refused.value.problems}
    assert await Location.all().count() == 1
    assert not await AuditEvent.filter(verb="add place").exists()


async def test_a_new_hub_is_its_own_and_a_place_without_a_hub_is_refused(manager):
    id = await keeping_places.add_location(typed=HALL | {"kind": "hub", "area": "Dorset"}, hub_id=None, by=manager)
    hub = await Location.get(id=id)
    assert (hub.hub_id, hub.hub_name) == (id, "Village hall")
    with pytest.raises(Refused, match="Choose the hub"):
        await keeping_places.add_location(typed=HALL, hub_id=None, by=manager)


async def test_a_restricted_place_has_no_name_in_its_address_and_the_trail_says_only_what_changed(hub, manager):
    secret = {"name": "Safe house", "kind": "restricted"}
    id = await keeping_places.add_location(typed=secret, hub_id=hub.id, by=manager)
    place = await Location.get(id=id)
    assert place.is_restricted and place.slug.startswith("private-") and place.postcode == ""
    await keeping_places.change_location(
        location_id=id, typed=await typed_place(id, directions="Ring twice"), by=manager
    )
    for event in await AuditEvent.filter(about_id=id):
        assert "Safe house" not in str([event.before, event.after]) and "Ring" not in str([event.before, event.after])
    assert (await last_event("change place")).after == {"changed": ["directions"]}
    admin = who_is(await make.staff("county_admin"), kind="county_admin")
    with pytest.raises(Refused, match="Only staff of the hub itself"):
        await keeping_places.add_location(typed=secret, hub_id=hub.id, by=admin)


@pytest.mark.parametrize(("kind", "wanted"), [("hub", "outreach"), ("restricted", "outreach"), ("outreach", "hub")])
async def test_a_hub_stays_a_hub_and_what_is_restricted_stays_restricted(hub, manager, kind, wanted):
    place = await make.location(kind=kind, hub_id=hub.id, is_restricted=kind == "restricted")
    with pytest.raises(Refused) as refused:
        await keeping_places.change_location(
            location_id=place.id, typed=await typed_place(place.id, kind=wanted, address="", postcode=""), by=manager
        )
    assert refused.value.rules == {"kind stays"}


async def test_only_what_changed_is_in_the_trail_and_nothing_where_nothing_did(hub, manager):
    same = await typed_place(hub.id)
    assert await keeping_places.change_location(location_id=hub.id, typed=same, by=manager) == []
    assert not await AuditEvent.filter(verb="change place").exists()
    typed = same | {"directions": "Round the back", "operator": "Town council"}
    changed = await keeping_places.change_location(location_id=hub.id, typed=typed, by=manager)
    assert changed == ["directions", "operator"]
    event = await last_event("change place")
    assert (event.before, event.after) == (
        {"operator": "", "directions": ""}, {"operator": "Town council", "directions": "Round the back"},
    )  # fmt: skip


async def test_another_postcode_moves_the_point_and_the_same_one_leaves_it(hub, manager):
    await make.Postcode.create(postcode="DT11AA", lat=50.7, lon=-2.4)
    await keeping_places.change_location(
        location_id=hub.id, typed=await typed_place(hub.id, operator="Council"), by=manager
    )
    assert (await Location.get(id=hub.id)).lat == 50.80182
    await keeping_places.change_location(
        location_id=hub.id, typed=await typed_place(hub.id, postcode="dt1 1aa"), by=manager
    )
    place = await Location.get(id=hub.id)
    assert (place.postcode, place.lat, place.lon) == ("DT1 1AA", 50.7, -2.4)


async def test_an_agreement_that_ends_shows_the_bookings_after_it_before_it_is_saved(hub, manager):
    room = await make.room(hub)
    await booked(room, date(2027, 3, 30))
    late = await booked(room, date(2027, 4, 6))
    typed = await typed_place(hub.id, valid_to_date="2027-03-31")
    with pytest.raises(WouldBreak) as would_break:
        await keeping_places.change_location(location_id=hub.id, typed=typed, by=manager)
    assert [each.use.id for each in would_break.value.broken] == [late.id]
    assert would_break.value.broken[0].why == "after 31 March 2027"
    assert (await Location.get(id=hub.id)).valid_to_date is None
    await keeping_places.change_location(location_id=hub.id, typed=typed, by=manager, is_sure=True)
    assert (await Location.get(id=hub.id)).valid_to_date == date(2027, 3, 31)


async def test_a_place_that_moves_to_another_hub_takes_what_is_held_there_along(hub, manager):
    place = await make.location(kind="outreach", hub_id=hub.id, hub_name="Ferndown Family Hub")
    session = await make.session(await make.run(location=place))
    other = await make.location(hub_name="Wimborne Family Hub")
    typed = await typed_place(place.id)
    changed = await keeping_places.change_location(location_id=place.id, typed=typed, by=manager, hub_id=other.id)
    assert changed == ["hub_id", "hub_name"]
    moved = await Location.get(id=place.id)
    assert (moved.hub_id, moved.hub_name) == (other.id, "Wimborne Family Hub")
    for table in ("run", "session"):
        assert await db.value(f"SELECT hub_id FROM {table} WHERE location_id = $1", place.id) == other.id
    assert session.hub_id == hub.id
    assert (await last_event("change place")).after["hub_id"] == str(other.id)


async def test_a_hub_does_not_move_and_nothing_moves_to_what_is_no_hub(hub, manager):
    hall = await make.location(kind="outreach", hub_id=hub.id)
    for place_id, to in ((hub.id, (await make.location()).id), (hall.id, hall.id), (hall.id, db.new_id())):
        await keeping_places.change_location(
            location_id=place_id, typed=await typed_place(place_id), by=manager, hub_id=to
        )
    assert {row.hub_id for row in await Location.filter(id__in=[hub.id, hall.id])} == {hub.id}


# Hours


async def test_usual_hours_are_set_as_a_whole(hub, manager):
    await make.opening_hours(hub)
    assert await keeping_hours.set_hours(location_id=hub.id, typed=HOURS, by=manager)
    there = sorted((row.weekday, row.opens, row.closes) for row in await OpeningHours.filter(location_id=hub.id))
    assert there == [(0, "09:00", "12:00"), (0, "13:00", "17:00"), (2, "10:00", "16:00")]
    assert (await last_event("change opening hours")).after["hours"][0] == "09:00-12:00; 13:00-17:00"
    assert not await keeping_hours.set_hours(location_id=hub.id, typed=HOURS, by=manager)


async def test_hours_that_cannot_be_are_refused_beside_their_day(hub, manager):
    with pytest.raises(Refused) as refused:
        await keeping_hours.set_hours(
            location_id=hub.id, typed={"hours-0": "17:00-09:00", "hours-3": "open"}, by=manager
        )
    assert [problem.field for problem in refused.value.problems] == ["hours-0", "hours-3"]
    assert not await OpeningHours.filter(location_id=hub.id).exists()


async def test_shorter_hours_show_the_bookings_outside_them_but_not_those_that_were_out_of_hours(hub, manager):
    await make.opening_hours(hub)
    room = await make.room(hub)
    late = await booked(room, start="16:00", end="17:00")
    await booked(room, start="18:00", end="19:00", is_out_of_hours=True)
    await booked(room, date(2027, 1, 12), "10:00", "11:00")
    shorter = {f"hours-{n}": "09:00-16:30" for n in range(5)}
    with pytest.raises(WouldBreak) as would_break:
        await keeping_hours.set_hours(location_id=hub.id, typed=shorter, by=manager)
    assert [(each.use.id, each.why) for each in would_break.value.broken] == [(late.id, "outside the opening hours")]
    assert (await OpeningHours.filter(location_id=hub.id).first()).closes == "17:00"
    assert await keeping_hours.set_hours(location_id=hub.id, typed=shorter, by=manager, is_sure=True)


async def test_a_special_opening_is_for_one_day_and_every_weekday_unless_said_otherwise(hub, manager):
    id = await keeping_hours.add_special(location_id=hub.id, typed=SPECIAL, by=manager)
    special = await SpecialOpening.get(id=id)
    assert (special.first_date, special.last_date, special.weekdays) == (MONDAY, MONDAY, "0123456")
    assert special.is_extra and special.reason == "hall hired"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first_date": ""}, "first_date"),
        ({"last_date": "2027-01-10"}, "last_date"),
        ({"last_date": "2037-01-10"}, "last_date"),
        ({"opens": "20:00", "closes": "17:00"}, "closes"),
        ({"closes": "25:00"}, "closes"),
        ({"reason": ""}, "reason"),
        ({"weekdays": "12"}, "weekdays"),
    ],
)
async def test_a_special_opening_that_cannot_be_is_refused(hub, manager, typed, field):
    with pytest.raises(Refused) as refused:
        await keeping_hours.add_special(location_id=hub.id, typed=SPECIAL | typed, by=manager)
    assert {problem.field for problem in refused.value.problems} == {field}
    assert not await SpecialOpening.all().exists()


async def test_hours_instead_of_the_usual_and_hours_taken_away_show_the_bookings_they_leave_outside(hub, manager):
    await make.opening_hours(hub)
    room = await make.room(hub)
    await booked(room, start="18:00", end="19:00")
    id = await keeping_hours.add_special(location_id=hub.id, typed=SPECIAL, by=manager)
    with pytest.raises(WouldBreak):
        await keeping_hours.remove_special(location_id=hub.id, special_id=id, by=manager)
    assert await SpecialOpening.filter(id=id).exists()
    await keeping_hours.remove_special(location_id=hub.id, special_id=id, by=manager, is_sure=True)
    with pytest.raises(Refused, match="not there any more"):
        await keeping_hours.remove_special(location_id=hub.id, special_id=id, by=manager)
    await booked(room, start="10:00", end="11:00")
    instead = SPECIAL | {"how": "instead"}
    with pytest.raises(WouldBreak, match="1 booking"):
        await keeping_hours.add_special(location_id=hub.id, typed=instead, by=manager)


async def test_the_special_opening_of_another_place_cannot_be_taken_away_here(hub, manager):
    id = await keeping_hours.add_special(location_id=(await make.location()).id, typed=SPECIAL, by=manager)
    with pytest.raises(Refused, match="not there any more"):
        await keeping_hours.remove_special(location_id=hub.id, special_id=id, by=manager)
    assert await SpecialOpening.filter(id=id).exists()


# Rooms


async def test_a_room_keeps_what_was_typed(hub, manager):
    typed = new_room(
        **{"layout-theatre": "40", "layout-floor": "15", "more_features": "piano; step-free", "setup_minutes": "15"},
        is_partner_bookable="yes", longest_hours="1.5", furthest_days="120", rate="12.50", approval="always", notes="Lock up",
        valid_to_date="2027-12-31", override_by="manager", notice_hours="48",
    )  # fmt: skip
    id = await keeping_rooms.add_room(
        location_id=hub.id, typed=typed, features=["projector", "step-free", "dragon"], by=manager
    )
    room = await Room.get(id=id)
    assert (room.capacity, room.layouts, room.setup_minutes) == (40, {"theatre": 40, "floor": 15}, 15)
    assert room.features == "step-free; projector; piano"
    assert (room.is_partner_bookable, room.approval, room.notice_hours) == (True, "always", 48)
    assert (room.longest_minutes, room.furthest_days, room.rate_pence) == (90, 120, 1250)
    assert (room.override_by, room.notes, room.valid_to_date) == ("manager", "Lock up", date(2027, 12, 31))
    shown = await typed_room(id)
    assert (shown["rate"], shown["longest_hours"], shown["more_features"]) == ("12.50", "1.5", "piano")
    assert shown["ticked"] == ["step-free", "projector"]
    changed = await keeping_rooms.change_room(room_id=id, typed=shown, features=shown["ticked"], by=manager)
    assert changed == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "BLUE room"}, "name"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"layout-theatre": "41"}, "layout-theatre"),
        ({"setup_minutes": "-5"}, "setup_minutes"),
        ({"clear_minutes": "300"}, "clear_minutes"),
        ({"rate": "12,50"}, "rate"),
        ({"longest_hours": "0"}, "longest_hours"),
        ({"more_features": "x" * 301}, "more_features"),
        ({"approval": "perhaps"}, "approval"),
        ({"valid_from_date": "2027-05-02", "valid_to_date": "2027-05-01"}, "valid_to_date"),
    ],
)
async def test_a_room_that_cannot_be_is_refused_beside_the_field(hub, manager, typed, field):
    await make.room(hub, name="Blue Room")
    with pytest.raises(Refused) as refused:
        await keeping_rooms.add_room(location_id=hub.id, typed=new_room(name="Other") | typed, features=[], by=manager)
    assert {problem.field for problem in refused.value.problems} == {field}
    assert await Room.all().count() == 1


async def test_other_minutes_leave_what_is_held_as_it_is(hub, manager):
    room = await make.room(hub)
    booking = await booked(room)
    typed = await typed_room(room.id, setup_minutes="30", clear_minutes="30")
    changed = await keeping_rooms.change_room(room_id=room.id, typed=typed, features=[], by=manager)
    assert changed == ["clear_minutes", "setup_minutes"]
    hold = await RoomHold.get(room_booking_id=booking.id)
    assert (hold.starts_at, hold.ends_at) == (booking.starts_at, booking.ends_at)


async def test_a_smaller_room_shows_the_bookings_that_are_too_many_for_it(hub, manager):
    room = await make.room(hub)
    many = await booked(room, people=30)
    await booked(room, MONDAY + timedelta(days=1), people=20)
    await booked(room, MONDAY + timedelta(days=2))
    await booked(room, date(2027, 1, 4), people=39)
    await booked(room, MONDAY + timedelta(days=3), people=35, state="cancelled")
    typed = await typed_room(room.id, capacity="25")
    with pytest.raises(WouldBreak) as would_break:
        await keeping_rooms.change_room(room_id=room.id, typed=typed, features=[], by=manager)
    [broken] = would_break.value.broken
    assert (broken.use.id, broken.why) == (many.id, "30 people, and there would be room for 25")
    assert (await Room.get(id=room.id)).capacity == 40
    await keeping_rooms.change_room(room_id=room.id, typed=typed, features=[], by=manager, is_sure=True)
    assert (await Room.get(id=room.id)).capacity == 25
    assert (await last_event("change room")).before == {"capacity": 40}


async def test_a_session_counts_with_its_places_and_has_its_own_page(hub, manager):
    room = await make.room(hub)
    session = await make.session(await make.run(location=hub, places=30, first_date=MONDAY))
    booking = await booked(room, kind="session")
    await db.execute("UPDATE session SET room_booking_id = $1 WHERE id = $2", booking.id, session.id)
    [use] = await to_come(for_who=manager, room_id=room.id)
    assert (use.people, path_of(use)) == (30, f"/staff/sessions/{session.id}")
    assert use.when == "Mon 11 Jan 2027, 10am to 11:30am"


async def test_a_private_booking_has_no_name_for_who_does_not_work_there(hub, manager):
    room = await make.room(hub)
    await booked(room, is_private=True, title="Domestic abuse helpline")
    admin = who_is(await make.staff("county_admin"), kind="county_admin")
    [seen] = await to_come(for_who=admin, location_id=hub.id)
    assert (seen.title, path_of(seen)) == (PRIVATE, "")
    [own] = await to_come(for_who=manager, location_id=hub.id)
    assert "helpline" in own.title


async def test_two_features_in_another_order_are_no_change(hub, manager):
    room = await make.room(hub, features="projector; step-free")
    typed = await typed_room(room.id)
    changed = await keeping_rooms.change_room(room_id=room.id, typed=typed, features=typed["ticked"], by=manager)
    assert changed == []


def use(**values):
    day = values.pop("day", MONDAY)
    start, end = values.pop("start", "10:00"), values.pop("end", "11:00")
    known = {"people": None, "layout": "", "is_out_of_hours": False} | values
    return Use(
        db.new_id(), None, "Hall", clock.at(day, start), clock.at(day, end),
        known["people"], known["layout"], known["is_out_of_hours"], "",
    )  # fmt: skip


OPEN = Opening({0: (("09:00", "12:00"), ("13:00", "17:00"))})


@pytest.mark.parametrize(
    ("of", "rules", "why"),
    [
        (use(), Rules(), ""),
        (use(), Rules(valid_from=MONDAY, valid_to=MONDAY), ""),
        (use(), Rules(valid_from=date(2027, 1, 12)), "before 12 January 2027"),
        (use(), Rules(valid_to=date(2027, 1, 10)), "after 10 January 2027"),
        (use(people=20), Rules(capacity=20), ""),
        (use(people=21), Rules(capacity=20), "21 people, and there would be room for 20"),
        (use(people=21, layout="theatre"), Rules(capacity=20, layouts={"theatre": 30}), ""),
        (use(people=16, layout="floor"), Rules(capacity=20, layouts={"floor": 15}), "16 people, and there would be room for 15"),
        (use(), Rules(opening=OPEN), ""),
        (use(start="09:00", end="12:00"), Rules(opening=OPEN), ""),
        (use(start="11:30", end="12:30"), Rules(opening=OPEN), "outside the opening hours"),
        (use(day=date(2027, 1, 12)), Rules(opening=OPEN), "outside the opening hours"),
        (use(start="18:00", end="19:00", is_out_of_hours=True), Rules(opening=OPEN), ""),
        (use(), Rules(opening=Opening()), ""),
        (use(start="18:00", end="19:00"), Rules(opening=Opening({}, specials=(Special(MONDAY, MONDAY, "18:00", "20:00"),))), ""),
        # the weeks of both clock changes: wall times
        (use(day=date(2027, 3, 29)), Rules(opening=OPEN), ""),
        (use(day=date(2027, 11, 1), start="16:00", end="17:00"), Rules(opening=OPEN), ""),
        (use(day=date(2027, 11, 1), start="16:00", end="17:01"), Rules(opening=OPEN), "outside the opening hours"),
    ],
)  # fmt: skip
def test_why_a_use_breaks_rules(of, rules, why):
    assert why_broken(of, rules) == why


def test_what_broke_the_rules_before_is_not_counted_again():
    some = [use(people=50), use(people=30)]
    assert [each.use for each in newly_broken(some, Rules(capacity=40), Rules(capacity=20))] == [some[1]]


# Pictures

JPEG = b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + b"\xff\xe1\x00\x08GPSxyz" + b"\xff\xda\x00\x02pixels"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<svg onload=alert(1)>", ""),
        (b"GIF89a", ""),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content, media_type):
    assert room_photos.media_type_of(content) == media_type


def test_where_a_picture_was_taken_is_cut_out_of_it():
    assert room_photos.without_place(JPEG) == b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + b"\xff\xda\x00\x02pixels"
    broken = b"\xff\xd8\xff\xe1\x00\x00"
    assert room_photos.without_place(broken) == broken


async def test_a_picture_is_put_replaced_and_taken_away(hub, manager):
    room = await make.room(hub)
    await room_photos.put_photo(room_id=room.id, content=PNG, words="A bright hall", by=manager)
    await room_photos.put_photo(room_id=room.id, content=JPEG, words="The hall at night", by=manager)
    await room_photos.put_photo(room_id=room.id, content=b"", words="The hall in the evening", by=manager)
    photo = await RoomPhoto.get(room_id=room.id)
    assert (photo.media_type, photo.words) == ("image/jpeg", "The hall in the evening")
    assert b"GPS" not in bytes(photo.content)
    await room_photos.remove_photo(room_id=room.id, by=manager)
    await room_photos.remove_photo(room_id=room.id, by=manager)
    assert not await RoomPhoto.all().exists()
    assert await AuditEvent.filter(verb="remove room photo").count() == 1


@pytest.mark.parametrize(
    ("content", "words", "rules"),
    [
        (b"", "A hall", {"missing"}),
        (PNG, "", {"missing"}),
        (b"<svg>", "A hall", {"kind"}),
        (PNG + b"x" * room_photos.LARGEST, "A hall", {"size"}),
    ],
)
async def test_what_is_no_picture_or_too_large_or_has_no_words_is_refused(hub, manager, content, words, rules):
    room = await make.room(hub)
    with pytest.raises(Refused) as refused:
        await room_photos.put_photo(room_id=room.id, content=content, words=words, by=manager)
    assert refused.value.rules == rules
    assert not await RoomPhoto.all().exists()
