"""Addresses that calendars and other programs read; joined in booking/app.py."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
