"""/staff/places/{id}/hours and /special: usual opening hours, and other hours between two dates."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.cells import WEEKDAYS
from booking.places import keeping_hours
from booking.places.new_rules import WouldBreak
from booking.places.pages.staff.asking_places import is_sure, location_in_path, shown_broken, typed_in
from booking.places.pages.staff.places import special_line
from booking.places.place_form import typed_hours
from booking.problems import Problem, Refused
from booking.web import access

NO_SPECIAL = {
    "first_date": "",
    "last_date": "",
    "weekdays": "0123456",
    "opens": "",
    "closes": "",
    "how": "extra",
    "reason": "",
}
Row = dict[str, Any]


@access("manager")
async def hours(request: Request) -> Response:
    _, here = await location_in_path(request, to_keep=True)
    return await _hours_page(request, here, typed_hours(await keeping_hours.hours_of(here["id"])), [])


@access("manager")
async def set_hours(request: Request) -> Response:
    who, here = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)
    try:
        is_changed = await keeping_hours.set_hours(location_id=here["id"], typed=typed, by=who, is_sure=is_sure(typed))
    except WouldBreak as would_break:
        return await _hours_page(request, here, typed, [], would_break)
    except Refused as refused:
        return await _hours_page(request, here, typed, refused.problems)
    return _done(request, here, "The opening hours are saved." if is_changed else "Nothing was changed.")


async def _hours_page(
    request: Request, here: Row, typed: dict[str, str], problems: list[Problem], would_break: WouldBreak | None = None
) -> Response:
    shown = _basics(here, "Opening hours", typed_hours(()) | typed, problems, would_break) | {
        "days": [(f"hours-{n}", day) for n, day in enumerate(WEEKDAYS)]
    }
    return await web.render_staff(request, "staff/places/hours.html", shown, status=_status(shown))


@access("manager")
async def special(request: Request) -> Response:
    _, here = await location_in_path(request, to_keep=True)
    return await _special_page(request, here, NO_SPECIAL, [])


@access("manager")
async def add_special(request: Request) -> Response:
    """Sent twice, it is added once."""
    who, here = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)

    async def once() -> None:
        if typed.get("form_token") and not await web.remember_answer(
            typed["form_token"], f"/staff/places/{here['id']}"
        ):
            return
        await keeping_hours.add_special(location_id=here["id"], typed=typed, by=who, is_sure=is_sure(typed))

    try:
        await db.run_tx(once)
    except WouldBreak as would_break:
        return await _special_page(request, here, typed, [], would_break)
    except Refused as refused:
        return await _special_page(request, here, typed, refused.problems)
    return _done(request, here, "The special opening is added. Families see it on the page of the place.")


async def _special_page(
    request: Request, here: Row, typed: dict[str, str], problems: list[Problem], would_break: WouldBreak | None = None
) -> Response:
    typed = dict.fromkeys(NO_SPECIAL, "") | typed
    shown = _basics(here, "Add a special opening", typed, problems, would_break) | {
        "weekdays": list(enumerate(WEEKDAYS))
    }
    return await web.render_staff(request, "staff/places/special.html", shown, status=_status(shown))


@access("manager")
async def remove_special(request: Request) -> Response:
    """Asks first when bookings to come lie in it."""
    who, here = await location_in_path(request, to_keep=True)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)
    special_id = _uuid(typed.get("special", ""))
    try:
        await keeping_hours.remove_special(
            location_id=here["id"], special_id=special_id, by=who, is_sure=is_sure(typed)
        )
    except WouldBreak as would_break:
        there = next(row for row in await keeping_hours.specials_of(here["id"]) if row["id"] == special_id)
        shown = _basics(here, "Take the special opening away", typed, [], would_break) | {
            "special": special_line(there)
        }
        return await web.render_staff(request, "staff/places/special_remove.html", shown, status=422)
    except Refused as refused:
        web.flash(request, refused.problems[0].words, "note")
        return web.go(f"/staff/places/{here['id']}")
    return _done(request, here, "The special opening is taken away.")


@access("manager")
async def back(request: Request) -> Response:
    _, here = await location_in_path(request, to_keep=True)
    return web.go(f"/staff/places/{here['id']}")


def _uuid(text: str) -> UUID:
    """An id of a form; one that cannot be is that of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _basics(
    here: Row, title: str, typed: dict[str, str], problems: list[Problem], would_break: WouldBreak | None
) -> Row:
    return {
        "title": f"{title}: {here['name']}",
        "heading": title,
        "nav": "places",
        "place": here,
        "path_of_place": f"/staff/places/{here['id']}",
        "typed": typed,
        "problems": problems,
        "broken": shown_broken(would_break),
        "form_token": web.new_token(),
    }


def _status(shown: Row) -> int:
    return 422 if shown["problems"] or shown["broken"] else 200


def _done(request: Request, here: Row, words: str) -> Response:
    request.app.state.pages.forget()
    web.flash(request, words)
    return web.go(f"/staff/places/{here['id']}")


PLACE = "/staff/places/{id:uuid}"
routes = [
    Route(f"{PLACE}/hours", hours, name="staff_hours", methods=["GET"]),
    Route(f"{PLACE}/hours", set_hours, name="staff_hours_set", methods=["POST"]),
    Route(f"{PLACE}/special", special, name="staff_special", methods=["GET"]),
    Route(f"{PLACE}/special", add_special, name="staff_special_add", methods=["POST"]),
    Route(f"{PLACE}/special/remove", remove_special, name="staff_special_remove", methods=["POST"]),
    Route(f"{PLACE}/special/remove", back, name="staff_back_from_special_remove", methods=["GET"]),
]
