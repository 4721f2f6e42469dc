"""What signing in and filling in forms leaves behind, forgotten when it is of no use any more."""

from datetime import timedelta

from booking import clock, db

KEEP_CODES = timedelta(days=1)
KEEP_SIGNED_IN = timedelta(days=190)  # longer than any cookie lives; who was idle is signed out long before
KEEP_FORM_ANSWERS = timedelta(days=2)


async def forget_old() -> int:
    """Deletes dead codes, sessions nobody used for half a year, finished rate windows and old form tokens."""
    now = clock.now()
    dead = [
        ("DELETE FROM sign_in_code WHERE expires_at < $1 RETURNING id", now - KEEP_CODES),
        ("DELETE FROM signed_in WHERE seen_at < $1 RETURNING id", now - KEEP_SIGNED_IN),
        ("DELETE FROM allowance WHERE window_ends_at < $1 RETURNING key", now),
        ("DELETE FROM form_answer WHERE created_at < $1 RETURNING token", now - KEEP_FORM_ANSWERS),
    ]
    return sum([len(await db.rows(sql, before)) for sql, before in dead])
