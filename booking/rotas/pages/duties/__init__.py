"""/duties: what people on the rota see on their phone. Everything is their own; a colleague's is not there (404)."""

from booking.rotas.pages.duties import calendar_mails, cover_ask, duty, home, leave, swap, swaps, wishes

routes = [
    *home.routes,
    *duty.routes,
    *swap.routes,
    *swaps.routes,
    *leave.routes,
    *wishes.routes,
    *cover_ask.routes,
    *calendar_mails.routes,
]
