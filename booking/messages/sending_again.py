"""What staff do with one message by hand: send it again where the trouble was ours, take it back, put it back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages import channels, error_words, outbox_rows
from booking.messages.next_channel import base_key
from booking.messages.outbox_rows import BY_HAND
from booking.problems import Problem, Refused

Row = Mapping[str, Any]
AGAIN, BACK, PUT_BACK = "send message again", "take message back", "put message back"
UNDO = timedelta(minutes=10)
NOT_NOW = Problem("It cannot be sent again: look at what has become of it.", rule="not to send again")
HAS_LEFT = Problem("It has left, or somebody has taken it back already.", rule="has left")
TOO_LATE = Problem("It cannot be put back any more.", rule="too late")


def may_send_again(row: Row) -> bool:
    """Whether it failed for no fault of the address, is not too late, and can be told from its first self at the provider."""
    if row["state"] != "failed" or row["is_secret"] or row["channel"] not in channels.CHANNELS:
        return False
    if error_words.address_state(row["error_code"]) or row["error_code"] in channels.DEAD:
        return False
    if row["expires_at"] and row["expires_at"] <= clock.now():
        return False
    if row["person_id"] and (not _is_as_they_want(row) or row[f"{_column(row)}_state"] != "ok"):
        return False
    return row["channel"] == "email" or bool(row["marker"])


def may_take_back(row: Row) -> bool:
    """Whether it waits and nothing else hangs on it: a calendar follows the truth, and a digest is several messages."""
    is_alone = not row["calendar_method"] and row["kind"] != "digest"
    return row["state"] == "queued" and not row["may_have_left"] and is_alone and not row["is_secret"]


def may_put_back(row: Row) -> bool:
    return row["state"] == "void" and row["error"] == BY_HAND and (not row["person_id"] or _is_as_they_want(row))


def _is_as_they_want(row: Row) -> bool:
    """Whether its person can still be reached so: they may have asked for less since, or have another number."""
    if row[_column(row)] != row["address"] or row["person_channel"] == "none":
        return False
    if row["channel"] == "call":
        return True
    is_chosen = row["person_channel"] == row["channel"]
    is_fine = bool(row["is_discreet"]) and is_chosen if row["is_discreet_person"] else True
    return row["person_channel"] in channels.CHANNELS and is_fine


def _column(row: Row) -> str:
    return "email" if row["channel"] == "email" else "phone"


async def send_again(message_id: UUID, *, by: Any) -> None:
    """Puts it in line once more, under a new marker: the provider may list its first self. Raises Refused."""

    async def body() -> None:
        row = await _locked(message_id)
        if row is None or not may_send_again(row) or await _is_told_otherwise(row):
            raise Refused([NOT_NOW])
        marker, now = outbox_rows.new_marker() if row["marker"] else "", clock.now()
        texts = [_marked(row[name], row["marker"], marker) for name in ("body", "html")]
        await db.execute(
            "UPDATE message SET state = 'queued', body = $2, html = $3, marker = $4, due_at = $5, next_try_at = $5,"
            " attempts = 0, may_have_left = $6, provider_reference = '', error = '', error_code = '', sent_at = NULL,"
            " delivered_at = NULL, claimed_by = '' WHERE id = $1",
            row["id"], *texts, marker, now, False,
        )  # fmt: skip
        await audit.record(
            AGAIN, about_kind="message", about_id=row["id"], by=by, hub_id=row["hub_id"], before={"error": row["error_code"]}
        )  # fmt: skip

    await db.run_tx(body)


async def take_back(message_id: UUID, *, why: str, by: Any) -> None:
    """What waits never leaves, unless it is put back within ten minutes. Raises Refused when it has left already."""

    async def body() -> None:
        row = await _locked(message_id)
        if row is None or not may_take_back(row):
            raise Refused([HAS_LEFT])
        await outbox_rows.void([("id", [message_id])], BY_HAND)
        await audit.record(
            BACK, about_kind="message", about_id=message_id, by=by, hub_id=row["hub_id"], why=why[:300],
            undo_until=clock.now() + UNDO,
        )  # fmt: skip

    await db.run_tx(body)


async def put_back(message_id: UUID, *, by: Any) -> None:
    """Undoes take_back within its ten minutes: it waits again as before. Raises Refused when that is over."""

    async def body() -> None:
        row, now = await _locked(message_id), clock.now()
        event_id = await db.value(
            "SELECT id FROM audit_event WHERE about_kind = 'message' AND about_id = $1 AND verb = $2 AND undone_at IS NULL"
            " AND undo_until >= $3 ORDER BY at DESC LIMIT 1",
            message_id, BACK, now,
        )  # fmt: skip
        if row is None or event_id is None or not may_put_back(row):
            raise Refused([TOO_LATE])
        await db.execute("UPDATE message SET state = 'queued', error = '' WHERE id = $1", message_id)
        await db.execute("UPDATE audit_event SET undone_at = $1 WHERE id = $2", now, event_id)
        await audit.record(PUT_BACK, about_kind="message", about_id=message_id, by=by, hub_id=row["hub_id"])

    await db.run_tx(body)


async def _locked(message_id: UUID) -> dict[str, Any] | None:
    """The message with its person's addresses; only its own row is locked."""
    await db.row("SELECT id FROM message WHERE id = $1" + (" FOR UPDATE" if db.is_postgres() else ""), message_id)
    return await db.row(
        "SELECT m.*, p.phone, p.phone_state, p.email, p.email_state, p.channel AS person_channel,"
        " p.is_discreet AS is_discreet_person FROM message m LEFT JOIN person p ON p.id = m.person_id"
        " WHERE m.id = $1",
        message_id,
    )


async def _is_told_otherwise(row: Row) -> bool:
    """Whether it goes, or went, another way meanwhile; a call that waits is taken back, as it leaves after all."""
    keys = [f"{base_key(dict(row))}:{channel}" for channel in ("sms", "email", "call")]
    found = await db.rows(
        f"SELECT id, channel, state FROM message WHERE dedupe_key IN {db.in_list(keys)} AND id <> ${len(keys) + 1}",
        *keys,
        row["id"],
    )
    calls = [each["id"] for each in found if each["channel"] == "call" and each["state"] == "queued"]
    if calls:
        await outbox_rows.void([("id", calls)], "It leaves by itself after all.")
    return any(each["state"] not in ("failed", "missed", "void") for each in found if each["id"] not in calls)


def _marked(text: str, old: str, new: str) -> str:
    return text.replace(f".{old}", f".{new}") if old else text
