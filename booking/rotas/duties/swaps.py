"""Swaps: somebody asks a colleague to take a published duty, with or without one in return; the colleague agrees; a manager decides.

The rules are judged anew at each step, with the shifts and both people locked (`assigning.in_tx_lock`). Whoever acts first wins: what
the rota has overtaken becomes void, with words that say so, and nothing is half done.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning, telling
from booking.rotas.assigning import BOTH, Change
from booking.rotas.duties import overtaken, swap_facts, swap_messages
from booking.rotas.duties.swap_words import to_colleague
from booking.rotas.models import SwapRequest
from booking.rotas.values import Broken

Row = dict[str, Any]
OPEN = ("asked", "agreed")
CHOOSE = Problem("Choose a colleague.", "to", rule="missing")
ALREADY = Problem(
    "A colleague has been asked to take this duty already. Withdraw that first to ask somebody else.",
    rule="already asked",
)
ANSWERED = Problem("This swap has been answered or withdrawn already.", rule="answered")
OVERTAKEN = Problem(overtaken.WORDS, rule="void")
ELSEWHERE = Problem("One of the duties is at a hub that you do not manage. A county admin can decide.", rule="hub")
TOO_LONG = Problem("Use 300 letters or fewer.", "words", rule="too long")
WHY = Problem("Say why not: both are told.", "why", rule="missing")


async def ask(
    *, shift_id: UUID, from_staff_id: UUID, to_staff_id: UUID, in_return_id: UUID | None, words: str, by: Who | None
) -> UUID:
    """Asks a colleague to take the duty; they are told. Returns the swap's id.

    Raises LookupError for a duty that was never theirs to see, Refused with all reasons in words fit for a colleague.
    """
    words = " ".join(words.split())
    if to_staff_id == from_staff_id:
        raise Refused([CHOOSE])
    if len(words) > 300:
        raise Refused([TOO_LONG])

    async def body() -> UUID:
        swap = SwapRequest(
            shift_id=shift_id, from_staff_id=from_staff_id, to_staff_id=to_staff_id, in_return_id=in_return_id, words=words,
            asked_at=clock.now(),
        )  # fmt: skip
        facts = {
            "shift_id": shift_id,
            "in_return_id": in_return_id,
            "from_staff_id": from_staff_id,
            "to_staff_id": to_staff_id,
        }
        shifts = await swap_facts.locked(facts)
        await overtaken.end_of_shift(shift_id)
        if problems := swap_facts.problems_of(facts, shifts):
            raise Refused(problems)
        if hard := [one for one in await swap_facts.judge(swap_facts.wanted_of(facts)) if one.level != "soft"]:
            raise Refused([Problem(to_colleague(one), rule=one.rule) for one in hard])
        try:
            await db.write_new([swap])
        except IntegrityError as error:
            raise Refused([ALREADY]) from error
        await _note("ask for duty swap", swap.id, facts, shifts, by, words)
        await swap_messages.asked(swap.id)
        return swap.id

    return await db.run_tx(body)


async def agree(*, swap_id: UUID, staff_id: UUID, by: Who | None) -> list[Broken]:
    """The colleague would take it; now a manager decides. Returns what warns. Raises LookupError for a swap that they were not asked
    about, Refused when it was answered, overtaken, or the rules are against it by now."""

    async def step(swap: Row, shifts: Mapping[UUID, Row]) -> list[Broken]:
        broken = await swap_facts.judge(swap_facts.wanted_of(swap))
        if hard := [one for one in broken if one.level != "soft"]:
            raise Refused([Problem(to_colleague(one), rule=one.rule) for one in hard])
        await _move(swap, ("asked",), "agreed", answered_at=clock.now())
        await _note("agree to duty swap", swap["id"], swap, shifts, by)
        await swap_messages.agreed(swap["id"])
        return broken

    return await _act(swap_id, ("to_staff_id", staff_id), ("asked",), step)


async def decline(*, swap_id: UUID, staff_id: UUID, words: str, by: Who | None) -> None:
    """The colleague cannot, or can no longer; the duty stays where it is."""

    async def step(swap: Row, shifts: Mapping[UUID, Row]) -> None:
        await _move(swap, OPEN, "declined", answered_at=clock.now(), why=" ".join(words.split())[:300])
        await _note("decline duty swap", swap["id"], swap, shifts, by, words)
        await swap_messages.declined(swap["id"])

    await _act(swap_id, ("to_staff_id", staff_id), OPEN, step)


async def withdraw(*, swap_id: UUID, staff_id: UUID, by: Who | None) -> None:
    """Whoever asked does not need it any more."""

    async def step(swap: Row, shifts: Mapping[UUID, Row]) -> None:
        await _move(swap, OPEN, "withdrawn", decided_at=clock.now())
        await _note("withdraw duty swap", swap["id"], swap, shifts, by)
        await swap_messages.withdrawn(swap["id"], was=swap["state"])

    await _act(swap_id, ("from_staff_id", staff_id), OPEN, step)


async def approve(*, swap_id: UUID, by: Who, reason: str = "") -> list[Broken]:
    """A manager's yes: both layers change at once, both people are told, and what else was asked about these duties is void.
    Returns what it breaks all the same. `reason` sets hard rules aside.

    Raises LookupError for a swap at hubs that are not theirs, Refused when the colleague has not agreed, the rota has changed, or
    hard rules are broken without a reason.
    """

    async def step(swap: Row, shifts: Mapping[UUID, Row]) -> list[Broken]:
        _refuse_elsewhere(shifts, by)
        wanted, blocks = swap_facts.wanted_of(swap), await swap_facts.blocks_beside(swap)
        broken = await assigning.put(wanted, by=by, layers=BOTH, source="swap", reason=reason.strip())
        await _move(
            swap, ("agreed",), "approved", decided_at=clock.now(), decided_by_id=by.id, why=reason.strip()[:300]
        )
        await _note("approve duty swap", swap["id"], swap, shifts, by, reason)
        await swap_messages.approved(swap["id"])
        await overtaken.end_all([each for each in (swap["shift_id"], swap["in_return_id"]) if each], but=swap["id"])
        changes = [Change(id, shifts[id]["staff_id"], who) for id, who in wanted.items()]
        changes += await swap_facts.take_along(swap, blocks, by)
        await telling.tell(changes, by=by, words="A swap that you agreed with a colleague")
        return broken

    return await _act(swap_id, None, ("agreed",), step, by=by)


async def refuse(*, swap_id: UUID, by: Who, why: str) -> None:
    """A manager's no, with the reason that both are told. Raises like `approve`."""
    why = " ".join(why.split())[:300]
    if not why:
        raise Refused([WHY])

    async def step(swap: Row, shifts: Mapping[UUID, Row]) -> None:
        await _move(swap, OPEN, "refused", decided_at=clock.now(), decided_by_id=by.id, why=why)
        await _note("refuse duty swap", swap["id"], swap, shifts, by, why)
        await swap_messages.refused(swap["id"])

    await _act(swap_id, None, OPEN, step, by=by)


async def _act(
    swap_id: UUID, whose: tuple[str, UUID] | None, states: tuple[str, ...], step: Any, *, by: Who | None = None
) -> Any:
    """One step of a swap with everything locked. Where the rota has overtaken it, it is void from now on, and Refused says so."""

    async def body() -> Any:
        swap = await db.row("SELECT * FROM swap_request WHERE id = $1", swap_id)
        if swap is None or (whose and swap[whose[0]] != whose[1]):
            raise LookupError(f"swap {swap_id}")
        shifts = await swap_facts.locked(swap)
        if by is not None and (swap["shift_id"] not in shifts or not by.manages(shifts[swap["shift_id"]]["hub_id"])):
            raise LookupError(f"swap {swap_id}")
        now = await db.row("SELECT * FROM swap_request WHERE id = $1", swap_id)
        assert now is not None
        if now["state"] not in states:
            return OVERTAKEN if now["state"] == "void" else ANSWERED
        if swap_facts.problems_of(now, shifts):
            await _move(now, OPEN, "void", decided_at=clock.now(), why=OVERTAKEN.words)
            await swap_messages.off(swap_id)
            return OVERTAKEN
        return await step(now, shifts)

    found = await db.run_tx(body)
    if isinstance(found, Problem):
        raise Refused([found])
    return found


async def _move(swap: Mapping[str, Any], before: tuple[str, ...], after: str, **values: Any) -> None:
    """The one change of state: whoever comes second finds it answered."""
    names = [f"{name} = ${n}" for n, name in enumerate(values, start=3)]
    moved = await db.row(
        f"UPDATE swap_request SET state = $2{''.join(f', {each}' for each in names)} WHERE id = $1 AND state IN"
        f" {db.in_list(before, 3 + len(values))} RETURNING id",
        swap["id"], after, *values.values(), *before,
    )  # fmt: skip
    if moved is None:
        raise Refused([ANSWERED])


def _refuse_elsewhere(shifts: Mapping[UUID, Row], by: Who) -> None:
    if not all(by.manages(row["hub_id"]) for row in shifts.values()):
        raise Refused([ELSEWHERE])


async def _note(
    verb: str, swap_id: UUID, swap: Mapping[str, Any], shifts: Mapping[UUID, Row], by: Who | None, why: str = ""
) -> None:
    await audit.record(
        verb, about_kind="shift", about_id=swap["shift_id"], by=by, by_name="" if by else "rota",
        hub_id=shifts[swap["shift_id"]]["hub_id"], why=" ".join(why.split()),
        after={"swap": str(swap_id), "from": str(swap["from_staff_id"]), "to": str(swap["to_staff_id"])}
        | ({"in_return": str(swap["in_return_id"])} if swap["in_return_id"] else {}),
    )  # fmt: skip
