"""An import again leaves alone what staff planned, published, changed and cancelled: nothing is worked out anew."""

from datetime import UTC, date, datetime

import pytest

from booking import clock
from booking.messages.models import Message
from booking.places.models import RoomBooking, RoomHold
from booking.programmes.changes import cancelling, changing_dates
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Booking, Run, Session, Skip
from booking.programmes.plans import planning, publishing
from booking.programmes.plans.publishing import Terms
from tests import make
from tests.importing.tables import bring_in
from tests.programmes import planning_calls
from tests.programmes.planning_calls import asked

TABLES = (Run, Session, Skip, RoomBooking, RoomHold, Booking, Message)


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """It is November 2026, whenever the tests run."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 2, 9, 0, tzinfo=UTC))


async def everything() -> dict[str, list]:
    return {table.__name__: await table.all().order_by("id").values() for table in TABLES}


async def test_a_draft_and_a_published_run_with_changed_and_cancelled_dates_stay_as_they_are(database):
    await bring_in()
    await planning_calls.dorset_terms()
    at = await planning_calls.desk()
    act = {"by": at.by, "undo_minutes": 10}
    published = await planning.save(asked(at), by=at.by)
    await publishing.publish(published, Terms(), **act)
    await planning.save(asked(at, first="2027-01-14", weekday=("3",)), by=at.by)
    await make.booking(await Run.get(id=published))
    dates = await Session.filter(run_id=published).order_by("date")
    move = Wish(start="13:00", end="15:00")
    await changing_dates.change(session_id=dates[1].id, scope="date", wish=move, **act)
    await cancelling.cancel(session_id=dates[2].id, reason="Snow", **act)
    before = await everything()
    for _ in range(2):
        await bring_in()
    assert await everything() == before
    assert [each.date for each in dates[1:3]] == [date(2027, 1, 19), date(2027, 1, 26)]
