"""What stands in the way of publishing: broken rules that nobody has set aside, and two published duties at once."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import rules
from booking.rotas.assigning import Change
from booking.rotas.seeing import read_by
from booking.rotas.values import Broken, Plan
from booking.words import clock_time, short_day


async def judged(plan: Plan, shifts: Mapping[UUID, Mapping[str, Any]], by: Who) -> list[Broken]:
    """What the draft breaks in the shifts that are published, without what a manager has set aside; each thing once, in the words
    that this manager may read."""
    found = [one for one in rules.check(await read_by(plan, by)) if one.duties and one.duties[0] in shifts]
    return list(
        dict.fromkeys(one for one in found if one.rule not in (shifts[one.duties[0]]["overridden"] or "").split())
    )


async def refuse_twice(changes: Sequence[Change], shifts: Sequence[Mapping[str, Any]]) -> None:
    """Somebody who was moved here in the draft may still be published elsewhere at that time: both cannot be told."""
    new = {each.shift_id: each.after for each in changes if each.after}
    if not new:
        return
    own = {each.shift_id for each in changes}
    rows = await db.rows(
        "SELECT a.shift_id, a.staff_id, a.starts_at, a.ends_at, f.known_as, COALESCE(NULLIF(h.hub_name, ''), h.name) AS hub_name,"
        " (h.is_restricted OR h.kind = 'restricted') AS is_secret FROM assignment a"
        " JOIN shift s ON s.id = a.shift_id JOIN staff_profile f ON f.id = a.staff_id JOIN location h ON h.id = s.hub_id"
        f" WHERE a.layer = 'published' AND a.ends_at > $1 AND a.staff_id IN {db.in_list(list(new.values()), 2)}",
        clock.now(), *new.values(),
    )  # fmt: skip
    problems = [
        Problem(_twice_words(row), rule="double")
        for each in shifts
        for row in rows
        if new.get(each["id"]) == row["staff_id"] and row["shift_id"] not in own
        and row["starts_at"] < each["ends_at"] and each["starts_at"] < row["ends_at"]
    ]  # fmt: skip
    if problems:
        raise Refused(problems)


def _twice_words(row: Mapping[str, Any]) -> str:
    when = f"{short_day(clock.local(row['starts_at']).date())}, {clock_time(row['starts_at'])} to {clock_time(row['ends_at'])}"
    hub = "another hub" if row["is_secret"] else row["hub_name"]
    return (
        f"{row['known_as']} has a published duty of {hub} on {when}, at the same time as one here."
        f" Publish that rota first, or give one of the two to somebody else."
    )


async def set_aside(broken: Sequence[Broken], reason: str, by: Who) -> None:
    """The rules that are published in spite of, on the draft that is copied next."""
    of: dict[UUID, list[str]] = {}
    for one in broken:
        of.setdefault(one.duties[0], []).append(one.rule)
    ids = sorted(of)
    rows = await db.rows(
        f"SELECT shift_id, overridden FROM assignment WHERE layer = 'draft' AND shift_id IN {db.in_list(ids)}", *ids
    )
    pairs: list[Any] = []
    for row in rows:
        names = " ".join(dict.fromkeys([*row["overridden"].split(), *of[row["shift_id"]]]))
        pairs += [row["shift_id"], names[:200]]
    cases = " ".join(f"WHEN ${n} THEN ${n + 1}" for n in range(3, 3 + len(pairs), 2))
    some = ", ".join(f"${n}" for n in range(3, 3 + len(pairs), 2)) or "NULL"
    if pairs:
        await db.execute(
            f"UPDATE assignment SET overridden = CASE shift_id {cases} END, override_reason = $1, override_by_id = $2"
            f" WHERE layer = 'draft' AND shift_id IN ({some})",
            reason[:300], by.id, *pairs,
        )  # fmt: skip
