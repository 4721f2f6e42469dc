"""The diary's grid: where blocks stand, what is free, on ordinary days and on those when the clocks change."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from booking import clock
from booking.places import grid
from booking.places.grid import (
    Block,
    Use,
    by_day,
    hours_shown,
    lay_out,
    now_place,
    place,
    times_words,
    uses_by_room,
    window,
)

TUESDAY = date(2027, 1, 12)
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
ROOM = uuid4()


@pytest.fixture(autouse=True)
def zone():
    clock.use_zone("Europe/London")


def at(wall: str, day: date = TUESDAY) -> datetime:
    return clock.at(day, wall)


def use(
    start: str, end: str, *, setup: int = 0, clear: int = 0, room: UUID = ROOM, day: date = TUESDAY, **values
) -> Use:
    starts_at, ends_at = at(start, day), at(end, day)
    if ends_at <= starts_at:
        ends_at = at(end, day + timedelta(days=1))
    given = {"kind": "partner", "kind_words": "Partner", "title": "Choir"} | values
    return Use(
        given.pop("id", None) or uuid4(), room, given.pop("booked", room), starts_at - timedelta(minutes=setup),
        ends_at + timedelta(minutes=clear), starts_at, ends_at, **given,
    )  # fmt: skip


def opened(opens: str = "09:00", closes: str = "17:00", day: date = TUESDAY) -> list[tuple[datetime, datetime]]:
    return [(at(opens, day), at(closes, day))]


def told(blocks: list[Block]) -> list[str]:
    """What a reader of the list would hear."""
    return [f"{block.kind} {block.times}".strip() for block in blocks]


@pytest.mark.parametrize(
    ("uses", "spans", "wanted"),
    [
        ([], opened(), ["free 9am to 5pm"]),
        ([], [], []),
        ([use("10:00", "11:00")], opened(), ["free 9am to 10am", "use 10am to 11am", "free 11am to 5pm"]),
        ([use("09:00", "17:00")], opened(), ["use 9am to 5pm"]),
        ([use("08:00", "09:00")], opened(), ["use 8am to 9am", "free 9am to 5pm"]),
        ([use("08:00", "10:00")], opened(), ["use 8am to 10am", "free 10am to 5pm"]),
        ([use("16:00", "18:00")], opened(), ["free 9am to 4pm", "use 4pm to 6pm"]),
        ([use("10:00", "11:00", setup=15, clear=15)], opened(),
         ["free 9am to 9:45am", "use 10am to 11am", "free 11:15am to 5pm"]),
        ([use("10:00", "11:00"), use("11:00", "12:00")], opened(),
         ["free 9am to 10am", "use 10am to 11am", "use 11am to midday", "free midday to 5pm"]),
        ([use("10:00", "11:00"), use("11:10", "12:00")], opened(),
         ["free 9am to 10am", "use 10am to 11am", "gap", "use 11:10am to midday", "free midday to 5pm"]),
        ([use("10:00", "11:05")], opened(),
         ["free 9am to 10am", "use 10am to 11:05am", "gap", "free 11:15am to 5pm"]),
        ([], [*opened("09:00", "12:00"), *opened("13:00", "17:00")], ["free 9am to midday", "free 1pm to 5pm"]),
        ([use("11:00", "14:00")], [*opened("09:00", "12:00"), *opened("13:00", "17:00")],
         ["free 9am to 11am", "use 11am to 2pm", "free 2pm to 5pm"]),
        ([use("19:00", "20:00")], opened(), ["free 9am to 5pm", "use 7pm to 8pm"]),
        ([use("22:00", "01:00")], opened(), ["free 9am to 5pm", "use 10pm to 1am (Wed 13 Jan)"]),
        ([use("22:00", "01:00", day=TUESDAY - timedelta(days=1))], opened(), ["use 10pm (Mon 11 Jan) to 1am", "free 9am to 5pm"]),
    ],
)  # fmt: skip
def test_a_day_is_uses_and_what_is_free_between_them(uses, spans, wanted):
    shown = window(TUESDAY, *hours_shown({TUESDAY: spans}, by_day([TUESDAY], uses)))
    assert told(lay_out(shown, uses, spans)) == wanted


def test_blocks_stand_at_their_minutes_and_the_held_time_around_them():
    shown = window(TUESDAY, 8, 18)
    free, used, after, _ = lay_out(shown, [use("10:00", "11:30", setup=15, clear=5)], opened("09:00", "12:00"))
    assert (used.place, used.band) == ("h2 m0 l1 n30", "h1 m45 l1 n50")
    assert (free.place, free.start, free.end) == ("h1 m0 l0 n45", "09:00", "09:45")
    assert (after.place, after.kind) == ("h3 m35 l0 n10", "gap"), "from 11:35 to 11:45, before the next quarter"


def test_free_time_that_is_too_short_to_be_hit_is_a_gap():
    shown = window(TUESDAY, 8, 18)
    uses = [use("09:30", "10:00"), use("10:45", "17:00")]
    assert told(lay_out(shown, uses, opened(), shortest=45)) == [
        "gap", "use 9:30am to 10am", "free 10am to 10:45am", "use 10:45am to 5pm"
    ]  # fmt: skip


def test_free_time_leaves_room_to_set_up_and_clear_beside_other_uses():
    shown = window(TUESDAY, 8, 18)
    uses = [use("09:30", "10:00"), use("12:00", "13:00"), use("13:30", "17:00")]
    assert told(lay_out(shown, uses, opened(), around=(15, 30))) == [
        "gap", "use 9:30am to 10am", "gap", "free 10:15am to 11:30am", "gap", "use midday to 1pm", "gap", "use 1:30pm to 5pm"
    ]  # fmt: skip
    assert told(lay_out(shown, [], opened(), around=(15, 30))) == ["free 9am to 5pm"]


def test_past_time_is_not_offered_and_today_is_free_from_the_next_quarter():
    shown = window(TUESDAY, 8, 18)
    assert told(lay_out(shown, [], opened(), now=at("10:07"))) == ["gap", "free 10:15am to 5pm"]
    assert told(lay_out(shown, [], opened(), now=at("16:50"))) == ["gap"]
    assert told(lay_out(shown, [], opened(), now=at("17:00", TUESDAY + timedelta(days=1)))) == ["gap"]
    assert now_place(shown, at("10:07")) == "h2 m7 l0 n0"
    assert now_place(shown, at("18:00")) == now_place(shown, at("07:59")) == ""


@pytest.mark.parametrize(
    ("uses", "spans", "wanted"),
    [
        ([], [], (8, 18)),
        ([], opened("07:30", "21:15"), (7, 22)),
        ([use("06:30", "08:00")], opened(), (6, 18)),
        ([use("18:00", "20:00", clear=15)], opened(), (8, 21)),
        ([use("23:00", "02:00")], opened(), (8, 23)),
        ([use("00:30", "02:00")], opened(), (6, 18)),
        ([use("00:00", "00:00", kind="closure")], opened(), (8, 18)),
        ([], opened("00:00", "23:59"), (0, 24)),
    ],
)
def test_the_hours_shown_are_those_needed_and_the_night_does_not_squeeze_them(uses, spans, wanted):
    assert hours_shown({TUESDAY: spans}, by_day([TUESDAY], uses)) == wanted


def test_a_use_in_the_night_stands_at_the_edge():
    shown = window(TUESDAY, 8, 18)
    before, after = lay_out(shown, [use("02:00", "03:00"), use("23:30", "23:50")], [])
    assert (before.place, before.times) == ("h0 m0 l0 n45", "2am to 3am")
    assert (after.place, after.times) == ("h9 m15 l0 n45", "11:30pm to 11:50pm")


@pytest.mark.parametrize(("day", "hours"), [(TUESDAY, 24), (SPRING, 23), (AUTUMN, 25)])
def test_a_day_has_the_hours_that_it_really_has(day, hours):
    shown = window(day, 0, 24)
    assert shown.minutes == hours * 60
    assert len(shown.ticks) == hours
    assert shown.is_plain == (hours == 24)
    words = [words for _, words in shown.ticks]
    assert words.count("1am") == {24: 1, 23: 0, 25: 2}[hours]
    assert words[-1] == "11pm"


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_the_daytime_stands_where_it_stands_on_any_day_when_the_clocks_have_changed(day):
    shown = window(day, 8, 18)
    assert shown.is_plain
    _, used, _ = lay_out(shown, [use("10:00", "11:00", day=day)], opened(day=day))
    assert (used.place, used.times) == ("h2 m0 l1 n0", "10am to 11am")


def test_a_use_over_the_change_is_as_long_as_it_really_is():
    spring, autumn = window(SPRING, 0, 24), window(AUTUMN, 0, 24)
    assert lay_out(spring, [use("00:30", "03:00", day=SPRING)], [])[0].place == place(30, 90)
    assert lay_out(autumn, [use("00:30", "03:00", day=AUTUMN)], [])[0].place == place(30, 210)


def test_free_time_after_the_change_is_said_as_the_clock_on_the_wall_says_it():
    blocks = lay_out(window(AUTUMN, 0, 24), [use("00:00", "09:00", day=AUTUMN)], opened("08:00", "12:00", AUTUMN))
    assert (blocks[-1].start, blocks[-1].end) == ("09:00", "12:00")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((TUESDAY, "10:00"), (TUESDAY, "11:30"), "10am to 11:30am"),
        ((TUESDAY, "22:00"), (date(2027, 1, 13), "00:00"), "10pm to midnight"),
        ((date(2027, 1, 11), "22:00"), (TUESDAY, "01:00"), "10pm (Mon 11 Jan) to 1am"),
        ((date(2027, 1, 11), "09:00"), (date(2027, 1, 14), "17:00"), "9am (Mon 11 Jan) to 5pm (Thu 14 Jan)"),
    ],
)
def test_times_on_other_days_say_on_which(start, end, words):
    assert times_words(clock.at(*start), clock.at(*end), TUESDAY) == words


def test_the_whole_is_named_in_its_parts_and_its_parts_are_joined_in_it():
    whole, left, right = uuid4(), uuid4(), uuid4()
    names = {whole: "Hall", left: "Left half", right: "Right half"}
    both = {"id": uuid4(), "booked": whole}
    uses = [
        use("09:00", "10:00", room=left, **both), use("09:00", "10:00", room=right, **both),
        use("11:00", "12:00", room=left), use("11:30", "13:00", room=right), use("15:00", "16:00", room=right),
    ]  # fmt: skip
    lanes = uses_by_room([(whole, (left, right)), (left, (left,)), (right, (right,))], names, uses)
    assert [(each.title, each.kind, each.starts_at, each.ends_at) for each in lanes[whole]] == [
        ("Choir", "partner", at("09:00"), at("10:00")),
        ("Left half, Right half", "part", at("11:00"), at("13:00")),
        ("Right half", "part", at("15:00"), at("16:00")),
    ]
    assert [each.note for each in lanes[left]] == ["Hall", ""]
    assert not lanes[whole][1].href and not lanes[whole][1].is_movable
    assert uses[2].title == "Choir", "the part's own lane keeps its words"


def test_a_closure_of_both_parts_is_a_closure_of_the_whole():
    whole, left, right = uuid4(), uuid4(), uuid4()
    shut = {"kind": "closure", "kind_words": "Closed", "title": "Snow"}
    uses = [use("09:00", "17:00", room=left, **shut), use("09:00", "17:00", room=right, **shut)]
    (closed,) = uses_by_room([(whole, (left, right))], {}, uses)[whole]
    assert (closed.kind, closed.title) == ("closure", "Snow")


def test_every_open_minute_is_in_exactly_one_block():
    shown, spans = window(TUESDAY, 8, 18), opened()
    uses = [
        use(f"{hour:02}:{minute:02}", f"{hour:02}:{minute + 37}")
        for hour, minute in ((9, 3), (11, 11), (13, 20), (15, 0))
    ]
    taken: dict[int, int] = {}
    for block in lay_out(shown, uses, spans, now=datetime(2027, 1, 12, 12, 34, 56, tzinfo=UTC)):
        hours, minutes, long_hours, long_minutes = (int(part[1:]) for part in (block.band or block.place).split())
        for minute in range(60 * hours + minutes, 60 * (hours + long_hours) + minutes + long_minutes):
            taken[minute] = taken.get(minute, 0) + 1
    assert set(taken.values()) == {1}
    assert set(taken) >= set(range(60, 540))


def test_a_place_is_four_classes():
    assert place(0, 15) == "h0 m0 l0 n15"
    assert grid.place(605, 125) == "h10 m5 l2 n5"
