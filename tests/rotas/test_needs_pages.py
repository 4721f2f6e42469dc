"""What needs people, on pages: a week as a picture, a form that says what it does first, and undo; strangers see nothing."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.rotas import following
from booking.rotas.models import CoverNeed, Shift
from tests import make

NEEDS = "/staff/rota/needs"
FORM = {
    "name": "Morning",
    "weekdays": ["0", "1", "2", "3", "4"],
    "start": "09:00",
    "end": "13:00",
    "people": "2",
    "skilled": "1",
}


@pytest.fixture
async def hub(database):
    found = await make.location(name="Ferndown", hub_name="Ferndown Family Hub")
    await make.opening_hours(found)
    return found


@pytest.fixture
async def manager(client, hub):
    member = await make.staff("hub_manager", hub.id)
    await make.sign_in_staff(client, member)
    return client


async def a_need(hub, **values):
    own = {"location": hub, "name": "Morning", "weekdays": "01234", "start": "09:00", "end": "13:00", "people": 2}
    return await CoverNeed.create(**own | values)


async def test_the_week_of_a_place_shows_what_looks_wrong(manager, hub):
    await a_need(hub)
    await a_need(hub, name="Alone", start="13:00", end="15:00", people=1)
    page = (await manager.get(NEEDS)).text
    assert "Morning" in page and "2 people" in page
    assert "Open, but nobody is needed: Monday, Tuesday, Wednesday, Thursday and Friday 3pm to 5pm." in page
    assert "Fewer than two people in an open building" in page


async def test_where_somebody_may_be_alone_one_is_enough(manager, hub):
    await db.execute("UPDATE location SET needs_two = FALSE WHERE id = $1", hub.id)
    await a_need(hub, people=1, end="17:00")
    page = (await manager.get(NEEDS)).text
    assert "Fewer than two people in an open building" not in page and "One person may be alone here" in page


async def test_saving_says_first_what_it_does(manager, hub):
    asked = await manager.post(f"{NEEDS}/new", data=FORM | {"location": str(hub.id)})
    assert asked.status_code == 200 and "will be there to plan" in asked.text
    assert await CoverNeed.all().count() == 0 and await Shift.all().count() == 0
    done = await manager.post(f"{NEEDS}/new", data=FORM | {"location": str(hub.id), "sure": "yes"})
    assert done.status_code == 303
    need = await CoverNeed.get()
    assert (need.weekdays, need.people, need.skills) == ("01234", 2, "")
    assert await Shift.filter(need_id=need.id).count() >= 2 * 5 * 7


async def test_what_is_wrong_stands_beside_the_fields(manager, hub):
    asked = await manager.post(
        f"{NEEDS}/new", data={"location": str(hub.id), "start": "13:00", "end": "9:00", "people": "0"}
    )
    assert asked.status_code == 422
    for words in ("Give it a name", "Choose the days of the week", "It ends before it begins"):
        assert words in asked.text


async def test_whose_published_duties_change_stands_in_the_preview_and_they_are_told_after_the_undo_time(manager, hub):
    need = await a_need(hub)
    await following.follow()
    worker = await make.worker(hub, known_as="Ann Lee")
    shift = await Shift.filter(need_id=need.id, starts_at__gt=clock.now() + timedelta(days=1)).order_by("date").first()
    await make.assignment(shift, worker)
    asked = await manager.post(f"{NEEDS}/{need.id}", data={"ends": "yes"})
    assert "Ann Lee" in asked.text and "will go" in asked.text
    await manager.post(f"{NEEDS}/{need.id}", data={"ends": "yes", "sure": "yes"})
    assert (await CoverNeed.get(id=need.id)).ended_at is not None
    [row] = await db.rows("SELECT due_at FROM message WHERE kind = 'duty_changed'")
    assert row["due_at"] > clock.now() + timedelta(minutes=8)


async def test_ending_can_be_undone_and_people_are_back(manager, hub):
    need = await a_need(hub)
    await following.follow()
    worker = await make.worker(hub)
    shift = await Shift.filter(need_id=need.id, starts_at__gt=clock.now() + timedelta(days=1)).order_by("date").first()
    await make.assignment(shift, worker)
    await manager.post(f"{NEEDS}/{need.id}", data={"ends": "yes", "sure": "yes"})
    page = (await manager.get(NEEDS)).text
    event = page.split('name="event" value="')[1].split('"')[0]
    await manager.post(f"{NEEDS}/undo", data={"event": event, "hub": str(hub.id)})
    assert (await CoverNeed.get(id=need.id)).ended_at is None
    assert (await Shift.get(id=shift.id)).state == "open"
    assert await db.value("SELECT COUNT(*) AS n FROM assignment WHERE shift_id = $1", shift.id) == 2


async def test_a_change_is_undone_only_while_it_stands(manager, hub):
    need = await a_need(hub)
    await manager.post(f"{NEEDS}/{need.id}", data=FORM | {"people": "3", "sure": "yes"})
    page = (await manager.get(NEEDS)).text
    event = page.split('name="event" value="')[1].split('"')[0]
    await CoverNeed.filter(id=need.id).update(people=4)
    await manager.post(f"{NEEDS}/undo", data={"event": event, "hub": str(hub.id)})
    assert (await CoverNeed.get(id=need.id)).people == 4


async def test_an_extra_shift_is_added_once(manager, hub):
    page = await manager.get(f"/staff/rota/shifts/new?hub={hub.id}")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    day = clock.today() + timedelta(days=5)
    typed = {
        "hub": str(hub.id), "title": "Open day", "location": str(hub.id), "date": day.isoformat(), "start": "09:00",
        "end": "16:30", "people": "2", "form_token": token,
    }  # fmt: skip
    for _ in range(2):
        assert (await manager.post("/staff/rota/shifts/new", data=typed)).status_code == 303
    shifts = await Shift.all()
    assert [(each.kind, each.title, each.minutes) for each in shifts] == [("extra", "Open day", 7 * 60)] * 2


async def test_staff_read_and_strangers_find_nothing(client, hub):
    need = await a_need(hub)
    other = await make.location()
    assert (await client.get(NEEDS)).status_code in (303, 404)
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = await client.get(NEEDS)
    assert page.status_code == 200 and "Change<" not in page.text
    assert (await client.get(f"{NEEDS}/{need.id}")).status_code == 404
    await make.sign_in_staff(client, await make.staff("hub_manager", other.id))
    for path in (f"{NEEDS}/{need.id}", f"{NEEDS}?hub={hub.id}", f"{NEEDS}/new?location={hub.id}"):
        assert (await client.get(path)).status_code == 404
    done = await client.post(f"{NEEDS}/{need.id}", data={"ends": "yes", "sure": "yes"})
    assert done.status_code == 404 and (await CoverNeed.get(id=need.id)).ended_at is None


async def test_the_page_costs_the_same_with_many_needs(manager, hub, monkeypatch):
    async def statements() -> int:
        count, plain = 0, db.rows

        async def rows(sql, *parameters):
            nonlocal count
            count += 1
            return await plain(sql, *parameters)

        with monkeypatch.context() as patch:
            patch.setattr(db, "rows", rows)
            await manager.get(NEEDS)
        return count

    await a_need(hub)
    one = await statements()
    for n in range(8):
        await a_need(await make.location(hub_id=hub.id, kind="outreach"), name=f"Need {n}")
    assert await statements() == one


async def test_what_changed_by_itself_is_listed_until_a_manager_has_seen_it(manager, hub):
    await a_need(hub)
    await following.follow()
    await db.execute("UPDATE opening_hours SET opens = '10:00' WHERE location_id = $1", hub.id)
    await following.follow()
    assert "changed</a> because a session" in (await manager.get(NEEDS)).text
    page = (await manager.get(f"/staff/rota/moves?hub={hub.id}")).text
    assert "Moved: it was" in page
    until = page.split('name="until" value="')[1].split('"')[0].replace("&#43;", "+")
    await Shift.filter(moved_words__not="").order_by("-date").limit(1)
    late = await Shift.filter(moved_words__not="").order_by("-date").first()
    await Shift.filter(id=late.id).update(moved_at=clock.now() + timedelta(minutes=1))
    done = await manager.post("/staff/rota/moves", data={"hub": str(hub.id), "until": until})
    assert done.status_code == 303
    assert await Shift.filter(moved_words__not="").count() == 1


async def test_only_managers_say_that_they_have_seen_it(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", (await make.location()).id))
    assert (await client.get(f"/staff/rota/moves?hub={hub.id}")).status_code == 404
    assert (await client.post("/staff/rota/moves", data={"hub": str(hub.id)})).status_code == 404
