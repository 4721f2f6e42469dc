"""The words of every message: templates/messages/, plain English, one SMS part where it can be done.

A text is made from facts; of a session it only ever gets a `Said`, of room bookings a `RoomSaid`. Discreet sessions have templates of their own
that know the time and nothing else, so that no mistake in a fact can leak (promise P5).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from booking.messages import sender, sms_parts, when
from booking.messages.said import RoomSaid, Said
from booking.settings import ROOT

KINDS = (
    "confirmation",
    "changed",
    "reminder_days",
    "reminder_hours",
    "cancellation",
    "given_up",
    "missed",
    "waiting_joined",
    "sign_in_code",
    "manage_code",
    "invite",
    "room_requested",
    "room_confirmed",
    "room_declined",
    "room_changed",
    "room_cancelled",
    "room_displaced",
    "room_swap",
    "room_reminder",
    "room_date_free",
    "partner_expiry",
)
# Longest title, place and reason tried for an SMS, until it fits one part.
SHORTER = (
    *((300, 60, 60), (60, 40, 60), (40, 40, 40), (40, 32, 0), (32, 28, 0), (28, 24, 0)),
    *((24, 20, 0), (20, 16, 0), (24, 0, 0), (16, 0, 0)),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A finished text; `subject` and `html` are empty for an SMS."""

    subject: str
    body: str
    html: str = ""


def compose(kind: str, channel: str, facts: dict[str, Any]) -> Text:
    """The text of one kind for one channel ("sms" or "email"). Raises jinja2.UndefinedError for a missing fact."""
    told = _told(facts)
    name = f"discreet/{kind}" if told["said"] and told["said"].is_discreet else kind
    return _sms(name, told) if channel == "sms" else _mail(name, told)


def instead_of_sms(kind: str, body: str, name: str) -> Text:
    """The mail that brings an SMS to somebody whose number does not take it."""
    words, _, link = body.rpartition(": ") if ": https://" in body or ": http://" in body else (body, "", "")
    words = words.removeprefix(f"{sender.current().name}: ")
    facts = {"kind": kind, "words": words, "link": link, "name": name.split(" ")[0], "site": sender.current()}
    return _mail("instead_of_sms", facts)


def manage_link(token: str, marker: str) -> str:
    """The link that stands in a message: the token opens the booking, the marker tells this message from others."""
    return f"{sender.current().base_url}/m/{token}.{marker}"


def shorten(text: str, longest: int) -> str:
    """The text cut at a word's end, with two dots; "" when nothing is to be left."""
    if len(text) <= longest:
        return text
    cut = text[: max(longest - 2, 0)]
    if " " in cut[longest // 2 :]:
        cut = cut.rsplit(" ", 1)[0]
    return f"{cut.rstrip(' ,.:;-')}.." if cut else ""


def tidy(text: str) -> str:
    """One line without control characters or direction overrides: typed words can change neither layout nor order.

    The two joiners (U+200C, U+200D) stay; Bengali, Urdu and emoji need them.
    """
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\u200c\u200d\n\t")
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {name: tidy(value) if isinstance(value, str) else value for name, value in facts.items()}
    said: Said | None = told.get("said")
    told["said"] = _tidy_said(said) if said else None
    told["dates"] = [_tidy_said(each) for each in told.get("dates") or ([said] if said else [])]
    told["site"], told["span"] = sender.current(), when.span
    told["link"] = manage_link(facts["token"], facts["marker"]) if facts.get("token") else None
    if told.get("room"):
        room: RoomSaid = told["room"]
        told["room"] = replace(_tidy_said(room), dates=tuple(_tidy_said(each) for each in room.dates))
        told["link"] = sender.current().base_url + room.page_path  # signed in: partners have no links that open all
    return told


def _tidy_said(said: Any) -> Any:
    """A Said, RoomSaid or RoomDate with each of its own texts tidy."""
    texts = {f.name: tidy(getattr(said, f.name)) for f in fields(said) if isinstance(getattr(said, f.name), str)}
    return replace(said, **texts)


def _sms(name: str, told: dict[str, Any]) -> Text:
    template = _templates().get_template(f"{name}.sms.txt")
    best = ""
    for shorter in _ever_shorter(told):
        body = re.sub(r"[ \n]+", " ", sms_parts.plain(template.render(shorter))).strip().replace("...", "..")
        best = body if not best or sms_parts.parts(body) < sms_parts.parts(best) else best
        if sms_parts.parts(best) == 1:
            break
    return Text(subject="", body=best)


def _ever_shorter(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    said, room = told["said"], told.get("room")
    for title, place, reason in SHORTER:
        shorter = dict(told)
        if said:
            building = said.place.split(",")[0]
            shorter["said"] = replace(said, title=shorten(said.title, title), place=shorten(building, place))
        if room:
            both = f"{room.room}, {room.location}"
            where = both if len(both) <= place else shorten(room.room, place)
            shorter["room"] = replace(room, title=shorten(room.title, title), room=where)
        if told.get("reason"):
            shorter["reason"] = shorten(told["reason"].rstrip("."), reason)
        yield shorter


def _mail(name: str, told: dict[str, Any]) -> Text:
    rendered = _templates().get_template(f"{name}.mail.txt").render(told)
    subject, _, body = rendered.partition("\n")
    body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    subject = shorten(subject.removeprefix("Subject:").strip(), 120)
    page = _templates().get_template("mail.html")
    return Text(subject, body, page.render(subject=subject, blocks=_blocks(body), site=told["site"]))


def _blocks(body: str) -> list[dict[str, Any]]:
    """The text's paragraphs, lists and links, for the HTML frame: one set of words for both."""
    return [_block(chunk.split("\n")) for chunk in body.strip().split("\n\n")]


def _block(lines: list[str]) -> dict[str, Any]:
    if all(line.startswith("- ") for line in lines):
        return {"kind": "list", "lines": [line[2:] for line in lines]}
    label, _, url = lines[0].partition(": ")
    if len(lines) == 1 and url.startswith(f"{sender.current().base_url}/") and " " not in url:
        return {"kind": "link", "label": label, "url": url}
    return {"kind": "words", "lines": lines}


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates" / "messages"),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["short"] = when.short
    return environment
