"""Public pages and lists are made once and shared for a second or so; nothing here is ever needed to be right.

What is remembered is the same for everybody, and short-lived: a place taken meanwhile is refused by the claim, not by the page.
When its time is over, one request makes a page anew and those who come meanwhile get the old one, so a rush does not make it
two hundred times.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

MOST = 500
RENEWING_SECONDS = 2.0
"""As long as one request makes a page anew, so long at most others get the old one."""


class Remembered:
    """The last values by key, each good for some seconds; the oldest go first."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._kept: OrderedDict[Any, tuple[float, Any, bool]] = OrderedDict()  # until, value, is being made anew

    def get(self, key: Any) -> Any | None:
        """The value, or None: then the caller makes it anew and keeps it."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        until, value, is_renewed = kept
        now = time.monotonic()
        if now < until:
            return value
        if is_renewed or now > until + RENEWING_SECONDS:
            del self._kept[key]  # too old, or whoever was to make it anew could not: it may not be there any more
        else:
            self._kept[key] = (now + RENEWING_SECONDS, value, True)  # this caller makes it anew
        return None

    def keep(self, key: Any, value: Any) -> None:
        if self.seconds <= 0:
            return
        self._kept[key] = (time.monotonic() + self.seconds, value, False)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    async def get_or_make(self, key: Any, make: Callable[[], Awaitable[Any]]) -> Any:
        value = self.get(key)
        if value is None:
            value = await make()
            self.keep(key, value)
        return value

    def forget(self) -> None:
        """Something changed: everything is made anew by the next who asks for it."""
        now = time.monotonic()
        for key, (until, value, is_renewed) in self._kept.items():
            self._kept[key] = (min(until, now), value, is_renewed)


class Page(Response):
    """A public page as it goes out: compressed once, with an ETag, the same bytes for everybody."""

    def __init__(self, html: str):
        body = html.encode()
        self.status_code = 200
        self.background = None
        self.compressed = gzip.compress(body, 1, mtime=0)
        self.etag = b'W/"' + hashlib.blake2b(body, digest_size=9).hexdigest().encode() + b'"'
        self.raw_headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-cache"),
            (b"vary", b"HX-Request, Accept-Encoding"),
            (b"etag", self.etag),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"])
        if self.etag in asked.get(b"if-none-match", b""):
            return await self._send(send, 304, [], b"")
        if b"gzip" in asked.get(b"accept-encoding", b""):
            return await self._send(send, 200, [(b"content-encoding", b"gzip")], self.compressed)
        await self._send(send, 200, [], gzip.decompress(self.compressed))

    async def _send(self, send: Send, status: int, more: list[tuple[bytes, bytes]], body: bytes) -> None:
        headers = [*self.raw_headers, *more]
        if status != 304:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def key_of(scope: Scope) -> tuple[str, bytes, bool]:
    """What makes a public page another one: its address, and whether htmx asks for the block alone."""
    asked = dict(scope["headers"])
    is_block = asked.get(b"hx-request") == b"true" and asked.get(b"hx-history-restore-request") != b"true"
    return scope["path"], scope["query_string"], is_block


class FromMemory:
    """Answers with a remembered page before cookies and routes are looked at."""

    def __init__(self, app: ASGIApp, pages: Remembered):
        self.app, self.pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = None
        if scope["type"] == "http" and scope["method"] == "GET":
            page = self.pages.get(key_of(scope))
        await (page or self.app)(scope, receive, send)
