"""What somebody types about needs, extra shifts and programmes is shown as text and answered in words, whatever it is."""

from datetime import timedelta

import pytest

from booking import clock
from booking.rotas.models import CoverNeed, Shift
from tests import make
from tests.hostile import TEXTS
from tests.test_hostile_rooms import is_clean

FINE = (200, 303, 422)


@pytest.fixture
async def hub(client, database):
    found = await make.location(name="Ferndown")
    await make.opening_hours(found)
    await make.sign_in_staff(client, await make.staff("hub_manager", found.id))
    return found


@pytest.mark.parametrize("text", TEXTS)
async def test_what_is_typed_into_the_form_about_needs(client, hub, text):
    named = {
        "location": str(hub.id),
        "name": text,
        "start": "09:00",
        "end": "12:00",
        "people": "2",
        "weekdays": "0",
        "sure": "yes",
    }
    for form in (
        named,
        named | dict.fromkeys(("start", "people", "first_date", "skilled", "weekdays", "skills"), text),
    ):
        answer = await client.post("/staff/rota/needs/new", data=form)
        assert answer.status_code in FINE and is_clean(answer.text)
    assert is_clean((await client.get("/staff/rota/needs")).text)
    for need in await CoverNeed.all():
        assert is_clean((await client.get(f"/staff/rota/needs/{need.id}")).text)


@pytest.mark.parametrize("text", TEXTS)
async def test_what_is_typed_into_the_form_about_extra_shifts(client, hub, text):
    day = (clock.today() + timedelta(days=3)).isoformat()
    named = {
        "hub": str(hub.id),
        "location": str(hub.id),
        "title": text,
        "date": day,
        "start": "09:00",
        "end": "12:00",
        "people": "1",
    }
    for form in (named, named | dict.fromkeys(("date", "start", "people", "skills", "location"), text)):
        answer = await client.post("/staff/rota/shifts/new", data=form)
        assert answer.status_code in FINE and is_clean(answer.text)
    assert await Shift.all().count() <= 1
    assert (await client.post("/staff/rota/moves", data={"hub": str(hub.id), "until": text})).status_code in (
        *FINE,
        404,
    )
