"""Which families have heard the latest about a session: of each the last message, and what became of it by whichever channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from booking import db

TO_STAFF = (
    "staff_decide",
    "staff_stood_down",
    "rota_published",
    "duty_changed",
    "duty_tomorrow",
    "duty_invite",
    "cover_ask",
    "cover_yours",
    "cover_thanks",
    "cover_gone",
)
# the best that became of the ways of one message comes first; a call that waits is what is left when they failed
BEST = ("delivered", "sent", "rung", "waiting", "to ring", "failed")
BECAME = {
    "delivered": "delivered", "sent": "sent", "queued": "waiting", "claimed": "waiting", "failed": "failed", "missed": "failed",
    "merged": "waiting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """One family: its last message about the session, and what became of it (one of BEST)."""

    person_id: UUID
    name: str
    message_id: UUID
    kind: str
    became: str
    at: Any

    @property
    def has_heard(self) -> bool:
        return self.became in ("delivered", "sent", "rung")


async def heard_of(session_id: UUID) -> list[Heard]:
    """Every family that was to hear something, those first that have not. One query."""
    found = await db.rows(
        "SELECT m.id, m.person_id, p.name, m.kind, m.channel, m.state, m.created_at, m.sent_at, m.dedupe_key, d.state AS digest_state"
        " FROM message m JOIN person p ON p.id = m.person_id LEFT JOIN message d ON d.id = m.digest_id"
        f" WHERE m.session_id = $1 AND m.state <> 'void' AND m.kind NOT IN {db.in_list(('invite', *TO_STAFF), 2)}"
        " ORDER BY m.created_at, m.id",
        session_id,
        "invite",
        *TO_STAFF,
    )
    return of_rows(found)


def of_rows(rows: Iterable[Mapping[str, Any]]) -> list[Heard]:
    """The same from rows of messages in order of time. Pure."""
    last: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in rows:
        ways = last.get(row["person_id"], [])
        is_same = bool(ways) and _base(ways[0]) == _base(row)
        last[row["person_id"]] = [*ways, row] if is_same else [row]
    families = [_of_ways(ways) for ways in last.values()]
    return sorted(families, key=lambda each: (-BEST.index(each.became), each.name))


def _of_ways(ways: list[Mapping[str, Any]]) -> Heard:
    best = min(ways, key=lambda row: BEST.index(_became(row)))
    at = best["sent_at"] or best["created_at"]
    return Heard(best["person_id"], best["name"], best["id"], best["kind"], _became(best), at)


def _became(row: Mapping[str, Any]) -> str:
    if row["channel"] == "call":
        return {"sent": "rung", "queued": "to ring"}.get(row["state"], "failed")
    state = row["digest_state"] if row["state"] == "merged" and row["digest_state"] else row["state"]
    return BECAME.get(state, "failed")


def _base(row: Mapping[str, Any]) -> str:
    return row["dedupe_key"].removesuffix(f":{row['channel']}")


def sum_words(families: list[Heard]) -> str:
    """ "38 of 40 delivered, 1 failed, 1 to ring" """
    counted = [(became, sum(each.became == became for each in families)) for became in BEST]
    parts = [f"{count} {became}" for became, count in counted if count]
    first, *rest = parts or ["0"]
    number, _, words = first.partition(" ")
    return ", ".join([f"{number} of {len(families)} {words}".strip(), *rest])
