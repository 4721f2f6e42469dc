"""What is kept of somebody who works here, as a value; forms and imports read into it, `keeping` writes it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from booking.people.contacts import UNWANTED
from booking.rotas.values import Stretch

KINDS = {"staff": "Staff", "volunteer": "Volunteer", "partner": "Partner worker"}
CHANNELS = {"email": "Email", "sms": "Text message", "call": "Phone call"}


@dataclass(frozen=True, slots=True)
class Facts:
    """As StaffProfile and Person have them (booking/rotas/models.py). None for name, email, phone or pattern leaves what is there."""

    known_as: str
    kind: str
    hub_id: UUID
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    channel: str | None = None
    organisation_id: UUID | None = None
    base_id: UUID | None = None
    postcode: str = ""
    drives: bool = True
    max_travel_minutes: int = 45
    works_at: tuple[UUID, ...] | None = None
    counts_for_two: bool = True
    weekly_minutes: int | None = None
    over_minutes: int = 180
    days_in_row: int = 5
    saturdays_in_four: int = 2
    evenings_in_week: int = 2
    cycle_weeks: int = 1
    cycle_from_date: date | None = None
    is_reminded: bool = True
    gets_invites: bool = False
    from_date: date | None = None
    to_date: date | None = None
    notes: str = ""
    pattern: tuple[Stretch, ...] | None = None


CONTACT = ("email", "phone", "channel")
COLUMNS = tuple(name for name in Facts.__slots__ if name not in ("name", *CONTACT, "pattern", "works_at"))
"""Those that are columns of staff_profile; works_at is kept as place_ids."""
PRIVATE = {"postcode", "notes"}
"""What only managers of the home hub see; the audit trail says that it changed, not to what."""


def one_line(typed: str, longest: int = 300) -> str:
    """Words on one line without control characters, cut where they are too long."""
    return " ".join(UNWANTED.sub(" ", typed).split())[:longest]
