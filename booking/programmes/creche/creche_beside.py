"""The creche's sessions beside dates that change: they go to the same day and as much earlier or later, and do not take place
while the course meets online."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from booking import clock, db
from booking.places.rooms import RoomFacts, facts_of
from booking.programmes.changes.dates_in_scope import COLUMNS, FIELDS, TABLES, Change, Row

WHILE_ONLINE = "The course meets online that day."


async def beside(changes: Sequence[Change]) -> list[Change]:
    """What becomes of the creche's sessions, as changes of their own; none without a creche. Two queries."""
    creche_run_id = changes[0].before["creche_run_id"] if changes else None
    moving = [each for each in changes if each.is_change or each.frees_room or each.takes_room]
    if creche_run_id is None or not moving:
        return []
    found = await _sessions(creche_run_id, [each.before["date"] for each in moving])
    rooms = await facts_of({row["room_id"] for row in found.values() if row["room_id"]})
    made = [_beside(each, found[each.before["date"]], rooms) for each in moving if each.before["date"] in found]
    return [each for each in made if each.is_change or each.takes_room or each.frees_room]


async def _sessions(creche_run_id: UUID, days: Sequence[object]) -> dict[object, Row]:
    rows = await db.rows(
        f"SELECT {COLUMNS}, s.why_cancelled FROM {TABLES} WHERE s.run_id = $1 AND s.starts_at > $2 AND"
        f" (s.state = 'planned' OR (s.state = 'cancelled' AND s.why_cancelled = $3)) AND s.date IN {db.in_list(days, 4)}"
        " ORDER BY CASE WHEN s.state = 'planned' THEN 1 ELSE 0 END",
        creche_run_id,
        clock.now(),
        WHILE_ONLINE,
        *days,
    )
    return {row["date"]: row for row in rows}


def _beside(of: Change, row: Row, rooms: Mapping[UUID, RoomFacts]) -> Change:
    """As the course: the same day, its times later or earlier by as much; without a room while that is online."""
    day = row["date"] + (of.after["date"] - of.before["date"])
    start, end = _later(of, row, "start_time"), _later(of, row, "end_time")
    after = {name: row[name] for name in FIELDS} | {
        "date": day, "weekday": day.weekday(), "start_time": start, "end_time": end,
        "starts_at": clock.at(day, start), "ends_at": clock.at(day, end),
    }  # fmt: skip
    change = Change(row, after, rooms.get(row["room_id"]))
    return replace(change, room=None) if of.is_online else change


def _later(of: Change, row: Row, name: str) -> str:
    def minutes(text: str) -> int:
        return 60 * int(text[:2]) + int(text[3:5])

    by = timedelta(minutes=minutes(of.after[name]) - minutes(of.before[name]))
    total = max(0, min(23 * 60 + 59, minutes(row[name]) + int(by.total_seconds() // 60)))
    return f"{total // 60:02}:{total % 60:02}"
