"""/staff/sessions/{id}: one session as its staff see it, with the register."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.programmes import disclosure
from booking.programmes.changes import acts_to_undo
from booking.programmes.changes.ringing import to_ring, to_ring_about_changes
from booking.programmes.pages.staff.asking import path_of, session_in_path
from booking.programmes.pages.staff.change_lines import own_words
from booking.programmes.pages.staff.said_of_messages import heard_words, message_rows, trail_rows
from booking.programmes.registers import heard, register_lists
from booking.programmes.registers.register_lists import Register
from booking.programmes.registers.registering import as_json
from booking.programmes.staff_lists import BOOKED_AS_ONE, register_state
from booking.programmes.waiting.waiting_lists import path_of as path_of_line
from booking.web import access
from booking.words import age_range, clock_time, count_words, day_words, time_range

EVERYONE_UNDO = timedelta(minutes=10)


@access("staff")
async def session_page(request: Request) -> Response:
    who, session = await session_in_path(request)
    return await render_session(request, who, session)


async def render_session(
    request: Request,
    who: Who,
    session: dict[str, Any],
    *,
    form: web.Shown | None = None,
    status: int = 200,
) -> Response:
    """The whole page; `form` is a walk-in that was refused. Eleven queries, however many come."""
    register = await register_lists.register_of(session)
    trail = await register_lists.trail_of(session["session_id"])
    shown = basics(session) | {
        "register": register,
        "register_state": register_state(session, clock.now()),
        "form": form or web.Shown({"name": "", "adults": "1", "children": "0"}),
        "form_token": web.new_token(),
        "waiting": await register_lists.waiting_of(session),
        "waiting_path": path_of_line(
            session["run_id"], None if session["booking_mode"] in BOOKED_AS_ONE else session["session_id"]
        ),
        "heard": heard_words(await heard.heard_of(session["session_id"])),
        "messages": message_rows(await register_lists.messages_about(session["session_id"])),
        "trail": trail_rows(trail),
        "cancelled": await _cancelled(session),
        "acts": await _acts(session),
        "to_ring": await to_ring_about_changes(session["session_id"]) if session["state"] == "planned" else [],
        "own": own_words(session["edited"].split()),
        "facts": _facts(session, register),
        "everyone_event": _everyone_event(trail),
        "may_give_code": may_give_code(session),
    }
    return await web.render_staff(request, "staff/session.html", shown, status=status)


def basics(session: dict[str, Any]) -> dict[str, Any]:
    """What the head of every page about one session says."""
    told = disclosure.shown(session, "staff of it" if session["is_restricted"] else "other staff")
    assert told is not None
    now = clock.now()
    return {
        "title": told.title,
        "nav": "sessions",
        "session": session,
        "path_of_session": path_of(session),
        "told": told,
        "day": f"{day_words(session['date'])} {session['date'].year}",
        "times": time_range(session["start_time"], session["end_time"]),
        "kind": session["booking_mode"],
        "is_drop_in": session["booking_mode"] == "drop_in",
        "is_discreet": bool(session["is_restricted"] or session["is_discreet"]),
        "is_cancelled": session["state"] == "cancelled",
        "is_over": session["ends_at"] <= now,
        "has_begun": session["starts_at"] <= now,
        "places_left": max(session["places"] - session["booked"], 0),
    }


def _facts(session: dict[str, Any], register: Register) -> list[dict[str, str]]:
    told = basics(session)["told"]
    room = "" if told.is_by_phone else session["room_name"]
    where = "Online" if told.is_online else ", ".join(part for part in (room, told.place, told.postcode) if part)
    number = f"{session['number']} of {session['session_count']}" if session["booking_mode"] in BOOKED_AS_ONE else ""
    rows = [
        ("When", f"{day_words(session['date'])} {session['date'].year}, {basics(session)['times']}"),
        ("Where", where),
        ("For", age_range(session["min_age_months"], session["max_age_months"])),
        ("Led by", " and ".join(filter(None, (session["facilitator_1"], session["facilitator_2"]))) or told.host),
        ("Session", number),
        ("Places", _places_words(session)),
        ("Expected", _expected_words(register)),
        ("Join link", told.join_url),
        ("Referral code", session["referral_code"]),
    ]
    return [{"name": name, "value": value} for name, value in rows if value]


def may_give_code(session: dict[str, Any]) -> bool:
    """Whether families can be given a code for it: a run for referrals that is not restricted."""
    is_open = session["booking_mode"] == "referral" or (session["booking_mode"] == "run" and session["takes_referrals"])
    return is_open and not session["is_restricted"]


def _places_words(session: dict[str, Any]) -> str:
    if session["booking_mode"] == "drop_in":
        return f"Drop in, room for {session['places']}"
    waiting = f", {session['waiting']} waiting" if session["waiting"] else ""
    return f"{session['booked']} of {session['places']} booked{waiting}"


def _expected_words(register: Register) -> str:
    adults = sum(1 for person in register.people if person.kind == "adult")
    children = len(register.people) - adults
    if not register.people:
        return ""
    return f"{count_words(adults, 'adult')}, {count_words(children, 'child', 'children')}"


def _everyone_event(trail: list[dict[str, Any]]) -> Any:
    """The id of "everyone attended", while it is fresh and stands."""
    since = clock.now() - EVERYONE_UNDO
    fresh = (e for e in trail if e["verb"] == "everyone attended" and not e["undone_at"] and e["happened_at"] > since)
    event = next(fresh, None)
    return event["id"] if event else None


async def _cancelled(session: dict[str, Any]) -> dict[str, Any] | None:
    """What the banner of a cancelled session says, and whether it can still be undone."""
    if session["state"] != "cancelled":
        return None
    event = await register_lists.latest_cancelling(session["session_id"])
    if event is None:
        return {"why": session["why_cancelled"], "by": "", "can_undo": False, "families": 0, "to_ring": []}
    until = event["undo_until_at"]
    return {
        "why": session["why_cancelled"],
        "by": event["by_name"],
        "event_id": event["id"],
        "can_undo": bool(until and until > clock.now()),
        "leave_at": clock_time(until) if until else "",
        "families": as_json(event["after"])["families"] + as_json(event["after"])["waiting"],
        "to_ring": await to_ring(session["session_id"]),
    }


async def _acts(session: dict[str, Any]) -> list[dict[str, Any]]:
    """What was done to this date a moment ago, alone or with others of its run, and can still be undone."""
    own = str(session["session_id"])
    acts = await acts_to_undo.of_run(session["run_id"])
    return [act | {"leave_at": clock_time(act["undo_until_at"])} for act in acts if own in act["sessions"]]


routes = [Route("/staff/sessions/{id}", session_page, name="staff_session", methods=["GET"])]
