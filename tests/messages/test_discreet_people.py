"""To somebody discreet nothing is said but the time: whatever a message is about, by whatever channel."""

from uuid import uuid4

import pytest

from booking import db
from booking.messages import outbox, wording
from booking.messages.delivery import deliver_due
from tests import make
from tests.messages import examples
from tests.messages.queueing import queue_reminder, row

pytestmark = pytest.mark.usefixtures("emptied")

TELLING = ("Stay and play", "Ferndown", "Family Hub", "Ada", "Bus 38", "Socks", "Sam", "Jo", "KQ7", "hubs.dorset")
OF_FAMILIES = [
    kind
    for kind in wording.KINDS
    if not kind.startswith(("room_", "partner_", "staff_", "rota_", "duty_", "swap_", "leave_", "cover_"))
    and kind not in ("sign_in_code", "manage_code", "invite", "digest")
]


@pytest.mark.parametrize("kind", OF_FAMILIES)
@pytest.mark.parametrize("channel", ["sms", "email", "call"])
async def test_no_kind_and_no_channel_says_what_it_is_about(kind, channel):
    person = await make.person(channel=channel, email="jo@mail.example", is_discreet=True, name="Jo Smith")
    said = examples.said()
    facts = {name: value for name, value in examples.facts(said).items() if name not in ("name", "marker")}
    facts |= {
        "words": "Typed Stay and play",
        "subject": "Stay and play",
        "about_words": "Ferndown",
        "choices": ["1 Stay and play"],
    }
    queued = await outbox.queue(
        person=person, kind=kind, facts=facts, about=("booking", uuid4()), dedupe_key="d", calendar=[said]
    )
    for each in [await row(each.id) for each in queued]:
        text = " ".join((each["subject"], each["body"], each["html"], each["calendar"]))
        assert each["is_discreet"] and each["channel"] == channel
        assert not [word for word in TELLING if word in text.replace("jo@mail.example", "")], text


async def test_the_entry_in_their_calendar_is_private_and_names_nothing():
    person = await make.person(channel="email", email="jo@mail.example", is_discreet=True)
    mail = await queue_reminder(person, kind="confirmation", calendar=examples.course(), said=examples.course()[0])
    found = await db.rows("SELECT calendar, is_discreet FROM message WHERE person_id = $1", person.id)
    assert len(found) == len(examples.course()) and mail["calendar"]
    for line in found:
        assert line["is_discreet"] and "CLASS:PRIVATE" in line["calendar"]
        assert "play" not in line["calendar"].lower() and "LOCATION" not in line["calendar"]


async def test_their_texts_come_from_the_neutral_sender(sending, twilio):
    await queue_reminder(await make.person(is_discreet=True))
    await deliver_due(sending(twilio).with_("messages", sms_sender_neutral="+447700900999"), "w")
    assert twilio.sends[0].form["From"] == "+447700900999"


async def test_where_their_number_is_dead_nothing_comes_by_mail(sending, twilio, host):
    person = await make.person(is_discreet=True, phone="+447700021610", email="jo@mail.example")
    await queue_reminder(person, kind="cancellation")
    for _ in range(2):
        await deliver_due(sending(twilio, host), "w")
    assert host.accepted == []


async def test_a_landline_gets_no_text_and_no_reminder_by_phone():
    person = await make.person(is_discreet=True, phone="+441202000001")
    args = {
        "person": person,
        "about": ("booking", uuid4()),
        "facts": {"said": examples.said(), "reason": "", "token": "t"},
    }
    assert await outbox.queue(kind="reminder_days", dedupe_key="r", **args) == []


@pytest.mark.parametrize(
    ("kind", "ahead", "urgency"),
    [
        ("offer", 72, 1), ("confirmation", 72, 1), ("text_gave_up", 72, 1), ("cancellation", 20, 1), ("cancellation", 30, 2),
        ("reminder_hours", 2, 1), ("reminder_days", 48, 2), ("notice", 2, 3),
    ],
)  # fmt: skip
async def test_how_urgent_it_is(kind, ahead, urgency):
    from datetime import timedelta

    from booking import clock

    said = examples.said(
        starts_at=clock.now() + timedelta(hours=ahead), ends_at=clock.now() + timedelta(hours=ahead + 1)
    )
    text = await queue_reminder(kind=kind, said=said, facts={"words": "Bring boots.", "subject": "Boots"})
    assert text["urgency"] == urgency
