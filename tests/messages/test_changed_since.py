"""Who has asked for less since a message was written gets no more by it: no second channel, no full words, no old number."""

import pytest

from booking import db
from booking.messages import digests, following, next_channel, outbox, sending_again
from booking.people.models import Person
from booking.problems import Refused
from tests import make
from tests.messages.queueing import queue_reminder, row

pytestmark = pytest.mark.usefixtures("database")


async def change(person, **values):
    await Person.filter(id=person.id).update(**values)
    person.update_from_dict(values)
    await db.run_tx(lambda: following.follow(person))


async def failed(person, **values):
    """A text in full words that the network has given back."""
    kept = await queue_reminder(person, **values)
    await db.execute(
        "UPDATE message SET state = 'failed', error_code = '30008', error = 'Failed', attempts = 1 WHERE id = $1",
        kept["id"],
    )
    return await row(kept["id"])


async def test_who_is_discreet_by_now_gets_no_mail_in_place_of_a_text():
    person = await make.person(email="jo@mail.example", is_discreet=False)
    text = await failed(person)
    await Person.filter(id=person.id).update(is_discreet=True)
    queued = await next_channel.try_next(text)
    assert queued and queued.channel == "call"
    assert (await row(queued.id))["is_discreet"]


@pytest.mark.parametrize("values", [{"is_discreet": True}, {"channel": "none"}, {"channel": "call"}])
async def test_a_text_in_full_words_is_not_sent_again_to_who_has_asked_for_less(values):
    person = await make.person()
    text = await failed(person)
    await change(person, **values)
    by = await make.staff("county_admin")
    with pytest.raises(Refused):
        await sending_again.send_again(text["id"], by=by)
    assert (await row(text["id"]))["state"] == "failed"


@pytest.mark.parametrize(
    "values", [{"is_discreet": True}, {"channel": "none"}, {"channel": "call"}, {"phone": "+447700900888"}]
)
async def test_what_staff_took_back_does_not_leave_as_it_was_for_who_has_asked_for_less(values):
    person, by = await make.person(), await make.staff("county_admin")
    text = await queue_reminder(person)
    await sending_again.take_back(text["id"], why="", by=by)
    await change(person, **values)
    with pytest.raises(Refused):
        await sending_again.put_back(text["id"], by=by)
    assert (await row(text["id"]))["state"] == "void"


async def test_what_staff_took_back_stays_so_when_the_place_is_given_up():
    person, by = await make.person(), await make.staff("county_admin")
    text = await queue_reminder(person)
    await sending_again.take_back(text["id"], why="", by=by)
    await outbox.void(about=("booking", text["about_id"]), why="given up")
    with pytest.raises(Refused):
        await sending_again.put_back(text["id"], by=by)


async def test_what_failed_is_not_sent_again_when_the_place_is_given_up():
    text, by = await failed(await make.person()), await make.staff("county_admin")
    await outbox.void(about=("booking", text["about_id"]), why="given up")
    with pytest.raises(Refused):
        await sending_again.send_again(text["id"], by=by)


async def test_a_failure_that_is_reported_after_the_place_was_given_up_is_told_no_other_way():
    text = await failed(await make.person(email="jo@mail.example"))
    await db.execute("UPDATE message SET state = 'sent' WHERE id = $1", text["id"])
    await outbox.void(about=("booking", text["about_id"]), why="given up")
    assert await next_channel.try_next(await row(text["id"])) is None
    assert (await row(text["id"]))["state"] == "sent"


@pytest.mark.parametrize("values", [{"phone": "+447700900888"}, {"is_discreet": True}, {"channel": "none"}])
async def test_the_parts_of_a_digest_follow_their_person_too(values):
    person = await make.person()
    parts = [await queue_reminder(person, kind="cancellation", facts={"reason": ""}) for _ in range(2)]
    assert await digests.gather() == 1
    await change(person, **values)
    await outbox.void(about=("booking", parts[0]["about_id"]), why="undone")
    left = await row(parts[1]["id"])
    assert left["state"] in ("void", "merged") or left["address"] == person.phone
    if person.is_discreet or person.channel == "none":
        waiting = await db.rows("SELECT body FROM message WHERE state = 'queued'")
        assert not [each for each in waiting if "play" in each["body"].lower()]
