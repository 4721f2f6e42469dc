"""P5 and P6 of rotas: what is restricted is its own staff's and whoever does it; and why a colleague is away is their managers'.

Every secret word holds MARK. A refuge's sessions, cover and extra shifts are planned, published, swapped, asked for and repaired by
its own staff; then every page, message, calendar, table, log and row of the trail is searched for MARK by everybody who may not know.
"""

import json
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import clock, db
from booking.open_data.feeds import hash_of
from booking.open_data.models import FeedLink
from booking.people.models import Person
from booking.places.models import Location
from booking.rotas import assigning, loading, publishing, reminding
from booking.rotas.duties import answering, swaps
from booking.rotas.models import Assignment, CoverAsk, CoverNeed, PlanRun, Shift, StaffProfile
from booking.rotas.people_who_work import leave, worker_import
from booking.rotas.people_who_work.worker_tables import WORKERS
from booking.rotas.planner import passing, running
from booking.rotas.repair import answering as answering_asks
from booking.rotas.repair import asking, ill
from booking.tables import SourceFile
from tests import make
from tests.places.who import staff_who
from tests.test_leaks import MARK, crawl, find_mark, leaks
from tests.test_leaks_of_messages import without_chip
from tests.test_leaks_of_planning import without_echo

FEED = "feed-of-kim"
ILL = "zqfever"
"""What somebody says about being ill."""


@pytest.fixture
async def here(database):
    """Ferndown with a refuge, planned for two weeks, and Wimborne whose people help there."""
    hub, elsewhere = await make.location(name="Ferndown"), await make.location(name="Wimborne")
    refuge = await make.location(
        name=f"{MARK} House", hub_id=hub.id, hub_name=hub.name, kind="restricted", is_restricted=True, address=f"{MARK} Street",
        directions=f"Behind the {MARK}",
    )  # fmt: skip
    nadia = await make.staff("hub_manager", hub.id, name="Nadia Rahman")
    mel = await make.staff("hub_manager", elsewhere.id, name="Mel Ford")
    found = SimpleNamespace(
        hub=hub, elsewhere=elsewhere, refuge=refuge, nadia=nadia, by=staff_who(nadia, {hub.id}, "hub_manager"),
        mel=staff_who(mel, {elsewhere.id}, "hub_manager"),
        sam=await make.worker(hub, known_as="Sam Green"), kim=await make.worker(hub, known_as="Kim Day"),
        lee=await make.worker(elsewhere, known_as="Lee Fox"), ivy=await make.worker(elsewhere, known_as="Ivy Hill"),
        day=clock.today() + timedelta(days=14 - clock.today().weekday()),
    )  # fmt: skip
    await StaffProfile.filter(id=found.sam.id).update(base_id=refuge.id)
    await StaffProfile.filter(id=found.lee.id).update(place_ids=[str(refuge.id), str(hub.id), str(elsewhere.id)])
    for number, each in enumerate((found.sam, found.kim, found.lee, found.ivy), start=1):
        await Person.filter(id=each.person_id).update(phone=f"+4477009007{number:02}", channel="sms")
    await happened(found)
    return found


async def happened(here) -> None:
    run = await make.run(
        location=here.refuge, title=f"{MARK} course", host=f"{MARK} Refuge", is_restricted=True, is_listed=False, first_date=here.day,
        join_url=f"https://{MARK}.example/join",
    )  # fmt: skip
    quiet = await make.run(
        location=here.hub, title=f"{MARK} group", is_restricted=True, is_listed=False, first_date=here.day
    )
    here.sessions = [
        await make.session(run, date=here.day, start_time="10:00", end_time="12:00"),
        await make.session(quiet, date=here.day + timedelta(days=1), start_time="10:00", end_time="12:00"),
    ]
    here.secret = [await make.shift(session=each) for each in here.sessions]
    here.secret.append(await make.shift(here.refuge, date=here.day + timedelta(days=2), title=f"{MARK} night"))
    here.secret.append(await make.shift(here.refuge, date=here.day + timedelta(days=3), title=f"{MARK} morning"))
    here.open = await make.shift(here.hub, date=here.day, start="10:30", end="12:30", title="Open day")
    here.theirs = await make.shift(here.elsewhere, date=here.day, start="11:00", end="13:00", title="Fair")
    here.later = await make.shift(
        here.elsewhere, date=here.day + timedelta(days=1), start="11:00", end="13:00", title="Fair"
    )
    here.need = await CoverNeed.create(
        location=here.refuge, name=f"{MARK} door", weekdays="01234", start="09:00", end="17:00", people=2
    )
    await Shift.filter(id=here.secret[2].id).update(moved_words=f"Moved to the {MARK}", moved_at=clock.now())
    for shift, worker in zip(here.secret[:3], (here.lee, here.sam, here.sam), strict=True):
        await assigning.assign(shift.id, worker.id, by=here.by, reason=f"The {MARK} needs them")
    await published(here)
    await answered(here)
    await planned(here)


async def published(here) -> None:
    last = here.day + timedelta(days=6)
    seen = await publishing.preview(here.hub.id, here.day, last, by=here.by)
    here.publication = await publishing.publish(
        here.hub.id, here.day, last, by=here.by, seen=seen.seen, reason=f"The {MARK} needs them"
    )


async def answered(here) -> None:
    """A duty declined, a swap, somebody ill, and people asked, of whom one may not by now."""
    await answering.decline(shift_id=here.secret[1].id, staff_id=here.sam.id, words=f"{ILL} at the {MARK}", by=None)
    here.swap = await swaps.ask(
        shift_id=here.secret[2].id,
        from_staff_id=here.sam.id,
        to_staff_id=here.kim.id,
        in_return_id=None,
        words="",
        by=None,
    )
    here.act = await ill.report_ill(here.lee.id, here.day, here.day, None)
    await asking.ask(shift_id=here.secret[0].id, staff_ids=[here.kim.id, here.ivy.id], by=here.by)
    here.asks = await CoverAsk.filter(shift_id=here.secret[0].id)
    here.leave = await leave.ask_for_leave(
        here.ivy.id, here.day, here.day, kind="other", reason=f"{ILL} of my mother", by=None
    )
    await make.leave(here.kim, here.day + timedelta(days=20), kind="sick", reason=ILL)
    await reminding.remind()


async def planned(here) -> None:
    both = {here.hub.id, here.elsewhere.id}
    here.of_both = staff_who(here.nadia, both, "hub_manager")
    here.plan = await running.ask(
        list(both), here.day, here.day + timedelta(days=6), engine="greedy", by=here.of_both, keep=False
    )
    await running.work_next("greedy")
    await FeedLink.create(kind="duties", about_id=here.kim.person_id, token_hash=hash_of(FEED), created_at=clock.now())


def own_paths(here) -> list[str]:
    return [
        *(f"/staff/rota/shifts/{each.id}" for each in here.secret), f"/staff/rota/published/{here.publication.id}",
        f"/staff/rota/swaps/{here.swap}", f"/staff/rota/needs/{here.need.id}", f"/staff/rota/cover?shift={here.secret[0].id}",
    ]  # fmt: skip


def pages(here) -> list[str]:
    week, query = here.day.isoformat(), f"first={here.day}&last={here.day + timedelta(days=6)}"
    hubs = ("", str(here.hub.id), str(here.elsewhere.id))
    found = [
        f"/staff/rota?date={week}&weeks={n}&by={by}&hub={hub}"
        for n in (1, 4)
        for by in ("person", "place")
        for hub in hubs
    ]
    for hub in hubs:
        found += [
            f"/staff/rota/cover?days=28&hub={hub}", f"/staff/rota/cover/proposal?days=28&hub={hub}", f"/staff/rota/publish?hub={hub}&{query}",
            f"/staff/rota/needs?hub={hub}", f"/staff/rota/moves?hub={hub}", f"/staff/rota/plans?hub={hub}&from={week}&weeks=2",
            f"/staff/rota/rules?hub={hub}", f"/staff/rota/figures?month={week[:7]}", *(f"/staff/rota/figures.csv?month={week[:7]}&what={what}" for what in ("hours", "unfilled", "overrides")),
            f"/staff/rota/shifts/new?hub={hub}", f"/staff/workers?hub={hub}",
        ]  # fmt: skip
    found += [
        f"/staff/rota/shifts/{here.theirs.id}", f"/staff/rota/shifts/{here.theirs.id}/fits", f"/staff/rota/shifts/{here.open.id}",
        f"/staff/rota/shifts/{here.theirs.id}/change?do=give&to={here.lee.id}", f"/staff/rota/plans/{here.plan}",
        "/staff/rota/swaps", "/staff/rota/published", "/staff/leave", "/staff/skills", "/staff/audit", f"/staff/audit?q={MARK}",
        "/outbox", f"/outbox?q={MARK}", "/staff/jobs", "/staff", "/staff/workers/new",
        *(f"/staff/workers/{each.id}{more}" for each in (here.sam, here.kim, here.lee, here.ivy) for more in ("", "/end", "/change")),
    ]  # fmt: skip
    return found + [path for path in own_paths(here) if path not in found]


async def test_its_own_staff_see_it(client, here):
    """Else the other tests would prove nothing."""
    await make.sign_in_staff(client, here.nadia)
    missing = [path for path in own_paths(here) if not find_mark((await client.get(path)).text)]
    assert missing == [f"/staff/rota/published/{here.publication.id}"] or not missing
    assert ILL in (await client.get(f"/staff/rota/shifts/{here.secret[1].id}")).text


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager", "county_admin", "both"])
async def test_no_page_of_other_staff_names_it(client, here, kind):
    """ "both" manages Wimborne and helps nowhere else."""
    member = await make.staff(
        "hub_manager" if kind == "both" else kind, None if kind == "county_admin" else here.elsewhere.id
    )
    await make.sign_in_staff(client, member)
    seen = await crawl(client, pages(here), most=200)
    assert len(seen) > 60
    assert {path: answer.status_code for path, answer in seen.items() if answer.status_code >= 500} == {}
    found = leaks(without_chip(without_echo(seen)))
    assert not found, "\n".join(f"{path}: {marks[0]}" for path, marks in found.items())
    for each in here.secret:
        answer = await client.get(f"/staff/rota/shifts/{each.id}")
        assert answer.status_code == 404, kind


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager", "both"])
async def test_no_colleague_and_no_other_hub_reads_that_somebody_is_ill(client, here, kind):
    """Colleagues of the hub, managers of the other one, who may ask Lee and Kim to help, and who is "both" of these."""
    await make.leave(here.kim, here.day, here.day + timedelta(days=6), kind="sick", reason=ILL)
    hub = here.hub if kind == "hub_staff" else here.elsewhere
    who = make.staff_here_manager_elsewhere(here.hub.id, hub.id) if kind == "both" else make.staff(kind, hub.id)
    await make.sign_in_staff(client, await who)
    seen = await crawl(client, pages(here), most=200)
    is_manager = kind != "hub_staff"
    mine = {f"/staff/workers/{each.id}" for each in (here.lee, here.ivy)} if is_manager else set()
    hers = {"/staff/leave", "/staff/audit"} if is_manager else set()
    said = {
        path: words
        for path, answer in seen.items()
        for words in (ILL, "off sick", "Off sick", ">Sick", "Sickness")
        if words in answer.text
        and path.partition("?")[0] not in mine | hers
        and "<option" not in answer.text.partition(words)[0][-60:]
    }
    assert not said


async def test_colleagues_read_neutral_words_of_what_is_not_theirs(client, here):
    """Kim is asked to take a duty there, and to swap one; Ivy works elsewhere."""
    for worker in (here.kim, here.ivy):
        client.cookies.clear()
        await make.sign_in_worker(client, worker)
        starts = ["/duties", "/duties/swaps", "/duties/leave", "/duties/calendar"]
        starts += [f"/duties/shifts/{each.id}{more}" for each in (*here.secret, here.open) for more in ("", "/swap")]
        starts += [f"/duties/ask/{ask.token}" for ask in here.asks]
        seen = await crawl(client, starts, most=60)
        assert not leaks(seen)
        assert not [path for path, answer in seen.items() if ILL in answer.text and "/duties/leave" not in path]


async def test_whoever_does_it_reads_it_signed_in_and_never_by_a_link_alone(client, here):
    ask = next(each for each in here.asks if each.staff_id == here.kim.id)
    assert (await answering_asks.take(ask.id)).outcome == "yours"
    assert not find_mark((await client.get(f"/duties/ask/{ask.token}")).text)
    await make.sign_in_worker(client, here.kim)
    assert find_mark((await client.get(f"/duties/shifts/{here.secret[0].id}")).text)


async def test_no_message_and_no_calendar_names_it(client, here):
    for ask in here.asks:
        await answering_asks.take(ask.id)
    rows = await db.rows("SELECT * FROM message")
    assert {"rota_published", "cover_ask"} <= {row["kind"] for row in rows}
    assert not [found for row in rows if (found := find_mark(str(row)))]
    assert not [row for row in rows if ILL in str(row) and row["about_kind"] != "leave"]
    assert not [found for row in await db.rows("SELECT * FROM invite") if (found := find_mark(str(row)))]
    for form in ("ics", "ifb"):
        answer = await client.get(f"/feeds/{FEED}.{form}")
        assert not find_mark(answer.text), form


async def test_a_plan_keeps_no_words_of_it(here):
    [run] = await PlanRun.all()
    assert run.state in ("done", "stopped"), run.words
    assert not find_mark(json.dumps([run.found, run.result, run.words]))
    order = await running._Work(running.read(await db.row("SELECT * FROM plan_run")), lambda: False)._order()
    assert not find_mark(passing.text(order))


async def test_a_county_admin_changes_nothing_of_it_by_its_id(client, here):
    """Asks for nobody, gives it to nobody and cancels it not; the hub's own manager does."""
    night, path = here.secret[3], "/staff/rota/cover"
    acts = (
        (f"{path}/{night.id}/ask", {"staff": str(here.kim.id)}),
        (f"{path}/{night.id}/give", {"staff": str(here.kim.id)}),
        (f"{path}/proposal", {"step": f"{night.id}::{here.kim.id}"}),
        (f"/staff/rota/shifts/{night.id}/cancel", {}),
    )
    await make.sign_in_staff(client, await make.staff("county_admin"))
    for to, data in acts:
        assert (await client.post(to, data=data)).status_code == 404, to
    assert (await client.get(f"{path}?shift={night.id}")).status_code == 404
    assert not await Assignment.exists(shift_id=night.id) and (await Shift.get(id=night.id)).state == "open"
    client.cookies.clear()
    await make.sign_in_staff(client, here.nadia)
    assert (await client.post(f"/staff/rota/shifts/{night.id}/cancel")).status_code == 303
    assert (await Shift.get(id=night.id)).state == "cancelled"


async def test_what_is_refused_names_it_to_nobody_else(here):
    """Lee has a duty at the refuge at the time of the fair."""
    await assigning.assign(here.secret[0].id, here.lee.id, by=here.by, reason="Needed")
    for by in (here.mel, None, staff_who(here.nadia, set(), "county_admin")):
        for layers in (assigning.DRAFT, assigning.BOTH):
            with pytest.raises(Exception, match="at once") as refused:
                await assigning.assign(here.theirs.id, here.lee.id, by=by, layers=layers)
            assert not find_mark(str([each.words for each in refused.value.problems]))
    plan = await loading.load([here.hub.id], here.day, here.day)
    assert plan.duties


async def test_a_yes_that_a_rule_is_against_is_answered_without_naming_it(here):
    """Ivy is asked for the fair, and is given a duty at the refuge meanwhile."""
    await asking.ask(shift_id=here.theirs.id, staff_ids=[here.ivy.id], by=here.mel)
    await assigning.assign(here.secret[0].id, here.ivy.id, by=here.by, layers=assigning.BOTH, reason="Needed")
    ask = await CoverAsk.get(shift_id=here.theirs.id, staff_id=here.ivy.id)
    answered = await answering_asks.take(ask.id)
    assert answered.outcome == "unfit" and not find_mark(answered.words)
    assert not find_mark((await CoverAsk.get(id=ask.id)).words)
    assert not [row for row in await db.rows("SELECT * FROM message WHERE kind = 'cover_gone'") if find_mark(str(row))]


async def test_a_table_of_people_finds_no_restricted_place_of_another_hub(here):
    code = f"{MARK}-9"
    await Location.filter(id=here.refuge.id).update(code=code)
    for by, count in ((here.mel, 1), (here.by, 0)):
        at = here.elsewhere if by is here.mel else here.hub
        head = ",".join(
            column.name
            for column in WORKERS.columns
            if column.name in ("known_as", "kind", "hub_code", "email", "weekly_hours", "works_at")
        )
        values = {
            "known_as": "Zoe New",
            "kind": "staff",
            "hub_code": at.code,
            "email": "zoe@hub.example",
            "weekly_hours": "20",
            "works_at": code,
        }
        line = ",".join(values[name] for name in head.split(","))
        report = await worker_import.look(SourceFile("people.csv", f"{head}\n{line}\n".encode()), by=by)
        assert [each.words for each in report.problems if "works_at" in str(each) or "place" in each.words] == [
            f"There is no place with the code {code}."
        ] * count, report.problems


async def test_nothing_is_logged_of_it(client, here, caplog):
    caplog.set_level(logging.DEBUG, logger="booking")
    caplog.set_level(logging.WARNING, logger="httpx")
    await make.sign_in_staff(client, here.nadia)
    for path in own_paths(here):
        await client.get(path)
    await client.post(
        f"/staff/rota/shifts/{here.secret[0].id}/change", data={"do": "give", "to": str(here.kim.id), "reason": MARK}
    )
    run = await running.ask([here.hub.id], here.day, here.day + timedelta(days=6), engine="greedy", by=here.by)
    assert run and await running.work_next("greedy")
    await client.get(f"/feeds/{FEED}.ics")
    assert not find_mark(caplog.text) and FEED not in caplog.text
    assert not [row for row in await db.rows("SELECT last_result, last_error FROM tick") if find_mark(str(row))]
