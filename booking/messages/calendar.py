"""Calendar entries: the only file that knows icalendar (RFC 5545, 5546, 6047, 7986; promise P7).

One VEVENT per session and family member, with an id that never changes and a sequence number that only rises, so that
Outlook, Google and Apple replace and remove the right entry. No recurrence rules: one date can then move or go alone. No
VALARM either: reminders are ours, and keep the hours in which somebody may be reached (docs/calendars.md).
(Series of room bookings are another matter: room_calendar.py.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, Timezone, vCalAddress, vGeo, vUri

from booking import clock
from booking.messages import ical, sender
from booking.messages.said import Said
from booking.messages.wording import tidy

Method = Literal["REQUEST", "CANCEL"]
DISCREET_TITLE = "Appointment"
JOIN, ONLINE = "Join online", "Online"


@dataclass(frozen=True, slots=True)
class Entry:
    """One session in one family member's calendar. `uid` never changes; `sequence` rises with each change."""

    said: Said
    uid: str
    sequence: int
    attendee_name: str = ""
    attendee_address: str = ""


def invite(entry: Entry, method: Method, stamp: datetime) -> str:
    """The iTIP message that puts one entry into a calendar, replaces it (REQUEST) or takes it out (CANCEL).

    RFC 5546 sections 3.2.2 and 3.2.5. `stamp` (DTSTAMP) is given, so that the same entry is the same text.
    """
    event = _event(entry, stamp)
    event.add("organizer", _organizer(entry.said))
    event.add("attendee", _attendee(entry), encode=False)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    return _file(method, [event])


def download(entries: Sequence[Entry], stamp: datetime) -> str:
    """A plain .ics with all the entries, for "add to calendar" buttons (METHOD:PUBLISH, RFC 5546 section 3.2.1)."""
    events = [_event(entry, stamp) for entry in entries]
    for event, entry in zip(events, entries, strict=True):
        event.add("organizer", _organizer(entry.said))
        event.add("status", "CONFIRMED")
    return _file("PUBLISH", events)


def _event(entry: Entry, stamp: datetime) -> Event:
    said, event = entry.said, Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", _time(said.starts_at))
    event.add("dtend", _time(said.ends_at))
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE" if said.is_discreet else "PUBLIC")
    event.add("summary", DISCREET_TITLE if said.is_discreet else tidy(said.title))
    if not said.is_discreet:
        _add_words(event, said)
    return event


def _time(instant: datetime) -> datetime:
    """Local where we ship the zone, so that a calendar shows the wall time; else UTC, which needs no VTIMEZONE."""
    return clock.local(instant) if ical.is_london() else instant.astimezone(UTC)


def time_zone() -> str:
    """The VTIMEZONE of the council's zone as lines of text, for entries that repeat and so must be in wall time."""
    if ical.is_london():
        return ical.LONDON
    return Timezone.from_tzinfo(clock.zone(), clock.zone().key).to_ical().decode()


def _add_words(event: Event, said: Said) -> None:
    if where(said):
        event.add("location", where(said))
    event.add("description", description(said))
    if url(said):
        event.add("url", vUri(url(said)))
    if said.latitude is not None and said.longitude is not None:
        event.add("geo", vGeo((said.latitude, said.longitude)))
    if said.join_url:
        conference = vUri(ical.uri(said.join_url))
        conference.params.update({"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"], "LABEL": JOIN})
        event.add("conference", conference, encode=False)


def where(said: Said) -> str:
    """LOCATION. Of what is online the link itself: few programs read CONFERENCE, and most make a button of a link here."""
    return tidy(said.join_url if said.join_url and said.place in ("", ONLINE) else said.place)


def url(said: Said) -> str:
    """URL: the link to join by where there is one, else the public page; never a link with a token."""
    return ical.uri(said.join_url or (sender.current().base_url + said.page_path if said.page_path else ""))


def description(said: Said) -> str:
    """No manage link: calendars are shared, and the link opens the booking."""
    lines = [
        said.join_url and f"{JOIN}: {said.join_url}",
        said.host and f"Run by {tidy(said.host)}.",
        said.directions and f"How to get there: {tidy(said.directions)}",
        said.bring and f"What to bring: {tidy(said.bring)}",
        f"Questions? Ring {sender.current().help_phone}.",
    ]
    return "\n".join(line for line in lines if line)


def _organizer(said: Said) -> vCalAddress:
    if said.is_discreet:
        return vCalAddress(f"mailto:{sender.current().mail_from_neutral}")
    organizer = vCalAddress(f"mailto:{sender.current().mail_from}")
    organizer.params["CN"] = sender.current().name
    return organizer


def _attendee(entry: Entry) -> vCalAddress:
    """Who booked has said yes already, and nobody reads calendar replies: RSVP=FALSE."""
    attendee = vCalAddress(f"mailto:{entry.attendee_address}")
    name = tidy(entry.attendee_name).replace('"', "'")
    attendee.params.update({"CN": name} if name else {})
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    return attendee


def _file(method: str, events: list[Event]) -> str:
    """The calendar object with our VTIMEZONE before the first event."""
    calendar = Calendar()
    calendar.add("prodid", ical.PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    zone = ical.LONDON.encode() if ical.is_london() else b""
    return calendar.to_ical().replace(b"BEGIN:VEVENT\r\n", zone + b"BEGIN:VEVENT\r\n", 1).decode()
