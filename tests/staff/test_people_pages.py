"""Staff look up whom they know from their own hubs: how to reach them, what was said. Nobody else is there."""

import pytest

from booking import clock, db
from booking.audit import AuditEvent
from booking.messages.models import InboundMessage, Message
from booking.people.models import Person
from booking.programmes.models import AlsoTold
from booking.words import time_words
from tests import make
from tests.programmes.clinics import clinic, slots_at
from tests.staff.rows import message

FORM = {"channel": "sms", "phone": "07700 900123", "language": "en", "day": list("0123456"), "why": "They rang"}


@pytest.fixture
async def session(hub):
    programme = await make.programme(title="Messy play")
    return await make.session(await make.run(location=hub, programme=programme))


@pytest.fixture
async def kim(session):
    person = await make.person(name="Kim Lee", phone="+447700900123", email="kim@families.example")
    await make.booking(session, person, reference="K7M4-QXP")
    return person


async def test_a_person_stands_with_how_they_are_reached_and_what_they_booked(desk, kim):
    await Person.filter(id=kim.id).update(
        safe_from="09:30", safe_to="14:00", safe_days="02", contact_words="Ring twice", language="pl"
    )
    text = (await desk.get(f"/staff/people/{kim.id}")).text
    for words in (
        "Kim Lee",
        "07700 900123",
        "9:30am to 2pm",
        "Mon, Wed",
        "Ring twice",
        "Polski",
        "Messy play",
        "K7M4-QXP",
    ):
        assert words in text


@pytest.mark.parametrize("words", ["kim", "LEE", "900123", "07700 900", "kim@families", "K7M4-QXP", "k7m4qxp"])
async def test_they_are_found_by_name_phone_mail_and_reference(desk, kim, words):
    await make.person(name="Robin Green", phone="+447700900999")
    text = (await desk.get("/staff/people", params={"q": words})).text
    assert f"/staff/people/{kim.id}" in text and "Robin Green" not in text


@pytest.mark.parametrize(
    ("words", "says"),
    [("", "Whom are you looking for"), ("ki", "at least three"), ("nobody", "Nobody found"), ("%_!", "Nobody")],
)
async def test_an_empty_list_says_what_to_do(desk, kim, words, says):
    assert says in (await desk.get("/staff/people", params={"q": words})).text


async def test_staff_of_another_hub_find_nobody_of_ours(client, kim):
    await make.sign_in_staff(client, await make.staff("hub_manager", (await make.location()).id))
    assert (await client.get(f"/staff/people/{kim.id}")).status_code == 404
    assert (await client.post(f"/staff/people/{kim.id}", data=FORM)).status_code == 404
    assert (await client.post(f"/staff/people/{kim.id}/again", data={"which": "phone"})).status_code == 404
    assert "Nobody found" in (await client.get("/staff/people?q=kim")).text
    assert (await Person.get(id=kim.id)).contact_words == "" and await AuditEvent.all().count() == 0


async def test_whom_we_have_not_seen_for_more_than_a_year_is_not_there(desk, kim, session):
    await db.execute("UPDATE booking SET created_at = '2020-01-01 10:00:00+00:00'")
    assert (await desk.get(f"/staff/people/{kim.id}")).status_code == 200
    await db.execute("UPDATE run SET last_date = '2020-03-01'")
    assert (await desk.get(f"/staff/people/{kim.id}")).status_code == 404


async def test_who_waits_and_who_is_told_beside_a_family_are_there_too(desk, session, kim):
    waits, gran = await make.person(name="Robin Green"), await make.person(name="Gran Lee", family=None)
    await make.waiting(session, waits)
    booking = await db.row("SELECT id FROM booking WHERE person_id = $1", kim.id)
    await AlsoTold.create(booking_id=booking["id"], person=gran, token="gran", created_at=kim.created_at)
    assert "Waits" in (await desk.get(f"/staff/people/{waits.id}")).text
    assert "told of somebody else" in (await desk.get(f"/staff/people/{gran.id}")).text
    assert "Gran Lee" in (await desk.get(f"/staff/people/{kim.id}")).text


async def test_who_is_known_from_something_restricted_is_there_for_its_own_staff_alone(client, hub):
    secret = await make.session(
        await make.run(location=hub, is_restricted=True, programme=await make.programme(title="Safer Steps"))
    )
    person = await make.person(name="Robin Green")
    await make.booking(secret, person, reference="S7M4-QXP")
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert "Safer Steps" in (await client.get(f"/staff/people/{person.id}")).text
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get(f"/staff/people/{person.id}")).status_code == 404
    for words in ("robin", "S7M4-QXP"):
        assert "Nobody found" in (await client.get("/staff/people", params={"q": words})).text


async def test_what_is_restricted_stays_out_of_the_page_of_somebody_known_elsewhere(client, hub, kim):
    other = await make.location()
    secret = await make.session(
        await make.run(location=other, is_restricted=True, programme=await make.programme(title="Safer Steps"))
    )
    booking = await make.booking(secret, kim, reference="S7M4-QXP")
    hidden = await message(
        person=kim, hub_id=other.id, is_discreet=True, kind="cancellation", about_id=booking.id, session_id=secret.id
    )
    for kind, at in (("hub_staff", hub.id), ("county_admin", None)):
        await make.sign_in_staff(client, await make.staff(kind, at))
        text = (await client.get(f"/staff/people/{kim.id}")).text
        assert "Kim Lee" in text
        for secret_words in ("Safer Steps", "S7M4-QXP", str(hidden.id), str(secret.id)):
            assert secret_words not in text
        assert "Nobody found" in (await client.get("/staff/people?q=S7M4-QXP")).text


async def test_messages_of_other_hubs_are_not_shown(desk, hub, kim):
    ours = await message(person=kim, hub_id=hub.id, state="failed", error="Not a mobile")
    theirs = await message(person=kim, hub_id=(await make.location()).id)
    text = (await desk.get(f"/staff/people/{kim.id}")).text
    assert str(ours.id) in text and "Not a mobile" in text and str(theirs.id) not in text


async def test_staff_change_it_with_a_reason_and_what_waits_follows(desk, hub, kim):
    waits = await message(person=kim, hub_id=hub.id, address=kim.phone)
    form = FORM | {"phone": "07700 900777", "contact_words": "Never leave a message", "is_discreet": "yes"}
    answer = await desk.post(f"/staff/people/{kim.id}", data=form)
    assert answer.status_code == 303
    kept = await Person.get(id=kim.id)
    assert (kept.phone, kept.contact_words, kept.is_discreet) == ("+447700900777", "Never leave a message", True)
    assert (await Message.get(id=waits.id)).address == "+447700900777"
    event = await AuditEvent.get(verb="change contact")
    assert (event.why, event.hub_id, event.by_name) == ("They rang", hub.id, "Maya Okafor")
    assert "900777" not in f"{event.before}{event.after}"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"why": " "}, "Say why you change it"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"channel": "email", "email": ""}, "We have no email address"),
        ({"safe_from": "09:30"}, "Choose both times"),
    ],
)
async def test_a_mistake_keeps_what_was_typed(desk, kim, changes, wrong):
    answer = await desk.post(f"/staff/people/{kim.id}", data=FORM | {"contact_words": "Ring twice"} | changes)
    assert answer.status_code == 422 and wrong in answer.text and 'value="Ring twice"' in answer.text
    assert (await Person.get(id=kim.id)).contact_words == ""


async def test_a_number_that_failed_is_tried_again_and_one_that_was_stopped_is_not(desk, kim):
    await Person.filter(id=kim.id).update(phone_state="failing")
    assert "Try this number again" in (await desk.get(f"/staff/people/{kim.id}")).text
    await desk.post(f"/staff/people/{kim.id}/again", data={"which": "phone"})
    assert (await Person.get(id=kim.id)).phone_state == "ok"
    await Person.filter(id=kim.id).update(phone_state="opted_out")
    text = (await desk.get(f"/staff/people/{kim.id}")).text
    assert "Try this number again" not in text and "START" in text
    await desk.post(f"/staff/people/{kim.id}/again", data={"which": "phone"})
    assert (await Person.get(id=kim.id)).phone_state == "opted_out"


async def test_the_household_is_named_by_first_names_unless_somebody_wants_short_words(desk, session, kim):
    other = await make.person(name="Alex Lee", family=await kim.family)
    await make.booking(await make.session(await make.run(location=await session.location)), other)
    assert "Same household: Alex" in (await desk.get(f"/staff/people/{kim.id}")).text
    await Person.filter(id=other.id).update(is_discreet=True)
    assert "Alex" not in (await desk.get(f"/staff/people/{kim.id}")).text


async def test_the_register_and_the_waiting_list_lead_to_the_person(desk, session, kim):
    waits = await make.person()
    await make.waiting(session, waits)
    text = (await desk.get(f"/staff/sessions/{session.id}")).text
    assert f'href="/staff/people/{kim.id}"' in text and f'href="/staff/people/{waits.id}"' in text


async def test_texts_with_them_are_one_click_away_for_those_who_may_read_them(client, hub, kim):
    text = await InboundMessage.create(
        provider_reference="SM1", sender=kim.phone, body="Thanks", received_at=kim.created_at, state="answered",
        hub_id=hub.id,
    )  # fmt: skip
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert f"/staff/texts/{text.id}" in (await client.get(f"/staff/people/{kim.id}")).text
    await InboundMessage.filter(id=text.id).update(hub_id=(await make.location()).id)
    assert "/staff/texts/" not in (await client.get(f"/staff/people/{kim.id}")).text.replace('"/staff/texts"', "")


async def test_an_appointment_stands_with_its_own_time_not_the_clinics(desk, hub):
    _run, [date] = await clinic(location=hub)
    second = sorted((await slots_at(date)).values(), key=lambda each: each.starts_at)[1]
    mia = await make.person(name="Mia Stone")
    await make.booking(date, mia, slot_id=second.id)
    text = (await desk.get(f"/staff/people/{mia.id}")).text
    assert time_words(clock.local(second.starts_at).strftime("%H:%M")) in text
    assert f"to {time_words(clock.local(second.ends_at).strftime('%H:%M'))}" in text
