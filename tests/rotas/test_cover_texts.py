"""YES and NO by text: one question is answered, several are asked about by number, also beside a family's offer."""

from datetime import timedelta

import pytest
import time_machine

from booking import db
from booking.messages.models import InboundMessage
from booking.programmes.texts import answering_texts
from booking.programmes.waiting import offering
from booking.rotas.repair import answering, ill
from booking.rotas.repair.answering_cover import COVER
from tests import make
from tests.programmes.lines_of import offers, waits
from tests.programmes.texts_of import comes, said
from tests.rotas.covering import DAY, MORNING, Hub, left, messages, seats, state_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
KIM, LEE = "+447700900302", "+447700900303"


@pytest.fixture
async def hub():
    with time_machine.travel(MORNING, tick=False):
        self = await Hub.make()
        await ill.report_ill(self.sam.id, DAY, DAY, self.tom)
        yield self


async def text(body: str, sender: str) -> InboundMessage:
    came = await comes(body, sender)
    await answering_texts.answer_new(COVER)
    return await InboundMessage.get(id=came.id)


async def test_yes_takes_the_only_duty_that_was_asked_for(hub):
    (kim,) = await hub.ask(hub.early, hub.kim)
    came = await text("Yes", KIM)
    assert (came.state, came.about_kind, came.about_id, came.said_back) == (
        "answered",
        "cover_ask",
        kim.id,
        "Took the duty",
    )
    assert (came.hub_id, came.person_id) == (hub.at.id, hub.kim.person_id)
    assert (await seats(hub.early))["published"] == hub.kim.id


async def test_no_marks_it_and_nothing_is_sent(hub):
    (kim,) = await hub.ask(hub.early, hub.kim)
    await left()
    assert (await text("No sorry", KIM)).said_back == "Cannot take the duty"
    assert await state_of(kim) == "no" and await messages(hub.kim) == ["cover_ask"]


async def test_of_several_the_number_says_which(hub):
    await hub.ask(hub.early, hub.kim)
    await hub.ask(hub.late, hub.kim)
    assert (await text("yes", KIM)).said_back.startswith("Asked which")
    (asked,) = await said("text_choose")
    assert "1" in asked and "2" in asked
    assert (await text("2", KIM)).said_back == "Took the duty"
    assert await seats(hub.early) == {} and (await seats(hub.late))["published"] == hub.kim.id


async def test_a_familys_offer_and_a_duty_of_one_number_are_told_apart(hub):
    session = await make.session(await make.run(first_date=DAY + timedelta(days=5)), places=1)
    parent = await make.person(phone=KIM, channel="sms")
    entry = await waits(session, person=parent)
    await offering.offer_free_places()
    assert await offers(entry) == ["open"]
    await hub.ask(hub.early, hub.kim)
    assert (await text("YES", KIM)).said_back.startswith("Asked which")
    assert await seats(hub.early) == {} and await offers(entry) == ["open"]
    assert (await text("1", KIM)).said_back == "Took the duty"
    assert (await seats(hub.early))["published"] == hub.kim.id and await offers(entry) == ["open"]
    assert (await text("YES", KIM)).said_back == "Took the place"


async def test_a_yes_after_somebody_else_is_answered_kindly_and_not_for_a_person_to_read(hub):
    kim, lee = await hub.ask(hub.early, hub.kim, hub.lee)
    await left()
    await answering.take(kim.id)
    with time_machine.travel(MORNING + timedelta(hours=1), tick=False):
        came = await text("YES", LEE)
    assert came.state == "answered" and await state_of(lee) == "late"
    assert await messages(hub.lee) == ["cover_ask", "cover_thanks", "cover_gone"]


async def test_a_number_of_somebody_elses_question_takes_nothing(hub):
    await hub.ask(hub.early, hub.kim)
    assert (await text("YES", "+447700900999")).state == "unclear"
    assert await seats(hub.early) == {}


async def test_nothing_restricted_is_one_of_several(hub):
    await hub.ask(hub.early, hub.kim)
    await hub.ask(hub.late, hub.kim)
    await db.execute("UPDATE location SET is_restricted = TRUE WHERE id = $1", hub.at.id)
    assert (await text("yes", KIM)).state == "unclear"
