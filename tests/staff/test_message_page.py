"""One message with its life, and what staff may do with it by hand."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.messages.models import DeliveryReport
from tests import make
from tests.staff import rows


@pytest.fixture
async def boss(client, hub):
    """A manager's browser."""
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


async def state_of(message):
    return await db.value("SELECT state FROM message WHERE id = $1", message.id)


async def test_its_life_stands_in_order_of_time(desk, hub):
    began = clock.now() - timedelta(hours=3)
    person = await make.person(name="Kim Lee")
    text = await rows.message(
        hub_id=hub.id, person_id=person.id, dedupe_key="r:sms", state="failed", error_code="30003", created_at=began,
        sent_at=began + timedelta(minutes=1), provider="twilio", provider_reference="SM9", attempts=1,
    )  # fmt: skip
    await DeliveryReport.create(
        provider="twilio", provider_reference="SM9", status="undelivered", error_code="30003",
        received_at=began + timedelta(minutes=2),
    )  # fmt: skip
    mail = await rows.message(
        hub_id=hub.id, person_id=person.id, dedupe_key="r:email", channel="email", address="kim@x.example", state="sent",
        created_at=began + timedelta(minutes=3), sent_at=began + timedelta(minutes=4),
    )  # fmt: skip
    page = (await desk.get(f"/outbox/{text.id}")).text
    steps = [
        "Written",
        "Handed to Twilio",
        "Did not arrive: The phone could not be reached",
        "Email instead: sent",
    ]
    assert [page.index(f">{words}") for words in steps] == sorted(page.index(f">{words}") for words in steps)
    assert f'href="/outbox/{mail.id}"' in page and f'href="/outbox?person={person.id}"' in page
    assert "Text message too: failed" in (await desk.get(f"/outbox/{mail.id}")).text


async def test_words_that_are_no_longer_kept_are_said_to_be_so(desk, hub):
    old = await rows.message(hub_id=hub.id, body="")
    for path in (f"/outbox/{old.id}", "/outbox"):
        assert "Its words are no longer kept." in (await desk.get(path)).text


async def test_a_digest_and_what_it_tells_of_lead_to_each_other(desk, hub):
    digest = await rows.message(hub_id=hub.id, kind="cancellation", state="sent")
    member = await rows.message(hub_id=hub.id, kind="changed", state="merged", digest_id=digest.id)
    assert "Went into one text with others: sent" in (await desk.get(f"/outbox/{member.id}")).text
    assert "Tells of: Change" in (await desk.get(f"/outbox/{digest.id}")).text


async def test_what_went_another_way_from_a_hub_that_is_not_ones_own_is_not_told(desk, hub):
    text = await rows.message(hub_id=hub.id, dedupe_key="r:sms", state="failed")
    await rows.message(hub_id=(await make.location()).id, dedupe_key="r:email", channel="email", state="sent")
    assert "Email instead" not in (await desk.get(f"/outbox/{text.id}")).text


async def test_a_manager_sends_again_what_failed_for_our_own_trouble_under_a_new_marker(boss, hub):
    person = await make.person()
    message = await rows.message(
        hub_id=hub.id, person_id=person.id, address=person.phone, state="failed", error_code="30007", marker="abcdef",
        body="See https://h.example/m/tok.abcdef", attempts=3,
    )  # fmt: skip
    assert "Send it again" in (await boss.get(f"/outbox/{message.id}")).text
    await boss.post(f"/outbox/{message.id}/send-again")
    again = await db.row("SELECT * FROM message WHERE id = $1", message.id)
    assert (again["state"], again["attempts"], again["error_code"]) == ("queued", 0, "")
    assert again["marker"] != "abcdef" and again["body"].endswith(f"/m/tok.{again['marker']}")
    assert "Message sent again, by" in (await boss.get(f"/outbox/{message.id}")).text
    assert await db.value("SELECT hub_id FROM audit_event WHERE verb = 'send message again'") == hub.id


@pytest.mark.parametrize(
    "changes",
    [
        {"error_code": "21610"}, {"state": "sent"}, {"is_secret": True}, {"marker": ""}, {"address": "+447700900999"},
        {"expires_at": clock.now() - timedelta(minutes=1)},
    ],
)  # fmt: skip
async def test_nothing_else_is_sent_again(boss, hub, changes):
    person = await make.person()
    values = {
        "hub_id": hub.id,
        "person_id": person.id,
        "address": person.phone,
        "state": "failed",
        "error_code": "30007",
    }
    message = await rows.message(**values | changes)
    assert "Send it again" not in (await boss.get(f"/outbox/{message.id}")).text
    await boss.post(f"/outbox/{message.id}/send-again")
    assert await state_of(message) == values["state"] if "state" not in changes else changes["state"]
    assert not await db.value("SELECT count(*) AS n FROM audit_event WHERE verb = 'send message again'")


async def test_what_went_another_way_is_not_sent_again_and_a_call_that_waits_is_taken_back(boss, hub):
    person = await make.person()
    values = {
        "hub_id": hub.id,
        "person_id": person.id,
        "address": person.phone,
        "state": "failed",
        "error_code": "30007",
    }
    told = await rows.message(**values, dedupe_key="a:sms")
    await rows.message(**values | {"state": "sent", "channel": "email", "dedupe_key": "a:email"})
    await boss.post(f"/outbox/{told.id}/send-again")
    assert await state_of(told) == "failed"
    to_ring = await rows.message(**values, dedupe_key="b:sms")
    call = await rows.message(**values | {"state": "queued", "channel": "call", "dedupe_key": "b:call"})
    await boss.post(f"/outbox/{to_ring.id}/send-again")
    assert (await state_of(to_ring), await state_of(call)) == ("queued", "void")


async def test_staff_take_back_what_waits_and_put_it_back(desk, hub):
    message = await rows.message(hub_id=hub.id)
    assert "Take it back" in (await desk.get(f"/outbox/{message.id}")).text
    await desk.post(f"/outbox/{message.id}/take-back", data={"why": "Wrong date"})
    assert await state_of(message) == "void"
    page = (await desk.get(f"/outbox/{message.id}")).text
    assert "Message taken back before it left, by" in page and "Wrong date" in page and "Undo" in page
    await desk.post(f"/outbox/{message.id}/put-back")
    assert await state_of(message) == "queued"
    assert await db.value("SELECT undone_at FROM audit_event WHERE verb = 'take message back'")


async def test_after_ten_minutes_it_stays_taken_back(desk, hub):
    message = await rows.message(hub_id=hub.id)
    await desk.post(f"/outbox/{message.id}/take-back")
    await db.execute("UPDATE audit_event SET undo_until = $1", clock.now() - timedelta(seconds=1))
    await desk.post(f"/outbox/{message.id}/put-back")
    assert await state_of(message) == "void"


@pytest.mark.parametrize(
    "changes", [{"state": "claimed"}, {"state": "sent"}, {"may_have_left": True}, {"calendar_method": "CANCEL"}, {"kind": "digest"}]
)  # fmt: skip
async def test_what_may_have_left_or_hangs_together_with_more_is_not_taken_back(desk, hub, changes):
    message = await rows.message(**{"hub_id": hub.id} | changes)
    assert "Take it back" not in (await desk.get(f"/outbox/{message.id}")).text
    await desk.post(f"/outbox/{message.id}/take-back")
    assert await state_of(message) == changes.get("state", "queued")


@pytest.mark.parametrize("act", ["send-again", "take-back", "put-back"])
async def test_a_stranger_does_nothing(client, hub, act):
    message = await rows.message(hub_id=hub.id, state="queued" if act == "take-back" else "failed")
    path, was = f"/outbox/{message.id}/{act}", await state_of(message)
    assert (await client.post(path)).headers["location"].startswith("/staff/sign-in")
    await make.sign_in_staff(client, await make.staff("hub_manager", (await make.location()).id))
    assert (await client.post(path)).status_code == 404
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    if act == "send-again":
        assert (await client.post(path)).status_code == 404, "managers alone"
    assert await state_of(message) == was


async def test_a_county_admin_reads_no_discreet_message_of_others_and_does_nothing_with_it(client, hub):
    message = await rows.message(hub_id=hub.id, is_discreet=True)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get(f"/outbox/{message.id}")).status_code == 404
    assert (await client.post(f"/outbox/{message.id}/take-back")).status_code == 404
