"""/staff/sign-in: ask for a code, type it, and out again. A GET never signs in, so mail scanners use nothing up."""

from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from booking import web
from booking.people import limits
from booking.people.contacts import read_email
from booking.people.signing_in import sign_out
from booking.people.signing_in_staff import demo_people, send_code, sign_in_with
from booking.problems import Problem
from booking.web import access

HOME = "/staff"
SIGN_IN = "/staff/sign-in"
WRONG = Problem("The code is not right, or it is too old. Check it, or ask for a new one.", "code", rule="wrong code")


def local_path(text: str) -> str:
    """A path of the staff's own pages to go on to; anything else becomes Today."""
    parts = _parts(text)
    is_local = parts and not parts.scheme and not parts.netloc and "\\" not in text and text.isprintable()
    return text if is_local and text.startswith(("/staff", "/outbox")) and SIGN_IN not in text else HOME


def _parts(address: str) -> SplitResult | None:
    """The address in its parts; None when it is none, such as "http://[" """
    try:
        return urlsplit(address)
    except ValueError:
        return None


@access("anyone")
async def ask_page(request: Request) -> Response:
    """The form for the address. When a tap of an htmx page finds nobody signed in, the whole page goes here."""
    if web.is_htmx(request):
        parts = _parts(request.headers.get("HX-Current-URL", HOME))
        page = local_path(parts.path) if parts else HOME
        return Response(status_code=204, headers={"HX-Redirect": f"{SIGN_IN}?next={quote(page)}"})
    onward = local_path(request.query_params.get("next", HOME))
    who = await web.who_is_asking(request)
    if who and who.is_staff:
        return web.go(onward)
    return await _ask(request, {"email": "", "next": onward}, [])


@access("anyone")
async def ask(request: Request) -> Response:
    """Answers everybody alike: the code is made after the answer has left."""
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:300] for name in ("email", "next")}
    typed["next"] = local_path(typed["next"])
    email, problems = read_email(typed["email"])
    if not problems:
        network = web.network_of(request)
        tries = [("code to one of staff", email), ("code to one of staff from one network", f"{network} {email}")]
        problems = await limits.any_too_often([*tries, ("codes from one network", network)])
    if problems:
        return await _ask(request, typed, problems)
    request.session["signing_in"] = {"email": email, "next": typed["next"]}
    rules = web.settings_of(request).sign_in
    return RedirectResponse(f"{SIGN_IN}/code", 303, background=BackgroundTask(send_code, email, rules))


async def _ask(request: Request, typed: dict[str, str], problems: list[Problem]) -> Response:
    people = await demo_people() if web.is_same_machine_in_demo(request) else []
    shown = {"title": "Staff sign-in", "form": web.Shown(typed, problems), "people": people}
    return await web.render_staff(request, "staff/sign_in.html", shown, status=422 if problems else 200)


@access("anyone")
async def code_page(request: Request) -> Response:
    asked = request.session.get("signing_in")
    return await _code(request, asked, []) if asked else web.go(SIGN_IN)


@access("anyone")
async def try_code(request: Request) -> Response:
    asked: dict[str, Any] | None = request.session.get("signing_in")
    if not asked:
        return web.go(SIGN_IN)
    async with request.form(max_files=0) as form:
        code = str(form.get("code", ""))[:20]
    problems = await limits.too_often("code tried from one network", web.network_of(request))
    token = None if problems else await sign_in_with(asked["email"], code)
    if token is None:
        return await _code(request, asked, problems or [WRONG])
    _begin_session(request, token)
    return web.go(local_path(asked["next"]))


def _begin_session(request: Request, token: str) -> None:
    """Nothing of the session before survives, but which family this browser belongs to."""
    kept = {name: request.session[name] for name in ("family",) if name in request.session}
    request.session.clear()
    request.session.update(kept, staff=token)


async def _code(request: Request, asked: dict[str, Any], problems: list[Problem]) -> Response:
    settings = web.settings_of(request)
    shown = {
        "title": "Enter your code",
        "email": asked["email"],
        "minutes": settings.sign_in.code_minutes,
        "form": web.Shown({}, problems),
        "is_here": web.is_same_machine_in_demo(request) and not settings.sends_mail,
    }
    return await web.render_staff(request, "staff/sign_in_code.html", shown, status=422 if problems else 200)


@access("anyone")
async def leave(request: Request) -> Response:
    token = request.session.pop("staff", None)
    if token:
        await sign_out(token)
    web.flash(request, "You are signed out.")
    return web.go(SIGN_IN)


routes = [
    Route(SIGN_IN, ask_page, name="staff_sign_in", methods=["GET"]),
    Route(SIGN_IN, ask, name="staff_ask_for_code", methods=["POST"]),
    Route(f"{SIGN_IN}/code", code_page, name="staff_code", methods=["GET"]),
    Route(f"{SIGN_IN}/code", try_code, name="staff_try_code", methods=["POST"]),
    Route("/staff/sign-out", leave, name="staff_sign_out", methods=["POST"]),
]
