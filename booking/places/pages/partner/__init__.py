"""Pages for the bookers of partner organisations."""

from starlette.routing import BaseRoute

from booking.places.pages.partner import reserve

routes: list[BaseRoute] = [*reserve.routes]
