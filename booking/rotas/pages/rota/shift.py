"""/staff/rota/shifts/{id}: one shift, who could do it and why, what can be done with it; the same beside the rota as a panel."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.problems import Problem
from booking.rotas import candidates, loading
from booking.rotas.candidates import Candidate
from booking.rotas.pages.rota import history, undoing
from booking.rotas.pages.rota.chips import place_words
from booking.rotas.pages.rota.reading import broken_in, milder
from booking.rotas.rules import when
from booking.rotas.seeing import is_hidden, read_by
from booking.rotas.values import Duty, Plan
from booking.rotas.words_for_staff import KINDS, RULES
from booking.web import access
from booking.who_asks import staff_of
from booking.words import short_day, time_range

FIRST = 6
"""So many of those who could do it stand open; the others are one press away."""
FACTS = (
    "SELECT s.hub_id, s.state, s.session_id, s.moved_words, s.starts_at, s.ends_at, s.minutes, a.staff_id, a.is_pinned, a.source,"
    " a.overridden, a.override_reason, f.known_as AS name, p.staff_id AS published_staff_id, p.answer, p.answer_words, g.known_as AS published_name"
    " FROM shift s LEFT JOIN assignment a ON a.shift_id = s.id AND a.layer = 'draft' LEFT JOIN staff_profile f ON f.id = a.staff_id"
    " LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published' LEFT JOIN staff_profile g ON g.id = p.staff_id"
    " WHERE s.id = $1"
)


@access("staff")
async def shift(request: Request) -> Response:
    return await page(request, web.uuid_in_path(request, "shift"))


async def page(request: Request, shift_id: UUID, problems: Sequence[Problem] = ()) -> Response:
    """The shift's page or panel; 404 for what is not theirs, and for what is private at another hub (promises P5, P6)."""
    who = await staff_of(request)
    facts = await db.row(FACTS, shift_id)
    if facts is None or not who.may_act_at(facts["hub_id"]):
        raise HTTPException(404)
    if facts["state"] != "open":
        return await gone(request)
    is_manager = who.manages(facts["hub_id"])
    facts |= {} if is_manager else {"answer_words": ""}  # why they cannot is between them and their managers
    may_plan = is_manager and facts["starts_at"] > clock.now()
    found = await candidates.of(shift_id, who) if may_plan else None
    duty, everybody, plan = found or await _only_seen(shift_id, who)
    if duty is None or is_hidden(duty):
        raise HTTPException(404)
    hub_ids = None if may_plan else {facts["hub_id"]}
    shown = _shown(duty, facts, everybody, plan, hub_ids) | {
        "may_plan": may_plan,
        "problems": list(problems),
        "history": await history.of(shift_id) if is_manager else [],
        "ask_href": _ask_href(request, shift_id) if may_plan else "",
        "back": back_of(request, duty),
        "is_panel": web.is_htmx(request),
        "undo": undoing.last_of(request),
    }
    return await web.render_staff(
        request, "staff/rota/shift.html", shown, block="panel", status=422 if problems else 200
    )


async def gone(request: Request, status: int = 200) -> Response:
    """A shift that was taken off the rota; what it was is not said."""
    shown = {"title": "This shift is no longer needed", "nav": "rota", "is_panel": web.is_htmx(request)}
    return await web.render_staff(request, "staff/rota/gone.html", shown, block="panel", status=status)


async def _only_seen(shift_id: UUID, who: Who) -> tuple[Duty | None, list[Candidate], Plan]:
    plan = await loading.around([shift_id], [])
    plan = await read_by(plan, who)
    return next((each for each in plan.duties if each.id == shift_id), None), [], plan


def _shown(
    duty: Duty, facts: dict[str, Any], everybody: list[Candidate], plan: Plan, hub_ids: set[UUID] | None
) -> dict[str, Any]:
    could = [each for each in everybody if each.is_fit]
    is_alone = bool(could) and all(any(one.rule == "alone" for one in each.against) for each in could)
    broken = milder(broken_in(plan, hub_ids), {duty.id: facts}).get(duty.id, [])
    return {
        "title": f"{KINDS[duty.kind]}, {when(duty)}, {duty.place.name}",
        "nav": "rota",
        "duty": duty,
        "facts": facts,
        "kind": KINDS[duty.kind],
        "times": time_range(duty.start, duty.end),
        "day": short_day(duty.date),
        "skills": sorted(duty.skills),
        "path_of_shift": f"/staff/rota/shifts/{duty.id}",
        "broken": broken,
        "overridden": [RULES.get(rule, rule) for rule in (facts["overridden"] or "").split()],
        "is_alone": is_alone,
        "could": [_line(each, is_alone) for each in could[:FIRST]],
        "could_too": [_line(each, is_alone) for each in could[FIRST:]],
        "could_count": len(could),
        "cannot": [
            (RULES.get(rule, rule), [_line(each) for each in some]) for rule, some in candidates.counted(everybody)
        ],
        "exchanges": _exchanges(duty, plan, {each.worker.id for each in could}) if facts["staff_id"] else [],
    }


def _line(each: Candidate, is_alone: bool = False) -> dict[str, Any]:
    """With `is_alone` all of them would be, which is said once above the list."""
    return {
        "id": each.worker.id,
        "name": each.worker.name,
        "kind": "" if each.worker.kind == "staff" else each.worker.kind.title(),
        "speaks_for": each.speaks_for,
        "against": [one.words for one in each.against if not (is_alone and one.rule == "alone")],
        "is_possible": each.is_possible,
        "is_willing": each.is_willing,
    }


def _exchanges(duty: Duty, plan: Plan, fit: set[UUID]) -> list[tuple[str, list[tuple[UUID, str]]]]:
    """Shifts of the week before and after whose people could do this one, by day."""
    names = {each.id: each.name for each in plan.workers}
    found: dict[str, list[tuple[UUID, str]]] = {}
    for each in plan.duties:
        near = abs((each.date - duty.date).days) <= 7 and each.place.hub_id == duty.place.hub_id
        given = plan.given.get(each.id)
        if near and given and given in fit and not is_hidden(each) and each.starts_at > clock.now():
            words = f"{time_range(each.start, each.end)}, {place_words(each.place.name)}: {names[given]}"
            found.setdefault(short_day(each.date), []).append((each.id, words))
    return list(found.items())


def _ask_href(request: Request, shift_id: UUID) -> str:
    there = {getattr(route, "path", "") for route in request.app.routes}
    return f"/staff/rota/cover?shift={shift_id}" if "/staff/rota/cover" in there else ""


def back_of(request: Request, duty: Duty | None = None) -> str:
    """Where to go after an act: the rota that the panel stands on or that a form names, else the shift's own week."""
    asked = request.query_params.get("back", "")
    if web.is_htmx(request):
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if is_rota(asked):
        return asked
    return f"/staff/rota?date={duty.date}&hub={duty.place.hub_id}" if duty else "/staff/rota"


def is_rota(path: str) -> bool:
    """A page of the rota and nothing outside this site."""
    return path == "/staff/rota" or path.startswith(("/staff/rota?", "/staff/rota/shifts/"))


@access("manager")
async def fits(request: Request) -> Response:
    """For a drag: person -> [level, first reason], of everybody whom the shift would break something for."""
    who = await staff_of(request)
    shift_id = web.uuid_in_path(request, "shift")
    if not await undoing.may_change([shift_id], who):
        raise HTTPException(404)
    found = await candidates.of(shift_id, who)
    if found is None:
        return JSONResponse({}, 409)
    if is_hidden(found[0]):
        raise HTTPException(404)
    said = {}
    for each in found[1]:
        one = next(iter(sorted(each.against, key=lambda it: ("never", "hard", "soft").index(it.level))), None)
        said[str(each.worker.id)] = (
            [one.level, one.words] if one else ["fine", f"{each.worker.name}: nothing against it."]
        )
    return JSONResponse(said, headers={"Cache-Control": "no-store"})


routes = [
    Route("/staff/rota/shifts/{shift:uuid}", shift, name="staff_rota_shift", methods=["GET"]),
    Route("/staff/rota/shifts/{shift:uuid}/fits", fits, name="staff_rota_fits", methods=["GET"]),
]
