"""How the verbs about courses are called, for test_trail.py: catching up, and deciding on numbers."""

from datetime import timedelta

from booking.programmes.bookings import catching_up, giving_up
from booking.programmes.models import Run, Session
from booking.programmes.plans import deciding_numbers
from tests import make


async def _catch_up(session, run, by):
    await Run.filter(id=run.id).update(booking_mode="run")
    booking = await make.booking(await Run.get(id=run.id))
    await giving_up.miss_date(booking_id=booking.id, session_id=session.id, by=by)
    other = await make.run(
        programme=await run.programme,
        location=await run.location,
        booking_mode="run",
        first_date=run.first_date + timedelta(days=1),
    )
    on: Session = await make.session(other)
    await catching_up.catch_up(booking_id=booking.id, missed_id=session.id, session_id=on.id, by=by)


async def _short(run, **more):
    await Run.filter(id=run.id).update(booking_mode="run", min_places=6, decide_by_date=run.first_date, **more)


async def _let(run, by):
    await _short(run)
    await deciding_numbers.let_run(run_id=run.id, by=by)


async def _again(run, by):
    await _let(run, by)
    await deciding_numbers.ask_again(run_id=run.id, by=by)


async def _set(run, by):
    await deciding_numbers.set_numbers(run_id=run.id, needed=6, decide_by=run.first_date - timedelta(days=1), by=by)


async def _cancel(run, by):
    await _short(run)
    await deciding_numbers.cancel_run(run_id=run.id, reason="Too few", by=by, undo_minutes=10)


CALLS = {  # verb: its event, and how it is called with (session, run, by)
    "catching_up.catch_up": ("catch up", lambda s, r, by: _catch_up(s, r, by)),
    "deciding_numbers.let_run": ("let course run", lambda s, r, by: _let(r, by)),
    "deciding_numbers.ask_again": ("open decision again", lambda s, r, by: _again(r, by)),
    "deciding_numbers.set_numbers": ("set least number", lambda s, r, by: _set(r, by)),
    "deciding_numbers.cancel_run": ("cancel dates", lambda s, r, by: _cancel(r, by)),
}
LOOKING = {"deciding_numbers.preview"}
