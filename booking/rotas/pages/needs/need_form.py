"""/staff/rota/needs/new and /staff/rota/needs/{id}: one need, with what saving it does to shifts and people shown first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.needs import keeping, listing
from booking.rotas.needs.keeping import Done
from booking.rotas.needs.reading import SECRET_PLACE
from booking.rotas.pages.needs.home import PAGE, may, terms_of
from booking.web import access
from booking.who_asks import staff_of
from booking.words import DAYS, count_words

Row = dict[str, Any]
NAMES = ("name", "start", "end", "people", "skilled", "first_date", "last_date")
BLANK = dict.fromkeys(NAMES, "") | {"people": "2", "skilled": "1"}


@access("manager")
async def new(request: Request) -> Response:
    who = await staff_of(request)
    if not request.query_params.get("location"):
        return web.go(PAGE)  # where the place is chosen
    place = await _place(request.query_params["location"], who)
    return await _form(request, place, None, BLANK, (), (), [])


@access("manager")
async def change(request: Request) -> Response:
    who = await staff_of(request)
    need, place = await _need(request, who)
    typed = {name: _text(need[name]) for name in NAMES}
    return await _form(request, place, need, typed, tuple(need["weekdays"]), need["skills"].split(), [])


@access("manager")
async def save(request: Request) -> Response:
    """Shows what it would do; with `sure` it does it. `ends` ends the need instead."""
    who = await staff_of(request)
    async with request.form(max_files=0) as sent:
        typed = {name: str(sent.get(name, ""))[:100] for name in NAMES}
        days, skills = ([str(each)[:60] for each in sent.getlist(name)] for name in ("weekdays", "skills"))
        sure, ends, location = (str(sent.get(name, ""))[:64] for name in ("sure", "ends", "location"))
    need = None
    if "need" in request.path_params:
        need, place = await _need(request, who)
    elif not location:
        return web.go(PAGE)
    else:
        place = await _place(location, who)
    if ends and need:
        typed, days, skills = (
            {name: _text(need[name]) for name in NAMES},
            list(need["weekdays"]),
            need["skills"].split(),
        )
    known = {row["code"] for row in await listing.skills()}
    codes = [code for code in skills if code in known]
    facts, problems = keeping.read(typed, days, codes)
    if problems and not ends:
        return await _form(request, place, need, typed, days, codes, problems)
    terms, id = terms_of(request), need["id"] if need else None
    asked = {"location_id": place["id"], "by": who, "terms": terms, "need_id": id}
    try:
        if sure == "yes":
            await (keeping.end(id, by=who, terms=terms) if ends and id else keeping.save(facts, **asked))
            web.flash(request, "Kept. The shifts follow it.")
            return web.go(f"{PAGE}?hub={place['hub_id']}")
        seen = await (keeping.preview_end(id, by=who, terms=terms) if ends and id else keeping.preview(facts, **asked))
    except Refused as refused:
        return await _form(request, place, need, typed, days, codes, refused.problems)
    return await _form(request, place, need, typed, days, codes, [], told=_told(seen), ends=ends)


def _told(done: Done) -> Row:
    """What it would do, in words."""
    counted = done.counted
    lines = [
        f"{count_words(count, 'shift')} {words}"
        for count, words in (
            (counted.made + counted.back, "will be there to plan"),
            (counted.gone, "will go"),
            (counted.moved, "will have another time"),
        )
        if count
    ]
    by_name: dict[str, list[str]] = {}
    for name, day in done.affected:
        by_name.setdefault(name, []).append(day)
    people = [f"{name}: {', '.join(days[:6])}{' and more' if len(days) > 6 else ''}" for name, days in by_name.items()]
    return {"lines": lines or ["No shift changes."], "people": people}


async def _place(text: str, who: Who) -> Row:
    """A place of a hub that they manage. 404 for any other, and for a restricted one to all but staff of that very hub (promise P5)."""
    try:
        id = UUID(text)
    except ValueError as error:
        raise HTTPException(404) from error
    row = await db.row(
        f"SELECT id, name, hub_id, needs_two, {SECRET_PLACE} AS is_secret FROM location l WHERE id = $1", id
    )
    if row is None or not row["hub_id"] or not may(who, row["hub_id"]):
        raise HTTPException(404)
    if row["is_secret"] and not who.works_at(row["hub_id"]):
        raise HTTPException(404)
    return row


async def _need(request: Request, who: Who) -> tuple[Row, Row]:
    need = await listing.need(web.uuid_in_path(request, "need"))
    if need is None:
        raise HTTPException(404)
    return need, await _place(str(need["location_id"]), who)


def _text(value: Any) -> str:
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


async def _form(
    request: Request,
    place: Row,
    need: Row | None,
    typed: Row,
    weekdays: Sequence[str],
    skills: Sequence[str],
    problems: Sequence[Problem],
    *,
    told: Row | None = None,
    ends: str = "",
) -> Response:
    context = {
        "title": f"{'Change' if need else 'Add'} what {place['name']} needs",
        "nav": "rota",
        "back": {"href": f"{PAGE}?hub={place['hub_id']}", "text": "What needs people"},
        "place": place,
        "need": need,
        "typed": typed,
        "weekdays": [(str(n), name, str(n) in weekdays) for n, name in enumerate(DAYS)],
        "skills": [(row["code"], row["name"], row["code"] in skills) for row in await listing.skills()],
        "problems": list(problems),
        "told": told,
        "ends": ends,
        "action": f"{PAGE}/{need['id']}" if need else f"{PAGE}/new",
    }
    return await web.render_staff(request, "staff/rota/need_form.html", context, status=422 if problems else 200)


routes = [
    Route(f"{PAGE}/new", new, name="staff_rota_need_new", methods=["GET"]),
    Route(f"{PAGE}/new", save, name="staff_rota_need_add", methods=["POST"]),
    Route(f"{PAGE}/{{need}}", change, name="staff_rota_need", methods=["GET"]),
    Route(f"{PAGE}/{{need}}", save, name="staff_rota_need_save", methods=["POST"]),
]
