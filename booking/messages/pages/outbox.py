"""/outbox: every message with what became of it. Where nothing is set up for sending, they stay here to be read."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.messages import outbox_lists, outbox_words
from booking.messages.outbox_lists import Reader, Wanted
from booking.messages.pages.told import reader_of, told
from booking.messages.wording_languages import LANGUAGES
from booking.messages.words_for_staff import CHANNELS, KINDS, STATES
from booking.web import access
from booking.words import count_words, short_day

FIGURES = (
    ("queued", "waiting"), ("sent", "sent"), ("delivered", "delivered"), ("failed", "failed"), ("missed", "too late"),
    ("void", "taken back"), ("merged", "told with others"),
)  # fmt: skip


@access("same machine")
async def outbox(request: Request) -> Response:
    """One page of messages. Three queries beside those for who asks, however many there are; one more for what failed."""
    reader, who = await reader_of(request), await web.who_is_asking(request)
    wanted = wanted_in(request)
    hubs = await outbox_lists.hubs(reader)
    found, is_more = await outbox_lists.find(reader, wanted)
    pence = web.settings_of(request).messages.sms_part_pence
    messages = [told(row, who, pence) for row in found]
    shown = {
        "title": "Outbox",
        "nav": "messages",
        "wanted": wanted,
        "fields": _fields(wanted, hubs),
        "is_more_open": any((wanted.hub_id, wanted.language, wanted.since, wanted.until)),
        "kept": {name: str(value) for name, value in _kept(wanted).items() if value},
        "figures": _figures(request, wanted, await outbox_lists.counts(reader, wanted)),
        "reasons": await _reasons(request, reader, wanted) if wanted.state == "failed" else [],
        "tokens": _tokens(request, wanted, hubs, messages),
        "messages": messages,
        "pages": _pages(request, wanted.page, is_more),
        "not_sent": _not_sent(request),
        "is_filtered": wanted.is_narrow,
    }
    return await web.render_staff(request, "staff/outbox.html", shown, block="results")


def wanted_in(request: Request) -> Wanted:
    """What the address asks for; what makes no sense in it is not asked for."""
    asked = request.query_params
    page = asked.get("page", "1")
    language = asked.get("language", "")
    return Wanted(
        state=asked.get("state", ""),
        channel=asked.get("channel", ""),
        kind=asked.get("kind", ""),
        words=asked.get("q", "")[:100],
        language=language if language in LANGUAGES else "",
        error_code=asked.get("error", "")[:20],
        hub_id=_id(asked.get("hub", "")),
        session_id=_id(asked.get("session", "")),
        person_id=_id(asked.get("person", "")),
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
        page=min(max(int(page), 1), 1000) if page.isascii() and page.isdecimal() and len(page) < 5 else 1,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


def _fields(wanted: Wanted, hubs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The selects of the form: name, label, chosen value and choices."""
    choices = [
        ("state", "State", wanted.state, [(key, each["words"]) for key, each in STATES.items() if key != "claimed"]),
        ("channel", "How", wanted.channel, list(CHANNELS.items())),
        ("kind", "What", wanted.kind, list(KINDS.items())),
        ("hub", "Hub", str(wanted.hub_id or ""), [(str(hub["id"]), hub["name"]) for hub in hubs]),
        ("language", "Language", wanted.language, [(each.code, each.name) for each in LANGUAGES.values()]),
    ]
    return [
        {"name": name, "label": label, "value": value, "choices": items}
        for name, label, value, items in choices
        if name != "hub" or len(items) > 1
    ]


def _kept(wanted: Wanted) -> dict[str, Any]:
    """What links from elsewhere ask for and no field of the form holds."""
    return {"session": wanted.session_id, "person": wanted.person_id}


def _figures(request: Request, wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    """How many in each state, each a link that shows them or, where they are shown, everything again."""
    counts = counts | {"queued": counts.get("queued", 0) + counts.get("claimed", 0)}
    return [
        {
            "number": f"{counts.get(state, 0):,}",
            "words": words,
            "href": href(request, state="" if wanted.state == state else state, error="", page=""),
            "is_chosen": wanted.state == state,
            "asks": state == "failed" and bool(counts.get(state)),
        }
        for state, words in FIGURES
        if counts.get(state) or wanted.state == state or state in ("queued", "sent", "delivered", "failed")
    ]


async def _reasons(request: Request, reader: Reader, wanted: Wanted) -> list[dict[str, Any]]:
    return [
        {
            "words": outbox_words.why(each["error_code"], each["error"]),
            "count": count_words(each["n"], "message"),
            "href": href(request, error=each["error_code"], page="") if each["error_code"] else "",
            "is_chosen": bool(each["error_code"]) and wanted.error_code == each["error_code"],
        }
        for each in await outbox_lists.reasons(reader, wanted)
    ]


def _tokens(
    request: Request, wanted: Wanted, hubs: list[dict[str, Any]], messages: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """What is asked for, each to be taken away by itself."""
    hub = next((each["name"] for each in hubs if each["id"] == wanted.hub_id), "One hub")
    name = next((each["name"] for each in messages if each["name"]), "One person")
    asked = [
        ("q", f"“{wanted.words}”" if wanted.words else ""),
        ("state", STATES.get(wanted.state, {}).get("words", "")),
        ("error", f"Reason {wanted.error_code}" if wanted.error_code and wanted.state == "failed" else ""),
        ("channel", CHANNELS.get(wanted.channel, "")),
        ("kind", KINDS.get(wanted.kind, "")),
        ("hub", hub if wanted.hub_id else ""),
        ("language", LANGUAGES[wanted.language].name if wanted.language else ""),
        ("session", "About one date" if wanted.session_id else ""),
        ("person", f"To {name}" if wanted.person_id else ""),
        ("since", f"From {short_day(wanted.since)}" if wanted.since else ""),
        ("until", f"Until {short_day(wanted.until)}" if wanted.until else ""),
    ]
    return [{"href": href(request, **{name: "", "page": ""}), "text": words} for name, words in asked if words]


def _not_sent(request: Request) -> str:
    settings = web.settings_of(request)
    if settings.sends_sms and settings.sends_mail:
        return ""
    what = [
        words for words, sends in (("text messages", settings.sends_sms), ("email", settings.sends_mail)) if not sends
    ]
    return f"Nothing is set up to send {' and '.join(what)}. What would be sent stays here to be read."


def href(request: Request, **changes: str) -> str:
    """The address of the page as it is, with these of its parts changed, or taken away where they are ""."""
    asked = {name: text for name, text in (dict(request.query_params) | changes).items() if text}
    return "/outbox" + (f"?{urlencode(asked)}" if asked else "")


def _pages(request: Request, page: int, is_more: bool) -> dict[str, str]:
    return {
        "before": href(request, page=str(page - 1) if page > 2 else "") if page > 1 else "",
        "after": href(request, page=str(page + 1)) if is_more else "",
    }


routes = [Route("/outbox", outbox, name="outbox", methods=["GET"])]
