"""What staff changed of a programme survives the next import."""

import pytest

from booking.programmes.models import Programme
from booking.programmes.plans import keeping_programmes, programme_form
from tests import make
from tests.importing.tables import PROGRAMME as SHORT
from tests.importing.tables import bring_in
from tests.places.who import staff_who

pytestmark = pytest.mark.usefixtures("database")
PROGRAMME = SHORT | {"minutes": "60", "capacity_max": "12"}


async def change(**typed: str) -> None:
    """A manager changes the programme that was imported."""
    hub = await make.location()
    manager = staff_who(await make.staff("hub_manager", hub.id), {hub.id}, "hub_manager")
    id = (await Programme.get(code=PROGRAMME["code"])).id
    row = keeping_programmes.plain(await keeping_programmes.programme_row(manager, id) or {})
    usual = programme_form.typed_facts(row) | {"booking_mode": "drop_in"}
    await keeping_programmes.change(programme_id=id, typed=usual | typed, by=manager)


async def test_what_staff_changed_stays_and_the_rest_follows_the_file():
    await bring_in(programmes=[PROGRAMME])
    await change(title="Stay, play and sing", creche_places="6")
    report = await bring_in(programmes=[PROGRAMME | {"minutes": "75", "title": "Another name"}])
    kept = await Programme.get(code=PROGRAMME["code"])
    assert (kept.title, kept.minutes, kept.creche_places) == ("Stay, play and sing", 75, 6)
    assert {(each.column, each.staff) for each in report.differences} >= {("title", "Stay, play and sing")}


async def test_told_to_overwrite_it_takes_the_files_word():
    await bring_in(programmes=[PROGRAMME])
    await change(title="Stay, play and sing")
    await bring_in(programmes=[PROGRAMME], overwrite_staff_changes=True)
    assert (await Programme.get(code=PROGRAMME["code"])).title == PROGRAMME["title"]


async def test_imported_twice_nothing_changes():
    await bring_in(programmes=[PROGRAMME])
    await change(picture="play")
    assert not (await bring_in(programmes=[PROGRAMME])).has_changes()
    assert (await Programme.get(code=PROGRAMME["code"])).picture == "play"
