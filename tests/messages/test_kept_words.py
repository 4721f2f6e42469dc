"""Words of messages that staff keep: in use from the next message on, every version kept, nothing kept that could do harm."""

import asyncio
from uuid import uuid4

import pytest

from booking import db
from booking.messages import kept_words
from booking.messages.wording import Words
from booking.messages.wording_examples import example_facts
from booking.problems import Refused
from tests import make
from tests.messages.queueing import queue_code, queue_reminder

pytestmark = pytest.mark.anyio
SMS = ("reminder_days", "sms", "en", False)
OURS = Words("", "Hi! {title} is on {start}. Tell us if you cannot come: {link}")


async def kept(words=OURS, text=SMS, seen=None):
    by = await make.staff("county_admin")
    assert await kept_words.keep(*text, words, seen=seen, by=by)
    return (await kept_words.versions(*text))[0]


async def test_the_next_message_is_in_the_words_that_are_kept(database):
    person = await make.person()
    before = await queue_reminder(person)
    await kept()
    after = await queue_reminder(person)
    assert before["body"].startswith("Family Hubs: Stay and play")
    assert after["body"].startswith("Hi! Stay and play is on Tue 12 Jan 10am. Tell us if you cannot come: https://")


async def test_the_shipped_words_come_back_and_every_version_stays(database):
    first = await kept()
    second = await kept(Words("", "{title}, {start}: {link}"), seen=first.id)
    by = await make.staff("hub_manager", (await make.location()).hub_id)
    await kept_words.back_to_shipped(*SMS, seen=second.id, by=by)
    assert await kept_words.find(*SMS) is None
    assert (await queue_reminder())["body"].startswith("Family Hubs: Stay and play")
    versions = await kept_words.versions(*SMS)
    assert [each.words.body for each in versions] == ["{title}, {start}: {link}", OURS.body]
    assert all(each.replaced_at for each in versions) and versions[0].changed_by == "Maya Okafor"


async def test_the_trail_says_who_changed_which_words(database):
    await kept()
    [event] = await db.rows("SELECT verb, about_kind, by_name, after FROM audit_event WHERE verb = 'change wording'")
    assert (event["about_kind"], event["by_name"]) == ("wording", "Maya Okafor")
    assert OURS.body in str(event["after"])


async def test_the_same_words_again_are_no_new_version(database):
    version = await kept()
    assert not await kept_words.keep(*SMS, OURS, seen=version.id, by=None)
    assert len(await kept_words.versions(*SMS)) == 1


async def test_who_has_not_seen_the_last_version_is_refused(database):
    first = await kept()
    for act in (
        kept_words.keep(*SMS, Words("", "{title}, {start} {link}"), seen=None, by=None),
        kept_words.back_to_shipped(*SMS, seen=uuid4(), by=None),
    ):
        with pytest.raises(Refused) as refused:
            await act
        assert refused.value.rules == {"meanwhile"}
    assert (await kept_words.versions(*SMS))[0].id == first.id


async def test_of_two_who_save_at_once_one_is_refused(real_database):
    words = [Words("", f"Number {n}: {{title}}, {{start}}: {{link}}") for n in range(2)]
    done = await asyncio.gather(
        *(kept_words.keep(*SMS, each, seen=None, by=None) for each in words), return_exceptions=True
    )
    assert [each for each in done if each is True] == [True]
    assert [type(each) for each in done if each is not True] == [Refused]
    assert await db.value("SELECT count(*) FROM wording_text WHERE replaced_at IS NULL") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SMS, Words("", "{title}, {start}")),
        (SMS, Words("", "{titel}, {start}: {link}")),
        (SMS, Words("", "{title}, {start}: {link} reply STOP")),
        (SMS, Words("", "")),
        (("reminder_days", "sms", "en", True), Words("", "{title}, {start}")),
        (("reminder_days", "sms", "en", True), Words("", "{start} at Family Hubs")),
        (("reminder_days", "email", "en", False), Words("", "{title}, {when}\n\nSee: {link}")),
        (("no_such_kind", "sms", "en", False), OURS),
        (("reminder_days", "sms", "xx", False), OURS),
        (("staff_text", "sms", "en", False), Words("", "{words}")),
    ],
)
async def test_words_that_could_do_harm_are_refused(database, text, words):
    with pytest.raises(Refused) as refused:
        await kept_words.keep(*text, words, seen=None, by=None)
    assert refused.value.problems
    assert await db.value("SELECT count(*) FROM wording_text") == 0


async def test_words_that_may_not_be_used_any_more_give_way_to_the_shipped_ones(database):
    await kept()
    await db.execute("UPDATE wording_text SET body = 'Hi {forgotten}, {start} {link}'")
    assert (await queue_reminder())["body"].startswith("Family Hubs: Stay and play")


async def test_english_words_are_for_those_alone_for_whom_nothing_is_written_in_their_own_language(
    database, monkeypatch
):
    await kept()
    facts = example_facts("reminder_days")
    monkeypatch.setattr("booking.messages.wording.is_shipped", lambda *_: True)
    assert await kept_words.in_use("reminder_days", "sms", facts, "pl") == (None, "pl")
    monkeypatch.setattr("booking.messages.wording.is_shipped", lambda *_: False)
    assert await kept_words.in_use("reminder_days", "sms", facts, "pl") == (OURS, "en")
    assert await kept_words.in_use("reminder_days", "call", facts, "pl") == (None, "en")


async def test_words_kept_in_a_language_are_for_those_who_read_it(database):
    await kept(Words("", "Cześć! {title}, {start}: {link}"), ("reminder_days", "sms", "pl", False))
    row = await queue_reminder(await make.person(language="pl"))
    assert row["body"].startswith("Czesc! Stay and play, wt., 12 sty 10:00: https://") and row["language"] == "pl"
    assert (await queue_reminder())["language"] == "en"


async def test_the_words_of_a_variant_are_kept_by_themselves(database):
    await kept(Words("", "Only for calls: {title}, {start}, {link}"), ("reminder_days.phone", "sms", "en", False))
    assert not (await queue_reminder())["body"].startswith("Only for calls")


async def test_codes_are_in_the_words_that_are_kept(database):
    await kept(Words("", "Your number: {code}"), ("manage_code", "sms", "en", True))
    assert (await queue_code())["body"] == "Your number: 123456"


async def test_what_may_be_kept_are_texts_of_every_channel_and_none_that_somebody_types(database):
    names = kept_words.editable(is_discreet=False)
    assert ("confirmation.course", "email") in names and ("offer", "call") in names
    assert not any(name.startswith(("staff_text", "instead_of_sms")) for name, _ in names)
