"""One course of the demo with a creche that is nearly full and a family that misses a date; one that too few have booked."""

from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

from booking import clock, db
from booking.demo import references
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes.bookings import booking_places, catch_ups, giving_up, leasing
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import ChildComing, Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.creche import creche_places
from booking.programmes.models import Booking

LEFT = 1
"""So many places of its creche are left."""


async def make(today: date) -> None:
    """Creche places, a missed date that can be caught up elsewhere, and a course below its least number."""
    run_id = await db.value(
        "SELECT r.id FROM run r JOIN location l ON l.id = r.location_id WHERE r.creche_run_id IS NOT NULL AND r.is_listed"
        " AND r.taken < r.places AND l.area = 'Dorset' AND r.last_date > $1 ORDER BY r.taken DESC, r.code LIMIT 1",
        today + timedelta(days=21),
    )
    if run_id:
        await _fill_creche(run_id)
    for row in await db.rows(
        "SELECT id FROM run WHERE booking_mode = 'run' AND state = 'published' AND taken > 0 AND last_date > $2 ORDER BY"
        " CASE WHEN CAST(id AS text) = $1 THEN 0 ELSE 1 END, code LIMIT 12",
        str(run_id),
        today + timedelta(days=14),
    ):
        if await _miss(row["id"]):
            break
    await _too_few(today)


async def _fill_creche(run_id: Any) -> None:
    """Children of the course's families, one each, until only LEFT places are left."""
    found = await db.rows(
        "SELECT b.id, MIN(CAST(a.id AS text)) AS child FROM booking b JOIN attendee a ON a.booking_id = b.id"
        " AND a.kind = 'child' WHERE b.run_id = $1 AND b.session_id IS NULL AND b.state = 'booked' GROUP BY b.id ORDER BY b.id",
        run_id,
    )
    for row in found:
        creche = await creche_places.creche_of(run_id)
        if creche is None or creche.left <= LEFT:
            return
        booking = await Booking.get(id=row["id"])
        await creche_places.take(booking, run_id, 1)
        await db.execute("UPDATE booking SET creche_children = 1 WHERE id = $1", booking.id)
        await db.execute("UPDATE attendee SET in_creche = $2 WHERE CAST(id AS text) = $1", row["child"], True)


async def _miss(run_id: Any) -> bool:
    """The first family of the course misses the first date that can be caught up elsewhere; whether there was one."""
    booking = await db.row(
        "SELECT id FROM booking WHERE run_id = $1 AND session_id IS NULL AND state = 'booked' ORDER BY id LIMIT 1",
        run_id,
    )
    dates = await db.rows(
        "SELECT id FROM session WHERE run_id = $1 AND state = 'planned' AND starts_at > $2 ORDER BY starts_at",
        run_id,
        clock.now() + timedelta(days=4),
    )
    if booking is None:
        return False
    for each in dates:
        if await catch_ups.find(each["id"]):
            await giving_up.miss_date(booking_id=booking["id"], session_id=each["id"])
            return True
    return False


async def _too_few(today: date) -> None:
    """Four families book the next course that needs more of them."""
    run = await db.row(
        "SELECT id, min_places FROM run WHERE booking_mode = 'run' AND state = 'published' AND first_date > $1"
        " AND min_places > taken AND decided_at IS NULL ORDER BY first_date, code LIMIT 1",
        today + timedelta(days=2),
    )
    if run is None:
        return
    random = Random(f"courses {today}")
    for person in await Person.filter(family_id__not_isnull=True, channel="sms").order_by("name", "id").limit(4):
        contact = Contact(person.name, person.phone, person.email, "sms", person.language)
        child = ChildComing("Robin", today.year - 2, 1)
        with suppress(Refused):
            lease_id = await leasing.lease(Target(run["id"]))
            made = await booking_places.book(
                lease_id=lease_id, contact=contact, party=Party((person.name,), (child,)), family_id=person.family_id,
                person_id=person.id,
            )  # fmt: skip
            await references.make_steady(made, random)
