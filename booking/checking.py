"""What is wrong with an installation, said to the operator before users find out."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booking import clock, db, migrating
from booking.settings import Settings


@dataclass(frozen=True)
class Finding:
    what: str
    words: str
    level: str = "ok"

    @property
    def is_wrong(self) -> bool:
        return self.level == "wrong"

    def __str__(self) -> str:
        return f"{self.level:<6} {self.what}: {self.words}"


async def check(settings: Settings) -> list[Finding]:
    """Every finding, good ones too; levels are ok, note and wrong."""
    return [
        *_settings(settings),
        _time_zone(settings),
        *await _database(settings),
        await _mail(settings),
        await _sms(settings),
        *_neutral_senders(settings),
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
        return [Finding("database", words), *await _waiting(), await _worker()]
    finally:
        await db.close_database()


async def _waiting() -> list[Finding]:
    late = await db.value(
        "SELECT COUNT(*) AS n FROM message WHERE state = 'queued' AND next_try_at < $1",
        clock.now() - timedelta(minutes=10),
    )
    return [Finding("outbox", f"{late} messages have waited for more than ten minutes", "note")] if late else []


async def _worker() -> Finding:
    last = await db.value("SELECT MAX(last_finished_at) AS last_at FROM tick")
    if last is None or clock.now() - last > timedelta(minutes=5):
        return Finding("worker", "has not run in the last five minutes; start the site, or: booking worker", "note")
    return Finding("worker", "runs")


def _neutral_senders(settings: Settings) -> list[Finding]:
    """Discreet messages must not name the hub in their sender either."""
    messages = settings.messages
    named = [
        ("messages.sms_sender_neutral", settings.sends_sms and not messages.sms_sender_neutral),
        ("messages.mail_from_neutral", settings.sends_mail and not messages.mail_from_neutral),
    ]
    words = "is empty: messages about restricted sessions come from the ordinary sender, which may name the hub"
    return [Finding(key, words, "note") for key, is_missing in named if is_missing]


async def _mail(settings: Settings) -> Finding:
    if not settings.sends_mail:
        return Finding("mail", "messages.mail_host is empty: no mail is sent", "note")
    host, port = settings.messages.mail_host, settings.messages.mail_port
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), settings.messages.timeout_seconds)
        writer.close()
    except (OSError, TimeoutError) as error:
        return Finding("mail", f"{host}:{port} does not answer ({error})", "wrong")
    return Finding("mail", f"{host}:{port} answers")


async def _sms(settings: Settings) -> Finding:
    if not settings.sends_sms:
        return Finding("SMS", "account, sender or BOOKING_SMS_AUTH_TOKEN is empty: no SMS is sent", "note")
    import httpx  # slow to import, and needed here alone

    account, base = settings.messages.sms_account_sid, settings.messages.sms_base_url
    try:
        async with httpx.AsyncClient(timeout=settings.messages.timeout_seconds) as client:
            answer = await client.get(
                f"{base}/2010-04-01/Accounts/{account}.json", auth=(account, settings.secrets.sms_auth_token)
            )
    except httpx.HTTPError as error:
        return Finding("SMS", f"{base} does not answer ({type(error).__name__})", "wrong")
    if answer.status_code != 200:
        return Finding("SMS", f"{base} answers {answer.status_code} to this account; check it and its token", "wrong")
    return Finding("SMS", f"{base} knows this account")
