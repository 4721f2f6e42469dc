"""Who is reached how."""

from types import SimpleNamespace

import pytest

from booking.messages import channels


def person(**changes):
    facts = {
        "channel": "sms",
        "phone": "+447700900123",
        "email": "jo@mail.example",
        "phone_state": "ok",
        "email_state": "ok",
    }
    return SimpleNamespace(**facts | changes)


CASES = [
    ("chosen SMS", {}, "reminder_days", False, ["sms"]),
    ("chosen mail", {"channel": "email"}, "reminder_days", False, ["email"]),
    ("calendar kinds also by mail", {}, "confirmation", False, ["sms", "email"]),
    ("mail once", {"channel": "email"}, "confirmation", False, ["email"]),
    ("no mail known", {"email": ""}, "confirmation", False, ["sms"]),
    ("no phone", {"phone": ""}, "reminder_days", False, ["email"]),
    ("opted out", {"phone_state": "opted_out"}, "reminder_days", False, ["email"]),
    ("landline", {"phone_state": "not_mobile", "email": ""}, "reminder_days", False, []),
    ("mail bounced", {"channel": "email", "email_state": "bounced"}, "reminder_days", False, ["sms"]),
    ("wants calls", {"channel": "call"}, "cancellation", False, []),
    ("wants nothing", {"channel": "none"}, "confirmation", False, []),
    ("discreet: the chosen channel alone", {}, "confirmation", True, ["sms"]),
    ("discreet: no other way round", {"phone_state": "opted_out"}, "reminder_days", True, []),
    ("discreet: no landline is read aloud to", {"phone": "+441305251010"}, "reminder_days", True, []),
    ("landlines otherwise may try", {"phone": "+441305251010", "email": ""}, "reminder_days", False, ["sms"]),
]


@pytest.mark.parametrize(
    ("changes", "kind", "is_discreet", "picked"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_channels_are_the_persons_own_choice_first(changes, kind, is_discreet, picked):
    assert channels.pick(person(**changes), kind, is_discreet=is_discreet) == picked
