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
    ("landline: staff ring", {"phone_state": "not_mobile", "email": ""}, "reminder_days", False, ["call"]),
    ("landline, and nothing that matters", {"phone_state": "not_mobile", "email": ""}, "given_up", False, []),
    ("mail bounced", {"channel": "email", "email_state": "bounced"}, "reminder_days", False, ["sms"]),
    ("wants calls", {"channel": "call"}, "cancellation", False, ["call"]),
    ("wants calls, and nothing that matters", {"channel": "call"}, "confirmation", False, []),
    ("wants nothing, whatever it is", {"channel": "none"}, "cancellation", False, []),
    ("wants nothing", {"channel": "none"}, "confirmation", False, []),
    ("discreet: the chosen channel alone", {}, "confirmation", True, ["sms"]),
    ("discreet: no other way round", {"phone_state": "opted_out"}, "reminder_days", True, []),
    ("discreet: staff ring about what matters", {"phone_state": "opted_out"}, "cancellation", True, ["call"]),
    ("discreet: who wants calls is reminded by one", {"channel": "call"}, "reminder_days", True, ["call"]),
    ("discreet: no landline is read aloud to", {"phone": "+441305251010"}, "reminder_days", True, []),
    ("landlines otherwise may try", {"phone": "+441305251010", "email": ""}, "reminder_days", False, ["sms"]),
]


@pytest.mark.parametrize(
    ("changes", "kind", "is_discreet", "picked"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_channels_are_the_persons_own_choice_first(changes, kind, is_discreet, picked):
    assert channels.pick(person(**changes), kind, is_discreet=is_discreet) == picked
