"""The outbox in figures: how many in which state, why some failed, and links that lead from elsewhere."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from booking import clock
from booking.messages.words_for_staff import SECTIONS
from booking.sections import sections_of
from booking.web import access
from tests import make
from tests.staff import rows


async def test_figures_count_each_state_of_what_is_looked_for_and_lead_to_it(desk, hub):
    for state, count in (("sent", 2), ("failed", 1), ("queued", 1), ("claimed", 1)):
        for _ in range(count):
            await rows.message(hub_id=hub.id, state=state)
    await rows.message(hub_id=hub.id, state="sent", kind="offer")
    page = (await desk.get("/outbox?kind=reminder_days&state=failed")).text
    for words in ("<strong>2</strong> sent", "<strong>2</strong> waiting", "<strong>1</strong> failed"):
        assert words in page
    assert 'href="/outbox?kind=reminder_days&amp;state=sent"' in page
    assert 'href="/outbox?kind=reminder_days" aria-current="true"' in page, "the chosen one shows everything again"


async def test_figures_are_those_of_ones_own_hubs(desk, hub):
    await rows.message(state="failed", hub_id=(await make.location()).id)
    page = (await desk.get("/outbox?state=failed")).text
    assert "<strong>0</strong> failed" in page and "Why they failed" not in page


async def test_what_failed_is_grouped_by_reason_in_words(desk, hub):
    for code, words in (("21610", "x"), ("21610", "y"), ("99999", "The moon was in the way."), ("", "")):
        await rows.message(hub_id=hub.id, state="failed", error_code=code, error=words)
    page = (await desk.get("/outbox?state=failed")).text
    assert "This number has opted out of texts." in page and "The moon was in the way." in page and "No reason" in page
    assert page.index("2 messages") < page.index("1 message<")
    only = (await desk.get("/outbox?state=failed&error=21610")).text
    assert only.count('class="outbox__item"') == 2 and "Reason 21610" in only


async def test_what_is_asked_for_stands_in_chips_that_take_it_away(desk, hub):
    session = await make.session(await make.run(location=hub))
    person = await make.person(name="Kim Lee")
    await rows.message(hub_id=hub.id, session_id=session.id, person_id=person.id)
    await rows.message(hub_id=hub.id)
    page = (await desk.get(f"/outbox?session={session.id}&person={person.id}&since=2026-01-01")).text
    assert page.count('class="outbox__item"') == 1
    for chip in ("About one date", "To Kim Lee", "From Thu 1 Jan"):
        assert chip in page
    assert f'<a class="token" href="/outbox?session={session.id}&amp;since=2026-01-01">' in page
    assert f'<input type="hidden" name="session" value="{session.id}">' in page, "the form keeps it"


async def test_days_are_local_and_both_are_included(desk, hub):
    today = clock.today()
    await rows.message(hub_id=hub.id, created_at=clock.at(today, "00:00"))
    await rows.message(hub_id=hub.id, created_at=clock.at(today, "23:59"))
    await rows.message(hub_id=hub.id, created_at=clock.at(today - timedelta(days=1), "23:59"))
    found = (await desk.get(f"/outbox?since={today}&until={today}")).text
    assert found.count('class="outbox__item"') == 2


async def test_a_line_says_when_it_left_and_arrived_by_whom_and_at_what_cost(desk, hub):
    sent_at = clock.at(clock.today(), "10:04")
    await rows.message(
        hub_id=hub.id, state="delivered", sent_at=sent_at, delivered_at=sent_at + timedelta(minutes=1), provider="notify",
        parts=2,
    )  # fmt: skip
    page = (await desk.get("/outbox")).text
    assert "10:04, arrived 10:05am" in page and "by GOV.UK Notify" in page and "2 parts · 8p" in page


@pytest.mark.parametrize(
    ("person", "why"),
    [({}, "because of quiet hours"), ({"safe_from": "09:30", "safe_to": "15:00"}, "because of the hours in which this person")],
)  # fmt: skip
async def test_what_the_night_holds_says_when_it_leaves_and_why(desk, hub, person, why):
    night = clock.at(clock.today() + timedelta(days=1), "02:00")
    someone = await make.person(**person)
    await rows.message(hub_id=hub.id, person_id=someone.id, due_at=night, next_try_at=night)
    page = (await desk.get("/outbox")).text
    assert "leaves" in page and f"{'9:30am' if person else '8am'}, {why}" in page


async def test_it_asks_the_same_few_questions_however_many_there_are(desk, hub, count_queries):
    async def asked():
        with count_queries() as counted:
            await desk.get("/outbox?state=failed")
        return counted.count

    await rows.message(hub_id=hub.id, state="failed", error_code="30003")
    one = await asked()
    for n in range(20):
        await rows.message(hub_id=hub.id, state="failed", error_code=f"3000{n}")
    assert await asked() == one


@access("staff")
async def for_staff(request):
    return PlainTextResponse("")


@access("admin")
async def for_admins(request):
    return PlainTextResponse("")


def test_the_navigation_names_only_pages_that_are_there_and_may_be_opened():
    sections = sections_of([Route("/staff/texts", for_staff), Route("/staff/jobs", for_admins)], SECTIONS)
    member = SimpleNamespace(is_staff=True, is_manager=False, is_admin=False)
    assert sections(member) == [("/staff/texts", "Texts")]
    assert sections(SimpleNamespace(is_staff=True, is_manager=True, is_admin=True))[-1] == ("/staff/jobs", "Jobs")
    assert sections(None) == []


async def test_hubs_to_choose_from_are_ones_own_and_restricted_ones_for_their_staff_alone(client, hub):
    secret = await make.location(name="Secret House", is_restricted=True)
    await make.location(name="Other Hub")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get("/outbox")).text
    assert "Other Hub</option>" in page and "Secret House" not in page
    await make.sign_in_staff(client, await make.staff("hub_staff", secret.id))
    page = (await client.get("/outbox")).text
    assert "Other Hub</option>" not in page and "Secret House" not in page, "one hub is no choice"
