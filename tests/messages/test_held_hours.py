"""The worker keeps quiet and safe hours, whatever it is and however it got late."""

from datetime import date, timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import hours, outbox
from booking.messages.delivery import deliver_due
from booking.people.models import Person
from tests import make
from tests.messages import examples
from tests.messages.queueing import queue_reminder, row, states

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(hours, "_county", hours.Hours("20:00", "08:00"))


def at(text: str):
    day, wall = text.split()
    return clock.at(date.fromisoformat(day), wall)


def far(instant):
    return {"expires_at": instant + timedelta(days=3), "said": examples.said()}


async def test_a_text_in_the_night_leaves_at_eight_and_that_was_no_attempt(sending, twilio):
    with time_machine.travel(at("2027-06-01 21:00"), tick=False) as travelled:
        text = await queue_reminder(**far(clock.now()))
        await deliver_due(sending(twilio), "w")
        held = await row(text["id"])
        assert (held["state"], held["attempts"], held["next_try_at"]) == ("queued", 0, at("2027-06-02 08:00"))
        travelled.move_to(at("2027-06-02 08:00"))
        await deliver_due(sending(twilio), "w")
    assert await states() == {"sent": 1} and len(twilio.accepted) == 1


async def test_mail_keeps_no_quiet_hours_but_safe_ones(sending, host):
    person = await make.person(channel="email", email="jo@mail.example", safe_from="09:30", safe_to="15:00")
    other = await make.person(channel="email", email="al@mail.example")
    with time_machine.travel(at("2027-06-01 21:00"), tick=False):
        held, left = [await queue_reminder(each, **far(clock.now())) for each in (person, other)]
        await deliver_due(sending(mail=host), "w")
        assert [(await row(each["id"]))["state"] for each in (held, left)] == ["queued", "sent"]
        assert (await row(held["id"]))["next_try_at"] == at("2027-06-02 09:30")


async def test_safe_hours_hold_for_codes_too_and_by_the_address_where_there_is_no_person(sending, twilio):
    await make.person(phone="+447700900777", safe_from="09:30", safe_to="15:00")
    with time_machine.travel(at("2027-06-01 16:00"), tick=False):
        for person in (None, await Person.get(phone="+447700900777")):
            queued = await outbox.queue_code(
                kind="sign_in_code", channel="sms", address="+447700900777", code="123456", about=("code", clock_id()),
                dedupe_key=f"code:{bool(person)}", expires_at=clock.now() + timedelta(minutes=10), person=person,
            )  # fmt: skip
            await deliver_due(sending(twilio), "w")
            missed = await row(queued.id)
            assert missed["state"] == "missed" and "hours" in missed["error"] and not missed["body"]
    assert twilio.requests == []


def clock_id():
    return db.new_id()


async def test_who_shares_a_telephone_shares_its_safe_hours(sending, twilio):
    first = await make.person(phone="+447700900555")
    await make.person(phone="+447700900555", safe_from="09:30", safe_to="15:00")
    with time_machine.travel(at("2027-06-01 16:00"), tick=False):
        text = await queue_reminder(first, **far(clock.now()))
        await deliver_due(sending(twilio), "w")
        assert (await row(text["id"]))["next_try_at"] == at("2027-06-02 09:30")


@pytest.mark.parametrize(("agreed", "state"), [(True, "sent"), (False, "queued")])
async def test_an_urgent_cancellation_wakes_only_who_agreed(sending, twilio, agreed, state):
    with time_machine.travel(at("2027-06-01 06:30"), tick=False):
        soon = examples.said(starts_at=at("2027-06-01 10:00"), ends_at=at("2027-06-01 11:00"))
        text = await queue_reminder(
            await make.person(hears_urgent=agreed), kind="cancellation", said=soon, expires_at=soon.ends_at
        )
        assert text["urgency"] == 1
        await deliver_due(sending(twilio), "w")
        assert (await row(text["id"]))["state"] == state


async def test_what_can_only_leave_too_late_goes_by_mail_or_staff_see_who_has_not_heard(sending, twilio, host):
    soon = {"starts_at": at("2027-06-02 07:00"), "ends_at": at("2027-06-02 07:45")}
    both, one = await make.person(email="jo@mail.example"), await make.person()
    with time_machine.travel(at("2027-06-01 21:00"), tick=False):
        for person in (both, one):
            await queue_reminder(person, kind="goes_on", said=examples.said(**soon), expires_at=soon["ends_at"])
        await deliver_due(sending(twilio, host), "w")
        await deliver_due(sending(twilio, host), "w")
    found = await db.rows("SELECT person_id, channel, state, error FROM message ORDER BY channel")
    told = {(line["person_id"] == both.id, line["channel"], line["state"]) for line in found}
    assert told == {
        (True, "sms", "missed"),
        (True, "email", "sent"),
        (False, "sms", "missed"),
        (False, "call", "queued"),
    }
    assert all(line["error"] for line in found if line["state"] == "missed") and twilio.requests == []


async def test_what_may_have_left_is_asked_about_in_the_night_and_sent_again_only_in_the_morning(sending, twilio):
    twilio.faults = ["cut before"]
    with time_machine.travel(at("2027-06-01 19:59"), tick=False) as travelled:
        text = await queue_reminder(**far(clock.now()))
        await deliver_due(sending(twilio), "w")
        travelled.move_to(at("2027-06-01 22:00"))
        for _ in range(3):
            await deliver_due(sending(twilio), "w")
        assert twilio.accepted == [] and (await row(text["id"]))["state"] == "queued"
        travelled.move_to(at("2027-06-02 08:00"))
        await deliver_due(sending(twilio), "w")
    assert len(twilio.accepted) == 1 and await states() == {"sent": 1}


async def test_a_confirmation_that_a_provider_held_up_is_no_answer_any_more(sending, twilio):
    with time_machine.travel(at("2027-06-01 21:00"), tick=False) as travelled:
        fresh = await queue_reminder(kind="confirmation", **far(clock.now()))
        await deliver_due(sending(twilio), "w")
        assert (await row(fresh["id"]))["state"] == "sent"
        late = await queue_reminder(kind="confirmation", **far(clock.now()))
        travelled.shift(timedelta(hours=1))
        await deliver_due(sending(twilio), "w")
        assert (await row(late["id"]))["next_try_at"] == at("2027-06-02 08:00")


async def test_a_backlog_goes_by_urgency_and_notices_take_turns(sending, twilio):
    with time_machine.travel(at("2027-06-01 12:00"), tick=False):
        ids = {}
        for n in range(6):
            text = await queue_reminder(**far(clock.now()))
            ids[str(text["id"])] = n
        hub_a, hub_b = db.new_id(), db.new_id()
        for n, (urgency, batch) in enumerate(((3, hub_a), (3, hub_a), (3, hub_a), (3, hub_b), (1, None), (0, None))):
            await db.execute(
                "UPDATE message SET urgency = $2, batch_id = $3 WHERE id = $1",
                next(key for key, number in ids.items() if number == n), urgency, batch,
            )  # fmt: skip
        order = []
        for _ in range(3):
            await deliver_due(sending(twilio), "w", limit=2)
            sent = await db.rows("SELECT id FROM message WHERE state = 'sent'")
            order.append({ids[str(line["id"])] for line in sent}.difference(*order))
    assert order == [{5, 4}, {0, 3}, {1, 2}]
