"""The pages of staff about sessions; joined in booking/programmes/pages."""

from starlette.routing import BaseRoute

from booking.programmes.pages.staff import (
    cancelling,
    giving_up,
    importing,
    moving,
    phone,
    register,
    session,
    sessions,
    today,
)

routes: list[BaseRoute] = [
    *today.routes,
    *sessions.routes,
    *register.routes,
    *cancelling.routes,
    *moving.routes,
    *phone.routes,
    *giving_up.routes,
    *importing.routes,
    *session.routes,
]
