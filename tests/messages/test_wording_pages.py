"""/staff/wording: managers keep the words of messages, see them as a family would, and send themselves a test."""

import pytest

from booking import db
from booking.messages import kept_words, outbox
from booking.messages.models import Message
from tests import make
from tests.messages import examples

PAGE = "/staff/wording/en/reminder_days/sms"
WORDS = "Do not forget {title}, {start}. {link}"


@pytest.fixture
async def tom(client, database):
    member = await make.staff("hub_manager", (await make.location()).id)
    await make.sign_in_staff(client, member)
    return member


async def send(client, path=PAGE, **values):
    return await client.post(path, data={"do": "keep", "body": WORDS, "seen": "", "discreet": ""} | values)


async def reminder_to(**values):
    person = await make.person(channel="sms", **values)
    facts = examples.facts(examples.said())
    await outbox.queue(person=person, kind="reminder_days", about=("booking", db.new_id()), dedupe_key="r", facts=facts)
    return (await Message.all())[0]


async def test_every_text_is_listed_with_whose_words_it_has(client, tom):
    page = (await client.get("/staff/wording")).text
    assert PAGE in page and "Your words" not in page and "Cancellation (one date of a course)" in page
    assert all(
        f'"/staff/wording/en/{kind}/{channel}"' in page for kind, channel in kept_words.editable(is_discreet=False)
    )
    await send(client)
    assert "Your words" in (await client.get("/staff/wording")).text


async def test_texts_that_may_name_nothing_are_listed_apart_and_lead_back_there(client, tom):
    page = (await client.get("/staff/wording?discreet=1")).text
    for kind, channel in kept_words.editable(is_discreet=True):
        assert f'"/staff/wording/en/{kind}/{channel}?discreet=1"' in page
    one = (await client.get(f"{PAGE}?discreet=1")).text
    assert '"/staff/wording?language=en&amp;discreet=1#reminders"' in one


async def test_what_is_always_neutral_is_found_among_the_others(client, tom):
    assert '"/staff/wording/en/manage_code/sms?discreet=1"' in (await client.get("/staff/wording")).text
    one = (await client.get("/staff/wording/en/manage_code/sms?discreet=1")).text
    assert '"/staff/wording?language=en#codes"' in one


async def test_what_is_saved_is_used_from_the_next_message_on(client, tom):
    answer = await send(client)
    assert answer.status_code == 303 and answer.headers["location"] == PAGE
    assert (await reminder_to()).body.startswith("Do not forget Stay and play, Tue 12 Jan 10am.")


async def test_words_of_one_language_leave_the_others_alone(client, tom):
    await send(client, "/staff/wording/pl/reminder_days/sms", body="Pamiętaj: {title}, {start}. {link}")
    message = await reminder_to(language="pl")
    assert message.language == "pl" and message.body.startswith("Pamietaj: Stay and play")
    assert "Your words" not in (await client.get("/staff/wording")).text


async def test_the_shipped_words_come_back_and_what_was_kept_stays_to_be_seen(client, tom):
    await send(client)
    seen = await db.value("SELECT id FROM wording_text")
    assert (await send(client, do="shipped", seen=str(seen))).status_code == 303
    page = (await client.get(PAGE)).text
    assert "Do not forget" in page and "(in use)" not in page
    assert not (await reminder_to()).body.startswith("Do not forget")


async def test_wrong_words_are_refused_and_stay_in_the_form(client, tom):
    answer = await send(client, body="Dear {nobody}, {link}")
    assert answer.status_code == 422 and "Dear {nobody}" in answer.text
    assert await db.value("SELECT COUNT(*) AS n FROM wording_text") == 0


async def test_discreet_words_may_name_nothing(client, tom):
    answer = await send(client, body="Freedom Programme at {place}, {start}", discreet="1")
    assert answer.status_code == 422 and await db.value("SELECT COUNT(*) AS n FROM wording_text") == 0


async def test_the_preview_tells_parts_and_cost(client, tom):
    answer = await send(client, do="preview", body="{title} {start} " + "very long " * 20 + "{link}")
    assert answer.status_code == 200 and "2 parts, 8p a text" in answer.text


async def test_who_saves_over_somebody_elses_words_is_asked_to_look_again(client, tom):
    await send(client)
    answer = await send(client, body="Mine: {title}, {start}. {link}")
    assert answer.status_code == 422 and "Somebody else has changed this text" in answer.text


async def test_a_test_goes_to_the_writer_alone_and_saves_nothing(client, tom):
    answer = await send(client, do="test")
    [message] = await Message.all()
    assert answer.status_code == 200 and (message.address, message.kind) == (tom.phone, "text_test")
    assert message.body.startswith("Do not forget Stay and play")
    assert await db.value("SELECT COUNT(*) AS n FROM wording_text") == 0


async def test_what_there_is_not_is_not_found(client, tom):
    for path in ("en/nothing/sms", "xx/reminder_days/sms", "pl/cancellation/call", "en/staff_text/sms"):
        assert (await client.get(f"/staff/wording/{path}")).status_code == 404


async def test_a_stranger_and_plain_staff_find_nothing(client, database):
    assert (await client.get(PAGE)).status_code in (303, 404)
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert (await client.get(PAGE)).status_code == 404
    assert (await send(client)).status_code == 404
