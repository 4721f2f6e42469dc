"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.reports.pages import statement

routes: list[BaseRoute] = [*statement.routes]
