"""Texts that people send us come in signed or not at all, and once each. What they say: test_meaning.py."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from twilio.request_validator import RequestValidator

from booking import clock, settings
from booking.app import create_app
from booking.messages import inbox
from booking.messages.models import InboundMessage
from tests.standins.twilio import signed_text

ADDRESS = "https://hubs.example/hooks/sms"


@pytest.fixture
async def provider(configured, templates, monkeypatch, database):
    """The provider's requests, on a site that is reached as https://hubs.example."""
    monkeypatch.setattr("booking.web.make_environment", lambda _: templates)
    own = replace(configured.with_("site", base_url="https://hubs.example"), secrets=settings.Secrets("key", "secret"))
    transport = httpx.ASGITransport(app=create_app(own))
    async with httpx.AsyncClient(transport=transport, base_url="https://hubs.example") as client:
        yield client
    create_app(configured)


async def test_a_text_of_another_account_is_refused(provider, configured, monkeypatch):
    own = replace(configured.with_("site", base_url="https://hubs.example"), secrets=settings.Secrets("key", "secret"))
    monkeypatch.setattr(
        "booking.messages.pages.hooks.web.settings_of", lambda _: own.with_("messages", sms_account_sid="ACours")
    )
    assert (await bring(provider, "Yes")).status_code == 403
    assert await InboundMessage.all().count() == 0


async def test_what_is_longer_than_a_text_can_be_is_not_read(provider):
    assert (await bring(provider, "Yes" * 30_000)).status_code == 413
    unsigned = await provider.post("/hooks/sms", data={"Body": "Yes" * 20_000})
    assert unsigned.status_code == 403
    assert await InboundMessage.all().count() == 0


async def bring(provider, body: str, sid: str = "SM1", **changes) -> httpx.Response:
    form, headers = signed_text(body, sender="+447700900123", sid=sid, address=ADDRESS, **changes)
    return await provider.post("/hooks/sms", data=form, headers=headers)


async def test_a_signed_text_is_kept_once_and_answered_with_nothing(provider):
    for _ in range(2):
        answer = await bring(provider, "Yes please")
        assert answer.status_code == 200 and "<Response></Response>" in answer.text
    kept = await InboundMessage.get()
    assert (kept.sender, kept.body, kept.state) == ("+447700900123", "Yes please", "new")


async def test_a_text_with_another_token_is_refused(provider):
    assert (await bring(provider, "Yes", token="guessed")).status_code == 403
    assert await InboundMessage.all().count() == 0


async def test_a_signed_text_that_was_changed_on_the_way_is_refused(provider):
    form, headers = signed_text("No", sender="+447700900123", sid="SM1", address=ADDRESS)
    assert (await provider.post("/hooks/sms", data=form | {"Body": "Yes"}, headers=headers)).status_code == 403
    assert (await provider.post("/hooks/sms", data=form)).status_code == 403
    assert (await provider.post("/hooks/sms?a=b", data=form, headers=headers)).status_code == 403
    assert await InboundMessage.all().count() == 0


async def test_without_a_token_of_ours_nothing_is_signed(client):
    form, headers = signed_text(
        "Yes", sender="+447700900123", sid="SM1", address="http://127.0.0.1:8000/hooks/sms", token=""
    )
    assert (await client.post("/hooks/sms", data=form, headers=headers)).status_code == 403


async def test_a_very_long_text_with_anything_in_it_is_kept_as_words(provider):
    assert (await bring(provider, "🎈<b>'; DROP\u202e" * 500)).status_code == 200
    assert len((await InboundMessage.get()).body) == inbox.LONGEST


async def test_texts_that_were_dealt_with_are_forgotten_after_a_month_and_the_others_stay(database):
    for n, (state, days) in enumerate([("answered", 31), ("handled", 31), ("unclear", 31), ("answered", 29)]):
        at = clock.now() - timedelta(days=days)
        await InboundMessage.create(provider_reference=f"SM{n}", sender="+44", body="Yes", received_at=at, state=state)
    assert await inbox.forget_old() == 2
    assert set(await InboundMessage.all().values_list("provider_reference", flat=True)) == {"SM2", "SM3"}


async def test_behind_a_proxy_the_signature_is_over_the_public_address(provider):
    """Whatever host, port and scheme the proxy asks us by, and whatever it adds."""
    form, headers = signed_text("Yes", sender="+447700900123", sid="SM1", address=ADDRESS)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "hubs.example", "X-Forwarded-For": "203.0.113.9"}
    answer = await provider.post("http://127.0.0.1:8000/hooks/sms", data=form, headers=headers | forwarded)
    assert answer.status_code == 200 and await InboundMessage.all().count() == 1


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/hooks/sms", "https://other.example/hooks/sms"])
async def test_signed_for_another_address_it_is_refused(provider, address):
    form, headers = signed_text("Yes", sender="+447700900123", sid="SM1", address=address)
    spoofed = headers | {"X-Forwarded-Host": "other.example"}
    answer = await provider.post("http://127.0.0.1:8000/hooks/sms", data=form, headers=spoofed)
    assert answer.status_code == 403 and await InboundMessage.all().count() == 0


async def test_the_public_address_may_name_its_port(provider):
    """Twilio signs with or without the port of the scheme."""
    form, headers = signed_text("Yes", sender="+447700900123", sid="SM1", address="https://hubs.example:443/hooks/sms")
    assert (await provider.post("/hooks/sms", data=form, headers=headers)).status_code == 200


async def test_a_replay_of_last_weeks_text_does_nothing(provider):
    await bring(provider, "Yes")
    await InboundMessage.all().update(state="answered", said_back="Took the place")
    assert (await bring(provider, "Yes")).status_code == 200
    assert (await InboundMessage.get()).state == "answered"


@pytest.mark.parametrize(("fields", "status"), [(101, 400), (90, 200)])
async def test_a_form_of_too_many_fields_is_refused(provider, fields, status):
    form, _ = signed_text("Yes", sender="+447700900123", sid="SM1", address=ADDRESS)
    form |= {f"Extra{n}": "x" for n in range(fields - len(form))}
    headers = {"X-Twilio-Signature": RequestValidator("secret").compute_signature(ADDRESS, form)}
    assert (await provider.post("/hooks/sms", data=form, headers=headers)).status_code == status


async def test_what_the_provider_took_it_for_is_kept_with_it(provider):
    for n, kind in enumerate(("STOP", "HELP", "nonsense")):
        form, _ = signed_text("?", sender="+447700900123", sid=f"SM{n}", address=ADDRESS)
        form["OptOutType"] = kind
        headers = {"X-Twilio-Signature": RequestValidator("secret").compute_signature(ADDRESS, form)}
        assert (await provider.post("/hooks/sms", data=form, headers=headers)).status_code == 200
    kept = await InboundMessage.all().order_by("provider_reference").values_list("opt_out_type", flat=True)
    assert list(kept) == ["STOP", "HELP", ""]


async def test_a_text_without_number_or_reference_is_refused(provider):
    for missing in ("From", "MessageSid"):
        form, _ = signed_text("Yes", sender="+447700900123", sid="SM1", address=ADDRESS)
        form[missing] = ""
        headers = {"X-Twilio-Signature": RequestValidator("secret").compute_signature(ADDRESS, form)}
        assert (await provider.post("/hooks/sms", data=form, headers=headers)).status_code == 400
