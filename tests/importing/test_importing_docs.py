"""docs/importing.md tells of every table, every column and every word that a cell may hold."""

import re
from pathlib import Path

import pytest

from booking.places import place_tables, term_calendar
from booking.programmes.imports import programme_tables
from booking.programmes.imports.importing import TABLES

DOCS = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_docs_tell_of_every_column(table):
    section = DOCS.partition(f"### {table.name.capitalize()}\n")[2].partition("\n### ")[0]
    for column in table.columns:
        told = f"| `{column.name}` | {'needed' if column.must else ''} | {column.about} |"
        assert told in section if column.read else f"`{column.name}`" in section


def test_the_docs_tell_of_no_column_that_is_not_there():
    told = set(re.findall(r"^\| `(\w+)` \| (?:needed)? \|", DOCS, re.MULTILINE))
    assert told == {column.name for table in TABLES for column in table.columns if column.read}


@pytest.mark.parametrize(
    "word",
    [
        *place_tables.ROLES,
        *term_calendar.KINDS,
        *term_calendar.PARTS,
        *programme_tables.BOOKING_RULES,
        *programme_tables.DELIVERY,
    ],
)
def test_the_docs_tell_of_every_word_a_cell_may_hold(word):
    assert re.search(rf"\b{word}\b", DOCS)
