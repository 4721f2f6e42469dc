"""The mailbox to which mails come back: the only file that knows IMAP (RFC 9051). Blocking; call it in a thread.

People may read the same mailbox. Nothing is deleted or moved, what is no delivery report is not even marked as read; which mail
was looked at last is remembered by its UID (section 2.3.1.1 of the RFC), not by a mark in the mailbox.
"""

import imaplib
import re
import ssl
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from booking.messages import bounce_reading
from booking.settings import Settings

MOST = 200  # mails looked at in one go; the rest the next time
UID = re.compile(rb"UID (\d+)")
VALIDITY = re.compile(rb"\d+")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxTrouble(Exception):
    """The mailbox cannot be read now; the text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox has been read: its UIDVALIDITY, and the UID of the last mail that was looked at."""

    validity: int = 0
    uid: int = 0


@dataclass(slots=True)
class Found:
    """The delivery reports among the new mails (UID and content), and how far the mailbox has been read with them."""

    place: Place
    reports: list[tuple[int, bytes]] = field(default_factory=list)
    looked_at: int = 0


def new_reports(settings: Settings, after: Place, since: date) -> Found:
    """The delivery reports after a place; of a mailbox never read before, or built anew, those since a day. Raises MailboxTrouble."""
    with _opened(settings) as (mailbox, validity):
        begun = after if after.validity == validity else Place(validity, 0)
        criterion = (
            f"UID {begun.uid + 1}:*" if begun.uid else f"SINCE {since.day}-{MONTHS[since.month - 1]}-{since.year}"
        )
        uids = [uid for uid in sorted(_uids(_said(mailbox.uid("SEARCH", criterion)))) if uid > begun.uid][:MOST]
        if not uids:
            return Found(begun)
        reports = [uid for uid in uids if uid in set(_that_are_reports(mailbox, uids))]
        found = [(uid, _content(mailbox, uid)) for uid in reports]
        return Found(Place(validity, uids[-1]), found, len(uids))


def mark_seen(settings: Settings, uids: Sequence[int]) -> None:
    """Marks reports as read, so that people who read this mailbox too need not; where that is not allowed, they stay as they are.
    Raises MailboxTrouble."""
    with _opened(settings) as (mailbox, _):
        mailbox.uid("STORE", _set(uids), "+FLAGS.SILENT", "(\\Seen)")


def open_once(settings: Settings) -> None:
    """Whether the mailbox can be read: opens it, and leaves it as it is. Raises MailboxTrouble."""
    with _opened(settings):
        pass


@contextmanager
def _opened(settings: Settings) -> Generator[tuple[imaplib.IMAP4, int]]:
    """The mailbox, signed in, with its folder chosen; and the folder's UIDVALIDITY."""
    messages = settings.messages
    try:
        mailbox = _connected(settings)
        try:
            mailbox.login(messages.bounce_user, settings.secrets.bounce_password)
            _said(mailbox.select(_quoted(messages.bounce_folder)))
            yield mailbox, _validity(mailbox)
        finally:
            _leave(mailbox)
    except (OSError, imaplib.IMAP4.error, ValueError, IndexError, TypeError) as error:
        said = str(error).replace(settings.secrets.bounce_password or "\0", "...")[:160]
        raise MailboxTrouble(f"The mailbox of bounces cannot be read ({type(error).__name__}: {said}).") from None


def _connected(settings: Settings) -> imaplib.IMAP4:
    messages = settings.messages
    host, port, timeout = messages.bounce_host, messages.bounce_port, messages.timeout_seconds
    if messages.bounce_security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=timeout)
    mailbox = imaplib.IMAP4(host, port, timeout=timeout)
    if messages.bounce_security == "starttls":
        mailbox.starttls(ssl.create_default_context())
    return mailbox


def _leave(mailbox: imaplib.IMAP4) -> None:
    """Never "close": that would delete what somebody else has marked for it."""
    try:
        mailbox.logout()
    except (OSError, imaplib.IMAP4.error):
        mailbox.shutdown()


def _validity(mailbox: imaplib.IMAP4) -> int:
    _, told = mailbox.response("UIDVALIDITY")
    found = VALIDITY.search(told[0]) if told and isinstance(told[0], bytes) else None
    return int(found[0]) if found else 1


def _that_are_reports(mailbox: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[int]:
    answer = _said(mailbox.uid("FETCH", _set(uids), "(UID BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)])"))
    for uid, content in _pieces(answer):
        if bounce_reading.is_report(content.decode("latin-1")):
            yield uid


def _content(mailbox: imaplib.IMAP4, uid: int) -> bytes:
    """The beginning of one mail; no more than is read of it ever crosses the line."""
    answer = _said(mailbox.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{bounce_reading.LONGEST}>)"))
    return next((content for _, content in _pieces(answer)), b"")


def _pieces(answer: Sequence[object]) -> Iterator[tuple[int, bytes]]:
    """UID and literal of each answer to FETCH; servers name the UID before the literal or behind it."""
    for n, piece in enumerate(answer):
        if isinstance(piece, tuple):
            behind = answer[n + 1] if n + 1 < len(answer) else b""
            found = UID.search(piece[0]) or (UID.search(behind) if isinstance(behind, bytes) else None)
            if found:
                yield int(found[1]), piece[1]


def _uids(answer: Sequence[object]) -> list[int]:
    return [int(number) for line in answer if isinstance(line, bytes) for number in line.split()]


def _said(answer: tuple[str, list]) -> list:
    """What the server said; raises IMAP4.error where it refused."""
    status, told = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {told[0] if told else ''!r}")
    return told


def _set(uids: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in uids)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
