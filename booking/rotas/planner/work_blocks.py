"""Preparation and follow-up beside sessions: done by whoever leads, in their own working time, as near to the session as it goes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from booking import clock
from booking.rotas.availability import Times, minute_of, without
from booking.rotas.planner.crew import Crew, Person, Task, task_of
from booking.rotas.values import Duty, Plan

DAY, OFFICE = ((minute_of("06:00"), minute_of("22:00")), (minute_of("08:00"), minute_of("18:00")))
"""Work beside sessions is not put into the night, and of somebody without a working pattern not into the evening."""
QUARTER = 15


def place_beside(crew: Crew, session: Task) -> int:
    """Gives whoever leads this session its open preparation and follow-up; returns how many found a time. What finds none stays
    open: a session without its leader would be worse."""
    staff, duty = crew.given[session.id], session.duty
    found = 0
    if duty.kind != "facilitator" or duty.session_id is None:
        return 0
    for block in crew.beside.get((duty.session_id, duty.position), ()):
        if crew.is_open(block) and (placed := placed_for(crew, crew.people[staff], block, session)):
            crew.give(placed, staff)
            found += 1
    return found


def placed_for(crew: Crew, person: Person, block: Task, session: Task) -> Task | None:
    """The block at a time that this person has: as it stands, else that day next to the session, else on other days of the week
    (before it for preparation, after it for follow-up), nearest first. None where there is no time."""
    if not person.refuses(block):
        return block
    lasts = block.ends - block.begins
    is_before = block.duty.kind == "preparation"
    for day in days_of(crew.plan, session, is_before):
        for start in starts(person, date.fromordinal(day), lasts, session, is_before):
            moved = _at(block.duty, date.fromordinal(day), start, lasts)
            task = task_of(moved, crew.plan.rules)
            if not person.refuses(task):
                return task
    return None


def days_of(plan: Plan, session: Task, is_before: bool) -> list[int]:
    """Its own day, then the days of its week on the right side of it, nearest first; inside the window."""
    days = range(session.day - 1, session.week - 1, -1) if is_before else range(session.day + 1, session.week + 7)
    return [day for day in (session.day, *days) if plan.first <= date.fromordinal(day) <= plan.last]


def starts(person: Person, day: date, lasts: int, session: Task, is_before: bool) -> Iterator[int]:
    """Minutes of that day at which it could begin: in each free stretch the time nearest the session, and its other end."""
    for first, last in _free(person, day, session, is_before):
        late = (last - lasts) // QUARTER * QUARTER
        early = -(-first // QUARTER) * QUARTER
        if early + lasts <= last:
            yield from dict.fromkeys((late, early) if is_before else (early, late))


def _free(person: Person, day: date, session: Task, is_before: bool) -> Times:
    """Free stretches of the day, the one nearest the session first."""
    is_there, times, away = person.on(day)
    if not is_there:
        return ()
    early, late = DAY if person.worker.pattern else OFFICE
    times = tuple((max(first, early), min(last, late)) for first, last in times)
    for first, last in away:
        times = without(times, first, last)
    for _, each in person.tasks:
        if each.day == day.toordinal():
            times = without(times, each.start, each.end)
    if session.day == day.toordinal():
        times = without(times, session.start, 24 * 60) if is_before else without(times, 0, session.end)
    return times[::-1] if is_before else times


def _at(duty: Duty, day: date, start: int, lasts: int) -> Duty:
    begin, end = wall_time(start), wall_time(start + lasts)
    return replace(duty, date=day, start=begin, end=end, starts_at=clock.at(day, begin), ends_at=clock.at(day, end))


def wall_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def with_moved(plan: Plan, moved: Mapping[UUID, Duty]) -> Plan:
    """The plan with some work blocks at other times."""
    return replace(plan, duties=[moved.get(each.id, each) for each in plan.duties]) if moved else plan


def moved_duties(plan: Plan, at: Mapping[str, list[str]]) -> dict[UUID, Duty]:
    """The same from what `Planned.found` says of them: shift -> date, start, end."""
    found = {}
    for each in plan.duties:
        if times := at.get(str(each.id)):
            day, start, end = date.fromisoformat(times[0]), times[1], times[2]
            found[each.id] = replace(
                each, date=day, start=start, end=end, starts_at=clock.at(day, start), ends_at=clock.at(day, end)
            )
    return found


def settle(plan: Plan, given: Mapping[UUID, UUID]) -> tuple[dict[UUID, UUID], dict[UUID, Duty]]:
    """Another planner's answer with the work blocks put beside its leaders: who does what now, and which blocks moved. A block that
    somebody does who does not lead its session is opened first."""
    leads = {}
    for each in plan.duties:
        if each.kind == "facilitator" and each.session_id and each.id in given:
            leads[each.session_id, each.position] = given[each.id]
    kept = dict(given)
    crew = Crew(plan, given)
    for blocks in crew.beside.values():
        for block in blocks:
            lead = leads.get((block.duty.session_id, block.duty.position))
            if crew.may_move(block) and kept[block.id] != lead:
                crew.take(block)
    for task in list(crew.tasks.values()):
        if task.id in crew.given:
            place_beside(crew, task)
    return dict(crew.given), crew.moved()
