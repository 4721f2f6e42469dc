"""/staff/rota/cover: every published duty that nobody does, soonest first, with who is free and who was asked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.problems import Problem
from booking.rotas.candidates import Candidate
from booking.rotas.pages.cover.asked import DAYS, HOME, asked_of, day_of, hubs_of, uuid_of
from booking.rotas.repair import board
from booking.rotas.repair.board import Red
from booking.rotas.words_for_staff import KINDS
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, count_words, short_day, time_range

FIRST, TICKED = 3, 3
"""How many of those who could stand open, and how many of them are ticked."""
STATES = {
    "yes": ("good", "took it"),
    "no": ("plain", "cannot"),
    "late": ("plain", "said yes too late"),
    "unfit": ("bad", "said yes, but a rule is against it"),
    "closed": ("plain", "not asked any more"),
}


@access("staff")
async def cover(request: Request) -> Response:
    return await page(request)


async def page(request: Request, problems: Sequence[Problem] = (), about: UUID | None = None) -> Response:
    """The board; `problems` of what was just tried for the shift `about`. For a poll only what has changed beside the ticks."""
    who = await staff_of(request)
    hubs = await hubs_of(who)
    asked = asked_of(request, hubs)
    first, last = asked.first, asked.last
    if asked.shift_id:
        first = last = await day_of(asked.shift_id, who)
    is_poll = web.is_htmx(request) and "shown" in request.query_params
    found = await board.read(
        who, first, last, hub_id=None if asked.shift_id else asked.hub_id, only=asked.shift_id, has_people=not is_poll
    )
    cards = [card(each, who) for each in found.reds]
    shown = {
        "title": "Cover board",
        "nav": "rota",
        "hubs": hubs,
        "asked": asked,
        "days": DAYS,
        "cards": cards,
        "more": found.more,
        "words": _words(cards),
        "at": clock_time(found.at),
        "may_ask": any(each["may_ask"] for each in cards),
        "problems": list(problems),
        "about": about,
        "filled": await _filled(request, {each["id"] for each in cards}, who),
        "live_href": asked.href(shown=".".join(each["id"].hex for each in cards)),
        "ill_href": asked.href(f"{HOME}/ill", shift=""),
        "proposal_href": asked.href(f"{HOME}/proposal"),
    }
    if is_poll:
        return web.render(request, "staff/cover/live.html", shown)
    return await web.render_staff(request, "staff/cover/board.html", shown, status=422 if problems else 200)


def _words(cards: Sequence[dict[str, Any]]) -> str:
    nobody = sum(1 for each in cards if not each["name"])
    parts = [count_words(nobody, "duty has", "duties have") + " nobody"] if nobody else []
    if rest := len(cards) - nobody:
        parts.append(f"{count_words(rest, 'duty needs', 'duties need')} somebody else")
    return " and ".join(parts)


def card(red: Red, who: Who) -> dict[str, Any]:
    """One red duty in words."""
    duty, asks = red.duty, [_asked(each) for each in red.asks]
    asking = {each["staff_id"] for each in red.asks if _is_open(each)}
    said_no = {each["staff_id"] for each in red.asks if each["state"] in ("no", "unfit")}
    could = [each for each in red.could if each.worker.id not in asking | said_no]
    free = len([each for each in red.could if each.worker.id not in said_no])
    return {
        "id": duty.id,
        "hub_id": duty.place.hub_id,
        "href": f"/staff/rota/shifts/{duty.id}",
        "kind": duty.kind,
        "kind_words": KINDS[duty.kind],
        "day": _day(red),
        "times": time_range(duty.start, duty.end),
        "soon": _soon(red),
        "place": duty.place.name,
        "title": duty.title,
        "why": red.words,
        "name": red.name,
        "planned": red.planned,
        "skills": sorted(duty.skills),
        "asks": asks,
        "waits": sum(each["is_open"] for each in asks),
        "could": [person(each, n < TICKED and not asking) for n, each in enumerate(could[:FIRST])],
        "could_too": [person(each, False) for each in could[FIRST:30]],
        "nobody": not free,
        "can_ask": red.can_be_asked_for,
        "alone": _alone(red),
        "session_href": f"/staff/sessions/{duty.session_id}" if duty.session_id else "",
        "may_ask": who.manages(duty.place.hub_id),
    }


def _alone(red: Red) -> str:
    """When whoever takes it would be alone there, said once for all of them."""
    said = {
        one.words.removeprefix(each.worker.name) for each in red.could for one in each.against if one.rule == "alone"
    }
    if not said:
        return ""
    return (
        f"Whoever takes it{said.pop()}" if len(said) == 1 else "Some of those who could take it would be alone there."
    )


def person(each: Candidate, is_ticked: bool) -> dict[str, Any]:
    return {
        "id": each.worker.id,
        "name": each.worker.name,
        "kind": "" if each.worker.kind == "staff" else each.worker.kind.title(),
        "speaks_for": each.speaks_for,
        "against": [one.words for one in each.against if one.rule != "alone"],
        "is_ticked": is_ticked,
    }


def _day(red: Red) -> str:
    days = (red.duty.date - clock.today()).days
    return {0: "Today", 1: "Tomorrow"}.get(days, short_day(red.duty.date))


def _soon(red: Red) -> str:
    """How long until it begins, when that is today or tomorrow early."""
    left = red.duty.starts_at - clock.now()
    if left > timedelta(hours=18):
        return ""
    hours, minutes = divmod(int(left.total_seconds() // 60), 60)
    return f"in {count_words(hours, 'hour')}" if hours else f"in {count_words(max(1, minutes), 'minute')}"


def _is_open(row: Any) -> bool:
    return row["state"] == "asked" and row["expires_at"] > clock.now()


def _asked(row: Any) -> dict[str, Any]:
    """One person who was asked, and what they said."""
    is_open = _is_open(row)
    level, words = ("waits", "no answer yet") if is_open else STATES.get(row["state"], ("plain", "no answer"))
    at = (
        row["answered_at"] if row["state"] in ("yes", "no", "late", "unfit") and row["answered_at"] else row["asked_at"]
    )
    local = clock.local(at)
    day = "" if local.date() == clock.today() else f"{short_day(local.date())} "
    return {
        "name": row["known_as"], "level": level, "words": words, "why": row["words"], "is_open": is_open, "at": f"{day}{clock_time(at)}",
    }  # fmt: skip


async def _filled(request: Request, still: set[UUID], who: Who) -> list[dict[str, Any]]:
    """Of what a polling page shows, what is red no more: with who has it."""
    texts = request.query_params.get("shown", "").split(".")[:60] if web.is_htmx(request) else []
    ids = [id for id in map(uuid_of, filter(None, texts)) if id and id not in still]
    if not ids:
        return []
    rows = await db.rows(
        "SELECT s.id, s.hub_id, f.known_as FROM shift s LEFT JOIN assignment a ON a.shift_id = s.id AND a.layer = 'published'"
        f" LEFT JOIN staff_profile f ON f.id = a.staff_id WHERE s.id IN {db.in_list(ids)}",
        *ids,
    )
    return [{"id": row["id"], "name": row["known_as"] or ""} for row in rows if who.may_act_at(row["hub_id"])]


routes = [Route(HOME, cover, name="rota_cover", methods=["GET"])]
