"""Keys, no-shows and space to win back."""

from datetime import timedelta

import pytest

from booking import clock
from booking.audit import AuditEvent
from booking.places import using_rooms
from booking.places.models import Keyholder, RoomBooking, RoomSeries
from booking.problems import Refused
from tests import make
from tests.places.who import staff_who


@pytest.fixture
async def hub(database):
    return await make.location()


@pytest.fixture
async def maya(hub):
    return staff_who(await make.staff("hub_staff", hub.id), {hub.id})


@pytest.fixture
async def stranger(database):
    other = await make.location()
    return staff_who(await make.staff("hub_staff", other.id), {other.id})


async def partner_booking(hub, days: float = -1, **values):
    starts_at = clock.now() + timedelta(days=days)
    partner = values.pop("partner", None) or await make.organisation()
    room = values.pop("room", None) or await make.room(hub)
    return await RoomBooking.create(
        **{"room": room, "kind": "partner", "organisation_id": partner.id, "starts_at": starts_at,
           "ends_at": starts_at + timedelta(hours=1)} | values
    )  # fmt: skip


async def series(hub, uses, to_come=2):
    """A weekly series with these past uses, the oldest first, and so many dates to come."""
    room, partner = await make.room(hub), await make.organisation()
    today = clock.today()
    row = await RoomSeries.create(
        room=room, organisation_id=partner.id, weekday=today.weekday(), start_time="10:00", end_time="11:00",
        first_date=today - timedelta(weeks=len(uses)), last_date=today + timedelta(weeks=to_come), created_at=clock.now(),
    )  # fmt: skip
    for n, use in enumerate(reversed(uses), start=1):
        await partner_booking(hub, -7 * n, partner=partner, room=room, series=row, use=use)
    for n in range(1, to_come + 1):
        await partner_booking(hub, 7 * n, partner=partner, room=room, series=row)
    return row


async def test_a_keyholder_is_added_and_gives_the_keys_back(hub, maya):
    id = await using_rooms.add_keyholder(location_id=hub.id, name=" Ann  Hall ", phone="07700 900123", by=maya)
    (ann,) = await using_rooms.keyholders_of([hub.id])
    assert (ann["id"], ann["name"], ann["phone_words"]) == (id, "Ann Hall", "07700 900123")
    await using_rooms.end_keyholder(keyholder_id=id, by=maya)
    await using_rooms.end_keyholder(keyholder_id=id, by=maya)
    assert await using_rooms.keyholders_of([hub.id]) == []
    assert await AuditEvent.filter(hub_id=hub.id).values_list("verb", flat=True) == ["add keyholder", "end keyholder"]


@pytest.mark.parametrize(
    ("name", "phone", "rule"), [("", "", "missing"), ("Ann", "no number", "phone"), ("Bob", "", "known")]
)
async def test_a_keyholder_has_a_name_once_and_a_number_that_is_one(hub, maya, name, phone, rule):
    await using_rooms.add_keyholder(location_id=hub.id, name="Bob", by=maya)
    with pytest.raises(Refused) as refused:
        await using_rooms.add_keyholder(location_id=hub.id, name=name, phone=phone, by=maya)
    assert rule in refused.value.rules


async def test_a_partner_sees_the_hubs_keyholders_and_its_own(hub):
    ours, theirs = await make.organisation(), await make.organisation()
    for name, organisation in [("Ann", None), ("Ben", ours), ("Cleo", theirs)]:
        await Keyholder.create(location=hub, name=name, organisation_id=organisation.id if organisation else None)
    names = [each["name"] for each in await using_rooms.keyholders_of([hub.id], ours.id)]
    assert names == ["Ann", "Ben"]
    assert len(await using_rooms.keyholders_of([hub.id])) == 3


async def test_the_bookings_that_lose_their_keyholder_are_counted(hub):
    ann = await Keyholder.create(location=hub, name="Ann")
    await partner_booking(hub, 3, keyholder_id=ann.id)
    await partner_booking(hub, -3, keyholder_id=ann.id)
    assert await using_rooms.bookings_without_keys(ann.id) == 1


async def test_staff_say_whether_anybody_came_and_take_it_back(hub, maya):
    booking = await partner_booking(hub)
    for use in ("unused", "unused", ""):
        await using_rooms.mark_used(room_booking_id=booking.id, use=use, by=maya)
        assert (await RoomBooking.get(id=booking.id)).use == use
    assert await AuditEvent.filter(verb="mark room use").count() == 2


async def test_nobody_says_so_before_it_has_begun_or_at_another_hub(hub, maya, stranger):
    for booking, who, rule in [
        (await partner_booking(hub, 1), maya, "too early"),
        (await partner_booking(hub), stranger, "unknown"),
        (await partner_booking(hub, state="cancelled"), maya, "unknown"),
    ]:
        with pytest.raises(Refused) as refused:
            await using_rooms.mark_used(room_booking_id=booking.id, use="unused", by=who)
        assert refused.value.rules == {rule}


async def test_a_stranger_gives_no_keys_and_takes_none(hub, maya, stranger):
    id = await using_rooms.add_keyholder(location_id=hub.id, name="Ann", by=maya)
    for wrong in (
        using_rooms.add_keyholder(location_id=hub.id, name="Eve", by=stranger),
        using_rooms.end_keyholder(keyholder_id=id, by=stranger),
    ):
        with pytest.raises(Refused) as refused:
            await wrong
        assert refused.value.rules == {"unknown"}


async def test_lately_are_todays_and_yesterdays_that_have_begun(hub, maya, stranger):
    begun = await partner_booking(hub, -1 / 24 / 60)
    await partner_booking(hub, 1)
    await partner_booking(hub, -3)
    await partner_booking(hub, state="cancelled")
    assert [row["id"] for row in await using_rooms.lately(maya)] == [begun.id]
    assert await using_rooms.lately(stranger) == []


async def test_no_shows_are_counted_by_partner_of_the_times_that_somebody_looked(hub, maya, stranger):
    often, never = await make.organisation(name="Often away"), await make.organisation(name="Always there")
    for use in ("unused", "unused", "used", ""):
        await partner_booking(hub, -5, partner=often, use=use)
    await partner_booking(hub, -5, partner=never, use="used")
    (line,) = await using_rooms.no_shows(maya)
    assert (line.name, line.unused, line.looks) == ("Often away", 2, 3)
    assert await using_rooms.no_shows(stranger) == []


@pytest.mark.parametrize(
    ("uses", "times"),
    [
        (["unused", "unused", "unused"], 3),
        (["used", "unused", "unused", "unused", "unused"], 4),
        (["unused", "", "unused", "unused"], 3),  # nobody looked: it neither counts nor breaks the row
        (["unused", "unused"], 0),
        (["unused", "unused", "unused", "used"], 0),
        (["unused", "unused", "used", "unused"], 0),
    ],
)
async def test_three_times_running_unused_is_space_to_win_back(hub, maya, stranger, uses, times):
    await series(hub, uses)
    found = await using_rooms.to_win_back(maya)
    assert [each.times for each in found] == ([times] if times else [])
    assert [each.dates_to_come for each in found] == ([2] if times else [])
    assert await using_rooms.to_win_back(stranger) == []


async def test_a_series_without_dates_to_come_is_nothing_to_win(hub, maya):
    await series(hub, ["unused"] * 3, to_come=0)
    assert await using_rooms.to_win_back(maya) == []
