"""The rota as rows: one person or place each, days as columns; and as a list by day. Rows are HTML, written as chips are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any
from uuid import UUID

from markupsafe import Markup

from booking import clock
from booking.rotas.availability import away_on, works_on
from booking.rotas.pages.rota.asked import Asked
from booking.rotas.pages.rota.chips import Chips
from booking.rotas.pages.rota.reading import Rota
from booking.rotas.seeing import is_hidden
from booking.rotas.shares import Share
from booking.rotas.values import Duty, Worker
from booking.words import count_words, hours_words

FIRST = 4
"""So many open duties of a day stand in the grid."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together: those without anybody, a hub's people, or its places."""

    name: str
    rows: Markup


def days_shown(rota: Rota, asked: Asked) -> list[date]:
    """A Saturday or Sunday on which nothing is, in none of the weeks, has no column."""
    used = {each.date.weekday() for each in rota.shown}
    return [day for day in asked.days if day.weekday() < 5 or day.weekday() in used]


def by_person(rota: Rota, asked: Asked, chips: Chips, days: Sequence[date], hubs: dict[UUID, str]) -> list[Group]:
    """First what nobody does yet, then everybody of each hub with what they do."""
    cells: dict[UUID | None, dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for duty in rota.shown:
        who = rota.worker_of(duty)
        if who is not None:
            cells[who][duty.date].append(chips.of(duty, says="place"))
    open_ones = rota.gaps
    cells[None] = open_cells(open_ones, chips)
    gaps = len(open_ones)
    head = f'<b>Nobody yet</b><span class="rota__sums{" rota__sums--red" if gaps else ""}">{count_words(gaps, "gap")}</span>'
    groups = []
    if not asked.only_me:
        groups.append(Group("", Markup(_row(head, days, cells[None], "", 'data-staff="nobody" class="rota__open"'))))
    if asked.only_gaps:
        return groups
    own: dict[str, list[Worker]] = {name: [] for name in hubs.values()}
    own["From other hubs"] = []
    for each in rota.plan.workers:
        if (not asked.is_filtered and _is_of(each, asked)) or cells.get(each.id):
            own[hubs.get(each.hub_id, "From other hubs") if each.hub_id else "From other hubs"].append(each)
    own = {name: workers for name, workers in own.items() if workers}
    for name, workers in own.items():
        lines = [_person(each, rota, chips, days, cells[each.id]) for each in workers]
        groups.append(Group(name if len(own) > 1 else "", Markup("".join(lines))))
    return groups


def open_cells(open_ones: Iterable[Duty], chips: Chips) -> dict[date, list[str]]:
    """What nobody does, by day: alike ones as one ("needs 2"), and after the first few the others one press away."""
    alike: dict[date, dict[tuple, list[Duty]]] = defaultdict(lambda: defaultdict(list))
    for each in open_ones:
        alike[each.date][each.place.id, each.start, each.end, each.kind, each.title, each.skills].append(each)
    found = {}
    for day, some in alike.items():
        lines = [chips.of(duties[0], says="place", count=len(duties)) for duties in some.values()]
        left = lines[FIRST:]
        if len(left) > 1:
            more = f"<li><details class='rota__more'><summary>{len(left)} more</summary><ul>{''.join(left)}</ul></details></li>"
            lines = [*lines[:FIRST], more]
        found[day] = lines
    return found


def _is_of(worker: Worker, asked: Asked) -> bool:
    is_ours = asked.hub_ids is None or worker.hub_id in asked.hub_ids
    return is_ours and (worker.from_date or asked.last) <= asked.last and (worker.to_date or asked.first) >= asked.first


def _person(worker: Worker, rota: Rota, chips: Chips, days: Sequence[date], cells: dict[date, list[str]]) -> str:
    share = rota.shares[worker.id]
    head = f"<b>{escape(worker.name)}</b>{_kind(worker)}{bar(share)}<span class='rota__sums'>{_unsocial(share)}</span>"
    off = {day: _off(worker, day, bool(cells.get(day)), chips.is_small) for day in days}
    return _row(head, days, cells, off, f'data-staff="{worker.id}"')


def _kind(worker: Worker) -> str:
    return "" if worker.kind == "staff" else f'<span class="rota__kind">{worker.kind.title()}</span>'


def bar(share: Share) -> str:
    """Hours against contract as a bar with its words."""
    if share.contract_minutes is None:
        return f'<span class="rota__hours">{tidy(share.minutes)} h</span>'
    more = f", {tidy(share.over)} over" if share.over else ""
    level = " hours--over" if share.over else ""
    away = f", {tidy(share.leave_minutes)} on leave" if share.leave_minutes else ""
    return (
        f'<progress class="hours{level}" max="{max(share.contract_minutes, 1)}" value="{min(share.counted, share.contract_minutes)}"'
        f' aria-hidden="true"></progress><span class="rota__hours{level}">{tidy(share.counted)} of {tidy(share.contract_minutes)} h'
        f"{away}{more}</span>"
    )


def tidy(minutes: int) -> str:
    """Hours for a narrow column: 37, 7.5."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _unsocial(share: Share) -> str:
    parts = []
    if share.evenings:
        much = ' class="rota__much"' if share.has_many_evenings else ""
        parts.append(f"<span{much}>{count_words(share.evenings, 'evening')}{_fair(share.fair_evenings, much)}</span>")
    if share.weekends:
        much = ' class="rota__much"' if share.has_many_weekends else ""
        parts.append(f"<span{much}>{count_words(share.weekends, 'weekend')}{_fair(share.fair_weekends, much)}</span>")
    return ", ".join(parts)


def _fair(fair: float, much: str) -> str:
    return f" (fair share {fair:.0f})" if much else ""


def _off(worker: Worker, day: date, has_duty: bool, is_small: bool) -> str:
    """Why nobody should be put there: leave, asked for leave, not a working day. Not why they are away: colleagues read it too."""
    for each in away_on(worker, day) if worker.leave else ():
        words = "Away" if each.is_approved else "Asked for leave"
        return f'<span class="off{"" if each.is_approved else " off--asked"}">{words}</span>'
    if not is_small and not has_duty and not works_on(worker, day):
        return '<span class="off off--pattern"><i>Does not work</i></span>'
    return ""


def by_place(rota: Rota, asked: Asked, chips: Chips, days: Sequence[date], hubs: dict[UUID, str]) -> list[Group]:
    """Every place of these hubs with its shifts; what is private there stays with its own hub."""
    own: dict[UUID, list[Duty]] = defaultdict(list)
    for duty in rota.shown:
        if not is_hidden(duty) and (asked.hub_ids is None or duty.place.hub_id in asked.hub_ids):
            own[duty.place.id].append(duty)
    lines: dict[str, list[str]] = defaultdict(list)
    for duties in sorted(own.values(), key=lambda some: (hubs.get(some[0].place.hub_id, ""), some[0].place.name)):
        cells: dict[date, list[str]] = defaultdict(list)
        for each in duties:
            cells[each.date].append(chips.of(each, says="person"))
        place = duties[0].place
        gaps = sum(each.id not in rota.plan.given for each in duties)
        head = (
            f'<b>{escape(place.name)}</b><span class="rota__sums">{len(duties) - gaps} of {len(duties)} filled</span>'
            f'<span class="rota__sums{" rota__sums--red" if gaps else ""}">{count_words(gaps, "gap") if gaps else ""}</span>'
        )
        lines[hubs.get(place.hub_id, "")].append(_row(head, days, cells, "", f'data-place="{place.id}"'))
    return [Group(name if len(lines) > 1 else "", Markup("".join(rows))) for name, rows in lines.items()]


def _row(head: str, days: Sequence[date], cells: dict[date, list[str]], off: Any, more: str) -> str:
    line = [f'<tr {more}><th scope="row" class="rota__name">{head}</th>']
    for day in days:
        inside = cells.get(day)
        said = off[day] if off else ""
        line.append(f"<td>{said}<ul>{''.join(inside)}</ul></td>" if inside else f"<td>{said}</td>")
    line.append("</tr>\n")
    return "".join(line)


def by_day(rota: Rota, chips: Chips, days: Iterable[date]) -> list[dict[str, Any]]:
    """For a phone: every day with its duties by time, and where now is among them."""
    own: dict[date, list[Duty]] = defaultdict(list)
    for each in rota.shown:
        own[each.date].append(each)
    today, found = clock.today(), []
    for day in days:
        duties = sorted(own[day], key=lambda each: (each.starts_at, each.id in rota.plan.given, each.place.name))
        gaps = sum(each.id not in rota.plan.given for each in duties)
        found.append({"date": day, "is_today": day == today, "count": len(duties), "gaps": gaps, "duties": duties})
    return found


def chips_of(day: dict[str, Any], rota: Rota, chips: Chips) -> Markup:
    """The duties of one day as list items, with a line where now is."""
    lines, is_said = [], not day["is_today"]
    for duty in day["duties"]:
        if not is_said and duty.starts_at > rota.now:
            lines.append(now_line(rota))
            is_said = True
        lines.append(chips.of(duty, says="both"))
    if not is_said:
        lines.append(now_line(rota))
    return Markup("".join(lines))


def now_line(rota: Rota) -> str:
    return f'<li class="rota-now">Now, {clock.local(rota.now):%H:%M}</li>'


def sums(rota: Rota, only: Callable[[Worker], bool]) -> list[dict[str, Any]]:
    """How hours, evenings and weekends are shared, a line a person."""
    return [
        {
            "name": each.name,
            "hours": hours_words(share.counted),
            "contract": hours_words(share.contract_minutes) if share.contract_minutes is not None else "none agreed",
            "over": hours_words(share.over) if share.over else "",
            "evenings": share.evenings,
            "weekends": share.weekends,
            "fair_evenings": f"{share.fair_evenings:.1f}",
            "fair_weekends": f"{share.fair_weekends:.1f}",
            "many_evenings": share.has_many_evenings,
            "many_weekends": share.has_many_weekends,
        }
        for each in rota.plan.workers
        if only(each) and (share := rota.shares[each.id])
    ]
