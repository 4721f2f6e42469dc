"""A stand-in for Twilio's Messages API, with its faults. An HTTP server in the test's own event loop.

    async with TwilioStandIn() as twilio:
        twilio.faults = ["500", "cut after"]      # for the next requests to send; afterwards all goes well
        settings.messages.sms_base_url = twilio.url

Numbers that end in 21610, 21614 or 21211 are refused with that error, always.
"""

import asyncio
import base64
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

REFUSALS = {
    "21610": (400, "Attempt to send to unsubscribed recipient"),
    "21614": (400, "'To' number is not a valid mobile number"),
    "21211": (400, "The 'To' number is not a valid phone number."),
    "21606": (400, "The 'From' phone number is not a valid, SMS-capable number for your account"),
    "20429": (429, "Too Many Requests"),
    "20003": (401, "Authenticate"),
}


@dataclass
class Request:
    method: str
    path: str
    form: dict[str, str]
    query: dict[str, list[str]]
    is_signed_in: bool


@dataclass
class TwilioStandIn:
    """`accepted` is what would be on phones: what the provider took, whether or not it said so."""

    account: str = "ACtest"
    token: str = "secret"
    faults: list[str] = field(default_factory=list)
    always: str = ""  # the fault of every request to send, when `faults` is empty
    list_fault: str = ""
    delay: float = 0.0
    retry_after: str = "1"
    accepted: list[dict] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)  # set when a held request is there
    most_at_once: int = 0

    async def __aenter__(self) -> "TwilioStandIn":
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
        wanted = "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        parts = urlsplit(target)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return Request(method, parts.path, form, parse_qs(parts.query), headers.get("authorization") == wanted)

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; False closes the connection."""
        if not request.is_signed_in:
            return await self._refuse(writer, "20003")
        if request.method == "GET":
            return await self._list(request, writer)
        number = request.form.get("To", "")
        fault = self.faults.pop(0) if self.faults else self.always
        fault = next((code for code in REFUSALS if number.endswith(code)), fault)
        return await self._send(request, writer, fault)

    async def _send(self, request: Request, writer: asyncio.StreamWriter, fault: str) -> bool:
        if fault in REFUSALS:
            return await self._refuse(writer, fault)
        if fault == "429":
            return await self._write(writer, 429, {"message": "Too Many"}, {"Retry-After": self.retry_after})
        if fault == "hold before":
            return await self._hold()
        if fault == "cut before":
            writer.transport.abort()
            return False
        if fault in ("500", "503"):
            return await self._write(writer, int(fault), {"message": "Internal"})
        if self.delay or fault == "slow":
            await asyncio.sleep(self.delay or 0.3)
        message = self._accept(request)
        if fault == "hold after":
            return await self._hold()
        if fault == "cut after":
            writer.transport.abort()
            return False
        if fault == "500 after":
            return await self._write(writer, 500, {"message": "Internal"})
        if fault == "nonsense after":
            return await self._write(writer, 200, None)
        return await self._write(writer, 201, message)

    async def _hold(self) -> bool:
        """Says nothing; the other side gives up, or is killed."""
        self.arrived.set()
        await asyncio.sleep(3600)
        return False

    def _accept(self, request: Request) -> dict:
        now = format_datetime(datetime.now(UTC))
        message = {
            "sid": f"SM{len(self.accepted):032x}",
            "account_sid": self.account,
            "to": request.form["To"],
            "from": request.form.get("From"),
            "messaging_service_sid": request.form.get("MessagingServiceSid"),
            "body": request.form["Body"],
            "status": "queued",
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
        }
        self.accepted.append(message)
        return message

    async def _list(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        if self.list_fault:
            return await self._write(writer, int(self.list_fault), {"message": "Internal"})
        to = request.query.get("To", [""])[0]
        found = [message for message in reversed(self.accepted) if message["to"] == to]
        size = int(request.query.get("PageSize", ["50"])[0])
        page = {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None, "uri": request.path}
        return await self._write(writer, 200, page)

    async def _refuse(self, writer: asyncio.StreamWriter, code: str) -> bool:
        status, words = REFUSALS[code]
        more = {"Retry-After": self.retry_after} if status == 429 else {}
        return await self._write(writer, status, {"code": int(code), "message": words, "status": status}, more)

    async def _write(
        self, writer: asyncio.StreamWriter, status: int, content: object, more: dict | None = None
    ) -> bool:
        body = b"<html>?</html>" if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | (more or {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)
        await writer.drain()
        return True
