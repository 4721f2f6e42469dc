"""What the stand-ins for providers of SMS share: an HTTP server in the test's own event loop, with faults.

    async with TwilioStandIn() as provider:
        provider.faults = ["500", "cut after"]      # for the next requests to send; afterwards all goes well

Faults: 429, 500, 503, "cut before" and "cut after" (the line is cut before or after it took the message), "hold before", "hold
after" (silence), "500 after", "nonsense after", "reset" (the line is reset at once), "slow"; and the codes of REFUSALS. Numbers
that end in such a code are refused with it, always.
"""

import asyncio
import json
import socket
import struct
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    path: str
    form: dict[str, Any]
    query: dict[str, list[str]]
    is_signed_in: bool


@dataclass
class ProviderStandIn:
    """`accepted` is what would be on phones: what the provider took, whether or not it said so."""

    faults: list[str] = field(default_factory=list)
    always: str = ""  # the fault of every request to send, when `faults` is empty
    list_fault: str = ""
    delay: float = 0.0
    retry_after: str = "1"
    accepted: list[dict] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)  # set when a held request is there
    most_at_once: int = 0

    async def __aenter__(self) -> Any:
        self._under_way = 0
        self._connections: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_down()

    async def go_down(self) -> None:
        """Connections are refused from now on."""
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def come_back(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def texts_per_number(self) -> Counter:
        """How often each text reached each number: every count must be one."""
        return Counter((message["to"], message["body"]) for message in self.accepted)

    @property
    def doubled(self) -> list:
        return [text for text, times in self.texts_per_number().items() if times > 1]

    @property
    def sends(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    @property
    def questions(self) -> list[Request]:
        return [request for request in self.requests if request.method == "GET"]

    # what each provider does in its own way
    def _is_signed_in(self, headers: dict[str, str]) -> bool:
        raise NotImplementedError

    def _form(self, body: bytes) -> dict[str, Any]:
        raise NotImplementedError

    def _number(self, request: Request) -> str:
        raise NotImplementedError

    def _refusal(self, code: str) -> tuple[int, object] | None:
        raise NotImplementedError

    def _accept(self, request: Request) -> dict:
        """Takes the message; returns the answer."""
        raise NotImplementedError

    def _found(self, request: Request) -> dict:
        """The page that answers a question."""
        raise NotImplementedError

    not_signed_in = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while request := await self._read(reader):
                self.requests.append(request)
                self._under_way += 1
                self.most_at_once = max(self.most_at_once, self._under_way)
                try:
                    if not await self._answer(request, writer):
                        break
                finally:
                    self._under_way -= 1
        self._connections.discard(writer)
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        parts = urlsplit(target)
        form = self._form(body) if body else {}
        return Request(method, parts.path, form, parse_qs(parts.query), self._is_signed_in(headers))

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; False closes the connection."""
        if not request.is_signed_in:
            return await self._refuse(writer, self.not_signed_in)
        if request.method == "GET":
            if self.list_fault:
                return await self._write(writer, int(self.list_fault), {"message": "Internal"})
            return await self._write(writer, 200, self._found(request))
        number = self._number(request)
        fault = self.faults.pop(0) if self.faults else self.always
        fault = next((code for code in self.refused_numbers if number.endswith(code)), fault)
        return await self._send(request, writer, fault)

    refused_numbers: ClassVar[tuple[str, ...]] = ()

    async def _send(self, request: Request, writer: asyncio.StreamWriter, fault: str) -> bool:
        if fault and self._refusal(fault):
            return await self._refuse(writer, fault)
        if fault == "429":
            return await self._write(writer, 429, {"message": "Too Many"}, {"Retry-After": self.retry_after})
        if fault == "hold before":
            return await self._hold()
        if fault in ("cut before", "reset"):
            return self._cut(writer, fault)
        if fault in ("500", "503"):
            return await self._write(writer, int(fault), {"message": "Internal"})
        if self.delay or fault == "slow":
            await asyncio.sleep(self.delay or 0.3)
        answer = self._accept(request)
        if fault == "hold after":
            return await self._hold()
        if fault == "cut after":
            return self._cut(writer, fault)
        if fault == "500 after":
            return await self._write(writer, 500, {"message": "Internal"})
        if fault == "nonsense after":
            return await self._write(writer, 200, None)
        return await self._write(writer, 201, answer)

    def _cut(self, writer: asyncio.StreamWriter, fault: str) -> bool:
        if fault == "reset":  # with an RST in place of a FIN
            line = writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False

    async def _hold(self) -> bool:
        """Says nothing; the other side gives up, or is killed."""
        self.arrived.set()
        await asyncio.sleep(3600)
        return False

    async def _refuse(self, writer: asyncio.StreamWriter, code: str) -> bool:
        refusal = self._refusal(code)
        assert refusal, code
        status, content = refusal
        return await self._write(writer, status, content, {"Retry-After": self.retry_after} if status == 429 else {})

    async def _write(
        self, writer: asyncio.StreamWriter, status: int, content: object, more: dict | None = None
    ) -> bool:
        body = b"<html>?</html>" if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | (more or {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)
        await writer.drain()
        return True
