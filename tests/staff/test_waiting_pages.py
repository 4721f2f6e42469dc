"""Waiting lists of staff: every line with why nobody is asked, priority, offers by hand and places."""

import pytest
import time_machine

from booking.messages.models import InboundMessage
from booking.people.models import Person
from booking.programmes.bookings import giving_up
from booking.programmes.models import Offer, Run, Session, WaitingEntry
from booking.programmes.waiting import offering
from tests import make
from tests.programmes.lines_of import TEN, at, days_on, full_course, full_session, state_of, waits

pytestmark = pytest.mark.usefixtures("database", "ten")


@pytest.fixture
def ten():
    with time_machine.travel(TEN, tick=False):
        yield


@pytest.fixture
async def line(hub):
    """A session of the hub's with one place, booked, and two families in line."""
    run = await make.run(location=hub, first_date=days_on(10), places=1, title="Baby massage")
    session, (booking,) = await full_session(run=run)
    return session, booking, await waits(session, 1), await waits(session, 2)


def entry_path(entry: WaitingEntry) -> str:
    return f"/staff/waiting/entries/{entry.id}"


async def words(desk, path: str = "/staff/waiting") -> str:
    answer = await desk.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


async def test_every_line_says_how_many_wait_and_why_nobody_is_asked(desk, line):
    session, booking, first, _ = line
    seen = await words(desk)
    assert "Baby massage" in seen and "2 waiting" in seen and "It is full." in seen
    await giving_up.give_up(booking_id=booking.id)
    assert "The next in line is asked within seconds." in await words(desk)
    with time_machine.travel(at(hours=11), tick=False):
        assert "Quiet hours: nobody is written to until 8am." in await words(desk)
    await offering.offer_free_places()
    assert "Somebody holds an offer until Wednesday 3 February at 10am." in await words(desk)
    await WaitingEntry.filter(id__in=[first.id]).update(state="left")
    await Offer.all().update(state="declined")
    await WaitingEntry.filter(state="waiting").update(places=3)
    await Session.filter(id=session.id).update(places=2)
    assert "All who wait need more places: the smallest party needs 3, 1 left." in await words(desk)


async def test_reserved_places_are_named_with_their_day(desk, hub):
    course, (booking, _) = await full_course(places=2)
    await Run.filter(id=course.id).update(hub_id=hub.id, location_id=hub.id)
    await waits(course)
    await giving_up.give_up(booking_id=booking.id)
    path = f"/staff/waiting/runs/{course.id}"
    answer = await desk.post(f"{path}/reserved", data={"reserved": "1", "until": "2027-02-05"})
    assert answer.status_code == 303
    assert "1 place is left, reserved for families with priority until Saturday 6 February at midnight" in await words(
        desk
    )
    assert await offering.offer_free_places() == 0
    for wrong in (
        {"reserved": "9", "until": "2027-02-05"},
        {"reserved": "1"},
        {"reserved": "1", "until": "2027-01-05"},
    ):
        assert (await desk.post(f"{path}/reserved", data=wrong)).status_code == 422
    await desk.post(f"{path}/reserved", data={"reserved": "0"})
    assert await offering.offer_free_places() == 1


async def test_staff_of_another_hub_find_nothing(client, line):
    session, _, first, _ = line
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert "Baby massage" not in await words(client)
    for path in (f"/staff/waiting/sessions/{session.id}", f"/staff/waiting/runs/{session.run_id}", entry_path(first)):
        assert (await client.get(path)).status_code == 404
    for act in ("priority", "offer", "answer", "withdraw", "leave"):
        assert (await client.post(f"{entry_path(first)}/{act}")).status_code == 404
    assert await state_of(first) == "waiting"


async def test_a_restricted_line_is_seen_by_staff_of_that_very_hub_alone(client, desk, hub, line):
    session, *_ = line
    await Run.filter(id=session.run_id).update(is_restricted=True)
    assert "Baby massage" in await words(desk)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "Baby massage" not in await words(client)
    assert (await client.get(f"/staff/waiting/sessions/{session.id}")).status_code == 404


async def test_priority_needs_a_reason_and_changes_the_order(desk, line):
    _, _, first, second = line
    assert (await desk.post(f"{entry_path(second)}/priority", data={"priority": "2"})).status_code == 422
    assert (
        await desk.post(f"{entry_path(second)}/priority", data={"priority": "x", "priority_reason": "y"})
    ).status_code == 422
    answer = await desk.post(
        f"{entry_path(second)}/priority", data={"priority": "2", "priority_reason": "Health visitor"}
    )
    seen = await words(desk, answer.headers["location"])
    names = [(await Person.get(id=each.person_id)).name for each in (second, first)]
    assert seen.index(names[0]) < seen.index(names[1]) and "Priority 2: Health visitor" in seen


async def test_an_offer_out_of_turn_needs_a_reason(desk, line):
    _, booking, _, second = line
    await giving_up.give_up(booking_id=booking.id)
    refused = await desk.post(f"{entry_path(second)}/offer")
    assert refused.status_code == 422 and "Say why this family comes before others" in refused.text
    await desk.post(f"{entry_path(second)}/offer", data={"why": "Moves away"})
    assert await state_of(second) == "offered"
    seen = await words(desk, entry_path(second))
    assert "A place is kept for them until Wednesday 3 February at 10am" in seen


async def test_yes_and_no_on_the_telephone(desk, line):
    session, booking, first, second = line
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    await desk.post(f"{entry_path(first)}/answer", data={"answer": "no"})
    assert await state_of(first) == "left"
    await offering.offer_free_places()
    answer = await desk.post(f"{entry_path(second)}/answer", data={"answer": "yes"})
    assert "has a place. Reference" in await words(desk, answer.headers["location"])
    assert await state_of(second) == "booked" and (await Session.get(id=session.id)).taken == 1
    assert (await desk.post(f"{entry_path(second)}/answer", data={"answer": "yes"})).status_code == 422


async def test_taking_an_offer_back_needs_a_reason(desk, line):
    _, booking, first, _ = line
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    assert (await desk.post(f"{entry_path(first)}/withdraw", data={"then": "off"})).status_code == 422
    await desk.post(f"{entry_path(first)}/withdraw", data={"then": "off", "why": "Room is smaller"})
    assert await state_of(first) == "left"


async def test_more_places_are_offered_and_a_small_room_is_minded(desk, hub, line):
    session, _, first, _ = line
    room = await make.room(hub, capacity=1)
    await Session.filter(id=session.id).update(room_id=room.id)
    path = f"/staff/waiting/sessions/{session.id}"
    assert (await desk.post(f"{path}/places", data={"places": "0"})).status_code == 422
    await desk.post(f"{path}/places", data={"places": "2"})
    assert "the room is for 1 person" in await words(desk, path)
    assert await offering.offer_free_places() == 1 and await state_of(first) == "offered"
    refused = await desk.post(f"{path}/places", data={"places": "1"})
    assert refused.status_code == 422 and "2 places are taken or offered" in refused.text
    assert (await Session.get(id=session.id)).edited == "places"


async def test_who_had_no_message_is_to_be_rung(desk, line):
    _, booking, first, _ = line
    await Person.filter(id=first.person_id).update(channel="call", name="Rosa Quinn")
    await giving_up.give_up(booking_id=booking.id)
    await offering.offer_free_places()
    seen = await words(desk)
    assert "they hold an offer and have had no message" in seen and "Rosa Quinn" in seen


async def test_enough_who_wait_ask_for_another_run(desk, hub, line):
    session, *_ = line
    await waits(session, 3)
    seen = await words(desk)
    run = await Run.get(id=session.run_id)
    assert "3 waiting</strong> for" in seen
    assert f"/staff/plan/new?programme={run.programme_id}&amp;waiting_from={run.id}" in seen


async def test_texts_to_answer_are_counted_and_linked(desk, hub):
    await InboundMessage.create(
        provider_reference="SM1", sender="+447700900123", body="Can I bring my <b>sister</b>?", received_at=TEN,
        state="unclear", hub_id=hub.id,
    )  # fmt: skip
    assert '<a class="govuk-link" href="/staff/texts">1 text from families to answer</a>' in await words(desk)


async def test_the_pages_cost_the_same_however_many_wait(desk, line, count_queries):
    session, *_ = line
    paths = ("/staff/waiting", f"/staff/waiting/sessions/{session.id}")
    few = []
    for path in paths:
        with count_queries() as counted:
            await desk.get(path)
        few.append(counted.count)
    for n in range(12):
        await waits(session, 10 + n)
    for path, before in zip(paths, few, strict=True):
        with count_queries() as counted:
            await desk.get(path)
        assert counted.count == before


async def test_nobody_waits_anywhere(desk):
    assert "Nobody is waiting" in await words(desk)
    assert await open_offer_count() == 0


async def open_offer_count() -> int:
    return await Offer.filter(state="open").count()
