"""County admins see on Today when the texts of an hour or a day come near their limit; nobody else does."""

from booking import settings
from booking.messages import pacing
from tests import make

MESSAGES = settings.load(environment={}).messages
NEAR = MESSAGES.sms_an_hour * 4 // 5


async def use_up(count):
    await pacing._write({pacing.HOUR: (pacing.clock.now(), count)})


async def test_an_admin_is_told_at_four_fifths(client, database):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    await use_up(NEAR - 1)
    assert "texts allowed in one hour" not in (await client.get("/staff")).text
    await use_up(NEAR)
    assert "8,000 of 10,000 texts allowed in one hour have left" in (await client.get("/staff")).text


async def test_staff_and_strangers_are_not(client, desk):
    await use_up(NEAR)
    assert "texts allowed" not in (await desk.get("/staff")).text
    client.cookies.clear()
    assert "texts allowed" not in (await client.get("/staff")).text
