"""/staff/waiting: every waiting list of my hubs, and one list with its order and places."""

from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.places.chosen_ways import as_date
from booking.problems import Refused
from booking.programmes import staff_lists
from booking.programmes.bookings.claiming import Target
from booking.programmes.pages.staff.asking import chosen_hub
from booking.programmes.texts import threads
from booking.programmes.waiting import keeping_lines, waiting_lists
from booking.programmes.waiting.waiting_lists import List
from booking.web import access
from booking.who_asks import staff_of
from booking.words import day_words, instant_words, short_instant, time_range


@access("staff")
async def all_lists(request: Request) -> Response:
    who = await staff_of(request)
    hubs = await staff_lists.hubs_of(who)
    hub = chosen_hub(request, hubs)
    lists = await waiting_lists.lists_of(who, hub["id"] if hub else None)
    shown = {
        "title": "Waiting lists",
        "nav": "plan",
        "hubs": hubs,
        "hub": hub,
        "lists": [_line(each) for each in lists],
        "demand": waiting_lists.demand(lists),
        "to_ring": [row | {"until": instant_words(row["expires_at"])} for row in await waiting_lists.to_ring(who)],
        "texts_wait": await threads.waiting_count(who),
    }
    return await web.render_staff(request, "staff/waiting/lists.html", shown)


def _line(each: List) -> dict[str, Any]:
    """A line as the lists and its own page show it."""
    row, stand = each.row, each.stand
    is_run = row["only_session_id"] is None
    return {
        "path": each.path,
        "title": each.title,
        "place": each.place,
        "when": f"{day_words(row['date'])}, {time_range(row['start_time'], row['end_time'])}",
        "is_run": is_run,
        "waiting": stand.waiting,
        "offered": row["offered"] or 0,
        "since": waiting_lists.since(row["oldest_at"], clock.now()) if row["oldest_at"] else "",
        "why": each.why,
        "is_moving": "within seconds" in each.why,
        "places": stand.places,
        "taken": stand.taken,
        "left": stand.left,
    }


async def _list_in_path(request: Request) -> tuple[Who, Target, List]:
    """Who asks and the line of the path; 404 when it is not there or not theirs (promise P6)."""
    who, id_ = await staff_of(request), web.uuid_in_path(request)
    target = Target(id_)
    if request.url.path.startswith("/staff/waiting/sessions/"):
        run_id = await db.value("SELECT run_id FROM session WHERE id = $1", id_)
        target = Target(run_id or id_, id_)
    found = await waiting_lists.list_of(who, target)
    if found is None:
        raise HTTPException(404)
    return who, target, found


@access("staff")
async def one_list(request: Request) -> Response:
    _, target, found = await _list_in_path(request)
    return await _page(request, target, found)


async def _page(request: Request, target: Target, found: List, form: web.Shown | None = None) -> Response:
    row = found.row
    until = clock.local(row["reserved_until_at"] - timedelta(seconds=1)).date() if row["reserved_until_at"] else None
    typed = {"places": row["places"], "reserved": row["reserved"], "until": until.isoformat() if until else ""}
    shown = _line(found) | {
        "nav": "plan",
        "row": row,
        "families": [_family(each) for each in await waiting_lists.families_in(target)],
        "reserved_until": day_words(until) if until and row["reserved_free"] else "",
        "form": form or web.Shown(typed),
        "path_of_list": found.path,
        "session_path": f"/staff/sessions/{row['session_id']}",
    }
    return await web.render_staff(request, "staff/waiting/list.html", shown, status=422 if form else 200)


def _family(each: dict[str, Any]) -> dict[str, Any]:
    return each | {
        "path": f"/staff/waiting/entries/{each['id']}",
        "until": instant_words(each["expires_at"]) if each["expires_at"] else "",
        "since": short_instant(each["created_at"]),
    }


@access("staff")
async def set_places(request: Request) -> Response:
    who, target, found = await _list_in_path(request)
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:20].strip() for name in ("places", "reserved", "until")}
    try:
        minded = await keeping_lines.set_places(target=target, places=_number(typed["places"]), by=who)
    except Refused as refused:
        return await _page(request, target, found, web.Shown(_over(found, typed), refused.problems))
    request.app.state.pages.forget()
    web.flash(request, "The number of places is changed. What is free is offered to those in line.")
    for problem in minded:
        web.flash(request, problem.words, "note")
    return web.go(found.path)


@access("staff")
async def reserve(request: Request) -> Response:
    who, target, found = await _list_in_path(request)
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:20].strip() for name in ("places", "reserved", "until")}
    day = as_date(typed["until"])
    until = clock.at(day + timedelta(days=1), "00:00") if day else None
    try:
        await keeping_lines.reserve(target=target, places=_number(typed["reserved"]), until=until, by=who)
    except Refused as refused:
        return await _page(request, target, found, web.Shown(_over(found, typed), refused.problems))
    request.app.state.pages.forget()
    web.flash(request, "Reserved places are set. Families see no sign of it.")
    return web.go(found.path)


def _number(text: str) -> int:
    """What was typed, or -1, which every rule refuses."""
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _over(found: List, typed: dict[str, str]) -> dict[str, Any]:
    """What was typed over what is set, because each of the two forms sends its own fields alone."""
    now = {"places": found.row["places"], "reserved": found.row["reserved"], "until": ""}
    return now | {name: value for name, value in typed.items() if value}


@access("staff")
async def back(request: Request) -> Response:
    """Reloaded after a refusal: the list itself."""
    _, _, found = await _list_in_path(request)
    return web.go(found.path)


routes = [Route("/staff/waiting", all_lists, name="staff_waiting", methods=["GET"])]
for _kind in ("sessions", "runs"):
    _path = f"/staff/waiting/{_kind}/{{id}}"
    routes += [
        Route(_path, one_list, name=f"staff_waiting_{_kind}", methods=["GET"]),
        Route(f"{_path}/places", set_places, name=f"staff_waiting_{_kind}_places", methods=["POST"]),
        Route(f"{_path}/places", back, name=f"staff_waiting_{_kind}_places_back", methods=["GET"]),
        Route(f"{_path}/reserved", reserve, name=f"staff_waiting_{_kind}_reserved", methods=["POST"]),
        Route(f"{_path}/reserved", back, name=f"staff_waiting_{_kind}_reserved_back", methods=["GET"]),
    ]
