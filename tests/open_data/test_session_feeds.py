"""Calendars of what a member of staff leads, of their hub, and of one run: whose they are, what they say, how they end."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from booking import clock, db
from booking.open_data import feeds
from booking.open_data.models import FeedLink
from booking.programmes.models import Slot
from tests import make
from tests.messages.expected_texts import check
from tests.open_data.conftest import link
from tests.open_data.test_feeds import address_in, events, queries, read, titles

pytestmark = pytest.mark.anyio
__all__ = ["queries"]
DAY = date(2027, 1, 12)


async def session(here, title, day=DAY, *, on=None, **values):
    run = await make.run(location=on or here.hub, title=title, first_date=day, **values.pop("run", {}))
    return await make.session(run, **values)


@pytest.fixture
async def desk(here):
    """Maya leads one session by her run, one by its own date, one appointment; her hub has others; one is restricted."""
    here.maya = await make.staff("hub_staff", here.hub.id, name="Maya Okafor")
    here.led = await session(here, "Messy play", run={"facilitator_1": "maya okafor"}, room=here.hall)
    await session(here, "Taken over", run={"facilitator_1": "Tom"}, facilitator_2="Maya Okafor")
    await session(here, "Given away", run={"facilitator_1": "Maya Okafor"}, facilitator_1="Tom")
    clinic = await session(here, "Weigh-in")
    await Slot.create(session=clinic, worker="Maya Okafor", starts_at=clinic.starts_at, ends_at=clinic.ends_at)
    await session(here, "Freedom course", run={"facilitator_1": "Maya Okafor", "is_restricted": True})
    await session(here, "Still a draft", run={"facilitator_1": "Maya Okafor", "state": "draft"}, state="draft")
    other = await make.location(name="Another hub")
    await session(here, "Elsewhere", on=other, run={"facilitator_1": "Maya Okafor"})
    return here


async def test_staff_have_what_they_lead_at_their_hubs_or_all_of_their_hub(client, desk):
    mine = titles(await events(client, await link("staff", desk.maya.id, "mine")))
    assert sorted(mine) == ["Messy play", "Private booking", "Taken over", "Weigh-in"]
    all_ = titles(await events(client, await link("staff", desk.maya.id, "hub")))
    assert sorted(all_) == ["Given away", "Messy play", "Private booking", "Taken over", "Weigh-in"]


async def test_an_admin_leads_at_any_hub(client, desk):
    admin = await make.staff("county_admin", name="Maya Okafor")
    assert "Elsewhere" in titles(await events(client, await link("staff", admin.id, "mine")))
    assert titles(await events(client, await link("staff", admin.id, "hub"))) == []


async def test_what_is_restricted_has_no_words_even_for_its_own_staff(client, desk):
    token = await link("staff", desk.maya.id, "mine")
    [hidden] = [each for each in await events(client, token) if str(each["SUMMARY"]) == "Private booking"]
    assert str(hidden["CLASS"]) == "PRIVATE" and not {"LOCATION", "URL", "DESCRIPTION"} & set(hidden)
    assert "Freedom" not in (await read(client, token)).text


async def test_an_entry_names_the_room_and_leads_to_the_session(client, desk):
    found = await events(client, await link("staff", desk.maya.id, "mine"))
    [play] = [each for each in found if str(each["SUMMARY"]) == "Messy play"]
    assert str(play["LOCATION"]) == "Hall, Ferndown" and str(play["URL"]).endswith(f"/staff/sessions/{desk.led.id}")


async def test_who_works_here_no_more_has_no_calendar(client, desk):
    token = await link("staff", desk.maya.id, "mine")
    await db.execute("DELETE FROM role WHERE person_id = $1", desk.maya.id)
    assert (await read(client, token)).status_code == 404


async def test_a_run_has_its_dates_and_those_that_are_cancelled(client, desk):
    run, dates = await make.course(3, location=desk.hub, title="Baby massage", first_date=date(2027, 2, 2))
    await db.execute("UPDATE session SET state = 'cancelled', sequence = 1 WHERE id = $1", dates[1].id)
    answer = await read(client, await link("run", run.id))
    assert "NAME:Baby massage" in answer.text and f"/sessions/{dates[0].id}" in answer.text
    found = await events(client, await link("run", run.id))
    assert [(str(each["SUMMARY"]), str(each["STATUS"]), each["SEQUENCE"]) for each in found] == [
        ("Baby massage", "CONFIRMED", 0), ("Cancelled: Baby massage", "CANCELLED", 1), ("Baby massage", "CONFIRMED", 0),
    ]  # fmt: skip


async def test_a_restricted_run_is_private_bookings_and_its_calendar_has_no_name(client, desk):
    run, _ = await make.course(2, location=desk.hub, title="Freedom course", is_restricted=True)
    text = (await read(client, await link("run", run.id))).text
    assert text.count("SUMMARY:Private booking") == 2 and "Freedom" not in text and "NAME:Private booking" in text


@pytest.mark.parametrize("kind", ["staff", "run"])
async def test_asking_again_costs_two_queries_and_is_the_same_bytes(client, desk, queries, kind):
    about, sees = (desk.maya.id, "hub") if kind == "staff" else (desk.led.run_id, "all")
    token = await link(kind, about, sees)
    first = await read(client, token)
    desk.travelled.shift(3 * 3600)
    assert (await read(client, token)).content == first.content
    queries.clear()
    again = await read(client, token, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, len(queries)) == (304, 2)


async def test_the_calendars_are_as_stored(client, here):
    member = await make.staff("hub_staff", here.hub.id, name="Maya Okafor", id=UUID(int=1))
    days = [date(2027, 3, 23), date(2027, 3, 30), date(2027, 10, 26), date(2027, 11, 2)]
    run = await make.run(id=UUID(int=2), location=here.hub, title="Stay & play", facilitator_1="Maya Okafor", delivery="hybrid",
                         join_url="https://meet.example/a?b=1,2", first_date=days[0])  # fmt: skip
    for number, day in enumerate(days, start=1):
        await make.session(run, id=UUID(int=10 + number), date=day, number=number, room=here.hall)
    await db.execute("UPDATE session SET state = 'cancelled', sequence = 2 WHERE id = $1", UUID(int=12))
    for number, (kind, about, sees) in enumerate([("staff", member.id, "mine"), ("run", run.id, "all")], start=20):
        await FeedLink.create(
            id=UUID(int=number), kind=kind, about_id=about, sees=sees, token_hash=feeds.hash_of(kind), created_at=clock.now()
        )  # fmt: skip
        check(f"feed_{kind}.ics", (await read(client, kind)).text)


async def test_staff_make_one_of_their_own_sessions(client, desk):
    await make.sign_in_staff(client, desk.maya)
    path = f"/staff/feeds?kind=staff&about={desk.maya.id}"
    assert path.replace("&", "&amp;") in (await client.get("/staff/feeds")).text
    assert "as “Maya Okafor”. At the moment it does for 4 sessions" in (await client.get(path)).text
    answer = await client.post(path, data={"sees": "mine", "words": "My phone"})
    assert answer.status_code == 303
    token = address_in((await client.get(path)).text).rsplit("/", 1)[1].removesuffix(".ics")
    assert "Messy play" in titles(await events(client, token))
    await client.post(f"/staff/feeds/{(await FeedLink.get()).id}/revoke")
    assert (await read(client, token)).status_code == 404


async def test_a_runs_page_leads_to_its_calendar(client, desk):
    run, _ = await make.course(2, location=desk.hub, first_date=clock.today() + timedelta(days=3))
    await make.sign_in_staff(client, desk.maya)
    path = f"/staff/feeds?kind=run&about={run.id}"
    assert path.replace("&", "&amp;") in (await client.get(f"/staff/runs/{run.id}")).text
    assert (await client.post(path, data={"sees": "all", "words": "Host"})).status_code == 303
    assert "Host" in (await client.get(path)).text and "Host" in (await client.get("/staff/feeds")).text


async def test_strangers_find_nothing(client, desk):
    """Staff of another hub; a colleague, to whom another's own calendar is none of their business; and a draft has none."""
    run, _ = await make.course(2, location=desk.hub)
    draft = await make.run(location=desk.hub, state="draft")
    await link("staff", desk.maya.id, "mine", token="mayas")
    stranger = await make.staff("hub_staff", (await make.location()).id)
    colleague = await make.staff("hub_staff", desk.hub.id, name="Tom")
    for who, kind, about in [
        (stranger, "run", run.id), (stranger, "staff", desk.maya.id), (colleague, "staff", desk.maya.id),
        (colleague, "run", draft.id), (colleague, "booking", run.id),
    ]:  # fmt: skip
        client.cookies.clear()
        await make.sign_in_staff(client, who)
        path = f"/staff/feeds?kind={kind}&about={about}"
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data={"sees": "all"})).status_code == 404
        assert (await client.post(f"/staff/feeds/{(await FeedLink.get()).id}/revoke")).status_code == 404
        assert "Own sessions" not in (await client.get("/staff/feeds")).text
    assert (await read(client, "mayas")).status_code == 200
