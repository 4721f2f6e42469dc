"""What parents and carers see: what is on, a session, booking a place, looking after it."""

from booking.programmes.pages.parents import (
    appointments,
    booking,
    catch_up,
    contact,
    manage,
    mine,
    offers,
    session,
    telling,
    waiting,
    whats_on,
    with_a_code,
)

routes = [
    *whats_on.routes,
    *session.routes,
    *booking.routes,
    *appointments.routes,
    *with_a_code.routes,
    *waiting.routes,
    *contact.routes,
    *telling.routes,
    *mine.routes,
    *manage.routes,
    *offers.routes,
    *catch_up.routes,
]
