"""Addresses that calendars and other programs read, and the pages that give them out; joined in booking/app.py."""

from starlette.routing import BaseRoute

from booking.open_data.pages import duty_calendar, family_calendar, feeds, partner_calendar, staff_feeds

routes: list[BaseRoute] = [
    *feeds.routes,
    *staff_feeds.routes,
    *partner_calendar.routes,
    *family_calendar.routes,
    *duty_calendar.routes,
]
