"""What is wrong with an installation, said to the operator before users find out."""

import time
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booking import clock, db, migrating
from booking.findings import Finding
from booking.messages import checking, pacing
from booking.rotas import checking as rotas
from booking.settings import Settings


async def check(settings: Settings) -> list[Finding]:
    """Every finding, good ones too; levels are ok, note and wrong."""
    return [
        *_settings(settings),
        _time_zone(settings),
        *await _database(settings),
        *await checking.check(settings),
    ]


def _settings(settings: Settings) -> list[Finding]:
    base = urlsplit(settings.site.base_url)
    is_here = base.hostname in ("127.0.0.1", "localhost", "::1")
    found = [Finding("settings", "every key is there and known")]
    if base.scheme not in ("http", "https") or not base.hostname:
        found.append(Finding("site.base_url", "must be an address such as https://hubs.example", "wrong"))
    elif not is_here and base.scheme != "https":
        found.append(Finding("site.base_url", "is public but not https; cookies and links would travel open", "wrong"))
    if not is_here and len(settings.secrets.secret_key) < 16:
        found.append(
            Finding("BOOKING_SECRET_KEY", "is missing or short; a public site needs 32 random letters", "wrong")
        )
    return found


def _time_zone(settings: Settings) -> Finding:
    try:
        ZoneInfo(settings.site.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return Finding("site.time_zone", f"{settings.site.time_zone} is not a known zone", "wrong")
    wall = clock.local(clock.now())
    return Finding("time zone", f"{settings.site.time_zone}; there it is {wall:%d %b %Y, %H:%M}. Compare with a clock.")


async def _database(settings: Settings) -> list[Finding]:
    try:
        await db.open_database(settings.database)
    except db.DatabaseTrouble as trouble:
        return [Finding("database", str(trouble), "wrong")]
    try:
        if not await migrating.is_up_to_date(settings.database):
            return [Finding("database", "its tables or guards are not today's; run: booking migrate", "wrong")]
        started = time.perf_counter()
        await db.rows("SELECT 1 AS one")
        words = f"{'PostgreSQL' if db.is_postgres() else 'SQLite'} answers in {1000 * (time.perf_counter() - started):.1f} ms"
        good = Finding("database", words)
        return [good, *await rotas.check(), *await _waiting(), *await _limits(settings), await _worker()]
    finally:
        await db.close_database()


async def _waiting() -> list[Finding]:
    late = await db.value(
        "SELECT COUNT(*) AS n FROM message WHERE state = 'queued' AND next_try_at < $1",
        clock.now() - timedelta(minutes=10),
    )
    return [Finding("outbox", f"{late} messages have waited for more than ten minutes", "note")] if late else []


async def _limits(settings: Settings) -> list[Finding]:
    """Past a limit everything waits: that looks like a worker that does nothing."""
    return [Finding("texts", alarm.words, "note") for alarm in await pacing.alarms(settings.messages)]


async def _worker() -> Finding:
    last = await db.value("SELECT MAX(last_finished_at) AS last_at FROM tick")
    if last is None or clock.now() - last > timedelta(minutes=5):
        return Finding("worker", "has not run in the last five minutes; start the site, or: booking worker", "note")
    return Finding("worker", "runs")
