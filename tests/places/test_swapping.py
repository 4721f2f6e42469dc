"""The hub's own use before a partner's: asked with notice and another room, answered once, and displaced only in time."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.audit import AuditEvent
from booking.messages.models import Message
from booking.places import answering_swaps, changing_rooms, holding, swapping
from booking.places.changing_rooms import Wish
from booking.places.models import RoomBooking, RoomHold, RoomSwap
from booking.places.rooms import facts_of_one
from booking.places.swapping import Wanted
from booking.problems import Refused
from tests import make
from tests.places.who import staff_who


class Scene:
    """A partner has Main hall in twelve days from 10 to 12; the hub wants it, and Blue room is free."""

    async def set(self, days: int = 12):
        self.hub = await make.location(name="Ferndown Family Hub")
        self.maya = staff_who(await make.staff("hub_staff", self.hub.id), {self.hub.id})
        self.hall, self.blue = await make.room(self.hub, name="Main hall"), await make.room(self.hub, name="Blue room")
        self.partner = await make.organisation(name="Citizens Advice")
        self.booker = await make.booker(self.partner)
        self.day = clock.today() + timedelta(days=days)
        self.booking = await self.book(self.hall)
        self.wanted = Wanted("Open day", self.booking.starts_at, self.booking.ends_at, 30)
        return self

    async def book(self, room, start="10:00", end="12:00", **values):
        times = {"starts_at": clock.at(self.day, start), "ends_at": clock.at(self.day, end)}
        booking = await RoomBooking.create(
            **{
                "room": room,
                "kind": "partner",
                "organisation_id": self.partner.id,
                "booked_by_id": self.booker.id,
                **times,
            }
            | values
        )
        facts = await facts_of_one(room.id)
        await holding.hold([holding.hold_for(booking.id, facts, booking.starts_at, booking.ends_at)])
        return booking

    async def propose(self, **values):
        return await RoomSwap.get(id=await swapping.propose_swap(**{
            "room_booking_id": self.booking.id, "proposed_room_id": self.blue.id, "wanted": self.wanted,
            "why": "We host the county's open day.", "by": self.maya, "notice_days": 7,
        } | values))  # fmt: skip

    async def displace(self, swap):
        await answering_swaps.displace(swap_id=swap.id, by=self.maya, notice_days=7)

    async def rooms(self):
        """room name -> ids of the bookings that hold it"""
        found = await RoomHold.all().prefetch_related("room")
        return {hold.room.name: hold.room_booking_id for hold in found}


@pytest.fixture
async def scene(database):
    return await Scene().set()


async def refused(awaitable) -> set[str]:
    with pytest.raises(Refused) as error:
        await awaitable
    return error.value.rules


async def test_while_the_partner_is_asked_its_booking_stands_and_the_other_room_is_kept(scene):
    swap = await scene.propose()
    assert await scene.rooms() == {"Main hall": scene.booking.id, "Blue room": swap.kept_booking_id}
    waits = await RoomBooking.get(id=swap.for_booking_id)
    assert (waits.state, waits.kind, waits.title, waits.room_id) == ("requested", "hub", "Open day", scene.hall.id)
    mail = await Message.get(kind="room_swap")
    assert f"/swaps/{swap.token}" in mail.body and "Blue room" in mail.body and "open day" in mail.body


async def test_a_yes_moves_the_partner_and_gives_the_hub_its_room_in_one_go(scene):
    swap = await scene.propose()
    await answering_swaps.answer(token=swap.token, accepts=True)
    assert await scene.rooms() == {"Main hall": swap.for_booking_id, "Blue room": scene.booking.id}
    booking, waits = await RoomBooking.get(id=scene.booking.id), await RoomBooking.get(id=swap.for_booking_id)
    assert (booking.state, booking.room_id, booking.sequence) == ("confirmed", scene.blue.id, 1)
    assert waits.state == "confirmed" and (await RoomBooking.get(id=swap.kept_booking_id)).state == "cancelled"
    assert await Message.filter(kind="room_changed").count() == 1
    assert (await AuditEvent.get(verb="accept swap")).by_name == "Citizens Advice"


async def test_a_no_leaves_everything_but_the_other_room_stays_kept(scene):
    swap = await scene.propose()
    before = await scene.rooms()
    await answering_swaps.answer(token=swap.token, accepts=False)
    assert await scene.rooms() == before and (await RoomSwap.get(id=swap.id)).state == "refused"


async def test_it_is_answered_once(scene):
    swap = await scene.propose()
    await answering_swaps.answer(token=swap.token, accepts=True)
    for accepts in (True, False):
        assert await refused(answering_swaps.answer(token=swap.token, accepts=accepts)) == {"answered"}
    with pytest.raises(LookupError):
        await answering_swaps.answer(token="guessed", accepts=True)


@pytest.mark.parametrize(
    ("values", "rule"),
    [({"why": " "}, "missing"), ({"notice_days": 12}, "notice"), ({"proposed_room_id": db.new_id()}, "room")],
)
async def test_nobody_is_asked_without_notice_reason_and_another_room(scene, values, rule):
    assert rule in await refused(scene.propose(**values))
    assert await RoomSwap.all().count() == 0 and await RoomBooking.filter(kind="swap").count() == 0


async def test_the_other_room_must_be_free_and_large_enough(scene):
    await RoomBooking.filter(id=scene.booking.id).update(people=50)
    assert await refused(scene.propose()) == {"capacity"}
    await RoomBooking.filter(id=scene.booking.id).update(people=5)
    await scene.book(scene.blue, "11:00", "13:00")
    assert await refused(scene.propose()) == {"room taken"}


async def test_the_hub_must_need_it_and_nobody_else_be_in_its_way(scene):
    later = {"starts_at": clock.at(scene.day, "12:00"), "ends_at": clock.at(scene.day, "14:00")}
    assert await refused(scene.propose(wanted=Wanted("Open day", **later))) == {"free"}
    await scene.book(scene.hall, "12:00", "13:00")
    long = Wanted("Open day", scene.booking.starts_at, later["ends_at"])
    assert await refused(scene.propose(wanted=long)) == {"room taken"}


async def test_a_partner_is_asked_once_at_a_time_and_only_by_staff_of_the_hub(scene):
    await scene.propose()
    assert await refused(scene.propose(proposed_room_id=(await make.room(scene.hub)).id)) == {"asked"}
    other = await make.location()
    stranger = staff_who(await make.staff("hub_staff", other.id), {other.id})
    assert await refused(scene.propose(by=stranger)) == {"unknown"}


async def test_without_an_answer_staff_displace_it_in_time_and_the_partner_has_two_days(scene):
    swap = await scene.propose()
    assert await refused(scene.displace(swap)) == {"open"}
    with time_machine.travel(swap.answer_by_at + timedelta(minutes=1), tick=False):
        assert await answering_swaps.lapse_swaps() == 1
        swap = await RoomSwap.get(id=swap.id)
        assert swap.state == "lapsed"
        await scene.displace(swap)
        assert (await RoomBooking.get(id=scene.booking.id)).state == "displaced"
        assert await scene.rooms() == {"Main hall": swap.for_booking_id, "Blue room": swap.kept_booking_id}
        mail = await Message.get(kind="room_displaced")
        assert "Blue room" in mail.body and "open day" in mail.body
        await answering_swaps.answer(token=swap.token, accepts=True)
    assert await scene.rooms() == {"Main hall": swap.for_booking_id, "Blue room": scene.booking.id}
    assert (await RoomBooking.get(id=scene.booking.id)).state == "confirmed"


async def test_after_two_days_the_other_room_is_free_again(scene):
    swap = await scene.propose()
    await answering_swaps.answer(token=swap.token, accepts=False)
    await scene.displace(swap)
    with time_machine.travel(clock.now() + timedelta(days=2, minutes=1), tick=False):
        assert await answering_swaps.lapse_swaps() == 1
        assert await refused(answering_swaps.answer(token=swap.token, accepts=True)) == {"not kept"}
        assert await answering_swaps.lapse_swaps() == 0
    assert await scene.rooms() == {"Main hall": swap.for_booking_id}


async def test_too_near_the_day_nobody_is_displaced(scene):
    swap = await scene.propose()
    await answering_swaps.answer(token=swap.token, accepts=False)
    with time_machine.travel(scene.booking.starts_at - timedelta(days=6), tick=False):
        assert await refused(scene.displace(swap)) == {"notice"}


async def test_a_refusal_that_staff_leave_at_that_ends_the_hubs_wish(scene):
    swap = await scene.propose()
    await answering_swaps.answer(token=swap.token, accepts=False)
    with time_machine.travel(clock.now() + timedelta(days=2, minutes=1), tick=False):
        await answering_swaps.lapse_swaps()
        assert await refused(scene.displace(swap)) == {"changed"}
    assert (await RoomBooking.get(id=swap.for_booking_id)).state == "cancelled"
    assert await scene.rooms() == {"Main hall": scene.booking.id}


async def test_withdrawn_nothing_moves_and_the_link_says_so(scene):
    swap = await scene.propose()
    await answering_swaps.withdraw(swap_id=swap.id, by=scene.maya)
    assert await scene.rooms() == {"Main hall": scene.booking.id}
    assert await refused(answering_swaps.answer(token=swap.token, accepts=True)) == {"answered"}
    assert await refused(answering_swaps.withdraw(swap_id=swap.id, by=scene.maya)) == {"answered"}


async def test_a_booking_that_changed_meanwhile_is_not_swapped(scene):
    swap = await scene.propose()
    await RoomBooking.filter(id=scene.booking.id).update(state="cancelled")
    assert await refused(answering_swaps.answer(token=swap.token, accepts=True)) == {"changed"}
    assert (await RoomSwap.get(id=swap.id)).state == "open"


async def test_a_booking_at_another_time_than_the_partner_was_asked_for_is_neither_swapped_nor_displaced(scene):
    swap = await scene.propose()
    await changing_rooms.change(
        room_booking_id=scene.booking.id, scope="this", wish=Wish(start="13:00", end="15:00"), by=scene.maya
    )
    assert await refused(answering_swaps.answer(token=swap.token, accepts=True)) == {"changed"}
    await answering_swaps.answer(token=swap.token, accepts=False)
    assert await refused(scene.displace(swap)) == {"changed"}
    assert await scene.rooms() == {"Main hall": scene.booking.id, "Blue room": swap.kept_booking_id}


@pytest.mark.slow
async def test_of_many_answers_at_once_one_counts(real_database):
    scene = await Scene().set()
    swap = await scene.propose()
    answers = (answering_swaps.answer(token=swap.token, accepts=n % 2 == 0) for n in range(8))
    tries = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(each is None for each in tries) in (1, 2)  # a yes after a no still counts; nothing after a yes
    assert all(isinstance(each, Refused) for each in tries if each is not None)
    assert (await RoomSwap.get(id=swap.id)).state == "accepted"
    assert await scene.rooms() == {"Main hall": swap.for_booking_id, "Blue room": scene.booking.id}


@pytest.mark.slow
async def test_an_answer_and_a_withdrawal_at_once_end_in_one_of_the_two(real_database):
    scene = await Scene().set()
    swap = await scene.propose()
    tries = await asyncio.gather(
        answering_swaps.answer(token=swap.token, accepts=True),
        answering_swaps.withdraw(swap_id=swap.id, by=scene.maya),
        return_exceptions=True,
    )
    assert sum(each is None for each in tries) == 1
    state = (await RoomSwap.get(id=swap.id)).state
    assert (await scene.rooms())["Main hall"] == (swap.for_booking_id if state == "accepted" else scene.booking.id)
