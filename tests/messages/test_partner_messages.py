"""What partners' bookers read about their agreement, compared with the stored texts."""

import pytest

from booking.messages import sms_parts, wording
from tests.messages.expected_texts import check

FACTS = {
    "name": "Grace",
    "marker": "x7k2p9",
    "organisation": "Dorset Toy Library",
    "end": "3 May 2027",
    "in_days": "30 days",
}


def stored(text: wording.Text) -> str:
    return f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"


@pytest.mark.parametrize("what", ["agreement", "insurance"])
def test_a_warning_is_as_stored_and_as_a_text_one_part(what):
    sms = wording.compose("partner_expiry", "sms", FACTS | {"what": what})
    check(f"partner_expiry.{what}.mail.txt", stored(wording.compose("partner_expiry", "email", FACTS | {"what": what})))
    check(f"partner_expiry.{what}.sms.txt", stored(sms))
    assert sms_parts.parts(sms.body) == 1


def test_a_hostile_name_stays_words_on_one_line():
    facts = FACTS | {"what": "agreement", "organisation": "<b>x</b>\nBcc: a@b.example\u202e"}
    text = wording.compose("partner_expiry", "email", facts)
    assert "\n" not in text.subject and "<b>x" not in text.html
