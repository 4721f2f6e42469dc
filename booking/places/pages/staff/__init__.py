"""Pages for staff about places, rooms and their bookings."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
