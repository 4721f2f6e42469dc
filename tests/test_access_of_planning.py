"""P6: what a form of planning names by an id is looked for where who asks may act, wherever in the form it stands.

Alice keeps one hub. Every id of Bob's hub that a form can carry is put into the forms of her own pages: nothing of Bob's is used,
shown or changed.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import audit, clock, db
from booking.programmes.appointments import keeping_slots
from booking.programmes.bookings import giving_up
from booking.programmes.models import Slot
from tests import make
from tests.programmes.snow_day import use

FINE = (303, 404, 409, 422)
TABLES = ("run", "session", "slot", "room_booking", "room_hold", "closure", "waiting_entry", "offer", "booking", "message",
          "inbound_message", "keyholder", "location", "room_swap")  # fmt: skip


async def hub_of(name: str):
    hub = await make.location(name=f"{name}ton")
    await make.opening_hours(hub, weekdays="0123456")
    room = await make.room(hub, name=f"{name}’s room", capacity=40, is_partner_bookable=True)
    run = await make.run(location=hub, room_id=room.id, title=f"{name}’s course", booking_mode="run")
    sessions = []
    for n in range(2):
        day = run.first_date + timedelta(weeks=n)
        booked = await use(room, day, run.start_time, run.end_time, "session")
        sessions.append(
            await make.session(run, date=day, number=n + 1, room_id=room.id, room_booking_id=booked.id, taken=0)
        )
    clinic = await make.session(await make.run(location=hub, booking_mode="appointment", slot_minutes=30, places=3))
    await keeping_slots.make_missing(session_id=clinic.id)
    partner = await make.organisation()
    taken = await make.room_booking(room, partner, day=16, booked_by_id=(await make.booker(partner)).id)
    event = await audit.record("change dates", about_kind="session", about_id=sessions[0].id, hub_id=hub.id, before={}, after={},
                               undo_until=clock.now() + timedelta(minutes=10))  # fmt: skip
    return SimpleNamespace(
        hub=hub, room=room, run=run, sessions=sessions, clinic=clinic, slot=await Slot.filter(session_id=clinic.id).first(), taken=taken,
        event=event, entry=await make.waiting(run), manager=await make.staff("hub_manager", hub.id, name=name),
        programme=await make.programme(),
    )  # fmt: skip


@pytest.fixture
async def two(database):
    return await hub_of("Alice"), await hub_of("Bob")


async def rows_of_all() -> dict:
    return {table: sorted(map(str, await db.rows(f'SELECT * FROM "{table}"'))) for table in TABLES}


def forms(alice, bob) -> list[tuple[str, dict]]:
    """(page of Alice's, a form with something of Bob's in it)"""
    own, day = f"/staff/sessions/{alice.sessions[0].id}", alice.run.first_date + timedelta(days=1)
    plan = {
        "programme": str(alice.programme.id), "room": str(alice.room.id), "weekday": str(day.weekday()), "start": "14:00", "end": "15:00",
        "first": day.isoformat(), "sessions": "1", "places": "8", "delivery": "in_person", "frequency": "weekly", "action": "save",
        "seen": day.isoformat(),
    }  # fmt: skip
    room, event = str(bob.room.id), str(bob.event)
    close = {"first": day.isoformat(), "all_day": "yes", "reason": "weather", "do": "close"}
    first = str(alice.sessions[0].room_booking_id)
    return [
        ("/staff/plan/new", plan | {"room": room}), ("/staff/plan/new", plan | {"creche_room": room, "creche_places": "4"}),
        ("/staff/plan/new", plan | {"delivery": "online", "location": str(bob.hub.id)}),
        ("/staff/plan/new", plan | {f"use-{day}": f"use~{room}~~~", f"room-{day}": f"use~{room}~~~", "added": day.isoformat()}),
        (f"{own}/change", {"scope": "date", "what": "when", "date": day.isoformat(), "start": "10:00", "end": "11:30", "room": room}),
        (f"{own}/change", {"scope": "all", "what": "when", "date": day.isoformat(), "start": "10:00", "end": "11:30",
                           f"way-{alice.sessions[1].id}": f"use~{room}~~~"}),
        (f"{own}/change/undo", {"event": event}), (f"{own}/change/send-now", {"event": event}),
        (f"{own}/online", {"scope": "date", "to": "in_person", "room": room}),
        (f"/staff/runs/{alice.run.id}/add-date", {"date": day.isoformat(), "start": "10:00", "end": "11:00", "room": room}),
        (f"/staff/runs/{alice.run.id}/add-date", {"date": day.isoformat(), "start": "10:00", "end": "11:00",
                                                   "makes_up_for": str(bob.sessions[0].id)}),
        (f"/staff/sessions/{alice.clinic.id}/slots", {"act": "close", "slot": str(bob.slot.id)}),
        (f"/staff/plan/{alice.run.id}/unpublish", {"event": event}),
        ("/staff/close", close | {"place": [str(bob.hub.id), str(alice.hub.id)]}), ("/staff/close", close | {"place": str(bob.hub.id)}),
        ("/staff/close", close | {"place": str(alice.hub.id), "room": room}),
        ("/staff/close", close | {"place": str(alice.hub.id), "first": str(alice.sessions[0].date), "answered": "yes", "seen": first,
                                  f"answer-{first}": "move", f"room-{first}": room}),
        (f"/staff/close/{bob.event}/undo", {}), ("/staff/terms/undo", {"event": event}),
        (f"{own}/bookings/{bob.entry.id}/time", {"slot": str(bob.slot.id)}),
    ]  # fmt: skip


async def test_who_manages_one_hub_closes_no_place_of_the_other_where_they_are_staff(client, two):
    alice, bob = two
    await make.sign_in_staff(client, await make.staff_here_manager_elsewhere(bob.hub.id, alice.hub.id))
    before = await rows_of_all()
    for path, data in [each for each in forms(alice, bob) if each[0].startswith("/staff/close")]:
        answer = await client.post(path, data=data)
        assert answer.status_code in FINE or "Bob’s room" not in answer.text, path
    assert await rows_of_all() == before
    page = (await client.get("/staff/close")).text
    assert str(alice.hub.id) in page and str(bob.hub.id) not in page


async def test_ids_of_another_hub_in_forms_of_ones_own_do_nothing(client, two):
    alice, bob = two
    await make.sign_in_staff(client, alice.manager)
    wrong = []
    for path, data in forms(alice, bob):
        before = await rows_of_all()
        answer = await client.post(path, data=data)
        after = await rows_of_all()
        changed = [table for table in TABLES if before[table] != after[table]]
        if changed or answer.status_code not in (*FINE, 200) or "Bob" in answer.text:
            wrong.append((path, data, answer.status_code, changed, answer.text[answer.text.find("Bob") - 80 :][:160]))
    assert not wrong


async def test_the_same_forms_with_ones_own_ids_do_something(client, two):
    """Else the other test would prove nothing."""
    alice, _ = two
    await make.sign_in_staff(client, alice.manager)
    own = f"/staff/sessions/{alice.sessions[0].id}"
    answer = await client.post(
        f"{own}/change", data={"scope": "date", "what": "who", "facilitator_1": "Ann", "facilitator_2": ""}
    )
    assert answer.headers["location"] == own
    data = {"act": "close", "slot": str(alice.slot.id)}
    assert (await client.post(f"/staff/sessions/{alice.clinic.id}/slots", data=data)).status_code == 303
    assert (await Slot.get(id=alice.slot.id)).state == "break"
    day = alice.run.first_date + timedelta(days=1)
    data = {"date": day.isoformat(), "start": "10:00", "end": "11:00", "room": str(alice.room.id)}
    await client.post(f"/staff/runs/{alice.run.id}/add-date", data=data)
    assert await db.value("SELECT COUNT(*) AS n FROM session WHERE run_id = $1", alice.run.id) == 3


async def test_the_link_of_one_family_books_nothing_for_another(client, database):
    """Alice's links with Bob's ids: the catch-up, the time, the offer."""
    run, dates = await make.course(2)
    alice, bob = await make.booking(run), await make.booking(run)
    await giving_up.miss_date(booking_id=bob.id, session_id=dates[0].id)
    before = await db.value("SELECT COUNT(*) AS n FROM booking")
    path = f"/m/{alice.manage_token}/dates/{dates[0].id}/catch-up"
    assert (await client.get(path)).status_code == 404
    assert (await client.post(path, data={"session": str(dates[1].id)})).status_code == 404
    for guess in (bob.manage_token, "x" * 16, str(bob.id)):
        assert (await client.get(f"/o/{guess}")).status_code == 404
        assert (await client.post(f"/o/{guess}", data={"answer": "yes"})).status_code == 404
    assert await db.value("SELECT COUNT(*) AS n FROM booking") == before


async def test_codes_are_tried_only_so_often(client, database):
    """Also as an address, and also by who finds nothing."""
    found = [(await client.get(f"/with-a-code/K7M4-QX{letter}")).status_code for letter in "ABCDEFGHJKMNPQRTUVWXY"]
    assert set(found[:20]) == {404} and found[20] == 429
    answer = await client.post("/with-a-code", data={"code": "K7M4-QXP"})
    assert answer.status_code == 422 and "too often" in answer.text
