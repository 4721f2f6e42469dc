"""Service categories and programmes put into the database."""

from collections.abc import Mapping, Sequence

from booking import db
from booking.cells import quoted
from booking.changes import Changes, Row
from booking.import_report import Findings
from booking.programmes.models import Programme, Topic
from booking.programmes.programme_tables import ProgrammeRow, TopicRow


async def plan_topics(rows: Sequence[TopicRow], findings: Findings) -> tuple[Changes, dict[str, Row]]:
    """What becomes of the service categories, and all of them by code and by name (lower case)."""
    changes = Changes(Topic)
    found = {row["code"]: row for row in await db.rows("SELECT * FROM topic")}
    codes = found.keys() | {row.code for row in rows}
    for row in rows:
        if row.parent_code and row.parent_code not in codes:
            findings.block(row, "parent_code", f"There is no category with the code {quoted(row.parent_code)}.")
            continue
        wanted = {"code": row.code, "name": row.name, "parent_code": row.parent_code}
        found[row.code] = changes.compare(found.get(row.code), wanted)
    by_name = {row["name"].lower(): row for row in found.values()}
    return changes, by_name | found


async def plan_programmes(
    rows: Sequence[ProgrammeRow], topics: Mapping[str, Row], findings: Findings
) -> tuple[Changes, dict[str, Row]]:
    """What becomes of the programmes, and all of them by code, each with the name of its topic as `topic_names`."""
    changes = Changes(Programme)
    found = {row["code"]: row for row in await db.rows("SELECT * FROM programme")}
    for row in rows:
        topic = topics.get(row.taxonomy.lower()) or topics.get(row.taxonomy)
        if row.taxonomy and not topic:
            findings.block(row, "taxonomy", f"There is no service category called {quoted(row.taxonomy)}.")
            continue
        if (
            row.min_age_months is not None
            and row.max_age_months is not None
            and row.max_age_months < row.min_age_months
        ):
            findings.block(row, "max_age_months", "The oldest age is below the youngest.")
            continue
        before = found.get(row.code)
        found[row.code] = changes.compare(before, _programme(row, topic, before))
    names = {topic["id"]: topic["name"] for topic in topics.values()}
    return changes, {code: row | {"topic_names": names.get(row["topic_id"], "")} for code, row in found.items()}


def _programme(row: ProgrammeRow, topic: Row | None, before: Row | None) -> Row:
    wanted = {
        "code": row.code,
        "title": row.title,
        "group": row.family,
        "kind": row.kind,
        "min_age_months": row.min_age_months,
        "max_age_months": row.max_age_months,
        "age_of": row.age_of,
        "session_count": row.sessions,
        "minutes": row.minutes,
        "places_min": row.capacity_min,
        "places_max": row.capacity_max,
        "places_unit": row.capacity_unit,
        "facilitators": row.facilitators,
        "creche": row.creche,
        "delivery": ";".join(row.delivery),
        "booking_rule": row.booking_rule,
        "is_discreet": row.discreet,
        "topic_id": topic["id"] if topic else None,
        "summary": row.summary or (before["summary"] if before else ""),
        "what_to_bring": row.what_to_bring or (before["what_to_bring"] if before else ""),
        "source": row.source,
    }
    chosen = {"reminder_leads": row.reminder_leads, "entry_sessions": row.entry_sessions}
    return wanted | {name: value for name, value in chosen.items() if value}
