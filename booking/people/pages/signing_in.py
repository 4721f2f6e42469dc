"""Signing in by a code: ask for it, type it, and out again. A GET never signs in, so mail scanners use nothing up.

Staff, partners and people on the rota have the same pages at their own addresses (Way); what a page says to each is in its template.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from booking import web
from booking.people import limits
from booking.people.contacts import is_uk_mobile, phone_words, read_email, read_phone
from booking.people.signing_in import Who, sign_out
from booking.people.signing_in_by_code import (
    PARTNERS,
    STAFF,
    WORKERS,
    Door,
    demo_people,
    is_a_phone,
    send_code,
    sign_in_with,
)
from booking.problems import Problem
from booking.web import access

WRONG = Problem("The code is not right, or it is too old. Check it, or ask for a new one.", "code", rule="wrong code")
NO_ADDRESS = Problem(
    "Enter your email address or mobile number, like name@example.com or 07700 900123", "email", rule="address"
)
OUTLIVES = ("family", "staff", "partner", "worker")
"""What of the session before stays when somebody signs in: which family the browser belongs to, and the other door's."""


@dataclass(frozen=True)
class Way:
    """A door with its pages: where they are, where one may go on to, who is in already, how they look, and which sessions signing
    out ends: whoever signs out of a computer that others use must not stay in by the other door."""

    door: Door
    home: str
    own_paths: tuple[str, ...]
    who_is_in: Callable[[Request], Awaitable[Who | None]]
    render: Callable[..., Awaitable[Response]]
    templates: str
    title: str
    ends: tuple[str, ...]

    @property
    def sign_in(self) -> str:
        return f"{self.home}/sign-in"

    @property
    def asked_key(self) -> str:
        """Where the session keeps the address that a code was sent to."""
        return f"signing_in_{self.door.purpose}"


STAFF_WAY = Way(
    STAFF, "/staff", ("/staff", "/outbox"), web.who_is_asking, web.render_staff, "staff", "Staff sign-in",
    ("staff", "worker"),
)  # fmt: skip
PARTNERS_WAY = Way(
    PARTNERS, "/partner", ("/partner", "/swaps"), web.partner_asking, web.render_partner, "partner", "Partner sign-in",
    ("partner",),
)  # fmt: skip
WORKERS_WAY = Way(
    WORKERS, "/duties", ("/duties",), web.worker_asking, web.render_worker, "duties", "Sign in to your duties",
    ("worker", "staff"),
)  # fmt: skip


def local_path(text: str, way: Way = STAFF_WAY) -> str:
    """A path of the way's own pages to go on to; anything else becomes its home."""
    parts = _parts(text)
    is_local = parts and not parts.scheme and not parts.netloc and "\\" not in text and text.isprintable()
    return text if is_local and text.startswith(way.own_paths) and way.sign_in not in text else way.home


def _parts(address: str) -> SplitResult | None:
    """The address in its parts; None when it is none, such as "http://[" """
    try:
        return urlsplit(address)
    except ValueError:
        return None


async def _ask_page(request: Request, way: Way) -> Response:
    """The form for the address. When a tap of an htmx page finds nobody signed in, the whole page goes here."""
    if web.is_htmx(request):
        parts = _parts(request.headers.get("HX-Current-URL", way.home))
        page = local_path(parts.path, way) if parts else way.home
        return Response(status_code=204, headers={"HX-Redirect": f"{way.sign_in}?next={quote(page)}"})
    onward = local_path(request.query_params.get("next", way.home), way)
    who = await way.who_is_in(request)
    if who and who.kinds & set(way.door.kinds):
        return web.go(onward)
    return await _ask_again(request, way, {"email": "", "next": onward}, [])


async def _ask(request: Request, way: Way) -> Response:
    """Answers everybody alike: the code is made after the answer has left."""
    async with request.form(max_files=0) as form:
        typed = {"email": str(form.get("email", ""))[:300], "next": str(form.get("next", ""))[:1000]}
    typed["next"] = local_path(typed["next"], way)
    email, problems = _read_address(typed["email"], way)
    if not problems:
        problems = await _too_often(request, way, email)
    if problems:
        return await _ask_again(request, way, typed, problems)
    request.session[way.asked_key] = {"email": email, "next": typed["next"]}
    rules = web.settings_of(request).sign_in
    return RedirectResponse(f"{way.sign_in}/code", 303, background=BackgroundTask(send_code, email, way.door, rules))


def _read_address(text: str, way: Way) -> tuple[str, list[Problem]]:
    """The mail address, or where the door takes them the mobile number, that somebody typed."""
    if not way.door.takes_phones or "@" in text:
        return read_email(text)
    phone, problems = read_phone(text)
    return (phone, []) if not problems and is_uk_mobile(phone) else ("", [NO_ADDRESS])


async def _too_often(request: Request, way: Way, email: str) -> list[Problem]:
    network, whose = web.network_of(request), f"{way.door.purpose} {email}"
    tries = [("sign-in code to one address", whose), ("sign-in code from one network", f"{network} {whose}")]
    if is_a_phone(email):  # each text costs money, and wakes somebody
        tries.append(("code to one address", email))
    return await limits.any_too_often([*tries, ("codes from one network", network)])


async def _ask_again(request: Request, way: Way, typed: dict[str, str], problems: list[Problem]) -> Response:
    people = await demo_people(way.door) if web.is_same_machine_in_demo(request) else []
    shown = {"way": way, "title": way.title, "form": web.Shown(typed, problems), "people": people}
    return await way.render(request, f"{way.templates}/sign_in.html", shown, status=422 if problems else 200)


async def _code_page(request: Request, way: Way) -> Response:
    asked = request.session.get(way.asked_key)
    return await _code_again(request, way, asked, []) if asked else web.go(way.sign_in)


async def _try_code(request: Request, way: Way) -> Response:
    asked: dict[str, Any] | None = request.session.get(way.asked_key)
    if not asked:
        return web.go(way.sign_in)
    async with request.form(max_files=0) as form:
        code = str(form.get("code", ""))[:20]
    problems = await limits.too_often("code tried from one network", web.network_of(request))
    token = None if problems else await sign_in_with(asked["email"], code, way.door)
    if token is None:
        return await _code_again(request, way, asked, problems or [WRONG])
    _begin_session(request, way, token)
    return web.go(local_path(asked["next"], way))


def _begin_session(request: Request, way: Way, token: str) -> None:
    kept = {name: request.session[name] for name in OUTLIVES if name in request.session}
    request.session.clear()
    request.session.update(kept | {way.door.purpose: token})


async def _code_again(request: Request, way: Way, asked: dict[str, Any], problems: list[Problem]) -> Response:
    settings = web.settings_of(request)
    shown = {
        "way": way,
        "title": "Enter your code",
        "email": phone_words(asked["email"]) if is_a_phone(asked["email"]) else asked["email"],
        "is_text": is_a_phone(asked["email"]),
        "minutes": settings.sign_in.code_minutes,
        "form": web.Shown({}, problems),
        "is_here": web.is_same_machine_in_demo(request)
        and not (settings.sends_sms if is_a_phone(asked["email"]) else settings.sends_mail),
    }
    return await way.render(request, f"{way.templates}/sign_in_code.html", shown, status=422 if problems else 200)


async def _leave(request: Request, way: Way) -> Response:
    for name in way.ends:
        token = request.session.pop(name, None)
        if token:
            await sign_out(token)
    web.flash(request, "You are signed out.")
    return web.go(way.sign_in)


Page = Callable[[Request, Way], Awaitable[Response]]


def _for(way: Way, page: Page) -> web.Endpoint:
    """The page as it stands at the addresses of this way."""

    @access("anyone")
    async def endpoint(request: Request) -> Response:
        return await page(request, way)

    return endpoint


def _routes(way: Way, name: str) -> list[Route]:
    return [
        Route(way.sign_in, _for(way, _ask_page), name=f"{name}_sign_in", methods=["GET"]),
        Route(way.sign_in, _for(way, _ask), name=f"{name}_ask_for_code", methods=["POST"]),
        Route(f"{way.sign_in}/code", _for(way, _code_page), name=f"{name}_code", methods=["GET"]),
        Route(f"{way.sign_in}/code", _for(way, _try_code), name=f"{name}_try_code", methods=["POST"]),
        Route(f"{way.home}/sign-out", _for(way, _leave), name=f"{name}_sign_out", methods=["POST"]),
    ]


routes = [*_routes(STAFF_WAY, "staff"), *_routes(PARTNERS_WAY, "partner"), *_routes(WORKERS_WAY, "worker")]
