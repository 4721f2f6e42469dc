"""What needs people in the demo county: the hubs' opening hours, and what programmes ask of those who lead them."""

from datetime import date, timedelta

from booking import clock, db
from booking.demo.who_works import FOR_PROGRAMMES
from booking.rotas import following
from booking.rotas.needs.of_sessions import plain

COURSE_LEADERS = (
    "IY-BABY",
    "IY-TODD",
    "IY-PRE",
    "IY-PRE-T",
    "IY-SCH",
    "IY-ASLD",
    "TP-GRP",
    "TP-TEEN",
    "SFSC",
    "EPEC-BAP",
)
PREPARE = {**dict.fromkeys(COURSE_LEADERS, 60), "HENRY": 45, "SOL-UYCB": 45, "DADS-TO": 30, "ANTE": 30, "RPC": 30}
FOLLOW_UP = {**dict.fromkeys(COURSE_LEADERS, 60), "HENRY": 30, "SOL-UYCB": 30, "FREEDOM": 30}
CRECHE_WORKERS = 2
FERNDOWN, POP_UP = "D01-M", "D01-P1"


async def make(today: date) -> None:
    """Needs of every hub, facts of programmes, and all shifts of the weeks to come. After sessions and people."""
    await _programmes()
    await _cover()
    await following.follow(tells=False)
    await _weeks_before(today)


async def _weeks_before(today: date) -> None:
    """The shifts of last week and of this one at Ferndown, as if shifts had been followed then already."""
    hub_id = await db.value("SELECT id FROM location WHERE code = $1", FERNDOWN)
    if hub_id is None:
        return
    first = today - timedelta(days=today.weekday() + 7)
    sessions = await db.rows(
        "SELECT id FROM session WHERE hub_id = $1 AND state = 'planned' AND date >= $2 AND date <= $3 ORDER BY id",
        hub_id, first, today,
    )  # fmt: skip
    hosts = frozenset(plain(each) for each in following.OWN_HOSTS.split(";"))
    terms = following.Terms(following.WEEKS_AHEAD + 2, hosts, clock.at(first, "00:00"), tells=False)
    await following.follow_cover([hub_id], terms)
    if sessions:
        await following.follow_sessions([row["id"] for row in sessions], terms)


async def _programmes() -> None:
    for code, skills in FOR_PROGRAMMES.items():
        await db.execute(
            "UPDATE programme SET skills = $2, prepare_minutes = $3, follow_up_minutes = $4 WHERE code = $1",
            code, "; ".join(skills), PREPARE.get(code), FOLLOW_UP.get(code),
        )  # fmt: skip
    await db.execute("UPDATE programme SET creche_workers = $1 WHERE creche NOT LIKE 'no%'", CRECHE_WORKERS)


async def _cover() -> None:
    """Two people in every hub while it is open on weekdays, one of them a keyholder at opening; two on Saturdays. Libraries and
    halls have people of their own."""
    hubs = await db.rows("SELECT l.id, l.code FROM location l WHERE l.kind = 'hub' ORDER BY l.code")
    lines = []
    for hub in hubs:
        hours = await _hours(hub["id"])
        lines += [(db.new_id(), hub["id"], *line) for line in _needs(hub["code"], hours)]
    lines += [(db.new_id(), *line) for line in await _alone()]
    columns = ("id", "location_id", "name", "weekdays", "start", "end", "people", "skills", "skilled")
    await db.insert_many("cover_need", columns, lines)


async def _alone() -> list[tuple[object, ...]]:
    """A morning a week in a hall, whose caretaker is there too: the place allows lone working."""
    location_id = await db.value("UPDATE location SET needs_two = FALSE WHERE code = $1 RETURNING id", POP_UP)
    if location_id is None:
        return []
    columns = ("id", "location_id", "weekday", "opens", "closes")
    await db.insert_many("opening_hours", columns, [(db.new_id(), location_id, 2, "10:00", "12:00")])
    return [(location_id, "Advice desk", "2", "10:00", "12:00", 1, "", 0)]


async def _hours(location_id: object) -> dict[int, tuple[str, str]]:
    rows = await db.rows("SELECT weekday, opens, closes FROM opening_hours WHERE location_id = $1", location_id)
    return {row["weekday"]: (row["opens"], row["closes"]) for row in rows}


def _needs(code: str, hours: dict[int, tuple[str, str]]) -> list[tuple[str, str, str, str, int, str, int]]:
    """Mornings and afternoons change over at one; an evening and a Saturday are needs of their own."""
    week = "".join(str(day) for day in sorted(hours) if day < 5)
    late = "".join(str(day) for day in sorted(hours) if day < 5 and hours[day][1] > "18:00")
    found = []
    if week:
        found.append(("Morning", week, min(hours[int(day)][0] for day in week), "13:00", 2, "keyholder", 1))
        found.append(("Afternoon", week, "13:00", "17:00", 2, "", 0))
    if late:
        found.append(("Evening", late, "17:00", max(hours[int(day)][1] for day in late), 2, "keyholder", 1))
    if 5 in hours:
        found.append(("Saturday", "5", *hours[5], 2, "keyholder", 1))
    if code == FERNDOWN:
        found.append(("Welcome desk at lunchtime", "13", "12:00", "14:00", 1, "", 0))
    return found
