"""The dates of what somebody asks for, as the page shows them: one line each, with its state and what can be done about it. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from booking import clock
from booking.places.asking import Choice
from booking.places.booking_rooms import Preview
from booking.places.chosen_ways import choice_value, is_time
from booking.places.ways_out import WayOut
from booking.places.working_out import Line
from booking.words import count_words, short_day, time_range, time_words

STATES = {
    "free": ("good", "Free"),
    "request": ("waits", "Needs approval"),
    "skipped": ("plain", "Left out"),
    "clash": ("bad", "Not free"),
}
MOST_OPEN = 3


@dataclass(frozen=True, slots=True)
class Option:
    """One way out as a radio button, or a tick."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One date. of: its ISO date in the rule. options are for a date that clashes, tick for another. moved: what is not
    as in the rest, such as another room. is_lost: it was free when the reader last looked. is_folded: its options are shown
    when asked for, because so many dates have some. is_said: its reason is among the shared_reasons."""

    of: str
    day: str
    times: str
    state: str
    level: str
    state_words: str
    why: tuple[str, ...]
    moved: str = ""
    options: tuple[Option, ...] = ()
    tick: Option | None = None
    is_lost: bool = False
    is_folded: bool = False
    is_said: bool = False


def shown_lines(
    base: Preview, chosen: Preview, ways: Mapping[date, Sequence[WayOut]], lost: Collection[date] = ()
) -> list[ShownLine]:
    """A line for every date. `base` is the preview without any way out taken, which decides what each line offers."""
    before = {line.of: line for line in base.lines}
    is_long = len(base.of_state("clash")) > MOST_OPEN
    lines = [
        _line(before.get(line.of, line), line, chosen, ways.get(line.of, ()), line.of in lost) for line in chosen.lines
    ]
    folded = [replace(line, is_folded=is_long and _is_undecided(line)) for line in lines]
    said = {words for words, _ in shared_reasons(folded)}
    return [replace(line, is_said=line.is_folded and said.issuperset(line.why)) for line in folded]


def shared_reasons(lines: Sequence[ShownLine]) -> list[tuple[str, int]]:
    """Why folded dates are not free, where two or more have the same reason, and how many do: said once, above them."""
    counts = Counter(words for line in lines if line.is_folded for words in line.why)
    return [(words, count) for words, count in counts.most_common() if count > 1]


def _is_undecided(line: ShownLine) -> bool:
    """Nothing but waiting is chosen for it."""
    return bool(line.options) and line.options[0].is_chosen and not line.is_lost


def _line(base: Line, line: Line, preview: Preview, ways: Sequence[WayOut], is_lost: bool) -> ShownLine:
    level, words = STATES[line.state]
    choice = preview.ask.choices.get(line.of)
    return ShownLine(
        of=line.of.isoformat(),
        day=short_day(line.day),
        times=line_times(line),
        state=line.state,
        level=level,
        state_words=words,
        why=line.why,
        moved=_moved(base, line, preview),
        options=_options(choice, ways) if base.state == "clash" and preview.ask.rule else (),
        tick=_tick(base, choice, preview.ask.room_id) if preview.ask.rule else None,
        is_lost=is_lost,
    )


def line_times(line: Line) -> str:
    start, end = (clock.local(instant).strftime("%H:%M") for instant in (line.starts_at, line.ends_at))
    return time_range(start, end)


def _moved(base: Line, line: Line, preview: Preview) -> str:
    parts = []
    if line.room_id != preview.ask.room_id:
        parts.append(preview.rooms[line.room_id].words)
    if line.day != line.of:
        parts.append(f"instead of {short_day(line.of)}")
    if (line.starts_at, line.ends_at) != (base.starts_at, base.ends_at) and line.day == line.of:
        parts.append(f"instead of {line_times(base)}")
    return ", ".join(parts)


def _options(choice: Choice | None, ways: Sequence[WayOut]) -> tuple[Option, ...]:
    """Wait for it (what happens unless something is chosen), the ways out, and what was chosen though no longer offered."""
    value = choice_value(choice) if choice else ""
    found = [Option("", "Keep it on my list; offer it to me if it comes free", not value)]
    found += [Option(choice_value(way.choice), way.words, choice_value(way.choice) == value) for way in ways]
    if value and choice and not any(option.is_chosen for option in found):
        found.append(Option(value, choice_words(choice), True))
    return tuple(found)


def choice_words(choice: Choice) -> str:
    """ "Wednesday 13 January, 1pm to 3pm" for what was chosen earlier; other rooms are named in the line itself."""
    if choice.kind == "skip":
        return "Leave this date out"
    day = short_day(choice.day) if choice.day else ""
    times = time_range(choice.start, choice.end) if choice.start and choice.end else ""
    return ", ".join(filter(None, ["What you chose", day, times]))


def _tick(base: Line, choice: Choice | None, room_id: UUID) -> Option | None:
    """A free date may be left out all the same, and one that the calendar leaves out be taken."""
    if base.state == "skipped":
        use = Choice("use", room_id)
        return Option(choice_value(use), "Take it all the same", choice == use)
    if base.state in ("free", "request"):
        return Option("skip", "Leave out", bool(choice and choice.kind == "skip"))
    return None


def summary_words(preview: Preview) -> list[tuple[str, str]]:
    """[("good", "9 dates free"), ("bad", "1 not free")]: how many dates are in each state."""
    counts = {state: len(preview.of_state(state)) for state in STATES}
    said = [
        ("good", counts["free"], "free"),
        ("waits", counts["request"], "for staff to approve"),
        ("bad", counts["clash"], "not free"),
        ("plain", counts["skipped"], "left out"),
    ]
    return [(level, f"{number} {words}") for level, number, words in said if number]


def save_words(preview: Preview) -> str:
    """What the one button says that saves."""
    free, asked = len(preview.of_state("free")), len(preview.of_state("request"))
    if preview.ask.rule is None:
        return "Ask for this date" if asked else "Reserve this date"
    if free and asked:
        return f"Reserve {count_words(free, 'date')} and ask for {asked}"
    return f"Ask for {count_words(asked, 'date')}" if asked else f"Reserve {count_words(free, 'date')}"


def hours_words(minutes: int) -> str:
    """ "18 hours", "1 hour 30 minutes", "45 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [count_words(hours, "hour") if hours else "", count_words(rest, "minute") if rest or not hours else ""]
    return " ".join(filter(None, parts))


def quarter_hours(*typed: str) -> list[tuple[str, str]]:
    """(value, words) of the times that can be chosen, every quarter of an hour from 7am to 10pm, and what was typed if it is a time."""
    usual = {f"{minute // 60:02}:{minute % 60:02}" for minute in range(7 * 60, 22 * 60 + 1, 15)}
    return [(each, time_words(each)) for each in sorted(usual | {time for time in typed if is_time(time)})]
