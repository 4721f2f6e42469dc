"""Several changes to one person at once are one text, and nothing is lost on the way."""

from datetime import timedelta
from uuid import uuid4

import pytest

from booking import clock, db
from booking.messages import claims, digests, outbox
from booking.messages.delivery import deliver_due
from booking.messages.outcomes import sent
from tests import make
from tests.messages import examples
from tests.messages.queueing import deliver, queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


async def change(person, kind="cancellation", title="Stay and play", **more):
    return await queue_reminder(person, kind=kind, said=examples.said(title=title, session_id=uuid4()), **more)


async def digest():
    return await db.row("SELECT * FROM message WHERE kind = 'digest' AND state <> 'void'")


async def test_two_changes_are_one_text_and_both_are_accounted_for(sending, twilio):
    person = await make.person()
    first, second = await change(person), await change(person, "changed", title="Baby massage")
    await deliver(sending(twilio))
    [sent] = twilio.accepted
    assert "Stay and play" in sent["body"] and "Baby massage" in sent["body"] and sent["body"].count("https://") == 1
    made = await digest()
    assert made["state"] == "sent" and f".{made['marker']}" in made["body"]
    assert {(await row(each["id"]))["digest_id"] for each in (first, second)} == {made["id"]}
    assert await states() == {"merged": 2, "sent": 1}


async def test_one_change_stays_as_it_is_and_other_kinds_and_people_stay_apart(sending, twilio):
    person = await make.person()
    await change(person)
    await queue_reminder(person)
    await change(await make.person())
    await deliver(sending(twilio))
    assert len(twilio.accepted) == 3 and await digest() is None


async def test_what_is_discreet_was_tried_or_is_not_due_yet_is_left_alone():
    person = await make.person()
    tried = await change(person)
    await db.execute("UPDATE message SET attempts = 1 WHERE id = $1", tried["id"])
    await change(person, due_at=clock.now() + timedelta(hours=1))
    await queue_reminder(person, kind="cancellation", said=examples.discreet())
    await change(person)
    assert await digests.gather() == 0 and await states() == {"queued": 4}


async def test_mails_with_calendar_entries_are_never_merged(sending, twilio, host):
    person = await make.person(email="jo@mail.example")
    for title in ("One", "Two"):
        said = examples.said(title=title, session_id=uuid4())
        await queue_reminder(person, kind="changed", said=said, calendar=[said])
    await deliver(sending(twilio, host), times=2)
    assert len(twilio.accepted) == 1 and len(host.accepted) == 2
    assert all(b"text/calendar" in mail.content for mail in host.accepted)


async def test_a_part_that_is_taken_back_takes_the_digest_apart(sending, twilio):
    person = await make.person()
    off, stays = await change(person), await change(person, "changed", title="Baby massage")
    assert await digests.gather() == 1
    assert await outbox.void(about=("booking", off["about_id"]), why="undone") == 1
    await deliver(sending(twilio))
    assert [sent["body"].count("Baby massage") for sent in twilio.accepted] == [1]
    assert [(await row(each["id"]))["state"] for each in (off, stays)] == ["void", "sent"]
    assert "Stay and play" not in twilio.accepted[0]["body"]


async def test_undone_as_a_batch_nobody_hears_and_three_become_two(sending, twilio):
    person, batch = await make.person(), uuid4()
    await change(person, batch_id=batch)
    for title in ("One", "Two"):
        await change(person, title=title)
    assert await digests.gather() == 1
    assert await outbox.void_batch(batch) == 1
    await deliver(sending(twilio))
    [sent] = twilio.accepted
    assert "One" in sent["body"] and "Two" in sent["body"] and "Stay and play" not in sent["body"]


async def test_undone_after_it_has_left_who_heard_is_known(sending, twilio):
    person, batch = await make.person(), uuid4()
    await change(person, batch_id=batch)
    await change(person, "changed", title="Baby massage")
    await deliver(sending(twilio))
    heard = await outbox.undo_batches([batch], into=uuid4())
    assert [line["person_id"] for line in heard] == [person.id]


async def test_taken_apart_while_a_worker_has_it_nothing_is_sent_twice():
    person = await make.person()
    off, stays = await change(person), await change(person, "changed", title="Baby massage")
    await digests.gather()
    [claimed] = await claims.claim("w", ["sms"], 10)
    await outbox.void(about=("booking", off["about_id"]), why="undone")
    assert not await claims.begin(claimed) and (await row(stays["id"]))["state"] == "queued"


async def test_what_may_have_left_is_not_taken_apart():
    person = await make.person()
    off = await change(person)
    await change(person, "changed", title="Baby massage")
    await digests.gather()
    [claimed] = await claims.claim("w", ["sms"], 10)
    assert await claims.begin(claimed)
    assert await outbox.void(about=("booking", off["about_id"]), why="undone") == 1
    assert (await row(claimed["id"]))["state"] == "claimed" and (await row(off["id"]))["may_have_left"]
    await claims.record_sent(claimed, sent("SM1"))
    assert (await row(off["id"]))["state"] == "merged", "it was told after all"


async def test_a_digest_that_was_too_late_gives_its_parts_back(sending, twilio):
    person = await make.person()
    await change(person, expires_at=clock.now() + timedelta(minutes=5))
    later = await change(person, "changed", title="Baby massage")
    await digests.gather()
    await db.execute("UPDATE message SET expires_at = $1 WHERE expires_at < $2 OR kind = 'digest'",
                     clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=6))  # fmt: skip
    await claims.miss_expired()
    await deliver_due(sending(twilio), "w")
    await claims.miss_expired()
    assert (await row(later["id"]))["state"] == "sent" and len(twilio.accepted) == 1
    assert await states() == {"missed": 2, "sent": 1}


async def test_gathering_twice_or_in_two_workers_makes_one():
    person = await make.person()
    await change(person)
    await change(person, "changed", title="Baby massage")
    assert [await digests.gather(), await digests.gather()] == [1, 0]
    assert await states() == {"merged": 2, "queued": 1}


async def test_it_is_in_the_persons_own_language(sending, twilio):
    person = await make.person(language="pl")
    for title in ("One", "Two"):
        await change(person, title=title)
    await digests.gather()
    made = await digest()
    assert "One" in made["body"] and "Two" in made["body"] and made["language"] in ("pl", "en")


async def test_of_several_hubs_it_is_read_where_the_first_of_them_is():
    person, hubs = await make.person(), [await make.location(), await make.location()]
    for hub in (None, *hubs):
        await change(person, hub_id=hub.id if hub else None)
    assert await digests.gather() == 1
    assert await db.value("SELECT hub_id FROM message WHERE kind = 'digest'") == hubs[0].id
