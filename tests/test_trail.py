"""P10: every change says who, when and why; every mass action shows first what it does and can be undone.

Every verb (a public function that takes `by`) is called here and must leave its event. Which verbs there are is read from
the code, so that a new one without an event fails.
"""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from booking import audit, clock, db
from booking.audit import AuditEvent
from booking.people.trail_words import VERBS
from booking.programmes.bookings import booking_by_phone, booking_places, changing_who, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Offered, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.changes import cancelling, ringing, undoing_cancelling
from booking.programmes.models import Attendee
from booking.programmes.registers import registering
from booking.programmes.waiting import waiting
from tests import make
from tests.messages import message_calls
from tests.open_data import feed_calls
from tests.people import contact_calls, organisation_calls
from tests.places import booking_calls, closing_calls, keeping_calls, steering_calls, terms_calls
from tests.programmes import change_calls, course_calls, mode_calls, notice_calls, offer_calls, planning_trail
from tests.rotas import cover_calls, duty_calls, need_calls, plan_calls, publishing_calls, worker_calls
from tests.staff.conftest import who_is
from tests.staff.rows import hold_room

ROOT = Path(audit.__file__).parents[1]
# Kept with who and when in the row itself (docs/decisions/register-taps.md), or only looking.
ELSEWHERE = {"registering.mark", "registering.walk_in", "cancelling.preview"}
CONTACT = Contact("Kim Lee", email="kim@families.example", channel="email")
PARTY = Party(("Kim Lee",))
ANYBODY = Offered(None, None, "all", "families")


def verbs() -> set[str]:
    """Public async functions of the areas with a parameter `by`: module.function."""
    found = set()
    for file in (ROOT / "booking").rglob("*.py"):
        for node in ast.parse(file.read_text("utf-8")).body:
            is_public = isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
            if is_public and "by" in {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}:
                found.add(f"{file.stem}.{node.name}")
    return found


@pytest.fixture
async def here(database):
    hub = await make.location()
    run = await make.run(location=hub)
    session = await make.session(run)
    member = await make.staff("hub_staff", hub.id)
    return session, run, who_is(member, kind="hub_manager", hubs={hub.id})


async def attendee(session):
    return await Attendee.get(booking=await make.booking(session))


async def draft(session):
    return await leasing.start_waiting_draft(Target(session.run_id, session.id))


async def whole(run):
    await db.execute("UPDATE run SET booking_mode = 'run' WHERE id = $1", run.id)
    return await make.booking(run)


async def cancelled(session, by):
    return await cancelling.cancel(session_id=session.id, reason="Snow", by=by, undo_minutes=10)


async def walked_in(session, by):
    return await registering.walk_in(session_id=session.id, name="Zita", adults=1, children=0, by=by)


async def corrected(session, by):
    who = await attendee(session)
    await registering.mark(session_id=session.id, attendee_id=who.id, status="attended", by=by)
    await registering.mark(session_id=session.id, attendee_id=who.id, status="absent", by=by)


async def missed(session, run, by):
    booking = await whole(run)
    await giving_up.miss_date(booking_id=booking.id, session_id=session.id, by=by)
    return booking


ON = "session_id"
CALLS = {  # verb: its event, and how it is called with (session, run, by)
    "booking_places.book": ("book", lambda s, r, by: _book(s, by)),
    "booking_by_phone.book_for": ("book", lambda s, r, by: booking_by_phone.book_for(
        target=Target(r.id, s.id), contact=CONTACT, party=PARTY, places=1, by=by, person=None, entry_id=None)),
    "booking_by_phone.wait_for": ("join waiting list", lambda s, r, by: booking_by_phone.wait_for(
        target=Target(r.id, s.id), contact=CONTACT, party=PARTY, places=1, by=by, person=None)),
    "waiting.join": ("join waiting list", lambda s, r, by: _join(s, by)),
    "waiting.leave": ("leave waiting list", lambda s, r, by: _leave(s, by)),
    "giving_up.give_up": ("give up", lambda s, r, by: _give_up(s, by)),
    "giving_up.miss_date": ("miss date", lambda s, r, by: missed(s, r, by)),
    "giving_up.come_after_all": ("come after all", lambda s, r, by: _come(s, r, by)),
    "changing_who.change_who": ("change who comes", lambda s, r, by: _change(s, by)),
    "cancelling.cancel": ("cancel session", lambda s, r, by: cancelled(s, by)),
    "undoing_cancelling.undo": ("undo cancel session", lambda s, r, by: _after(undoing_cancelling.undo, s, by)),
    "undoing_cancelling.send_now": ("send now", lambda s, r, by: _after(undoing_cancelling.send_now, s, by)),
    "ringing.rang": ("rang family", lambda s, r, by: _rang(s, by)),
    "registering.mark": ("correct register", lambda s, r, by: corrected(s, by)),
    "registering.count": ("count people", lambda s, r, by: registering.count(session_id=s.id, adults=1, by=by)),
    "registering.everyone_attended": ("everyone attended", lambda s, r, by: registering.everyone_attended(session_id=s.id, by=by)),
    "registering.undo_everyone_attended": ("undo everyone attended", lambda s, r, by: _undo_everyone(s, by)),
    "registering.remove_walk_in": ("remove walk-in", lambda s, r, by: _remove(s, by)),
    "registering.finish": ("finish register", lambda s, r, by: registering.finish(session_id=s.id, by=by)),
    "registering.reopen": ("reopen register", lambda s, r, by: registering.reopen(session_id=s.id, by=by)),
}  # fmt: skip
CALLS |= keeping_calls.CALLS | steering_calls.CALLS | booking_calls.CALLS
ELSEWHERE |= booking_calls.LOOKING
CALLS |= closing_calls.CALLS
CALLS |= change_calls.CALLS
ELSEWHERE |= change_calls.LOOKING
ELSEWHERE |= closing_calls.LOOKING | closing_calls.EVENTS_OF_OTHERS
CALLS |= terms_calls.CALLS | course_calls.CALLS
ELSEWHERE |= terms_calls.LOOKING | course_calls.LOOKING
CALLS |= offer_calls.CALLS
CALLS |= feed_calls.CALLS | organisation_calls.CALLS | mode_calls.CALLS
CALLS |= planning_trail.CALLS | message_calls.CALLS | contact_calls.CALLS
CALLS |= notice_calls.CALLS | duty_calls.CALLS
ELSEWHERE |= planning_trail.LOOKING | planning_trail.INSIDE | message_calls.LOOKING | notice_calls.LOOKING
ELSEWHERE |= offer_calls.LOOKING
CALLS |= publishing_calls.CALLS | plan_calls.CALLS | need_calls.CALLS
ELSEWHERE |= need_calls.LOOKING
ELSEWHERE |= publishing_calls.LOOKING
CALLS |= worker_calls.CALLS | cover_calls.CALLS
ELSEWHERE |= cover_calls.LOOKING
ELSEWHERE |= worker_calls.LOOKING
COUNTY_WIDE = (
    organisation_calls.COUNTY_WIDE
    | terms_calls.COUNTY_WIDE
    | planning_trail.COUNTY_WIDE
    | message_calls.COUNTY_WIDE
    | worker_calls.COUNTY_WIDE
)


async def _book(session, by):
    lease_id = await leasing.lease(Target(session.run_id, session.id))
    return await booking_places.book(lease_id=lease_id, contact=CONTACT, party=PARTY, by=by, source="phone")


async def _join(session, by):
    return await waiting.join(lease_id=await draft(session), contact=CONTACT, party=PARTY, places=1, by=by)


async def _leave(session, by):
    await waiting.leave(entry_id=(await _join(session, by)).id, by=by)


async def _give_up(session, by):
    await giving_up.give_up(booking_id=(await make.booking(session)).id, by=by)


async def _come(session, run, by):
    await giving_up.come_after_all(booking_id=(await missed(session, run, by)).id, session_id=session.id, by=by)


async def _change(session, by):
    booking = await make.booking(session)
    await changing_who.change_who(booking_id=booking.id, party=Party(("Jo",)), offered=ANYBODY, by=by)


async def _after(verb, session, by):
    await verb(session_id=session.id, event_id=(await cancelled(session, by)).event_id, by=by)


async def _undo_everyone(session, by):
    event_id = await registering.everyone_attended(session_id=session.id, by=by)
    await registering.undo_everyone_attended(session_id=session.id, event_id=event_id, by=by)


async def _rang(session, by):
    booking = await make.booking(session, await make.person(channel="call"))
    await cancelled(session, by)
    await ringing.rang(session_id=session.id, about_id=booking.id, by=by)


async def _remove(session, by):
    await registering.remove_walk_in(session_id=session.id, walk_in_id=await walked_in(session, by), by=by)


@pytest.mark.parametrize("verb", sorted(CALLS))
async def test_a_verb_leaves_its_event_with_who_when_and_where(here, verb):
    session, run, by = here
    said, call = CALLS[verb]
    await call(session, run, by)
    event = await AuditEvent.filter(verb=said).order_by("-id").first()
    assert event is not None
    assert (event.by_id, event.by_name) == (by.id, by.name)
    assert abs(event.at - clock.now()) < timedelta(minutes=1)
    assert event.about_id is not None
    assert event.hub_id == (None if said in COUNTY_WIDE else session.hub_id)
    assert said in VERBS


async def test_every_verb_is_walked_here():
    found, walked = verbs(), set(CALLS) | ELSEWHERE | {"audit.record", "audit.record_many"}
    known_elsewhere = {name for name in found if name.startswith(("importing", "import_"))}  # tests/importing
    assert found - known_elsewhere - walked == set(), "a new verb: add it to CALLS"
    assert walked - found == set(), "gone, or no longer where it is looked for"


async def test_taps_of_the_register_say_who_and_when_in_their_row(here):
    session, _, by = here
    who = await attendee(session)
    await registering.mark(session_id=session.id, attendee_id=who.id, status="attended", by=by)
    await walked_in(session, by)
    rows = await db.rows("SELECT by_id, at AS marked_at FROM attendance")
    assert [row["by_id"] for row in rows] == [by.id, by.id]
    assert all(abs(row["marked_at"] - clock.now()) < timedelta(minutes=1) for row in rows)


async def test_the_reason_is_kept_with_a_cancellation(here):
    session, _, by = here
    await cancelled(session, by)
    assert (await AuditEvent.get(verb="cancel session")).why == "Snow"


async def test_a_refused_verb_leaves_no_event(here):
    session, _, by = here
    await cancelled(session, by)
    before = await AuditEvent.all().count()
    for _said, call in (CALLS["cancelling.cancel"], CALLS["registering.finish"], CALLS["registering.count"]):
        with pytest.raises(Exception, match="cancelled"):
            await call(session, None, by)
    assert await AuditEvent.all().count() == before


async def state() -> dict:
    tables = (
        "booking",
        "session",
        "waiting_entry",
        "message",
        "room_booking",
        "room_hold",
        "reminder",
        "audit_event",
        "invite",
    )
    return {table: await db.rows(f'SELECT * FROM "{table}" ORDER BY id') for table in tables}


async def full_house(session):
    for n in range(3):
        await make.booking(session, await make.person(email=f"a{n}@families.example", channel="email"))
    await waiting.join(lease_id=await draft(session), contact=CONTACT, party=PARTY, places=1)
    await hold_room(session)


async def test_looking_at_a_cancellation_changes_nothing_and_says_what_the_act_does(here):
    session, _, by = here
    await full_house(session)
    before = await state()
    seen = await cancelling.preview(session_id=session.id, reason="Snow", by=by, undo_minutes=10)
    assert await state() == before
    done = await cancelled(session, by)
    same = (
        "waiting",
        "will_miss",
        "ended_bookings",
        "kept_bookings",
        "is_room_freed",
        "calendar_entries",
        "reminders",
        "sms_count",
        "mail_count",
    )
    assert {name: getattr(seen, name) for name in same} == {name: getattr(done, name) for name in same}
    assert [(each.name, each.messages) for each in seen.told] == [(each.name, each.messages) for each in done.told]
    assert seen.ended_bookings == 3 and seen.waiting == 1 and seen.is_room_freed


async def test_an_undone_cancellation_leaves_everything_as_it_was(here):
    session, _, by = here
    await full_house(session)
    before = await state()
    done = await cancelled(session, by)
    await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=by)
    after = await state()
    for table in ("booking", "waiting_entry"):
        assert after[table] == before[table], table
    changed = {"sequence", "register_done_at"}
    assert [{k: v for k, v in row.items() if k not in changed} for row in after["session"]] == [
        {k: v for k, v in row.items() if k not in changed} for row in before["session"]
    ]
    holds = [{k: v for k, v in row.items() if k != "id"} for row in before["room_hold"]]
    assert [{k: v for k, v in row.items() if k != "id"} for row in after["room_hold"]] == holds
    assert not [row for row in after["message"] if row["kind"] == "cancellation" and row["state"] != "void"]


async def test_no_message_of_a_cancellation_is_due_before_it_can_no_longer_be_undone(here):
    session, _, by = here
    await full_house(session)
    done = await cancelled(session, by)
    rows = await db.rows("SELECT due_at, next_try_at FROM message WHERE batch_id = $1", done.event_id)
    assert len(rows) >= 4
    assert all(min(row["due_at"], row["next_try_at"]) >= done.messages_leave_at for row in rows)
    with (
        time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False),
        pytest.raises(Exception, match="can no longer"),
    ):
        await undoing_cancelling.undo(session_id=session.id, event_id=done.event_id, by=by)


def test_every_verb_that_is_written_down_has_words():
    """As far as the code names it where it records it; of the others those that are walked are held above."""
    named = set()
    for file in (ROOT / "booking").rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        known = {
            line.targets[0].id: line.value.value
            for line in tree.body
            if isinstance(line, ast.Assign)
            and isinstance(line.targets[0], ast.Name)
            and isinstance(line.value, ast.Constant)
        }
        calls = [
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record"
        ]
        for first in (call.args[0] for call in calls):
            said = first.value if isinstance(first, ast.Constant) else known.get(ast.unparse(first))
            named |= {said} if isinstance(said, str) else set()
    assert len(named) > 80 and named - set(VERBS) == set()


def test_nothing_else_writes_the_trail():
    for file in (ROOT / "booking").rglob("*.py"):
        text = file.read_text("utf-8")
        if file.name != "audit.py" and "migrations" not in file.parts:
            assert "AuditEvent(" not in text and "AuditEvent.create" not in text and "INTO audit_event" not in text, (
                file
            )


def test_an_event_can_only_be_marked_undone_never_rewritten_or_deleted():
    """The trail is append-only but for undone_at and undo_until."""
    for file in [*(ROOT / "booking").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]:
        text = " ".join(file.read_text("utf-8").split())
        assert "DELETE FROM audit_event" not in text, file
        for part in text.split("UPDATE audit_event SET ")[1:]:
            assert part.startswith(("undone_at", "undo_until")), file
    assert audit.record
