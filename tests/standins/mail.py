"""A real SMTP server (aiosmtpd) that keeps what it gets, with the faults of mail hosts. In the test's own loop."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mail:
    by: str
    to: str
    content: bytes

    @property
    def read(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value]

    @property
    def id(self) -> str:
        return self.read["Message-ID"]


@dataclass
class MailStandIn:
    """`accepted` is what would be in mailboxes. `faults` are for the next mails:

    "450", "550", "552", "421" at RCPT; "451 data", "554 data" after the content; "cut before" and "cut after"
    accepting; "hold before" and "hold after" say nothing more.
    """

    faults: list[str] = field(default_factory=list)
    accepted: list[Mail] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    user: str = ""

    async def __aenter__(self) -> "MailStandIn":
        self._servers: list[SMTP] = []
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._new, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_down()

    async def go_down(self) -> None:
        self._server.close()
        for server in self._servers:
            if server.transport:
                server.transport.abort()
        with suppress(Exception):
            await asyncio.sleep(0.01)

    async def come_back(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._new, "127.0.0.1", self.port)

    def _new(self) -> SMTP:
        self.connections += 1
        server = SMTP(_Handler(self), enable_SMTPUTF8=False, hostname="mail.example", timeout=60)
        self._servers.append(server)
        return server

    @property
    def ids(self) -> Counter:
        return Counter(mail.id for mail in self.accepted)


class _Handler:
    def __init__(self, stand_in: MailStandIn):
        self.stand_in = stand_in

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        fault = self.stand_in.faults[0] if self.stand_in.faults else ""
        if address.startswith("nobody@"):
            return "550 5.1.1 No such mailbox"
        if fault in ("450", "550", "552", "421"):
            self.stand_in.faults.pop(0)
            return {
                "450": "450 4.2.1 Mailbox busy",
                "550": "550 5.1.1 No such mailbox",
                "552": "552 5.2.2 Mailbox full",
                "421": "421 4.3.2 Closing",
            }[fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        stand_in = self.stand_in
        fault = stand_in.faults.pop(0) if stand_in.faults else ""
        if fault == "cut before":
            server.transport.abort()
            return "250 never heard"
        if fault == "hold before":
            return await self._hold()
        if fault in ("451 data", "554 data"):
            return {"451 data": "451 4.3.0 Try later", "554 data": "554 5.6.0 Not wanted"}[fault]
        content = envelope.original_content or b""
        stand_in.accepted.append(Mail(envelope.mail_from or "", envelope.rcpt_tos[0], content))
        if fault == "hold after":
            return await self._hold()
        if fault == "cut after":
            server.transport.abort()
        return f"250 OK queued as {len(stand_in.accepted)}"

    async def _hold(self) -> str:
        self.stand_in.arrived.set()
        await asyncio.sleep(3600)
        return "250 too late"
