"""/staff/terms/{area}/change: a school year as a form, or an old version brought back; then what it means for runs, before it is so.

Looking is a GET with everything typed in its address, so that going back loses nothing; only the last button writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import keeping_terms, term_form, term_lines
from booking.places.term_form import FormLine
from booking.places.term_lines import TermLine
from booking.problems import Problem, Refused
from booking.programmes.changes import following_terms
from booking.programmes.changes.calendar_changes import TermDates, page_of
from booking.programmes.changes.following_terms import Done
from booking.programmes.pages.staff import follow_words
from booking.programmes.pages.staff.terms import area_in_path, chosen_year
from booking.web import access

Given = ImmutableMultiDict[str, Any]
MOST_TICKS = 1000


@dataclass
class UnderWay:
    """One change under way. lines: the form; version: the old version that is brought back instead, 0 for none."""

    who: Who
    area: str
    year: str
    version: int
    seen: int
    why: str
    lines: list[FormLine]
    ticked: list[str]
    problems: list[Problem]
    change: TermDates | None = None
    done: Done | None = None


async def _read(request: Request, given: Given) -> UnderWay:
    who, area = await area_in_path(request)
    there = await keeping_terms.lines_of(area)
    year = chosen_year(str(given.get("year", "")), there)
    current = await keeping_terms.current_number(area)
    ticked = [str(mark) for mark in given.getlist("tick")[:MOST_TICKS]]
    under_way = UnderWay(
        who, area, year, _number(given, "version"), _number(given, "seen", current), str(given.get("why", ""))[:300],
        [], ticked, [],
    )  # fmt: skip
    old = await keeping_terms.version(area, under_way.version) if under_way.version else None
    if old:
        under_way.why = under_way.why or f"Version {under_way.version} brought back"
        under_way.change = TermDates(area, tuple(old["lines"]), under_way.seen, under_way.why)
    else:
        under_way.version = 0
        _read_lines(under_way, given, there)
    return under_way


def _number(given: Mapping[str, Any], name: str, otherwise: int = 0) -> int:
    text = str(given.get(name, ""))
    return int(text) if text.isdigit() and len(text) < 7 else otherwise


def _read_lines(under_way: UnderWay, given: Given, there: list[TermLine]) -> None:
    under_way.lines = term_form.typed_lines(given)
    if not under_way.lines:
        under_way.lines = term_form.form_lines(line for line in there if line.year == under_way.year)
        return
    named, problems = term_form.read(under_way.lines, under_way.year)
    under_way.problems = problems + term_lines.problems_of(named)
    others = [line for line in there if line.year != under_way.year]
    under_way.change = TermDates(under_way.area, (*others, *named.values()), under_way.seen, under_way.why)


@access("admin")
async def ask(request: Request) -> Response:
    """The form; with look=1 what the change means, and what happens if the ticked runs follow it."""
    given = request.query_params
    under_way = await _read(request, given)
    if "look" not in given and "all" not in given:
        under_way.problems = []
        return await _form(request, under_way)
    await _look(request, under_way)
    if "all" in given and under_way.done:
        under_way.ticked = [run.mark for run in under_way.done.effects.runs if run.lost]
        await _look(request, under_way)
    return await _answer(request, under_way)


async def _look(request: Request, under_way: UnderWay) -> None:
    if under_way.change is None or under_way.problems:
        return
    try:
        under_way.done = await following_terms.preview(
            under_way.change, under_way.ticked, by=under_way.who,
            undo_minutes=web.settings_of(request).places.undo_minutes,
        )  # fmt: skip
    except Refused as refused:
        under_way.problems = refused.problems
        if under_way.ticked and refused.rules == {"changed"}:
            await _look_anew(request, under_way)


async def _look_anew(request: Request, under_way: UnderWay) -> None:
    """What was ticked is not there as it was: everything again, nothing ticked, with the reason."""
    said, under_way.ticked, under_way.problems = under_way.problems, [], []
    await _look(request, under_way)
    under_way.problems += said


async def _answer(request: Request, under_way: UnderWay) -> Response:
    return await (_check(request, under_way) if under_way.done else _form(request, under_way))


@access("admin")
async def act(request: Request) -> Response:
    async with request.form(max_files=0, max_fields=2000) as form:
        under_way = await _read(request, ImmutableMultiDict(form.multi_items()))
    if under_way.change and not under_way.problems:
        try:
            await following_terms.apply(
                under_way.change, under_way.ticked, by=under_way.who,
                undo_minutes=web.settings_of(request).places.undo_minutes,
            )  # fmt: skip
        except Refused as refused:
            under_way.problems = refused.problems
            if refused.rules == {"changed"}:
                await _look_anew(request, under_way)
        else:
            request.app.state.pages.forget()
            web.flash(request, "The calendar is changed.")
            return web.go(f"{page_of(under_way.area)}?{urlencode({'year': under_way.year})}")
    return await _answer(request, under_way)


async def _form(request: Request, under_way: UnderWay) -> Response:
    shown = _basics(under_way) | {
        "title": f"School year {under_way.year} of {under_way.area}",
        "form": web.Shown({}, under_way.problems),
        "choices": term_form.choices(),
        "version": under_way.version,
    }
    status = 422 if under_way.problems else 200
    return await web.render_staff(request, "staff/terms/change.html", shown, status=status)


async def _check(request: Request, under_way: UnderWay) -> Response:
    assert under_way.change and under_way.done
    minutes = web.settings_of(request).places.undo_minutes
    before = await keeping_terms.lines_of(under_way.area)
    shown = _basics(under_way) | follow_words.shown(under_way.done, under_way.ticked, minutes)
    shown |= {
        "title": f"Change the calendar of {under_way.area}?",
        "heading": f"Change the calendar of {under_way.area}?",
        "differences": term_lines.compare(before, under_way.change.lines),
        "action": f"{page_of(under_way.area)}/change",
        "kept": _kept(under_way),
        "back": f"{page_of(under_way.area)}/change?{urlencode(_kept(under_way))}",
        "button": "Change the calendar",
        "form": web.Shown({}, under_way.problems),
    }
    status = 422 if under_way.problems else 200
    return await web.render_staff(request, "staff/terms/check.html", shown, status=status)


def _basics(under_way: UnderWay) -> dict[str, Any]:
    return {
        "nav": "plan",
        "area": under_way.area,
        "path_of_area": page_of(under_way.area),
        "year": under_way.year,
        "seen": under_way.seen,
        "why": under_way.why,
        "lines": under_way.lines,
        "problems": under_way.problems,
    }


def _kept(under_way: UnderWay) -> list[tuple[str, str]]:
    """Everything typed, as hidden fields or an address."""
    kept = [("year", under_way.year), ("seen", str(under_way.seen)), ("why", under_way.why)]
    if under_way.version:
        return [*kept, ("version", str(under_way.version))]
    for line in under_way.lines:
        kept += [(f"{name}-{line.name}", getattr(line, name)) for name in ("what", "first", "last")]
    return kept


CHANGE = "/staff/terms/{area}/change"
routes = [
    Route(CHANGE, ask, name="staff_terms_change", methods=["GET"]),
    Route(CHANGE, act, name="staff_terms_change_do", methods=["POST"]),
]
