"""States of messages and lines of the trail in the words of staff."""

from collections.abc import Iterable, Mapping
from typing import Any

from booking.messages.words_for_staff import CHANNELS, KINDS, STATES
from booking.people.trail_words import verb_words
from booking.programmes.registers.heard import Heard, sum_words
from booking.words import short_instant


def message_rows(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"],
            "name": row["name"] or "",
            "kind": KINDS.get(row["kind"], row["kind"]),
            "channel": CHANNELS.get(row["channel"], row["channel"]),
            "state": STATES.get(row["state"], {"level": "plain", "words": row["state"]}),
            "when": short_instant(row["sent_at"] or row["due_at"]),
            "error": row["error"],
        }
        for row in found
    ]


BECAME = {
    "delivered": {"level": "good", "words": "Delivered"},
    "sent": {"level": "good", "words": "Sent"},
    "rung": {"level": "good", "words": "Rung"},
    "waiting": {"level": "waits", "words": "Waiting"},
    "to ring": {"level": "bad", "words": "To ring"},
    "failed": {"level": "bad", "words": "Failed"},
}


def heard_words(families: list[Heard]) -> dict[str, Any] | None:
    """Who has heard the latest, in figures and one by one; None where nobody was to hear anything."""
    if not families:
        return None
    return {
        "sum": sum_words(families),
        "families": [
            {
                "name": each.name,
                "kind": KINDS.get(each.kind, each.kind),
                "href": f"/outbox/{each.message_id}",
                "state": BECAME[each.became],
                "when": short_instant(each.at),
                "has_heard": each.has_heard,
            }
            for each in families
        ],
    }


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
