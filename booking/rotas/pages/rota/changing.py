"""/staff/rota/shifts/{id}/change: an act on a shift, first what it would break, then done; and taking the last one back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning
from booking.rotas.pages.rota import shift, undoing
from booking.rotas.pages.rota.acts import Act, act_of
from booking.web import access
from booking.who_asks import staff_of

NOT_SAID = Problem("Choose what to do with this shift, and with whom.")
REASON = Problem("Say why this rule is set aside; it stays with the shift.", field="reason")
SAYS_NOTHING_OF_OTHERS = {"gone", "begun", "pinned", "unknown", "nobody", "changed"}


@access("manager")
async def ask(request: Request) -> Response:
    who = await staff_of(request)
    shift_id = await _theirs(request, who)
    if not await is_open(shift_id):
        return await shift.gone(request, 409)
    act = await act_of(shift_id, request.query_params, who)
    if act is None:
        return await shift.page(request, shift_id, [NOT_SAID])
    return await _ask(request, act, shift.back_of(request, act.shift), request.query_params)


@access("manager")
async def change(request: Request) -> Response:
    who = await staff_of(request)
    shift_id = await _theirs(request, who)
    async with request.form(max_files=0) as form:
        asked = {name: str(text)[:300] for name, text in form.items()}
    if not await is_open(shift_id):
        return await shift.gone(request, 409)
    act = await act_of(shift_id, asked, who)
    if act is None:
        return await shift.page(request, shift_id, [NOT_SAID])
    back = asked.get("back", "") if shift.is_rota(asked.get("back", "")) else shift.back_of(request, act.shift)
    reason = asked.get("reason", "").strip()
    if act.level == "never" or (act.level == "hard" and not reason):
        problems = [REASON] if act.level == "hard" and "reason" in asked else []
        return await _ask(request, act, back, asked, problems, status=422)
    try:
        await _do(act, who, reason)
    except Refused as refused:
        return await _refused(request, refused, asked, shift_id, who, back)
    if act.do not in ("pin", "unpin"):
        undoing.remember(request, act.before, act.wanted, set(act.pinned), act.done)
    warnings = [one.words for one in act.broken]
    web.flash(request, " ".join([act.done, *(["But:", *warnings] if warnings else [])]))
    return web.go(back)


async def is_open(shift_id: UUID) -> bool:
    return await db.value("SELECT state FROM shift WHERE id = $1", shift_id) == "open"


async def _theirs(request: Request, who: Who) -> UUID:
    shift_id = web.uuid_in_path(request, "shift")
    if not await undoing.may_change([shift_id], who):
        raise HTTPException(404)
    return shift_id


async def _do(act: Act, who: Who, reason: str) -> None:
    if act.do in ("pin", "unpin"):
        await assigning.pin(act.shift.id, act.do == "pin", by=who)
    elif not act.is_nothing:

        async def body() -> None:
            await assigning.put(act.wanted, by=who, reason=reason)

        await db.run_tx(body)


async def _refused(
    request: Request, refused: Refused, asked: dict[str, str], shift_id: UUID, who: Who, back: str
) -> Response:
    """The rota changed under the form: what it would break now; the verb's own words only where they are about this shift."""
    act = await act_of(shift_id, asked, who)
    problems = [each for each in refused.problems if each.rule in SAYS_NOTHING_OF_OTHERS]
    if act is None or problems or act.level in ("fine", "soft"):
        problems = problems or [Problem("Somebody has changed the rota in between. Please look again.")]
        return await shift.page(request, shift_id, problems)
    return await _ask(request, act, back, asked, [], status=422)


async def _ask(
    request: Request, act: Act, back: str, asked: Any, problems: list[Problem] | None = None, *, status: int = 200
) -> Response:
    hidden = {name: asked[name] for name in ("do", "to", "with") if asked.get(name)}
    shown = {
        "title": act.asks,
        "nav": "rota",
        "act": act,
        "hidden": hidden,
        "back": back,
        "problems": [replace(each, field=each.field) for each in problems or []],
        "reason": asked.get("reason", ""),
        "path_of_shift": f"/staff/rota/shifts/{act.shift.id}",
        "is_panel": web.is_htmx(request),
    }
    answer = await web.render_staff(request, "staff/rota/change.html", shown, block="panel", status=status)
    if web.is_htmx(request):
        answer.headers.update({"HX-Retarget": "#panel", "HX-Reswap": "innerHTML"})
    return answer


@access("manager")
async def undo(request: Request) -> Response:
    who = await staff_of(request)
    async with request.form(max_files=0) as form:
        back = str(form.get("back", ""))
    try:
        words = await undoing.undo(request, who)
        web.flash(request, f"Taken back: {words}")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(back if shift.is_rota(back) else "/staff/rota")


routes = [
    Route("/staff/rota/shifts/{shift:uuid}/change", ask, name="staff_rota_change", methods=["GET"]),
    Route("/staff/rota/shifts/{shift:uuid}/change", change, name="staff_rota_change_do", methods=["POST"]),
    Route("/staff/rota/undo", undo, name="staff_rota_undo", methods=["POST"]),
]
