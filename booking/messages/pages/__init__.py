"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.messages.pages import hooks, message, outbox, report_hooks, wording

routes: list[BaseRoute] = [*outbox.routes, *message.routes, *hooks.routes, *report_hooks.routes, *wording.routes]
