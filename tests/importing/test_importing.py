import json
from datetime import timedelta

import pytest
import time_machine

from booking import audit, clock, db
from booking.changes import Changes
from booking.places.models import Location, Postcode, Room
from booking.programmes.models import Booking, Programme, Run, Session
from tests import make
from tests.importing.tables import (
    BANK_HOLIDAYS,
    FILES,
    PROGRAMME,
    ROOM,
    SERIES,
    SMALL_ROOM,
    TERMS,
    bring_in,
    county,
    said,
    source,
    warned,
)

pytestmark = pytest.mark.usefixtures("database")
MORNING = SERIES | {"series_id": "D01-02", "title": "Baby group", "start": "09:00", "end": "09:30"}


@pytest.fixture(autouse=True)
def at_new_year():
    with time_machine.travel("2027-01-05 09:00:00Z", tick=False):
        yield


async def how_many(table: str) -> int:
    return await db.value(f'SELECT COUNT(*) AS n FROM "{table}"')


async def sessions() -> dict[str, dict]:
    return {row["date"].isoformat()[5:]: row for row in await db.rows("SELECT * FROM session ORDER BY date")}


async def test_a_county_comes_in_as_it_stands_in_the_tables():
    report = await bring_in()
    assert (said(report), warned(report), report.is_saved) == ([], [], True)
    run = await Run.get(code="D01-01").select_related("programme", "location", "room")
    assert (run.title, run.programme.code, run.location.name, run.room.name) == (
        "Stay and play", "SAP", "Ferndown Family Hub", "Main hall",
    )  # fmt: skip
    assert (run.booking_mode, run.places, run.is_listed, run.hub_id) == ("session", 20, True, run.location.id)
    assert run.slug == "stay-and-play-ferndown-family-hub-tuesday"
    assert await how_many("session") == 10
    assert await db.rows("SELECT date, reason FROM skip") == [
        {"date": run.first_date + timedelta(35), "reason": "Half term"}
    ]


async def test_a_session_has_its_room_with_set_up_and_clearing():
    await bring_in()
    hold = await db.row("SELECT starts_at, ends_at FROM room_hold ORDER BY starts_at LIMIT 1")
    assert hold == {
        "starts_at": clock.at(clock.today() + timedelta(7), "09:45"),
        "ends_at": clock.at(clock.today() + timedelta(7), "11:45"),
    }


async def test_the_preview_says_what_the_act_then_does():
    preview = await bring_in(dry_run=True)
    assert await how_many("run") == 0
    act = await bring_in()
    assert preview.counts == act.counts
    assert (preview.is_saved, act.is_saved) == (False, True)


async def test_a_second_import_of_the_same_changes_nothing():
    await bring_in()
    before = await sessions()
    report = await bring_in()
    assert not report.has_changes()
    assert await sessions() == before


async def test_the_tables_may_come_one_by_one():
    for file in sorted(county(whats_on=None), key=lambda file: file.name == "programmes.csv"):
        assert (await bring_in(file)).is_saved
    assert (await bring_in(source("my timetable.csv", [SERIES]))).is_saved
    assert await how_many("session") == 10


async def test_a_change_moves_its_rows_and_leaves_the_others():
    await bring_in(whats_on=[SERIES, MORNING | {"room_code": "D01-BABY", "capacity": "8"}])
    await bring_in(whats_on=[SERIES | {"start": "10:30", "end": "12:00", "title": "Play"}], hubs=None)
    run, other = await Run.get(code="D01-01"), await Run.get(code="D01-02")
    assert (run.title, run.start_time, other.start_time) == ("Play", "10:30", "09:00")
    session = await Session.filter(run=run).first()
    assert (session.start_time, session.sequence) == ("10:30", 1)
    assert await how_many("room_hold") == 20


async def test_families_keep_their_session_when_the_rule_still_has_it():
    await bring_in()
    booked = await make.booking(await Session.get(date="2027-01-26"))
    await bring_in(whats_on=[SERIES | {"last_date": "2027-02-02", "capacity": "12"}])
    assert list(await sessions()) == ["01-12", "01-19", "01-26", "02-02"]
    assert (await Session.get(id=booked.session_id)).places == 12


async def test_a_date_that_families_have_booked_is_kept_with_a_warning():
    await bring_in()
    await make.booking(await Session.get(date="2027-02-23"))
    report = await bring_in(whats_on=[SERIES | {"last_date": "2027-02-09"}])
    assert list(await sessions()) == ["01-12", "01-19", "01-26", "02-02", "02-09", "02-23"]
    assert warned(report) == [
        "whats_on.csv, row 2, column last_date: Tuesday 23 February is no longer in the rule, but 1 family has booked. "
        "It is kept; cancel it on its page."
    ]


async def test_a_whole_course_that_families_have_booked_keeps_all_its_dates():
    course = SERIES | {"planned_sessions": "4", "last_date": "2027-02-02"}
    await bring_in(whats_on=[course])
    await make.booking(await Run.get(code="D01-01"))
    report = await bring_in(whats_on=[course | {"planned_sessions": "3", "last_date": "2027-01-26"}])
    assert len(await sessions()) == 4
    assert "1 family has booked" in warned(report)[0]


async def test_a_date_that_staff_moved_by_hand_stays_moved():
    await bring_in()
    baby_room = await Room.get(code="D01-BABY")
    moved = await Session.get(date="2027-01-19")
    await Session.filter(id=moved.id).update(room_id=baby_room.id, start_time="13:00", end_time="14:00")
    await db.execute(
        "UPDATE room_hold SET room_id = $1 WHERE room_booking_id = $2", baby_room.id, moved.room_booking_id
    )
    await bring_in(whats_on=[SERIES | {"capacity": "11"}])
    after = await Session.get(id=moved.id)
    assert (after.room_id, after.start_time, after.places) == (baby_room.id, "13:00", 11)


async def test_what_is_cancelled_or_over_is_left_alone():
    await bring_in()
    await Session.filter(date="2027-02-02").update(state="cancelled", why_cancelled="Snow")
    with time_machine.travel("2027-01-20 09:00:00Z", tick=False):
        await bring_in(whats_on=[SERIES | {"start": "13:00", "end": "14:00", "first_date": "2027-01-26"}])
    after = await sessions()
    assert [after[day]["start_time"] for day in ("01-12", "01-19", "01-26", "02-02", "02-09")] == [
        "10:00", "10:00", "13:00", "10:00", "13:00",
    ]  # fmt: skip
    assert after["02-02"]["state"] == "cancelled"


async def test_two_series_can_change_places_in_one_import():
    early, late = MORNING | {"end": "09:40"}, SERIES | {"start": "10:30", "end": "11:30"}
    assert (await bring_in(whats_on=[early, late])).is_saved
    swapped = [early | {"start": "10:30", "end": "11:30"}, late | {"start": "09:00", "end": "09:40"}]
    assert (await bring_in(whats_on=swapped)).is_saved


async def test_places_never_fall_below_those_taken():
    await bring_in()
    session = await Session.get(date="2027-01-26")
    await Session.filter(id=session.id).update(taken=15)
    await bring_in(whats_on=[SERIES | {"capacity": "10"}])
    assert (await Session.get(id=session.id)).places == 15
    assert (await Session.get(date="2027-02-02")).places == 10


PROBLEMS = [
    ("whats_on", SERIES, "end", "09:00", "It ends at 09:00, before it starts at 10:00."),
    ("whats_on", SERIES, "last_date", "2026-03-23", "2026-03-23 is before the first date, 2027-01-12."),
    ("whats_on", SERIES, "last_date", "2037-03-23", "A series can be at most three years long. Check the year."),
    ("whats_on", SERIES, "weekday", "Wed", "2027-01-12 is a Tuesday, but the column weekday says Wednesday."),
    ("whats_on", SERIES, "min_age_months", "72", "The oldest age is below the youngest."),
    ("whats_on", SERIES, "slot_minutes", "120", "An appointment of 120 minutes does not fit into the session."),
    ("whats_on", SERIES, "booking", "appointment", "Appointments need their length in minutes."),
    ("whats_on", SERIES, "programme_code", "SING", 'There is no programme with the code "SING", neither in these files '
     "nor imported before."),
    ("whats_on", SERIES, "building_code", "D09", 'There is no building with the code "D09", neither in these files nor '
     "imported before."),
    ("whats_on", SERIES, "room_code", "D09-X", 'There is no room with the code "D09-X", neither in these files nor '
     "imported before."),
    ("whats_on", SERIES, "hub_code", "D07", 'Ferndown Family Hub belongs to the hub "D01", not "D07".'),
    ("whats_on", SERIES, "creche_series", "D01-99", 'There is no series with the code "D01-99", neither in these files '
     "nor imported before."),
    ("programmes", PROGRAMME, "taxonomy", "Fun", 'There is no service category called "Fun".'),
    ("programmes", PROGRAMME, "min_age_months", "72", "The oldest age is below the youngest."),
    ("term_dates", TERMS[0], "end", "2026-12-01", "It ends (2026-12-01) before it starts (2027-01-04)."),
    ("service_categories", FILES["service_categories.csv"][0], "parent_code", "top", "There is no category with the "
     'code "top".'),
    ("hubs", ROOM, "public_address", "no", "A restricted venue must have no address, postcode or coordinates here."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row", "column", "cell", "words"), PROBLEMS, ids=[f"{p[0]}-{p[2]}" for p in PROBLEMS]
)
async def test_a_row_that_makes_no_sense_is_named_and_nothing_is_saved(table, row, column, cell, words):
    report = await bring_in(**{table: [row | {column: cell}]})
    assert any(f"{table}.csv, row 2" in line and line.endswith(words) for line in said(report)), said(report)
    assert not report.is_saved
    for name in ("location", "room", "programme", "run", "session", "postcode", "term_date", "topic"):
        assert await how_many(name) == 0


async def test_a_skill_of_a_programme_that_nobody_knows_is_said_and_the_programme_is_taken():
    await make.skill("first-aid", name="First aid")
    report = await bring_in(*county(programmes=[PROGRAMME | {"skills": "FIRST AID; triained-iy"}]))
    [line] = [line for line in report.lines() if "skill" in line]
    assert 'row 2, column skills: No skill is called "triained-iy".' in line and report.is_saved


async def test_a_room_of_another_building_is_not_taken():
    other = ROOM | {
        "building_code": "D01-L",
        "building_name": "Library",
        "hub_role": "co_located",
        "room_code": "D01-L-1",
    }
    report = await bring_in(hubs=[ROOM, other], whats_on=[SERIES | {"room_code": "D01-L-1"}])
    assert said(report) == ['whats_on.csv, row 2, column room_code: "D01-L-1" is not a room of Ferndown Family Hub.']


async def test_rows_of_one_building_must_agree_about_it():
    report = await bring_in(hubs=[ROOM, ROOM | SMALL_ROOM | {"postcode": "BH21 1HH", "hub_name": "Wimborne"}])
    assert said(report) == [
        "hubs.csv, row 3, column postcode: D01-M has something else here in row 2. Make them the same.",
        "hubs.csv, row 3, column hub_name: D01 has something else here in row 2. Make them the same.",
    ]


async def test_a_row_that_two_files_have_is_a_problem():
    report = await bring_in(*county(), source("more.csv", [SERIES]))
    assert said(report) == ['more.csv, row 2, column series_id: "D01-01" is already in whats_on.csv, row 2.']


async def test_two_series_in_one_room_at_one_time_are_both_named():
    clash = SERIES | {"series_id": "D01-02", "title": "Rhyme time", "start": "11:40", "end": "12:30"}
    report = await bring_in(whats_on=[SERIES, clash])
    assert said(report) == [
        "whats_on.csv, row 3, column room_code: Main hall is needed for Rhyme time (D01-02) (11:25am to 12:45pm with "
        "set-up and clearing) but taken by Stay and play (D01-01): Tuesday 12 January, 9:45am to 11:45am and on 9 more "
        "dates."
    ]


async def test_a_series_of_an_earlier_import_keeps_its_room():
    await bring_in()
    late = SERIES | {"series_id": "D01-02", "title": "Rhyme time", "weekday": "Tue", "frequency": "monthly 1st"}
    report = await bring_in(whats_on=[late | {"first_date": "2027-02-02"}])
    assert "taken by Stay and play (D01-01)" in said(report)[0]


async def test_touching_is_not_overlapping():
    after = SERIES | {"series_id": "D01-02", "start": "12:00", "end": "13:00"}
    assert (await bring_in(whats_on=[SERIES, after])).is_saved


async def test_the_good_rows_come_in_when_asked_and_what_hangs_on_bad_ones_does_not():
    course = SERIES | {"series_id": "D01-03", "creche_series": "D01-04", "start": "13:00", "end": "14:00"}
    creche = course | {"series_id": "D01-04", "creche_series": "", "booking": "linked", "room_code": "D01-BABY"}
    report = await bring_in(
        hubs=[ROOM, ROOM | SMALL_ROOM | {"capacity": "many"}], whats_on=[SERIES, course, creche], good_rows=True
    )
    assert said(report) == [
        'hubs.csv, row 3, column capacity: "many" is not a whole number from 1 to 5000.',
        "whats_on.csv, row 3, column creche_series: Its crèche Stay and play (D01-04) is left out because of a "
        "problem, so this row is left out too.",
        'whats_on.csv, row 4, column room_code: "D01-BABY" is left out because its own row has a problem (hubs.csv, '
        "row 3), so this row is left out too.",
    ]
    assert report.is_saved and report.rows_left_out == 3
    assert await Run.all().values_list("code", flat=True) == ["D01-01"]


async def test_with_good_rows_the_first_of_two_that_clash_gets_the_room():
    report = await bring_in(whats_on=[SERIES, SERIES | {"series_id": "D01-02"}], good_rows=True)
    assert report.is_saved
    assert await Run.all().values_list("code", flat=True) == ["D01-01"]


async def test_a_file_that_is_no_table_stops_the_others_too():
    report = await bring_in(*county(), source("holiday.jpg.csv", b"\x00\x01"))
    assert not report.is_saved
    assert await how_many("run") == 0


@pytest.mark.parametrize(
    ("table", "rows", "words"),
    [
        ("hubs", [ROOM | {"open_valid_to": "2026-03-31"}, ROOM | SMALL_ROOM | {"open_valid_to": "2026-03-31"}],
         "hubs.csv, row 2, column open_valid_to: The agreement for Ferndown Family Hub ended on 31 March 2026. It is "
         "imported."),
        ("postcodes", [{"postcode": "IG10 1AA", "lat": "51.6", "lon": "0.05"}],
         'hubs.csv, row 2, column postcode: "BH22 9TH" is in no postcode file. Ferndown Family Hub is imported.'),
        ("whats_on", [SERIES | {"capacity": "31"}],
         "whats_on.csv, row 2, column capacity: 31 is more than Main hall of Ferndown Family Hub holds (30)."),
        ("whats_on", [SERIES | {"start": "16:30", "end": "18:00"}],
         "whats_on.csv, row 2, column start: Ferndown Family Hub is open 09:00 to 17:00 on Tuesdays. If that is meant, "
         "write out_of_hours yes."),
        ("whats_on", [SERIES | {"weekday": "Thu", "first_date": "2027-01-14", "start": "11:30", "end": "13:30"}],
         "whats_on.csv, row 2, column start: Ferndown Family Hub is open 09:00 to 12:00 and 13:00 to 17:00 on "
         "Thursdays. If that is meant, write out_of_hours yes."),
        ("whats_on", [SERIES | {"weekday": "Sat", "first_date": "2027-01-16"}],
         "whats_on.csv, row 2, column weekday: Ferndown Family Hub is closed on Saturdays. If that is meant, write "
         "out_of_hours yes."),
        ("whats_on", [SERIES | {"last_date": "2027-10-26"}],
         "whats_on.csv, row 2, column term_time_only: School terms of Dorset are known only until 31 August 2027, so "
         "holidays beyond are not left out (series: 1)."),
        ("whats_on", [SERIES | {"planned_sessions": "6", "last_date": "2027-02-16"}],
         "whats_on.csv, row 2, column last_date: 6 held sessions end on 23 February 2027, because 1 date is left out. "
         "That date is used."),
    ],
)  # fmt: skip
async def test_what_a_council_may_know_better_is_a_warning_and_comes_in(table, rows, words):
    report = await bring_in(**{table: rows})
    assert warned(report) == [words]
    assert report.is_saved and await how_many("run") == 1


async def test_a_hall_hired_while_the_library_is_closed_is_no_surprise():
    out_of_hours = SERIES | {"start": "18:00", "end": "19:00", "out_of_hours": "yes"}
    assert warned(await bring_in(whats_on=[out_of_hours])) == []


async def test_changed_terms_say_that_other_series_keep_their_dates():
    await bring_in()
    report = await bring_in(source("terms.csv", [*TERMS[:1], *TERMS[2:]]))
    assert warned(report) == [
        "terms.csv: 1 series in the timetable keep the dates they have. Import them again to plan them anew."
    ]
    assert await how_many("term_date") == 3


async def test_a_place_without_a_point_takes_that_of_its_postcode():
    await bring_in(hubs=[ROOM | {"lat": "", "lon": ""}])
    assert (await Location.get(code="D01-M")).lat == 50.80182


async def test_a_restricted_venue_has_a_name_for_staff_only():
    secret = ROOM | {
        "hub_code": "D99", "hub_name": "Undisclosed", "hub_role": "restricted", "building_code": "D99-M", "address": "",
        "building_name": "Undisclosed venue", "postcode": "", "lat": "", "lon": "", "public_address": "no",
        "room_code": "D99-HALL", "open_tue": "", "open_thu": "",
    }  # fmt: skip
    held = SERIES | {"building_code": "D99-M", "hub_code": "D99", "room_code": "D99-HALL", "public_listing": "no"}
    report = await bring_in(hubs=[secret], whats_on=[held])
    assert said(report) == []
    place, run = await Location.get(code="D99-M"), await Run.get(code="D01-01")
    assert place.is_restricted and run.is_restricted and not run.is_listed
    assert (run.search_words, place.address, place.postcode, place.lat) == ("", "", "", None)
    assert "undisclosed" not in place.slug + run.slug and "stay" not in run.slug
    assert not await Session.filter(is_listed=True).exists()


async def test_a_series_that_is_not_public_is_as_secret_as_its_place():
    await bring_in(whats_on=[SERIES | {"public_listing": "no"}])
    run = await Run.get(code="D01-01")
    assert run.is_restricted and not run.is_listed


@pytest.mark.parametrize(
    ("booking", "planned", "mode", "referrals"),
    [
        ("drop_in", "", "drop_in", False),
        ("book", "", "session", False),
        ("book", "4", "run", False),
        ("book_or_referral", "4", "run", True),
        ("book_or_referral", "", "session", True),
        ("book_first_visit", "", "session", False),
        ("referral", "4", "referral", True),
        ("linked", "4", "linked", False),
    ],
)
async def test_how_a_place_is_had_becomes_a_booking_mode(booking, planned, mode, referrals):
    last = "2027-02-02" if planned else "2027-03-23"
    await bring_in(whats_on=[SERIES | {"booking": booking, "planned_sessions": planned, "last_date": last}])
    run = await Run.get(code="D01-01")
    assert (run.booking_mode, run.takes_referrals) == (mode, referrals)


async def test_appointments_follow_each_other_through_the_session():
    await bring_in(whats_on=[SERIES | {"booking": "appointment", "slot_minutes": "20", "capacity": "1"}])
    assert (await Session.first()).places == 4


async def test_closures_are_left_out_with_their_reason():
    await bring_in(whats_on=None)
    place = await Location.get(code="D01-M")
    day = clock.today() + timedelta(14)
    await db.execute(
        "INSERT INTO closure (id, location_id, starts_at, ends_at, reason) VALUES ($1, $2, $3, $4, $5)",
        db.new_id(), place.id, clock.at(day, "00:00"), clock.at(day, "11:00"), "Boiler repair",
    )  # fmt: skip
    await bring_in(whats_on=[SERIES])
    assert "01-19" not in await sessions()
    assert {"Boiler repair", "Half term"} == {row["reason"] for row in await db.rows("SELECT reason FROM skip")}


async def test_who_imported_what_is_in_the_audit_trail():
    maya = await make.staff()
    await bring_in(by=maya)
    event = await audit.AuditEvent.get(verb="imported")
    assert event.by_id == maya.id
    assert "sessions: 10 new" in event.after["counts"]


async def test_without_any_postcodes_that_is_said_once():
    assert warned(await bring_in(postcodes=None)) == [
        "hubs.csv, row 2, column postcode: No postcodes are imported yet, so these cannot be checked."
    ]


async def test_problems_that_say_the_same_share_a_line():
    rows = [SERIES | {"series_id": f"D01-{n:02}", "programme_code": "SING"} for n in range(10)]
    report = await bring_in(whats_on=rows)
    assert len(report.problems) == 10
    assert (
        "  whats_on.csv, rows 2, 3, 4, 5, 6, 7, 8, 9 and 2 more, column programme_code: There is no programme with the "
        'code "SING", neither in these files nor imported before.'
    ) in report.lines()
    assert report.lines()[-1].startswith("Nothing was changed.")


async def test_the_report_is_plain_json():
    report = await bring_in(whats_on=[SERIES, SERIES | {"series_id": "2", "start": "25:00"}], good_rows=True)
    told = json.loads(json.dumps(report.as_dict()))
    assert told["problems"][0] | {"where": ""} == {
        "where": "", "file": "whats_on.csv", "row": 3, "column": "start",
        "words": '"25:00" is not a time. Write it like 09:30.',
    }  # fmt: skip
    assert told["outcome"] == "The import is done. Left out because of problems: 1 row."


async def test_progress_is_told_step_by_step():
    told = []
    await bring_in(progress=lambda done, total, words: told.append((done, total, words)))
    assert [done for done, _, _ in told] == [0, 1, 2, 3, 4, 5]
    assert told[0][2] == "Reading the files" and told[-1] == (5, 5, "Done")


async def test_nothing_is_saved_when_the_database_refuses_a_row(monkeypatch):
    """Somebody else's row may come between check and write."""
    write = Changes.write

    async def write_twice(self: Changes) -> None:
        await write(self)
        if self.model is Programme:
            await write(self)

    monkeypatch.setattr(Changes, "write", write_twice)
    report = await bring_in()
    assert not report.is_saved
    assert "Nothing was changed" in said(report)[0]
    assert await how_many("location") == 0


async def test_a_room_taken_meanwhile_is_said_in_words(monkeypatch):
    async def nothing_there(*_):
        return []

    monkeypatch.setattr("booking.programmes.imports.importing_runs._holds_there", nothing_there)
    await bring_in()
    report = await bring_in(whats_on=[SERIES | {"series_id": "D01-02"}])
    assert said(report) == [
        "While the import was written, a room was taken by somebody else. Nothing was changed. Import again to see "
        "what it is."
    ]
    assert await how_many("session") == 10


async def test_titles_of_any_kind_come_in_and_stay_text():
    title = "Crèche <script>alert('x')</script> \"quoted\" 🎵 قافية ; DROP TABLE run"
    await bring_in(whats_on=[SERIES | {"title": title}])
    run = await Run.get(code="D01-01")
    assert run.title == title
    assert run.slug.startswith("creche-script-alert")


async def test_a_place_that_becomes_restricted_takes_its_series_out_of_sight():
    await bring_in()
    hidden = {"public_address": "no", "address": "", "postcode": "", "lat": "", "lon": ""}
    report = await bring_in(source("hubs.csv", [ROOM | hidden, ROOM | SMALL_ROOM | hidden]))
    assert said(report) == []
    run, place = await Run.get(code="D01-01"), await Location.get(code="D01-M")
    assert run.is_restricted and not run.is_listed and run.search_words == ""
    assert (run.slug[:8], place.slug[:8]) == ("private-", "private-")
    assert not await Session.filter(is_listed=True).exists()


async def test_a_wrong_row_of_the_terms_takes_no_other_away():
    await bring_in()
    bad = [TERMS[0], TERMS[1] | {"start": "monday"}, *TERMS[2:]]
    assert (await bring_in(source("terms.csv", bad), good_rows=True)).is_saved
    assert await how_many("term_date") == len(TERMS)


async def test_training_and_election_days_of_staff_stay_unless_the_file_has_some_itself():
    await bring_in()
    for kind, day in (("election", "2027-05-06"), ("staff_training", "2027-03-12")):
        await make.TermDate.create(
            area=TERMS[0]["area"], academic_year=TERMS[0]["academic_year"], part="spring", kind=kind, start_date=day,
            end_date=day,
        )  # fmt: skip
    await bring_in(source("terms.csv", TERMS))
    assert await how_many("term_date") == len(TERMS) + 2
    other = TERMS[0] | {"kind": "election", "start": "2027-05-13", "end": "2027-05-13"}
    await bring_in(source("terms.csv", [*TERMS, other]))
    kinds = await db.rows(
        "SELECT kind, start_date AS day_date FROM term_date WHERE kind IN ('election', 'staff_training')"
    )
    assert sorted((row["kind"], str(row["day_date"])) for row in kinds) == [
        ("election", "2027-05-13"), ("staff_training", "2027-03-12"),
    ]  # fmt: skip


async def test_families_whose_date_moves_are_pointed_out():
    await bring_in()
    await make.booking(await Session.get(date="2027-01-26"))
    report = await bring_in(whats_on=[SERIES | {"start": "10:15"}])
    assert warned(report) == [
        "whats_on.csv, row 2, column start: 1 date that families have booked will be at another time or place. The "
        "import tells nobody: please do."
    ]


async def test_a_postcode_file_alone_updates_points():
    await bring_in()
    await bring_in(source("p.csv", [{"postcode": "bh229th", "lat": "50.9", "lon": "-1.9"}]))
    assert (await Postcode.get(postcode="BH229TH")).lat == 50.9


async def test_a_substitute_bank_holiday_is_called_one():
    days = [*BANK_HOLIDAYS, {"date": "2027-01-19", "title": "Boxing Day", "notes": "Substitute day", "division": ""}]
    await bring_in(bank_holidays=days)
    assert "Boxing Day (substitute bank holiday)" in {row["reason"] for row in await db.rows("SELECT reason FROM skip")}


async def test_a_booking_is_never_lost_by_an_import():
    await bring_in()
    await make.booking(await Session.get(date="2027-01-26"), state="given_up")
    await bring_in(whats_on=[SERIES | {"last_date": "2027-01-19"}])
    assert await Booking.all().count() == 1
