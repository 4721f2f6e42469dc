"""What planners at work leave behind in the demo county: a twelve-week course with a creche, just published, and a draft.

Both are planned by the same verbs that people use; where a room is taken, the next weekday is tried.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from booking import db
from booking.people.signing_in import STAFF_KINDS, Who
from booking.problems import Refused
from booking.programmes.plans import plan_form, planning, publishing
from booking.programmes.plans.plan_form import Typed
from booking.programmes.plans.publishing import Terms

PLANNER = "tom@ferndown.example"
WEEKS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """One run to plan. is_published: else it stays a draft."""

    programme: str
    room: str
    creche_room: str
    start: str
    end: str
    sessions: str
    places: str
    leads: tuple[str, str]
    is_published: bool


PLANS = (
    Planned("IY-TODD", "D01-M-GROUP", "D01-M-CRECHE", "12:30", "14:30", "12", "12", ("Ann Lee", "Tom Whitlock"), True),
    Planned("HENRY", "D01-L-MEET", "", "13:00", "15:00", "8", "8", ("Cas Moe", ""), False),
)


async def make(today: date) -> None:
    """Plans these runs at Ferndown from three weeks on."""
    planner = await _planner()
    if planner is None:
        return
    programmes = {row["code"]: row["id"] for row in await db.rows("SELECT id, code FROM programme")}
    rooms = {row["code"]: row["id"] for row in await db.rows("SELECT id, code FROM room")}
    for each in PLANS:
        if each.programme in programmes and each.room in rooms:
            await _plan(each, programmes[each.programme], rooms, today, planner)


async def _planner() -> Who | None:
    found = await db.row(
        "SELECT p.id, p.name, p.phone, p.email, r.kind, r.hub_id FROM person p JOIN role r ON r.person_id = p.id"
        f" WHERE p.email = $1 AND r.kind IN {db.in_list(STAFF_KINDS, 2)}",
        PLANNER,
        *STAFF_KINDS,
    )
    if found is None:
        return None
    kinds, hubs = frozenset({found["kind"]}), frozenset({found["hub_id"]})
    managed = hubs if found["kind"] == "hub_manager" else frozenset()
    return Who(
        found["id"], found["name"], None, found["phone"] or "", found["email"], "", kinds, hubs, managed_hubs=managed
    )


async def _plan(each: Planned, programme_id: UUID, rooms: dict[str, UUID], today: date, planner: Who) -> None:
    """On the first weekday of the week on which everything is free."""
    monday = today + timedelta(days=7 * WEEKS_AHEAD - today.weekday())
    for weekday in (3, 1, 2, 4, 0):
        first = monday + timedelta(days=weekday)
        typed = Typed(
            programme=str(programme_id), room=str(rooms[each.room]), creche_room=str(rooms.get(each.creche_room, "")),
            weekday=(str(weekday),), start=each.start, end=each.end, first=first.isoformat(), sessions=each.sessions,
            term_time_only="yes", places=each.places, creche_places="8" if each.creche_room else "",
            facilitator_1=each.leads[0], facilitator_2=each.leads[1],
        )  # fmt: skip
        asked, _ = plan_form.understand(typed, today)
        try:
            run_id = await planning.save(asked, by=planner) if asked else None
        except Refused:
            continue
        if run_id and each.is_published:
            terms = Terms(
                min_places=6, decide_by=first - timedelta(days=7), reserved=2, reserved_until=first - timedelta(days=10)
            )
            await publishing.publish(run_id, terms, by=planner, undo_minutes=10)
        return
