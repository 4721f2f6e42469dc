"""Skills: which there are, and who holds them from when to when."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.models import PatternException, Skill, StaffSkill
from booking.rotas.people_who_work.keeping import GONE, locked
from booking.rotas.people_who_work.worker_facts import one_line

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
NO_NAME = Problem("Enter a name, like Paediatric first aid", "name", rule="missing")
BAD_CODE = Problem("Enter a short code: small letters, figures and hyphens, like first-aid", "code", rule="code")
TAKEN = Problem("There is a skill of this name or code already.", "name", rule="taken")
NO_SKILL = Problem("Choose a skill", "skill", rule="missing")
HELD = Problem("They hold it in these days already. Change that line instead.", "skill", rule="held")
ORDER = Problem("It ends before it begins", "to_date", rule="order")


async def save_skill(
    *,
    code: str,
    name: str,
    expires_months: int | None,
    by: Who,
    skill_id: UUID | None = None,
    includes: Collection[str] = (),
) -> UUID:
    """A new skill, or another name or length of one that is there; its code stays, because programmes name it. includes: codes of
    skills that whoever holds it holds too. Returns its id. Raises Refused."""
    name, includes = one_line(name, 120), sorted(set(includes))
    found = [*([] if name else [NO_NAME]), *([] if CODE.fullmatch(code) else [BAD_CODE])]
    if expires_months is not None and not 1 <= expires_months <= 120:
        found.append(Problem("Enter months from 1 to 120", "expires_months", rule="number"))
    if found:
        raise Refused(found)

    async def body() -> UUID:
        taken = await db.row(
            "SELECT id FROM skill WHERE (lower(name) = $1 OR code = $2) AND id <> $3",
            name.lower(),
            code,
            skill_id or db.new_id(),
        )
        if taken:
            raise Refused([TAKEN])
        await _refuse_unknown(includes, code)
        values: dict[str, Any] = {"name": name, "expires_months": expires_months, "includes": " ".join(includes)}
        if skill_id is None:
            row = await Skill.create(code=code, **values)
        else:
            row = await Skill.filter(id=skill_id).first()
            if row is None:
                raise Refused([GONE])
            await Skill.filter(id=skill_id).update(**values)
        verb = "change skill" if skill_id else "add skill"
        await audit.record(verb, about_kind="skill", about_id=row.id, by=by, after={"skill": name})
        return row.id

    try:
        return await db.run_tx(body)
    except IntegrityError as error:
        raise Refused([TAKEN]) from error


async def _refuse_unknown(includes: Sequence[str], code: str) -> None:
    rows = await db.rows(f"SELECT code FROM skill WHERE code IN {db.in_list(includes)}", *includes) if includes else []
    known = {row["code"] for row in rows} - {code}
    if unknown := next((each for each in includes if each not in known), ""):
        words = f"There is no other skill with the code {one_line(unknown, 40)}"
        raise Refused([Problem(words, "includes", rule="unknown")])
    if len(" ".join(includes)) > 300:
        raise Refused([Problem("Name fewer skills", "includes", rule="too long")])


async def end_skill(*, skill_id: UUID, is_ended: bool, by: Who) -> None:
    """Takes a skill out of what can be chosen, or brings it back; who holds it keeps it. Raises Refused: gone."""

    async def body() -> None:
        row = await Skill.filter(id=skill_id).first()
        if row is None:
            raise Refused([GONE])
        await Skill.filter(id=skill_id).update(ended_at=clock.now() if is_ended else None)
        verb = "end skill" if is_ended else "bring skill back"
        await audit.record(verb, about_kind="skill", about_id=skill_id, by=by, after={"skill": row.name})

    await db.run_tx(body)


def lasts_until(from_date: date, months: int | None) -> date | None:
    """The last day of something that begins on a day and lasts so many months: 31 January and one month is 28 February."""
    if months is None:
        return None
    at = from_date.year * 12 + from_date.month - 1 + months
    for day in range(from_date.day, 0, -1):
        try:
            return date(at // 12, at % 12 + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


async def give_skill(
    *, staff_id: UUID, skill_id: UUID | None, from_date: date | None, to_date: date | None, by: Who | None, level: str = "",
    held_id: UUID | None = None, by_name: str = "",
) -> UUID:  # fmt: skip
    """Somebody holds a skill from a day to another, both included; with held_id that line is changed. Where it lasts so many
    months, an empty last day is worked out from the first. Returns the line's id; raises Refused."""

    async def body() -> UUID:
        profile = await locked(staff_id, by)
        skill = await Skill.filter(id=skill_id).first() if skill_id else None
        if skill is None:
            raise Refused([NO_SKILL])
        last = to_date or (lasts_until(from_date, skill.expires_months) if from_date else None)
        if from_date and last and last < from_date:
            raise Refused([ORDER])
        others = await StaffSkill.filter(staff_id=staff_id, skill_id=skill.id).exclude(id=held_id or db.new_id())
        if any(_touch(from_date, last, each.from_date, each.to_date) for each in others):
            raise Refused([HELD])
        values: dict[str, Any] = {"skill_id": skill.id, "from_date": from_date, "to_date": last, "level": level[:30]}
        if held_id is None:
            row_id = (await StaffSkill.create(staff_id=staff_id, **values)).id
        elif await StaffSkill.filter(id=held_id, staff_id=staff_id).update(**values):
            row_id = held_id
        else:
            raise Refused([GONE])
        after = {"worker": profile.known_as, "skill": skill.name, "to_date": str(last or "")}
        await _record(
            "change held skill" if held_id else "give skill", staff_id, profile.hub_id, by, by_name=by_name, after=after
        )
        return row_id

    return await db.run_tx(body)


def _touch(first: date | None, last: date | None, other_first: date | None, other_last: date | None) -> bool:
    return (other_last is None or first is None or first <= other_last) and (
        last is None or other_first is None or other_first <= last
    )


async def take_skill(*, staff_id: UUID, held_id: UUID, by: Who) -> None:
    """Takes a line away that was wrong. Raises Refused: gone."""

    async def body() -> None:
        profile = await locked(staff_id, by)
        row = await StaffSkill.filter(id=held_id, staff_id=staff_id).prefetch_related("skill").first()
        if row is None:
            raise Refused([GONE])
        await StaffSkill.filter(id=held_id).delete()
        before = {"worker": profile.known_as, "skill": row.skill.name}
        await _record("take skill", staff_id, profile.hub_id, by, before=before)

    await db.run_tx(body)


async def add_day(*, staff_id: UUID, day: date, start: str, end: str, kind: str, reason: str, by: Who) -> UUID:
    """One day that is not as the pattern says: kind works or off. Returns its id; raises Refused."""
    if kind not in ("works", "off"):
        raise Refused([Problem("Choose whether they work or not", "day_kind", rule="kind")])
    if end <= start:
        raise Refused([Problem("It ends before it begins", "day_end", rule="order")])

    async def body() -> UUID:
        profile = await locked(staff_id, by)
        values: dict[str, Any] = {"date": day, "start": start, "end": end, "kind": kind}
        if there := await PatternException.filter(staff_id=staff_id, **values).first():
            return there.id  # pressed twice
        row = await PatternException.create(staff_id=staff_id, reason=one_line(reason, 200), **values)
        after = {"worker": profile.known_as, "date": str(day), "kind": kind}
        await _record("add day", staff_id, profile.hub_id, by, after=after)
        return row.id

    return await db.run_tx(body)


async def remove_day(*, staff_id: UUID, day_id: UUID, by: Who) -> None:
    """The day is as the pattern says again. Raises Refused: gone."""

    async def body() -> None:
        profile = await locked(staff_id, by)
        row = await PatternException.filter(id=day_id, staff_id=staff_id).first()
        if row is None:
            raise Refused([GONE])
        await PatternException.filter(id=day_id).delete()
        before = {"worker": profile.known_as, "date": str(row.date), "kind": row.kind}
        await _record("remove day", staff_id, profile.hub_id, by, before=before)

    await db.run_tx(body)


async def _record(verb: str, staff_id: UUID, hub_id: UUID, by: Who | None, **values: Any) -> None:
    await audit.record(verb, about_kind="worker", about_id=staff_id, hub_id=hub_id, by=by, **values)
