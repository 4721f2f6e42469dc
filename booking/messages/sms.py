"""SMS: the only file that knows Twilio. Imported by a worker when it has an SMS to send, because Twilio's client weighs
20 MB that web processes need not carry.

Their own async client never times out and repeats POSTs, so that one SMS could become three; ours has limits and sends
each request once. Their Messages API has no idempotency key: after silence the only way to know is to ask.
"""

import logging
from datetime import datetime
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from booking.messages.outcomes import Outcome, later, refused, sent, unknown
from booking.settings import Settings

PROVIDER = "https://api.twilio.com"
OPTED_OUT = {"21610"}
NOT_A_MOBILE = {"21211", "21614"}
# Ours to put right (sender, account, trial): the message waits, it is not the family's number that is wrong.
OUR_TROUBLE = {"20003", "20005", "21603", "21606", "21608", "21659", "21660", "21701", "21703"}
LISTED = 50

for _writes_numbers in ("twilio", "httpx"):  # at INFO: phone numbers, in the addresses of what we ask for
    logging.getLogger(_writes_numbers).setLevel(logging.WARNING)


class TooMany(TwilioException):
    """HTTP 429; `retry_after` in seconds if the provider said so."""

    def __init__(self, retry_after: float | None):
        self.retry_after = retry_after
        super().__init__("429")


class HttpxClient(AsyncHttpClient):
    """Twilio's requests over httpx: real time limits, no repetition, any base URL."""

    def __init__(self, base_url: str, timeout: float, at_once: int):
        super().__init__(logging.getLogger("twilio.http"), True, timeout)
        self.base_url = base_url.rstrip("/")
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
        answer = await self.http.request(method, address, params=params, data=data, headers=headers, auth=auth)
        if answer.status_code == 429:
            raise TooMany(_seconds(answer.headers.get("Retry-After")))
        return Response(answer.status_code, answer.text, answer.headers)


class SmsDoor:
    """Sends SMS, and asks what became of them. One per batch; close it."""

    def __init__(self, settings: Settings):
        messages = settings.messages
        self.http = HttpxClient(messages.sms_base_url, messages.timeout_seconds, messages.at_once)
        self.client = Client(messages.sms_account_sid, settings.secrets.sms_auth_token, http_client=self.http)
        self.sender = messages.sms_sender
        self.neutral_sender = messages.sms_sender_neutral or messages.sms_sender

    async def close(self) -> None:
        await self.http.http.aclose()

    async def send(self, *, address: str, body: str, is_discreet: bool) -> Outcome:
        """One attempt, never more than one request."""
        sender = self.neutral_sender if is_discreet else self.sender
        by = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        try:
            message = await self.client.messages.create_async(to=address, body=body, **by)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return later("connect", f"The SMS provider cannot be reached ({type(error).__name__}).")
        except httpx.HTTPError as error:
            return unknown("silence", f"The SMS provider did not answer ({type(error).__name__}).")
        except TooMany as error:
            return later("429", "The SMS provider asks us to slow down.", error.retry_after)
        except TwilioException as error:
            return _read(error)
        except (ValueError, KeyError, TypeError) as error:  # an answer that is not theirs, such as a proxy's page
            return unknown("answer", f"The SMS provider's answer makes no sense ({type(error).__name__}).")
        return sent(str(message.sid)) if message.sid else unknown("answer", "The SMS provider gave no id.")

    async def listed(self, *, address: str, since: datetime) -> list[tuple[str, str]] | Outcome:
        """Asks which messages to this number the provider has: their ids and texts, newest first, made after `since`.

        An unknown Outcome when it cannot be asked. Listed without a date filter: that one reads the time of sending,
        which a message still in the provider's own queue does not have.
        """
        try:
            found = await self.client.messages.list_async(to=address, limit=LISTED, page_size=LISTED)
        except (httpx.HTTPError, TwilioException, ValueError, KeyError, TypeError) as error:
            return unknown("ask", f"The SMS provider could not be asked ({type(error).__name__}).")
        return [(str(m.sid), m.body or "") for m in found if m.date_created is None or m.date_created >= since]


def _read(error: TwilioException) -> Outcome:
    """Their error codes, sorted by what to do: twilio.com/docs/api/errors."""
    status, code = int(getattr(error, "status", 0) or 0), str(getattr(error, "code", "") or "")
    words = str(getattr(error, "msg", "") or getattr(error, "detail", "") or "refused")[:200]
    if code in OPTED_OUT:
        return refused(code, "This number has opted out of texts.", "opted_out")
    if code in NOT_A_MOBILE:
        return refused(code, "This number cannot receive texts.", "not_mobile")
    if code == "20429":
        return later(code, "The SMS provider asks us to slow down.")
    if status in (401, 403, 404) or code in OUR_TROUBLE:
        return later(code or str(status), f"The SMS account or sender is not right: {words}")
    if 400 <= status < 500:
        return refused(code or str(status), words)
    return unknown(code or str(status), f"The SMS provider failed ({status or type(error).__name__}).")


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
