"""Finding sessions: one query for a page of the timetable, whatever the tables hold."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.places.near import Near
from booking.programmes.filters import TIMES, Filters
from booking.programmes.waiting import line_first

PAGE = 50
ORDERS = {
    "day": "s.date, near.miles, s.start_time, s.id",
    "time": "s.date, s.start_time, near.miles, s.id",
    "near": "near.miles, s.location_id, s.date, s.start_time, s.id",
}
WEEK = 400

KEPT = (  # places reserved for others at $1 that they have not taken
    "CASE WHEN {0}.reserved > {0}.reserved_taken AND {0}.reserved_until_at > $1 THEN {0}.reserved - {0}.reserved_taken"
    " ELSE 0 END"
)
COLUMNS = (
    "s.id, s.date, s.start_time, s.end_time, s.state, s.places,"
    f" s.taken + CASE WHEN {line_first.for_session('s', kept='s.kept')} THEN s.places ELSE s.kept END AS taken,"
    " s.location_id, r.title,"
    " r.slug AS run_slug, r.booking_mode, COALESCE(NULLIF(s.delivery, ''), r.delivery) AS delivery, r.min_age_months,"
    " r.max_age_months, r.places AS run_places,"
    f" r.taken + r.guest_places + CASE WHEN {line_first.for_run('r', kept=KEPT.format('r'))} THEN r.places"
    f" ELSE {KEPT.format('r')} END AS run_taken,"
    " p.age_of, p.places_unit, p.audience, p.picture, p.title AS programme_title, l.name AS location_name, l.slug AS location_slug,"
    " COALESCE((SELECT k.places FROM lapsed k WHERE k.session_id = s.id), 0) AS lapsed,"
    " COALESCE((SELECT k.places FROM lapsed k WHERE k.run_id = r.id AND k.session_id IS NULL), 0) AS run_lapsed,"
    " CASE WHEN r.booking_mode = 'run' THEN NOT EXISTS (SELECT 1 FROM session d WHERE d.run_id = r.id AND d.state = 'planned'"
    " AND d.number <= p.entry_sessions AND d.starts_at > $1) ELSE s.has_begun END AS is_closed,"
    " CASE WHEN r.booking_mode = 'appointment' THEN (SELECT COUNT(*) FROM slot x WHERE x.session_id = s.id"
    " AND x.state = 'open' AND x.taken = 0 AND x.starts_at > $1) END AS times_left"
)
LAPSED = (  # leases whose time is over: few, because the jobs free them
    "WITH lapsed AS (SELECT run_id, session_id, SUM(places) AS places FROM lease"
    " WHERE released_at IS NULL AND expires_at <= $1 GROUP BY run_id, session_id)"
)
# training for professionals stands on what's on only when it is asked for
OF_PROFESSIONALS = "s.run_id {}IN (SELECT t.id FROM run t JOIN programme q ON q.id = t.programme_id WHERE q.audience = 'professionals')"
OF_SESSION = (
    "s.id, s.date, s.start_time, s.end_time, s.state, s.places, s.taken, s.location_id, s.run_id, s.delivery,"
    f" s.starts_at <= $1 AS has_begun, {KEPT.format('s')} AS kept"
)
JOINS = (
    " FROM {sessions} s JOIN run r ON r.id = s.run_id JOIN programme p ON p.id = r.programme_id"
    " JOIN location l ON l.id = s.location_id"
)


@dataclass(slots=True)
class _Where:
    """Conditions with their parameters, numbered as they come."""

    parameters: list[Any]
    conditions: list[str]

    def add(self, condition: str, *values: Any) -> None:
        """`condition` names its values {0}, {1}, ..."""
        first = len(self.parameters) + 1
        self.conditions.append(condition.format(*(f"${first + n}" for n in range(len(values)))))
        self.parameters.extend(values)

    def add_in(self, column: str, values: list[Any]) -> None:
        self.conditions.append(f"{column} IN {db.in_list(values, len(self.parameters) + 1)}")
        self.parameters.extend(values)

    def __str__(self) -> str:
        return " AND ".join(self.conditions)


async def find_sessions(
    filters: Filters,
    *,
    places: list[Near] | None = None,
    hub_id: UUID | None = None,
    topic_ids: list[UUID] | None = None,
    ages: list[int] | None = None,
) -> list[dict[str, Any]]:
    """One page of sessions in the order asked for, one more than PAGE when there is a next page.

    `places` are the locations near enough, with their miles, when a place was asked for. Restricted and unlisted
    sessions are never among them (is_listed is false for both). `ages` asks for what fits children of all these ages, in
    months, instead of the age of the filters.
    """
    now, today = clock.now(), clock.today()
    where = _Where([now], ["s.is_listed"])
    where.conditions.append(OF_PROFESSIONALS.format("" if filters.audience == "professionals" else "NOT "))
    first, last = filters.window(today)
    # dates stand in the statement, so that its plan, made once, knows how many sessions are between them
    where.conditions.append(f"s.date >= '{first}' AND s.date <= '{last}'")
    if filters.view == "list" and first == today:
        where.add(f"(s.date > '{today}' OR s.ends_at > {{0}})", now)
    _add_session_filters(where, filters, hub_id)
    _add_run_filters(where, filters, topic_ids, ages)
    near_join, near_columns, order = "", "NULL AS miles", "s.date, s.start_time, s.id"
    if places is not None:
        near_join = _near(where, places)
        near_columns = "near.miles"
        order = ORDERS[filters.sort]
    most = WEEK if filters.view == "week" else PAGE + 1
    skip = 0 if filters.view == "week" else (filters.page - 1) * PAGE
    inner = (
        f"SELECT {OF_SESSION}, {near_columns} FROM session s {near_join} WHERE {where}"
        f" ORDER BY {order} LIMIT {most} OFFSET {skip}"
    )
    return await db.rows(
        f"{LAPSED} SELECT {COLUMNS}, s.miles{JOINS.format(sessions=f'({inner})')} WHERE NOT l.is_restricted ORDER BY {order.replace('near.', 's.')}",
        *where.parameters,
    )


def _add_session_filters(where: _Where, filters: Filters, hub_id: UUID | None) -> None:
    if filters.days:
        where.add_in("s.weekday", [int(day) for day in filters.days])
    if filters.times:
        spans = []
        for name in filters.times:
            n = len(where.parameters)
            spans.append(f"(s.start_time >= ${n + 1} AND s.start_time < ${n + 2})")
            where.parameters.extend(TIMES[name][1:])
        where.conditions.append("(" + " OR ".join(spans) + ")")
    if hub_id:
        where.add("s.hub_id = {0}", hub_id)
    if filters.how:
        is_online = "(s.delivery = {0} OR (s.delivery = '' AND s.run_id IN (SELECT id FROM run WHERE delivery = {0})))"
        where.add(is_online if filters.how == "online" else f"NOT {is_online}", "online")


def _add_run_filters(where: _Where, filters: Filters, topic_ids: list[UUID] | None, ages: list[int] | None) -> None:
    """Conditions on the run and its programme, as one sub-select over those small tables."""
    inner = _Where(where.parameters, [])
    if filters.age == "pregnant":
        inner.conditions.append("p.age_of = 'expectant parents'")
    elif ages or filters.age:
        for months in ages or [filters.months]:
            inner.add("(r.min_age_months IS NULL OR r.min_age_months <= {0})", months)
            inner.add("(r.max_age_months IS NULL OR r.max_age_months >= {0})", months)
        inner.conditions.append("p.age_of IN ('child', 'young person', 'all')")
    if filters.booked:
        inner.add("r.booking_mode = {0}" if filters.booked == "drop_in" else "r.booking_mode <> {0}", "drop_in")
    if topic_ids is not None:
        inner.add_in("p.topic_id", topic_ids)
    for word in filters.words.lower().split()[:6]:
        inner.add("r.search_words LIKE {0}", "%" + word.replace("%", "").replace("_", "") + "%")
    if inner.conditions:
        where.conditions.append(
            f"s.run_id IN (SELECT r.id FROM run r JOIN programme p ON p.id = r.programme_id WHERE {inner})"
        )


def _near(where: _Where, places: list[Near]) -> str:
    """A join with the near locations and their miles, which come as one parameter."""
    n = len(where.parameters)
    if db.is_postgres():
        where.parameters += [[near.id for near in places], [near.miles for near in places]]
        table = f"unnest(${n + 1}::uuid[], ${n + 2}::float8[]) AS near (location_id, miles)"
    else:
        where.parameters.append(json.dumps([[str(near.id), near.miles] for near in places]))
        table = f"(SELECT json_extract(value, '$[0]') AS location_id, json_extract(value, '$[1]') AS miles FROM json_each(${n + 1})) near"
    return f"JOIN {table} ON near.location_id = s.location_id"


async def dates_of_run(run_id: UUID) -> list[dict[str, Any]]:
    """Every date of a run with those left out and why, in order: state held, cancelled or skipped, reason, session, is_online
    where it alone, or since a switch, meets online, and is_call where it is a talk by phone."""
    return await db.rows(
        "SELECT s.id AS session_id, s.date, s.start_time, s.end_time, s.state, s.why_cancelled AS reason, s.places, s.taken,"
        " s.number, s.starts_at, s.ends_at, CASE WHEN s.delivery = 'online' AND s.kind <> 'call' THEN 1 ELSE 0 END AS is_online,"
        " CASE WHEN s.kind = 'call' THEN 1 ELSE 0 END AS is_call FROM session s"
        " WHERE s.run_id = $1"
        " UNION ALL SELECT NULL, k.date, '', '', 'skipped', k.reason, 0, 0, 0, NULL, NULL, 0, 0 FROM skip k WHERE k.run_id = $1"
        " ORDER BY date, start_time",
        run_id,
    )


def places_left(row: dict[str, Any]) -> int:
    """Places free now, of the run where the whole run is booked; leases whose time is over count as free."""
    if row["booking_mode"] in ("run", "referral"):
        return max(row["run_places"] - row["run_taken"] + row["run_lapsed"], 0)
    return max(row["places"] - row["taken"] + row["lapsed"], 0)


def is_full(row: dict[str, Any], now: datetime) -> bool:
    """Whether it could be booked now but for the places, which are all taken."""
    can_begin = row["booking_mode"] in ("run", "referral") or (row["state"] == "planned" and row["starts_at"] > now)
    return can_begin and places_left(row) == 0


def _times_words(left: int | None) -> dict[str, str]:
    if not left:
        return {"state": "full", "words": "No times left"}
    return {"state": "few" if left <= 3 else "many", "words": "1 time left" if left == 1 else f"{left} times left"}


def places_words(row: dict[str, Any]) -> dict[str, str]:
    """The places tag of a row: {"state", "words"}. `is_closed` says that it can no longer be booked, or joined."""
    if row["state"] == "cancelled":
        return {"state": "cancelled", "words": "Cancelled"}
    if row["booking_mode"] == "drop_in":
        return {"state": "no_need", "words": "No need to book"}
    if row["booking_mode"] == "appointment":
        return _times_words(row["times_left"])
    if row["booking_mode"] == "referral" and not row.get("by_code"):
        return {"state": "no_need", "words": "Ask us for a place"}
    if row["is_closed"]:
        return {"state": "full", "words": "Has begun"}
    left = places_left(row)
    if left == 0:
        return {"state": "full", "words": "Full – join the waiting list"}
    return {"state": "few" if left <= 3 else "many", "words": "1 place left" if left == 1 else f"{left} places left"}
