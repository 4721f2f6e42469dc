"""What somebody types into the forms about rooms and partners is a problem or is shown as text: on every page, in mails, in
calendars and in spreadsheets."""

import csv
import io
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from icalendar import Calendar

from booking import clock, db
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.places.models import RoomBooking
from tests import make
from tests.hostile import SCRIPT, TEXTS
from tests.test_leaks import crawl

BOOK = "/staff/rooms/book"
RESERVE = "/partner/reserve"


@pytest.fixture
async def here(database):
    hub = await make.location(name="Ferndown")
    await make.opening_hours(hub, weekdays="0123456")
    room = await make.room(hub, is_partner_bookable=True)
    partner = await make.organisation()
    await FeedLink.create(kind="hub", about_id=hub.id, token_hash=hash_of("of-hub"), created_at=clock.now())
    return SimpleNamespace(
        hub=hub, room=room, other=await make.room(hub), partner=partner, grace=await make.booker(partner),
        manager=await make.staff("hub_manager", hub.id), day=clock.today() + timedelta(days=20),
    )  # fmt: skip


async def as_staff(client, here):
    client.cookies.clear()
    await make.sign_in_staff(client, here.manager)


async def as_partner(client, here):
    client.cookies.clear()
    await make.sign_in_partner(client, here.grace)


def is_clean(html: str) -> bool:
    return SCRIPT not in html and "<img src=x" not in html and 'onerror=alert(1)">' not in html


async def save(client, path, form):
    """Looks at the dates, then presses the button."""
    page = (await client.post(path, data=form | {"action": "preview"})).text
    names = ("form_token", "agreed", "seen")
    seen = {name: found[1] for name in names if (found := re.search(rf'name="{name}" value="([^"]*)"', page))}
    return await client.post(path, data=form | seen | {"action": "save"})


def asked(here, text, **values):
    return {
        "room": str(here.room.id), "repeat": "once", "date": here.day.isoformat(), "start": "10:00", "end": "12:00",
        "people": "8", "title": text, "notes": text, "cost_code": text, "second_person": text, "layout": text,
    } | values  # fmt: skip


async def check(client, paths: list[str], most: int) -> None:
    seen = await crawl(client, paths, most=most)
    assert not [path for path, answer in seen.items() if answer.status_code >= 500 or not is_clean(answer.text)]


def check_calendar(text: str) -> None:
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")) and "\n" not in text.replace("\r\n", "")
    parsed = Calendar.from_ical(text)
    assert parsed.walk("VEVENT") and not parsed.walk("VALARM")


async def check_messages() -> None:
    for row in await db.rows("SELECT subject, body, html, calendar FROM message"):
        assert is_clean(row["html"]) and "\n" not in row["subject"] and "\r" not in row["subject"]
        assert "\u202e" not in row["body"] + row["subject"]
        if row["calendar"]:
            check_calendar(row["calendar"])


@pytest.mark.parametrize("text", TEXTS)
async def test_what_a_partner_types(client, here, text):
    await as_partner(client, here)
    answer = await save(client, RESERVE, asked(here, text))
    assert answer.status_code in (303, 422) and is_clean(answer.text)
    if answer.status_code == 422:
        await make.room_booking(
            here.room, here.partner, title=text[:200].replace("\x00", ""), booked_by_id=here.grace.id
        )
    booking = await RoomBooking.get(organisation_id=here.partner.id)
    path = f"/partner/bookings/{booking.id}"
    for more, data in [
        ("/change", {"title": text, "notes": text, "people": text, "start": text, "end": text, "room": text, "scope": text}),
        ("/change", {"title": text, "notes": text, "start": "13:00", "end": "14:00", "room": str(here.room.id), "people": "8",
                     "day": here.day.isoformat(), "action": "save"}),
        ("/cancel", {"scope": text, "why": text}), ("/undo", {"event": text}), ("/fill", {"way": text}),
    ]:  # fmt: skip
        answer = await client.post(path + more, data=data)
        assert answer.status_code in (200, 303, 404, 422) and is_clean(answer.text), more
    for data in ({"sees": text, "words": "x"}, {"sees": "all", "words": text, "form_token": text}):
        assert (await client.post("/partner/calendar", data=data)).status_code in (303, 422)
    await RoomBooking.filter(id=booking.id).update(state="confirmed")
    month = f"?month={here.day:%Y-%m}"
    await check(client, ["/partner", path, f"/partner/statement{month}", "/partner/calendar", f"{path}/change"], 14)
    rows = list(csv.reader(io.StringIO((await client.get(f"/partner/statement.csv{month}")).text.lstrip("\ufeff"))))
    assert len(rows) == 2
    assert not [cell for cell in rows[1] if cell.lstrip().startswith(("=", "+", "-", "@"))]
    check_calendar((await client.get("/feeds/of-hub.ics")).text)
    await as_staff(client, here)
    day = f"location={here.hub.id}&date={here.day}"
    await check(
        client,
        [f"/staff/diary?{day}", f"/staff/diary?{day}&as=table", f"/staff/rooms/{here.room.id}/door?date={here.day}",
         "/staff/rooms/requests", f"/staff/rooms/bookings/{booking.id}", "/outbox", "/staff/audit",
         f"/staff/partners/{here.partner.id}", "/staff/rooms/use"],
        12,
    )  # fmt: skip
    await check_messages()


@pytest.mark.parametrize("text", TEXTS)
async def test_what_staff_type_about_bookings(client, here, text):
    await as_staff(client, here)
    form = asked(here, text, override=text, organisation=str(here.partner.id), is_private=text, keyholder=text)
    assert (await save(client, BOOK, form)).status_code in (303, 409, 422)
    assert (await save(client, BOOK, form | {"keyholder": ""})).status_code in (303, 409, 422)
    booking = await make.room_booking(here.room, here.partner, day=25, booked_by_id=here.grace.id)
    asking = await make.room_booking(here.other, here.partner, day=26, state="requested", booked_by_id=here.grace.id)
    path, here_is = f"/staff/rooms/bookings/{booking.id}", f"/staff/places/{here.hub.id}"
    day = (clock.today() + timedelta(days=25)).isoformat()
    for to, data in [
        (path, {"title": text, "second_person": text, "why": text, "scope": text, "people": text}),
        (path, {"title": text, "second_person": text, "why": text, "override": text}),
        (path, {"keyholder": text}), (path, {"room": text}), (path, {"start": text, "end": text, "date": text}),
        (f"{path}/swap", {"room": str(here.other.id), "title": text, "start": "10:00", "end": "12:00", "why": text}),
        (f"{path}/swap/decide", {"decision": text}), (f"{path}/cancel", {"scope": text, "why": text}), (f"{path}/undo", {}),
        ("/staff/rooms/requests", {"request": str(asking.id), "decision": "decline", "why": text}),
        ("/staff/rooms/requests", {"request": text, "decision": text, "why": text, "date": text, "keyholder": text}),
        ("/staff/rooms/use", {"booking": text, "use": text}),
        (f"{here_is}/keyholders", {"name": text, "phone": text, "organisation": text, "end": text}),
        (f"{here_is}/keyholders", {"name": text}),
        (f"{here_is}/close", {"first": text, "last": text, "reason": text, "words": text, "room": text, "also": text}),
        (f"{here_is}/close", {"first": day, "last": day, "all_day": "yes", "reason": "other", "words": text, "do": "look"}),
        (f"{here_is}/close", {"first": day, "last": day, "all_day": "yes", "reason": "other", "words": text}),
    ]:  # fmt: skip
        answer = await client.post(to, data=data)
        assert answer.status_code in (200, 303, 404, 409, 422) and is_clean(answer.text), (to, data)
    await check(client, [path, f"{here_is}/keyholders", f"{here_is}/close", "/staff/audit", "/outbox",
                         f"/staff/diary?location={here.hub.id}&date={day}", f"/places/{here.hub.slug}"], 8)  # fmt: skip
    await as_partner(client, here)
    await check(client, ["/partner", f"/partner/bookings/{booking.id}", f"/partner/bookings/{asking.id}"], 6)
    check_calendar((await client.get("/feeds/of-hub.ics")).text)
    await check_messages()


@pytest.mark.parametrize("text", TEXTS)
async def test_what_staff_type_about_places_and_partners(client, here, text):
    await as_staff(client, here)
    place, room = f"/staff/places/{here.hub.id}", f"/staff/rooms/{here.room.id}"
    of_place = dict.fromkeys(("name", "operator", "shared_with", "address", "directions", "access_notes"), text)
    of_room = {"name": text, "kind": "hall", "capacity": "20", "features": text, "notes": text}
    of_partner = dict.fromkeys(("name", "default_title", "cost_code", "notes"), text) | {"kind": "charity"}
    for to, data in [
        ("/staff/places/new", of_place | {"kind": "delivery_site", "hub_id": str(here.hub.id), "form_token": text}),
        (f"{place}/edit", of_place | {"kind": "hub"}), (f"{place}/edit", of_place | {"kind": text, "valid_to_date": text}),
        (f"{place}/rooms/new", of_room | {"form_token": text}), (f"{room}/edit", of_room), (f"{room}/edit", {"capacity": text}),
        (f"{place}/hours", dict.fromkeys((f"hours-{n}" for n in range(7)), text)),
        (f"{place}/hours", {"first_date": text, "opens": text, "closes": text, "reason": text}),
        (f"{room}/divide", {"what": "divide", "name": text, "capacity": "9", "name-1": "Other half", "capacity-1": text}),
        (f"{room}/divide", {"what": "divide", "name": text, "capacity": "9", "name-1": "Other half", "capacity-1": "9"}),
        (f"{room}/divide", {"what": "join", "part": str(here.other.id), "join-name": text, "join-capacity": "40"}),
        ("/staff/partners/new", of_partner | {"approval": "room", "form_token": text}),
        (f"/staff/partners/{here.partner.id}/change", of_partner | {"approval": text, "email": text, "rate_pounds": text}),
        (f"/staff/partners/{here.partner.id}/change", of_partner | {"approval": "room"}),
        (f"/staff/partners/{here.partner.id}/bookers", {"booker_name": text, "booker_email": "new@partner.example"}),
        (f"/staff/partners/{here.partner.id}/bookers", {"booker_name": "Ann Hall", "booker_email": text}),
        (f"/staff/partners/{here.partner.id}/bookers/remove", {"booker": text}),
        (f"/staff/partners/{here.partner.id}/end", {"why": text}),
        (f"/staff/feeds?kind=room&about={here.room.id}", {"sees": "all", "words": text, "form_token": text}),
    ]:  # fmt: skip
        answer = await client.post(to, data=data)
        assert answer.status_code in (200, 303, 404, 409, 422) and is_clean(answer.text), (to, data)
        assert answer.headers.get("location", "/").startswith("/")
    await make.room_booking(here.other, here.partner, booked_by_id=here.grace.id)
    await check(
        client,
        ["/staff/places", place, room, "/staff/partners?ended=yes", f"/staff/partners/{here.partner.id}", "/staff/audit",
         f"/staff/diary?hub={here.hub.id}", "/staff/rooms/find?people=2", "/staff/feeds", f"/places/{here.hub.slug}", "/hubs",
         "/staff/plan/find?sent=1&minutes=60&sessions=2&people=2&weekday=1"],
        14,
    )  # fmt: skip
    check_calendar((await client.get("/feeds/of-hub.ics")).text)
    await as_partner(client, here)
    await check(client, ["/partner", RESERVE, "/partner/find?people=2", "/partner/statement"], 5)
