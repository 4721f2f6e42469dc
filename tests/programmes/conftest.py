"""A hub with its room and one of its staff, for tests that do not say more about them."""

import pytest

from tests import make
from tests.places.who import staff_who


@pytest.fixture
async def hub(database):
    hub = await make.location(name="Ferndown Family Hub")
    await make.opening_hours(hub, weekdays="0123456")
    return hub


@pytest.fixture
async def maya(hub):
    return staff_who(await make.staff("hub_staff", hub.id), {hub.id})


@pytest.fixture
async def room(hub):
    return await make.room(hub, name="Blue room")
