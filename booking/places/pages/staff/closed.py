"""/staff/close/{event}: what a closing did, session by session; undo it, or send its messages now."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places.pages.staff import closing_form, closing_shown
from booking.places.pages.staff.closing_form import Row
from booking.problems import Refused
from booking.programmes import staff_lists
from booking.programmes.closures import undoing_closing
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time


async def _event(request: Request) -> tuple[Who, Row]:
    who = await staff_of(request)
    event = await undoing_closing.closing_seen_by(who, request.path_params["event"])
    if event is None:
        raise HTTPException(404)
    return who, event


@access("staff")
async def done_page(request: Request) -> Response:
    """What a closing did, session by session; while it can be, undo."""
    who, event = await _event(request)
    shown = {
        "title": f"Closed: {event['where']}",
        "nav": "places",
        "event": event,
        "sums": closing_shown.sums(event),
        "leave_at": clock_time(event["undo_until_at"]),
        "is_undoable": await _is_undoable(who, event),
        "waiting": await undoing_closing.waiting(event),
        "outcomes": await _outcomes(who, event),
    }
    return await web.render_staff(request, "staff/places/closed.html", shown)


async def _outcomes(who: Who, event: Row) -> list[Row]:
    """The sessions as they are now, in the words for who asks."""
    kinds = {step["session"]: step["kind"] for step in event["steps"]}
    if not kinds:
        return []
    found = await staff_lists.lines(who, *undoing_closing.sessions_of(event))
    return [{"line": line, "kind": kinds[str(line.id)]} for line in sorted(found, key=lambda each: each.starts_at)]


async def _after(request: Request, *, is_undo: bool) -> Response:
    who, event = await _event(request)
    event_id = request.path_params["event"]
    if not await _may_undo(who, event):
        raise HTTPException(404)
    try:
        if is_undo:
            heard = await undoing_closing.undo(event_id=event_id, by=who)
            said = f"Those who had heard ({heard}) hear that it goes on after all." if heard else "Nobody heard of it."
            web.flash(request, f"It is open as before. {said}")
        else:
            await undoing_closing.send_now(event_id=event_id, by=who)
            web.flash(request, "The messages are leaving now.")
        request.app.state.pages.forget()
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"/staff/close/{event_id}")


async def _is_undoable(who: Who, event: Row) -> bool:
    return not event["undone_at"] and event["undo_until_at"] > clock.now() and await _may_undo(who, event)


async def _may_undo(who: Who, event: Row) -> bool:
    """Only who may close all of these places."""
    mine = {str(place["id"]) for place in await closing_form.places_to_close(who)}
    return set(event["locations"]) <= mine


@access("manager")
async def undo(request: Request) -> Response:
    return await _after(request, is_undo=True)


@access("manager")
async def send_now(request: Request) -> Response:
    return await _after(request, is_undo=False)


@access("manager")
async def back(request: Request) -> Response:
    await _event(request)
    return web.go(f"/staff/close/{request.path_params['event']}")


EVENT = "/staff/close/{event:uuid}"
routes = [
    Route(EVENT, done_page, name="staff_closed", methods=["GET"]),
    Route(f"{EVENT}/undo", undo, name="staff_close_undo", methods=["POST"]),
    Route(f"{EVENT}/undo", back, name="staff_back_from_close_undo", methods=["GET"]),
    Route(f"{EVENT}/send-now", send_now, name="staff_close_send_now", methods=["POST"]),
    Route(f"{EVENT}/send-now", back, name="staff_back_from_close_send_now", methods=["GET"]),
]
