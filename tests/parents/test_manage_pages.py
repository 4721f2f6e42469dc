"""Looking after a booking by its link or by a code; strangers see nothing."""

import re
from datetime import timedelta

import pytest

from booking.messages import invites
from booking.messages.models import Invite, Message
from booking.people.models import Person, SignInCode
from booking.programmes.models import Attendee, Booking, MissedDate, Run, Session
from tests import make


async def test_the_link_opens_the_booking_and_a_messages_marker_changes_nothing(client):
    booking = await make.booking()
    answer = await client.get(f"/m/{booking.manage_token}.k7x2q")
    assert answer.headers["Location"] == f"/m/{booking.manage_token}"
    assert booking.reference in (await client.get(f"/m/{booking.manage_token}")).text


@pytest.mark.parametrize("token", ["wrong", "x" * 300, "token%20"])
async def test_a_guessed_link_opens_nothing(client, token):
    for address in (f"/m/{token}", f"/m/{token}/give-up", f"/m/{token}/who", f"/m/{token}/calendar.ics"):
        assert (await client.get(address)).status_code == 404


async def test_nobody_else_is_told_of_by_search_engines_or_referrers(client):
    booking = await make.booking()
    headers = (await client.get(f"/m/{booking.manage_token}")).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"


async def test_opening_the_page_gives_nothing_up_and_the_button_does(client):
    session = await make.session()
    booking = await make.booking(session)
    assert "Give up your place?" in (await client.get(f"/m/{booking.manage_token}/give-up")).text
    assert (await Booking.get(id=booking.id)).state == "booked"
    await client.post(f"/m/{booking.manage_token}/give-up")
    assert (await Session.get(id=session.id)).taken == 0
    assert "You gave this place up" in (await client.get(f"/m/{booking.manage_token}")).text
    again = await client.post(f"/m/{booking.manage_token}/give-up")
    assert again.status_code == 409 and "given up or cancelled already" in again.text


async def test_one_date_of_a_course_is_missed_and_put_back(client):
    run = await make.run(booking_mode="run")
    sessions = [await make.session(run, date=run.first_date + timedelta(weeks=n), number=n + 1) for n in range(3)]
    booking = await make.booking(run)
    path = f"/m/{booking.manage_token}"
    await client.post(f"{path}/dates/{sessions[1].id}")
    assert "You said you cannot come" in (await client.get(path)).text
    await client.post(f"{path}/dates/{sessions[1].id}", data={"comes": "yes"})
    assert await MissedDate.all().count() == 0
    other = await make.session()
    assert (await client.post(f"{path}/dates/{other.id}")).status_code == 409
    assert (await Run.get(id=run.id)).taken == 1


async def test_who_comes_is_changed(client):
    booking = await make.booking()
    path = f"/m/{booking.manage_token}/who"
    form = {"adult-0": "Jo Reed", "child-0-first_name": "Ada", "child-0-month": "3", "child-0-year": "2025"}
    answer = await client.post(path, data=form)
    assert answer.status_code == 303
    assert set(await Attendee.filter(booking=booking).values_list("name", flat=True)) == {"Jo Reed", "Ada"}
    answer = await client.post(path, data=form | {"adult-0": ""})
    assert answer.status_code == 422 and 'value="Ada"' in answer.text


async def test_the_calendar_file_has_the_ids_of_the_invites(client):
    booking = await make.booking()
    text = (await client.get(f"/m/{booking.manage_token}/calendar.ics")).text
    assert text.count("BEGIN:VEVENT") == 1
    assert str(booking.session_id) in text.replace("\r\n ", "")


async def test_the_calendar_file_of_a_discreet_person_says_the_time_and_nothing_else(client):
    booking = await make.booking(by=await make.person(is_discreet=True))
    text = (await client.get(f"/m/{booking.manage_token}/calendar.ics")).text
    assert "SUMMARY:Appointment" in text and "CLASS:PRIVATE" in text
    assert not {"LOCATION", "DESCRIPTION", "URL", "CN="} & set(re.findall(r"^[A-Z]+|CN=", text, re.M))


async def test_the_calendar_file_follows_the_invites_and_leaves_out_what_is_missed(client):
    run = await make.run(booking_mode="run")
    sessions = [await make.session(run, date=run.first_date + timedelta(weeks=n), number=n + 1) for n in range(2)]
    parent = await make.person(channel="email", email="jo@home.example")
    booking = await make.booking(run, parent)
    path, ids = f"/m/{booking.manage_token}", [invites.uid(each.id, parent.id) for each in sessions]
    await Invite.create(uid=ids[0], session_id=sessions[0].id, person=parent, sequence=4)
    text = (await client.get(f"{path}/calendar.ics")).text
    assert [f"UID:{each}" in text for each in ids] == [True, True]
    assert "SEQUENCE:4" in text and "SEQUENCE:0" in text
    await client.post(f"{path}/dates/{sessions[1].id}")
    text = (await client.get(f"{path}/calendar.ics")).text
    assert [f"UID:{each}" in text for each in ids] == [True, False]
    await client.post(f"{path}/dates/{sessions[0].id}")
    assert (await client.get(f"{path}/calendar.ics")).status_code == 404


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"phone": "+447700900123"}, "by text message to the number that ends in 123"),
        ({"email": "jo@home.example", "phone_state": "opted_out"}, "by email to jo…@home.example"),
        ({"phone_state": "not_mobile"}, "we will not send a message"),
        ({"channel": "call", "email": "jo@home.example"}, "we will not send a message"),
    ],
)
async def test_a_message_is_promised_only_where_one_can_go(client, person, words):
    booking = await make.booking(by=await make.person(**person))
    assert words in (await client.get(f"/m/{booking.manage_token}?new=1")).text


async def code_sent(purpose: str = "manage_code") -> str:
    message = await Message.filter(kind=purpose).order_by("-created_at").first()
    return "".join(c for c in message.body if c.isdigit())[:6] if message else ""


async def test_a_code_by_sms_opens_all_bookings_made_with_that_number(client):
    sam = await make.person(phone="+447700900123")
    first, second = await make.booking(by=sam), await make.booking(by=await make.person(phone="+447700900123"))
    other = await make.booking()
    assert (await client.get("/manage")).text.count("Send me a code") == 1
    await client.post("/manage/ask", data={"address": "07700 900 123"})
    answer = await client.post("/manage/code", data={"code": await code_sent()})
    assert answer.headers["Location"] == "/manage"
    text = (await client.get("/manage")).text
    assert first.reference in text and second.reference in text and other.reference not in text


async def test_booking_with_somebody_elses_number_does_not_open_their_bookings(client):
    theirs = await make.booking(by=await make.person(phone="+447700900123"))
    mine = await make.booking(by=await make.person(phone="+447700900123"))
    await make.sign_in_family(client, await mine.person)
    text = (await client.get("/manage")).text
    assert mine.reference in text and theirs.reference not in text


async def test_an_unknown_number_gets_the_same_answer_and_no_message(client):
    await make.booking(by=await make.person(phone="+447700900123"))
    known = await client.post("/manage/ask", data={"address": "07700900123"})
    unknown = await client.post("/manage/ask", data={"address": "07700900999"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert await Message.filter(address="+447700900999").count() == 0


async def test_a_wrong_code_is_refused_and_after_five_the_right_one_is_dead(client):
    await make.booking(by=await make.person(phone="+447700900123"))
    await client.post("/manage/ask", data={"address": "07700900123"})
    code = await code_sent()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert (await client.post("/manage/code", data={"code": wrong})).status_code == 422
    assert (await client.post("/manage/code", data={"code": code})).status_code == 422
    assert (await SignInCode.first()).used_at is None


async def test_forgetting_signs_this_browser_out(client):
    booking = await make.booking()
    await make.sign_in_family(client, await booking.person)
    assert booking.reference in (await client.get("/manage")).text
    await client.post("/manage/forget")
    assert booking.reference not in (await client.get("/manage")).text


async def test_who_typed_a_number_sees_nothing_that_its_owner_books_after_proving_it(app, client):
    """The stranger books with the victim's number first; the victim proves it by code and books another session."""
    stranger = await make.person(phone="+447700900555", name="Some Stranger")
    await make.booking(by=stranger)
    await client.post("/manage/ask", data={"address": "07700900555"})
    await client.post("/manage/code", data={"code": await code_sent()})
    session = await make.session()
    path = (await client.post(f"/sessions/{session.id}/book")).headers["Location"].removesuffix("/who")
    form = {"adult-0": "Val Victim", "child-0-first_name": "Bo", "child-0-month": "3", "child-0-year": "2025"}
    await client.post(f"{path}/who", data=form | {"channel": "sms", "phone": "07700900555", "language": "en"})
    await client.post(f"{path}/check")
    theirs = await Booking.get(session=session)
    assert theirs.family_id != stranger.family_id and theirs.person_id != stranger.id
    client.cookies.clear()
    await make.sign_in_family(client, stranger)
    assert theirs.reference not in (await client.get("/manage")).text


async def test_a_browser_that_booked_with_the_number_it_proves_stays_the_same_family(client):
    sam = await make.person(phone="+447700900123")
    await make.booking(by=sam)
    await make.sign_in_family(client, sam)
    await client.post("/manage/ask", data={"address": "07700900123"})
    await client.post("/manage/code", data={"code": await code_sent()})
    await sam.refresh_from_db()
    assert sam.proved == "+447700900123"
    client.cookies.clear()
    await client.post("/manage/ask", data={"address": "07700900123"})
    await client.post("/manage/code", data={"code": await code_sent()})
    assert await Person.filter(phone="+447700900123").count() == 1
