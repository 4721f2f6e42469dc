"""SMS: the only file that knows Twilio. Imported by a worker when it has an SMS to send, because Twilio's client weighs
20 MB that web processes need not carry.

Their own async client never times out and repeats POSTs, so that one SMS could become three; ours has limits and sends
each request once. Their Messages API has no idempotency key: after silence the only way to know is to ask.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from booking.messages import claims, error_words
from booking.messages.deadline import Deadline, TooLate
from booking.messages.outcomes import Outcome, later, refused, sent, unknown
from booking.settings import Settings

PROVIDER = "https://api.twilio.com"
# Ours to put right (sender, account, trial, countries): the message waits, it is not the family's number that is wrong.
OUR_TROUBLE = {
    *("20003", "20005", "21212", "21408", "21603", "21606", "21608", "21609", "21611", "21659", "21660", "21661"),
    *("21701", "21703", "30002"),
}
LISTED = 50
CLOCKS_APART = timedelta(minutes=5)  # their clock need not be ours
WHOLE_REQUEST = 3  # times the wait for one answer: connecting, sending and reading each have that long

for _writes_numbers in ("twilio", "httpx"):  # at INFO: phone numbers, in the addresses of what we ask for
    logging.getLogger(_writes_numbers).setLevel(logging.WARNING)


class TooMany(TwilioException):
    """HTTP 429; `retry_after` in seconds if the provider said so."""

    def __init__(self, retry_after: float | None):
        self.retry_after = retry_after
        super().__init__("429")


class HttpxClient(AsyncHttpClient):
    """Twilio's requests over httpx: real time limits, no repetition, any base URL, nothing sent past the deadline."""

    def __init__(self, base_url: str, timeout: float, at_once: int, deadline: Deadline):
        super().__init__(logging.getLogger("twilio.http"), True, timeout)
        self.base_url = base_url.rstrip("/")
        self.deadline = deadline
        self.whole = timeout * WHOLE_REQUEST
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self.http = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  their signature
        allow_redirects: bool = False,
    ) -> Response:
        address = uri.replace(PROVIDER, self.base_url, 1)
        async with asyncio.timeout(self.whole):
            answer = await self.http.request(
                *(method, address),
                params=params, data=data, headers=headers, auth=auth, extensions={"trace": self._look_at_the_clock},
            )  # fmt: skip
        if answer.status_code == 429:
            raise TooMany(_seconds(answer.headers.get("Retry-After")))
        return Response(answer.status_code, answer.text, answer.headers)

    async def _look_at_the_clock(self, event: str, _: dict[str, Any]) -> None:
        """Called by httpx at every step: the line is there, and the next thing is the first byte of the request."""
        if event.endswith("send_request_headers.started"):
            self.deadline.check()


class Twilio:
    """Sends SMS, and asks what became of them. A provider as in providers.py."""

    name = "twilio"

    def __init__(self, settings: Settings, deadline: Deadline):
        messages = settings.messages
        self.http = HttpxClient(messages.sms_base_url, messages.timeout_seconds, messages.at_once, deadline)
        self.client = Client(messages.sms_account_sid, settings.secrets.sms_auth_token, http_client=self.http)
        self.sender = messages.sms_sender
        self.neutral_sender = messages.sms_sender_neutral or messages.sms_sender
        self.base_url = settings.site.base_url.rstrip("/")

    async def close(self) -> None:
        await self.http.http.aclose()

    async def send(self, row: dict[str, Any]) -> Outcome:
        sender = self.neutral_sender if row["is_discreet"] else self.sender
        by = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        told = {"status_callback": reports_address(self.base_url, row["id"])} if self._can_be_told() else {}
        try:
            message = await self.client.messages.create_async(to=row["address"], body=row["body"], **by, **told)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return later("connect", f"The SMS provider cannot be reached ({type(error).__name__}).")
        except TooLate:
            return later("late", "The worker was held up; another takes over.")
        except (httpx.HTTPError, TimeoutError) as error:
            return unknown("silence", f"The SMS provider did not answer ({type(error).__name__}).")
        except TooMany as error:
            return later("429", "The SMS provider asks us to slow down.", error.retry_after)
        except TwilioException as error:
            return _read(error)
        except (ValueError, KeyError, TypeError) as error:  # an answer that is not theirs, such as a proxy's page
            return unknown("answer", f"The SMS provider's answer makes no sense ({type(error).__name__}).")
        return sent(str(message.sid)) if message.sid else unknown("answer", "The SMS provider gave no id.")

    def _can_be_told(self) -> bool:
        """Twilio refuses the whole message when it could not reach the address; on a laptop it could not."""
        return self.base_url.startswith("https://")

    async def ask(self, row: dict[str, Any]) -> Outcome:
        """By the marker in its text, or by its whole text where it has none and nobody else's row has that one."""
        listed = await self.listed(address=row["address"], since=row["created_at"] - CLOCKS_APART)
        if isinstance(listed, Outcome):
            return listed
        text = f".{row['marker']}" if row["marker"] else row["body"]
        ours = [sid for sid, body in listed if text in body]
        taken = await claims.known_to_us(ours, but=row)
        free = [sid for sid in ours if sid not in taken]
        return sent(free[0]) if free else later("not there", "The provider does not have it.")

    async def listed(self, *, address: str, since: datetime) -> list[tuple[str, str]] | Outcome:
        """Asks which messages to this number the provider has: their ids and texts, newest first, made after `since`.

        An unknown Outcome when it cannot be asked. Listed without a date filter: that one reads the time of sending,
        which a message still in the provider's own queue does not have.
        """
        try:
            found = await self.client.messages.list_async(to=address, limit=LISTED, page_size=LISTED)
        except TooLate:
            return unknown("late", "The worker was held up; another takes over.")
        except (httpx.HTTPError, TimeoutError, TwilioException, ValueError, KeyError, TypeError) as error:
            return unknown("ask", f"The SMS provider could not be asked ({type(error).__name__}).")
        return [(str(m.sid), m.body or "") for m in found if m.date_created is None or m.date_created >= since]


def reports_address(base_url: str, message_id: Any) -> str:
    """Where Twilio reports what became of a message. The id in it is signed with the rest, so a report finds its message even
    before we have written down under which of Twilio's ids it left."""
    return f"{base_url}/hooks/sms/status?message={message_id}"


def is_signed(settings: Settings, path: str, form: Any, signature: str) -> bool:
    """Whether a request to us comes from the provider: signed with our token over the public address and the form
    (twilio.com/docs/usage/security). Never without a token."""
    token = settings.secrets.sms_auth_token
    address = settings.site.base_url.rstrip("/") + path
    return bool(token) and RequestValidator(token).validate(address, form, signature)


def _read(error: TwilioException) -> Outcome:
    """Their error codes, sorted by what to do: twilio.com/docs/api/errors."""
    status, code = int(getattr(error, "status", 0) or 0), str(getattr(error, "code", "") or "")
    words = str(getattr(error, "msg", "") or getattr(error, "detail", "") or "refused")[:200]
    if state := error_words.address_state(code):
        return refused(code, error_words.words(code), state)
    if code == "20429":
        return later(code, "The SMS provider asks us to slow down.")
    if status in (401, 403, 404) or code in OUR_TROUBLE:
        return later(code or str(status), f"The SMS account or sender is not right: {words}")
    if 400 <= status < 500:
        return refused(code or str(status), error_words.words(code) or words)
    return unknown(code or str(status), f"The SMS provider failed ({status or type(error).__name__}).")


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
