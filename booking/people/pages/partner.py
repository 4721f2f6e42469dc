"""/staff/partners/{id}: one partner with its papers, bookers, allowance, bookings to come, and what was done to it."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people import organisation_form, organisation_lists
from booking.people.agreements import DATED, notices, state_of
from booking.people.contacts import phone_words
from booking.people.pages.partners import HOME, staff_asking
from booking.people.trail_words import facts, verb_words
from booking.places import partner_use
from booking.problems import Problem
from booking.web import access
from booking.words import day_and_year, hours_words, pounds, short_day, short_instant, time_range

ONE = f"{HOME}/{{id}}"


async def partner_in_path(request: Request) -> dict[str, Any]:
    found = await organisation_lists.one(web.uuid_in_path(request))
    if found is None:
        raise HTTPException(404)
    return found


@access("staff")
async def page(request: Request) -> Response:
    return await show(request, await partner_in_path(request), {}, [])


async def show(request: Request, partner: dict[str, Any], typed: dict[str, str], problems: list[Problem]) -> Response:
    """The page; one of its small forms may come back with what was typed and its Problems."""
    who, today = await staff_asking(request), clock.today()
    to_come, is_more = await partner_use.bookings_to_come(partner["id"], who)
    context = {
        "title": partner["name"],
        "nav": "partners",
        "partner": partner,
        "state": state_of(partner, today),
        "papers": [] if partner["ended_at"] else notices(partner, today),
        "facts": _facts(partner),
        "terms": (await partner_use.terms_in_areas(partner["id"], today)).items(),
        "bookers": await organisation_lists.bookers(partner["id"]),
        "bookings": [_booking(row) for row in to_come],
        "is_more": is_more,
        "history": [_event(row) for row in await organisation_lists.history(partner["id"])],
        "may_change": who.is_manager and not partner["ended_at"],
        "is_admin": who.is_admin,
        "form": web.Shown({"booker_name": "", "booker_email": "", "why": ""} | typed, problems),
    }
    return await web.render_staff(request, "staff/partners/one.html", context, status=422 if problems else 200)


def _facts(partner: dict[str, Any]) -> list[dict[str, str]]:
    rate, minutes = partner["rate_pence"], partner["minutes_per_term"]
    lines = {
        "Kind": organisation_form.KINDS.get(partner["kind"], partner["kind"].capitalize()),
        "Email": partner["email"],
        "Phone": phone_words(partner["phone"]) if partner["phone"] else "",
        "Terms": f"Accepted {short_instant(partner['terms_accepted_at'])}" if partner["terms_accepted_at"] else "Not accepted yet",
        **{what.capitalize(): _until(partner[column]) for column, what in DATED.items()},
        "Allowance": f"{hours_words(minutes)} a term" if minutes is not None else "No limit",
        "Rate": f"{pounds(rate)} an hour" if rate is not None else "The rate of each room",
        "Cost code": partner["cost_code"],
        "Usual purpose": partner["default_title"],
        "Approval": organisation_form.APPROVALS[partner["approval"]],
        "Reminders": "The day before, by mail" if partner["is_reminded"] else "None",
        "Notes": partner["notes"],
    }  # fmt: skip
    return [{"name": name, "value": value} for name, value in lines.items() if value]


def _until(day: Any) -> str:
    return f"Until {day_and_year(day)}" if day else "No date kept"


def _booking(row: dict[str, Any]) -> dict[str, Any]:
    starts, ends = clock.local(row["starts_at"]), clock.local(row["ends_at"])
    return {
        "href": f"/staff/rooms/bookings/{row['id']}",
        "day": f"{short_day(starts.date())} {starts.year}",
        "times": time_range(starts.strftime("%H:%M"), ends.strftime("%H:%M")),
        "where": f"{row['room']}, {row['location']}",
        "title": row["title"],
        "is_request": row["state"] == "requested",
    }


def _event(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": short_instant(row["happened_at"]),
        "what": verb_words(row["verb"]),
        "who": row["by_name"] or "The system",
        "why": row["why"],
        "before": facts(row["before"]),
        "after": facts(row["after"]),
    }


routes = [Route(ONE, page, name="staff_partner", methods=["GET"])]
