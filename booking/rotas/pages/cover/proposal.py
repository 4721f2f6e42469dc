"""/staff/rota/cover/proposal and /acts/{act}: the least change that fills what is open, taken as a whole or one by one."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.pages.cover.asked import HOME, asked_of, day_of, hubs_of, uuid_of
from booking.rotas.repair import accepting, asking, board, ill, proposing
from booking.rotas.repair.steps import Step
from booking.rotas.rules import when
from booking.rotas.seeing import may_act_on
from booking.rotas.values import BESIDE
from booking.rotas.words_for_staff import KINDS
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, count_words

MOST_FIELDS = 300
MOST = 12
"""So many open duties of the board are filled at once, the soonest; of one report all."""


@access("staff")
async def proposal(request: Request) -> Response:
    """For everything on the board that nobody does."""
    return await _page(request, await staff_of(request), None)


@access("staff")
async def act(request: Request) -> Response:
    """For what one report left open."""
    who = await staff_of(request)
    return await _page(request, who, await _act(request, who))


async def _act(request: Request, who: Who) -> dict[str, Any]:
    found = await ill.act_of(web.uuid_in_path(request, "act"))
    if found is None or not who.may_act_at(found["hub_id"]):
        raise HTTPException(404)
    return found


async def _page(
    request: Request, who: Who, told: dict[str, Any] | None, problems: list[Problem] | None = None
) -> Response:
    hubs = await hubs_of(who)
    asked = asked_of(request, hubs)
    if told:
        ids = [] if told["undone_at"] else await _still_open(told["shift_ids"])
    else:
        first, last = asked.first, asked.last
        if asked.shift_id:
            first = last = await day_of(asked.shift_id, who)
        found = await board.read(
            who, first, last, hub_id=None if asked.shift_id else asked.hub_id, only=asked.shift_id, has_people=False
        )
        ids = [each.duty.id for each in found.reds if not each.name and not each.planned][:MOST]
    steps = await proposing.propose(ids, who, told["staff_id"] if told else None)
    names = await asking.names_of(
        {who for step in steps for move in step.moves for who in (move.before, move.after) if who}
    )
    is_theirs = told is None or who.manages(told["hub_id"])
    lines = [
        _line(each, names, told["worker"] if told else "") | {"may_plan": is_theirs and _may_plan(each, who)}
        for each in steps
    ]
    shown = {
        "title": f"{told['worker']} is ill" if told else "The least change",
        "nav": "rota",
        "told": told,
        "undo_until": clock_time(told["until_at"]) if told else "",
        "here": f"{HOME}/acts/{told['id']}" if told else asked.href(f"{HOME}/proposal"),
        "board_href": asked.href(),
        "filled": [each for each in lines if each["pairs"]],
        "empty": [each for each in lines if not each["pairs"] and not each["is_beside"]],
        "done": len(told["shift_ids"]) - len(ids) if told and not told["undone_at"] else 0,
        "words": count_words(len(ids), "duty", "duties"),
        "may_plan": any(each["may_plan"] for each in lines if each["pairs"]),
        "problems": problems or [],
    }
    return await web.render_staff(request, "staff/cover/proposal.html", shown, status=409 if problems else 200)


async def _still_open(shift_ids: list[UUID]) -> list[UUID]:
    if not shift_ids:
        return []
    rows = await db.rows(
        f"SELECT s.id FROM shift s WHERE s.state = 'open' AND s.id IN {db.in_list(shift_ids)} AND NOT EXISTS (SELECT 1 FROM"
        " assignment a WHERE a.shift_id = s.id AND a.layer = 'draft')",
        *shift_ids,
    )
    return [row["id"] for row in rows]


def _may_plan(step: Step, who: Who) -> bool:
    """Whoever manages the hub of all that it moves."""
    return all(who.manages(duty.place.hub_id) for duty in (step.duty, *(move.duty for move in step.moves)))


def _line(step: Step, names: dict[UUID, str], was: str) -> dict[str, Any]:
    """One step in words: "Kim Day instead of Sam Green. Nobody else moves." """
    into, others = step.moves[:1], step.moves[1:]
    instead = f" instead of {was}" if was else ""
    moves = [
        f"{names[it.after]} takes {when(it.duty)} at {it.duty.place.name} from {names[it.before]}"
        for it in others
        if it.before
    ]
    return {
        "id": step.duty.id,
        "when": when(step.duty),
        "place": step.duty.place.name,
        "title": step.duty.title,
        "kind": step.duty.kind,
        "kind_words": KINDS[step.duty.kind],
        "words": f"{names[into[0].after]}{instead}" if into else "",
        "moves": moves,
        "reasons": list(step.chosen.speaks_for) if step.chosen else [],
        "against": [one.words for one in step.chosen.against] if step.chosen else [],
        "pairs": ",".join(f"{it.duty.id}:{it.before or ''}:{it.after}" for it in step.moves),
        "is_beside": step.duty.kind in BESIDE,
        "session_href": f"/staff/sessions/{step.duty.session_id}" if step.duty.session_id else "",
    }


@access("manager")
async def accept(request: Request) -> Response:
    """Does what is ticked, all or nothing."""
    who = await staff_of(request)
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        texts, act_id = [str(each)[:2000] for each in form.getlist("step")], uuid_of(str(form.get("act", "")))
    told = await ill.act_of(act_id) if act_id else None
    if act_id and (told is None or not who.manages(told["hub_id"])):
        raise HTTPException(404)
    pairs = _pairs(texts)
    if not pairs:
        return await _page(request, who, told, [Problem("Tick what is to be done", "steps", rule="missing")])
    if not await may_act_on(list(pairs), who):
        raise HTTPException(404)
    back = f"{HOME}/acts/{act_id}" if act_id else asked_of(request, await hubs_of(who)).href()
    try:
        count = await accepting.accept(pairs, by=who)
    except Refused as refused:
        return await _page(request, who, told, refused.problems)
    web.flash(request, f"Done. {count_words(count, 'duty has', 'duties have')} somebody now, and they are told.")
    return web.go(back)


def _pairs(texts: list[str]) -> dict[UUID, tuple[UUID | None, UUID]]:
    found: dict[UUID, tuple[UUID | None, UUID]] = {}
    for text in ",".join(texts).split(","):
        shift, _, rest = text.partition(":")
        before, _, after = rest.partition(":")
        id, who = uuid_of(shift), uuid_of(after)
        if id and who:
            found[id] = (uuid_of(before), who)
    return found


@access("staff")
async def undo(request: Request) -> Response:
    who = await staff_of(request)
    told = await _act(request, who)
    try:
        await ill.undo(event_id=told["id"], by=who)
    except Refused as refused:
        return await _page(request, who, await _act(request, who), refused.problems)
    web.flash(request, f"Undone. {told['worker']} has their duties again, and nobody was told.")
    return web.go(HOME)


routes = [
    Route(f"{HOME}/proposal", proposal, name="cover_proposal", methods=["GET"]),
    Route(f"{HOME}/proposal", accept, name="accept_proposal", methods=["POST"]),
    Route(f"{HOME}/acts/{{act:uuid}}", act, name="cover_act", methods=["GET"]),
    Route(f"{HOME}/acts/{{act:uuid}}/undo", undo, name="undo_ill", methods=["POST"]),
]
