"""P5: of private uses of rooms, and of rooms in restricted places, nothing leaks but to staff of that very hub and to whom it is.

Every secret word holds MARK. The uses are of every kind and state; then every page about rooms is searched for MARK by everybody
who may not know: staff of another hub, county administrators, another partner, families.
"""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import clock, db
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.places import cancelling_rooms, changing_rooms
from booking.places.changing_rooms import Wish
from booking.places.models import Keyholder, RoomPart, RoomSeries
from booking.places.telling_partners import tell
from tests import make
from tests.places.who import staff_who
from tests.test_leaks import MARK, crawl, find_mark, leaks

WORDS = {
    "title": f"{MARK} clinic",
    "notes": f"{MARK} notes",
    "cost_code": f"{MARK}-1",
    "second_person": f"{MARK} Second",
}


@pytest.fixture
async def here(database):
    """Our hub, with a room that can be divided, and a refuge; private uses in the one, open ones in the other."""
    hub = await make.location(name="Ferndown", slug="ferndown")
    await make.opening_hours(hub, weekdays="0123456")
    hall, half, other = [
        await make.room(hub, name=name, is_partner_bookable=True) for name in ("Hall", "Half", "Other half")
    ]
    for part in (half, other):
        await RoomPart.create(whole=hall, part=part)
    refuge = await make.location(
        name=f"{MARK} House", hub_id=hub.id, hub_name=hub.name, kind="restricted", is_restricted=True,
        slug="private-cccccccccccc", address=f"{MARK} Street",
    )  # fmt: skip
    quiet_room = await make.room(refuge, name=f"{MARK} room", is_partner_bookable=True)
    await make.photo(quiet_room, words=f"{MARK} picture")
    keys = await Keyholder.create(location=refuge, name=f"{MARK} Keys", phone="+447700900998")
    partner = await make.organisation(name="Harbour Aid", minutes_per_term=6000)
    grace = await make.booker(partner, name="Olu Brightwell")
    found = SimpleNamespace(
        hub=hub, hall=hall, half=half, quiet_room=quiet_room, partner=partner, grace=grace, keys=keys,
        nadia=await make.staff("hub_manager", hub.id), day=clock.today() + timedelta(days=20),
    )  # fmt: skip
    await private_uses(found)
    return found


async def private_uses(here):
    mine = WORDS | {"is_private": True, "booked_by_id": here.grace.id}
    by = staff_who(here.nadia, {here.hub.id}, "hub_manager")
    day = here.day
    series = await RoomSeries.create(
        room=here.hall, organisation_id=here.partner.id, booked_by_id=here.grace.id, title=f"{MARK} clinic", weekday=day.weekday(),
        start_time="10:00", end_time="12:00", first_date=day, last_date=day + timedelta(days=21), created_at=clock.now(),
    )  # fmt: skip
    dates = [
        await make.room_booking(here.hall, here.partner, day=20 + 7 * n, series_id=series.id, **mine) for n in range(4)
    ]
    await make.room_booking(
        here.hall, here.partner, day=48, state="missing", series_id=series.id, why=f"{MARK} why", **mine
    )
    for n in (7, 14, 21):
        await make.room_booking(here.hall, here.partner, day=-n, series_id=series.id, use="unused", **mine)
    await make.room_booking(here.half, None, day=22, **mine)
    await make.room_booking(
        here.half,
        here.partner,
        day=23,
        state="requested",
        hold_until_at=clock.now() + timedelta(days=3),
        why=f"{MARK} why",
        **mine,
    )
    await make.room_booking(here.hall, here.partner, day=0, start="00:00", end="00:01", **mine)
    for day in (20, 24):
        await make.room_booking(
            here.quiet_room, here.partner, day=day, booked_by_id=here.grace.id, keyholder_id=here.keys.id, **WORDS
        )
    swap = await make.swap(await make.room(here.hub, name="Snug"), here.partner, reason=f"{MARK} reason")
    await db.execute(
        "UPDATE room_booking SET is_private = $2, title = $3 WHERE id = $1", swap.room_booking_id, True, MARK
    )
    await tell("room_confirmed", bookings=[each.id for each in dates])
    await changing_rooms.change(
        room_booking_id=dates[0].id, scope="this", wish=Wish(start="13:00", end="14:00"), by=by, why=f"{MARK} change"
    )
    await cancelling_rooms.cancel(room_booking_id=dates[1].id, scope="this", by=by, why=f"{MARK} cancelled")
    for kind, about in (("hub", here.hub), ("location", here.hub), ("room", here.hall)):
        for sees in ("all", "busy"):
            await FeedLink.create(
                kind=kind, about_id=about.id, sees=sees, token_hash=hash_of(f"{kind}-{sees}"), created_at=clock.now()
            )


def pages_of_rooms(here) -> list[str]:
    location = f"location={here.hub.id}"
    diaries = [
        f"/staff/diary?{which}&date={day}&view={view}&as={form}"
        for which in (location, f"hub={here.hub.id}")
        for day in (here.day, here.day + timedelta(days=2), here.day + timedelta(days=4))
        for view in ("day", "week")
        for form in ("", "table")
    ]
    first, last = here.day, here.day + timedelta(days=28)
    close = f"?first={first}&last={first}&all_day=yes&reason=repairs"
    when = f"date={here.day}&start=10:00&end=12:00"
    return [
        *diaries,
        f"/staff/places/{here.hub.id}", f"/staff/places/{here.hub.id}/close{close}", f"/staff/places/{here.hub.id}/doors?date={first}",
        f"/staff/rooms/{here.hall.id}", f"/staff/rooms/{here.hall.id}/divide?what=undivide",
        f"/staff/rooms/{here.half.id}/divide?what=divide&name=A&capacity=3&name-1=B&capacity-1=3",
        *(f"/staff/rooms/{here.hall.id}/door?date={here.day + timedelta(days=n)}" for n in range(5)),
        "/staff/rooms/requests", "/staff/rooms/use", "/staff/audit", f"/staff/audit?q={MARK}", "/outbox", f"/outbox?q={MARK}",
        f"/staff/rooms/find?{when}", f"/staff/rooms/find?{when}&place=county&repeat=weekly&until={last}",
        f"/staff/plan/find?sent=1&minutes=60&sessions=2&people=2&first={first + timedelta(days=1)}&weekday={first.weekday()}",
        f"/staff/plan/find?sent=1&minutes=60&sessions=1&people=2&first={first}&weekday={first.weekday()}&location=county",
        f"/staff/rooms/book?room={here.hall.id}&{when}", "/staff/feeds", "/staff/places", f"/staff/places?q={MARK}",
        "/staff/partners", f"/staff/partners?q={MARK}", f"/staff/partners/{here.partner.id}",
        f"/staff/partners/{here.partner.id}/statement?month={first:%Y-%m}",
        f"/staff/partners/{here.partner.id}/statement.csv?month={first:%Y-%m}",
    ]  # fmt: skip


def without_echo(seen):
    """What was looked for stands in the form again, in the words of what is filtered, and in the addresses of other views."""
    echo = "|".join((f'value="{MARK}"', f"q={MARK}", f"“{MARK}”"))
    return {path: answer for path, answer in seen.items() if f"q={MARK}" not in path} | {
        path: SimpleNamespace(text=re.sub(echo, "", answer.text), headers={})
        for path, answer in seen.items()
        if f"q={MARK}" in path and "next=" not in path
    }


async def test_the_marks_are_there_for_whom_they_are(client, here):
    """Else the other tests would prove nothing."""
    await make.sign_in_staff(client, here.nadia)
    marked = {path for path in pages_of_rooms(here) if find_mark((await client.get(path)).text)}
    assert len(marked) > 25
    for path in ("/staff/rooms/requests", "/staff/rooms/use", "/outbox", f"/staff/partners/{here.partner.id}"):
        assert path in marked
    client.cookies.clear()
    await make.sign_in_partner(client, here.grace)
    assert find_mark((await client.get("/partner")).text)


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager", "county_admin"])
async def test_no_page_of_other_staff_names_them(client, here, kind):
    elsewhere = await make.location()
    await make.room(elsewhere)
    await make.sign_in_staff(client, await make.staff(kind, None if kind == "county_admin" else elsewhere.id))
    seen = await crawl(client, pages_of_rooms(here), most=110)
    assert all(answer.status_code < 500 for answer in seen.values())
    assert not leaks(without_echo(seen))
    ids = {str(row["id"]) for row in await db.rows("SELECT id FROM room_booking WHERE is_private = $1", True)}
    said = [path for path, answer in seen.items() if any(id in answer.text for id in ids) and "/close" not in path]
    assert not said
    assert not [id for id in ids if (await client.get(f"/staff/rooms/bookings/{id}")).status_code != 404]
    for path in (
        path for path in seen if path.startswith(("/staff/diary", "/staff/rooms/requests", "/staff/rooms/use"))
    ):
        assert "Harbour Aid" not in seen[path].text, path
    assert (await client.get(f"/rooms/{here.quiet_room.id}/photo")).status_code == 404


async def test_no_page_of_another_partner_or_of_families_names_them(client, here):
    when = f"date={here.day}&start=10:00&end=12:00&people=4"
    public = ["/hubs", "/places/ferndown", f"/rooms/{here.quiet_room.id}/photo"]
    feeds = [f"/feeds/{kind}-{sees}.ics" for kind in ("hub", "location", "room") for sees in ("all", "busy")]
    partners = [
        "/partner", f"/partner/find?{when}", f"/partner/find?{when}&repeat=weekly&until={here.day + timedelta(days=28)}",
        f"/partner/reserve?room={here.hall.id}&{when}", f"/partner/reserve?room={here.half.id}&{when}&repeat=weekly&term=dates",
        f"/partner/reserve?room={here.quiet_room.id}&{when}", f"/partner/statement?month={here.day:%Y-%m}",
        f"/partner/statement.csv?month={here.day:%Y-%m}", "/partner/calendar", *(f"/feeds/room-{sees}.ifb" for sees in ("all", "busy")),
    ]  # fmt: skip
    await make.sign_in_partner(client, await make.booker())
    seen = await crawl(client, [*partners, *feeds, *public], most=60)
    assert all(answer.status_code < 500 for answer in seen.values())
    assert not leaks(seen)
    for path, answer in seen.items():
        assert "Harbour Aid" not in answer.text and "Olu Brightwell" not in answer.text, path
