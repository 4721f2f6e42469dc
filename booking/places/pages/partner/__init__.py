"""Pages for the bookers of partner organisations."""

from starlette.routing import BaseRoute

from booking.places.pages.partner import bookings, cancelling, changing, find_room, home, reserve

routes: list[BaseRoute] = [
    *home.routes,
    *reserve.routes,
    *find_room.routes,
    *bookings.routes,
    *changing.routes,
    *cancelling.routes,
]
