"""The rota that managers live in: the grid, the shift's page, acts and taking them back."""

from booking.rotas.pages.rota import changing, page, shift

routes = [*page.routes, *shift.routes, *changing.routes]
