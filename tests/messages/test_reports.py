"""What providers say became of a message is settled once, whenever and however often it comes, and the next way is tried once."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from booking import clock, db, settings
from booking.app import create_app
from booking.messages import reports
from booking.messages.models import DeliveryReport, InboundMessage
from tests import make
from tests.messages.queueing import deliver, queue_code, queue_reminder, row, states
from tests.standins import keys, notify
from tests.standins.twilio import signed_report, signed_text

SITE = "https://hubs.example"
BOTH = {"phone": "+447700900001", "email": "jo@mail.example", "name": "Jo Smith"}


@pytest.fixture
async def outside(configured, templates, monkeypatch, database):
    """The providers' requests, on a site that is reached as https://hubs.example."""
    monkeypatch.setattr("booking.web.make_environment", lambda _: templates)
    known = settings.Secrets("key", "secret", notify_callback_token=keys.CALLBACK_TOKEN)
    transport = httpx.ASGITransport(app=create_app(replace(configured.with_("site", base_url=SITE), secrets=known)))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client
    create_app(configured)


class Told:
    """Brings reports of one provider in as it does."""

    def __init__(self, client, name):
        self.client, self.name = client, name

    async def __call__(self, status, message, reference="P1", code="", **changes):
        if self.name == "notify":
            told, headers = notify.report(status, id=reference, reference=str(message), **changes)
            return await self.client.post("/hooks/notify/status", json=told, headers=headers)
        path = f"/hooks/sms/status?message={message}" if message else "/hooks/sms/status"
        form, headers = signed_report(status, sid=reference, address=SITE + path, code=code, **changes)
        return await self.client.post(path, data=form, headers=headers)

    @property
    def failed(self):
        return ("permanent-failure", "") if self.name == "notify" else ("undelivered", "30003")


@pytest.fixture(params=["twilio", "notify"])
def told(request, outside):
    return Told(outside, request.param)


@pytest.fixture
def twilio_told(outside):
    return Told(outside, "twilio")


async def sent(person=None, reference="P1", **more):
    queued = await queue_reminder(person or await make.person(phone="+447700900001"), **more)
    await db.execute(
        "UPDATE message SET state = 'sent', sent_at = $2, provider_reference = $3 WHERE id = $1",
        queued["id"],
        clock.now(),
        reference,
    )
    return queued["id"]


async def phone_state():
    return await db.value("SELECT phone_state FROM person LIMIT 1")


async def test_delivered_is_seen_on_the_message(told):
    message = await sent()
    assert (await told("delivered", message)).status_code == 204
    assert await reports.settle_due() == 1
    now = await row(message)
    assert now["state"] == "delivered" and now["delivered_at"] is not None


async def test_a_failure_marks_the_number_and_tries_mail_once(told):
    message = await sent(await make.person(**BOTH), key="r")
    status, code = told.failed
    for _ in range(3):
        await told(status, message, code=code)
        await reports.settle_due()
    now = await row(message)
    assert now["state"] == "failed" and now["error"] and now["error_code"] in ("30003", "permanent-failure")
    assert await phone_state() == "failing"
    [mail] = await db.rows("SELECT * FROM message WHERE channel = 'email'")
    assert (mail["state"], mail["dedupe_key"]) == ("queued", "r:email")


async def test_where_there_is_no_mail_staff_ring_once(told):
    message = await sent()
    status, code = told.failed
    await told(status, message, code=code)
    await told(status, message, reference="P1", code=code)
    await reports.settle_due()
    [call] = await db.rows("SELECT * FROM message WHERE channel = 'call'")
    assert call["state"] == "queued" and "http" not in call["body"]


async def test_the_order_in_which_reports_come_does_not_matter(told):
    status, code = told.failed
    for order in ([status, "delivered"], ["delivered", status]):
        await db.execute("DELETE FROM delivery_report")
        message = await sent(key=str(uuid4()))
        for each in order:
            await told(each, message, code=code if each == status else "")
            await reports.settle_due()
        assert (await row(message))["state"] == "delivered"
        assert await db.value("SELECT count(*) AS n FROM message WHERE channel = 'call' AND state = 'queued'") == 0
    assert await phone_state() == "ok"


async def test_what_says_only_that_it_is_under_way_changes_nothing(told):
    message = await sent()
    for status in ("queued", "sending", "sent", "created", "pending"):
        await told(status, message)
    await reports.settle_due()
    assert (await row(message))["state"] == "sent"


async def test_a_report_before_we_have_written_down_that_it_left_counts(told):
    """The worker was killed between the provider's answer and the record, and the provider was faster than the next worker."""
    queued = await queue_reminder()
    await db.execute("UPDATE message SET may_have_left = $2, attempts = 1 WHERE id = $1", queued["id"], True)
    await told("delivered", queued["id"], reference="P9")
    await reports.settle_due()
    now = await row(queued["id"])
    assert (now["state"], now["provider_reference"], now["provider"]) == ("delivered", "P9", told.name)
    assert now["sent_at"] is not None and not now["may_have_left"]


async def test_a_report_without_our_id_waits_until_the_message_is_written_down(twilio_told):
    queued = await queue_reminder()
    await twilio_told("delivered", None, reference="P7")
    assert await reports.settle_due() == 0
    await db.execute("UPDATE message SET state = 'sent', provider_reference = 'P7' WHERE id = $1", queued["id"])
    assert await reports.settle_due() == 1 and (await row(queued["id"]))["state"] == "delivered"


async def test_an_early_report_of_a_code_wipes_it(told):
    code = await queue_code()
    await told("sent" if told.name == "notify" else "sending", code["id"])
    await reports.settle_due()
    now = await row(code["id"])
    assert (now["state"], now["body"]) == ("sent", "")


async def test_a_failed_code_is_sent_no_other_way(told):
    code = await queue_code()
    status, error = told.failed
    await told(status, code["id"], code=error)
    await reports.settle_due()
    assert (await row(code["id"]))["state"] == "failed" and await db.value("SELECT count(*) AS n FROM message") == 1


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("21610", "opted_out"),
        ("21614", "not_mobile"),
        ("30006", "not_mobile"),
        ("30005", "failing"),
        ("30007", "ok"),
        ("30008", "ok"),
        ("39999", "ok"),
    ],
)
async def test_what_a_code_says_of_the_number(twilio_told, code, state):
    message = await sent()
    await twilio_told("failed", message, code=code)
    await reports.settle_due()
    now = await row(message)
    assert (now["state"], now["error_code"], await phone_state()) == ("failed", code, state)
    assert now["error"]


async def test_a_number_that_works_again_is_no_longer_marked(told):
    person = await make.person(phone="+447700900001", phone_state="failing")
    await told("delivered", await sent(person))
    await reports.settle_due()
    assert await phone_state() == "ok"


async def test_a_number_that_opted_out_stays_so(told):
    person = await make.person(phone="+447700900001", phone_state="opted_out")
    await told("delivered", await sent(person))
    await reports.settle_due()
    assert await phone_state() == "opted_out"


async def test_a_new_number_is_not_marked_for_the_old_ones_failure(told):
    message = await sent()
    await db.execute("UPDATE person SET phone = '+447700900002'")
    status, code = told.failed
    await told(status, message, code=code)
    await reports.settle_due()
    assert await phone_state() == "ok"


async def test_of_two_that_notify_took_of_one_message_the_other_ones_failure_does_not_count(outside):
    message, told = await sent(reference="first"), Told(outside, "notify")
    await told("permanent-failure", message, reference="second")
    await reports.settle_due()
    assert (await row(message))["state"] == "sent"
    await told("delivered", message, reference="second")
    await reports.settle_due()
    assert (await row(message))["state"] == "delivered"


async def test_what_reports_of_nothing_of_ours_is_forgotten_after_a_day(told):
    await told("delivered", uuid4(), reference="nobody's")
    assert await reports.settle_due() == 0
    assert await reports.forget_old() == 0
    await db.execute("UPDATE delivery_report SET received_at = $1", clock.now() - timedelta(hours=25))
    assert await reports.forget_old() == 1


async def test_a_report_is_kept_once(told):
    message = await sent()
    for _ in range(3):
        assert (await told("delivered", message)).status_code == 204
    assert await DeliveryReport.all().count() == 1


async def test_strangers_report_nothing(told):
    message = await sent()
    assert (await told("delivered", message, token="guessed")).status_code == 403
    assert (await told("delivered", message, token="")).status_code == 403
    path = "/hooks/notify/status" if told.name == "notify" else "/hooks/sms/status"
    assert (await told.client.post(path, data={"MessageSid": "P1", "MessageStatus": "delivered"})).status_code == 403
    assert await DeliveryReport.all().count() == 0


async def test_a_signed_report_that_was_changed_on_the_way_is_refused(outside):
    message, other = await sent(), uuid4()
    address = f"{SITE}/hooks/sms/status?message={message}"
    form, headers = signed_report("failed", sid="P1", address=address, code="21610")
    changed = [
        (f"/hooks/sms/status?message={other}", form),
        ("/hooks/sms/status", form),
        (f"/hooks/sms/status?message={message}", form | {"MessageStatus": "delivered"}),
        ("/hooks/sms", form),
    ]
    for path, told in changed:
        assert (await outside.post(path, data=told, headers=headers)).status_code == 403
    assert await DeliveryReport.all().count() == 0


async def test_without_a_token_of_ours_notify_is_let_in_by_none(client):
    told, headers = notify.report("delivered", id="P1", reference=None, token="")
    assert (await client.post("/hooks/notify/status", json=told, headers=headers)).status_code == 403
    assert (await client.post("/hooks/notify/status", json=told)).status_code == 403


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"id": 1, "status": "delivered"}', b"[" * 30_000])
@pytest.mark.parametrize("path", ["/hooks/notify/status", "/hooks/notify/text"])
async def test_what_is_no_report_is_refused(outside, path, body):
    _, headers = notify.report("delivered", id="P1", reference=None)
    assert (await outside.post(path, content=body, headers=headers)).status_code == 400
    assert await DeliveryReport.all().count() == 0 and await InboundMessage.all().count() == 0


async def test_a_status_that_nobody_knows_is_left_out(told):
    assert (await told("teleported", await sent())).status_code == 204
    assert await DeliveryReport.all().count() == 0


async def test_reports_of_mails_that_notify_sends_for_others_are_left_out(outside):
    told, headers = notify.report("delivered", id="P1", reference=None)
    answer = await outside.post("/hooks/notify/status", json=told | {"notification_type": "email"}, headers=headers)
    assert answer.status_code == 204 and await DeliveryReport.all().count() == 0


async def test_a_text_that_notify_brings_is_kept_once_with_its_number_as_ours_are(outside):
    told, headers = notify.text("Yes please", sender="+447700900123", id="T1")
    for _ in range(2):
        assert (await outside.post("/hooks/notify/text", json=told, headers=headers)).status_code == 204
    kept = await InboundMessage.get()
    assert (kept.sender, kept.receiver, kept.body, kept.provider) == (
        *("+447700900123", "+447700900000", "Yes please", "notify"),
    )
    told, headers = notify.text("Yes", sender="+447700900123", id="T2", token="guessed")
    assert (await outside.post("/hooks/notify/text", json=told, headers=headers)).status_code == 403
    assert await InboundMessage.all().count() == 1


async def test_a_text_with_anything_in_it_is_kept_as_words(outside):
    told, headers = notify.text("\ud83d <b>'; DROP \x00\u202e" * 500, sender="+447700900123", id="T\x00\udfff")
    content = json.dumps(told).encode()
    assert (await outside.post("/hooks/notify/text", content=content, headers=headers)).status_code == 204
    kept = await InboundMessage.get()
    assert kept.body.startswith("? <b>'; DROP ") and kept.provider_reference == "T?"


async def test_a_text_of_twilio_still_comes_in_by_its_own_door(outside):
    form, headers = signed_text("Yes", sender="+447700900123", sid="SM1", address=f"{SITE}/hooks/sms")
    assert (await outside.post("/hooks/sms", data=form, headers=headers)).status_code == 200


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_comes_in_whatever_order_the_end_is_the_same(twilio_told, seed):
    """Delivered if any report said so, and else failed with the next way queued once."""
    chance = random.Random(seed)
    message = await sent(await make.person(**BOTH), key=f"s{seed}")
    told = [("queued", ""), ("sent", ""), ("undelivered", "30003"), ("sending", "")] * 2
    told += [("delivered", "")] if seed % 2 else []
    chance.shuffle(told)
    for status, code in told:
        await twilio_told(status, message, code=code)
        if chance.random() < 0.5:
            await reports.settle_due()
    await reports.settle_due()
    assert (await row(message))["state"] == ("delivered" if seed % 2 else "failed")
    assert await db.value("SELECT count(*) AS n FROM message WHERE dedupe_key LIKE $1", f"s{seed}:email") <= 1


async def test_all_the_way_with_a_provider(emptied, sending, provider):
    """Sent, reported by what the provider knows it by, and seen."""
    await queue_reminder()
    await deliver(sending(provider))
    [taken] = provider.accepted
    await reports.keep(provider=provider.name, provider_reference=taken["id"], status="delivered")
    assert await reports.settle_due() == 1
    assert await states() == {"delivered": 1}
    assert await db.value("SELECT provider FROM message") == provider.name
