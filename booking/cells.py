"""What one cell of a council's table may hold: each reader turns its text into a value or says what is wrong.

Every reader takes the stripped, not empty text of a cell and raises `Wrong` with words for a council officer.
"""

import re
from collections.abc import Callable
from datetime import date

Reader = Callable[[str], object]

FORMULA_SIGNS = ("=", "+", "-", "@")
LONGEST_CELL = 4000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
WALL_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::00)?", re.ASCII)
POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})", re.ASCII)
DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,16})?(e-\d{1,2})?", re.IGNORECASE | re.ASCII)
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
UK_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


class Wrong(ValueError):
    """The cell cannot be used; the text says why and how to write it."""


def quoted(cell: str) -> str:
    """The cell as it is shown in a message: one line, printable, at most 60 characters."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cell[:61])
    return f'"{shown[:60]}…"' if len(cell) > 60 else f'"{shown}"'


def text(longest: int = 200) -> Reader:
    """Words. A first sign that makes a spreadsheet run the cell as a formula is refused, whatever follows."""

    def read(cell: str) -> str:
        if cell.startswith(FORMULA_SIGNS):
            raise Wrong(
                f"{quoted(cell)} begins with {cell[0]}, which a spreadsheet would run as a formula. Take the sign away."
            )
        if NOT_TEXT.search(cell):
            raise Wrong(f"{quoted(cell)} holds characters that are not text. Type it again.")
        if len(cell) > longest:
            raise Wrong(f"{quoted(cell)} has {len(cell)} characters. At most {longest} fit.")
        return " ".join(cell.split())

    return read


def code(longest: int = 60) -> Reader:
    """A short name that other rows refer to: letters, figures, hyphen, underscore, full stop."""

    def read(cell: str) -> str:
        if len(cell) > longest or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.\-]*", cell):
            raise Wrong(f"{quoted(cell)} is not a code. Use letters, figures and hyphens, at most {longest}.")
        return cell

    return read


def whole(least: int, most: int) -> Reader:
    def read(cell: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", cell) or not least <= int(cell) <= most:
            raise Wrong(f"{quoted(cell)} is not a whole number from {least} to {most}.")
        return int(cell)

    return read


def degrees(most: int) -> Reader:
    """A latitude (most 90) or longitude (most 180) in decimal degrees."""

    def read(cell: str) -> float:
        if not DEGREES.fullmatch(cell) or abs(float(cell)) > most:
            like = "50.80182" if most == 90 else "-1.89145"
            raise Wrong(f"{quoted(cell)} is not a number of degrees. Write it like {like}.")
        return float(cell)

    return read


def day(cell: str) -> date:
    """2027-01-12, or 12/01/2027 as a British spreadsheet writes it."""
    iso, uk = ISO_DATE.fullmatch(cell), UK_DATE.fullmatch(cell)
    parts = iso.groups() if iso else uk.groups()[::-1] if uk else None
    try:
        if parts and 2000 <= int(parts[0]) <= 2100:
            return date(*map(int, parts))
    except ValueError:
        raise Wrong(f"{quoted(cell)} is not in the calendar. Write it like 2027-01-12.") from None
    raise Wrong(f"{quoted(cell)} is not a date. Write it like 2027-01-12.")


def wall_time(cell: str) -> str:
    """A local time as "HH:MM"; 9:30, 9.30 and 09:30:00 are understood."""
    match = WALL_TIME.fullmatch(cell)
    if not match:
        raise Wrong(f"{quoted(cell)} is not a time. Write it like 09:30.")
    return f"{int(match[1]):02}:{match[2]}"


def hours(cell: str) -> tuple[tuple[str, str], ...]:
    """Opening hours of one day as pairs of "HH:MM"; several are parted by a semicolon."""
    spans = []
    for span in cell.split(";"):
        ends = [end.strip() for end in span.replace("–", "-").split("-")]
        if len(ends) != 2 or not all(WALL_TIME.fullmatch(end) for end in ends):
            raise Wrong(f"{quoted(cell)} is not a span of hours. Write it like 09:00-17:00. Empty is closed.")
        opens, closes = map(wall_time, ends)
        if opens >= closes or (spans and opens < spans[-1][1]):
            raise Wrong(f"{quoted(cell)} closes before it opens. Write it like 09:00-17:00.")
        spans.append((opens, closes))
    return tuple(spans)


def weekday(cell: str) -> int:
    """0 for Mon or Monday."""
    for number, name in enumerate(WEEKDAYS):
        if cell.lower() in (name.lower(), name[:3].lower()):
            return number
    raise Wrong(f"{quoted(cell)} is not a day of the week. Write Mon, Tue, Wed, Thu, Fri, Sat or Sun.")


def frequency(cell: str) -> tuple[str, int | None]:
    """("weekly", None), ("fortnightly", None) or ("monthly", n): the nth such weekday, -1 for the last."""
    if cell.lower() in ("weekly", "fortnightly"):
        return cell.lower(), None
    match = re.fullmatch(r"monthly (1st|2nd|3rd|4th|5th|last)", cell.lower())
    if not match:
        raise Wrong(f"{quoted(cell)} is not known. Write weekly, fortnightly, monthly 1st, 2nd, 3rd, 4th, 5th or last.")
    return "monthly", -1 if match[1] == "last" else int(match[1][0])


def yes_no(cell: str) -> bool:
    if cell.lower() not in ("yes", "no"):
        raise Wrong(f"{quoted(cell)} is neither yes nor no.")
    return cell.lower() == "yes"


def choice(*values: str) -> Reader:
    def read(cell: str) -> str:
        if cell.lower() not in values:
            raise Wrong(f"{quoted(cell)} is not known. Write {', '.join(values[:-1])} or {values[-1]}.")
        return cell.lower()

    return read


def words(longest: int) -> Reader:
    """Several words or phrases parted by semicolons; together at most so many characters."""
    one = text(longest)

    def read(cell: str) -> tuple[str, ...]:
        found = tuple(str(one(part.strip())) for part in cell.split(";") if part.strip())
        if len("; ".join(found)) > longest:
            raise Wrong(f"{quoted(cell)} has {len(cell)} characters. At most {longest} fit.")
        return found

    return read


def postcode(cell: str) -> str:
    """A full postcode in capitals with its space, however it was typed."""
    match = POSTCODE.fullmatch(cell.upper())
    if not match:
        raise Wrong(f"{quoted(cell)} is not a postcode. Write it like BH22 9TH.")
    return f"{match[1]} {match[2]}"
