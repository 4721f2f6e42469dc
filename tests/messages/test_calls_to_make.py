"""Calls that staff make: who sees which, when they may be made, and how they end."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from booking import audit, clock, db
from booking.messages import calls, hours, outbox
from booking.messages.delivery import deliver_due
from booking.people.signing_in import Who
from booking.problems import Refused
from tests import make
from tests.messages import examples
from tests.messages.queueing import row

pytestmark = pytest.mark.usefixtures("emptied")
NOON = clock.at(date(2027, 6, 1), "12:00")


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr(hours, "_county", hours.Hours("20:00", "08:00"))
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


async def staff(*hubs, kinds=("hub_staff",)) -> Who:
    person = await make.person(name="Maya")
    return Who(person.id, "Maya", None, "", "", "", frozenset(kinds), frozenset(hubs))


async def to_ring(hub_id, said=None, **person):
    person = await make.person(**{"channel": "call", "name": "Carla Call"} | person)
    [queued] = await outbox.queue(
        person=person, kind="cancellation", about=("booking", uuid4()), dedupe_key=f"c:{uuid4()}", hub_id=hub_id,
        facts={"said": said or examples.said(), "reason": "Snow.", "alternatives_path": "/", "token": "abc"},
        expires_at=clock.now() + timedelta(days=2),
    )  # fmt: skip
    return await row(queued.id)


async def listed(who, **options):
    return [each.id for each in await calls.to_make(who, **options)]


async def test_who_wants_calls_is_on_the_list_of_that_hub_with_what_to_say():
    hub, other = uuid4(), uuid4()
    made = await to_ring(hub, contact_words="Ask for Carla, not her mother.")
    [call] = await calls.to_make(await staff(hub))
    assert (call.name, call.phone_words[:2], call.contact_words) == (
        "Carla Call",
        "07",
        "Ask for Carla, not her mother.",
    )
    assert "Stay and play" in call.words and "Snow" in call.words and "http" not in call.words and call.from_at is None
    assert await listed(await staff(other)) == [] and await listed(await staff()) == []
    assert await listed(await staff(kinds=("county_admin",))) == [made["id"]]
    assert await listed(await staff(hub, other), hub_id=other) == []


async def test_discreet_ones_are_for_staff_of_that_very_hub_who_read_how_careful_to_be():
    hub = uuid4()
    of_session = await to_ring(hub, said=examples.discreet())
    of_person = await to_ring(hub, is_discreet=True, phone="+441202000001")
    assert sorted(await listed(await staff(hub))) == sorted([of_session["id"], of_person["id"]])
    assert await listed(await staff(kinds=("county_admin",))) == []
    found = {call.id: call for call in await calls.to_make(await staff(hub))}
    assert all("no message left" in call.careful[0] and "play" not in call.words for call in found.values())
    assert len(found[of_person["id"]].careful) == 2, "it is no mobile"


async def test_before_the_window_opens_it_says_from_when():
    hub = uuid4()
    made = await to_ring(hub, safe_from="16:30", safe_to="18:00")
    now = await to_ring(hub)
    first, second = await calls.to_make(await staff(hub))
    assert (first.id, first.from_at) == (now["id"], None)
    assert (second.id, second.from_at) == (made["id"], clock.at(date(2027, 6, 1), "16:30"))
    assert second.safe_words == "4:30pm to 6pm"


async def test_who_could_only_be_rung_too_late_is_said_not_to_have_been_told():
    hub = uuid4()
    made = await to_ring(hub, safe_from="09:00", safe_to="10:00")
    await db.execute("UPDATE message SET expires_at = $1 WHERE id = $2", clock.now() + timedelta(hours=2), made["id"])
    [call] = await calls.to_make(await staff(hub))
    assert call.is_too_late


async def test_spoken_to_is_sent_with_who_and_how_and_twice_is_once():
    hub = uuid4()
    made, who = await to_ring(hub), await staff(hub)
    assert [await calls.settle(made["id"], who, "spoke", "Will tell her sister.") for _ in range(2)] == [True, False]
    now = await row(made["id"])
    assert (
        (now["state"], now["handled_by_id"]) == ("sent", who.id) and "sister" in now["handled_words"] and now["sent_at"]
    )
    assert await audit.AuditEvent.filter(verb="rang family", about_id=made["about_id"]).count() == 1
    assert await listed(who) == []


async def test_no_answer_comes_back_in_two_hours(noon):
    hub = uuid4()
    made, who = await to_ring(hub), await staff(hub)
    assert [await calls.settle(made["id"], who, "no answer") for _ in range(2)] == [True, False]
    [call] = await calls.to_make(who)
    assert (call.from_at, call.tried) == (clock.now() + timedelta(hours=2), 1)
    noon.shift(timedelta(hours=2))
    assert (await calls.to_make(who))[0].from_at is None


async def test_nobody_reached_ends_it_with_the_reason():
    hub = uuid4()
    made = await to_ring(hub)
    await calls.settle(made["id"], await staff(hub), "gave up")
    now = await row(made["id"])
    assert now["state"] == "missed" and now["error"] and now["handled_by_id"]


@pytest.mark.parametrize("who", ["stranger", "admin of a discreet one"])
async def test_who_may_not_see_it_may_not_settle_it(who):
    made = await to_ring(uuid4(), said=examples.discreet())
    by = await staff(uuid4()) if who == "stranger" else await staff(kinds=("county_admin",))
    with pytest.raises(Refused):
        await calls.settle(made["id"], by, "spoke")
    with pytest.raises(Refused):
        await calls.settle(uuid4(), by, "spoke")
    assert (await row(made["id"]))["state"] == "queued"


async def test_taken_back_it_is_no_call_any_more_and_workers_never_take_one(sending, twilio, host):
    hub = uuid4()
    made = await to_ring(hub)
    await deliver_due(sending(twilio, host), "w")
    assert (await row(made["id"]))["state"] == "queued"
    await outbox.void(about=("booking", made["about_id"]), why="undone")
    assert await listed(await staff(hub)) == []
    with pytest.raises(Refused):
        await calls.settle(made["id"], await staff(hub), "spoke")


async def test_who_wants_nothing_is_not_rung():
    person = await make.person(channel="none")
    told = await outbox.queue(
        person=person, kind="cancellation", about=("booking", uuid4()), dedupe_key="n", ring_because="no device",
        facts={"said": examples.said(), "reason": "Snow.", "alternatives_path": "/", "token": "abc"},
    )  # fmt: skip
    assert told == []


async def test_who_has_nothing_to_join_with_is_written_to_and_rung():
    person = await make.person()
    told = await outbox.queue(
        person=person, kind="changed", about=("booking", uuid4()), dedupe_key="n", ring_because="has no device to join with",
        facts={"said": examples.said(), "token": "abc"},
    )  # fmt: skip
    assert [each.channel for each in told] == ["sms", "call"]
    assert "has no device" in (await row(told[1].id))["body"]
