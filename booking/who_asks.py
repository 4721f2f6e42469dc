"""What every page of staff needs first: who asks, and for which day."""

from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import web
from booking.people.signing_in import Who


async def staff_of(request: Request) -> Who:
    """Who asks; the access mark has let nobody else in."""
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    return who


def date_in(request: Request, name: str = "date") -> date | None:
    """A date of the address; None when it is missing, none, or centuries away."""
    try:
        day = date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None
