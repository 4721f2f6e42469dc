"""The message of a notice to one person, by the same hand in the preview and when it leaves.

By construction nobody who is discreet reads what was typed, nor does anybody of something restricted: their facts hold no
words. They are asked to ring, and nothing is named.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from booking import clock
from booking.messages import outbox, reaching
from booking.messages.outbox import Queued
from booking.messages.reaching import Reach
from booking.messages.said import Said
from booking.people.models import Person

KIND = "notice"
WORTH_SENDING = timedelta(days=7)
"""What could not leave for so long makes no sense any more."""

Row = Mapping[str, Any]


def is_neutral(notice: Row, person: Person, way: Row) -> bool:
    """Whether this person reads nothing of what was typed. `way` is what they have here (audience.find)."""
    return bool(notice["is_discreet"] or notice["is_restricted"] or person.is_discreet or way["is_neutral"])


def reach(notice: Row, person: Person, way: Row) -> Reach:
    """By which channel it reaches them and from when."""
    return reaching.reach(person, KIND, max(notice["due_at"], clock.now()), is_discreet=is_neutral(notice, person, way))


async def queue(notice: Row, person: Person, way: Row) -> list[Queued]:
    """Writes the message, due now, and returns its rows (none: they want nothing). In the caller's transaction; once for each
    notice and person, however often it is called."""
    now = clock.now()
    expires_at = now + WORTH_SENDING
    return await outbox.queue(
        person=person,
        kind=KIND,
        facts=_facts(notice, person, way),
        about=(KIND, notice["id"]),
        dedupe_key=f"{KIND}:{notice['id']}:{person.id}",
        expires_at=min(expires_at, way["ends_at"]) if notice["about_kind"] == "session" else expires_at,
        batch_id=notice["event_id"],
        session_id=notice["about_id"] if notice["about_kind"] == "session" else None,
        hub_id=notice["hub_id"],
        is_for_hub_alone=bool(notice["is_restricted"]),
    )


def _facts(notice: Row, person: Person, way: Row) -> dict[str, Any]:
    if is_neutral(notice, person, way):
        # not of the session by which they are meant: what becomes of that does not take this back, nor tell of it there
        of = notice["about_id"] if notice["about_kind"] == "session" else notice["id"]
        said = Said(of, way["starts_at"], way["ends_at"], is_discreet=True)
        return {"said": said, "words": "", "subject": "", "token": ""}
    is_mail = reach(notice, person, way).channel == "email"
    return {
        "words": (notice["mail"] or notice["sms"]) if is_mail else notice["sms"],
        "subject": notice["subject"],
        "about_words": notice["about_words"],
        "token": way["token"],
    }
