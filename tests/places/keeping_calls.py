"""How the verbs by which staff keep places and rooms are called, for the walk through all verbs (tests/test_trail.py)."""

from typing import Any

from booking.places import keeping_hours, keeping_places, keeping_rooms, room_photos
from booking.places.place_form import typed_facts
from booking.places.room_form import NEW_ROOM, typed_rules
from tests import make

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
HALL = {"name": "Village hall", "kind": "outreach", "postcode": "BH22 9TH"}
ROOM = {"name": "Blue room", "kind": "hall", "capacity": "40"}
SPECIAL = {"first_date": "2027-01-11", "opens": "17:00", "closes": "20:00", "reason": "hall hired"}
HOURS = {"hours-0": "09:00-12:00; 13:00-17:00", "hours-2": "10:00-16:00"}


async def typed_place(location_id: Any, **changed: str) -> dict[str, str]:
    """The form of a location as it stands, with some fields typed over."""
    return typed_facts(await keeping_places.location_row(location_id)) | changed


async def typed_room(room_id: Any, **changed: str) -> dict[str, str]:
    return typed_rules(await keeping_rooms.room_row(room_id)) | changed


def new_room(**changed: str) -> dict[str, str]:
    return typed_rules(NEW_ROOM) | ROOM | changed


async def _change(session: Any, by: Any) -> None:
    typed = await typed_place(session.location_id, directions="Round the back")
    await keeping_places.change_location(location_id=session.location_id, typed=typed, by=by)


async def _add_room(session: Any, by: Any) -> Any:
    return await keeping_rooms.add_room(location_id=session.location_id, typed=new_room(), features=[], by=by)


async def _change_room(session: Any, by: Any) -> None:
    id = await _add_room(session, by)
    await keeping_rooms.change_room(room_id=id, typed=await typed_room(id, capacity="50"), features=[], by=by)


async def _special(session: Any, by: Any) -> Any:
    return await keeping_hours.add_special(location_id=session.location_id, typed=SPECIAL, by=by)


async def _remove_special(session: Any, by: Any) -> None:
    special_id = await _special(session, by)
    await keeping_hours.remove_special(location_id=session.location_id, special_id=special_id, by=by)


async def _put(session: Any, by: Any) -> Any:
    room = await make.room(await session.location)
    await room_photos.put_photo(room_id=room.id, content=PNG, words="A bright hall", by=by)
    return room


async def _remove_photo(session: Any, by: Any) -> None:
    await room_photos.remove_photo(room_id=(await _put(session, by)).id, by=by)


CALLS = {
    "keeping_places.add_location": ("add place", lambda s, r, by: keeping_places.add_location(
        typed=HALL, hub_id=s.hub_id, by=by)),
    "keeping_places.change_location": ("change place", lambda s, r, by: _change(s, by)),
    "keeping_hours.set_hours": ("change opening hours", lambda s, r, by: keeping_hours.set_hours(
        location_id=s.location_id, typed=HOURS, by=by)),
    "keeping_hours.add_special": ("add special opening", lambda s, r, by: _special(s, by)),
    "keeping_hours.remove_special": ("remove special opening", lambda s, r, by: _remove_special(s, by)),
    "keeping_rooms.add_room": ("add room", lambda s, r, by: _add_room(s, by)),
    "keeping_rooms.change_room": ("change room", lambda s, r, by: _change_room(s, by)),
    "room_photos.put_photo": ("put room photo", lambda s, r, by: _put(s, by)),
    "room_photos.remove_photo": ("remove room photo", lambda s, r, by: _remove_photo(s, by)),
}  # fmt: skip
