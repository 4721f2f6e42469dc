"""Between a request and a verb: rendering a page or one block of it, who is asking, who may see a page, form tokens."""

import functools
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from booking import clock, db, design_system, words
from booking.assets import asset_url
from booking.people.agreements import notices
from booking.people.signing_in import Who, who_has
from booking.problems import Refused
from booking.remembering import Page, key_of
from booking.settings import ROOT, Settings

Audience = Literal["anyone", "link", "partner", "worker", "staff", "manager", "admin", "same machine", "provider"]
AUDIENCES: dict[Audience, str] = {
    "anyone": "everybody",
    "link": "whoever holds the link or has proved their phone or mailbox",
    "partner": "signed-in bookers of a partner organisation, within it",
    "worker": "people on the rota, their own duties",
    "staff": "signed-in staff, within their hubs",
    "manager": "hub managers, within the hubs that they manage, and county admins",
    "admin": "county admins",
    "same machine": "staff; in the demo also this machine",
    "provider": "the message provider, signed",
}
Endpoint = Callable[[Request], Awaitable[Response]]
LOOPBACK = {"127.0.0.1", "::1"}


def make_environment(settings: Settings) -> Environment:
    """Templates of ours and the design system's macros; undefined names raise and all output is escaped."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.do"],
    )
    known: dict[str, Any] = {"asset_url": asset_url, "site": settings.site, "is_demo": settings.is_demo}
    environment.globals |= known
    environment.filters.update(words.FILTERS)
    design_system.install(environment)
    return environment


def access(audience: Audience) -> Callable[[Endpoint], Endpoint]:
    """Marks who may see a page and enforces it. create_app refuses an endpoint without the mark."""

    def mark(endpoint: Endpoint) -> Endpoint:
        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if audience == "partner" and await partner_asking(request) is None:
                return RedirectResponse(f"/partner/sign-in?next={_onward(request)}", 303)
            if audience == "worker" and await worker_asking(request) is None:
                return RedirectResponse(f"/duties/sign-in?next={_onward(request)}", 303)
            if audience in ("staff", "manager", "admin", "same machine"):
                refusal = await _refusal(request, audience)
                if refusal:
                    return refusal
            answer = await endpoint(request)
            if audience in (
                "link",
                "partner",
                "worker",
            ):  # a phone or library computer that others use shows it to nobody after
                answer.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
            return answer

        setattr(guarded, "audience", audience)  # noqa: B010  a mark that create_app looks for
        return guarded

    return mark


async def _refusal(request: Request, audience: Audience) -> Response | None:
    who = await who_is_asking(request)
    if audience == "same machine" and is_same_machine_in_demo(request):
        return None
    if who is None or not who.is_staff:
        return RedirectResponse(f"/staff/sign-in?next={_onward(request)}", 303)
    allowed = {"manager": who.is_manager, "admin": who.is_admin}.get(audience, True)
    if not allowed:
        raise HTTPException(404)
    if audience == "manager":
        request.state.who = who.as_manager()
    return None


def _onward(request: Request) -> str:
    """Where to go on to after signing in: the page that was asked for, with what its link had filled in."""
    query = request.url.query if request.method == "GET" else ""
    return quote(f"{request.url.path}?{query}" if query else request.url.path)


def is_same_machine_in_demo(request: Request) -> bool:
    client = request.client.host if request.client else ""
    return settings_of(request).is_demo and client in LOOPBACK and "x-forwarded-for" not in request.headers


async def who_is_asking(request: Request) -> Who | None:
    """The signed-in member of staff, or None; on pages of managers with the hubs that they manage alone. Looked up once a request."""
    if not hasattr(request.state, "who"):
        token = request.session.get("staff")
        idle_hours = settings_of(request).sign_in.idle_hours
        request.state.who = await who_has(token, purpose="staff", idle_hours=idle_hours) if token else None
    return request.state.who


async def family_asking(request: Request) -> Who | None:
    """The parent or carer this browser belongs to (it booked here before, or proved a phone or mailbox), or None."""
    if not hasattr(request.state, "family_who"):
        token = request.session.get("family")
        request.state.family_who = await who_has(token, purpose="manage", idle_hours=24 * 180) if token else None
    return request.state.family_who


async def worker_asking(request: Request) -> Who | None:
    """The person on the rota who is signed in here, at the door of staff or at that of people who only have duties; or None."""
    if not hasattr(request.state, "worker_who"):
        who = await who_is_asking(request)
        token = request.session.get("worker")
        if (who is None or not who.is_worker) and token:
            who = await who_has(token, purpose="worker", idle_hours=24 * 30)
        request.state.worker_who = who if who and who.is_worker else None
    return request.state.worker_who


async def partner_asking(request: Request) -> Who | None:
    """The signed-in booker of a partner organisation, or None. Looked up once a request."""
    if not hasattr(request.state, "partner_who"):
        token = request.session.get("partner")
        idle_hours = settings_of(request).sign_in.idle_hours
        who = await who_has(token, purpose="partner", idle_hours=idle_hours) if token else None
        request.state.partner_who = who if who and who.organisation_ids else None
    return request.state.partner_who


async def partner_of(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who is asking and the partner for which they act: the one chosen by ?organisation=, kept in the session, else the first.

    Raises 404 for an organisation that is not theirs. For pages marked "partner" alone.
    """
    who, theirs = await partner_asking(request), await _organisations(request)
    chosen = request.query_params.get("organisation")
    if who is None or not theirs or (chosen and chosen not in {str(row["id"]) for row in theirs}):
        raise HTTPException(404)
    if chosen:
        request.session["organisation"] = chosen
    kept = request.session.get("organisation")
    return who, next((row for row in theirs if str(row["id"]) == kept), theirs[0])


async def _organisations(request: Request) -> list[dict[str, Any]]:
    """The partners for which they book, by name. Looked up once a request."""
    if not hasattr(request.state, "organisations"):
        who = await partner_asking(request)
        ids = who.organisation_ids if who else ()
        request.state.organisations = (
            await db.rows(f"SELECT * FROM organisation WHERE id IN {db.in_list(ids)} ORDER BY name", *ids)
            if ids
            else []
        )
    return request.state.organisations


def network_of(request: Request) -> str:
    """What limits are counted by: an IPv4 address, or the /64 that one household has of IPv6."""
    host = request.client.host if request.client else ""
    return ":".join(host.split(":")[:4]) if ":" in host and "." not in host else host


def settings_of(request: Request) -> Settings:
    return request.app.state.settings


def render(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    block: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page, or for htmx only its named block. `title` must be in the context of a whole page."""
    return HTMLResponse(html_of(request, template, context, block=block), status, {"Vary": "HX-Request"})


def html_of(request: Request, template: str, context: dict[str, Any] | None = None, *, block: str | None = None) -> str:
    found = request.app.state.templates.get_template(template)
    values = {"request": request, "path": request.url.path, "who": None, **(context or {})}
    if block and is_htmx(request):
        return "".join(found.blocks[block](found.new_context(values)))
    return found.render(values)


def shared_page(request: Request, html: str) -> Page:
    """A page that says the same to everybody; whoever asks for it in the next second gets it from memory."""
    page = Page(html)
    request.app.state.pages.keep(key_of(request.scope), page)
    return page


async def render_staff(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    block: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Like render, with who is signed in and the flash messages that were left for this page; the pages of messages say how many
    texts wait as well."""
    values = {"who": await who_is_asking(request), "flashes": take_flashes(request), **(context or {})}
    is_whole = not (block and is_htmx(request))
    if is_whole and values.get("nav") == "messages" and values["who"] and "texts_wait" not in values:
        values["texts_wait"] = await request.app.state.texts_wait(values["who"])
    answer = render(request, template, values, block=block, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def render_worker(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    block: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Like render_staff, for people on the rota: with who is signed in at either door. Before signing in there is nobody."""
    values = {"who": await worker_asking(request), "flashes": take_flashes(request), **(context or {})}
    answer = render(request, template, values, block=block, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def render_partner(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    block: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Like render_staff, for partners: with who is signed in, their organisations and the one for which they act, and
    what its agreement lacks. Before signing in there are none."""
    theirs = await _organisations(request)
    who, organisation = await partner_of(request) if theirs else (None, None)
    values = {
        "who": who,
        "organisation": organisation,
        "organisations": theirs,
        "notices": notices(organisation, clock.today()) if organisation else [],
        "flashes": take_flashes(request),
        **(context or {}),
    }
    answer = render(request, template, values, block=block, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def is_htmx(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def flash(request: Request, words: str, kind: str = "success") -> None:
    """Leaves a message for the next page."""
    request.session["flashes"] = [*request.session.get("flashes", []), [kind, words]]


def flash_problems(request: Request, refused: Refused) -> None:
    """Leaves each reason of a refusal for the next page."""
    for problem in refused.problems:
        flash(request, problem.words, "note")


def take_flashes(request: Request) -> list[list[str]]:
    return request.session.pop("flashes", []) if "flashes" in request.session else []


def go(path: str) -> RedirectResponse:
    """After a form: 303, so that reloading does not send it again."""
    return RedirectResponse(path, 303)


def from_json(text: str | bytes) -> Any:
    """A JSON column as SQL gives it."""
    return json.loads(text)


def new_token() -> str:
    """16 random bytes as text; the hidden field `form_token` of every form that creates something."""
    return secrets.token_urlsafe(16)


async def remember_answer(token: str, leads_to: str) -> bool:
    """Written in the transaction of what the form did. False when the form had been sent before: then do nothing."""
    written = await db.row(
        "INSERT INTO form_answer (token, leads_to, created_at) VALUES ($1, $2, $3) ON CONFLICT (token) DO NOTHING"
        " RETURNING token",
        _kept(token),
        leads_to,
        clock.now(),
    )
    return written is not None


async def first_answer(token: str) -> str | None:
    """Where a form with this token led when it was sent before, or None."""
    return await db.value("SELECT leads_to FROM form_answer WHERE token = $1", _kept(token)) if token else None


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def uuid_in_path(request: Request, name: str = "id") -> UUID:
    """The UUID in the path; anything else is not there (404)."""
    try:
        return UUID(str(request.path_params[name]))
    except ValueError as error:
        raise HTTPException(404) from error


@dataclass
class Shown:
    """A form as it goes back to its reader: what was typed, and the Problems beside the fields."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Any] = field(default_factory=list)

    def problem(self, name: str) -> str | None:
        return next((p.words for p in self.problems if p.field == name), None)
