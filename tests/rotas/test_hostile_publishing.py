"""What somebody types into names, titles and the forms of publishing is a problem or is shown as text: on pages, in mails, texts and
calendars."""

import re
from datetime import date

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas.models import StaffProfile
from tests import make
from tests.hostile import TEXTS
from tests.test_hostile_planning import check_messages
from tests.test_hostile_rooms import is_clean

pytestmark = [pytest.mark.anyio]
DAY = date(2027, 1, 12)
PAGE, RULES = "/staff/rota/publish", "/staff/rota/rules"
ODD = ["x", "-1", "9" * 40, "2026-13-40", "0001-01-01", "9999-12-31", "\u202e", "' OR 1=1", "nan", "inf", "1e400", ""]


@pytest.fixture
async def hub(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 4), "10:00"))
    at = await make.location(name="Ferndown Family Hub", needs_two=False)
    await make.sign_in_staff(client, await make.staff("hub_manager", at.id))
    return at


@pytest.mark.parametrize("text", TEXTS)
async def test_whatever_a_duty_or_a_person_is_called_is_shown_as_text(hub, client, text):
    sam = await make.worker(hub)
    await Person.filter(id=sam.person_id).update(channel="email", name=text[:100] or "x")
    await StaffProfile.filter(id=sam.id).update(known_as=text[:100] or "x")
    await db.execute("UPDATE location SET needs_two = $1, address = $2 WHERE id = $3", True, text[:100], hub.id)
    shift = await make.shift(hub, date=DAY, title=text[:150])
    await make.assignment(shift, sam, "draft")
    page = (await client.get(f"{PAGE}?hub={hub.id}&from=2027-01-11")).text
    assert is_clean(page)
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)) | {"reason": text or "x"}
    answer = await client.post(PAGE, data=form)
    if answer.status_code == 303:
        done = (await client.get(answer.headers["location"])).text
        assert is_clean(done) and is_clean((await client.get("/staff/rota/published")).text)
        await check_messages()
    else:
        assert answer.status_code in (409, 422) and is_clean(answer.text)


@pytest.mark.parametrize("text", ODD)
async def test_odd_addresses_are_answered(hub, client, text):
    for name in ("hub", "from", "date", "weeks"):
        answer = await client.get(PAGE, params={name: text})
        assert answer.status_code in (200, 404) and is_clean(answer.text), (name, text)
    for path, name in ((RULES, "hub"), ("/staff/rota/published", "page")):
        answer = await client.get(path, params={name: text})
        assert answer.status_code in (200, 404) and is_clean(answer.text)


@pytest.mark.parametrize("text", [*ODD, *TEXTS])
async def test_odd_numbers_in_the_rules_are_problems(hub, client, text):
    names = ("rest_hours", "most_week_minutes", "break_minutes", "evening_from", "travel", "seen", "event")
    for name in names:
        answer = await client.post(RULES, data={"hub": str(hub.id), name: text})
        assert answer.status_code in (404, 409) and is_clean(answer.text), (name, text)
    assert await db.value("SELECT COUNT(*) AS n FROM rota_rules") == 0
