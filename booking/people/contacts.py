"""Reading phone numbers, mail addresses and names as people type them."""

import re

import phonenumbers

from booking.problems import Problem

MAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,}")
# in a name: else somebody could have us mail their own link to whoever they please
WEB_ADDRESS = re.compile(r"[/@\\]|www\.|\w{3,}\.\w{2,}|:\w", re.IGNORECASE)
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def read_phone(text: str, field: str = "phone") -> tuple[str, list[Problem]]:
    """A number in any spelling as E.164 ("+447700900123"), or a Problem. UK unless it begins with +."""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        return "", [Problem("Enter a phone number, like 07700 900123", field, rule="phone")]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), []


def is_uk_mobile(phone: str) -> bool:
    """Whether an SMS can reach it: +447 followed by nine digits, pagers and personal numbers (070, 076 but for the
    Isle of Man's 07624) left out."""
    return bool(re.fullmatch(r"\+447[1-57-9]\d{8}|\+447624\d{6}", phone))


def read_email(text: str, field: str = "email") -> tuple[str, list[Problem]]:
    """A mail address in lower case, or a Problem. Only what every mail host takes: ASCII."""
    address = text.strip().lower()
    if len(address) > 254 or not address.isascii() or not address.isprintable() or not MAIL.fullmatch(address):
        return "", [Problem("Enter an email address, like name@example.com", field, rule="email")]
    return address, []


def read_name(text: str, field: str, what: str = "your name") -> tuple[str, list[Problem]]:
    """A name on one line without control characters, at most 80 letters, or a Problem."""
    name = " ".join(UNWANTED.sub(" ", text).split())
    if not name:
        return "", [Problem(f"Enter {what}", field, rule="missing")]
    if WEB_ADDRESS.search(name):
        return "", [Problem(f"Enter {what} without a web or email address", field, rule="address")]
    if len(name) > 80:
        return name[:80], [Problem(f"Make {what} 80 letters or shorter", field, rule="too long")]
    return name, []


def phone_words(phone: str) -> str:
    """ "07700 900123" for "+447700900123"; other countries with their code."""
    try:
        number = phonenumbers.parse(phone, "GB")
    except phonenumbers.NumberParseException:
        return phone
    is_home = number.country_code == 44
    style = phonenumbers.PhoneNumberFormat.NATIONAL if is_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)
