"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.people.pages import audit, partner_terms, signing_in

routes: list[BaseRoute] = [*signing_in.routes, *audit.routes, *partner_terms.routes]
