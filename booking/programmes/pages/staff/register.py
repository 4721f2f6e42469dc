"""The taps of the register, each a form of its own: who came, the tally, walk-ins, everyone, done."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes.bookings import referring
from booking.programmes.changes import ringing
from booking.programmes.pages.staff.asking import path_of, session_in_path, uuid_or_404
from booking.programmes.pages.staff.session import render_session
from booking.programmes.registers import register_lists, registering
from booking.web import access


async def _form(request: Request) -> FormData:
    async with request.form(max_files=0, max_fields=20) as form:
        return form


def _text(form: FormData, name: str, longest: int = 200) -> str:
    return str(form.get(name, ""))[:longest]


async def _try(request: Request, verb: Awaitable[Any]) -> Response | None:
    """Runs a verb; when it refuses, the answer is the session's page as it is now, with the reason on top."""
    try:
        await verb
    except Refused as refused:
        web.flash_problems(request, refused)
        if web.is_htmx(request):
            return Response(status_code=204, headers={"HX-Refresh": "true"})
        return web.go(f"/staff/sessions/{web.uuid_in_path(request)}")
    return None


@access("staff")
async def tap(request: Request) -> Response:
    """One person: attended, absent, apologies, or "" to take it back."""
    who, session = await session_in_path(request)
    form = await _form(request)
    attendee_id, status = uuid_or_404(_text(form, "attendee")), _text(form, "status")
    refused = await _try(
        request,
        registering.mark(session_id=session["session_id"], attendee_id=attendee_id, status=status, by=who),
    )
    if refused:
        return refused
    if not web.is_htmx(request):
        return web.go(f"{path_of(session)}#row-{attendee_id}")
    register = await register_lists.register_of(session)
    person = next((each for each in register.people if each.id == attendee_id), None)
    shown = {"person": person, "path_of_session": path_of(session), "register": register}
    return await web.render_staff(request, "staff/_tap.html", shown)


@access("staff")
async def tally(request: Request) -> Response:
    """One more or one fewer adult or child at a drop-in."""
    who, session = await session_in_path(request)
    form = await _form(request)
    taps = {name: _tap_of(form, name) for name in ("adults", "children")}
    refused = await _try(request, registering.count(session_id=session["session_id"], **taps, by=who))
    if refused:
        return refused
    if not web.is_htmx(request):
        return web.go(f"{path_of(session)}#tally")
    _, now = await session_in_path(request)
    return await web.render_staff(request, "staff/_tally.html", {"session": now, "path_of_session": path_of(session)})


def _tap_of(form: FormData, name: str) -> int:
    return {"1": 1, "-1": -1}.get(_text(form, name), 0)


@access("staff")
async def walk_in(request: Request) -> Response:
    """Somebody who came without a booking; sent twice, it is added once."""
    who, session = await session_in_path(request)
    form = await _form(request)
    typed = {name: _text(form, name) for name in ("name", "adults", "children")}
    token = _text(form, "form_token")

    async def add() -> None:
        if token and not await web.remember_answer(token, path_of(session)):
            return
        await registering.walk_in(
            session_id=session["session_id"],
            name=" ".join(typed["name"].split()),
            adults=_number(typed["adults"]),
            children=_number(typed["children"]),
            by=who,
        )

    try:
        await db.run_tx(add)
    except Refused as refused:
        return await render_session(request, who, session, form=web.Shown(typed, refused.problems), status=422)
    return web.go(f"{path_of(session)}#walk-ins")


def _number(text: str) -> int:
    """A count as typed; what is no whole number is refused by the verb."""
    text = text.strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 4 else -1


def _simple(act: Callable[[Who, dict[str, Any], FormData], Awaitable[Any]], anchor: str) -> web.Endpoint:
    """An endpoint that runs one verb on the session and goes back to where the button was."""

    @access("staff")
    async def endpoint(request: Request) -> Response:
        who, session = await session_in_path(request)
        form = await _form(request)
        return await _try(request, act(who, session, form)) or web.go(f"{path_of(session)}#{anchor}")

    return endpoint


async def _remove_walk_in(who: Who, session: dict[str, Any], form: FormData) -> None:
    walk_in_id = uuid_or_404(_text(form, "walk_in"))
    await registering.remove_walk_in(session_id=session["session_id"], walk_in_id=walk_in_id, by=who)


async def _everyone(who: Who, session: dict[str, Any], form: FormData) -> None:
    await registering.everyone_attended(session_id=session["session_id"], by=who)


async def _undo_everyone(who: Who, session: dict[str, Any], form: FormData) -> None:
    event_id = uuid_or_404(_text(form, "event"))
    await registering.undo_everyone_attended(session_id=session["session_id"], event_id=event_id, by=who)


async def _rang(who: Who, session: dict[str, Any], form: FormData) -> None:
    await ringing.rang(session_id=session["session_id"], about_id=uuid_or_404(_text(form, "about")), by=who)


async def _give_code(who: Who, session: dict[str, Any], form: FormData) -> None:
    await referring.give_code(run_id=session["run_id"], by=who)


async def _finish(who: Who, session: dict[str, Any], form: FormData) -> None:
    await registering.finish(session_id=session["session_id"], by=who)


async def _reopen(who: Who, session: dict[str, Any], form: FormData) -> None:
    await registering.reopen(session_id=session["session_id"], by=who)


@access("staff")
async def back(request: Request) -> Response:
    """Where somebody lands who had to sign in again in the middle of a tap."""
    _, session = await session_in_path(request)
    return web.go(path_of(session))


ACTIONS: dict[str, web.Endpoint] = {
    "register": tap,
    "tally": tally,
    "walk-ins": walk_in,
    "walk-ins/remove": _simple(_remove_walk_in, "walk-ins"),
    "everyone": _simple(_everyone, "register"),
    "everyone/undo": _simple(_undo_everyone, "register"),
    "rung": _simple(_rang, "cancelled-title"),
    "finish": _simple(_finish, "register"),
    "code": _simple(_give_code, "main-content"),
    "reopen": _simple(_reopen, "register"),
}
routes = [
    Route(
        f"/staff/sessions/{{id}}/{path}",
        endpoint,
        name=f"staff_{path.replace('-', '_').replace('/', '_')}",
        methods=["POST"],
    )
    for path, endpoint in ACTIONS.items()
] + [
    Route(
        f"/staff/sessions/{{id}}/{path}",
        back,
        name=f"staff_back_from_{path.replace('-', '_').replace('/', '_')}",
        methods=["GET"],
    )
    for path in ACTIONS
]
