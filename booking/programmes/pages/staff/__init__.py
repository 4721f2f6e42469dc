"""The pages of staff about sessions; joined in booking/programmes/pages."""

from starlette.routing import BaseRoute

from booking.programmes.pages.staff import cancelling, register, session, sessions, today

routes: list[BaseRoute] = [
    *today.routes,
    *sessions.routes,
    *register.routes,
    *cancelling.routes,
    *session.routes,
]
