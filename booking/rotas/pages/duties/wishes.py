"""/duties/wishes: when somebody would rather work, and when rather not."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import cells, web
from booking.places.typed import Field, read_typed
from booking.problems import Problem, Refused
from booking.rotas.duties import wishes
from booking.rotas.pages.duties.asking import me, typed
from booking.web import access
from booking.words import DAYS

HOME = "/duties/wishes"
OWN = "own"
FIELDS = (Field("start", cells.wall_time, must="Say from when"), Field("end", cells.wall_time, must="Say until when"))
DAY_NAMES = tuple(f"day_{n}" for n in range(7))
NAMES = ("wish", "time", "start", "end", *DAY_NAMES)
NO_TIME = Problem("Choose a time of day", "time", rule="missing")


@access("worker")
async def wishes_page(request: Request) -> Response:
    _, profile = await me(request)
    return await _page(request, profile)


async def _page(request: Request, profile: dict[str, Any], form: web.Shown | None = None) -> Response:
    context = {
        "title": "When you would rather work",
        "nav": "duties",
        "wishes": wishes.wishes_of(await wishes.rows_of(profile["id"])),
        "kinds": wishes.KINDS,
        "times": {code: words for code, (words, _, _) in wishes.TIMES.items()} | {OWN: "Another time"},
        "days": list(zip(DAY_NAMES, DAYS, strict=True)),
        "form": form or web.Shown(dict.fromkeys(NAMES, "") | {"time": "all"}),
    }
    return await web.render_worker(request, "duties/wishes.html", context, status=422 if form else 200)


@access("worker")
async def say(request: Request) -> Response:
    who, profile = await me(request)
    form = await typed(request, *NAMES)
    start, end, problems = _times(form)
    days = [n for n, name in enumerate(DAY_NAMES) if form[name] == "yes"]
    try:
        if problems:
            wrong = wishes.problems_of(form["wish"], days, "00:00", "24:00")
            raise Refused([*wrong, *problems])
        await wishes.say(staff_id=profile["id"], kind=form["wish"], days=days, start=start, end=end, by=who)
    except Refused as refused:
        return await _page(request, profile, web.Shown(form, refused.problems))
    web.flash(request, "Written down. Plans take it into account where they can.")
    return web.go(HOME)


def _times(form: dict[str, str]) -> tuple[str, str, list[Problem]]:
    """From when to when, and what is wrong with it."""
    if form["time"] in wishes.TIMES:
        _, start, end = wishes.TIMES[form["time"]]
        return start, end, []
    if form["time"] != OWN:
        return "", "", [NO_TIME]
    values, problems = read_typed(FIELDS, form)
    return values.get("start") or "", values.get("end") or "", problems


@access("worker")
async def take_back(request: Request) -> Response:
    who, profile = await me(request)
    form = await typed(request, "wish", "start", "end")
    try:
        await wishes.take_back(staff_id=profile["id"], kind=form["wish"], start=form["start"], end=form["end"], by=who)
        web.flash(request, "Taken back.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(HOME)


routes = [
    Route(HOME, wishes_page, name="my_wishes", methods=["GET"]),
    Route(HOME, say, name="say_wish", methods=["POST"]),
    Route(f"{HOME}/take-back", take_back, name="take_back_wish", methods=["POST"]),
]
