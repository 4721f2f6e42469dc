"""/staff/runs/{id}/add-date: one more date of a run, or one that makes up for a cancelled one; first what it will do."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.people.signing_in import Who
from booking.places import staff_rooms
from booking.places.chosen_ways import as_date, as_uuid, is_time
from booking.places.date_lines import quarter_hours
from booking.places.reserve_form import NO_DATE, NO_END, NO_START
from booking.problems import Problem, Refused
from booking.programmes.changes import adding_dates
from booking.programmes.changes.dates_in_scope import Row
from booking.programmes.pages.planning.asking import run_in_path
from booking.programmes.pages.staff.change_lines import sentences
from booking.web import access
from booking.words import day_words, short_day, time_range

NAMES = ("date", "start", "end", "room", "makes_up_for", "override")


def _read(given: Mapping[str, Any], run: Row) -> tuple[dict[str, str], bool]:
    """What was typed over what the run has, and whether anything was."""
    typed = {name: " ".join(str(given[name]).split())[:200] for name in NAMES if name in given}
    usual = {
        "date": "", "start": run["start_time"], "end": run["end_time"], "room": str(run["room_id"] or ""),
        "makes_up_for": "", "override": "",
    }  # fmt: skip
    return usual | typed, "date" in typed and len(typed) > 1


@access("staff")
async def ask(request: Request) -> Response:
    who, run = await run_in_path(request)
    typed, is_asked = _read(request.query_params, run)
    preview, problems = None, []
    if is_asked:
        preview, problems = await _try(adding_dates.preview, request, who, run, typed)
    return await _page(request, who, run, typed, problems, preview)


async def _try(verb: Any, request: Request, who: Who, run: Row, typed: dict[str, str]) -> tuple[Any, list[Problem]]:
    """What adding it does or would do, or why it cannot be."""
    day, start, end = as_date(typed["date"]), typed["start"], typed["end"]
    checks = [(day is not None, NO_DATE), (is_time(start), NO_START), (is_time(end) and start < end, NO_END)]
    problems = [problem for is_fine, problem in checks if not is_fine]
    if problems:
        return None, problems
    room_id = as_uuid(typed["room"])
    try:
        return await verb(
            run_id=run["id"], day=day, start=start, end=end, room_id=room_id if room_id != run["room_id"] else None,
            makes_up_for_id=as_uuid(typed["makes_up_for"]), by=who, override=typed["override"],
            undo_minutes=web.settings_of(request).places.undo_minutes,
        ), []  # fmt: skip
    except Refused as refused:
        return None, refused.problems


async def _page(
    request: Request, who: Who, run: Row, typed: dict[str, str], problems: list[Problem], preview: Any
) -> Response:
    day = as_date(typed["date"])
    room = await staff_rooms.room_for_staff(who, as_uuid(typed["room"]))
    parts = [day_words(day), time_range(typed["start"], typed["end"])] if preview and day else []
    shown = {
        "title": run["title"],
        "nav": "plan",
        "run": run,
        "form": web.Shown(typed, problems),
        "places": [] if run["delivery"] == "online" else await staff_rooms.choices_by_place(who),
        "clock_times": quarter_hours(typed["start"], typed["end"]),
        "cancelled": await _to_make_up_for(run),
        "asks_reason": bool(typed["override"]) or any(p.field == "override" for p in problems),
        "may_override": room is None or who.manages(room.hub_id) or room.override_by != "manager",
        "preview": preview,
        "new": ", ".join([*parts, room.words] if room and run["delivery"] != "online" else parts),
        "sentences": sentences(preview) if preview else [],
        "undo_minutes": web.settings_of(request).places.undo_minutes,
    }
    return await web.render_staff(request, "staff/add_date.html", shown, status=422 if problems else 200)


async def _to_make_up_for(run: Row) -> list[tuple[str, str]]:
    """(id, words) of its cancelled dates for which no other has been added."""
    found = await db.rows(
        "SELECT s.id, s.number, s.date FROM session s WHERE s.run_id = $1 AND s.state = 'cancelled' AND NOT EXISTS"
        " (SELECT 1 FROM session m WHERE m.makes_up_for_id = s.id AND m.state = 'planned') ORDER BY s.starts_at",
        run["id"],
    )
    return [(str(row["id"]), f"Session {row['number']}, {short_day(row['date'])}") for row in found]


@access("staff")
async def act(request: Request) -> Response:
    who, run = await run_in_path(request)
    async with request.form(max_files=0) as form:
        typed, _ = _read(form, run)
    done, problems = await _try(adding_dates.add, request, who, run, typed)
    if problems:
        return await _page(request, who, run, typed, problems, None)
    request.app.state.pages.forget()
    return web.go(f"/staff/sessions/{done.session_id}")


ADD = "/staff/runs/{id}/add-date"
routes = [
    Route(ADD, ask, name="staff_add_date", methods=["GET"]),
    Route(ADD, act, name="staff_add_date_do", methods=["POST"]),
]
