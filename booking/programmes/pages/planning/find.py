"""/staff/plan/find: the best plans for a run over all rooms, creche rooms and dates; or what stands in the way, and by how little."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places.access import ROOM_FEATURES
from booking.places.find_form import length_words
from booking.places.near import Point, find_point
from booking.programmes import staff_lists
from booking.programmes.plans import finding_plans, keeping_programmes, plan_finder_form
from booking.programmes.plans.finding_plans import Found
from booking.programmes.plans.plan_cards import card
from booking.programmes.plans.plan_finder_form import (
    FREQUENCIES,
    FROM,
    LENGTHS,
    NO_PLACE,
    UNTIL,
    WINDOWS,
    WITHIN,
    Asked,
    pairs,
)
from booking.programmes.plans.plan_wishes import QUARTER, BestPlan, of_day, wall
from booking.programmes.plans.writing_runs import parts_of
from booking.rotas import free_to_lead
from booking.web import access
from booking.who_asks import staff_of
from booking.words import DAYS, count_words, time_words

FIND, COUNTY = "/staff/plan/find", "county"
FIRST_FEATURES = ("step-free", "hearing loop", "projector", "private")


@access("staff")
async def find_plans(request: Request) -> Response:
    """In one's own hubs, in one of them, or over the whole county; only in one's own is there a button to plan it."""
    who = await staff_of(request)
    programmes = {str(row["id"]): row for row in await keeping_programmes.offered(who)}
    asked = plan_finder_form.read(request.query_params, clock.today(), programmes)
    hubs = await staff_lists.hubs_of(who)
    point = await find_point(asked.near) if asked.near else None
    problems = [*asked.problems, *([NO_PLACE] if asked.near and point is None else [])]
    shown = _form(who, asked, problems, programmes, hubs) | {"point": point, "is_done": False}
    if asked.is_asked and not problems:
        shown |= await _results(who, asked, point, hubs, programmes)
    return await web.render_staff(request, "staff/plan/find.html", shown, block="results")


async def _results(
    who: Who, asked: Asked, point: Point | None, hubs: Sequence[Mapping[str, Any]], programmes: Mapping[str, Any]
) -> dict[str, Any]:
    calls = len(parts_of(programmes[asked.programme])) if asked.programme else 0
    hub_ids = _hub_ids(who, asked, hubs)
    wishes = plan_finder_form.wishes(asked, point, calls, hub_ids, who.role_hubs)
    programme = programmes[asked.programme] if asked.programme else None
    found = await finding_plans.find(wishes, await free_to_lead.leaders(programme, *finding_plans.span_of(wishes)))
    answer = found.answer
    return {
        "is_done": True,
        "count": answer.count,
        "cards": _cards(who, asked, answer.plans, found),
        "misses": _cards(who, asked, answer.near_misses, found),
        "blockers": answer.blockers,
        "looked_at": f"{answer.looked_at:,}",
        "relaxed": [
            {
                "words": each.words,
                "href": f"{FIND}?{urlencode(pairs(asked, **plan_finder_form.changes_of(asked, wishes, each.wishes)))}",
                "plan": card(each.plan, asked, may_plan=False),
            }
            for each in answer.relaxed
        ],
        "wider": f"{FIND}?{urlencode(pairs(asked, location=COUNTY))}" if hub_ids is not None else "",
        "wished": _wished(asked),
    }


def _cards(who: Who, asked: Asked, plans: Sequence[BestPlan], found: Found) -> list[dict[str, Any]]:
    best = plans[0] if plans else None
    return [
        card(plan, asked, may_plan=_may_plan(who, plan), best=best, who_has=found.taken) | {"rank": n}
        for n, plan in enumerate(plans, start=1)
    ]


def _may_plan(who: Who, plan: BestPlan) -> bool:
    room = plan.room
    return who.works_at(room.hub_id) if room.is_restricted else who.may_act_at(room.hub_id)


def _hub_ids(who: Who, asked: Asked, hubs: Sequence[Mapping[str, Any]]) -> frozenset[UUID] | None:
    """The hub chosen, if it is one of theirs; None is the whole county."""
    chosen = frozenset(hub["id"] for hub in hubs if str(hub["id"]) == asked.location)
    if chosen:
        return chosen
    return None if who.is_admin or asked.location == COUNTY else who.role_hubs


def _wished(asked: Asked) -> str:
    """ "14 sessions of 2 hours, 14 people, a crèche for 8" """
    parts = [f"{count_words(int(asked.sessions), 'session')} of {length_words(int(asked.minutes))}"]
    parts.append(count_words(int(asked.people), "person", "people"))
    if int(asked.creche_places or 0):
        parts.append(f"a crèche for {asked.creche_places}")
    return ", ".join(parts)


def _form(
    who: Who, asked: Asked, problems: list[Any], programmes: Mapping[str, Any], hubs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    all_mine = "All hubs" if who.is_admin else "All my hubs"
    places = [("", all_mine), *((str(hub["id"]), hub["name"]) for hub in hubs)]
    return {
        "title": "Find the best plans",
        "nav": "plan",
        "asked": asked,
        "problems": problems,
        "programmes": [("", "No programme, my own figures"), *((key, row["title"]) for key, row in programmes.items())],
        "lengths": [("", "Choose"), *((str(n), length_words(n)) for n in _lengths(asked.minutes))],
        "places": places if who.is_admin else [*places, (COUNTY, "The whole county")],
        "within_choices": _within(asked.within),
        "weekdays": [(str(n), day) for n, day in enumerate(DAYS)],
        "times": [(each, time_words(each)) for each in _times()],
        "windows": WINDOWS.items(),
        "frequencies": FREQUENCIES.items(),
        "first_features": [(name, ROOM_FEATURES[name]) for name in FIRST_FEATURES],
        "later_features": [(name, words) for name, words in ROOM_FEATURES.items() if name not in FIRST_FEATURES],
    }


def _lengths(chosen: str) -> list[int]:
    own = [int(chosen)] if chosen.isdecimal() and len(chosen) < 4 else []
    return sorted({*LENGTHS, *own})


def _within(chosen: str) -> list[tuple[str, str]]:
    own = {} if chosen in WITHIN else {chosen: f"{chosen} miles"}
    return sorted((WITHIN | own).items(), key=lambda each: int(each[0]) if each[0] != "any" else 999)


def _times() -> list[str]:
    return [wall(minute) for minute in range(of_day(FROM), of_day(UNTIL) + 1, QUARTER)]


routes = [Route(FIND, find_plans, name="staff_plan_find", methods=["GET"])]
