"""What a programme says about those who lead it: skills that are kept, minutes beside sessions, crèche workers."""

import pytest

from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.models import Programme
from booking.programmes.plans import keeping_programmes
from booking.programmes.plans.programme_form import blank
from tests import make

pytestmark = pytest.mark.usefixtures("database")
TYPED = {
    "title": "HENRY", "booking_mode": "run", "minutes": "120", "places_max": "8", "facilitators": "2",
    "prepare_minutes": "45", "follow_up_minutes": "30", "creche_workers": "3",
}  # fmt: skip


async def by() -> Who:
    member = await make.staff("county_admin")
    return Who(member.id, member.name, None, "", "a@county.example", "", frozenset({"county_admin"}), frozenset())


async def test_skills_are_names_or_codes_that_are_kept():
    await make.skill("trained-henry", name="Trained in HENRY")
    who = await by()
    id = await keeping_programmes.add(typed=blank() | TYPED | {"skills": "trained in henry; Trained-HENRY"}, by=who)
    row = await Programme.get(id=id)
    assert (row.prepare_minutes, row.follow_up_minutes, row.creche_workers) == (45, 30, 3)
    with pytest.raises(Refused) as refused:
        await keeping_programmes.change(programme_id=id, typed=blank() | TYPED | {"skills": "Juggling"}, by=who)
    assert "Juggling" in refused.value.problems[0].words and refused.value.problems[0].field == "skills"
