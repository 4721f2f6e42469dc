"""Names on sessions and people on rotas: a three-way merge."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.programmes.models import Session
from booking.rotas import following
from booking.rotas.models import Assignment, Shift
from booking.rotas.needs.naming import Base, merge
from tests import make
from tests.rotas.test_following import a_session, layers, put, shifts

ANN, BO = db.new_id(), db.new_id()
KNOWN, NAMES = {"ann lee": ANN, "bo ray": BO}, {ANN: "Ann Lee", BO: "Bo Ray"}


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "staff", "name", "puts", "writes", "is_outside"),
    [
        (Base(), "", None, None, "", False, None, False),
        (Base(), "ann  LEE", None, ANN, "ann  LEE", True, None, False),
        (Base(), "Cas Moe", None, None, "Cas Moe", False, None, True),
        (Base("Ann Lee", ANN), "Ann Lee", ANN, ANN, "Ann Lee", False, None, False),
        (Base("Ann Lee", ANN), "Bo Ray", ANN, BO, "Bo Ray", True, None, False),
        (Base("Ann Lee", ANN), "", ANN, None, "", True, None, False),
        (Base("Ann Lee", ANN), "Cas Moe", ANN, None, "Cas Moe", True, None, True),
        (Base("Ann Lee", ANN), "Ann Lee", BO, BO, "Bo Ray", False, "Bo Ray", False),
        (Base("Ann Lee", ANN), "Ann Lee", None, None, "", False, "", False),
        (Base("Ann Lee", ANN), "Cas Moe", BO, BO, "Bo Ray", False, "Bo Ray", False),
        (Base("Ann Lee", ANN), "Bo Ray", BO, BO, "Bo Ray", False, None, False),
        (Base("Ann Lee", ANN), "Bo Ray", None, BO, "Bo Ray", True, None, False),
        (Base("Ann Lee", None), "Ann Lee", None, None, "Ann Lee", False, None, False),
        (Base("Ann Lee", None, True), "Ann Lee", None, ANN, "Ann Lee", True, None, False),
        (Base("Annie Lee", ANN), "Annie Lee", ANN, ANN, "Ann Lee", False, "Ann Lee", False),
    ],
)
async def test_merge(base, theirs, ours, staff, name, puts, writes, is_outside):
    merged = merge(base, theirs, ours, KNOWN, NAMES)
    assert (merged.staff_id, merged.name, merged.puts, merged.writes, merged.is_outside) == (
        staff, name, puts, writes, is_outside,
    )  # fmt: skip


pytestmark = pytest.mark.usefixtures("database")


async def named(session) -> str:
    return (await Session.get(id=session.id)).facilitator_1


async def test_a_name_on_the_page_puts_that_person_in_and_tells_them():
    session = await a_session(facilitator_1="Ann Lee")
    ann = await make.worker(await session.location, known_as="Ann Lee")
    await following.follow()
    [shift] = await shifts(session)
    assert await layers(shift) == {("draft", ann.id), ("published", ann.id)}
    assert {row.source for row in await Assignment.all()} == {"named"}
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'duty_changed'") == 1
    assert await following.follow() == ""


async def test_somebody_not_on_the_rota_fills_it_from_outside_until_they_are():
    session = await a_session(facilitator_1="Cas Moe", prepare_minutes=30)
    await following.follow()
    [shift] = await shifts(session)
    assert (shift.state, shift.named) == ("outside", "Cas Moe")
    cas = await make.worker(await session.location, known_as="Cas Moe")
    await following.follow()
    [shift] = await shifts(session, kind="facilitator")
    assert shift.state == "open" and {staff for _, staff in await layers(shift)} == {cas.id}


async def test_who_is_published_stands_on_the_page():
    session = await a_session()
    await following.follow()
    worker = await make.worker(await session.location, known_as="Bo Ray")
    [shift] = await shifts(session)
    await put(shift, worker)
    row = await Session.get(id=session.id)
    assert row.facilitator_1 == "Bo Ray" and "facilitator" in row.edited
    assert await following.follow() == ""
    await Assignment.all().delete()
    await following.follow()
    assert await named(session) == ""


async def test_a_draft_alone_writes_no_name():
    session = await a_session()
    await following.follow()
    [shift] = await shifts(session)
    await make.assignment(shift, await make.worker(await session.location), "draft")
    await following.follow()
    assert await named(session) == ""


async def test_the_usual_leader_who_is_taken_out_does_not_come_back_by_the_runs_name():
    session = await a_session()
    await db.execute("UPDATE run SET facilitator_1 = 'Ann Lee' WHERE id = $1", session.run_id)
    await make.worker(await session.location, known_as="Ann Lee")
    await following.follow()
    await Assignment.all().delete()
    for _ in range(3):
        await following.follow()
    assert await Assignment.all().count() == 0
    assert (await Shift.get(session_id=session.id)).state == "open"


async def test_a_named_person_with_another_duty_stays_a_name_and_the_shift_says_so():
    session = await a_session()
    ann = await make.worker(await session.location, known_as="Ann Lee")
    await following.follow()
    await make.assignment(await make.shift(date=session.date, start="09:00", end="12:00"), ann)
    await Session.filter(id=session.id).update(facilitator_1="Ann Lee")
    await following.follow()
    [shift] = await shifts(session)
    assert shift.state == "open" and await layers(shift) == set()
    assert shift.moved_words == "Ann Lee is named, but has another duty then." and await named(session) == "Ann Lee"
    assert await following.follow() == ""


async def test_another_name_takes_the_first_person_out():
    session = await a_session(facilitator_1="Ann Lee")
    await make.worker(await session.location, known_as="Ann Lee")
    bo = await make.worker(await session.location, known_as="Bo Ray")
    await following.follow()
    await Session.filter(id=session.id).update(facilitator_1="Bo Ray")
    await following.follow()
    [shift] = await shifts(session)
    assert {staff for _, staff in await layers(shift)} == {bo.id}
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'duty_changed'") == 3
    assert clock.now() - shift.created_at < timedelta(minutes=1)
