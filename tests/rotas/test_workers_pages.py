"""The pages about people who work: everybody's own hub, managers change, and why somebody is away is for managers alone."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.rotas.models import Assignment, Leave, PatternException, Skill, StaffProfile, StaffSkill, WorkPattern
from tests import make

pytestmark = pytest.mark.anyio
HOME = "/staff/workers"


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown", hub_name="Ferndown")


@pytest.fixture
async def manager(client, hub):
    member = await make.staff("hub_manager", hub.id)
    await make.sign_in_staff(client, member)
    return member


def form(at, **values):
    own = {
        "form_token": "a form", "known_as": "Sam Green", "kind": "staff", "hub": str(at.id), "base": str(at.id), "channel": "email",
        "email": "sam@hub.example", "weekly_hours": "22.5", "over_hours": "2", "max_travel_minutes": "45", "days_in_row": "5",
        "saturdays_in_four": "2", "evenings_in_week": "2", "cycle_weeks": "1", "drives": "yes", "counts_for_two": "yes",
    }  # fmt: skip
    return own | values


async def test_a_manager_adds_somebody_once_and_sees_them(client, hub, manager):
    sent = form(hub, works_0="09:00-12:30; 13:00-17:00", avoids_4="14:00-18:00", weekly_hours="22.5")
    answer = await client.post(f"{HOME}/new", data=sent)
    assert answer.status_code == 303
    await client.post(f"{HOME}/new", data=sent | {"known_as": "Sam Green again"})
    [profile] = await StaffProfile.all()
    assert profile.weekly_minutes == 1350
    assert await WorkPattern.filter(staff=profile).count() == 3
    page = (await client.get(f"{HOME}/{profile.id}")).text
    assert "Monday: works 9am to 12:30pm; works 1pm to 5pm" in page
    assert "Friday: would rather not work 2pm to 6pm" in page
    assert "Sam Green" in (await client.get(HOME)).text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"known_as": ""}, "Enter the name on the rota"),
        ({"hub": "elsewhere"}, "Choose their home hub"),
        ({"works_2": "9 to 5"}, "Wednesday: enter hours"),
        ({"weekly_hours": "many"}, "Enter hours from 0 to 60"),
        ({"weekly_hours": "1e999"}, "Enter hours from 0 to 60"),
        ({"email": "", "channel": "email"}, "so that mails reach them"),
        ({"channel": "sms", "phone": ""}, "so that texts reach them"),
        ({"days_in_row": "²"}, "Enter days from 1 to 12"),
        ({"cycle_weeks": "2", "cycle_from": ""}, "Enter a day of a first week"),
        ({"kind": "partner"}, "Choose the organisation"),
        ({"kind": "volunteer"}, "have no contract"),
        ({"from_date": "soon"}, "Enter a date"),
    ],
)
async def test_problems_stand_beside_their_fields_and_what_was_typed_stays(client, hub, manager, values, words):
    answer = await client.post(f"{HOME}/new", data=form(hub, notes="kept", **values))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="kept"' in answer.text
    assert not await StaffProfile.exists()


async def test_changing_shows_what_is_there_and_saves_what_is_new(client, hub, manager):
    profile = await make.worker(hub, cycle_weeks=2, cycle_from_date=clock.today())
    await WorkPattern.create(staff=profile, weekday=6, start="10:00", end="12:00", week=1)
    page = (await client.get(f"{HOME}/{profile.id}/change")).text
    assert 'value="08:00-21:00"' in page
    assert 'name="week_1_6" value="10:00-12:00"' in page
    sent = form(hub, known_as=profile.known_as, email="w@hub.example", works_0="09:00-17:00")
    assert (await client.post(f"{HOME}/{profile.id}/change", data=sent)).status_code == 303
    rows = await WorkPattern.filter(staff=profile)
    assert [(row.weekday, row.start, row.week) for row in rows] == [(0, "09:00", None)]
    assert (await StaffProfile.get(id=profile.id)).cycle_from_date is None


async def test_a_strangers_hub_is_not_there(client, hub):
    profile = await make.worker(hub)
    other = await make.location()
    await make.sign_in_staff(client, await make.staff("hub_manager", other.id))
    assert profile.known_as not in (await client.get(HOME)).text
    for path in ("", "/change", "/end"):
        assert (await client.get(f"{HOME}/{profile.id}{path}")).status_code == 404
    for path in ("/change", "/end", "/back", "/skills", "/days", "/leave"):
        assert (await client.post(f"{HOME}/{profile.id}{path}", data={})).status_code == 404


async def test_colleagues_see_neither_postcode_nor_notes_nor_why_somebody_is_away(client, hub):
    values = {"postcode": "BH21 1AA", "notes": "A bad back", "lat": 50.8, "lon": -1.9, "base": None}
    profile = await make.worker(hub, **values)
    await make.leave(profile, clock.today(), kind="sick", reason="An operation")
    await PatternException.create(staff=profile, date=clock.today(), kind="off", reason="At the hospital")
    secrets = ("BH21 1AA", "A bad back", "Sick", "operation", "hospital", "hub.example")
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    pages = (await client.get(f"{HOME}/{profile.id}")).text + (await client.get("/staff/leave")).text
    assert not [word for word in secrets if word in pages]
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = (await client.get(f"{HOME}/{profile.id}")).text
    assert not [word for word in secrets if word not in page]


async def test_the_list_is_filtered_by_kind_skill_and_what_expires(client, hub, manager):
    soon, late = clock.today() + timedelta(days=20), clock.today() - timedelta(days=3)
    await make.skill("first-aid", name="First aid")
    for name, kind, to_date in (("Anna", "staff", soon), ("Bert", "volunteer", late), ("Cleo", "staff", None)):
        profile = await make.worker(hub, known_as=name, kind=kind)
        if name != "Cleo":
            await StaffSkill.create(staff=profile, skill=await Skill.get(code="first-aid"), to_date=to_date)
    for query, names in (
        ("kind=volunteer", {"Bert"}),
        ("skill=first-aid", {"Anna", "Bert"}),
        ("expiring=yes", {"Anna", "Bert"}),
        ("q=cle", {"Cleo"}),
    ):
        page = (await client.get(f"{HOME}?{query}", headers={"HX-Request": "true"})).text
        assert {name for name in ("Anna", "Bert", "Cleo") if name in page} == names, query
    assert "First aid expired" in (await client.get(HOME)).text


async def test_skills_are_given_renewed_and_taken(client, hub, manager):
    profile, skill = await make.worker(hub), await make.skill(expires_months=12)
    path = f"{HOME}/{profile.id}/skills"
    await client.post(path, data={"skill": str(skill.id), "from_date": "2027-01-31"})
    [row] = await StaffSkill.all()
    assert str(row.to_date) == "2028-01-31"
    again = await client.post(path, data={"skill": str(skill.id), "from_date": "2027-06-01"})
    assert again.status_code == 422
    await client.post(path, data={"skill": str(skill.id), "held": str(row.id), "to_date": "2029-01-01"})
    assert str((await StaffSkill.get(id=row.id)).to_date) == "2029-01-01"
    await client.post(f"{path}/{row.id}/remove")
    assert not await StaffSkill.exists()


async def test_a_single_day_and_leave_are_written_down(client, hub, manager):
    profile, day = await make.worker(hub), clock.today() + timedelta(days=5)
    shift = await make.shift(hub, date=day)
    await make.assignment(shift, profile)
    await client.post(f"{HOME}/{profile.id}/days", data={"day": str(day), "day_kind": "off", "reason": "School"})
    assert (await PatternException.get(staff=profile)).date == day
    bad = await client.post(f"{HOME}/{profile.id}/days", data={"day": str(day), "day_kind": "off", "day_start": "noon"})
    assert bad.status_code == 422
    await client.post(f"{HOME}/{profile.id}/leave", data={"kind": "training", "first": str(day), "last": str(day)})
    assert (await Leave.get(staff=profile)).state == "approved"
    assert "1 duty on the rota in these days" in (await client.get(f"{HOME}/{profile.id}")).text


async def test_sickness_opens_duties_after_a_preview_and_ends_early(client, hub, manager):
    profile, day = await make.worker(hub, known_as="Sam Green"), clock.today() + timedelta(days=5)
    shift, path = await make.shift(hub, date=day), f"{HOME}/{profile.id}"
    await make.assignment(shift, profile)
    asked = {"kind": "sick", "first": str(day), "last": str(day + timedelta(days=2))}
    preview = (await client.post(f"{path}/leave", data=asked)).headers["location"]
    assert not await Leave.exists()
    assert "1 duty of Sam Green would be open" in (await client.get(preview)).text
    await client.post("/staff/rota/cover/ill", data=asked | {"staff": str(profile.id)})
    row = await Leave.get(staff=profile)
    assert row.kind == "sick" and not await Assignment.exists()

    assert "They are back early" in (await client.get(path)).text
    for wrong in ("", "soon", str(day + timedelta(days=3))):
        assert (await client.post(f"{path}/leave/{row.id}/back", data={"back": wrong})).status_code == 422, wrong
    holiday = await make.leave(profile, day + timedelta(days=20))
    others = await make.leave(await make.worker(hub), day, kind="sick")
    for id, status in ((others.id, 404), (holiday.id, 422)):
        assert (await client.post(f"{path}/leave/{id}/back", data={"back": str(day)})).status_code == status
    await client.post(f"{path}/leave/{row.id}/back", data={"back": str(day + timedelta(days=1))})
    assert (await Leave.get(id=row.id)).last_date == day


async def test_who_leaves_is_shown_with_what_is_still_theirs(client, hub, manager):
    profile = await make.worker(hub)
    await make.assignment(await make.shift(hub), profile)
    page = (await client.get(f"{HOME}/{profile.id}/end")).text
    assert "1 duty after" in page
    assert (
        await client.post(f"{HOME}/{profile.id}/end", data={"last_day": str(clock.today()), "why": ""})
    ).status_code == 422
    await client.post(f"{HOME}/{profile.id}/end", data={"last_day": str(clock.today()), "why": "Retires"})
    assert (await StaffProfile.get(id=profile.id)).to_date == clock.today()
    await client.post(f"{HOME}/{profile.id}/back")
    assert (await StaffProfile.get(id=profile.id)).to_date is None


async def test_a_restricted_duty_of_another_hub_is_private_on_the_page_that_ends_somebody(client, hub, manager):
    refuge = await make.location(name="Rose House", kind="restricted", is_restricted=True)
    profile = await make.worker(hub)
    await make.assignment(await make.shift(refuge, title="Circle"), profile)
    page = (await client.get(f"{HOME}/{profile.id}/end")).text
    assert "Rose House" not in page
    assert "Circle" not in page
    assert "Private booking" in page


async def test_only_administrators_keep_the_list_of_skills(client, hub, manager):
    data = {"name": "First aid", "code": "first-aid", "expires_months": "36"}
    assert (await client.post("/staff/skills", data=data)).status_code == 404
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.post("/staff/skills", data=data | {"code": "First Aid!"})).status_code == 422
    assert (await client.post("/staff/skills", data=data | {"expires_months": "²"})).status_code == 422
    await client.post("/staff/skills", data=data)
    await client.post("/staff/skills", data=data | {"name": "Paediatric first aid"})
    [skill] = await Skill.all()
    assert (skill.name, skill.expires_months) == ("Paediatric first aid", 36)
    higher = data | {"code": "first-aid-2", "name": "First aid at work"}
    for wrong in ("first-aid-2", "nothing", "x" * 400):
        assert (await client.post("/staff/skills", data=higher | {"includes": wrong})).status_code == 422, wrong
    assert (await client.post("/staff/skills", data=higher | {"includes": "first-aid"})).status_code == 303
    assert "holds too: Paediatric first aid" in (await client.get("/staff/skills")).text
    assert 'value="first-aid"' in (await client.get("/staff/skills?change=first-aid-2")).text
    await client.post(f"/staff/skills/{skill.id}/end")
    assert (await Skill.get(id=skill.id)).ended_at
    await client.post(f"/staff/skills/{skill.id}/end", data={"act": "bring back"})
    assert (await Skill.get(id=skill.id)).ended_at is None


async def test_the_list_asks_as_often_for_many_as_for_one(client, hub, manager, monkeypatch):
    from booking.rotas.people_who_work import worker_lists

    count = []
    rows = db.rows

    async def counted(*args):
        count.append(args)
        return await rows(*args)

    reader = await _who(manager, hub)
    for people in (1, 6):
        for _ in range(people):
            await make.worker(hub)
        with monkeypatch.context() as patch:
            patch.setattr(db, "rows", counted)
            assert len(await worker_lists.find(worker_lists.Wanted(), reader)) >= people
    assert len(count) == 6


async def _who(member, hub):
    from tests.rotas.test_workers import who

    return who(member, hub_id=hub.id)
