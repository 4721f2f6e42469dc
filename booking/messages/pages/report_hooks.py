"""POST /hooks/sms/status, /hooks/notify/status and /hooks/notify/text: what providers say became of our messages, and texts that
GOV.UK Notify brings. They are kept here and settled by jobs. Twilio signs; Notify sends the token that the council gave it."""

import hmac
import json
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.messages import inbox, reports
from booking.messages.pages.hooks import LONGEST, signed_form
from booking.web import access


@access("provider")
async def twilio_reports(request: Request) -> Response:
    """Keeps a signed report once. The message's id stands in the address that we gave Twilio with it, and is signed too."""
    fields = await signed_form(request)
    reference, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    if not reference or not status:
        raise HTTPException(400)
    await reports.keep(
        provider="twilio",
        provider_reference=reference,
        status=status,
        error_code=fields.get("ErrorCode", ""),
        message_id=_id(request.query_params.get("message")),
    )
    return Response(status_code=204)


@access("provider")
async def notify_reports(request: Request) -> Response:
    """Keeps a report once; the reference in it is our message's id."""
    told = await _told(request)
    reference, status = told.get("id"), told.get("status")
    if not isinstance(reference, str) or not isinstance(status, str) or not reference:
        raise HTTPException(400)
    if told.get("notification_type") == "sms":
        await reports.keep(
            provider="notify", provider_reference=reference, status=status, message_id=_id(told.get("reference"))
        )
    return Response(status_code=204)


@access("provider")
async def notify_text(request: Request) -> Response:
    """Keeps a text once. Numbers come without a plus."""
    told = await _told(request)
    reference, sender, body = told.get("id"), told.get("source_number"), told.get("message")
    if not all(isinstance(each, str) and each for each in (reference, sender)) or not isinstance(body, str):
        raise HTTPException(400)
    await inbox.keep(
        provider="notify",
        provider_reference=str(reference),
        sender=_with_plus(str(sender)),
        receiver=_with_plus(str(told.get("destination_number", ""))),
        body=body,
    )
    return Response(status_code=204)


async def _told(request: Request) -> dict[str, Any]:
    """The JSON of a request that has our token; without it 403, and nothing is read."""
    token = web.settings_of(request).secrets.notify_callback_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise HTTPException(403)
    try:
        told = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400) from error
    if not isinstance(told, dict):
        raise HTTPException(400)
    return {name: _storable(value) if isinstance(value, str) else value for name, value in told.items()}


def _storable(text: str) -> str:
    """Without what JSON can say and a database cannot keep."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _id(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def _with_plus(number: str) -> str:
    """E.164: "447700900123" and "07700900123" as "+447700900123"; a short code or a name stays."""
    if number.startswith("0") and not number.startswith("00"):
        number = "44" + number[1:]
    return f"+{number}" if number.isdigit() and len(number) > 6 else number


routes = [
    Route("/hooks/sms/status", twilio_reports, name="twilio_reports", methods=["POST"], max_body_size=LONGEST),
    Route("/hooks/notify/status", notify_reports, name="notify_reports", methods=["POST"], max_body_size=LONGEST),
    Route("/hooks/notify/text", notify_text, name="notify_text", methods=["POST"], max_body_size=LONGEST),
]
