"""What every page of staff about one session or day needs first: which hub, which session."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import web
from booking.people.signing_in import Who
from booking.programmes.registers.register_lists import find_session
from booking.who_asks import staff_of


async def session_in_path(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks and the session of the path; 404 when it is not there or not theirs (promise P6)."""
    who = await staff_of(request)
    session = await find_session(who, web.uuid_in_path(request))
    if session is None:
        raise HTTPException(404)
    return who, session


def path_of(session: dict[str, Any]) -> str:
    return f"/staff/sessions/{session['session_id']}"


def chosen_hub(request: Request, hubs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The hub of ?hub=, if it is one of these; None is all of them."""
    wanted = request.query_params.get("hub", "")
    return next((hub for hub in hubs if str(hub["id"]) == wanted), None)


def uuid_or_404(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPException(404) from error
