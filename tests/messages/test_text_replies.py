"""A signed NO, and what follows it at the provider's stand-in: the answer, the offer to the next in line, and its YES."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import time_machine

from booking import clock, settings, web
from booking.app import create_app
from booking.messages.delivery import deliver_due
from booking.messages.models import Message
from booking.programmes import reminding
from booking.programmes.models import Booking, WaitingEntry
from booking.programmes.texts import answering_texts
from booking.programmes.waiting import ending_offers, offering
from tests import make
from tests.programmes.lines_of import TEN, waits
from tests.standins.twilio import signed_text

pytestmark = pytest.mark.usefixtures("emptied")
GIVER, NEXT = "+447700900701", "+447700900702"
ADDRESS = "https://hubs.example/hooks/sms"


async def post(configured, templates, monkeypatch, body: str, sender: str, sid: str) -> None:
    monkeypatch.setattr(web, "make_environment", lambda _: templates)
    own = replace(configured.with_("site", base_url="https://hubs.example"), secrets=settings.Secrets("key", "secret"))
    transport = httpx.ASGITransport(app=create_app(own))
    async with httpx.AsyncClient(transport=transport, base_url="https://hubs.example") as client:
        form, headers = signed_text(body, sender=sender, sid=sid, address=ADDRESS)
        assert (await client.post("/hooks/sms", data=form, headers=headers)).status_code == 200
    create_app(configured)


async def the_jobs(sending_settings) -> None:
    """One round of what the timetable runs every five to thirty seconds."""
    await reminding.queue_due()
    await answering_texts.answer_new()
    await ending_offers.expire_due()
    await offering.offer_free_places()
    await deliver_due(sending_settings, "w")


async def test_a_no_to_a_reminder_reaches_the_next_in_line_in_one_round_of_the_jobs(
    sending, twilio, configured, templates, monkeypatch
):
    own = sending(twilio)
    with time_machine.travel(TEN, tick=False) as travelled:
        run = await make.run(first_date=(TEN + timedelta(days=2)).date(), places=1, title="Messy play")
        session = await make.session(run)
        booking = await make.booking(
            session, await make.person(phone=GIVER), created_at=clock.now() - timedelta(days=9)
        )
        entry = await waits(session, person=await make.person(phone=NEXT))
        await the_jobs(own)
        (reminder,) = twilio.accepted
        assert reminder["to"] == GIVER and "Reply NO" in reminder["body"]
        travelled.shift(60)
        await post(configured, templates, monkeypatch, "No, sorry!", GIVER, "SM1")
        await the_jobs(own)
        answered, offered = sorted(twilio.accepted[1:], key=lambda each: each["to"])
        assert answered["to"] == GIVER and "you gave up Messy play" in answered["body"]
        assert offered["to"] == NEXT and "Reply YES or NO" in offered["body"]
        travelled.shift(60)
        await post(configured, templates, monkeypatch, "Yes please", NEXT, "SM2")
        await post(configured, templates, monkeypatch, "yes", GIVER, "SM3")
        await the_jobs(own)
        await post(configured, templates, monkeypatch, "Yes please", NEXT, "SM2")
        await the_jobs(own)
    assert (await WaitingEntry.get(id=entry.id)).state == "booked"
    assert (await Booking.get(id=booking.id)).state == "given_up"
    told = {(each["to"], each["body"].split(":")[1][:12].strip()) for each in twilio.accepted[3:]}
    assert {to for to, _ in told} == {GIVER, NEXT} and twilio.doubled == []
    assert await Message.filter(kind="text_not_free", state="sent").count() == 1
