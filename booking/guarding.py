"""What every answer carries, and which requests are refused before they reach a page. Pure ASGI, a few microseconds."""

import logging
import re
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SIGNED_PATHS = ("/hooks/",)
UPLOADS = re.compile(r"/staff/import|/staff/rooms/[0-9a-f-]{36}/photo$")
"""Files may hold any byte: the importer reads them cell by cell, and what is typed beside a picture is read alike."""
UNREADABLE = "This address or form holds characters that cannot be used."


requests = logging.getLogger("booking.requests")


class LogRequests:
    """Logs each request by the pattern of its address, never by the address itself: that may be somebody's key."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not requests.isEnabledFor(logging.INFO):
            await self.app(scope, receive, send)
            return
        began, answer = time.perf_counter(), {"status": 500}

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            about = {"method": scope["method"], "route": getattr(scope.get("route"), "path", "none")}
            ms = round(1000 * (time.perf_counter() - began), 1)
            requests.info("request", extra=about | answer | {"ms": ms})


class SecurityHeaders:
    """Adds the headers of HEADERS, and HSTS where the site is served by https."""

    def __init__(self, app: ASGIApp, is_https: bool):
        self.app = app
        headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if is_https else {})
        self.headers = [(name.lower().encode(), text.encode()) for name, text in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.setdefault("headers", [])}
                message["headers"] = [*message["headers"], *(pair for pair in self.headers if pair[0] not in own)]
            await send(message)

        await self.app(scope, receive, with_headers)


class RefuseOtherSites:
    """Refuses a form that another site makes a browser send (CSRF), by what every current browser says of itself:
    Sec-Fetch-Site, and on plain http beyond this machine Origin. Pages then need no token and can be shared."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not _is_own(scope):
            refusal = PlainTextResponse("This form was sent from another site and was not accepted.", 403)
            return await refusal(scope, receive, send)
        await self.app(scope, receive, send)


class RefuseUnreadable:
    """Refuses, with 400, what no database can hold and nobody types: NUL in an address or a form, and a form that says
    it is written in anything but UTF-8 (Python knows codecs that make half characters of it)."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if _is_unreadable(scope):
            return await PlainTextResponse(UNREADABLE, 400)(scope, receive, send)
        if scope["method"] not in SAFE_METHODS and not UPLOADS.match(scope["path"]):
            receive = _without_nul(receive)
        await self.app(scope, receive, send)


def _is_unreadable(scope: Scope) -> bool:
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        return True
    kind = next((text.lower() for name, text in scope["headers"] if name == b"content-type"), b"")
    return b"charset" in kind and b"utf-8" not in kind


def _without_nul(receive: Receive) -> Receive:
    """Raises HTTPException 400 when NUL comes in the body, also where two chunks meet."""
    end = b""

    async def reading() -> Message:
        nonlocal end
        message = await receive()
        body = end + message.get("body", b"")
        if b"\x00" in body or b"%00" in body:
            raise HTTPException(400, UNREADABLE)
        end = body[-2:]
        return message

    return reading


def _is_own(scope: Scope) -> bool:
    if scope["path"].startswith(SIGNED_PATHS):
        return True
    headers = Headers(scope=scope)
    fetched_from = headers.get("sec-fetch-site")
    if fetched_from:
        return fetched_from in ("same-origin", "none")
    try:
        return urlsplit(headers.get("origin", "")).netloc == headers.get("host")
    except ValueError:  # half an address, such as "http://["
        return False
