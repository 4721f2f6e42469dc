"""/staff/terms: the term calendar of each area; one area with a school year at a glance, its versions, and one of these."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import (
    bank_holidays,
    keeping_terms,
    place_lists,
    school_year,
    term_calendars,
    term_lines,
)
from booking.places.term_calendar import TermCalendar, bank_holiday_words
from booking.places.term_lines import TermLine
from booking.problems import Refused
from booking.programmes.changes import undoing_terms
from booking.programmes.changes.calendar_changes import page_of
from booking.programmes.pages.staff.asking import uuid_or_404
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, count_words, day_and_year, short_day, short_instant

SOON = timedelta(days=270)
NO_DATES = "No school dates yet"


async def area_in_path(request: Request) -> tuple[Who, str]:
    """Who asks and the area of the path; 404 when no place and no calendar is there."""
    who, area = await staff_of(request), request.path_params["area"]
    if area not in await place_lists.areas():
        raise HTTPException(404)
    return who, area


@access("staff")
async def areas(request: Request) -> Response:
    """Every area with how far its dates are known. Five queries."""
    who = await staff_of(request)
    calendars = await term_calendars.all_calendars()
    shown = {
        "title": "Term calendars",
        "nav": "plan",
        "areas": [_card(area, calendars.get(area)) for area in await place_lists.areas()],
        "holidays": _next_holidays(await term_calendars.bank_holiday_rows()),
        "holidays_until": bank_holidays.known_until(),
        "may_change": who.is_admin,
    }
    return await web.render_staff(request, "staff/terms/areas.html", shown)


def _card(area: str, known: TermCalendar | None) -> dict[str, Any]:
    today = clock.today()
    until = known.known_until() if known else None
    terms = [period for period in known.periods if period.kind == "term" and period.last >= today] if known else []
    level, words = ("waits", NO_DATES) if until is None else ("good", f"Known until {day_and_year(until)}")
    if until and until < today + SOON:
        level, words = ("bad", f"Ended on {day_and_year(until)}") if until < today else ("waits", words)
    return {
        "area": area,
        "href": page_of(area),
        "level": level,
        "words": words,
        "terms": [f"{each.part.capitalize()} term {_span(each.first, each.last)}" for each in terms[:2]],
    }


def _span(first: date, last: date) -> str:
    return term_lines.dates_words(TermLine("", "term", "", first, last))


def _next_holidays(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    today = clock.today()
    to_come = [row for row in rows if row["date"] >= today][:4]
    return [holiday_line(row) for row in to_come]


def holiday_line(row: dict[str, Any]) -> dict[str, str]:
    return {
        "iso": row["date"].isoformat(),
        "day": f"{short_day(row['date'])} {row['date'].year}",
        "words": bank_holiday_words(row["title"], row["date"]),
    }


@access("staff")
async def area(request: Request) -> Response:
    """One school year of an area: its picture, its dates, what can still be undone, and every version."""
    who, name = await area_in_path(request)
    lines = await keeping_terms.lines_of(name)
    holidays = await term_calendars.bank_holiday_rows()
    years = sorted({line.year for line in lines})
    year = chosen_year(request.query_params.get("year", ""), lines)
    shown = {
        "title": f"Term calendar of {name}",
        "nav": "plan",
        "area": name,
        "path_of_area": page_of(name),
        "year": year,
        "years": [{"year": each, "href": f"{page_of(name)}?{urlencode({'year': each})}"} for each in years],
        "next_year": term_lines.next_year(years[-1]) if years and term_lines.is_year(years[-1]) else year,
        **_picture(name, lines, holidays, year),
        "versions": [version_line(name, row) for row in await keeping_terms.versions_of(name)],
        "acts": await acts_of(page_of(name)) if who.is_admin else [],
        "may_change": who.is_admin,
    }
    return await web.render_staff(request, "staff/terms/area.html", shown)


def _picture(name: str, lines: list[TermLine], holidays: list[dict[str, Any]], year: str) -> dict[str, Any]:
    of_year = [line for line in lines if line.year == year]
    known = term_calendars.made_of(name, _as_rows(lines), holidays)
    days = {row["date"] for row in holidays}
    months = school_year.months_of(known, of_year, days, year) if of_year else []
    there = {day.kind for month in months for week in month.weeks for day in week if day}
    return {
        "months": months,
        "key": [(kind, words) for kind, words in school_year.KINDS.items() if kind in there],
        "lines": [_line(line) for line in of_year],
        "holidays": [holiday_line(row) | {"words": row["title"]} for row in holidays if _is_in(row["date"], of_year)],
    }


def _as_rows(lines: list[TermLine]) -> list[dict[str, Any]]:
    return [{"kind": line.kind, "part": line.part, "start_date": line.first, "end_date": line.last} for line in lines]


def _is_in(day: date, lines: list[TermLine]) -> bool:
    return bool(lines) and min(line.first for line in lines) <= day <= max(line.last for line in lines)


def _line(line: TermLine) -> dict[str, str]:
    return {"name": term_lines.words_of(*line.what), "value": term_lines.dates_words(line)}


def chosen_year(wanted: str, lines: list[TermLine]) -> str:
    """The year asked for, else the one with today, else the last there is."""
    years = sorted({line.year for line in lines})
    if wanted in years or (term_lines.is_year(wanted) and wanted):
        return wanted
    today = clock.today()
    for year in years:
        if max(line.last for line in lines if line.year == year) >= today:
            return year
    return years[-1] if years else term_lines.year_of(today)


def version_line(area: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "href": f"{page_of(area)}/versions/{row['number']}",
        "why": row["why"],
        "by": row["by_name"],
        "at": short_instant(row["created_at"]),
    }


async def acts_of(page: str) -> list[dict[str, Any]]:
    """Changes of this page that can still be undone."""
    return [
        {
            "event_id": act["id"],
            "by": act["by_name"],
            "words": act["changed"],
            "runs": count_words(act["runs"], "run follows", "runs follow"),
            "families": act["families"],
            "leave_at": clock_time(act["undo_until_at"]),
        }
        for act in await undoing_terms.latest(page=page)
    ]


@access("staff")
async def version(request: Request) -> Response:
    """One version, and how the calendar differs from it now."""
    who, name = await area_in_path(request)
    found = await keeping_terms.version(name, request.path_params["number"])
    if found is None:
        raise HTTPException(404)
    now = await keeping_terms.lines_of(name)
    by_year: dict[str, list[dict[str, str]]] = {}
    for line in term_lines.in_order(found["lines"]):
        by_year.setdefault(line.year, []).append(_line(line))
    shown = {
        "title": f"Version {found['number']} of {name}",
        "nav": "plan",
        "area": name,
        "path_of_area": page_of(name),
        "version": version_line(name, found),
        "differences": term_lines.compare(found["lines"], now),
        "by_year": dict(sorted(by_year.items(), reverse=True)),
        "may_change": who.is_admin,
    }
    return await web.render_staff(request, "staff/terms/version.html", shown)


@access("admin")
async def undo(request: Request) -> Response:
    return await _with_event(request, undoing_terms.undo, "It is as it was. No family heard of it.")


@access("admin")
async def send_now(request: Request) -> Response:
    return await _with_event(request, undoing_terms.send_now, "The messages are leaving now.")


async def _with_event(request: Request, verb: Any, words: str) -> Response:
    who = await staff_of(request)
    async with request.form(max_files=0) as form:
        event_id = uuid_or_404(str(form.get("event", "")))
    page = next((act["page"] for act in await undoing_terms.latest() if act["id"] == event_id), "/staff/terms")
    try:
        await verb(event_id=event_id, by=who)
        request.app.state.pages.forget()
        web.flash(request, words)
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(page)


@access("admin")
async def back(request: Request) -> Response:
    return web.go("/staff/terms")


TERMS = "/staff/terms"
routes = [
    Route(TERMS, areas, name="staff_terms", methods=["GET"]),
    Route(f"{TERMS}/undo", undo, name="staff_terms_undo", methods=["POST"]),
    Route(f"{TERMS}/send-now", send_now, name="staff_terms_send_now", methods=["POST"]),
    Route(f"{TERMS}/undo", back, name="staff_back_from_terms_undo", methods=["GET"]),
    Route(f"{TERMS}/send-now", back, name="staff_back_from_terms_send_now", methods=["GET"]),
    Route(f"{TERMS}/{{area}}", area, name="staff_terms_of", methods=["GET"]),
    Route(f"{TERMS}/{{area}}/versions/{{number:int}}", version, name="staff_terms_version", methods=["GET"]),
]
