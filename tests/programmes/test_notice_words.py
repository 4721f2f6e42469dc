"""What looks like a mistake in a notice is asked about; what is written well is not."""

import pytest

from booking.programmes.notices.notice_words import Typed, oddities_of

GOOD = "The car park is closed on Tuesday. Please park at the library, three minutes away. We stop at 3pm."


@pytest.mark.parametrize(
    ("words", "parts", "said"),
    [
        (GOOD, 1, ""),
        ("SEND stay and play is in the garden today.", 1, ""),
        ("Ring the NHS or CAB on Monday, we are here until 3pm.", 1, ""),
        ("Please end your booking online if you cannot come. Send us a card!", 1, ""),
        (GOOD, 4, "4 parts"),
        ("THE CAR PARK IS CLOSED on Tuesday", 1, "CAPITALS"),
        ("See https://bit.ly/3xyz for more", 1, "short link"),
        ("See tinyurl.com/abc for more", 1, "short link"),
        ("See www.dorset.gov.uk for more", 1, "has a link"),
        ("See https://dorsetcouncil.gov.uk/hubs", 1, "has a link"),
        ("Please click here to book", 1, "press a link"),
        ("Reply STOP if you do not want it", 1, "STOP or CANCEL"),
        ("text cancel to give up your place", 1, "STOP or CANCEL"),
        ("Hello {name}, we are closed", 1, "brackets"),
        ("We are closed [[ today ]]", 1, "brackets"),
    ],
)
def test_what_is_odd_is_said(words, parts, said):
    found = " ".join(oddities_of(Typed(words), parts=parts))
    assert (said in found) if said else found == ""


def test_typed_words_lose_what_no_screen_shows_and_mail_keeps_its_paragraphs():
    typed = Typed.read("a\u202eb\x00\r\nc ", " d\n e", "one \r\n\r\n\r\n\r\ntwo\r\nthree", None)
    assert (typed.sms, typed.subject, typed.mail) == ("ab c", "d e", "one\n\ntwo\nthree")
