"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
