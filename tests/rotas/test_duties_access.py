"""Every page of duties: a stranger is sent to the sign-in, a colleague finds nothing of ours, whoever it is finds their own."""

import pytest

from booking.rotas.models import StaffProfile
from tests import make
from tests.standing_in import METHODS, SHIFT, address, form, small_county
from tests.test_access import FINE, footprint

WORKERS = [(route, method) for route, method in METHODS if route.endpoint.audience == "worker"]


@pytest.fixture
async def county(database):
    return await small_county()


async def answers(client, county):
    for route, method in WORKERS:
        data = form(county) if method == "POST" else None
        yield route, method, await client.request(method, address(route, county), data=data)


@pytest.mark.parametrize("who", ["nobody", "staff who are not on the rota", "a parent", "a partner"])
async def test_strangers_are_sent_to_the_sign_in_and_change_nothing(client, county, who):
    if who.startswith("staff"):
        await make.sign_in_staff(client, await make.staff("county_admin"))
    elif who == "a parent":
        await make.sign_in_family(client, county.parent)
    elif who == "a partner":
        await make.sign_in_partner(client, await make.booker())
    before, wrong = await footprint(), []
    async for route, method, answer in answers(client, county):
        if answer.status_code != 303 or not answer.headers["location"].startswith("/duties/sign-in?next=/duties"):
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert not wrong and WORKERS
    assert await footprint() == before


async def test_a_colleague_finds_nothing_of_ours(client, county):
    await make.sign_in_worker(client, await make.worker(county.hub))
    before, wrong = await footprint(), []
    async for route, method, answer in answers(client, county):
        is_open = "/duties/open/" in route.path  # it says that this duty is not open, to everybody alike
        expected = (404,) if "{" in route.path and not is_open else FINE
        if answer.status_code not in expected:
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert {**before, "audit_event": 0} == {**await footprint(), "audit_event": 0}


async def test_whoever_has_the_duty_reaches_every_page_of_it(client, county):
    sam = await StaffProfile.filter(assignments__shift_id=SHIFT).first()
    await make.sign_in_worker(client, sam)
    wrong = []
    async for route, method, answer in answers(client, county):
        is_kims = route.path.endswith(("/agree", "{swap_request}/decline")) or "calendar/{id}" in route.path
        expected = (404,) if is_kims else FINE
        if answer.status_code not in expected:
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_pages_of_duties_are_kept_by_no_browser_and_found_by_no_search(client, county):
    await make.sign_in_worker(client, await make.worker(county.hub))
    for path in ("/duties", "/duties/swaps", "/duties/leave", "/duties/calendar"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
