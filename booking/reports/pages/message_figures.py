"""/staff/messages: a month of messages in figures, as a page and as CSV; staff those of their hubs, county admins all."""

from datetime import date
from itertools import dropwhile
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages.words_for_staff import CHANNELS
from booking.people.signing_in import Who
from booking.reports import message_figures
from booking.reports.message_figures import Figures, Line
from booking.reports.pages.statement import month_in
from booking.reports.statement import month_after
from booking.web import access
from booking.words import month_words, pounds

PATH = "/staff/messages"


@access("staff")
async def page(request: Request) -> Response:
    who, month = await _asking(request), month_in(request)
    shown = await message_figures.figures(who, month)
    pence = web.settings_of(request).messages.sms_part_pence
    texts = shown.of("sms")
    context = {
        "title": "Messages in figures",
        "nav": "messages",
        "month": _words(month),
        "before": {"href": _at(month_after(month, -1)), "text": _words(month_after(month, -1))},
        "after": {"href": _at(month_after(month)), "text": _words(month_after(month))}
        if month_after(month) <= clock.today()
        else None,
        "csv": _at(month, ".csv"),
        "figures": _figures(shown, texts, pence),
        "pence": f"{pence:g}",
        "hubs": _lines(message_figures.grouped(shown.lines, "hub"), pence),
        "kinds": _lines(message_figures.grouped(shown.lines, "kind"), pence),
        "reasons": [
            {"channel": CHANNELS.get(channel, channel), "words": words, "count": count}
            for channel, words, count in shown.reasons
        ],
        "months": _months(await message_figures.texts_by_month(who, month), pence, month),
    }
    return await web.render_staff(request, "staff/message_figures.html", context)


@access("staff")
async def download(request: Request) -> Response:
    who, month = await _asking(request), month_in(request)
    text = message_figures.as_csv(
        await message_figures.figures(who, month), web.settings_of(request).messages.sms_part_pence
    )
    headers = {
        "Content-Disposition": f'attachment; filename="messages-{month:%Y-%m}.csv"',
        "Cache-Control": "no-store",
    }
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


async def _asking(request: Request) -> Who:
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    return who


def _at(month: date, kind: str = "") -> str:
    return f"{PATH}{kind}?month={month:%Y-%m}"


def _words(month: date) -> str:
    return month_words(month.year, month.month)


def _figures(shown: Figures, texts: Line, pence: float) -> list[dict[str, Any]]:
    """The row on top: texts, their parts and cost, how many arrived, mails, calls, failed."""
    failed = sum(line.failed for line in shown.lines)
    mails, rung = shown.of("email").count, shown.of("call").arrived
    return [
        {"number": f"{number}", "words": words, "asks": asks, "href": ""}
        for number, words, asks in (
            (f"{texts.count:,}", "texts" if texts.count != 1 else "text", False),
            (f"{texts.parts:,}", f"parts, {pounds(round(texts.parts * pence))}", False),
            (share(texts.arrived, texts.count), "of texts arrived", False),
            (f"{mails:,}", "mails" if mails != 1 else "mail", False),
            (f"{rung:,}", "families rung" if rung != 1 else "family rung", False),
            (f"{failed:,}", "failed", bool(failed)),
        )
    ]


def share(part: int, whole: int) -> str:
    """ "94%"; a dash of nothing."""
    return f"{100 * part // whole}%" if whole else "–"


def _lines(lines: list[Line], pence: float) -> list[dict[str, Any]]:
    most = max((line.count for line in lines), default=1)
    return [
        {
            "name": line.hub,
            "channel": CHANNELS.get(line.channel, line.channel),
            "count": line.count,
            "most": most,
            "arrived": share(line.arrived, line.count) if line.channel == "sms" else "",
            "failed": line.failed,
            "parts": line.parts or "",
            "cost": pounds(round(line.parts * pence)) if line.parts else "",
        }
        for line in lines
    ]


def _months(months: list[tuple[date, int, int]], pence: float, chosen: date) -> list[dict[str, Any]]:
    """From the first month with texts on: a hub's first page is not a list of noughts."""
    most = max((parts for _, _, parts in months), default=0) or 1
    months = list(dropwhile(lambda each: not each[1], months)) or months[-1:]
    return [
        {
            "href": _at(month),
            "name": _words(month),
            "texts": texts,
            "parts": parts,
            "most": most,
            "cost": pounds(round(parts * pence)),
            "is_chosen": month == chosen,
        }
        for month, texts, parts in months
    ]


routes = [
    Route(PATH, page, name="message_figures", methods=["GET"]),
    Route(f"{PATH}.csv", download, name="message_figures_csv", methods=["GET"]),
]
