"""Who manages one hub and is plain staff at another reads and does there what plain staff do: Mo manages Wimborne, helps at Ferndown."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from booking import audit, clock
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas import assigning, to_decide
from booking.rotas.duties import swaps
from booking.rotas.models import Assignment, CoverAsk, SwapRequest
from booking.rotas.people_who_work import leave
from tests import make
from tests.rotas.making import who_of

DAY = clock.today() + timedelta(days=14 - clock.today().weekday())
THERE, HERE = "zqthere", "zqhere"
"""What only managers read, at Ferndown and at Wimborne."""


async def filled(hub, words: str, name: str) -> SimpleNamespace:
    """A hub with what its managers decide about, and read."""
    worker, colleague = await make.worker(hub, known_as=name), await make.worker(hub, known_as=f"{name} Two")
    await Person.filter(id=worker.person_id).update(email=f"{words}@hub.example")
    shift = await make.shift(hub, date=DAY, title="Front desk")
    await make.assignment(shift, worker, answer="declined", answer_words=f"{words} car", answered_at=clock.now())
    swapped = await make.shift(hub, date=DAY + timedelta(days=1))
    await make.assignment(swapped, worker)
    swap = await swaps.ask(
        shift_id=swapped.id, from_staff_id=worker.id, to_staff_id=colleague.id, in_return_id=None, words="", by=None
    )
    await swaps.agree(swap_id=swap, staff_id=colleague.id, by=None)
    far = DAY + timedelta(days=60)
    asked = await leave.ask_for_leave(worker.id, far, far, reason=f"{words} wedding", by=None)
    today = clock.today()
    await make.leave(colleague, today, today + timedelta(days=2), kind="sick", reason=f"{words} fever")
    answered = {"state": "declined", "answer": f"{words} answer", "decided_at": clock.now()}
    await make.leave(colleague, far, kind="other", **answered)
    await audit.record("decline duty", about_kind="shift", about_id=shift.id, hub_id=hub.id, why=f"{words} decline")
    await audit.record("end worker", about_kind="worker", about_id=worker.id, hub_id=hub.id, why=f"{words} left")
    return SimpleNamespace(hub=hub, worker=worker, colleague=colleague, shift=shift, swap=swap, leave=asked)


@pytest.fixture
async def two(database):
    there = await filled(await make.location(name="Ferndown", needs_two=False), THERE, "Kim")
    here = await filled(await make.location(name="Wimborne", needs_two=False), HERE, "Ann")
    return there, here


@pytest.fixture
async def mo(client, two):
    there, here = two
    await make.sign_in_staff(client, await make.staff_here_manager_elsewhere(there.hub.id, here.hub.id))
    return client


@pytest.mark.parametrize(
    "path", ["/staff/leave", "/staff/rota/swaps", "/staff/rota/cover?hub=all&days=28", "/staff/audit"]
)
async def test_a_page_of_both_hubs_says_the_reasons_of_the_managed_one_alone(mo, two, path):
    page = (await mo.get(path)).text
    assert HERE in page and THERE not in page
    assert "Kim" in page or path == "/staff/audit"


async def test_nor_is_a_reason_found_by_searching_the_trail(mo, two):
    pages = {}
    for words in (HERE, THERE, "zqnowhere"):
        page = (await mo.get("/staff/audit", params={"q": words})).text
        pages[words] = page.replace(words, "words")
    assert pages[THERE] == pages["zqnowhere"] != pages[HERE]


async def test_pages_about_one_thing_are_those_of_plain_staff_there_and_of_a_manager_here(mo, two):
    for each, words, is_told in zip(two, (THERE, HERE), (False, True), strict=True):
        for path in (f"/staff/workers/{each.worker.id}", f"/staff/workers/{each.colleague.id}", f"/staff/rota/shifts/{each.shift.id}",
                     f"/staff/rota/cover?shift={each.shift.id}"):  # fmt: skip
            page = (await mo.get(path)).text
            assert ("zq" in page) is is_told, path
        swap = (await mo.get(f"/staff/rota/swaps/{each.swap}")).text
        assert ("Approve the swap" in swap) is is_told and ("A manager of the hub decides" in swap) is not is_told
        assert (f"/staff/leave/{each.leave}/decide" in (await mo.get("/staff/leave")).text) is is_told
        assert (f"/cover/{each.shift.id}/ask" in (await mo.get("/staff/rota/cover?hub=all&days=28")).text) is is_told
        page = (await mo.get(f"/staff/rota?hub={each.hub.id}&date={DAY}")).text
        assert ("data-may-plan" in page) is is_told and ("data-moves" in page) is is_told
        assert (f"/staff/rota/publish?hub={each.hub.id}" in page) is is_told, words


async def test_an_act_from_the_page_of_one_duty_leads_back_whatever_hub_was_looked_at_last(mo, two):
    there, here = two
    await mo.get(f"/staff/rota/cover?hub={there.hub.id}")
    page = (await mo.get(f"/staff/rota/cover?shift={here.shift.id}")).text
    action = re.search(rf'action="([^"]*{here.shift.id}/ask[^"]*)"', page)
    assert action
    answer = await mo.post(action[1].replace("&amp;", "&"), data={"staff": str(here.colleague.id)})
    assert answer.status_code == 303 and str(here.hub.id) in answer.headers["location"]
    assert await CoverAsk.filter(shift_id=here.shift.id).count() == 1


async def test_managers_pages_are_of_the_managed_hub(mo, two):
    there, _ = two
    for path in (
        "/staff/rota/publish",
        "/staff/rota/plans",
        "/staff/rota/shifts/new",
        "/staff/workers/new",
        "/staff/rota/figures",
    ):
        page = (await mo.get(path)).text
        assert "Ferndown" not in page and str(there.hub.id) not in page, path
    assert (await mo.get(f"/staff/rota/publish?hub={there.hub.id}")).status_code == 404


@pytest.mark.parametrize(("at", "waits"), [("neither", 1), ("there", 0), ("here", 1)])
async def test_today_counts_what_waits_for_them_at_the_managed_hub(two, at, waits):
    there, here = two
    member = await make.staff()
    who = who_of(member, there.hub.id, here.hub.id, kind="hub_staff", managed=[here.hub.id])
    hub_id = {"there": there.hub.id, "here": here.hub.id}.get(at)
    assert await to_decide.how_many(who, hub_id) == {"leave": waits, "swaps": waits, "declined": waits, "skills": 0}


async def test_no_verb_of_managers_takes_them_for_one_there(two):
    there, here = two
    who = who_of(await make.staff(), there.hub.id, here.hub.id, kind="hub_staff", managed=[here.hub.id])
    refused = [
        leave.decide_leave(there.leave, True, "", who), leave.reopen_leave(there.leave, who),
        leave.record_leave(there.worker.id, DAY, DAY, by=who),
    ]  # fmt: skip
    for act in refused:
        with pytest.raises(Refused):
            await act
    with pytest.raises(LookupError):
        await swaps.approve(swap_id=there.swap, by=who)
    await swaps.approve(swap_id=here.swap, by=who)
    states = await SwapRequest.all().order_by("asked_at").values_list("state", flat=True)
    assert states == ["agreed", "approved"]


async def test_rules_are_set_aside_where_they_manage_and_not_beside_it(two):
    there, here = two
    who = who_of(await make.staff(), there.hub.id, here.hub.id, kind="hub_staff", managed=[here.hub.id])
    for each, is_done in ((there, False), (here, True)):
        open_one = await make.shift(each.hub, date=clock.today() + timedelta(days=1))  # while the colleague is ill
        try:
            await assigning.assign(open_one.id, each.colleague.id, by=who, reason="They offered")
        except Refused as refused:
            assert not is_done and {problem.level for problem in refused.problems} == {"needs_approval"}
        assert await Assignment.filter(shift_id=open_one.id).exists() is is_done
