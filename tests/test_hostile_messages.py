"""What is typed into the forms of messages, texted to us or brought to a hook is a problem or is shown as text: on every page, in
every message, in calendars and figures; and a form that lacks fields, or has too many, breaks nothing."""

import json
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
import pytest

from booking import clock, db, settings
from booking.app import create_app
from booking.messages import bounces, hours
from booking.messages.bounce_reading import Bounce
from booking.messages.models import DeliveryReport, InboundMessage, Message
from booking.programmes.notices import queueing_notices
from booking.programmes.texts import answering_texts
from tests import make
from tests.hostile import TEXTS
from tests.programmes.offer_calls import NEVER_QUIET
from tests.programmes.texts_of import comes, heard
from tests.standins import keys, notify
from tests.standins.twilio import signed_text
from tests.test_hostile_planning import check_messages, send
from tests.test_hostile_rooms import as_staff, check, is_clean

SITE = "https://hubs.example"
PHONE = "+447700900123"
MORE = [
    "😀" * 800,
    "\u202e\u2066ABC\u202c" * 30,
    "{link} {name} {{hub}} [[ {place} ]] ]] [[",
    '=HYPERLINK("http://evil")',
    "%_!%",
    "CANCEL STOP END",
]
NOT_DATES = ["9999-12-31", "0001-01-01", "2027-02-30", "-1", "1e9", "٢٠٢٧-٠١-٠١", "2027-W01-1"]


@pytest.fixture(autouse=True)
def by_day():
    with patch.object(hours, "_county", NEVER_QUIET):
        yield


@pytest.fixture
async def here(database):
    """A hub with a session, to which a family comes that has texted; an admin who works there too; a message and a call of theirs."""
    hub = await make.location(name="Ferndown", slug="ferndown")
    manager = await make.staff("county_admin", name="Nadia", phone="+447700900001", email="nadia@ferndown.example")
    session = await make.session(await make.run(location=hub))
    parent = await make.person(name="Kim Lee", phone=PHONE, email="kim@families.example")
    booking = await make.booking(session, parent)
    await heard(booking, hub_id=hub.id)
    await comes("Hello?", PHONE)
    await answering_texts.answer_new()
    waits = await heard(booking, hub_id=hub.id, state="queued", sent_at=None, may_have_left=False)
    call = await heard(
        booking, kind="cancellation", channel="call", hub_id=hub.id, state="queued", sent_at=None, may_have_left=False
    )
    return SimpleNamespace(
        hub=hub, manager=manager, session=session, parent=parent, booking=booking, waits=waits, call=call,
        text=await InboundMessage.get(),
    )  # fmt: skip


def staff_forms(here, text):
    """Address and fields of every form that staff have of messages."""
    person, thread = f"/staff/people/{here.parent.id}", f"/staff/texts/{here.text.id}"
    notice = {
        "about": f"session:{here.session.id}",
        "to_whom": text,
        "sms": text,
        "subject": text,
        "mail": text,
        "when": "now",
    }
    words = {"subject": text, "body": f"{text} {{start}} {{link}}", "seen": text, "discreet": text}
    contact = {"channel": "sms", "day": "0", "phone": PHONE, "email": "kim@families.example"}
    return [
        (person, contact | {"contact_words": text, "why": text}), (person, dict.fromkeys(("channel", "phone", "email", "day", "why"), text)),
        (f"{person}/again", {"which": text}), (f"{thread}/size", {"words": text}), (f"{thread}/person", {"person": text}),
        (f"{thread}/answer", {"words": text, "seen": f"{here.text.id}/", "key": text}), (f"{thread}/done", {"seen": text}),
        (f"/staff/calls/{here.call.id}", {"how": "no answer", "words": text, "hub": text}),
        (f"/staff/calls/{here.call.id}", {"how": text, "words": text}), (f"/outbox/{here.waits.id}/take-back", {"why": text}),
        (f"/outbox/{here.waits.id}/put-back", {"why": text}), (f"/outbox/{here.waits.id}/send-again", {}),
        ("/staff/notices/length", notice), ("/staff/notices/new", notice | {"do": "look"}),
        ("/staff/notices/new", notice | {"do": "send", "form_token": text[:40], "to_whom": "booked", "is_sure": "yes"}),
        ("/staff/notices/new", notice | {"about": text}), ("/staff/notices/new", notice | {"when": "at", "date": text, "time": text}),
        *((f"/staff/wording/en/reminder_days/{channel}", words | {"do": do}) for channel in ("sms", "email", "call")
          for do in ("preview", "test", "save", "shipped", text)),
        ("/staff/feeds", {"kind": "hub", "about": str(here.hub.id), "sees": "all", "words": text}),
    ]  # fmt: skip


def searches(here, text):
    text = text[:200]
    return [
        f"{path}?{urlencode(asked)}"
        for path, asked in (
            ("/outbox", {"q": text}), ("/outbox", dict.fromkeys(("state", "channel", "kind", "hub", "language", "since", "page"), text)),
            ("/outbox", {"state": "failed", "error": text, "person": text, "session": text}), ("/staff/texts", {"q": text, "show": text}),
            ("/staff/people", {"q": text}), ("/staff/messages", {"month": text}), ("/staff/messages.csv", {"month": text}),
            ("/staff/wording", {"language": text}), ("/staff/notices", {"page": text}), ("/staff/notices/new", {"about": text}),
            ("/staff/audit", {"q": text}),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("text", [*TEXTS, *MORE])
async def test_what_staff_type_about_messages(client, here, text):
    await as_staff(client, here)
    text = text.replace("\x00", "")
    for path, form in staff_forms(here, text):
        if path.startswith("/staff/wording") and form["do"] == "preview":
            answer = await client.post(path, data=form, headers={"HX-Request": "true"})
            assert answer.status_code == 200 and is_clean(answer.text), path
        else:
            await send(client, path, form)
    await queueing_notices.queue_due()
    await check(
        client, ["/staff", "/outbox", f"/outbox/{here.waits.id}", f"/staff/texts/{here.text.id}", "/staff/notices", "/staff/wording",
                 f"/staff/people/{here.parent.id}", "/staff/audit", f"/staff/sessions/{here.session.id}", *searches(here, text)], 45,
    )  # fmt: skip
    await check_messages()


@pytest.mark.parametrize("text", [*TEXTS, *MORE])
async def test_what_families_type_and_text(client, here, text):
    link = f"/m/{here.booking.manage_token}"
    text = text.replace("\x00", "")
    contact = {
        "channel": text,
        "language": text,
        "safe_from": text,
        "safe_to": text,
        "day": text,
        "form_token": text[:30],
    }
    for path, form in [
        (f"{link}/contact", contact), (f"{link}/contact", contact | {"channel": "sms", "show": "yes"}), (f"{link}/tell", {"name": text, "address": text}),
        (f"{link}/tell", {"name": text, "address": "07700 900555", "form_token": text[:30]}),
        (f"{link}/tell", {"name": "Gran", "address": f"{text}@x.example"}), (f"{link}/calendar-address", {"sees": text, "words": text}),
        (f"{link}/calendar-address", {"sees": "all", "words": text}),
    ]:  # fmt: skip
        await send(client, path, form)
    await check(client, [link, f"{link}/contact", f"{link}/tell", f"{link}/calendar-address"], 12)
    await comes(text, PHONE)
    await comes(text, text[:40] or "+447700900999")
    await answering_texts.answer_new()
    assert not await InboundMessage.filter(state="new").count()
    await as_staff(client, here)
    await check(client, ["/staff/texts?show=all", f"/staff/texts/{here.text.id}", "/staff"], 14)
    await check_messages()


@pytest.mark.parametrize("text", [*TEXTS, *MORE])
async def test_words_of_a_mail_host_are_words(client, here, text):
    mail = await heard(here.booking, channel="email", address="kim@families.example", hub_id=here.hub.id)
    await bounces.settle(Bounce(mail.id, True, "5.1.1", text.replace("\x00", "")[:300]))
    await as_staff(client, here)
    await check(
        client, ["/outbox?state=failed", f"/outbox/{mail.id}", "/staff", f"/staff/sessions/{here.session.id}"], 8
    )


@pytest.mark.parametrize("text", [TEXTS[0], TEXTS[3], "{link} [[ {title} ]]", "STOP"])
async def test_titles_and_names_are_never_read_as_wording_or_formulas(client, here, text):
    hub = await make.location(name=text, hub_name=text)
    session = await make.session(await make.run(location=hub, title=text))
    booking = await make.booking(session, await make.person(name=text, channel="email", email="a@b.example"))
    await client.post(f"/m/{booking.manage_token}/tell", data={"name": "Gran", "address": "07700 900556"})
    told = await Message.get(kind="also_told")
    assert text[:9] in told.body  # cut where it is long, and nothing of it filled in
    await db.execute("UPDATE message SET state = 'sent', sent_at = $1 WHERE id = $2", clock.now(), told.id)
    await as_staff(client, here)
    csv = (await client.get("/staff/messages.csv")).text
    assert not [
        cell for line in csv.splitlines() for cell in line.split(",") if cell.lstrip('"').startswith(("=", "+", "@"))
    ]
    await check(client, ["/staff/messages", "/outbox", f"/staff/people?{urlencode({'q': text})}"], 5)


@pytest.mark.parametrize("day", NOT_DATES)
async def test_days_that_are_far_away_or_none(client, here, day):
    await as_staff(client, here)
    about = {"about": f"hub:{here.hub.id}", "sms": "Snow", "to_whom": "booked"}
    for more in (
        {"first": day, "last": day},
        {"when": "at", "date": day, "time": "09:00"},
        {"when": "at", "date": "2027-01-12", "time": day},
    ):
        await send(client, "/staff/notices/new", about | more | {"do": "look"})
    month = day[:7]
    await check(
        client, [f"/outbox?since={day}&until={day}", f"/staff/messages?month={month}", f"/staff/messages.csv?month={month}",
                 f"/staff/audit?from={day}&to={day}", f"/staff/notices/new?about=hub:{here.hub.id}&first={day}"], 5,
    )  # fmt: skip


@pytest.mark.parametrize("made", ["none", "twice", "too many", "files", "odd"])
async def test_forms_with_nothing_everything_twice_or_far_too_much_break_nothing(client, here, made):
    await as_staff(client, here)
    link = f"/m/{here.booking.manage_token}"
    forms = [*staff_forms(here, "Snow"), (f"{link}/contact", {"channel": "sms"}), (f"{link}/tell", {"name": "Gran", "address": "07700 900557"}),
             (f"{link}/calendar-address", {"sees": "all"}), ("/manage/contact", {"channel": "sms"}), ("/manage/calendar", {"sees": "all"})]  # fmt: skip
    for path, form in forms:
        sent = {
            "none": {}, "twice": {"data": {name: [value, "other"] for name, value in form.items()}},
            "too many": {"data": form | {f"x{n}": "y" for n in range(1200)}},
            "files": {"files": dict.fromkeys(form, ("a.txt", b"x" * 50))},
            "odd": {"content": b"\xff\xfe=%zz&&==;%F0%28&a[]=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        }[made]  # fmt: skip
        answer = await client.post(path, **sent)
        assert answer.status_code < 500, (made, path, answer.status_code)


@pytest.fixture
async def outside(configured, templates, monkeypatch, database):
    """The providers' requests, on a site that is reached as https://hubs.example."""
    monkeypatch.setattr("booking.web.make_environment", lambda _: templates)
    known = settings.Secrets("key", "secret", notify_callback_token=keys.CALLBACK_TOKEN)
    app = create_app(replace(configured.with_("site", base_url=SITE), secrets=known))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client
    create_app(configured)


HOOKS = ("/hooks/sms", "/hooks/sms/status", "/hooks/notify/status", "/hooks/notify/text")


async def kept() -> int:
    return await InboundMessage.all().count() + await DeliveryReport.all().count()


@pytest.mark.parametrize("path", HOOKS)
@pytest.mark.parametrize(
    "headers",
    [
        {}, {"X-Twilio-Signature": "x"}, {"X-Twilio-Signature": "=" * 4000}, {"X-Twilio-Signature": "\xe9"}, {"Authorization": "Bearer"},
        {"Authorization": "Bearer "}, {"Authorization": "Bearer \xe9\xff"}, {"Authorization": f"Basic {keys.CALLBACK_TOKEN}"},
        {"Authorization": f"Bearer {keys.CALLBACK_TOKEN[:-1]}"}, {"X-Forwarded-Host": "evil.example", "X-Twilio-Signature": "x"},
        {"X-Forwarded-Proto": "http", "Host": "hubs.example:8443", "X-Twilio-Signature": "x"},
    ],
)  # fmt: skip
async def test_no_hook_takes_anything_unsigned(outside, path, headers):
    given = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    for content in (
        b"",
        b"{}",
        b"MessageSid=SM1&From=%2B44&Body=Yes&MessageStatus=delivered",
        b"\x00" * 100,
        b"%00" * 100,
    ):
        answer = await outside.post(
            path, content=content, headers=[*given.items(), (b"Content-Type", b"application/x-www-form-urlencoded")]
        )
        assert answer.status_code in (400, 403, 413), (path, headers, answer.status_code)
    assert await kept() == 0


async def test_a_text_signed_for_another_address_is_not_ours_behind_whatever_proxy(outside):
    """What stands in forwarded headers is not believed."""
    form, headers = signed_text("Yes", sender=PHONE, sid="SM1", address="https://evil.example/hooks/sms")
    for more in (
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
    ):
        answer = await outside.post("/hooks/sms", data=form, headers=headers | more)
        assert answer.status_code in (400, 403), more
    assert await kept() == 0


WRONG = [
    None,
    True,
    0,
    -1,
    1.5,
    10**40,
    [],
    {},
    [["x"]],
    {"a": {"b": []}},
    "",
    "\x00",
    "\ud800",
    "x" * 60_000,
    "٠" * 50,
    "<script>",
]


@pytest.mark.parametrize("value", WRONG, ids=range(len(WRONG)))
@pytest.mark.parametrize("path", ["/hooks/notify/status", "/hooks/notify/text"])
async def test_json_of_wrong_shapes_is_refused_or_kept_as_words(outside, path, value):
    report, headers = notify.report("delivered", id="P1", reference=None)
    told, _ = notify.text("Yes", sender=PHONE, id="T1")
    for form in (report, told):
        for name in form:
            answer = await outside.post(path, content=json.dumps(form | {name: value}).encode(), headers=headers)
            assert answer.status_code in (204, 400, 413), (path, name, answer.status_code)
    await answering_texts.answer_new()
    assert await InboundMessage.filter(state="new").count() == 0


@pytest.mark.parametrize(
    "text", [*TEXTS, *MORE, "1" * 1600, "\u0661", "9" * 400, "NO" * 800, "\n" * 500, "ʎǝs", "👍🏽" * 300]
)
async def test_whatever_is_texted_to_us_is_kept_once_and_dealt_with(outside, here, text):
    text = text.replace("\x00", "")
    form, headers = signed_text(text, sender=PHONE, sid="SM77", address=f"{SITE}/hooks/sms")
    for _ in range(3):
        assert (await outside.post("/hooks/sms", data=form, headers=headers)).status_code == 200
    assert await InboundMessage.filter(provider_reference="SM77").count() == 1
    await answering_texts.answer_new()
    assert (await InboundMessage.get(provider_reference="SM77")).state in ("answered", "unclear")
