"""A clinic with its slots, for tests."""

from datetime import timedelta
from typing import Any

from booking import clock
from booking.programmes.appointments import keeping_slots
from booking.programmes.models import Run, Session, Slot
from tests import make


async def clinic(dates: int = 1, **values: Any) -> tuple[Run, list[Session]]:
    """A weekly midwife clinic of half-hour appointments, 10am to midday, with its slots made."""
    offered = await make.programme(title="Midwife clinic", age_of="adult")
    run = await make.run(
        **{
            "programme": offered,
            "booking_mode": "appointment",
            "slot_minutes": 30,
            "places": 4,
            "start_time": "10:00",
            "end_time": "12:00",
            "min_age_months": None,
            "max_age_months": None,
        }
        | values
    )
    sessions = [await make.session(run, date=run.first_date + timedelta(weeks=n), number=n + 1) for n in range(dates)]
    await keeping_slots.make_missing(run_id=run.id)
    for session in sessions:
        await session.refresh_from_db()
    return run, sessions


async def slots_at(session: Session) -> dict[str, Slot]:
    """The slots by their local time, of the first worker."""
    found = await Slot.filter(session_id=session.id).order_by("-worker")
    return {clock.local(each.starts_at).strftime("%H:%M"): each for each in found}
