"""Who is trained for a programme and when they could lead it: what course planning asks of rotas."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking import db
from booking.places.rooms import RoomFacts
from booking.programmes.plans.plan_people import Leader, Leaders
from booking.programmes.plans.plan_wishes import wall
from booking.rotas import loading
from booking.rotas.availability import Times, away_on, covers, free_on, lacks, minute_of, without, works_on
from booking.rotas.needs import reading
from booking.rotas.travel import minutes_between, out_of_reach
from booking.rotas.values import Rules, Worker
from booking.words import time_range

# a course that is only a draft holds its leaders as it holds its rooms
DRAFTS = (
    "SELECT s.date, s.start_time, s.end_time, s.location_id, l.lat, l.lon, s.run_id,"
    " LOWER(COALESCE(NULLIF(s.facilitator_1, ''), r.facilitator_1)) AS first_name,"
    " LOWER(COALESCE(NULLIF(s.facilitator_2, ''), r.facilitator_2)) AS second_name"
    " FROM session s JOIN run r ON r.id = s.run_id JOIN location l ON l.id = s.location_id"
    " WHERE s.state = 'draft' AND s.date >= $1 AND s.date <= $2"
)


@dataclass(frozen=True, slots=True)
class Busy:
    """One duty of somebody, as minutes of its local day."""

    start: int
    end: int
    location_id: UUID
    lat: float | None
    lon: float | None
    run_id: UUID | None = None


Duties = Mapping[date, Sequence[Busy]]


@dataclass(frozen=True, slots=True)
class Trained:
    """Somebody who holds all that a programme asks for, and what they do already."""

    worker: Worker
    skills: frozenset[str]
    duties: Duties
    rules: Rules

    def can(self, room: RoomFacts, day: date, *, besides: UUID | None = None) -> Times:
        """The local minutes of a day in which they could lead in that place: at work, not away, still trained, and with the way
        from and to their other duties left over. `besides` leaves the duties of one run out."""
        worker = self.worker
        if not self._is_trained(day) or not self._reaches(room):
            return ()
        times = free_on(worker, day)
        for each in self.duties.get(day, ()) if times else ():
            if besides is None or each.run_id != besides:
                way = self._way(each, room)
                times = without(times, each.start - way, each.end + way)
        return times

    def why_not(self, room: RoomFacts | None, day: date, start: str, end: str, *, besides: UUID | None = None) -> str:
        """What keeps them from leading then, in a few words; "" when nothing does. room None: online, from anywhere."""
        worker, first, last = self.worker, minute_of(start), minute_of(end)
        if not self._is_trained(day):
            return "not trained then" if self.skills <= worker.skills.keys() else "not trained for this"
        if room and not self._reaches(room):
            return "does not work there" if worker.works_at is not None else "too far from their base"
        if any(each.is_approved for each in away_on(worker, day)) and not covers(free_on(worker, day), first, last):
            return "away"
        if not covers(works_on(worker, day), first, last):
            return "not at work then"
        for each in self.duties.get(day, ()):
            if besides is not None and each.run_id == besides:
                continue
            if each.start < last and first < each.end:
                return f"has another duty, {time_range(wall(each.start), wall(each.end))}"
            if room and each.start - self._way(each, room) < last and first < each.end + self._way(each, room):
                return f"cannot get there from their duty, {time_range(wall(each.start), wall(each.end))}"
        return ""

    def _is_trained(self, day: date) -> bool:
        return not any(lacks(self.worker, code, day) for code in self.skills)

    def _reaches(self, room: RoomFacts) -> bool:
        return not out_of_reach(self.worker, room.location_id, room.lat, room.lon)

    def _way(self, busy: Busy, room: RoomFacts) -> int:
        if busy.location_id == room.location_id:
            return 0
        minutes = minutes_between(busy.lat, busy.lon, room.lat, room.lon, drives=self.worker.drives)
        return 0 if minutes is None else minutes + self.rules.travel_margin_minutes


async def trained(skills: str, first: date, last: date, *, named: Collection[str] = ()) -> list[Trained]:
    """Everybody who is trained for it at some time, by name, with all they do between two dates in the draft of the rota and in drafts of
    courses; and whoever is `named`, trained or not. Nine queries; none where nothing is asked for and nobody named."""
    codes = (
        frozenset(reading.skill_codes(skills, await reading.skill_words()).split()) if skills.strip() else frozenset()
    )
    names = {name.casefold() for name in named if name}
    if not codes and not names:
        return []
    workers = [
        each
        for each in await loading.workers_of(None, since=first)
        if (codes and codes <= each.skills.keys()) or each.name.casefold() in names
    ]
    duties = await _duties(workers, first, last)
    rules = await loading.rules_of(None)
    return [Trained(each, codes, duties[each.id], rules) for each in workers]


async def _duties(workers: Sequence[Worker], first: date, last: date) -> dict[UUID, dict[date, list[Busy]]]:
    found: dict[UUID, dict[date, list[Busy]]] = defaultdict(lambda: defaultdict(list))
    ids = [each.id for each in workers]
    if not ids:
        return found
    rows = await db.rows(f"{loading.DUTIES} AND a.staff_id IN {db.in_list(ids, 4)}", "draft", first, last, *ids)
    for row in rows:
        found[row["staff_id"]][row["date"]].append(_busy(row))
    by_name = {each.name.casefold(): each.id for each in workers}
    for row in await db.rows(DRAFTS, first, last):
        for name in {row["first_name"], row["second_name"]} & by_name.keys():
            found[by_name[name]][row["date"]].append(_busy(row))
    return found


def _busy(row: Mapping[str, Any]) -> Busy:
    return Busy(
        minute_of(row["start_time"]), minute_of(row["end_time"]), row["location_id"], row["lat"], row["lon"], row["run_id"]
    )  # fmt: skip


async def leaders(programme: Mapping[str, Any] | None, first: date, last: date) -> Leaders:
    """For the search of plans: who could lead this programme, and how many a session needs; nobody where it asks for no skill."""
    people = await trained(programme["skills"], first, last) if programme else []
    needed = (programme["facilitators"] or 1) if programme and programme["skills"].strip() else 0
    return Leaders([Leader(each.worker.name, each.can) for each in people], needed)
