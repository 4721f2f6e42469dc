"""When a notice leaves, what its preview says of that, and taking it back."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import claims
from booking.problems import Refused
from booking.programmes.notices import notice_lists, queueing_notices, sending_notices
from tests import make
from tests.programmes.notices_of import ADMIN, NOON, booked, look, messages, write

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
async def session():
    return await make.session()


async def test_until_it_leaves_it_can_be_undone(session, at_noon):
    await booked(session)
    sent = await write(session)
    assert await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN) == sending_notices.Undone(0, 3)
    at_noon.shift(timedelta(minutes=11))
    await queueing_notices.queue_due()
    assert await messages() == []
    with pytest.raises(Refused) as refused:
        await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN)
    assert refused.value.rules == {"undone"}


async def test_undone_half_way_it_says_how_many_had_left(session):
    await booked(session)
    sent = await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    first, second, _ = await messages()
    await db.execute("UPDATE message SET state = 'delivered' WHERE id = $1", first["id"])
    await db.execute("UPDATE message SET state = 'claimed', may_have_left = $2 WHERE id = $1", second["id"], True)
    assert await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN) == sending_notices.Undone(2, 1)
    assert len(await messages(state="void")) == 2


async def test_what_has_left_altogether_cannot_be_undone(session):
    await booked(session)
    sent = await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    await db.execute("UPDATE message SET state = 'sent'")
    with pytest.raises(Refused) as refused:
        await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN)
    assert refused.value.rules == {"too late"}
    assert (await notice_lists.find_one(ADMIN, sent.notice_id))["state"] == "sent"


async def test_send_now_leaves_at_once_and_only_what_waits(session):
    await booked(session)
    sent = await write(session)
    await sending_notices.send_now(notice_id=sent.notice_id, by=ADMIN)
    await queueing_notices.queue_due()
    assert len(await messages()) == 3
    with pytest.raises(Refused):
        await sending_notices.send_now(notice_id=sent.notice_id, by=ADMIN)


async def test_the_preview_changes_nothing_and_shows_what_leaves(session):
    await booked(session, 2)
    await booked(session, 1, channel="email", email="bea@families.example")
    seen = await look(session, mail="A longer letter.", subject="Parking")
    assert (seen.people, seen.texts, seen.mails, seen.parts) == (3, 2, 1, 2 * seen.parts_each)
    assert (
        await db.value("SELECT COUNT(*) AS n FROM notice") == await db.value("SELECT COUNT(*) AS n FROM message") == 0
    )
    await write(session, undo_minutes=0, mail="A longer letter.", subject="Parking")
    await queueing_notices.queue_due()
    rows = await messages()
    assert sum(row["parts"] for row in rows) == seen.parts
    text = next(row for row in rows if row["channel"] == "sms")["body"]
    assert seen.sample("sms").body.split("/m/")[0] == text.split("/m/")[0]


@pytest.mark.parametrize(
    ("now", "wanted", "leaves"),
    [
        ("2027-03-27T12:00:00Z", ("2027-03-28", "09:00"), "2027-03-28T08:00:00+00:00"),  # the clocks went on that night
        ("2027-10-30T12:00:00Z", ("2027-10-31", "09:00"), "2027-10-31T09:00:00+00:00"),  # and back again
    ],
)
async def test_a_time_that_was_chosen_is_the_one_on_the_wall(now, wanted, leaves):
    from datetime import date

    with time_machine.travel(now, tick=False) as travelled:
        session = await make.session()
        await booked(session, 1)
        sent = await write(session, due_at=clock.at(date.fromisoformat(wanted[0]), wanted[1]))
        assert sent.due_at.isoformat() == leaves
        travelled.move_to(sent.due_at - timedelta(seconds=1))
        assert (await queueing_notices.queue_due()).queued == 0
        travelled.move_to(sent.due_at)
        assert (await queueing_notices.queue_due()).queued == 1


async def test_what_falls_into_the_quiet_hours_is_said(session):
    await booked(session, 2)
    await booked(session, 1, channel="email", email="bea@families.example")
    evening = clock.at(clock.today(), "21:30")
    seen = await look(session, due_at=evening)
    assert [(n, clock.local(at).strftime("%H:%M")) for n, at in seen.later] == [(2, "08:00")]


async def test_what_a_worker_is_sending_is_not_sent_after_undo(session):
    await booked(session, 1)
    sent = await write(session, undo_minutes=0)
    await queueing_notices.queue_due()
    [row] = await claims.claim("worker", ["sms"], 10)
    await sending_notices.undo(notice_id=sent.notice_id, by=ADMIN)
    assert await claims.begin(row) is False
