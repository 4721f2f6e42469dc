"""Pages on which a rota is published: who is told what, the button, and what became of it."""

import re
from datetime import date, timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.rotas.models import Publication
from tests import make

pytestmark = [pytest.mark.anyio]
DAY = date(2027, 1, 12)
PAGE = "/staff/rota/publish"


class Hub:
    pass


@pytest.fixture
async def hub(database, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 4), "10:00"))
    hub = Hub()
    hub.at = await make.location(name="Ferndown Family Hub", hub_name="Ferndown Family Hub", needs_two=False)
    hub.sam, hub.ada = await make.worker(hub.at, known_as="Sam Green"), await make.worker(hub.at, known_as="Ada Lane")
    await Person.filter(id=hub.sam.person_id).update(channel="email")
    hub.shift = await make.shift(hub.at, date=DAY, title="Stay and play")
    await make.assignment(hub.shift, hub.sam, "draft")
    hub.tom = await make.staff("hub_manager", hub.at.id, name="Tom Field")
    hub.query = f"hub={hub.at.id}&from=2027-01-11&weeks=2"
    await make.sign_in_staff(client, hub.tom)
    return hub


def hidden(page: str) -> dict:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def test_the_page_says_who_is_told_what_and_nothing_has_happened(hub, client):
    page = (await client.get(f"{PAGE}?{hub.query}")).text
    assert "Sam Green" in page and "Tue 12 Jan, 9am to 1pm: Stay and play, Ferndown Family Hub" in page
    assert "Publish and tell 1 person" in page
    assert await db.value("SELECT COUNT(*) AS n FROM message") == 0


async def test_whoever_is_told_by_text_and_by_mail_is_shown_with_both(hub, client):
    await Person.filter(id=hub.sam.person_id).update(channel="sms", phone="+447700900123", email="sam@hub.example")
    page = (await client.get(f"{PAGE}?{hub.query}")).text
    assert "Text message and email" in page
    published = await client.post(PAGE, data=hidden(page))
    page = (await client.get(published.headers["location"])).text
    assert "Text message, Email" in page and f"/staff/rota?hub={hub.at.id}&amp;date=2027-01-11" in page


async def test_the_button_publishes_and_pressed_twice_it_is_the_same(hub, client):
    form = hidden((await client.get(f"{PAGE}?{hub.query}")).text)
    first, second = await client.post(PAGE, data=form), await client.post(PAGE, data=form)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    page = (await client.get(first.headers["location"])).text
    assert "People hear of it at 10:10am" in page and "Undo: nobody is told" in page and "Sam Green" in page
    again = (await client.get(f"{PAGE}?{hub.query}")).text
    assert "Nothing new to publish" in again


async def test_the_other_manager_reads_who_was_first(hub, client):
    form = hidden((await client.get(f"{PAGE}?{hub.query}")).text)
    await client.post(PAGE, data=form)
    answer = await client.post(PAGE, data=form | {"form_token": "another"})
    assert answer.status_code == 409 and "Tom Field published this rota at 10am" in answer.text


async def test_a_broken_rule_asks_for_a_reason(hub, client):
    await db.execute("UPDATE location SET needs_two = $1 WHERE id = $2", True, hub.at.id)
    page = (await client.get(f"{PAGE}?{hub.query}")).text
    assert "Sam Green would be alone at Ferndown Family Hub" in page
    refused = await client.post(PAGE, data=hidden(page))
    assert refused.status_code == 409 and "Say why it is published all the same" in refused.text
    assert (await client.post(PAGE, data=hidden(page) | {"reason": "The library is open"})).status_code == 303


async def test_undo_and_tell_them_now(hub, client):
    path = (await client.post(PAGE, data=hidden((await client.get(f"{PAGE}?{hub.query}")).text))).headers["location"]
    assert (await client.post(f"{path}/send-now")).status_code == 303
    assert (await Publication.get()).state == "told"
    assert (await client.post(f"{path}/undo")).status_code == 303
    page = (await client.get(path)).text
    assert "Undone" in page and "The rota is as it was" in page
    listed = (await client.get("/staff/rota/published")).text
    assert "Ferndown Family Hub, Mon 11 Jan to Sun 24 Jan" in listed and "1 duty of 1 person" in listed


async def test_staff_of_another_hub_find_nothing_and_staff_of_this_one_only_read(hub, client):
    path = (await client.post(PAGE, data=hidden((await client.get(f"{PAGE}?{hub.query}")).text))).headers["location"]
    other = await make.location(name="Wimborne Family Hub")
    await make.sign_in_staff(client, await make.staff("hub_manager", other.id))
    assert (await client.get(f"{PAGE}?{hub.query}")).status_code == 404
    assert (await client.get(path)).status_code == 404 and (await client.post(f"{path}/undo")).status_code == 404
    assert "Ferndown" not in (await client.get("/staff/rota/published")).text
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.at.id))
    page = (await client.get(path)).text
    assert "Sam Green" in page and "/undo" not in page
    assert (await client.post(f"{path}/undo")).status_code == 404
    client.cookies.clear()
    assert (await client.get(path)).status_code == 303


async def test_a_county_admin_reads_nothing_of_a_private_booking(hub, client):
    refuge = await make.location(name="Refuge of Wareham", hub_id=hub.at.id, is_restricted=True, kind="place")
    secret = await make.shift(refuge, date=DAY + timedelta(days=1), title="Freedom programme")
    await make.assignment(secret, hub.ada, "draft")
    await make.sign_in_staff(client, await make.staff("county_admin", None))
    page = (await client.get(f"{PAGE}?{hub.query}")).text
    assert "Ada Lane" in page and "Private booking" in page
    assert "Refuge" not in page and "Freedom" not in page


async def test_without_a_hub_an_admin_chooses_one(hub, client):
    await make.location(name="Wimborne Family Hub")
    await make.sign_in_staff(client, await make.staff("county_admin", None))
    page = (await client.get(PAGE)).text
    assert "Choose a hub and its weeks" in page


async def test_what_was_published_long_ago_is_still_said_when_its_messages_are_gone(hub, client, monkeypatch):
    path = (await client.post(PAGE, data=hidden((await client.get(f"{PAGE}?{hub.query}")).text))).headers["location"]
    await db.execute("DELETE FROM message")
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 9), "10:00"))
    await make.sign_in_staff(client, hub.tom)
    page = (await client.get(path)).text
    assert "The messages about it are not kept any more" in page and "Tell them yourself" not in page


async def test_the_same_rule_is_said_once_with_each_duty_that_it_is_about(hub, client):
    await db.execute("UPDATE shift SET skills = 'first-aid'")
    second = await make.shift(hub.at, date=DAY + timedelta(days=1), skills="first-aid")
    await make.assignment(second, hub.sam, "draft")
    page = (await client.get(f"{PAGE}?{hub.query}")).text
    assert "2 rules are broken" in page and page.count("Sam Green does not hold") == 1
    assert f"/staff/rota/shifts/{second.id}" in page and "Wed 13 Jan, 9am" in page
