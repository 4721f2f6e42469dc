"""What publishing would do and has done, in the words of its pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock
from booking.messages.said import Said
from booking.programmes.disclosure import PRIVATE
from booking.rotas.publishing import Published
from booking.rotas.telling import Told
from booking.rotas.values import Broken
from booking.words import clock_time, count_words, short_day, time_range

WAYS = {"sms": "Text message", "email": "Email", "call": "Staff ring them", "": "No message: tell them yourself"}
STATES = {
    "waits": {"level": "waits", "words": "Can be undone"},
    "told": {"level": "good", "words": "Published"},
    "undone": {"level": "plain", "words": "Undone"},
}


def preview(found: Published) -> dict[str, Any]:
    """What the page needs of a Published that has not happened."""
    new = sum(1 for each in found.changes if each.after)
    gone = sum(1 for each in found.changes if each.before)
    return {
        "seen": found.seen,
        "leaves": clock_time(found.undo_until),
        "people": [person(each, found.kept.get(each.staff_id, 0)) for each in found.told],
        "unmoved": found.unmoved,
        "open": len(found.open),
        "broken": together(found.broken, found.starts),
        "rules": len(found.broken),
        "warnings": together(found.warnings, found.starts),
        "unreached": [each.name for each in found.told if not each.way],
        "figures": [
            {"number": len(found.told), "words": "are told" if len(found.told) != 1 else "is told", "asks": False, "href": ""},
            {"number": new, "words": "duties given" if new != 1 else "duty given", "asks": False, "href": ""},
            {"number": gone, "words": "duties taken away" if gone != 1 else "duty taken away", "asks": False, "href": ""},
            {"number": len(found.open), "words": "still open", "asks": bool(found.open), "href": ""},
        ],
    }  # fmt: skip


def person(told: Told, kept: int) -> dict[str, Any]:
    """One line: name, what is new, changed and gone, how many stay, and how they hear."""
    return {
        "name": told.name,
        "new": lines(told.news.new),
        "changed": lines(told.news.changed),
        "gone": lines(told.news.gone),
        "kept": kept,
        "way": " and ".join([WAYS[told.way], *(WAYS[each].lower() for each in told.ways[1:])]),
        "is_unreached": not told.way,
    }


def lines(duties: Sequence[Said]) -> list[str]:
    """ "Tue 12 Jan, 9am to 1pm: Cover, Ferndown Family Hub" """
    return [_line(each) for each in duties]


def _line(each: Said) -> str:
    day, times = clock.local(each.starts_at), [f"{clock.local(at):%H:%M}" for at in (each.starts_at, each.ends_at)]
    what = PRIVATE if each.is_discreet else f"{each.title}, {each.place.split(',')[0]}"
    return f"{short_day(day.date())}, {time_range(*times)}: {what}"


def together(broken: Sequence[Broken], starts: Mapping[UUID, datetime]) -> list[dict[str, Any]]:
    """The same words once, with each duty that they are about: day and link."""
    found: dict[str, list[dict[str, str]]] = {}
    for one in sorted(broken, key=lambda each: starts[each.duties[0]]):
        at = starts[one.duties[0]]
        duty = {
            "href": f"/staff/rota/shifts/{one.duties[0]}",
            "when": f"{short_day(clock.local(at).date())}, {clock_time(at)}",
        }
        found.setdefault(one.words, []).append(duty)
    return [{"words": words, "duties": duties} for words, duties in found.items()]


def state_of(row: Mapping[str, Any]) -> str:
    """waits, told or undone: what waits is told once its time is over."""
    return "told" if row["state"] == "waits" and row["due_at"] <= clock.now() else row["state"]


def counts(changes: Sequence[Mapping[str, Any]]) -> str:
    """ "12 duties for 5 people" """
    people = {each[name] for each in changes for name in ("before", "after") if each[name]}
    return f"{count_words(len(changes), 'duty', 'duties')} of {count_words(len(people), 'person', 'people')}"


def until(moment: datetime) -> str:
    return clock_time(moment)
