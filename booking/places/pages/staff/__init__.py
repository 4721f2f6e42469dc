"""Pages for staff about places, rooms and their bookings."""

from starlette.routing import BaseRoute

from booking.places.pages.staff import (
    closed,
    closing,
    diary,
    dividing,
    door,
    find_room,
    place_forms,
    place_hours,
    places,
    room_booking,
    room_booking_cancel,
    room_booking_form,
    room_booking_swap,
    room_photo,
    room_requests,
    room_use,
    rooms,
)

routes: list[BaseRoute] = [
    *diary.routes,
    *closing.routes,
    *closed.routes,
    *dividing.routes,
    *door.routes,
    *find_room.routes,
    *places.routes,
    *place_forms.routes,
    *place_hours.routes,
    *rooms.routes,
    *room_photo.routes,
    *room_requests.routes,
    *room_use.routes,
    *room_booking_form.routes,
    *room_booking.routes,
    *room_booking_cancel.routes,
    *room_booking_swap.routes,
]
