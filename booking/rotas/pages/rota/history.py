"""What was done with a shift, from the audit trail, in words."""

from typing import Any
from uuid import UUID

from booking import db
from booking.programmes.registers.registering import as_json

VERBS = {
    "assign duty": "{after} has it",
    "open duty": "{before} taken out",
    "pin duty": "Pinned",
    "unpin duty": "No longer pinned",
}
SOURCES = {"greedy": "by the quick plan", "solver": "by the automatic plan", "swap": "by a swap", "text": "by text message", "repair": "by a repair", "named": "as named on the session", "import": "by an import"}  # fmt: skip


async def of(shift_id: UUID) -> list[dict[str, Any]]:
    """The latest first: at, words, by, why. Two queries."""
    rows = await db.rows(
        "SELECT at AS happened_at, verb, by_name, why, before, after FROM audit_event WHERE about_kind = 'shift' AND about_id = $1"
        " ORDER BY at DESC, id DESC LIMIT 30",
        shift_id,
    )
    people = await db.rows("SELECT id, known_as FROM staff_profile") if rows else []
    names = {str(row["id"]): row["known_as"] for row in people}
    return [_line(row, names) for row in rows]


def _line(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    before, after = (as_json(row[name]) or {} for name in ("before", "after"))
    words = VERBS.get(row["verb"], row["verb"].capitalize())
    said = words.format(before=names.get(before.get("staff"), "Nobody"), after=names.get(after.get("staff"), "Nobody"))
    source = SOURCES.get(after.get("source", ""), "")
    layers = " (published at once)" if "published" in (after.get("layers") or []) else ""
    return {
        "at": row["happened_at"],
        "words": f"{said}{' ' + source if source else ''}{layers}",
        "by": row["by_name"],
        "why": row["why"],
    }
