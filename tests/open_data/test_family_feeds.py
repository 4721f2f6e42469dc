"""A family's dates in its own calendar: what it says, to whom, how it stays the same, and how its address ends."""

from datetime import date, timedelta

import icalendar
import pytest
import time_machine

from booking import clock, db
from booking.open_data import feeds
from booking.open_data.models import FeedLink
from booking.programmes.bookings import giving_up
from booking.programmes.models import Booking, MissedDate, Run, Session
from tests import make
from tests.messages.expected_texts import check
from tests.open_data.conftest import link
from tests.open_data.test_feeds import address_in, events, queries, read, titles

pytestmark = pytest.mark.anyio
__all__ = ["queries"]
DAY = date(2027, 1, 12)


@pytest.fixture
async def family(here):
    """A parent booked on one session, on a course of three dates, on a discreet group and on a restricted one."""
    parent = await make.person(name="Rosa Lindqvist", phone="+447700900801")
    play = await make.session(await make.run(location=here.hub, title="Stay and play", first_date=DAY))
    course, dates = await make.course(3, location=here.hub, title="Baby massage", first_date=date(2027, 2, 2))
    quiet = await make.programme(title="Freedom course", is_discreet=True)
    hush = await make.session(
        await make.run(programme=quiet, location=here.hub, title="Freedom course", first_date=date(2027, 1, 19))
    )
    refuge = await make.location(name="Hidden House", hub_id=here.hub.id, is_restricted=True, directions="Hidden gate")
    kept = await make.session(
        await make.run(location=refuge, title="Hidden group", is_restricted=True, first_date=date(2027, 1, 20))
    )
    here.parent, here.play, here.course, here.dates, here.quiet, here.kept = parent, play, course, dates, hush, kept
    here.bookings = {name: await make.booking(on, parent) for name, on in
                     [("play", play), ("course", course), ("quiet", hush), ("kept", kept)]}  # fmt: skip
    return here


async def of(family, sees="all", token=""):
    return await link("family", family.parent.id, sees, token)


async def statuses(client, token):
    return [(str(each["SUMMARY"]), str(each["STATUS"])) for each in await events(client, token)]


async def test_it_has_every_date_with_what_those_booked_may_read(client, family):
    found = await events(client, await of(family))
    assert titles(found) == ["Stay and play", "Appointment", "Appointment", *["Baby massage"] * 3]
    play = found[0]
    assert "Ferndown" in str(play["LOCATION"]) and "Run by Family hub team" in str(play["DESCRIPTION"])
    assert (play["DTSTART"].dt, play["DTEND"].dt) == (family.play.starts_at, family.play.ends_at)
    assert str(play["URL"]).endswith(f"/sessions/{family.play.id}") and "/m/" not in play.to_ical().decode()


async def test_what_is_discreet_or_restricted_is_an_appointment_and_nothing_else(client, family):
    token = await of(family)
    hidden = [each for each in await events(client, token) if str(each["SUMMARY"]) == "Appointment"]
    assert len(hidden) == 2
    for each in hidden:
        assert str(each["CLASS"]) == "PRIVATE"
        assert not {"LOCATION", "DESCRIPTION", "URL", "CONFERENCE"} & set(each)
    text = (await read(client, token)).text
    assert not [word for word in ("Freedom", "Hidden", "gate") if word in text] and "NAME:My dates" in text


@pytest.mark.parametrize("why", ["busy", "discreet person"])
async def test_everything_is_an_appointment_where_that_is_wished(client, family, why):
    await db.execute("UPDATE person SET is_discreet = $1", why == "discreet person")
    token = await of(family, "busy" if why == "busy" else "all")
    assert set(titles(await events(client, token))) == {"Appointment"}
    text = (await read(client, token)).text
    assert not [word for word in ("Stay", "massage", "Ferndown", "Family hub", "/sessions/") if word in text]


async def test_of_the_household_one_sees_the_others_dates_but_not_what_is_confidential(client, family):
    other = await make.person(family=await family.parent.family, name="Per Lindqvist", phone="+447700900802")
    token = await link("family", other.id)
    assert titles(await events(client, token)) == ["Stay and play", *["Baby massage"] * 3]
    await db.execute("UPDATE person SET is_discreet = $1 WHERE id = $2", True, family.parent.id)
    assert titles(await events(client, token)) == []


async def test_strangers_have_nothing_of_it(client, family):
    """Bob, booked on the same session, sees his own place; what was only typed with his number is not his."""
    bob = await make.person(phone=family.parent.phone)
    await make.booking(family.play, bob)
    assert titles(await events(client, await link("family", bob.id))) == ["Stay and play"]
    await db.execute("UPDATE person SET proved = phone WHERE id = $1", bob.id)
    assert len(await events(client, await link("family", bob.id))) > 1


async def test_what_was_booked_with_an_address_that_is_proved_belongs_to_it(client, family):
    asked = await make.person(phone=family.parent.phone, proved=family.parent.phone)
    assert len(await events(client, await link("family", asked.id))) == 6


async def test_cancelled_missed_and_given_up_dates_stay_as_cancelled(client, family):
    token = await of(family)
    await db.execute("UPDATE session SET state = 'cancelled', sequence = 1 WHERE id = $1", family.play.id)
    await MissedDate.create(booking=family.bookings["course"], session=family.dates[1], created_at=clock.now())
    await Booking.filter(id=family.bookings["quiet"].id).update(state="given_up", ended_at=clock.now())
    assert await statuses(client, token) == [
        ("Cancelled: Stay and play", "CANCELLED"), ("Cancelled: Appointment", "CANCELLED"), ("Appointment", "CONFIRMED"),
        ("Baby massage", "CONFIRMED"), ("Cancelled: Baby massage", "CANCELLED"), ("Baby massage", "CONFIRMED"),
    ]  # fmt: skip


async def test_what_a_family_has_been_to_stays_as_it_was_when_it_leaves_the_course(client, family):
    after_first = family.dates[0].ends_at + timedelta(days=1)
    await Booking.filter(id=family.bookings["course"].id).update(state="given_up", ended_at=after_first)
    found = [status for title, status in await statuses(client, await of(family)) if "massage" in title]
    assert found == ["CONFIRMED", "CANCELLED", "CANCELLED"]


async def test_what_is_booked_again_stands_there_once(client, family):
    await Booking.filter(id=family.bookings["play"].id).update(state="given_up", ended_at=clock.now())
    await make.booking(family.play, family.parent)
    assert [each for each in await statuses(client, await of(family)) if "play" in each[0]] == [
        ("Stay and play", "CONFIRMED")
    ]


async def test_a_date_that_moves_keeps_its_id_and_its_number_rises(client, family):
    token = await of(family)
    before = (await events(client, token))[0]
    start, end = clock.at(DAY, "13:00"), clock.at(DAY, "14:00")
    await Session.filter(id=family.play.id).update(starts_at=start, ends_at=end, sequence=1)
    after = (await events(client, token))[0]
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"] and after["DTSTART"].dt == start


async def test_the_number_never_falls_when_a_family_changes_its_mind(client, family):
    token = await of(family)
    ids = {"booking_id": family.bookings["course"].id, "session_id": family.dates[0].id}

    async def massage():
        return next(each for each in await events(client, token) if "massage" in str(each["SUMMARY"]))

    found = [await massage()]
    for act in (giving_up.miss_date, giving_up.come_after_all, giving_up.miss_date):
        family.travelled.shift(60)
        await act(**ids)
        found.append(await massage())
    numbers = [each["SEQUENCE"] for each in found]
    assert numbers == sorted(set(numbers)) and len({str(each["UID"]) for each in found}) == 1
    assert [each["DTSTAMP"].dt for each in found] == sorted({each["DTSTAMP"].dt for each in found})


async def test_drafts_what_was_before_the_booking_and_what_is_far_are_not_there(client, family):
    await Session.filter(id=family.dates[2].id).update(state="draft")
    long_ago, ahead = clock.now() - timedelta(days=3), clock.now() + timedelta(days=401)
    for number, at in enumerate((long_ago, ahead), start=7):
        await make.session(
            await Run.get(id=family.course.id), date=at.date(), number=number, starts_at=at, ends_at=at + timedelta(hours=1)
        )  # fmt: skip
    assert [each for each in titles(await events(client, await of(family))) if "massage" in each] == [
        "Baby massage"
    ] * 2


async def test_its_ids_are_those_of_this_address_alone(client, family):
    ids = [str(row["id"]) for row in await db.rows("SELECT id FROM booking UNION SELECT id FROM session")]
    first, second = [
        icalendar.Calendar.from_ical((await read(client, await of(family))).text).walk("VEVENT") for _ in range(2)
    ]
    uids = [{str(each["UID"]) for each in found} for found in (first, second)]
    assert not uids[0] & uids[1] and not set(ids) & (uids[0] | uids[1])


async def test_it_is_the_same_bytes_later_and_asking_again_costs_two_queries(client, family, queries):
    token = await of(family)
    first = await read(client, token)
    family.travelled.shift(3 * 3600)
    assert (await read(client, token)).content == first.content
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in first.text and "X-PUBLISHED-TTL:PT1H" in first.text
    queries.clear()
    again = await read(client, token, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, len(queries)) == (304, b"", 2)
    await Session.filter(id=family.play.id).update(sequence=5)
    assert (await read(client, token, **{"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_it_is_gone_with_the_person(client, family):
    lonely = await make.person()
    token = await link("family", lonely.id)
    assert (await read(client, token)).status_code == 200
    await db.execute("DELETE FROM person WHERE id = $1", lonely.id)
    assert (await read(client, token)).status_code == 404


async def test_it_is_as_stored(client, here):
    """A place, a link, a phone call, a cancelled date, a discreet one; a long title, and both sides of both clock changes."""
    parent = await make.person()
    quiet = await make.programme(title="Freedom course", is_discreet=True)
    shapes = [
        ({"title": "Stay & play, with “lunch”; bring 🍎"}, date(2027, 3, 27)),
        ({"title": "Online talk", "delivery": "online", "join_url": "https://meet.example/a?b=1,2"}, date(2027, 3, 29)),
        ({"title": "A call", "delivery": "phone"}, date(2027, 10, 30)),
        ({"title": "Called off"}, date(2027, 11, 1)),
        ({"programme": quiet}, date(2027, 4, 5)),
    ]
    for facts, day in shapes:
        session = await make.session(await make.run(location=here.hub, first_date=day, **facts), id=of_number(day))
        await make.booking(session, parent, id=of_number(day))
        if day.month == 11:
            await Session.filter(id=session.id).update(state="cancelled", sequence=1)
    await FeedLink.create(
        id=of_number(DAY), kind="family", about_id=parent.id, token_hash=feeds.hash_of("stored"), created_at=clock.now()
    )
    check("feed_family.ics", (await read(client, "stored")).text)


def of_number(day):
    from uuid import UUID

    return UUID(int=day.toordinal())


async def test_a_family_makes_an_address_sees_it_once_and_revokes_it(client, family):
    await make.sign_in_family(client, family.parent)
    assert "/manage/calendar" in (await client.get("/manage")).text
    form = {"sees": "all", "words": "My phone", "form_token": "once"}
    answer = await client.post("/manage/calendar", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/manage/calendar#new")
    answer = await client.get("/manage/calendar")
    address = address_in(answer.text)
    assert address.endswith(".ics") and "webcal://" in answer.text and answer.headers["cache-control"] == "no-store"
    token = address.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(await events(client, token)) == 6
    assert token not in (await client.get("/manage/calendar")).text
    await client.post("/manage/calendar", data=form)  # pressed twice
    assert await FeedLink.all().count() == 1
    assert token not in str(await db.rows("SELECT * FROM feed_link"))
    await client.post(f"/manage/calendar/{(await FeedLink.get()).id}/revoke")
    assert (await read(client, token)).status_code == 404


async def test_the_link_of_one_booking_gives_the_calendar_of_that_booking_alone(client, family):
    path = f"/m/{family.bookings['course'].manage_token}"
    assert f"{path}/calendar-address" in (await client.get(path)).text
    answer = await client.post(f"{path}/calendar-address", data={"sees": "all", "words": "", "form_token": "once"})
    assert answer.status_code == 303
    token = address_in((await client.get(f"{path}/calendar-address")).text).rsplit("/", 1)[1].removesuffix(".ics")
    assert titles(await events(client, token)) == ["Baby massage"] * 3
    await client.post(f"{path}/calendar-address/{(await FeedLink.get()).id}/revoke")
    assert (await read(client, token)).status_code == 404


async def test_strangers_neither_make_nor_revoke_an_address(client, family):
    """Alice's address, and Bob with a session of his own; nobody at all; and a place in line, which has no dates."""
    await of(family, token="alices")
    alices = (await FeedLink.get()).id
    await link("booking", family.bookings["play"].id, token="plays")
    plays = (await FeedLink.get(kind="booking")).id
    bob = await make.person()
    bobs = await make.booking(await make.session(), bob)
    await make.sign_in_family(client, bob)
    assert (await client.post(f"/manage/calendar/{alices}/revoke")).status_code == 404
    assert (await client.post(f"/m/{bobs.manage_token}/calendar-address/{plays}/revoke")).status_code == 404
    assert str(alices) not in (await client.get("/manage/calendar")).text
    client.cookies.clear()
    for method in (client.get, client.post):
        assert (await method("/manage/calendar")).headers["location"] == "/manage"
        assert (await method("/m/guessed/calendar-address")).status_code == 404
        entry = await make.waiting(family.play)
        assert (await method(f"/m/{entry.manage_token}/calendar-address")).status_code == 404
    assert (await client.post(f"/manage/calendar/{alices}/revoke")).status_code == 404
    await make.sign_in_staff(client, await make.staff("hub_staff", family.hub.id))
    assert (await client.get(f"/staff/feeds?kind=family&about={family.parent.id}")).status_code == 404
    assert (await client.post(f"/staff/feeds/{alices}/revoke")).status_code == 404
    assert "All dates" not in (await client.get("/staff/feeds")).text
    assert (await read(client, "alices")).status_code == (await read(client, "plays")).status_code == 200


async def test_a_family_calendar_has_no_list_of_busy_times(client, family):
    await of(family, token="own")
    assert (await client.get("/feeds/own.ifb")).status_code == 404


@pytest.mark.parametrize(("sees", "status"), [("everything", 422), ("mine", 422), ("busy", 303)])
async def test_only_what_can_be_chosen_is_made(client, family, sees, status):
    await make.sign_in_family(client, family.parent)
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        answer = await client.post("/manage/calendar", data={"sees": sees, "words": ""})
    assert answer.status_code == status
