"""/staff/plan/new: one form and a grid of every date; nothing is saved before it has been seen."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places import staff_rooms
from booking.places.chosen_ways import as_date
from booking.places.date_lines import quarter_hours
from booking.problems import Problem, Refused
from booking.programmes import staff_lists
from booking.programmes.pages.planning.grid_page import NO_GRID, grid_context
from booking.programmes.plans import keeping_programmes, plan_form, planning
from booking.programmes.plans.plan_form import Asked, Typed
from booking.programmes.plans.planning import Preview
from booking.web import access
from booking.who_asks import staff_of
from booking.words import DAYS

NEW = "/staff/plan/new"
NOT_SEEN = Problem(
    "The form was changed after these dates were worked out. Here they are again: look, then save.", rule="seen"
)
FILLED = ("sessions", "places", "creche_places", "end", "filled_for")


class SentBefore(Exception):
    """The same form was sent before; the text is where it led."""


@dataclass
class Under:
    """One form under way: who asks, what was typed, the programmes, every date."""

    who: Who
    typed: Typed
    programmes: list[dict[str, Any]]
    asked: Asked | None = None
    found: Preview | None = None
    problems: list[Problem] = field(default_factory=list)
    filled: tuple[str, ...] = ()
    token: str = ""


@access("staff")
async def new(request: Request) -> Response:
    """The form, filled from the address; when that says enough, the dates already."""
    typed = plan_form.read(request.query_params)
    if not request.query_params:
        typed = replace(typed, term_time_only="yes")
    under = await _known(await staff_of(request), typed)
    is_asked = plan_form.is_asked(under.typed)
    await _look(under)
    return await _page(request, under, under.problems if is_asked else [])


@access("staff")
async def plan(request: Request) -> Response:
    """Looks at every date again, or saves."""
    who = await staff_of(request)
    async with request.form(max_fields=1500, max_files=0) as form:
        typed = plan_form.tidied(plan_form.read(form), str(form.get("add", "")).strip())
        token, shape = str(form.get("form_token", ""))[:60], str(form.get("shape", ""))
        seen = [day for part in str(form.get("seen", ""))[:3000].split(",") if (day := as_date(part))]
        is_saving = form.get("action") == "save"
    under = await _known(who, typed)
    under.token = token or under.token
    if is_saving and (before := await web.first_answer(under.token)):
        return web.go(before)
    await _look(under)
    if not is_saving:
        return await _page(request, under, [] if web.is_htmx(request) else under.problems)
    if under.asked is None or under.problems:
        return await _page(request, under, under.problems)
    if shape != plan_form.fingerprint(under.asked):
        return await _page(request, under, [NOT_SEEN])
    return await _save(request, under, seen)


async def _known(who: Who, typed: Typed) -> Under:
    """With what the programme says where nothing is typed yet."""
    programmes = await keeping_programmes.offered(who)
    chosen = next((row for row in programmes if str(row["id"]) == typed.programme), None)
    filled = plan_form.with_programme(typed, chosen)
    names = tuple(name for name in FILLED if getattr(filled, name) != getattr(typed, name))
    return Under(who, filled, programmes, filled=names, token=web.new_token())


async def _look(under: Under) -> None:
    """Puts every date and all Problems into it; writes nothing."""
    under.asked, under.problems = plan_form.understand(under.typed, clock.today())
    if under.asked is None:
        return
    try:
        under.found = await planning.preview(under.asked, by=under.who)
    except Refused as refused:
        under.problems = refused.problems


async def _save(request: Request, under: Under, seen: list[Any]) -> Response:
    """Once per form: who presses twice is led to what the first press saved (promise P9)."""
    asked = under.asked
    assert asked is not None

    async def body() -> UUID:
        run_id = await planning.save(asked, by=under.who, seen=seen)
        if under.token and not await web.remember_answer(under.token, f"/staff/plan/{run_id}"):
            raise SentBefore(await web.first_answer(under.token) or "/staff/plan")
        return run_id

    try:
        run_id = await db.run_tx(body)
    except SentBefore as sent:
        return web.go(str(sent))
    except Refused as refused:
        if before := await web.first_answer(under.token):
            return web.go(before)
        await _look(under)
        return await _page(request, under, refused.problems, status=409)
    web.flash(request, "Saved as a draft. It holds its rooms; families see it once you publish it.")
    return web.go(f"/staff/plan/{run_id}")


async def _page(request: Request, under: Under, problems: list[Problem], *, status: int | None = None) -> Response:
    typed = under.typed
    hubs = await staff_lists.hubs_of(under.who)
    shown = {
        "title": "Plan a run",
        "nav": "plan",
        "typed": typed,
        "problems": problems,
        "still_wrong": under.problems,
        "programmes": under.programmes,
        "hubs": hubs,
        "places": await staff_rooms.choices_by_place(under.who),
        "weekdays": [(str(n), day) for n, day in enumerate(DAYS)],
        "frequencies": plan_form.FREQUENCIES.items(),
        "nths": plan_form.NTHS.items(),
        "deliveries": plan_form.DELIVERY.items(),
        "times": quarter_hours(typed.start, typed.end),
        "filled": under.filled if web.is_htmx(request) else (),
        "find_href": f"/staff/plan/find?{urlencode(plan_form.hidden_pairs(typed, FIND_NAMES))}",
        "token": under.token,
    }
    grid = await grid_context(under.who, typed, under.found) if under.found else NO_GRID
    shared = [{"words": way.words, "href": _with_room(typed, way.room_id)} for way in grid["shared"]]
    shown |= grid | {"shared": shared}
    return await web.render_staff(
        request, "staff/plan/new.html", shown, block="dates", status=status or (422 if problems else 200)
    )


def _with_room(typed: Typed, room_id: Any) -> str:
    """This form with another room."""
    names = [*FIND_NAMES, "title", "facilitator_1", "facilitator_2"]
    return f"{NEW}?{urlencode(plan_form.hidden_pairs(replace(typed, room=str(room_id)), names))}#dates"


FIND_NAMES = [
    "programme", "location", "room", "creche_room", "weekday", "start", "end", "first", "sessions", "last", "frequency", "nth",
    "after_skip", "term_time_only", "delivery", "places", "creche_places", "waiting_from", "near", "within",
]  # fmt: skip

routes = [
    Route(NEW, new, name="staff_plan_new", methods=["GET"]),
    Route(NEW, plan, name="staff_plan_new_do", methods=["POST"]),
]
