"""On a session staff see in one glance which families have heard."""

from datetime import timedelta

import pytest

from booking import clock
from booking.programmes.registers import heard
from tests import make
from tests.staff import rows


@pytest.fixture
async def session(hub):
    return await make.session(await make.run(location=hub, title="Messy play"))


async def told(session, person, key="r", ago=10, **values):
    at = clock.now() - timedelta(minutes=ago)
    channel = values.get("channel", "sms")
    return await rows.message(
        **{"hub_id": session.hub_id, "session_id": session.id, "person_id": person.id, "created_at": at, "state": "sent"}
        | {"dedupe_key": f"{key}:{person.id}:{channel}"}
        | values
    )  # fmt: skip


async def became(session):
    return {each.name: each.became for each in await heard.heard_of(session.id)}


async def test_figures_and_each_family_stand_on_the_session_those_first_who_have_not_heard(desk, session):
    people = [await make.person(name=name) for name in ("Ada One", "Bea Two", "Cy Three", "Di Four")]
    await told(session, people[0], state="delivered")
    await told(session, people[1], state="delivered")
    failed = await told(session, people[2], state="failed")
    await told(session, people[3], state="failed")
    await told(session, people[3], state="queued", channel="call", ago=5)
    page = (await desk.get(f"/staff/sessions/{session.id}")).text
    assert "2 of 4 delivered, 1 to ring, 1 failed" in page and f'href="/outbox?session={session.id}"' in page
    list_of_them = page[page.index('aria-label="Who has heard"') :]
    assert list_of_them.index("Cy Three") < list_of_them.index("Di Four") < list_of_them.index("Ada One")
    assert f'href="/outbox/{failed.id}"' in list_of_them


@pytest.mark.parametrize(
    ("ways", "is_what"),
    [
        ([("sms", "failed"), ("email", "sent")], "sent"),
        ([("sms", "delivered"), ("email", "failed")], "delivered"),
        ([("sms", "failed"), ("call", "queued")], "to ring"),
        ([("sms", "failed"), ("call", "sent")], "rung"),
        ([("sms", "missed")], "failed"),
        ([("sms", "claimed")], "waiting"),
    ],
)
async def test_a_family_has_heard_when_one_way_arrived(session, ways, is_what):
    person = await make.person(name="Kim Lee")
    for ago, (channel, state) in zip((10, 5), ways, strict=False):
        await told(session, person, channel=channel, state=state, ago=ago)
    assert await became(session) == {"Kim Lee": is_what}


async def test_the_last_message_counts_and_not_one_before_it_or_taken_back(session):
    person = await make.person(name="Kim Lee")
    await told(session, person, key="first", state="delivered", ago=60)
    await told(session, person, key="second", state="failed", ago=30)
    await told(session, person, key="third", state="void", ago=10)
    await told(session, person, key="entry", kind="invite", channel="email", state="sent", ago=5)
    assert await became(session) == {"Kim Lee": "failed"}


async def test_what_went_into_a_digest_is_as_far_as_the_digest(session):
    person = await make.person(name="Kim Lee")
    digest = await rows.message(person_id=person.id, kind="digest", state="delivered")
    await told(session, person, state="merged", digest_id=digest.id)
    assert await became(session) == {"Kim Lee": "delivered"}


async def test_nobody_to_hear_is_nothing_to_show_and_a_stranger_sees_nothing(client, desk, session):
    assert "Who has heard" not in (await desk.get(f"/staff/sessions/{session.id}")).text
    await told(session, await make.person(name="Kim Lee"))
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    answer = await client.get(f"/staff/sessions/{session.id}")
    assert answer.status_code == 404 and "Kim Lee" not in answer.text
