"""The life of one message, step by step: written, left, arrived or not, and what was tried instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking import clock, db
from booking.messages import outbox_lists, outbox_words
from booking.messages.next_channel import base_key
from booking.messages.outbox_lists import Reader
from booking.messages.words_for_staff import CHANNELS, KINDS, STATES
from booking.people.trail_words import verb_words

Row = Mapping[str, Any]
REPORTED = {
    "queued": "The provider has it in line", "sending": "The provider is sending it", "sent": "The network has it",
    "delivered": "Arrived", "undelivered": "Did not arrive", "failed": "Failed",
    "permanent-failure": "Did not arrive", "temporary-failure": "Did not arrive", "technical-failure": "Failed",
    "bounced": "Came back", "delayed": "Delayed on its way",
}  # fmt: skip
FINE = ("queued", "sending", "sent", "accepted", "delayed", "created", "pending")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or will: when (None where nobody has written it down), words, and a page about it."""

    at: datetime | None
    words: str
    level: str = "plain"
    href: str = ""


async def steps(reader: Reader, row: Row) -> list[Step]:
    """What is known of a message, in order of time. Three queries, and one for who has rung."""
    related, reports = await _related(reader, row), await _reports(row)
    is_told = any(report["error_code"] == row["error_code"] for report in reports)  # the report says when, and why
    own = (step for step in _own(row) if not (is_told and step.level == "bad" and row["error_code"]))
    found = [*own, *_reported(reports), *(await _done(row)), *_elsewhere(row, related)]
    known = sorted((step for step in found if step.at), key=lambda step: step.at or clock.now())
    return [*known, *(step for step in found if step.at is None)]


def _own(row: Row) -> Iterable[Step]:
    yield Step(row["created_at"], "Written")
    if row["claimed_at"] and row["attempts"] and not row["sent_at"]:
        yield Step(row["claimed_at"], "Tried" if row["attempts"] == 1 else f"Tried {row['attempts']} times, the last")
    if row["sent_at"]:
        by = outbox_words.provider(row)
        yield Step(row["sent_at"], "Rung" if row["channel"] == "call" else f"Handed to {by}" if by else "Sent", "good")
    if row["delivered_at"]:
        yield Step(row["delivered_at"], "Arrived", "good")
    if row["state"] in outbox_words.LEAVES:
        leaves, words = outbox_words.leaves_at(row), outbox_words.when(row)
        yield Step(None if leaves <= clock.now() else leaves, words[:1].upper() + words[1:], "waits")
    elif row["state"] in ("failed", "missed", "void", "merged"):
        why = outbox_words.why(row["error_code"], row["error"]) if row["state"] == "failed" else row["error"]
        yield Step(None, ": ".join(filter(None, (STATES[row["state"]]["words"], why))), STATES[row["state"]]["level"])


def _reported(reports: Iterable[Row]) -> Iterable[Step]:
    for report in reports:
        if report["status"] != "delivered":  # delivered_at says so already
            said = outbox_words.why(report["error_code"], report["words"]) if report["error_code"] else report["words"]
            words = REPORTED.get(report["status"], f"The provider says “{report['status']}”")
            level = "plain" if report["status"] in FINE else "bad"
            yield Step(report["received_at"], ": ".join(filter(None, (words, said))), level)


async def _reports(row: Row) -> list[dict[str, Any]]:
    """What providers and mail hosts said; reports of mails carry the message's own id (bounces.py)."""
    references = [reference for reference in (row["provider_reference"], row["id"].hex) if reference]
    return await db.rows(
        "SELECT status, error_code, words, received_at FROM delivery_report"
        f" WHERE provider_reference IN {db.in_list(references)} ORDER BY received_at",
        *references,
    )


async def _done(row: Row) -> list[Step]:
    """What staff did with it, and who rang."""
    found = await db.rows(
        "SELECT at AS happened_at, verb, by_name, why FROM audit_event WHERE about_kind = 'message' AND about_id = $1",
        row["id"],
    )
    done = [
        Step(each["happened_at"], ": ".join(filter(None, (f"{verb_words(each['verb'])}, by {each['by_name']}", each["why"]))))
        for each in found
    ]  # fmt: skip
    if row["handled_words"]:
        by = await db.value("SELECT name FROM person WHERE id = $1", row["handled_by_id"])
        done.append(Step(row["sent_at"], row["handled_words"] + (f", says {by}" if by else "")))
    return done


async def _related(reader: Reader, row: Row) -> list[dict[str, Any]]:
    """The other ways of this message, the digest it went into, or what went into it; as far as the reader may read them."""
    keys = [f"{base_key(dict(row))}:{channel}" for channel in CHANNELS]
    return await outbox_lists.find_each(
        reader,
        f"m.id <> $1 AND (m.digest_id = $1 OR m.id = $2 OR m.dedupe_key IN {db.in_list(keys, 3)})",
        [row["id"], row["digest_id"] or row["id"], *keys],
    )


def _elsewhere(row: Row, related: Iterable[Row]) -> Iterable[Step]:
    for each in related:
        state, kind = STATES[each["state"]], KINDS.get(each["kind"], each["kind"])
        became = "rung" if each["channel"] == "call" and each["state"] == "sent" else state["words"].lower()
        if each["id"] == row["digest_id"]:
            words = f"Went into one text with others: {became}"
        elif each["digest_id"] == row["id"]:
            words = f"Tells of: {kind}"
        else:
            is_later = each["created_at"] > row["created_at"]
            words = f"{CHANNELS[each['channel']]} {'instead' if is_later else 'too'}: {became}"
        yield Step(each["created_at"], words, state["level"], f"/outbox/{each['id']}")
