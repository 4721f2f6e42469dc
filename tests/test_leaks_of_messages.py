"""P5 of messages: texts, calls, notices, bounces, people and the outbox of what is restricted are its own staff's alone.

Every secret word holds MARK, also what staff and families type. Rosa is booked on something ordinary elsewhere as well, so that
other staff have every reason to look.
"""

import logging
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID

import pytest

from booking import clock, db
from booking.messages import bounces, calls, hours, outbox_lists, sending_again
from booking.messages.bounce_reading import Bounce
from booking.messages.models import InboundMessage, Message
from booking.people import keeping_contact
from booking.people.contact_form import Reach
from booking.programmes import reminding
from booking.programmes.changes import cancelling
from booking.programmes.notices import queueing_notices, sending_notices
from booking.programmes.notices.finding_about import find_about
from booking.programmes.notices.notice_words import Typed
from booking.programmes.texts import answering_families, threads
from tests import make
from tests.places.who import staff_who
from tests.programmes.offer_calls import NEVER_QUIET
from tests.programmes.texts_of import heard, text
from tests.test_leaks import MARK, crawl, find_mark, leaks
from tests.test_leaks_of_planning import without_echo

ROSA, INES = "+447700900801", "+447700900802"


@pytest.fixture
async def here(database):
    """A hub with a refuge, whose families have been told of everything there is; and Rosa, who comes to a hub elsewhere too."""
    hub, elsewhere = await make.location(name="Ferndown"), await make.location(name="Wimborne")
    refuge = await make.location(
        name=f"{MARK} House", hub_id=hub.id, hub_name=hub.name, kind="restricted", is_restricted=True, address=f"{MARK} Street"
    )  # fmt: skip
    nadia = await make.staff("hub_manager", hub.id, name="Nadia Rahman")
    programme = await make.programme(title=f"{MARK} programme", is_restricted=True)
    run = await make.run(
        programme=programme, location=refuge, title=f"{MARK} course", host=f"{MARK} Refuge", is_restricted=True, is_listed=False,
        first_date=clock.today() + timedelta(days=2),
    )  # fmt: skip
    found = SimpleNamespace(
        hub=hub, elsewhere=elsewhere, nadia=nadia, by=staff_who(nadia, {hub.id}, "hub_manager"), run=run,
        sessions=[await make.session(run, date=clock.today() + timedelta(days=n), number=n) for n in (2, 9, 16)],
        rosa=await make.person(name="Rosa Lindqvist", phone=ROSA),
        ines=await make.person(name="Ines Moreau", phone=INES, channel="call"),
        mo=await make.person(name="Mo Karim", channel="email", email="mo@families.example"),
    )  # fmt: skip
    await make.booking(await make.session(await make.run(location=elsewhere, title="Messy play")), found.rosa)
    with patch.object(hours, "_county", NEVER_QUIET):
        await happened(found)
    return found


async def happened(here) -> None:
    here.bookings = [await make.booking(session, here.rosa) for session in here.sessions]
    for person in (here.ines, here.mo):
        await make.booking(here.sessions[1], person)
    await reminding.queue_due()
    await texted(here)
    await cancelling.cancel(
        session_id=here.sessions[1].id, reason=f"The {MARK} House is closed", by=here.by, undo_minutes=0
    )
    here.call = await Message.get(channel="call", kind="cancellation", person_id=here.ines.id)
    await calls.settle(here.call.id, here.by, "no answer", f"Rang the {MARK}")
    await noticed(here)
    await handled(here)
    reach = Reach("sms", contact_words="Ring twice")
    await keeping_contact.save(
        here.rosa.id, reach, here.nadia, hub_id=here.hub.id, why=f"The {MARK} rang", is_proved=True
    )


async def texted(here) -> None:
    """NO, YES, and something that a person answers."""
    await heard(here.bookings[0], hub_id=here.hub.id, is_discreet=True)
    for words in ("No", "Yes", f"Is the {MARK} open?"):
        here.text = await text(words, ROSA)
    thread = await threads.find(here.by, here.text.id)
    assert thread
    await answering_families.answer(thread=thread, words=f"The {MARK} is", seen=thread.seen, key="k", by=here.by)


async def noticed(here) -> None:
    about = await find_about(here.by, "run", here.run.id)
    assert about
    typed = Typed(sms=f"The {MARK} is cold", mail=f"The {MARK} is very cold", subject=f"{MARK}")
    here.notice = await sending_notices.send(about, about.audience(), typed, form_token="n", by=here.by, undo_minutes=0)
    await queueing_notices.queue_due()


async def handled(here) -> None:
    """What came back, in the words of a mail host; and what staff did by hand, with their reason."""
    here.mail = await Message.filter(person_id=here.mo.id, channel="email", kind="cancellation").first()
    assert here.mail
    await db.execute("UPDATE message SET state = 'sent', sent_at = $1 WHERE id = $2", clock.now(), here.mail.id)
    await bounces.settle(Bounce(here.mail.id, True, "5.1.1", f"The mail host says: {MARK}"))
    here.taken = await Message.filter(kind="notice", person_id=here.rosa.id, channel="sms").first()
    assert here.taken
    await sending_again.take_back(here.taken.id, why=f"Not to the {MARK}", by=here.by)


def own_paths(here) -> list[str]:
    """For its own staff alone."""
    return [
        f"/outbox/{here.mail.id}", f"/outbox/{here.taken.id}", f"/staff/texts/{here.text.id}", f"/staff/notices/{here.notice.notice_id}",
        f"/staff/notices/new?about=run:{here.run.id}", f"/staff/notices/new?about=session:{here.sessions[2].id}",
        f"/staff/people/{here.mo.id}", f"/staff/people/{here.ines.id}", f"/staff/sessions/{here.sessions[1].id}",
        f"/staff/feeds?kind=run&about={here.run.id}",
    ]  # fmt: skip


def pages(here) -> list[str]:
    return [
        "/staff", f"/staff?hub={here.hub.id}", "/outbox", f"/outbox?q={MARK}", "/outbox?q=Rosa", f"/outbox?person={here.rosa.id}",
        f"/outbox?session={here.sessions[1].id}", f"/outbox?hub={here.hub.id}", "/outbox?state=failed", "/outbox?kind=staff_text",
        "/outbox?kind=notice", "/staff/texts", "/staff/texts?show=all", f"/staff/texts?q={MARK}", "/staff/texts?q=Rosa",
        "/staff/notices", "/staff/notices/new", "/staff/people", "/staff/people?q=Moreau", f"/staff/people?q={MARK}",
        "/staff/people?q=7700900802", f"/staff/people/{here.rosa.id}", "/staff/messages", "/staff/messages.csv", "/staff/wording",
        "/staff/jobs", "/staff/audit", f"/staff/audit?q={MARK}", "/staff/feeds", f"/staff/sessions?from={clock.today()}",
    ]  # fmt: skip


async def test_its_own_staff_see_it(client, here):
    """Else the other tests would prove nothing."""
    await make.sign_in_staff(client, here.nadia)
    assert [path for path in own_paths(here) if (await client.get(path)).status_code != 200] == []
    for path in (f"/outbox/{here.mail.id}", f"/outbox/{here.taken.id}", f"/staff/texts/{here.text.id}", "/staff/notices",
                 f"/staff/people/{here.rosa.id}", "/staff/audit", f"/staff/sessions/{here.sessions[1].id}"):  # fmt: skip
        assert find_mark((await client.get(path)).text), path
    assert "Ines Moreau" in (await client.get("/staff?hub=")).text


def without_chip(seen):
    """What was looked for stands above the messages, to be taken away again."""
    return {path: SimpleNamespace(text=each.text.replace(f"“{MARK}”", ""), headers={}) for path, each in seen.items()}


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager", "county_admin"])
async def test_no_page_of_other_staff_names_it_nor_who_comes(client, here, kind):
    member = await make.staff(kind, None if kind == "county_admin" else here.elsewhere.id)
    await make.sign_in_staff(client, member)
    seen = await crawl(client, pages(here), most=170)
    assert all(answer.status_code < 500 for answer in seen.values())
    assert not leaks(without_chip(without_echo(seen)))
    everything = "".join(answer.text for path, answer in seen.items() if "q=" not in path)
    for hidden in ("Moreau", "Mo Karim", "mo@families.example", "0900802", "900 802"):
        assert hidden not in everything, hidden
    for hidden in (here.mail.id, here.taken.id, here.text.id, here.notice.notice_id, here.call.id, here.run.id):
        said = [path for path, answer in seen.items() if str(hidden) in answer.text and str(hidden) not in path]
        assert not said, (hidden, said)
    for path in own_paths(here):
        assert (await client.get(path)).status_code == 404, path


@pytest.mark.parametrize("kind", ["hub_manager", "county_admin"])
async def test_other_staff_change_nothing_of_it(client, here, kind):
    await make.sign_in_staff(client, await make.staff(kind, None if kind == "county_admin" else here.elsewhere.id))
    before = await state_of_all()
    person = {
        "channel": "email",
        "email": "eve@evil.example",
        "phone": "07700 900666",
        "day": list("0123456"),
        "why": "Me",
    }
    paths = [
        *(f"/outbox/{each.id}/{act}" for each in (here.mail, here.taken) for act in ("send-again", "take-back", "put-back")),
        *(f"/staff/texts/{here.text.id}/{act}" for act in ("answer", "done", "person", "size")),
        *(f"/staff/notices/{here.notice.notice_id}/{act}" for act in ("undo", "send-now")), f"/staff/calls/{here.call.id}",
        f"/staff/people/{here.mo.id}", f"/staff/people/{here.ines.id}", f"/staff/people/{here.ines.id}/again",
        "/staff/notices/new", "/staff/notices/length",
    ]  # fmt: skip
    for path in paths:
        about = {
            "about": f"run:{here.run.id}",
            "sms": "Hello",
            "do": "send",
            "how": "spoke",
            "words": "x",
            "seen": "",
            "key": "k",
        }
        answer = await client.post(path, data=person | about)
        assert answer.status_code in (404, 405), (path, answer.status_code)
    assert await state_of_all() == before


async def state_of_all() -> list:
    tables = ("message", "inbound_message", "notice", "notice_recipient", "person", "audit_event", "delivery_report")
    return [[tuple(row.values()) for row in await db.rows(f'SELECT * FROM "{table}" ORDER BY id')] for table in tables]


async def test_no_message_names_it_but_what_its_staff_typed_to_one_family(here):
    rows = await db.rows(
        "SELECT id, kind, channel, address, subject, body, html, calendar, gist, is_discreet, hub_id FROM message"
    )
    assert {"reminder_days", "text_gave_up", "text_took_back", "text_read", "staff_text", "cancellation", "notice"} <= {
        row["kind"] for row in rows
    }
    told = [row for row in rows if row["kind"] != "staff_text" and find_mark(str(row))]
    assert not told
    assert all(row["is_discreet"] for row in rows if row["hub_id"] == here.hub.id)


async def test_no_family_of_another_hub_and_nobody_without_a_link_sees_it(client, here):
    await make.sign_in_family(client, await make.person(phone="+447700900999"))
    starts = ["/", "/manage", "/manage/contact", "/manage/calendar", f"/?words={MARK}", "/health"]
    starts += [f"/m/{here.bookings[2].manage_token[:-1]}x/{page}" for page in ("contact", "tell", "calendar-address")]
    seen = await crawl(client, starts, most=40)
    assert not leaks({path: answer for path, answer in without_echo(seen).items() if "words=" not in path})


@pytest.mark.parametrize("page", ["", "/contact", "/calendar-address"])
async def test_its_own_family_reads_no_words_of_it_either(client, here, page):
    """A telephone is seen by others."""
    answer = await client.get(f"/m/{here.bookings[2].manage_token}{page}")
    assert answer.status_code == 200 and not find_mark(answer.text + str(answer.headers))
    assert (await client.get(f"/m/{here.bookings[2].manage_token}/tell")).status_code == 404


async def test_nothing_is_logged_of_it_and_no_job_tells_of_it(here, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG, logger="booking")
    caplog.set_level(logging.DEBUG, logger="jobs")
    await text(f"What of the {MARK}?", ROSA)
    await reminding.queue_due()
    assert not find_mark(caplog.text)
    assert not [row for row in await db.rows("SELECT last_result, last_error FROM tick") if find_mark(str(row))]


async def test_staff_cannot_find_a_familys_link_by_looking_for_its_letters(here):
    """What is not shown is not found either: else it could be guessed letter by letter."""
    booking = await make.booking(await make.session(await make.run(location=here.elsewhere)), here.rosa)
    row = await heard(
        booking,
        hub_id=here.elsewhere.id,
        body=f"Wimborne: see you soon https://hubs.example/m/{booking.manage_token}.abcdef",
    )
    reader = outbox_lists.Reader((here.elsewhere.id,), discreet_hub_ids=(here.elsewhere.id,))
    for words, expected in ((booking.manage_token[:6], False), ("hubs.example/m/", False), ("see you soon", True)):
        found, _ = await outbox_lists.find(reader, outbox_lists.Wanted(words=words))
        assert (row.id in {each["id"] for each in found}) is expected, words


async def test_who_is_discreet_is_not_named_to_others_below_a_notice_to_a_whole_hub(client, here):
    """County admins see the notice and how it went, as they see the calls: without those who asked for short words."""
    session = await make.session(await make.run(location=here.elsewhere))
    await make.booking(session, await make.person(name="Dina Quiet", channel="call", is_discreet=True))
    await make.booking(session, await make.person(name="Kim Open", channel="call"))
    admin = await make.staff("county_admin")
    who = staff_who(admin, set(), "county_admin")
    about = await find_about(who, "hub", here.elsewhere.id)
    assert about
    sent = await sending_notices.send(
        about, about.audience(), Typed(sms="Snow"), form_token="h", by=who, undo_minutes=0
    )
    await queueing_notices.queue_due()
    await make.sign_in_staff(client, admin)
    page = (await client.get(f"/staff/notices/{sent.notice_id}")).text
    assert "Kim Open" in page and "Dina Quiet" not in page
    assert "Dina Quiet" not in (await client.get("/staff")).text
    await make.sign_in_staff(client, await make.staff("hub_staff", here.elsewhere.id))
    assert "Dina Quiet" in (await client.get(f"/staff/notices/{sent.notice_id}")).text


async def test_a_text_of_nobody_we_know_is_for_admins(here):
    came = await InboundMessage.get(id=(await text("Who are you?", "+447700900990")).id)
    assert came.hub_id is None and isinstance(came.id, UUID)
