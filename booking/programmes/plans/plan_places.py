"""The buildings and rooms that wishes may be met in: those near enough, theirs to see, large enough, with the features. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from booking.places.kinds import has_building
from booking.places.near import miles
from booking.places.rooms import RoomFacts
from booking.programmes.plans.plan_times import PlaceTimes, Starts, World
from booking.programmes.plans.plan_wishes import Wishes

UNSUITED = frozenset({"kitchen", "creche", "consulting", "open_area", "virtual"})
UNSUITED_FOR_CRECHE = frozenset({"kitchen", "consulting", "open_area", "virtual"})


@dataclass(frozen=True, slots=True)
class Pair:
    """A room and the creche room beside it (None: no creche). fit: lower is better."""

    room: RoomFacts
    creche: RoomFacts | None
    unsuited: int
    fit: tuple[int, int]


@dataclass(slots=True)
class Place:
    """One building as the wishes see it."""

    id: UUID
    rooms: Sequence[RoomFacts]
    times: PlaceTimes
    miles: float | None
    mains: list[RoomFacts] = field(default_factory=list)
    creches: list[RoomFacts] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)

    @property
    def area(self) -> str:
        return self.rooms[0].area


def places_for(wishes: Wishes, world: World, starts: Starts) -> Iterator[Place]:
    """Each building that is wished with its rooms; one where nothing fits has no pairs."""
    for key, rooms in world.rooms.items():
        far = distance(wishes, rooms[0])
        if not has_building(rooms[0].location_kind) or not _is_wished(wishes, rooms[0], far):
            continue
        place = Place(key, rooms, PlaceTimes(world.openings[key], starts, world.last), far)
        place.mains = [room for room in rooms if room.capacity >= wishes.people and wishes.features <= room.features]
        if wishes.creche_people:
            place.creches = [room for room in rooms if room.capacity >= wishes.creche_people]
        place.pairs = sorted(_pairs(place, wishes), key=lambda pair: (pair.unsuited, pair.fit, pair.room.name))
        yield place


def _is_wished(wishes: Wishes, room: RoomFacts, far: float | None) -> bool:
    if room.is_restricted and room.hub_id not in wishes.own_hubs:
        return False
    if wishes.hub_ids is not None and room.hub_id not in wishes.hub_ids:
        return False
    return wishes.within is None or wishes.point is None or (far is not None and far <= wishes.within)


def _pairs(place: Place, wishes: Wishes) -> Iterator[Pair]:
    for room in place.mains:
        unsuited = 2 * (room.kind in UNSUITED or "not private" in room.features)
        empty = room.capacity - wishes.people
        if not wishes.creche_people:
            yield Pair(room, None, unsuited, (0, empty))
            continue
        for creche in place.creches:
            if not set(creche.leaves) & set(room.leaves):
                badly = unsuited + (creche.kind in UNSUITED_FOR_CRECHE)
                more = creche.capacity - wishes.creche_people
                yield Pair(room, creche, badly, (int(creche.kind != "creche"), empty + more))


def distance(wishes: Wishes, room: RoomFacts) -> float | None:
    """Miles as the crow flies from where the wishes are, None where one of the two has no place on the map."""
    if wishes.point is None or room.lat is None or room.lon is None:
        return None
    return miles(wishes.point.lat, wishes.point.lon, room.lat, room.lon)
