"""/staff/workers/new and /staff/workers/{id}/change: the form about somebody who works here."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.disclosure import PRIVATE
from booking.rotas.pages.workers.asking import HOME, asking, hubs_of, worker_in_path
from booking.rotas.people_who_work import keeping, worker_form
from booking.rotas.people_who_work.worker_facts import CHANNELS, KINDS, Facts
from booking.web import access
from booking.words import DAYS

HIDDEN = "is_restricted OR kind = 'restricted' OR kind = 'online'"


@access("manager")
async def new_page(request: Request) -> Response:
    who = await asking(request)
    hubs = await hubs_of(who)
    typed = worker_form.Typed()
    if len(hubs) == 1:
        typed.values |= {"hub": hubs[0][0], "base": hubs[0][0]}
    kind = request.query_params.get("kind", "")
    if kind in KINDS:
        typed.values |= {"kind": kind, "counts_for_two": "yes" if kind == "staff" else ""}
    return await _form(request, who, typed, [])


@access("manager")
async def add(request: Request) -> Response:
    who = await asking(request)
    async with request.form(max_files=0) as form:
        typed, token = worker_form.typed_in(form), str(form.get("form_token", ""))[:64] or web.new_token()
    facts, problems = worker_form.read(typed, await _allowed(who))
    if facts is None:
        return await _form(request, who, typed, problems, token=token)
    try:
        staff_id = await db.run_tx(lambda: _add_once(token, facts, who))
    except Refused as refused:
        return await _form(request, who, typed, refused.problems, token=token)
    if staff_id:
        web.flash(request, f"{facts.known_as} is on the rota. Add what they can do.")
    return web.go(f"{HOME}/{staff_id}#skills" if staff_id else HOME)


async def _add_once(token: str, facts: Facts, who: Who) -> UUID | None:
    if not await web.remember_answer(token, HOME):
        return None
    return await keeping.save_worker(facts, by=who)


@access("manager")
async def change_page(request: Request) -> Response:
    who, worker = await worker_in_path(request)
    return await _form(request, who, await _as_typed(worker), [], worker)


@access("manager")
async def change(request: Request) -> Response:
    who, worker = await worker_in_path(request)
    async with request.form(max_files=0) as form:
        typed = worker_form.typed_in(form)
    facts, problems = worker_form.read(typed, await _allowed(who, worker))
    if facts is None:
        return await _form(request, who, typed, problems, worker)
    try:
        await keeping.save_worker(_with_last_day(facts, worker), by=who, staff_id=worker["id"])
    except Refused as refused:
        return await _form(request, who, typed, refused.problems, worker)
    web.flash(request, "Saved.")
    return web.go(f"{HOME}/{worker['id']}")


def _with_last_day(facts: Facts, worker: dict[str, Any]) -> Facts:
    """The last day is not in the form: ending is an act of its own."""
    return Facts(**{name: getattr(facts, name) for name in Facts.__slots__} | {"to_date": worker["to_date"]})


async def _as_typed(worker: dict[str, Any]) -> worker_form.Typed:
    pattern = await db.rows(
        'SELECT week, weekday, start, "end", kind FROM work_pattern WHERE staff_id = $1', worker["id"]
    )
    person = {name: worker[name] for name in ("email", "phone", "channel")} | {"name": worker["full_name"]}
    return worker_form.typed_from(worker, person, pattern)


async def _choices(who: Who, worker: dict[str, Any] | None = None) -> dict[str, list[tuple[str, str]]]:
    rows = await db.rows(
        f"SELECT id, hub_id, name, {HIDDEN} AS is_hidden, (is_restricted OR kind = 'restricted') AS is_secret FROM location"
        " ORDER BY name, id"
    )
    kept = {str(worker["base_id"]), *worker["places"]} if worker else set()
    places = [row for row in rows if str(row["id"]) in kept or _may_choose(row, who)]
    organisations = await db.rows("SELECT id, name FROM organisation WHERE ended_at IS NULL ORDER BY name")
    named = [
        (str(row["id"]), row["name"] if not row["is_secret"] or _may_name(row, who) else PRIVATE) for row in places
    ]
    return {
        "hub": await hubs_of(who),
        "base": named,
        "works_at": named,
        "organisation": [(str(row["id"]), row["name"]) for row in organisations],
    }


def _may_choose(row: dict[str, Any], who: Who) -> bool:
    is_there = not row["is_hidden"] or (row["id"] == row["hub_id"] and (not row["is_secret"] or _may_name(row, who)))
    return bool(is_there and row["hub_id"] and who.may_act_at(row["hub_id"]))


def _may_name(row: dict[str, Any], who: Who) -> bool:
    """What is restricted is named to staff of that very hub (promise P5)."""
    return bool(row["hub_id"]) and who.works_at(row["hub_id"])


async def _allowed(who: Who, worker: dict[str, Any] | None = None) -> dict[str, set[str]]:
    choices = await _choices(who, worker)
    own = {str(worker["organisation_id"])} if worker and worker["organisation_id"] else set()
    return {
        name: {value for value, _ in items} | (own if name == "organisation" else set())
        for name, items in choices.items()
    }


async def _form(
    request: Request,
    who: Who,
    typed: worker_form.Typed,
    problems: list[Problem],
    worker: dict[str, Any] | None = None,
    token: str = "",
) -> Response:
    back = f"{HOME}/{worker['id']}" if worker else HOME
    context = {
        "title": f"Change {worker['known_as']}" if worker else "Add a person",
        "nav": "rota",
        "back": back,
        "action": f"{back}/change" if worker else f"{HOME}/new",
        "is_new": worker is None,
        "form_token": token or web.new_token(),
        "typed": typed.values,
        "places_ticked": typed.places,
        "problems": problems,
        "choices": await _choices(who, worker),
        "kinds": list(KINDS.items()),
        "channels": list(CHANNELS.items()),
        "cycles": list(worker_form.CYCLES),
        "wishes": worker_form.WISHES,
        "days": list(enumerate(DAYS)),
        "weeks": list(worker_form.WEEKS),
    }
    return await web.render_staff(request, "staff/workers/form.html", context, status=422 if problems else 200)


routes = [
    Route(f"{HOME}/new", new_page, name="staff_new_worker", methods=["GET"]),
    Route(f"{HOME}/new", add, name="staff_add_worker", methods=["POST"]),
    Route(f"{HOME}/{{id}}/change", change_page, name="staff_change_worker", methods=["GET"]),
    Route(f"{HOME}/{{id}}/change", change, name="staff_save_worker", methods=["POST"]),
]
