"""A message as pages of staff show it, and who may read which."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from booking import web
from booking.messages import outbox_words
from booking.messages.outbox_lists import Reader
from booking.messages.wording_languages import LANGUAGES
from booking.messages.words_for_staff import CHANNELS, KINDS, STATES
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.words import count_words

CALENDAR = {"REQUEST": "with a calendar entry", "CANCEL": "takes the calendar entry out"}
OF_FAMILIES = ("booking", "waiting", "offer")  # what such a message is about: its reader has a page of their own
FAILED = ("failed", "missed", "void", "merged")


async def reader_of(request: Request) -> Reader:
    """Staff read what their hubs sent; a county admin, and whoever sits at the demo's machine, everything."""
    is_demo = web.is_same_machine_in_demo(request)
    who = await web.who_is_asking(request)
    if is_demo or who is None:
        return Reader(None, may_read_codes=is_demo)
    own = tuple(sorted(who.role_hubs))
    return Reader(None if who.is_admin else own, discreet_hub_ids=own)


def told(row: Mapping[str, Any], who: Who | None, pence: float) -> dict[str, Any]:
    """A message in words, with the way to its session for those who may open it. `pence` is what a part of a text costs."""
    may = may_open(row, who)
    return {
        "id": row["id"],
        "name": row["name"] or "",
        "address": row["address"] if row["channel"] == "email" else phone_words(row["address"]),
        "kind": KINDS.get(row["kind"], row["kind"]),
        "channel": CHANNELS.get(row["channel"], row["channel"]),
        "is_mail": row["channel"] == "email",
        "state": STATES.get(row["state"], {"level": "plain", "words": row["state"]}),
        "when": outbox_words.when(row),
        "subject": row["subject"],
        "body": row["body"],
        "is_hidden": row["is_hidden"],
        "language": LANGUAGES[row["language"]].name if row["language"] in LANGUAGES and row["language"] != "en" else "",
        "language_code": row["language"],
        "is_rtl": row["language"] in LANGUAGES and LANGUAGES[row["language"]].is_rtl,
        "notes": _notes(row, pence),
        "error": _error(row),
        "session_path": f"/staff/sessions/{row['session_id']}" if row["session_id"] and may else "",
        "person_path": f"/staff/people/{row['person_id']}"
        if row["person_id"] and row["about_kind"] in OF_FAMILIES and may
        else "",
        "booking_path": f"/staff/rooms/bookings/{row['about_id']}"
        if row["about_kind"] == "room_booking" and may
        else "",
    }


def _notes(row: Mapping[str, Any], pence: float) -> list[str]:
    """What else there is to say of it in a line, in few words each."""
    provider = outbox_words.provider(row) if row["sent_at"] else ""
    parts = row["parts"] if row["channel"] == "sms" else 0
    notes = (
        f"by {provider}" if provider else "",
        count_words(row["attempts"], "try", "tries") if row["attempts"] > 1 or row["state"] == "queued" else "",
        count_words(parts, "part") if parts > 1 else "",
        outbox_words.cost(parts, pence),
        CALENDAR.get(row["calendar_method"], ""),
        row["handled_words"],
    )
    return [note for note in notes if note and note != "0 tries"]


def _error(row: Mapping[str, Any]) -> str:
    if row["state"] == "failed":
        return outbox_words.why(row["error_code"], row["error"])
    return row["error"]


def may_open(row: Mapping[str, Any], who: Who | None) -> bool:
    """Whether somebody may act on a message and open what it is about: staff of its hub, and nobody else where it is
    discreet."""
    if who is None or not row["hub_id"]:
        return False
    return who.works_at(row["hub_id"]) if row["is_discreet"] else who.may_act_at(row["hub_id"])
