"""/staff/rota: a week or four, by person or by place, as a grid, as a list by day on a phone, and on paper."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.rotas.pages.rota import hubs as all_hubs
from booking.rotas.pages.rota import undoing, wrong
from booking.rotas.pages.rota.asked import Asked, Spot, asked_of, spots_of
from booking.rotas.pages.rota.chips import Chips
from booking.rotas.pages.rota.reading import Rota, read
from booking.rotas.pages.rota.tables import by_day, by_person, by_place, chips_of, days_shown, sums
from booking.rotas.words_for_staff import KINDS
from booking.web import access
from booking.who_asks import staff_of
from booking.words import DAYS, short_day

MOST_SAID = 40
"""So many lines about rules are listed; more than that is a plan not begun."""


@access("staff")
async def rota(request: Request) -> Response:
    who = await staff_of(request)
    spots = await spots_of(who)
    asked = await asked_of(request, who, spots)
    found = await read(asked, who)
    draw = summed if asked.is_summary else drawn
    shown = _facts(found) | draw(found, asked, who, spots) | _around(request, asked, who, spots)
    return await web.render_staff(request, "staff/rota/rota.html", shown, block="rota")


def drawn(rota: Rota, asked: Asked, who: Who, spots: list[Spot]) -> dict[str, Any]:
    """The grid, the list by day and what is wrong."""
    hubs = {each.hub_id: each.hub_name for each in spots}
    small = Chips(rota, planned_hub_ids=who.managed_hub_ids, is_small=asked.weeks > 1, hub_ids=who.hub_ids)
    days = days_shown(rota, asked)
    groups = (by_person if asked.by == "person" else by_place)(rota, asked, small, days, hubs)
    large = Chips(rota, planned_hub_ids=(), is_small=False, hub_ids=who.hub_ids)
    daily = by_day(rota, large, days)
    for day in daily:
        day["chips"] = chips_of(day, rota, large) if asked.weeks == 1 else ""
        day["href"] = asked.href(first=day["date"], weeks=1) + f"#day-{day['date']}"
    problems = wrong.lines(rota, who)
    return {
        "groups": groups,
        "days": [_day(each) for each in days],
        "daily": daily,
        "problems": problems[:MOST_SAID],
        "more_problems": max(0, len(problems) - MOST_SAID),
        "sums": sums(rota, lambda each: asked.hub_ids is None or each.hub_id in asked.hub_ids),
    }


def summed(rota: Rota, asked: Asked, who: Who, spots: list[Spot]) -> dict[str, Any]:
    """A line a hub: the rotas of many hubs on one page are too long to be read."""
    across = all_hubs.columns(days_shown(rota, asked), asked.weeks)
    hubs = {each.hub_id: each.hub_name for each in spots}
    return {"across": across, "lines": all_hubs.lines(rota, asked, across, hubs), "problems": [], "sums": []}


def _facts(rota: Rota) -> dict[str, Any]:
    return {
        "gaps": len(rota.gaps),
        "count": len(rota.shown),
        "serious": len(rota.serious),
        "warnings": len(rota.warnings),
        "unpublished": rota.unpublished,
    }


def _day(day: Any) -> dict[str, Any]:
    return {
        "date": day,
        "name": DAYS[day.weekday()][:3],
        "words": short_day(day)[4:],
        "is_today": day == clock.today(),
        "is_monday": day.weekday() == 0,
    }


def _around(request: Request, asked: Asked, who: Who, spots: list[Spot]) -> dict[str, Any]:
    """Everything beside the grid: titles, where else to look, what the signs mean."""
    step, today = timedelta(days=7 * asked.weeks), clock.today()
    hubs = list({each.hub_id: each.hub_name for each in spots}.items())
    name = dict(hubs).get(asked.hub_id) or ("All hubs" if who.is_admin else "My hubs")
    when = f"{short_day(asked.first)} to {short_day(asked.last)}"
    query = f"?hub={asked.hub_id or ''}&date={asked.first}&weeks={asked.weeks}"
    return {
        "title": f"Rota: {name}, {when}",
        "nav": "rota",
        "asked": asked,
        "here": asked.href(),
        "name": name,
        "when": when,
        "hubs": hubs,
        "spots": [each for each in spots if not asked.hub_id or each.hub_id == asked.hub_id],
        "kinds": KINDS,
        "may_plan": _may_plan(asked, who),
        "before": {"href": asked.href(first=asked.first - step), "text": short_day(asked.first - step)},
        "after": {"href": asked.href(first=asked.first + step), "text": short_day(asked.first + step)},
        "today": asked.href(first=today - timedelta(days=today.weekday())),
        "is_now": asked.first <= today <= asked.last,
        "lengths": [
            {"href": asked.href(weeks=1), "text": "Week", "current": asked.weeks == 1},
            {"href": asked.href(weeks=4), "text": "Four weeks", "current": asked.weeks == 4},
        ],
        "sides": [
            {"href": asked.href(by="person"), "text": "By person", "current": asked.by == "person"},
            {"href": asked.href(by="place"), "text": "By place", "current": asked.by == "place"},
        ],
        "only_gaps": asked.href(only_gaps=True),
        "everything": replace(asked, place_id=None, kind="", only_gaps=False, only_me=False).href(),
        "links": links(request, query) if _may_plan(asked, who) else [],
        "undo": undoing.last_of(request),
        "said": web.take_flashes(request),
        "flashes": [],
    }


def _may_plan(asked: Asked, who: Who) -> bool:
    """Where one hub is shown its managers, else whoever manages any."""
    return who.manages(asked.hub_id) if asked.hub_id else who.is_manager


def links(request: Request, query: str) -> list[dict[str, str]]:
    """Where a manager goes on from here, as far as those pages are there."""
    wanted = (("/staff/rota/publish", "Publish", query), ("/staff/rota/shifts/new", "Add a shift", query))
    there = {getattr(route, "path", "") for route in request.app.routes}
    return [{"href": path + more, "text": text} for path, text, more in wanted if path in there]


routes = [Route("/staff/rota", rota, name="staff_rota", methods=["GET"])]
