"""States of messages and lines of the trail in the words of staff."""

from collections.abc import Iterable, Mapping
from typing import Any

from booking.messages.words_for_staff import CHANNELS, KINDS, STATES
from booking.people.trail_words import verb_words
from booking.words import short_instant


def message_rows(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"],
            "name": row["name"] or "",
            "kind": KINDS.get(row["kind"], row["kind"]),
            "channel": CHANNELS.get(row["channel"], row["channel"]),
            "state": STATES[row["state"]],
            "when": short_instant(row["sent_at"] or row["due_at"]),
            "error": row["error"],
        }
        for row in found
    ]


def trail_rows(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "when": short_instant(row["happened_at"]),
            "what": verb_words(row["verb"]),
            "who": row["by_name"] or "The system",
            "why": row["why"],
            "is_undone": row["undone_at"] is not None,
        }
        for row in found
    ]
