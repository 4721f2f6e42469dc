"""What waits to be sent follows its person: another number, no messages any more, a call instead, short words only.

In the transaction that changed the person. A row that a worker has claimed goes back into the queue as it now is: the worker's
last look finds that it is not its own any more, and sends nothing.
"""

from collections.abc import Sequence
from typing import Any

from booking import db
from booking.messages import digests, outbox_rows, sms_parts, wording
from booking.messages.channels import CHANNELS, Channel
from booking.messages.next_channel import MATTERS, base_key, what_to_say
from booking.messages.wording import Text

WAITS = "person_id = $1 AND state IN ('queued', 'claimed') AND NOT is_secret"
EVERY_CHANNEL = (*CHANNELS, "call")


async def lock(person_ids: Sequence[Any]) -> None:
    """What waits for these people is changed by nobody else until this transaction ends. In the order in which everybody locks
    messages."""
    if person_ids and db.is_postgres():
        await db.rows(
            f"SELECT id FROM message WHERE person_id IN {db.in_list(person_ids)} AND state IN ('queued', 'claimed', 'merged')"
            + db.lock_in_order(),
            *person_ids,
        )


async def follow(person: Any) -> None:
    """Puts what waits for this person right with how they are reached now, each part of a digest for itself."""
    await lock([person.id])
    merged = await db.rows(f"SELECT id FROM message WHERE {WAITS} AND kind = 'digest' ORDER BY id", person.id)
    await digests.take_apart([each["id"] for each in merged])
    if person.channel == "none":
        return await _void(person, EVERY_CHANNEL, "Asked for no messages.")
    for channel in EVERY_CHANNEL:
        await _to_new_address(person, channel)
    if person.channel == "call":
        await _ring_instead(person)
    if person.is_discreet:
        await _void(person, [each for each in CHANNELS if each != person.channel], "Asked to be reached another way.")
        await _say_less(person)


async def _void(person: Any, channels: Sequence[str], why: str) -> None:
    await db.execute(
        f"UPDATE message SET state = 'void', error = $2 WHERE {WAITS} AND channel IN {db.in_list(channels, 3)}",
        person.id,
        why,
        *channels,
    )
    await digests.follow_void(person.id, why)


async def _to_new_address(person: Any, channel: str) -> None:
    now = person.email if channel == "email" else person.phone
    if not now:
        return await _void(person, (channel,), "This address was taken away.")
    await db.execute(
        f"UPDATE message SET address = $2, state = 'queued', claimed_by = '' WHERE {WAITS} AND channel = $3"
        " AND address <> $2 AND NOT may_have_left",  # of those the provider is asked about the old address before
        person.id,
        now,
        channel,
    )


async def _ring_instead(person: Any) -> None:
    """What matters becomes a call, one where a text and a mail would have said it; the rest is taken back."""
    found = await db.rows(
        f"SELECT * FROM message WHERE {WAITS} AND channel IN ('sms', 'email') AND kind IN {db.in_list(MATTERS, 2)}"
        " ORDER BY CASE WHEN channel = 'sms' THEN 0 ELSE 1 END, id",
        person.id,
        *MATTERS,
    )
    await _void(person, CHANNELS, "Asked to be rung.")
    for row in found:
        await _write_call(person, row)


async def _write_call(person: Any, row: dict[str, Any]) -> None:
    same = ("person_id", "kind", "session_id", "hub_id", "batch_id", "expires_at", "language", "urgency", "gist")
    await outbox_rows.write(
        text=Text("", what_to_say(row)),
        channel="call",  # type: ignore[arg-type]
        address=person.phone,
        about=(row["about_kind"], row["about_id"]),
        dedupe_key=f"{base_key(row)}:call",
        marker="",
        is_discreet=bool(row["is_discreet"]),
        due_at=row["due_at"],
        **{name: row[name] for name in same},
    )


async def _say_less(person: Any) -> None:
    """Rows in full words get words that name nothing and ask to ring; they lose their calendar entry, which has the title
    in it. An invite is nothing else, and is taken back. What staff say on the telephone stays: they know whom they ring."""
    await db.execute(
        f"UPDATE message SET state = 'void', error = 'Asked for short words only.' WHERE {WAITS} AND NOT is_discreet"
        " AND kind = 'invite'",
        person.id,
    )
    # a mail that is just leaving stays claimed, by nobody: whoever rescues it sends the short words
    then = "state = CASE WHEN may_have_left THEN state ELSE 'queued' END"
    await _shorten("email", person.language, f"{WAITS} AND NOT is_discreet", then, person.id)
    # for the words of a text that may have left the provider is asked; if it does not have them, `say_less` follows
    texts = f"{WAITS} AND NOT is_discreet AND NOT may_have_left"
    await _shorten("sms", person.language, texts, "state = 'queued'", person.id)


async def say_less(row: dict[str, Any]) -> None:
    """A claimed text that has not left, and whose person asks for short words only by now: it waits in those."""
    person = await db.row("SELECT language FROM person WHERE id = $1", row["person_id"])
    which, then = "id = $1 AND state = 'claimed' AND claimed_by = $9", "state = 'queued', may_have_left = NOT $8"
    await _shorten("sms", person["language"] if person else "en", which, then, row["id"], row["claimed_by"])


async def _shorten(channel: Channel, language: str, which: str, then: str, first: Any, *more: Any) -> None:
    """Without a marker, for there is no link: the provider is asked for the whole text."""
    text = wording.news(channel, language)
    await db.execute(
        "UPDATE message SET subject = $3, body = $4, html = $5, language = $6, parts = $7, calendar = '', calendar_method = '',"
        f" gist = '', marker = '', is_discreet = $8, claimed_by = '', {then} WHERE {which} AND channel = $2",
        first, channel, text.subject, text.body, text.html, text.language,
        sms_parts.parts(text.body) if channel == "sms" else 0, True, *more,
    )  # fmt: skip
