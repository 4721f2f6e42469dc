"""Whatever stands in a cell, an import answers: it comes in, or its file, row and column are named. Nothing falls over."""

import pytest

from booking.programmes.imports.importing import TABLES
from booking.tables import recognise
from tests.importing.tables import FILES, bring_in, source

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]
NASTY = [
    "",
    "-1",
    "9" * 40,
    "a" * 150,
    "a;" * 1900,
    "x" * 3999,
    "é🎵" * 60,
    "\u202etfel",
    "'; DROP TABLE run; --",
    "=1+1",
    "a\x00b",
    "\ud7ff\ue000",
    "2027-01-12",
    "0001-01-01",
    "9999-12-31",
    "yes",
    "NaN",
    "hub",
]
CASES = [
    (name, column.name)
    for name, rows in FILES.items()
    for column in recognise(list(rows[0]), TABLES).columns
    if column.read
]


@pytest.mark.parametrize(("name", "column"), CASES)
async def test_an_import_answers_whatever_stands_in_the_cell(name, column):
    for cell in NASTY:
        rows = [FILES[name][0] | {column: cell}, *FILES[name][1:]]
        files = [source(other, FILES[other]) for other in FILES if other != name]
        report = await bring_in(*files, source(name, rows), good_rows=True)
        assert report.is_saved, report.lines()
        for problem in report.problems:
            assert problem.file and problem.words.endswith((".", ")"))
