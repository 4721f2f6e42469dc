"""Pages for the bookers of partner organisations."""

from starlette.routing import BaseRoute

from booking.places.pages.partner import bookings, cancelling, changing, home, reserve

routes: list[BaseRoute] = [*home.routes, *reserve.routes, *bookings.routes, *changing.routes, *cancelling.routes]
