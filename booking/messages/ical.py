"""Lines of an iCalendar object written as text (RFC 5545 section 3.1): folded at 75 octets, escaped, ended by CRLF.

For what is written a thousand times at once: icalendar needs some twenty times as long (docs/feeds.md). What is written here is
read back with icalendar in the tests.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from booking import clock
from booking.messages.wording import tidy

PRODUCT = "-//booking//booking//EN"
LONGEST = 75
_ESCAPED = re.compile(r"([\\;,])")

# icalendar's own has 2.7 kB and starts summer time an hour late; this one reads alike everywhere (RFC 5545, 3.6.5).
LONDON = """\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")


def is_london() -> bool:
    return clock.zone().key == "Europe/London"


def text(words: str) -> str:
    """A TEXT value (section 3.3.11): backslash, semicolon, comma and line ends escaped, control characters gone."""
    lines = (_ESCAPED.sub(r"\\\1", tidy(line)) for line in words.split("\n"))
    return "\\n".join(lines)


@lru_cache(maxsize=2048)
def title(words: str) -> str:
    """A TEXT value of one line; feeds say the same titles and places again and again."""
    return text(tidy(words))


def parameter(words: str) -> str:
    """A quoted parameter value, in which nothing can be escaped (section 3.2): quotes become apostrophes."""
    return '"' + tidy(words).replace('"', "'") + '"'


def uri(address: str) -> str:
    """A URI value (section 3.3.13), in which nothing is escaped: no blanks and no line ends."""
    return "".join(tidy(address).split())


@lru_cache(maxsize=8192)
def utc(instant: datetime) -> str:
    """ "20270112T100000Z" """
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def local(name: str, instant: datetime) -> str:
    """ "DTSTART;TZID=Europe/London:20270112T100000": wall time, so that a rule keeps it across the clock changes."""
    return f"{name};TZID={clock.zone().key}:{clock.local(instant):%Y%m%dT%H%M%S}"


def write(lines: Iterable[str]) -> str:
    """The lines folded, each ended by CRLF; a block that is already so (a VTIMEZONE) goes in as it is."""
    return "".join(line if line.endswith("\r\n") else _folded(line) for line in lines)


def _folded(line: str) -> str:
    if len(line) <= LONGEST and line.isascii():
        return line + "\r\n"
    parts, at, octets = [], 0, line.encode()
    while len(octets) - at > LONGEST - bool(at):
        end = at + LONGEST - bool(at)
        while octets[end] & 0xC0 == 0x80:  # never inside a character
            end -= 1
        parts.append(octets[at:end].decode())
        at = end
    return "\r\n ".join([*parts, octets[at:].decode()]) + "\r\n"
