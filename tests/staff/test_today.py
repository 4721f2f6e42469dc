"""Today: what runs, which registers are open, what needs a decision; within one's hubs."""

from datetime import datetime, timedelta

import pytest

from booking import clock, db
from booking.rotas.models import SwapRequest
from tests import make
from tests.staff import rows

MONDAY = "2027-01-11T09:00:00+00:00"


@pytest.fixture(autouse=True)
def on_a_monday(time_machine):
    time_machine.move_to(datetime.fromisoformat(MONDAY), tick=False)


async def today_session(hub, **values):
    run = await make.run(location=hub, first_date=clock.today(), **values)
    return await make.session(run)


async def test_it_lists_what_runs_today_with_how_many_are_booked(desk, hub):
    session = await today_session(hub, title="Messy play")
    await make.booking(session, places=2)
    page = (await desk.get("/staff")).text
    assert "Messy play" in page
    assert "2 of 12 booked" in page
    assert f'href="/staff/sessions/{session.id}"' in page


async def test_an_empty_day_says_what_to_do(desk):
    page = (await desk.get("/staff?date=2027-01-12")).text
    assert "Nothing runs on this day" in page
    assert 'href="/staff?date=2027-01-13"' in page


async def test_staff_see_nothing_of_another_hub(desk, hub):
    other = await make.location()
    await today_session(other, title="Elsewhere baby group")
    assert "Elsewhere" not in (await desk.get("/staff")).text
    assert "Elsewhere" not in (await desk.get(f"/staff?hub={other.id}")).text


async def test_an_admin_sees_all_hubs_and_can_choose_one(client, hub):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    other = await make.location(name="Colchester")
    await today_session(hub, title="Messy play")
    await today_session(other, title="Rhyme time")
    page = (await client.get("/staff")).text
    assert "Messy play" in page and "Rhyme time" in page
    page = (await client.get(f"/staff?hub={other.id}")).text
    assert "Messy play" not in page and "Rhyme time" in page
    assert f'href="/staff?date=2027-01-12&amp;hub={other.id}"' in page


async def test_a_restricted_session_is_a_private_booking_for_all_but_its_staff(client):
    secret = await make.location(name="Undisclosed house", kind="restricted", is_restricted=True)
    session = await today_session(secret, title="Freedom course", host="Quiet charity", is_restricted=True)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get("/staff")).text
    assert "Private booking" in page
    for leak in ("Freedom", "Undisclosed", "Quiet charity", str(session.id), str(secret.id)):
        assert leak not in page
    await make.sign_in_staff(client, await make.staff("hub_staff", secret.id))
    page = (await client.get("/staff")).text
    assert "Freedom course" in page and str(session.id) in page


async def test_a_register_of_yesterday_that_is_not_done_needs_you(desk, hub):
    yesterday = clock.today() - timedelta(days=1)
    run = await make.run(location=hub, first_date=yesterday, title="Baby massage")
    session = await make.session(run)
    await make.booking(session)
    assert "Registers not finished (1)" in (await desk.get("/staff")).text
    await db.execute("UPDATE session SET register_done_at = $2 WHERE id = $1", session.id, clock.now())
    assert "Registers not finished" not in (await desk.get("/staff")).text


async def test_somebody_waits_although_a_place_is_free(desk, hub):
    session = await today_session(hub, title="Messy play", start_time="15:00", end_time="16:00")
    await rows.waiting(session)
    assert "1 family waits" in (await desk.get("/staff")).text


async def test_somebody_waits_for_a_course_with_a_place_free(desk, hub):
    session = await today_session(hub, booking_mode="run", start_time="15:00", end_time="16:00")
    later = await make.session(await session.run, date=clock.today() + timedelta(days=7))
    await rows.waiting(session, session_id=None)
    page = (await desk.get("/staff")).text
    assert page.count("1 family waits") == 1 and f"{later.id}#waiting" not in page
    await db.execute("UPDATE run SET taken = places WHERE id = $1", session.run_id)
    assert "1 family waits" not in (await desk.get("/staff")).text


async def test_a_failed_message_needs_you_only_at_its_hub(desk, hub):
    for hub_id in (hub.id, (await make.location()).id):
        await rows.message(hub_id=hub_id, state="failed")
    page = (await desk.get("/staff")).text
    assert "1 message failed" in page and 'href="/outbox?state=failed&amp;since=2026-12-28"' in page


@pytest.mark.parametrize(
    "query", ["date=yesterday", "date=2027-02-31", "hub=1", "hub=00000000-0000-0000-0000-000000000000"]
)
async def test_nonsense_in_the_address_is_today_at_all_my_hubs(desk, query):
    assert (await desk.get(f"/staff?{query}")).status_code == 200


async def test_it_costs_as_many_queries_with_fifty_sessions_as_with_one(desk, hub, count_queries):
    await today_session(hub)
    with count_queries() as one:
        await desk.get("/staff")
    for _ in range(50):
        await make.booking(await today_session(hub))
    with count_queries() as many:
        await desk.get("/staff")
    assert many.count == one.count <= 12  # one of them for duties of today that nobody has


async def test_a_manager_reads_what_of_the_rota_waits_for_them(client, hub):
    sam, kim = await make.worker(hub, known_as="Sam Green"), await make.worker(hub, known_as="Kim Hall")
    day = clock.today() + timedelta(days=1)
    mine, other = await make.shift(hub, date=day), await make.shift(hub, date=day, position=2)
    await make.assignment(mine, sam, "published")
    await make.assignment(other, kim, "published", answer="declined", answer_words="My car is broken")
    await make.leave(sam, day + timedelta(days=7), state="requested")
    await SwapRequest.create(
        shift_id=mine.id, from_staff_id=sam.id, to_staff_id=kim.id, state="agreed", asked_at=clock.now()
    )
    elsewhere = await make.staff("hub_manager", (await make.location()).id)
    for member, is_told in ((await make.staff("hub_manager", hub.id), True), (elsewhere, False)):
        await make.sign_in_staff(client, member)
        page = (await client.get("/staff")).text
        for words in ("1 duty is declined", "1 swap needs a decision", "1 request needs a decision"):
            assert (words in page) is is_told
