"""/staff/skills: which skills there are, how many hold them, what expires soon. Administrators keep the list."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.problems import Problem, Refused
from booking.rotas.pages.workers.asking import asking, fields
from booking.rotas.people_who_work import skills, worker_lists
from booking.web import access

HOME = "/staff/skills"
EMPTY = {"name": "", "code": "", "expires_months": "", "includes": ""}


@access("staff")
async def skills_page(request: Request) -> Response:
    change = request.query_params.get("change", "")
    row = next((row for row in await worker_lists.skills() if row["code"] == change), {}) if change else {}
    return await _page(request, {name: str(row.get(name) or "") for name in EMPTY}, [])


async def _page(request: Request, typed: dict[str, str], problems: list[Problem]) -> Response:
    who = await asking(request)
    rows = await worker_lists.skills(who)
    names = {row["code"]: row["name"] for row in rows}
    context = {
        "title": "Skills",
        "included": {
            row["code"]: [names.get(code, code) for code in row["includes"].split()] for row in rows if row["includes"]
        },
        "nav": "rota",
        "skills": [row for row in rows if row["ended_at"] is None],
        "ended": [row for row in rows if row["ended_at"] is not None],
        "typed": EMPTY | typed,
        "problems": problems,
        "may_keep": who.is_admin,
    }
    return await web.render_staff(request, "staff/workers/skills.html", context, status=422 if problems else 200)


@access("admin")
async def add(request: Request) -> Response:
    """A new skill, or with the code of one that is there its other name or length."""
    who, typed = await asking(request), await fields(request, *EMPTY)
    text = typed["expires_months"]
    if text and not (text.isascii() and text.isdigit() and len(text) <= 3):
        return await _page(request, typed, [Problem("Enter months from 1 to 120", "expires_months", rule="number")])
    code = typed["code"].lower()
    known = next((row["id"] for row in await worker_lists.skills() if row["code"] == code), None)
    try:
        months = int(text) if text else None
        includes = typed["includes"].lower().replace(",", " ").replace(";", " ").split()
        await skills.save_skill(
            code=code, name=typed["name"], expires_months=months, by=who, skill_id=known, includes=includes
        )
    except Refused as refused:
        return await _page(request, typed, refused.problems)
    web.flash(request, f"{typed['name']} is saved.")
    return web.go(HOME)


@access("admin")
async def end(request: Request) -> Response:
    who, skill_id = await asking(request), web.uuid_in_path(request, "skill")
    is_ended = (await fields(request, "act"))["act"] != "bring back"
    try:
        await skills.end_skill(skill_id=skill_id, is_ended=is_ended, by=who)
        web.flash(
            request, "It cannot be chosen any more; who holds it keeps it." if is_ended else "It can be chosen again."
        )
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(HOME)


routes = [
    Route(HOME, skills_page, name="staff_skills", methods=["GET"]),
    Route(HOME, add, name="staff_save_skill", methods=["POST"]),
    Route(f"{HOME}/{{skill}}/end", end, name="staff_end_skill", methods=["POST"]),
]
