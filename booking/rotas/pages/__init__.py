"""The pages of this area; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.rotas.pages import cover, duties, needs, plans, publishing, rota, swaps, workers

routes: list[BaseRoute] = [
    *duties.routes,
    *swaps.routes,
    *publishing.routes,
    *plans.routes,
    *needs.routes,
    *rota.routes,
    *cover.routes,
    *workers.routes,
]
