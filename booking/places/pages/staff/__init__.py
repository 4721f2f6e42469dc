"""Pages for staff about places, rooms and their bookings."""

from starlette.routing import BaseRoute

from booking.places.pages.staff import diary, door, place_forms, place_hours, places, room_photo, rooms

routes: list[BaseRoute] = [
    *diary.routes,
    *door.routes,
    *places.routes,
    *place_forms.routes,
    *place_hours.routes,
    *rooms.routes,
    *room_photo.routes,
]
