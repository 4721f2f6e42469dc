"""/with-a-code: a course that is not listed, for who was given its code by a professional. Never what is restricted (P5)."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from booking import web
from booking.people.limits import too_often
from booking.problems import Problem
from booking.programmes import showing
from booking.programmes.bookings import leasing, referring
from booking.programmes.bookings.leasing import Target
from booking.programmes.pages.parents.session import page_html
from booking.programmes.pages.parents.starting import start_place
from booking.programmes.pages.parents.underway import keep_lease
from booking.web import access

WRONG = Problem(
    "We do not know this code. Check it: seven letters and figures, without 0, 1, I and O. Or ask who gave it to you.",
    "code",
    rule="code",
)


@access("anyone")
async def ask(request: Request) -> Response:
    """Where the code is typed."""
    if request.method == "GET":
        return _ask_page(request, "", [])
    async with request.form(max_fields=5, max_files=0) as form:
        typed = str(form.get("code", ""))[:40]
    problems = await too_often("referral code from one network", web.network_of(request))
    if not problems and await referring.run_of_code(typed) is None:
        problems = [WRONG]
    if problems:
        return _ask_page(request, typed, problems)
    return web.go(f"/with-a-code/{referring.tidy_code(typed)}")


def _ask_page(request: Request, typed: str, problems: list[Problem]) -> Response:
    context = {"title": "Book with a code", "typed": typed, "problems": problems}
    return _kept_nowhere(web.render(request, "programmes/with_a_code.html", context, status=422 if problems else 200))


def _kept_nowhere(answer: Response) -> Response:
    """Neither a browser others use nor a search engine keeps what the code opens."""
    answer.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"})
    return answer


@access("anyone")
async def course(request: Request) -> Response:
    """The page of what the code opens."""
    facts = await _facts(request)
    return _kept_nowhere(HTMLResponse(await page_html(request, facts, **_by_code(request))))


def _by_code(request: Request) -> dict[str, Any]:
    return {"code_path": f"/with-a-code/{referring.tidy_code(request.path_params['code'])}"}


async def _facts(request: Request) -> dict[str, Any]:
    if await too_often("referral code from one network", web.network_of(request)):
        raise HTTPException(429)
    run_id = await referring.run_of_code(request.path_params["code"])
    facts = await showing.facts_of_run(run_id) if run_id else None
    if facts is None:
        raise HTTPException(404)
    return facts | {"by_code": True}


@access("anyone")
async def book(request: Request) -> Response:
    """Keeps a place, one of those reserved for referred families if need be, and goes on to who is coming."""
    if await too_often("lease from one network", web.network_of(request)):
        return web.render(request, "errors/429.html", status=429)
    return await start_place(request, await _facts(request), is_priority=True)


@access("anyone")
async def wait(request: Request) -> Response:
    """Starts the form for its waiting list."""
    if await too_often("lease from one network", web.network_of(request)):
        return web.render(request, "errors/429.html", status=429)
    facts = await _facts(request)
    if (await showing.page_of(facts))["can"] != "wait":
        return web.go(_by_code(request)["code_path"])
    is_run = facts["booking_mode"] in ("run", "referral")
    lease_id = await leasing.start_waiting_draft(Target(facts["run_id"], None if is_run else facts["session_id"]))
    keep_lease(request, lease_id)
    return web.go(f"/book/{lease_id}/who")


ONE = "/with-a-code/{code}"
routes = [
    Route("/with-a-code", ask, name="with_a_code", methods=["GET", "POST"]),
    Route(ONE, course, name="course_by_code", methods=["GET"]),
    Route(f"{ONE}/book", book, name="book_by_code", methods=["POST"]),
    Route(f"{ONE}/wait", wait, name="wait_by_code", methods=["POST"]),
]
