"""Every calendar we write, as three other programs read it: vobject, ics and ical.js, none of which wrote it.

They must agree with each other and with what was meant: the same instants on both sides of both clock changes, every word as
it was typed, one entry where there is one. (ics takes a backslash before an n for a line end, and knows no rules.)
"""

import random
import re
from datetime import date, timedelta

import pytest
import vobject

from booking import clock
from booking.messages import calendar, feed_calendar, ical
from booking.messages.calendar import Entry
from booking.messages.feed_calendar import Use
from booking.messages.wording import tidy
from tests.messages import examples
from tests.messages.examples import STAMP
from tests.messages.expected_texts import FOLDER
from tests.messages.test_room_calendar import TERM, entry, held, series, term_with_exceptions, weeks, written
from tests.readers import ical_js
from tests.readers.readings import of_ical_js, with_ics, with_vobject


def stored() -> dict[str, str]:
    """Every stored calendar; a file may hold those of several mails."""
    found = {}
    for file in sorted(FOLDER.glob("**/*.ics")):
        text = file.read_bytes().decode()
        for number, one in enumerate(re.findall(r"BEGIN:VCALENDAR\r\n.*?END:VCALENDAR\r\n", text, re.DOTALL)):
            found[f"{file.name} {number}"] = one
    return found


STORED = stored()
UNFOLDED = ("appointment", "catch_up", "changes_of_a_date", "course_cancel", "date_added")
"""Stored as one line each by tests/programmes/test_calendars_of_courses.py, to be read in the diff."""
HOSTILE = [
    examples.hostile().title,
    "x" * 300,
    "🍎" * 150,
    "é" * 74 + "🎈" * 10,
    '"quoted"; comma, colon: \\ back\\nslash \\',
    "Play\r\nBEGIN:VALARM\r\nTRIGGER:-PT1H\r\nEND:VALARM",
    "Play\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil",
    "Play\u2028ATTENDEE:mailto:x@y.example\u2029\x0b\x0c\x85\x00\x1b",
    "مرحبا بالعالم \u202eesrever\u202c שלום",
    "👨‍👩‍👧 ক্ষ اُردُو",
]


def in_order(found):
    return sorted(found, key=lambda each: (each.times, each.uid))


@pytest.fixture(scope="module")
def by_ical_js():
    """One start of Node.js for all stored calendars."""
    return {name: of_ical_js(events) for name, events in ical_js.read(STORED).items()}


@pytest.mark.parametrize("name", STORED)
def test_three_readers_agree_on_every_stored_calendar(by_ical_js, name):
    text = STORED[name]
    found = in_order(with_vobject(text))
    assert found and found == in_order(by_ical_js[name])
    if "RRULE" in text.split("BEGIN:VEVENT", 1)[1]:
        assert {each.title for each in with_ics(text)} == {each.title for each in found}
    elif "\\\\n" in text:
        assert [each.times for each in with_ics(text)] == [each.times for each in found]
    else:
        assert with_ics(text) == found


@pytest.mark.parametrize("name", [name for name in STORED if not name.startswith(UNFOLDED)])
def test_every_stored_calendar_is_folded_between_characters_and_rings_nobody(name):
    octets = STORED[name].encode()
    assert octets.endswith(b"\r\n") and b"\n" not in octets.replace(b"\r\n", b"")
    for line in octets.split(b"\r\n"):
        assert len(line) <= 75 and line.decode() is not None  # raises where a character is split
    assert b"BEGIN:VALARM" not in octets.replace(b"\r\n ", b"").split(b"SUMMARY")[0]
    assert re.findall(r"^METHOD:(\w+)", STORED[name], re.MULTILINE) in (["REQUEST"], ["CANCEL"], ["PUBLISH"], [])


def around_both_changes() -> list[tuple]:
    """Mornings, evenings and nights from the day before to the day after 28 March and 31 October 2027."""
    days = [date(2027, 3, 27) + timedelta(n) for n in range(3)] + [date(2027, 10, 30) + timedelta(n) for n in range(3)]
    hours = [("00:30", "03:30"), ("03:00", "04:00"), ("10:00", "11:30"), ("23:00", "23:59")]
    return [(clock.at(day, start), clock.at(day, end)) for day in days for start, end in hours]


def as_invites(times) -> dict[str, str]:
    return {
        f"{n}": calendar.invite(Entry(examples.said(starts_at=a, ends_at=b), f"uid-{n}", n), "REQUEST", STAMP)
        for n, (a, b) in enumerate(times)
    }


def uses(times, title="Stay and play"):
    return [Use(f"uid-{n:04}", a, b, title, "Hall", "CONFIRMED", n, STAMP) for n, (a, b) in enumerate(times)]


def test_the_instants_are_the_same_on_both_sides_of_both_clock_changes():
    meant = around_both_changes()
    texts = as_invites(meant) | {
        "feed": feed_calendar.feed("Hall", uses(meant)),
        "file": calendar.download(
            [Entry(examples.said(starts_at=a, ends_at=b), f"uid-{n:04}", 0) for n, (a, b) in enumerate(meant)], STAMP
        ),
    }
    answers = {name: of_ical_js(events) for name, events in ical_js.read(texts).items()}
    for name, text in texts.items():
        expected = [[each] for each in (meant if name in ("feed", "file") else [meant[int(name)]])]
        for found in (with_vobject(text), with_ics(text), answers[name]):
            assert [list(each.times) for each in in_order(found)] == expected, name


def test_whoever_reads_the_zone_by_its_rules_has_ten_oclock_at_ten():
    """The short VTIMEZONE alone: no reader may need to know what Europe/London is."""
    meant = around_both_changes()
    texts = {name: text.replace("Europe/London", "Ours") for name, text in as_invites(meant).items()}
    answers = {name: of_ical_js(events) for name, events in ical_js.read(texts).items()}
    for number, times in enumerate(meant):
        for found in (with_vobject(texts[f"{number}"]), answers[f"{number}"]):
            assert found[0].times == (times,), clock.local(times[0])


def random_titles() -> list[str]:
    """Any mix of what means something in a calendar, in markup, or in several octets."""
    chosen, parts = random.Random(5545), ["\\", ",", ";", ":", '"', "\r\n", "\n", " ", "\t", "é", "🍎", "ق", "\u202e", "^n", "=", "BEGIN:VEVENT", "<b>"]  # fmt: skip
    return ["a" + "".join(chosen.choices(parts, k=chosen.randint(1, 120))) + "z" for _ in range(150)]


def test_hostile_titles_stay_text():
    titles = HOSTILE + random_titles()
    start = clock.at(date(2027, 1, 12), "10:00")
    texts = {}
    for number, title in enumerate(titles):
        said = examples.said(title=title, place=title, host=title, directions=title, bring=title)
        texts[f"invite {number}"] = calendar.invite(Entry(said, "uid", 0, title, "jo@mail.example"), "REQUEST", STAMP)
        use = Use("uid", start, start + timedelta(hours=1), title, title, "CONFIRMED", 0, STAMP, description=title)
        texts[f"feed {number}"] = feed_calendar.feed(title, [use])
    answers = ical_js.read(texts)
    for name, text in texts.items():
        title = tidy(titles[int(name.split()[1])])
        [by_node], [by_vobject] = answers[name], with_vobject(text)
        assert by_node["title"] == by_vobject.title == title and by_node["place"] == by_vobject.place == title
        assert by_node["uid"] == by_vobject.uid == "uid" and by_node["alarms"] == 0
        assert by_node["description"] == by_vobject.description
        if "\\" not in title:
            [by_ics] = with_ics(text)
            assert (by_ics.title, by_ics.place) == (title, title)
        for line in text.encode().split(b"\r\n"):
            assert len(line) <= 75 and line.decode() is not None


def test_a_link_with_a_line_end_in_it_adds_no_line():
    said = examples.said(place="Online", join_url="https://meet.example/x\r\nATTENDEE:mailto:x@y.example")
    text = calendar.invite(Entry(said, "uid", 0, "Jo", "jo@mail.example"), "REQUEST", STAMP)
    use = Use("uid", said.starts_at, said.ends_at, "Talk", "", "CONFIRMED", 0, STAMP, join_url=said.join_url)
    for each in (text, feed_calendar.feed("Mine", [use])):
        assert "\nATTENDEE:mailto:x@y" not in each.replace("\r\n ", "") and len(with_vobject(each)) == 1


SERIES = {
    "term": term_with_exceptions(),
    "over the spring change": entry(series(TERM[0], TERM[-1]), [held(day) for day in TERM]),
    "over the autumn change": entry(
        series(date(2027, 10, 5), date(2027, 11, 30)), [held(day) for day in weeks(date(2027, 10, 5), 9)]
    ),
    "every second week": entry(
        series(date(2027, 3, 2), date(2027, 5, 25), frequency="fortnightly"),
        [held(day) for day in weeks(date(2027, 3, 2), 7, 14)],
    ),
    "by night": entry(
        series(date(2027, 3, 14), date(2027, 4, 11), start_time="00:15", end_time="03:15"),
        [held(day, "00:15", "03:15") for day in weeks(date(2027, 3, 14), 5) if day != date(2027, 3, 28)],
        [date(2027, 3, 28)],
    ),
}


def test_series_of_rooms_are_the_same_dates_to_those_who_read_rules():
    texts = {name: written(of) for name, of in SERIES.items()}
    answers = ical_js.read(texts)
    for name, of in SERIES.items():
        meant = tuple(sorted((each.starts_at, each.ends_at) for each in of.held))
        assert with_vobject(texts[name])[0].times == meant, name
        assert of_ical_js(answers[name])[0].times == meant, name


def test_free_and_busy_times_are_read_as_they_are():
    meant = around_both_changes()
    periods = [feed_calendar.Period(a, b, "BUSY") for a, b in meant]
    text = feed_calendar.free_busy("uid", meant[0][0], meant[-1][1], periods, STAMP)
    found = vobject.readOne(text).vfreebusy.contents["freebusy"]
    assert [period for line in found for period in line.value] == meant


def test_folding_never_splits_a_character():
    for length in range(60, 90):
        for character in ("é", "€", "🍎"):
            line = "SUMMARY:" + "a" * (length - 60) + character * 40
            folded = ical.write([line])
            assert folded.replace("\r\n ", "") == line + "\r\n"
            assert all(len(part) <= 75 and part.decode() for part in folded.encode().rstrip(b"\r\n").split(b"\r\n"))
