"""What every page of planning needs first: who asks, which run."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking.people.signing_in import Who
from booking.programmes.pages.staff.asking import uuid_or_404
from booking.programmes.run_lists import Row, run_seen_by
from booking.who_asks import staff_of

RUN = "/staff/runs/{id}"
DRAFT = "/staff/plan/{run:uuid}"


async def run_in_path(request: Request, name: str = "id") -> tuple[Who, Row]:
    """Who asks and the run of the path; 404 when it is not there or not theirs (promise P6)."""
    who = await staff_of(request)
    run = await run_seen_by(who, uuid_or_404(str(request.path_params[name])))
    if run is None:
        raise HTTPException(404)
    return who, run


def path_of_run(run: Mapping[str, Any]) -> str:
    """Where staff find it: a draft in its grid, anything else on its own page."""
    return f"/staff/plan/{run['id']}" if run["state"] == "draft" else f"/staff/runs/{run['id']}"


def typed_in(form: FormData) -> dict[str, str]:
    """Every text of a form."""
    return {name: text[:4001] for name, text in form.items() if isinstance(text, str)}
