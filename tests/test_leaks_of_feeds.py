"""P5 of calendars to subscribe to: what is restricted has no words in any of them, and no page about them names it either."""

from types import SimpleNamespace

import pytest
import time_machine

from booking import clock, db
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from tests import make
from tests.test_leaks import BEFORE, MARK, find_mark, quiet_run


async def address_of(kind: str, about_id, sees: str) -> str:
    token = f"{kind}-{sees}-{db.new_id().hex}"
    await FeedLink.create(kind=kind, about_id=about_id, sees=sees, token_hash=hash_of(token), created_at=clock.now())
    return f"/feeds/{token}.ics"


@pytest.fixture
async def quiet(database):
    """A restricted run, led by its own staff, with a family on all of its dates, one of which is cancelled."""
    with time_machine.travel(BEFORE, tick=False):
        hub, _, run, sessions = await quiet_run()
        member = await make.staff("hub_staff", hub.id, name="Nadia Rahman")
        await db.execute("UPDATE run SET facilitator_1 = 'Nadia Rahman' WHERE id = $1", run.id)
        why = f"The {MARK} House is closed"
        await db.execute(
            "UPDATE session SET state = 'cancelled', why_cancelled = $1 WHERE id = $2", why, sessions[1].id
        )
        parent = await make.person(name="Rosa Lindqvist")
        bookings = [await make.booking(each, parent) for each in sessions]
        yield SimpleNamespace(hub=hub, run=run, member=member, parent=parent, bookings=bookings)


async def feeds_of(quiet) -> dict[str, int]:
    """Address of every calendar there could be -> how many entries it must have."""
    found = {}
    for kind, about, sees, count in [
        ("family", quiet.parent, "all", 3), ("family", quiet.parent, "busy", 3), ("booking", quiet.bookings[0], "all", 1),
        ("staff", quiet.member, "mine", 3), ("staff", quiet.member, "hub", 3), ("run", quiet.run, "all", 3),
        ("hub", quiet.hub, "all", 0), ("location", quiet.hub, "all", 0),
    ]:  # fmt: skip
        found[await address_of(kind, about.id, sees)] = count
    return found


async def test_no_calendar_names_it_not_even_those_of_its_family_and_its_staff(client, quiet):
    for path, count in (await feeds_of(quiet)).items():
        answer = await client.get(path)
        assert answer.text.count("BEGIN:VEVENT") == count == answer.text.count("CLASS:PRIVATE"), path
        assert not find_mark(answer.text) and not find_mark(str(answer.headers)), path
        for name in ("LOCATION", "DESCRIPTION", "URL:", "CONFERENCE", "GEO", "Rosa", "Nadia"):
            assert name not in answer.text, f"{path} {name}"


async def test_the_pages_that_give_them_to_a_family_do_not_name_it(client, quiet):
    for path in ("/manage/calendar", *(f"/m/{each.manage_token}/calendar-address" for each in quiet.bookings)):
        await make.sign_in_family(client, quiet.parent)
        assert not find_mark((await client.get(path)).text), path
        assert (await client.post(path, data={"sees": "all"})).status_code == 303
        page = (await client.get(path)).text
        assert not find_mark(page) and ".ics" in page
    assert not [row for row in await db.rows("SELECT * FROM audit_event") if find_mark(str(row))]


@pytest.mark.parametrize("who", ["nobody", "family", "hub_staff", "county_admin"])
async def test_nobody_else_makes_or_finds_a_calendar_of_it(client, quiet, who):
    other = await make.location()
    if who == "family":
        await make.sign_in_family(client, await make.person())
    elif who != "nobody":
        await make.sign_in_staff(client, await make.staff(who, None if who == "county_admin" else other.id))
    await feeds_of(quiet)
    for kind, about in [("run", quiet.run), ("staff", quiet.member), ("family", quiet.parent), ("hub", quiet.hub)]:
        path = f"/staff/feeds?kind={kind}&about={about.id}"
        for answer in (await client.get(path), await client.post(path, data={"sees": "all"})):
            assert answer.status_code in (404, 303) and not find_mark(answer.text)
            assert answer.status_code == 404 or answer.headers["location"].startswith("/staff/sign-in")
    assert not find_mark((await client.get("/staff/feeds")).text)
    assert await FeedLink.all().count() == 8
