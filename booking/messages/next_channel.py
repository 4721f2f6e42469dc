"""When a message could not be delivered: the next way to the same person, once.

A text is tried by mail, a mail by text, and where neither is left and it matters, staff ring. Every way has the message's own key
with its channel behind it, so that what went by mail anyway is not sent by mail again, and whoever calls this twice adds nothing.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import channels, outbox_rows, sender, sms_parts, wording
from booking.messages.outbox_rows import Queued
from booking.messages.wording import Text
from booking.people.contacts import is_uk_mobile

MATTERS = channels.MATTERS
NEVER_LEFT = ("failed", "missed")
NOT_TO_USE = (*channels.DEAD, "failing")
LONGEST_SUBJECT = 100  # characters of a mail's subject that a text takes over
LINK = re.compile(r"https?://\S+")

Row = dict[str, Any]


def base_key(row: Row) -> str:
    """The dedupe key that the rows of one message share, whichever channel each of them is for."""
    return row["dedupe_key"].removesuffix(f":{row['channel']}")


async def try_next(row: Row) -> Queued | None:
    """Queues what could not be delivered for the next channel; `row` is the whole row of the message that failed.

    Call it in the transaction that marks the failure, after the address has been marked. Returns the row that was written, or None
    where there is nothing to do: a code, an entry for a calendar alone, an older row of this message that has left or will leave, nobody to
    write to any more, too late to make sense, or no way left and nothing that matters. The order is SMS, mail, call.
    Discreet messages are written by no other channel than the chosen one; staff of that hub ring, with words as neutral.
    """
    if (
        row["is_secret"]
        or row["kind"] in ("invite", "duty_invite")
        or row["person_id"] is None
        or row["channel"] == "call"
    ):
        return None
    person, now = await _person(row["person_id"]), clock.now()
    if person is None or person["channel"] == "none" or (row["expires_at"] and row["expires_at"] <= now):
        return None
    row = row | {"is_discreet": bool(row["is_discreet"] or person["is_discreet"])}  # who has asked for it since, too
    tried = await _tried(base_key(row))
    if any(state not in NEVER_LEFT for channel, state in tried.items() if channel != row["channel"]):
        return None
    for channel in ("sms", "email", "call"):
        if channel not in tried and channel != row["channel"] and _is_a_way(channel, row, person):
            return await _write(row, person, channel, now)
    return None


def _is_a_way(channel: str, row: Row, person: Row) -> bool:
    if channel == "call":
        may_be_rung = not person["phone"] or not row["is_discreet"] or _is_mobile(person)
        return row["kind"] in MATTERS and may_be_rung  # without a number staff see that nobody can be told
    if row["is_discreet"] or person["channel"] not in channels.CHANNELS:
        return False
    if channel == "email":
        return bool(person["email"]) and person["email_state"] not in NOT_TO_USE
    return _is_mobile(person) and person["phone_state"] not in NOT_TO_USE


def _is_mobile(person: Row) -> bool:
    """Of British numbers mobiles alone: a text to a landline may be read aloud to whoever picks up."""
    return is_uk_mobile(person["phone"]) or bool(person["phone"] and not person["phone"].startswith("+44"))


async def _write(row: Row, person: Row, channel: Any, now: datetime) -> Queued:
    marker = outbox_rows.new_marker() if channel == "sms" else ""
    return await outbox_rows.write(
        text=_text(row, person, channel, marker),
        person_id=row["person_id"],
        kind=row["kind"],
        channel=channel,
        address=person["email"] if channel == "email" else person["phone"],
        about=(row["about_kind"], row["about_id"]),
        session_id=row["session_id"],
        hub_id=row["hub_id"],
        batch_id=row["batch_id"],
        dedupe_key=f"{base_key(row)}:{channel}",
        marker=marker,
        is_discreet=bool(row["is_discreet"]),
        due_at=now,
        expires_at=row["expires_at"],
        language=row["language"],
        urgency=row["urgency"],
        gist=row["gist"],
    )


def _text(row: Row, person: Row, channel: str, marker: str) -> Text:
    if channel == "email":
        return wording.instead_of_sms(row["kind"], row["body"], person["name"], row["language"])
    return Text("", _as_sms(row, marker) if channel == "sms" else what_to_say(row))


def _as_sms(row: Row, marker: str) -> str:
    """A mail's subject says it in one line; the link in it is the same, with a marker of its own."""
    subject = sms_parts.plain(wording.shorten(row["subject"], LONGEST_SUBJECT))
    link = next((url for url in LINK.findall(row["body"]) if row["marker"] and url.endswith(f".{row['marker']}")), "")
    told = f"{sender.current().name}: {subject}"
    return f"{told}. {link.removesuffix(row['marker'])}{marker}" if link else told


def what_to_say(row: Row) -> str:
    """What staff say when they ring: the message without its links, which nobody can read out."""
    if row["gist"] or row["channel"] == "email":
        return row["gist"] or row["subject"]
    words = LINK.sub("", row["body"]).removeprefix(f"{sender.current().name}: ")
    return " ".join(words.split()).rstrip(" :")


async def _tried(base: str) -> dict[str, str]:
    """The channels by which this message has been tried, and what became of it."""
    keys = [f"{base}:{channel}" for channel in ("sms", "email", "call")]
    found = await db.rows(f"SELECT channel, state FROM message WHERE dedupe_key IN {db.in_list(keys)}", *keys)
    return {line["channel"]: line["state"] for line in found}


async def _person(person_id: UUID) -> Row | None:
    return await db.row(
        "SELECT id, name, phone, phone_state, email, email_state, channel, language, is_discreet FROM person WHERE id = $1",
        person_id,
    )
