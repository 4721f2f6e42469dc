"""A booking being made in one browser: which lease, what for, what was typed, and where it led."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from booking import web
from booking.people import languages
from booking.people.models import Child, Person
from booking.programmes import showing
from booking.programmes.appointments.slots import at_slot
from booking.programmes.bookings import leasing, who_form
from booking.programmes.bookings.coming import ChildComing, Offered
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche.creche_places import Creche, creche_of
from booking.programmes.models import Booking, WaitingEntry

MOST_LEASES_KEPT = 5


@dataclass
class Underway:
    """A booking being made in this browser: its lease, what it is for, what was typed, the family's children, and the
    creche beside a course."""

    lease: dict[str, Any]
    facts: dict[str, Any]
    typed: who_form.Typed
    known: dict[UUID, ChildComing]
    creche: Creche | None = None

    @property
    def offered(self) -> Offered:
        return Offered.of(self.facts)

    @property
    def is_for_waiting(self) -> bool:
        return bool(self.lease["is_for_waiting"])

    @property
    def target(self) -> Target:
        return Target.of(self.lease)

    @property
    def path(self) -> str:
        return f"/book/{self.lease['id']}"


def kept_leases(request: Request) -> list[UUID]:
    """The leases that began in this browser."""
    return [UUID(id_) for id_ in request.session.get("leases", [])]


def keep_lease(request: Request, lease_id: UUID) -> None:
    """The lease belongs to this browser: its address alone opens nothing."""
    request.session["leases"] = [*request.session.get("leases", []), str(lease_id)][-MOST_LEASES_KEPT:]


def page_path(facts: dict[str, Any]) -> str:
    """The page that what is being booked was chosen on."""
    if not facts["is_listed"] and facts["referral_code"]:
        return f"/with-a-code/{facts['referral_code']}"
    return f"/courses/{facts['slug']}" if facts["booking_mode"] == "run" else f"/sessions/{facts['session_id']}"


async def underway(request: Request, lease: dict[str, Any], facts: dict[str, Any]) -> Underway:
    """The booking under way of a lease that began in this browser."""
    who = await web.family_asking(request)
    known = await _children(who.family_id) if who and who.family_id else {}
    typed = who_form.from_json(lease["draft"])
    if not who and not lease["draft"]:
        asked = request.headers.get("Accept-Language", "")
        typed.language = languages.wanted_by(asked, web.settings_of(request).messages.languages)
    if who and not lease["draft"]:
        person = await Person.get(id=who.id)
        typed = who_form.prefilled(who, person.channel, person.language, known)
    has_creche = facts["creche_run_id"] is not None
    creche = await creche_of(lease["run_id"], lease["session_id"]) if has_creche else None
    return Underway(lease, facts, typed, known, creche)


async def _lease_and_facts(lease_id: UUID) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The lease and what it is for; None when it is over and done with, 404 when it may not be shown any more."""
    facts = await showing.facts_of_lease(lease_id)
    if facts:
        same = (
            "run_id",
            "session_id",
            "slot_id",
            "draft",
            "is_for_waiting",
            "is_priority",
            "expires_at",
            "released_at",
        )
        slot = {"starts_at": facts["slot_starts_at"], "ends_at": facts["slot_ends_at"]}
        lease = {name: facts[name] for name in same} | {"id": lease_id, "places": facts["lease_places"]}
        return lease, at_slot(facts, slot)
    lease = await leasing.find(lease_id)
    if lease is None:
        return None
    facts = None if lease["session_id"] else await showing.facts_of_run(lease["run_id"])
    if facts is None:
        raise HTTPException(404)
    return lease, facts


async def _children(family_id: UUID) -> dict[UUID, ChildComing]:
    return {
        child.id: ChildComing(child.first_name, child.birth_year, child.birth_month)
        for child in await Child.filter(family_id=family_id).order_by("-birth_year", "-birth_month")
    }


def made_path(made: Booking | WaitingEntry) -> str:
    """Where a booking or an entry on the waiting list is shown as new."""
    return f"/m/{made.manage_token}?new=1"


async def first_made(lease_id: UUID) -> Booking | WaitingEntry | None:
    """What the form of this lease has led to already."""
    key = str(lease_id)
    return await Booking.get_or_none(form_token=key) or await WaitingEntry.get_or_none(form_token=key)


async def underway_or_first_answer(request: Request) -> Underway | Response:
    """The booking under way that the path names, or, when it has been made already (pressed twice, or back), where it
    led; 404 unless it began in this browser."""
    lease_id = web.uuid_in_path(request, "lease")
    if str(lease_id) not in request.session.get("leases", []):
        raise HTTPException(404)
    found = await _lease_and_facts(lease_id)
    if found is None:
        made = await first_made(lease_id)
        if made:
            return web.go(made_path(made))
        return web.render(request, "programmes/gone.html", {"title": "This form has been closed"}, status=410)
    return await underway(request, *found)
