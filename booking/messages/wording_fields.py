"""The fields that texts may use: what each is, and how it is said in a language.

A field that has nothing to say is "": what stands in [[ ]] around it is then left out.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from booking.messages import sender, wording_duty_fields, wording_room_fields
from booking.messages.said import Said
from booking.messages.typed import shorten, tidy, tidy_lines
from booking.messages.wording_field_words import DISCREET, DISCREET_TOO
from booking.messages.wording_languages import LANGUAGES
from booking.messages.wording_told import Told

ONLINE = "Online"  # as the programmes area writes it


class NotDiscreet(RuntimeError):
    """A discreet text uses a field that could say what it is about."""


def value(name: str, told: Told) -> str:
    """What stands for a field. Raises MissingFact; NotDiscreet, so that no text whatever can leak (promise P5)."""
    kind = told.facts.get("kind", "")
    if told.is_discreet and name not in DISCREET | DISCREET_TOO.get(kind, frozenset()):
        raise NotDiscreet(f"{{{name}}} in a discreet text of the kind {kind!r}")
    return BY_NAME[name](told)


def hub(told: Told) -> str:
    return sender.current().name


def phone(told: Told) -> str:
    """Our number; in a text that runs from right to left without gaps, or its groups would stand in the wrong order (UAX 9)."""
    number = sender.current().help_phone
    return number.replace(" ", "") if told.is_short and LANGUAGES[told.language].is_rtl else number


def name(told: Told) -> str:
    return told.fact("name")


def title(told: Told) -> str:
    return shorten(told.said.title, told.longest.title) if told.is_short else told.said.title


def start(told: Told) -> str:
    return told.start(told.said.starts_at)


def when(told: Told) -> str:
    return told.span(told.said)


def place(told: Told) -> str:
    """Where; of an SMS the building alone. Nothing where several dates have several places."""
    if len({_place(told, each) for each in told.dates}) > 1 and told.facts.get("was"):
        return ""
    return _place(told, told.said)


def _place(told: Told, said: Said) -> str:
    if said.is_by_phone:
        return shorten(told.phrase("by_phone_short"), told.longest.place) if told.is_short else told.phrase("by_phone")
    if said.place == ONLINE:
        return told.phrase("online")
    return shorten(said.place.split(",")[0], told.longest.place) if told.is_short else said.place


def join(told: Told) -> str:
    return told.said.join_url


def directions(told: Told) -> str:
    return "" if told.said.place == ONLINE else told.said.directions


def bring(told: Told) -> str:
    return told.said.bring


def host(told: Told) -> str:
    return told.said.host


def count(told: Told) -> str:
    return str(len(told.dates)) if len(told.dates) > 1 else ""


def more(told: Told) -> str:
    return str(len(told.dates) - 1) if len(told.dates) > 1 else ""


def dates(told: Told) -> str:
    return listed(_date(told, each) for each in told.dates)


def _date(told: Told, each: Said) -> str:
    where = ""
    if not told.is_discreet:
        if each.is_by_phone and not told.said.is_by_phone:
            where = told.phrase("this_one_by_phone")
        elif each.place != told.said.place:
            where = _place(told, each)
    return f"{told.span(each)}, {where}" if where else told.span(each)


def changes(told: Told) -> str:
    """Every date as it is now, and as it was where that is another time."""
    return listed(_change(told, now, was) for now, was in zip(told.dates, told.was, strict=True))


def _change(told: Told, now: Said, was: Said) -> str:
    words = told.span(now)
    if len({each.place for each in told.dates}) > 1:
        words += f", {told.phrase('this_one_by_phone') if now.is_by_phone else _place(told, now)}"
    return f"{words} ({told.phrase('it_was', start=told.start(was.starts_at))})" if _moved(now, was) else words


def _moved(now: Said, was: Said) -> bool:
    return (now.starts_at, now.ends_at) != (was.starts_at, was.ends_at)


def was(told: Told) -> str:
    return told.start(told.was[0].starts_at) if _moved(told.said, told.was[0]) else ""


def place_was(told: Told) -> str:
    if not place(told):
        return ""
    now = {_place(told, each) for each in told.dates}
    return "; ".join(dict.fromkeys(words for each in told.was if (words := _place(told, each)) and words not in now))


def reason(told: Told) -> str:
    words = told.fact("reason")
    return shorten(words.rstrip("."), told.longest.reason) if told.is_short else words


def until(told: Told) -> str:
    return told.start(told.fact("until"))


def missed(told: Told) -> str:
    return told.start(told.fact("missed_at"))


def catch_ups(told: Told) -> str:
    return listed(_where(told, each) if isinstance(each, Said) else each for each in told.fact("catch_ups"))


def _where(told: Told, each: Said) -> str:
    place = _place(told, each)
    return f"{told.span(each)}, {place}" if place else told.span(each)


def _named(fact: str) -> Callable[[Told], str]:
    """The field that names people: "Sam, Ada and Bo" in the language."""
    return lambda told: _joined(told, told.fact(fact))


def _joined(told: Told, names: list[str] | str) -> str:
    if isinstance(names, str):
        return names
    return f" {told.phrase('and')} ".join(each for each in (", ".join(names[:-1]), *names[-1:]) if each)


def creche_free(told: Told) -> str:
    return told.phrase("creche_free") if told.fact("is_creche_free") else ""


def link(told: Told) -> str:
    """The link with this message's marker; an offer's answers it, another adult's shows the dates alone."""
    base, marker = sender.current().base_url, told.facts.get("marker", "")
    for fact, path in (("offer_token", "o"), ("also_token", "t"), ("token", "m")):
        if told.facts.get(fact) and (fact != "offer_token" or told.fact("kind").startswith("offer")):
            return f"{base}/{path}/{told.facts[fact]}.{marker}"
    path = told.facts.get("staff_path") or (told.room.page_path if told.facts.get("room") else "")
    return base + path if path else told.facts.get("link", "")


def others(told: Told) -> str:
    return sender.current().base_url + told.fact("alternatives_path")


def lines(told: Told) -> str:
    """The one-line news of a digest."""
    gists = told.fact("gists")
    return "; ".join(gists) if told.is_short else listed(gists)


def words(told: Told) -> str:
    return tidy(told.fact("words")) if told.is_short else tidy_lines(told.fact("words"))


def reply(told: Told) -> str:
    """How to say that one cannot come: by the word that gives the place up, where a text to us can be answered, or by the link."""
    site = sender.current()
    if told.is_discreet:
        return told.phrase("reply_no") if site.takes_replies_neutral else ""
    return told.phrase("reply_no_or_link" if site.takes_replies else "tell_us")


def choices(told: Told) -> str:
    """What to choose from, with its number: "1 Stay and play, Tue 12 Jan 10am; 2 Baby massage (offered), Wed 13 Jan 1pm"."""
    names = told.fact("choices")
    offered = told.facts.get("offered") or [False] * len(names)
    numbered = [
        f"{n} {shorten(name, told.longest.title) if told.is_short else name}"
        + f" ({told.phrase('offered')})" * is_offered
        for n, (name, is_offered) in enumerate(zip(names, offered, strict=True), start=1)
    ]
    starts: list[datetime] = told.facts.get("times") or []
    if len(starts) == len(numbered):
        numbered = [f"{words}, {told.start(at)}" for words, at in zip(numbered, starts, strict=True)]
    return "; ".join(numbered) if told.is_short else listed(numbered)


def times(told: Told) -> str:
    """What to choose from when nothing may be named: "1 Tue 12 Jan 10am, 2 Wed 13 Jan 1pm"."""
    found: list[datetime] = told.facts.get("times") or []
    numbered = [f"{number} {told.start(at)}" for number, at in enumerate(found, start=1)]
    return ", ".join(numbered) if told.is_short else listed(numbered)


def listed(texts: Any) -> str:
    """One line each, with a dash."""
    return "\n".join(f"- {text}" for text in texts)


def said_fact(fact: str) -> Callable[[Told], str]:
    """The field that says a fact as it is."""
    return lambda told: str(told.fact(fact))


BY_NAME: dict[str, Callable[[Told], str]] = {
    **{each.__name__: each for each in (hub, phone, name, title, start, when, place, join, directions, bring, host)},
    **{each.__name__: each for each in (count, more, dates, changes, was, place_was, reason, until, missed)},
    **{each.__name__: each for each in (catch_ups, creche_free, link, others, lines, words, choices, times, reply)},
    **{fact: said_fact(fact) for fact in ("reference", "code", "minutes", "booked", "needed")},
    **{fact: said_fact(fact) for fact in ("decide_by", "subject")},
    **{fact: _named(fact) for fact in ("people", "creche")},
    "about": lambda told: told.facts.get("about_words") or "",
    **wording_room_fields.BY_NAME,
    **wording_duty_fields.BY_NAME,
    **{fact: said_fact(fact) for fact in ("what", "organisation", "end")},
    "decide_link": lambda told: sender.current().base_url + told.fact("page_path"),
}
