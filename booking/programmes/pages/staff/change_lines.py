"""What a change of dates will do, in the words of its preview. Pure."""

from collections.abc import Sequence
from typing import Any

from booking.problems import Problem
from booking.programmes.changes.dates_in_scope import Change
from booking.words import clock_time, count_words, short_day, time_range

KEPT = {
    "day": "day",
    "time": "time",
    "room": "room",
    "places": "number of places",
    "facilitator": "leader",
    "online": "way of meeting",
}


def date_rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """A line for each date: old and new, what becomes of its room, and what it keeps of its own."""
    return [_row(each) for each in changes]


def _row(change: Change) -> dict[str, Any]:
    is_changed = bool(change.is_change or change.takes_room or change.frees_room)
    new, room = _new(change) if is_changed else "", _room(change)
    return {
        "id": change.before["id"],
        "old": f"{short_day(change.before['date'])}, {_times(change.before)}",
        "new": new or room,
        "room": room if new else "",
        "kept": own_words(change.kept),
        "is_changed": is_changed,
    }


def own_words(aspects: Any) -> str:
    """ "This date has its own time and room" of what staff changed on one date alone, "" for nothing."""
    names = [KEPT[name] for name in KEPT if name in aspects]
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"This date has its own {listed}"


def _times(values: Any) -> str:
    return time_range(values["start_time"], values["end_time"])


def _new(change: Change) -> str:
    after, aspects = change.after, change.aspects
    parts = []
    if "day" in aspects:
        parts.append(short_day(after["date"]))
    if {"day", "time"} & aspects:
        parts.append(_times(after))
    if "places" in aspects:
        parts.append(f"{count_words(after['places'], 'place')} instead of {change.before['places']}")
    if "facilitator" in aspects:
        names = " and ".join(name for name in (after["facilitator_1"], after["facilitator_2"]) if name)
        parts.append(f"led by {names}" if names else "no leader named")
    if "online" in aspects:
        was_online = change.before["delivery"] == "online"
        parts.append(("another link to join by" if was_online else "online") if change.is_online else "in person")
    return ", ".join(parts)


def _room(change: Change) -> str:
    if change.frees_room:
        return "The room is free for others"
    is_new = not change.holds_room or "room" in change.aspects
    if change.takes_room and change.room and is_new:
        return f"{change.room.name}, {change.room.location_name}"
    return ""


def sentences(preview: Any) -> list[str]:
    """What will happen besides the dates themselves, a sentence each. For everything that has told, texts and to_ring."""
    told = sum(each.hears for each in preview.told)
    sms = sum(each.families for each in preview.texts if each.channel == "sms")
    mails = sum(each.families for each in preview.texts if each.channel == "email")
    beside: Sequence[Change] = getattr(preview, "creche", ())
    off = [each for each in beside if each.room is None and each.frees_room]
    creche = len(beside) - len(off)
    waiting, reminders = getattr(preview, "waiting", 0), getattr(preview, "reminders", 0)
    found = [
        f"{count_words(told, 'family is', 'families are')} told: {count_words(sms, 'text message')},"
        f" {count_words(mails, 'email')}. They leave at {clock_time(preview.messages_leave_at)}, not before."
        if told
        else "No message is sent: nobody who can be written to would learn anything new.",
        f"{count_words(preview.calendar_entries, 'calendar entry follows', 'calendar entries follow')}."
        if preview.calendar_entries
        else "",
        "The rooms are held at the new times." if _same_rooms(preview) else "",
        f"{count_words(creche, 'date', 'dates')} of the crèche {'goes' if creche == 1 else 'go'} along."
        if creche
        else "",
        "There is no crèche while the course meets online." if off else "",
        f"{count_words(waiting, 'family', 'families')} on the waiting list of these dates." if waiting else "",
        f"{count_words(reminders, 'reminder is', 'reminders are')} taken back and written anew in time."
        if reminders
        else "",
        *dict.fromkeys(f"Mind: {problem.words}" for problem in _warnings(preview)),
    ]
    return [sentence for sentence in found if sentence]


def _warnings(preview: Any) -> Sequence[Problem]:
    return getattr(preview, "warnings", ())


def _same_rooms(preview: Any) -> bool:
    """Whether dates keep their rooms at other times."""
    changes: Sequence[Change] = getattr(preview, "changes", ())
    return any(each.takes_room and each.holds_room and "room" not in each.aspects for each in changes)
