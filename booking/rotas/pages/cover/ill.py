"""/staff/rota/cover/ill: somebody rings in sick. What would be open is shown first, by the act itself; one press opens it."""

from datetime import date
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import loading
from booking.rotas.pages.cover.asked import HOME, uuid_of
from booking.rotas.repair import ill
from booking.rotas.rules import when
from booking.rotas.seeing import seen_by
from booking.rotas.words_for_staff import KINDS
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words

PAGE = f"{HOME}/ill"
CHOOSE = Problem("Choose who is ill", "staff", rule="missing")
NOT_A_DAY = "Enter a date"


@access("staff")
async def ill_page(request: Request) -> Response:
    """The form; once somebody is chosen, what would be open."""
    return await _page(
        request,
        await staff_of(request),
        {name: request.query_params.get(name, "") for name in ("staff", "first", "last")},
    )


async def _page(request: Request, who: Who, typed: dict[str, str], problems: list[Problem] | None = None) -> Response:
    people = await _people(who)
    staff_id = uuid_of(typed["staff"])
    if staff_id and staff_id not in {each["id"] for each in people}:
        raise HTTPException(404)
    today = clock.today().isoformat()
    values = {
        "staff": typed["staff"],
        "first": typed["first"] or today,
        "last": typed["last"] or typed["first"] or today,
    }
    found, lines = list(problems or []), []
    is_asked = bool(staff_id and typed["first"]) and not found
    if is_asked and staff_id:
        first, last, found = _days(values)
        try:
            if not found:
                lines = await lines_of((await ill.preview(staff_id, first, last, who)).shift_ids, who)
        except Refused as refused:
            found = refused.problems
    name = next((each["known_as"] for each in people if each["id"] == staff_id), "")
    shown = {
        "title": "Somebody is ill",
        "nav": "rota",
        "people": people,
        "form": web.Shown(values, found),
        "name": name,
        "lines": lines,
        "is_previewed": is_asked and not found,
        "minutes": ill.UNDO_MINUTES,
        "words": count_words(len(lines), "duty", "duties"),
    }
    return await web.render_staff(request, "staff/cover/ill.html", shown, status=422 if found else 200)


def _days(values: dict[str, str]) -> tuple[date, date, list[Problem]]:
    found: dict[str, date] = {}
    problems = []
    for name in ("first", "last"):
        try:
            found[name] = date.fromisoformat(values[name])
        except ValueError:
            problems.append(Problem(NOT_A_DAY, name, rule="date"))
    today = clock.today()
    return found.get("first", today), found.get("last", today), problems


async def lines_of(shift_ids: Any, who: Who) -> list[dict[str, Any]]:
    """These duties in words that who asks may read, in order of time."""
    wanted: set[UUID] = set(shift_ids)
    plan = await seen_by(await loading.around(wanted, []), who)
    return [
        {"id": each.id, "when": when(each), "place": each.place.name, "title": each.title, "kind": each.kind, "kind_words": KINDS[each.kind]}
        for each in plan.duties if each.id in wanted
    ]  # fmt: skip


async def _people(who: Who) -> list[dict[str, Any]]:
    """Everybody on the rota of their hubs, by name."""
    mine = "TRUE" if who.hub_ids is None else f"f.hub_id IN {db.in_list(who.hub_ids, 2)}"
    return await db.rows(
        f"SELECT f.id, f.known_as, l.name AS hub FROM staff_profile f JOIN location l ON l.id = f.hub_id WHERE {mine}"
        " AND (f.to_date IS NULL OR f.to_date >= $1) ORDER BY f.known_as",
        clock.today(),
        *(who.hub_ids or ()),
    )


@access("staff")
async def report(request: Request) -> Response:
    who = await staff_of(request)
    async with request.form(max_files=0, max_fields=100) as form:
        typed = {name: str(form.get(name, ""))[:40] for name in ("staff", "first", "last")}
    staff_id = uuid_of(typed["staff"])
    first, last, problems = _days({"first": typed["first"], "last": typed["last"] or typed["first"]})
    if staff_id is None:
        problems = [CHOOSE, *problems]
    if problems or staff_id is None:
        return await _page(request, who, typed, problems)
    if staff_id not in {each["id"] for each in await _people(who)}:
        raise HTTPException(404)
    try:
        opened = await ill.report_ill(staff_id, first, last, who)
    except Refused as refused:
        return await _page(request, who, typed, refused.problems)
    web.flash(request, "Written down. Nothing of theirs was on the rota." if not opened.shift_ids else
              f"Written down. {count_words(len(opened.shift_ids), 'duty is', 'duties are')} open.")  # fmt: skip
    return web.go(f"{HOME}/acts/{opened.id}" if opened.shift_ids else HOME)


routes = [
    Route(PAGE, ill_page, name="ill", methods=["GET"]),
    Route(PAGE, report, name="report_ill", methods=["POST"]),
]
