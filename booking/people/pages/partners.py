"""/staff/partners: every partner with its state, and a new one."""

from uuid import UUID

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people import organisation_form, organisation_lists, organisations
from booking.people.signing_in import Who
from booking.places.partner_use import minutes_in_month
from booking.problems import Problem, Refused
from booking.web import access
from booking.words import MONTHS

HOME = "/staff/partners"


async def staff_asking(request: Request) -> Who:
    """Who is signed in; the page's mark has seen to it that somebody is."""
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    return who


def typed_in(form: FormData) -> dict[str, str]:
    """The fields of a partner's form as typed."""
    return {name: str(form.get(name, ""))[:3000] for name in organisation_form.NEW}


@access("staff")
async def partners(request: Request) -> Response:
    """Two queries, however many partners."""
    who, today = await staff_asking(request), clock.today()
    words, with_ended = request.query_params.get("q", "")[:100], request.query_params.get("ended") == "yes"
    found = await organisation_lists.find(words, with_ended=with_ended, today=today)
    minutes = await minutes_in_month(today, who)
    context = {
        "title": "Partners",
        "nav": "partners",
        "words": words,
        "with_ended": with_ended,
        "partners": [row | {"minutes": minutes.get(row["id"], 0)} for row in found],
        "month": MONTHS[today.month - 1],
        "today": today,
        "may_change": who.is_manager,
    }
    return await web.render_staff(request, "staff/partners/list.html", context, block="results")


@access("manager")
async def new_page(request: Request) -> Response:
    return await _new(request, organisation_form.NEW, [], web.new_token())


@access("manager")
async def add(request: Request) -> Response:
    who = await staff_asking(request)
    async with request.form(max_files=0) as form:
        typed, token = typed_in(form), str(form.get("form_token", ""))[:64] or web.new_token()
    facts, problems = organisation_form.read(typed)
    if problems:
        return await _new(request, typed, problems, token)
    try:
        organisation_id = await db.run_tx(lambda: _add_once(token, facts, who))
    except Refused as refused:
        return await _new(request, typed, refused.problems, token)
    web.flash(request, f"{facts.name} is a partner now. Add who books for them, so that they can sign in.")
    return web.go(f"{HOME}/{organisation_id}" if organisation_id else HOME)


async def _add_once(token: str, facts: organisation_form.Facts, who: Who) -> UUID | None:
    """The new partner's id; None when this very form was sent before."""
    if not await web.remember_answer(token, HOME):
        return None
    return await organisations.add_organisation(facts=facts, by=who)


async def _new(request: Request, typed: dict[str, str], problems: list[Problem], token: str) -> Response:
    own = {"title": "New partner", "action": f"{HOME}/new", "back": HOME, "button": "Add partner", "form_token": token}
    return await show_form(request, typed, problems, own)


async def show_form(request: Request, typed: dict[str, str], problems: list[Problem], own: dict[str, str]) -> Response:
    """A partner's form; `own` has its title, action, way back, button and form token."""
    context = own | {
        "nav": "partners",
        "form": web.Shown(typed, problems),
        "kinds": [{"value": "", "text": "Choose"}, *_items(organisation_form.KINDS)],
        "approvals": _items(organisation_form.APPROVALS),
    }
    return await web.render_staff(request, "staff/partners/form.html", context, status=422 if problems else 200)


def _items(choices: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "text": words} for value, words in choices.items()]


routes = [
    Route(HOME, partners, name="staff_partners", methods=["GET"]),
    Route(f"{HOME}/new", new_page, name="staff_new_partner", methods=["GET"]),
    Route(f"{HOME}/new", add, name="staff_add_partner", methods=["POST"]),
]
