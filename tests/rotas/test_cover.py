"""Asked to cover: the first yes has it, the others are thanked, and a yes that comes too late gets a kind answer."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.models import CoverAsk, Shift
from booking.rotas.repair import answering, asking, board, closing_asks, ill
from tests import make
from tests.rotas.covering import DAY, MORNING, Hub, left, messages, seats, state_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture
async def hub():
    with time_machine.travel(MORNING, tick=False):
        self = await Hub.make()
        await ill.report_ill(self.sam.id, DAY, DAY, self.tom)
        yield self


async def test_each_is_asked_once_by_their_channel(hub):
    found = await asking.ask(shift_id=hub.early.id, staff_ids=[hub.kim.id, hub.lee.id], by=hub.tom)
    assert (found.count, found.unreached, found.asked_before) == (2, (), ())
    again = await asking.ask(shift_id=hub.early.id, staff_ids=[hub.kim.id], by=hub.tom)
    assert (again.count, again.asked_before) == (0, ("Kim Day",))
    assert await messages(hub.kim) == ["cover_ask"]
    row = await db.row(
        "SELECT body, hub_id FROM message WHERE kind = 'cover_ask' AND person_id = $1", hub.kim.person_id
    )
    ask = await CoverAsk.get(staff_id=hub.kim.id)
    assert "Tue 12 Jan 9am" in row["body"] and f"/duties/ask/{ask.token}" in row["body"] and row["hub_id"] == hub.at.id


async def test_whom_no_message_reaches_is_said(hub):
    await db.execute("UPDATE person SET channel = 'none' WHERE id = $1", hub.kim.person_id)
    found = await asking.ask(shift_id=hub.early.id, staff_ids=[hub.kim.id], by=hub.tom)
    assert (found.count, found.unreached) == (0, ("Kim Day",))


async def test_nobody_is_asked_for_what_somebody_does_or_what_a_rule_is_against(hub):
    with pytest.raises(Refused, match="Choose whom"):
        await asking.ask(shift_id=hub.early.id, staff_ids=[], by=hub.tom)
    found = await asking.ask(shift_id=hub.early.id, staff_ids=[hub.sam.id], by=hub.tom)
    assert (found.count, found.unfit) == (0, ("Sam Green",)), "who is ill is not asked"
    await assigning.assign(hub.early.id, hub.kim.id, by=hub.tom, layers=assigning.BOTH)
    with pytest.raises(Refused, match="Somebody is in this duty"):
        await asking.ask(shift_id=hub.early.id, staff_ids=[hub.lee.id], by=hub.tom)


async def test_the_first_yes_has_it_and_the_others_are_thanked(hub):
    kim, lee = await hub.ask(hub.early, hub.kim, hub.lee)
    await left()
    assert (await answering.take(kim.id)).outcome == "yours"
    assert await seats(hub.early) == {"draft": hub.kim.id, "published": hub.kim.id}
    assert await messages(hub.kim) == ["cover_ask", "cover_yours"]
    assert await messages(hub.lee) == ["cover_ask", "cover_thanks"] and await state_of(lee) == "closed"
    assert (await answering.take(kim.id)).outcome == "yours", "said twice it is said once"
    assert await messages(hub.kim) == ["cover_ask", "cover_yours"]


async def test_who_had_not_heard_of_it_yet_hears_nothing(hub):
    kim, _ = await hub.ask(hub.early, hub.kim, hub.lee)
    await answering.take(kim.id)
    assert await messages(hub.lee) == []


async def test_a_question_that_was_answered_before_it_left_is_not_sent(hub):
    kim, lee = await hub.ask(hub.early, hub.kim, hub.lee)
    await answering.decline(lee.id)
    assert await messages(hub.lee) == []
    await answering.take(kim.id)
    assert await messages(hub.kim) == ["cover_yours"]


async def test_a_yes_long_after_gets_a_kind_answer_once(hub):
    kim, lee = await hub.ask(hub.early, hub.kim, hub.lee)
    await left()
    await answering.take(kim.id)
    with time_machine.travel(MORNING + timedelta(hours=3), tick=False):
        assert (await answering.take(lee.id)).outcome == "gone"
        assert (await answering.take(lee.id)).outcome in ("gone", "thanks")
    assert await messages(hub.lee) == ["cover_ask", "cover_thanks", "cover_gone"] and await state_of(lee) == "late"


async def test_no_is_written_down_and_can_become_yes(hub):
    kim, _ = await hub.ask(hub.early, hub.kim, hub.lee)
    assert (await answering.decline(kim.id)).outcome == "no" and await state_of(kim) == "no"
    assert (await answering.take(kim.id)).outcome == "yours"
    assert (await answering.decline(kim.id)).outcome == "yours", "what one has said yes to is a manager's to change"


async def test_somebody_who_is_on_another_duty_by_now_is_told_why_not(hub):
    (kim,) = await hub.ask(hub.early, hub.kim)
    other = await hub.shift(start="10:00", end="12:00")
    await assigning.assign(other.id, hub.kim.id, by=hub.tom, layers=assigning.BOTH)
    found = await answering.take(kim.id)
    assert found.outcome == "unfit" and "two duties at once" in found.words
    assert await seats(hub.early) == {} and await state_of(kim) == "unfit"
    assert "cover_gone" in await messages(hub.kim)
    lee = (await hub.ask(hub.early, hub.lee))[0]
    assert (await answering.take(lee.id)).outcome == "yours", "it is still open for others"


async def test_a_yes_after_the_shift_moved_takes_nothing(hub):
    (kim,) = await hub.ask(hub.early, hub.kim)
    await Shift.filter(id=hub.early.id).update(starts_at=clock.at(DAY, "15:00"), ends_at=clock.at(DAY, "18:00"))
    assert (await answering.take(kim.id)).outcome == "gone"
    assert await seats(hub.early) == {} and "cover_gone" in await messages(hub.kim)


async def test_a_yes_after_the_session_was_cancelled_takes_nothing_and_the_others_hear_of_it(hub):
    kim, lee = await hub.ask(hub.early, hub.kim, hub.lee)
    await left()
    await Shift.filter(id=hub.early.id).update(state="cancelled")
    assert (await answering.take(kim.id)).outcome == "gone"
    assert await closing_asks.settle() == 1 and await closing_asks.settle() == 0
    assert await messages(hub.lee) == ["cover_ask", "cover_gone"] and await state_of(lee) == "closed"


async def test_what_following_closed_without_a_word_is_said_once(hub):
    (kim,) = await hub.ask(hub.early, hub.kim)
    await left()
    await Shift.filter(id=hub.early.id).update(state="cancelled")
    await CoverAsk.filter(id=kim.id).update(state="closed", answered_at=clock.now())
    assert await closing_asks.settle() == 1 and await closing_asks.settle() == 0
    assert await messages(hub.kim) == ["cover_ask", "cover_gone"]


async def test_a_manager_who_was_first_has_the_last_word(hub):
    kim, lee = await hub.ask(hub.early, hub.kim, hub.lee)
    await left()
    await assigning.assign(hub.early.id, hub.lee.id, by=hub.tom, layers=assigning.BOTH)
    assert (await answering.take(kim.id)).outcome == "thanks"
    assert (await seats(hub.early))["published"] == hub.lee.id
    await closing_asks.settle()
    assert await messages(hub.kim) == ["cover_ask", "cover_thanks"] and await state_of(lee) == "closed"


async def test_a_duty_that_somebody_declined_goes_to_who_says_yes_and_they_are_told(hub):
    shift = await hub.shift(days=1)
    ada = await hub.worker("Ada Lane", 4)
    await make.assignment(shift, ada, answer="declined", answer_words="The car")
    (kim,) = await hub.ask(shift, hub.kim)
    assert (await answering.take(kim.id)).outcome == "yours"
    assert (await seats(shift))["published"] == hub.kim.id
    assert await messages(ada) == ["duty_changed"]


async def test_it_is_asked_again_when_nobody_answered_in_time(hub):
    (first,) = await hub.ask(hub.early, hub.kim)
    await db.execute("UPDATE cover_ask SET expires_at = $1", clock.now() - timedelta(minutes=1))
    found = await asking.ask(shift_id=hub.early.id, staff_ids=[hub.kim.id], by=hub.tom)
    assert found.count == 1 and await state_of(first) == "closed"


async def test_undoing_the_report_closes_what_was_asked(hub):
    (kim,) = await hub.ask(hub.early, hub.kim)
    await left()
    event = await db.value("SELECT id FROM audit_event WHERE verb = 'report ill'")
    await ill.undo(event_id=event, by=hub.tom)
    assert await state_of(kim) == "closed" and await messages(hub.kim) == ["cover_ask", "cover_gone"]
    assert (await answering.take(kim.id)).outcome == "gone"
    assert (await seats(hub.early))["published"] == hub.sam.id


async def test_a_restricted_duty_is_its_time_and_nothing_else(hub):
    await db.execute("UPDATE location SET is_restricted = TRUE, name = 'Refuge' WHERE id = $1", hub.at.id)
    await hub.ask(hub.early, hub.kim)
    row = await db.row("SELECT body, is_discreet FROM message WHERE kind = 'cover_ask'")
    assert "Refuge" not in row["body"] and "Tue 12 Jan 9am" in row["body"] and row["is_discreet"]


async def test_the_board_shows_what_is_open_declined_or_broken_soonest_first(hub):
    declined, fine = await hub.shift(days=1), await hub.shift(days=2)
    ada = await hub.worker("Ada Lane", 4)
    await make.assignment(declined, ada, answer="declined", answer_words="The car")
    await make.assignment(fine, ada)
    found = await board.read(hub.tom, DAY, DAY + timedelta(days=6))
    assert [each.duty.id for each in found.reds] == [hub.early.id, hub.late.id, declined.id]
    assert found.reds[0].words == ("Nobody does it.",) and found.reds[2].words == ("Ada Lane cannot: The car.",)
    assert {each.worker.name for each in found.reds[0].could} == {"Kim Day", "Lee Fox", "Ada Lane"}
    assert await board.open_on(hub.tom, DAY) == 2 and await board.open_on(hub.tom, DAY + timedelta(days=1)) == 0


async def test_whoever_said_that_they_could_comes_first_then_the_nearest(hub):
    await db.execute("UPDATE staff_profile SET base_id = NULL, lat = 50.9, lon = -1.9 WHERE id = $1", hub.kim.id)
    red = (await board.read(hub.tom, DAY, DAY)).reds[0]
    assert [each.worker.name for each in red.could] == ["Lee Fox", "Kim Day"]
    await db.execute(
        "INSERT INTO willing (id, shift_id, staff_id, at) VALUES ($1, $2, $3, $4)", db.new_id(), hub.early.id, hub.kim.id, clock.now()
    )  # fmt: skip
    red = (await board.read(hub.tom, DAY, DAY)).reds[0]
    assert [each.worker.name for each in red.could] == ["Kim Day", "Lee Fox"]


async def test_what_is_merely_unplanned_is_not_red(hub):
    await hub.shift(days=20)
    assert (await board.read(hub.tom, DAY + timedelta(days=7), DAY + timedelta(days=27))).reds == ()
