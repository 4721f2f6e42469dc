"""What a notice would do and has done, in the words of its pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request

from booking import clock, web
from booking.programmes.notices.audience import TO_WHOM, Audience
from booking.programmes.notices.finding_about import About
from booking.programmes.notices.notice_lists import Figures
from booking.programmes.notices.previewing import Preview
from booking.words import clock_time, count_words, instant_words

STATES = {
    "waits": {"level": "waits", "words": "Waits"},
    "sending": {"level": "waits", "words": "Leaving"},
    "sent": {"level": "good", "words": "Sent"},
    "undone": {"level": "plain", "words": "Taken back"},
}
CHANNELS = {"sms": "text", "email": "email", "call": "call"}


def cost(parts: int, request: Request) -> str:
    """ "£8.48", of so many parts of texts; "" where there are none."""
    pence = web.settings_of(request).messages.sms_part_pence
    return f"£{parts * pence / 100:,.2f}" if parts else ""


def leaves(at: datetime) -> str:
    """ "at 10:04am" today, "on Tuesday 12 January at 9am" later."""
    is_today = clock.local(at).date() == clock.today()
    return f"at {clock_time(at)}" if is_today else f"on {instant_words(at)}"


def reached(texts: int, mails: int, calls: int, nobody: int) -> str:
    """ "200 texts, 10 emails, 2 to ring, 3 not reached" """
    parts = [
        count_words(texts, "text") if texts else "",
        count_words(mails, "email") if mails else "",
        f"{calls:,} to ring" if calls else "",
        f"{nobody:,} not reached" if nobody else "",
    ]
    return ", ".join(part for part in parts if part) or "nobody"


def lines(preview: Preview, about: About, wanted: Audience, request: Request) -> list[str]:
    """What would happen, a sentence each."""
    found = [f"{count_words(preview.people, 'family is', 'families are')} meant: {TO_WHOM[wanted.to_whom].lower()}."]
    if preview.texts:
        parts = "" if preview.parts == preview.texts else f", {preview.parts:,} parts"
        found.append(f"{count_words(preview.texts, 'text')}{parts}, for about {cost(preview.parts, request)}.")
    if preview.mails:
        found.append(f"{count_words(preview.mails, 'email')}.")
    if preview.calls:
        found.append(
            f"{count_words(preview.calls, 'family has', 'families have')} to be rung: they are on Today as calls."
        )
    found += [f"{_so_many(n, preview)} {leaves(at)}, because of quiet or safe hours." for n, at in preview.later[:4]]
    if len(preview.later) > 4:
        found.append(f"{sum(n for n, _ in preview.later[4:]):,} more leave after that, each in their safe hours.")
    if preview.neutral and not about.is_discreet:
        found.append(
            f"{count_words(preview.neutral, 'family is', 'families are')} only asked to ring, because nothing may be named to them."
        )
    if preview.other_languages:
        found.append(
            f"{count_words(preview.other_languages, 'family reads', 'families read')} the greeting and the links in another"
            " language. Your own words stay as you typed them."
        )
    found.append("Who books from now on does not get it; who no longer comes when it leaves does not either.")
    return found


def _so_many(n: int, preview: Preview) -> str:
    return "All of it leaves" if n == preview.people else f"{n:,} of it leaves" if n == 1 else f"{n:,} of these leave"


def samples(preview: Preview) -> list[dict[str, Any]]:
    """What a family reads: a text, an email, and the neutral ones."""
    found = []
    for is_neutral in (False, True):
        for channel, words in (("sms", "The text"), ("email", "The email")):
            sample = preview.sample(channel, is_neutral=is_neutral)
            if sample:
                end = " to those to whom nothing may be named" if is_neutral else " that a family reads"
                found.append({"title": f"{words}{end}", "is_mail": channel == "email", "sample": sample})
    return found


def progress(figures: Figures, state: str) -> dict[str, Any]:
    """How far it is: everybody who has been dealt with, and whose message has left."""
    is_moving = state in ("waits", "sending") or (state == "sent" and figures.waiting > 0 and not figures.later_at)
    done = max(figures.dealt - figures.waiting, 0)
    words = {"waits": "Has not begun to leave", "sending": "Leaving", "undone": "Taken back"}.get(state, "")
    if not words:
        words = "Has left" if not figures.waiting else "The rest waits" if figures.later_at else "Leaving"
    return {"done": min(done, figures.people), "total": figures.people, "words": words, "is_moving": is_moving}


def sums(figures: Figures, state: str) -> list[dict[str, Any]]:
    """What became of it, as figures; what is nought is left out but for what was sent."""
    every = [
        (figures.people, "families meant", False, True),
        (figures.left, "sent", False, state != "waits"),
        (figures.delivered, "of them delivered", False, bool(figures.delivered)),
        (figures.waiting, "wait to leave", False, bool(figures.waiting)),
        (figures.calls, "to ring", True, bool(figures.calls)),
        (figures.rung, "rung", False, bool(figures.rung)),
        (figures.failed, "failed", True, bool(figures.failed)),
        (figures.gone, "no longer come", False, bool(figures.gone)),
        (figures.silent, "want no messages", False, bool(figures.silent)),
        (figures.void, "taken back", False, bool(figures.void)),
    ]
    return [{"number": n, "words": words, "asks": asks, "href": ""} for n, words, asks, is_shown in every if is_shown]


def line(notice: Mapping[str, Any]) -> dict[str, Any]:
    """A notice in the list."""
    figures: Figures = notice["figures"]
    return {
        "id": notice["id"],
        "about": notice["about_words"],
        "words": "Families are asked to ring." if notice["is_discreet"] else notice["sms"],
        "by": notice["by_name"] or "",
        "when": instant_words(notice["due_at"]),
        "state": STATES[notice["state"]],
        "is_waiting": notice["state"] == "waits",
        "progress": progress(figures, notice["state"]),
        "figures": figures,
        "counts": counts(figures, notice["state"]),
    }


def counts(figures: Figures, state: str) -> str:
    """ "212 families, 200 sent, 12 wait" """
    parts = [count_words(figures.people, "family", "families")]
    if state != "waits":
        parts.append(f"{figures.left:,} sent")
    parts += [f"{n:,} {words}" for n, words in _rest(figures) if n]
    return ", ".join(parts)


def _rest(figures: Figures) -> list[tuple[int, str]]:
    return [
        (figures.waiting, "wait"),
        (figures.calls, "to ring"),
        (figures.failed, "failed"),
        (figures.gone, "no longer come"),
    ]
