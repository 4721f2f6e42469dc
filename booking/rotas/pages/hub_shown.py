"""Which hub a page about rotas shows when its address names none: the one last looked at, else the first of theirs."""

from collections.abc import Sequence
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

KEY, ALL = "rota_hub", "all"


def hub_of(request: Request, hubs: Sequence[UUID], wanted: str) -> UUID | None:
    """None is all of them, only when asked for ("all"). What is asked for is kept for the next page. 404 for a hub that is none of
    theirs (promise P6)."""
    if wanted and wanted != ALL:
        found = next((each for each in hubs if str(each) == wanted), None)
        if found is None:
            raise HTTPException(404)
        if request.session.get(KEY) != found.hex:
            request.session[KEY] = found.hex
        return found
    if wanted == ALL and len(hubs) > 1:
        return None
    last = request.session.get(KEY)
    return next((each for each in hubs if each.hex == last), hubs[0] if hubs else None)
