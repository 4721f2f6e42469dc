"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.reports.pages import jobs, message_figures, rota_figures, statement

routes: list[BaseRoute] = [*statement.routes, *message_figures.routes, *rota_figures.routes, *jobs.routes]
