"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.messages.pages import outbox

routes: list[BaseRoute] = [*outbox.routes]
