"""The front end's built files: their hashed addresses, and an ASGI app that answers with them from memory.

`python -m booking.build_assets` makes the files and `manifest.json`; a released wheel carries both.
A hashed name never changes its content, so a browser may keep it for a year without asking again.
"""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.types import Receive, Scope, Send

from booking.settings import ROOT

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
COMPRESSED_ALREADY = {".woff2", ".png"}


class NotBuilt(RuntimeError):
    """The front-end files are missing; its words say what to run."""


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    compressed: bytes | None
    headers: list[tuple[bytes, bytes]]
    etag: bytes


def vendor_folder() -> Path:
    """Where the built files are: beside the source, or inside an installed wheel."""
    return ROOT / "static" / "vendor"


@cache
def manifest() -> dict[str, str]:
    """Our name of a file -> its hashed name. Raises NotBuilt when there is none."""
    try:
        return json.loads((vendor_folder() / "manifest.json").read_text("utf-8"))["files"]
    except FileNotFoundError:
        raise NotBuilt("The front-end files are not built. Run: python -m booking.build_assets") from None


def asset_url(name: str) -> str:
    """The address of a built file: `asset_url("app.css")`, `asset_url("pictures/book.svg")`. KeyError if unknown."""
    return "/static/" + manifest()[name]


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    compressed = None if path.suffix in COMPRESSED_ALREADY else gzip.compress(body, 9, mtime=0)
    etag = f'"{path.stem.rsplit("-", 1)[-1]}"'.encode()
    headers = [
        (b"content-type", TYPES[path.suffix].encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"etag", etag),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return Asset(body, compressed, headers, etag)


class StaticFiles:
    """ASGI app for `Mount("/static", files)`. Every file is read and compressed once, at the first request."""

    def __init__(self) -> None:
        self._assets: dict[str, Asset] | None = None

    def _find(self, name: str) -> Asset | None:
        if self._assets is None:
            self._assets = {file: _read(vendor_folder() / file) for file in manifest().values()}
        return self._assets.get(name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        asset = self._find(name)
        if asset is None:
            await _answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"Not found")
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD")], b"")
        else:
            await self._serve(asset, scope, send)

    async def _serve(self, asset: Asset, scope: Scope, send: Send) -> None:
        asked = dict(scope["headers"])
        if asset.etag in asked.get(b"if-none-match", b""):
            await _answer(send, 304, asset.headers, b"", length=False)
            return
        body, headers = asset.body, asset.headers
        if asset.compressed is not None and b"gzip" in asked.get(b"accept-encoding", b""):
            body, headers = asset.compressed, [*headers, (b"content-encoding", b"gzip")]
        await _answer(send, 200, headers, body, head=scope["method"] == "HEAD")


files = StaticFiles()


async def _answer(send: Send, status: int, headers: list, body: bytes, head: bool = False, length: bool = True) -> None:
    if length:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
