"""What is wrong with a text, in words for whoever wrote it: checked before staff's words are kept, and for every shipped file."""

import re
import unicodedata

from booking.messages import sender, wording_files
from booking.messages.wording_field_words import fields_of
from booking.messages.wording_format import Unreadable, fields_in

KEYS = {"sms": "sms", "email": "mail", "call": "call"}
LONGEST = {"sms": 1000, "email": 6000, "call": 3000, "subject": 300}
# Fields without which a message is worth nothing, where the English text has them.
MUST = frozenset(
    [
        "link",
        "other_link",
        "decide_link",
        "partner_link",
        "code",
        "until",
        "words",
        "choices",
        "lines",
        "room_dates",
        "duty_times",
    ]
)
TIMES = frozenset(
    [
        "start",
        "when",
        "dates",
        "changes",
        "times",
        "room_start",
        "room_when",
        "room_list",
        "room_bookings",
        "room_dates",
        *("duty_start", "duty_when", "duty_times", "duties_new", "new_short", "swap_duty", "cover_duty"),
    ]
)
# What the networks take as opting out of everything (support.twilio.com, "Opt-out keywords").
OPT_OUT = re.compile(r"\b(STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT|REVOKE|OPTOUT)\b")
SEEN = "\n\u200c\u200d\u200e\u200f"  # line ends, joiners and marks of direction; overrides of direction are not
WEB = re.compile(r"https?:|www\.", re.IGNORECASE)
NOT_AT_END = re.compile(r"\{(?:link|others|\w+_link)\}(?!\]\]|\s*$)", re.MULTILINE)


def check_words(kind: str, channel: str, subject: str, body: str, is_discreet: bool) -> list[str]:
    """The problems of a text before its fields are filled in, none if it may be used. `kind` may name a variant."""
    texts = {"body": body} | ({"subject": subject} if channel == "email" else {})
    problems = [problem for text in texts.values() for problem in _unreadable(kind, text, is_discreet)]
    if channel == "email" and not subject.strip():
        problems.append("A mail needs a subject.")
    if not body.strip():
        return [*problems, "The text is empty."]
    if not problems:
        problems += _missing(kind, channel, body, is_discreet)
    return [*problems, *_too_long(channel, texts), *_unwise(channel, texts, is_discreet)]


def _unreadable(kind: str, text: str, is_discreet: bool) -> list[str]:
    try:
        used = dict.fromkeys(fields_in(text))
    except Unreadable as problem:
        return [str(problem)]
    allowed, known = fields_of(kind, is_discreet=is_discreet), fields_of(kind, is_discreet=False)
    return [
        f"{{{name}}} may not be used in a discreet text: it could say what this is about."
        if name in known
        else f"{{{name}}} is not a field of this message."
        for name in used
        if name not in allowed
    ]


def _missing(kind: str, channel: str, body: str, is_discreet: bool) -> list[str]:
    """What the shipped English text has and this one cannot do without."""
    texts = wording_files.shipped("en").texts(is_discreet)
    model = texts.get(kind, {}).get(KEYS[channel], "")
    needed, used = set(fields_in(model)), set(fields_in(body))
    problems = [
        f"{{{name}}} is missing: the message makes no sense without it." for name in sorted(needed & MUST - used)
    ]
    if needed & TIMES and not used & TIMES:
        wanted = " or ".join(f"{{{name}}}" for name in sorted(needed & TIMES))
        problems.append(f"The day and time are missing: use {wanted}.")
    return problems


def _too_long(channel: str, texts: dict[str, str]) -> list[str]:
    limits = {"body": LONGEST[channel], "subject": LONGEST["subject"]}
    return [
        f"The {'subject' if name == 'subject' else 'text'} is longer than {limits[name]} characters."
        for name, text in texts.items()
        if len(text) > limits[name]
    ]


def _unwise(channel: str, texts: dict[str, str], is_discreet: bool) -> list[str]:
    problems, everything = [], "\n".join(texts.values())
    if found := OPT_OUT.search(everything):
        problems.append(f"Do not write {found.group()} in capitals: who answers with it hears from us no more.")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in SEEN for c in everything):
        problems.append("A character stands in it that nobody sees, such as a tab. Type the text anew.")
    if "\n" in texts.get("subject", ""):
        problems.append("The subject must be one line.")
    if channel == "email" and NOT_AT_END.search(texts["body"]):
        problems.append("A link must stand at the end of its line, after words that say where it leads.")
    if is_discreet and WEB.search(everything):
        problems.append("A discreet text may not have a web address in it.")
    if is_discreet and sender.current().name.casefold() in everything.casefold():
        problems.append("A discreet text may not have our name in it.")
    return problems
