"""Who the messages come from: set once at the start, from the settings."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from booking.settings import Settings


@dataclass(frozen=True, slots=True)
class Sender:
    """The hub's name, addresses and phone, as texts and calendar entries give them."""

    name: str
    base_url: str
    help_phone: str
    mail_from: str
    mail_from_neutral: str  # of discreet mails

    @property
    def domain(self) -> str:
        """The site's host name: the right side of calendar UIDs and Message-IDs. Must never change for a live site."""
        return urlsplit(self.base_url).hostname or "localhost"


class NoSender(RuntimeError):
    """`use` was not called before the first text was written."""


_sender: Sender | None = None


def use(settings: Settings) -> None:
    """Call once when the app or a worker starts."""
    global _sender
    _sender = Sender(
        name=settings.site.name,
        base_url=settings.site.base_url.rstrip("/"),
        help_phone=settings.site.help_phone,
        mail_from=settings.messages.mail_from,
        mail_from_neutral=settings.messages.mail_from_neutral or settings.messages.mail_from,
    )


def current() -> Sender:
    """Raises NoSender when `use` was not called."""
    if _sender is None:
        raise NoSender("booking.messages.sender.use(settings) was not called")
    return _sender
