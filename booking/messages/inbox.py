"""Texts that people send us: written once for each of the provider's references, and told nothing but what they say.

What a text is about is decided by the areas (programmes/texts/answering_texts.py); messages keep it, what became of it, and
what we asked its number last.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from booking import clock, db
from booking.messages import meaning
from booking.messages.meaning import Reading
from booking.messages.models import TextQuestion

LONGEST = 1600
A_DAY = timedelta(days=1)
KEEP = timedelta(days=30)  # the privacy page says so
# what the provider has done by itself because of a text, as its form field OptOutType says
# (twilio.com/docs/messaging/tutorials/advanced-opt-out)
OPT_OUT_TYPES = ("STOP", "START", "HELP")


async def keep(
    *, provider_reference: str, sender: str, receiver: str, body: str, provider: str = "twilio", opt_out_type: str = ""
) -> bool:
    """Writes a text down; False when it was there already (the provider repeats what it is not sure of)."""
    written = await db.row(
        "INSERT INTO inbound_message (id, provider_reference, sender, receiver, body, received_at, state, about_kind,"
        " said_back, provider, opt_out_type) VALUES ($1, $2, $3, $4, $5, $6, 'new', '', '', $7, $8)"
        " ON CONFLICT (provider_reference) DO NOTHING RETURNING id",
        db.new_id(), provider_reference[:80], sender[:40], receiver[:40], body.replace("\x00", "")[:LONGEST], clock.now(), provider,
        opt_out_type if opt_out_type in OPT_OUT_TYPES else "",
    )  # fmt: skip
    return written is not None


async def take_new() -> dict[str, Any] | None:
    """The oldest text that nobody has dealt with, locked: id, sender, body, received_at, opt_out_type. Call it in the transaction
    that deals with it. Of one number the texts are dealt with in their order, whoever does it."""
    return await db.row(
        "SELECT id, sender, body, received_at, opt_out_type FROM inbound_message t WHERE state = 'new' AND NOT EXISTS"
        " (SELECT 1 FROM inbound_message o WHERE o.sender = t.sender AND o.state = 'new' AND (o.received_at < t.received_at"
        " OR (o.received_at = t.received_at AND o.id < t.id))) ORDER BY received_at, id LIMIT 1" + db.skip_locked()
    )


async def since_yesterday(text: dict[str, Any]) -> int:
    """How many texts its number has sent in the day before it, this one too."""
    return await db.value(
        "SELECT COUNT(*) AS n FROM inbound_message WHERE sender = $1 AND received_at > $2 AND received_at <= $3",
        text["sender"], text["received_at"] - A_DAY, text["received_at"],
    )  # fmt: skip


def read(text: dict[str, Any]) -> Reading:
    """What a text of take_new() says. What the provider took for STOP or START is that, whatever its words; who asks for
    HELP is answered by a person."""
    if text["opt_out_type"]:
        return {"STOP": Reading("stop"), "START": Reading("start")}.get(text["opt_out_type"], meaning.UNCLEAR)
    return meaning.read(text["body"])


async def settle(
    text_id: UUID,
    *,
    state: Literal["answered", "unclear"],
    about: tuple[str, UUID] | None = None,
    hub_id: UUID | None = None,
    person_id: UUID | None = None,
    said_back: str = "",
) -> None:
    """What became of a text: it did something, or a person reads it."""
    await db.execute(
        "UPDATE inbound_message SET state = $2, about_kind = $3, about_id = $4, hub_id = $5, said_back = $6, person_id = $7"
        " WHERE id = $1",
        text_id, state, about[0] if about else "", about[1] if about else None, hub_id, said_back[:300], person_id,
    )  # fmt: skip


async def ask(*, phone: str, options: list[dict[str, Any]], until: datetime, at: datetime) -> None:
    """Remembers what we ask a number, instead of what we asked it before."""
    await forget_question(phone)
    await db.write_new([TextQuestion(phone=phone, options=options, asked_at=at, expires_at=until)])


async def question(phone: str, at: datetime) -> TextQuestion | None:
    """What this number was asked last and had not answered at that instant; None when that was nothing.

    A number answers only what had been asked when it was written. An option without one (number 0) undoes what an earlier text did,
    so a YES that was sent before our answer came is meant too.
    """
    found = (
        await TextQuestion.filter(phone=phone, answered_at=None, expires_at__gt=at).order_by("-asked_at", "-id").first()
    )
    if found and found.asked_at > at and not any(each["number"] == 0 for each in found.options):
        return None
    return found


async def forget_question(phone: str) -> None:
    """It has been answered, or something else is asked."""
    await db.execute(
        "UPDATE text_question SET answered_at = $2 WHERE phone = $1 AND answered_at IS NULL", phone, clock.now()
    )


async def handle(text_ids: Sequence[UUID], by_id: UUID) -> list[dict[str, Any]]:
    """A member of staff has read these and done what there was to do; id and hub_id of those with which nobody had before."""
    return await db.rows(
        "UPDATE inbound_message SET state = 'handled', handled_at = $1, handled_by_id = $2"
        f" WHERE id IN {db.in_list(text_ids, 3)} AND state = 'unclear' RETURNING id, hub_id",
        clock.now(), by_id, *text_ids,
    )  # fmt: skip


async def forget_old() -> int:
    """Deletes texts that somebody, or a rule, has dealt with a month ago, and the words of our answers to them; returns how many
    texts. What waits for a person stays."""
    before = clock.now() - KEEP
    gone = await db.rows(
        "DELETE FROM inbound_message WHERE state IN ('answered', 'handled') AND received_at < $1 RETURNING id", before
    )
    await db.execute(
        "UPDATE message SET body = '' WHERE kind = 'staff_text' AND created_at < $1 AND state NOT IN ('queued', 'claimed')"
        " AND body <> ''",
        before,
    )
    await db.execute("DELETE FROM text_question WHERE expires_at < $1", before)
    return len(gone)
