"""Pages on which managers say what needs people: opening hours of places, and extra shifts."""

from booking.rotas.pages.needs import extra_shifts, home, moves, need_form

routes = [*home.routes, *moves.routes, *need_form.routes, *extra_shifts.routes]
