"""Swaps: a colleague agrees, a manager decides; the rules are judged at each step."""

import pytest

from booking.audit import AuditEvent
from booking.messages.models import Message
from booking.people.models import Person
from booking.problems import Refused
from booking.rotas import assigning
from booking.rotas.duties import swap_choices, swap_facts, swaps
from booking.rotas.models import Assignment, SwapRequest
from tests import make
from tests.rotas.test_duties import in_days
from tests.rotas.test_workers import who as acting


class Small:
    """Two colleagues at a hub: Sam on duty on Tuesday morning, Kim on Thursday morning; and their manager."""

    async def fill(self):
        self.hub = await make.location(name="Ferndown Family Hub")
        self.sam = await make.worker(self.hub, known_as="Sam Green")
        self.kim = await make.worker(self.hub, known_as="Kim Hall")
        self.mine = await make.shift(self.hub, date=in_days(1), title="Front desk")
        self.theirs = await make.shift(self.hub, date=in_days(3), title="Garden")
        await make.assignment(self.mine, self.sam)
        await make.assignment(self.theirs, self.kim)
        self.member = await make.staff("hub_manager", self.hub.id)
        self.manager = acting(self.member, hub_id=self.hub.id)
        return self

    async def ask(self, back=False, to=None, words="School play"):
        return await swaps.ask(
            shift_id=self.mine.id, from_staff_id=self.sam.id, to_staff_id=(to or self.kim).id,
            in_return_id=self.theirs.id if back else None, words=words, by=None,
        )  # fmt: skip

    async def agreed(self, back=False):
        swap_id = await self.ask(back)
        await swaps.agree(swap_id=swap_id, staff_id=self.kim.id, by=None)
        return swap_id


@pytest.fixture
async def here(database):
    return await Small().fill()


async def holders(*shifts):
    """Who has them, in the draft and as published."""
    return [
        [(await Assignment.get(shift_id=each.id, layer=layer)).staff_id for layer in ("draft", "published")]
        for each in shifts
    ]


async def told(kind):
    return {row.person_id for row in await Message.filter(kind=kind)}


async def test_asked_agreed_and_approved_it_changes_both_layers_and_tells_both(here):
    swap_id = await here.ask(back=True)
    assert await told("swap_asked") == {here.kim.person_id}
    await swaps.agree(swap_id=swap_id, staff_id=here.kim.id, by=None)
    assert await told("swap_agreed") == {here.sam.person_id}
    assert await holders(here.mine) == [[here.sam.id] * 2]
    assert await swap_facts.judge(swap_facts.wanted_of(await SwapRequest.get(id=swap_id).values())) == []
    await swaps.approve(swap_id=swap_id, by=here.manager)
    assert await holders(here.mine, here.theirs) == [[here.kim.id] * 2, [here.sam.id] * 2]
    assert await told("duty_changed") == {here.sam.person_id, here.kim.person_id}
    assert (await SwapRequest.get(id=swap_id)).state == "approved"
    assert {row.source for row in await Assignment.all()} == {"swap"}
    assert {row.verb for row in await AuditEvent.filter(about_id=here.mine.id)} >= {
        "ask for duty swap",
        "agree to duty swap",
        "approve duty swap",
        "assign duty",
    }


async def test_without_one_in_return_the_duty_just_goes_over(here):
    await swaps.approve(swap_id=await here.agreed(), by=here.manager)
    assert await holders(here.mine, here.theirs) == [[here.kim.id] * 2, [here.kim.id] * 2]


async def test_a_manager_decides_only_what_the_colleague_has_agreed_to(here):
    swap_id = await here.ask()
    with pytest.raises(Refused) as refused:
        await swaps.approve(swap_id=swap_id, by=here.manager)
    assert refused.value.rules == {"answered"}
    assert await holders(here.mine) == [[here.sam.id] * 2]


async def test_a_refusal_says_why_to_both_and_leaves_all_as_it_was(here):
    swap_id = await here.agreed()
    with pytest.raises(Refused):
        await swaps.refuse(swap_id=swap_id, by=here.manager, why=" ")
    await swaps.refuse(swap_id=swap_id, by=here.manager, why="We need you both")
    assert await told("swap_decided") == {here.sam.person_id, here.kim.person_id}
    assert await holders(here.mine) == [[here.sam.id] * 2]


async def test_a_colleague_who_cannot_says_no_and_another_may_be_asked(here):
    swap_id = await here.ask()
    await swaps.decline(swap_id=swap_id, staff_id=here.kim.id, words="I am away", by=None)
    assert await told("swap_declined") == {here.sam.person_id}
    await here.ask(to=await make.worker(here.hub, known_as="Bo Lane"))


async def waits():
    """The kinds of the messages of swaps that will be sent."""
    return sorted([row.kind for row in await Message.filter(state="queued", kind__startswith="swap_")])


async def test_a_question_that_was_answered_before_it_left_is_not_sent(here):
    await here.agreed()
    assert await waits() == ["swap_agreed"]


async def test_that_a_manager_decides_next_is_not_said_once_it_is_decided(here):
    await swaps.approve(swap_id=await here.agreed(), by=here.manager)
    assert await waits() == []


async def test_that_a_colleague_agrees_is_not_said_once_they_cannot(here):
    await swaps.decline(swap_id=await here.agreed(), staff_id=here.kim.id, words="", by=None)
    assert await waits() == ["swap_declined"]


async def test_one_duty_has_one_open_swap(here):
    await here.ask()
    with pytest.raises(Refused) as refused:
        await here.ask(to=await make.worker(here.hub, known_as="Bo Lane"))
    assert refused.value.rules == {"already asked"}


async def test_what_was_withdrawn_cannot_be_agreed_to(here):
    swap_id = await here.ask()
    await swaps.withdraw(swap_id=swap_id, staff_id=here.sam.id, by=None)
    assert (await Message.get(kind="swap_asked")).state == "void"
    with pytest.raises(Refused) as refused:
        await swaps.agree(swap_id=swap_id, staff_id=here.kim.id, by=None)
    assert refused.value.rules == {"answered"}


async def test_only_whoever_asked_withdraws_and_only_whoever_is_asked_answers(here):
    swap_id = await here.ask()
    for verb, staff, more in (
        (swaps.withdraw, here.kim, {}),
        (swaps.agree, here.sam, {}),
        (swaps.decline, here.sam, {"words": ""}),
    ):
        with pytest.raises(LookupError):
            await verb(swap_id=swap_id, staff_id=staff.id, by=None, **more)


async def test_a_manager_of_another_hub_finds_no_such_swap(here):
    swap_id = await here.agreed()
    other = await make.location()
    stranger = acting(await make.staff("hub_manager", other.id), hub_id=other.id)
    for verb, more in ((swaps.approve, {}), (swaps.refuse, {"why": "No"})):
        with pytest.raises(LookupError):
            await verb(swap_id=swap_id, by=stranger, **more)


async def test_of_two_hubs_duties_no_manager_of_one_decides_alone(here):
    other = await make.location(lat=here.hub.lat, lon=here.hub.lon)
    there = await make.shift(other, date=in_days(2))
    await make.assignment(there, here.kim)
    here.theirs = there
    swap_id = await here.agreed(back=True)
    with pytest.raises(Refused) as refused:
        await swaps.approve(swap_id=swap_id, by=here.manager)
    assert refused.value.rules == {"hub"}
    admin = acting(await make.staff("county_admin"), "county_admin")
    await swaps.approve(swap_id=swap_id, by=admin)


async def test_the_rules_are_judged_when_it_is_asked(here):
    await make.leave(here.kim, in_days(1))
    with pytest.raises(Refused) as refused:
        await here.ask()
    assert refused.value.rules == {"leave"}
    assert "leave" not in refused.value.problems[0].words.lower()


async def test_the_rules_are_judged_when_it_is_agreed(here):
    swap_id = await here.ask()
    await make.assignment(await make.shift(here.hub, date=in_days(1), start="10:00", end="11:00"), here.kim)
    with pytest.raises(Refused) as refused:
        await swaps.agree(swap_id=swap_id, staff_id=here.kim.id, by=None)
    assert refused.value.rules == {"double"}
    assert (await SwapRequest.get(id=swap_id)).state == "asked"


async def test_the_rules_are_judged_when_it_is_decided_and_a_manager_may_override_with_a_reason(here):
    swap_id = await here.agreed()
    await make.leave(here.kim, in_days(1))
    with pytest.raises(Refused) as refused:
        await swaps.approve(swap_id=swap_id, by=here.manager)
    assert refused.value.rules == {"leave"}
    assert await holders(here.mine) == [[here.sam.id] * 2]
    await swaps.approve(swap_id=swap_id, by=here.manager, reason="Kim offered to come in")
    assert (await Assignment.get(shift_id=here.mine.id, layer="published")).override_reason == "Kim offered to come in"


async def test_what_the_rota_has_overtaken_is_void_and_says_so(here):
    swap_id = await here.agreed()
    bo = await make.worker(here.hub, known_as="Bo Lane")
    await assigning.assign(here.mine.id, bo.id, by=here.manager, layers=assigning.BOTH)
    with pytest.raises(Refused) as refused:
        await swaps.approve(swap_id=swap_id, by=here.manager)
    assert refused.value.rules == {"void"}
    assert (await SwapRequest.get(id=swap_id)).state == "void"
    assert await told("swap_decided") == {here.sam.person_id, here.kim.person_id}
    assert await holders(here.mine) == [[bo.id] * 2]


async def test_when_one_is_approved_the_others_about_the_same_duties_are_void(here):
    bo = await make.worker(here.hub, known_as="Bo Lane")
    other = await make.shift(here.hub, date=in_days(2))
    await make.assignment(other, bo)
    rival = await swaps.ask(
        shift_id=other.id, from_staff_id=bo.id, to_staff_id=here.kim.id, in_return_id=here.theirs.id, words="", by=None
    )
    await swaps.approve(swap_id=await here.agreed(back=True), by=here.manager)
    assert (await SwapRequest.get(id=rival)).state == "void"
    assert bo.person_id in await told("swap_decided")


async def test_who_cannot_take_it_is_listed_with_a_reason_that_gives_nothing_away(here):
    await make.leave(here.kim, in_days(1), kind="sick")
    fit, unfit = await swap_choices.colleagues(here.mine.id, here.sam.id)
    assert fit == []
    assert [(each.name, each.why) for each in unfit] == [("Kim Hall", ("is not free that day",))]


async def test_who_is_busy_then_may_still_exchange_that_very_duty(here):
    wimborne = await make.location(name="Wimborne", lat=here.hub.lat, lon=here.hub.lon)
    at_once = await make.shift(wimborne, date=in_days(1))
    await make.assignment(at_once, here.kim)
    fit, _ = await swap_choices.colleagues(here.mine.id, here.sam.id)
    assert [(each.name, each.is_only_in_return) for each in fit] == [("Kim Hall", True)]
    _, found = await swap_choices.in_return(here.mine.id, here.sam.id, here.kim.id)
    assert [each.shift_id for each in found if not each.why] == [at_once.id]
    here.theirs = at_once
    await here.ask(back=True)


async def test_who_does_the_same_work_beside_them_is_not_asked_to_exchange_it(here):
    beside = await make.shift(here.hub, date=in_days(1), title="Front desk", position=2)
    await make.assignment(beside, here.kim)
    fit, unfit = await swap_choices.colleagues(here.mine.id, here.sam.id)
    assert [(each.name, each.may) for each in [*fit, *unfit]] == [("Kim Hall", False)]
    _, found = await swap_choices.in_return(here.mine.id, here.sam.id, here.kim.id)
    assert beside.id not in [each.shift_id for each in found]


async def test_a_restricted_duty_is_named_to_nobody_who_has_it_not(here):
    refuge = await make.location(name="Rose House", is_restricted=True, lat=here.hub.lat, lon=here.hub.lon)
    secret = await make.shift(refuge, date=in_days(4), title="Freedom group")
    await make.assignment(secret, here.sam)
    here.mine = secret
    await here.ask()
    for message in await Message.all():
        assert "Rose" not in message.subject + message.body and "Freedom" not in message.subject + message.body
    _, found = await swap_choices.in_return(secret.id, here.sam.id, here.kim.id)
    assert [each.shift_id for each in found] == [here.theirs.id]
    assert (await Person.get(id=here.kim.person_id)).name == "Kim Hall"


async def test_whoever_has_the_duty_since_may_ask_anew(here):
    swap_id = await here.ask()
    bo = await make.worker(here.hub, known_as="Bo Lane")
    await assigning.assign(here.mine.id, bo.id, by=here.manager, layers=assigning.BOTH)
    await swaps.ask(
        shift_id=here.mine.id, from_staff_id=bo.id, to_staff_id=here.kim.id, in_return_id=None, words="", by=None
    )
    assert (await SwapRequest.get(id=swap_id)).state == "void"


@pytest.mark.parametrize("is_free", [True, False])
async def test_preparation_goes_with_the_session_where_the_rules_let_it(here, is_free):
    session = await make.session(await make.run(location=here.hub), date=in_days(4))
    here.mine = await make.shift(here.hub, session=session)
    block = await make.shift(here.hub, session=session, kind="preparation", date=in_days(2), start="09:00", end="10:00")
    for each in (here.mine, block):
        await make.assignment(each, here.sam)
    if not is_free:
        await make.assignment(await make.shift(here.hub, date=in_days(2), start="09:30", end="11:00"), here.kim)
    await swaps.approve(swap_id=await here.agreed(), by=here.manager)
    assert await holders(here.mine) == [[here.kim.id] * 2]
    assert await holders(block) == [[(here.kim if is_free else here.sam).id] * 2]
