"""Who asks, whose page it is, and what is typed: shared by the pages of people who work."""

from datetime import date
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from booking import db, web
from booking.people.signing_in import Who
from booking.problems import Problem
from booking.rotas.people_who_work import worker_lists

HOME = "/staff/workers"


async def asking(request: Request) -> Who:
    """Who is signed in; the page's mark has seen to it that somebody is."""
    who = await web.who_is_asking(request)
    if who is None:
        raise HTTPException(404)
    return who


async def worker_in_path(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks and the person of the path; 404 when they are not there or of another hub (promise P6)."""
    who = await asking(request)
    worker = await worker_lists.one(web.uuid_in_path(request), who)
    if worker is None:
        raise HTTPException(404)
    return who, worker


async def fields(request: Request, *names: str) -> dict[str, str]:
    """These fields as typed, cut where they are too long."""
    async with request.form(max_files=0) as form:
        return {name: str(form.get(name, ""))[:400].strip() for name in names}


def day_of(typed: str, name: str, problems: list[Problem], *, must: bool = True) -> date | None:
    """A date, or a Problem beside its field."""
    if not typed and not must:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        problems.append(Problem("Enter a date, like 31 3 2027", name, rule="date"))
        return None


def uuid_of(typed: str) -> UUID | None:
    """The UUID, or None for anything else."""
    try:
        return UUID(typed)
    except ValueError:
        return None


async def hubs_of(who: Who) -> list[tuple[str, str]]:
    """(id, name) of the hubs where they may act, by name."""
    rows = await db.rows(
        "SELECT id, COALESCE(NULLIF(hub_name, ''), name) AS name FROM location WHERE id = hub_id ORDER BY 2, id"
    )
    return [(str(row["id"]), row["name"]) for row in rows if who.may_act_at(row["id"])]
