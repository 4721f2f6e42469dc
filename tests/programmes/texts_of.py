"""Texts for the tests: what a number has heard from us, and what it writes back."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from booking import clock
from booking.messages import inbox
from booking.messages.models import InboundMessage, Message
from booking.people.models import Person
from booking.programmes.models import Booking
from booking.programmes.texts import answering_texts

_next = itertools.count(1)


async def heard(
    booking: Booking, kind: str = "reminder_days", *, at: datetime | None = None, session_id: Any = None, **values: Any
) -> Message:
    """An SMS about a booking that its person has had; just now unless `at` says otherwise."""
    person, at = await Person.get(id=booking.person_id), at or clock.now()
    return await Message.create(
        **{
            "kind": kind, "channel": "sms", "address": person.phone, "body": "See you soon", "about_kind": "booking",
            "about_id": booking.id, "session_id": session_id or booking.session_id, "dedupe_key": f"heard {next(_next)}",
            "marker": "", "created_at": at, "due_at": at, "next_try_at": at, "sent_at": at, "state": "sent",
            "person_id": person.id, "may_have_left": True,
        }
        | values
    )  # fmt: skip


async def comes(body: str, sender: str, **values: Any) -> InboundMessage:
    """A text that has come and that nobody has looked at."""
    reference = f"SM-{next(_next)}"
    await inbox.keep(provider_reference=reference, sender=sender, receiver="", body=body, **values)
    return await InboundMessage.get(provider_reference=reference)


async def text(body: str, sender: str, **values: Any) -> InboundMessage:
    """A text that has come and been dealt with."""
    came = await comes(body, sender, **values)
    await answering_texts.answer_new()
    return await InboundMessage.get(id=came.id)


async def said(kind: str) -> list[str]:
    """The SMS of this kind that wait or have left, in order."""
    found = await Message.filter(kind=kind, channel="sms").exclude(state="void").order_by("created_at", "id")
    return [each.body for each in found]


def later(**by: int) -> datetime:
    return clock.now() + timedelta(**by)
