"""What staff write back to somebody who texted us: their own words, by SMS, to the number that wrote."""

from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock
from booking.messages import hours, outbox_rows, sms_parts, wording
from booking.messages.outbox_rows import Queued
from booking.messages.wording import Text

LONGEST = 600  # letters: four parts


def text_of(words: str, *, is_discreet: bool) -> Text:
    """The SMS as it will be: from us by name, or for a discreet person the words alone."""
    return wording.compose("staff_text", "sms", {"words": words, "is_discreet": is_discreet, "marker": "", "name": ""})


def parts_of(words: str, *, is_discreet: bool) -> int:
    """In how many parts it goes; 0 for no words."""
    return sms_parts.parts(text_of(words, is_discreet=is_discreet).body) if words.strip() else 0


def leaves_at(person: dict[str, Any] | None, asked_at: datetime) -> datetime:
    """When an answer leaves that is written now to a text of that instant: at once, or when quiet and safe hours are over. A text of
    the last minutes is answered in the quiet hours too: its sender is awake."""
    return hours.may_leave(
        hours.of(person, "sms"), clock.now(), kind="staff_text", urgency=2, hears_urgent=False, asked_at=asked_at
    )


async def write_back(
    *, phone: str, person_id: UUID | None, words: str, text_id: UUID, hub_id: UUID | None, is_discreet: bool, key: str, due_at: datetime
) -> Queued:  # fmt: skip
    """Queues the answer to a text, once for each key, in the caller's transaction. Discreet ones go from the neutral sender."""
    return await outbox_rows.write(
        text=text_of(words, is_discreet=is_discreet),
        person_id=person_id,
        kind="staff_text",
        channel="sms",
        address=phone,
        about=("text", text_id),
        session_id=None,
        hub_id=hub_id,
        batch_id=None,
        dedupe_key=f"staff_text:{key}",
        marker="",
        is_discreet=is_discreet,
        urgency=1,
        due_at=due_at,
        expires_at=None,
    )
