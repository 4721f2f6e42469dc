"""/staff/rota/cover: what is red, whom to ask, who is ill, and the least change."""

from starlette.routing import BaseRoute

from booking.rotas.pages.cover import acting, board, ill, proposal

routes: list[BaseRoute] = [*board.routes, *acting.routes, *ill.routes, *proposal.routes]
