"""Several county admins change one calendar at the same moment: one of them does, the others are told."""

import asyncio
from datetime import date, timedelta

import pytest

from booking import db
from booking.places import keeping_terms
from booking.places.term_lines import TermLine
from booking.problems import Refused
from tests import make
from tests.conftest import drop_database, make_database


@pytest.fixture
async def own_database(shared_database, tmp_path_factory):
    """A database really written to, with connections of its own for each."""
    await db.close_database()
    own = await make_database(tmp_path_factory.mktemp("terms"))
    await db.open_database(own)
    yield
    await db.close_database()
    await drop_database(own)
    await db.open_database(shared_database)


async def test_of_six_who_change_the_same_version_one_does_and_nothing_is_half_changed(own_database):
    ruth = await make.staff("county_admin")
    first = date(2027, 5, 3)

    async def change(n: int) -> str:
        day = first + timedelta(n)
        try:
            line = TermLine("2026-27", "election", "summer", day, day)
            await keeping_terms.change("Dorset", [line], seen=0, why=f"Election {n}", by=ruth)
        except Refused as refused:
            return refused.problems[0].rule
        return "changed it"

    said = await asyncio.gather(*(change(n) for n in range(6)))
    assert sorted(said) == ["changed"] * 5 + ["changed it"]
    [version] = await keeping_terms.versions_of("Dorset")
    [line] = await keeping_terms.lines_of("Dorset")
    assert version["why"] == f"Election {(line.first - first).days}"
    assert await db.value("SELECT COUNT(*) AS n FROM audit_event WHERE verb = 'change term calendar'") == 1
