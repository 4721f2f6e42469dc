"""Two machines that text each other stop; and what is answered to a family of something restricted names nobody and is nobody else's."""

import pytest

from booking.messages.models import InboundMessage, Message
from booking.programmes.texts import answering_texts
from tests import make
from tests.programmes.texts_of import heard, text

pytestmark = pytest.mark.usefixtures("database")
SAM = "+447700900777"


async def test_a_machine_that_says_yes_and_no_in_turn_is_left_to_a_person_in_the_end():
    booking = await make.booking(await make.session(), await make.person(phone=SAM))
    await heard(booking)
    for n in range(answering_texts.MOST_A_DAY + 10):
        await text("NO" if n % 2 == 0 else "YES", SAM)
    told = await Message.filter(address=SAM, kind__startswith="text_").exclude(kind="text_read").count()
    assert 10 < told <= answering_texts.MOST_A_DAY
    assert await InboundMessage.filter(state="unclear").count() == 10
    assert await Message.filter(kind="text_read").count() == 1


async def test_stop_is_heard_however_many_texts_came_before():
    person = await make.person(phone=SAM)
    for _ in range(answering_texts.MOST_A_DAY + 2):
        await text("Hello?", SAM)
    await text("STOP", SAM)
    await person.refresh_from_db()
    assert person.phone_state == "opted_out"


async def test_that_we_read_what_a_restricted_family_writes_comes_from_the_neutral_sender_and_is_for_that_hub():
    hub = await make.location()
    run = await make.run(location=hub, is_restricted=True, is_listed=False)
    person = await make.person(phone=SAM, email="sam@families.example", phone_state="failing")
    await make.booking(await make.session(run), person)
    await text("May I come later?", SAM)
    told = await Message.get(kind="text_read")
    assert told.is_discreet and told.hub_id == hub.id and told.channel == "sms"


async def test_a_restricted_family_whose_number_is_dead_gets_no_mail_instead():
    run = await make.run(is_restricted=True, is_listed=False)
    person = await make.person(phone=SAM, email="sam@families.example", phone_state="not_mobile")
    await make.booking(await make.session(run), person)
    await text("May I come later?", SAM)
    assert not await Message.filter(kind="text_read").count()
