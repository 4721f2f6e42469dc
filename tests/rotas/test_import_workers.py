"""A table of people: every row's problems are named, nothing is changed before it is wanted, what staff changed survives."""

import csv
import io

import pytest

from booking import db
from booking.people.models import Person
from booking.rotas.models import StaffProfile, StaffSkill, WorkPattern
from booking.rotas.people_who_work import worker_import
from booking.rotas.people_who_work.worker_tables import WORKERS, template
from booking.tables import SourceFile
from tests import make
from tests.rotas.test_workers import who

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(database):
    await make.skill("first-aid", expires_months=36)
    await make.skill("trained-iy")
    return await make.location(code="D01-M", name="Ferndown")


@pytest.fixture
async def manager(hub):
    return who(await make.staff("hub_manager", hub.id), hub_id=hub.id)


def table(*rows: dict) -> SourceFile:
    """Rows as a CSV file; what a row does not say is empty."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in (SAM, *rows) for name in row))
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return SourceFile("people.csv", out.getvalue().encode())


SAM = {
    "known_as": "Sam Green", "hub_code": "D01-M", "email": "sam@hub.example", "weekly_hours": "37", "mon": "09:00-17:00",
    "fri": "09:00-12:00; 13:00-16:00", "avoids": "Fri 13:00-16:00", "skills": "trained-iy; first-aid until 2028-05-01",
}  # fmt: skip


async def test_looking_changes_nothing_and_importing_twice_changes_once(manager):
    report = await worker_import.look(table(SAM), by=manager)
    assert (report.count("new"), report.problems) == (1, [])
    assert not await StaffProfile.exists()
    assert (await worker_import.save(table(SAM), by=manager)).saved
    profile = await StaffProfile.get(known_as="Sam Green")
    assert (profile.weekly_minutes, await WorkPattern.filter(staff=profile).count()) == (2220, 4)
    assert await StaffSkill.filter(staff=profile).count() == 2
    again = await worker_import.look(table(SAM), by=manager)
    assert [line.state for line in again.lines] == ["same"]
    await worker_import.save(table(SAM), by=manager)
    assert await StaffSkill.all().count() == 2


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"known_as": ""}, "known_as"),
        ({"known_as": "=1+1"}, "known_as"),
        ({"hub_code": "X"}, "hub_code"),
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"phone": "12"}, "phone"),
        ({"weekly_hours": "many"}, "weekly_hours"),
        ({"weekly_hours": ""}, "weekly_hours"),
        ({"mon": "9 to 5"}, "mon"),
        ({"avoids": "Friday afternoon"}, "avoids"),
        ({"skills": "juggling"}, "skills"),
        ({"skills": "first-aid until soon"}, "skills"),
        ({"kind": "boss"}, "kind"),
        ({"kind": "volunteer"}, "weekly_hours"),
        ({"kind": "partner", "weekly_hours": ""}, "organisation"),
        ({"organisation": "Nobody"}, "organisation"),
        ({"works_at": "X; Y"}, "works_at"),
        ({"postcode": "ZZ9 9ZZ"}, "postcode"),
        ({"drives": "maybe"}, "drives"),
    ],
)
async def test_what_is_wrong_is_said_by_row_and_column_and_good_rows_can_go_in(manager, values, column):
    kim = SAM | {"known_as": "Kim Lee", "email": "kim@hub.example"}
    file = table(SAM | values, kim)
    report = await worker_import.save(file, by=manager)
    assert (2, column) in {(problem.row, problem.field) for problem in report.problems}
    assert not report.saved
    assert not await StaffProfile.exists()
    assert (await worker_import.save(file, by=manager, good_rows=True)).saved
    assert [row.known_as for row in await StaffProfile.all()] == ["Kim Lee"]


async def test_what_staff_changed_since_stays_unless_overwritten(manager):
    await worker_import.save(table(SAM), by=manager)
    await db.execute("UPDATE staff_profile SET weekly_minutes = 1200")
    moved = SAM | {"weekly_hours": "30", "days_in_row": "4"}
    report = await worker_import.save(table(moved), by=manager)
    assert [(each.column, each.staff, each.file) for line in report.lines for each in line.kept] == [
        ("weekly_minutes", "20 hours", "30 hours")
    ]
    profile = await StaffProfile.get()
    assert (profile.weekly_minutes, profile.days_in_row) == (1200, 4)
    await worker_import.save(table(moved), by=manager, overwrite=True)
    assert (await StaffProfile.get()).weekly_minutes == 1800


async def test_a_new_value_of_the_file_goes_in_where_staff_changed_nothing(manager):
    await worker_import.save(table(SAM), by=manager)
    report = await worker_import.save(table(SAM | {"weekly_hours": "20"}), by=manager)
    assert [line.changed for line in report.lines] == [("weekly_minutes",)]
    assert (await StaffProfile.get()).weekly_minutes == 1200


async def test_an_empty_cell_leaves_what_is_there(manager):
    await worker_import.save(table(SAM | {"phone": "07700 900123"}), by=manager)
    await worker_import.save(table({"known_as": "Sam Green", "hub_code": "D01-M"}), by=manager)
    profile = await StaffProfile.get()
    assert (await Person.get(id=profile.person_id)).phone == "+447700900123"
    assert await WorkPattern.filter(staff=profile).count() == 4


async def test_managers_import_into_their_own_hub_alone(hub, manager):
    other = await make.location(code="E01-M")
    await make.worker(other, known_as="Far Away")
    for values in ({"hub_code": "E01-M"}, {"known_as": "far away"}):
        report = await worker_import.save(table(SAM | values), by=manager, good_rows=True)
        assert report.problems
        assert report.lines == []
    assert await StaffProfile.all().count() == 1


async def test_the_same_name_twice_and_the_same_address_twice_are_problems(manager):
    report = await worker_import.look(table(SAM, SAM | {"known_as": "SAM GREEN"}), by=manager)
    assert [problem.row for problem in report.problems] == [3]
    twin = SAM | {"known_as": "Kim Lee"}
    report = await worker_import.save(table(SAM, twin), by=manager)
    assert not report.saved
    assert not await StaffProfile.exists()
    assert [(problem.row, problem.field) for problem in report.problems] == [(3, "email")]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01", b"%PDF-1.7", b"a,b\n1,2\n", b'known_as,hub_code\n"Sam', b"known_as,hub_code\n" + b"x" * 9000],
)
async def test_whatever_is_sent_is_answered_in_words(manager, content):
    report = await worker_import.save(SourceFile("people.csv", content), by=manager)
    assert report.problems
    assert not report.saved


async def test_the_empty_table_can_be_filled_in_and_imported(manager):
    report = await worker_import.save(SourceFile("people.csv", template().encode()), by=manager)
    assert report.problems == []
    assert (await StaffProfile.get()).known_as == "Sam Green"
    assert template().splitlines()[0].lstrip("\ufeff").split(",") == [column.name for column in WORKERS.columns]


async def test_the_page_shows_first_and_imports_what_it_showed(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    path = "/staff/workers/import"
    assert (await client.post(path, data={"act": "import"})).status_code == 422
    assert (await client.post(path, data={"act": "import", "kept": "%%%"})).status_code == 422
    shown = await client.post(path, files={"file": ("people.csv", table(SAM).content, "text/csv")})
    assert "Sam Green" in shown.text
    assert not await StaffProfile.exists()
    kept = shown.text.split('name="kept" value="')[1].split('"')[0]
    done = await client.post(path, data={"act": "import", "name": "people.csv", "kept": kept})
    assert done.status_code == 303
    assert await StaffProfile.exists(known_as="Sam Green")
    assert (await client.get("/staff/workers/template.csv")).headers["content-disposition"].startswith("attachment")
