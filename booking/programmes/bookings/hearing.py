"""Who hears about a booking: whoever booked, and the other adults whom the family has named. The one door for what families
are told of a booking, so that nobody is forgotten.

Another adult gets the message by their own address, with a link that shows the dates and nothing else, under a key of their own;
never a calendar entry, and nothing at all about what is discreet (promise P5).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import db
from booking.messages import outbox
from booking.messages.said import Said
from booking.people.models import Person

# what of the family's facts another adult may read; the rest is left empty
SHARED = (
    "said",
    "dates",
    "was",
    "reason",
    "is_course",
    "is_make_up",
    "alternatives_path",
    "is_waiting",
    "is_creche_free",
)
# neither a place that was given up in the meantime nor anything that has become discreet since
OTHERS = (
    "SELECT t.id, t.booking_id, t.person_id, t.token FROM also_told t JOIN booking b ON b.id = t.booking_id"
    " JOIN person p ON p.id = b.person_id JOIN run r ON r.id = b.run_id JOIN programme g ON g.id = r.programme_id"
    " JOIN location l ON l.id = r.location_id WHERE t.ended_at IS NULL"
    " AND NOT (p.is_discreet OR r.is_restricted OR g.is_discreet OR l.is_restricted)"
)


@dataclass(frozen=True, slots=True)
class Other:
    """Another adult who hears about a booking: their own link's token, and the id under which they were named."""

    id: UUID
    person: Person
    token: str


async def others_of(booking_ids: Sequence[UUID]) -> Mapping[UUID, list[Other]]:
    """The other adults of each of these bookings, in the order they were named; two queries however many there are."""
    named: dict[UUID, list[Other]] = defaultdict(list)
    if not booking_ids:
        return named
    found = await db.rows(
        f"{OTHERS} AND t.booking_id IN {db.in_list(booking_ids)} ORDER BY t.created_at, t.id", *booking_ids
    )
    people = await Person.in_bulk({row["person_id"] for row in found}, "id") if found else {}
    for row in found:
        named[row["booking_id"]].append(Other(row["id"], people[row["person_id"]], row["token"]))
    return named


async def tell(
    *,
    person: Person,
    kind: str,
    about: tuple[str, UUID],
    facts: dict[str, Any],
    dedupe_key: str,
    others: Sequence[Other] | None = None,
    due: Mapping[UUID, datetime] | None = None,
    **options: Any,
) -> list[outbox.Queued]:
    """`outbox.queue` for whoever booked, and for the other adults of the booking; returns the rows of whoever booked.

    `others` are looked up unless they are given; `due` has the instants of people for whom it is not `due_at`.
    """
    due = due or {}
    own: dict[str, Any] = {"due_at": due[person.id]} if person.id in due else {}
    queued = await outbox.queue(
        person=person, kind=kind, about=about, facts=facts, dedupe_key=dedupe_key, **options | own
    )
    if others is None:
        others = (await others_of([about[1]]))[about[1]] if about[0] == "booking" else ()
    for other in others:
        if other.person.id != person.id and not _is_discreet(facts):
            theirs: dict[str, Any] = {"due_at": due[other.person.id]} if other.person.id in due else {}
            await outbox.queue(
                person=other.person, kind=kind, about=about, facts=_shared(facts, other),
                dedupe_key=f"{dedupe_key}:also:{other.id}", **_without_calendar(options) | theirs,
            )  # fmt: skip
    return queued


def _is_discreet(facts: Mapping[str, Any]) -> bool:
    said: Said | None = facts.get("said")
    return said is not None and said.is_discreet


def _shared(facts: Mapping[str, Any], other: Other) -> dict[str, Any]:
    shared = {name: value for name, value in facts.items() if name in SHARED}
    empty = {name: "" for name, value in facts.items() if name not in SHARED and isinstance(value, str)}
    return empty | shared | {"token": "", "also_token": other.token, "is_also": True}


def _without_calendar(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in ("calendar", "entry", "ring_because")}
