"""/staff/rota/plans: which hubs and weeks, whether any plan can exist, and the two ways to have one made."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import place_lists
from booking.problems import Problem, Refused
from booking.rotas import loading, plan_lists
from booking.rotas.pages.plans import shown
from booking.rotas.planner import arithmetic, running
from booking.rotas.seeing import seen_by, with_hub_names
from booking.web import access
from booking.who_asks import staff_of

WEEKS = (1, 2, 3, 4, 6, 8)
ENGINES = ("greedy", "solver")
NO_HUB = Problem("Tick at least one hub, then press Show the hours.", "hub", rule="missing")


@dataclass(frozen=True, slots=True)
class Asked:
    """Hubs of who asks, from a Monday (or tomorrow, where that is later) on so many weeks."""

    hubs: tuple[dict[str, Any], ...]
    first: date
    weeks: int

    @property
    def last(self) -> date:
        return self.first - timedelta(days=self.first.weekday()) + timedelta(days=7 * self.weeks - 1)

    @property
    def hub_ids(self) -> list[UUID]:
        return [each["id"] for each in self.hubs]

    @property
    def query(self) -> str:
        return urlencode([*(("hub", each) for each in self.hub_ids), ("from", self.first), ("weeks", self.weeks)])


def read(sent: QueryParams | FormData, hubs: list[dict[str, Any]]) -> Asked:
    """What the address or form asks for. 404 for a hub that is not theirs (promise P6)."""
    wanted = {str(each) for each in sent.getlist("hub") if each}
    chosen = tuple(each for each in hubs if str(each["id"]) in wanted)
    if len(chosen) != len(wanted):
        raise HTTPException(404)
    if not chosen and len(hubs) == 1:
        chosen = (hubs[0],)
    weeks = str(sent.get("weeks", ""))
    return Asked(chosen, _first(str(sent.get("from", ""))), int(weeks) if weeks in map(str, WEEKS) else 4)


def _first(text: str) -> date:
    """The Monday of that date, next Monday where there is none; never a day that has begun."""
    tomorrow = clock.today() + timedelta(days=1)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = clock.today() + timedelta(days=7)
    day = day if 2000 < day.year < 2200 else tomorrow
    return max(day - timedelta(days=day.weekday()), tomorrow)


@access("manager")
async def look(request: Request) -> Response:
    """The sums, once hubs are chosen."""
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    asked = read(request.query_params, hubs)
    if not asked.hubs and "weeks" in request.query_params:  # the form was sent, with nothing ticked
        return await _show(request, who, hubs, asked, [NO_HUB], 422)
    return await _show(request, who, hubs, asked)


@access("manager")
async def act(request: Request) -> Response:
    """Asks for a plan; its page shows how far it is."""
    who = await staff_of(request)
    hubs = await place_lists.hubs_of(who)
    async with request.form(max_files=0) as sent:
        asked, engine = read(sent, hubs), str(sent.get("engine", ""))
        token = str(sent.get("form_token", ""))[:64] or web.new_token()
        wishes, keep = shown.read_wishes(sent), str(sent.get("keep", "")) != "no"
        seed = str(sent.get("seed", "1"))
    if before := await web.first_answer(token):
        return web.go(before)  # pressed twice
    if engine not in ENGINES:
        return await _show(request, who, hubs, asked, [Problem("Choose how it is planned.", rule="engine")], 422)
    try:
        id = await running.ask(
            asked.hub_ids, asked.first, asked.last, engine=engine, by=who, wishes=wishes, keep=keep,
            seed=int(seed) if seed.isascii() and seed.isdigit() and len(seed) < 7 else 1,
        )  # fmt: skip
    except Refused as refused:
        return await _show(request, who, hubs, asked, refused.problems, 422)
    await web.remember_answer(token, f"/staff/rota/plans/{id}")
    return web.go(f"/staff/rota/plans/{id}")


async def _show(
    request: Request, who: Who, hubs: list[dict[str, Any]], asked: Asked, problems: list[Problem] | None = None, status: int = 200
) -> Response:  # fmt: skip
    sums, weights = None, await loading.weights_of(asked.hub_ids[0] if len(asked.hub_ids) == 1 else None)
    if asked.hubs:
        plan = await with_hub_names(await seen_by(await loading.load(asked.hub_ids, asked.first, asked.last), who))
        sums = shown.sums(await asyncio.to_thread(arithmetic.sums, plan, await running.skill_names(), asked.hub_ids))
    names = {str(each["id"]): each["name"] for each in hubs}
    context = {
        "title": "Auto-plan",
        "nav": "rota",
        "hubs": hubs,
        "asked": asked,
        "weeks": WEEKS,
        "sums": sums,
        "when": shown.when(asked.first, asked.last),
        "wishes": shown.wishes(weights),
        "levels": shown.LEVELS,
        "problems": problems or [],
        "has_solver": running.is_solver_there(),
        "all_hubs": "?"
        + urlencode([*(("hub", each["id"]) for each in hubs), ("from", asked.first), ("weeks", asked.weeks)]),
        "latest": [shown.line(each, names) for each in await plan_lists.latest(who)],
        "form_token": web.new_token(),
        "tomorrow": (clock.today() + timedelta(days=1)).isoformat(),
    }
    return await web.render_staff(request, "staff/rota/plans.html", context, status=status)


routes = [
    Route("/staff/rota/plans", look, name="staff_rota_plans", methods=["GET"]),
    Route("/staff/rota/plans", act, name="staff_rota_plans_do", methods=["POST"]),
]
