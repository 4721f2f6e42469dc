"""The pages of term calendars and bank holidays: read by staff, changed by county admins, nothing typed is lost."""

from datetime import UTC, date, datetime

import pytest

from booking import clock, db
from booking.places import keeping_terms
from booking.places.models import BankHoliday
from booking.programmes.models import Session, Skip
from tests import make
from tests.places.test_keeping_terms import LINES

D = date.fromisoformat
PATH = "/staff/terms/Dorset"


@pytest.fixture(autouse=True)
def november(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def lost(database):
    """A term-time session on the first Tuesday after half term, with a family."""
    for line in LINES:
        await make.TermDate.create(
            area="Dorset", academic_year=line.year, kind=line.kind, part=line.part, start_date=line.first,
            end_date=line.last,
        )  # fmt: skip
    run = await make.run(
        first_date=D("2027-02-23"), is_term_time_only=True, title="Toddler <time>", last_date=D("2027-03-16")
    )
    session = await make.session(run)
    await make.booking(session, await make.person())
    return session


@pytest.fixture
async def admin(client, lost):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    return client


def fields(**changed):
    """The form of the school year as it stands, with some fields typed over."""
    typed = {"year": "2026-27", "seen": "0", "why": "The council moved it"}
    usual = (
        ("term:autumn", 0),
        ("half_term:autumn", 1),
        ("holiday:christmas", 2),
        ("term:spring", 3),
        ("half_term:spring", 4),
    )
    for what, n in usual:
        typed |= {f"what-{n}": what, f"first-{n}": LINES[n].first.isoformat(), f"last-{n}": LINES[n].last.isoformat()}
    return typed | {name.replace("_", "-"): value for name, value in changed.items()}


MOVED = {"first_4": "2027-02-22", "last_4": "2027-02-26"}


async def marks(client) -> list[str]:
    page = (await client.get(f"{PATH}/change", params=fields(**MOVED) | {"all": "1"})).text
    return [part.split('"')[0] for part in page.split('name="tick" value="')[1:]]


async def test_every_area_stands_there_with_how_far_it_is_known(admin):
    await make.location(area="Poole")
    page = (await admin.get("/staff/terms")).text
    assert "Known until 25 March 2027" in page and "Spring term 4 January to 25 March 2027" in page
    assert "No school dates yet" in page


async def test_a_school_year_at_a_glance_with_its_words(admin):
    await BankHoliday.create(date=D("2026-12-25"), title="Christmas Day")
    page = (await admin.get(PATH)).text
    assert page.count("<caption>") == 12
    assert 'class="day day--half">15<' in page and 'class="day day--bank">25<' in page
    assert "15 to 19 February 2027" in page and "Christmas Day<" in page
    assert "Nobody has changed it since it was imported." in page


async def test_the_form_has_every_date_and_changes_nothing(admin):
    page = (await admin.get(f"{PATH}/change")).text
    assert 'name="first-4" type="date" value="2027-02-15"' in page
    assert page.count('value="election"') == 3


async def test_what_is_typed_comes_back_with_its_problem_beside_it(admin):
    answer = await admin.get(f"{PATH}/change", params=fields(last_4="2027-02-01", what_9="election") | {"look": "1"})
    assert answer.status_code == 422
    assert "Spring half term: the last day is before the first." in answer.text
    assert 'id="last-4" name="last-4" type="date" value="2027-02-01"' in answer.text
    assert 'value="The council moved it"' in answer.text


async def test_a_reason_is_asked_for(admin):
    answer = await admin.get(f"{PATH}/change", params=fields(**MOVED, why="") | {"look": "1"})
    assert answer.status_code == 422 and "Say why" in answer.text


async def test_what_it_means_for_runs_is_shown_first_and_nothing_happens(admin, lost):
    page = (await admin.get(f"{PATH}/change", params=fields(**MOVED) | {"look": "1"})).text
    assert "Toddler &lt;time&gt;" in page and "Tue 23 Feb" in page and "1 family booked" in page
    assert "15 to 19 February 2027" in page and "22 to 26 February 2027" in page
    assert "1 run stays as it is: you did not tick it." in page
    assert (await Session.get(id=lost.id)).state == "planned"
    assert await keeping_terms.current_number("Dorset") == 0


async def test_a_date_that_becomes_possible_leads_to_where_it_is_added(admin, lost):
    await Skip.create(run_id=lost.run_id, date=D("2027-02-16"), reason="Half term")
    page = (await admin.get(f"{PATH}/change", params=fields(**MOVED) | {"look": "1"})).text
    link = f"/staff/runs/{lost.run_id}/add-date?date=2027-02-16"
    assert "Possible again" in page and link in page
    form = await admin.get(link)
    assert form.status_code == 200 and 'value="2027-02-16"' in form.text


async def test_ticking_all_shows_what_families_are_told(admin):
    page = (await admin.get(f"{PATH}/change", params=fields(**MOVED) | {"all": "1"})).text
    assert "checked" in page and "1 date is cancelled" in page and "1 text message" in page


async def test_saved_with_what_is_ticked_and_undone(admin, lost):
    answer = await admin.post(f"{PATH}/change", data=fields(**MOVED) | {"tick": await marks(admin)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?year=2026-27")
    assert (await Session.get(id=lost.id)).state == "cancelled"
    page = (await admin.get(PATH)).text
    assert "Undo all of it" in page and "1 run follows" in page and "Version 2" in page
    event = page.split('name="event" value="')[1].split('"')[0]
    answer = await admin.post("/staff/terms/undo", data={"event": event})
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    assert (await Session.get(id=lost.id)).state == "planned"
    assert "It is as it was" in (await admin.get(PATH)).text
    assert {line.first for line in await keeping_terms.lines_of("Dorset") if line.part == "spring"} == {
        D("2027-01-04"), D("2027-02-15"),
    }  # fmt: skip


async def test_unticked_the_calendar_changes_and_the_run_stays(admin, lost):
    assert (await admin.post(f"{PATH}/change", data=fields(**MOVED))).status_code == 303
    assert (await Session.get(id=lost.id)).state == "planned"


async def test_what_was_ticked_and_changed_meanwhile_is_shown_anew(admin, lost):
    ticked = await marks(admin)
    await make.session(await lost.run, date=D("2027-02-25"), number=2)
    answer = await admin.post(f"{PATH}/change", data=fields(**MOVED) | {"tick": ticked})
    assert answer.status_code == 422 and "changed meanwhile" in answer.text and "Thu 25 Feb" in answer.text
    assert await keeping_terms.current_number("Dorset") == 0


async def test_somebody_else_was_faster(admin):
    await admin.post(f"{PATH}/change", data=fields(**MOVED))
    answer = await admin.post(f"{PATH}/change", data=fields(last_4="2027-02-18"))
    assert answer.status_code == 422 and "Somebody else changed this calendar" in answer.text


async def test_an_election_day_needs_only_one_date(admin):
    await admin.post(f"{PATH}/change", data=fields(what_9="election", first_9="2027-05-06", last_9=""))
    [election] = [line for line in await keeping_terms.lines_of("Dorset") if line.kind == "election"]
    assert (election.first, election.last, election.part) == (D("2027-05-06"), D("2027-05-06"), "summer")


async def test_old_versions_are_read_compared_and_brought_back(admin):
    await admin.post(f"{PATH}/change", data=fields(**MOVED))
    page = (await admin.get(f"{PATH}/versions/1")).text
    assert "Bring this version back" in page and "22 to 26 February 2027" in page
    page = (await admin.get(f"{PATH}/change", params={"version": "1", "look": "1"})).text
    assert "Change the calendar of Dorset?" in page and 'name="version" value="1"' in page
    answer = await admin.post(
        f"{PATH}/change", data={"version": "1", "seen": "2", "year": "2026-27", "why": "As it was"}
    )
    assert answer.status_code == 303
    assert {line.first for line in await keeping_terms.lines_of("Dorset") if line.kind == "half_term"} == {
        D("2026-10-26"), D("2027-02-15"),
    }  # fmt: skip


async def test_a_new_school_year_is_begun(admin):
    page = (await admin.get(PATH)).text
    assert f"{PATH}/change?year=2027-28" in page
    typed = {
        "year": "2027-28",
        "seen": "0",
        "why": "Next year",
        "what-0": "term:autumn",
        "first-0": "2027-09-02",
        "last-0": "2027-12-17",
    }
    assert (await admin.post(f"{PATH}/change", data=typed)).status_code == 303
    assert {line.year for line in await keeping_terms.lines_of("Dorset")} == {"2026-27", "2027-28"}


async def test_a_bank_holiday_by_proclamation_is_added_seen_and_taken_away(admin, lost):
    asked = {"day": "2027-02-23", "title": "State funeral"}
    page = (await admin.get("/staff/bank-holidays/change", params=asked)).text
    assert "Bank holiday 23 February 2027?" in page and "State funeral (bank holiday)" in page
    ticked = page.split('name="tick" value="')[1].split('"')[0]
    answer = await admin.post("/staff/bank-holidays/change", data=asked | {"tick": ticked})
    assert answer.status_code == 303
    assert (await Session.get(id=lost.id)).state == "cancelled"
    page = (await admin.get("/staff/bank-holidays")).text
    assert "State funeral" in page and "Undo all of it" in page and "remove=2027-02-23" in page
    assert (await admin.post("/staff/bank-holidays/change", data={"remove": "2027-02-23"})).status_code == 303
    assert await db.value("SELECT is_removed FROM bank_holiday WHERE date = $1", D("2027-02-23"))


async def test_a_bank_holiday_without_a_day_is_refused_beside_its_field(admin):
    answer = await admin.get("/staff/bank-holidays/change", params={"day": "soon", "title": "Jubilee"})
    assert answer.status_code == 422 and "Give the day as day, month and year." in answer.text
    assert 'value="Jubilee"' in answer.text


async def test_what_the_list_has_and_the_table_lacks_is_offered(admin):
    page = (await admin.get("/staff/bank-holidays")).text
    assert "26 March 2027, Good Friday" in page and "day=2027-03-26" in page


async def test_staff_and_managers_read_and_do_not_change(client, lost):
    hub = await lost.location
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    for path in ("/staff/terms", PATH, "/staff/bank-holidays"):
        page = await client.get(path)
        assert page.status_code == 200 and "/change" not in page.text
    assert (await client.get(f"{PATH}/change")).status_code in (403, 404)
    assert (await client.post(f"{PATH}/change", data=fields(**MOVED))).status_code in (403, 404)


async def test_an_area_or_version_that_is_not_there_is_404(admin):
    for path in ("/staff/terms/Atlantis", "/staff/terms/Atlantis/change", f"{PATH}/versions/9"):
        assert (await admin.get(path)).status_code == 404


async def test_nobody_signed_in_sees_none_of_it(client, lost):
    assert (await client.get(PATH)).status_code == 303
