"""A partner's answer to a swap, and what staff may do without a yes: withdraw, or displace the booking with notice.

Whoever answers first decides. A booking that is displaced keeps the other room in reach for two days. Rooms are locked first,
then the booking, then the swap.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.places import closing, holding
from booking.places.holding import hold_for
from booking.places.rooms import RoomFacts, facts_of
from booking.places.swapping import KEPT_FOR, NOT_YOURS, TOO_SOON, locked
from booking.places.telling_partners import tell
from booking.problems import Problem, Refused
from booking.words import count_words, day_words, instant_words

ANSWERED = Problem("This has been answered already.", rule="answered")
OTHERWISE = Problem("The booking has changed meanwhile, so there is nothing to swap any more.", rule="changed")
NOT_KEPT = Problem("The other room is no longer kept for you. Find another one.", rule="not kept")
WAIT = Problem("The partner can still answer. Wait until then.", rule="open")
TAKEN_SINCE = Problem("The room cannot be freed as planned, so the booking stays where it is.", rule="room taken")


async def answer(*, token: str, accepts: bool) -> None:
    """The partner's one click. A yes moves its booking to the kept room and gives the old one to the hub, all at once.

    After a no, or too late an answer, a yes still counts as long as the other room is kept. Raises Refused when it was
    answered already or the room is kept no more, LookupError for a token that nobody has.
    """

    async def body() -> None:
        swap, booking, rooms = await _locked_swap("s.token = $1", token)
        may = swap["state"] in ("open", "refused", "lapsed") and swap["kept_state"] == "confirmed"
        if not accepts and swap["state"] != "open":
            raise Refused([ANSWERED])
        if not may:
            raise Refused([ANSWERED if swap["state"] in ("accepted", "withdrawn") else NOT_KEPT])
        now = clock.now()
        await db.execute(
            "UPDATE room_swap SET state = $2, answered_at = $3 WHERE id = $1",
            swap["id"], "accepted" if accepts else "refused", now,
        )  # fmt: skip
        if accepts:
            await _swap_rooms(swap, booking, rooms)
        elif swap["for_booking_id"] is None:  # it has no room to keep: its place is closed
            await _end(swap, "refused")
        else:
            await _keep_until(swap["kept_booking_id"], now + KEPT_FOR)
        await audit.record(
            "accept swap" if accepts else "refuse swap", about_kind="room_booking", about_id=booking["id"],
            by_name=swap["organisation_name"], hub_id=rooms[swap["for_room_id"]].hub_id, why=swap["reason"],
        )  # fmt: skip

    await db.run_tx(body)


async def _locked_swap(where: str, value: Any) -> tuple[dict[str, Any], dict[str, Any], dict[UUID, RoomFacts]]:
    """A swap as it is now, its partner's booking, and the facts of both rooms, which are locked before either."""
    read = (
        "SELECT s.*, k.state AS kept_state, k.room_id AS kept_room_id, COALESCE(f.room_id, b.room_id) AS for_room_id, f.state AS for_state,"
        " f.starts_at AS for_starts_at, f.ends_at AS for_ends_at, k.starts_at AS kept_starts_at, k.ends_at AS kept_ends_at,"
        " g.name AS organisation_name"
        " FROM room_swap s JOIN room_booking k ON k.id = s.kept_booking_id LEFT JOIN room_booking f ON f.id = s.for_booking_id"
        f" JOIN room_booking b ON b.id = s.room_booking_id JOIN organisation g ON g.id = b.organisation_id WHERE {where}"
    )
    swap = await db.row(read, value)
    if swap is None:
        raise LookupError("no such swap")
    rooms = await facts_of([swap["kept_room_id"], swap["for_room_id"]])
    await holding.lock_rooms(leaf for room in rooms.values() for leaf in room.leaves)
    booking = await db.row(f"SELECT * FROM room_booking WHERE id = $1{locked()}", swap["room_booking_id"])
    now = await db.row(f"{read}{' FOR UPDATE OF s' if db.is_postgres() else ''}", value)
    assert booking is not None and now is not None
    return now, booking, rooms


async def _swap_rooms(swap: dict[str, Any], booking: dict[str, Any], rooms: dict[UUID, RoomFacts]) -> None:
    """The partner's booking goes to the kept room, the hub's use into the room it wanted."""
    was_displaced = booking["state"] == "displaced"
    if not was_displaced and (booking["state"] != "confirmed" or not _is_as_asked(swap, booking)):
        raise Refused([OTHERWISE])
    if not was_displaced and swap["for_state"] != "requested":
        raise Refused([OTHERWISE])
    kept = rooms[swap["kept_room_id"]]
    freed = await closing.times_of([booking["id"], swap["kept_booking_id"]])
    await holding.let_go([booking["id"], swap["kept_booking_id"]])
    await db.execute("UPDATE room_booking SET state = 'cancelled' WHERE id = $1", swap["kept_booking_id"])
    await db.execute(
        "UPDATE room_booking SET room_id = $2, state = 'confirmed', sequence = sequence + 1 WHERE id = $1",
        booking["id"],
        kept.id,
    )
    await holding.take([hold_for(booking["id"], kept, booking["starts_at"], booking["ends_at"])])
    if not was_displaced:
        await _give_room_to_hub(swap, rooms[swap["for_room_id"]])
    await closing.cover(freed)
    await tell("room_changed", bookings=[booking["id"]], why=swap["reason"])


def _is_as_asked(swap: dict[str, Any], booking: dict[str, Any]) -> bool:
    """Whether the booking is where and when it was when its partner was asked: the other room is kept for that time."""
    asked = (swap["for_room_id"], swap["kept_starts_at"], swap["kept_ends_at"])
    return (booking["room_id"], booking["starts_at"], booking["ends_at"]) == asked


async def _give_room_to_hub(swap: dict[str, Any], room: RoomFacts) -> None:
    hold = hold_for(swap["for_booking_id"], room, swap["for_starts_at"], swap["for_ends_at"])
    if await holding.in_the_way([hold]):
        raise Refused([TAKEN_SINCE])
    await holding.take([hold])
    await db.execute(
        "UPDATE room_booking SET state = 'confirmed', decided_at = $2 WHERE id = $1",
        swap["for_booking_id"],
        clock.now(),
    )


async def _keep_until(kept_booking_id: UUID, until: datetime) -> None:
    await db.execute("UPDATE room_booking SET hold_until_at = $2 WHERE id = $1", kept_booking_id, until)


async def withdraw(*, swap_id: UUID, by: Who) -> None:
    """The hub does not need the room after all: nothing moves, the other room is free again."""

    async def body() -> None:
        swap, booking, rooms = await _of_staff(swap_id, by)
        if swap["state"] not in ("open", "refused", "lapsed") or booking["state"] == "displaced":
            raise Refused([ANSWERED])
        await _end(swap, "withdrawn")
        await audit.record(
            "withdraw swap", about_kind="room_booking", about_id=booking["id"], by=by,
            hub_id=rooms[swap["for_room_id"]].hub_id,
        )  # fmt: skip

    await db.run_tx(body)


async def _of_staff(swap_id: UUID, by: Who) -> tuple[dict[str, Any], dict[str, Any], dict[UUID, RoomFacts]]:
    try:
        swap, booking, rooms = await _locked_swap("s.id = $1", swap_id)
    except LookupError:
        raise Refused([NOT_YOURS]) from None
    if not by.may_act_at(rooms[swap["for_room_id"]].hub_id):
        raise Refused([NOT_YOURS])
    return swap, booking, rooms


async def _end(swap: dict[str, Any], state: str) -> None:
    """The kept room is free again and the hub's use is given up."""
    ids = [id for id in (swap["kept_booking_id"], swap["for_booking_id"]) if id]
    await db.execute("UPDATE room_swap SET state = $2 WHERE id = $1", swap["id"], state)
    await closing.cover_again([swap["kept_booking_id"]])
    await db.execute(
        f"UPDATE room_booking SET state = 'cancelled' WHERE id IN {db.in_list(ids)} AND (kind = 'swap' OR state = 'requested')",
        *ids,
    )


async def displace(*, swap_id: UUID, by: Who, notice_days: int) -> None:
    """After a no or no answer, still with notice: the partner loses the room, is told, and has two days to take the other.

    Raises Refused while the partner can still answer, or when it is too late.
    """

    async def body() -> None:
        swap, booking, rooms = await _of_staff(swap_id, by)
        now = clock.now()
        if swap["state"] == "open" and swap["answer_by_at"] > now:
            raise Refused([WAIT])
        if swap["state"] not in ("open", "refused", "lapsed") or booking["state"] != "confirmed":
            raise Refused([ANSWERED])
        if not _is_as_asked(swap, booking) or swap["for_state"] != "requested":
            raise Refused([OTHERWISE])
        if booking["starts_at"] - timedelta(days=notice_days) < now:
            raise Refused([Problem(TOO_SOON.format(days=count_words(notice_days, "day")), rule="notice")])
        await _displace(swap, booking, rooms, now)
        await audit.record(
            "displace booking", about_kind="room_booking", about_id=booking["id"], by=by,
            hub_id=rooms[swap["for_room_id"]].hub_id, why=swap["reason"], before={"state": "confirmed"},
            after={"state": "displaced"},
        )  # fmt: skip

    await db.run_tx(body)


async def _displace(swap: dict[str, Any], booking: dict[str, Any], rooms: dict[UUID, RoomFacts], now: datetime) -> None:
    until = min(now + KEPT_FOR, booking["starts_at"])
    is_kept = swap["kept_state"] == "confirmed"
    freed = await closing.times_of([booking["id"]])
    await holding.let_go([booking["id"]])
    await db.execute(
        "UPDATE room_booking SET state = 'displaced', why = $2, decided_at = $3, sequence = sequence + 1 WHERE id = $1",
        booking["id"],
        swap["reason"],
        now,
    )
    await db.execute(
        "UPDATE room_swap SET state = CASE WHEN state = 'open' THEN 'lapsed' ELSE state END WHERE id = $1", swap["id"]
    )
    await _give_room_to_hub(swap, rooms[swap["for_room_id"]])
    await closing.cover(freed)
    why = swap["reason"].rstrip(".")
    if is_kept:
        await _keep_until(swap["kept_booking_id"], until)
        day = day_words(clock.local(booking["starts_at"]).date())
        other = rooms[swap["kept_room_id"]].words
        why += f". {other} is kept for you on {day} until {instant_words(until)}: say yes by the link we sent you"
    await tell("room_displaced", bookings=[booking["id"]], why=why)


async def lapse_swaps() -> int:
    """For the timetable: questions nobody answered in time lapse, rooms kept for long enough are free again; how many."""
    now = clock.now()
    due = await db.rows(
        "SELECT s.id FROM room_swap s JOIN room_booking k ON k.id = s.kept_booking_id"
        " WHERE (s.state = 'open' AND s.answer_by_at <= $1)"
        " OR (s.state IN ('refused', 'lapsed') AND k.state = 'confirmed' AND k.hold_until_at <= $1) ORDER BY s.id",
        now,
    )
    for each in due:
        await db.run_tx(lambda swap_id=each["id"]: _lapse(swap_id))
    return len(due)


async def _lapse(swap_id: UUID) -> None:
    swap, _, _ = await _locked_swap("s.id = $1", swap_id)
    now = clock.now()
    if swap["state"] == "open" and swap["answer_by_at"] <= now and swap["for_booking_id"] is None:
        await _end(swap, "lapsed")
    elif swap["state"] == "open" and swap["answer_by_at"] <= now:
        await db.execute("UPDATE room_swap SET state = 'lapsed' WHERE id = $1", swap_id)
        await _keep_until(swap["kept_booking_id"], now + KEPT_FOR)
    elif swap["state"] in ("refused", "lapsed") and swap["kept_state"] == "confirmed":
        until = await db.value("SELECT hold_until_at FROM room_booking WHERE id = $1", swap["kept_booking_id"])
        if until and until <= now:
            await _end(swap, swap["state"])
