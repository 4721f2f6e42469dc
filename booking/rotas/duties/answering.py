"""Accepting or declining one's own published duty. Whoever declines stays in it until a manager has found somebody else."""

from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.rotas.assigning import BEGUN, in_tx_lock

WHY = Problem("Say in a few words why you cannot, so that your manager knows.", "words", rule="missing")
TOO_LONG = Problem("Use 300 letters or fewer.", "words", rule="too long")


async def accept(*, shift_id: UUID, staff_id: UUID, by: Who | None) -> None:
    """They will be there. Raises LookupError for a duty that is not theirs, Refused once it has begun."""
    await _answer(shift_id, staff_id, "accepted", "", by)


async def decline(*, shift_id: UUID, staff_id: UUID, words: str, by: Who | None) -> None:
    """They cannot: the duty is marked for its managers, and stays theirs until it is somebody else's.

    Raises LookupError for a duty that is not theirs, Refused without a reason or once it has begun.
    """
    words = " ".join(words.split())
    if not words or len(words) > 300:
        raise Refused([TOO_LONG if words else WHY])
    await _answer(shift_id, staff_id, "declined", words, by)


async def accept_all(*, staff_id: UUID, by: Who | None) -> int:
    """They will be there at everything to come that they have not answered yet; returns how many duties that is."""
    rows = await db.rows(
        "SELECT h.id FROM shift h JOIN assignment a ON a.shift_id = h.id AND a.layer = 'published' WHERE a.staff_id = $1"
        " AND a.answer = '' AND h.state = 'open' AND h.starts_at > $2 ORDER BY h.id",
        staff_id,
        clock.now(),
    )
    for row in rows:
        await accept(shift_id=row["id"], staff_id=staff_id, by=by)
    return len(rows)


async def _answer(shift_id: UUID, staff_id: UUID, answer: str, words: str, by: Who | None) -> None:
    async def body() -> None:
        await in_tx_lock([shift_id], [])
        row = await db.row(
            "SELECT h.hub_id, h.starts_at, a.answer, a.answer_words FROM shift h JOIN assignment a ON a.shift_id = h.id"
            " AND a.layer = 'published' WHERE h.id = $1 AND a.staff_id = $2 AND h.state = 'open'",
            shift_id,
            staff_id,
        )
        if row is None:
            raise LookupError(f"duty {shift_id}")
        if row["starts_at"] <= clock.now():
            raise Refused([BEGUN])
        if (row["answer"], row["answer_words"]) == (answer, words):
            return
        await db.execute(
            "UPDATE assignment SET answer = $1, answer_words = $2, answered_at = $3 WHERE shift_id = $4 AND layer = 'published'",
            answer, words, clock.now(), shift_id,
        )  # fmt: skip
        await audit.record(
            "accept duty" if answer == "accepted" else "decline duty", about_kind="shift", about_id=shift_id, by=by,
            hub_id=row["hub_id"], why=words, before={"answer": row["answer"]}, after={"staff": str(staff_id), "answer": answer},
        )  # fmt: skip

    await db.run_tx(body)


async def declined_at(hubs: list[UUID] | None, *, also_of_people_at: list[UUID] | None = None) -> list[dict]:
    """Duties to come that were declined and are still with whoever declined them, at these hubs (None: all), the first first; also
    those elsewhere of people of some hubs."""
    some = "1 = 1" if hubs is None else f"h.hub_id IN {db.in_list(hubs, 2)}"
    also = (also_of_people_at or []) if hubs is not None else []
    if hubs is not None and also:
        some = f"({some} OR f.hub_id IN {db.in_list(also, 2 + len(hubs))})"
    return await db.rows(
        "SELECT h.id AS shift_id, f.known_as, f.hub_id AS home_hub_id, a.answer_words, a.answered_at FROM assignment a JOIN shift h ON h.id = a.shift_id"
        " JOIN staff_profile f ON f.id = a.staff_id WHERE a.layer = 'published' AND a.answer = 'declined' AND h.state = 'open'"
        f" AND h.starts_at > $1 AND {some} ORDER BY h.starts_at, h.id LIMIT 100",
        clock.now(),
        *(hubs or ()),
        *also,
    )
