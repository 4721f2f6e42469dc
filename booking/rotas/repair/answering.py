"""A yes or no to being asked to cover. The first yes has it: the shift is locked, looked at and judged again, and written into both
layers in one transaction with everybody's messages; the others are thanked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from booking import audit, clock, db
from booking.problems import Refused
from booking.rotas import assigning, beside, telling
from booking.rotas.assigning import Change
from booking.rotas.repair import ask_messages, asking, closing_asks

Outcome = Literal["yours", "thanks", "gone", "unfit", "no"]
FIND = (
    "SELECT k.id, k.shift_id, k.staff_id, k.round_id, k.token, k.state, k.instead_of_id, k.asked_for, k.words, k.answered_at,"
    " k.expires_at, f.known_as FROM cover_ask k JOIN staff_profile f ON f.id = k.staff_id WHERE "
)
OFF = ("late", "closed", "unfit")
ANSWERED = "It was answered."


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer: it is theirs, somebody else has it (thanks), it is gone, a rule is against it (words), or they said
    no. shift_id and hub_id are the duty's."""

    outcome: Outcome
    shift_id: UUID
    hub_id: UUID | None
    words: str = ""


async def by_token(token: str) -> dict[str, Any] | None:
    return await db.row(f"{FIND} k.token = $1", token)


async def take(ask_id: UUID, *, at: datetime | None = None) -> Answered:
    """Yes. Said twice it is said once. `at` is when it was said (default: now): whoever said it before they could hear that it was
    taken is thanked and hears nothing else."""
    return await db.run_tx(lambda: _take(ask_id, at or clock.now()))


async def _locked(ask_id: UUID) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The question and its shift, the shift locked first and then the person, and read again."""
    row = await db.row(f"{FIND} k.id = $1", ask_id)
    if row is None:
        raise LookupError(f"question {ask_id}")
    blocks = await beside.free_beside(row["shift_id"])
    await assigning.in_tx_lock([row["shift_id"], *blocks], [row["staff_id"]])
    again = await db.row(f"{FIND} k.id = $1", ask_id)
    assert again is not None
    return again, await asking.shift_of(row["shift_id"])


async def _take(ask_id: UUID, at: datetime) -> Answered:
    row, shift = await _locked(ask_id)
    assert shift is not None  # a shift that somebody was asked for stays
    if row["state"] == "yes" and shift["published_id"] == row["staff_id"]:
        return Answered("yours", row["shift_id"], shift["hub_id"])
    if not is_free(row, shift):
        return await _late(row, shift, at)
    blocks = await beside.free_beside(row["shift_id"])
    try:
        await db.run_tx(lambda: _give(row))
    except Refused as refused:
        words = " ".join(dict.fromkeys(each.words for each in refused.problems))
        return await _unfit(row, shift, words)
    await _mark(row, "yes")
    takers = dict.fromkeys(blocks, row["staff_id"])
    along = await beside.hand_over(blocks, takers, by=None, source="text", by_name=row["known_as"])
    await _tell(row, shift, along)
    return Answered("yours", row["shift_id"], shift["hub_id"])


def is_free(row: dict[str, Any], shift: dict[str, Any]) -> bool:
    """Still asked, still that duty, and nobody else in it than when it was asked."""
    return (
        row["state"] in ("asked", "no", "unfit")
        and shift["state"] == "open"
        and shift["starts_at"] > clock.now()
        and row["asked_for"] == asking.fingerprint(shift)
        and shift["published_id"] in (None, row["instead_of_id"])
        and shift["draft_id"] in (None, row["instead_of_id"])
    )


async def _give(row: dict[str, Any]) -> None:
    await assigning.put(
        {row["shift_id"]: row["staff_id"]}, by=None, layers=assigning.BOTH, source="text", by_name=row["known_as"]
    )


async def _mark(row: dict[str, Any], state: str, words: str = "") -> None:
    """The answer; a question that has not left is not sent any more. The database keeps a second yes of the same round out
    (uq_cover_ask_yes)."""
    await db.execute(
        "UPDATE cover_ask SET state = $2, answered_at = $3, words = $4 WHERE id = $1",
        row["id"],
        state,
        clock.now(),
        words[:300],
    )
    await ask_messages.take_back(row["id"], ANSWERED)


async def _tell(row: dict[str, Any], shift: dict[str, Any], along: list[Change]) -> None:
    """Who has it now with what is beside it, who is out of it, and everybody else who was asked."""
    if shift["published_id"]:
        changes = [Change(row["shift_id"], shift["published_id"], row["staff_id"]), *along]
        await telling.tell(changes, by=None, only=[shift["published_id"]])
    await ask_messages.yours(row)
    await telling.tell(along, by=None, words="It belongs to the session that you took", only=[row["staff_id"]])
    await closing_asks.mark_theirs(along)
    taken = [row["shift_id"], *(each.shift_id for each in along)]
    await closing_asks.close_all(taken, why="Somebody else has it.", is_taken=True)


async def _late(row: dict[str, Any], shift: dict[str, Any], at: datetime) -> Answered:
    """Somebody was first, or it is not the duty any more that was asked about. Thanked once; a yes long after that gets an answer."""
    is_off = (
        shift["state"] != "open" or row["asked_for"] != asking.fingerprint(shift) or shift["starts_at"] <= clock.now()
    )
    was_told = row["answered_at"] if row["state"] == "closed" else None
    await ask_messages.take_back(row["id"], ANSWERED)
    if row["state"] in ("asked", "no", "closed", "unfit"):
        await db.execute(
            "UPDATE cover_ask SET state = 'late', answered_at = COALESCE(answered_at, $2) WHERE id = $1",
            row["id"],
            clock.now(),
        )
    if is_off or (was_told is not None and at > was_told):
        await ask_messages.gone(row)
        return Answered("gone", row["shift_id"], shift["hub_id"])
    heard = await ask_messages.heard(row["id"])
    if not heard:
        await ask_messages.thanks(row)
    return Answered("gone" if ask_messages.GONE in heard else "thanks", row["shift_id"], shift["hub_id"])


async def _unfit(row: dict[str, Any], shift: dict[str, Any], words: str) -> Answered:
    await _mark(row, "unfit", words)
    await ask_messages.unfit(row, words)
    return Answered("unfit", row["shift_id"], shift["hub_id"], words)


async def decline(ask_id: UUID) -> Answered:
    """No. What they have said yes to already stays theirs: that is for a manager."""

    async def body() -> Answered:
        row, shift = await _locked(ask_id)
        assert shift is not None
        if row["state"] == "yes":
            return Answered("yours", row["shift_id"], shift["hub_id"])
        if row["state"] in ("asked", "unfit"):
            await _mark(row, "no")
            await audit.record(
                "decline to cover", about_kind="shift", about_id=row["shift_id"], by_name=row["known_as"], hub_id=shift["hub_id"],
                after={"staff": str(row["staff_id"])},
            )  # fmt: skip
        return Answered("no", row["shift_id"], shift["hub_id"])

    return await db.run_tx(body)
