"""The demo on a server of its own that texts and mails: stand-ins of the providers at the end, and what they bring to us."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import httpx

from booking import clock
from tests.browser.journeys import number_of
from tests.browser.the_site import Site, serving
from tests.standins.mail import MailStandIn
from tests.standins.twilio import TwilioStandIn, signed_report, signed_text

PATIENCE = 40


@dataclass
class Texting:
    """A county and the phones and mailboxes of its families."""

    site: Site
    twilio: TwilioStandIn
    host: MailStandIn

    async def text_to(self, phone: str, words: str) -> dict[str, Any]:
        """The newest text on this phone that has these words, as soon as it is there."""
        return await text_to(self.twilio, phone, words)

    async def mail_to(self, address: str, words: str) -> str:
        """The plain words of the newest mail in this mailbox that has these words."""
        found: list[str] = []
        for _ in range(10 * PATIENCE):
            found = [_plain(each) for each in self.host.accepted if each.to == address]
            if fitting := [each for each in found if words in each]:
                return fitting[-1]
            await asyncio.sleep(0.1)
        raise AssertionError(f"no mail with {words!r} to {address}: {found}")

    async def writes(self, phone: str, words: str, sid: str) -> None:
        await replies(self.site, phone, words, sid)

    async def reports(self, text: dict[str, Any], status: str, code: str = "") -> None:
        """The provider says what became of a text."""
        [row] = await self.becomes("SELECT id FROM message WHERE provider_reference = :sid", sid=text["sid"])
        address = f"{self.site.url}/hooks/sms/status?message={row['id']}"
        await _posts(address, *signed_report(status, sid=text["sid"], address=address, code=code))

    async def becomes(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """The rows, as soon as there are any."""
        for _ in range(10 * PATIENCE):
            if found := self.site.rows(sql, **values):
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"nothing for {sql} with {values}")

    def remind_of(self, session_id: str) -> None:
        """As if it had been booked days ago and began tomorrow: the reminder of the days before is due."""
        at = "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', :after)"
        self.site.rows(
            f"UPDATE session SET starts_at = {at}, ends_at = strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+32 hours')"
            " WHERE id = :id",
            id=session_id,
            after="+30 hours",
        )
        self.site.rows(f"UPDATE booking SET created_at = {at} WHERE session_id = :id", id=session_id, after="-4 days")


@asynccontextmanager
async def county_that_texts(
    folder, site: Site, twilio: TwilioStandIn, more: Mapping[str, str] | None = None
) -> AsyncGenerator[Site]:
    """The same demo on a server of its own that sends texts, at any hour."""
    with closing(sqlite3.connect(site.database)) as there, closing(sqlite3.connect(folder / "booking.sqlite3")) as here:
        there.backup(here)
        here.execute("UPDATE message SET state = 'sent' WHERE state = 'queued'")
        here.commit()
    settings = {
        "BOOKING_MESSAGES_SMS_BASE_URL": twilio.url,
        "BOOKING_MESSAGES_SMS_ACCOUNT_SID": twilio.account,
        "BOOKING_MESSAGES_SMS_SENDER": "+447700900000",
        "BOOKING_SMS_AUTH_TOKEN": twilio.token,
        "BOOKING_MESSAGES_QUIET_FROM_HOUR": "8",
        "BOOKING_MESSAGES_QUIET_TO_HOUR": "8",
    }
    if not 7 <= clock.local(clock.now()).hour < 22:
        settings["BOOKING_SITE_TIME_ZONE"] = "Etc/GMT-9"  # where it is day: a family's safe hours are never at night
    with serving(folder, settings | dict(more or {})) as running:
        yield running


@asynccontextmanager
async def texting_county(folder, site: Site) -> AsyncGenerator[Texting]:
    async with TwilioStandIn() as twilio, MailStandIn() as host:
        mail = {
            "BOOKING_MESSAGES_MAIL_HOST": "127.0.0.1",
            "BOOKING_MESSAGES_MAIL_PORT": str(host.port),
            "BOOKING_MESSAGES_MAIL_SECURITY": "none",
        }
        async with county_that_texts(folder, site, twilio, mail) as county:
            yield Texting(county, twilio, host)
            assert twilio.doubled == []


async def text_to(twilio: TwilioStandIn, phone: str, words: str) -> dict[str, Any]:
    for _ in range(10 * PATIENCE):
        found = [each for each in twilio.accepted if each["to"] == number_of(phone) and words in each["body"]]
        if found:
            return found[-1]
        await asyncio.sleep(0.1)
    raise AssertionError(f"no text with {words!r} to {phone}: {[each['body'] for each in twilio.accepted]}")


async def replies(site: Site, phone: str, words: str, sid: str) -> None:
    """The provider brings us what somebody wrote."""
    address = f"{site.url}/hooks/sms"
    await _posts(address, *signed_text(words, sender=number_of(phone), sid=sid, address=address))


async def _posts(address: str, form: dict[str, str], headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as provider:
        answer = await provider.post(address, data=form, headers=headers)
    assert answer.status_code in (200, 204), answer.text


def _plain(mail: Any) -> str:
    body = mail.read.get_body(("plain",))
    return f"{mail.read['Subject']}\n{body.get_content() if body else ''}"
