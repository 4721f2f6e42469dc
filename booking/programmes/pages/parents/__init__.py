"""What parents and carers see: what is on, a session, booking a place, looking after it."""

from booking.programmes.pages.parents import booking, manage, mine, session, waiting, whats_on

routes = [*whats_on.routes, *session.routes, *booking.routes, *waiting.routes, *mine.routes, *manage.routes]
