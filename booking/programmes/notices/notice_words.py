"""What staff typed: what is wrong with it, and what is odd. Pure.

A notice goes to hundreds and cannot be called back, so that what looks like a mistake is asked about before it leaves.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking import clock
from booking.problems import Problem

LONGEST_SMS, LONGEST_MAIL, LONGEST_SUBJECT = 900, 6000, 120
FURTHEST = timedelta(days=92)
MANY_PARTS = 3
NO_WORDS = Problem("Write what families are to read.", "sms", rule="missing")
SMS_TOO_LONG = Problem(
    f"A text has at most {LONGEST_SMS} characters. Put the rest into the email.", "sms", rule="too long"
)
MAIL_TOO_LONG = Problem(f"Write at most {LONGEST_MAIL} characters.", "mail", rule="too long")
SUBJECT_TOO_LONG = Problem(f"A subject has at most {LONGEST_SUBJECT} characters.", "subject", rule="too long")
PAST = Problem("That time is over. Choose a time to come, or send it now.", "date", rule="past")
TOO_FAR = Problem("That is more than three months away. Check the date.", "date", rule="too far")
OVER = Problem("The session is over by then.", "date", rule="over")
NOBODY = Problem("Nobody is meant by this: no family has a place or waits.", "to_whom", rule="nobody")
AGAIN = Problem(
    "The same words went to the same families less than an hour ago. Tick the box if they are to get them again.",
    "is_sure", rule="again",
)  # fmt: skip
LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|org|uk|net|info|gov)\b", re.IGNORECASE)
SHORT_LINK = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly|rb\.gy|cutt\.ly|shorturl\.at|tiny\.cc|s\.id|t\.ly)\b",
    re.IGNORECASE,
)
ANSWER_WORDS = re.compile(
    r"\b(?:text|reply|send|answer|write)\b[^.!?]{0,25}\b(?:STOP|CANCEL|END|QUIT|UNSUBSCRIBE)\b", re.IGNORECASE
)
PRESS_HERE = re.compile(r"\b(?:click|press|tap|see|follow)\s+(?:here|this|below|the link)\b", re.IGNORECASE)
IN_BRACKETS = re.compile(r"\{[^}]*\}|\[\[|\]\]")


@dataclass(frozen=True, slots=True)
class Typed:
    """The words as they were typed; no mail words: those of the text. due_at None: now, after the time for undoing it."""

    sms: str = ""
    subject: str = ""
    mail: str = ""
    due_at: datetime | None = None
    is_sure: bool = False

    @classmethod
    def read(cls, sms: str, subject: str, mail: str, due_at: datetime | None, is_sure: bool = False) -> "Typed":
        """The same without what no screen shows; line ends stay in the mail alone."""
        return cls(" ".join(_visible(sms).split()), " ".join(_visible(subject).split()), _lines(mail), due_at, is_sure)


def problems_of(typed: Typed, *, needs_words: bool, over_at: datetime | None) -> list[Problem]:
    """What is wrong with the words and the time, all at once. `over_at`: after it the notice makes no sense."""
    now = clock.now()
    wrong = [
        (NO_WORDS, needs_words and not any(map(str.isalnum, typed.sms))),
        (SMS_TOO_LONG, len(typed.sms) > LONGEST_SMS),
        (MAIL_TOO_LONG, len(typed.mail) > LONGEST_MAIL),
        (SUBJECT_TOO_LONG, len(typed.subject) > LONGEST_SUBJECT),
        (PAST, typed.due_at is not None and typed.due_at < now - timedelta(minutes=1)),
        (TOO_FAR, typed.due_at is not None and typed.due_at > now + FURTHEST),
        (OVER, over_at is not None and (typed.due_at or now) >= over_at),
    ]
    return [problem for problem, is_so in wrong if is_so]


def oddities_of(typed: Typed, *, parts: int) -> list[str]:
    """What looks like a mistake, in words for whoever is about to send it; nothing of it stops them."""
    said = f"{typed.sms} {typed.subject} {typed.mail}"
    odd = [
        ("It is long: each text is billed as {parts} parts. Could the email say the rest?", parts > MANY_PARTS),
        ("Much of it is in CAPITALS. That reads like shouting, and is hard to read for many.", _shouts(said)),
        ("It has a short link. Families cannot see where it leads, and many phones take it for a fraud.", bool(SHORT_LINK.search(said))),
        ("It has a link. Texts with links are often taken for a fraud; ours to their booking is added by itself.",
         bool(LINK.search(said)) and not SHORT_LINK.search(said)),
        ("It says to press a link, and there is none but ours to their booking.", bool(PRESS_HERE.search(said)) and not LINK.search(said)),
        ("Do not ask families to text STOP or CANCEL: that would end all their texts from us.", bool(ANSWER_WORDS.search(said))),
        ("Words in brackets are sent as they are: a name or a date is not filled in.", bool(IN_BRACKETS.search(said))),
    ]  # fmt: skip
    return [words.format(parts=parts) for words, is_so in odd if is_so]


def _shouts(text: str) -> bool:
    """Ten letters or more in words of capitals, and these a third of it."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    loud = [word for word in words if word.isupper()]
    return sum(map(len, loud)) >= 10 and len(loud) * 3 > len(words)


def _visible(text: str) -> str:
    """Without control characters and direction overrides; the two joiners stay, which some scripts need."""
    kept = "\n\t\u200c\u200d"
    return "".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _lines(text: str) -> str:
    lines = [" ".join(line.split()) for line in _visible(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
