"""Notices to restricted families and discreet people, and words that are hostile or that nobody sees."""

from datetime import timedelta

import pytest
import time_machine

from booking import db
from booking.problems import Refused
from booking.programmes.notices import notice_lists, queueing_notices
from booking.programmes.notices.notice_words import Typed
from tests import make
from tests.hostile import TEXTS
from tests.programmes.notices_of import ADMIN, NOON, WORDS, booked, look, messages, write
from tests.programmes.test_notices_audience import who

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
async def session():
    return await make.session()


async def test_a_run_that_becomes_restricted_meanwhile_tells_nobody_as_typed(session, at_noon):
    await booked(session, 2)
    await write(session)
    await db.execute("UPDATE run SET is_restricted = $2 WHERE id = $1", session.run_id, True)
    at_noon.shift(timedelta(minutes=11))
    await queueing_notices.queue_due()
    assert await messages() == []


@pytest.mark.parametrize("made", [{}, {"is_restricted": True}])
async def test_discreet_people_and_restricted_families_never_read_what_was_typed(made):
    hub = await make.location()
    session = await make.session(await make.run(location=hub, **made))
    values = [
        {"is_discreet": True},
        {"is_discreet": True, "channel": "call"},
        {"is_discreet": True, "channel": "email", "email": "ida@families.example"},
    ]
    for each in values if not made else [{}, {"channel": "email", "email": "mo@families.example"}, *values]:
        await booked(session, 1, **each)
    mine = who("hub_staff", hub)
    secret = {"sms": "zqhush at the Refuge", "mail": "zqhush mail", "subject": "zqhush subject"}
    seen = await look(session, by=mine, **secret)
    assert seen.neutral == seen.people and all("zqhush" not in f"{each.subject}{each.body}" for each in seen.samples)
    await write(session, by=mine, undo_minutes=0, **secret)
    await queueing_notices.queue_due()
    rows = await messages()
    assert len(rows) == seen.people and all(row["is_discreet"] for row in rows)
    for row in rows:
        said = " ".join(row[name] for name in ("subject", "body", "html", "calendar", "gist"))
        assert "zqhush" not in said and session.run.title not in said and "/m/" not in said
        assert row["channel"] == "call" or "ring" in row["body"]


async def test_in_an_ordinary_audience_only_the_discreet_read_the_neutral_words(session):
    await booked(session, 2)
    [ida] = await booked(session, 1, is_discreet=True)
    await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    assert {row["person_id"] for row in await messages() if WORDS not in row["body"]} == {ida.id}


async def test_staff_elsewhere_see_nothing_of_a_restricted_notice():
    hub = await make.location()
    session = await make.session(await make.run(location=hub, is_restricted=True))
    await booked(session, 1)
    mine = who("hub_staff", hub)
    sent = await write(session, by=mine)
    assert await notice_lists.find_one(mine, sent.notice_id)
    assert await notice_lists.find_one(ADMIN, sent.notice_id) is None
    assert await notice_lists.find(ADMIN) == ([], False)
    assert await notice_lists.find_one(who("hub_manager", await make.location()), sent.notice_id) is None


@pytest.mark.parametrize(
    "words", [*TEXTS, "{name} {token} {{ 7919*6661 }} [[ reason ]]", "\u0645\u0631\u062d\u0628\u0627 family"]
)
async def test_hostile_words_stay_words(session, words):
    await booked(session, 1, name="Ann Lee")
    await booked(session, 1, name="Bea Lee", channel="email", email="bea@families.example")
    typed = Typed.read(f"Hub {words}", f"Hub {words}", f"Hub {words}\r\n\r\n\r\n{words}"[:5000], None)
    await write(session, undo_minutes=0, sms=typed.sms[:900], subject=typed.subject[:120], mail=typed.mail)
    await queueing_notices.queue_due()
    text, mail = (await messages(channel="sms"))[0], (await messages(channel="email"))[0]
    assert text["body"].startswith("Family Hubs: Hub") and "/m/" in text["body"].split()[-1]
    assert "\n" not in mail["subject"] and "Hub" in mail["body"] and "See your bookings" in mail["body"]
    for said in (text["body"], mail["subject"], mail["body"], mail["html"]):
        assert "52748459" not in said and not set("\u202e\x00\x1b\u2066") & set(said)
    assert "<script>" not in mail["html"] and "<img src=x" not in mail["html"]


async def test_of_words_that_nobody_sees_nothing_is_sent(session):
    await booked(session, 1)
    for words in ("\ufeff\u200b\u2028", "\x01\x7f", "\u200d", "..."):
        with pytest.raises(Refused) as refused:
            await write(session, sms=Typed.read(words, "", "", None).sms)
        assert refused.value.rules == {"missing"}
