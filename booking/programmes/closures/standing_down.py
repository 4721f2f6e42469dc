"""Staff hear what is off, moved and online while a place is closed: those of its hub, and who leads one of its sessions.

One message to each, by the channel they chose. What is restricted is named to staff of that very hub alone, and their message is
then for that hub's outbox alone (P5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.people.signing_in import STAFF_KINDS, Who
from booking.places import closing
from booking.places.closing_times import Span, span_words
from booking.places.rooms import facts_of
from booking.programmes.closures.closing_lists import PRIVATE_PLACE, InTheWay
from booking.programmes.closures.closing_sessions import Done
from booking.programmes.disclosure import PRIVATE
from booking.words import clock_time, short_day

KIND = "staff_stood_down"
UNSAID = "its staff know why"
"""Where the reason may name a place that nobody else knows."""


@dataclass(frozen=True, slots=True)
class StoodDown:
    """Who of the staff is told, by name; to_ring have chosen no message; unknown are facilitators that nobody here is called."""

    told: tuple[str, ...] = ()
    to_ring: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


async def tell(
    locations: Sequence[Mapping[str, Any]],
    spans: Sequence[Span],
    reason: str,
    done: Sequence[Done],
    *,
    event_id: UUID,
    due_at: datetime,
    by: Who,
) -> StoodDown:
    """Queues one message to each of the staff but to whoever closes."""
    people = await _people({location["hub_id"] for location in locations}, done, besides=by.id)
    addressed = await Person.in_bulk([each.id for each in people], "id")
    rooms, when = await _rooms(done), [span_words(*span) for span in spans]
    told, to_ring = [], []
    is_any_secret = any(it["is_restricted"] for it in locations)
    for each in people:
        secret_of = each.secret_hub(locations, done)
        facts = _facts(locations, each.own(done), each, rooms, secret_of)
        why = reason if secret_of or not is_any_secret or reason in closing.REASONS.values() else UNSAID
        queued = await outbox.queue(
            person=addressed[each.id], kind=KIND, about=("person", each.id), dedupe_key=f"{KIND}:{event_id}:{each.id}",
            facts=facts | {"when": when, "reason": why.rstrip("."), "is_undone": False, "staff_path": f"/staff/close/{event_id}"},
            due_at=due_at, batch_id=event_id, hub_id=secret_of or locations[0]["hub_id"], is_for_hub_alone=bool(secret_of),
        )  # fmt: skip
        (told if queued else to_ring).append(addressed[each.id].name)
    return StoodDown(tuple(sorted(told)), tuple(sorted(to_ring)), tuple(_unknown(done, await _staff())))


@dataclass(frozen=True, slots=True)
class _Member:
    """One of the staff, with the hubs where they work and how they are called in plain letters."""

    id: UUID
    name: str
    hubs: frozenset[UUID]

    def leads(self, each: Done) -> bool:
        return any(_plain(name) == self.name for name in (*each.use.facilitators, each.use.host))

    def own(self, done: Sequence[Done]) -> list[Done]:
        """What is theirs: all of their hubs, and what they lead elsewhere."""
        return [each for each in done if each.use.hub_id in self.hubs or self.leads(each)]

    def secret_hub(self, locations: Sequence[Mapping[str, Any]], done: Sequence[Done]) -> UUID | None:
        """The hub of theirs of which they read what is restricted: one, as a message is in the outbox of one."""
        secret = [it["hub_id"] for it in locations if it["is_restricted"]]
        secret += [it.use.hub_id for it in done if it.use.is_secret]
        return next((hub_id for hub_id in secret if hub_id in self.hubs), None)


async def _people(hubs: set[UUID], done: Sequence[Done], *, besides: UUID) -> list[_Member]:
    staff = [each for each in await _staff() if each.id != besides]
    return [each for each in staff if each.hubs & hubs or any(each.leads(it) for it in done)]


async def _staff() -> list[_Member]:
    rows = await db.rows(
        "SELECT ro.person_id, ro.hub_id, p.name FROM role ro JOIN person p ON p.id = ro.person_id"
        f" WHERE ro.kind IN {db.in_list(STAFF_KINDS)} ORDER BY p.id",
        *STAFF_KINDS,
    )
    hubs: dict[UUID, set[UUID]] = {}
    for row in rows:
        hubs.setdefault(row["person_id"], set()).update([row["hub_id"]] if row["hub_id"] else [])
    names = {row["person_id"]: _plain(row["name"]) for row in rows}
    return [_Member(id, names[id], frozenset(some)) for id, some in hubs.items()]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _unknown(done: Sequence[Done], staff: Sequence[_Member]) -> list[str]:
    known = {each.name for each in staff}
    return sorted({name for each in done for name in each.use.facilitators if _plain(name) not in known})


async def _rooms(done: Sequence[Done]) -> dict[UUID, str]:
    """Where they move, in words."""
    return {id: room.words for id, room in (await facts_of(each.room_id for each in done if each.room_id)).items()}


def _facts(
    locations: Sequence[Mapping[str, Any]],
    own: Sequence[Done],
    member: _Member,
    rooms: Mapping[UUID, str],
    secret_of: UUID | None,
) -> dict[str, Any]:
    """What they read; of what is restricted only that of the hub `secret_of`."""
    ordered = sorted(own, key=lambda each: (each.use.starts_at, each.use.what))
    where = {each.use.location_id for each in own}
    here = [it for it in locations if it["hub_id"] in member.hubs or it["id"] in where]
    return {
        "places": list(dict.fromkeys(it["name"] if _may_name(it, secret_of) else PRIVATE_PLACE for it in here)),
        "off": [line(each.use, secret_of) for each in ordered if each.kind == "cancel"],
        "moved": [_moved(each, rooms, secret_of) for each in ordered if each.room_id],
        "online": [line(each.use, secret_of) for each in ordered if each.kind == "online"],
    }


def _may_name(location: Mapping[str, Any], secret_of: UUID | None) -> bool:
    return not location["is_restricted"] or location["hub_id"] == secret_of


def _moved(each: Done, rooms: Mapping[UUID, str], secret_of: UUID | None) -> str:
    assert each.room_id
    is_known = not each.use.is_secret or each.use.hub_id == secret_of
    return line(each.use, secret_of) + (f": now in {rooms[each.room_id]}" if is_known else "")


def line(use: InTheWay, secret_of: UUID | None = None) -> str:
    """ "Tue 12 Jan, 10am: Messy play" """
    what = PRIVATE if use.is_secret and use.hub_id != secret_of else use.what
    return f"{short_day(clock.local(use.starts_at).date())}, {clock_time(use.starts_at)}: {what}"
