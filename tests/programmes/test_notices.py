"""A notice to many: sending it, and the job that makes its messages."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.problems import Refused
from booking.programmes.bookings import giving_up
from booking.programmes.notices import previewing, queueing_notices, sending_notices
from tests import make
from tests.programmes.notices_of import ADMIN, NOON, WORDS, booked, figures, look, messages, write

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
async def session():
    return await make.session()


async def test_nothing_is_written_to_anybody_until_it_can_no_longer_be_undone(session, at_noon):
    await booked(session)
    sent = await write(session)
    assert sent.people == 3 and sent.due_at == clock.now() + timedelta(minutes=10)
    await queueing_notices.queue_due()
    assert await messages() == []
    at_noon.shift(timedelta(minutes=10))
    assert str(await queueing_notices.queue_due()) == "3 notices queued, 0 left out, 1 finished"
    rows = await messages()
    assert len(rows) == 3 and all(WORDS in row["body"] for row in rows)
    assert {row["state"] for row in rows} == {"queued"}
    assert (await figures(sent.notice_id)).waiting == 3


async def test_each_reads_the_words_of_their_channel(session):
    await booked(session, 1, channel="sms")
    await booked(session, 1, channel="email", email="bea@families.example")
    await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    text, mail = (await messages(channel="sms"))[0], (await messages(channel="email"))[0]
    assert WORDS in text["body"] and "/m/" in text["body"] and text["marker"]
    assert mail["subject"] == "Parking" and "second paragraph" in mail["body"] and WORDS not in mail["body"]


async def test_without_words_for_the_mail_it_says_what_the_text_says(session):
    await booked(session, 1, channel="email", email="bea@families.example")
    await write(session, undo_minutes=0, mail="", subject="")
    await queueing_notices.queue_due()
    [mail] = await messages()
    assert WORDS in mail["body"] and session.run.title[:20] in mail["subject"]


async def test_who_wants_nothing_hears_nothing_and_is_named(session):
    await booked(session, 1)
    [silent] = await booked(session, 1, channel="none", name="Silent Sue")
    seen = await look(session)
    assert (seen.people, seen.texts) == (2, 1)
    assert [(each.name, each.why) for each in seen.not_reached] == [("Silent Sue", "wants no messages")]
    sent = await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    assert [row["person_id"] == silent.id for row in await messages()] == [False]
    assert (await figures(sent.notice_id)).silent == 1


async def test_who_opted_out_gets_no_text(session):
    await booked(session, 1, phone_state="opted_out", email="")
    seen = await look(session)
    assert seen.texts == 0 and len(seen.to_ring) + len(seen.not_reached) == 1
    await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    assert await messages(channel="sms") == []


async def test_who_cancelled_meanwhile_is_left_out_and_counted(session, at_noon):
    stays, goes = await booked(session, 2)
    sent = await write(session)
    await giving_up.give_up(booking_id=(await make.Booking.get(person=goes)).id)
    assert (await previewing.of(sent.notice_id)).people == 1
    at_noon.shift(timedelta(minutes=11))
    await queueing_notices.queue_due()
    assert [row["person_id"] for row in await messages()] == [stays.id]
    told = await figures(sent.notice_id)
    assert (told.people, told.dealt, told.gone, told.waiting) == (2, 2, 1, 1)


async def test_a_session_that_is_called_off_meanwhile_tells_nobody(session, at_noon):
    await booked(session, 2)
    await write(session)
    await db.execute("UPDATE session SET state = 'cancelled' WHERE id = $1", session.id)
    at_noon.shift(timedelta(minutes=11))
    assert (await queueing_notices.queue_due()).left_out == 2
    assert await messages() == []


async def test_two_presses_of_one_form_send_once(session):
    await booked(session)
    first, second = await write(session), await write(session)
    assert (first.is_new, second.is_new) == (True, False) and first.notice_id == second.notice_id
    assert await db.value("SELECT COUNT(*) AS n FROM notice") == 1
    assert await db.value("SELECT COUNT(*) AS n FROM notice_recipient") == 3


async def test_the_same_words_within_the_hour_are_asked_about(session, at_noon):
    await booked(session)
    await write(session)
    with pytest.raises(Refused) as refused:
        await write(session, token="another form")
    assert refused.value.rules == {"again"}
    await write(session, token="another form", is_sure=True)
    await write(session, token="other words", sms="Something else")
    at_noon.shift(timedelta(minutes=61))
    await write(session, token="an hour later")
    assert await db.value("SELECT COUNT(*) AS n FROM notice") == 4


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ({"sms": " "}, "missing"),
        ({"sms": "x" * 901}, "too long"),
        ({"mail": "x" * 6001}, "too long"),
        ({"subject": "x" * 121}, "too long"),
        ({"due_in": timedelta(hours=-1)}, "past"),
        ({"due_in": timedelta(days=93)}, "too far"),
    ],
)
async def test_what_makes_no_sense_is_refused(session, typed, rule):
    await booked(await make.session(session.run, date=clock.today() + timedelta(days=200)))
    if "due_in" in typed:
        typed = {"due_at": clock.now() + typed["due_in"]}
    with pytest.raises(Refused) as refused:
        await write(await make.Run.get(id=session.run_id), kind="run", **typed)
    assert refused.value.rules == {rule}


async def test_to_nobody_nothing_is_sent(session):
    with pytest.raises(Refused) as refused:
        await write(session)
    assert refused.value.rules == {"nobody"}
    assert await db.value("SELECT COUNT(*) AS n FROM notice") == 0


async def test_after_the_session_is_over_a_notice_about_it_makes_no_sense(session):
    await booked(session)
    with pytest.raises(Refused) as refused:
        await write(session, due_at=session.ends_at)
    assert refused.value.rules == {"over"}


async def test_one_that_fails_does_not_keep_the_others_back(session, monkeypatch):
    await booked(session, 1)
    await write(session, undo_minutes=0, token="first")
    await write(session, undo_minutes=0, token="second", sms="Something else")
    queue, calls = queueing_notices.notice_messages.queue, []

    async def fails_once(notice, person, way):
        calls.append(notice["id"])
        if notice["id"] == calls[0]:
            raise RuntimeError("no")
        return await queue(notice, person, way)

    monkeypatch.setattr(queueing_notices.notice_messages, "queue", fails_once)
    with pytest.raises(RuntimeError):
        await queueing_notices.queue_due()
    assert len(await messages()) == 1


async def test_the_trail_says_who_sent_what_to_how_many(session):
    await booked(session)
    sent = await write(session)
    await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN)
    verbs = [
        row["verb"] for row in await db.rows("SELECT verb FROM audit_event WHERE about_id = $1 ORDER BY id", session.id)
    ]
    assert verbs == ["send notice", "undo send notice"]
