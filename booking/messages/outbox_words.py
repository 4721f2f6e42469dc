"""A message of the outbox in the words of staff: when it leaves or left, by whom, at what cost and what went wrong. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from booking import clock
from booking.messages import error_words, hours
from booking.messages.words_for_staff import PROVIDERS
from booking.words import clock_time, short_day, short_instant

Row = Mapping[str, Any]
LEAVES = ("queued", "claimed")


def leaves_at(row: Row) -> datetime:
    """From when it may leave: due, not waiting for another try, and within the hours of the person."""
    due = max(row["due_at"], row["next_try_at"], clock.now())
    person = row if row["person_id"] else None
    return hours.may_leave(
        hours.of(person, row["channel"]),
        due,
        kind=row["kind"],
        urgency=row["urgency"],
        hears_urgent=bool(row["hears_urgent"]),
        asked_at=row["created_at"],
    )


def when(row: Row) -> str:
    """ "sent 22 Nov 2026, 10:04, arrived 10:05", "leaves Tue 24 Nov, 8am, because of quiet hours" """
    if row["channel"] == "call":
        return _call(row)
    if row["sent_at"]:
        return f"sent {short_instant(row['sent_at'])}{_arrived(row)}"
    if row["state"] in LEAVES:
        return _leaves(row)
    return f"written {short_instant(row['created_at'])}"


def _call(row: Row) -> str:
    if row["state"] in LEAVES:
        return f"to ring since {short_instant(row['due_at'])}" if row["due_at"] <= clock.now() else _leaves(row)
    return f"rung {short_instant(row['sent_at'])}" if row["sent_at"] else f"written {short_instant(row['created_at'])}"


def _arrived(row: Row) -> str:
    if not row["delivered_at"]:
        return ""
    is_same_day = clock.local(row["sent_at"]).date() == clock.local(row["delivered_at"]).date()
    return f", arrived {clock_time(row['delivered_at']) if is_same_day else short_instant(row['delivered_at'])}"


def _leaves(row: Row) -> str:
    leaves, now = leaves_at(row), clock.now()  # in this order: what may leave this very moment is not held
    if leaves <= now:
        return f"due since {short_instant(row['due_at'])}"
    is_held = leaves > max(row["due_at"], row["next_try_at"], now)
    why = f", because of {_held_by(row)}" if is_held else ""
    return f"leaves {short_day(clock.local(leaves).date())}, {clock_time(leaves)}{why}"


def _held_by(row: Row) -> str:
    is_theirs = any(row[name] for name in ("safe_from", "safe_to", "safe_days"))
    return "the hours in which this person may be reached" if is_theirs else "quiet hours"


def provider(row: Row) -> str:
    """Who brought it, once it was handed over."""
    return PROVIDERS.get(row["provider"], row["provider"])


def cost(parts: int, pence: float) -> str:
    """ "8p", "£1.25" for so many parts; "" for none."""
    whole = round(parts * pence)
    if not parts or not whole:
        return ""
    return f"{whole}p" if whole < 100 else f"£{whole / 100:,.2f}"


def why(code: str, words: str) -> str:
    """Why it failed, in words: ours for the code, those that came with it, or the code."""
    return error_words.words(code) or words or (f"Error {code}" if code else "No reason was given.")
