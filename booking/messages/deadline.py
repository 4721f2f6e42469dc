"""Until when a claim may be used: looked at once more right before each request (docs/delivery.md, "A frozen worker")."""

import time
from datetime import timedelta

from booking import clock

# counts while the machine sleeps, which the ordinary monotonic clock of Linux does not
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class TooLate(Exception):
    """The worker was held up for so long that its claim may be somebody else's: nothing was sent."""


class Deadline:
    """So many seconds from now, by the machine's own count or by the wall clock, whichever comes first: a virtual machine that
    was put to sleep notices by the one or by the other."""

    def __init__(self, seconds: float):
        self._counted = time.clock_gettime(_CLOCK) + seconds
        self._wall = clock.now() + timedelta(seconds=seconds)

    def is_past(self) -> bool:
        return time.clock_gettime(_CLOCK) > self._counted or clock.now() > self._wall

    def check(self) -> None:
        """Raises TooLate once it is past. The last thing before a request is written to the line."""
        if self.is_past():
            raise TooLate
