"""Pages on which a rota is planned by the machine: the sums first, then a draft or a thorough plan, then what came of it."""

from starlette.routing import BaseRoute

from booking.rotas.pages.plans import asking, result

routes: list[BaseRoute] = [*asking.routes, *result.routes]
