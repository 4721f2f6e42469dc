"""A clinic's times on its page: one tap, and what parents and staff see of it."""

import re
from datetime import timedelta

import pytest
import time_machine

from booking import clock
from booking.programmes.models import Booking, Lease, Slot
from tests import make
from tests.programmes.clinics import clinic, slots_at

SAM = {"adult-0": "Sam Carter", "channel": "sms", "phone": "07700 900123"}


async def tap(client, session, slot):
    return await client.post(f"/sessions/{session.id}/book", data={"slot": str(slot.id)})


async def book(client, session, time: str) -> str:
    """Through all screens; the address of the booking's page."""
    tapped = await tap(client, session, (await slots_at(session))[time])
    who = tapped.headers["Location"]
    checked = await client.post(who, data=SAM)
    assert checked.headers["Location"].endswith("/check"), checked.text
    return (await client.post(checked.headers["Location"])).headers["Location"]


async def test_free_times_of_the_next_dates_are_buttons(client):
    _, sessions = await clinic(dates=6)
    page = (await client.get(f"/sessions/{sessions[0].id}")).text
    assert re.findall(r'<button class="slot-tap"[^>]*>([^<]*)<', page)[:5] == [
        "10am",
        "10:30am",
        "11am",
        "11:30am",
        "10am",
    ]
    assert page.count('class="slot-tap"') == 16  # four dates
    assert "Appointments are 30 minutes" in page


async def test_one_tap_leads_to_the_form_and_the_time_is_kept(client):
    _, (session,) = await clinic()
    slot = (await slots_at(session))["10:30"]
    tapped = await tap(client, session, slot)
    assert re.fullmatch(r"/book/[^/]+/who", tapped.headers["Location"])
    assert "10:30am to 11am" in (await client.get(tapped.headers["Location"])).text
    assert (await Lease.get(slot_id=slot.id)).session_id == session.id
    assert "10:30am<" not in (await client.get(f"/sessions/{session.id}")).text


async def test_another_tap_gives_the_first_time_back(client):
    _, (session,) = await clinic()
    await tap(client, session, (await slots_at(session))["10:00"])
    again = await tap(client, session, (await slots_at(session))["11:00"])
    assert again.status_code == 303
    assert {at: slot.taken for at, slot in (await slots_at(session)).items()} == {
        "10:00": 0, "10:30": 0, "11:00": 1, "11:30": 0,
    }  # fmt: skip


async def test_a_time_that_somebody_has_just_taken_is_said_so_with_the_next_ones(client):
    _, (session,) = await clinic()
    slot = (await slots_at(session))["10:00"]
    await Slot.filter(id=slot.id).update(taken=1)
    answer = await tap(client, session, slot)
    assert answer.status_code == 409
    assert "Somebody has just taken this appointment" in answer.text
    assert answer.text.count('class="slot-tap"') == 3


async def test_with_two_workers_the_other_one_is_taken_at_the_same_time(client):
    _, (session,) = await clinic(places=8, facilitator_1="Ana", facilitator_2="Bea")
    page = (await client.get(f"/sessions/{session.id}")).text
    assert page.count('class="slot-tap"') == 4
    assert "Ana" not in page
    slot = (await slots_at(session))["10:00"]
    await Slot.filter(id=slot.id).update(taken=1)
    assert (await tap(client, session, slot)).status_code == 303


@pytest.mark.parametrize("slot", ["", "nonsense", "018f0000-0000-7000-8000-000000000000"])
async def test_a_tap_on_nothing_books_nothing(client, slot):
    _, (session,) = await clinic()
    answer = await client.post(f"/sessions/{session.id}/book", data={"slot": slot})
    assert answer.status_code in (303, 409)
    assert not await Lease.exists()


async def test_a_slot_of_another_clinic_is_none_of_this_one(client):
    _, (session,) = await clinic()
    _, (other,) = await clinic()
    answer = await tap(client, session, (await slots_at(other))["10:00"])
    assert answer.status_code == 409
    assert not await Lease.exists()


async def test_a_restricted_clinic_has_no_times_for_strangers(client):
    run, (session,) = await clinic(is_restricted=True, is_listed=False)
    slot = (await slots_at(session))["10:00"]
    assert (await tap(client, session, slot)).status_code == 404
    _, (public,) = await clinic()
    assert (await tap(client, public, slot)).status_code == 409
    assert run.is_restricted


async def test_booked_shown_and_changed_by_the_family(client):
    _, (session, later) = await clinic(dates=2)
    path = await book(client, session, "10:30")
    page = (await client.get(path)).text
    assert "10:30am to 11am" in page
    assert "10am to midday" not in page
    token = path.split("/")[2].split("?")[0]
    assert "10:30am to 11am" in (await client.get("/manage")).text
    other = await client.get(f"/m/{token}/time")
    assert other.text.count('class="slot-tap"') == 7
    moved = await client.post(f"/m/{token}/time", data={"slot": str((await slots_at(later))["11:00"].id)})
    assert moved.status_code == 303
    booking = await Booking.get(manage_token=token)
    assert booking.session_id == later.id
    assert "11am to 11:30am" in (await client.get(f"/m/{token}")).text
    calendar = (await client.get(f"/m/{token}/calendar.ics")).text
    assert f"DTSTART;TZID=Europe/London:{later.date:%Y%m%d}T110000" in calendar


async def test_cards_say_how_many_times_are_left(client):
    run, (session,) = await clinic()
    assert "4 times left" in (await client.get("/?when=14")).text
    await Slot.filter(session_id=session.id, starts_at__lt=clock.at(session.date, "11:30")).update(taken=1)
    assert "1 time left" in (await client.get("/?when=14")).text
    assert run.slot_minutes == 30


async def test_a_clinic_that_has_begun_still_shows_its_later_times(client):
    _, (session,) = await clinic()
    with time_machine.travel(clock.at(session.date, "10:40"), tick=False):
        page = (await client.get(f"/sessions/{session.id}")).text
        assert page.count('class="slot-tap"') == 2
        assert (await tap(client, session, (await slots_at(session))["11:30"])).status_code == 303


async def test_staff_see_times_and_names_and_steer_them(client):
    run, (session,) = await clinic()
    await book(client, session, "10:30")
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    path = f"/staff/sessions/{session.id}"
    grid = (await client.get(f"{path}/slots")).text
    assert "3 times free, 1 taken" in grid
    assert "Sam Carter" in grid
    slots = await slots_at(session)
    for act, slot, state in (("close", "11:00", "break"), ("open", "11:00", "open")):
        await client.post(f"{path}/slots", data={"act": act, "slot": str(slots[slot].id)})
        assert (await Slot.get(id=slots[slot].id)).state == state
    refused = await client.post(f"{path}/slots", data={"act": "close", "slot": str(slots["10:30"].id)})
    assert refused.status_code == 422
    assert "A family has this time" in refused.text
    await client.post(f"{path}/slots", data={"act": "break", "start": "11:00", "end": "11:30"})
    await client.post(f"{path}/slots", data={"act": "name", "was": "", "worker": "Ana"})
    await client.post(f"{path}/slots", data={"act": "add", "worker": "Bea"})
    grid = (await client.get(f"{path}/slots")).text
    assert ">Ana</th>" in grid
    assert ">Bea</th>" in grid
    register = (await client.get(path)).text
    assert '<span class="times">10:30am</span>' in register
    await session.refresh_from_db()
    assert session.places == 3 + 4


async def test_staff_book_by_phone_into_a_time_and_give_it_another(client):
    run, (session,) = await clinic()
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    path, slots = f"/staff/sessions/{session.id}", await slots_at(session)
    form = await client.get(f"{path}/book?slot={slots['11:00'].id}")
    assert f'value="{slots["11:00"].id}" selected' in form.text
    without = await client.post(f"{path}/book", data=SAM | {"act": "book"})
    assert without.status_code == 422
    assert "Choose a time" in without.text
    made = await client.post(f"{path}/book", data=SAM | {"act": "book", "slot": str(slots["11:00"].id)})
    assert made.status_code == 303, made.text
    booking = await Booking.get(session_id=session.id)
    assert (booking.slot_id, booking.source) == (slots["11:00"].id, "phone")
    change = f"{path}/bookings/{booking.id}/time"
    assert (await client.get(change)).text.count('class="slot-tap"') == 3
    await client.post(change, data={"slot": str(slots["10:00"].id)})
    assert (await Booking.get(id=booking.id)).slot_id == slots["10:00"].id


async def test_times_are_for_staff_of_the_hub_alone(client):
    run, (session,) = await clinic()
    other = await make.location()
    await make.sign_in_staff(client, await make.staff("hub_staff", other.id))
    assert (await client.get(f"/staff/sessions/{session.id}/slots")).status_code == 404
    assert run.first_date > clock.today() - timedelta(days=1)


async def test_a_couple_shares_one_appointment(client):
    """However places are counted elsewhere: the time is one."""
    run, (session,) = await clinic(programme=await make.programme(age_of="adult", places_unit="adults"))
    tapped = await tap(client, session, (await slots_at(session))["10:00"])
    both = SAM | {"adult-1": "Bo Carter"}
    checked = await client.post(tapped.headers["Location"], data=both)
    assert checked.headers["Location"].endswith("/check"), checked.text
    made = await client.post(checked.headers["Location"])
    assert made.headers["Location"].startswith("/m/")
    booking = await Booking.get(run_id=run.id)
    assert booking.places == 1
    changed = await client.post(f"/m/{booking.manage_token}/who", data=SAM)
    assert changed.status_code == 303, changed.text
