"""By which channel a person may be reached: their choice first, and never more than is safe."""

from typing import Any, Literal

from booking.people.contacts import is_uk_mobile

Channel = Literal["sms", "email", "call"]
CHANNELS: tuple[Channel, ...] = ("sms", "email")  # those that workers send by; a call is a task for staff
DEAD = ("opted_out", "not_mobile", "bounced")
REMINDERS = ("reminder_days", "reminder_hours")
# what somebody would stand before a closed door for, or lose a place by, if nobody told them: staff ring where nothing else is left
MATTERS = (
    *("cancellation", "changed", "dates_changed", "date_added", "goes_on", "digest", "offer", "notice"),
    *("rota_published", "duty_changed"),
    *REMINDERS,
)
# Kinds that change a calendar, or list dates, go by mail as well, where a mail address is known.
CALENDAR_KINDS = (
    *("confirmation", "changed", "dates_changed", "date_added", "cancellation", "given_up", "missed"),
    *("catch_up", "text_gave_up", "text_took_back"),
    *("room_requested", "room_confirmed", "room_declined", "room_changed", "room_cancelled", "room_displaced"),
    *("rota_published", "duty_invite"),
)
TAKES_OUT = ("cancellation", "given_up", "missed", "text_gave_up")


def pick(person: Any, kind: str, *, is_discreet: bool) -> list[Channel]:
    """The channels of one message; none where nothing may be said: who chose `none`, or no way is left and it does not matter.

    Discreet messages go by the chosen channel, and by SMS to 07 mobiles alone: a text to a British landline may be read
    aloud to whoever picks up. Where no message reaches them and it matters staff ring, but of discreet ones not to remind.
    """
    if person.channel == "none":
        return []
    written = _written(person, kind, is_discreet)
    if written or kind not in MATTERS:
        return written
    return [] if is_discreet and person.channel != "call" and kind in REMINDERS else ["call"]


def with_call(picked: list[Channel]) -> list[Channel]:
    """These channels, and a call beside them, once."""
    written = [channel for channel in picked if channel != "call"]
    return [*written, "call"]


def _written(person: Any, kind: str, is_discreet: bool) -> list[Channel]:
    if person.channel not in CHANNELS:
        return []
    usable = [channel for channel in CHANNELS if _is_usable(person, channel)]
    if is_discreet:
        chosen = [channel for channel in usable if channel == person.channel]
        return [c for c in chosen if c == "email" or is_uk_mobile(person.phone)]
    first = sorted(usable, key=lambda channel: channel != person.channel)[:1]
    also_mail = kind in CALENDAR_KINDS and "email" in usable and "email" not in first
    return [*first, "email"] if also_mail else first


def address(person: Any, channel: Channel) -> str:
    """The number or mail address."""
    return person.email if channel == "email" else person.phone


def _is_usable(person: Any, channel: Channel) -> bool:
    state = person.email_state if channel == "email" else person.phone_state
    return bool(address(person, channel)) and state not in DEAD
