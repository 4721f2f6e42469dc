"""How one message would reach somebody, and from when, before it is written: for the previews of mass acts.

The same rules as the outbox has (`channels`, `hours`); nothing is read or written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.messages import channels, hours, sms_parts, wording

NOTICE_URGENCY = 3
WANTS_NOTHING = "wants no messages"
NO_WAY = "no number or email that works"  # of what matters staff ring then, or see on Today that there is no number
STAND_IN = "x" * 16
"""As long as the token of a link, so that a draft is as long as what leaves."""


@dataclass(frozen=True, slots=True)
class Reach:
    """By which channel ("sms", "email", "call"; "" for none, then `why`), and from when it may leave."""

    channel: str
    leaves_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The text as it would be composed, and what an SMS of it is billed as."""

    body: str
    characters: int
    parts: int


def reach(person: Any, kind: str, at: datetime, *, is_discreet: bool) -> Reach:
    """How a message of that kind, due at that instant, would reach a Person."""
    picked = channels.pick(person, kind, is_discreet=is_discreet)
    if not picked:
        return Reach("", at, WANTS_NOTHING if person.channel == "none" else NO_WAY)
    leaves_at = hours.may_leave(
        hours.of_person(person, picked[0]), at, kind=kind, urgency=NOTICE_URGENCY, hears_urgent=False
    )
    return Reach(picked[0], leaves_at)


def draft_of_sms(kind: str, facts: dict[str, Any]) -> Draft:
    """The SMS of a kind with a link in it that is as long as a real one."""
    text = wording.compose(kind, "sms", {"name": "", "token": STAND_IN, "marker": STAND_IN[:6]} | facts)
    return Draft(text.body, len(text.body), sms_parts.parts(text.body))
