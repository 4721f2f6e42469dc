"""Bookers are warned by mail, 30 and 7 days before their agreement or insurance ends, once each."""

from datetime import date, timedelta

import pytest

from booking import clock
from booking.messages.models import Message
from booking.people.models import Organisation
from booking.people.warning_partners import lead_for, queue_due
from tests import make

TODAY = date(2027, 4, 3)


@pytest.mark.parametrize(("days", "lead"), [(31, None), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)])
def test_a_warning_is_due_from_its_day_on_so_that_a_day_without_the_job_loses_none(days, lead):
    assert lead_for(TODAY + timedelta(days=days), TODAY) == lead


async def mails() -> list[str]:
    return sorted([message.subject for message in await Message.filter(kind="partner_expiry")])


async def test_every_booker_hears_once_and_again_a_week_before(database, time_machine):
    time_machine.move_to(clock.now())
    end = clock.today() + timedelta(days=30)
    toys = await make.organisation(name="Toys", agreement_to_date=end)
    for _ in range(2):
        await make.booker(toys)
    assert (await queue_due(), await queue_due()) == (2, 0)
    time_machine.shift(timedelta(days=10))
    assert await queue_due() == 0
    time_machine.shift(timedelta(days=13))
    assert (await queue_due(), await queue_due()) == (2, 0)
    assert len(await mails()) == 4
    time_machine.shift(timedelta(days=10))
    assert await queue_due() == 0


async def test_a_new_date_is_warned_of_anew_and_agreement_and_insurance_apart(database):
    soon = clock.today() + timedelta(days=5)
    toys = await make.organisation(name="Toys", agreement_to_date=soon, insurance_to_date=soon)
    await make.booker(toys)
    assert await queue_due() == 2
    await Organisation.filter(id=toys.id).update(agreement_to_date=soon + timedelta(days=1))
    assert await queue_due() == 1
    assert [subject.split()[1] for subject in await mails()] == ["agreement", "agreement", "insurance"]


async def test_nobody_is_warned_for_what_is_far_over_ended_or_without_a_booker(database):
    far, over = clock.today() + timedelta(days=31), clock.today() - timedelta(days=1)
    soon = clock.today() + timedelta(days=3)
    await make.booker(await make.organisation(agreement_to_date=far, insurance_to_date=over))
    await make.booker(await make.organisation(agreement_to_date=soon, insurance_to_date=None, ended_at=clock.now()))
    await make.organisation(agreement_to_date=soon)
    assert await queue_due() == 0
