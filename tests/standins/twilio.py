"""A stand-in for Twilio's Messages API, with the faults of provider.py, and what Twilio brings to us by itself, signed."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from tests.standins.provider import ProviderStandIn, Request

REFUSALS = {
    "21610": (400, "Attempt to send to unsubscribed recipient"),
    "21614": (400, "'To' number is not a valid mobile number"),
    "21211": (400, "The 'To' number is not a valid phone number."),
    "21606": (400, "The 'From' phone number is not a valid, SMS-capable number for your account"),
    "20429": (429, "Too Many Requests"),
    "20003": (401, "Authenticate"),
}


@dataclass
class TwilioStandIn(ProviderStandIn):
    name: str = "twilio"
    account: str = "ACtest"
    token: str = "secret"
    not_signed_in = "20003"
    refused_numbers = ("21610", "21614", "21211")

    def settings(self) -> dict[str, str]:
        """Of [messages]: what leads a worker here."""
        return {"sms_base_url": self.url, "sms_account_sid": self.account, "sms_sender": "FamilyHubs"}

    def _is_signed_in(self, headers: dict[str, str]) -> bool:
        wanted = "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        return headers.get("authorization") == wanted

    def _form(self, body: bytes) -> dict[str, Any]:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _number(self, request: Request) -> str:
        return request.form.get("To", "")

    def _refusal(self, code: str) -> tuple[int, object] | None:
        if code not in REFUSALS:
            return None
        status, words = REFUSALS[code]
        return status, {"code": int(code), "message": words, "status": status}

    def _accept(self, request: Request) -> dict:
        now = format_datetime(datetime.now(UTC))
        message = {
            "sid": f"SM{len(self.accepted):032x}",
            "account_sid": self.account,
            "to": request.form["To"],
            "from": request.form.get("From"),
            "messaging_service_sid": request.form.get("MessagingServiceSid"),
            "body": request.form["Body"],
            "status": "queued",
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
        }
        self.accepted.append(message | {"id": message["sid"]})
        return message

    def _found(self, request: Request) -> dict:
        to = request.query.get("To", [""])[0]
        found = [message for message in reversed(self.accepted) if message["to"] == to]
        size = int(request.query.get("PageSize", ["50"])[0])
        return {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None, "uri": request.path}


def signed_text(
    body: str, *, sender: str, sid: str, address: str, token: str = "secret", receiver: str = "+447700900000"
) -> tuple[dict[str, str], dict[str, str]]:
    """A text as the provider brings it to us: the form it posts to `address`, and its headers with the signature."""
    form = {
        "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": "ACtest", "From": sender, "To": receiver,
        "Body": body, "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    return form, {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, form)}


def signed_report(
    status: str, *, sid: str, address: str, token: str = "secret", code: str = "", account: str = "ACtest"
) -> tuple[dict[str, str], dict[str, str]]:
    """What Twilio says became of a message: the form it posts to `address`, and its headers with the signature."""
    form = {
        "MessageSid": sid, "SmsSid": sid, "AccountSid": account, "MessageStatus": status, "SmsStatus": status,
        "To": "+447700900123", "From": "FamilyHubs", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    form |= {"ErrorCode": code} if code else {}
    return form, {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, form)}
