"""How an open offer ends without a booking: passed, run out, taken back by staff, or its session is cancelled.

The place goes back in the same transaction; the next in line is asked by the job. Who passes or does not answer leaves the
line, and can join it again at its end.
"""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from booking import audit, clock, db
from booking.messages import outbox
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.bookings import claiming
from booking.programmes.bookings.claiming import Target
from booking.programmes.waiting import lines, offer_times, telling_offers

GONE = Problem("This offer has ended already.", rule="offer ended")
NO_REASON = Problem("Say why it is taken back.", "why", rule="missing")
THEN = {"keep": "They keep their place in line", "last": "They go to the end of the line", "off": "They leave the list"}
Then = Literal["keep", "last", "off"]
FACTS = (
    "SELECT o.id, o.token, o.expires_at, o.places, o.is_priority, o.state, w.id AS entry_id, w.run_id, w.session_id,"
    " w.person_id, w.reference FROM offer o JOIN waiting_entry w ON w.id = o.waiting_entry_id WHERE"
)


async def find(condition: str, *values: Any) -> dict[str, Any] | None:
    """An offer with its entry: id, token, expires_at, places, is_priority, state, entry_id, run_id, session_id, person_id
    and reference; `condition` is about the offer o or the entry w."""
    return await db.row(f"{FACTS} {condition}", *values)


async def expire_due() -> int:
    """Ends offers whose time is over and tells the families; returns how many there were."""
    due = await db.rows(
        "SELECT id FROM offer WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at, id LIMIT 500", clock.now()
    )
    return sum([await _expire(each["id"]) for each in due])


async def _expire(offer_id: UUID) -> int:
    async def body() -> int:
        offer = await find("o.id = $1", offer_id)
        assert offer is not None
        line = await lines.lock(Target.of(offer))
        if line is None or not await end(offer, "expired", entry_state="left"):
            return 0
        await telling_offers.tell("offer_gone", offer, offer, line.target)
        await audit.record(
            "offer expired", about_kind="waiting", about_id=offer["entry_id"], by_name="no answer", hub_id=line.hub_id,
            after={"offer": str(offer_id)},
        )  # fmt: skip
        return 1

    return await db.run_tx(body)


async def end(offer: dict[str, Any], state: str, *, entry_state: str) -> bool:
    """Ends an open offer and gives its places back; False when it had ended before. The caller has locked the line."""
    now = clock.now()
    ended_at = None if entry_state == "waiting" else now
    still = await db.row(
        "UPDATE waiting_entry SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'offered' RETURNING id",
        offer["entry_id"], entry_state, ended_at,
    )  # fmt: skip
    if still is None:
        return False
    ended = await db.row(
        "UPDATE offer SET state = $2, answered_at = $3 WHERE waiting_entry_id = $1 AND state = 'open' AND id = $4"
        " RETURNING places, is_priority",
        offer["entry_id"], state, now, offer["id"],
    )  # fmt: skip
    if ended is None:
        raise Refused([GONE])
    await claiming.give_back(Target.of(offer), ended["places"], is_priority=bool(ended["is_priority"]))
    await outbox.void(about=("offer", offer["id"]), why=f"offer {state}")
    return True


async def withdraw(*, offer_id: UUID, then: Then, why: str, by: Who) -> None:
    """Staff take an open offer back. `then` is where the family goes: keep, last or off. They are told.

    Raises Refused: it has ended, or no reason is given.
    """
    if not why.strip():
        raise Refused([NO_REASON])

    async def body() -> None:
        offer = await find("o.id = $1", offer_id)
        line = await lines.lock(Target.of(offer)) if offer else None
        if (
            offer is None
            or line is None
            or not await end(offer, "withdrawn", entry_state="left" if then == "off" else "waiting")
        ):
            raise Refused([GONE])
        if then == "last":
            await db.execute("UPDATE waiting_entry SET created_at = $2 WHERE id = $1", offer["entry_id"], clock.now())
        await telling_offers.tell("offer_withdrawn", offer, offer, line.target)
        await audit.record(
            "withdraw offer", about_kind="waiting", about_id=offer["entry_id"], by=by, hub_id=line.hub_id, why=why,
            after={"offer": str(offer_id), "then": then},
        )  # fmt: skip

    await db.run_tx(body)


async def end_with_session(*, session_ids: Sequence[UUID] = (), run_id: UUID | None = None) -> int:
    """A session (or a whole run) is cancelled: its open offers end and their places go back; their entries wait again for
    whoever cancels to end, with all others in line. Call it after the session or run is locked. Returns how many."""
    condition, values = (
        ("w.run_id = $1 AND w.session_id IS NULL", [run_id]) if run_id else (f"w.session_id IN {db.in_list(session_ids)}", list(session_ids))
    )  # fmt: skip
    ended = 0
    for offer in await db.rows(f"{FACTS} {condition} AND o.state = 'open' ORDER BY w.id", *values):
        ended += await end(offer, "withdrawn", entry_state="waiting")
    return ended


async def end_before_they_begin(session_ids: Sequence[UUID]) -> None:
    """Sessions have moved: offers of their places that would end too late end in time (the job tells the families)."""
    for session_id in session_ids:
        starts_at = await db.value("SELECT starts_at FROM session WHERE id = $1", session_id)
        await db.execute(
            "UPDATE offer SET expires_at = $2 WHERE state = 'open' AND expires_at > $2 AND waiting_entry_id IN"
            " (SELECT id FROM waiting_entry WHERE session_id = $1)",
            session_id,
            starts_at - offer_times.rules().margin,
        )


async def make_way(entry_id: UUID, state: str = "taken") -> None:
    """Before staff book in a family that holds an offer, or it leaves: the offer ends, and its places can be claimed anew."""
    offer = await find("w.id = $1 AND o.state = 'open'", entry_id)
    if offer and await lines.lock(Target.of(offer)):
        await end(offer, state, entry_state="waiting")
