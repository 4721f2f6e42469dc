"""Calls to make on Today: listed, settled with and without JavaScript, and for nobody else."""

from datetime import timedelta
from uuid import uuid4

import pytest

from booking import clock
from booking.messages import hours
from booking.messages.models import Message
from booking.people.models import Person
from tests import make


@pytest.fixture(autouse=True)
def any_hour(app, monkeypatch):
    """No hour is quiet, because these tests run at any; after the app, which brings the county's."""
    monkeypatch.setattr(hours, "_county", hours.Hours("08:00", "08:00"))


async def call(hub, **more):
    person = await make.person(name="Carla Call", channel="call", contact_words="Ask for <b>Carla</b>.", language="pl")
    now = clock.now()
    return await Message.create(
        **{
            "person": person, "kind": "cancellation", "channel": "call", "address": person.phone, "body": "It is off.\nSnow.",
            "about_kind": "booking", "about_id": uuid4(), "hub_id": hub.id, "dedupe_key": f"{uuid4()}", "marker": "",
            "created_at": now, "due_at": now, "next_try_at": now, "expires_at": now + timedelta(hours=5),
        }
        | more
    )  # fmt: skip


async def test_a_call_is_listed_with_all_that_one_must_know(desk, hub):
    await call(hub)
    page = (await desk.get("/staff")).text
    assert "Calls to make (1)" in page and 'href="tel:+44' in page and "Snow." in page
    assert "Ask for &lt;b&gt;Carla" in page and "Polski" in page


async def test_a_family_without_a_number_is_listed_as_one_that_cannot_be_reached(desk, hub):
    await call(hub, person=await make.person(name="Una Unknown", phone=""), address="")
    page = (await desk.get("/staff")).text
    assert "Una Unknown" in page and "No number known: cannot be reached by us" in page and "tel:" not in page


@pytest.mark.parametrize(("how", "state"), [("spoke", "sent"), ("no answer", "queued"), ("gave up", "missed")])
async def test_how_it_went_is_kept(desk, hub, how, state):
    made = await call(hub)
    for _ in range(2):
        answer = await desk.post(f"/staff/calls/{made.id}", data={"how": how, "words": "All well"})
        assert answer.status_code == 303 and answer.headers["location"] == "/staff#calls"
    now = await Message.get(id=made.id)
    assert now.state == state and "All well" in now.handled_words and now.attempts == 1


async def test_with_htmx_the_list_comes_back(desk, hub):
    made = await call(hub)
    answer = await desk.post(f"/staff/calls/{made.id}", data={"how": "spoke"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Noted." in answer.text and "Carla" not in answer.text
    again = await desk.post(f"/staff/calls/{made.id}", data={"how": "nonsense"}, headers={"HX-Request": "true"})
    assert "Choose how the call went" in again.text


async def test_before_its_time_it_is_greyed_and_cannot_be_rung(desk, hub):
    made = await call(hub, next_try_at=clock.now() + timedelta(hours=1))
    page = (await desk.get("/staff")).text
    assert "call--later" in page and "From " in page and "tel:" not in page and f"/staff/calls/{made.id}" not in page


@pytest.mark.parametrize("why", ["another hub", "discreet person at another hub", "taken back"])
async def test_what_is_not_theirs_is_not_there(desk, hub, why):
    elsewhere = await make.location()
    made = await call(hub if why == "taken back" else elsewhere, state="void" if why == "taken back" else "queued")
    await Person.filter(id=made.person_id).update(is_discreet=why.startswith("discreet"))
    assert "Carla" not in (await desk.get("/staff")).text
    answer = await desk.post(f"/staff/calls/{made.id}", data={"how": "spoke"})
    assert answer.status_code == (303 if why == "taken back" else 404)
    assert (await Message.get(id=made.id)).handled_by_id is None


async def test_a_stranger_is_sent_to_sign_in(client, hub):
    made = await call(hub)
    answer = await client.post(f"/staff/calls/{made.id}", data={"how": "spoke"})
    assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]
