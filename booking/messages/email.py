"""Mail: the only file that knows SMTP. A few connections per batch, each used for many mails.

Every mail has a fixed Message-ID, date and boundaries: sent again after an unknown outcome it is the same bytes, which
is all that SMTP has to offer for asking (docs/decisions/mail-after-silence.md).
"""

import asyncio
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from booking.messages import sender
from booking.messages.deadline import Deadline
from booking.messages.outcomes import Outcome, later, refused, sent, unknown
from booking.settings import Settings

CONNECTIONS = 4
REPLY_PATIENCE = 6  # times the ordinary wait, for the answer that decides whether the mail is theirs (RFC 1047)
BAD_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")  # enhanced status codes, RFC 3463


class MailDoor:
    """Sends mail. One per batch; close it."""

    name = "smtp"

    def __init__(self, settings: Settings, deadline: Deadline):
        self.deadline = deadline
        self.messages = settings.messages
        self.password = settings.secrets.mail_password
        self.idle: list[SMTP] = []
        self.free = asyncio.Semaphore(CONNECTIONS)

    async def close(self) -> None:
        for connection in self.idle:
            await _leave(connection)
        self.idle.clear()

    async def send(self, message: dict[str, Any]) -> Outcome:
        """One attempt at one outbox row."""
        try:
            by = self._from(message)
            content = mail(message, by).as_bytes()
        except (ValueError, UnicodeError, IndexError, MessageError) as error:
            return refused("address", f"This mail cannot be written: {error}"[:200])
        async with self.free:
            return await self._deliver(by.addr_spec, message["address"], content)

    def _from(self, message: dict[str, Any]) -> Address:
        if message["is_discreet"]:
            return Address(addr_spec=self.messages.mail_from_neutral or self.messages.mail_from)
        return Address(display_name=sender.current().name, addr_spec=self.messages.mail_from)

    async def _deliver(self, by: str, address: str, content: bytes) -> Outcome:
        try:
            connection = self.idle.pop() if self.idle else await self._connect()
        except (OSError, SMTPException, ssl.SSLError) as error:
            return later("connect", f"The mail host cannot be used ({_said(error)}).")
        outcome = await self._hand_over(connection, by, address, content)
        if outcome.kind == "sent" or (outcome.kind == "refused" and connection.is_connected):
            self.idle.append(connection)
        else:
            connection.close()
        return outcome

    async def _hand_over(self, connection: SMTP, by: str, address: str, content: bytes) -> Outcome:
        """Until the content is sent, whatever fails has failed for certain; after that, silence means unknown."""
        try:
            await connection.mail(by)
            await connection.rcpt(address)
        except SMTPResponseException as error:
            return await _refusal(connection, error, is_recipient=isinstance(error, aiosmtplib.SMTPRecipientRefused))
        except (OSError, SMTPException) as error:
            return later("connect", f"The mail host went away ({_said(error)}).")
        if self.deadline.is_past():
            return later("late", "The worker was held up; another takes over.")
        try:
            answer = await connection.data(content, timeout=self.messages.timeout_seconds * REPLY_PATIENCE)
        except SMTPResponseException as error:
            return await _refusal(connection, error, is_recipient=False)
        except (OSError, SMTPException) as error:
            return unknown("silence", f"The mail host did not say whether it took the mail ({_said(error)}).")
        return sent(answer.message.split("\n")[0][:80])

    async def _connect(self) -> SMTP:
        messages = self.messages
        connection = SMTP(
            hostname=messages.mail_host,
            port=messages.mail_port,
            use_tls=messages.mail_security == "tls",
            start_tls=messages.mail_security == "starttls",
            timeout=messages.timeout_seconds,
            username=messages.mail_user or None,
            password=self.password or None,
            local_hostname=sender.current().domain,
        )
        try:
            await connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection


async def _refusal(connection: SMTP, error: SMTPResponseException, *, is_recipient: bool) -> Outcome:
    words = f"{error.code} {error.message}".replace("\n", " ")[:200]
    if error.code < 500 or isinstance(error, aiosmtplib.SMTPSenderRefused):
        return later(str(error.code), f"The mail host says: {words}")
    try:
        await connection.rset()
    except (OSError, SMTPException):
        connection.close()
    is_bad_address = is_recipient and any(code in error.message for code in BAD_ADDRESS)
    return refused(str(error.code), f"The mail host says: {words}", "bounced" if is_bad_address else "")


async def _leave(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=2)
    except (OSError, SMTPException):
        connection.close()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:120]


def mail(message: dict[str, Any], by: Address) -> EmailMessage:
    """The mail of one outbox row, always the same bytes. Raises ValueError for an address that is none.

    With a calendar: text, HTML and text/calendar as alternatives, which Outlook, Google and Apple read, and the same
    entry attached for those that do not (RFC 6047; MS-OXCMAIL 2.1.3.3.8.2).
    """
    built = EmailMessage(policy=SMTP_POLICY)
    built["From"], built["To"] = by, Address(addr_spec=message["address"])
    built["Subject"] = message["subject"]
    built["Date"] = format_datetime(message["created_at"])
    built["Message-ID"] = message_id(message["id"])
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(message["body"], cte="quoted-printable")
    built.add_alternative(message["html"], subtype="html", cte="quoted-printable")
    if message["calendar"]:
        _add_calendar(built, message["calendar"], message["calendar_method"])
    for number, part in enumerate(part for part in built.walk() if part.is_multipart()):
        part.set_boundary(f"=_{message['id'].hex}_{number}")
    return built


def _add_calendar(built: EmailMessage, calendar: str, method: str) -> None:
    content = calendar.encode()
    built.add_alternative(content, maintype="text", subtype="calendar", params={"charset": "utf-8", "method": method})
    built.add_attachment(content, maintype="application", subtype="ics", filename="invite.ics")


def message_id(row_id: UUID) -> str:
    return f"<{row_id.hex}@{sender.current().domain}>"
