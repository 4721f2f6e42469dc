"""Who asks for one of these pages, as a person on the rota."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import web
from booking.people.contacts import UNWANTED
from booking.people.signing_in import Who
from booking.rotas.duties import reading


async def me(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who is signed in, and their place on the rota. 404 for somebody who has none (any more)."""
    who = await web.worker_asking(request)
    profile = await reading.profile_of(who.id) if who else None
    if who is None or profile is None:
        raise HTTPException(404)
    return who, profile


async def typed(request: Request, *names: str) -> dict[str, str]:
    """What the form says, at most 1,000 letters of each, on one line and without control characters."""
    async with request.form(max_files=0) as form:
        return {name: " ".join(UNWANTED.sub(" ", str(form.get(name, ""))[:1000]).split()) for name in names}
