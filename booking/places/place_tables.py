"""The tables about places that a council can import: hubs with their rooms, school terms, bank holidays, postcodes."""

import re
from dataclasses import dataclass
from datetime import date

from booking import cells
from booking.places import term_calendar
from booking.tables import Column, Table

ROLES = ("hub", "co_located", "delivery_site", "outreach", "pop_up", "online", "home", "restricted")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[tuple[str, str], ...]


def not_read(*names: str) -> tuple[Column, ...]:
    """Columns that a council may keep for itself: known, never read."""
    return tuple(Column(name, None, "For your own notes; not imported.") for name in names)


@dataclass(slots=True)
class RoomRow:
    """One room with the building it is in; rows of one building say the same about the building."""

    county: str
    district: str
    hub_code: str
    hub_name: str
    hub_role: str
    building_code: str
    building_name: str
    operator: str
    address: str
    postcode: str
    uprn: str
    lat: float | None
    lon: float | None
    public_address: bool
    co_located_with: str
    open_mon: Hours
    open_tue: Hours
    open_wed: Hours
    open_thu: Hours
    open_fri: Hours
    open_sat: Hours
    open_sun: Hours
    open_valid_from: date | None
    open_valid_to: date | None
    room_code: str
    room_name: str
    room_kind: str
    capacity: int
    features: tuple[str, ...]
    setup_min: int
    clear_min: int
    partner_bookable: bool
    source: str
    row: int
    file: str

    @property
    def is_restricted(self) -> bool:
        return self.hub_role == "restricted" or not self.public_address

    @property
    def hours(self) -> set[tuple[int, str, str]]:
        """Weekday (Monday is 0), opens, closes."""
        return {(n, *span) for n, day in enumerate(DAYS) for span in getattr(self, f"open_{day}")}


HUBS = Table(
    name="hubs and rooms",
    about="One row for each room, with the building it is in and the hub that is of. Rows of one building agree.",
    row=RoomRow,
    key=("room_code",),
    columns=(
        Column("county", cells.text(80), "The area whose school terms count here, as in term_dates.", must=True),
        Column("district", cells.text(80), "The district or town, shown to parents.", empty=""),
        Column("hub_code", cells.code(40), "The hub this building belongs to.", must=True),
        Column("hub_name", cells.text(200), "The hub's name.", must=True),
        Column(
            "hub_role",
            cells.choice(*ROLES),
            "hub, co_located, delivery_site, outreach, pop_up, online, home or restricted.",
            must=True,
        ),
        Column("building_code", cells.code(40), "The building. Rows of one building share it.", must=True),
        Column("building_name", cells.text(200), "The building's name.", must=True),
        Column("operator", cells.text(200), "Who runs the building.", empty=""),
        Column("address", cells.text(300), "Street and town. Leave it empty for a restricted venue.", empty=""),
        Column("postcode", cells.postcode, "Full postcode, any spacing.", empty=""),
        Column("uprn", cells.text(20), "Unique Property Reference Number.", empty=""),
        Column("lat", cells.degrees(90), "Latitude in degrees. Empty: taken from the postcode.", empty=None),
        Column("lon", cells.degrees(180), "Longitude in degrees. Empty: taken from the postcode.", empty=None),
        Column(
            "public_address", cells.yes_no, "no: a restricted venue, shown to nobody but its own staff.", empty=True
        ),
        Column("co_located_with", cells.text(300), "Who else is in the building.", empty=""),
        *(Column(f"open_{day}", cells.hours, "Opening hours that day; empty is closed.", empty=()) for day in DAYS),
        Column("open_valid_from", cells.day, "First day of the agreement to use the building.", empty=None),
        Column("open_valid_to", cells.day, "Last day of the agreement. Warned about when it is past.", empty=None),
        Column("room_code", cells.code(60), "The room; no two rows share it.", must=True),
        Column("room_name", cells.text(120), "The room's name.", must=True),
        Column("room_kind", cells.code(30), "hall, group, consulting, creche, kitchen ...", must=True),
        Column("capacity", cells.whole(1, 5000), "How many people may be in the room.", must=True),
        Column("features", cells.words(300), "Parted by semicolons: step-free;hearing loop.", empty=()),
        Column("setup_min", cells.whole(0, 240), "Minutes to set up before each use.", empty=0),
        Column("clear_min", cells.whole(0, 240), "Minutes to clear after each use.", empty=0),
        Column("partner_bookable", cells.yes_no, "yes: partners may book the room.", empty=False),
        Column("source", cells.text(2000), "Where the facts come from.", empty=""),
        *not_read("postcode_basis", "geo_basis", "hours_basis", "evidence", "assumed_columns"),
    ),
)


@dataclass(slots=True)
class TermRow:
    area: str
    academic_year: str
    part: str
    kind: str
    start: date
    end: date
    status: str
    row: int
    file: str


def academic_year(cell: str) -> str:
    years = re.fullmatch(r"([0-9]{4})-([0-9]{2})", cell)
    if not years or (int(years[1]) + 1) % 100 != int(years[2]):
        raise cells.Wrong(f"{cells.quoted(cell)} is not a school year. Write it like 2026-27.")
    return cell


TERM_DATES = Table(
    name="term dates",
    about="School terms, half terms and holidays of each area, as the council publishes them.",
    row=TermRow,
    key=("area", "academic_year", "part", "kind", "start"),
    columns=(
        Column("area", cells.text(80), "The area, as in the column county of the other tables.", must=True),
        Column("academic_year", academic_year, "Like 2026-27.", must=True),
        Column("part", cells.choice(*term_calendar.PARTS), "autumn, christmas, spring, easter or summer.", must=True),
        Column(
            "kind",
            cells.choice(*term_calendar.KINDS),
            "term, half_term, holiday, training_day (of schools), staff_training or election.",
            must=True,
        ),
        Column("start", cells.day, "First day.", must=True),
        Column("end", cells.day, "Last day; it belongs to the period.", must=True),
        Column("status", cells.text(40), "published, assumed ... A free word.", empty=""),
        *not_read("source", "note"),
    ),
)


@dataclass(slots=True)
class BankHolidayRow:
    date: date
    title: str
    notes: str
    division: str
    row: int
    file: str

    @property
    def full_title(self) -> str:
        return f"{self.title} (substitute day)" if "substitute" in self.notes.lower() else self.title


BANK_HOLIDAYS = Table(
    name="bank holidays",
    about="Days on which nothing is held.",
    row=BankHolidayRow,
    key=("date",),
    columns=(
        Column("date", cells.day, "The day.", must=True),
        Column("title", cells.text(80), "As GOV.UK names it: Good Friday.", must=True),
        Column("notes", cells.text(80), "Substitute day, if it is one.", empty=""),
        Column("division", cells.choice("england-and-wales"), "Only england-and-wales.", empty="england-and-wales"),
        *not_read("weekday", "source"),
    ),
)


@dataclass(slots=True)
class PostcodeRow:
    postcode: str
    lat: float
    lon: float
    row: int
    file: str


POSTCODES = Table(
    name="postcodes",
    about="The point on the map of every postcode around.",
    row=PostcodeRow,
    key=("postcode",),
    columns=(
        Column("postcode", cells.postcode, "Full postcode, any spacing.", must=True),
        Column("lat", cells.degrees(90), "Latitude in degrees.", must=True),
        Column("lon", cells.degrees(180), "Longitude in degrees.", must=True),
    ),
)

TABLES = (HUBS, TERM_DATES, BANK_HOLIDAYS, POSTCODES)
