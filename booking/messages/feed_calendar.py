"""Calendars that others subscribe to (RFC 5545, RFC 7986) and a room's free and busy times (RFC 5545 section 3.6.4).

Written as text: a feed of a thousand entries costs 10 to 25 ms this way and 330 ms with icalendar, for all of which
nobody else is served. Every time is UTC; there is no rule in a feed, so nothing shifts when the clocks change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from booking.messages import calendar, ical, sender

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
Busy = Literal["BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE"]
REFRESH = "PT1H"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a room, or one date of a session, as a feed tells it. `changed_at` is when it was last written about, as far
    as is known. `url` is a path of ours or an address; `join_url` the link to join what is online."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    status: Status
    sequence: int
    changed_at: datetime
    is_private: bool = False
    description: str = ""
    url: str = ""
    join_url: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A time when a room cannot be had: taken, closed, or asked for."""

    starts_at: datetime
    ends_at: datetime
    kind: Busy


def feed(name: str, uses: Iterable[Use]) -> str:
    """The calendar to subscribe to."""
    lines = [line for use in uses for line in _event(use)]
    return ical.write([*_head(name), *(lines or [calendar.time_zone()]), "END:VCALENDAR"])


def _head(name: str) -> Iterator[str]:
    words = ical.text(ical.tidy(name))
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{ical.PRODUCT}", "CALSCALE:GREGORIAN")
    yield from (f"NAME:{words}", f"X-WR-CALNAME:{words}")
    yield from (f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}")


def _event(use: Use) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{use.uid}"
    yield f"SEQUENCE:{use.sequence}"
    yield f"DTSTAMP:{ical.utc(use.changed_at)}"
    yield f"DTSTART:{ical.utc(use.starts_at)}"
    yield f"DTEND:{ical.utc(use.ends_at)}"
    yield f"SUMMARY:{ical.title(use.title)}"
    if use.place:
        yield f"LOCATION:{ical.title(use.place)}"
    if use.is_private:
        yield "CLASS:PRIVATE"
    else:
        yield from _more(use)
    yield f"STATUS:{use.status}"
    yield f"TRANSP:{'TRANSPARENT' if use.status == 'CANCELLED' else 'OPAQUE'}"
    yield "END:VEVENT"


def _more(use: Use) -> Iterator[str]:
    if use.description:
        yield f"DESCRIPTION:{ical.text(use.description)}"
    if use.url:
        yield f"URL:{ical.uri(sender.current().base_url + use.url if use.url.startswith('/') else use.url)}"
    if use.join_url:
        yield f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL={calendar.JOIN}:{ical.uri(use.join_url)}"


def free_busy(uid: str, first_at: datetime, last_at: datetime, periods: Sequence[Period], stamp: datetime) -> str:
    """One VFREEBUSY for the time between; it names no room, no place and nobody."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{ical.PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        *("BEGIN:VFREEBUSY", f"UID:{uid}", f"DTSTAMP:{ical.utc(stamp)}"),
        f"ORGANIZER:mailto:{sender.current().mail_from_neutral}",
        *(f"DTSTART:{ical.utc(first_at)}", f"DTEND:{ical.utc(last_at)}"),
        *(f"FREEBUSY;FBTYPE={p.kind}:{ical.utc(p.starts_at)}/{ical.utc(p.ends_at)}" for p in periods),
        *("END:VFREEBUSY", "END:VCALENDAR"),
    ]
    return ical.write(lines)
