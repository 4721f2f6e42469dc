"""Calendars to subscribe to: what they say and to whom, how cheaply they say nothing new, and how an address ends."""

import time
from datetime import date, timedelta
from uuid import UUID, uuid4

import icalendar
import pytest

from booking import clock, db
from booking.audit import AuditEvent
from booking.messages import feed_calendar
from booking.messages.feed_calendar import Use
from booking.open_data import feeds
from booking.open_data.models import FeedLink
from booking.places.models import Closure, RoomBooking, RoomPart
from booking.problems import Refused
from tests import make
from tests.messages.expected_texts import check
from tests.messages.room_examples import booked, tuesdays
from tests.open_data.conftest import TUESDAY, link, session_use
from tests.places.who import partner_who, staff_who

pytestmark = pytest.mark.anyio
SECRETS = ("Secret talk", "Freedom", "Hidden")


async def read(client, token: str, **headers: str):
    return await client.get(f"/feeds/{token}.ics", headers=headers)


async def events(client, token: str) -> list:
    answer = await read(client, token)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/calendar")
    assert "\n" not in answer.text.replace("\r\n", "")
    return icalendar.Calendar.from_ical(answer.text).walk("VEVENT")


def titles(found: list) -> list[str]:
    return [str(event["SUMMARY"]) for event in found]


async def test_a_rooms_calendar_says_what_is_on(client, here):
    [event] = await events(client, await link("room", here.room.id))
    assert str(event["SUMMARY"]) == "Debt clinic (Citizens Advice)" and str(event["LOCATION"]) == "Blue room, Ferndown"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (clock.at(TUESDAY, "10:00"), clock.at(TUESDAY, "12:00"))
    assert str(event["STATUS"]) == "CONFIRMED"


async def test_each_kind_of_calendar_has_its_own(client, here):
    other = await make.location(name="Village hall", hub_id=here.hub.id)
    await booked(await make.room(other), TUESDAY, here.booker, organisation_id=here.partner.id, title="In the village")
    await booked(here.hall, TUESDAY, here.booker, title="Of nobody")
    await booked(await make.room(), TUESDAY, await make.booker(), title="Elsewhere")
    found = {
        kind: titles(await events(client, await link(kind, about)))
        for kind, about in [
            ("room", here.room.id), ("location", here.hub.id), ("hub", here.hub.id), ("partner", here.partner.id),
        ]
    }  # fmt: skip
    assert found["room"] == ["Debt clinic (Citizens Advice)"]
    assert sorted(found["location"]) == ["Debt clinic (Citizens Advice)", "Of nobody"]
    assert sorted(found["hub"]) == ["Debt clinic (Citizens Advice)", "In the village (Citizens Advice)", "Of nobody"]
    assert sorted(found["partner"]) == ["Debt clinic", "In the village"]


async def test_requests_are_tentative_and_what_was_cancelled_stays_as_cancelled(client, here):
    for state, day in [("requested", 13), ("cancelled", 14), ("displaced", 15), ("missing", 16), ("skipped", 17)]:
        await booked(here.room, date(2027, 1, day), here.booker, title=state, state=state)
    found = {
        str(event["SUMMARY"]): str(event["STATUS"]) for event in await events(client, await link("room", here.room.id))
    }
    assert found == {
        "Debt clinic (Citizens Advice)": "CONFIRMED",
        "Asked for: requested": "TENTATIVE",
        "cancelled": "CANCELLED",
        "displaced": "CANCELLED",
    }


async def test_sessions_and_closures_have_the_words_for_the_public(client, here):
    open_run = await make.run(location=here.hub, title="Stay and play", first_date=TUESDAY)
    await session_use(here.hall, open_run, TUESDAY)
    unlisted = await make.run(location=here.hub, title="For invited families", first_date=TUESDAY)
    await session_use(here.hall, unlisted, date(2027, 1, 13), is_listed=False)
    closure = await Closure.create(
        location=here.hub, starts_at=clock.at(date(2027, 1, 15), "09:00"), ends_at=clock.at(date(2027, 1, 15), "17:00"), reason="Election",
    )  # fmt: skip
    await RoomBooking.create(
        room=here.hall, kind="closure", closure=closure, starts_at=closure.starts_at, ends_at=closure.ends_at
    )
    found = titles(await events(client, await link("room", here.hall.id)))
    assert found == ["Stay and play", "Private booking", "Closed: Election"]


async def test_a_hall_shows_what_takes_its_parts_and_a_part_what_takes_the_hall(client, here):
    half, other_half = await make.room(here.hub, name="West"), await make.room(here.hub, name="East")
    for part in (half, other_half):
        await RoomPart.create(whole=here.hall, part=part)
    await booked(here.hall, TUESDAY, here.booker, title="All of it")
    await booked(half, date(2027, 1, 13), here.booker, title="West only")
    assert titles(await events(client, await link("room", here.hall.id))) == ["All of it", "West only"]
    assert titles(await events(client, await link("room", other_half.id))) == ["All of it"]


@pytest.mark.parametrize("kind", ["room", "location", "hub", "partner"])
@pytest.mark.parametrize("sees", ["all", "busy"])
async def test_no_feed_tells_what_is_private_or_restricted(client, here, secrets_here, kind, sees):
    about = {
        "room": [here.hall.id, secrets_here.room.id], "location": [here.hub.id, secrets_here.refuge.id],
        "hub": [here.hub.id], "partner": [here.partner.id],
    }  # fmt: skip
    for about_id in about[kind]:
        token = await link(kind, about_id, sees)
        text = (await read(client, token)).text
        assert not [secret for secret in SECRETS if secret in text]
        hidden = [event for event in await events(client, token) if str(event.get("CLASS", "")) == "PRIVATE"]
        assert hidden and all("LOCATION" not in event and "DESCRIPTION" not in event for event in hidden)
        assert set(titles(hidden)) == {"Private booking" if sees == "all" else "Booked"}


async def test_the_calendar_and_the_times_of_a_room_are_as_stored(client, here):
    days = [date(2027, 3, 27), date(2027, 3, 29), date(2027, 10, 30), date(2027, 11, 1)]
    for number, (day, state) in enumerate(zip(days, ["confirmed", "requested", "cancelled", "confirmed"], strict=True)):
        await booked(
            here.hall, day, here.booker, id=UUID(int=number), organisation_id=here.partner.id, title="Debt clinic",
            state=state, is_private=number == 3,
        )  # fmt: skip
    await FeedLink.create(
        id=UUID(int=30), kind="room", about_id=here.hall.id, token_hash=feeds.hash_of("room"), created_at=clock.now()
    )  # fmt: skip
    check("feed_room.ics", (await read(client, "room")).text)
    check("free_busy.ifb", (await client.get("/feeds/room.ifb")).text)


async def test_busy_links_say_booked_for_everything(client, here):
    await booked(here.room, date(2027, 1, 13), here.booker, title="Weigh-in", state="requested")
    token = await link("location", here.hub.id, "busy")
    assert set(titles(await events(client, token))) == {"Booked"}
    assert "Citizens" not in (await read(client, token)).text


async def test_nothing_of_ours_is_in_the_ids(client, here, secrets_here):
    ids = [str(row["id"]) for row in await db.rows("SELECT id FROM room_booking UNION SELECT id FROM session")]
    first, second = [(await read(client, await link("hub", here.hub.id))).text for _ in range(2)]
    assert not [each for each in ids if each in first]
    assert [line for line in first.splitlines() if line.startswith("UID")] != [
        line for line in second.splitlines() if line.startswith("UID")
    ]


async def test_it_reaches_from_thirty_days_back_to_four_hundred_ahead(client, here):
    today = clock.today()
    for days, title in [(-31, "too old"), (-30, "just in"), (399, "just ahead"), (400, "too far")]:
        await booked(here.hall, today + timedelta(days=days), here.booker, title=title)
    assert titles(await events(client, await link("room", here.hall.id))) == ["just in", "just ahead"]


async def test_an_empty_calendar_is_still_a_calendar(client, here):
    answer = await read(client, await link("room", here.hall.id))
    assert answer.text.count("BEGIN:VTIMEZONE") == 1 and "NAME:Hall\\, Ferndown" in answer.text


@pytest.fixture
def queries(monkeypatch):
    """Every statement that is run."""
    run, found = db.rows, []

    async def counting(sql, *parameters):
        found.append(sql)
        return await run(sql, *parameters)

    monkeypatch.setattr(db, "rows", counting)
    return found


async def test_asking_again_costs_two_queries_and_no_calendar(client, here, queries):
    token = await link("hub", here.hub.id)
    first = await read(client, token)
    queries.clear()
    again = await read(client, token, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, len(queries)) == (304, b"", 2)
    since = await read(client, token, **{"If-Modified-Since": first.headers["last-modified"]})
    assert since.status_code == 304
    for answer in (first, again):
        assert "private" in answer.headers["cache-control"] and "no-cache" in answer.headers["cache-control"]
        assert answer.headers["x-robots-tag"] == "noindex" and answer.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE room_booking SET title = 'Another'",
        "UPDATE room_booking SET state = 'cancelled'",
        "UPDATE room SET name = 'Red room'",
        "UPDATE organisation SET name = 'CA'",
    ],
)
async def test_whatever_changes_is_told_at_once(client, here, change):
    token = await link("room", here.room.id)
    first = await read(client, token)
    here.travelled.shift(60)
    await db.execute(change)
    headers = {"If-None-Match": first.headers["etag"]}
    again = await read(client, token, **headers)
    assert again.status_code == 200 and again.headers["last-modified"] != first.headers["last-modified"]
    assert (await read(client, token, **{"If-Modified-Since": first.headers["last-modified"]})).status_code == 200


async def test_strangers_find_nothing(client, here):
    token = await link("room", here.room.id)
    for guess in (token[:-1], token + "x", token.upper(), str(here.room.id), "%25", "x" * 300):
        for ending in ("ics", "ifb"):
            assert (await client.get(f"/feeds/{guess}.{ending}")).status_code == 404
    assert (await client.get(f"/feeds/{token}")).status_code == 404


async def test_a_revoked_address_is_gone_at_once(client, here):
    token = await link("room", here.room.id)
    assert (await read(client, token)).status_code == 200
    who = staff_who(await make.staff("hub_staff", here.hub.id), {here.hub.id})
    await feeds.revoke_link(link_id=(await FeedLink.get()).id, by=who)
    assert (await read(client, token)).status_code == 404
    assert (await AuditEvent.get(verb="revoke calendar link")).hub_id == here.hub.id


async def test_only_the_hash_of_a_token_is_kept(here):
    who = staff_who(await make.staff("hub_staff", here.hub.id), {here.hub.id})
    _, token = await feeds.make_link(kind="room", about_id=here.room.id, sees="all", words=" Caretaker ", by=who)
    [row] = await db.rows("SELECT * FROM feed_link")
    assert token not in str(row) and len(token) >= 32 and row["words"] == "Caretaker"
    assert token not in str(await db.rows("SELECT * FROM audit_event"))
    assert (await feeds.link_of(token))["id"] == row["id"]


async def test_nobody_gives_away_what_is_not_theirs(here, secrets_here):
    other = await make.location()
    stranger = staff_who(await make.staff("hub_staff", other.id), {other.id})
    admin = staff_who(await make.staff("county_admin"), set(), "county_admin")
    booker = partner_who(await make.booker(), await make.organisation())
    for who, kind, about in [
        (stranger, "room", here.room.id), (stranger, "hub", here.hub.id), (booker, "partner", here.partner.id),
        (booker, "room", here.room.id), (admin, "room", secrets_here.room.id), (stranger, "room", uuid4()),
    ]:  # fmt: skip
        with pytest.raises(LookupError):
            await feeds.make_link(kind=kind, about_id=about, sees="all", words="", by=who)


async def test_what_is_wrong_with_a_new_address_is_said(here):
    who = staff_who(await make.staff("hub_staff", here.hub.id), {here.hub.id})
    with pytest.raises(Refused) as refused:
        await feeds.make_link(kind="room", about_id=here.room.id, sees="everything", words="", by=who)
    assert refused.value.rules == {"unknown"}
    for _ in range(feeds.MOST):
        await link("room", here.room.id)
    with pytest.raises(Refused) as refused:
        await feeds.make_link(kind="room", about_id=here.room.id, sees="all", words="", by=who)
    assert refused.value.rules == {"too many"}


HOSTILE = '🎈 "Stay"; play, \\n <b>now</b> \r\nBEGIN:VALARM\u202e مرحبا ' + "é" * 250


def test_a_thousand_entries_are_quick_and_read_back():
    start = clock.at(TUESDAY, "10:00")
    uses = [
        Use(f"uid-{n}", start + timedelta(hours=n), start + timedelta(hours=n + 1), f"{HOSTILE} {n}", "Hall; A, B", "CONFIRMED", n, start)
        for n in range(1000)
    ]  # fmt: skip
    began = time.process_time()
    text = feed_calendar.feed("Hall, Ferndown", uses)
    assert time.process_time() - began < 0.5  # some 0.05; icalendar needs half a second and more
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    found = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert len(found) == 1000 and str(found[7]["LOCATION"]) == "Hall; A, B" and found[7]["SEQUENCE"] == 7
    assert (
        str(found[7]["SUMMARY"]).startswith('🎈 "Stay"; play, \\n <b>now</b> BEGIN:VALARM مرحبا')
        and "\r\nBEGIN:VALARM" not in text
    )


def address_in(page: str) -> str:
    return page.split('id="new-address"')[1].split(">")[1].split("<")[0]


async def test_staff_make_an_address_see_it_once_and_revoke_it(client, here):
    await make.sign_in_staff(client, await make.staff("hub_staff", here.hub.id))
    path = f"/staff/feeds?kind=room&about={here.room.id}"
    assert "Outlook" in (await client.get(path)).text
    form = {"sees": "busy", "words": "Caretaker’s phone", "form_token": "once"}
    answer = await client.post(path, data=form)
    assert answer.status_code == 303
    page = (await client.get(path)).text
    address = address_in(page)
    assert "Caretaker’s phone" in page and address.endswith(".ics")
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert titles(await events(client, token)) == ["Booked"]
    assert token not in (await client.get(path)).text
    await client.post(path, data=form)  # pressed twice
    assert await FeedLink.all().count() == 1
    assert (await client.post(f"/staff/feeds/{(await FeedLink.get()).id}/revoke")).status_code == 303
    assert (await read(client, token)).status_code == 404


async def test_staff_choose_among_the_places_of_their_hubs(client, here):
    other = await make.location(name="Another hub")
    await link("hub", other.id)
    await make.sign_in_staff(client, await make.staff("hub_staff", here.hub.id))
    page = (await client.get("/staff/feeds")).text
    assert "Blue room" in page and "All locations of this hub" in page and "Another hub" not in page


async def test_staff_of_another_hub_and_of_none_find_nothing(client, here, secrets_here):
    token = await link("room", here.room.id)
    link_id = (await FeedLink.get()).id
    strangers = [await make.staff("hub_staff", (await make.location()).id), None]
    for stranger in strangers:
        client.cookies.clear()
        if stranger:
            await make.sign_in_staff(client, stranger)
        for path in (f"/staff/feeds?kind=room&about={here.room.id}", f"/staff/feeds?kind=hub&about={here.hub.id}"):
            assert (await client.get(path)).status_code == (404 if stranger else 303)
            assert (await client.post(path, data={"sees": "all"})).status_code == (404 if stranger else 303)
        assert (await client.post(f"/staff/feeds/{link_id}/revoke")).status_code == (404 if stranger else 303)
    assert (await read(client, token)).status_code == 200 and await FeedLink.all().count() == 1
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get(f"/staff/feeds?kind=room&about={secrets_here.room.id}")).status_code == 404
    assert "Hidden" not in (await client.get("/staff/feeds")).text


@pytest.mark.parametrize("query", ["kind=room", "kind=room&about=x", "kind=session&about=x", "kind=partner&about=x"])
async def test_what_is_no_calendar_is_not_there(client, here, query):
    await make.sign_in_staff(client, await make.staff("hub_staff", here.hub.id))
    assert (await client.get(f"/staff/feeds?{query}")).status_code == 404


async def test_a_form_without_a_choice_comes_back_with_its_problem(client, here):
    await make.sign_in_staff(client, await make.staff("hub_staff", here.hub.id))
    answer = await client.post(f"/staff/feeds?kind=room&about={here.room.id}", data={"words": "Ada’s phone"})
    assert (
        answer.status_code == 422
        and "Choose what the calendar is to show" in answer.text
        and "Ada’s phone" in answer.text
    )


async def test_a_partner_makes_its_own_and_downloads_a_series(client, here):
    series, _ = await tuesdays(here.hall, here.booker, TUESDAY, date(2027, 3, 30), organisation_id=here.partner.id)
    await make.sign_in_partner(client, here.booker)
    assert (await client.post("/partner/calendar", data={"sees": "all", "words": "Ours"})).status_code == 303
    page = (await client.get("/partner/calendar")).text
    token = address_in(page).rsplit("/", 1)[1].removesuffix(".ics")
    assert titles(await events(client, token)) == ["Debt clinic"]
    assert f"/partner/calendar/series/{series.id}.ics" in page
    answer = await client.get(f"/partner/calendar/series/{series.id}.ics")
    assert "RRULE" in answer.text and "METHOD:PUBLISH" in answer.text and "no-store" in answer.headers["cache-control"]
    await client.post(f"/partner/calendar/{(await FeedLink.get()).id}/revoke")
    assert (await read(client, token)).status_code == 404


async def test_a_series_without_a_booked_date_has_no_file_and_says_so(client, here):
    day = date(2027, 2, 2)
    series, _ = await tuesdays(here.hall, here.booker, day, day, {day: "requested"}, organisation_id=here.partner.id)
    await make.sign_in_partner(client, here.booker)
    answer = await client.get(f"/partner/calendar/series/{series.id}.ics")
    assert (answer.status_code, answer.headers["location"]) == (303, "/partner/calendar")
    assert "nothing for your calendar" in (await client.get("/partner/calendar")).text


async def test_the_calendar_of_a_partner_that_has_ended_is_gone(client, here):
    token = await link("partner", here.partner.id)
    await db.execute("UPDATE organisation SET ended_at = $1", clock.now())
    assert (await read(client, token)).status_code == 404


async def test_another_partner_finds_nothing_of_it(client, here):
    series, _ = await tuesdays(here.hall, here.booker, TUESDAY, date(2027, 3, 30), organisation_id=here.partner.id)
    token = await link("partner", here.partner.id)
    await make.sign_in_partner(client, await make.booker(await make.organisation(name="Stranger")))
    assert (await client.get(f"/partner/calendar/series/{series.id}.ics")).status_code == 404
    assert (await client.post(f"/partner/calendar/{(await FeedLink.get()).id}/revoke")).status_code == 404
    assert "Debt" not in (await client.get("/partner/calendar")).text
    assert (await client.get(f"/partner/calendar?organisation={here.partner.id}")).status_code == 404
    assert (await read(client, token)).status_code == 200
