"""POST /hooks/sms: the provider brings a text that somebody sent us. It is kept, and read by a job (answering_texts.py)."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.messages import inbox
from booking.web import access

LONGEST = 64 * 1024  # bytes; a text with all that is said of it has two or three thousand
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


async def signed_form(request: Request) -> dict[str, str]:
    """The fields of a form that Twilio has signed for our account. Unsigned, or of another account, it is refused (403) and
    nothing of it is kept.

    The signature is over the public address, site.base_url, whatever host, port or scheme a proxy asked us by.
    """
    from booking.messages import sms  # the provider's library weighs too much for pages that nobody asks for

    signature, settings = request.headers.get("X-Twilio-Signature", ""), web.settings_of(request)
    if not signature:
        raise HTTPException(403)  # before anything of it is read
    async with request.form(max_fields=100, max_files=0) as form:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    account = settings.messages.sms_account_sid
    if not sms.is_signed(settings, path, fields, signature) or (account and fields.get("AccountSid") != account):
        raise HTTPException(403)
    return fields


@access("provider")
async def text_received(request: Request) -> Response:
    """Keeps a signed text once, and answers with no text of its own."""
    fields = await signed_form(request)
    reference, sender = fields.get("MessageSid", ""), fields.get("From", "")
    if not reference or not sender:
        raise HTTPException(400)
    await inbox.keep(
        provider_reference=reference,
        sender=sender,
        receiver=fields.get("To", ""),
        body=fields.get("Body", ""),
        opt_out_type=fields.get("OptOutType", ""),
    )
    return Response(NOTHING_TO_SAY, media_type="text/xml")


routes = [Route("/hooks/sms", text_received, name="text_received", methods=["POST"], max_body_size=LONGEST)]
