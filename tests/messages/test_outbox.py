"""What the other areas call: rows written once, taken back, undone."""

from datetime import timedelta
from uuid import uuid4

import icalendar
import pytest

from booking import clock, db
from booking.messages import invites, outbox
from booking.messages.wording import MissingFact
from tests import make
from tests.messages import examples

pytestmark = pytest.mark.usefixtures("database")


async def queue(person, kind="reminder_days", key="r:1", said=None, about=None, **more):
    said = said or examples.said()
    known = {name: value for name, value in examples.facts(said).items() if name not in ("name", "marker", "is_over")}
    facts = known | more.pop("facts", {})
    about = about or ("booking", examples.UUID(int=99))
    return await outbox.queue(person=person, kind=kind, facts=facts, about=about, dedupe_key=key, **more)


async def rows(**where):
    found = await db.rows("SELECT * FROM message ORDER BY due_at, channel DESC")
    return [row for row in found if all(row[name] == value for name, value in where.items())]


async def test_queues_the_words_for_the_chosen_channel():
    person = await make.person(name="Jo Smith", phone="+447700900123")
    [queued] = await queue(person)
    [row] = await rows()
    assert queued.is_new and queued.channel == "sms" and row["id"] == queued.id
    assert (row["state"], row["address"], row["parts"]) == ("queued", "+447700900123", 1)
    assert row["body"].endswith(f"/m/h7Kq2mXw9TfA_bQ4.{row['marker']}") and len(row["marker"]) == 6
    assert row["session_id"] == examples.said().session_id


async def test_the_same_call_twice_writes_once_and_says_so():
    person = await make.person()
    [first], [second] = await queue(person), await queue(person)
    assert (first.is_new, second.is_new) == (True, False) and first.id == second.id
    assert len(await rows()) == 1


async def test_confirmation_by_sms_brings_the_invite_by_mail():
    person = await make.person(email="jo@mail.example")
    await queue(person, "confirmation", calendar=[examples.said()])
    sms, mail = await rows(channel="sms"), await rows(channel="email")
    assert len(sms) == len(mail) == 1 and sms[0]["calendar"] == ""
    assert mail[0]["calendar_method"] == "REQUEST" and "SEQUENCE:0" in mail[0]["calendar"]
    assert "mailto:jo@mail.example" in mail[0]["calendar"].replace("\r\n ", "")


async def test_course_sends_one_mail_per_date_after_the_confirmation():
    person = await make.person(channel="email", email="jo@mail.example")
    dates = examples.course()
    await queue(person, "confirmation", said=dates[0], facts={"dates": dates}, calendar=dates)
    mails = await rows()
    assert [mail["kind"] for mail in mails] == ["confirmation", "invite", "invite"]
    assert [mail["session_id"] for mail in mails] == [said.session_id for said in dates]
    assert len({invite_of(mail)["UID"] for mail in mails}) == 3
    assert all(mail["calendar"].count("BEGIN:VEVENT") == 1 for mail in mails)


async def test_cancellation_takes_out_what_was_put_in_with_a_higher_sequence():
    person = await make.person(channel="email", email="jo@mail.example")
    await queue(person, "confirmation", key="c", calendar=[examples.said()])
    await queue(person, "cancellation", key="x", calendar=[examples.said()])
    put, taken = await rows(kind="confirmation"), await rows(kind="cancellation")
    assert invite_of(put[0])["UID"] == invite_of(taken[0])["UID"]
    assert (invite_of(put[0])["SEQUENCE"], invite_of(taken[0])["SEQUENCE"]) == (0, 1)
    assert taken[0]["calendar_method"] == "CANCEL"


async def test_nothing_is_taken_out_that_was_never_put_in():
    person = await make.person(channel="email", email="jo@mail.example")
    dates = examples.course()
    await queue(person, "cancellation", said=dates[0], facts={"dates": dates}, calendar=dates)
    [mail] = await rows()
    assert mail["kind"] == "cancellation" and mail["calendar"] == ""


async def test_two_family_members_have_entries_of_their_own():
    for number, person in enumerate([await make.person(channel="email", email=f"{n}@x.example") for n in "ab"]):
        await queue(person, "confirmation", key=f"c{number}", calendar=[examples.said()])
    one, two = await rows()
    assert invite_of(one)["UID"] != invite_of(two)["UID"]
    assert "b@x.example" not in one["calendar"] + one["body"]


async def test_download_has_the_ids_of_the_mailed_invites():
    person = await make.person(channel="email", email="jo@mail.example")
    await queue(person, "confirmation", calendar=[examples.said()])
    text = await invites.download(person.id, [examples.said()], examples.STAMP)
    [mail] = await rows()
    assert icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["UID"] == invite_of(mail)["UID"]


async def test_discreet_is_marked_and_sends_no_word_or_link():
    person = await make.person(email="jo@mail.example")
    await queue(person, "confirmation", said=examples.discreet(), calendar=[examples.discreet()])
    [row] = await rows()
    assert row["is_discreet"] and row["channel"] == "sms" and row["marker"] == "" and "http" not in row["body"]


async def test_code_is_secret_and_goes_to_the_address_typed():
    queued = await outbox.queue_code(
        kind="manage_code",
        channel="sms",
        address="+447700900777",
        code="123456",
        about=("code", uuid4()),
        dedupe_key="code:1",
        expires_at=clock.now() + timedelta(minutes=10),
    )
    [row] = await rows()
    assert queued.is_new and row["is_secret"] and row["body"].startswith("123456 is your code. It works for 10 minutes")


async def test_void_takes_back_what_has_not_left():
    person = await make.person()
    about = ("booking", uuid4())
    await queue(person, key="1", about=about)
    await queue(person, "reminder_hours", key="2", about=about)
    await queue(person, key="3")
    await db.execute("UPDATE message SET state = 'sent' WHERE dedupe_key = '2:sms'")
    assert await outbox.void(about=about, why="given up") == 1
    assert [row["state"] for row in sorted(await rows(), key=lambda r: r["dedupe_key"])] == ["void", "sent", "queued"]
    assert (await rows(state="void"))[0]["error"] == "given up"


async def test_void_of_some_kinds_of_one_session_leaves_the_others():
    person = await make.person()
    here, there = examples.said(), examples.said(session_id=uuid4())
    await queue(person, key="1", said=here)
    await queue(person, "waiting_joined", key="2", said=here)
    await queue(person, key="3", said=there)
    assert (
        await outbox.void(session_id=here.session_id, kinds=["reminder_days", "reminder_hours"], why="cancelled") == 1
    )
    assert [row["dedupe_key"] for row in await rows(state="void")] == ["1:sms"]


async def test_void_of_nothing_named_is_a_mistake():
    with pytest.raises(ValueError, match="void what"):
        await outbox.void(why="oops")


async def test_undone_cancellation_lets_the_reminder_come_back():
    person = await make.person()
    await queue(person, key="r")
    await outbox.void(about=("booking", examples.UUID(int=99)), why="cancelled")
    [again] = await queue(person, key="r", facts={"token": "otherToken"})
    [row] = await rows()
    assert again.is_new and row["state"] == "queued" and row["error"] == ""
    assert row["body"].endswith(f"otherToken.{row['marker']}")


async def test_void_row_that_may_have_left_comes_back_as_it_was():
    person = await make.person()
    await queue(person, key="r")
    [before] = await rows()
    await db.execute("UPDATE message SET state = 'void', attempts = 1, may_have_left = $1", True)
    [again] = await queue(person, key="r")
    [row] = await rows()
    assert again.is_new and row["state"] == "queued" and row["may_have_left"]
    assert (row["body"], row["marker"]) == (before["body"], before["marker"])


async def test_sent_row_does_not_come_back():
    person = await make.person()
    await queue(person, key="r")
    await db.execute("UPDATE message SET state = 'sent', sent_at = $1", clock.now())
    assert not (await queue(person, key="r"))[0].is_new


async def test_undo_of_a_batch_takes_back_its_messages_and_leaves_the_entry_standing():
    person, batch = await make.person(channel="email", email="jo@mail.example"), uuid4()
    await queue(person, "confirmation", key="c", calendar=[examples.said()])
    await queue(person, "cancellation", key="x", calendar=[examples.said()], batch_id=batch)
    assert await outbox.void_batch(batch) == 1
    assert (await rows(kind="confirmation"))[0]["state"] == "queued"
    assert (await db.row("SELECT last_method FROM invite"))["last_method"] == "REQUEST"
    await queue(person, "cancellation", key="y", calendar=[examples.said()])
    assert invite_of((await rows(dedupe_key="y:email"))[0])["SEQUENCE"] == 2


async def test_send_now_makes_a_waiting_batch_due():
    person, batch = await make.person(), uuid4()
    await queue(person, "cancellation", batch_id=batch, due_at=clock.now() + timedelta(minutes=10))
    assert await outbox.release_batch(batch) == 1
    [row] = await rows()
    assert row["next_try_at"] <= clock.now()


async def test_missing_fact_refuses_the_whole_call():
    with pytest.raises(MissingFact):
        await outbox.queue(
            person=await make.person(channel="email", email="jo@x.example"),
            kind="confirmation",
            facts={"said": examples.said(), "token": "t"},
            about=("booking", uuid4()),
            dedupe_key="c",
        )


def invite_of(row):
    return icalendar.Calendar.from_ical(row["calendar"]).walk("VEVENT")[0]
