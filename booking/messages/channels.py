"""By which channel a person may be reached: their choice first, and never more than is safe."""

from typing import Any, Literal

Channel = Literal["sms", "email"]
CHANNELS: tuple[Channel, ...] = ("sms", "email")
DEAD = ("opted_out", "not_mobile", "bounced")
# Kinds that change a calendar, or list dates, go by mail as well, where a mail address is known.
CALENDAR_KINDS = (
    *("confirmation", "changed", "cancellation", "given_up", "missed"),
    *("room_requested", "room_confirmed", "room_declined", "room_changed", "room_cancelled", "room_displaced"),
)
TAKES_OUT = ("cancellation", "given_up", "missed")


def pick(person: Any, kind: str, *, is_discreet: bool) -> list[Channel]:
    """The channels of one message, none where nobody may be written to: `call` and `none`, or no address that works.

    Discreet messages go by the chosen channel or not at all, and by SMS to 07 mobiles alone: a text to a British
    landline may be read aloud to whoever picks up.
    """
    if person.channel not in CHANNELS:
        return []
    usable = [channel for channel in CHANNELS if _is_usable(person, channel)]
    if is_discreet:
        chosen = [channel for channel in usable if channel == person.channel]
        return [c for c in chosen if c == "email" or person.phone.startswith("+447")]
    first = sorted(usable, key=lambda channel: channel != person.channel)[:1]
    also_mail = kind in CALENDAR_KINDS and "email" in usable and "email" not in first
    return [*first, "email"] if also_mail else first


def address(person: Any, channel: Channel) -> str:
    """The number or mail address."""
    return person.phone if channel == "sms" else person.email


def _is_usable(person: Any, channel: Channel) -> bool:
    state = person.phone_state if channel == "sms" else person.email_state
    return bool(address(person, channel)) and state not in DEAD
