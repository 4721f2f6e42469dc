"""With whom a duty could be swapped, and for which of theirs: judged by the rules of the rota, said without giving a colleague away."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.rotas import loading, rules
from booking.rotas.duties import reading, swap_words
from booking.rotas.values import Broken, Duty, Rules, Worker

WAYS_OUT = {"double", "travel", "rest", "hours", "days_in_row", "saturdays", "evenings", "weekly_rest", "most_hours"}
"""What a duty given in return may mend."""
RETURN_WITHIN = timedelta(days=14)
"""How much later than the duty one in return may be."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who could be asked. why: what keeps them from just taking it; is_only_in_return: it works for one of theirs alone."""

    staff_id: UUID
    name: str
    why: tuple[str, ...] = ()
    is_only_in_return: bool = False

    @property
    def may(self) -> bool:
        return not self.why or self.is_only_in_return


@dataclass(frozen=True, slots=True)
class InReturn:
    """A duty of the colleague that could come back; why: what keeps it from it."""

    shift_id: UUID
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that judging needs, read once: people, what each does in either layer, whose published duties may be named."""

    duty: Duty
    me: Worker
    people: Sequence[Worker]
    does: Mapping[UUID, dict[UUID, Duty]]
    offered: Mapping[UUID, list[UUID]]
    ruled: Rules


async def colleagues(shift_id: UUID, staff_id: UUID) -> tuple[list[Colleague], list[Colleague]]:
    """Who may be asked to take this duty, those of its hub first, and who of its hub or mine may not, each with the reason."""
    known = await _read(shift_id, staff_id)
    near = {known.duty.place.hub_id, known.me.hub_id}
    fit, unfit = [], []
    for each in sorted(known.people, key=lambda it: (it.hub_id != known.duty.place.hub_id, it.name)):
        found = _colleague(known, each)
        if found.may:
            fit.append(found)
        elif each.hub_id in near:
            unfit.append(found)
    return fit, unfit


def _colleague(known: _Known, each: Worker) -> Colleague:
    hard = _hard(each, known.duty, known.does[each.id].values(), known.ruled)
    if not hard:
        return Colleague(each.id, each.name)
    why = _words(hard)
    if {one.rule for one in hard} <= WAYS_OUT and any(not it.why for it in _returns(known, each)):
        return Colleague(each.id, each.name, why, is_only_in_return=True)
    return Colleague(each.id, each.name, why)


def _words(hard: Sequence[Broken]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(swap_words.reason(one) for one in hard))


async def in_return(shift_id: UUID, staff_id: UUID, colleague_id: UUID) -> tuple[Colleague | None, list[InReturn]]:
    """The colleague, and which of their published duties of these weeks could come back, in order; those that could not with why.
    None for somebody who is not on the rota."""
    known = await _read(shift_id, staff_id)
    colleague = next((each for each in known.people if each.id == colleague_id), None)
    return (_colleague(known, colleague), _returns(known, colleague)) if colleague else (None, [])


def _returns(known: _Known, colleague: Worker) -> list[InReturn]:
    theirs, mine = known.does[colleague.id], known.does[known.me.id]
    found = []
    for id in known.offered.get(colleague.id, ()):
        back = theirs[id]
        if _is_the_same_work(back, known.duty):
            continue
        others = [each for each in mine.values() if each.id != known.duty.id]
        hard = _hard(known.me, back, others, known.ruled)
        taken = _hard(colleague, known.duty, [each for each in theirs.values() if each.id != id], known.ruled)
        why = [f"{known.me.name} {reason}" for reason in _words(hard)] + [
            f"{colleague.name} {reason}" for reason in _words(taken)
        ]
        found.append(InReturn(id, tuple(why)))
    return found


def _is_the_same_work(one: Duty, other: Duty) -> bool:
    """Two people beside each other: to exchange them would change nothing."""
    return (one.kind, one.session_id, one.place.id, one.starts_at, one.ends_at) == (
        other.kind, other.session_id, other.place.id, other.starts_at, other.ends_at,
    )  # fmt: skip


def _hard(worker: Worker, duty: Duty, others: Any, ruled: Rules) -> list[Broken]:
    """What stands in the way; what the person does otherwise is only looked at where nothing of their own does."""
    own = [one for one in rules.unfit(worker, duty) if one.level != "soft"]
    return own or [one for one in rules.would_break(worker, duty, others, ruled) if one.level != "soft"]


async def _read(shift_id: UUID, staff_id: UUID) -> _Known:
    """Raises LookupError when the duty is not theirs as published."""
    day = await db.value(
        "SELECT h.date FROM shift h JOIN assignment a ON a.shift_id = h.id AND a.layer = 'published' WHERE h.id = $1"
        " AND a.staff_id = $2 AND h.state = 'open'",
        shift_id,
        staff_id,
    )
    if day is None:
        raise LookupError(f"duty {shift_id}")
    today, places = clock.today(), {}
    window = (min(today, day) - loading.BACK, day + loading.AHEAD)
    [own] = await db.rows(f"{loading.DUTIES} AND s.id = $4", "published", day, day, shift_id)
    duty = loading.duty_of(own, places)
    people = await loading.workers_of(None, since=today)
    does, offered = await _work_of([each.id for each in people if _may(each, duty, staff_id)], window, day, places)
    me = next(each for each in people if each.id == staff_id)
    others = [each for each in people if each.id != staff_id]
    return _Known(duty, me, others, does, offered, await loading.rules_of(duty.place.hub_id))


def _may(each: Worker, duty: Duty, staff_id: UUID) -> bool:
    """Whose other duties matter: who gives it away, and those whom nothing of their own keeps from it."""
    return each.id == staff_id or not any(one.level != "soft" for one in rules.unfit(each, duty))


async def _work_of(
    ids: Sequence[UUID], window: tuple[date, date], day: date, places: dict
) -> tuple[dict[UUID, dict[UUID, Duty]], dict[UUID, list[UUID]]]:
    """What each of them does in either layer, and which of their published duties to come may be named. Two queries."""
    does: dict[UUID, dict[UUID, Duty]] = defaultdict(dict)
    offered: dict[UUID, list[UUID]] = defaultdict(list)
    now, last = clock.now(), day + RETURN_WITHIN
    for layer in ("draft", "published"):
        rows = await db.rows(
            f"{loading.DUTIES} AND a.staff_id IN {db.in_list(ids, 4)} ORDER BY s.starts_at, s.id", layer, *window, *ids
        )
        for row in rows:
            does[row["staff_id"]][row["id"]] = loading.duty_of(row, places)
            is_secret = row["is_restricted"] or row["is_restricted_run"]
            if layer == "published" and not is_secret and row["starts_at"] > now and row["date"] <= last:
                offered[row["staff_id"]].append(row["id"])
    return does, offered


async def told(found: Sequence[InReturn]) -> list[dict[str, Any]]:
    """The same in words. One query."""
    ids = [each.shift_id for each in found]
    rows = await db.rows(
        f"SELECT {reading.COLUMNS} {reading.SHIFTS} WHERE h.id IN {db.in_list(ids)}",
        *ids,
    )
    by_id = {row["shift_id"]: reading.told(row, is_own=False) for row in rows}
    return [{**by_id[each.shift_id], "why": list(each.why)} for each in found]
