"""A month of messages in figures: how many texts, mails and calls, their parts and cost, how many arrived, and why others failed.

Counted by the local month in which a message left; what never left, by the month in which it was written. What is discreet, and not
of one's own hub, is only counted: neither its hub nor its kind is told (promise P5).
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from booking import clock, db
from booking.messages.words_for_staff import CHANNELS, KINDS, why_failed
from booking.people.signing_in import Who
from booking.reports.statement import month_after, safe_cell

ONLY_COUNTED, NO_HUB = "Restricted, only counted", "No hub"
HEADINGS = ("month", "hub", "what", "how", "messages", "arrived", "failed", "parts", "cost")
MONTHS_BACK = 12


@dataclass(frozen=True, slots=True)
class Line:
    """Messages of one kind from one hub by one channel. parts are those billed; arrived is what the provider or the person says."""

    hub: str
    kind: str
    channel: str
    count: int
    arrived: int
    failed: int
    parts: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A month from its first day, its lines by hub and kind, and why what failed did (channel, words, how many)."""

    month: date
    lines: tuple[Line, ...]
    reasons: tuple[tuple[str, str, int], ...]

    def of(self, channel: str) -> Line:
        """The sum of one channel."""
        return summed("", "", channel, (line for line in self.lines if line.channel == channel))


def summed(hub: str, kind: str, channel: str, lines: Iterable[Line]) -> Line:
    """One line of many. Pure."""
    lines = list(lines)
    sums = (sum(getattr(line, name) for line in lines) for name in ("count", "arrived", "failed", "parts"))
    return Line(hub, kind, channel, *sums)


def grouped(lines: Iterable[Line], name: str) -> list[Line]:
    """The sums by "hub" or by "kind" and by channel, the most first. Pure."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[getattr(line, name), line.channel].append(line)
    sums = [summed(key, key, channel, of) for (key, channel), of in groups.items()]
    return sorted(sums, key=lambda line: (-line.count, line.hub))


async def figures(who: Who, month: date) -> Figures:
    """The figures of a month, as far as who asks may know. Two queries, each over one month."""
    begins, ends = clock.at(month, "00:00"), clock.at(month_after(month), "00:00")
    left = await _counted(who, "m.sent_at >= $1 AND m.sent_at < $2", begins, ends)
    never = "m.created_at >= $1 AND m.created_at < $2 AND m.sent_at IS NULL AND m.state IN ('failed', 'missed')"
    return made_of(who, month, left, await _counted(who, never, begins, ends))


async def _counted(who: Who, condition: str, begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    scope, parameters = _scope(who, 3)
    return await db.rows(
        "SELECT m.hub_id, l.name AS hub, l.is_restricted, m.kind, m.channel, m.state, m.error_code, m.is_discreet,"
        " count(*) AS n, sum(m.parts) AS parts FROM message m LEFT JOIN location l ON l.id = m.hub_id"
        f" WHERE {condition} AND {scope} GROUP BY m.hub_id, l.name, l.is_restricted, m.kind, m.channel, m.state, m.error_code, m.is_discreet",
        begins,
        ends,
        *parameters,
    )


def _scope(who: Who, first: int) -> tuple[str, list[Any]]:
    if who.hub_ids is None:
        return "1 = 1", []
    return f"m.hub_id IN {db.in_list(who.hub_ids, first)}", list(who.hub_ids)


def made_of(who: Who, month: date, left: Iterable[Mapping[str, Any]], never: Iterable[Mapping[str, Any]]) -> Figures:
    """The figures from counted rows. Pure."""
    left, never = list(left), list(never)
    groups: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for row in left:
        hub, kind = _named(who, row)
        is_there = row["state"] == "delivered" or (row["channel"] == "call" and row["state"] == "sent")
        counts = (row["n"], row["n"] * is_there, row["n"] * (row["state"] == "failed"), row["parts"] or 0)
        groups[hub, kind, row["channel"]].append(Line(hub, kind, row["channel"], *counts))
    for row in never:
        hub, kind = _named(who, row)
        groups[hub, kind, row["channel"]].append(Line(hub, kind, row["channel"], row["n"], 0, row["n"], 0))
    reasons: Counter[tuple[str, str]] = Counter()
    for row in [*left, *never]:
        if row["state"] in ("failed", "missed"):
            reasons[
                row["channel"], "Too late, not sent" if row["state"] == "missed" else why_failed(row["error_code"])
            ] += row["n"]
    lines = sorted(
        (summed(*key, of) for key, of in groups.items()), key=lambda line: (line.hub, line.kind, line.channel)
    )
    return Figures(month, tuple(lines), tuple((*key, count) for key, count in reasons.most_common()))


def _named(who: Who, row: Mapping[str, Any]) -> tuple[str, str]:
    """Hub and kind in words, where they may be told."""
    is_own = row["hub_id"] is not None and who.works_at(row["hub_id"])
    if (row["is_discreet"] or row["is_restricted"]) and not is_own and row["hub_id"] is not None:
        return ONLY_COUNTED, ONLY_COUNTED
    return row["hub"] or NO_HUB, KINDS.get(row["kind"], row["kind"])


async def texts_by_month(who: Who, until: date) -> list[tuple[date, int, int]]:
    """The last twelve months up to one: first day, texts and parts. One query over the index of sent_at."""
    months = [month_after(until, n - MONTHS_BACK + 1) for n in range(MONTHS_BACK)]
    edges = [clock.at(month, "00:00") for month in (*months, month_after(until))]
    within = [f"m.sent_at >= ${n} AND m.sent_at < ${n + 1}" for n in range(1, MONTHS_BACK + 1)]
    counted = ", ".join(
        f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS texts_{n}, sum(CASE WHEN {condition} THEN m.parts ELSE 0 END) AS parts_{n}"
        for n, condition in enumerate(within)
    )
    scope, parameters = _scope(who, len(edges) + 1)
    row = await db.row(
        f"SELECT {counted} FROM message m WHERE m.channel = 'sms' AND m.sent_at >= $1 AND m.sent_at < ${len(edges)} AND {scope}",
        *edges,
        *parameters,
    )
    return [
        (month, row[f"texts_{n}"] or 0, row[f"parts_{n}"] or 0) if row else (month, 0, 0)
        for n, month in enumerate(months)
    ]


def as_csv(shown: Figures, pence: float) -> str:
    """The lines as CSV (RFC 4180) for a spreadsheet; no cell is one that it would run as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for line in shown.lines:
        words = (safe_cell(line.hub), safe_cell(line.kind), CHANNELS.get(line.channel, line.channel))
        counts = (line.count, line.arrived, line.failed, line.parts, f"{round(line.parts * pence) / 100:.2f}")
        writer.writerow((f"{shown.month:%Y-%m}", *words, *counts))
    return text.getvalue()
