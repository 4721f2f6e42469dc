"""The inbox of leave: what saying yes would leave uncovered stands there before anybody says it."""

from datetime import timedelta

import pytest

from booking import clock
from booking.rotas.models import Leave
from booking.rotas.people_who_work import leave, leave_effect, leave_lists
from booking.rotas.people_who_work.keeping import end_worker
from tests import make
from tests.rotas.test_workers import who

pytestmark = pytest.mark.anyio
DAY = clock.today() + timedelta(days=7)


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown")


@pytest.fixture
async def manager(client, hub):
    member = await make.staff("hub_manager", hub.id)
    await make.sign_in_staff(client, member)
    return member


async def asks(hub, **values):
    """Somebody with a duty on that day who asks for it off."""
    profile = await make.worker(hub, known_as="Sam Green", **values)
    await make.assignment(await make.shift(hub, date=DAY, title="Open day"), profile, "draft")
    return await make.leave(profile, DAY, state="requested", reason="A wedding")


async def test_a_duty_that_a_colleague_could_take_and_one_that_nobody_could(client, hub, manager):
    await asks(hub)
    page = (await client.get("/staff/leave")).text
    assert "Nobody else at the hub could" in page
    await make.worker(hub, known_as="Kim Lee")
    page = (await client.get("/staff/leave")).text
    assert "Kim Lee could" in page
    assert "1 duty to give to others" in page


@pytest.mark.parametrize("why", ["skill", "busy", "away", "pattern"])
async def test_who_could_is_judged_by_the_rules(hub, why):
    skill = await make.skill("first-aid")
    profile = await make.worker(hub, skills=["first-aid"])
    shift = await make.shift(hub, date=DAY, skills="first-aid" if why == "skill" else "")
    await make.assignment(shift, profile, "draft")
    row = await make.leave(profile, DAY, state="requested")
    mate = await make.worker(hub, pattern=why != "pattern", kind="volunteer" if why == "pattern" else "staff")
    if why == "busy":
        await make.assignment(await make.shift(hub, date=DAY, start="12:00", end="16:00"), mate, "draft")
    if why == "away":
        await make.leave(mate, DAY)
    reader = who(await make.staff("hub_manager", hub.id), hub_id=hub.id)
    shown = await leave_lists.one(row.id)
    found = (await leave_effect.effects([shown], reader))[row.id]
    assert (len(found.duties), found.unfilled) == (1, 1), skill.code
    assert found.away == ((mate.known_as,) if why == "away" else ())


async def test_yes_no_and_undo(client, hub, manager):
    row = await asks(hub)
    path = f"/staff/leave/{row.id}"
    no = await client.post(f"{path}/decide", data={"act": "decline", "answer": ""})
    assert no.status_code == 422
    assert "Say why not" in no.text
    await client.post(f"{path}/decide", data={"act": "approve"})
    assert (await Leave.get(id=row.id)).state == "approved"
    assert "1 duty of theirs on the rota is red now" in (await client.get("/staff/leave")).text
    twice = await client.post(f"{path}/decide", data={"act": "decline", "answer": "No"})
    assert twice.status_code == 422
    await client.post(f"{path}/reopen")
    assert (await Leave.get(id=row.id)).state == "requested"


async def test_another_hubs_leave_is_not_there(client, hub):
    row, other = await asks(hub), await make.location()
    await make.sign_in_staff(client, await make.staff("hub_manager", other.id))
    assert "Sam Green" not in (await client.get("/staff/leave")).text
    for act in ("decide", "reopen", "withdraw"):
        assert (await client.post(f"/staff/leave/{row.id}/{act}", data={"act": "approve"})).status_code == 404
    assert (await Leave.get(id=row.id)).state == "requested"


async def test_staff_read_who_is_away_and_not_why_and_decide_nothing(client, hub):
    row = await asks(hub)
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = (await client.get("/staff/leave")).text
    assert "Sam Green" in page
    assert "wedding" not in page
    assert "Approve" not in page
    assert (await client.post(f"/staff/leave/{row.id}/decide", data={"act": "approve"})).status_code == 404


async def test_a_manager_finds_their_own_request_without_buttons(client, hub):
    tom = await make.staff("hub_manager", hub.id)
    row = await asks(hub, person=tom)
    await make.sign_in_staff(client, tom)
    assert "another manager or an administrator decides" in (await client.get("/staff/leave")).text
    assert (await client.post(f"/staff/leave/{row.id}/decide", data={"act": "approve"})).status_code == 422


async def test_the_trail_of_colleagues_and_their_leave_is_for_managers(client, hub):
    profile = await make.worker(hub, known_as="Sam Green")
    manager = await make.staff("hub_manager", hub.id)
    await leave.record_sickness(profile.id, DAY, DAY, who(manager, hub_id=hub.id))
    await end_worker(staff_id=profile.id, last_day=DAY, why="Dismissed", by=who(manager, hub_id=hub.id))
    for kind, is_told in (("hub_staff", False), ("hub_manager", True)):
        await make.sign_in_staff(client, await make.staff(kind, hub.id))
        page = (await client.get("/staff/audit")).text
        assert ("Dismissed" in page) is is_told
        assert ("Sickness written down" in page) is is_told
