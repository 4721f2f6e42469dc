"""Reading what mail hosts send back: delivery reports (RFC 3464, in multipart/report of RFC 6522). Pure.

Only a report about a mail of ours counts: the Message-ID of the mail it returns must be one that we gave (`<hex@our domain>`), whatever
addresses it names. Automatic replies and everything else are nothing to us. A mail may be hostile: cut off, nested without
end, or in no known encoding; then it is no report.
"""

import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message
from uuid import UUID

LONGEST = 128 * 1024  # bytes that are looked at; the report stands before the mail that it returns
MOST_PARTS, MOST_BOUNDARIES, MOST_DASHES = 40, 24, 400
RETURNED = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
)
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# the mailbox is not there, or not any more (RFC 3463): 5.1.7 and 5.1.8 speak of the sender, 5.7 of rules, 5.2.2 of a full one
DEAD_MAILBOX = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
WORDS = {
    "5.1.1": "There is no such mailbox.",
    "5.1.10": "There is no such mailbox.",
    "5.1.2": "There is no such mail host.",
    "5.1.3": "This is no mail address.",
    "5.1.6": "The mailbox has moved, and nobody knows where to.",
    "5.2.1": "The mailbox is closed.",
    "5.2.2": "The mailbox is full.",
    "5.2.3": "The mail is too large for this mailbox.",
    "5.4.7": "It could not be delivered for days.",
    "5.7.1": "The mail host does not take it from us.",
    "5.7.26": "The mail host does not believe that it is from us (SPF, DKIM or DMARC).",
}


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says of one mail of ours: its row's id, whether it has failed for good (otherwise it is only late), the status
    ("5.1.1"), words for staff, and whether the mailbox is dead."""

    message_id: UUID
    has_failed: bool
    status: str
    words: str

    @property
    def is_dead_mailbox(self) -> bool:
        return self.has_failed and self.status in DEAD_MAILBOX


def is_report(content_type: str) -> bool:
    """Whether the Content-Type of a mail is that of a delivery report, so that it is worth being read."""
    plain = content_type.lower()
    return "multipart/report" in plain and "disposition-notification" not in plain


def read(content: bytes, domain: str) -> Bounce | None:
    """The bounce that a mail brings, or None where it is none of a mail that left from `domain`."""
    content = content[:LONGEST]
    if content.count(b"boundary=") > MOST_BOUNDARIES or content.count(b"\n--") > MOST_DASHES:
        return None
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        parts = list(_parts(mail))
        ids = _our_ids(mail, parts, domain)
        return _bounce(ids[0], parts) if ids and is_report(_header(mail, "Content-Type")) else None
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return None


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of a mail, without those of the mails that it holds."""
    waiting = [mail]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting.extend(each for each in part.get_payload() if isinstance(each, Message))


def _our_ids(mail: Message, parts: Iterable[Message], domain: str) -> list[UUID]:
    """Of the mail that came back; where none came back with it, of what the report answers to."""
    ours = re.compile(rf"<([0-9a-f]{{32}})@{re.escape(domain)}>", re.IGNORECASE)
    returned = [text for part in parts if part.get_content_type() in RETURNED for text in _message_ids(part)]
    answered = [_header(mail, name) for name in ("In-Reply-To", "References", "X-MS-Exchange-Parent-Message-Id")]
    return [UUID(found[1]) for text in (returned or answered) for found in [ours.search(text)] if found]


def _message_ids(part: Message) -> list[str]:
    """The Message-ID of the mail, or of the headers of it, that a part brings back."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [_header(each, "Message-ID") for each in payload[:1] if isinstance(each, Message)]
    decoded = part.get_payload(decode=True)
    headers = message_from_bytes(decoded if isinstance(decoded, bytes) else b"", policy=policy.compat32)
    return [_header(headers, "Message-ID")]


def _bounce(message_id: UUID, parts: Iterable[Message]) -> Bounce | None:
    for part in parts:
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            for fields in _recipients(part):
                bounce = _of_recipient(message_id, fields)
                if bounce:
                    return bounce
    return None


def _recipients(part: Message) -> Iterator[Message]:
    """The blocks of fields of a report, one for each recipient; the first is about the report itself."""
    payload = part.get_payload()
    text = "\n\n".join(_written(block) for block in payload[:MOST_PARTS]) if isinstance(payload, list) else str(payload)
    if _header(part, "Content-Transfer-Encoding").strip().lower() == "base64":  # RFC 6533 lets it be
        text = b64decode("".join(text.split())).decode("utf-8", "replace").replace("\r\n", "\n")
    for block in re.split(r"\n\s*\n", text.strip())[:MOST_PARTS]:
        yield message_from_string(block, policy=policy.compat32)


def _written(block: object) -> str:
    """A block as it stood there, fields and text."""
    if not isinstance(block, Message):
        return ""
    fields = "\n".join(f"{name}: {_unfolded(value)}" for name, value in block.items())
    text = block.get_payload()
    return f"{fields}\n\n{text}" if isinstance(text, str) else fields


def _of_recipient(message_id: UUID, fields: Message) -> Bounce | None:
    action = _header(fields, "Action").strip().lower().split(" ")[0]
    if action not in ("failed", "delayed"):
        return None
    diagnostic = _header(fields, "Diagnostic-Code").partition(";")[2]
    status = _status(_header(fields, "Status"), diagnostic)
    has_failed = action == "failed"
    words = WORDS.get(status, "") if has_failed else "It is late: the mail host tries again."
    return Bounce(message_id, has_failed, status, " ".join(filter(None, (words, _said(diagnostic)))).strip()[:300])


def _status(status: str, diagnostic: str) -> str:
    """The finer of the two: "5.0.0" and "5.1.0" say less than a diagnostic "550 5.1.1 No such user"."""
    given = STATUS.search(status)
    finer = STATUS.search(diagnostic)
    if given and finer and given[3] == "0" and given[1] == finer[1]:
        return finer[0]
    found = given or finer
    return found[0] if found else "5.0.0"


def _said(diagnostic: str) -> str:
    """The host's own words on one line, without what could change the order or look of a page."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in diagnostic)
    words = " ".join(kept.split())[:160]
    return f"The mail host says: {words}" if words else ""


def _header(part: Message, name: str) -> str:
    """One header as text, whatever bytes stand in it."""
    value = part.get(name)
    return "" if value is None else _unfolded(value)


def _unfolded(value: object) -> str:
    return re.sub(r"[\r\n]+[ \t]*", " ", str(value))
