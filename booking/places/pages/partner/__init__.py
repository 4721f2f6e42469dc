"""Pages for the bookers of partner organisations."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
