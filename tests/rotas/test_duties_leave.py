"""Leave asked for on one's own page, and what became of it."""

from datetime import timedelta

from booking import clock
from booking.rotas.models import Leave
from tests import make
from tests.rotas.test_duties import in_days

HOME = "/duties/leave"


def form(**values):
    return {
        "first": str(in_days(1)),
        "last": "",
        "start": "",
        "end": "",
        "kind": "annual",
        "reason": "Wedding",
    } | values


async def test_leave_is_asked_for_and_its_state_stands_there(client):
    sam = await make.worker()
    await make.sign_in_worker(client, sam)
    assert (await client.post(HOME, data=form(last=str(in_days(3))))).status_code == 303
    row = await Leave.get(staff_id=sam.id)
    assert (row.state, row.first_date, row.last_date, row.reason) == ("requested", in_days(1), in_days(3), "Wedding")
    page = (await client.get(HOME)).text
    assert "Asked for" in page and "Wedding" in page
    assert "Asked for" in (await client.get("/duties")).text
    await Leave.filter(id=row.id).update(state="declined", answer="Too few people that week")
    assert "Too few people that week" in (await client.get(HOME)).text


async def test_who_has_duties_in_that_time_is_told_that_they_stay_theirs(client):
    hub = await make.location()
    sam = await make.worker(hub)
    await make.assignment(await make.shift(hub, date=in_days(1)), sam)
    await make.sign_in_worker(client, sam)
    await client.post(HOME, data=form())
    assert "1 duty in that time" in (await client.get(HOME)).text


async def test_what_is_wrong_stands_beside_the_field(client):
    await make.sign_in_worker(client, await make.worker())
    for wrong in (
        {"first": ""},
        {"first": "soon"},
        {"first": "2020-01-01"},
        {"last": str(in_days(0))},
        {"kind": "sick"},
        {"start": "15:00", "end": "14:00"},
    ):
        assert (await client.post(HOME, data=form(**wrong))).status_code == 422, wrong
    assert await Leave.all().count() == 0


async def test_the_same_form_twice_asks_once(client):
    await make.sign_in_worker(client, await make.worker())
    for _ in range(2):
        assert (await client.post(HOME, data=form(form_token="one token"))).status_code == 303
    assert await Leave.all().count() == 1


async def test_it_is_taken_back_by_oneself_alone(client):
    hub = await make.location()
    sam = await make.worker(hub)
    own = await make.leave(sam, in_days(1), state="requested")
    others = await make.leave(await make.worker(hub), in_days(1), state="requested")
    await make.sign_in_worker(client, sam)
    assert (await client.post(f"{HOME}/{others.id}/withdraw")).status_code == 404
    await client.post(f"{HOME}/{own.id}/withdraw")
    assert (await Leave.get(id=own.id)).state == "withdrawn"
    assert (await Leave.get(id=others.id)).state == "requested"


def day(days: int):
    return clock.today() + timedelta(days=days)


async def test_whoever_is_back_early_says_so(client):
    hub = await make.location()
    sam = await make.worker(hub)
    ill = await make.leave(sam, day(-2), day(4), kind="sick")
    others = await make.leave(await make.worker(hub), day(0), kind="sick")
    holiday = await make.leave(sam, day(10))
    await make.sign_in_worker(client, sam)
    page = (await client.get(HOME)).text
    assert page.count('/back"') == 1
    for wrong in ("", "soon", str(day(9))):
        assert (await client.post(f"{HOME}/{ill.id}/back", data={"back": wrong})).status_code == 422, wrong
    for id, status in ((others.id, 404), (holiday.id, 422)):
        assert (await client.post(f"{HOME}/{id}/back", data={"back": str(day(0))})).status_code == status
    assert (await client.post(f"{HOME}/{ill.id}/back", data={"back": str(day(0))})).status_code == 303
    assert (await Leave.get(id=ill.id)).last_date == day(-1)
    assert '/back"' not in (await client.get(HOME)).text


async def test_who_is_back_on_the_first_day_was_not_away(client):
    sam = await make.worker()
    ill = await make.leave(sam, day(0), kind="sick")
    await make.sign_in_worker(client, sam)
    assert (await client.post(f"{HOME}/{ill.id}/back", data={"back": str(day(0))})).status_code == 303
    assert (await Leave.get(id=ill.id)).state == "withdrawn"
