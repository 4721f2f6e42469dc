"""Calendar entries of room bookings for whoever booked them: one VEVENT for a booking, one for a whole series.

A series is a rule with the dates it leaves out and overrides for those that were moved, under one UID; every change sends
all of it anew with a higher SEQUENCE (docs/decisions/room-series-calendar-entry.md; RFC 5545, 5546, 6047).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from booking import clock
from booking.messages import calendar, ical, sender
from booking.messages.calendar import Method
from booking.messages.said import Held, Repeats, RoomEntry


@dataclass(frozen=True, slots=True)
class Addressed:
    """An entry with its id for ever, its number and whose calendar it is for; no address: a file to download."""

    entry: RoomEntry
    uid: str
    sequence: int
    name: str = ""
    address: str = ""


def invite(addressed: Addressed, method: Method, stamp: datetime) -> str:
    """The iTIP message with the whole state (REQUEST), or that takes all of it out (CANCEL; RFC 5546 section 3.2.5)."""
    events = _cancelled(addressed, stamp) if method == "CANCEL" else _events(addressed, stamp)
    return _file(method, [*events])


def download(addressed: Addressed, stamp: datetime) -> str:
    """The same as a file (METHOD:PUBLISH); without events when nothing is held."""
    return _file("PUBLISH", [*_events(addressed, stamp)])


def _file(method: str, events: list[str]) -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{ical.PRODUCT}", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    return ical.write([*head, calendar.time_zone(), *events, "END:VCALENDAR"])


def _events(addressed: Addressed, stamp: datetime) -> Iterator[str]:
    entry = addressed.entry
    if not entry.held:
        return
    if entry.repeats is None:
        yield from _event(addressed, entry.held[0], stamp)
        return
    first = _by_rule(entry, entry.repeats.first_date)
    yield from _event(addressed, first, stamp, _rule(entry.repeats))
    for held in entry.held:
        if held.rule_date and held != _by_rule(entry, held.rule_date):
            of = clock.at(held.rule_date, entry.repeats.start)
            yield from _event(addressed, held, stamp, [ical.local("RECURRENCE-ID", of)])


def _by_rule(entry: RoomEntry, day: date) -> Held:
    """What a date of the series is when nobody moved it."""
    assert entry.repeats is not None
    return Held(clock.at(day, entry.repeats.start), clock.at(day, entry.repeats.end), entry.place, day)


def _rule(repeats: Repeats) -> list[str]:
    parts = [f"FREQ={repeats.frequency}", f"BYDAY={repeats.by_day}", f"COUNT={repeats.count}"]
    if repeats.interval > 1:
        parts.insert(1, f"INTERVAL={repeats.interval}")
    return [
        "RRULE:" + ";".join(parts),
        *(ical.local("EXDATE", clock.at(day, repeats.start)) for day in repeats.left_out),
    ]


def _event(
    addressed: Addressed, held: Held, stamp: datetime, more: list[str] | None = None, status: str = "CONFIRMED"
) -> Iterator[str]:
    entry = addressed.entry
    yield "BEGIN:VEVENT"
    yield f"UID:{addressed.uid}"
    yield f"SEQUENCE:{addressed.sequence}"
    yield f"DTSTAMP:{ical.utc(stamp.replace(microsecond=0))}"
    yield ical.local("DTSTART", held.starts_at)
    yield ical.local("DTEND", held.ends_at)
    yield from more or ()
    yield f"SUMMARY:{ical.text(ical.tidy(entry.title))}"
    yield f"LOCATION:{ical.text(held.place)}"
    url = sender.current().base_url + entry.page_path
    yield f"DESCRIPTION:{ical.text(f'See, change or cancel it: {url}')}"
    yield f"URL:{url}"
    yield f"CLASS:{'PRIVATE' if entry.is_private else 'PUBLIC'}"
    yield "TRANSP:OPAQUE"
    yield f"STATUS:{status}"
    yield from _people(addressed)
    yield "END:VEVENT"


def _people(addressed: Addressed) -> Iterator[str]:
    """Who booked has said yes already, and nobody reads calendar replies: RSVP=FALSE."""
    by = sender.current()
    address = by.mail_from_neutral if addressed.entry.is_private else by.mail_from
    yield f"ORGANIZER;CN={ical.parameter(by.name)}:mailto:{address}"
    if addressed.address:
        name = f"CN={ical.parameter(addressed.name)};" if addressed.name.strip() else ""
        yield f"ATTENDEE;{name}ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{ical.tidy(addressed.address)}"


def _cancelled(addressed: Addressed, stamp: datetime) -> Iterator[str]:
    """One VEVENT without RECURRENCE-ID takes out the booking, or the series with all its dates."""
    yield from _event(addressed, addressed.entry.was, stamp, status="CANCELLED")
