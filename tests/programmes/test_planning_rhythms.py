"""Every rhythm of the form that plans a run, as the planner sees its dates; and from the form to the best plans near a postcode."""

from datetime import UTC, datetime

import pytest

from booking import clock
from booking.programmes.models import Run
from booking.programmes.plans import planning, publishing
from booking.programmes.plans.publishing import Terms
from tests import make
from tests.programmes import planning_calls
from tests.programmes.planning_calls import asked

FORTNIGHTLY = {"frequency": "fortnightly", "first": "2027-02-02", "sessions": "3"}  # half term is two weeks later


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """It is November 2026, whenever the tests run; returns how to be somewhen else."""
    now = [datetime(2026, 11, 2, 9, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    return lambda *day: now.__setitem__(0, datetime(*day, tzinfo=UTC))


@pytest.fixture
async def desk(database):
    await planning_calls.dorset_terms()
    return await planning_calls.desk()


RHYTHMS = [
    (FORTNIGHTLY | {"after_skip": "keep"}, "02-02 03-02 03-16", "02-16"),
    (FORTNIGHTLY | {"after_skip": "shift"}, "02-02 02-23 03-09", "02-16"),
    ({"frequency": "monthly", "nth": "2", "sessions": "3"}, "01-12 02-09 03-09", ""),
    ({"frequency": "monthly", "nth": "-1", "sessions": "3"}, "01-26 02-23 04-27", "03-30"),
    ({"weekday": ("1", "3"), "sessions": "5"}, "01-12 01-14 01-19 01-21 01-26", ""),
    ({"frequency": "dates", "weekday": (), "sessions": "", "added": ("2027-02-03", "2027-03-20")}, "01-12 02-03 03-20", ""),
    ({"sessions": "", "last": "2027-02-01"}, "01-12 01-19 01-26", ""),
    ({"first": "2027-02-09", "sessions": "3", "term_time_only": ""}, "02-09 02-16 02-23", ""),
]  # fmt: skip


@pytest.mark.parametrize(("values", "held", "skipped"), RHYTHMS)
async def test_the_form_gives_the_dates_of_its_rhythm_and_each_skip_with_its_reason(desk, values, held, skipped):
    found = await planning.preview(asked(desk, creche_room="", **values), by=desk.by)
    assert " ".join(each.want.day.strftime("%m-%d") for each in found.held) == held
    left_out = [each.want for each in found.dates if not each.want.is_held]
    assert " ".join(want.day.strftime("%m-%d") for want in left_out) == skipped
    assert all(want.left_out for want in left_out)


async def test_fourteen_sessions_from_12_january_end_on_4_may(desk):
    found = await planning.preview(asked(desk, creche_room="", sessions="14"), by=desk.by)
    assert [each.want.day.isoformat() for each in found.held][-1] == "2027-05-04"
    why = {each.want.day.strftime("%m-%d"): " ".join(each.want.left_out) for each in found.dates if each.want.left_out}
    assert why == {"02-16": "Half term", "03-30": "Easter holiday", "04-06": "Easter holiday"}


async def test_the_form_leads_to_the_best_plans_within_ten_miles_of_a_postcode(client, desk):
    await make.sign_in_staff(client, await make.staff("hub_staff", desk.hub.id))
    fields = planning_calls.fields(desk, near="BH22", within="10", room="", creche_room="")
    page = await client.get("/staff/plan/find", params=list(fields.multi_items()))
    assert page.status_code == 200
    assert "Within 10 miles" in page.text or 'value="10" selected' in page.text


async def test_a_course_is_joined_until_its_week_n_has_begun(client, desk, early):
    await desk.programme.update_from_dict({"entry_sessions": 2}).save()
    run_id = await planning.save(asked(desk, creche_room="", sessions="4"), by=desk.by)
    await publishing.publish(run_id, Terms(), by=desk.by, undo_minutes=10)
    path = f"/courses/{(await Run.get(id=run_id)).slug}"
    early(2027, 1, 19, 9, 59)
    assert "Book the whole course" in (await client.get(path)).text
    early(2027, 1, 19, 10, 1)
    assert "Book the whole course" not in (await client.get(path)).text
    assert (await client.post(f"{path}/book")).status_code == 409
    assert (await Run.get(id=run_id)).taken == 0
