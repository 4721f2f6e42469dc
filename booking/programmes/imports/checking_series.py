"""What can be wrong with a row of the timetable beyond its cells: against other rows, room, opening hours, terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from booking import words
from booking.cells import quoted
from booking.changes import Row
from booking.import_report import Findings
from booking.places.importing import Places
from booking.places.recurrence import Plan
from booking.places.term_calendar import TermCalendar
from booking.programmes.imports.programme_tables import SeriesRow

LONGEST_SERIES = timedelta(days=3 * 366)
IF_MEANT = "If that is meant, write out_of_hours yes."


@dataclass(slots=True)
class Known:
    """Everything a row may refer to, in the database or in this import. `bad` says where a code's own row failed."""

    places: Places
    programmes: Mapping[str, Row]
    runs: Mapping[str, Row]
    series: Mapping[str, SeriesRow]
    bad: Mapping[str, str] = field(default_factory=dict)


def check_shape(row: SeriesRow, findings: Findings) -> None:
    """Blocks what no calendar could make sense of."""
    if row.end <= row.start:
        findings.block(row, "end", f"It ends at {row.end}, before it starts at {row.start}.")
    if row.last_date < row.first_date:
        findings.block(row, "last_date", f"{row.last_date} is before the first date, {row.first_date}.")
    elif row.last_date - row.first_date > LONGEST_SERIES:
        findings.block(row, "last_date", "A series can be at most three years long. Check the year.")
    if row.first_date.weekday() != row.weekday:
        there, here = words.DAYS[row.first_date.weekday()], words.DAYS[row.weekday]
        findings.block(row, "first_date", f"{row.first_date} is a {there}, but the column weekday says {here}.")
    if row.min_age_months is not None and row.max_age_months is not None and row.max_age_months < row.min_age_months:
        findings.block(row, "max_age_months", "The oldest age is below the youngest.")
    if row.slot_minutes and row.slots == 0:
        findings.block(
            row, "slot_minutes", f"An appointment of {row.slot_minutes} minutes does not fit into the session."
        )
    if row.booking == "appointment" and not row.slot_minutes:
        findings.block(row, "slot_minutes", "Appointments need their length in minutes.")


def check_references(row: SeriesRow, known: Known, findings: Findings) -> None:
    """Blocks codes that nothing has, and says when they belong to a row that has a problem of its own."""
    if row.programme_code not in known.programmes:
        findings.block(row, "programme_code", _missing(row.programme_code, "programme", known))
    location = known.places.locations.get(row.building_code)
    room = known.places.rooms.get(row.room_code)
    if location is None:
        findings.block(row, "building_code", _missing(row.building_code, "building", known))
    if room is None:
        findings.block(row, "room_code", _missing(row.room_code, "room", known))
    elif location and room["location_id"] != location["id"]:
        findings.block(row, "room_code", f"{quoted(row.room_code)} is not a room of {location['name']}.")
    hub_code = known.places.hub_codes.get(row.building_code, row.hub_code)
    if location and row.hub_code and row.hub_code != hub_code:
        belongs = f"{location['name']} belongs to the hub {quoted(hub_code)}, not {quoted(row.hub_code)}."
        findings.block(row, "hub_code", belongs)
    if row.creche_series and row.creche_series not in known.series and row.creche_series not in known.runs:
        findings.block(row, "creche_series", _missing(row.creche_series, "series", known))


def _missing(code: str, what: str, known: Known) -> str:
    if where := known.bad.get(code):
        return f"{quoted(code)} is left out because its own row has a problem ({where}), so this row is left out too."
    return f"There is no {what} with the code {quoted(code)}, neither in these files nor imported before."


def check_dates(row: SeriesRow, planned: Plan, findings: Findings) -> None:
    """Blocks a course that never reaches its sessions; warns when its last date is another than the one given."""
    if not planned.is_complete:
        findings.block(
            row, "planned_sessions", f"{row.planned_sessions} sessions are never reached: every date is left out."
        )
    elif not planned.dates:
        findings.warn(row, "last_date", "No date is left to hold it on: every one is left out.")
    elif row.planned_sessions and planned.dates[-1] != row.last_date:
        last = words.day_and_year(planned.dates[-1])
        n = len(planned.skips)
        skipped = f", because {words.count_words(n, 'date')} {'are' if n > 1 else 'is'} left out" if n else ""
        findings.warn(
            row, "last_date", f"{row.planned_sessions} held sessions end on {last}{skipped}. That date is used."
        )


def check_room_and_hours(
    row: SeriesRow, location: Row, room: Row, hours: set[tuple[int, str, str]], findings: Findings
) -> None:
    """Warns: a council may know better than the table."""
    if row.capacity > room["capacity"]:
        findings.warn(
            row,
            "capacity",
            f"{row.capacity} is more than {room['name']} of {location['name']} holds ({room['capacity']}).",
        )
    if row.out_of_hours == "yes" or not hours:
        return
    spans = sorted((opens, closes) for weekday, opens, closes in hours if weekday == row.weekday)
    if not spans:
        findings.warn(
            row,
            "weekday",
            f"{location['name']} is closed on {words.DAYS[row.weekday]}s. {IF_MEANT}",
        )
    elif not any(opens <= row.start and row.end <= closes for opens, closes in spans):
        opened = " and ".join(f"{opens} to {closes}" for opens, closes in spans)
        findings.warn(
            row,
            "start",
            f"{location['name']} is open {opened} on {words.DAYS[row.weekday]}s. {IF_MEANT}",
        )


class CalendarGaps:
    """Collects series that reach beyond the school dates of their area, and says so once for each area."""

    def __init__(self) -> None:
        self._first: dict[str, SeriesRow] = {}
        self._counted: dict[str, int] = {}

    def look(self, row: SeriesRow, planned: Plan, calendar: TermCalendar) -> None:
        if row.term_time_only and not all(calendar.knows(day) for day in planned.dates):
            self._first.setdefault(row.county, row)
            self._counted[row.county] = self._counted.get(row.county, 0) + 1

    def warn(self, calendars: Mapping[str, TermCalendar], findings: Findings) -> None:
        for area, row in self._first.items():
            until = calendars[area].known_until() if area in calendars else None
            known = f"are known only until {words.day_and_year(until)}" if until else "are not known"
            n = self._counted[area]
            findings.warn(
                row,
                "term_time_only",
                f"School terms of {area} {known}, so holidays beyond are not left out (series: {n}).",
            )
