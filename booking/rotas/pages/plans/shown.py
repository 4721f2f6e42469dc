"""Plans in the words and figures of their pages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from booking.rotas.planner.arithmetic import DAYS, Sums, weekday_total
from booking.rotas.values import Duty, Plan, Weights
from booking.rotas.words_for_staff import KINDS
from booking.words import count_words, day_words, short_day, short_instant, time_range

LEVELS = ((0, "Not at all"), (1, "A little"), (2, "As usual"), (3, "Very much"))
WISHES = {
    "same_facilitators": "The same facilitators all through a course",
    "fairness": "Evenings and Saturdays shared fairly",
    "wishes": "What people would rather work, and rather not",
    "travel": "Short ways",
    "near_contract": "Hours near what is agreed",
}
STATES = {
    "waits": ("waits", "Waiting"),
    "runs": ("waits", "Planning"),
    "done": ("good", "Ready"),
    "stopped": ("waits", "Stopped"),
    "failed": ("bad", "Failed"),
    "applied": ("good", "In the draft"),
    "undone": ("plain", "Taken back"),
}
ENGINES = {"greedy": "Draft", "solver": "Thorough plan"}
UNKNOWN = "How far from the best this plan is, the search could not say."
WORTH_SAYING = 0.5
"""A bound below this part of the cost says nothing: "better by more than 100 %"."""
COMPARED = (
    ("open", "Open duties", True),
    ("open_cover", "of these cover of buildings", True),
    ("open_sessions", "of these people of sessions", True),
    ("open_blocks", "of these preparation and follow-up", True),
    ("hard", "Rules broken", True),
    ("substitutes", "Facilitators standing in for a course’s own", True),
    ("avoids", "Duties against a wish", True),
    ("over_contract", "Weeks beyond agreed hours", True),
    ("evenings", "Most evenings of one person", True),
    ("weekends", "Most days at weekends of one person", True),
)


def when(first: date, last: date) -> str:
    return f"{day_words(first)} to {day_words(last)} {last.year}"


def hours(minutes: int) -> str:
    """ "12½" for a table of hours."""
    whole, rest = divmod(round(minutes / 30), 2)
    return f"{whole:,}{'½' if rest else ''}" if whole or not rest else "½"


def sums(found: Sums) -> dict[str, Any]:
    """The sums as the page draws them: figures, bars by weekday, tables."""
    most = max((each[1] for each in weekday_total(found.cells)), default=1) or 1
    return {
        "words": found.words,
        "is_possible": found.is_possible,
        "is_empty": not found.weeks,
        "figures": [
            _figure(found.needed, "hours needed"),
            _figure(found.agreed, "hours agreed, leave taken off"),
            _figure(found.most, "hours at most, in the right times and places"),
            _figure(found.missing, "hours that no plan can fill", asks=bool(found.missing)),
        ],
        "days": [
            {"name": name, "needed": hours(needed), "filled": hours(needed - missing), "missing": hours(missing) if missing else "",
             "width": round(100 * (needed - missing) / most), "width_missing": max(2, round(100 * missing / most)) if missing else 0}
            for name, needed, _, missing in weekday_total(found.cells)
        ],
        "weekdays": [name[:3] for name in _weekdays(found)],
        "places": _places(found),
        "weeks": [
            {"words": short_day(each.monday), "needed": hours(each.needed), "agreed": hours(each.agreed), "most": hours(each.most),
             "missing": hours(each.missing) if each.missing else ""}
            for each in found.weeks
        ],
        "skills": [
            {"name": each.skill, "needed": hours(each.needed), "people": each.people, "missing": hours(each.missing) if each.missing else ""}
            for each in found.skills
        ],
    }  # fmt: skip


def _figure(minutes: int, words: str, *, asks: bool = False) -> dict[str, Any]:
    return {"number": hours(minutes), "words": words, "asks": asks, "href": ""}


def _weekdays(found: Sums) -> list[str]:
    return [DAYS[day] for day in sorted({each.weekday for each in found.cells})]


def _places(found: Sums) -> list[dict[str, Any]]:
    """One row a place: a cell for each weekday that is in the table, None where nothing is needed."""
    days = sorted({each.weekday for each in found.cells})
    rows: dict[str, dict[int, Any]] = defaultdict(dict)
    total: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in found.cells:
        rows[each.place][each.weekday] = {
            "needed": hours(each.needed),
            "missing": hours(each.missing) if each.missing else "",
        }
        total[each.place][0] += each.needed
        total[each.place][1] += each.missing
    return [
        {"name": name, "cells": [row.get(day) for day in days], "needed": hours(total[name][0]),
         "missing": hours(total[name][1]) if total[name][1] else ""}
        for name, row in rows.items()
    ]  # fmt: skip


def wishes(weights: Weights) -> list[dict[str, Any]]:
    return [{"name": name, "words": words, "level": getattr(weights, name)} for name, words in WISHES.items()]


def read_wishes(sent: FormData) -> dict[str, int]:
    """Only what is known and in range."""
    found = {name: str(sent.get(f"wish-{name}", "")) for name in WISHES}
    return {name: int(value) for name, value in found.items() if value in ("0", "1", "2", "3")}


def line(run: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """One plan in the list."""
    known = [names[each] for each in run["hubs"] if each in names]
    level, words = STATES[run["state"]]
    return {
        "href": f"/staff/rota/plans/{run['id']}",
        "title": f"{ENGINES[run['engine']]}: {short_day(run['first_date'])} to {short_day(run['last_date'])}",
        "where": known[0] if len(known) == 1 else count_words(len(run["hubs"]), "hub"),
        "at": short_instant(run["created_at"]),
        "by": run["by_name"] or "",
        "state": {"level": level, "words": words},
    }


def duty_line(duty: Duty) -> dict[str, str]:
    """A duty as lists name it."""
    what = duty.title or KINDS[duty.kind]
    return {
        "when": f"{short_day(duty.date)}, {time_range(duty.start, duty.end)}",
        "what": what if what == KINDS[duty.kind] else f"{what} ({KINDS[duty.kind].lower()})",
        "place": duty.place.name,
        "href": f"/staff/rota/shifts/{duty.id}",
    }


def compared(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Figures of the draft now and of the plan, with which is better; what is 0 in both is left out."""
    before, after = found["counts"]["before"], found["counts"]["after"]
    return [
        {"words": words, "before": before[name], "after": after[name],
         "change": "better" if after[name] < before[name] else "worse" if after[name] > before[name] else ""}
        for name, words, _ in COMPARED
        if before[name] or after[name]
    ]  # fmt: skip


def people(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hours and shares of everybody, those furthest from what is agreed first."""
    lines = []
    for each in found["people"]:
        agreed = each["agreed"]
        off = each["after"] - agreed if agreed is not None else 0
        said = "" if agreed is None or abs(off) < 30 else f"{hours(abs(off))} {'over' if off > 0 else 'under'}"
        lines.append(
            {"name": each["name"], "before": hours(each["before"]), "after": hours(each["after"]), "off": said, "order": -abs(off),
             "agreed": hours(agreed) if agreed is not None else "none", "evenings": each["evenings"], "weekends": each["weekends"]}
        )  # fmt: skip
    return sorted(lines, key=lambda it: (it["order"], it["name"]))


def changes(run: Mapping[str, Any], plan: Plan) -> list[dict[str, Any]]:
    """What the plan changes against the draft it began from, by time."""
    names = {str(each.id): each.name for each in plan.workers}
    before, after, found = run["found"]["before"], run["result"], []
    for duty in sorted(plan.duties, key=lambda it: (it.starts_at, it.id)):
        id = str(duty.id)
        was, now = before.get(id), after.get(id)
        if id in run["found"]["free"] and was != now:
            moved = run["found"]["moved"].get(id)
            at = (
                f"moves to {short_day(date.fromisoformat(moved[0]))}, {time_range(moved[1], moved[2])}" if moved else ""
            )
            found.append(
                duty_line(duty) | {"before": names.get(was or "", ""), "after": names.get(now or "", ""), "moved": at}
            )
    return found


def gaps(run: Mapping[str, Any], plan: Plan) -> list[dict[str, Any]]:
    """Open duties with why and what would help, by day."""
    duties = {each.id: each for each in plan.duties}
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for each in run["found"]["gaps"]:
        duty = duties.get(UUID(each["id"]))
        if duty is not None:
            found[duty.date].append(duty_line(duty) | {"words": each["words"], "helps": each["helps"]})
    return [{"words": day_words(day), "gaps": lines} for day, lines in sorted(found.items())]


def bound_words(found: Mapping[str, Any], engine: str) -> str:
    """How good the plan is, plainly."""
    total, bound = found["costs"]["total"], found.get("bound")
    if bound is not None and total > 0:
        if bound < total * WORTH_SAYING:
            return UNKNOWN
        return f"No plan can be better than this one by more than {_percent((total - bound) / total)}."
    gaps = [
        each["gap"]
        for each in found.get("solver", {}).get("stages", ())
        if "gap" in each and each["name"] != "weekends"
    ]
    if gaps and not found["solver"].get("fell_back"):
        if max(gaps) > 1 - WORTH_SAYING:
            return UNKNOWN
        return f"Each week was searched until no plan for it could be better by more than {_percent(max(gaps))}, the weeks before it being as they are."
    if engine == "greedy":
        return "A draft is made in one go. How far it is from the best, only a thorough plan can say."
    return UNKNOWN


def _percent(part: float) -> str:
    return f"{max(0.1, round(100 * part, 1)):g} %"


def summary(found: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    before, after = found["counts"]["before"], found["counts"]["after"]
    return [
        {"number": f"{found['total'] - found['open']:,}", "words": f"of {found['total']:,} duties filled", "asks": False, "href": ""},
        {"number": f"{found['open']:,}", "words": "still open", "asks": bool(found["open"]), "href": "#gaps" if found["open"] else ""},
        {"number": hours(after["minutes"]), "words": f"hours planned, {hours(before['minutes'])} before", "asks": False, "href": ""},
    ]  # fmt: skip
