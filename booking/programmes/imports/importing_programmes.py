"""Service categories and programmes put into the database."""

from collections.abc import Mapping, Sequence

from booking import db
from booking.cells import quoted
from booking.changes import Changes, Row
from booking.import_report import Findings
from booking.places import staff_changes
from booking.programmes.imports.programme_tables import ProgrammeRow, TopicRow
from booking.programmes.models import Programme, Topic
from booking.programmes.plans.keeping_programmes import skills_by_word
from booking.programmes.plans.programme_form import no_skill, unknown_skills

IN_FILE = {
    "group": "family", "session_count": "sessions", "places_min": "capacity_min", "places_max": "capacity_max",
    "places_unit": "capacity_unit", "is_discreet": "discreet", "topic_id": "taxonomy",
}  # fmt: skip
"""Our columns by the names that the file has for them."""
UNSAID: dict[str, str | int | None] = {
    "summary": "", "what_to_bring": "", "reminder_leads": "2d 2h", "entry_sessions": 2, "skills": "", "prepare_minutes": None,
    "follow_up_minutes": None, "creche_workers": None,
}  # fmt: skip
"""What a file may leave unsaid, and what it is then at first."""


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
    rows: Sequence[ProgrammeRow], topics: Mapping[str, Row], findings: Findings, *, overwrite: bool = False
) -> tuple[Changes, dict[str, Row]]:
    """What becomes of the programmes, and all of them by code, each with the name of its topic as `topic_names`. What staff
    changed since the last import stays, unless told to overwrite."""
    changes = Changes(Programme)
    found = {row["code"]: _as_planned(row) for row in await db.rows("SELECT * FROM programme")}
    skills = await skills_by_word()
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
        for name in unknown_skills(row.skills or "", skills):
            findings.warn(row, "skills", f"{no_skill(name)} Until there is one, nobody is asked to hold it.")
        before = found.get(row.code)
        merged = staff_changes.merge(before, _programme(row, topic, before), in_file=IN_FILE, overwrite=overwrite)
        found[row.code] = changes.compare(before, merged.columns)
        findings.differ(row, merged.differing, is_secret=False)
    names = {topic["id"]: topic["name"] for topic in topics.values()}
    return changes, {code: row | {"topic_names": names.get(row["topic_id"], "")} for code, row in found.items()}


def _as_planned(row: Row) -> Row:
    """As the file would give it: the same on both databases."""
    imported = staff_changes.noted(row["imported"])
    flags = {"is_discreet": bool(row["is_discreet"]), "is_restricted": bool(row["is_restricted"])}
    return row | flags | {"imported": staff_changes.as_text(imported) if imported else None}


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
        "source": row.source,
    }
    return wanted | {name: getattr(row, name) or _as_imported(name, before) for name in UNSAID}


def _as_imported(name: str, before: Row | None) -> str | int | None:
    """Where the file says nothing: what an import wrote before, else what is there; for a new one the usual."""
    return staff_changes.noted(before["imported"]).get(name, before[name]) if before else UNSAID[name]
