"""/duties/shifts/{shift}: one duty of one's own, and the answer to it."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.problems import Refused
from booking.rotas.duties import answering, reading, swap_lists
from booking.rotas.needs.matching import moved_of_own
from booking.rotas.pages.duties.asking import me, typed
from booking.web import access

PATH = "/duties/shifts/{shift}"
DECLINED = "Your manager sees that you cannot, and why. The duty stays yours until somebody else has it: they tell you."


def state_of(row: dict, swap: dict | None) -> dict[str, str] | None:
    """The tag of a duty in words: what is under way, or the answer."""
    if not reading.is_to_come(row):
        return {"level": "good", "words": "Now"} if row["ends_at"] > clock.now() else None
    if swap:
        agreed = swap["state"] == "agreed"
        return {"level": "waits", "words": "Swap agreed, waits for a manager" if agreed else "Swap asked"}
    return {
        "": {"level": "waits", "words": "Please answer"},
        "accepted": {"level": "good", "words": "Accepted"},
        "declined": {"level": "bad", "words": "You cannot: still yours"},
    }[row["answer"]]


async def shown_of(row: dict, swap: dict | None) -> dict[str, Any]:
    """A duty of one's own with everything that is to be known of it. Two queries."""
    names = await reading.skill_names()
    told = reading.told(row, is_own=True)
    session = row["session_start"], row["session_end"]
    is_longer = all(session) and session != (row["start_time"], row["end_time"])
    times = reading.when(row | {"start_time": session[0], "end_time": session[1]})["times"] if is_longer else ""
    return {
        **told,
        "state": state_of(row, swap),
        "swap": swap,
        "with": (await reading.beside([row]))[row["shift_id"]],
        "skills": [names.get(code, code) for code in row["skills"].split()],
        "session_times": times if row["kind"] in ("facilitator", "creche", "appointment") else "",
        "booked": row["taken"] if row["session_id"] else None,
        "moved": moved_of_own(row["moved_words"]) if row["moved_at"] and row["made_at"] < row["moved_at"] else "",
        "answer": row["answer"],
        "answer_words": row["answer_words"],
        "may_answer": reading.is_to_come(row),
        "href": PATH.format(shift=row["shift_id"]),
    }


async def _own(request: Request, staff_id: Any) -> dict[str, Any]:
    row = await reading.own_duty(staff_id, web.uuid_in_path(request, "shift"))
    if row is None:
        raise HTTPException(404)
    return row


@access("worker")
async def duty_page(request: Request) -> Response:
    _, profile = await me(request)
    return await _page(request, await _own(request, profile["id"]))


async def _page(request: Request, row: dict, form: web.Shown | None = None) -> Response:
    swaps = await swap_lists.open_of_shifts([row["shift_id"]])
    duty = await shown_of(row, swaps.get(row["shift_id"]))
    context = {"title": duty["title"], "nav": "duties", "duty": duty, "form": form or web.Shown({"words": ""})}
    return await web.render_worker(request, "duties/duty.html", context, status=422 if form else 200)


@access("worker")
async def accept(request: Request) -> Response:
    who, profile = await me(request)
    row = await _own(request, profile["id"])
    try:
        await answering.accept(shift_id=row["shift_id"], staff_id=profile["id"], by=who)
        web.flash(request, f"Thank you. You have accepted {reading.when(row)['when']}.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go("/duties")


@access("worker")
async def decline(request: Request) -> Response:
    who, profile = await me(request)
    row, form = await _own(request, profile["id"]), await typed(request, "words")
    try:
        await answering.decline(shift_id=row["shift_id"], staff_id=profile["id"], words=form["words"], by=who)
    except Refused as refused:
        return await _page(request, row, web.Shown(form, refused.problems))
    web.flash(request, DECLINED, "note")
    return web.go(PATH.format(shift=row["shift_id"]))


routes = [
    Route(PATH, duty_page, name="duty", methods=["GET"]),
    Route(f"{PATH}/accept", accept, name="accept_duty", methods=["POST"]),
    Route(f"{PATH}/decline", decline, name="decline_duty", methods=["POST"]),
]
