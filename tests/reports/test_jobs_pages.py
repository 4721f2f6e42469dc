"""/staff/jobs: for county admins, each job and its runs; others find nothing there."""

from datetime import timedelta

import pytest

from booking import clock
from jobs import ticks
from tests import make


@pytest.fixture
async def ran(database):
    began = clock.now() - timedelta(seconds=2)
    at = {"worker": "hub:1", "next_run_at": clock.now() + timedelta(minutes=1), "every": "every minute"}
    await ticks.write_down("queue reminders", began, "4 reminders settled", **at)
    await ticks.write_down("deliver messages", began, "", "RuntimeError: jo@home.example is down", **at)


async def test_an_admin_sees_each_job_and_what_it_did(client, ran):
    await make.sign_in_staff(client, await make.staff("county_admin", None))
    page = (await client.get("/staff/jobs")).text
    assert "4 reminders settled" in page and "every minute" in page and "Failing" in page
    assert "1 job needs a look" in page and "jo@home.example" not in page
    one = (await client.get("/staff/jobs/queue reminders")).text
    assert "hub:1" in one and "4 reminders settled" in one


async def test_an_unknown_job_is_not_there(client, ran):
    await make.sign_in_staff(client, await make.staff("county_admin", None))
    assert (await client.get("/staff/jobs/nothing")).status_code == 404


@pytest.mark.parametrize("role", ["hub_staff", "hub_manager"])
async def test_others_do_not_find_it(client, ran, role):
    hub = await make.location()
    await make.sign_in_staff(client, await make.staff(role, hub.id))
    assert (await client.get("/staff/jobs")).status_code == 404
    assert (await client.get("/staff/jobs/queue reminders")).status_code == 404
