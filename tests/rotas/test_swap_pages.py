"""Swaps on the pages: two on their phones, and a manager who sees what it would break."""

import pytest

from booking.rotas.models import SwapRequest
from tests import make
from tests.rotas.test_duties import in_days
from tests.rotas.test_swaps import Small, holders


@pytest.fixture
async def here(client):
    return await Small().fill()


async def become(client, *, worker=None, member=None):
    client.cookies.clear()
    await (make.sign_in_worker(client, worker) if worker else make.sign_in_staff(client, member))


async def test_asked_answered_and_decided_on_the_pages(client, here):
    await become(client, worker=here.sam)
    page = (await client.get(f"/duties/shifts/{here.mine.id}/swap")).text
    assert f"?to={here.kim.id}" in page
    page = (await client.get(f"/duties/shifts/{here.mine.id}/swap?to={here.kim.id}")).text
    assert "Garden" in page and str(here.theirs.id) in page
    form = {"to": str(here.kim.id), "in_return": str(here.theirs.id), "words": "School play"}
    assert (await client.post(f"/duties/shifts/{here.mine.id}/swap", data=form)).headers["location"] == "/duties/swaps"
    swap = await SwapRequest.get()
    assert "You have asked Kim Hall" in (await client.get("/duties/swaps")).text

    await become(client, worker=here.kim)
    assert "A colleague asks" in (await client.get("/duties")).text
    page = (await client.get("/duties/swaps")).text
    assert "Sam Green asks you to swap" in page and "School play" in page and "Front desk" in page
    await client.post(f"/duties/swaps/{swap.id}/agree")
    assert "You agreed with Sam Green" in (await client.get("/duties/swaps")).text

    await become(client, member=here.member)
    assert "Please decide" in (await client.get("/staff/rota/swaps")).text
    assert "Every rule is kept" in (await client.get(f"/staff/rota/swaps/{swap.id}")).text
    await client.post(f"/staff/rota/swaps/{swap.id}/approve", data={"reason": ""})
    assert await holders(here.mine, here.theirs) == [[here.kim.id] * 2, [here.sam.id] * 2]


async def test_a_manager_sees_what_it_breaks_and_needs_a_reason(client, here):
    swap_id = await here.agreed()
    await make.leave(here.kim, in_days(1))
    await become(client, member=here.member)
    page = (await client.get(f"/staff/rota/swaps/{swap_id}")).text
    assert "Kim Hall is on leave" in page and "Approve in spite of it" in page
    answer = await client.post(f"/staff/rota/swaps/{swap_id}/approve", data={"reason": ""})
    assert answer.status_code == 409 and "is on leave" in answer.text
    assert await holders(here.mine) == [[here.sam.id] * 2]
    await client.post(f"/staff/rota/swaps/{swap_id}/approve", data={"reason": "Kim offered"})
    assert await holders(here.mine) == [[here.kim.id] * 2]


async def test_a_manager_answers_for_a_colleague_who_rang(client, here):
    swap_id = await here.ask()
    await become(client, member=here.member)
    assert "Kim Hall agrees" in (await client.get(f"/staff/rota/swaps/{swap_id}")).text
    await client.post(f"/staff/rota/swaps/{swap_id}/agree")
    assert (await SwapRequest.get(id=swap_id)).state == "agreed"
    await client.post(f"/staff/rota/swaps/{swap_id}/withdraw")
    assert (await SwapRequest.get(id=swap_id)).state == "withdrawn"


async def test_hub_staff_read_and_do_not_decide(client, here):
    swap_id = await here.agreed()
    await become(client, member=await make.staff("hub_staff", here.hub.id))
    assert "A manager of the hub decides" in (await client.get(f"/staff/rota/swaps/{swap_id}")).text
    assert (await client.post(f"/staff/rota/swaps/{swap_id}/approve")).status_code == 404


async def test_staff_of_another_hub_do_not_find_it(client, here):
    swap_id = await here.agreed()
    await become(client, member=await make.staff("hub_manager", (await make.location()).id))
    assert "Sam Green" not in (await client.get("/staff/rota/swaps")).text
    assert (await client.get(f"/staff/rota/swaps/{swap_id}")).status_code == 404
    assert (await client.post(f"/staff/rota/swaps/{swap_id}/approve")).status_code == 404


async def test_who_cannot_is_listed_with_the_reason_and_cannot_be_asked(client, here):
    await make.leave(here.kim, in_days(1), kind="sick")
    await become(client, worker=here.sam)
    page = (await client.get(f"/duties/shifts/{here.mine.id}/swap")).text
    assert "Kim Hall" in page and "is not free that day" in page and "sick" not in page
    assert f"?to={here.kim.id}" not in page
    answer = await client.post(f"/duties/shifts/{here.mine.id}/swap", data={"to": str(here.kim.id)})
    assert answer.status_code == 422
    assert await SwapRequest.all().count() == 0


async def test_somebody_else_finds_no_swap_of_theirs(client, here):
    swap_id = await here.ask()
    await become(client, worker=await make.worker(here.hub, known_as="Bo Lane"))
    for what in ("agree", "decline", "withdraw"):
        assert (await client.post(f"/duties/swaps/{swap_id}/{what}")).status_code == 404
    assert "Sam Green" not in (await client.get("/duties/swaps")).text


async def test_of_a_restricted_duty_a_colleague_and_a_county_admin_read_the_time_alone(client, here):
    refuge = await make.location(name="Rose House", is_restricted=True, lat=here.hub.lat, lon=here.hub.lon)
    here.mine = await make.shift(refuge, date=in_days(4), title="Freedom group")
    await make.assignment(here.mine, here.sam)
    swap_id = await here.ask()
    admin = await make.staff("county_admin")
    own = await make.staff("hub_manager", refuge.id)
    for reader, is_shown in (({"worker": here.kim}, False), ({"member": admin}, False), ({"member": own}, True)):
        await become(client, **reader)
        path = "/duties/swaps" if "worker" in reader else f"/staff/rota/swaps/{swap_id}"
        page = (await client.get(path)).text
        assert ("Rose House" in page, "Freedom group" in page) == (is_shown, is_shown), path
        assert ("Private booking" in page) is not is_shown
