"""SMS by GOV.UK Notify: the only file that knows its client. Imported by a worker when it has an SMS to send.

The client is neither asynchronous nor safe to share between threads: a few threads of our own have one each. It follows redirects and
waits as long as the other side drips; ours sends each request once, follows nothing, and writes nothing past the deadline or after we
have stopped waiting. Our text fills the one field of the council's template. `reference` is our message's id: Notify does not look
whether it has it already, so after silence we ask for it before we send again.
"""

import asyncio
import logging
import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
import urllib3
from notifications_python_client.errors import APIError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from booking.messages import claims, error_words
from booking.messages.deadline import Deadline, TooLate
from booking.messages.outcomes import Outcome, later, refused, sent, unknown
from booking.settings import Settings

MOST_THREADS = 16
TEMPLATE = "((message))"  # what stands in the council's template
LONGEST = 918  # characters, Notify's limit for an SMS
WHOLE_REQUEST = 3  # times the wait for one answer
DAILY_LIMIT_WAIT = 900.0  # seconds; the count begins anew at midnight
NOT_CONNECTED = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)

logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)  # it logs what it was told about a number


class Notify:
    """A provider as in providers.py."""

    name = "notify"

    def __init__(self, settings: Settings, deadline: Deadline):
        self.settings, self.deadline = settings.messages, deadline
        self.key = settings.secrets.notify_api_key
        threads = min(MOST_THREADS, settings.messages.at_once)
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="notify")
        self.idle: queue.SimpleQueue[_Client] = queue.SimpleQueue()
        self.free = asyncio.Semaphore(threads)

    async def close(self) -> None:
        self.threads.shutdown(wait=False)
        while not self.idle.empty():
            self.idle.get().request_session.close()

    async def send(self, row: dict[str, Any]) -> Outcome:
        if len(row["body"]) > LONGEST:
            return refused("too_long", error_words.words("too_long"))
        sender = self.settings.sms_sender_neutral if row["is_discreet"] else ""
        try:
            answer = await self._call(
                lambda client: client.send_sms_notification(
                    phone_number=row["address"],
                    template_id=self.settings.notify_template,
                    personalisation={"message": row["body"]},
                    reference=str(row["id"]),
                    sms_sender_id=sender or self.settings.notify_sender or None,
                )
            )
            return sent(str(answer["id"]))
        except TooLate:
            return later("late", "The worker was held up; another takes over.")
        except TimeoutError:
            return unknown("silence", "GOV.UK Notify did not answer in time.")
        except APIError as error:
            return _read(error)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return unknown("answer", f"The answer of GOV.UK Notify makes no sense ({type(error).__name__}).")

    async def ask(self, row: dict[str, Any]) -> Outcome:
        """By our reference. Where Notify has several (it takes what it is given), the first is the one, and nothing more is sent."""
        try:
            answer = await self._call(lambda client: client.get_all_notifications(reference=str(row["id"])))
            found = [str(each["id"]) for each in answer["notifications"] if each["reference"] == str(row["id"])]
        except (APIError, TooLate, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            return unknown("ask", f"GOV.UK Notify could not be asked ({type(error).__name__}).")
        if not found:
            return later("not there", "The provider does not have it.")
        taken = await claims.known_to_us(found, but=row)
        return sent(next((each for each in reversed(found) if each not in taken), found[-1]))

    async def _call(self, use: Callable[["_Client"], Any]) -> Any:
        """What the client answers. Once we have given up waiting, what has not been written yet is not written any more."""
        async with self.free:
            patience = self.settings.timeout_seconds * WHOLE_REQUEST
            stop_at = time.monotonic() + patience

            def may_write() -> None:
                self.deadline.check()
                if time.monotonic() > stop_at:
                    raise TooLate

            call = asyncio.get_running_loop().run_in_executor(self.threads, self._in_a_thread, use, may_write)
            async with asyncio.timeout(patience + 1):
                return await call

    def _in_a_thread(self, use: Callable[["_Client"], Any], may_write: Callable[[], None]) -> Any:
        try:
            client = self.idle.get_nowait()
        except queue.Empty:
            client = _Client(self.key, self.settings.notify_base_url, self.settings.timeout_seconds)
        client.adapter.may_write = may_write
        answer = use(client)
        self.idle.put(client)  # after a failure it is thrown away, with its connection
        return answer


def trouble(settings: Settings) -> str:
    """What is wrong with the key or the template, for `booking check`; "" for nothing. Blocking; sends nothing."""
    try:
        client = _Client(
            settings.secrets.notify_api_key, settings.messages.notify_base_url, settings.messages.timeout_seconds
        )
        client.adapter.may_write = lambda: None
        template = client.get_template(settings.messages.notify_template)
        is_ours = template["type"] == "sms" and template["body"].strip() == TEMPLATE
    except AssertionError:
        return "BOOKING_NOTIFY_API_KEY is no key of GOV.UK Notify."
    except APIError as error:
        return _read(error).words
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return f"The answer of GOV.UK Notify makes no sense ({type(error).__name__})."
    return "" if is_ours else f"The template of GOV.UK Notify must be a text message that is exactly {TEMPLATE}."


class _Client(NotificationsAPIClient):
    """Theirs, with a session that does each thing once."""

    def __init__(self, key: str, base_url: str, timeout: int):
        super().__init__(key, base_url.rstrip("/"), timeout)
        self.adapter = _Once()
        self.request_session = _Session()
        self.request_session.mount("http://", self.adapter)
        self.request_session.mount("https://", self.adapter)


class _Session(requests.Session):
    """Follows nothing, and reads no proxies or passwords from the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, *arguments: Any, **named: Any) -> requests.Response:
        return super().request(*arguments, **named | {"allow_redirects": False})


class _Once(HTTPAdapter):
    """No repetition, and a last look at the clock when the line stands and before the first byte."""

    may_write: Callable[[], None]

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _looking(self, urllib3.HTTPConnectionPool, HTTPConnection),
            "https": _looking(self, urllib3.HTTPSConnectionPool, HTTPSConnection),
        }


def _looking(adapter: _Once, pool: Any, connection: Any) -> Any:
    """A pool of connections that look at the clock between standing and being written to."""

    def putrequest(self: Any, *arguments: Any, **named: Any) -> None:
        if self.sock is None:
            self.connect()
        adapter.may_write()
        connection.putrequest(self, *arguments, **named)

    punctual = type("Punctual", (connection,), {"putrequest": putrequest})
    return type("PunctualPool", (pool,), {"ConnectionCls": punctual})


def _read(error: APIError) -> Outcome:
    """Sorted by status and kind, as Notify asks; only where one kind means several things do its words decide."""
    if isinstance(error, InvalidResponse):
        return unknown("answer", "The answer of GOV.UK Notify makes no sense.")
    if error.response is None:
        return _no_answer(error.__cause__)
    status, (kind, words) = error.status_code, _kind_and_words(error.response)
    if status == 429:
        is_daily = kind == "TooManyRequestsError"
        wait = DAILY_LIMIT_WAIT if is_daily else _seconds(error.response.headers.get("Retry-After"))
        return later("429", "GOV.UK Notify asks us to slow down: " + words[:200], wait)
    if status >= 500:
        return unknown(str(status), f"GOV.UK Notify failed ({status}).")
    if status == 400 and (kind == "InvalidPhoneError" or (kind == "ValidationError" and "phone_number" in words)):
        return refused("not_mobile", error_words.words("21614"), "not_mobile")
    if status == 400 and kind == "BadRequestError" and "international" in words:
        return refused("international", error_words.words("international"))
    return later(str(status), f"GOV.UK Notify is not set up right: {words[:200]}")


def _kind_and_words(response: requests.Response) -> tuple[str, str]:
    try:
        first = response.json()["errors"][0]
        return str(first["error"]), str(first["message"])
    except (ValueError, KeyError, IndexError, TypeError):
        return "", "no reason given"


def _no_answer(cause: BaseException | None) -> Outcome:
    """A line that never stood has carried nothing; of any other nobody knows."""
    name = type(cause).__name__
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    if isinstance(cause, requests.ConnectTimeout) or isinstance(reason, NOT_CONNECTED):
        return later("connect", f"GOV.UK Notify cannot be reached ({name}).")
    return unknown("silence", f"GOV.UK Notify did not answer ({name}).")


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
