"""P6 of rotas: nobody does anything at another hub's rota, nor with another person's duties, whatever ids they send."""

import base64
from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import clock, db
from booking.rotas import publishing
from booking.rotas.duties import swaps
from booking.rotas.models import CoverAsk, Shift, StaffSkill
from booking.rotas.needs import keeping
from booking.rotas.people_who_work import leave
from booking.rotas.planner import running
from booking.rotas.repair import asking, ill
from tests import make
from tests.places.who import staff_who
from tests.rotas.need_calls import FACTS, TERMS

TABLES = (
    "shift", "assignment", "leave", "staff_profile", "staff_skill", "skill", "work_pattern", "pattern_exception", "cover_need",
    "publication", "swap_request", "cover_ask", "willing", "plan_run", "rota_rules", "person", "message", "audit_event",
)  # fmt: skip
LINE = "known as,kind,home hub,email,weekly hours\nSam Green,staff,Ferndown,eve@evil.example,10\n"


async def everything() -> dict:
    return {table: await db.rows(f'SELECT * FROM "{table}" ORDER BY id') for table in TABLES}


@pytest.fixture
async def here(database):
    """Ferndown with everything there is to act on, and Wimborne whose people try."""
    hub, elsewhere = await make.location(name="Ferndown", needs_two=False), await make.location(name="Wimborne")
    await make.opening_hours(hub)
    tom = await make.staff("hub_manager", hub.id, name="Tom Field")
    by = staff_who(tom, {hub.id}, "hub_manager")
    sam, kim = await make.worker(hub, known_as="Sam Green"), await make.worker(hub, known_as="Kim Day")
    own, eve = await make.shift(elsewhere), await make.worker(elsewhere, known_as="Eve Adams")
    await make.assignment(own, eve)
    day = clock.today() + timedelta(days=14 - clock.today().weekday())
    shift, other, later = [await make.shift(hub, date=day + timedelta(days=n)) for n in range(3)]
    for each in (shift, later):
        await make.assignment(each, sam, "draft")
    skill = await make.skill("first-aid")
    held = await StaffSkill.create(staff=sam, skill=skill)
    asked = await leave.ask_for_leave(sam.id, day + timedelta(days=30), day + timedelta(days=30), by=None)
    terms = keeping.terms_of(**TERMS)
    need = await keeping.save(FACTS, location_id=hub.id, by=by, terms=terms)
    seen = await publishing.preview(hub.id, day, day + timedelta(days=2), by=by)
    published = await publishing.publish(hub.id, day, day + timedelta(days=2), by=by, seen=seen.seen, reason="Needed")
    plan = await running.ask([hub.id], day, day + timedelta(days=6), engine="greedy", by=by)
    await running.work_next("greedy")
    act = await ill.report_ill(sam.id, later.date, later.date, by)
    await asking.ask(shift_id=later.id, staff_ids=[kim.id], by=by)
    swap = await swaps.ask(
        shift_id=shift.id, from_staff_id=sam.id, to_staff_id=kim.id, in_return_id=None, words="", by=None
    )
    await Shift.filter(id=shift.id).update(moved_words="Moved.", moved_at=clock.now())
    return SimpleNamespace(
        hub=hub, elsewhere=elsewhere, sam=sam, kim=kim, eve=eve, own=own, shift=shift, other=other, later=later, skill=skill, held=held,
        leave=asked, need=need, publication=published.id, plan=plan, act=act, swap=swap, day=day, by=by,
        ask=await CoverAsk.get(shift_id=later.id, staff_id=kim.id),
    )  # fmt: skip


def tries(here) -> list[tuple[str, dict]]:
    """Every form of staff about Ferndown's rota, filled in well."""
    rota, people = "/staff/rota", f"/staff/workers/{here.sam.id}"
    day, hub, to = here.day.isoformat(), str(here.hub.id), str(here.eve.id)
    worker = {"known_as": "Sam Green", "kind": "staff", "hub": hub, "email": "eve@evil.example", "weekly_hours": "10"}
    pairs = f"{here.later.id}::{here.eve.id}"
    change = f"{rota}/shifts/{here.shift.id}/change"
    mine = f"{rota}/shifts/{here.own.id}/change"
    return [
        *((change, {"do": do, "to": to, "with": str(here.other.id), "reason": "Mine", "sure": "yes"})
          for do in ("give", "open", "move", "exchange", "pin", "unpin")),
        *((mine, {"do": do, "with": str(here.shift.id), "reason": "Mine", "sure": "yes"}) for do in ("move", "exchange")),
        (f"{rota}/shifts/{here.shift.id}/cancel", {}),
        (f"{rota}/shifts/new", {"hub": hub, "location": hub, "title": "x", "date": day, "start": "09:00", "end": "12:00", "people": "1"}),
        (f"{rota}/publish", {"hub": hub, "first": day, "last": day, "seen": "x", "sure": "yes", "reason": "Mine"}),
        *((f"{rota}/published/{here.publication}/{act}", {}) for act in ("undo", "send-now")),
        (f"{rota}/rules", {"hub": hub, "rest_hours": "8", "seen": ""}),
        (f"{rota}/plans", {"hub": hub, "from": day, "weeks": "1", "engine": "greedy"}),
        (f"{rota}/plans", {"hub": [hub, str(here.elsewhere.id)], "from": day, "weeks": "1", "engine": "greedy"}),
        *((f"{rota}/plans/{here.plan}", {"act": act}) for act in ("stop", "apply", "undo")),
        (f"{rota}/needs/new", {"location": hub, "name": "x", "weekdays": "0", "start": "09:00", "end": "10:00", "people": "1", "sure": "yes"}),
        (f"{rota}/needs/{here.need.id}", {"ends": "yes", "sure": "yes"}),
        (f"{rota}/needs/undo", {"hub": hub, "event": str(here.need.event_id)}),
        (f"{rota}/needs/undo", {"hub": str(here.elsewhere.id), "event": str(here.need.event_id)}),
        (f"{rota}/moves", {"hub": hub, "until": clock.now().isoformat()}),
        (f"{rota}/cover/{here.later.id}/ask", {"staff": to}),
        (f"{rota}/cover/{here.later.id}/give", {"staff": to}),
        (f"{rota}/cover/ill", {"staff": str(here.kim.id), "first": day, "last": day}),
        (f"{rota}/cover/proposal", {"step": pairs}),
        (f"{rota}/cover/proposal", {"step": pairs, "act": str(here.act.id)}),
        (f"{rota}/cover/acts/{here.act.id}/undo", {}),
        *((f"{rota}/swaps/{here.swap}/{act}", {"why": "Mine", "reason": "Mine"}) for act in ("approve", "refuse", "agree", "withdraw")),
        (f"{people}/change", worker), (f"{people}/end", {"last_day": day, "why": "Mine"}), (f"{people}/back", {}),
        (f"{people}/skills", {"skill": str(here.skill.id)}), (f"{people}/skills/{here.held.id}/remove", {}),
        (f"/staff/workers/{here.eve.id}/skills/{here.held.id}/remove", {}),
        (f"/staff/workers/{here.eve.id}/skills", {"skill": str(here.skill.id), "held": str(here.held.id)}),
        (f"{people}/days", {"day": day, "day_kind": "off"}),
        (f"{people}/leave", {"first": day, "last": day, "kind": "sick"}),
        ("/staff/workers/new", worker | {"known_as": "Eve Two"}),
        ("/staff/workers/import", {"act": "import", "overwrite": "yes", "name": "x.csv", "kept": LINE}),
        *((f"/staff/leave/{here.leave}/{act}", {"act": "approve", "answer": "No"}) for act in ("decide", "reopen", "withdraw")),
        ("/staff/skills", {"code": "first-aid", "name": "Other"}), (f"/staff/skills/{here.skill.id}/end", {}),
    ]  # fmt: skip


async def post(client, path: str, data: dict):
    if path.endswith("/import"):
        data = data | {"kept": base64.b64encode(data["kept"].encode()).decode()}
    return await client.post(path, data=data)


def is_refused(here, path, data, answer) -> bool:
    """Of what is theirs itself (their person, their hub, their file) a problem says that the rest is not."""
    if path == "/staff/workers/import":
        return answer.status_code == 200 and "sam@" not in answer.text and "+4477" not in answer.text
    if path == "/staff/rota/needs/undo":
        return data["hub"] == str(here.elsewhere.id) and answer.status_code == 303
    return answer.status_code == 422 and (path == "/staff/workers/new" or str(here.eve.id) in path)


@pytest.mark.parametrize("kind", ["hub_manager", "hub_staff", "worker", "own worker", "family", "partner", "nobody"])
async def test_nobody_does_anything_at_a_hub_that_is_not_theirs(client, here, kind):
    if kind in ("hub_manager", "hub_staff"):
        await make.sign_in_staff(client, await make.staff(kind, here.elsewhere.id))
    elif kind in ("worker", "own worker"):
        await make.sign_in_worker(client, here.eve if kind == "worker" else here.kim)
    elif kind == "family":
        await make.sign_in_family(client, await make.person())
    elif kind == "partner":
        await make.sign_in_partner(client, await make.booker(await make.organisation()))
    is_staff = kind.startswith("hub")
    before, wrong = await everything(), []
    for path, data in tries(here):
        answer = await post(client, path, data)
        is_gone = answer.status_code == 404 or is_refused(here, path, data, answer)
        is_away = answer.status_code == 303 and "sign-in" in answer.headers["location"]
        if not (is_gone if is_staff else is_gone or is_away):
            wrong.append((path, data.get("do") or data.get("act"), answer.status_code, answer.headers.get("location")))
        now = await everything()
        changed = [table for table in TABLES if now[table] != before[table]]
        if changed:
            wrong.append((path, data.get("do"), changed))
            before = now
    assert not wrong


@pytest.mark.parametrize("kind", ["hub_staff", "hub_staff, hub_manager elsewhere"])
async def test_who_only_reads_the_rota_of_their_hub_changes_nothing_of_it(client, here, kind):
    """But for writing down that somebody is ill, and taking that back."""
    is_mixed = "elsewhere" in kind
    person = await (
        make.staff_here_manager_elsewhere(here.hub.id, here.elsewhere.id) if is_mixed else make.staff(kind, here.hub.id)
    )
    await make.sign_in_staff(client, person)
    before, wrong = await everything(), []
    for path, data in tries(here):
        if path.startswith(("/staff/rota/cover/ill", "/staff/rota/cover/acts")):
            continue
        answer = await post(client, path, data)
        if answer.status_code != 404 and not (is_mixed and is_refused(here, path, data, answer)):
            wrong.append((path, answer.status_code))
    assert not wrong
    assert await everything() == before


async def test_nobody_acts_for_another_person_on_the_rota(client, here):
    """Eve, and Kim who is asked for one of them, with the ids of Sam's duties, leave and swap."""
    for worker in (here.eve, here.kim):
        client.cookies.clear()
        await make.sign_in_worker(client, worker)
        before, wrong = await everything(), []
        for path, data in [
            *((f"/duties/shifts/{here.shift.id}/{act}", {"words": "Mine"}) for act in ("accept", "decline")),
            (f"/duties/shifts/{here.shift.id}/swap", {"to": str(here.eve.id), "colleague": str(here.eve.id), "staff": str(here.eve.id)}),
            (f"/duties/open/{here.shift.id}/willing", {}), (f"/duties/leave/{here.leave}/withdraw", {}),
            (f"/duties/swaps/{here.swap}/withdraw", {}),
            *([(f"/duties/swaps/{here.swap}/{act}", {"words": "x"}) for act in ("agree", "decline")] if worker is here.eve else []),
        ]:  # fmt: skip
            answer = await client.post(path, data=data)
            is_said = "/open/" in path and answer.status_code in (303, 409, 422)
            if answer.status_code != 404 and not is_said:
                wrong.append((path, answer.status_code))
        for path in (f"/duties/shifts/{here.shift.id}", f"/duties/shifts/{here.shift.id}/swap"):
            if (await client.get(path)).status_code != 404:
                wrong.append(path)
        assert not wrong, worker.known_as
        assert await everything() == before


async def test_looking_at_a_question_changes_nothing_and_guessing_opens_none(client, here):
    """Mail scanners look, and ask for the headers."""
    before = await everything()
    for method in ("GET", "HEAD"):
        answer = await client.request(method, f"/duties/ask/{here.ask.token}?answer=yes")
        assert answer.status_code == 200 and answer.headers["Referrer-Policy"] == "no-referrer"
    assert await everything() == before
    for guess in (here.ask.token[:-1], here.ask.token.swapcase(), str(here.ask.id), "%25", "_" * 16):
        for method in ("GET", "POST"):
            answer = await client.request(method, f"/duties/ask/{guess}", data={"answer": "yes"})
            assert answer.status_code == 404
    assert await everything() == before


async def test_an_answer_from_another_site_is_not_taken(client, here):
    before = await everything()
    for path, data in ((f"/duties/ask/{here.ask.token}", {"answer": "yes"}), ("/duties/accept", {})):
        answer = await client.post(
            path, data=data, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403, path
    assert await everything() == before
