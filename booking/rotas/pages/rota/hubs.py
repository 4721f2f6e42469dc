"""All hubs at once: a line a hub with what is open and what is wrong there, each of which leads to its own rota."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from booking import clock
from booking.rotas.pages.rota.asked import Asked
from booking.rotas.pages.rota.reading import Rota
from booking.rotas.values import Duty
from booking.words import DAYS, short_day


@dataclass(frozen=True, slots=True)
class Column:
    """A day, or of four weeks a week."""

    first: date
    last: date
    words: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One hub. cells are (shifts, gaps) of each column; hrefs lead to its rota, its gaps and what is wrong there."""

    name: str
    href: str
    gaps_href: str
    shifts: int
    gaps: int
    serious: int
    warnings: int
    cells: tuple[tuple[int, int], ...]


def columns(days: Sequence[date], weeks: int) -> list[Column]:
    """The days that are shown; of more than one week its Mondays."""
    today = clock.today()
    if weeks == 1:
        return [Column(day, day, f"{DAYS[day.weekday()][:3]} {short_day(day)[4:]}", day == today) for day in days]
    mondays = sorted({day - timedelta(days=day.weekday()) for day in days})
    ends = [(monday, monday + timedelta(days=6)) for monday in mondays]
    return [Column(first, last, f"Week of {short_day(first)[4:]}", first <= today <= last) for first, last in ends]


def lines(rota: Rota, asked: Asked, across: Sequence[Column], hubs: dict[UUID, str]) -> list[Line]:
    """A line for each hub, by name."""
    of_hub: dict[UUID, list[Duty]] = {id: [] for id in hubs}
    for duty in rota.shown:
        of_hub.setdefault(duty.place.hub_id, []).append(duty)
    hard, soft = _wrong(rota, lambda level: level != "soft"), _wrong(rota, lambda level: level == "soft")
    return [
        _line(id, name, of_hub[id], rota, asked, across, hard[id], soft[id])
        for id, name in sorted(hubs.items(), key=lambda it: it[1])
    ]


def _wrong(rota: Rota, counts: Callable[[str], bool]) -> Counter[UUID]:
    hubs = {each.id: each.place.hub_id for each in rota.plan.duties}
    return Counter(hubs[id] for id, some in rota.broken.items() for one in some if counts(one.level))


def _line(
    hub_id: UUID, name: str, duties: Sequence[Duty], rota: Rota, asked: Asked, across: Sequence[Column], hard: int, soft: int
) -> Line:  # fmt: skip
    shifts, gaps = Counter(each.date for each in duties), Counter(it.date for it in duties if not rota.worker_of(it))
    return Line(
        name=name,
        href=asked.href(hub_id=hub_id, only_gaps=False),
        gaps_href=asked.href(hub_id=hub_id, only_gaps=True),
        shifts=sum(shifts.values()),
        gaps=sum(gaps.values()),
        serious=hard,
        warnings=soft,
        cells=tuple((_within(shifts, each), _within(gaps, each)) for each in across),
    )


def _within(counts: Counter[date], column: Column) -> int:
    return sum(n for day, n in counts.items() if column.first <= day <= column.last)
