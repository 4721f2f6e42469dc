"""The words of every message: templates/messages/<language>/, plain words, one SMS part where it can be done.

A text is made from facts; of a session it only ever gets a `Said`, of room bookings a `RoomSaid`. Discreet messages have texts of
their own, in discreet.toml, that may use fields of time and nothing else, so that no mistake in a fact can leak (promise P5).
The format of the texts: docs/wording.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from booking.messages import sender, sms_parts, wording_fields, wording_files, wording_format, wording_mail
from booking.messages.said import Said
from booking.messages.typed import shorten, tidy
from booking.messages.wording_told import Longest, MissingFact, Told, tidied
from booking.messages.wording_variants import names

__all__ = [
    "KINDS",
    "MissingFact",
    "NoText",
    "Text",
    "Words",
    "compose",
    "has",
    "instead_of_sms",
    "news",
    "shorten",
    "tidy",
    "which",
]

KINDS = (
    "confirmation",
    "changed",
    "dates_changed",
    "date_added",
    "reminder_days",
    "reminder_hours",
    "cancellation",
    "given_up",
    "missed",
    "catch_up",
    "staff_decide",
    "waiting_joined",
    "offer",
    "offer_gone",
    "offer_passed",
    "offer_withdrawn",
    "text_read",
    "text_took_back",
    "text_gave_up",
    "text_choose",
    "text_not_free",
    "staff_text",
    "also_told",
    "notice",
    "digest",
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
    "goes_on",
    "staff_stood_down",
    "rota_published",
    "duty_changed",
    "duty_tomorrow",
    "duty_invite",
    "swap_asked",
    "swap_agreed",
    "swap_declined",
    "swap_decided",
    "leave_approved",
    "leave_declined",
    "cover_ask",
    "cover_yours",
    "cover_thanks",
    "cover_gone",
)
# Kinds that never name anything, whatever they are about.
NEUTRAL = frozenset({"manage_code", "text_read"})
KEYS = {"sms": "sms", "email": "mail", "call": "call"}
# Longest title, place and reason tried for an SMS, until it fits one part.
SHORTER = (
    *((300, 60, 60), (60, 40, 60), (40, 40, 40), (40, 32, 0), (32, 28, 0), (28, 24, 0)),
    *((24, 20, 0), (20, 16, 0), (24, 0, 0), (16, 0, 0)),
)


class NoText(LookupError):
    """The kind has no text for this channel, not even in English."""


@dataclass(frozen=True, slots=True)
class Text:
    """A finished text; `subject` and `html` are empty for an SMS. `language` is what it is really written in; `gist` is the
    news in one line, for a digest."""

    subject: str
    body: str
    html: str = ""
    language: str = "en"
    gist: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A text before its fields are filled in, shipped or kept by staff."""

    subject: str
    body: str


def compose(kind: str, channel: str, facts: dict[str, Any], *, language: str = "en", kept: Words | None = None) -> Text:
    """The text of one kind for one channel ("sms", "email", or "call": what staff say, in English).

    In English where the language has no text for it; `kept` are staff's own words, in `language`, instead of the shipped ones. Raises
    NoText, MissingFact, wording_format.Unreadable for kept words that are not in the format.
    """
    name = which(kind, channel, facts)
    words, own = (kept, language) if kept else _shipped(name, KEYS[channel], facts, language)
    told = Told(tidied(facts) | {"kind": kind}, own, channel, is_discreet=is_discreet(kind, facts))
    text = (
        _mail(words, told) if channel == "email" else _sms(words.body, told) if channel == "sms" else _call(words, told)
    )
    return replace(text, gist=_gist(told))


def news(channel: str, language: str) -> Text:
    """That there is news, and to ring: to somebody discreet where nothing else may be said, or there are no words for it."""
    return compose("notice", channel, {"is_discreet": True, "name": "", "marker": ""}, language=language)


def which(kind: str, channel: str, facts: dict[str, Any]) -> str:
    """The kind with its variant, as staff keep words for it: "confirmation.course". Raises NoText."""
    texts = wording_files.shipped("en").texts(is_discreet(kind, facts))
    told = Told(facts)
    found = next((name for name in names(kind, told) if KEYS[channel] in texts.get(name, {})), None)
    if found is None:
        raise NoText(f"no text for {kind}, {channel}")
    return found


def has(kind: str, channel: str, facts: dict[str, Any]) -> bool:
    """Whether there is a text of this kind for the channel."""
    try:
        return bool(which(kind, channel, facts))
    except NoText:
        return False


def is_shipped(name: str, channel: str, language: str, is_discreet: bool) -> bool:
    """Whether the language has a text of its own for this kind, or kind with variant."""
    return KEYS[channel] in wording_files.shipped(language).texts(is_discreet).get(name, {})


def is_discreet(kind: str, facts: dict[str, Any]) -> bool:
    """Whether nothing may be named: a discreet session, or a discreet person (the fact `is_discreet`)."""
    said: Said | None = facts.get("said")
    return kind in NEUTRAL or bool(facts.get("is_discreet")) or bool(said and said.is_discreet)


LINK_AT_END = re.compile(r"(.*)[:.।۔] (https?://\S+)", re.DOTALL)
# What asks for an answer by text, as it stands in a text, and what a mail says in its place: NO to a mail gives nothing up.
REPLIES = (("reply_yes_no_or_link", "yes_or_no"), ("reply_no_or_link", "tell_us"))


def instead_of_sms(kind: str, body: str, name: str, language: str = "en") -> Text:
    """The mail that brings an SMS to somebody whose number does not take it."""
    found = LINK_AT_END.fullmatch(body)
    words, link = found.groups() if found else (body, "")
    words = words.removeprefix(f"{sender.current().name}: ")
    told = Told({"words": words, "link": link, "name": tidy(name.split(" ")[0])}, language)
    for asked, instead in REPLIES:
        words = words.replace(sms_parts.plain(told.phrase(asked)), told.phrase(instead))
    told = replace(told, facts=told.facts | {"words": words})
    texts = wording_files.shipped("en").open
    subject = f"instead_of_sms.{kind}" if f"instead_of_sms.{kind}" in texts else "instead_of_sms"
    shipped, own = _shipped("instead_of_sms", "mail", {}, language)
    own_subject = wording_files.shipped(own).open.get(subject, texts[subject])["subject"]
    return _mail(replace(shipped, subject=own_subject), replace(told, language=own))


def _shipped(name: str, key: str, facts: dict[str, Any], language: str) -> tuple[Words, str]:
    """The words, and the language that they are in. A variant without a subject of its own has that of its kind."""
    kind = name.partition(".")[0]
    for own in dict.fromkeys((language if key != "call" else "en", "en")):
        texts = wording_files.shipped(own).texts(is_discreet(kind, facts))
        if key in texts.get(name, {}):
            subject = texts[name].get("subject", texts.get(kind, {}).get("subject", ""))
            return Words(subject, texts[name][key]), own
    raise NoText(f"no text for {name}, {key}")


def _gist(told: Told) -> str:
    kind = told.fact("kind")
    texts = [wording_files.shipped(own).texts(told.is_discreet) for own in (told.language, "en")]
    gist = next(
        (each[name]["gist"] for each in texts for name in names(kind, told) if "gist" in each.get(name, {})), ""
    )
    short = replace(told, channel="sms", longest=Longest(60, 40, 40))
    return shorten(_filled(gist, short), 200) if gist else ""


def _filled(text: str, told: Told) -> str:
    return wording_format.render(text, lambda name: wording_fields.value(name, told))


def _sms(words: str, told: Told) -> Text:
    best, before = "", ""
    for longest in _ever_shorter():
        filled = _filled(words, replace(told, longest=longest))
        if filled == before:
            continue
        before = filled
        body = re.sub(r"[ \n]+", " ", sms_parts.plain(filled)).strip().replace("...", "..")
        best = body if not best or sms_parts.parts(body) < sms_parts.parts(best) else best
        if sms_parts.parts(best) == 1:
            break
    return Text(subject="", body=best, language=told.language)


def _ever_shorter() -> Iterator[Longest]:
    return (Longest(*each) for each in SHORTER)


def _call(words: Words, told: Told) -> Text:
    return Text(subject="", body=_paragraphs(_filled(words.body, told)), language=told.language)


def _mail(words: Words, told: Told) -> Text:
    own = {name: wording_mail.isolated(wording_fields.BY_NAME[name](told), told.language) for name in ("phone", "hub")}
    foot = told.phrase("foot_discreet" if told.is_discreet else "foot", **own)
    body = _paragraphs(wording_format.render(words.body, lambda name: _value(name, told))) + f"\n{foot}\n"
    subject = shorten(tidy(_filled(words.subject, told)), 120)
    return Text(subject, body, wording_mail.html(subject, body, told.language), told.language)


def _value(name: str, told: Told) -> str:
    return wording_mail.isolated(wording_fields.value(name, told), told.language)


def _paragraphs(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
