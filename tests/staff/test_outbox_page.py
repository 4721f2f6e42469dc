"""The outbox: what was written to whom and what became of it; codes stay hidden."""

from dataclasses import replace

import httpx
import pytest

from booking.app import create_app
from booking.messages import hours
from tests import make
from tests.staff import rows


@pytest.fixture
async def at_the_demo(configured, database):
    """A browser on the demo's own machine, not signed in."""
    transport = httpx.ASGITransport(app=create_app(replace(configured, is_demo=True)), client=("127.0.0.1", 4711))
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as browser:
        yield browser


async def test_it_shows_each_message_with_its_state_and_words(desk, hub):
    await rows.message(hub_id=hub.id, state="failed", error="The number does not exist.", body="See you at Messy play")
    page = (await desk.get("/outbox")).text
    for words in ("See you at Messy play", "Failed", "The number does not exist.", "07700 900123", "Nothing is set up"):
        assert words in page


async def test_staff_read_what_their_own_hub_sent(desk, hub):
    own = await rows.message(hub_id=hub.id)
    other = await rows.message(hub_id=(await make.location()).id, body="Elsewhere")
    none = await rows.message(body="Of no hub")
    page = (await desk.get("/outbox")).text
    assert "Elsewhere" not in page and "Of no hub" not in page
    assert (await desk.get(f"/outbox/{own.id}")).status_code == 200
    for message in (other, none):
        assert (await desk.get(f"/outbox/{message.id}")).status_code == 404


async def test_a_county_admin_reads_all_but_no_code(client):
    await rows.message(body="Of no hub")
    code = await rows.message(kind="sign_in_code", channel="email", is_secret=True, subject="123456", body="123456")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get("/outbox")).text
    assert "Of no hub" in page and "123456" not in page and "shown to nobody" in page
    assert "123456" not in (await client.get(f"/outbox/{code.id}")).text
    assert "No message found" in (await client.get("/outbox?q=123456")).text


async def test_in_the_demo_this_machine_reads_a_code_until_it_has_left(at_the_demo):
    code = await rows.message(kind="sign_in_code", channel="email", is_secret=True, subject="123456", body="123456")
    assert "123456" in (await at_the_demo.get("/outbox?kind=sign_in_code")).text
    await code.filter(id=code.id).update(state="sent")
    assert "123456" not in (await at_the_demo.get("/outbox?kind=sign_in_code")).text


async def test_in_the_demo_another_machine_has_to_sign_in(configured, database):
    transport = httpx.ASGITransport(app=create_app(replace(configured, is_demo=True)), client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
        assert (await browser.get("/outbox")).status_code == 303


async def test_a_forwarded_request_is_not_of_this_machine(at_the_demo):
    answer = await at_the_demo.get("/outbox", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3), ("state=failed", 1), ("state=sent&channel=sms", 0), ("channel=email", 1), ("kind=cancellation", 1),
        ("state=queued", 1), ("language=pl", 1), ("language=xx", 3), ("since=2020-01-01", 3), ("until=2020-01-01", 0),
        ("hub=nonsense&session=&person=1", 3), ("since=yesterday", 3), ("q=ada", 1), ("q=900777", 1), ("q=%25", 0), ("state=nonsense", 3), ("page=x", 3), ("page=2", 0),
    ],
)  # fmt: skip
async def test_it_can_be_narrowed(desk, hub, query, found):
    await rows.message(hub_id=hub.id, state="failed", body="For Ada")
    await rows.message(hub_id=hub.id, channel="email", address="jo@home.example", state="sent")
    await rows.message(hub_id=hub.id, kind="cancellation", address="+447700900777", language="pl")
    page = (await desk.get(f"/outbox?{query}")).text
    assert page.count('class="outbox__item"') == found


async def test_narrowing_with_htmx_answers_with_the_list_alone(desk):
    part = (await desk.get("/outbox?state=failed", headers={"HX-Request": "true"})).text
    assert "<html" not in part and 'id="results"' in part and "No message found" in part


async def test_it_leads_to_the_session_only_those_who_may_open_it(client, hub):
    session = await make.session(await make.run(location=hub))
    await rows.message(hub_id=hub.id, session_id=session.id)
    await rows.message(hub_id=hub.id, session_id=session.id, is_discreet=True)
    path = f'href="/staff/sessions/{session.id}"'
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert (await client.get("/outbox")).text.count(path) == 2
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get("/outbox")).text.count(path) == 1


async def test_staff_do_not_see_the_link_that_opens_a_familys_bookings(desk, hub, at_the_demo):
    await rows.message(hub_id=hub.id, body="See it: https://hubs.example/m/aB3-_x9.k7m2qx and more")
    page = (await desk.get("/outbox")).text
    assert "/m/... and more" in page and "aB3-_x9" not in page
    assert "/m/aB3-_x9.k7m2qx" in (await at_the_demo.get("/outbox")).text


async def test_hostile_texts_stay_text(desk, hub):
    await rows.message(hub_id=hub.id, body="<script>alert(1)</script>")
    assert "<script>alert" not in (await desk.get("/outbox")).text


async def test_what_may_leave_now_is_not_said_to_be_held(desk, hub, monkeypatch):
    """By a clock that goes on while the page is made."""
    monkeypatch.setattr(hours, "_county", hours.Hours("08:00", "08:00"))
    await rows.message(hub_id=hub.id)
    page = (await desk.get("/outbox")).text
    assert "due since" in page and "quiet hours" not in page
