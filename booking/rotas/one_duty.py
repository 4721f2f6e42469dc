"""What stands between one person and one duty, whatever else they do. Pure."""

from datetime import date, timedelta

from booking.rotas.availability import (
    DAY,
    away_on,
    covers,
    is_employed,
    lacks,
    minute_of,
    pattern_on,
    works_on,
)
from booking.rotas.breaking import say, span, when
from booking.rotas.travel import minutes_between, out_of_reach
from booking.rotas.values import BESIDE, Away, Broken, Duty, Worker
from booking.words import short_day


def unfit(worker: Worker, duty: Duty) -> list[Broken]:
    """What stands between one person and one duty, whatever else they do: employment, pattern, leave, skills, place, wishes."""
    return [*_time(worker, duty), *_skills(worker, duty), *_place(worker, duty), *_wishes(worker, duty)]


def _time(worker: Worker, duty: Duty) -> list[Broken]:
    if not is_employed(worker, duty.date):
        return [say("employed", f"{worker.name} does not work here on {short_day(duty.date)}.", worker, duty)]
    found = []
    days = _local_days(duty)
    leave = [it for day, start, end in days for it in _away(worker, day, start, end)] if worker.leave else []
    for each in dict.fromkeys(leave):
        if each.is_approved:  # why somebody is away is for managers of their home hub, on their page
            found.append(say("leave", f"{worker.name} is on leave on {short_day(duty.date)}.", worker, duty))
        else:
            words = f"{worker.name} has asked for leave on {short_day(duty.date)}; nobody has decided yet."
            found.append(say("leave_asked", words, worker, duty))
    if not all(covers(works_on(worker, day), start, end) for day, start, end in days):
        found.append(say("pattern", f"{worker.name} does not work {when(duty)}.", worker, duty))
    return found


def _local_days(duty: Duty) -> list[tuple[date, int, int]]:
    """The duty's minutes of its local day, and of the next where it goes on past midnight."""
    start, end = span(duty)
    if end <= DAY:
        return [(duty.date, start, end)]
    return [(duty.date, start, DAY), (duty.date + timedelta(days=1), 0, end - DAY)]


def _away(worker: Worker, day: date, start: int, end: int) -> list[Away]:
    return [it for it in away_on(worker, day) if minute_of(it.start) < end and start < minute_of(it.end)]


def _skills(worker: Worker, duty: Duty) -> list[Broken]:
    found = []
    for code in sorted(duty.skills):
        lacking = lacks(worker, code, duty.date)
        if lacking == "skill":
            found.append(say("skill", f"{worker.name} does not hold “{code}”.", worker, duty))
        elif lacking:
            held = worker.skills[code]
            ended = max((it.to_date for it in held if it.to_date and it.to_date < duty.date), default=None)
            words = f"expired on {short_day(ended)}" if ended else "is not valid yet"
            found.append(say("skill_expired", f"“{code}” of {worker.name} {words}.", worker, duty))
    return found


def _place(worker: Worker, duty: Duty) -> list[Broken]:
    place = duty.place
    if duty.kind in BESIDE:
        return []
    why = out_of_reach(worker, place.id, place.lat, place.lon)
    if why == "place":
        return [say("place", f"{worker.name} does not work at {place.name}.", worker, duty)]
    if why:
        minutes = minutes_between(worker.lat, worker.lon, place.lat, place.lon, drives=worker.drives)
        words = f"{place.name} is about {minutes} minutes from {worker.name}’s base; {worker.max_travel_minutes} is the most."
        return [say("too_far", words, worker, duty)]
    return []


def _wishes(worker: Worker, duty: Duty) -> list[Broken]:
    avoided = pattern_on(worker, duty.date, "avoids")
    start, end = span(duty)
    if avoided and any(first < end and start < last for first, last in avoided):
        return [say("avoids", f"{worker.name} would rather not work {when(duty)}.", worker, duty)]
    return []
