"""Who a notice is for: each person once, and never the restricted with others."""

from datetime import timedelta

import pytest

from booking import clock
from booking.people.signing_in import Who
from booking.programmes.models import MissedDate
from booking.programmes.notices import audience
from booking.programmes.notices.finding_about import find_about
from tests import make

pytestmark = pytest.mark.usefixtures("database")


def who(kind: str, *hubs) -> Who:
    at = frozenset(hub.id for hub in hubs)
    managed = at if kind == "hub_manager" else frozenset()
    return Who(make.db.new_id(), "Tom", None, "", "", "", frozenset({kind}), at, managed_hubs=managed)


async def names(kind: str, of, **chosen) -> list[str]:
    """Who is in the audience, by name."""
    about = await find_about(chosen.pop("by", who("county_admin")), kind, of.id)
    if about is None:
        return ["nothing there"]
    found = await audience.find(about.audience(**chosen))
    people = await make.Person.in_bulk([row["person_id"] for row in found], "id")
    return sorted(people[row["person_id"]].name for row in found)


async def somebody(name: str, on, **values) -> make.Person:
    person = await make.person(name=name)
    await make.booking(on, person, **values)
    return person


@pytest.fixture
async def hub():
    return await make.location()


async def test_everybody_with_a_place_to_come_is_meant_once(hub):
    session, course = await make.session(await make.run(location=hub)), (await make.course(location=hub))[0]
    twice = await somebody("Ada", session)
    await make.booking(course, twice)
    await somebody("Bea", course)
    await somebody("Elsewhere", await make.session())
    assert await names("hub", hub) == await names("location", hub) == ["Ada", "Bea"]
    assert await names("session", session) == ["Ada"]
    assert await names("run", course) == ["Ada", "Bea"]


@pytest.mark.parametrize("state", ["given_up", "cancelled"])
async def test_who_gave_up_is_not_meant(hub, state):
    session = await make.session(await make.run(location=hub))
    await somebody("Ada", session)
    await somebody("Gone", session, state=state)
    assert await names("hub", hub) == await names("session", session) == ["Ada"]


async def test_dates_that_are_off_over_or_only_a_draft_count_for_nobody(hub):
    run = await make.run(location=hub)
    await somebody("Ada", await make.session(run))
    await somebody("Off", await make.session(run, date=run.first_date + timedelta(weeks=1), state="cancelled"))
    await somebody("Over", await make.session(run, date=clock.today() - timedelta(days=3)))
    await somebody("Draft", await make.session(await make.run(location=hub, state="draft"), state="draft"))
    await somebody("Run off", await make.session(await make.run(location=hub, state="cancelled")))
    assert await names("hub", hub) == ["Ada"]


async def test_who_said_that_they_miss_a_date_is_not_written_to_about_it(hub):
    run, dates = await make.course(location=hub)
    ada = await somebody("Ada", run)
    await somebody("Bea", run)
    booking = await make.Booking.get(person=ada)
    await MissedDate.create(booking=booking, session=dates[0], created_at=clock.now())
    assert await names("session", dates[0]) == ["Bea"]
    assert await names("session", dates[1]) == await names("run", run) == ["Ada", "Bea"]


async def test_who_waits_is_meant_where_asked_for(hub):
    session = await make.session(await make.run(location=hub))
    ada = await somebody("Ada", session)
    await make.waiting(session, await make.person(name="Wanda"))
    await make.waiting(session, await make.person(name="Left"), state="left")
    course, _ = await make.course(location=hub)
    await make.waiting(course, ada)
    await make.waiting(course, await make.person(name="Olga"), state="offered")
    assert await names("hub", hub) == ["Ada"]
    assert await names("hub", hub, to_whom="waiting") == ["Ada", "Olga", "Wanda"]
    assert await names("hub", hub, to_whom="both") == ["Ada", "Olga", "Wanda"]
    assert await names("waiting", session) == ["Wanda"]
    assert await names("waiting", course) == ["Ada", "Olga"]


async def test_dates_can_be_chosen(hub):
    run = await make.run(location=hub)
    await somebody("Ada", await make.session(run))
    later = await make.session(run, date=run.first_date + timedelta(weeks=2))
    await somebody("Later", later)
    day = clock.at(later.date, "00:00")
    assert await names("hub", hub, from_at=day) == ["Later"]
    assert await names("run", run, until_at=day) == ["Ada"]
    assert await names("run", run, from_at=day, until_at=day + timedelta(days=1)) == ["Later"]


async def test_at_a_place_are_those_who_come_there(hub):
    library = await make.location(hub_id=hub.id, name="Library")
    await somebody("Ada", await make.session(await make.run(location=hub)))
    await somebody("Reader", await make.session(await make.run(location=library)))
    await somebody("Online", await make.session(await make.run(location=library, delivery="online")))
    assert await names("location", library) == ["Reader"]
    assert await names("hub", hub) == ["Ada", "Online", "Reader"]


async def restricted_ways(hub) -> dict:
    """A booking on each kind of what is restricted, all of the same hub, by what is restricted about it."""
    refuge = await make.location(hub_id=hub.id, name="Refuge", is_restricted=True)
    kind = await make.location(hub_id=hub.id, name="Refuge too", kind="restricted")
    quiet = await make.programme(is_restricted=True)
    at_refuge = await make.run(location=hub)
    return {
        "run": await make.session(await make.run(location=hub, is_restricted=True)),
        "place": await make.session(await make.run(location=refuge)),
        "kind of place": await make.session(await make.run(location=kind)),
        "programme": await make.session(await make.run(location=hub, programme=quiet)),
        "place of the date": await make.session(at_refuge, location_id=refuge.id),
    }


async def test_what_is_restricted_is_left_out_of_everything_else(hub):
    await somebody("Ada", await make.session(await make.run(location=hub)))
    for words, session in (await restricted_ways(hub)).items():
        await somebody(f"Secret {words}", session)
        await make.waiting(session, await make.person(name=f"Secret waits {words}"))
    mine = who("hub_manager", hub)
    for by in (mine, who("county_admin")):
        assert await names("hub", hub, by=by, to_whom="both") == ["Ada"]
        assert await names("location", hub, by=by, to_whom="both") == ["Ada"]


async def test_about_something_restricted_only_its_own_staff_write_and_only_to_its_families(hub):
    sessions = await restricted_ways(hub)
    other_hub = await make.location()
    for words, session in sessions.items():
        await somebody(f"Secret {words}", session)
        for by in (who("county_admin"), who("hub_manager", other_hub), who("hub_staff", other_hub)):
            assert await names("session", session, by=by) == ["nothing there"], words
        about = await find_about(who("hub_staff", hub), "session", session.id)
        assert about and about.is_restricted and about.is_discreet
        assert await names("session", session, by=who("hub_staff", hub)) == [f"Secret {words}"]
        found = await audience.find(about.audience())
        assert [row["is_neutral"] for row in found] == [True]


async def test_to_a_restricted_place_hub_or_waiting_list_nobody_writes(hub):
    session = (await restricted_ways(hub))["place"]
    refuge = await make.Location.get(id=session.location_id)
    secret_hub = await make.location(is_restricted=True)
    both = who("hub_manager", hub, secret_hub)
    assert await names("location", refuge, by=both) == ["nothing there"]
    assert await names("hub", secret_hub, by=both) == ["nothing there"]
    assert await names("waiting", session, by=both) == ["nothing there"]


async def test_a_run_with_one_date_at_a_restricted_place_writes_to_the_others(hub):
    """Who has the whole run hears by its other dates; who has that date alone does not."""
    run = await make.run(location=hub)
    secret = await make.session(run, location_id=(await make.location(hub_id=hub.id, is_restricted=True)).id)
    open_date = await make.session(run, date=run.first_date + timedelta(weeks=1))
    await somebody("Ada", open_date)
    await somebody("Secret", secret)
    about = await find_about(who("hub_staff", hub), "run", run.id)
    assert about and not about.is_restricted
    assert await names("run", run) == ["Ada"]


@pytest.mark.parametrize(("kind", "is_there"), [("hub_staff", False), ("hub_manager", True), ("county_admin", True)])
async def test_to_a_hub_and_its_places_managers_write(hub, kind, is_there):
    by = who(kind, *([] if kind == "county_admin" else [hub]))
    place = await make.location(hub_id=hub.id)
    for what, of in (("hub", hub), ("location", place), ("location", hub)):
        assert (await find_about(by, what, of.id) is not None) is is_there
    assert await find_about(by, "hub", place.id) is None
    assert await find_about(by, "run", (await make.session(await make.run(location=hub))).run_id)


@pytest.mark.parametrize("kind", ["hub", "location", "run", "session", "waiting", "person", ""])
async def test_strangers_find_nothing_to_write_about(hub, kind):
    session = await make.session(await make.run(location=hub))
    ids = {"hub": hub.id, "location": hub.id, "run": session.run_id, "session": session.id, "waiting": session.id}
    stranger = who("hub_manager", await make.location())
    assert await find_about(stranger, kind, ids.get(kind, hub.id)) is None
    assert await find_about(who("county_admin"), kind, make.db.new_id()) is None


async def test_who_comes_to_something_discreet_alone_reads_nothing_that_was_typed(hub):
    discreet = await make.session(await make.run(location=hub, programme=await make.programme(is_discreet=True)))
    only = await somebody("Only", discreet)
    both = await somebody("Both", discreet)
    ordinary = await make.session(await make.run(location=hub))
    token = (await make.booking(ordinary, both)).manage_token
    about = await find_about(who("county_admin"), "hub", hub.id)
    found = {row["person_id"]: row for row in await audience.find(about.audience())}
    assert {id: row["is_neutral"] for id, row in found.items()} == {only.id: True, both.id: False}
    assert found[both.id]["token"] == token
