"""A browser as far as a benchmark needs one: keep-alive, cookies, gzip asked for, forms posted, redirects followed by hand.

Written on bare sockets, because a client library's own cost would stand in the way of two hundred visitors on one machine.
"""

import asyncio
import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return body.decode()


class Visitor:
    """One browser. With several ports its requests go to each in turn, as behind a proxy; the cookies are the same."""

    def __init__(self, ports: Sequence[int], address: str = "203.0.113.1", turn: int = 0):
        self.ports, self.address, self.turn = ports, address, turn
        self.cookies: dict[str, str] = {}
        self.lines: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._ask("GET", path, b"", headers)

    async def post(self, path: str, form: dict[str, str] | None = None) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return await self._ask("POST", path, urlencode(form or {}).encode(), headers)

    async def connect(self) -> None:
        """Opens the lines to all servers, so that a rush measures answers and not handshakes."""
        for port in self.ports:
            await self._line(port)

    async def close(self) -> None:
        for _, writer in self.lines.values():
            writer.close()

    async def _line(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if port not in self.lines:
            self.lines[port] = await asyncio.open_connection("127.0.0.1", port)
        return self.lines[port]

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        port = self.ports[self.turn % len(self.ports)]
        self.turn += 1
        reader, writer = await self._line(port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: gzip", "Accept: text/html"]
        lines += [f"X-Forwarded-For: {self.address}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._read(reader)

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in head[1:-2]:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                name, value = value.split(";")[0].split("=", 1)
                self.cookies[name] = value
        status = int(head[0].split()[1])
        body = b"" if status == 304 else await reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)


def assets_in(page: str) -> list[str]:
    """The files that a browser asks for the first time it sees a page."""
    return sorted(set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)))
