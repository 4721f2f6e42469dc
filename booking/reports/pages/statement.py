"""The monthly statement as a page, on paper and as CSV, for the partner and for staff."""

from datetime import date
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.signing_in import Who
from booking.reports.statement import Statement, as_csv, month_after, statement
from booking.slugs import slug_of
from booking.web import access
from booking.words import MONTHS

OWN = "/partner/statement"


def month_in(request: Request) -> date:
    """The month asked for as ?month=YYYY-MM, its first day; this month for none, 404 for what is no month near ours."""
    text = request.query_params.get("month")
    if not text:
        return clock.today().replace(day=1)
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise HTTPException(404) from error
    if not 2000 < month.year < 2200:
        raise HTTPException(404)
    return month


@access("partner")
async def own_page(request: Request) -> Response:
    _, organisation = await web.partner_of(request)
    month = month_in(request)
    shown = await statement(organisation["id"], month)
    return await web.render_partner(request, "statement/partner.html", _context(OWN, organisation, shown))


@access("partner")
async def own_csv(request: Request) -> Response:
    _, organisation = await web.partner_of(request)
    return _download(organisation, await statement(organisation["id"], month_in(request)))


@access("staff")
async def staff_page(request: Request) -> Response:
    who, organisation = await _asked(request)
    shown = await statement(organisation["id"], month_in(request), who)
    context = _context(f"/staff/partners/{organisation['id']}/statement", organisation, shown)
    own = {"nav": "partners", "back": f"/staff/partners/{organisation['id']}", "is_admin": who.is_admin}
    return await web.render_staff(request, "statement/staff.html", context | own)


@access("staff")
async def staff_csv(request: Request) -> Response:
    who, organisation = await _asked(request)
    return _download(organisation, await statement(organisation["id"], month_in(request), who))


async def _asked(request: Request) -> tuple[Who, dict[str, Any]]:
    who = await web.who_is_asking(request)
    found = await db.row("SELECT * FROM organisation WHERE id = $1", web.uuid_in_path(request))
    if who is None or found is None:
        raise HTTPException(404)
    return who, found


def _context(path: str, organisation: dict[str, Any], shown: Statement) -> dict[str, Any]:
    def at(month: date, kind: str = "") -> str:
        return f"{path}{kind}?month={month:%Y-%m}"

    month = shown.month
    return {
        "title": f"Statement for {_words(month)}",
        "nav": "statement",
        "name": organisation["name"],
        "month": _words(month),
        "shown": shown,
        "has_codes": any(each.cost_code for each in shown.by_cost_code),
        "is_open": month >= clock.today().replace(day=1),
        "before": {"href": at(month_after(month, -1)), "words": _words(month_after(month, -1))},
        "after": {"href": at(month_after(month)), "words": _words(month_after(month))},
        "csv": at(month, ".csv"),
        "printed": clock.today(),
    }


def _words(month: date) -> str:
    return f"{MONTHS[month.month - 1]} {month.year}"


def _download(organisation: dict[str, Any], shown: Statement) -> Response:
    """The file; it begins with a byte order mark, by which spreadsheets know that it is UTF-8."""
    name = f"statement-{slug_of(organisation['name'], longest=40) or 'partner'}-{shown.month:%Y-%m}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{quote(name)}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + as_csv(shown), media_type="text/csv; charset=utf-8", headers=headers)


routes = [
    Route(OWN, own_page, name="partner_statement", methods=["GET"]),
    Route(f"{OWN}.csv", own_csv, name="partner_statement_csv", methods=["GET"]),
    Route("/staff/partners/{id}/statement", staff_page, name="staff_statement", methods=["GET"]),
    Route("/staff/partners/{id}/statement.csv", staff_csv, name="staff_statement_csv", methods=["GET"]),
]
