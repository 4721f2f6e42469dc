"""YES and NO by text from people on the rota who were asked to cover a duty: handed to whoever reads texts (jobs/shells.py)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import inbox
from booking.programmes.texts.in_question import Thing
from booking.rotas import telling
from booking.rotas.repair import answering
from booking.rotas.repair.answering import Answered

ASKED_WITHIN = timedelta(days=7)
SAID_BACK = {
    "yours": "Took the duty",
    "thanks": "Would take a duty that somebody else has; thanked",
    "gone": "Would take a duty that is not free any more; told so",
    "unfit": "Would take a duty, but a rule is against it; told so",
    "no": "Cannot take the duty",
}
OF_PHONE = (
    "SELECT k.id, k.shift_id, k.staff_id, k.state, k.asked_at, s.hub_id, f.person_id FROM cover_ask k JOIN shift s ON s.id = k.shift_id"
    " JOIN staff_profile f ON f.id = k.staff_id JOIN person p ON p.id = f.person_id WHERE p.phone = $1"
)


class Cover:
    """Questions to numbers about duties."""

    kind = "cover_ask"

    async def open_for(self, phone: str, at: datetime, *, is_yes: bool) -> list[Thing]:
        """Those that were asked before that instant and nobody has answered, of duties that have not begun."""
        rows = await db.rows(
            f"{OF_PHONE} AND k.state = 'asked' AND k.asked_at <= $2 AND s.state = 'open' AND s.starts_at > $3 ORDER BY s.starts_at, k.id",
            phone, at, clock.now(),
        )  # fmt: skip
        duties = await telling.duties_of(row["shift_id"] for row in rows)
        return [
            Thing(
                "cover" if is_yes else "not_cover", "cover_ask", row["id"], telling.said_of(duties[row["shift_id"]]), row["hub_id"],
                row["person_id"], bool(duties[row["shift_id"]]["is_secret"]), row["asked_at"],
            )
            for row in rows
        ]  # fmt: skip

    async def is_own(self, phone: str, id_: UUID) -> bool:
        return await db.row(f"{OF_PHONE} AND k.id = $2", phone, id_) is not None

    async def do(self, text: dict[str, Any], does: str, id_: UUID) -> None:
        at = text["received_at"]
        answered = await (answering.take(id_, at=at) if does == "cover" else answering.decline(id_))
        await _settle(text, id_, answered)

    async def say_how_it_is(self, text: dict[str, Any], since: datetime | None) -> bool:
        """A yes to what is answered, taken or gone by now: who has it hears nothing, the others how it is."""
        at = text["received_at"]
        row = await db.row(
            f"{OF_PHONE} AND k.asked_at <= $2 AND k.asked_at > $3 ORDER BY k.asked_at DESC, k.id DESC LIMIT 1",
            text["sender"], at, max(since or at - ASKED_WITHIN, at - ASKED_WITHIN),
        )  # fmt: skip
        if row is None:
            return False
        await _settle(text, row["id"], await answering.take(row["id"], at=at))
        return True


async def _settle(text: dict[str, Any], ask_id: UUID, answered: Answered) -> None:
    row = await db.row(
        "SELECT f.person_id FROM cover_ask k JOIN staff_profile f ON f.id = k.staff_id WHERE k.id = $1", ask_id
    )
    assert row is not None
    await inbox.settle(
        text["id"], state="answered", about=("cover_ask", ask_id), hub_id=answered.hub_id, person_id=row["person_id"],
        said_back=SAID_BACK[answered.outcome],
    )  # fmt: skip


COVER = Cover()
