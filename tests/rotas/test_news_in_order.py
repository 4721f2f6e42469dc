"""News about one duty leaves in the order in which it came to be, however much of it waits."""

from datetime import timedelta

import pytest

from booking import audit, clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas import assigning, calendar_mails, publishing, undoing_publishing
from booking.rotas.needs import extra
from booking.rotas.repair import accepting, answering, asking, ill
from tests import make
from tests.rotas.making import who_of

pytestmark = pytest.mark.usefixtures("database")


class Here:
    """A worker with three published duties, of which they have not heard yet; their hub and its manager."""

    async def fill(self):
        self.hub = await make.location(needs_two=False)
        self.tom = who_of(await make.staff("hub_manager", self.hub.id), self.hub.id)
        self.sam = await make.worker(self.hub, gets_invites=True)
        self.days = [clock.today() + timedelta(days=n) for n in (9, 10, 11)]
        self.shifts = [await make.shift(self.hub, date=day) for day in self.days]
        for each in self.shifts:
            await make.assignment(each, self.sam, "draft")
        await Person.all().update(channel="email")
        await self.publish()
        return self

    async def publish(self):
        await publishing.publish(self.hub.id, self.days[0], self.days[-1], by=self.tom, reason="A test")

    async def entries(self, shift):
        rows = await db.rows(
            "SELECT calendar_method FROM message WHERE session_id = $1 AND kind = 'duty_invite' ORDER BY due_at",
            shift.id,
        )
        return [row["calendar_method"] for row in rows]


async def test_a_duty_that_is_cancelled_leaves_the_calendar_after_it_has_come_into_it():
    here = await Here().fill()
    for each in here.shifts:
        await extra.cancel(each.id, by=here.tom)
        assert await here.entries(each) == ["REQUEST", "CANCEL"]


async def test_whoever_loses_a_duty_and_says_yes_to_it_again_has_it_in_their_calendar_last():
    here = await Here().fill()
    await db.execute("DELETE FROM assignment WHERE layer = 'draft'")
    await here.publish()
    await asking.ask(shift_id=here.shifts[2].id, staff_ids=[here.sam.id], by=here.tom)
    ask_id = await db.value("SELECT id FROM cover_ask")
    assert (await answering.take(ask_id)).outcome == "yours"
    assert await here.entries(here.shifts[2]) == ["REQUEST", "CANCEL", "REQUEST"]


async def test_what_has_moved_since_it_was_published_is_not_taken_back_in_silence():
    here = await Here().fill()
    publication = await db.value("SELECT id FROM publication")
    await db.execute("UPDATE shift SET moved_at = $1 WHERE id = $2", clock.now(), here.shifts[0].id)
    with pytest.raises(Refused) as refused:
        await undoing_publishing.undo(publication_id=publication, by=here.tom)
    assert refused.value.rules == {"changed"} and "people have been told" in str(refused.value)


async def test_what_is_sent_at_once_does_not_overtake_what_waits_for_the_same_person():
    here = await Here().fill()
    first = await db.value("SELECT id FROM publication")
    await db.execute("DELETE FROM assignment WHERE layer = 'draft' AND shift_id = $1", here.shifts[1].id)
    await here.publish()
    second = await db.value("SELECT id FROM publication WHERE id <> $1", first)
    assert await undoing_publishing.send_now(publication_id=second, by=here.tom) == 0
    assert await here.entries(here.shifts[1]) == ["REQUEST", "CANCEL"]
    assert await undoing_publishing.send_now(publication_id=first, by=here.tom) == 6
    rows = await db.rows("SELECT id FROM message WHERE due_at > $1", clock.now())
    assert rows == [], "what had to wait leaves with what it waited for"


async def test_what_was_given_away_and_back_since_it_was_published_is_not_taken_back_in_silence():
    here = await Here().fill()
    publication = await db.value("SELECT id FROM publication")
    kim, id = await make.worker(here.hub, gets_invites=True), here.shifts[0].id
    for before, after in ((here.sam, kim), (kim, here.sam)):
        await accepting.accept({id: (before.id, after.id)}, by=here.tom)
    assert await here.entries(here.shifts[0]) == ["REQUEST", "CANCEL", "REQUEST", "CANCEL", "REQUEST"]
    with pytest.raises(Refused) as refused:
        await undoing_publishing.undo(publication_id=publication, by=here.tom)
    assert "changed and changed back since" in str(refused.value)


async def test_what_a_calendar_has_got_since_it_was_published_is_not_taken_back_in_silence():
    here = await Here().fill()
    await calendar_mails.choose(staff_id=here.sam.id, wants=False, by=None)
    await calendar_mails.choose(staff_id=here.sam.id, wants=True, by=None)
    with pytest.raises(Refused, match="people have been told"):
        await undoing_publishing.undo(publication_id=await db.value("SELECT id FROM publication"), by=here.tom)


async def test_of_two_publications_the_first_is_undone_after_the_second_and_nobody_hears():
    here = await Here().fill()
    first = await db.value("SELECT id FROM publication")
    await assigning.unassign(here.shifts[0].id, by=here.tom)
    await here.publish()
    second = await db.value("SELECT id FROM publication WHERE id <> $1", first)
    for each in (second, first):
        assert await undoing_publishing.undo(publication_id=each, by=here.tom) == 0
    assert await db.rows("SELECT id FROM message WHERE state <> 'void'") == []


async def test_who_is_well_again_hears_of_what_has_moved_meanwhile_and_of_nothing_else():
    here = await Here().fill()
    done = await ill.report_ill(here.sam.id, here.days[0], here.days[1], here.tom)
    moved, same = here.shifts[0], here.shifts[1]
    at = {"starts_at": clock.at(here.days[0], "10:00"), "ends_at": clock.at(here.days[0], "13:00")}
    await make.Shift.filter(id=moved.id).update(start_time="10:00", end_time="13:00", **at)
    before = {name: getattr(moved, name).isoformat() for name in at} | {"staff": None}
    after = {name: each.isoformat() for name, each in at.items()} | {"staff": None}
    await audit.record("follow shift", about_kind="shift", about_id=moved.id, by=None, before=before, after=after)
    await ill.undo(event_id=done.id, by=here.tom)
    rows = await db.rows(
        "SELECT session_id, calendar FROM message WHERE kind = 'duty_invite' AND state <> 'void' ORDER BY due_at, id"
    )
    last = {row["session_id"]: row["calendar"] for row in rows}
    assert "T100000" in last[moved.id] and "METHOD:REQUEST" in last[moved.id]
    assert [row["session_id"] for row in rows].count(same.id) == 1
