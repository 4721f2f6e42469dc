"""Pages of partners about families they work with."""

from booking.programmes.pages.partner import referring

routes = [*referring.routes]
