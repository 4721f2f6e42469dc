"""The cover board and its forms in a browser's requests: who sees what, what is typed to break it, and what a link may do."""

import logging

import pytest
import time_machine

from booking import db
from booking.rotas.models import Assignment, CoverAsk
from booking.rotas.repair import ill
from tests import make
from tests.hostile import SCRIPT, TEXTS
from tests.rotas.covering import DAY, MORNING, Hub, seats, state_of

pytestmark = [pytest.mark.anyio]
HOME = "/staff/rota/cover"


@pytest.fixture
async def hub(client):
    with time_machine.travel(MORNING, tick=False):
        self = await Hub.make()
        await make.sign_in_staff(client, await make.staff("hub_manager", self.at.id, name="Ruth Hall"))
        yield self


async def sick(hub):
    return await ill.report_ill(hub.sam.id, DAY, DAY, hub.tom)


async def test_the_board_is_empty_then_red_then_asked_and_filled(client, hub):
    assert "Nothing is red" in (await client.get(HOME)).text
    await sick(hub)
    page = (await client.get(HOME)).text
    assert "2 duties have nobody" in page and "Nobody does it." in page and "Kim Day" in page
    asked = await client.post(f"{HOME}/{hub.early.id}/ask", data={"staff": [str(hub.kim.id), str(hub.lee.id)]})
    assert asked.status_code == 303
    page = (await client.get(asked.headers["location"])).text
    assert "2 people are asked" in page and "no answer yet" in page
    given = await client.post(f"{HOME}/{hub.late.id}/give?to={hub.kim.id}", data={})
    assert given.status_code == 303 and (await seats(hub.late))["published"] == hub.kim.id
    assert "2 duties today" not in (await client.get("/staff")).text


async def test_a_poll_brings_the_states_alone_and_says_what_is_filled(client, hub):
    await sick(hub)
    await client.post(f"{HOME}/{hub.late.id}/give?to={hub.kim.id}", data={})
    ids = f"{hub.early.id.hex}.{hub.late.id.hex}"
    poll = (await client.get(f"{HOME}?shown={ids}", headers={"HX-Request": "true"})).text
    assert f'id="state-{hub.early.id}"' in poll and "Kim Day has it." in poll and "<form" not in poll


async def test_nobody_ticked_is_a_problem_beside_that_duty(client, hub):
    await sick(hub)
    answer = await client.post(f"{HOME}/{hub.early.id}/ask", data={})
    assert answer.status_code == 422 and "Choose whom to ask" in answer.text


async def test_where_nobody_can_the_sessions_previews_are_one_press_away(client, hub):
    session = await make.session(await make.run(first_date=DAY, location=hub.at))
    shift = await make.shift(session=session, skills="nobody-has-it")
    await make.assignment(shift, hub.kim, answer="declined")
    page = (await client.get(f"{HOME}?shift={shift.id}")).text
    assert "Nobody is free for it." in page
    assert f"/staff/sessions/{session.id}/cancel" in page and f"/staff/sessions/{session.id}/online" in page


async def test_a_sick_call_is_shown_written_down_proposed_taken_and_cannot_be_undone_then(client, hub):
    asked = {"staff": str(hub.sam.id), "first": DAY.isoformat(), "last": DAY.isoformat()}
    page = (await client.get(f"{HOME}/ill", params=asked)).text
    assert "2 duties of Sam Green would be open" in page and len(await Assignment.all()) == 4
    done = await client.post(f"{HOME}/ill", data=asked)
    act = done.headers["location"]
    page = (await client.get(act)).text
    assert "Sam Green is ill" in page and "instead of Sam Green" in page and "Nobody else moves." in page
    pairs = [f"{shift.id}::{hub.lee.id}" for shift in (hub.early, hub.late)]
    taken = await client.post(f"{HOME}/proposal", data={"step": pairs, "act": act.rsplit("/", 1)[1]})
    assert taken.status_code == 303 and (await seats(hub.late))["published"] == hub.lee.id
    undone = await client.post(f"{act}/undo")
    assert undone.status_code == 409 and "Lee Fox has the duty" in undone.text


async def test_somebody_is_ill_comes_first(client, hub):
    page = (await client.get(HOME)).text
    assert page.index(f"{HOME}/ill") < page.index('name="days"')


async def test_undo_in_time(client, hub):
    opened = await sick(hub)
    assert (await client.post(f"{HOME}/acts/{opened.id}/undo")).status_code == 303
    assert (await seats(hub.early))["published"] == hub.sam.id
    assert "This was undone" in (await client.get(f"{HOME}/acts/{opened.id}")).text


async def test_managers_of_other_hubs_find_nothing_and_staff_ask_nobody(client, hub):
    opened = await sick(hub)
    other = await make.location(name="Wimborne")
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_manager", other.id))
    assert "Nobody does it" not in (await client.get(HOME)).text
    for path in (f"{HOME}?hub={hub.at.id}", f"{HOME}?shift={hub.early.id}", f"{HOME}/acts/{opened.id}"):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get(f"{HOME}/ill?staff={hub.sam.id}")).status_code == 404
    for path, data in (
        (f"{HOME}/{hub.early.id}/ask", {"staff": str(hub.kim.id)}),
        (f"{HOME}/{hub.early.id}/give", {"staff": str(hub.kim.id)}),
        (f"{HOME}/acts/{opened.id}/undo", {}),
        (f"{HOME}/proposal", {"step": f"{hub.early.id}::{hub.kim.id}"}),
        (f"{HOME}/ill", {"staff": str(hub.kim.id), "first": DAY.isoformat()}),
    ):
        assert (await client.post(path, data=data)).status_code == 404, path
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.at.id))
    page = (await client.get(HOME)).text
    assert "A manager can ask them" in page and "Ask those ticked" not in page
    assert (await client.post(f"{HOME}/{hub.early.id}/ask", data={"staff": str(hub.kim.id)})).status_code in (403, 404)
    assert await CoverAsk.all().count() == 0


async def test_looking_at_the_link_takes_nothing_and_pressing_yes_does(client, hub):
    await sick(hub)
    (kim,) = await hub.ask(hub.early, hub.kim)
    client.cookies.clear()
    path = f"/duties/ask/{kim.token}"
    for _ in range(2):
        page = await client.get(path)
        assert page.status_code == 200 and "Yes, I take it" in page.text and page.headers["cache-control"] == "no-store"
    assert (await client.head(path)).status_code in (200, 405) and await state_of(kim) == "asked"
    assert (await client.post(path, data={"answer": "yes"})).status_code == 303
    assert "This duty is yours" in (await client.get(path)).text and await state_of(kim) == "yes"
    assert (await client.get("/duties/ask/of-nobody")).status_code == 404


async def test_the_link_of_a_restricted_duty_says_its_time_alone_until_it_is_theirs(client, hub):
    await db.execute("UPDATE location SET is_restricted = TRUE, name = 'Refuge' WHERE id = $1", hub.at.id)
    await sick(hub)
    (kim,) = await hub.ask(hub.early, hub.kim)
    client.cookies.clear()
    page = (await client.get(f"/duties/ask/{kim.token}")).text
    assert "Refuge" not in page and "9am" in page


@pytest.mark.parametrize("text", TEXTS)
async def test_what_somebody_types_breaks_nothing(client, hub, text):
    await sick(hub)
    fine = (200, 303, 404, 409, 422)
    for name in ("staff", "first", "last"):
        sent = {"staff": str(hub.kim.id), "first": DAY.isoformat(), "last": DAY.isoformat()} | {name: text}
        for answer in (await client.get(f"{HOME}/ill", params=sent), await client.post(f"{HOME}/ill", data=sent)):
            assert answer.status_code in fine and SCRIPT not in answer.text
    for query in ({"hub": text}, {"days": text}, {"shift": text}, {"shown": text}):
        for path in (HOME, f"{HOME}/proposal"):
            answer = await client.get(path, params=query, headers={"HX-Request": "true"})
            assert answer.status_code in fine and SCRIPT not in answer.text
    for path, sent in (
        (f"{HOME}/{hub.early.id}/ask", {"staff": text}),
        (f"{HOME}/{hub.early.id}/give", {"staff": text}),
        (f"{HOME}/proposal", {"step": text, "act": ""}),
        (f"{HOME}/proposal", {"step": "", "act": text}),
    ):
        answer = await client.post(path, data=sent)
        assert answer.status_code in fine and SCRIPT not in answer.text


async def test_the_board_asks_the_database_the_same_however_much_is_red(client, hub):
    await sick(hub)

    async def queries() -> int:
        lines: list[logging.LogRecord] = []
        counter, log = logging.Handler(), logging.getLogger("tortoise.db_client")
        counter.emit = lines.append  # type: ignore[method-assign]
        log.addHandler(counter)
        log.setLevel(logging.DEBUG)
        assert (await client.get(HOME)).status_code == 200
        log.removeHandler(counter)
        log.setLevel(logging.INFO)
        return len(lines)

    few = await queries()
    for n in range(2, 8):
        other = await hub.shift(days=n)
        await make.assignment(other, hub.kim, answer="declined")
    assert await queries() == few < 50


async def test_the_board_begins_with_one_hub_and_shows_all_when_asked(client, hub):
    await sick(hub)
    other = await make.location(name="Abbey Family Hub")
    await make.shift(other, date=DAY)
    await make.sign_in_staff(client, await make.staff("county_admin", None))
    assert "Nothing is red" in (await client.get(f"{HOME}?hub={other.id}")).text
    assert "Nothing is red" in (await client.get(HOME)).text, "the hub last looked at"
    page = (await client.get(f"{HOME}?hub=all")).text
    assert "2 duties have nobody" in page
    assert f"{HOME}?hub=all" in page
    assert "2 duties have nobody" in (await client.get(f"{HOME}?hub={hub.at.id}")).text
