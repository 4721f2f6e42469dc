"""Counted against smsutil, which counts as the networks do."""

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from booking.messages.sms_parts import is_gsm, parts, plain

TEXTS = [
    ("", 0),
    ("a" * 160, 1),
    ("a" * 161, 2),
    ("a" * 306, 2),
    ("a" * 307, 3),
    ("€" * 80, 1),
    ("€" * 81, 2),
    ("a" * 152 + "€" * 9, 2),
    ("ŵ" * 70, 1),
    ("ŵ" * 71, 2),
    ("🎈" * 35, 1),
    ("🎈" * 36, 2),
]


@pytest.mark.parametrize(("text", "count"), TEXTS)
def test_parts_are_those_the_networks_bill(text, count):
    assert parts(text) == count


@given(st.text(st.sampled_from("aZ€[é\nŵŷ’🎈ш"), max_size=500))
def test_parts_agree_with_smsutil(text):
    assert parts(text) == (len(smsutil.split(text).parts) if text else 0)


@given(st.text(max_size=200))
def test_plain_leaves_a_plain_text_alone(text):
    assert plain(plain(text)) == plain(text)
    assert not is_gsm(text) or plain(text) == text


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("It’s “on” – see you…", 'It\'s "on" - see you...'),
        ("Tŷ Gŵyr, Łódź, Šárka", "Ty Gwyr, Lodz, Sarka"),
        ("Café €5", "Café €5"),
        ("Fun 🎈🎉 day", "Fun  day"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("10\u202fam\u00a0to\u00a011", "10 am to 11"),
        ("x\u0302y", "xy"),
    ],
)
def test_plain_writes_what_the_alphabet_lacks(typed, sent):
    assert plain(typed) == sent
    assert is_gsm(sent)


@pytest.mark.parametrize("text", ["مرحبا", "স্বাগতম", "Привіт"])
def test_plain_keeps_other_scripts(text):
    assert plain(text) == text
    assert not is_gsm(plain(text))
