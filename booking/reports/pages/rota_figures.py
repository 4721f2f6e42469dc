"""/staff/rota/figures: a month of rotas in figures, as a page and as CSV; managers those of their hubs, county admins all."""

from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.places import place_lists
from booking.reports import rota_figures
from booking.reports.pages.message_figures import share
from booking.reports.pages.statement import month_in
from booking.reports.rota_figures import Figures, Sum, rule_words, when_words
from booking.reports.statement import month_after
from booking.rotas.words_for_staff import KINDS
from booking.web import access
from booking.words import count_words, month_words

PATH = "/staff/rota/figures"
MOST_SHOWN = 50


@access("manager")
async def page(request: Request) -> Response:
    month = month_in(request)
    who = await _asking(request)
    shown = await rota_figures.figures(who, month)
    context = {
        "title": f"Rotas in figures: {await _where(who)}",
        "nav": "rota",
        "month": _words(month),
        "before": {"href": _at(month_after(month, -1)), "text": _words(month_after(month, -1))},
        "after": {"href": _at(month_after(month)), "text": _words(month_after(month))},
        "figures": _figures(shown),
        "people": [_line(each, shown.people) for each in shown.people],
        "places": [_line(each, shown.places) for each in shown.places],
        "unfilled": [_unfilled(row) for row in shown.unfilled[:MOST_SHOWN]],
        "unfilled_more": max(0, len(shown.unfilled) - MOST_SHOWN),
        "overrides": [_override(row) for row in shown.overrides],
        "downloads": [
            {"href": _at(month, ".csv", "hours"), "text": "Hours"},
            {"href": _at(month, ".csv", "unfilled"), "text": "Unfilled duties"},
            {"href": _at(month, ".csv", "overrides"), "text": "Rules set aside"},
        ],
    }
    return await web.render_staff(request, "staff/rota/figures.html", context)


@access("manager")
async def download(request: Request) -> Response:
    month, what = month_in(request), request.query_params.get("what", "hours")
    if what not in ("hours", "unfilled", "overrides"):
        raise HTTPException(404)
    text = rota_figures.as_csv(await rota_figures.figures(await _asking(request), month), what)
    headers = {
        "Content-Disposition": f'attachment; filename="rota-{what}-{month:%Y-%m}.csv"',
        "Cache-Control": "no-store",
    }
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


async def _asking(request: Request) -> Who:
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    return who


async def _where(who: Who) -> str:
    """Whose figures they are: the hubs of who asks by name, "all hubs" for the county's."""
    return "all hubs" if who.is_admin else ", ".join(each["name"] for each in await place_lists.hubs_of(who))


def _at(month: date, kind: str = "", what: str = "") -> str:
    return f"{PATH}{kind}?month={month:%Y-%m}" + (f"&what={what}" if what else "")


def _words(month: date) -> str:
    return month_words(month.year, month.month)


def _figures(shown: Figures) -> list[dict[str, Any]]:
    every = shown.all.duties + len(shown.unfilled)
    return [
        {"number": number, "words": words, "asks": asks, "href": href}
        for number, words, asks, href in (
            (_hours(shown.all.minutes) or "0", "hours worked or planned", False, ""),
            (share(shown.all.duties, every), f"of {count_words(every, 'duty', 'duties')} filled", False, ""),
            (f"{len(shown.unfilled):,}", "unfilled", bool(shown.unfilled), "#unfilled"),
            (share(shown.all.out_of_hours, shown.all.minutes), "out of hours", False, ""),
            (f"{len(shown.overrides):,}", "with a rule set aside", bool(shown.overrides), "#overrides"),
        )
    ]


def _line(one: Sum, beside: tuple[Sum, ...]) -> dict[str, Any]:
    most = max((each.minutes for each in beside), default=1) or 1
    return {
        "name": one.name,
        "duties": one.duties,
        "hours": _hours(one.minutes),
        "minutes": one.minutes,
        "most": most,
        "agreed": _hours(one.agreed or 0),
        "leave": _hours(one.leave),
        "against": _against(one),
        "evenings": one.evenings or "",
        "weekends": one.weekends or "",
        "out": share(one.out_of_hours, one.minutes),
    }


def _hours(minutes: int) -> str:
    """ "1,041.5" for a column of hours; nothing for none."""
    return f"{minutes / 60:,.1f}".removesuffix(".0") if minutes else ""


def _against(one: Sum) -> str:
    """ "4 under", leave counted in."""
    if not one.agreed:
        return ""
    more = one.minutes + one.leave - one.agreed
    return "as agreed" if abs(more) < 30 else f"{_hours(abs(more))} {'over' if more > 0 else 'under'}"


def _unfilled(row: Any) -> dict[str, Any]:
    return {
        "when": when_words(row),
        "place": row["place"],
        "kind": KINDS[row["kind"]],
        "what": row["what"],
        "href": f"/staff/rota/shifts/{row['id']}",
    }


def _override(row: Any) -> dict[str, Any]:
    return _unfilled(row) | {
        "person": row["known_as"],
        "rules": rule_words(row["overridden"]),
        "reason": row["override_reason"],
        "by": row["override_by"] or "",
    }


routes = [
    Route(PATH, page, name="rota_figures", methods=["GET"]),
    Route(f"{PATH}.csv", download, name="rota_figures_csv", methods=["GET"]),
]
