"""What managers do on somebody's page: skills, single days, leave and sickness."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.models import Leave
from booking.rotas.pages.workers.asking import HOME, day_of, fields, uuid_of, worker_in_path
from booking.rotas.pages.workers.one import show
from booking.rotas.people_who_work import leave, skills
from booking.web import access
from booking.words import count_words

ILL = "/staff/rota/cover/ill"


async def _act(request: Request, names: tuple[str, ...], verb: Any, done: str, part: str) -> Response:
    """Reads the fields, does the verb, and goes back to the part of the page it is about; problems stand beside the fields."""
    who, worker = await worker_in_path(request)
    typed = await fields(request, *names)
    problems: list[Problem] = []
    try:
        words = await verb(who, worker, typed, problems)
    except Refused as refused:
        problems = refused.problems
        words = ""
    if problems:
        return await show(request, typed, problems)
    web.flash(request, words or done)
    return web.go(f"{HOME}/{worker['id']}#{part}")


@access("manager")
async def give_skill(request: Request) -> Response:
    async def verb(who: Who, worker: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> str:
        first = day_of(typed["from_date"], "from_date", problems, must=False)
        last = day_of(typed["to_date"], "to_date", problems, must=False)
        held_id = uuid_of(typed["held"])
        if not problems:
            await skills.give_skill(
                staff_id=worker["id"],
                skill_id=uuid_of(typed["skill"]),
                from_date=first,
                to_date=last,
                by=who,
                held_id=held_id,
            )
        return ""

    return await _act(request, ("skill", "from_date", "to_date", "held"), verb, "The skill is written down.", "skills")


@access("manager")
async def take_skill(request: Request) -> Response:
    async def verb(who: Who, worker: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> str:
        await skills.take_skill(staff_id=worker["id"], held_id=web.uuid_in_path(request, "held"), by=who)
        return ""

    return await _act(request, (), verb, "The line is taken away.", "skills")


@access("manager")
async def add_day(request: Request) -> Response:
    async def verb(who: Who, worker: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> str:
        day = day_of(typed["day"], "day", problems)
        start = _time(typed["day_start"], "00:00", "day_start", problems)
        end = _time(typed["day_end"], "24:00", "day_end", problems)
        if day and not problems:
            await skills.add_day(
                staff_id=worker["id"],
                day=day,
                start=start,
                end=end,
                kind=typed["day_kind"],
                reason=typed["reason"],
                by=who,
            )
        return ""

    names = ("day", "day_start", "day_end", "day_kind", "reason")
    return await _act(request, names, verb, "The day is written down.", "days")


@access("manager")
async def remove_day(request: Request) -> Response:
    async def verb(who: Who, worker: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> str:
        await skills.remove_day(staff_id=worker["id"], day_id=web.uuid_in_path(request, "day"), by=who)
        return ""

    return await _act(request, (), verb, "That day is as the pattern says again.", "days")


@access("manager")
async def add_leave(request: Request) -> Response:
    """Leave that is agreed already: approved at once. Sickness is shown first with the duties that it would open."""

    async def verb(who: Who, worker: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> str:
        first = day_of(typed["first"], "first", problems)
        last = day_of(typed["last"] or typed["first"], "last", problems) if typed["first"] else None
        start = _time(typed["start"], "00:00", "start", problems)
        end = _time(typed["end"], "24:00", "end", problems)
        if problems or not (first and last):
            return ""
        has_left = bool(worker["to_date"] and worker["to_date"] < clock.today())
        if typed["kind"] == "sick" and not has_left:
            raise _Ill({"staff": worker["id"], "first": first, "last": last})
        _, left = await leave.record_leave(
            worker["id"], first, last, start=start, end=end, kind=typed["kind"], reason=typed["reason"], by=who
        )
        if not left:
            return "Written down. Nothing on the rota is in the way."
        return f"Written down. {count_words(len(left), 'duty', 'duties')} on the rota in these days must be given to others."

    try:
        return await _act(request, ("first", "last", "start", "end", "kind", "reason"), verb, "", "leave")
    except _Ill as ill:
        return web.go(f"{ILL}?{urlencode(ill.asked)}")


class _Ill(Exception):
    """Their duties are opened after a preview, where the cover board does it."""

    def __init__(self, asked: dict[str, Any]):
        self.asked = asked


@access("manager")
async def end_sickness(request: Request) -> Response:
    """They are back before the last day that was written down."""

    async def verb(who: Who, worker: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> str:
        id, day = web.uuid_in_path(request, "leave"), day_of(typed["back"], "back", problems)
        if not await Leave.exists(id=id, staff_id=worker["id"]):
            raise HTTPException(404)
        if day:
            await leave.shorten_sickness(id, day - timedelta(days=1), who)
        return ""

    done = "Written down. Duties that were opened are not theirs again: the cover board has what still needs somebody."
    return await _act(request, ("back",), verb, done, "leave")


def _time(typed: str, otherwise: str, name: str, problems: list[Problem]) -> str:
    """A local time; the beginning or end of the day for nothing typed."""
    hours, _, minutes = typed.partition(":")
    if not typed:
        return otherwise
    if hours.isdigit() and minutes.isdigit() and len(typed) <= 5 and int(hours) < 24 and int(minutes) < 60:
        return f"{int(hours):02}:{int(minutes):02}"
    problems.append(Problem("Enter a time, like 09:30", name, rule="time"))
    return otherwise


ONE = f"{HOME}/{{id}}"
routes = [
    Route(f"{ONE}/skills", give_skill, name="staff_give_skill", methods=["POST"]),
    Route(f"{ONE}/skills/{{held}}/remove", take_skill, name="staff_take_skill", methods=["POST"]),
    Route(f"{ONE}/days", add_day, name="staff_add_day", methods=["POST"]),
    Route(f"{ONE}/days/{{day}}/remove", remove_day, name="staff_remove_day", methods=["POST"]),
    Route(f"{ONE}/leave/{{leave}}/back", end_sickness, name="staff_end_sickness", methods=["POST"]),
    Route(f"{ONE}/leave", add_leave, name="staff_add_leave", methods=["POST"]),
]
