"""/staff/rota/swaps: swaps that wait for a manager, with all that each would break, and duties that were declined."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import seeing
from booking.rotas.duties import answering, reading, swap_facts, swap_lists, swaps
from booking.rotas.pages.duties.asking import typed
from booking.web import access
from booking.words import short_instant

HOME = "/staff/rota/swaps"
ONE = f"{HOME}/{{swap_request}}"


async def _staff(request: Request) -> Who:
    who = await web.who_is_asking(request)
    assert who is not None  # the access mark has seen to it
    return who


@access("staff")
async def swaps_page(request: Request) -> Response:
    who = await _staff(request)
    found, over = await swap_lists.of_hubs(who)
    context = {"title": "Swaps", "nav": "rota", "open": found, "over": over, "declined": await _declined(who)}
    return await web.render_staff(request, "staff/rota_swaps.html", context)


async def _declined(who: Who) -> list[dict[str, Any]]:
    """Duties to come that somebody has declined, in words that this reader may have: at their hubs, and for managers those that
    people of their hubs have elsewhere."""
    rows = await answering.declined_at(who.hub_ids, also_of_people_at=who.managed_hub_ids)
    ids = [row["shift_id"] for row in rows]
    found = await db.rows(f"SELECT {reading.COLUMNS} {reading.SHIFTS} WHERE h.id IN {db.in_list(ids)}", *ids)
    secret = await seeing.secret_among(ids)
    shifts = {row["shift_id"]: row | {"is_restricted": row["shift_id"] in secret} for row in found}
    return [_declined_line(row, shifts[row["shift_id"]], who) for row in rows]


def _declined_line(row: dict[str, Any], shift: dict[str, Any], who: Who) -> dict[str, Any]:
    """One of them; without a link where its rota is another hub's."""
    is_here = who.works_at(shift["hub_id"])
    return {
        **reading.told(shift, is_own=is_here),
        "name": row["known_as"],
        "why": row["answer_words"] if _may_read_why(row, shift, who) else "",
        "said": short_instant(row["answered_at"]),
        "is_elsewhere": not who.may_act_at(shift["hub_id"]),
        "href": f"/staff/rota/shifts/{shift['shift_id']}"
        if is_here or (who.is_admin and not shift["is_restricted"])
        else "",
    }


def _may_read_why(row: dict[str, Any], shift: dict[str, Any], who: Who) -> bool:
    """Why somebody cannot is between them and their managers, those of the duty's hub and of their own; of a restricted duty between
    them and those of that very hub."""
    if shift["is_restricted"]:
        return who.manages(shift["hub_id"]) and who.works_at(shift["hub_id"])
    return who.manages(shift["hub_id"]) or who.manages(row["home_hub_id"])


async def _swap(request: Request, who: Who) -> dict[str, Any]:
    """The swap of the path; 404 for one of other hubs."""
    swap_id = web.uuid_in_path(request, "swap_request")
    found, over = await swap_lists.of_hubs(who)
    swap = next((row for row in (*found, *over) if row["id"] == swap_id), None)
    if swap is None:
        raise HTTPException(404)
    return swap


@access("staff")
async def swap_page(request: Request) -> Response:
    who = await _staff(request)
    return await _page(request, who, await _swap(request, who))


async def _page(
    request: Request, who: Who, swap: dict[str, Any], form: web.Shown | None = None, status: int = 200
) -> Response:
    broken = await swap_facts.judge(swap_facts.wanted_of(swap), who) if swap["is_open"] else []
    hubs = [each for each in (swap["hub_id"], swap["return_hub_id"]) if each]
    context = {
        "title": f"Swap of {swap['from_name']} and {swap['to_name']}",
        "nav": "rota",
        "swap": swap,
        "never": [one for one in broken if one.level == "never"],
        "hard": [one for one in broken if one.level == "hard"],
        "soft": [one for one in broken if one.level == "soft"],
        "is_managed": who.manages(swap["hub_id"]),
        "may_decide": all(who.manages(hub) for hub in hubs),
        "form": form or web.Shown({"reason": "", "why": ""}),
    }
    return await web.render_staff(request, "staff/rota_swap.html", context, status=status)


async def _decided(request: Request, act: Any, words: str, **typed_words: str) -> Response:
    """One decision; with problems the page again, with everything as it is now."""
    who = await _staff(request)
    swap = await _swap(request, who)
    try:
        await act(swap_id=swap["id"], by=who, **typed_words)
    except LookupError:
        raise HTTPException(404) from None
    except Refused as refused:
        problems = [Problem(each.words, each.field or "reason", rule=each.rule) for each in refused.problems]
        shown = web.Shown({"reason": "", "why": ""} | typed_words, problems)
        return await _page(request, who, await _swap(request, who), shown, 409)
    web.flash(request, words)
    return web.go(HOME)


@access("manager")
async def approve(request: Request) -> Response:
    form = await typed(request, "reason")
    return await _decided(
        request, swaps.approve, "Done. Both are told, and the rota has changed.", reason=form["reason"]
    )


@access("manager")
async def refuse(request: Request) -> Response:
    form = await typed(request, "why")
    return await _decided(request, swaps.refuse, "Refused. Both are told why.", why=form["why"])


@access("manager")
async def agree(request: Request) -> Response:
    """A manager says yes for the colleague, who has told them."""

    async def act(*, swap_id: UUID, by: Who) -> None:
        await swaps.agree(swap_id=swap_id, staff_id=await _side(swap_id, "to_staff_id"), by=by)

    return await _decided(request, act, "Noted: the colleague agrees. Now decide.")


@access("manager")
async def withdraw(request: Request) -> Response:
    """A manager withdraws it for whoever asked, who has told them."""

    async def act(*, swap_id: UUID, by: Who) -> None:
        await swaps.withdraw(swap_id=swap_id, staff_id=await _side(swap_id, "from_staff_id"), by=by)

    return await _decided(request, act, "Withdrawn. The duty stays as it is.")


async def _side(swap_id: UUID, column: str) -> UUID:
    row = await db.row("SELECT from_staff_id, to_staff_id FROM swap_request WHERE id = $1", swap_id)
    assert row is not None  # _decided has found it
    return row[column]


routes = [
    Route(HOME, swaps_page, name="rota_swaps", methods=["GET"]),
    Route(ONE, swap_page, name="rota_swap", methods=["GET"]),
    Route(f"{ONE}/approve", approve, name="approve_swap", methods=["POST"]),
    Route(f"{ONE}/refuse", refuse, name="refuse_swap", methods=["POST"]),
    Route(f"{ONE}/agree", agree, name="agree_for_colleague", methods=["POST"]),
    Route(f"{ONE}/withdraw", withdraw, name="withdraw_for_worker", methods=["POST"]),
]
