"""/staff/bank-holidays: which days are bank holidays; one more or one less, with what that means for runs shown first."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.places import bank_holidays, term_calendars
from booking.places.keeping_bank_holidays import YEARS_AHEAD
from booking.problems import Problem, Refused
from booking.programmes.changes import following_terms
from booking.programmes.changes.calendar_changes import HOLIDAYS, CalendarChange, NewHoliday, NoHoliday
from booking.programmes.pages.staff import follow_words
from booking.programmes.pages.staff.terms import acts_of, holiday_line
from booking.web import access
from booking.who_asks import staff_of
from booking.words import day_and_year

Given = ImmutableMultiDict[str, Any]


@access("staff")
async def listed(request: Request) -> Response:
    return await _list(request, {"day": "", "title": ""}, [])


async def _list(request: Request, typed: dict[str, str], problems: list[Problem]) -> Response:
    who, today = await staff_of(request), clock.today()
    rows = [row for row in await term_calendars.bank_holiday_rows() if row["date"].year >= today.year]
    there = {row["date"] for row in rows}
    by_year: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        line = holiday_line(row) | {"is_past": row["date"] < today, "remove": _address(remove=row["date"].isoformat())}
        by_year.setdefault(row["date"].year, []).append(line)
    lacking = [
        {
            "iso": day.isoformat(),
            "words": f"{day_and_year(day)}, {title}",
            "add": _address(day=day.isoformat(), title=title),
        }
        for day, title in bank_holidays.known().items()
        if day >= today and day.year <= today.year + YEARS_AHEAD and day not in there
    ]
    shown = {
        "title": "Bank holidays",
        "nav": "plan",
        "by_year": by_year,
        "lacking": lacking,
        "known_until": bank_holidays.known_until(),
        "acts": await acts_of(HOLIDAYS) if who.is_admin else [],
        "may_change": who.is_admin,
        "typed": typed,
        "problems": problems,
        "form": web.Shown(typed, problems),
    }
    return await web.render_staff(request, "staff/terms/bank_holidays.html", shown, status=422 if problems else 200)


def _address(**values: str) -> str:
    return f"{HOLIDAYS}/change?{urlencode(values)}"


def _change(given: Given) -> tuple[CalendarChange, dict[str, str]]:
    """What is asked for, and the fields that say so."""
    gone = _day(str(given.get("remove", "")))
    if gone:
        return NoHoliday(gone), {"remove": gone.isoformat()}
    typed = {"day": str(given.get("day", ""))[:20], "title": " ".join(str(given.get("title", "")).split())[:100]}
    return NewHoliday(_day(typed["day"]), typed["title"]), typed


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@access("admin")
async def ask(request: Request) -> Response:
    """What one bank holiday more or less means for the runs of every area."""
    given = request.query_params
    who = await staff_of(request)
    change, typed = _change(given)
    minutes = web.settings_of(request).places.undo_minutes
    ticked = list(given.getlist("tick")[:1000])
    try:
        done = await following_terms.preview(change, ticked, by=who, undo_minutes=minutes)
        if "all" in given:
            ticked = [run.mark for run in done.effects.runs if run.lost]
            done = await following_terms.preview(change, ticked, by=who, undo_minutes=minutes)
    except Refused as refused:
        return await _list(request, {"day": "", "title": ""} | typed, refused.problems)
    heading = f"{change.words}?"
    shown = follow_words.shown(done, ticked, minutes) | {
        "title": heading,
        "heading": heading,
        "nav": "plan",
        "area": "",
        "path_of_area": HOLIDAYS,
        "differences": [],
        "why": getattr(change, "title", ""),
        "action": f"{HOLIDAYS}/change",
        "kept": list(typed.items()),
        "back": HOLIDAYS,
        "button": "Take it away" if "remove" in typed else "Add the bank holiday",
        "problems": [],
        "form": web.Shown(typed, []),
    }
    return await web.render_staff(request, "staff/terms/check.html", shown)


@access("admin")
async def act(request: Request) -> Response:
    who = await staff_of(request)
    async with request.form(max_files=0, max_fields=2000) as form:
        given = ImmutableMultiDict(form.multi_items())
    change, typed = _change(given)
    try:
        await following_terms.apply(
            change, [str(mark) for mark in given.getlist("tick")[:1000]], by=who,
            undo_minutes=web.settings_of(request).places.undo_minutes,
        )  # fmt: skip
    except Refused as refused:
        return await _list(request, {"day": "", "title": ""} | typed, refused.problems)
    request.app.state.pages.forget()
    web.flash(request, "The bank holidays are changed.")
    return web.go(HOLIDAYS)


routes = [
    Route(HOLIDAYS, listed, name="staff_bank_holidays", methods=["GET"]),
    Route(f"{HOLIDAYS}/change", ask, name="staff_bank_holidays_change", methods=["GET"]),
    Route(f"{HOLIDAYS}/change", act, name="staff_bank_holidays_change_do", methods=["POST"]),
]
