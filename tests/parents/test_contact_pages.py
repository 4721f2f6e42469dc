"""How we reach you: by a booking's link or in a browser that is known; a stranger changes nobody's."""

import pytest

from booking import db
from booking.audit import AuditEvent
from booking.people.models import Person
from booking.people.signing_in import sign_in
from tests import make

FORM = {"channel": "sms", "language": "en", "day": list("0123456")}


async def signed_in(client, person, proved: str = "") -> None:
    token = await sign_in(person_id=person.id, purpose="manage", proved=proved)
    client.cookies.set("hub", await make.cookie(client, family=token))


async def test_the_link_of_a_booking_leads_to_it_and_hides_most_of_the_number(client):
    person = await make.person(phone="+447700900123", email="kim.lee@families.example")
    booking = await make.booking(by=person)
    path = f"/m/{booking.manage_token}"
    assert f'href="{path}/contact"' in (await client.get(path)).text
    assert f'href="{path}/contact"' in (await client.get(f"{path}?new=1")).text
    text = (await client.get(f"{path}/contact")).text
    assert "Ends in 123" in text and "07700" not in text and "kim.lee@" not in text
    assert 'lang="ar" dir="rtl"' in text and "Polski" in text


async def test_what_is_chosen_is_kept_and_pressing_twice_keeps_it_once(client):
    booking = await make.booking()
    path = f"/m/{booking.manage_token}/contact"
    form = FORM | {"language": "pl", "safe_from": "09:30", "safe_to": "14:00", "day": ["0", "2"], "is_discreet": "yes"}
    answer = await client.post(path, data=form | {"form_token": "once"})
    assert answer.status_code == 303
    person = await Person.get(id=booking.person_id)
    assert (person.language, person.safe_from, person.safe_to, person.safe_days) == ("pl", "09:30", "14:00", "02")
    assert person.is_discreet
    await client.post(path, data=form | {"form_token": "once", "language": "cy"})
    assert (await Person.get(id=person.id)).language == "pl"
    assert await AuditEvent.filter(verb="change contact").count() == 1


async def test_a_mistake_keeps_what_was_typed(client):
    booking = await make.booking()
    form = FORM | {"safe_from": "14:00", "safe_to": "09:30", "hears_urgent": "yes", "language": "ur"}
    answer = await client.post(f"/m/{booking.manage_token}/contact", data=form)
    assert answer.status_code == 422 and "later than the start" in answer.text
    assert '<option value="14:00" selected>' in answer.text and 'value="yes" checked' in answer.text
    assert (await Person.get(id=booking.person_id)).safe_from == ""


async def test_the_example_says_what_a_text_would_say_and_saves_nothing(client):
    session = await make.session(await make.run(programme=await make.programme(title="Messy play")))
    booking = await make.booking(session)
    path = f"/m/{booking.manage_token}/contact"
    assert "Messy play, " in (await client.get(path)).text
    answer = await client.post(path, data=FORM | {"is_discreet": "yes", "show": "yes"}, headers={"HX-Request": "true"})
    assert "Your next appointment" in answer.text and "Messy" not in answer.text and "<form" not in answer.text
    assert booking.manage_token not in answer.text
    assert not (await Person.get(id=booking.person_id)).is_discreet


async def test_sessions_are_named_again_only_after_a_code(client):
    person = await make.person(is_discreet=True)
    booking = await make.booking(by=person)
    path = f"/m/{booking.manage_token}/contact"
    answer = await client.post(path, data=FORM)
    assert answer.status_code == 422 and "get a code" in answer.text
    await signed_in(client, person, proved=person.phone)
    assert (await client.post(path, data=FORM)).status_code == 303
    assert not (await Person.get(id=person.id)).is_discreet


async def test_a_code_for_another_number_does_not_count(client):
    person = await make.person(is_discreet=True)
    booking = await make.booking(by=person)
    await signed_in(client, await make.person(), proved="+447700900999")
    assert (await client.post(f"/m/{booking.manage_token}/contact", data=FORM)).status_code == 422


async def test_who_has_proved_the_number_says_it_once_for_all_that_was_booked_with_it(client):
    here = await make.person(phone="+447700900123", email="kim@families.example")
    elsewhere = await make.person(phone="+447700900123")
    stranger = await make.person(phone="+447700900124")
    await signed_in(client, here, proved="+447700900123")
    text = (await client.get("/manage/contact")).text
    assert "07700 900123" in text
    answer = await client.post("/manage/contact", data=FORM | {"channel": "email", "is_discreet": "yes"})
    assert answer.headers["location"] == "/manage"
    people = {each.id: each for each in await Person.all()}
    assert people[here.id].channel == "email" and people[here.id].is_discreet
    assert people[elsewhere.id].channel == "sms" and people[elsewhere.id].is_discreet
    assert not people[stranger.id].is_discreet


async def test_a_browser_that_only_booked_changes_its_own_person_alone(client):
    here, elsewhere = [await make.person(phone="+447700900123") for _ in range(2)]
    await signed_in(client, here)
    await client.post("/manage/contact", data=FORM | {"is_discreet": "yes"})
    assert (await Person.get(id=here.id)).is_discreet and not (await Person.get(id=elsewhere.id)).is_discreet


async def test_a_browser_that_nobody_knows_is_asked_for_a_code(client):
    assert (await client.get("/manage/contact")).headers["location"] == "/manage/ask"
    assert (await client.post("/manage/contact", data=FORM)).headers["location"] == "/manage/ask"


@pytest.mark.parametrize("token", ["wrong", "x" * 300])
async def test_a_guessed_link_opens_nothing(client, token):
    assert (await client.get(f"/m/{token}/contact")).status_code == 404
    assert (await client.post(f"/m/{token}/contact", data=FORM)).status_code == 404


async def test_stopped_texts_are_said_with_the_way_back(client):
    booking = await make.booking(by=await make.person(phone_state="opted_out"))
    text = (await client.get(f"/m/{booking.manage_token}/contact")).text
    assert "Texts are stopped." in text and "START" in text


async def test_a_place_in_line_has_the_page_too(client):
    entry = await make.waiting(await make.session())
    answer = await client.post(f"/m/{entry.manage_token}/contact", data=FORM | {"channel": "call"})
    assert answer.status_code == 303 and (await Person.get(id=entry.person_id)).channel == "call"


async def test_what_is_discreet_names_nothing_and_has_the_way_out(client):
    run = await make.run(is_restricted=True, programme=await make.programme(title="Safer Steps"))
    booking = await make.booking(await make.session(run))
    text = (await client.get(f"/m/{booking.manage_token}/contact")).text
    assert "Safer Steps" not in text and "Exit this page" in text
    assert await db.value("SELECT COUNT(*) AS n FROM audit_event") == 0
