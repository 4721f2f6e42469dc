"""The creche in the forms of a booking under way: who needs it, whether there is room, and the waiting list where there is not."""

from starlette.requests import Request
from starlette.responses import Response

from booking import web
from booking.programmes.bookings import leasing, who_form
from booking.programmes.bookings.coming import Party
from booking.programmes.creche.creche_form import with_creche
from booking.programmes.pages.parents.underway import Underway, keep_lease


def understand(booking: Underway) -> who_form.Read:
    """What was typed, understood, with what stands in the way of the creche as well."""
    read = who_form.understand(booking.typed, booking.offered, booking.known)
    return with_creche(read, booking.creche, is_waiting=booking.is_for_waiting)


def words(booking: Underway, read: who_form.Read) -> str:
    """ "Ada, on every date; 3 places are left"; "" where there is no creche."""
    if booking.creche is None:
        return ""
    if not read.party.creche:
        return "Not needed"
    names = Party((), read.party.creche).words()
    if booking.is_for_waiting:
        return f"Wanted for {names}"
    return f"{names}, on every date. {booking.creche.left} of {booking.creche.places} places are left now"


async def wait_instead(request: Request, booking: Underway) -> Response:
    """The creche is full: the form goes on as one for the waiting list, with what was typed, and the place goes back."""
    draft = await leasing.start_waiting_draft(booking.target)
    await leasing.keep_draft(draft, booking.typed.to_json())
    await leasing.release(booking.lease["id"])
    keep_lease(request, draft)
    request.app.state.pages.forget()
    return web.go(f"/book/{draft}/who")
