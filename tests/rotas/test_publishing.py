"""The draft becomes what people are told, as one act: who is told what, what stops it, and how it is undone."""

from datetime import date, timedelta

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas import assigning, publishing, telling, undoing_publishing
from booking.rotas.models import Assignment, Publication
from tests import make
from tests.rotas.making import who_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
DAY, LAST = date(2027, 1, 12), date(2027, 1, 24)


class Hub:
    """Ferndown, whose manager is Tom, with Sam and Ada; nobody has to be two there unless a test says so."""

    @classmethod
    async def make(cls, **values):
        self = cls()
        self.at = await make.location(
            name="Ferndown Family Hub", hub_name="Ferndown Family Hub", needs_two=False, **values
        )
        self.tom = who_of(await make.staff("hub_manager", self.at.id, name="Tom Field"), self.at.id)
        self.sam, self.ada = await self.worker("Sam Green"), await self.worker("Ada Lane")
        return self

    async def worker(self, name):
        member = await make.worker(self.at, known_as=name, gets_invites=True)
        await Person.filter(id=member.person_id).update(channel="email")
        return member

    async def shift(self, days=0, **values):
        return await make.shift(self.at, date=DAY + timedelta(days=days), **values)

    async def publish(self, **values):
        return await publishing.publish(self.at.id, DAY, LAST, by=self.tom, **values)

    async def preview(self):
        return await publishing.preview(self.at.id, DAY, LAST, by=self.tom)


@pytest.fixture
async def hub(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(date(2027, 1, 4), "10:00"))
    return await Hub.make()


async def published():
    rows = await db.rows("SELECT * FROM assignment WHERE layer = 'published' ORDER BY shift_id")
    return {row["shift_id"]: row["staff_id"] for row in rows}


async def kinds():
    return sorted(row["kind"] for row in await db.rows("SELECT kind FROM message WHERE state <> 'void'"))


async def test_the_draft_is_published_and_each_person_gets_one_message(hub):
    one, two, three = [await hub.shift(n) for n in range(3)]
    await make.assignment(one, hub.sam, "draft")
    await make.assignment(two, hub.sam, "draft")
    await make.assignment(three, hub.ada, "draft")
    done = await hub.publish()
    assert await published() == {one.id: hub.sam.id, two.id: hub.sam.id, three.id: hub.ada.id}
    assert [(each.name, len(each.news.new)) for each in done.told] == [("Ada Lane", 1), ("Sam Green", 2)]
    assert await kinds() == ["duty_invite"] * 3 + ["rota_published"] * 2
    due = await db.value("SELECT MIN(due_at) AS due_at FROM message")
    assert due == done.undo_until == clock.now() + timedelta(minutes=10)


async def test_the_preview_is_the_act_itself_and_changes_nothing(hub):
    shift = await hub.shift()
    await make.assignment(shift, hub.sam, "draft")
    seen = await hub.preview()
    assert await published() == {} and await kinds() == [] and await Publication.all().count() == 0
    done = await hub.publish(seen=seen.seen)
    assert (done.told, done.changes, done.kept) == (seen.told, seen.changes, seen.kept)


async def test_whose_duties_do_not_change_is_not_told(hub):
    kept, given = await hub.shift(), await hub.shift(1)
    await make.assignment(kept, hub.ada)
    await make.assignment(given, hub.sam, "draft")
    done = await hub.publish()
    assert [each.name for each in done.told] == ["Sam Green"]
    assert done.kept == {hub.ada.id: 1} and done.unmoved == 1


async def test_who_loses_a_duty_and_who_gets_it_are_both_told(hub):
    shift, empty = await hub.shift(), await hub.shift(1)
    await make.assignment(shift, hub.sam, "published")
    await make.assignment(shift, hub.ada, "draft")
    await make.assignment(empty, hub.ada, "published")
    done = await hub.publish()
    told = {each.name: (len(each.news.new), len(each.news.gone)) for each in done.told}
    assert told == {"Sam Green": (0, 1), "Ada Lane": (1, 1)}
    assert await published() == {shift.id: hub.ada.id}
    assert list(done.open) == [empty.id]


async def test_what_has_begun_is_never_touched(hub, monkeypatch):
    shift, later = await hub.shift(), await hub.shift(1)
    await make.assignment(shift, hub.sam, "draft")
    await make.assignment(later, hub.sam, "draft")
    monkeypatch.setattr(clock, "now", lambda: shift.starts_at)
    await hub.publish()
    assert await published() == {later.id: hub.sam.id}


async def test_nothing_new_is_said_to_be_nothing(hub):
    await make.assignment(await hub.shift(), hub.sam)
    with pytest.raises(Refused) as refused:
        await hub.publish()
    assert refused.value.rules == {"nothing"} and await kinds() == []


async def test_somebody_alone_in_a_building_stops_it_until_a_manager_says_why(hub):
    await db.execute("UPDATE location SET needs_two = $1 WHERE id = $2", True, hub.at.id)
    shift = await hub.shift()
    await make.assignment(shift, hub.sam, "draft")
    assert [one.rule for one in (await hub.preview()).broken] == ["alone"]
    with pytest.raises(Refused) as refused:
        await hub.publish()
    assert [each.level for each in refused.value.problems] == ["needs_approval"] and await published() == {}
    await hub.publish(reason="The library is staffed too")
    row = await Assignment.get(shift_id=shift.id, layer="published")
    assert (row.overridden, row.override_reason, row.override_by_id) == (
        "alone",
        "The library is staffed too",
        hub.tom.id,
    )


async def test_what_a_manager_set_aside_before_is_not_asked_again(hub):
    await db.execute("UPDATE location SET needs_two = $1 WHERE id = $2", True, hub.at.id)
    await make.assignment(await hub.shift(), hub.sam, "draft", overridden="alone", override_reason="Library")
    assert (await hub.preview()).broken == ()


async def test_two_managers_one_wins_and_the_other_reads_who_did(hub):
    await make.assignment(await hub.shift(), hub.sam, "draft")
    first, second = await hub.preview(), await hub.preview()
    await hub.publish(seen=first.seen)
    with pytest.raises(Refused) as refused:
        await hub.publish(seen=second.seen)
    assert refused.value.problems[0].words.startswith("Tom Field published this rota at 10am.")
    assert (await kinds()).count("rota_published") == 1


async def test_a_draft_that_changed_since_it_was_seen_is_shown_again(hub):
    shift = await hub.shift()
    await make.assignment(shift, hub.sam, "draft")
    seen = await hub.preview()
    await assigning.assign(shift.id, hub.ada.id, by=hub.tom)
    with pytest.raises(Refused) as refused:
        await hub.publish(seen=seen.seen)
    assert refused.value.rules == {"meanwhile"} and await published() == {}


async def test_two_overlapping_periods_tell_each_duty_once(hub):
    one, two = await hub.shift(), await hub.shift(3)
    await make.assignment(one, hub.sam, "draft")
    await make.assignment(two, hub.sam, "draft")
    await publishing.publish(hub.at.id, DAY, DAY + timedelta(days=2), by=hub.tom)
    await publishing.publish(hub.at.id, DAY, LAST, by=hub.tom)
    entries = await db.rows("SELECT session_id FROM message WHERE kind = 'duty_invite'")
    assert sorted(row["session_id"] for row in entries) == sorted([one.id, two.id])


async def test_a_duty_still_published_elsewhere_at_that_time_stops_it_with_words(hub):
    other = await make.location(name="Wimborne Library", hub_name="Wimborne Family Hub", needs_two=False)
    there, here = await make.shift(other, date=DAY), await hub.shift()
    await make.assignment(there, hub.sam, "published")
    await make.assignment(here, hub.sam, "draft")
    with pytest.raises(Refused) as refused:
        await hub.preview()
    assert "Sam Green has a published duty of Wimborne Family Hub on Tue 12 Jan" in str(refused.value)


async def test_killed_half_way_nothing_of_it_stays(hub, monkeypatch):
    await make.assignment(await hub.shift(), hub.sam, "draft")

    async def die(*_, **__):
        raise RuntimeError("killed")

    monkeypatch.setattr(telling, "tell", die)
    with pytest.raises(RuntimeError):
        await hub.publish()
    assert await published() == {} and await Publication.all().count() == 0


async def layer():
    rows = await db.rows("SELECT * FROM assignment WHERE layer = 'published' ORDER BY id")
    return rows


async def test_undone_it_is_exactly_as_it_was_and_nobody_hears(hub):
    one, two, three = [await hub.shift(n) for n in range(3)]
    await make.assignment(one, hub.sam, "published", answer="accepted", answered_at=clock.now(), is_pinned=True)
    await make.assignment(one, hub.ada, "draft")
    await make.assignment(two, hub.sam, "draft")
    await make.assignment(three, hub.ada, "published", source="swap")
    before = await layer()
    done = await hub.publish()
    assert await layer() != before
    assert await undoing_publishing.undo(publication_id=done.id, by=hub.tom) == 0
    assert await layer() == before and await kinds() == []
    assert (await Publication.get(id=done.id)).state == "undone"
    with pytest.raises(Refused) as refused:
        await undoing_publishing.undo(publication_id=done.id, by=hub.tom)
    assert refused.value.rules == {"undone"}


async def test_undone_and_published_again_everybody_is_told(hub):
    await make.assignment(await hub.shift(), hub.sam, "draft")
    done = await hub.publish()
    await undoing_publishing.undo(publication_id=done.id, by=hub.tom)
    await hub.publish()
    assert await kinds() == ["duty_invite", "rota_published"]


async def test_undo_says_what_has_changed_since_and_leaves_it(hub):
    shift = await hub.shift()
    await make.assignment(shift, hub.sam, "draft")
    done = await hub.publish()
    await assigning.assign(shift.id, hub.ada.id, by=hub.tom, layers=assigning.BOTH)
    with pytest.raises(Refused) as refused:
        await undoing_publishing.undo(publication_id=done.id, by=hub.tom)
    assert str(refused.value) == "The duty of Tue 12 Jan, 9am is Ada Lane’s now: somebody has changed it since."
    assert await published() == {shift.id: hub.ada.id}


async def test_after_ten_minutes_it_stands(hub, monkeypatch):
    await make.assignment(await hub.shift(), hub.sam, "draft")
    done = await hub.publish()
    monkeypatch.setattr(clock, "now", lambda: done.undo_until)
    with pytest.raises(Refused) as refused:
        await undoing_publishing.undo(publication_id=done.id, by=hub.tom)
    assert refused.value.rules == {"too late"}


async def test_sent_at_once_and_undone_whoever_heard_hears_that_it_was_taken_back(hub):
    shift = await hub.shift()
    await make.assignment(shift, hub.sam, "draft")
    await make.assignment(await hub.shift(1), hub.ada, "draft")
    done = await hub.publish()
    assert await undoing_publishing.send_now(publication_id=done.id, by=hub.tom) == 4
    await db.execute(
        "UPDATE message SET state = 'sent', sent_at = due_at, attempts = 1 WHERE person_id = $1", hub.sam.person_id
    )
    assert await undoing_publishing.undo(publication_id=done.id, by=hub.tom) == 1
    rows = await db.rows("SELECT person_id, kind, body, calendar FROM message WHERE state = 'queued' ORDER BY kind")
    assert [row["kind"] for row in rows] == ["duty_changed", "duty_invite"]
    assert {row["person_id"] for row in rows} == {hub.sam.person_id}
    assert undoing_publishing.TAKEN_BACK in rows[0]["body"] and "METHOD:CANCEL" in rows[1]["calendar"]


async def test_publishing_is_in_the_trail(hub):
    await make.assignment(await hub.shift(), hub.sam, "draft")
    done = await hub.publish()
    event = await db.row("SELECT verb, by_name, hub_id FROM audit_event WHERE id = $1", done.id)
    assert event == {"verb": "publish rota", "by_name": "Tom Field", "hub_id": hub.at.id}


async def test_undoing_remembers_every_column_of_an_assignment():
    columns = set(Assignment._meta.fields_db_projection.values())
    assert columns == {*publishing.KEPT, "shift_id", "layer", "starts_at", "ends_at"}
