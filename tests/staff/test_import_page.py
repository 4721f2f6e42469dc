"""Importing from a page: checked first, then done in the background; interrupted, wrong and pressed twice."""

from datetime import timedelta

import httpx
import pytest

from booking import clock, db
from booking.people.models import ImportJob
from booking.places.models import BankHoliday, Room
from booking.places.staff_changes import as_text
from booking.problems import Refused
from booking.programmes.imports import import_jobs
from booking.settings import PACKAGE
from tests import make
from tests.importing.tables import ROOM, as_csv

HOLIDAYS = (PACKAGE / "demo" / "data" / "bank_holidays.csv").read_bytes()


@pytest.fixture
async def admin(real_database, app):
    """A county admin's browser on a database that is really written to, because the job has a connection of its own."""
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 4711))
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as browser:
        await make.sign_in_staff(browser, await make.staff("county_admin"))
        yield browser
        await import_jobs.finish_all()


async def send(browser, content=HOLIDAYS, name="bank_holidays.csv"):
    answer = await browser.post("/staff/import", files=[("files", (name, content, "text/csv"))])
    await import_jobs.finish_all()
    return answer


async def act(browser, path, what, **boxes):
    answer = await browser.post(path, data={"act": what, **boxes})
    await import_jobs.finish_all()
    return answer


async def test_files_are_checked_first_and_imported_on_a_second_press(admin):
    answer = await send(admin)
    path = answer.headers["location"]
    page = (await admin.get(path)).text
    assert "What would change" in page and "bank_holidays.csv" in page
    assert await BankHoliday.all().count() == 0
    await act(admin, path, "import")
    page = (await admin.get(path)).text
    assert "What was changed" in page and await BankHoliday.all().count() > 20
    assert (await ImportJob.first()).files == "[]"
    assert "Imported" in (await admin.get("/staff/import")).text


async def test_the_same_files_again_change_nothing(admin):
    path = (await send(admin)).headers["location"]
    await act(admin, path, "import")
    path = (await send(admin)).headers["location"]
    assert "there is nothing to import" in (await admin.get(path)).text


async def test_problems_are_said_by_file_row_and_column_and_the_good_rows_can_go_in(admin):
    header, first, *_ = HOLIDAYS.decode().splitlines()
    columns = header.split(",")
    row = dict(zip(columns, first.split(","), strict=False))
    row["date" if "date" in row else columns[0]] = "30 of May"
    wrong = "\n".join([header, first, ",".join(row[c] for c in columns)])
    path = (await send(admin, wrong.encode())).headers["location"]
    page = (await admin.get(path)).text
    assert "Problems by file, row and column" in page and "row 3, column" in page and "Import the good rows" in page
    await act(admin, path, "good rows")
    assert await BankHoliday.all().count() == 1


async def test_an_unknown_file_and_no_file_are_said_in_words(admin):
    path = (await send(admin, b"\x00\x01\x02 no table", "photo.csv")).headers["location"]
    page = (await admin.get(path)).text
    assert "photo.csv" in page and "Problems" in page
    answer = await admin.post("/staff/import", data={})
    assert answer.status_code == 422 and "Choose at least one CSV file" in answer.text


async def test_while_it_runs_the_page_asks_again_and_then_shows_the_report(admin):
    job = await ImportJob.create(
        state="importing", done=2, total=5, words="Checking programmes", created_at=clock.now(), touched_at=clock.now()
    )
    path = f"/staff/import/{job.id}"
    page = (await admin.get(path)).text
    assert "Checking programmes" in page and "2 of 5" in page
    assert '<meta http-equiv="refresh"' in page and f'hx-get="{path}"' in page
    part = (await admin.get(path, headers={"HX-Request": "true"})).text
    assert "<html" not in part and 'id="progress"' in part
    await ImportJob.filter(id=job.id).update(state="checked")
    assert (await admin.get(path, headers={"HX-Request": "true"})).headers["HX-Refresh"] == "true"


async def test_a_job_that_fell_silent_is_interrupted_and_can_be_started_again(admin):
    path = (await send(admin)).headers["location"]
    await ImportJob.all().update(state="importing", touched_at=clock.now() - timedelta(seconds=61))
    assert "It stopped half-way" in (await admin.get(path)).text
    await act(admin, path, "again")
    assert (await ImportJob.first()).state == "checked"


async def test_what_runs_or_is_done_is_not_begun_again(admin):
    who = await make.staff("county_admin")
    path = (await send(admin)).headers["location"]
    job = await ImportJob.first()
    await ImportJob.all().update(state="importing")
    for verb in (import_jobs.begin(job.id, by=who), import_jobs.again(job.id, by=who), import_jobs.forget(job.id)):
        with pytest.raises(Refused):
            await verb
    await act(admin, path, "import")
    assert "under way or done already" in (await admin.get(path)).text


async def test_what_staff_changed_is_listed_and_overwritten_only_where_the_box_is_ticked(admin):
    hubs = as_csv([ROOM])
    await act(admin, (await send(admin, hubs, "hubs.csv")).headers["location"], "import")
    imported = as_text({"capacity": 30})
    await db.execute("UPDATE room SET capacity = 25, imported = $1", imported)
    for boxes, said, capacity in [({}, "These stay", 25), ({"overwrite": "yes"}, "These were overwritten", 30)]:
        path = (await send(admin, hubs, "hubs.csv")).headers["location"]
        page = (await admin.get(path)).text
        assert "row 2, column capacity" in page and "Overwrite what staff changed (1)" in page
        await act(admin, path, "import", **boxes)
        assert said in (await admin.get(path)).text
        assert (await Room.get(code="D01-HALL")).capacity == capacity


async def test_files_can_be_thrown_away(admin):
    path = (await send(admin)).headers["location"]
    await act(admin, path, "forget")
    assert await ImportJob.all().count() == 0
    assert (await admin.get(path)).status_code == 404


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager"])
async def test_only_county_admins_import(client, kind):
    assert (await client.get("/staff/import")).status_code == 303
    await make.sign_in_staff(client, await make.staff(kind, (await make.location()).id))
    assert (await client.get("/staff/import")).status_code == 404
    assert (await client.post("/staff/import", files=[("files", ("a.csv", HOLIDAYS))])).status_code == 404
    job = await ImportJob.create(state="checked", created_at=clock.now())
    assert (await client.get(f"/staff/import/{job.id}")).status_code == 404
    assert (await client.post(f"/staff/import/{job.id}", data={"act": "import"})).status_code == 404
    assert 'href="/staff/import"' not in (await client.get("/staff")).text
