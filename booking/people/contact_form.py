"""The form "How we reach you": read from what was typed, shown again with its Problems beside the fields. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from booking.people.contacts import is_uk_mobile, phone_words, read_email, read_phone
from booking.people.languages import NAMES
from booking.problems import Problem

CHANNELS = {"sms": "Text message", "email": "Email", "call": "Phone call", "none": "Nothing at all"}
DAYS = {str(n): day for n, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))}
EVERY_DAY = "0123456"
TIMES = tuple(f"{hour:02}:{minute}" for hour in range(6, 24) for minute in ("00", "30"))
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody may be reached, as it is kept; None leaves what is there. safe_days: Monday is "0", "" is every day."""

    channel: str
    language: str = "en"
    safe_from: str = ""
    safe_to: str = ""
    safe_days: str = ""
    is_discreet: bool = False
    hears_urgent: bool = False
    contact_words: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass
class Typed:
    """What stands in the form, as typed. phone and email only where they may be changed."""

    channel: str = ""
    language: str = "en"
    safe_from: str = ""
    safe_to: str = ""
    days: list[str] = field(default_factory=lambda: list(EVERY_DAY))
    is_discreet: bool = False
    hears_urgent: bool = False
    contact_words: str = ""
    phone: str = ""
    email: str = ""

    @property
    def has_more(self) -> bool:
        """Whether anything behind the details is set."""
        is_some_days = set(self.days) != set(EVERY_DAY)
        return bool(self.safe_from or self.safe_to or is_some_days or self.is_discreet or self.hears_urgent)


def of_person(person: Any) -> Typed:
    """The form as it stands for a Person."""
    return Typed(
        channel=person.channel,
        language=person.language,
        safe_from=person.safe_from,
        safe_to=person.safe_to,
        days=list(person.safe_days or EVERY_DAY),
        is_discreet=person.is_discreet,
        hears_urgent=person.hears_urgent,
        contact_words=person.contact_words,
        phone=phone_words(person.phone) if person.phone else "",
        email=person.email,
    )


def read(form: Any) -> Typed:
    """What was typed, from a Starlette FormData; long texts are cut, nothing else is changed."""

    def text(name: str, longest: int = 20) -> str:
        value = form.get(name, "")
        return value[:longest] if isinstance(value, str) else ""

    return Typed(
        channel=text("channel"),
        language=text("language"),
        safe_from=text("safe_from"),
        safe_to=text("safe_to"),
        days=[day for day in form.getlist("day")[:7] if day in DAYS],
        is_discreet=text("is_discreet") == "yes",
        hears_urgent=text("hears_urgent") == "yes",
        contact_words=text("contact_words", LONGEST_WORDS * 2),
        phone=text("phone", 40),
        email=text("email", 300),
    )


def understand(
    typed: Typed, phone: str, email: str, languages: Sequence[str] = tuple(NAMES)
) -> tuple[Reach, list[Problem]]:
    """The form of a family, whose phone and email (as kept) it cannot change; with every Problem there is."""
    problems = _channel(typed, phone, email, "Ring us to add it, or choose another way")
    return _reach(typed, languages, problems), problems


def understand_staff(typed: Typed, languages: Sequence[str] = tuple(NAMES)) -> tuple[Reach, list[Problem]]:
    """The form of staff, who may change the phone, the email and what one must know before ringing."""
    problems: list[Problem] = []
    phone = email = ""
    if typed.phone.strip():
        phone, wrong = read_phone(typed.phone)
        problems += wrong
    if typed.email.strip():
        email, wrong = read_email(typed.email)
        problems += wrong
    if not problems:
        problems += _channel(typed, phone, email, "Type it, or choose another way")
    words = " ".join(typed.contact_words.split())
    if len(words) > LONGEST_WORDS:
        problems.append(Problem(f"Use {LONGEST_WORDS} letters or fewer", "contact_words", rule="too long"))
    return _reach(typed, languages, problems, contact_words=words, phone=phone, email=email), problems


def _channel(typed: Typed, phone: str, email: str, then: str) -> list[Problem]:
    """Whether the chosen way leads anywhere."""
    if typed.channel not in CHANNELS:
        return [Problem("Choose how we reach you", "channel", rule="missing")]
    if typed.channel == "sms" and not is_uk_mobile(phone):
        have = "This is not a UK mobile, which begins with 07" if phone else "We have no mobile number"
        return [Problem(f"{have}. {then}", "channel", rule="not mobile")]
    if typed.channel == "call" and not phone:
        return [Problem(f"We have no phone number. {then}", "channel", rule="no phone")]
    if typed.channel == "email" and not email:
        return [Problem(f"We have no email address. {then}", "channel", rule="no email")]
    return []


def _reach(typed: Typed, languages: Sequence[str], problems: list[Problem], **more: Any) -> Reach:
    problems += _hours(typed)
    days = "".join(day for day in EVERY_DAY if day in typed.days)
    if not days:
        problems.append(Problem("Choose at least one day", "day", rule="missing"))
    return Reach(
        channel=typed.channel,
        language=typed.language if typed.language in languages else "en",
        safe_from=typed.safe_from,
        safe_to=typed.safe_to,
        safe_days="" if days == EVERY_DAY else days,
        is_discreet=typed.is_discreet,
        hears_urgent=typed.hears_urgent,
        **more,
    )


def _hours(typed: Typed) -> list[Problem]:
    """Both times or none, in order. A window through the night would most often be a slip, and a slip here is not safe."""
    start, end = typed.safe_from, typed.safe_to
    if not start and not end:
        return []
    if start not in TIMES or end not in TIMES:
        return [Problem("Choose both times, or none", "safe_to" if start in TIMES else "safe_from", rule="hours")]
    if start >= end:
        return [Problem("Choose an end that is later than the start", "safe_to", rule="hours")]
    return []
