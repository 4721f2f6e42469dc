"""What staff, families and partners read when places are closed, and when they stay open after all: stored words."""

import pytest

from booking.messages import sms_parts, wording
from tests.messages import room_examples
from tests.messages.expected_texts import check

OFF = ["Tue 12 Jan, 10am: Stay and play", "Tue 12 Jan, 1pm: Baby massage"]
MOVED = ["Tue 12 Jan, 2pm: Messy play: now in Hall, Wimborne Family Hub"]
ONLINE = ["Tue 12 Jan, 7pm: Solihull Approach"]
NOTHING = {"off": [], "moved": [], "online": []}


def facts(**changes) -> dict:
    known = {
        "name": "Maya",
        "marker": "x7k2p9",
        "places": ["Ferndown Family Hub"],
        "when": ["Tuesday 12 January, all day"],
        "reason": "Bad weather",
        "off": OFF,
        "moved": MOVED,
        "online": ONLINE,
        "is_undone": False,
        "staff_path": "/staff/close/019b0000-7c4e-7aaa-8bbb-000000000001",
    }
    return known | changes


CASES = {
    "": {},
    ".several": {"places": ["Ferndown Family Hub", "Wimborne Family Hub"], "when": ["Tuesday 12 January, all day", "Wednesday 13 January, all day"]},
    ".nothing": NOTHING,
    ".undone": NOTHING | {"is_undone": True, "reason": ""},
}  # fmt: skip


@pytest.mark.parametrize("variant", CASES)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_staff_read_what_is_off_moved_and_online(variant, channel):
    text = wording.compose("staff_stood_down", channel, facts(**CASES[variant]))
    stored = f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"
    check(f"staff_stood_down{variant}.{channel.replace('email', 'mail')}.txt", stored)
    assert channel == "email" or sms_parts.parts(text.body) <= 2
    assert facts()["staff_path"] in text.body


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_partner_is_offered_another_room_in_the_message_that_takes_its_own(channel):
    known = room_examples.facts(room_examples.one("displaced"), reason="Bad weather", offer=room_examples.other_room())
    text = wording.compose("room_displaced", channel, known)
    stored = f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"
    check(f"room_displaced.offer.{channel.replace('email', 'mail')}.txt", stored)
    assert room_examples.other_room().link_path in text.body
    assert channel == "email" or sms_parts.parts(text.body) <= 2


def test_hostile_words_in_a_list_stay_on_one_line():
    text = wording.compose("staff_stood_down", "email", facts(off=["Tue 12 Jan: Play\r\nBcc: all\u202e <b>now</b>"]))
    assert "\nBcc" not in text.body and "\u202e" not in text.body and "<b>now" not in text.html
