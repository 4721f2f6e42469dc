"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.people.pages import audit, changing_partner, partner, partner_terms, partners, signing_in

routes: list[BaseRoute] = [
    *signing_in.routes,
    *audit.routes,
    *partner_terms.routes,
    *partners.routes,
    *partner.routes,
    *changing_partner.routes,
]
