"""/outbox: every message with what became of it. Where nothing is set up for sending, they stay here to be read."""

from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages.outbox_lists import Reader, Wanted, find, find_one
from booking.messages.words_for_staff import CHANNELS, KINDS, STATES
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.web import access
from booking.words import count_words, short_instant


@access("same machine")
async def outbox(request: Request) -> Response:
    asked, reader, who = request.query_params, await _reader(request), await web.who_is_asking(request)
    page = asked.get("page", "1")
    wanted = Wanted(
        state=asked.get("state", ""),
        channel=asked.get("channel", ""),
        kind=asked.get("kind", ""),
        words=asked.get("q", "")[:100],
        page=min(max(int(page), 1), 1000) if page.isdecimal() and len(page) < 5 else 1,
    )
    found, is_more = await find(reader, wanted)
    shown = {
        "title": "Outbox",
        "nav": "outbox",
        "wanted": wanted,
        "choices": {
            "state": [(value, words["words"]) for value, words in STATES.items()],
            "channel": list(CHANNELS.items()),
            "kind": list(KINDS.items()),
        },
        "messages": [_told(row, who) for row in found],
        "pages": _pages(request, wanted.page, is_more),
        "not_sent": _not_sent(request),
        "is_filtered": any((wanted.state, wanted.channel, wanted.kind, wanted.words)),
    }
    return await web.render_staff(request, "staff/outbox.html", shown, block="results")


@access("same machine")
async def message_page(request: Request) -> Response:
    """One message by itself."""
    row = await find_one(await _reader(request), web.uuid_in_path(request))
    if row is None:
        raise HTTPException(404)
    shown = {
        "title": KINDS.get(row["kind"], row["kind"]),
        "nav": "outbox",
        "message": _told(row, await web.who_is_asking(request)),
    }
    return await web.render_staff(request, "staff/message.html", shown)


async def _reader(request: Request) -> Reader:
    """Staff read what their hubs sent; a county admin, and whoever sits at the demo's machine, everything."""
    is_demo = web.is_same_machine_in_demo(request)
    who = await web.who_is_asking(request)
    if is_demo or who is None:
        return Reader(None, may_read_codes=is_demo)
    own = tuple(sorted(who.role_hubs))
    return Reader(None if who.is_admin else own, discreet_hub_ids=own)


def _told(row: dict[str, Any], who: Who | None) -> dict[str, Any]:
    """A message in words, with the way to its session for those who may open it."""
    is_phone = row["channel"] == "sms"
    return {
        "id": row["id"],
        "name": row["name"] or "",
        "address": phone_words(row["address"]) if is_phone else row["address"],
        "kind": KINDS.get(row["kind"], row["kind"]),
        "channel": CHANNELS.get(row["channel"], row["channel"]),
        "is_mail": not is_phone,
        "state": STATES[row["state"]],
        "when": _when(row),
        "subject": row["subject"],
        "body": row["body"],
        "is_hidden": row["is_hidden"],
        "parts": count_words(row["parts"], "part") if row["parts"] > 1 else "",
        "attempts": count_words(row["attempts"], "try", "tries") if row["attempts"] else "",
        "error": row["error"],
        "calendar": {"REQUEST": "with a calendar entry", "CANCEL": "takes the calendar entry out"}.get(
            row["calendar_method"], ""
        ),
        "session_path": f"/staff/sessions/{row['session_id']}" if row["session_id"] and _may_open(row, who) else "",
        "booking_path": f"/staff/rooms/bookings/{row['about_id']}"
        if row["about_kind"] == "room_booking" and _may_open(row, who)
        else "",
    }


def _may_open(row: dict[str, Any], who: Who | None) -> bool:
    if who is None or not row["hub_id"]:
        return False
    return who.works_at(row["hub_id"]) if row["is_discreet"] else who.may_act_at(row["hub_id"])


def _when(row: dict[str, Any]) -> str:
    if row["sent_at"]:
        return f"sent {short_instant(row['sent_at'])}"
    if row["state"] in ("queued", "claimed"):
        due = max(row["due_at"], row["next_try_at"])
        return f"leaves {short_instant(due)}" if due > clock.now() else f"due since {short_instant(row['due_at'])}"
    return f"written {short_instant(row['created_at'])}"


def _not_sent(request: Request) -> str:
    settings = web.settings_of(request)
    if settings.sends_sms and settings.sends_mail:
        return ""
    what = [
        words for words, sends in (("text messages", settings.sends_sms), ("email", settings.sends_mail)) if not sends
    ]
    return f"Nothing is set up to send {' and '.join(what)}. What would be sent stays here to be read."


def _pages(request: Request, page: int, is_more: bool) -> dict[str, str]:
    asked = {name: text for name, text in request.query_params.items() if name != "page"}

    def href(number: int) -> str:
        return "/outbox?" + urlencode(asked | ({"page": str(number)} if number > 1 else {}))

    return {"before": href(page - 1) if page > 1 else "", "after": href(page + 1) if is_more else ""}


routes = [
    Route("/outbox", outbox, name="outbox", methods=["GET"]),
    Route("/outbox/{id}", message_page, name="outbox_message", methods=["GET"]),
]
