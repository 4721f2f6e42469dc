"""P5: of a restricted session nothing leaks but what the people booked on it, and its own staff, need.

Every secret word of a restricted run, its place and its people's names holds MARK. The run is booked by phone, waited
for, reminded of, cancelled, undone and given up; then every output there is is searched for MARK.
"""

import logging
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine

from booking import clock, db
from booking.messages import delivery
from booking.people.signing_in import sign_in
from booking.programmes import reminding
from booking.programmes.bookings import booking_places, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling
from booking.programmes.changes import undoing_cancelling as undoing
from booking.programmes.registers import registering
from booking.programmes.waiting import waiting
from tests import make
from tests.standing_in import METHODS, address, small_county

MARK = "zqhush"
MONDAY = date(2027, 1, 11)
BEFORE = "2026-12-20T10:00:00Z"
FILTERS = [
    "", "?view=week", "?view=week&start=2027-01-11", "?start=2027-01-04&when=84", "?words=zqhus", "?words=Refuge",
    "?near=BH22+9TH&within=any&start=2027-01-04&when=84", "?near=Zqhusby", "?near=ZQ9+9ZQ", "?hub=private-zq",
    "?age=12&start=2027-01-04&when=84", "?booked=book&start=2027-01-04&when=84", "?how=online&when=84",
    "?day=0&time=morning&start=2027-01-04&when=84", "?topic=quiet&when=84", "?sort=near&near=BH22+9TH",
]  # fmt: skip


@dataclass(frozen=True)
class Quiet:
    hub: Any
    place: Any
    run: Any
    sessions: list[Any]
    staff: Any
    parent: Any
    by_mail: Any
    bookings: list[Any]
    entry: Any


def find_mark(text: str) -> list[str]:
    """What stands around each mark, for the message of a failing test."""
    text = unquote(text)
    return [text[max(0, m.start() - 60) : m.end() + 40] for m in re.finditer(MARK, text, re.IGNORECASE)]


async def quiet_run() -> tuple[Any, Any, Any, list[Any]]:
    hub = await make.location(
        code=f"{MARK}-H", slug="private-aaaaaaaaaaaa", name=f"{MARK} House", hub_name=f"{MARK} Hub", kind="restricted",
        address=f"9 {MARK} Street", postcode="ZQ9 9ZQ", directions=f"Behind the {MARK}", operator=f"{MARK} Trust",
        access_notes=f"Ring at {MARK}", shared_with=f"{MARK} partners", district=f"{MARK} Town", is_restricted=True,
    )  # fmt: skip
    room = await make.room(hub, name=f"{MARK} room")
    programme = await make.programme(
        code=f"{MARK}-P", title=f"{MARK} programme", summary=f"For {MARK}", what_to_bring=f"Your {MARK}", age_of="adult",
        group=f"{MARK} group",
    )  # fmt: skip
    run = await make.run(
        location=hub, programme=programme, room=room, code=f"{MARK}-S", slug="private-bbbbbbbbbbbb", title=f"{MARK} course",
        host=f"{MARK} Refuge", join_url=f"https://{MARK}.example/join", notes=f"{MARK} notes", first_date=MONDAY,
        is_restricted=True, is_listed=False, search_words="", min_age_months=None, max_age_months=None,
    )  # fmt: skip
    sessions = [await make.session(run, date=MONDAY.replace(day=11 + 7 * n), number=n + 1, room=room) for n in range(3)]
    return hub, room, run, sessions


@pytest.fixture
async def quiet(database):
    """A restricted run with everything that can happen to it, through the verbs of staff and jobs."""
    with time_machine.travel(BEFORE, tick=False):
        hub, _, run, sessions = await quiet_run()
        member = await make.staff("hub_staff", hub.id, name="Nadia Rahman")
        contacts = [
            Contact("Rosa Lindqvist", phone="+447700900801", channel="sms"),
            Contact("Ines Moreau", email="ines@families.example", phone="+447700900802", channel="email"),
        ]
        bookings = []
        for session in sessions:
            for contact in contacts:
                lease_id = await leasing.lease(Target(run.id, session.id))
                party = Party((contact.name,), needs="An interpreter")
                bookings.append(
                    await booking_places.book(
                        lease_id=lease_id, contact=contact, party=party, by=member, source="phone"
                    )
                )
        draft = await leasing.start_waiting_draft(Target(run.id, sessions[1].id))
        entry = await waiting.join(
            lease_id=draft, contact=replace(contacts[1], email="mo@families.example"), party=Party(("Mo",)), places=1
        )
    with time_machine.travel("2027-01-09T12:00:00Z", tick=False):
        await reminding.queue_due()
    with time_machine.travel("2027-01-11T08:30:00Z", tick=False):
        await reminding.queue_due()
        await giving_up.give_up(booking_id=bookings[0].id)
        acts = {"session_id": sessions[1].id, "by": member}
        for _ in range(2):
            done = await cancelling.cancel(**acts, reason=f"The {MARK} House is closed", undo_minutes=10)
            if _ == 0:
                await undoing.undo(**acts, event_id=done.event_id)
        await registering.walk_in(session_id=sessions[2].id, name="Zita", adults=1, children=0, by=member)
    return Quiet(hub, hub, run, sessions, member, bookings[1].person, bookings[1].person, bookings, entry)


@pytest.fixture(autouse=True)
def in_that_week():
    with time_machine.travel("2027-01-11T08:31:00Z", tick=False):
        yield


async def crawl(client, starts: list[str], most: int = 120) -> dict[str, Any]:
    """Answers by address: the starts, and every address of ours that a page names, once each."""
    wanted, seen = list(starts), {}
    while wanted and len(seen) < most:
        path = wanted.pop(0)
        if path in seen:
            continue
        seen[path] = answer = await client.get(path)
        if "html" in answer.headers.get("content-type", ""):
            wanted += [
                link.replace("&amp;", "&") for link in re.findall(r'(?:href|action|hx-get)="(/[^"#]*)', answer.text)
            ]
        if answer.headers.get("location", "").startswith("/"):
            wanted.append(answer.headers["location"])
    return seen


def leaks(seen: dict[str, Any]) -> dict[str, Any]:
    found = {path: find_mark(answer.text) + find_mark(str(answer.headers)) for path, answer in seen.items()}
    return {path: marks for path, marks in found.items() if marks}


async def test_the_mark_is_seen_where_it_may_be_seen(client, quiet):
    """Else the other tests would prove nothing."""
    await make.sign_in_staff(client, quiet.staff)
    page = await client.get(f"/staff/sessions/{quiet.sessions[2].id}")
    assert page.status_code == 200
    assert len(find_mark(page.text)) >= 3


async def test_no_public_page_names_it(client, quiet):
    await small_county()
    starts = [f"/{query}" for query in FILTERS]
    starts += [
        "/hubs",
        "/hubs?near=BH22+9TH&show=all&more=1",
        "/health",
        "/sitemap.xml",
        "/robots.txt",
        "/manage",
        "/safety",
    ]
    seen = await crawl(client, starts)
    assert len(seen) > 30
    assert all(answer.status_code < 500 or path == "/health" for path, answer in seen.items())
    assert not leaks(seen)
    assert not [path for path in seen if "private-" in path and "hub=private" not in path]


async def test_htmx_fragments_name_it_no_more_than_pages(client, quiet):
    for query in FILTERS:
        answer = await client.get(f"/{query}", headers={"HX-Request": "true"})
        assert not find_mark(answer.text), query


async def test_its_addresses_are_not_there_whatever_is_asked_of_them(client, quiet):
    """And the answer is the same as for what never was."""
    gone = await client.get(f"/sessions/{db.new_id()}")
    session = quiet.sessions[2]
    for method, path in [
        ("GET", f"/sessions/{session.id}"), ("GET", f"/sessions/{session.id}/calendar.ics"),
        ("POST", f"/sessions/{session.id}/book"), ("POST", f"/sessions/{session.id}/wait"),
        ("GET", f"/courses/{quiet.run.slug}"), ("POST", f"/courses/{quiet.run.slug}/book"),
        ("POST", f"/courses/{quiet.run.slug}/wait"), ("GET", f"/places/{quiet.hub.slug}"), ("GET", "/places/own-hub"),
    ]:  # fmt: skip
        answer = await client.request(method, path)
        assert (answer.status_code, answer.text) == (404, gone.text), f"{method} {path}"


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager", "county_admin"])
async def test_no_page_of_other_staff_names_it(client, quiet, kind):
    county = await small_county()
    await make.sign_in_staff(client, await make.staff(kind, None if kind == "county_admin" else county.hub.id))
    starts = [
        address(route, county)
        for route, method in METHODS
        if method == "GET" and route.path.startswith(("/staff", "/outbox"))
    ]
    starts += [f"/staff?date={day}" for day in ("2027-01-11", "2027-01-18", "2027-01-25")]
    starts += [f"/staff?hub={quiet.hub.id}", f"/staff/sessions?from=2027-01-01&hub={quiet.hub.id}"]
    starts += [f"/{page}?from=2027-01-01&q=zqhus&words=zqhus" for page in ("staff/sessions", "staff/audit", "outbox")]
    starts += ["/staff/sessions?from=2027-01-01", "/staff/sessions?from=2027-01-01&state=cancelled"]
    starts += ["/staff/sessions?from=2027-01-01&state=open_register"]
    seen = await crawl(client, starts, most=90)
    assert len(seen) > 15
    assert not leaks(seen)
    for session in quiet.sessions:
        for method, path in [("GET", f"/staff/sessions/{session.id}"), ("GET", f"/staff/sessions/{session.id}/cancel")]:
            assert (await client.request(method, path)).status_code == 404
        assert str(session.id) not in "".join(answer.text for answer in seen.values())


@pytest.mark.parametrize("kind", ["hub_staff", "county_admin"])
async def test_other_staff_do_not_learn_who_comes_to_it(client, quiet, kind):
    """The outbox and the trail of other staff do not say that these families have anything to do with it."""
    county = await small_county()
    await make.sign_in_staff(client, await make.staff(kind, None if kind == "county_admin" else county.hub.id))
    seen = await crawl(
        client, ["/outbox", "/outbox?q=rosa", "/outbox?kind=cancellation", "/staff/audit", "/staff"], most=60
    )
    names = re.compile("Lindqvist|Moreau|900801|ines@families", re.IGNORECASE)
    assert not {path: names.findall(answer.text) for path, answer in seen.items() if names.search(answer.text)}


async def family_sees(client, quiet, family_id, proved: str = "") -> dict[str, Any]:
    person = await db.row("SELECT id FROM person WHERE family_id = $1", family_id)
    token = await sign_in(person_id=person["id"], purpose="manage", proved=proved)
    client.cookies.set("hub", await make.cookie(client, family=token))
    starts = ["/manage"]
    for table in ("booking", "waiting_entry"):
        rows = await db.rows(f"SELECT manage_token FROM {table} WHERE run_id = $1", quiet.run.id)
        starts += [f"/m/{row['manage_token']}" for row in rows]
    starts += [f"{path}?new=1" for path in starts[1:]] + [f"{path}/calendar.ics" for path in starts[1:]]
    starts += [f"{path}/{more}" for path in starts[1:8] for more in ("who", "give-up")]
    return await crawl(client, starts, most=90)


async def test_families_booked_on_it_read_neutral_words_alone(client, quiet):
    seen = await family_sees(client, quiet, quiet.bookings[2].family_id)
    pages = "".join(answer.text for path, answer in seen.items() if path.startswith("/m/"))
    assert "Your session" in pages and "We will tell you where" in pages
    assert "BEGIN:VEVENT" in pages
    assert not leaks(seen)
    assert all("private-" not in path for path in seen)


async def test_pages_about_it_have_a_way_out(client, quiet):
    """Exit this page (GOV.UK pattern) on every page with a restricted booking on it."""
    token = quiet.bookings[-1].manage_token
    for path in (f"/m/{token}", f"/m/{token}/give-up", f"/m/{token}/who"):
        assert "exit-this-page" in (await client.get(path)).text, path


async def test_no_message_and_no_calendar_entry_names_it(client, quiet):
    rows = await db.rows("SELECT * FROM message WHERE session_id IS NOT NULL OR about_kind = 'waiting'")
    kinds = {row["kind"] for row in rows}
    assert {"confirmation", "reminder_days", "reminder_hours", "cancellation", "given_up", "waiting_joined"} <= kinds
    assert not [found for row in rows if (found := find_mark(str(row)))]
    assert not [found for row in await db.rows("SELECT * FROM invite") if (found := find_mark(str(row)))]
    assert all(row["is_discreet"] for row in rows)
    entries = [row["calendar"] for row in rows if row["calendar"]]
    assert entries
    for entry in entries:
        told = entry.replace("\r\n ", "")
        assert "CLASS:PRIVATE" in told and "SUMMARY:Appointment" in told
        assert not re.search("LOCATION|GEO|DESCRIPTION|URL|CONFERENCE|X-ALT", told)


async def test_discreet_mail_and_its_calendar_entry_have_the_neutral_sender(client, quiet, configured):
    rows = await db.rows("SELECT calendar FROM message WHERE calendar <> ''")
    assert all("CN=Family Hubs" not in row["calendar"] for row in rows)


async def test_the_trail_keeps_no_names_of_it_but_the_reason_its_own_staff_gave(client, quiet):
    rows = await db.rows("SELECT verb, before, after, by_name FROM audit_event")
    assert len(rows) >= 9
    assert not [found for row in rows if (found := find_mark(str(row)))]


async def test_the_log_says_nothing_of_it(client, quiet, configured, caplog):
    """Down to DEBUG: what is shown, sent, refused and found."""
    caplog.set_level(logging.DEBUG)
    unreachable = configured.with_("messages", mail_host="127.0.0.1", mail_port=9, sms_account_sid="AC1", sms_sender="Hub",
                                   sms_base_url="http://127.0.0.1:9", mail_security="none", timeout_seconds=1)  # fmt: skip
    unreachable = replace(unreachable, secrets=replace(unreachable.secrets, sms_auth_token="t"))
    with time_machine.travel("2027-01-11T09:00:00Z", tick=False):
        await delivery.deliver_due(unreachable, "log test")
    await crawl(
        client, ["/", "/hubs", f"/sessions/{quiet.sessions[0].id}", f"/m/{quiet.bookings[2].manage_token}"], most=20
    )
    await make.sign_in_staff(client, quiet.staff)
    await client.get(f"/staff/sessions/{quiet.sessions[2].id}")
    await client.post(
        f"/staff/sessions/{quiet.sessions[2].id}/cancel", data={"reason": "other", "words": f"{MARK} shut"}
    )
    assert await db.value("SELECT why_cancelled FROM session WHERE id = $1", quiet.sessions[2].id) == f"{MARK} shut"
    assert not find_mark(caplog.text)
    assert not re.search(r"900801|ines@families|Lindqvist", caplog.text)


async def test_what_its_staff_wrote_when_they_cancelled_reaches_no_family(client, quiet):
    """The reason is free text: it may name the house."""
    cancelled = [booking for booking in quiet.bookings if booking.session_id == quiet.sessions[1].id]
    for booking in cancelled:
        assert not find_mark((await client.get(f"/m/{booking.manage_token}")).text)
    assert not find_mark((await client.get(f"/m/{quiet.entry.manage_token}")).text)


async def test_a_whole_course_says_no_more_than_a_date(client, quiet):
    """Booked as a run: every date, the cancelled one and its reason among them."""
    await db.execute("UPDATE run SET booking_mode = 'run' WHERE id = $1", quiet.run.id)
    await db.execute("INSERT INTO skip (id, run_id, date, reason) VALUES ($1, $2, $3, $4)", db.new_id(), quiet.run.id,
                     date(2027, 2, 1), f"The {MARK} House is shut")  # fmt: skip
    lease_id = await leasing.lease(Target(quiet.run.id))
    contact = Contact("Yasmin Vale", email="yasmin@families.example", channel="email")
    booking = await booking_places.book(
        lease_id=lease_id, contact=contact, party=Party(("Yasmin Vale",)), by=quiet.staff
    )
    page = await client.get(f"/m/{booking.manage_token}")
    assert "Every date" in page.text
    assert not find_mark(page.text)
    assert not find_mark((await client.get(f"/m/{booking.manage_token}/calendar.ics")).text)
    rows = await db.rows("SELECT subject, body, html, calendar FROM message WHERE about_id = $1", booking.id)
    assert len(rows) >= 2 and not find_mark(str(rows))


async def test_another_person_of_the_family_does_not_see_it_in_the_list(client, quiet):
    """Two adults of one household: the one who was not the contact learns nothing from My bookings (5.9)."""
    rosa = await db.row("SELECT family_id FROM person WHERE phone = '+447700900801' LIMIT 1")
    other = await make.person(family=None, name="Karl", phone="+447700900899")
    await db.execute("UPDATE person SET family_id = $1 WHERE id = $2", rosa["family_id"], other.id)
    open_to_all = await make.booking(await make.session(await make.run(first_date=MONDAY)), other)
    await db.execute("UPDATE booking SET family_id = $1 WHERE id = $2", rosa["family_id"], open_to_all.id)
    token = await sign_in(person_id=other.id, purpose="manage", proved="+447700900899")
    client.cookies.set("hub", await make.cookie(client, family=token))
    page = await client.get("/manage")
    assert open_to_all.reference in page.text
    assert "Your session" not in page.text


async def test_the_other_parent_on_the_same_phone_changes_nothing_of_hers(client, quiet):
    """Rosa proved her number on the family's tablet; Karl books with his own. Her reminders must not go to him."""
    rosa = await db.row("SELECT id, family_id FROM person WHERE phone = '+447700900801' LIMIT 1")
    session = await make.session(await make.run(first_date=MONDAY.replace(day=12)))
    token = await sign_in(person_id=rosa["id"], purpose="manage", proved="+447700900801")
    client.cookies.set("hub", await make.cookie(client, family=token))
    path = (await client.post(f"/sessions/{session.id}/book")).headers["location"].removesuffix("/who")
    typed = {"adult-0": "Karl Lindqvist", "channel": "sms", "phone": "07700 900899", "child-0-first_name": "Ada"}
    typed |= {"child-0-month": "3", "child-0-year": "2025"}
    assert (await client.post(f"{path}/who", data=typed)).headers["location"] == f"{path}/check"
    assert (await client.post(f"{path}/check")).headers["location"].startswith("/m/")
    still = await db.row("SELECT name, phone, channel FROM person WHERE id = $1", rosa["id"])
    assert tuple(still.values()) == ("Rosa Lindqvist", "+447700900801", "sms")
    karl = await db.row("SELECT id, family_id FROM person WHERE phone = '+447700900899'")
    assert karl["family_id"] == rosa["family_id"]
    assert await db.value("SELECT person_id FROM booking WHERE session_id = $1", session.id) == karl["id"]


async def test_who_corrects_name_or_number_stays_the_same_person(client, quiet):
    rosa = await db.row("SELECT id FROM person WHERE phone = '+447700900801' LIMIT 1")
    token = await sign_in(person_id=rosa["id"], purpose="manage", proved="+447700900801")
    client.cookies.set("hub", await make.cookie(client, family=token))
    for day, name, phone in ((12, "Rosa Lindqvist-Hale", "07700 900801"), (13, "rosa lindqvist-hale", "07700 900802")):
        session = await make.session(
            await make.run(first_date=MONDAY.replace(day=day), min_age_months=None, max_age_months=None)
        )
        path = (await client.post(f"/sessions/{session.id}/book")).headers["location"].removesuffix("/who")
        typed = {"adult-0": name, "channel": "sms", "phone": phone, "child-0-first_name": "Ada"}
        await client.post(f"{path}/who", data=typed | {"child-0-month": "3", "child-0-year": "2025"})
        await client.post(f"{path}/check")
        assert await db.value("SELECT person_id FROM booking WHERE session_id = $1", session.id) == rosa["id"]


async def test_a_place_that_becomes_restricted_takes_its_sessions_with_it(client, database):
    """Flagged on the location alone, as when somebody moves a session there or imports the buildings first."""
    session = await make.session(await make.run(first_date=MONDAY))
    await db.execute(
        f"UPDATE location SET is_restricted = $2, name = '{MARK} House' WHERE id = $1", session.location_id, True
    )
    booking = await make.booking(session)
    seen = await crawl(client, ["/", "/?view=week", f"/sessions/{session.id}", f"/m/{booking.manage_token}"], most=30)
    assert not leaks(seen)
    assert seen[f"/sessions/{session.id}"].status_code == 404


async def test_clock_is_where_the_test_thinks(database):
    assert clock.today() == MONDAY
