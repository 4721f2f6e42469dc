"""The application: every route in one list, what stands around them, error pages, start and stop."""

import gc
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from booking import assets, clock, db, health, web
from booking.guarding import HEADERS, LogRequests, RefuseOtherSites, RefuseUnreadable, SecurityHeaders
from booking.messages import pages as messages_pages
from booking.messages import sender
from booking.messages.words_for_staff import SECTIONS as MESSAGES_SECTIONS
from booking.open_data import pages as open_data_pages
from booking.people import pages as people_pages
from booking.places import pages as places_pages
from booking.problems import Refused
from booking.programmes import pages as programmes_pages
from booking.programmes.cards import card_writer
from booking.programmes.imports import import_jobs
from booking.programmes.texts import threads
from booking.programmes.waiting import offer_times
from booking.remembering import FromMemory, Remembered
from booking.reports import pages as reports_pages
from booking.rotas import pages as rotas_pages
from booking.rotas.words_for_staff import SECTIONS as ROTA_SECTIONS
from booking.sections import sections_of
from booking.settings import Settings
from jobs.timetable import Timetable

logger = logging.getLogger("booking")

ROUTES: list[BaseRoute] = [
    *programmes_pages.routes,
    *rotas_pages.routes,
    *places_pages.routes,
    *people_pages.routes,
    *messages_pages.routes,
    *open_data_pages.routes,
    *reports_pages.routes,
    Route("/health", health.health, name="health"),
    Mount("/static", assets.files, name="static"),
]


class UnmarkedRoute(Exception):
    """A route does not say who may see it."""


def create_app(settings: Settings) -> Starlette:
    """The ASGI application. Raises UnmarkedRoute when an endpoint lacks its access mark."""
    clock.use_zone(settings.site.time_zone)
    sender.use(settings)
    offer_times.use(settings.offers, settings.messages)
    for route in ROUTES:
        if not _says_who(route):
            raise UnmarkedRoute(f"{getattr(route, 'path', route)} does not say who may see it")
    pages = Remembered(settings.server.public_page_seconds)
    app = Starlette(
        routes=ROUTES,
        middleware=_middleware(settings, pages),
        exception_handlers={
            HTTPException: _error_page,
            Refused: _refused_page,
            ClientDisconnect: _nobody_reads_it,
            500: _error_page,
        },
        lifespan=_lifespan,
        max_body_size=20 * 1024 * 1024,
    )
    app.state.settings = settings
    app.state.templates = web.make_environment(settings)
    app.state.templates.globals["messages_sections"] = sections_of(ROUTES, MESSAGES_SECTIONS)
    app.state.templates.globals["rota_sections"] = sections_of(ROUTES, ROTA_SECTIONS)
    app.state.texts_wait = threads.waiting_count
    app.state.write_card = card_writer(app.state.templates)
    app.state.pages = pages
    app.state.choices = Remembered(30 * settings.server.public_page_seconds)
    return app


def _says_who(route: BaseRoute) -> bool:
    """A route by its mark; of mounts only the built files, which are for everybody."""
    if isinstance(route, Route):
        return getattr(route.endpoint, "audience", None) in web.AUDIENCES
    return isinstance(route, Mount) and route.app is assets.files


def _middleware(settings: Settings, pages: Remembered) -> list[Middleware]:
    base = urlsplit(settings.site.base_url)
    is_https = base.scheme == "https"
    hosts = sorted({base.hostname or "127.0.0.1", "127.0.0.1", "localhost"})
    return [
        Middleware(LogRequests),
        Middleware(SecurityHeaders, is_https=is_https),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(FromMemory, pages=pages),
        Middleware(RefuseOtherSites),
        Middleware(RefuseUnreadable),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=1),
        Middleware(
            SessionMiddleware,
            secret_key=settings.secrets.secret_key,
            session_cookie="hub",
            same_site="lax",
            https_only=is_https,
            max_age=180 * 24 * 3600,
        ),
    ]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncGenerator[None]:
    settings: Settings = app.state.settings
    await db.open_database(settings.database)
    timetable = Timetable(settings) if settings.jobs.embedded else None
    if timetable:
        await timetable.start()
    _spare_what_stays()
    try:
        yield
    finally:
        if timetable:
            await timetable.stop()
        await import_jobs.finish_all()
        await db.close_database()


def _spare_what_stays() -> None:
    """What is there when the site opens stays till the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


async def _error_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    known = status if status in (400, 403, 404, 405, 413, 429) else 500
    answer = web.render(request, f"errors/{known}.html", status=status)
    answer.headers.update(HEADERS | headers)  # the answer to what nobody foresaw passes no middleware
    return answer


async def _refused_page(request: Request, error: Exception) -> Response:
    """A verb refused in a way no page had foreseen: its Problems in words, 409."""
    problems = error.problems if isinstance(error, Refused) else []
    return web.render(request, "errors/refused.html", {"problems": problems}, status=409)


async def _nobody_reads_it(request: Request, error: Exception) -> Response:
    """Who sent a form left before its end, as phones do in a tunnel: nothing was done, and nothing is wrong here."""
    return Response(status_code=400)


def route_list() -> list[dict[str, Any]]:
    """Every route with its methods, name and who may see it."""
    found = []
    for route in ROUTES:
        if isinstance(route, Route):
            audience = getattr(route.endpoint, "audience")  # noqa: B009  set by web.access
            methods = sorted(route.methods or ())
            found.append({"path": route.path, "name": route.name, "methods": methods, "audience": audience})
        elif isinstance(route, Mount):
            found.append({"path": route.path, "name": route.name, "methods": ["GET", "HEAD"], "audience": "anyone"})
    return found
