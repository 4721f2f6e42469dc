"""/staff/leave: what waits for a decision with what it would leave uncovered, what is coming, what was decided."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.pages.workers.asking import asking, fields
from booking.rotas.pages.workers.duty_lines import line
from booking.rotas.people_who_work import leave, leave_effect, leave_lists
from booking.web import access
from booking.words import count_words, short_instant

HOME = "/staff/leave"
ONE = f"{HOME}/{{leave}}"
MOST_DUTIES = 12


@access("staff")
async def inbox(request: Request) -> Response:
    return await _page(request, await asking(request))


async def _page(
    request: Request, who: Who, about: UUID | None = None, problems: list[Problem] | None = None
) -> Response:
    """The inbox; with the problems of the request that somebody has just tried to decide."""
    waiting, coming, lately = await leave_lists.of_hubs(who)
    theirs = [row for row in waiting if who.manages(row["hub_id"])]
    effects = await leave_effect.effects(theirs, who)
    decided = [row for row in lately if who.manages(row["hub_id"])]
    context = {
        "title": "Leave",
        "nav": "rota",
        "waiting": [_asked(row, effects.get(row["id"]), who, about, problems or []) for row in waiting],
        "coming": [row | {"kind_words": _kind(row, who)} for row in coming],
        "lately": [row | {"when": short_instant(row["decided_at"])} for row in decided],
        "problems": problems or [],
    }
    return await web.render_staff(request, "staff/workers/leave.html", context, status=422 if problems else 200)


def _kind(row: dict[str, Any], who: Who) -> str:
    """Why somebody is away is for managers; colleagues read that they are."""
    return row["kind_words"] if who.manages(row["hub_id"]) else "Away"


def _asked(
    row: dict[str, Any], effect: leave_effect.Effect | None, who: Who, about: UUID | None, problems: list[Problem]
) -> dict[str, Any]:
    is_mine = row["id"] == about
    return row | {
        "kind_words": _kind(row, who),
        "reason": row["reason"] if who.manages(row["hub_id"]) else "",
        "may_decide": who.manages(row["hub_id"]),
        "asked": short_instant(row["asked_at"]),
        "is_own": row["person_id"] == who.id and not who.is_admin,
        "effect": _effect(effect) if effect else None,
        "problem": " ".join(problem.words for problem in problems) if is_mine else "",
    }


def _effect(effect: leave_effect.Effect) -> dict[str, Any]:
    """In words: how much would be left, and each duty with who could take it."""
    lines = [
        line(each.duty)
        | {
            "names": ", ".join(each.free[: leave_effect.MOST_NAMES]),
            "more": max(len(each.free) - leave_effect.MOST_NAMES, 0),
            "is_free": bool(each.free),
        }
        for each in effect.duties
    ]
    count = len(effect.duties)
    if not count:
        words, level = "Nothing planned in these days", "good"
    elif effect.unfilled:
        words, level = f"{count_words(effect.unfilled, 'duty', 'duties')} nobody else here could take", "bad"
    else:
        words, level = f"{count_words(count, 'duty', 'duties')} to give to others", "waits"
    return {
        "words": words,
        "level": level,
        "lines": lines[:MOST_DUTIES],
        "more": max(count - MOST_DUTIES, 0),
        "away": ", ".join(effect.away),
    }


async def _row(request: Request, who: Who) -> dict[str, Any]:
    """The leave of the path; 404 for one of another hub (promise P6)."""
    row = await leave_lists.one(web.uuid_in_path(request, "leave"))
    if row is None or not who.manages(row["hub_id"]):
        raise HTTPException(404)
    return row


@access("manager")
async def decide(request: Request) -> Response:
    """Yes or no. What is in the way of a yes stays on the rota, in red."""
    who = await asking(request)
    row, typed = await _row(request, who), await fields(request, "act", "answer")
    is_approved = typed["act"] == "approve"
    try:
        left = await leave.decide_leave(row["id"], is_approved, typed["answer"], who)
    except Refused as refused:
        return await _page(request, who, row["id"], refused.problems)
    words = (
        f"{row['known_as']} is away {row['days']}."
        if is_approved
        else f"{row['known_as']} hears your answer in five minutes."
    )
    more = (
        f" {count_words(len(left), 'duty', 'duties')} of theirs on the rota {'is' if len(left) == 1 else 'are'} red now."
        if left
        else ""
    )
    web.flash(request, words + more)
    return web.go(HOME)


@access("manager")
async def reopen(request: Request) -> Response:
    """Undoes a decision."""
    who = await asking(request)
    row = await _row(request, who)
    try:
        await leave.reopen_leave(row["id"], who)
        web.flash(request, f"The leave of {row['known_as']} waits for a decision again.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(HOME)


@access("manager")
async def withdraw(request: Request) -> Response:
    """Takes leave back that is not wanted any more."""
    who = await asking(request)
    row = await _row(request, who)
    try:
        await leave.withdraw_leave(row["id"], who)
        web.flash(request, f"{row['known_as']} is not away then.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/workers/{row['staff_id']}#leave")


routes = [
    Route(HOME, inbox, name="staff_leave", methods=["GET"]),
    Route(f"{ONE}/decide", decide, name="staff_decide_leave", methods=["POST"]),
    Route(f"{ONE}/reopen", reopen, name="staff_reopen_leave", methods=["POST"]),
    Route(f"{ONE}/withdraw", withdraw, name="staff_withdraw_leave", methods=["POST"]),
]
