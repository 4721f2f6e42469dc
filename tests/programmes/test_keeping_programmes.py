"""Programmes are kept by managers and admins, read by staff, and an import leaves alone what they changed."""

import json

import pytest

from booking import audit
from booking.problems import Refused
from booking.programmes.bookings.booking_modes import Mode, mode_of
from booking.programmes.models import Programme, Topic
from booking.programmes.plans import keeping_programmes, pictures, programme_form
from booking.settings import ROOT
from tests import make
from tests.places.who import staff_who

TYPED = programme_form.blank() | {
    "title": "Young people with SEND social group", "group": "Own", "booking_mode": "session", "minutes": "120",
    "places_max": "12", "places_min": "4", "min_age_months": "11 years", "max_age_months": "19 years",
    "send_max_age_months": "25 years", "facilitators": "3", "skills": "First aid", "creche_places": "8",
    "most_adults": "1", "most_children": "3", "parts": "5:20 6", "reminder_leads": "1d", "picture": "teen",
}  # fmt: skip


@pytest.fixture
async def hub(database):
    return await make.location()


@pytest.fixture
async def manager(hub):
    return staff_who(await make.staff("hub_manager", hub.id), {hub.id}, "hub_manager")


async def test_every_field_is_kept(manager):
    topic = await Topic.create(code="send", name="SEND")
    id = await keeping_programmes.add(typed=TYPED | {"topic": str(topic.id)}, by=manager)
    kept = await Programme.get(id=id)
    assert (kept.min_age_months, kept.max_age_months, kept.send_max_age_months) == (132, 228, 300)
    assert kept.parts == [{"week": 5, "minutes": 20}, {"week": 6, "minutes": 30}]
    assert (kept.most_adults, kept.most_children, kept.creche_places, kept.topic_id) == (1, 3, 8, topic.id)
    assert (kept.code, kept.reminder_leads, kept.picture) == ("own-young-people-with-send", "1d", "teen")


async def test_what_is_typed_and_what_is_kept_say_the_same(manager):
    id = await keeping_programmes.add(typed=TYPED, by=manager)
    row = keeping_programmes.plain(await keeping_programmes.programme_row(manager, id) or {})
    again = programme_form.typed_facts(row)
    assert await keeping_programmes.change(programme_id=id, typed=again, by=manager) == []
    assert not await audit.AuditEvent.filter(verb="change programme").count()


async def test_a_change_is_in_the_trail_with_what_was_before(manager):
    id = await keeping_programmes.add(typed=TYPED, by=manager)
    assert await keeping_programmes.change(programme_id=id, typed=TYPED | {"minutes": "90"}, by=manager) == ["minutes"]
    event = await audit.AuditEvent.get(verb="change programme")
    assert (event.before, event.after) == ({"minutes": 120}, {"minutes": 90})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"booking_mode": ""}, "booking_mode"),
        ({"min_age_months": "6 years", "max_age_months": "3 years"}, "max_age_months"),
        ({"send_max_age_months": "18 years"}, "send_max_age_months"),
        ({"places_min": "20"}, "places_max"),
        ({"parts": "every week"}, "parts"),
        ({"audience": "professionals"}, "min_age_months"),
        ({"picture": "unicorn"}, "picture"),
        ({"reminder_leads": "2w"}, "reminder_leads"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(manager, typed, field):
    with pytest.raises(Refused) as refused:
        await keeping_programmes.add(typed=TYPED | typed, by=manager)
    assert field in {problem.field for problem in refused.value.problems}


async def test_an_ended_one_cannot_be_planned_until_it_is_brought_back(manager):
    id = await keeping_programmes.add(typed=TYPED, by=manager)
    await keeping_programmes.end(programme_id=id, by=manager)
    assert id not in {row["id"] for row in await keeping_programmes.offered(manager)}
    assert not await keeping_programmes.every(manager, "send")
    assert await keeping_programmes.every(manager, "send", with_ended=True)
    await keeping_programmes.bring_back(programme_id=id, by=manager)
    assert id in {row["id"] for row in await keeping_programmes.offered(manager)}


async def test_staff_read_and_do_not_change(client, hub):
    offered = await make.programme(title="Messy play", minutes=60)
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert "Messy play" in (await client.get("/staff/programmes")).text
    page = await client.get(f"/staff/programmes/{offered.id}")
    assert "Change" not in page.text
    for path in ("new", f"{offered.id}/edit"):
        assert (await client.post(f"/staff/programmes/{path}", data=TYPED)).status_code == 404
    assert await Programme.all().count() == 1


async def test_a_form_sent_twice_adds_one_programme(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    form = TYPED | {"form_token": "the same form"}
    first, second = [await client.post("/staff/programmes/new", data=form) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert await Programme.all().count() == 1


async def test_a_refused_form_comes_back_as_it_was_typed(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = await client.post("/staff/programmes/new", data=TYPED | {"minutes": "long"})
    assert page.status_code == 422
    assert 'value="Young people with SEND social group"' in page.text
    assert 'href="#minutes"' in page.text


@pytest.mark.parametrize(
    ("mode", "rule", "kind", "expected"),
    [
        ("", "drop in", "weekly", Mode("drop_in")),
        ("", "self or professional", "course", Mode("run", takes_referrals=True)),
        ("", "self", "one_off", Mode("session")),
        ("", "book first visit", "weekly", Mode("session", is_first_visit_booked=True)),
        ("", "referral and risk assessment", "course", Mode("referral", takes_referrals=True)),
        ("appointment", "", "weekly", Mode("appointment")),
    ],
)
def test_a_programme_says_how_its_runs_are_booked(mode, rule, kind, expected):
    assert mode_of({"booking_mode": mode, "booking_rule": rule, "kind": kind}) == expected


def test_every_picture_is_there_and_every_programme_has_one():
    drawn = {path.stem for path in (ROOT / "static" / "pictures").glob("*.svg")}
    assert set(programme_form.PICTURES) <= drawn
    assert {name for name, _ in pictures.WORDS} <= drawn
    assert pictures.picture_of("cook", "Baby massage") == "cook"
    assert pictures.picture_of("", "Messy play") == "messy"
    assert json.dumps(pictures.picture_of("", "Anything at all"))
