"""The rules that rotas go by, for the county and for a hub, in words; who changed them, and undo."""

import re

import pytest

from booking import db
from booking.rotas import loading
from tests import make

pytestmark = [pytest.mark.anyio]
PAGE = "/staff/rota/rules"


@pytest.fixture
async def hub(database, client):
    at = await make.location(name="Ferndown Family Hub")
    await make.sign_in_staff(client, await make.staff("hub_manager", at.id, name="Tom Field"))
    return at


async def typed(client, **changes):
    page = (await client.get(PAGE + f"?hub={changes.pop('hub', 'county')}")).text
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if name != "hub":
            fields[name] = re.search(r'value="(\w+)" selected', options)[1]
    return fields | changes


async def test_a_hub_has_its_own_number_and_follows_the_county_in_the_rest(hub, client):
    form = await typed(client, hub=hub.id) | {"hub": str(hub.id), "rest_hours": "12", "travel": "3"}
    assert (await client.post(PAGE, data=form)).status_code == 303
    assert (await loading.rules_of(hub.id)).rest_hours == 12 and (await loading.rules_of(None)).rest_hours == 11
    assert (await loading.weights_of(hub.id)).travel == 3
    page = (await client.get(f"{PAGE}?hub={hub.id}")).text
    assert "The county: 11 hours" in page
    assert "Rest between two working days: 12 hours, was 11 hours" in page and "Tom Field" in page
    assert await db.value("SELECT COUNT(*) AS n FROM audit_event WHERE verb = 'change rota rules'") == 1


async def test_it_can_be_undone_until_it_is_changed_again(hub, client):
    form = await typed(client, hub=hub.id) | {"hub": str(hub.id), "rest_hours": "12"}
    await client.post(PAGE, data=form)
    event = await db.value("SELECT id FROM audit_event WHERE verb = 'change rota rules'")
    assert (await client.post(PAGE, data={"hub": str(hub.id), "event": str(event)})).status_code == 303
    assert (await loading.rules_of(hub.id)).rest_hours == 11
    assert (await client.post(PAGE, data={"hub": str(hub.id), "event": str(event)})).status_code == 409


async def test_two_who_change_them_at_once(hub, client):
    first = await typed(client, hub=hub.id) | {"hub": str(hub.id), "rest_hours": "12"}
    second = first | {"rest_hours": "13"}
    assert (await client.post(PAGE, data=first)).status_code == 303
    answer = await client.post(PAGE, data=second)
    assert answer.status_code == 409 and "Somebody has changed these rules" in answer.text
    assert (await loading.rules_of(hub.id)).rest_hours == 12


async def test_what_is_no_number_is_said_beside_it_and_stays_typed(hub, client):
    form = await typed(client, hub=hub.id) | {
        "hub": str(hub.id),
        "rest_hours": "many",
        "most_week_minutes": "900",
        "evening_from": "late",
    }
    answer = await client.post(PAGE, data=form)
    assert answer.status_code == 409 and 'value="many"' in answer.text
    assert "write a number of hours from 8 to 24" in answer.text and "from 10 to 60" in answer.text
    assert "write a time such as 18:00" in answer.text


async def test_the_county_is_its_administrators_to_change_and_hubs_are_their_own(hub, client):
    form = await typed(client)
    assert (await client.post(PAGE, data=form | {"hub": "county"})).status_code == 404
    other = await make.location(name="Wimborne Family Hub")
    assert (await client.get(f"{PAGE}?hub={other.id}")).status_code == 404
    assert (await client.post(PAGE, data=form | {"hub": str(other.id)})).status_code == 404
    await make.sign_in_staff(client, await make.staff("county_admin", None))
    assert (await client.post(PAGE, data=await typed(client, most_week_minutes="40"))).status_code == 303
    assert (await loading.rules_of(other.id)).most_week_minutes == 40 * 60


async def test_staff_read_them_and_a_stranger_does_not(hub, client):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = (await client.get(PAGE)).text
    assert "Rest between two working days" in page and "Keep these rules" not in page
    client.cookies.clear()
    assert (await client.get(PAGE)).status_code == 303
