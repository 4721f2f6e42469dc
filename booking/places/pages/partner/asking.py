"""Who is asking on the pages for partners, and for which organisation."""

from booking.web import partner_of

__all__ = ["partner_of"]
