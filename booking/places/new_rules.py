"""Which bookings to come would break rules that staff are about to save: a smaller room, other hours, an agreement that
ends. Pure, but for `to_come`, which reads the bookings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.people.signing_in import Who
from booking.places.opening import Opening, spans
from booking.problems import Problem, Refused
from booking.words import count_words, day_and_year, short_day, time_range

PRIVATE = "Private booking"


@dataclass(frozen=True, slots=True)
class Use:
    """A room booking to come, as far as the rules of its room and place look at it."""

    id: UUID
    session_id: UUID | None
    room_name: str
    starts_at: datetime
    ends_at: datetime
    people: int | None
    layout: str
    is_out_of_hours: bool
    title: str

    @property
    def day(self) -> date:
        return clock.local(self.starts_at).date()

    @property
    def when(self) -> str:
        """ "Tue 12 Jan 2027, 10am to 11:30am" """
        start, end = (clock.local(instant).strftime("%H:%M") for instant in (self.starts_at, self.ends_at))
        return f"{short_day(self.day)} {self.day.year}, {time_range(start, end)}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed. Without an opening hours are not looked at, without a capacity numbers are not."""

    valid_from: date | None = None
    valid_to: date | None = None
    capacity: int | None = None
    layouts: Mapping[str, int] = field(default_factory=dict)
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    use: Use
    why: str


class WouldBreak(Refused):
    """A change that bookings to come would not fit; asked for again with is_sure it is made all the same."""

    def __init__(self, broken: Sequence[Broken]):
        some = count_words(len(broken), "booking")
        words = f"{some} to come would not fit any more. Nothing is saved yet: look at them below."
        super().__init__([Problem(words, None, "warns", "bookings break")])
        self.broken = list(broken)


def why_broken(use: Use, rules: Rules) -> str:
    """Why this use breaks the rules, in a few words; "" if it does not."""
    if rules.valid_from and use.day < rules.valid_from:
        return f"before {day_and_year(rules.valid_from)}"
    if rules.valid_to and use.day > rules.valid_to:
        return f"after {day_and_year(rules.valid_to)}"
    most = rules.layouts.get(use.layout, rules.capacity) if rules.capacity else None
    if most and use.people and use.people > most:
        return f"{use.people} people, and there would be room for {most}"
    if rules.opening and not use.is_out_of_hours and not _is_open(rules.opening, use):
        return "outside the opening hours"
    return ""


def _is_open(opening: Opening, use: Use) -> bool:
    """A place of which no hours are known is never shut."""
    if not opening.hours and not opening.specials:
        return True
    return any(opens <= use.starts_at and use.ends_at <= closes for opens, closes in spans(opening, use.day))


def newly_broken(uses: Sequence[Use], before: Rules, after: Rules) -> list[Broken]:
    """The uses that fit before and would not after, in order, with the reason."""
    found = [Broken(use, why_broken(use, after)) for use in uses if not why_broken(use, before)]
    return [broken for broken in found if broken.why]


def refuse_if_broken(uses: Sequence[Use], before: Rules, after: Rules) -> None:
    """Raises WouldBreak when a use that fits before would not fit after."""
    broken = newly_broken(uses, before, after)
    if broken:
        raise WouldBreak(broken)


async def to_come(*, for_who: Who, room_id: UUID | None = None, location_id: UUID | None = None) -> list[Use]:
    """The bookings of a room or a whole location that are not over, sessions too, in order of time. What is private has no
    name for who does not work at that hub (promise P5)."""
    found = await db.rows(
        "SELECT b.id, b.kind, b.starts_at, b.ends_at, b.layout, b.is_out_of_hours, b.is_private, b.title, g.name AS partner,"
        " COALESCE(b.people, s.places) AS people, s.id AS session_id, r.title AS run_title, r.is_restricted,"
        " o.name AS room_name, CASE WHEN r.is_restricted THEN s.hub_id ELSE l.hub_id END AS hub_id FROM room_booking b JOIN room o ON o.id = b.room_id"
        " JOIN location l ON l.id = o.location_id LEFT JOIN organisation g ON g.id = b.organisation_id"
        " LEFT JOIN session s ON s.room_booking_id = b.id LEFT JOIN run r ON r.id = s.run_id"
        f" WHERE {'b.room_id' if room_id else 'o.location_id'} = $1 AND b.ends_at > $2"
        " AND b.state IN ('requested', 'confirmed') AND b.kind <> 'closure' ORDER BY b.starts_at, b.id",
        room_id or location_id,
        clock.now(),
    )
    return [_use(row, for_who) for row in found]


def _use(row: dict[str, Any], who: Who) -> Use:
    is_hidden = (row["is_private"] or row["is_restricted"]) and not who.works_at(row["hub_id"])
    title = row["run_title"] or " · ".join(filter(None, [row["partner"], row["title"]])) or "Booked by staff"
    return Use(
        row["id"],
        None if is_hidden else row["session_id"],
        row["room_name"],
        row["starts_at"],
        row["ends_at"],
        row["people"],
        row["layout"],
        bool(row["is_out_of_hours"]),
        PRIVATE if is_hidden else title,
    )


def path_of(use: Use) -> str:
    """Where staff look at it; "" for what is private."""
    if use.title == PRIVATE:
        return ""
    return f"/staff/sessions/{use.session_id}" if use.session_id else f"/staff/rooms/bookings/{use.id}"
