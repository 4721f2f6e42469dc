"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.programmes.pages import parents, partner, planning, staff

routes: list[BaseRoute] = [*parents.routes, *staff.routes, *partner.routes, *planning.routes]
