"""Lines for the tests of offers: full sessions with families waiting, at ten in the morning of a working day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.programmes.bookings.claiming import Target
from booking.programmes.models import Booking, Offer, Run, Session, WaitingEntry
from tests import make

TEN = datetime(2027, 2, 1, 10, tzinfo=UTC)  # a Monday


def days_on(days: int) -> date:
    return TEN.date() + timedelta(days=days)


async def full_session(places: int = 1, days: int = 10, **values: Any) -> tuple[Session, list[Booking]]:
    """A session so many days from TEN, all of whose places are booked by a family each."""
    run = values.pop("run", None) or await make.run(first_date=days_on(days), places=places)
    session = await make.session(run, places=places, **values)
    return session, [await make.booking(session) for _ in range(places)]


async def full_course(places: int = 1, weeks: int = 4, days: int = 10) -> tuple[Run, list[Booking]]:
    run = await make.run(booking_mode="run", first_date=days_on(days), places=places)
    for n in range(weeks):
        await make.session(run, date=run.first_date + timedelta(weeks=n), number=n + 1)
    return run, [await make.booking(run) for _ in range(places)]


async def waits(on: Session | Run, minutes: int = 0, **values: Any) -> WaitingEntry:
    """A family in line, so many minutes later than the first could be."""
    parent = values.pop("person", None) or await make.person()
    token = str(db.new_id())
    is_run = isinstance(on, Run)
    return await WaitingEntry.create(
        **{
            "reference": token[-8:], "manage_token": token[-24:], "form_token": token, "places": 1,
            "run_id": on.id if is_run else on.run_id, "session_id": None if is_run else on.id,
            "family_id": parent.family_id, "person": parent, "who": [{"kind": "adult", "name": parent.name}],
            "created_at": TEN - timedelta(days=30) + timedelta(minutes=minutes),
        }
        | values
    )  # fmt: skip


def target(on: Session | Run) -> Target:
    return Target(on.id) if isinstance(on, Run) else Target(on.run_id, on.id)


async def offers(entry: WaitingEntry | None = None) -> list[str]:
    found = Offer.filter(waiting_entry_id=entry.id) if entry else Offer.all()
    return list(await found.order_by("created_at", "id").values_list("state", flat=True))


async def open_offer(entry: WaitingEntry) -> UUID:
    return (await Offer.get(waiting_entry_id=entry.id, state="open")).id


async def state_of(entry: WaitingEntry) -> str:
    return (await WaitingEntry.get(id=entry.id)).state


async def taken(on: Session | Run) -> int:
    return (await type(on).get(id=on.id)).taken


def at(**later: int) -> datetime:
    """So long after TEN."""
    return TEN + timedelta(**later)


__all__ = [
    "TEN",
    "at",
    "clock",
    "days_on",
    "full_course",
    "full_session",
    "offers",
    "open_offer",
    "state_of",
    "taken",
    "target",
    "waits",
]
