"""What the tests of planning have in common: a hub with rooms and school terms, and a form that asks for a course."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from starlette.datastructures import MultiDict

from booking.people.signing_in import Who
from booking.programmes.changes.date_choices import DateChoice
from booking.programmes.plans import plan_form
from booking.programmes.plans.plan_form import Asked, Typed
from tests import make
from tests.places.who import staff_who

TERMS = (
    ("term", "spring 1", date(2027, 1, 4), date(2027, 2, 12)),
    ("half_term", "February", date(2027, 2, 15), date(2027, 2, 19)),
    ("term", "spring 2", date(2027, 2, 22), date(2027, 3, 25)),
    ("holiday", "Easter", date(2027, 3, 26), date(2027, 4, 9)),
    ("term", "summer 1", date(2027, 4, 12), date(2027, 5, 28)),
)


@dataclass
class Desk:
    """A hub with a room for 20 and a creche room, a programme of 12 sessions, and somebody of its staff."""

    hub: Any
    room: Any
    creche_room: Any
    programme: Any
    by: Who


async def desk(**values: Any) -> Desk:
    hub = await make.location(name="Ferndown Family Hub")
    return await desk_at(hub, staff_who(await make.staff("hub_manager", hub.id), {hub.id}), **values)


async def desk_at(hub: Any, by: Who, **values: Any) -> Desk:
    """At a hub that is there, open every day."""
    room = await make.room(hub, name="Blue room", capacity=20)
    creche_room = await make.room(hub, name="Creche", capacity=10)
    await make.opening_hours(hub, "08:00", "18:00", "0123456")
    offered = await make.programme(
        **{
            "title": "Incredible Years: Toddlers",
            "kind": "course",
            "session_count": 12,
            "minutes": 120,
            "places_max": 12,
        }
        | {"booking_mode": "run", "min_age_months": 12, "max_age_months": 36}
        | values
    )
    return Desk(hub, room, creche_room, offered, by)


async def dorset_terms() -> None:
    for kind, part, first, last in TERMS:
        await make.TermDate.create(
            area="Dorset", kind=kind, part=part, start_date=first, end_date=last, academic_year="2026/27"
        )


def typed(at: Desk, **values: Any) -> Typed:
    """Twelve Tuesdays from 12 January 2027 in term time, 10am to midday, with a creche for eight."""
    return replace(
        Typed(
            programme=str(at.programme.id), room=str(at.room.id), creche_room=str(at.creche_room.id), weekday=("1",),
            start="10:00", end="12:00", first="2027-01-12", sessions="12", term_time_only="yes", places="12",
            creche_places="8", facilitator_1="Ann Lee", facilitator_2="Bo Ray",
        ),
        **values,
    )  # fmt: skip


def asked(at: Desk, **values: Any) -> Asked:
    found, problems = plan_form.understand(typed(at, **values), date(2026, 11, 1))
    assert found, problems
    return found


def fields(at: Desk, **values: Any) -> MultiDict:
    """The same as a form sends it."""
    given = typed(at, **values)
    pairs = plan_form.hidden_pairs(given, [*plan_form.NAMES, *plan_form.SEVERAL])
    return MultiDict(pairs)


def skipping(asked: Asked, day: date) -> Asked:
    return replace(asked, choices={day: DateChoice(do="skip")})
