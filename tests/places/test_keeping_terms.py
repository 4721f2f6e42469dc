"""A term calendar is changed whole, checked, kept in versions and brought back."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from booking import db, demo
from booking.places import keeping_terms, term_form, term_lines
from booking.places.term_calendars import calendar_of
from booking.places.term_lines import TermLine
from booking.problems import Refused
from tests import make

D = date.fromisoformat
YEAR = "2026-27"
AUTUMN = TermLine(YEAR, "term", "autumn", D("2026-09-02"), D("2026-12-18"))
OCTOBER = TermLine(YEAR, "half_term", "autumn", D("2026-10-26"), D("2026-10-30"))
CHRISTMAS = TermLine(YEAR, "holiday", "christmas", D("2026-12-21"), D("2027-01-01"))
SPRING = TermLine(YEAR, "term", "spring", D("2027-01-04"), D("2027-03-25"))
FEBRUARY = TermLine(YEAR, "half_term", "spring", D("2027-02-15"), D("2027-02-19"))
LINES = [AUTUMN, OCTOBER, CHRISTMAS, SPRING, FEBRUARY]


def rules(*lines: TermLine) -> list[str]:
    return [problem.rule for problem in term_lines.problems_of({str(n): line for n, line in enumerate(lines)})]


def test_every_school_year_of_our_data_is_fine():
    with (Path(demo.__file__).parent / "data" / "term_dates.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for area in {row["area"] for row in rows}:
        lines = [
            TermLine(row["academic_year"], row["kind"], row["part"], D(row["start"]), D(row["end"]))
            for row in rows
            if row["area"] == area
        ]
        assert rules(*lines) == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (replace(FEBRUARY, last=D("2027-02-12")), "order"),
        (replace(FEBRUARY, first=D("2027-03-29"), last=D("2027-04-02")), "outside term"),
        (replace(FEBRUARY, kind="holiday", part="easter"), "overlap"),
        (replace(SPRING, first=D("2026-12-14")), "overlap"),
        (replace(FEBRUARY, first=D("2072-02-15"), last=D("2072-02-19")), "year"),
        (TermLine(YEAR, "election", "spring", D("2027-01-06"), D("2027-02-06")), "length"),
    ],
)
def test_a_line_that_cannot_be_right_is_named(line, rule):
    kept = [each for each in LINES if each.what != line.what]
    assert rule in rules(*kept, line)


def test_single_days_may_be_on_any_day_but_not_twice():
    election = TermLine(YEAR, "election", "spring", D("2027-02-18"), D("2027-02-18"))
    assert rules(*LINES, election, replace(election, kind="staff_training")) == []
    assert rules(*LINES, election, election) == ["overlap"]


def test_problems_stand_beside_their_field():
    problems = term_lines.problems_of({"3": AUTUMN, "7": replace(OCTOBER, last=D("2026-10-20"))})
    assert [(problem.field, problem.words) for problem in problems] == [
        ("last-7", "Autumn half term: the last day is before the first.")
    ]


def test_halves_of_a_term_written_apart_are_one_term():
    halves = [replace(SPRING, last=D("2027-02-12")), replace(SPRING, first=D("2027-02-22"))]
    assert rules(*halves, FEBRUARY) == []


def test_versions_are_compared_line_by_line():
    moved = replace(FEBRUARY, first=D("2027-02-22"), last=D("2027-02-26"))
    election = TermLine(YEAR, "election", "spring", D("2027-05-06"), D("2027-05-06"))
    found = term_lines.compare(LINES, [AUTUMN, CHRISTMAS, SPRING, moved, election])
    assert [(each.what, each.before, each.after) for each in found] == [
        ("Autumn half term", "26 to 30 October 2026", ""),
        ("Spring half term", "15 to 19 February 2027", "22 to 26 February 2027"),
        ("Election day", "", "6 May 2027"),
    ]
    assert term_lines.from_json(term_lines.to_json(LINES)) == term_lines.in_order(LINES)


def test_a_form_comes_back_as_it_was_and_its_empty_lines_are_left_out():
    lines = term_form.form_lines([*LINES, TermLine(YEAR, "training_day", "autumn", D("2026-09-02"), D("2026-09-02"))])
    assert [line.words for line in lines[:3]] == ["Autumn term", "Autumn half term", "Christmas holiday"]
    typed = {f"{name}-{line.name}": getattr(line, name) for line in lines for name in ("what", "first", "last")}
    assert term_form.typed_lines(typed) == lines
    read, problems = term_form.read(lines, YEAR)
    assert problems == []
    assert [line.what for line in term_lines.in_order(read.values())] == [
        ("training_day", ""), ("term", "autumn"), ("half_term", "autumn"), ("holiday", "christmas"), ("term", "spring"),
        ("half_term", "spring"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_said_beside_its_field():
    lines = term_form.typed_lines(
        {"what-0": "term:autumn", "first-0": "2 Sept", "what-9": "", "first-9": "2027-05-06", "what-10": "election",
         "first-10": "2027-05-06"}
    )  # fmt: skip
    read, problems = term_form.read(lines, YEAR)
    assert [(problem.field, problem.rule) for problem in problems] == [("first-0", "date"), ("what-9", "missing")]
    assert read["10"] == TermLine(YEAR, "election", "summer", D("2027-05-06"), D("2027-05-06"))


@pytest.mark.parametrize(
    ("day", "year"), [("2026-09-01", "2026-27"), ("2027-08-31", "2026-27"), ("2099-09-01", "2099-00")]
)
def test_the_school_year_of_a_day(day, year):
    assert term_lines.year_of(D(day)) == year
    assert term_lines.is_year(year)


@pytest.fixture
async def ruth(database):
    for line in LINES:
        await make.TermDate.create(
            area="Dorset", academic_year=line.year, kind=line.kind, part=line.part, start_date=line.first,
            end_date=line.last, status="reported",
        )  # fmt: skip
    return await make.staff("county_admin")


async def test_a_change_is_a_version_with_who_when_and_why_and_the_one_before_is_kept(ruth):
    moved = replace(FEBRUARY, first=D("2027-02-22"), last=D("2027-02-26"))
    number = await keeping_terms.change("Dorset", [*LINES[:4], moved], seen=0, why="The council moved it", by=ruth)
    assert number == 2
    versions = await keeping_terms.versions_of("Dorset")
    assert [(row["number"], row["why"], row["by_name"]) for row in versions] == [
        (2, "The council moved it", ruth.name), (1, keeping_terms.FIRST, ""),
    ]  # fmt: skip
    first, second = await keeping_terms.version("Dorset", 1), await keeping_terms.version("Dorset", 2)
    assert [each.what for each in term_lines.compare(first["lines"], second["lines"])] == ["Spring half term"]
    calendar = await calendar_of("Dorset")
    assert calendar.reasons(D("2027-02-16"), term_time_only=True) == ()
    assert calendar.reasons(D("2027-02-23"), term_time_only=True) == ("Half term",)
    assert {line.status for line in await keeping_terms.lines_of("Dorset") if line.kind == "term"} == {"reported"}


async def test_an_old_version_is_brought_back_as_a_new_one(ruth):
    await keeping_terms.change("Dorset", LINES[:4], seen=0, why="No half term", by=ruth)
    first = await keeping_terms.version("Dorset", 1)
    assert await keeping_terms.change("Dorset", first["lines"], seen=2, why="As it was", by=ruth) == 3
    assert await keeping_terms.lines_of("Dorset") == first["lines"]


async def test_of_two_who_change_the_same_version_the_second_is_told(ruth):
    await keeping_terms.change("Dorset", LINES[:4], seen=0, why="One", by=ruth)
    with pytest.raises(Refused) as refused:
        await keeping_terms.change("Dorset", LINES[:3], seen=0, why="Two", by=ruth)
    assert refused.value.problems == [keeping_terms.CHANGED]


@pytest.mark.parametrize(
    ("lines", "why", "rule"),
    [(LINES, "Why", "same"), (LINES[:4], " ", "missing"), ([*LINES[:4], AUTUMN], "Why", "overlap")],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_kept(ruth, lines, why, rule):
    with pytest.raises(Refused) as refused:
        await keeping_terms.change("Dorset", lines, seen=0, why=why, by=ruth)
    assert rule in refused.value.rules
    assert await keeping_terms.versions_of("Dorset") == []


async def test_areas_differ(ruth):
    await keeping_terms.change("Essex", LINES[:1], seen=0, why="Begun", by=ruth)
    assert await keeping_terms.current_number("Essex") == 1
    assert await keeping_terms.current_number("Dorset") == 0
    assert len(await keeping_terms.lines_of("Dorset")) == 5


async def test_a_year_that_an_import_brought_with_a_slip_does_not_stop_the_change_of_another(ruth):
    await db.execute("UPDATE term_date SET end_date = $1 WHERE kind = 'half_term' AND part = 'spring'", D("2027-02-01"))
    there = await keeping_terms.lines_of("Dorset")
    next_year = TermLine("2027-28", "term", "autumn", D("2027-09-02"), D("2027-12-17"))
    assert await keeping_terms.change("Dorset", [*there, next_year], seen=0, why="Next year", by=ruth) == 2


async def test_an_import_over_kept_versions_is_a_version_too(ruth):
    await keeping_terms.note_import(["Dorset"], by=ruth)
    assert await keeping_terms.versions_of("Dorset") == []
    await keeping_terms.change("Dorset", LINES[:4], seen=0, why="No half term", by=ruth)
    await db.execute("DELETE FROM term_date WHERE kind = 'half_term'")
    await keeping_terms.note_import(["Dorset"], by=ruth)
    assert (await keeping_terms.versions_of("Dorset"))[0]["why"] == "Imported"
