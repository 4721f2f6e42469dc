"""Staff open and close the times of a clinic, and say who works there side by side."""

from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.appointments.finding_slots import slots_of
from booking.programmes.appointments.keeping_slots import LONGEST_NAME, MOST_WORKERS, count_places, lock_slots
from booking.words import clock_time

NO_CLINIC = Problem("Only an appointment that is booked, in a clinic, has a time to change.", rule="no clinic")
GONE = Problem("This slot is no longer there. Load the page again.", rule="gone")
CANCELLED = Problem("This clinic is cancelled, so its times stay as they are.", rule="cancelled")
TAKEN = Problem("A family has this time or is booking it. Give it another time first.", rule="taken")
NO_NAME = Problem("Say who works, in 60 letters or fewer.", "worker", rule="missing")
SAME_NAME = Problem("Somebody of this name is in this clinic already.", "worker", rule="same name")
TOO_MANY = Problem(f"A clinic has at most {MOST_WORKERS} people side by side.", "worker", rule="too many")


async def open_slot(*, session_id: UUID, slot_id: UUID, by: Who) -> None:
    """A closed time can be booked again. Raises Refused when it is not there."""
    await _set_state(session_id, slot_id, "open", "open slot", by)


async def close_slot(*, session_id: UUID, slot_id: UUID, by: Who) -> None:
    """A free time becomes a break. Raises Refused when it is not there, or a family has it."""
    await _set_state(session_id, slot_id, "break", "close slot", by)


async def _set_state(session_id: UUID, slot_id: UUID, state: str, verb: str, by: Who) -> None:
    async def body() -> None:
        await _refuse_if_cancelled(session_id)
        changed = await db.row(
            "UPDATE slot SET state = $3 WHERE id = $1 AND session_id = $2 AND taken = 0 AND state <> 'cancelled'"
            " RETURNING starts_at, worker",
            slot_id, session_id, state,
        )  # fmt: skip
        if changed is None:
            there = await db.row(
                "SELECT id FROM slot WHERE id = $1 AND session_id = $2 AND state <> 'cancelled'", slot_id, session_id
            )
            raise Refused([TAKEN if there else GONE])
        await _record(verb, session_id, by, {"time": clock_time(changed["starts_at"]), "worker": changed["worker"]})

    await db.run_tx(body)


async def _refuse_if_cancelled(session_id: UUID) -> None:
    """Undone, a cancelled clinic has the times again that families had. The slots are locked, as whoever cancels locks them."""
    await lock_slots([session_id])
    if await db.value("SELECT state FROM session WHERE id = $1", session_id) == "cancelled":
        raise Refused([CANCELLED])


async def close_time(*, session_id: UUID, start: str, end: str, by: Who) -> int:
    """A break for everybody: every free slot that lies in it is closed. Returns how many. Raises Refused when a family has
    one of them, or there is none."""

    async def body() -> int:
        await _refuse_if_cancelled(session_id)
        day = await db.value("SELECT date FROM session WHERE id = $1", session_id)
        found = [
            each
            for each in await slots_of(session_id)
            if each["starts_at"] < clock.at(day, end) and each["ends_at"] > clock.at(day, start)
        ]
        if any(each["taken"] for each in found):
            raise Refused([Problem(TAKEN.words, "start", rule="taken")])
        closed = [each["id"] for each in found if each["state"] == "open"]
        if not closed:
            raise Refused([Problem("No open time lies between these.", "start", rule="nothing")])
        left = await db.rows(
            f"UPDATE slot SET state = 'break' WHERE taken = 0 AND id IN {db.in_list(closed)} RETURNING id", *closed
        )
        if len(left) < len(closed):
            raise Refused([Problem(TAKEN.words, "start", rule="taken")])
        await _record("close slot", session_id, by, {"time": f"{start} to {end}", "slots": len(closed)})
        return len(closed)

    return await db.run_tx(body)


async def add_worker(*, session_id: UUID, worker: str, by: Who) -> int:
    """One more person at the same times as the others; returns how many slots that are. Raises Refused for the name."""
    name = " ".join(worker.split())

    async def body() -> int:
        there = await slots_of(session_id)
        names = {each["worker"] for each in there}
        if not there:
            raise Refused([NO_CLINIC])
        if not name or len(name) > LONGEST_NAME:
            raise Refused([NO_NAME])
        if name.lower() in {each.lower() for each in names}:
            raise Refused([SAME_NAME])
        if len(names) >= MOST_WORKERS:
            raise Refused([TOO_MANY])
        times = sorted({(each["starts_at"], each["ends_at"]) for each in there if each["state"] != "cancelled"})
        lines = [(db.new_id(), session_id, name, *at, "open", 0) for at in times]
        columns = ("id", "session_id", "worker", "starts_at", "ends_at", "state", "taken")
        await db.insert_many("slot", columns, lines)
        await _record("add worker", session_id, by, {"worker": name, "slots": len(lines)})
        return len(lines)

    return await db.run_tx(body)


async def name_worker(*, session_id: UUID, worker: str, name: str, by: Who) -> None:
    """Another name for who works there, on this date alone. Raises Refused for the name."""
    name = " ".join(name.split())

    async def body() -> None:
        there = {row["worker"] for row in await slots_of(session_id)}
        if worker not in there:
            raise Refused([GONE])
        if not name or len(name) > LONGEST_NAME:
            raise Refused([NO_NAME])
        if name.lower() in {each.lower() for each in there - {worker}}:
            raise Refused([SAME_NAME])
        await db.execute("UPDATE slot SET worker = $3 WHERE session_id = $1 AND worker = $2", session_id, worker, name)
        await _record("name worker", session_id, by, {"worker": name})

    await db.run_tx(body)


async def _record(verb: str, session_id: UUID, by: Who, after: dict[str, Any]) -> None:
    await count_places([session_id])
    hub_id = await db.value("SELECT hub_id FROM session WHERE id = $1", session_id)
    await audit.record(verb, about_kind="session", about_id=session_id, by=by, hub_id=hub_id, after=after)
