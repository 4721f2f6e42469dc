"""What somebody types into the forms of people and leave is a problem or is shown as text; at once they cannot do it twice."""

import asyncio
from datetime import timedelta

import pytest

from booking import clock, db
from booking.problems import Refused
from booking.rotas.models import Leave, StaffProfile
from booking.rotas.people_who_work import leave
from booking.rotas.people_who_work.keeping import save_worker
from tests import make
from tests.hostile import SCRIPT, TEXTS
from tests.rotas.test_workers import sam, who
from tests.rotas.test_workers_pages import form

pytestmark = pytest.mark.anyio
HOME = "/staff/workers"
FINE = (200, 303, 422)
DAY = clock.today() + timedelta(days=9)


@pytest.fixture
async def hub(client):
    at = await make.location(name="Ferndown")
    await make.sign_in_staff(client, await make.staff("hub_manager", at.id))
    return at


async def is_fine(client, answer, *pages):
    assert answer.status_code in FINE
    for text in (answer.text, *[(await client.get(page)).text for page in pages]):
        assert SCRIPT not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize("text", TEXTS)
async def test_every_field_of_every_form(client, hub, text):
    profile = await make.worker(hub)
    row = await make.leave(profile, DAY, state="requested", reason=text[:100])
    page = f"{HOME}/{profile.id}"
    for name in form(hub):
        sent = form(hub, form_token=str(db.new_id()), known_as=f"Sam {name}", notes=text) | {name: text}
        await is_fine(client, await client.post(f"{HOME}/new", data=sent))
    for name in (
        "works_0",
        "week_0_3",
        "cycle_from",
        "postcode",
        "phone",
        "organisation",
        "works_at",
        "notes",
        "from_date",
    ):
        sent = form(hub, known_as=profile.known_as, email=f"{profile.id}@hub.example") | {name: text}
        await is_fine(client, await client.post(f"{page}/change", data=sent), page, f"{page}/change")
    for path, names in (
        ("skills", ("skill", "from_date", "to_date", "held")),
        ("days", ("day", "day_start", "day_end", "day_kind", "reason")),
        ("leave", ("first", "last", "start", "end", "kind", "reason")),
        ("end", ("last_day", "why")),
    ):
        usual = {
            "day": str(DAY),
            "day_kind": "off",
            "first": str(DAY),
            "last": str(DAY),
            "kind": "other",
            "last_day": str(DAY),
        }
        for name in names:
            await is_fine(client, await client.post(f"{page}/{path}", data=usual | {name: text}), page, "/staff/leave")
    for act in ("decline", text):
        answer = await client.post(f"/staff/leave/{row.id}/decide", data={"act": act, "answer": text})
        await is_fine(client, answer, "/staff/leave", page)
    for name in ("q", "hub", "kind", "skill"):
        await is_fine(client, await client.get(HOME, params={name: text}), HOME)
    await is_fine(client, await client.get(f"{page}/end", params={"last_day": text}))
    table = f'known_as,hub_code,notes\n"{text.replace(chr(34), chr(34) * 2)}",{hub.code},"{text.replace(chr(34), chr(34) * 2)}"\n'
    sent = await client.post(f"{HOME}/import", files={"file": (text[:40], table.encode(), "text/csv")})
    await is_fine(client, sent)


async def _outcomes(*acts):
    done = await asyncio.gather(*acts, return_exceptions=True)
    assert all(not isinstance(each, Exception) or isinstance(each, Refused) for each in done), done
    return [each for each in done if isinstance(each, Refused)]


@pytest.mark.slow
async def test_of_managers_who_add_the_same_name_at_once_one_does(real_database):
    hub = await make.location()
    manager = who(await make.staff("hub_manager", hub.id), hub_id=hub.id)
    refused = await _outcomes(*(save_worker(sam(hub, email=f"sam{n}@hub.example"), by=manager) for n in range(5)))
    assert len(refused) == 4
    assert await StaffProfile.all().count() == 1


@pytest.mark.slow
async def test_of_managers_who_decide_at_once_one_does_and_one_message_waits(real_database):
    hub = await make.location()
    managers = [who(await make.staff("hub_manager", hub.id), hub_id=hub.id) for _ in range(4)]
    profile = await make.worker(hub)
    id = await leave.ask_for_leave(profile.id, DAY, DAY)
    refused = await _outcomes(
        *(leave.decide_leave(id, n % 2 == 0, "So it is.", each) for n, each in enumerate(managers))
    )
    assert len(refused) == 3
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE about_kind = 'leave'") == 1


@pytest.mark.slow
async def test_the_same_days_asked_for_at_once_are_asked_for_once(real_database):
    hub = await make.location()
    profile = await make.worker(hub)
    refused = await _outcomes(*(leave.ask_for_leave(profile.id, DAY, DAY) for _ in range(5)))
    assert len(refused) == 4
    assert await Leave.all().count() == 1
