"""/staff/workers, /staff/skills and /staff/leave."""

from starlette.routing import BaseRoute

from booking.rotas.pages.workers import acts, changing, ending, importing, leave, listed, one, skills

routes: list[BaseRoute] = [
    *importing.routes,
    *listed.routes,
    *changing.routes,
    *ending.routes,
    *one.routes,
    *acts.routes,
    *skills.routes,
    *leave.routes,
]
