"""The best plans as the page shows them: what, where and when at a glance, the weeks as a strip, and why it stands there. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from booking.places.asking import Choice
from booking.places.chosen_ways import choice_value
from booking.places.holding import Taken
from booking.places.rooms import RoomFacts
from booking.programmes.plans.plan_finder_form import Asked
from booking.programmes.plans.plan_wishes import BestPlan, Blocked, Held
from booking.words import DAYS, clock_time, count_words, day_and_year, miles_words, short_day, time_range, time_words

NEW = "/staff/plan/new"
MOST_STARTS = 5
WHO = {
    "session": "a session",
    "partner": "a partner’s booking",
    "hub": "a booking of the hub",
    "closure": "a closure",
    "swap": "a room kept for a partner",
}
Card = dict[str, Any]
WhoHas = Mapping[tuple[UUID, date], Sequence[Taken]]


def card(
    plan: BestPlan, asked: Asked, *, may_plan: bool, best: BestPlan | None = None, who_has: WhoHas | None = None
) -> Card:
    """One plan; `best` is the first of the list. may_plan: whether who asks may plan at that hub."""
    return {
        "title": f"{DAYS[plan.weekday]}s, {time_range(plan.start, plan.end)}",
        "place": plan.room.location_name,
        "far": miles_words(plan.miles) + ("" if plan.miles < 0.2 else " away") if plan.miles is not None else "",
        "room": _room(plan.room),
        "creche": _room(plan.creche) if plan.creche else "",
        "dates": f"{day_and_year(plan.first)} to {day_and_year(plan.last)}",
        "count": count_words(len(plan.dates), "date"),
        "left_out": f"{len(plan.skips)} left out" if plan.skips else "none left out",
        "weeks": weeks(plan),
        "picture": picture_words(plan),
        "why": why_here(plan, best),
        "notes": notes(plan),
        "blocked": [words for held in plan.blocked for words in blocked_words(held, who_has or {})],
        "instead": _instead(plan, asked) if may_plan and plan.instead else None,
        "lines": [_line(held, plan) for held in plan.dates],
        "skips": skips_words(plan),
        "use": f"{NEW}?{urlencode(use_pairs(plan, asked))}" if may_plan else "",
        "hub_name": plan.room.hub_name,
    }  # fmt: skip


def _instead(plan: BestPlan, asked: Asked) -> dict[str, str]:
    """Leaving out the dates in the way, as a link to the form that plans a run."""
    assert plan.instead
    days = ", ".join(short_day(held.day) for held in plan.blocked)
    skips = [(f"do-{held.day}", "skip") for held in plan.blocked]
    return {
        "words": f"Leave out {days} and end on {short_day(plan.instead.last)}",
        "href": f"{NEW}?{urlencode([*use_pairs(plan.instead, asked), *skips])}",
    }


def _room(room: RoomFacts) -> str:
    return f"{room.name}, takes {room.capacity}"


def weeks(plan: BestPlan) -> list[dict[str, str]]:
    """Every date of the rule in order, held or left out: its day, state and month where a month begins."""
    states = {held.day: _state(held) for held in plan.dates} | {skip.date: "skip" for skip in plan.skips}
    found, month = [], 0
    for day in sorted(states):
        begins = f"{day:%b}" if day.month != month else ""
        month = day.month
        found.append({"day": str(day.day), "state": states[day], "month": begins})
    return found


def _state(held: Held) -> str:
    return "blocked" if held.blocked else "other" if held.is_other_room else "held"


def picture_words(plan: BestPlan) -> str:
    """The strip for those who do not see it."""
    parts = [
        f"{count_words(len(plan.dates) - len(plan.blocked), 'date')} held, {short_day(plan.first)} to {short_day(plan.last)}"
    ]
    if plan.skips:
        parts.append("left out " + ", ".join(short_day(skip.date) for skip in plan.skips))
    if plan.others:
        parts.append("in another room " + ", ".join(short_day(held.day) for held in plan.others))
    if plan.blocked:
        parts.append("in the way " + ", ".join(short_day(held.day) for held in plan.blocked))
    return "; ".join(parts)


def why_here(plan: BestPlan, best: BestPlan | None) -> list[dict[str, str]]:
    """What it is ranked by, each with a level: good, or waits where it stands behind for it."""
    others, late = len(plan.others), len(plan.out_of_hours)
    people = [_reason(len(plan.leaders) >= plan.needed, people_words(plan))] if plan.needed else []
    rooms = "Same rooms every week" if plan.creche else "Same room every week"
    found = [
        *people,
        _reason(not others, rooms if not others else f"Another room on {count_words(others, 'date')}"),
        _reason(not late, "In opening hours" if not late else f"Out of hours on {count_words(late, 'date')}"),
    ]
    behind = (plan.last - best.last).days // 7 if best else 0
    if behind > 0:
        found.append(_reason(False, f"Ends {count_words(behind, 'week')} later than the first"))
    elif best:
        found.append(_reason(True, "Ends soonest"))
    return found


def people_words(plan: BestPlan) -> str:
    """ "Ann Lee and Bo Ray can lead every date", or who is lacking and by how little."""
    free = list(plan.leaders)
    if len(free) >= plan.needed:
        more = len(free) - plan.needed
        named = " and ".join(free[: plan.needed]) + (f" (or {more} more)" if more else "")
        return f"{named} can lead every date"
    nearly = [f"{name} on all but {count}" for name, count in plan.nearly_leaders[:2]]
    short = f"{count_words(plan.needed - len(free), 'trained person', 'trained people')} short on some dates"
    return "; ".join([short, *([f"{' and '.join(free)} can lead every date"] if free else []), *nearly])


def _reason(is_good: bool, words: str) -> dict[str, str]:
    return {"level": "good" if is_good else "waits", "words": words}


def notes(plan: BestPlan) -> list[str]:
    """What else a planner should know."""
    found = []
    if plan.other_starts:
        more = len(plan.other_starts) - MOST_STARTS
        named = ", ".join(time_words(start) for start in plan.other_starts[:MOST_STARTS])
        found.append(f"Could also start at {named}" + (f" and {count_words(more, 'more time')}" if more > 0 else ""))
    if not plan.is_known:
        found.append("The school dates of this area are not known for all of these weeks yet")
    return found


def blocked_words(held: Held, who_has: WhoHas) -> list[str]:
    """ "Blue room is taken on Tue 16 Mar, 10am to midday, by a partner’s booking" """
    return [
        words
        for each in held.blocked
        for words in _blocked_by(each, held.day, who_has.get((each.room.id, held.day), ()))
    ]


def _blocked_by(blocked: Blocked, day: date, taken: Sequence[Taken]) -> list[str]:
    on = f"on {short_day(day)}"
    match blocked.rule:
        case "closure":
            why = f" ({blocked.words})" if blocked.words else ""
            return [f"{blocked.room.location_name} is closed {on}{why}"]
        case "out of hours":
            why = f": {blocked.words}" if blocked.words else ""
            return [f"{blocked.room.location_name} is not open at that time {on}{why}"]
        case "not in use":
            return [f"{blocked.room.name} is {blocked.words}"]
    if not taken:
        return [f"{blocked.room.name} is taken {on}"]
    return list(dict.fromkeys(
        f"{blocked.room.name} is taken {on}, {clock_time(each.starts_at)} to {clock_time(each.ends_at)} with set-up and"
        f" clearing, by {WHO.get(each.kind, 'another booking')}"
        for each in taken
    ))  # fmt: skip


def _line(held: Held, plan: BestPlan) -> dict[str, str]:
    rooms = held.room.name + (f", crèche in {held.creche.name}" if held.creche else "")
    return {"day": short_day(held.day), "where": rooms if held.is_other_room else "", "state": _state(held)}


def skips_words(plan: BestPlan) -> list[str]:
    """ "Tue 16 Feb: Half term" """
    return [f"{short_day(skip.date)}: {', '.join(skip.reasons)}" for skip in plan.skips]


def use_pairs(plan: BestPlan, asked: Asked) -> list[tuple[str, str]]:
    """The address of the form that plans a run, with this plan in it; other rooms are chosen date by date."""
    single = {
        "programme": asked.programme, "room": plan.room.id, "creche_room": plan.creche.id if plan.creche else "",
        "weekday": plan.weekday, "start": plan.start, "end": plan.end, "first": plan.first.isoformat(),
        "sessions": asked.sessions, "frequency": asked.frequency, "after_skip": asked.after_skip,
        "term_time_only": asked.term_time_only, "places": asked.places,
        "creche_places": asked.creche_places if plan.creche else "", "waiting_from": asked.waiting_from,
        **dict(zip(("facilitator_1", "facilitator_2"), plan.leaders[: plan.needed], strict=False)),
    }  # fmt: skip
    found = [(name, str(value)) for name, value in single.items() if value != ""]
    for held in plan.others:
        if held.room != plan.room:
            found.append((f"room-{held.day}", choice_value(Choice("use", held.room.id))))
        if held.creche and held.creche != plan.creche:
            found.append((f"creche-{held.day}", str(held.creche.id)))
    return found
