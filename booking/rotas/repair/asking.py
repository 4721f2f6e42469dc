"""Asking people to take a duty that nobody does, or that somebody in it cannot do: one press, one round, the first yes has it."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas import assigning, candidates, loading
from booking.rotas.models import CoverAsk
from booking.rotas.repair import ask_messages
from booking.rotas.rules import unfit

VALID = timedelta(days=2)
MOST = 20
MOST_TIMES = 3
"""So often is one person asked for one duty: each time costs a text, and wakes somebody."""
VERB = "ask to cover"
NOBODY = Problem("Choose whom to ask.", "staff", rule="missing")
TOO_MANY = Problem(f"Ask at most {MOST} people at once.", "staff", rule="too many")
GONE = Problem("This duty is not there any more.", rule="gone")
FILLED = Problem("Somebody is in this duty already.", rule="filled")


@dataclass(frozen=True, slots=True)
class Asked:
    """One round: how many hear of it by a message, the names of those whom no message reaches, of those who were being asked
    already, and of those whom a rule is against by now."""

    round_id: UUID
    count: int
    unreached: tuple[str, ...] = ()
    asked_before: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()


async def ask(*, shift_id: UUID, staff_ids: Collection[UUID], by: Who) -> Asked:
    """Asks these people, each by their own channel, and returns what became of it. Whoever has not answered in time can be asked
    again. Raises Refused: nobody chosen, the duty is gone, has begun or somebody does it."""
    wanted = sorted(set(staff_ids))
    if not wanted or len(wanted) > MOST:
        raise Refused([TOO_MANY if wanted else NOBODY])
    return await db.run_tx(lambda: _ask(shift_id, wanted, by))


async def _ask(shift_id: UUID, wanted: Sequence[UUID], by: Who) -> Asked:
    await assigning.in_tx_lock([shift_id], wanted)
    shift = await shift_of(shift_id)
    if (
        shift is None
        or shift["state"] != "open"
        or shift["starts_at"] <= clock.now()
        or not by.manages(shift["hub_id"])
    ):
        raise Refused([GONE])
    if not await is_open_to_others(shift):
        raise Refused([FILLED])
    now = clock.now()
    await db.execute(
        "UPDATE cover_ask SET state = 'closed', answered_at = $2 WHERE shift_id = $1 AND state = 'asked' AND expires_at <= $2",
        shift_id,
        now,
    )
    fit, unfit_names = await _fit(shift_id, wanted)
    there = {row["staff_id"] for row in await _open(shift_id)}
    new = [
        CoverAsk(
            shift_id=shift_id, staff_id=id, round_id=db.new_id(), token=secrets.token_urlsafe(12), asked_at=now, asked_by_id=by.id,
            instead_of_id=shift["published_id"], asked_for=fingerprint(shift), expires_at=min(shift["starts_at"], now + VALID),
        )
        for id in fit if id not in there
    ]  # fmt: skip
    round_id = new[0].round_id if new else db.new_id()
    for each in new:
        each.round_id = round_id
    await db.write_new(new)
    unreached = [each.staff_id for each in new if not await ask_messages.ask(_row(each))]
    if new:
        await audit.record(
            VERB, about_kind="shift", about_id=shift_id, by=by, hub_id=shift["hub_id"], after={"people": [str(each.staff_id) for each in new]}
        )  # fmt: skip
    names = await names_of(wanted)
    return Asked(
        round_id,
        len(new) - len(unreached),
        tuple(names[id] for id in unreached),
        tuple(names[id] for id in fit if id in there),
        tuple(unfit_names),
    )


def _row(each: CoverAsk) -> dict[str, Any]:
    return {"id": each.id, "shift_id": each.shift_id, "staff_id": each.staff_id, "token": each.token}


async def shift_of(shift_id: UUID) -> dict[str, Any] | None:
    """The shift with who is in it as published and in the draft."""
    return await db.row(
        "SELECT s.id, s.hub_id, s.state, s.starts_at, s.ends_at, s.location_id, s.kind, p.staff_id AS published_id, p.answer,"
        " d.staff_id AS draft_id FROM shift s LEFT JOIN assignment p ON p.shift_id = s.id AND p.layer = 'published'"
        " LEFT JOIN assignment d ON d.shift_id = s.id AND d.layer = 'draft' WHERE s.id = $1",
        shift_id,
    )


def is_red(shift: Mapping[str, Any]) -> bool:
    """Nobody does it, or who does it has declined."""
    nobody = shift["published_id"] is None and shift["draft_id"] is None
    declined = shift["published_id"] is not None and shift["answer"] == "declined"
    return nobody or (declined and shift["draft_id"] in (None, shift["published_id"]))


async def is_open_to_others(shift: Mapping[str, Any]) -> bool:
    """Whether somebody else may have it: nobody does it, or who does it cannot."""
    return is_red(shift) or await _cannot(shift)


async def _cannot(shift: Mapping[str, Any]) -> bool:
    """Whoever is published in it cannot do it: they are away, or a skill is missing by now."""
    who = shift["published_id"]
    if who is None or shift["draft_id"] not in (None, who):
        return False
    plan = await loading.around([shift["id"]], [who], layer="published")
    worker = next((each for each in plan.workers if each.id == who), None)
    duty = next((each for each in plan.duties if each.id == shift["id"]), None)
    return bool(worker and duty and any(one.level != "soft" for one in unfit(worker, duty)))


def fingerprint(shift: Mapping[str, Any]) -> str:
    """When and where the duty is, as text: a yes is to this and no other."""
    at: tuple[datetime, datetime] = (shift["starts_at"], shift["ends_at"])
    return " ".join([*(each.isoformat() for each in at), str(shift["location_id"])])


async def _fit(shift_id: UUID, wanted: Sequence[UUID]) -> tuple[list[UUID], list[str]]:
    """Those of them who may take it, and the names of the others."""
    plan = await loading.around([shift_id], wanted)
    duty = next(each for each in plan.duties if each.id == shift_id)
    found = {each.worker.id: each for each in candidates.judged(duty, plan)}
    fit = [id for id in wanted if id in found and found[id].is_fit]
    return fit, [found[id].worker.name for id in wanted if id in found and id not in fit]


async def _open(shift_id: UUID) -> list[dict[str, Any]]:
    """Who is being asked for it, or has been often enough."""
    return await db.rows(
        "SELECT staff_id FROM cover_ask WHERE shift_id = $1 GROUP BY staff_id"
        " HAVING COUNT(*) >= $2 OR SUM(CASE WHEN state = 'asked' THEN 1 ELSE 0 END) > 0",
        shift_id,
        MOST_TIMES,
    )


async def names_of(staff_ids: Collection[UUID]) -> dict[UUID, str]:
    """What they are known as, by id."""
    ids = sorted(set(staff_ids))
    if not ids:
        return {}
    rows = await db.rows(f"SELECT id, known_as FROM staff_profile WHERE id IN {db.in_list(ids)}", *ids)
    return {row["id"]: row["known_as"] for row in rows}
