"""Whatever stands in the address or a form of a rota page is answered at once, in words, and never breaks anything."""

import time
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine

from booking import clock, db
from booking.rotas.models import CoverAsk, PlanRun
from booking.rotas.planner import running
from booking.rotas.repair import answering, asking
from tests import make
from tests.hostile import TEXTS
from tests.rotas.covering import MORNING, Hub
from tests.rotas.making import who_of
from tests.test_hostile_rooms import is_clean

DATES = ("9999-12-31", "0001-01-01", "2027-02-30", "1e9", "-5", "9" * 40, "2027-W01-1", "٢٠٢٧-01-01")
PAGES = (
    "/staff/rota?date={date}&weeks={number}&by={text}&kind={text}&hub={text}",
    "/staff/rota?date={date}&weeks={number}",
    "/staff/rota/publish?from={date}&weeks={number}",
    "/staff/rota/plans?from={date}&weeks={number}&hub={hub}",
    "/staff/rota/plans?hub={text}",
    "/staff/rota/cover?days={number}&shift={text}",
    "/staff/rota/cover?days={number}",
    "/staff/rota/cover/proposal?days={number}",
    "/staff/rota/cover/ill?staff={worker}&first={date}&last={date}",
    "/staff/rota/cover/ill?staff={worker}&first=2026-01-01&last={date}",
    "/staff/rota/figures?month={date}",
    "/staff/rota/figures.csv?month={date}&what={text}",
    "/staff/rota/published?page={number}",
    "/staff/rota/needs?hub={text}",
    "/staff/rota/shifts/new?date={date}&location={text}",
    "/staff/workers?q={text}&hub={text}&kind={text}",
    "/staff/workers/{worker}/end?last_day={date}",
    "/staff/rota/shifts/{shift}/change?do={text}&to={text}&with={text}",
)
NUMBERS = ("1000000", "-1", "0", "1e3", "٤", "9" * 400, "")


@pytest.fixture
async def here(client, database):
    hub = await make.location(name="Ferndown")
    sam = await make.worker(hub, known_as="Sam Green")
    shift = await make.shift(hub)
    await make.assignment(shift, sam)
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return {"hub": str(hub.id), "worker": str(sam.id), "shift": str(shift.id)}


@pytest.mark.parametrize("page", PAGES)
async def test_whatever_stands_in_an_address(client, here, page):
    for n, text in enumerate(TEXTS):
        values = here | {
            "date": DATES[n % len(DATES)],
            "number": NUMBERS[n % len(NUMBERS)],
            "text": text[:200],
        }
        begun = time.perf_counter()
        answer = await client.get(page.format(**{name: quote(value) for name, value in values.items()}))
        assert answer.status_code < 500, (page, values)
        assert time.perf_counter() - begun < 3, (page, values)
        assert is_clean(answer.text)


@pytest.mark.parametrize("text", [*TEXTS, *DATES, *NUMBERS[:5]])
async def test_whatever_is_typed_into_a_form(client, here, text):
    day = (clock.today() + timedelta(days=9)).isoformat()
    names = ("do", "to", "with", "reason", "back", "staff", "first", "last", "step", "act", "why", "event", "until", "seen", "from", "weeks",
             "engine", "seed", "wish-fairness", "wish-travel", "rest_hours", "break_minutes", "evening_from", "most_week_minutes")  # fmt: skip
    typed = dict.fromkeys(names, text)
    for path, more in (
        (f"/staff/rota/shifts/{here['shift']}/change", {}),
        (f"/staff/rota/shifts/{here['shift']}/change", {"do": "give", "to": here["worker"]}),
        ("/staff/rota/undo", {}), ("/staff/rota/cover/ill", {"staff": here["worker"]}), ("/staff/rota/cover/proposal", {}),
        (f"/staff/rota/cover/{here['shift']}/ask", {}), (f"/staff/rota/cover/{here['shift']}/give", {}),
        ("/staff/rota/rules", {"hub": here["hub"]}), ("/staff/rota/moves", {"hub": here["hub"]}),
        ("/staff/rota/plans", {"hub": here["hub"], "engine": "greedy"}), ("/staff/rota/publish", {"hub": here["hub"], "first": day}),
        ("/staff/rota/needs/undo", {"hub": here["hub"]}), (f"/staff/workers/{here['worker']}/end", {}),
        (f"/staff/workers/{here['worker']}/leave", {"kind": "annual"}), (f"/staff/workers/{here['worker']}/leave", {"kind": "sick"}),
    ):  # fmt: skip
        answer = await client.post(path, data=typed | more)
        assert answer.status_code < 500, (path, answer.status_code)
        assert is_clean(answer.text)
        assert not answer.headers.get("location", "").startswith(("//", "http")), path
    for run in await PlanRun.all():
        assert set(run.wishes) <= {"keep", "same_facilitators", "fairness", "wishes", "travel", "near_contract"}
        assert all(value in (0, 1, 2, 3) for value in run.wishes.values())
        assert run.last_date - run.first_date < timedelta(weeks=8)


async def test_a_form_with_thousands_of_hubs_or_people_is_refused(client, here):
    for path, name in (
        ("/staff/rota/plans", "hub"),
        (f"/staff/rota/cover/{here['shift']}/ask", "staff"),
        ("/staff/rota/cover/proposal", "step"),
    ):
        answer = await client.post(path, data={name: [here["hub"]] * 1500})
        assert answer.status_code in (400, 404, 413, 422), path
    query = "&".join(f"hub={here['hub']}" for _ in range(800))
    assert (await client.get(f"/staff/rota/plans?{query}")).status_code in (200, 404, 414)


async def test_nobody_has_the_machine_plan_without_end(database):
    """Each plan may take a minute of the machine: of one person a few wait at once."""
    hub = await make.location()
    tom = who_of(await make.staff("hub_manager", hub.id), hub.id)
    day = clock.today() + timedelta(days=7)
    for _ in range(running.MOST_WAITING):
        await running.ask([hub.id], day, day, engine="greedy", by=tom)
    with pytest.raises(Exception, match="Wait"):
        await running.ask([hub.id], day, day, engine="greedy", by=tom)
    await running.work_next("greedy")
    await running.ask([hub.id], day, day, engine="greedy", by=tom)


async def test_what_is_pressed_twice_is_written_down_once(client, here):
    day = (clock.today() + timedelta(days=9)).isoformat()
    worker = f"/staff/workers/{here['worker']}"
    for path, typed, table in (
        ("/staff/rota/cover/ill", {"staff": here["worker"], "first": day, "last": day}, "leave"),
        (f"{worker}/leave", {"first": day, "last": day, "kind": "sick"}, "leave"),
        (f"{worker}/leave", {"first": "2027-06-01", "last": "2027-06-01", "kind": "annual"}, "leave"),
        (f"{worker}/days", {"day": day, "day_kind": "off"}, "pattern_exception"),
    ):
        await client.post(path, data=typed)
        once = await db.value(f"SELECT COUNT(*) FROM {table}")
        await client.post(path, data=typed)
        assert await db.value(f"SELECT COUNT(*) FROM {table}") == once > 0, path
    assert await db.value("SELECT COUNT(*) FROM leave WHERE kind = 'sick'") == 1


async def test_nobody_is_asked_for_one_duty_again_and_again(database):
    """Each time is a text."""
    with time_machine.travel(MORNING, tick=False):
        await asked_too_often(await Hub.make())


async def asked_too_often(hub):
    shift = await hub.open_shift(days=1)
    for _ in range(asking.MOST_TIMES):
        [ask] = await hub.ask(shift, hub.kim)
        await answering.decline(ask.id)
    done = await asking.ask(shift_id=shift.id, staff_ids=[hub.kim.id], by=hub.tom)
    assert done.count == 0 and done.asked_before == ("Kim Day",)
    assert await CoverAsk.filter(shift_id=shift.id).count() == asking.MOST_TIMES
