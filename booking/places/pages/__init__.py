"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.places.pages import about, hubs, partner, partners, place, staff, swaps

routes: list[BaseRoute] = [
    *hubs.routes,
    *place.routes,
    *partners.routes,
    *about.routes,
    *staff.routes,
    *partner.routes,
    *swaps.routes,
]
