"""What may be said of one session, or of one room booking: the only thing about them that the messages ever see."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Said:
    """Words about one session for the people booked on it, made by the programmes area (promise P5).

    `starts_at` and `ends_at` are aware UTC; the wording turns them into local words. When `is_discreet`, no text, mail
    or calendar entry uses anything but the time: the other fields may then be empty, and are ignored if they are not.
    """

    session_id: UUID
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    place: str = ""  # "Ferndown Family Hub, Penny's Walk, BH22 9JU"; "Online" or "By phone, we ring you" where it is so
    directions: str = ""  # how to get there, one or two sentences
    bring: str = ""
    host: str = ""
    join_url: str = ""  # online sessions: the link to join by
    page_path: str = ""  # "/sessions/...": the public page, for the calendar entry; never a link with a token
    latitude: float | None = None
    longitude: float | None = None
    is_discreet: bool = False
    is_by_phone: bool = False

    def neutral(self) -> "Said":
        """The same with nothing but its time, for whoever must not be given away."""
        return Said(self.session_id, self.starts_at, self.ends_at, is_discreet=True)


@dataclass(frozen=True, slots=True)
class RoomDate:
    """One date of a room booking; `room` only where it is not the usual room, `why` where the date is not had, `title`
    where the message is about more than one booking."""

    starts_at: datetime
    ends_at: datetime
    state: str = "confirmed"
    why: str = ""
    room: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class RoomSaid:
    """Words about one room booking or one series for whoever booked it, made by the places area.

    `about` is what it is: ("room_booking" or "room_series", id). A private one goes to its own booker in full; to
    others its messages are as secret as those of restricted sessions.
    """

    about: tuple[str, UUID]
    title: str
    room: str
    location: str
    address: str
    dates: tuple[RoomDate, ...]
    page_path: str
    is_private: bool = False

    @property
    def place(self) -> str:
        return ", ".join(filter(None, (self.room, self.location, self.address)))

    @property
    def held(self) -> tuple[RoomDate, ...]:
        return self.of_state("confirmed")

    def of_state(self, *states: str) -> tuple[RoomDate, ...]:
        return tuple(each for each in self.dates if each.state in states)


@dataclass(frozen=True, slots=True)
class OtherRoom:
    """A room that is offered instead: where, for how long it is kept, and the link that takes it with one click."""

    place: str
    starts_at: datetime
    ends_at: datetime
    answer_by_at: datetime
    link_path: str


@dataclass(frozen=True, slots=True)
class Held:
    """One date that stands in a calendar. `rule_date` is the date that the rule of its series gave it."""

    starts_at: datetime
    ends_at: datetime
    place: str
    rule_date: date | None = None


@dataclass(frozen=True, slots=True)
class Repeats:
    """A rule as calendars write it (RFC 5545 section 3.3.10), in local wall times: so many dates from the first one, and
    those of them that are left out."""

    frequency: Literal["WEEKLY", "MONTHLY"]
    interval: int
    by_day: str
    first_date: date
    start: str
    end: str
    count: int
    left_out: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """What of a room booking or series stands in its booker's calendar. Nothing held: it is taken out. `was` is any date
    of it, for taking it out."""

    about_id: UUID
    title: str
    place: str
    held: tuple[Held, ...]
    was: Held
    page_path: str
    repeats: Repeats | None = None
    is_private: bool = False
