"""When somebody would rather work: said on their own page, shown to managers, weighed by the rules."""

from booking.rotas import loading, rules
from booking.rotas.duties import wishes
from booking.rotas.models import WorkPattern
from tests import make
from tests.hostile import SCRIPT, TEXTS
from tests.rotas.making import duty

HOME = "/duties/wishes"


def row(kind, weekday, start, end, week=None):
    return {"kind": kind, "weekday": weekday, "start": start, "end": end, "week": week}


def form(*days, wish="avoids", time="all", **values):
    return {"wish": wish, "time": time} | {f"day_{n}": "yes" for n in days} | values


def test_wishes_are_said_in_words():
    rows = [row("avoids", 4, "00:00", "24:00"), *(row("prefers", n, "00:00", "13:00") for n in range(7))]
    rows += [row("avoids", n, "18:00", "24:00") for n in (0, 1, 2)] + [row("works", 0, "09:00", "17:00")]
    rows += [row("prefers", 5, "10:30", "24:00"), row("prefers", 6, "10:30", "24:00")]
    assert [each.words for each in wishes.wishes_of(rows)] == [
        "Prefers mornings",
        "Prefers after 10:30am on Saturdays and Sundays",
        "Rather not evenings from Monday to Wednesday",
        "Rather not on Fridays",
    ]


def test_what_was_said_later_counts():
    before = [
        row("prefers", 0, "09:00", "17:00"),
        row("prefers", 1, "09:00", "17:00"),
        row("works", 0, "09:00", "17:00"),
    ]
    after = wishes.with_wish(before, "avoids", {0}, "12:00", "13:00")
    assert {(it.kind, it.weekday, it.start, it.end) for it in after} == {
        ("prefers", 0, "09:00", "12:00"),
        ("prefers", 0, "13:00", "17:00"),
        ("prefers", 1, "09:00", "17:00"),
        ("avoids", 0, "12:00", "13:00"),
    }


async def test_not_fridays_is_said_shown_judged_and_taken_back(client):
    hub = await make.location()
    sam = await make.worker(hub)
    await make.sign_in_worker(client, sam)
    for _ in range(2):
        assert (await client.post(HOME, data=form(4))).status_code == 303
    assert await WorkPattern.filter(staff=sam, kind="avoids").count() == 1
    assert await WorkPattern.filter(staff=sam, kind="works").count() == 7
    for path in (HOME, "/duties"):
        assert "Rather not on Fridays" in (await client.get(path)).text
    [worker] = await loading.workers_of(None, only=[sam.id])
    assert "avoids" in {each.rule for each in rules.unfit(worker, duty(day=4))}

    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = (await client.get(f"/staff/workers/{sam.id}")).text
    assert "Rather not on Fridays" in page and "would rather not work" in page and "12pm" not in page
    change = (await client.get(f"/staff/workers/{sam.id}/change")).text
    assert "00:00-24:00" in change

    client.cookies.clear()
    await make.sign_in_worker(client, sam)
    gone = {"wish": "avoids", "start": "00:00", "end": "24:00"}
    assert (await client.post(f"{HOME}/take-back", data=gone)).status_code == 303
    assert await WorkPattern.filter(staff=sam).count() == 7
    assert "Rather not" not in (await client.get("/duties")).text


async def test_what_is_wrong_stands_beside_the_field(client):
    await make.sign_in_worker(client, await make.worker())
    for wrong in (
        form(wish=""),
        form(),
        form(1, time="soon"),
        form(1, time="own"),
        form(1, time="own", start="12:00", end="11:00"),
        *(form(1, wish=text, time="own", start=text, end=text) for text in TEXTS),
    ):
        answer = await client.post(HOME, data=wrong)
        assert answer.status_code == 422 and SCRIPT not in answer.text, wrong
    assert not await WorkPattern.exclude(kind="works").exists()
    assert (await client.post(HOME, data=form(1, time="own", start="10:00", end="12:00"))).status_code == 303


async def test_a_colleagues_wishes_are_not_touched(client):
    hub = await make.location()
    sam, kim = await make.worker(hub), await make.worker(hub)
    await WorkPattern.create(staff=kim, weekday=4, start="00:00", end="24:00", kind="avoids")
    await make.sign_in_worker(client, sam)
    await client.post(f"{HOME}/take-back", data={"wish": "avoids", "start": "00:00", "end": "24:00"})
    await client.post(HOME, data=form(0))
    assert "Fridays" not in (await client.get(HOME)).text
    assert await WorkPattern.filter(staff=kim, kind="avoids").count() == 1
