"""When somebody would rather work, and when rather not: typed by themselves, weighed by planners, never a promise."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

from booking import audit, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning
from booking.rotas.availability import joined, minute_of, without
from booking.rotas.models import WorkPattern
from booking.rotas.values import Stretch
from booking.words import DAYS, time_range, time_words

Kind = Literal["prefers", "avoids"]
KINDS: dict[str, str] = {"prefers": "I would rather work then", "avoids": "I would rather not work then"}
TIMES = {
    "all": ("All day", "00:00", "24:00"),
    "mornings": ("Mornings, until 1pm", "00:00", "13:00"),
    "afternoons": ("Afternoons, 1pm to 6pm", "13:00", "18:00"),
    "evenings": ("Evenings, from 6pm", "18:00", "24:00"),
}
PARTS = {(start, end): code for code, (_, start, end) in TIMES.items()}
NO_KIND = Problem("Choose whether you would rather work then, or not", "wish", rule="missing")
NO_DAYS = Problem("Tick at least one day", "days", rule="missing")
ORDER = Problem("It ends before it begins", "end", rule="order")
GONE = Problem("This wish is not there any more.", rule="gone")


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish for some weekdays (Monday is 0), in words: "Prefers mornings", "Rather not on Fridays"."""

    kind: str
    start: str
    end: str
    days: tuple[int, ...]
    words: str


def wishes_of(pattern: Iterable[Any]) -> list[Wish]:
    """The wishes of a pattern's rows, those alike on several days as one. Pure."""
    days: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for row in pattern:
        if row["kind"] in KINDS:
            days[row["kind"], row["start"], row["end"]].add(row["weekday"])
    ordered = sorted(days, key=lambda key: (key[0] != "prefers", min(days[key]), key))
    return [Wish(*key, tuple(sorted(days[key])), _words(*key, sorted(days[key]))) for key in ordered]


def _words(kind: str, start: str, end: str, days: Sequence[int]) -> str:
    is_prefers = kind == "prefers"
    part = PARTS.get((start, end), "")
    times = "" if part == "all" else part or _times(start, end)
    when = "" if len(days) == 7 and times else _days_words(days)
    begin = ("Prefers" if times else "Prefers to work") if is_prefers else "Rather not"
    return " ".join(filter(None, (begin, times, when)))


def _times(start: str, end: str) -> str:
    if end == "24:00":
        return f"after {time_words(start)}"
    return f"before {time_words(end)}" if start == "00:00" else time_range(start, end)


def _days_words(days: Sequence[int]) -> str:
    """ "on Mondays and Fridays", "from Monday to Friday", "every day" """
    if len(days) == 7:
        return "every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"from {DAYS[days[0]]} to {DAYS[days[-1]]}"
    names = [f"{DAYS[day]}s" for day in days]
    return "on " + " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def with_wish(rows: Iterable[Any], kind: str, days: Collection[int], start: str, end: str) -> list[Stretch]:
    """The wishes of these rows with one more. What was said later counts: the other kind gives way where they meet. Pure."""
    first, last = minute_of(start), minute_of(end)
    spans: dict[tuple[str, int, int | None], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        if row["kind"] in KINDS:
            spans[row["kind"], row["weekday"], row["week"]].append((minute_of(row["start"]), minute_of(row["end"])))
    for (other, day, week), times in list(spans.items()):
        if other != kind and day in days:
            spans[other, day, week] = list(without(joined(times), first, last))
    for day in days:
        spans[kind, day, None].append((first, last))
    return [
        Stretch(day, _wall(begin), _wall(until), cast("Kind", each), week)
        for (each, day, week), times in spans.items()
        for begin, until in joined(times)
    ]


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def problems_of(kind: str, days: Collection[int], start: str, end: str) -> list[Problem]:
    """What is wrong with a wish. Pure."""
    found = [] if kind in KINDS else [NO_KIND]
    found += [] if days else [NO_DAYS]
    return [*found, ORDER] if end <= start else found


async def say(*, staff_id: UUID, kind: str, days: Collection[int], start: str, end: str, by: Who | None) -> None:
    """They would rather work, or not, at this time of these weekdays, every week. Said twice it is said once. Raises Refused."""
    if problems := problems_of(kind, days, start, end):
        raise Refused(problems)

    async def body() -> None:
        rows = await _locked(staff_id)
        wanted = with_wish(rows, kind, days, start, end)
        if {(it.kind, it.weekday, it.week, it.start, it.end) for it in wanted} == {_key(row) for row in rows}:
            return
        await _write(staff_id, wanted)
        await _record("say wish", staff_id, kind, days, start, end, by)

    await db.run_tx(body)


async def take_back(*, staff_id: UUID, kind: str, start: str, end: str, by: Who | None) -> None:
    """The wish goes, on every day on which it stands. Raises Refused: gone."""

    async def body() -> None:
        rows = await _locked(staff_id)
        own = [row for row in rows if (row["kind"], row["start"], row["end"]) == (kind, start, end)]
        if not own:
            raise Refused([GONE])
        await WorkPattern.filter(id__in=[row["id"] for row in own]).delete()
        await _record("take back wish", staff_id, kind, {row["weekday"] for row in own}, start, end, by)

    await db.run_tx(body)


async def rows_of(staff_id: UUID) -> list[dict[str, Any]]:
    """The rows of their wishes."""
    return await db.rows(
        "SELECT id, week, weekday, start, \"end\", kind FROM work_pattern WHERE staff_id = $1 AND kind IN ('prefers', 'avoids')",
        staff_id,
    )


async def _locked(staff_id: UUID) -> list[dict[str, Any]]:
    await assigning.in_tx_lock([], [staff_id])
    return await rows_of(staff_id)


def _key(row: Any) -> tuple[Any, ...]:
    return row["kind"], row["weekday"], row["week"], row["start"], row["end"]


async def _write(staff_id: UUID, wanted: Sequence[Stretch]) -> None:
    await WorkPattern.filter(staff_id=staff_id, kind__in=list(KINDS)).delete()
    lines = [(db.new_id(), staff_id, it.week, it.weekday, it.start, it.end, it.kind) for it in wanted]
    await db.insert_many("work_pattern", ("id", "staff_id", "week", "weekday", "start", "end", "kind"), lines)


async def _record(
    verb: str, staff_id: UUID, kind: str, days: Collection[int], start: str, end: str, by: Who | None
) -> None:
    hub_id = await db.value("SELECT hub_id FROM staff_profile WHERE id = $1", staff_id)
    words = _words(kind, start, end, sorted(days))
    await audit.record(verb, about_kind="worker", about_id=staff_id, hub_id=hub_id, by=by, after={"wish": words})
