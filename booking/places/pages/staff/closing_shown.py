"""What the preview of a closing shows: each use with its answers, and in sentences what will happen."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from booking import clock
from booking.places.pages.staff.closing_form import Chosen
from booking.programmes.closures.closing_answers import Answer, Option, may_be
from booking.programmes.closures.closing_lists import ALWAYS_KEPT, GROUPS, InTheWay, asked
from booking.programmes.closures.closing_places import Closed
from booking.programmes.closures.making_up import MakeUp
from booking.words import clock_time, count_words, day_words, miles_words, short_day

Row = dict[str, Any]
WORDS = {
    "sessions": {"cancel": "Cancel", "move": "Move", "online": "Online", "keep": "Keep"},
    "partners": {"move": "Offer another", "cancel": "Offer none", "keep": "Keep"},
    "requests": {"cancel": "Decline", "keep": "Keep"},
    "hub": {"cancel": "Cancel", "keep": "Keep"},
}


def groups_of(
    found: Sequence[InTheWay],
    chosen: Chosen,
    options: Mapping[UUID, tuple[Option, ...]],
    make_ups: Mapping[UUID, MakeUp],
    problems: Sequence[Any] = (),
) -> list[Row]:
    """By group, in the order of GROUPS, the empty ones left out; a creche stands with its session."""
    bad = {problem.field: problem.words for problem in problems}
    creches = {each.creche_of_id: each for each in found if each.creche_of_id}
    shown = []
    for group in GROUPS:
        those = [each for each in asked(found) if each.group == group]
        uses = [
            _use(each, chosen, options.get(each.id, ()), make_ups.get(each.session_id), creches.get(each.session_id))
            | {"bad": bad.get(f"answer-{each.id}", "")}
            for each in those
        ]
        if uses:
            shown.append({"key": group, "name": GROUPS[group], "is_asked": group not in ALWAYS_KEPT, "uses": uses})
    return shown


def _use(
    each: InTheWay, chosen: Chosen, options: Sequence[Option], make_up: MakeUp | None, creche: InTheWay | None
) -> Row:
    answer = chosen.answers.get(each.id) or Answer("keep")
    return {
        "id": each.id,
        "when": f"{short_day(clock.local(each.starts_at).date())}, {clock_time(each.starts_at)} to"
        f" {clock_time(each.ends_at)}",
        "what": each.what,
        "href": each.href,
        "more": " · ".join(filter(None, (each.who, each.room, each.place, _families(each)))),
        "answer": answer.kind,
        "answers": _answers(each, options, answer),
        "options": [_option(option, each.creche_id is not None) for option in options],
        "room": str(answer.room_id or ""),
        "creche": _creche(each, creche, answer),
        "make_up": _make_up(each, make_up, chosen) if make_up else None,
        "needs_link": "online" in may_be(each) and not each.has_link and each.group == "sessions",
    }


def _families(each: InTheWay) -> str:
    return count_words(each.families, "family", "families") if each.families else ""


def _answers(each: InTheWay, options: Sequence[Option], answer: Answer) -> list[tuple[str, str]]:
    """Without moving where nothing is free."""
    if each.group in ALWAYS_KEPT:
        return []
    kinds = [kind for kind in may_be(each) if kind != "move" or options or answer.kind == "move"]
    if each.group == "sessions" and each.is_online:
        kinds = [kind for kind in kinds if kind != "online"]
    return [(kind, WORDS[each.group][kind]) for kind in kinds]


def _option(option: Option, has_creche: bool) -> tuple[str, str]:
    far = miles_words(option.miles) if option.miles is not None else ""
    creche = (f"crèche in {option.creche_words}" if option.creche_room_id else "no crèche room") if has_creche else ""
    given = "proposed to another too" if option.is_given else ""
    more = ", ".join(filter(None, (f"up to {option.capacity}", far, creche, given)))
    return str(option.room_id), f"{option.words} ({more})"


def _creche(each: InTheWay, creche: InTheWay | None, answer: Answer) -> str:
    if each.creche_id is None:
        return ""
    where = f" ({creche.room})" if creche else ""
    if answer.kind == "move":
        return (
            f"Its crèche{where} {'moves with it' if answer.creche_room_id else 'is cancelled: no room is free for it'}."
        )
    return "" if answer.kind == "keep" else f"Its crèche{where} is cancelled with it."


def _make_up(each: InTheWay, make_up: MakeUp, chosen: Chosen) -> Row:
    return {
        "session": make_up.session_id,
        "words": f"{day_words(make_up.day)} {make_up.day.year}, {clock_time(each.starts_at)}",
        "is_on": make_up.session_id in chosen.make_ups or chosen.answers[each.id].kind != "cancel",
    }


def lines(preview: Closed, *, is_told_now: bool) -> list[str]:
    """What will happen, a sentence each."""
    count = {kind: sum(1 for each in preview.done if each.kind == kind) for kind in ("cancel", "move", "online")}
    made_up = sum(1 for each in preview.done if each.made_up)
    told, kept, ended = sum(each.hears for each in preview.told), len(preview.kept), len(preview.ended)
    sentences = [
        _some(count["cancel"], "session is cancelled.", "sessions are cancelled."),
        _some(count["move"], "session moves to another place.", "sessions move to other places."),
        _some(count["online"], "session is online.", "sessions are online."),
        _some(made_up, "date makes up for a lost one.", "dates make up for lost ones."),
        _some(ended, "booking or request of a room ends.", "bookings or requests of rooms end."),
        _some(preview.offered, "partner is offered another room.", "partners are offered other rooms."),
        f"{count_words(told, 'family is', 'families are')} told, with"
        f" {count_words(preview.family_messages, 'message')}."
        if told
        else "",
        f"{count_words(preview.partner_messages, 'message')} to partners, one for each booking or series."
        if preview.partner_messages
        else "",
        _some(len(preview.staff.told), "member of staff is told.", "members of staff are told."),
        f"{count_words(kept, 'use is', 'uses are')} kept: the closure goes around {'it' if kept == 1 else 'them'}."
        if kept
        else "",
        "Nothing else can be booked in the closed time.",
        _when(preview, is_told_now) if told or preview.partner_messages or preview.staff.told else "",
    ]
    return [sentence for sentence in sentences if sentence]


def _when(preview: Closed, is_told_now: bool) -> str:
    if is_told_now:
        return "Messages leave within a minute."
    return f"Messages leave at {clock_time(preview.undo_until)}, not before."


def _some(count: int, one: str, many: str) -> str:
    return count_words(count, one, many) if count else ""


def sums(counts: Row) -> list[str]:
    """What a closing did, in a few words each."""
    counted = [
        ("sessions", "session cancelled", "sessions cancelled"),
        ("moved_sessions", "session moved", "sessions moved"),
        ("online", "session online", "sessions online"),
        ("made_up", "date made up for", "dates made up for"),
        ("families", "family to be told", "families to be told"),
        ("bookings", "room booking or request ended", "room bookings or requests ended"),
        ("offered", "partner offered another room", "partners offered another room"),
    ]
    return [count_words(counts[name], one, many) for name, one, many in counted if counts.get(name)]
