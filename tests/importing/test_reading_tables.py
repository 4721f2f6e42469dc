import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.programmes.imports.importing import TABLES
from booking.tables import read_file, recognise
from tests.importing.tables import PROGRAMME, ROOM, SERIES, TERMS, as_csv, source


def problems(name: str, rows) -> list[str]:
    return [str(problem) for problem in read_file(source(name, rows), TABLES).problems]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("start", "25:00", '"25:00" is not a time. Write it like 09:30.'),
        ("start", "half nine", '"half nine" is not a time. Write it like 09:30.'),
        ("end", "", "The cell is empty."),
        ("weekday", "Tues day", '"Tues day" is not a day of the week. Write Mon, Tue, Wed, Thu, Fri, Sat or Sun.'),
        ("first_date", "2027-02-30", '"2027-02-30" is not in the calendar. Write it like 2027-01-12.'),
        ("first_date", "soon", '"soon" is not a date. Write it like 2027-01-12.'),
        ("last_date", "31/04/2027", '"31/04/2027" is not in the calendar. Write it like 2027-01-12.'),
        ("last_date", "12/01/27", '"12/01/27" is not a date. Write it like 2027-01-12.'),
        ("frequency", "daily", '"daily" is not known. Write weekly, fortnightly, monthly 1st, 2nd, 3rd, '
         "4th, 5th or last."),
        ("planned_sessions", "0", '"0" is not a whole number from 1 to 200.'),
        ("capacity", "a few", '"a few" is not a whole number from 1 to 5000.'),
        ("capacity", "12.5", '"12.5" is not a whole number from 1 to 5000.'),
        ("capacity", "٣", '"٣" is not a whole number from 1 to 5000.'),
        ("capacity", "999999999999", '"999999999999" is not a whole number from 1 to 5000.'),
        ("min_age_months", "-1", '"-1" is not a whole number from 0 to 1200.'),
        ("term_time_only", "maybe", '"maybe" is neither yes nor no.'),
        ("booking", "ring us", '"ring us" is not known. Write drop_in, book, book_or_referral, book_first_visit, '
         "appointment, referral or linked."),
        ("series_id", "D01 01", '"D01 01" is not a code. Use letters, figures and hyphens, at most 40.'),
        ("series_id", "../../etc", '"../../etc" is not a code. Use letters, figures and hyphens, at most 40.'),
        ("title", "=HYPERLINK(1)", '"=HYPERLINK(1)" begins with =, which a spreadsheet would run as a formula. '
         "Take the sign away."),
        ("title", "@SUM(A1)", '"@SUM(A1)" begins with @, which a spreadsheet would run as a formula. '
         "Take the sign away."),
        ("title", "+44", '"+44" begins with +, which a spreadsheet would run as a formula. Take the sign away.'),
        ("title", "-1+1", '"-1+1" begins with -, which a spreadsheet would run as a formula. Take the sign away.'),
        ("title", "Bell\x07", '"Bell\N{REPLACEMENT CHARACTER}" holds characters that are not text. Type it again.'),
        ("title", "a" * 201, f'"{"a" * 60}…" has 201 characters. At most 200 fit.'),
        ("title", "a" * 9000, "The cell has 9000 characters. At most 4000 fit."),
    ],
)  # fmt: skip
def test_a_wrong_cell_of_the_timetable_is_named(column, cell, words):
    assert problems("whats_on.csv", [SERIES, SERIES | {"series_id": "X", column: cell}]) == [
        f"whats_on.csv, row 3, column {column}: {words}"
    ]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("postcode", "BH2", '"BH2" is not a postcode. Write it like BH22 9TH.'),
        ("lat", "north", '"north" is not a number of degrees. Write it like 50.80182.'),
        ("lat", "91", '"91" is not a number of degrees. Write it like 50.80182.'),
        ("lon", "nan", '"nan" is not a number of degrees. Write it like -1.89145.'),
        ("open_tue", "9 to 5", '"9 to 5" is not a span of hours. Write it like 09:00-17:00. Empty is closed.'),
        ("open_tue", "17:00-09:00", '"17:00-09:00" closes before it opens. Write it like 09:00-17:00.'),
        ("hub_role", "castle", '"castle" is not known. Write hub, co_located, delivery_site, outreach, pop_up, online, '
         "home or restricted."),
        ("room_name", "", "The cell is empty."),
    ],
)  # fmt: skip
def test_a_wrong_cell_of_a_room_is_named(column, cell, words):
    assert problems("hubs.csv", [ROOM | {column: cell}]) == [f"hubs.csv, row 2, column {column}: {words}"]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("academic_year", "2026", '"2026" is not a school year. Write it like 2026-27.'),
        ("academic_year", "2026-28", '"2026-28" is not a school year. Write it like 2026-27.'),
        ("part", "winter", '"winter" is not known. Write autumn, christmas, spring, easter or summer.'),
        (
            "kind",
            "break",
            '"break" is not known. Write term, half_term, holiday, training_day, staff_training or election.',
        ),
    ],
)
def test_a_wrong_cell_of_a_term_is_named(column, cell, words):
    assert problems("terms.csv", [TERMS[0] | {column: cell}]) == [f"terms.csv, row 2, column {column}: {words}"]


@pytest.mark.parametrize(
    ("cell", "value"), [("9:30", "09:30"), ("9.30", "09:30"), ("09:30:00", "09:30"), (" 09:30 ", "09:30")]
)
def test_times_are_understood_as_people_write_them(cell, value):
    assert read_file(source("x.csv", [SERIES | {"start": cell}]), TABLES).rows[0].start == value


def test_dates_and_postcodes_are_understood_as_spreadsheets_write_them():
    row = read_file(source("x.csv", [SERIES | {"first_date": "12/01/2027"}]), TABLES).rows[0]
    assert row.first_date.isoformat() == "2027-01-12"
    assert read_file(source("x.csv", [ROOM | {"postcode": "bh229th"}]), TABLES).rows[0].postcode == "BH22 9TH"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_is_told_from_the_others_by_its_heading(table):
    assert recognise([column.name for column in table.columns], TABLES) is table
    assert recognise([column.name for column in table.columns if column.must], TABLES) is table


def test_every_problem_of_a_file_is_said_at_once():
    bad = SERIES | {"start": "x", "end": "y", "capacity": "z"}
    assert len(problems("w.csv", [bad, bad | {"series_id": "2"}, SERIES | {"series_id": "3"}])) == 6


def text(rows) -> str:
    return as_csv(rows).decode()


@pytest.mark.parametrize(
    "content",
    [
        text([PROGRAMME]).encode("utf-8-sig"),
        text([PROGRAMME]).encode("utf-16"),
        as_csv([PROGRAMME], ";"),
        as_csv([PROGRAMME], "\t"),
        text([PROGRAMME]).replace("\r\n", "\n").encode(),
        text([PROGRAMME]).replace("\r\n", "\r").encode(),
        gzip.compress(as_csv([PROGRAMME])),
        as_csv([PROGRAMME]) + b"\r\n,,,,,,\r\n\r\n",
        as_csv([PROGRAMME]).replace(b"code,title", b" Code , TITLE "),
    ],
    ids=["BOM", "UTF-16", "semicolons", "tabs", "LF", "CR", "gzip", "empty rows at the end", "heading typed by hand"],
)
def test_a_file_is_read_however_it_was_saved(content):
    file = read_file(source("p.csv", content), TABLES)
    assert file.problems == []
    assert [row.title for row in file.rows] == ["Stay and play"]


def test_a_windows_file_is_read_with_a_warning():
    file = read_file(source("p.csv", text([PROGRAMME | {"title": "Crèche – £1"}]).encode("cp1252")), TABLES)
    assert file.rows[0].title == "Crèche – £1"
    assert [problem.level for problem in file.problems] == ["warns"]


HEADING = ",".join(PROGRAMME)
GOOD = as_csv([PROGRAMME])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "It is empty. The first row must name the columns."),
        (b"\r\n\r\n", "It is empty. The first row must name the columns."),
        (b"PK\x03\x04rest", "It is an Excel workbook or a zip file, not a table. In Excel choose Save as"),
        (b"\xd0\xcf\x11\xe0", "It is an old Excel workbook, not a table."),
        (b"%PDF-1.7", "It is a PDF, not a table."),
        (b"<html>", "It is a web page, not a table."),
        (b"a,b\x00c\n", "It holds bytes that are not text."),
        (b"name,age\r\nSam,3\r\n", 'Its first row names no table that can be imported. It begins with "name", "age".'),
        (b"\xff\xfea", "Its letters cannot be read."),
        (b"code,title\n\x81\x8d", "Its letters cannot be read from line 2 on."),
        (gzip.compress(GOOD)[:30], "It is a gzip file that was cut short. Send it again."),
        (b"\x1f\x8bnonsense", "It says that it is a gzip file, but it cannot be unpacked. Send it again."),
        (GOOD + b'X,"never closed,y\r\nZ,1\r\n', "A quotation mark is opened here and never closed"),
        (GOOD + b'X,"a"b,1,2,3,4,5\r\n', "A quotation mark stands inside a cell."),
        (GOOD + b"X,Stay, and play,weekly,0,60,Activities,families\r\n", "The row has 8 cells where the heading has 7. "
         "Perhaps a comma is not inside quotation marks."),
        (GOOD + b"X,Stay\r\n", "The row has 2 cells where the heading has 7."),
        (HEADING.replace("title", "name").encode(), "p.csv, row 1, column title: The column is missing."),
        (GOOD.replace(b"taxonomy", b"code"), "p.csv, row 1, column code: The column is there twice."),
        (GOOD + GOOD.splitlines()[1], 'p.csv, row 3, column code: "SAP" is already in row 2.'),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why(content, words):
    file = read_file(source("p.csv", content), TABLES)
    assert any(words in str(problem) and problem.level == "blocks" for problem in file.problems), file.problems


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            GOOD.replace(b"taxonomy", b"colour"),
            "p.csv, row 1, column colour: The column is not known, so it is left out.",
        ),
        (HEADING.encode(), "p.csv: It has a heading but no rows."),
    ],
)
def test_what_does_no_harm_is_a_warning(content, words):
    assert [(str(p), p.level) for p in read_file(source("p.csv", content), TABLES).problems] == [(words, "warns")]


def test_a_gzip_bomb_is_refused():
    bomb = gzip.compress(b"\n" * (65 * 1024 * 1024))
    assert problems("p.csv", bomb) == ["p.csv: It is larger than 64 MB. Divide it into several files."]


def test_rows_are_counted_as_a_spreadsheet_does():
    """A cell of two lines is one row, and an empty row counts."""
    rows = [PROGRAMME | {"title": "Two\nlines"}, PROGRAMME | {"code": "B", "kind": ""}]
    content = as_csv(rows).replace(b"\r\nB,", b"\r\n\r\nB,")
    assert problems("p.csv", content) == ["p.csv, row 4, column kind: The cell is empty."]


@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_whatever_make_the_reader_fall_over(content, with_heading):
    start = as_csv([PROGRAMME]) if with_heading else b""
    file = read_file(source("p.csv", start + content), TABLES)
    assert file.problems or file.rows


def test_words_are_kept_as_they_are_in_any_script():
    title = 'Rhyme time — قافية 🎵 "quoted" & <b>bold</b>'
    assert read_file(source("p.csv", [PROGRAMME | {"title": title}]), TABLES).rows[0].title == title
