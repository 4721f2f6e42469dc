"""Why nobody in a line is being offered a place right now, in words for staff: a pure function of how the line stands."""

from dataclasses import dataclass
from datetime import datetime

from booking.programmes.waiting import offer_times
from booking.words import clock_time, count_words, instant_words


@dataclass(frozen=True, slots=True)
class Stand:
    """How a line stands: `fewest` and `fewest_priority` are the fewest places that anybody waiting needs, without and with
    priority (None: nobody such waits); `holds_until` is the next end of an open offer."""

    is_open: bool
    closes_at: datetime | None
    places: int
    taken: int
    reserved_free: int
    reserved_until: datetime | None
    waiting: int
    fewest: int | None
    fewest_priority: int | None
    first_needs: int | None
    first_has_priority: bool
    holds_until: datetime | None

    @property
    def left(self) -> int:
        return max(self.places - self.taken, 0)

    @property
    def left_for_all(self) -> int:
        return max(self.left - self.reserved_free, 0)

    @property
    def somebody_fits(self) -> bool:
        """Whether anybody who waits could be offered what is left."""
        return _fits(self.fewest, self.left_for_all) or _fits(self.fewest_priority, self.left)


def _fits(fewest: int | None, left: int) -> bool:
    return fewest is not None and fewest <= left


def why_nobody(line: Stand, now: datetime) -> str:
    """One sentence: what stands in the way, or that the next offer is about to be made."""
    if not line.is_open or line.closes_at is None or line.closes_at <= now:
        return "It is cancelled, has begun, or can no longer be joined."
    if not line.waiting:
        return _holds(line) or "Nobody is waiting."
    if not line.left:
        return _holds(line) or "It is full."
    if not line.somebody_fits or _waits_for_the_first(line):
        return _too_few(line)
    if offer_times.offer_until(now, line.closes_at) is None:
        return _not_now(line.closes_at, now)
    return "The next in line is asked within seconds."


def _holds(line: Stand) -> str:
    return f"Every place is taken. Somebody holds an offer until {_when(line.holds_until)}." if line.holds_until else ""


def _when(instant: datetime) -> str:
    return instant_words(instant)


def _too_few(line: Stand) -> str:
    fewest = min(each for each in (line.fewest, line.fewest_priority) if each is not None)
    if line.reserved_free and line.reserved_until and fewest <= line.left:
        left = count_words(line.left, "place is", "places are")
        return f"{left} left, reserved for families with priority until {_when(line.reserved_until)}. Nobody with priority waits."
    if _waits_for_the_first(line):
        return f"The first in line needs {line.first_needs}, {line.left_for_all} left, and nobody may pass."
    return f"All who wait need more places: the smallest party needs {fewest}, {line.left} left."


def _waits_for_the_first(line: Stand) -> bool:
    left = line.left if line.first_has_priority else line.left_for_all
    return not offer_times.rules().smaller_may_pass and not _fits(line.first_needs, left)


def _not_now(closes_at: datetime, now: datetime) -> str:
    if offer_times.is_quiet(now) and closes_at >= offer_times.earliest_close(now):
        return f"Quiet hours: nobody is written to until {clock_time(offer_times.when_loud(now))}."
    return "It begins so soon that nobody would have time to answer. Everybody may book it now; ring the first in line."
