"""Room bookings in their booker's calendar: stored files, read back and counted out over both clock changes."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import time_machine
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import clock, db
from booking.messages import invites, outbox, room_calendar
from booking.messages.delivery import deliver_due
from booking.messages.room_calendar import Addressed
from booking.messages.said import Held, RoomEntry
from booking.places import booking_rooms, cancelling_rooms, changing_rooms
from booking.places.asking import Ask
from booking.places.calendar_entries import entry_of_series, repeated
from booking.places.changing_rooms import Wish
from booking.places.recurrence import Rule
from booking.places.telling_partners import tell
from tests import make
from tests.messages import room_examples
from tests.messages.examples import STAMP
from tests.messages.expected_texts import check
from tests.messages.room_examples import booked, tuesdays
from tests.places.who import partner_who

pytestmark = pytest.mark.anyio
PLACE = "Blue room, Ferndown Family Hub, Penny's Walk, Ferndown, BH22 9JU"
UID = "019b0000-7c4e-7aaa-8bbb-00000000cafe"


def series(first: date, last: date, **changes) -> dict:
    """Tuesdays at ten, until midday."""
    facts = {"weekday": first.weekday(), "start_time": "10:00", "end_time": "12:00", "frequency": "weekly", "nth": None}
    return facts | {"first_date": first, "last_date": last} | changes


def held(day: date, start: str = "10:00", end: str = "12:00", place: str = PLACE) -> Held:
    return Held(clock.at(day, start), clock.at(day, end), place)


def entry(of: dict | None, dates: list[Held], left: list[date] | None = None, **changes) -> RoomEntry:
    repeats, placed = repeated(of, dates, left or []) if of and dates else (None, tuple(dates))
    facts = {
        "about_id": room_examples.ID,
        "title": "Baby clinic",
        "place": PLACE,
        "held": placed,
        "was": (dates or [held(date(2027, 1, 12))])[0],
        "page_path": f"/partner/series/{room_examples.ID}",
        "repeats": repeats,
    }
    return RoomEntry(**facts | changes)


def written(of: RoomEntry, method: str = "REQUEST", sequence: int = 0) -> str:
    return room_calendar.invite(Addressed(of, UID, sequence, "Grace Penny", "grace@partner.example"), method, STAMP)


def events(text: str) -> list:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def expanded(text: str) -> dict[datetime, datetime]:
    """What a calendar shows: start and end of every date in UTC, by the rule, its exceptions and the overrides."""
    found: dict[datetime, datetime] = {}
    all_events = events(text)
    for event in [event for event in all_events if "RECURRENCE-ID" not in event]:
        starts, length = event["DTSTART"].dt.replace(tzinfo=None), event["DTEND"].dt - event["DTSTART"].dt
        walls = [starts]
        if "RRULE" in event:
            walls = list(rrulestr(event["RRULE"].to_ical().decode(), dtstart=starts))
        left_out = event.get("EXDATE", [])
        for each in left_out if isinstance(left_out, list) else [left_out]:
            walls.remove(each.dts[0].dt.replace(tzinfo=None))
        for wall in walls:
            starts_at = wall.replace(tzinfo=clock.zone())
            found[starts_at.astimezone(UTC)] = (starts_at + length).astimezone(UTC)
    for event in [event for event in all_events if "RECURRENCE-ID" in event]:
        del found[event["RECURRENCE-ID"].dt.astimezone(UTC)]
        found[event["DTSTART"].dt.astimezone(UTC)] = event["DTEND"].dt.astimezone(UTC)
    return found


def as_held(dates) -> dict[datetime, datetime]:
    return {each.starts_at: each.ends_at for each in dates}


def weeks(first: date, count: int, apart: int = 7) -> list[date]:
    return [first + timedelta(days=apart * n) for n in range(count)]


TERM = weeks(date(2027, 2, 2), 12)  # over the spring change on 28 March


def term_with_exceptions() -> RoomEntry:
    """Half term left out, one date missing, one moved to Wednesday afternoon, one in another room."""
    out = [date(2027, 2, 16), date(2027, 3, 9)]
    dates = [held(day) for day in TERM if day not in (*out, date(2027, 3, 2), date(2027, 4, 6))]
    dates += [held(date(2027, 3, 3), "13:00", "15:00"), held(date(2027, 4, 6), place="Hall, Ferndown Family Hub")]
    return entry(series(TERM[0], TERM[-1]), sorted(dates, key=lambda each: each.starts_at), out)


STORED = {
    "room_request.ics": lambda: written(entry(None, [held(date(2027, 1, 12))])),
    "room_cancel.ics": lambda: written(entry(None, []), "CANCEL", 1),
    "room_series_request.ics": lambda: written(term_with_exceptions()),
    "room_series_cancel.ics": lambda: written(entry(series(TERM[0], TERM[-1]), []), "CANCEL", 3),
    "room_series_autumn.ics": lambda: written(
        entry(series(date(2026, 10, 6), date(2026, 11, 10)), [held(day) for day in weeks(date(2026, 10, 6), 6)])
    ),
    "room_series_download.ics": lambda: room_calendar.download(Addressed(term_with_exceptions(), UID, 2), STAMP),
}


@pytest.mark.parametrize("name", STORED)
def test_an_entry_is_as_stored_and_well_formed(name):
    text = STORED[name]()
    check(name, text)
    assert "\n" not in text.replace("\r\n", "") and max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert text.count("BEGIN:VTIMEZONE") == 1 and text.count("METHOD:") == 1
    assert {str(event["UID"]) for event in events(text)} == {UID}


def test_a_series_is_one_rule_with_its_exceptions():
    text = STORED["room_series_request.ics"]()
    master, *overrides = events(text)
    assert master["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=12;BYDAY=TU"
    assert [each.dts[0].dt.date() for each in master["EXDATE"]] == [date(2027, 2, 16), date(2027, 3, 9)]
    assert [each["RECURRENCE-ID"].dt.date() for each in overrides] == [date(2027, 3, 2), date(2027, 4, 6)]
    assert overrides[0]["DTSTART"].dt == clock.local(clock.at(date(2027, 3, 3), "13:00"))
    assert master["DTSTART"].params["TZID"] == "Europe/London"


@pytest.mark.parametrize("name", ["room_series_request.ics", "room_series_autumn.ics"])
def test_ten_stays_ten_across_the_clock_changes(name):
    at_ten = [start for start in expanded(STORED[name]()) if clock.local(start).weekday() == 1]
    assert {clock.local(start).strftime("%H:%M") for start in at_ten} == {"10:00"}
    assert {start.hour for start in at_ten} == {9, 10}


def test_a_series_reads_back_as_what_is_held():
    of = term_with_exceptions()
    assert expanded(written(of)) == as_held(of.held) and len(of.held) == 10


CASES = {
    "the first date cancelled": (series(TERM[0], TERM[-1]), TERM[1:], [TERM[0]]),
    "one date left": (series(TERM[0], TERM[-1]), TERM[4:5], TERM[:4] + TERM[5:]),
    "fortnightly": (series(TERM[0], TERM[-1], frequency="fortnightly"), TERM[::2], []),
    "fortnightly, out of step half way": (series(TERM[0], TERM[-1], frequency="fortnightly"), [*TERM[:5:2], *TERM[5::2]], []),
    "the last Tuesday of each month": (
        series(date(2027, 1, 26), date(2027, 6, 29), frequency="monthly", nth=-1),
        [date(2027, 1, 26), date(2027, 2, 23), date(2027, 3, 30), date(2027, 6, 29)],
        [],
    ),
    "the second Tuesday": (
        series(date(2027, 1, 12), date(2027, 4, 13), frequency="monthly", nth=2),
        [date(2027, 1, 12), date(2027, 3, 9), date(2027, 4, 13)],
        [date(2027, 2, 9)],
    ),
    "moved to Wednesdays half way": (series(TERM[0], TERM[-1]), [*TERM[:6], *(day + timedelta(1) for day in TERM[6:])], []),
    "all moved to Wednesdays": (series(TERM[0], TERM[-1]), [day + timedelta(1) for day in TERM], []),
    "moved beyond the end": (series(TERM[0], TERM[-1]), [*TERM[:3], TERM[-1] + timedelta(30)], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_any_series_reads_back_as_what_is_held(name):
    of, days, left = CASES[name]
    dates = [held(day) for day in days]
    assert expanded(written(entry(of, dates, left))) == as_held(dates)


@settings(deadline=None)
@given(
    frequency=st.sampled_from(["weekly", "fortnightly"]),
    moves=st.lists(st.sampled_from([None, 0, 0, 0, 1, 2, -1, 7, "later"]), min_size=1, max_size=30),
    start=st.dates(date(2026, 1, 1), date(2028, 1, 1)),
)
def test_whatever_is_moved_and_left_out_the_calendar_shows_what_is_held(frequency, moves, start):
    apart = 14 if frequency == "fortnightly" else 7
    days = weeks(start, len(moves), apart)
    of = series(days[0], days[-1], frequency=frequency)
    dates, left, used = [], [], set()
    for day, move in zip(days, moves, strict=True):
        if move is None:
            left.append(day)
            continue
        one = held(day, "14:00", "15:30") if move == "later" else held(day + timedelta(days=move))
        if one.starts_at not in used:
            used.add(one.starts_at)
            dates.append(one)
    if dates:
        assert expanded(written(entry(of, sorted(dates, key=lambda each: each.starts_at), left))) == as_held(dates)


def test_hostile_words_add_no_line():
    text = written(entry(None, [held(date(2027, 1, 12))], title="A;b,c\\n\r\nBEGIN:VALARM\u202e 🎈" + "x" * 200))
    [event] = events(text)
    assert event["SUMMARY"].startswith("A;b,c\\n BEGIN:VALARM 🎈") and "\r\nBEGIN:VALARM" not in text


def test_a_private_one_is_marked_private():
    assert "CLASS:PRIVATE" in written(entry(None, [held(date(2027, 1, 12))], is_private=True))


@pytest.fixture
async def here(database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        yield await make.room(name="Blue room"), await make.booker()


async def mails() -> list[dict]:
    return await db.rows(
        "SELECT * FROM message WHERE calendar <> '' ORDER BY created_at, CASE calendar_method WHEN 'CANCEL' THEN 1 ELSE 0 END, id"
    )


async def changed(row, **values) -> None:
    """As a verb changes a room booking."""
    await type(row).filter(id=row.id).update(sequence=row.sequence + 1, **values)
    await row.refresh_from_db()


async def test_a_booking_keeps_its_id_and_raises_its_number_until_it_is_taken_out(here):
    room, grace = here
    row = await booked(room, date(2027, 1, 12), grace)
    await tell("room_confirmed", bookings=[row.id])
    await changed(row, starts_at=clock.at(date(2027, 1, 12), "11:00"))
    await tell("room_changed", bookings=[row.id])
    await changed(row, state="cancelled")
    await tell("room_cancelled", bookings=[row.id])
    found = sorted([events(mail["calendar"])[0] for mail in await mails()], key=lambda each: each["SEQUENCE"])
    assert {str(each["UID"]) for each in found} == {invites.uid(row.id, grace.id)}
    assert [each["SEQUENCE"] for each in found] == [0, 1, 2]
    assert [str(each["STATUS"]) for each in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


async def test_a_request_enters_the_calendar_only_when_it_is_confirmed(here):
    room, grace = here
    row = await booked(room, date(2027, 1, 12), grace, state="requested")
    await tell("room_requested", bookings=[row.id])
    assert await mails() == []
    await changed(row, state="confirmed")
    await tell("room_confirmed", bookings=[row.id])
    assert len(await mails()) == 1


async def test_a_series_is_one_mail_and_a_date_filled_drops_its_exception(here):
    room, grace = here
    missing = date(2027, 1, 26)
    _, rows = await tuesdays(room, grace, date(2027, 1, 12), date(2027, 2, 9), {missing: "missing"})
    await tell("room_confirmed", bookings=[row.id for row in rows.values()])
    await changed(rows[missing], state="confirmed")
    await tell("room_confirmed", bookings=[rows[missing].id])
    first, second = sorted([events(mail["calendar"])[0] for mail in await mails()], key=lambda each: each["SEQUENCE"])
    assert first["EXDATE"].dts[0].dt.date() == missing and "EXDATE" not in second
    assert first["UID"] == second["UID"] and second["SEQUENCE"] == 1


async def test_cancelling_one_date_leaves_it_out_and_cancelling_all_takes_the_series_out(here):
    room, grace = here
    _, rows = await tuesdays(room, grace, date(2027, 1, 12), date(2027, 2, 9))
    await tell("room_confirmed", bookings=[row.id for row in rows.values()])
    await changed(rows[date(2027, 1, 19)], state="cancelled")
    await tell("room_cancelled", bookings=[rows[date(2027, 1, 19)].id])
    for row in rows.values():
        await changed(row, state="cancelled")
    await tell("room_cancelled", bookings=[row.id for row in rows.values()])
    found = {mail["calendar_method"]: mail["calendar"] for mail in await mails()}
    methods = sorted(mail["calendar_method"] for mail in await mails())
    assert methods == ["CANCEL", "REQUEST", "REQUEST"]
    [taken_out] = events(found["CANCEL"])
    assert taken_out["SEQUENCE"] == 2 and "RECURRENCE-ID" not in taken_out


async def test_a_cancelling_that_is_undone_leaves_the_entry_standing(here):
    room, grace = here
    row, batch = await booked(room, date(2027, 1, 12), grace), db.new_id()
    await tell("room_confirmed", bookings=[row.id])
    await changed(row, state="cancelled")
    due = clock.now() + timedelta(minutes=10)
    await tell("room_cancelled", bookings=[row.id], batch_id=batch, due_at=due)
    await outbox.void_batch(batch)
    invite = await db.row("SELECT sequence, last_method FROM invite WHERE session_id = $1", row.id)
    assert invite == {"sequence": 1, "last_method": "REQUEST"}


async def test_the_download_has_the_id_of_the_mailed_entry(here):
    room, grace = here
    of, rows = await tuesdays(room, grace, date(2027, 1, 12), date(2027, 2, 9))
    await tell("room_confirmed", bookings=[row.id for row in rows.values()])
    text = await invites.room_download(grace.id, await entry_of_series(of.id), STAMP)
    [mail] = await mails()
    assert events(text)[0]["UID"] == events(mail["calendar"])[0]["UID"]
    assert expanded(text) == expanded(mail["calendar"]) and "METHOD:PUBLISH" in text


async def held_now(series_id) -> dict[datetime, datetime]:
    rows = await db.rows(
        "SELECT starts_at, ends_at FROM room_booking WHERE series_id = $1 AND state = 'confirmed'", series_id
    )
    return {row["starts_at"]: row["ends_at"] for row in rows}


async def newest() -> dict[datetime, datetime]:
    """What the mail with the highest number puts into the calendar."""
    found = [mail["calendar"] for mail in await mails()]
    return expanded(max(found, key=lambda text: events(text)[0]["SEQUENCE"]))


async def test_a_term_booked_changed_and_cancelled_by_the_verbs_stands_in_the_calendar_as_it_is(database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        hub, partner = await make.location(), await make.organisation()
        await make.opening_hours(hub)
        room = await make.room(hub, is_partner_bookable=True)
        by = partner_who(await make.booker(partner), partner)
        rule = Rule(1, "10:00", "12:00", date(2027, 2, 2), last_date=date(2027, 4, 20))
        ask = Ask(
            room.id,
            "10:00",
            "12:00",
            rule=rule,
            as_partner=True,
            organisation_id=partner.id,
            title="Baby clinic",
            people=8,
        )
        booked_series = await booking_rooms.book(ask, by=by)
        assert await newest() == await held_now(booked_series.series_id) and len(await newest()) == 12
        fourth, sixth, last = (booked_series.booking_ids[n] for n in (3, 5, 11))
        wish = Wish(day=date(2027, 2, 25), start="13:00", end="15:00")
        await changing_rooms.change(room_booking_id=fourth, scope="this", wish=wish, by=by, as_partner=True)
        assert await newest() == await held_now(booked_series.series_id)
        await cancelling_rooms.cancel(room_booking_id=sixth, scope="this", by=by, as_partner=True)
        assert await newest() == await held_now(booked_series.series_id) and len(await newest()) == 11
        wish = Wish(start="11:00", end="12:30")
        await changing_rooms.change(room_booking_id=last, scope="all", wish=wish, by=by, as_partner=True)
        assert await newest() == await held_now(booked_series.series_id)
        done = await cancelling_rooms.cancel(room_booking_id=last, scope="all", by=by, as_partner=True)
        assert [mail["calendar_method"] for mail in await mails()].count("CANCEL") == 1
        await cancelling_rooms.undo_cancel(event_id=done.event_id, by=by, as_partner=True)
        assert [mail["state"] for mail in await mails() if mail["calendar_method"] == "CANCEL"] == ["void"]
        subjects = await db.rows("SELECT subject FROM message WHERE state <> 'void' ORDER BY created_at, id")
        assert len(subjects) == 4


async def test_an_old_entry_never_leaves_behind_a_newer_one(emptied, sending, host):
    """A mass act waits ten minutes; meanwhile a change of the same booking has left."""
    room, grace = await make.room(), await make.booker()
    row = await booked(room, clock.today() + timedelta(days=9), grace)
    await tell("room_changed", bookings=[row.id], batch_id=db.new_id(), due_at=clock.now() + timedelta(minutes=10))
    await changed(row, title="Weigh-in")
    await tell("room_changed", bookings=[row.id])
    await deliver_due(sending(mail=host), "one")
    await db.execute("UPDATE message SET next_try_at = $1", clock.now())
    await deliver_due(sending(mail=host), "two")
    newer, older = host.accepted
    assert "text/calendar" in newer.content.decode() and "text/calendar" not in older.content.decode()
