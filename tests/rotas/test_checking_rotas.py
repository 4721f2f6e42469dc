"""What `booking check` says of rotas."""

import pytest

from booking import db
from booking.rotas import assigning, checking
from booking.rotas.models import Assignment
from tests import make

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def duty(database):
    shift = await make.shift()
    await make.assignment(shift, await make.worker(await shift.location))
    return shift


async def said():
    return [str(each) for each in await checking.check()]


async def test_without_a_rota_nothing_is_said():
    assert await said() == []


async def test_a_sound_rota_is_ok(duty):
    [line] = await said()
    assert line.startswith("ok") and "times of its shift" in line


async def test_other_times_than_the_shift(duty):
    await db.execute("UPDATE assignment SET ends_at = $1 WHERE layer = 'draft'", duty.ends_at.replace(hour=23))
    [line] = await said()
    assert line.startswith("wrong") and "1 duty with other times" in line


async def test_somebody_in_what_is_cancelled(duty):
    await db.execute("UPDATE shift SET state = 'cancelled'")
    [line] = await said()
    assert line.startswith("wrong") and "2 duties of shifts that are cancelled" in line


async def test_a_draft_that_has_lost_what_is_published(duty):
    await Assignment.filter(layer="draft").delete()
    [line] = await said()
    assert line.startswith("wrong") and "1 published duty not in the draft" in line


async def test_a_duty_that_a_manager_opened_in_the_draft_is_well(duty):
    await assigning.unassign(duty.id, by=None)
    [line] = await said()
    assert line.startswith("ok")
