"""Pages on which a rota is published, what became of it, and the rules by which it is judged."""

from booking.rotas.pages.publishing import publish, published, rules_page

routes = [*publish.routes, *published.routes, *rules_page.routes]
