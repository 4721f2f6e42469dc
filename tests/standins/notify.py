"""A stand-in for GOV.UK Notify: its v2 API with signed tokens, the faults of provider.py, and its callbacks."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt

from tests.standins.keys import CALLBACK_TOKEN, NOTIFY_SECRET, NOTIFY_SERVICE
from tests.standins.provider import ProviderStandIn, Request

TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
PAGE = 250

REFUSALS = {
    "not a mobile": (400, "ValidationError", "phone_number Not a UK mobile number"),
    "invalid phone": (400, "InvalidPhoneError", "Not a valid phone number"),
    "international": (400, "BadRequestError", "Cannot send to international mobile numbers"),
    "trial": (400, "BadRequestError", "Can’t send to this recipient when service is in trial mode"),
    "team": (400, "BadRequestError", "Can’t send to this recipient using a team-only API key"),
    "no template": (400, "BadRequestError", "Template not found"),
    "bad template": (400, "ValidationError", "template_id is not a valid UUID"),
    "no sender": (400, "BadRequestError", "sms_sender_id does not exist"),
    "auth": (403, "AuthError", "Invalid token: API key not found"),
    "429 rate": (429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"),
    "429 day": (429, "TooManyRequestsError", "Exceeded send limits (250000) for today"),
    # the faults of Twilio that tests for both name, and the numbers that end in them
    "21614": (400, "ValidationError", "phone_number Not a UK mobile number"),
    "21211": (400, "ValidationError", "phone_number Not enough digits"),
}


@dataclass
class NotifyStandIn(ProviderStandIn):
    name: str = "notify"
    page: int = PAGE
    template: str = "((message))"
    not_signed_in = "auth"
    refused_numbers = ("21614", "21211")

    def settings(self) -> dict[str, str]:
        """Of [messages]: what leads a worker here."""
        return {"sms_provider": "notify", "notify_base_url": self.url, "notify_template": TEMPLATE}

    def _is_signed_in(self, headers: dict[str, str]) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        try:
            claims = jwt.decode(token, NOTIFY_SECRET, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.InvalidTokenError:
            return False
        return scheme == "Bearer" and claims["iss"] == NOTIFY_SERVICE

    def _form(self, body: bytes) -> dict[str, Any]:
        return json.loads(body)

    def _number(self, request: Request) -> str:
        return request.form["phone_number"]

    def _refusal(self, code: str) -> tuple[int, object] | None:
        if code not in REFUSALS:
            return None
        status, kind, words = REFUSALS[code]
        return status, {"status_code": status, "errors": [{"error": kind, "message": words}]}

    def _accept(self, request: Request) -> dict:
        form, body = request.form, request.form["personalisation"]["message"]
        message = {
            "id": str(uuid4()), "reference": form.get("reference"), "to": form["phone_number"], "body": body,
            "phone_number": form["phone_number"], "status": "created", "type": "sms", "template_id": form["template_id"],
            "sender_id": form.get("sms_sender_id"), "created_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        self.accepted.append(message)
        uri = f"{self.url}/v2/notifications/{message['id']}"
        content = {"body": body, "from_number": "DORSET"}
        return {"id": message["id"], "reference": message["reference"], "content": content, "uri": uri}

    def _found(self, request: Request) -> dict:
        """Newest first, a page of them, and where older ones are; or the template."""
        if "/template/" in request.path:
            return {"id": TEMPLATE, "type": "sms", "body": self.template, "subject": None}
        wanted = request.query.get("reference", [None])[0]
        found = [m for m in reversed(self.accepted) if wanted is None or m["reference"] == wanted]
        older = request.query.get("older_than", [None])[0]
        if older:
            found = found[[m["id"] for m in found].index(older) + 1 :]
        links = {"current": f"{self.url}{request.path}"}
        if found:
            links["next"] = f"{self.url}{request.path}?older_than={found[: self.page][-1]['id']}"
        return {"notifications": found[: self.page], "links": links}


def report(status: str, *, id: str, reference: str | None, token: str = CALLBACK_TOKEN) -> tuple[dict, dict[str, str]]:
    """What Notify says became of a message: the JSON it posts, and its headers with the token."""
    at = "2026-11-22T12:15:30.000000Z"
    told = {
        "id": id, "reference": reference, "to": "07700900123", "status": status, "created_at": at, "completed_at": at,
        "sent_at": at, "notification_type": "sms", "template_id": TEMPLATE, "template_version": 1,
    }  # fmt: skip
    return told, {"Authorization": f"Bearer {token}"}


def text(body: str, *, sender: str, id: str, token: str = CALLBACK_TOKEN) -> tuple[dict, dict[str, str]]:
    """A text as Notify brings it to us: numbers without a plus."""
    told = {
        "id": id, "source_number": sender.removeprefix("+"), "destination_number": "07700900000", "message": body,
        "date_received": "2026-11-22T12:15:30.000000Z",
    }  # fmt: skip
    return told, {"Authorization": f"Bearer {token}"}
