"""The tables about what is offered that a council can import: service categories, programmes, the timetable."""

import re
from dataclasses import dataclass
from datetime import date

from booking import cells
from booking.places import recurrence
from booking.places.place_tables import not_read
from booking.programmes.join_links import is_join_link
from booking.tables import Column, Table

BOOKING_RULES = ("drop_in", "book", "book_or_referral", "book_first_visit", "appointment", "referral", "linked")
DELIVERY = ("in_person", "online", "phone", "hybrid")
MOST_LEAD = {"d": 30, "h": 48}
MOST_LEADS = 5


@dataclass(slots=True)
class TopicRow:
    code: str
    name: str
    parent_code: str
    row: int
    file: str


CATEGORIES = Table(
    name="service categories",
    about="Topics that parents can filter by, in two levels.",
    row=TopicRow,
    key=("code",),
    columns=(
        Column("code", cells.code(120), "The topic; no two rows share it.", must=True),
        Column("name", cells.text(200), "The topic's name, as programmes give it in the column taxonomy.", must=True),
        Column("parent_code", cells.code(120), "The topic above it; empty for the top ones.", empty=""),
    ),
)


@dataclass(slots=True)
class ProgrammeRow:
    code: str
    title: str
    family: str
    kind: str
    min_age_months: int | None
    max_age_months: int | None
    age_of: str
    sessions: int | None
    minutes: int | None
    capacity_min: int | None
    capacity_max: int | None
    capacity_unit: str
    facilitators: int | None
    skills: str | None
    prepare_minutes: int | None
    follow_up_minutes: int | None
    creche_workers: int | None
    creche: str
    delivery: tuple[str, ...]
    booking_rule: str
    discreet: bool
    taxonomy: str
    summary: str
    what_to_bring: str
    reminder_leads: str
    entry_sessions: int | None
    source: str
    row: int
    file: str


def leads(cell: str) -> str:
    """How long before a session families are reminded: "2d 2h"; the longest first, each once."""
    found = set()
    for part in cell.lower().split():
        match = re.fullmatch(r"([0-9]{1,2})([dh])", part)
        if not match or not 1 <= int(match[1]) <= MOST_LEAD[match[2]]:
            raise cells.Wrong(
                f"{cells.quoted(cell)} cannot be read. Write days from 1d to 30d and hours from 1h to 48h, like 2d 2h."
            )
        found.add((int(match[1]), match[2]))
    if len(found) > MOST_LEADS:
        raise cells.Wrong(f"{cells.quoted(cell)} names {len(found)} reminders. At most {MOST_LEADS} are sent.")
    by_length = sorted(found, key=lambda lead: lead[0] * (24 if lead[1] == "d" else 1), reverse=True)
    return " ".join(f"{amount}{unit}" for amount, unit in by_length)


PROGRAMMES = Table(
    name="programmes",
    about="What is offered, wherever and whenever it is held.",
    row=ProgrammeRow,
    key=("code",),
    columns=(
        Column("code", cells.code(40), "The programme; no two rows share it.", must=True),
        Column("title", cells.text(200), "Its name.", must=True),
        Column("family", cells.text(100), "The group of programmes it is of: Incredible Years.", empty=""),
        Column("kind", cells.code(20), "course, weekly, monthly, one_off, appointment.", must=True),
        Column("min_age_months", cells.whole(0, 1200), "Youngest age in months; empty is no limit.", empty=None),
        Column("max_age_months", cells.whole(0, 1200), "Oldest age in months; empty is no limit.", empty=None),
        Column("age_of", cells.text(30), "Whose age counts: child, adult, expectant parents ...", empty="child"),
        Column("sessions", cells.whole(1, 200), "How many sessions a course has.", empty=None),
        Column("minutes", cells.whole(1, 1440), "How long one session is.", empty=None),
        Column("capacity_min", cells.whole(0, 5000), "Fewest to run it.", empty=None),
        Column("capacity_max", cells.whole(1, 5000), "Most that can come.", empty=None),
        Column("capacity_unit", cells.text(20), "What is counted: families, adults, children ...", empty="families"),
        Column("facilitators", cells.whole(0, 50), "How many lead it.", empty=None),
        Column("skills", cells.text(300), "Codes or names of what each must hold; parted by semicolons.", empty=None),
        Column("prepare_minutes", cells.whole(0, 480), "What each works before every session.", empty=None),
        Column("follow_up_minutes", cells.whole(0, 480), "And after it.", empty=None),
        Column("creche_workers", cells.whole(0, 20), "How many look after its creche.", empty=None),
        Column("creche", cells.text(100), "yes, no, or in words.", empty=""),
        Column("delivery", cells.words(60), "in_person, online, phone; parted by semicolons.", empty=("in_person",)),
        Column("booking_rule", cells.text(80), "Who may book, in words.", empty=""),
        Column("discreet", cells.yes_no, "yes: messages use neutral words.", empty=False),
        Column("taxonomy", cells.text(200), "The name or code of a service category.", empty=""),
        Column("summary", cells.text(2000), "A sentence or two for parents.", empty=""),
        Column("what_to_bring", cells.text(1000), "What to bring, for parents.", empty=""),
        Column(
            "reminder_leads", leads, "When families are reminded: 2d 2h is two days and two hours before.", empty=""
        ),
        Column("entry_sessions", cells.whole(1, 52), "A course can be joined until this session begins.", empty=None),
        Column("source", cells.text(2000), "Where the facts come from.", empty=""),
        *not_read("weeks", "one_to_one_calls", "skip_half_term", "evidence", "assumed_columns"),
    ),
)


@dataclass(slots=True)
class SeriesRow:
    """One run of a programme: a weekday, a time, a rule."""

    series_id: str
    title: str
    programme_code: str
    county: str
    hub_code: str
    building_code: str
    room_code: str
    weekday: int
    start: str
    end: str
    frequency: tuple[str, int | None]
    first_date: date
    last_date: date
    planned_sessions: int | None
    term_time_only: bool
    after_skip: str
    booking: str
    min_age_months: int | None
    max_age_months: int | None
    capacity: int
    slot_minutes: int | None
    delivery: str
    host: str
    creche_series: str
    public_listing: bool
    out_of_hours: str
    join_url: str
    source: str
    notes: str
    row: int
    file: str

    @property
    def name(self) -> str:
        """As messages to the council's officers name it: "Stay and play (D01-07)"."""
        return f"{self.title} ({self.series_id})"

    @property
    def minutes(self) -> int:
        hour, minute = self.start.split(":")
        end_hour, end_minute = self.end.split(":")
        return (int(end_hour) - int(hour)) * 60 + int(end_minute) - int(minute)

    @property
    def slots(self) -> int:
        """How many appointments follow each other in one session; 1 if it is not divided."""
        return self.minutes // self.slot_minutes if self.slot_minutes else 1

    @property
    def places(self) -> int:
        """How many families one session can take."""
        return self.capacity * self.slots

    @property
    def booking_mode(self) -> str:
        """Our word for how a place is had: a course is booked as a whole run."""
        match self.booking:
            case "book" | "book_or_referral":
                return "run" if self.planned_sessions else "session"
            case "book_first_visit":
                return "session"
            case other:
                return other

    def rule(self) -> recurrence.Rule:
        """When it is held: so many sessions if they are planned, else until the last date."""
        every, nth = self.frequency
        return recurrence.Rule(
            weekday=self.weekday,
            start=self.start,
            end=self.end,
            first_date=self.first_date,
            last_date=None if self.planned_sessions else self.last_date,
            held_sessions=self.planned_sessions,
            frequency=every,
            nth=nth,
            after_skip=self.after_skip,
            term_time_only=self.term_time_only,
        )


def web_address(cell: str) -> str:
    if len(cell) > 300 or not is_join_link(cell):
        raise cells.Wrong(f"{cells.quoted(cell)} is not a web address. Write it like https://meet.example.org/abc.")
    return cell


WHATS_ON = Table(
    name="timetable",
    about="One row for each weekly, fortnightly or monthly series. Its sessions are made from the rule.",
    row=SeriesRow,
    key=("series_id",),
    columns=(
        Column("series_id", cells.code(40), "The series; no two rows share it.", must=True),
        Column("title", cells.text(200), "What parents read.", must=True),
        Column("programme_code", cells.code(40), "A programme's code.", must=True),
        Column("county", cells.text(80), "The area whose school terms count, as in term_dates.", must=True),
        Column("hub_code", cells.code(40), "The hub, if you like to give it.", empty=""),
        Column("building_code", cells.code(40), "The building.", must=True),
        Column("room_code", cells.code(60), "The room, one of that building.", must=True),
        Column("weekday", cells.weekday, "Mon to Sun.", must=True),
        Column("start", cells.wall_time, "Local time it begins, like 09:30.", must=True),
        Column("end", cells.wall_time, "Local time it ends.", must=True),
        Column("frequency", cells.frequency, "weekly, fortnightly, or monthly 1st, 2nd ... last.", must=True),
        Column("first_date", cells.day, "First date; falls on the weekday.", must=True),
        Column("last_date", cells.day, "Last date on which it may be held.", must=True),
        Column("planned_sessions", cells.whole(1, 200), "A course: how many sessions are held.", empty=None),
        Column("term_time_only", cells.yes_no, "yes: not in half terms and holidays.", empty=False),
        Column("after_skip", cells.choice("keep", "shift"), "Fortnightly, after a skip: keep or shift.", empty="keep"),
        Column(
            "booking",
            cells.choice(*BOOKING_RULES),
            "drop_in, book, book_or_referral, book_first_visit, appointment, referral or linked.",
            must=True,
        ),
        Column("min_age_months", cells.whole(0, 1200), "Youngest child in months; empty is no limit.", empty=None),
        Column("max_age_months", cells.whole(0, 1200), "Oldest child in months; empty is no limit.", empty=None),
        Column("capacity", cells.whole(1, 5000), "Places; for appointments, families at a time.", must=True),
        Column("slot_minutes", cells.whole(5, 480), "Length of one appointment.", empty=None),
        Column("delivery", cells.choice(*DELIVERY), "in_person, online, phone or hybrid.", empty="in_person"),
        Column("host", cells.text(200), "Who runs it.", empty=""),
        Column("creche_series", cells.code(40), "The series that is this course's creche.", empty=""),
        Column("public_listing", cells.yes_no, "no: in no list, search or feed.", empty=True),
        Column(
            "out_of_hours", cells.choice("yes", "no", "unknown"), "yes: outside opening hours on purpose.", empty="no"
        ),
        Column("join_url", web_address, "Online: the address to join at.", empty=""),
        Column("source", cells.text(2000), "Where the facts come from.", empty=""),
        Column("notes", cells.text(2000), "For staff.", empty=""),
        *not_read("evidence"),
    ),
)

TABLES = (CATEGORIES, PROGRAMMES, WHATS_ON)
