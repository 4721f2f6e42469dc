"""The page of a session or course: what it says, the one thing to do, and 404 for what is not listed."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from booking import clock
from booking.programmes.models import Run, Session, Skip
from tests import make


async def test_it_says_what_where_for_whom_and_what_to_bring(client):
    place = await make.location(name="Ferndown Family Hub", directions="Behind the library.")
    programme = await make.programme(title="Messy play", what_to_bring="Old clothes", summary="Paint and water.")
    session = await make.session(await make.run(programme=programme, location=place))
    text = (await client.get(f"/sessions/{session.id}")).text
    for words in (
        "Messy play",
        "Ferndown Family Hub",
        "Behind the library.",
        "Old clothes",
        "Paint and water.",
        "Book a place",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"booking_mode": "drop_in"}, "You do not need to book"),
        ({"booking_mode": "appointment", "slot_minutes": 20}, "Every time in the next weeks is taken"),
        ({"booking_mode": "run"}, "Book the whole course"),
        ({"delivery": "online", "join_url": "https://meet.example/secret"}, "We send the link to join"),
    ],
)
async def test_each_mode_has_its_one_action(client, values, words):
    session = await make.session(await make.run(**values))
    text = (await client.get(f"/sessions/{session.id}")).text
    assert words in text
    assert "meet.example" not in text


async def test_dates_and_skips_are_listed_with_their_reasons(client):
    run = await make.run(booking_mode="run")
    await make.session(run)
    await Skip.create(run=run, date=run.first_date + timedelta(days=7), reason="Half term")
    later = await make.session(run, date=run.first_date + timedelta(days=14), number=2)
    await Session.filter(id=later.id).update(state="cancelled", why_cancelled="Snow")
    text = (await client.get(f"/courses/{run.slug}")).text
    assert "No session: Half term" in text and "Snow" in text


async def test_a_full_session_offers_the_waiting_list(client):
    session = await make.session(places=1)
    await make.booking(session)
    assert "Join the waiting list" in (await client.get(f"/sessions/{session.id}")).text


async def test_a_course_closes_when_its_second_session_has_begun(client):
    run = await make.run(booking_mode="run", first_date=clock.today() - timedelta(days=8))
    for n in range(4):
        await make.session(run, date=run.first_date + timedelta(days=7 * n), number=n + 1)
    text = (await client.get(f"/courses/{run.slug}")).text
    assert "can no longer be joined" in text and "Has begun" in text and "places left" not in text
    assert "Has begun" in (await client.get("/")).text
    answer = await client.post(f"/courses/{run.slug}/book")
    assert answer.status_code == 409


@pytest.mark.parametrize("hidden", [{"is_restricted": True}, {"is_listed": False}])
async def test_what_is_not_listed_is_not_there(client, hidden):
    run = await make.run(booking_mode="run", **hidden)
    session = await make.session(run)
    for address in (f"/sessions/{session.id}", f"/sessions/{session.id}/calendar.ics", f"/courses/{run.slug}"):
        assert (await client.get(address)).status_code == 404
    for address in (f"/sessions/{session.id}/book", f"/courses/{run.slug}/wait"):
        assert (await client.post(address)).status_code == 404


@pytest.mark.parametrize("id_", [str(uuid4()), "1", "..%2F..%2Fetc", "x" * 500])
async def test_a_made_up_address_is_not_there(client, id_):
    assert (await client.get(f"/sessions/{id_}")).status_code == 404
    assert (await client.get(f"/courses/{id_}")).status_code == 404


async def test_search_engines_get_the_same_facts_and_no_tag_can_end_the_script(client):
    programme = await make.programme(title="Play</script><b>& more")
    session = await make.session(await make.run(programme=programme, places=9))
    text = (await client.get(f"/sessions/{session.id}")).text
    found = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1])
    assert found["name"] == "Play</script><b>& more"
    assert found["remainingAttendeeCapacity"] == 9
    assert found["startDate"] == clock.local(session.starts_at).isoformat()
    assert "<b>& more" not in text


async def test_the_calendar_file_has_the_session_in_local_time(client):
    session = await make.session()
    answer = await client.get(f"/sessions/{session.id}/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert f"DTSTART;TZID=Europe/London:{session.date:%Y%m%d}T100000" in answer.text


async def test_a_run_over_and_done_says_so(client):
    run = await make.run(booking_mode="run", first_date=clock.today() - timedelta(days=30))
    await make.session(run)
    text = (await client.get(f"/courses/{run.slug}")).text
    assert "This is over" in text
    assert await Run.filter(slug=run.slug).exists()


async def test_a_cancelled_date_of_a_course_says_so_and_goes_into_no_calendar(client):
    run = await make.run(booking_mode="run")
    session = await make.session(run)
    await make.session(run, date=run.first_date + timedelta(days=7), number=2)
    await Session.filter(id=session.id).update(state="cancelled", why_cancelled="Snow")
    text = (await client.get(f"/sessions/{session.id}")).text
    assert "This date is cancelled." in text and "calendar.ics" not in text and "Book the whole course" in text
    assert (await client.get(f"/sessions/{session.id}/calendar.ics")).status_code == 404
