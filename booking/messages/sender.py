"""Who the messages come from: set once at the start, from the settings."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from booking.messages import hours
from booking.settings import Messages, Settings


@dataclass(frozen=True, slots=True)
class Sender:
    """The hub's name, addresses and phone, as texts and calendar entries give them."""

    name: str
    base_url: str
    help_phone: str
    mail_from: str
    mail_from_neutral: str  # of discreet mails
    takes_replies: bool  # whether a text to us can be answered by text: not where our name is the sender
    takes_replies_neutral: bool

    @property
    def domain(self) -> str:
        """The site's host name: the right side of calendar UIDs and Message-IDs. Must never change for a live site."""
        return urlsplit(self.base_url).hostname or "localhost"


class NoSender(RuntimeError):
    """`use` was not called before the first text was written."""


_sender: Sender | None = None


def use(settings: Settings) -> None:
    """Call once when the app or a worker starts. Brings the county's quiet hours along."""
    global _sender
    hours.use(settings.messages)
    _sender = Sender(
        name=settings.site.name,
        base_url=settings.site.base_url.rstrip("/"),
        help_phone=settings.site.help_phone,
        mail_from=settings.messages.mail_from,
        mail_from_neutral=settings.messages.mail_from_neutral or settings.messages.mail_from,
        takes_replies=takes_replies(settings.messages, settings.messages.sms_sender),
        takes_replies_neutral=takes_replies(
            settings.messages, settings.messages.sms_sender_neutral or settings.messages.sms_sender
        ),
    )


def takes_replies(messages: Messages, sms_sender: str) -> bool:
    """Whether a text from this sender can be answered: a phone number, or a service of Twilio's that has some; with Twilio also where
    none is set yet. Notify gives a service a number on request alone, so there it has to be named."""
    if not sms_sender:
        return messages.sms_provider != "notify"
    return sms_sender.startswith(("+", "MG")) or sms_sender.isdigit()


def current() -> Sender:
    """Raises NoSender when `use` was not called."""
    if _sender is None:
        raise NoSender("booking.messages.sender.use(settings) was not called")
    return _sender
