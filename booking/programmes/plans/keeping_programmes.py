"""Managers and admins keep the programmes: what is offered, for whom, how long, with what. An import leaves alone what they changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import staff_changes
from booking.places.keeping_places import changes, update
from booking.problems import Problem, Refused
from booking.programmes.models import Programme
from booking.programmes.plans.programme_form import read_facts
from booking.slugs import free_slug, slug_of

Row = dict[str, Any]
NOT_THERE = Problem("There is no such programme.", rule="unknown")
NOT_YOURS = Problem("Hub managers and county admins keep the programmes.", rule="managers")
HAS_DRAFTS = Problem("A draft is planned of it. Publish or discard that first.", rule="in use")
OUR_OWN = {
    "send_max_age_months", "audience", "creche_places", "parts", "booking_mode", "most_adults", "most_children",
    "decide_days", "picture", "is_restricted",
}  # fmt: skip
"""Columns that no file has, so no import changes them."""
COLUMNS = (
    "p.*, t.name AS topic_name, (SELECT COUNT(*) FROM run r WHERE r.programme_id = p.id AND r.state = 'published'"
    " AND r.last_date >= $1) AS running"
)


def seen_by(who: Who, first: int) -> tuple[str, list[Any]]:
    """A condition on programme p, with its parameters from $first on: what is held restricted alone is known at the hubs that
    hold it (promise P5)."""
    hubs = sorted(who.role_hubs)
    own = f"x.hub_id IN {db.in_list(hubs, first)}"
    condition = (
        "(NOT EXISTS (SELECT 1 FROM run x WHERE x.programme_id = p.id) OR EXISTS (SELECT 1 FROM run x JOIN location y"
        f" ON y.id = x.location_id WHERE x.programme_id = p.id AND (NOT (x.is_restricted OR y.is_restricted) OR {own})))"
    )
    return condition, list(hubs)


async def offered(who: Who) -> list[Row]:
    """Programmes of which a run can be planned, by name; creches come with their course. One query."""
    condition, hubs = seen_by(who, 1)
    return await db.rows(
        'SELECT p.id, p.title, p."group", p.kind, p.session_count, p.minutes, p.places_min, p.places_max, p.creche,'
        " p.creche_places, p.facilitators, p.skills, p.delivery, p.parts FROM programme p WHERE p.ended_at IS NULL"
        f" AND p.booking_mode <> 'linked' AND p.booking_rule NOT LIKE 'with linked%' AND {condition} ORDER BY lower(p.title)",
        *hubs,
    )


async def every(who: Who, words: str = "", *, with_ended: bool = False) -> list[Row]:
    """Programmes whose title, group or topic has all the words, by name, with how many runs there are. One query."""
    conditions: list[str] = [] if with_ended else ["p.ended_at IS NULL"]
    parameters: list[Any] = [clock.today()]
    for word in words.lower().split()[:6]:
        parameters.append(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
        found = f"LIKE ${len(parameters)} ESCAPE '!'"
        conditions.append(
            f"(lower(p.title) {found} OR lower(p.\"group\") {found} OR lower(COALESCE(t.name, '')) {found})"
        )
    condition, hubs = seen_by(who, len(parameters) + 1)
    return await db.rows(
        f"SELECT {COLUMNS} FROM programme p LEFT JOIN topic t ON t.id = p.topic_id"
        f" WHERE {' AND '.join([*conditions, condition])}"
        ' ORDER BY CASE WHEN p.ended_at IS NULL THEN 0 ELSE 1 END, lower(p."group"), lower(p.title)',
        *parameters,
        *hubs,
    )


async def programme_row(who: Who, programme_id: UUID) -> Row | None:
    """One programme with the name of its topic and how many runs there are; None for what is not there or not to be seen."""
    condition, hubs = seen_by(who, 3)
    return await db.row(
        f"SELECT {COLUMNS} FROM programme p LEFT JOIN topic t ON t.id = p.topic_id WHERE p.id = $2 AND {condition}",
        clock.today(),
        programme_id,
        *hubs,
    )


async def topics() -> Sequence[Row]:
    return await db.rows("SELECT id, code, name, parent_code FROM topic ORDER BY lower(name)")


async def skills_by_word() -> dict[str, str]:
    """What a skill of the rota can be called, in small letters, with its code."""
    rows = await db.rows("SELECT code, name FROM skill WHERE ended_at IS NULL")
    return {row[name].casefold(): row["code"] for row in rows for name in ("name", "code")}


async def add(*, typed: Mapping[str, str], by: Who) -> UUID:
    """A new programme; returns its id. Raises Refused."""
    facts = await _read(typed, by)

    async def write() -> UUID:
        row = Programme(
            id=db.new_id(), code=await _free_code(facts["title"]), kind=_kind(facts), creche=_creche(facts), **facts
        )
        await db.write_new([row])
        await audit.record("add programme", about_kind="programme", about_id=row.id, by=by, after=_for_trail(facts))
        return row.id

    return await db.run_tx(write)


async def change(*, programme_id: UUID, typed: Mapping[str, str], by: Who) -> list[str]:
    """Other facts of a programme; returns the names of the columns that changed. Runs that are planned keep what they have.
    Raises Refused."""
    facts = await _read(typed, by)

    async def write() -> list[str]:
        before = await _locked(programme_id)
        changed = changes(before, facts | {"creche": _creche(facts, before["creche"])})
        if not changed:
            return []
        was = {name: before[name] for name in changed if name not in OUR_OWN}
        noted = {"imported": staff_changes.note(before["imported"], was)} if was else {}
        await update("programme", programme_id, _stored(changed) | noted)
        await audit.record(
            "change programme", about_kind="programme", about_id=programme_id, by=by,
            before=_for_trail({name: before[name] for name in changed}), after=_for_trail(changed),
        )  # fmt: skip
        return sorted(changed)

    return await db.run_tx(write)


async def end(*, programme_id: UUID, by: Who) -> None:
    """No run is planned of it any more; what is published stays. Raises Refused. Twice is once."""

    async def write() -> None:
        before = await _locked(programme_id)
        if await db.row("SELECT 1 AS one FROM run WHERE programme_id = $1 AND state = 'draft'", programme_id):
            raise Refused([HAS_DRAFTS])
        if before["ended_at"] is None:
            await db.execute("UPDATE programme SET ended_at = $2 WHERE id = $1", programme_id, clock.now())
            await audit.record("end programme", about_kind="programme", about_id=programme_id, by=by)

    _check(by)
    await db.run_tx(write)


async def bring_back(*, programme_id: UUID, by: Who) -> None:
    """It is offered again. Twice is once. Raises Refused."""

    async def write() -> None:
        before = await _locked(programme_id)
        if before["ended_at"] is not None:
            await db.execute("UPDATE programme SET ended_at = NULL WHERE id = $1", programme_id)
            await audit.record("bring back programme", about_kind="programme", about_id=programme_id, by=by)

    _check(by)
    await db.run_tx(write)


def _check(by: Who) -> None:
    if not by.is_manager:
        raise Refused([NOT_YOURS])


async def _read(typed: Mapping[str, str], by: Who) -> Row:
    _check(by)
    topic_ids = {str(row["id"]): row["id"] for row in await topics()}
    facts, problems = read_facts(typed, topic_ids, await skills_by_word())
    if problems:
        raise Refused(problems)
    return facts


async def _locked(programme_id: UUID) -> Row:
    """All columns, flags as bools and calls as a list. Raises Refused for an unknown id."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.row(f"SELECT * FROM programme WHERE id = $1{lock}", programme_id)
    if row is None:
        raise Refused([NOT_THERE])
    return plain(row)


def plain(row: Row) -> Row:
    """The same on both databases. Pure."""
    flags = {name: bool(row[name]) for name in ("is_discreet", "is_restricted")}
    parts = staff_changes.json.loads(row["parts"]) if isinstance(row["parts"], str) else row["parts"]
    return row | flags | {"parts": parts or None}


def _stored(changed: Mapping[str, Any]) -> Row:
    return {
        name: staff_changes.json.dumps(value) if name == "parts" and value is not None else value
        for name, value in changed.items()
    }


def _kind(facts: Mapping[str, Any]) -> str:
    """What the catalogue calls it: a course has several sessions that belong together."""
    if facts["booking_mode"] == "appointment":
        return "appointment"
    if facts["booking_mode"] in ("run", "referral"):
        return "course" if (facts["session_count"] or 2) > 1 else "one_off"
    return "weekly"


def _creche(facts: Mapping[str, Any], before: str = "no") -> str:
    """In words as an import gives them; "no (babies attend)" stays while there are no places."""
    return "yes" if facts["creche_places"] else "no" if before == "yes" else before


def _for_trail(facts: Mapping[str, Any]) -> Row:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}


async def _free_code(title: str) -> str:
    wanted = f"own-{slug_of(title, longest=25) or 'programme'}"
    taken = await db.rows("SELECT code FROM programme WHERE code >= $1 AND code < $2", wanted, wanted + "~")
    return free_slug(wanted, {row["code"] for row in taken})
