"""What a calendar says, as three programs read it that are not the one that writes it: vobject, ics and ical.js."""

from dataclasses import dataclass
from datetime import UTC, datetime

import ics
import vobject

MOST = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """One entry; `times` are start and end of each date in UTC, in order (of a series all of them)."""

    uid: str
    title: str
    place: str
    description: str
    status: str
    sequence: int
    times: tuple[tuple[datetime, datetime], ...]


def with_vobject(text: str) -> list[Reading]:
    """Read with vobject, which expands rules by dateutil; moved dates of a series are laid over them here."""
    events = vobject.readOne(text).contents.get("vevent", [])
    overrides = [event for event in events if "recurrence-id" in event.contents]
    return [
        _of_vobject(event, [each for each in overrides if each.uid.value == event.uid.value])
        for event in events
        if "recurrence-id" not in event.contents
    ]


def _of_vobject(event, overrides) -> Reading:
    starts_at, ends_at = event.dtstart.value, event.dtend.value
    rules = event.getrruleset(addRDate=True) if "rrule" in event.contents else None
    times = {_utc(each): _utc(each + (ends_at - starts_at)) for each in (list(rules)[:MOST] if rules else [starts_at])}
    for each in overrides:
        del times[_utc(each.recurrence_id.value)]
        times[_utc(each.dtstart.value)] = _utc(each.dtend.value)
    return Reading(
        *(_value(event, name) for name in ("uid", "summary", "location", "description", "status")),
        int(_value(event, "sequence")),
        tuple(sorted(times.items())),
    )


def _value(event, name: str) -> str:
    return event.contents[name][0].value if name in event.contents else ""


def with_ics(text: str) -> list[Reading]:
    """Read with ics, which knows no rules: of a series it has the first date by the rule, and the moved ones as entries."""
    found = [
        Reading(
            event.uid,
            event.name or "",
            event.location or "",
            event.description or "",
            event.status or "",
            int(next((line.value for line in event.extra if line.name == "SEQUENCE"), 0)),
            ((_utc(event.begin.datetime), _utc(event.end.datetime)),),
        )
        for event in ics.Calendar(text).events
    ]
    return sorted(found, key=lambda each: (each.times, each.uid))


def of_ical_js(events: list[dict]) -> list[Reading]:
    """What tests/readers/read.mjs answered for one calendar."""
    return [
        Reading(
            *(each[name] for name in ("uid", "title", "place", "description", "status")),
            each["sequence"],
            tuple(sorted((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in each["times"])),
        )
        for each in events
    ]


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
