"""Texts that are answered in several processes, while families give up by link, hubs cancel and others book."""

import json
from collections import Counter
from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages.models import InboundMessage, Message
from booking.programmes import reconciling
from booking.programmes.models import Booking
from tests import make, side_by_side
from tests.programmes.lines_of import TEN
from tests.programmes.texts_of import comes, heard

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
FAMILIES = 12


async def families(*bodies: str, places: int = 1) -> None:
    """So many families, each with the last place of a session, a reminder of it, and these texts that nobody has dealt with."""
    with time_machine.travel(TEN, tick=False):
        for n in range(FAMILIES):
            run = await make.run(first_date=clock.today() + timedelta(days=2), places=places)
            person = await make.person(phone=f"+4477009008{n:02}")
            booking = await make.booking(await make.session(run), person)
            await heard(booking, at=TEN - timedelta(hours=1))
            for body in bodies:
                await comes(body, person.phone)


async def at_once(url: str, *verbs: str) -> Counter[str]:
    ended = await side_by_side.run("tests.programmes.texts_rush_worker", [(url, verb) for verb in verbs])
    said = sum((Counter(json.loads(out)) for out in ended), Counter())
    assert not [each for each in said if each.startswith("TROUBLE")], said
    return said


async def check() -> None:
    """Every text is dealt with, no place is lost or doubled."""
    assert await InboundMessage.filter(state="new").count() == 0
    assert await reconciling.reconcile() == 0
    wrong = await db.rows(
        "SELECT s.id FROM session s WHERE s.taken > s.places OR s.taken <> (SELECT COALESCE(SUM(b.places), 0) FROM booking b"
        " WHERE b.session_id = s.id AND b.state = 'booked')"
    )
    assert wrong == []


async def told(*kinds: str) -> int:
    return await Message.filter(kind__in=kinds, channel="sms").exclude(state="void").count()


async def test_a_no_and_the_link_at_once_give_up_each_place_once(real_database):
    await families("No")
    await at_once(real_database.url, "answer", "link")
    await check()
    assert await Booking.filter(state="given_up").count() == FAMILIES
    assert await told("text_gave_up", "given_up") == FAMILIES


async def test_a_no_while_the_hub_cancels_ends_each_booking_in_one_way(real_database):
    await families("No")
    await at_once(real_database.url, "answer", "cancel")
    assert await InboundMessage.filter(state="new").count() == 0
    assert await db.value("SELECT COUNT(*) AS n FROM session WHERE state = 'cancelled'") == FAMILIES
    doubled = await db.rows(
        "SELECT about_id FROM message WHERE kind IN ('text_gave_up', 'cancellation') AND channel = 'sms' AND state <> 'void'"
        " GROUP BY about_id HAVING COUNT(*) > 1"
    )
    assert doubled == []


async def test_two_nos_answered_in_two_processes_give_up_one_place_each(real_database):
    await families("No", "NO")
    await at_once(real_database.url, "answer", "answer")
    await check()
    assert await told("text_gave_up") == FAMILIES
    said = Counter(await InboundMessage.all().values_list("said_back", flat=True))
    assert said == {"Gave up the place": FAMILIES, "Had given it up already": FAMILIES}


async def test_no_yes_in_two_processes_leaves_every_family_its_place(real_database):
    await families("No", "Yes")
    await at_once(real_database.url, "answer", "answer")
    await check()
    assert await Booking.filter(state="booked").count() == FAMILIES and await told("text_took_back") == FAMILIES


async def test_of_who_takes_back_and_who_books_exactly_one_has_the_place(real_database):
    await families("No")
    await at_once(real_database.url, "answer")
    with time_machine.travel(TEN + timedelta(minutes=1), tick=False):
        for text in await InboundMessage.all():
            await comes("Yes", text.sender)
    await at_once(real_database.url, "answer", "book")
    await check()
    assert await Booking.filter(state="booked").count() == FAMILIES
    back, gone = await told("text_took_back"), await told("text_not_free")
    assert back + gone == FAMILIES
