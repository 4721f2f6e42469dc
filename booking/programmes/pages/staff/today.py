"""/staff: what runs today, which registers are open, and what needs a decision."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages import pacing
from booking.people.signing_in import Who
from booking.places import requests_inbox
from booking.programmes import run_lists, staff_lists
from booking.programmes.pages.staff import calls
from booking.programmes.pages.staff.asking import chosen_hub
from booking.programmes.staff_lists import Line
from booking.programmes.texts import threads
from booking.programmes.waiting import waiting_lists
from booking.rotas import to_decide
from booking.rotas.repair import board as cover
from booking.settings import Messages
from booking.web import access
from booking.who_asks import date_in, staff_of
from booking.words import count_words, day_words, short_day, time_words

REGISTERS = {
    "not begun": {"level": "plain", "words": "Register not begun"},
    "open": {"level": "waits", "words": "Register open"},
    "done": {"level": "good", "words": "Register done"},
}


@access("staff")
async def today(request: Request) -> Response:
    who, now = await staff_of(request), clock.now()
    hubs = await staff_lists.hubs_of(who)
    hub = chosen_hub(request, hubs)
    hub_id = hub["id"] if hub else None
    day = date_in(request) or clock.today()
    lines = await staff_lists.on_day(who, day, hub_id=hub_id)
    is_today = day == clock.today()
    shown = {
        "title": "Today" if is_today else day_words(day),
        "nav": "today",
        "day": day,
        "is_today": is_today,
        "hubs": hubs,
        "hub": hub,
        "stepper": _stepper(day, hub_id),
        "rows": [row(line, now) for line in lines],
        "figures": _figures(lines, is_past=day <= clock.today()),
        "asks": await _asks(who, hub_id, web.settings_of(request).messages) if is_today else None,
    }
    if is_today:
        shown |= await calls.part(who, hub_id)
    return await web.render_staff(request, "staff/today.html", shown)


def link(day: date | None = None, hub_id: UUID | None = None) -> str:
    """The address of a day at a hub; today at all my hubs is plain /staff."""
    asked = {"date": day.isoformat() if day and day != clock.today() else "", "hub": str(hub_id or "")}
    query = urlencode({name: text for name, text in asked.items() if text})
    return f"/staff?{query}" if query else "/staff"


def _stepper(day: date, hub_id: UUID | None) -> dict[str, Any]:
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return {
        "before": {"href": link(before, hub_id), "text": short_day(before)},
        "after": {"href": link(after, hub_id), "text": short_day(after)},
        "today": link(None, hub_id),
    }


def row(line: Line, now: datetime, *, is_dated: bool = False) -> dict[str, Any]:
    """A line as the day_row component wants it."""
    return {
        "href": line.href,
        "start": time_words(line.start),
        "end": time_words(line.end),
        "day": short_day(line.date) if is_dated else "",
        "title": line.title,
        "kind": line.kind,
        "where": line.where,
        "count": count_of(line),
        "taken": min(line.booked, line.places),
        "places": 0 if line.kind == "drop_in" else line.places,
        "is_now": line.starts_at <= now < line.ends_at and not line.is_cancelled,
        "is_cancelled": line.is_cancelled,
        "is_private": line.is_private,
        "do": _do(line, now),
        "state": REGISTERS.get(line.register) if line.date <= clock.local(now).date() else None,
    }


def count_of(line: Line) -> str:
    """ "9 of 12 booked, 2 waiting", "14 counted" """
    if line.kind == "drop_in":
        return count_words(line.counted, "person counted", "people counted") if line.counted else "Drop in"
    waiting = f", {line.waiting} waiting" if line.waiting else ""
    return f"{line.booked} of {line.places} booked{waiting}"


def _do(line: Line, now: datetime) -> dict[str, Any] | None:
    """The register is the main thing to do while the session runs and until it is done."""
    is_to_come = line.date > clock.local(now).date()
    if is_to_come or line.is_cancelled or line.is_private or line.register == "done":
        return None
    is_near = line.starts_at - timedelta(minutes=30) <= now
    return {"href": f"{line.href}#register", "text": "Register", "main": is_near and line.register == "open"}


def _figures(lines: list[Line], *, is_past: bool) -> list[dict[str, Any]]:
    planned = [line for line in lines if not line.is_cancelled]
    cancelled = len(lines) - len(planned)
    figures = [
        {"number": len(planned), "words": "session" if len(planned) == 1 else "sessions"},
        {"number": sum(line.booked for line in planned), "words": "places booked"},
    ]
    if is_past:
        figures.append({"number": sum(1 for line in planned if line.register == "open"), "words": "registers open"})
    if cancelled:
        figures.append({"number": cancelled, "words": "cancelled"})
    return [figure | {"asks": False, "href": ""} for figure in figures]


async def _asks(who: Who, hub_id: UUID | None, messages: Messages) -> dict[str, Any]:
    """What is left over and what wants a decision, each with where to do it."""
    now = clock.now()
    return {
        "registers": [row(each, now, is_dated=True) for each in await staff_lists.open_registers(who, hub_id=hub_id)],
        "waiting": [_waiting(each) for each in await staff_lists.waiting_with_places(who, hub_id=hub_id) if each.href],
        "empty": await staff_lists.empty_soon(who, hub_id=hub_id),
        "failed": await staff_lists.failed_messages(who, hub_id=hub_id),
        "failed_href": _failed_href(hub_id),
        "texts": await threads.waiting_count(who),
        "cover": await cover.open_on(who, clock.today(), hub_id),
        "cover_href": "/staff/rota/cover?days=1" + (f"&hub={hub_id}" if hub_id else ""),
        "rota": await to_decide.how_many(who, hub_id),
        "skills_href": "/staff/workers?expiring=yes" + (f"&hub={hub_id}" if hub_id else ""),
        "decide": [
            {
                "href": f"/staff/runs/{run['id']}/decide",
                "title": run["title"],
                "where": run["location_name"],
                "by": short_day(run["decide_by_date"]),
                "booked": run["taken"],
                "needed": run["min_places"],
            }
            for run in await run_lists.to_decide(who)
            if hub_id in (None, run["hub_id"])
        ],
        "requests": await requests_inbox.how_many(who, hub_id=hub_id),
        "limits": [alarm.words for alarm in await pacing.alarms(messages)] if who.is_admin else [],
    }


def _failed_href(hub_id: UUID | None) -> str:
    """The outbox with those that are counted, not those of months ago."""
    asked = {"state": "failed", "since": (clock.today() - staff_lists.FAILED_FOR).isoformat(), "hub": str(hub_id or "")}
    return "/outbox?" + urlencode({name: text for name, text in asked.items() if text})


def _waiting(line: Line) -> dict[str, Any]:
    """A line with families in it although a place is free, and where it is looked after."""
    of_session = None if line.kind in staff_lists.BOOKED_AS_ONE else line.id
    shown = {name: getattr(line, name) for name in ("title", "date", "start", "where", "waiting")}
    return shown | {"waiting_href": waiting_lists.path_of(line.run_id, of_session)}


routes = [Route("/staff", today, name="staff_today", methods=["GET"]), *calls.routes]
