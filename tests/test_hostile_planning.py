"""What somebody types into the forms of planning is a problem or is shown as text: on every page, in messages and calendars."""

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlencode

import pytest

from booking import clock, db
from booking.messages import hours
from booking.messages.models import InboundMessage
from booking.programmes.models import Run, Session, Slot
from tests import make
from tests.hostile import TEXTS
from tests.programmes.offer_calls import NEVER_QUIET
from tests.programmes.snow_day import use
from tests.test_hostile_rooms import as_staff, check, check_calendar, is_clean

FINE = (200, 303, 404, 409, 422)
LINKS = ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,<script>alert(1)</script>", "//evil.example/x",
         "http://evil.example/x", 'https://x.example/"onmouseover=alert(1)', "https://x.example/\u202egpj", "https://", "ftp://x.example"]  # fmt: skip


@pytest.fixture(autouse=True)
def by_day():
    with patch.object(hours, "_county", NEVER_QUIET):
        yield


@pytest.fixture
async def here(database):
    """A hub with a published course that has a family, one in line and a missed date, and a clinic; a manager."""
    hub = await make.location(name="Ferndown", slug="ferndown")
    await make.opening_hours(hub, weekdays="0123456")
    room = await make.room(hub)
    run = await make.run(location=hub, room_id=room.id, booking_mode="run", places=6, slug="course")
    sessions = []
    for n in range(3):
        day = run.first_date + timedelta(weeks=n)
        booked = await use(room, day, run.start_time, run.end_time, "session")
        sessions.append(
            await make.session(run, date=day, number=n + 1, room_id=room.id, room_booking_id=booked.id, taken=0)
        )
    found = SimpleNamespace(
        hub=hub, room=room, run=run, sessions=sessions, manager=await make.staff("county_admin", name="Nadia"),
        booking=await make.booking(run, await make.person(channel="email", email="kim@families.example")),
        entry=await make.waiting(run), clinic=await clinic(hub),
    )  # fmt: skip
    await make.term_version(hub.area)
    return found


async def clinic(hub):
    run = await make.run(location=hub, booking_mode="appointment", slot_minutes=30, places=3, slug="clinic")
    return await make.session(run)


async def send(client, path, data):
    answer = await client.post(path, data=data)
    assert answer.status_code in FINE and is_clean(answer.text), (path, data, answer.status_code)
    assert answer.headers.get("location", "/").startswith("/") and not answer.headers.get("location", "/").startswith(
        "//"
    )
    return answer


async def check_messages() -> None:
    for row in await db.rows("SELECT subject, body, html, calendar FROM message"):
        assert is_clean(row["html"]) and "\n" not in row["subject"] and "\r" not in row["subject"]
        assert "\u202e" not in row["body"] + row["subject"]
        if row["calendar"]:
            check_calendar(row["calendar"])


def plan(here, programme, text, **values):
    day = here.run.first_date + timedelta(days=1)
    return {
        "programme": str(programme.id), "title": text, "room": str(here.room.id), "weekday": str(day.weekday()), "start": "14:00",
        "end": "15:00", "first": day.isoformat(), "sessions": "2", "frequency": "weekly", "delivery": "in_person", "places": "8",
        "facilitator_1": text, "facilitator_2": text, "override": text, "second_person": text, "form_token": text[:20],
    } | values  # fmt: skip


async def saved(client, here, text):
    """A draft made of what was typed, saved as the page says; None where it was refused."""
    programme = await make.programme()
    form = plan(here, programme, text)
    page = await send(client, "/staff/plan/new", form)
    found = {
        name: page.text.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("shape", "seen")
        if f'name="{name}" value="' in page.text
    }
    await send(client, "/staff/plan/new", form | found | {"action": "save"})
    return await Run.get_or_none(programme_id=programme.id)


@pytest.mark.parametrize("text", TEXTS)
async def test_what_is_typed_to_plan_a_run(client, here, text):
    await as_staff(client, here)
    fields = (
        "title",
        "group",
        "summary",
        "skills",
        "what_to_bring",
        "reminder_leads",
        "parts",
        "topic",
        "picture",
        "places_max",
    )
    await send(client, "/staff/programmes/new", dict.fromkeys(fields, text) | {"form_token": text[:20]})
    await send(
        client,
        "/staff/programmes/new",
        {"title": text, "group": text, "booking_mode": "run", "audience": "families", "age_of": "child"},
    )
    run = await saved(client, here, text)
    assert run
    path = f"/staff/plan/{run.id}"
    await send(client, path, {"override": text, "add": text, "action": text})
    for data in (
        {"min_places": text, "decide_by": text, "reserved": text, "reserved_until": text},
        {"is_listed": "yes"},
    ):
        await send(client, f"{path}/publish", data)
    published = await Run.get(id=run.id)
    assert published.state == "published" and published.slug.isascii() and "/" not in published.slug
    dates = await Session.filter(run_id=run.id)
    await check(
        client,
        ["/staff/plan", f"/staff/runs/{run.id}", "/staff/programmes", "/staff/audit", f"/staff/diary?hub={here.hub.id}&date={dates[0].date}",
         "/", f"/?start={dates[0].date}&when=84", f"/courses/{published.slug}", f"/sessions/{dates[0].id}", "/hubs", "/sitemap.xml"],
        30,
    )  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
async def test_what_is_typed_to_change_dates(client, here, text):
    await as_staff(client, here)
    first, second, _ = here.sessions
    path = f"/staff/sessions/{first.id}"
    for to, data in [
        (f"{path}/change", {"scope": "date", "what": "who", "facilitator_1": text, "facilitator_2": text}),
        (f"{path}/change", {"scope": text, "what": text}), (f"{path}/change", {"scope": "date", "what": "places", "places": text}),
        (f"{path}/change", {"scope": "all", "what": "when", "date": text, "start": text, "end": text, "room": text, "override": text}),
        (f"{path}/change", {"scope": "all", "what": "cancel", "reason": "other", "words": text}),
        (f"{path}/online", {"scope": "date", "to": "online", "join_url": f"https://meet.example/{text}", "reason": text}),
        (f"/staff/runs/{here.run.id}/add-date", {"date": text, "start": text, "end": text, "override": text, "makes_up_for": text}),
        (f"/staff/runs/{here.run.id}/decide", {"act": "numbers", "min_places": text, "decide_by": text}),
        (f"/staff/runs/{here.run.id}/decide", {"act": "cancel", "reason": "other", "words": text}),
        (f"/staff/sessions/{here.clinic.id}/slots", {"act": "add", "worker": text}),
        (f"/staff/sessions/{here.clinic.id}/slots", {"act": "name", "was": "", "worker": text}),
        (f"/staff/sessions/{here.clinic.id}/slots", {"act": "break", "start": text, "end": text}),
        ("/staff/close", {"place": str(here.hub.id), "first": text, "reason": "other", "words": text, "join_url": text}),
        ("/staff/close", {"place": str(here.hub.id), "first": str(second.date), "all_day": "yes", "reason": "other", "words": text,
                          "join_url": text, "do": "close"}),
    ]:  # fmt: skip
        await send(client, to, data)
        assert (await client.get(to, params=data)).status_code in FINE
    await client.get(f"/staff/sessions/{here.clinic.id}/slots")
    token = here.booking.manage_token
    await check(
        client,
        [path, "/staff", f"/staff/runs/{here.run.id}", f"/staff/sessions/{here.clinic.id}/slots", "/staff/audit", "/outbox",
         "/courses/course", "/courses/clinic", f"/sessions/{here.clinic.id}", f"/m/{token}", f"/places/{here.hub.slug}"],
        25,
    )  # fmt: skip
    await check_messages()


@pytest.mark.parametrize("text", TEXTS)
async def test_what_is_typed_about_lines_texts_and_codes(client, here, text):
    await as_staff(client, here)
    entry, line = f"/staff/waiting/entries/{here.entry.id}", f"/staff/waiting/runs/{here.run.id}"
    typed = text.replace("\x00", "")
    kept = await InboundMessage.create(
        provider_reference="SM1", sender=here.booking.person.phone, body=typed, received_at=clock.now(), state="unclear",
        hub_id=here.hub.id,
    )  # fmt: skip
    await check(client, ["/staff/waiting"], 1)
    for to, data in [
        (f"{entry}/priority", {"priority": text, "priority_reason": text}), (f"{entry}/priority", {"priority": "1", "priority_reason": text}),
        (f"{entry}/offer", {"why": text}), (f"{entry}/answer", {"answer": text}), (f"{entry}/withdraw", {"why": text, "then": text}),
        (f"{line}/places", {"places": text}), (f"{line}/reserved", {"reserved": text, "until": text}),
        (f"/staff/waiting/texts/{kept.id}/read", {"why": text}), ("/with-a-code", {"code": text}),
        ("/staff/terms/Dorset/change", {"why": text, "year": text, "what-0": text, "first-0": text, "last-0": text}),
        ("/staff/bank-holidays/change", {"title": text, "date": text, "title-0": text, "date-0": text}),
    ]:  # fmt: skip
        await send(client, to, data)
    await check(
        client, [entry, line, "/staff/waiting", "/staff/audit", "/outbox", "/staff/terms/Dorset", "/with-a-code"], 12
    )
    await check_messages()
    await Run.filter(id=here.run.id).update(takes_referrals=True)
    client.cookies.clear()
    await make.sign_in_partner(client, await make.booker())
    form = {"to": str(here.run.id), "adult-0": text, "known": text, "needs": text, "note": text, "channel": "none", "consent": "yes",
            "child-0-first_name": text, "child-0-month": "3", "child-0-year": str(clock.today().year - 2), "act": "all the same"}  # fmt: skip
    await send(client, "/partner/refer", form)
    await check(client, ["/partner/refer", f"/partner/refer?{urlencode({'q': text})}"], 4)


@pytest.mark.parametrize("link", LINKS)
async def test_a_link_to_join_is_of_the_web_and_secure(client, here, link):
    """It stands on pages and in mails as something to press."""
    await as_staff(client, here)
    first, second, _ = here.sessions
    await send(client, f"/staff/sessions/{first.id}/online", {"scope": "date", "to": "online", "join_url": link})
    programme = await make.programme()
    form = plan(here, programme, "A run", delivery="online", location=str(here.hub.id), join_url=link)
    assert (await send(client, "/staff/plan/new", form)).status_code == 422
    data = {"place": str(here.hub.id), "first": str(second.date), "all_day": "yes", "reason": "weather", "join_url": link, "answered": "yes",
            f"answer-{second.room_booking_id}": "online", "do": "close", "seen": str(second.room_booking_id)}  # fmt: skip
    await send(client, "/staff/close", data)
    assert not await db.rows("SELECT id FROM session WHERE join_url <> ''")
    assert not await db.rows("SELECT id FROM run WHERE join_url <> ''")


async def test_forms_that_make_something_make_it_once(client, here):
    """Sent twice with the same token they lead to what the first made (promise P9)."""
    await as_staff(client, here)
    programme = await make.programme()
    form = plan(here, programme, "Twice") | {"form_token": "one-form"}
    page = await client.post("/staff/plan/new", data=form)
    seen = {name: page.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("shape", "seen")}
    answers = [await client.post("/staff/plan/new", data=form | seen | {"action": "save"}) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await Run.filter(programme_id=programme.id).count() == 1
    data = {
        "form_token": "two",
        "title": "A new thing",
        "booking_mode": "drop_in",
        "audience": "families",
        "age_of": "any",
        "group": "Play",
    }
    answers = [await client.post("/staff/programmes/new", data=data) for _ in range(2)]
    assert await db.value("SELECT COUNT(*) AS n FROM programme WHERE title = 'A new thing'") <= 1
    assert await Slot.all().count() == 0
