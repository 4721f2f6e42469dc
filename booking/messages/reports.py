"""What providers say became of a message: kept as it comes, settled by a job, once.

Reports come twice, late, out of order, and before we have written down that the message left. So a hook only keeps them, and a state never
goes back: delivered is the last word, failed gives way to it alone, and what says no more than that it is under way changes nothing
but this: a message that a provider reports of has left, whatever became of the worker that sent it.
"""

from datetime import timedelta
from uuid import UUID

from booking import clock, db
from booking.messages import claims, digests, error_words, next_channel
from booking.messages.claims import WIPED, Row

UNDER_WAY = ("accepted", "scheduled", "queued", "sending", "sent", "partially_delivered", "created", "pending")
ARRIVED = ("delivered", "read")
FAILED = ("undelivered", "failed", "canceled", "permanent-failure", "temporary-failure", "technical-failure")
BATCH = 200
UNMATCHED = timedelta(days=1)  # a report that no message of ours is found for goes after so long
KEPT = timedelta(days=30)

# a message by the id that we gave the provider along with it, or by the id that the provider gave us
OF_REPORT = "(m.id = r.message_id OR (r.provider_reference <> '' AND m.provider_reference = r.provider_reference))"


async def keep(
    *, provider: str, provider_reference: str, status: str, error_code: str = "", message_id: UUID | None = None
) -> bool:
    """Writes a report down; False when it was there already. `message_id` is ours, where the provider gives it back."""
    if status not in UNDER_WAY + ARRIVED + FAILED:
        return False
    written = await db.row(
        "INSERT INTO delivery_report (id, provider, provider_reference, status, error_code, words, received_at, message_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (provider_reference, status) DO NOTHING RETURNING id",
        db.new_id(), provider, provider_reference[:80], status, error_code[:20], error_words.words(error_code or status),
        clock.now(), message_id,
    )  # fmt: skip
    return written is not None


async def settle_due() -> int:
    """Settles what reports there are messages for, oldest first, each in a transaction of its own; returns how many."""
    due = await db.rows(
        "SELECT r.id FROM delivery_report r WHERE r.settled_at IS NULL AND EXISTS"
        f" (SELECT 1 FROM message m WHERE {OF_REPORT}) ORDER BY r.received_at, r.id LIMIT {BATCH}"
    )
    settled = 0
    for line in due:
        settled += await db.run_tx(lambda report_id=line["id"]: _settle(report_id))
    return settled


async def _settle(report_id: UUID) -> bool:
    report = await db.row(
        "UPDATE delivery_report SET settled_at = $2 WHERE id = $1 AND settled_at IS NULL RETURNING *",
        report_id,
        clock.now(),
    )
    if report is None:
        return False  # another worker was faster
    found = await _message_of(report)
    if found is None:
        return False
    await claims.lock_people(found)
    row = await _message_of(report, " FOR UPDATE OF m" if db.is_postgres() else "")
    if row is None:
        return False
    await _has_left(row, report)
    if report["status"] in ARRIVED:
        await _arrived(row, report)
    elif report["status"] in FAILED:
        await _failed(row, report)
    return True


async def _message_of(report: Row, locked: str = "") -> Row | None:
    return await db.row(
        f"SELECT m.* FROM message m JOIN delivery_report r ON {OF_REPORT} WHERE r.id = $1"
        f" ORDER BY CASE WHEN m.id = r.message_id THEN 0 ELSE 1 END, m.id LIMIT 1{locked}",
        report["id"],
    )


async def _has_left(row: Row, report: Row) -> None:
    """The worker that sent it was killed, or got no answer, or has not come to write it down: the report says so in its place."""
    wiped = f", {WIPED}" if row["is_secret"] else ""
    await db.execute(
        "UPDATE message SET state = 'sent', sent_at = $2, provider_reference = $3, provider = $4, may_have_left = $5, error = '',"
        f" error_code = ''{wiped} WHERE id = $1 AND channel = 'sms' AND state IN ('claimed', 'queued', 'void')",
        row["id"],
        report["received_at"],
        report["provider_reference"],
        report["provider"],
        False,
    )
    if row["state"] in ("claimed", "queued", "void"):
        await digests.has_left(row)


async def _arrived(row: Row, report: Row) -> None:
    arrived = await db.row(
        "UPDATE message SET state = 'delivered', delivered_at = $2, error = '', error_code = '' WHERE id = $1"
        " AND state IN ('sent', 'failed') RETURNING id",
        row["id"],
        report["received_at"],
    )
    if arrived and row["person_id"]:
        await db.execute(
            "UPDATE person SET phone_state = 'ok' WHERE id = $1 AND phone = $2 AND phone_state = 'failing'",
            row["person_id"],
            row["address"],
        )
        await db.execute(  # somebody was to ring because a first report had said that it failed
            "UPDATE message SET state = 'void', error = 'The text arrived after all.' WHERE dedupe_key = $1"
            " AND channel = 'call' AND state = 'queued'",
            f"{next_channel.base_key(row)}:call",
        )


async def _failed(row: Row, report: Row) -> None:
    """Marks the message and the number, and queues the next way. Of a message that the provider has under another id as well
    (asking found it twice) only the id that stands on our row counts."""
    if row["provider_reference"] not in ("", report["provider_reference"]):
        return
    code = report["error_code"] or report["status"]
    failed = await db.row(
        "UPDATE message SET state = 'failed', error_code = $2, error = $3 WHERE id = $1 AND state = 'sent' RETURNING *",
        row["id"],
        code,
        report["words"] or f"The provider says: {report['status']} {report['error_code']}".strip(),
    )
    if failed is None:
        return
    state = error_words.address_state(code)
    if state and row["person_id"]:
        await claims.mark_address(row, state)
    await next_channel.try_next(failed)


async def forget_old() -> int:
    """Deletes settled reports after a month, and those that belong to nothing of ours after a day; returns how many."""
    now = clock.now()
    gone = await db.rows(
        "DELETE FROM delivery_report WHERE (settled_at IS NULL AND received_at < $1) OR settled_at < $2 RETURNING id",
        now - UNMATCHED,
        now - KEPT,
    )
    return len(gone)
