"""Whether messages would leave, and what became of them be heard: for `booking check`. Asks providers; sends nothing."""

import asyncio

from booking.findings import Finding
from booking.messages import bounce_mailbox, sender
from booking.messages.wording_languages import LANGUAGES
from booking.settings import Settings

SHORTEST_TOKEN = 20
NO_NEUTRAL = "is empty: messages about restricted sessions come from the ordinary sender, which may name the hub"
NOT_ANSWERED = "nobody can answer a text: families are sent to the link or the phone instead"


async def check(settings: Settings) -> list[Finding]:
    """Every finding, good ones too."""
    return [
        await _mail(settings),
        *await _bounces(settings),
        await _sms(settings),
        *_pace(settings),
        *_ways_back(settings),
        *_neutral_senders(settings),
        *_languages(settings),
    ]


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


async def _bounces(settings: Settings) -> list[Finding]:
    """The mailbox is opened and left as it is."""
    if not settings.messages.bounce_host:
        words = "messages.bounce_host is empty: nobody hears of mails that come back"
        return [Finding("bounces", words, "note")] if settings.sends_mail else []
    try:
        await asyncio.to_thread(bounce_mailbox.open_once, settings)
    except bounce_mailbox.MailboxTrouble as trouble:
        return [Finding("bounces", str(trouble), "wrong")]
    return [Finding("bounces", f"{settings.messages.bounce_folder} at {settings.messages.bounce_host} can be read")]


async def _sms(settings: Settings) -> Finding:
    is_notify = settings.messages.sms_provider == "notify"
    if not settings.sends_sms:
        needed = (
            "notify_template or BOOKING_NOTIFY_API_KEY" if is_notify else "account, sender or BOOKING_SMS_AUTH_TOKEN"
        )
        return Finding("SMS", f"{needed} is empty: no SMS is sent", "note")
    return await (_notify if is_notify else _twilio)(settings)


async def _twilio(settings: Settings) -> Finding:
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


async def _notify(settings: Settings) -> Finding:
    from booking.messages import notify  # heavy: 19 MB that no other command needs

    trouble = await asyncio.to_thread(notify.trouble, settings)
    if trouble:
        return Finding("SMS", trouble, "wrong")
    return Finding("SMS", f"{settings.messages.notify_base_url} knows the key and the template")


def _pace(settings: Settings) -> list[Finding]:
    if not settings.sends_sms:
        return []
    messages = settings.messages
    if messages.sms_a_day < messages.sms_an_hour:
        return [Finding("pace", "messages.sms_a_day is less than sms_an_hour, which is never reached", "note")]
    words = f"up to {messages.sms_a_minute:,} texts a minute, {messages.sms_an_hour:,} an hour, {messages.sms_a_day:,} a day"
    return [Finding("pace", f"{words}, to +{' +'.join(messages.sms_countries.split())}")]


def _ways_back(settings: Settings) -> list[Finding]:
    """Reports of texts, and texts from families."""
    if not settings.sends_sms:
        return []
    found = []
    if settings.messages.sms_provider == "notify":
        if len(settings.secrets.notify_callback_token) < SHORTEST_TOKEN:
            words = f"is empty or shorter than {SHORTEST_TOKEN} letters: what became of texts is not heard, nor what families text"
            found.append(Finding("BOOKING_NOTIFY_CALLBACK_TOKEN", words, "note"))
    elif not settings.site.base_url.startswith("https://"):
        found.append(Finding("site.base_url", "is not https: what became of texts is not heard", "note"))
    if not sender.takes_replies(settings.messages, settings.messages.sms_sender):
        found.append(Finding("messages.sms_sender", f"is no number: {NOT_ANSWERED}", "note"))
    return found


def _neutral_senders(settings: Settings) -> list[Finding]:
    """Discreet messages must not name the hub in their sender either."""
    messages = settings.messages
    named = [
        ("messages.sms_sender_neutral", settings.sends_sms and not messages.sms_sender_neutral),
        ("messages.mail_from_neutral", settings.sends_mail and not messages.mail_from_neutral),
    ]
    return [Finding(key, NO_NEUTRAL, "note") for key, is_missing in named if is_missing]


def _languages(settings: Settings) -> list[Finding]:
    unknown = sorted(set(settings.messages.languages.split()) - set(LANGUAGES))
    words = f"there are no words in {', '.join(unknown)}; known are {' '.join(LANGUAGES)}"
    return [Finding("messages.languages", words, "wrong")] if unknown else []
