"""Several changes to one person at once become one text. Its parts stay in the outbox, merged into it (`digest_id`).

Gathered right before rows are claimed, each person in a short transaction of its own, so that a worker that is killed leaves
either the parts or the digest. Until it has left it can be taken apart: when one of its parts is voided the others are
queued again, and may come together anew.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from booking import clock, db
from booking.messages import hours, kept_words, outbox_rows, sender, wording
from booking.messages.outbox_rows import Queued

KIND = "digest"
KINDS = ("cancellation", "changed", "dates_changed", "date_added", "goes_on", "missed")
IN_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
MOST = 8  # parts; more news is another text
PEOPLE = 50  # gathered in one go, so that a backlog is not kept waiting
# what may come together: short news that nobody has tried to send, to a number that is still theirs
FREE = (
    "m.state = 'queued' AND m.channel = 'sms' AND m.attempts = 0 AND NOT m.may_have_left AND NOT m.is_discreet"
    f" AND m.gist <> '' AND m.digest_id IS NULL AND m.kind IN ({IN_KINDS})"
    " AND m.next_try_at <= $1 AND (m.expires_at IS NULL OR m.expires_at > $1)"
)
THEIRS = "p.id = m.person_id AND p.phone = m.address AND NOT p.is_discreet"

Row = dict[str, Any]


async def gather() -> int:
    """Makes the digests of what is due; returns how many. Safe to run twice, in many workers, and to kill."""
    await put_back_missed()
    found = await db.rows(
        f"SELECT m.person_id, m.address FROM message m JOIN person p ON {THEIRS} WHERE {FREE}"
        f" GROUP BY m.person_id, m.address HAVING COUNT(*) > 1 LIMIT {PEOPLE}",
        clock.now(),
    )
    made = [await _gather_for(each["person_id"], each["address"]) for each in found]
    return sum(made)


async def _gather_for(person_id: UUID, address: str) -> bool:
    async def body() -> bool:
        parts = await db.rows(
            f"SELECT m.* FROM message m WHERE {FREE} AND m.person_id = $2 AND m.address = $3"
            f" ORDER BY m.created_at, m.id LIMIT {MOST}{db.skip_locked()}",
            clock.now(), person_id, address,
        )  # fmt: skip
        person = await db.row("SELECT name, language FROM person WHERE id = $1", person_id)
        if len(parts) < 2 or person is None:
            return False
        digest = await _write(parts, person)
        if digest.is_new:
            ids = [part["id"] for part in parts]
            await db.execute(
                f"UPDATE message SET state = 'merged', digest_id = $1 WHERE id IN {db.in_list(ids, 2)}", digest.id, *ids
            )
        return digest.is_new

    return await db.run_tx(body)


async def _write(parts: Sequence[Row], person: Row) -> Queued:
    """Due now; it makes sense as long as each of its parts does."""
    first, marker = parts[0], outbox_rows.new_marker()
    facts = {"gists": [part["gist"] for part in parts], "name": person["name"].split(" ")[0], "marker": marker}
    kept, language = await kept_words.in_use(KIND, "sms", facts, person["language"])
    text = wording.compose(KIND, "sms", facts | {"link": _link(parts, marker)}, language=language, kept=kept)
    expiries = [part["expires_at"] for part in parts if part["expires_at"]]
    return await outbox_rows.write(
        text=text,
        person_id=first["person_id"],
        kind=KIND,
        channel="sms",
        address=first["address"],
        about=("person", first["person_id"]),
        session_id=None,
        hub_id=next((part["hub_id"] for part in parts if part["hub_id"]), None),  # parts are never discreet
        batch_id=None,
        dedupe_key=f"{KIND}:{uuid5(first['id'], ' '.join(str(part['id']) for part in parts))}",  # other parts, another text
        marker=marker,
        is_discreet=False,
        due_at=clock.now(),
        expires_at=min(expiries, default=None),
        urgency=min((part["urgency"] for part in parts if not hours.is_answer(part["kind"])), default=2),
        language=text.language,
        gist="",
    )


def _link(parts: Sequence[Row], marker: str) -> str:
    """The first link of them that opens something, with the marker of this text instead."""
    for part in parts:
        ending = f".{part['marker']}"
        for word in part["body"].split():
            if part["marker"] and word.startswith("http") and word.endswith(ending):
                return f"{word.removesuffix(ending)}.{marker}"
    return sender.current().base_url


async def void(wanted: Sequence[tuple[str, Sequence[Any]]], why: str) -> list[Row]:
    """Marks rows void that have not left and match all the columns, also those that wait as parts of a digest; returns them.
    In the transaction of the act."""
    taken = await outbox_rows.void(wanted, why)
    conditions, parameters = outbox_rows.matching(wanted, 1)
    found = await db.rows(
        f"SELECT DISTINCT digest_id FROM message WHERE state = 'merged' AND {conditions} ORDER BY digest_id",
        *parameters,
    )
    if found and await take_apart([part["digest_id"] for part in found]):
        taken += await outbox_rows.void(wanted, why)
    return taken + await _void_parts(
        conditions, parameters, "d.state IN ('queued', 'claimed') AND d.may_have_left", why
    )


async def follow_void(person_id: UUID, why: str) -> None:
    """What was to be told by a digest that was taken back, and cannot be taken apart because it may have left, is taken back with it."""
    await _void_parts("person_id = $1", [person_id], "d.state = 'void'", why)


async def _void_parts(conditions: str, parameters: list[Any], of_digests: str, why: str) -> list[Row]:
    """Parts of a digest that may have left, and of which nobody knows. If it has, they have been told (`has_left`); if not, it does not
    leave as it is (`is_spoilt`)."""
    last = len(parameters)
    return await db.rows(
        f"UPDATE message SET state = 'void', error = ${last + 1}, may_have_left = ${last + 2} WHERE state = 'merged' AND {conditions}"
        f" AND EXISTS (SELECT 1 FROM message d WHERE d.id = message.digest_id AND {of_digests})"
        " RETURNING id, person_id, session_id, about_id, calendar_method, may_have_left",
        *parameters, why[:300], True,
    )  # fmt: skip


async def is_spoilt(row: Row) -> bool:
    """Whether a part of this digest was taken back while it may have been leaving."""
    part = row["kind"] == KIND and await db.row(
        "SELECT id FROM message WHERE digest_id = $1 AND state <> 'merged' LIMIT 1", row["id"]
    )
    return bool(part)


async def give_up(row: Row) -> None:
    """A spoilt digest that has not left never does: its other parts wait for themselves again. In one transaction."""

    async def body() -> None:
        gone = await db.row(
            "UPDATE message SET state = 'void', may_have_left = $3, error = 'Its parts are sent otherwise.' WHERE id = $1"
            " AND state = 'claimed' AND claimed_by = $2 RETURNING id",
            row["id"], row["claimed_by"], False,
        )  # fmt: skip
        if gone:
            await put_back_parts(row["id"])

    await db.run_tx(body)


async def has_left(row: Row) -> None:
    """It has left after all: what was taken back meanwhile has been told."""
    if row["kind"] == KIND:
        await db.execute(
            "UPDATE message SET state = 'merged', error = '', may_have_left = $2 WHERE digest_id = $1 AND state = 'void'",
            row["id"],
            False,
        )


async def take_apart(digest_ids: Sequence[UUID]) -> set[UUID]:
    """Queues the parts of these digests again, but of those that may have left; returns the ids of those taken apart."""
    opened = set()
    for digest_id in digest_ids:
        found = await db.row(
            "UPDATE message SET state = 'void', error = 'Its parts are sent otherwise.' WHERE id = $1"
            " AND state IN ('queued', 'claimed') AND NOT may_have_left RETURNING id",
            digest_id,
        )
        if found:
            opened.add(digest_id)
            await put_back_parts(digest_id)
    return opened


async def put_back_parts(digest_id: UUID) -> None:
    await db.execute(
        "UPDATE message SET state = 'queued', digest_id = NULL, next_try_at = $2 WHERE state = 'merged' AND id IN"
        f" (SELECT id FROM message WHERE digest_id = $1{db.lock_in_order()})",
        digest_id,
        clock.now(),
    )


async def put_back_missed() -> None:
    """The parts of digests that were too late: each is looked at by itself, and what still makes sense is sent."""
    missed = await db.rows(
        "SELECT d.id FROM message d WHERE d.kind = $1 AND d.state = 'missed' AND NOT d.may_have_left"
        " AND EXISTS (SELECT 1 FROM message m WHERE m.digest_id = d.id AND m.state = 'merged') LIMIT 50",
        KIND,
    )
    for digest in missed:
        await put_back_parts(digest["id"])
