"""The interface behind which providers of SMS stand, and which of them the settings name."""

from typing import Any, Protocol

from booking.messages.deadline import Deadline
from booking.messages.outcomes import Outcome
from booking.settings import Settings

NAMES = ("twilio", "notify")


class SmsProvider(Protocol):
    """Sends rows of the outbox and says what became of them. One per batch; close it.

    Never more than one request to send for each call of `send`, and none once the batch's deadline is past.
    """

    name: str

    async def send(self, row: dict[str, Any]) -> Outcome:
        """One attempt at one row."""
        ...

    async def ask(self, row: dict[str, Any]) -> Outcome:
        """Whether the provider has the row already: sent (under which id), later ("not there"), or unknown."""
        ...

    async def close(self) -> None: ...


def by_name(settings: Settings, name: str) -> Settings | None:
    """The settings with that provider as the one in use; None without its credentials."""
    named = settings.with_("messages", sms_provider=name)
    return named if name in NAMES and named.sends_sms else None


def open_sms(settings: Settings, deadline: Deadline) -> SmsProvider:
    """The provider that `messages.sms_provider` names."""
    if settings.messages.sms_provider == "notify":
        from booking.messages.notify import Notify  # heavy: 19 MB that a process without SMS to send need not carry

        return Notify(settings, deadline)
    from booking.messages.sms import Twilio  # heavy: 20 MB, the same

    return Twilio(settings, deadline)
