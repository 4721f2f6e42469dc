"""How long an offered place is kept, and when none is made: pure functions over instants.

An offer is never made and never ends in the quiet hours, which are wall times, so that a night with a clock change is an
hour shorter or longer; and it ends a margin before the session begins, or before a course can no longer be joined.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking import clock
from booking.messages import hours
from booking.settings import Messages, Offers

MORNING = timedelta(hours=1)  # who was asked in the evening has the next morning's first hour
BEFORE_QUIET = timedelta(minutes=15)  # so that nobody hears in the quiet hours that an offer has ended


@dataclass(frozen=True, slots=True)
class OfferRules:
    """The settings of [offers], read once at the start."""

    far: timedelta = timedelta(hours=48)
    this_week: timedelta = timedelta(hours=12)
    tomorrow: timedelta = timedelta(hours=4)
    today: timedelta = timedelta(minutes=45)
    shortest: timedelta = timedelta(minutes=30)
    margin: timedelta = timedelta(minutes=30)
    smaller_may_pass: bool = True


_rules = OfferRules()


def use(offers: Offers, messages: Messages) -> None:
    """Call once when the app or a worker starts."""
    global _rules
    hours.use(messages)
    _rules = OfferRules(
        far=timedelta(hours=offers.hours_far_ahead),
        this_week=timedelta(hours=offers.hours_in_the_week),
        tomorrow=timedelta(hours=offers.hours_the_day_before),
        today=timedelta(minutes=offers.minutes_on_the_day),
        shortest=timedelta(minutes=offers.shortest_minutes),
        margin=timedelta(minutes=offers.margin_minutes),
        smaller_may_pass=offers.smaller_may_pass,
    )


def rules() -> OfferRules:
    return _rules


def is_quiet(instant: datetime) -> bool:
    """Whether nobody is to be written to: the county's quiet hours, by the wall clock."""
    return not hours.is_allowed(hours.county(), instant)


def quiet_ends(instant: datetime) -> datetime:
    """When the quiet hours of the night after an instant end, or of the night it is in."""
    wall = clock.local(instant)
    ends = hours.county().quiet_to
    return clock.at(wall.date() if wall.strftime("%H:%M") < ends else wall.date() + timedelta(days=1), ends)


def quiet_began(instant: datetime) -> datetime:
    """When the quiet hours began in which an instant is."""
    wall = clock.local(instant)
    began = hours.county().quiet_from
    return clock.at(wall.date() if wall.strftime("%H:%M") >= began else wall.date() - timedelta(days=1), began)


def when_loud(instant: datetime) -> datetime:
    """The instant itself, or the end of the quiet hours it is in."""
    return quiet_ends(instant) if is_quiet(instant) else instant


def length(ahead: timedelta) -> timedelta:
    """How long an offer is kept for something that closes so far ahead."""
    if ahead > timedelta(days=7):
        return _rules.far
    if ahead > timedelta(days=2):
        return _rules.this_week
    return _rules.tomorrow if ahead > timedelta(days=1) else _rules.today


def offer_until(now: datetime, closes_at: datetime) -> datetime | None:
    """Until when a place that is offered now is kept; None when no offer can be made now."""
    if is_quiet(now):
        return None
    until = now + max(length(closes_at - now), _rules.shortest)
    if is_quiet(until):
        until = quiet_ends(until) + MORNING
    until = min(until, closes_at - _rules.margin)
    if is_quiet(until):
        until = quiet_began(until) - BEFORE_QUIET
    return until if until - now >= _rules.shortest else None


def earliest_close(now: datetime) -> datetime:
    """What closes before this can be offered to nobody in line any more; from here on everybody may book it.

    For what closes later an offer can be made now or, in the quiet hours and shortly before, when they have ended.
    """
    soonest = now + _rules.shortest + _rules.margin
    if hours.county().quiet_from == hours.county().quiet_to:
        return soonest
    morning = quiet_ends(now)
    if is_quiet(now):
        return morning + _rules.shortest + _rules.margin
    evening = quiet_began(morning - timedelta(minutes=1)) - BEFORE_QUIET
    if now + _rules.shortest <= evening:
        return soonest
    return morning + _rules.margin
