"""What can be done to a shift on the rota: who then does what, in words, and what it would break. The preview is the act's own code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from booking import db
from booking.people.signing_in import Who
from booking.rotas import assigning, loading
from booking.rotas.pages.rota.undoing import may_change, who_does
from booking.rotas.rules import when
from booking.rotas.seeing import is_hidden, read_by
from booking.rotas.values import Broken, Duty, Plan

ACTS = ("give", "open", "move", "exchange", "pin", "unpin")


@dataclass(frozen=True, slots=True)
class Act:
    """One act: wanted is shift -> who does it then. done says it as a sentence once it is done, asks before."""

    do: str
    shift: Duty
    wanted: Mapping[UUID, UUID | None]
    before: Mapping[UUID, UUID | None]
    pinned: frozenset[UUID]
    broken: tuple[Broken, ...]
    asks: str
    done: str

    @property
    def level(self) -> str:
        """never, hard, soft or fine."""
        levels = {one.level for one in self.broken}
        return next((level for level in ("never", "hard", "soft") if level in levels), "fine")

    @property
    def is_nothing(self) -> bool:
        return self.do in ("give", "open", "move", "exchange") and dict(self.wanted) == dict(self.before)


async def act_of(shift_id: UUID, asked: Mapping[str, Any], who: Who) -> Act | None:
    """What a form or address asks for (do, to, with); None where that makes no sense. Raises 404 for shifts and people that are not
    theirs (promise P6)."""
    do, to, other = str(asked.get("do", "")), _uuid(asked.get("to")), _uuid(asked.get("with"))
    if do not in ACTS or (do == "give" and not to) or (do in ("move", "exchange") and not other):
        return None
    ids = [shift_id, *([other] if other and do in ("move", "exchange") else [])]
    if not await may_change(ids, who) or len(set(ids)) != len(ids):
        raise HTTPException(404)
    before, pinned = await who_does(ids)
    wanted = _wanted(do, shift_id, to, other, before)
    people = sorted({each for each in [*wanted.values(), *before.values()] if each})
    plan = await read_by(await loading.around(ids, people), who)
    duties = {each.id: each for each in plan.duties}
    if any(id not in duties or is_hidden(duties[id]) for id in ids):
        raise HTTPException(404)
    names = await _names(people)
    if any(each and each not in names for each in wanted.values()):
        raise HTTPException(404)
    return Act(do, duties[shift_id], wanted, before, frozenset(pinned), _broken(plan, wanted, before), *_words(do, ids, duties, before, to, names))  # fmt: skip


def _wanted(
    do: str, shift_id: UUID, to: UUID | None, other: UUID | None, before: Mapping[UUID, UUID | None]
) -> dict[UUID, UUID | None]:
    if do == "give":
        return {shift_id: to}
    if do == "open":
        return {shift_id: None}
    if do in ("move", "exchange") and other:
        back = before[other] if do == "exchange" else None
        return {shift_id: back, other: before[shift_id]}
    return {shift_id: before[shift_id]}


def _broken(plan: Plan, wanted: Mapping[UUID, UUID | None], before: Mapping[UUID, UUID | None]) -> tuple[Broken, ...]:
    return () if dict(wanted) == dict(before) else tuple(assigning.judged(plan, wanted))


def _words(
    do: str,
    ids: Sequence[UUID],
    duties: Mapping[UUID, Duty],
    before: Mapping[UUID, UUID | None],
    to: UUID | None,
    names: Mapping[UUID, str],
) -> tuple[str, str]:
    """(as a question, as what was done)"""
    shift, now = said(duties[ids[0]]), _name(before[ids[0]], names)
    if do == "give":
        after = f" in place of {now}" if before[ids[0]] else ""
        return f"Give {shift} to {_name(to, names)}{after}?", f"{_name(to, names)} has {shift}{after}."
    if do == "open":
        return f"Take {now} out of {shift}?", f"{now} is out of {shift}; nobody does it yet."
    if do == "move":
        other = said(duties[ids[1]])
        return f"Move {now} from {shift} to {other}?", f"{now} has {other}; {shift} is open."
    if do == "exchange":
        other, there = said(duties[ids[1]]), _name(before[ids[1]], names)
        return f"Exchange {now} ({shift}) with {there} ({other})?", f"{now} has {other}, and {there} {shift}."
    verb = "Pin" if do == "pin" else "Unpin"
    return f"{verb} {now} in {shift}?", f"{now} is {'pinned to' if do == 'pin' else 'no longer pinned to'} {shift}."


def said(duty: Duty) -> str:
    """ "Tue 12 Jan, 9am to 1pm at Ferndown" """
    return f"{when(duty)}, {duty.title or duty.place.name}"


def _name(staff_id: UUID | None, names: Mapping[UUID, str]) -> str:
    return names.get(staff_id, "nobody") if staff_id else "nobody"


async def _names(ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await db.rows(f"SELECT id, known_as FROM staff_profile WHERE id IN {db.in_list(ids)}", *ids) if ids else []
    return {row["id"]: row["known_as"] for row in rows}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError as error:
        raise HTTPException(404) from error
