"""Delivery reports are read as mail hosts write them, and nothing else is taken for one."""

import time
from base64 import encodebytes
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.messages import bounce_reading
from tests.messages.bounce_examples import AWAY, EXCHANGE, GMAIL, ID, OURS, POSTFIX, READ_RECEIPT, of

DOMAIN = "hubs.dorset.example"


def read(content):
    return bounce_reading.read(content, DOMAIN)


@pytest.mark.parametrize(
    ("report", "status"),
    [(POSTFIX, "5.1.1"), (EXCHANGE, "5.1.10"), (GMAIL, "5.1.1")],
    ids=["Postfix", "Exchange", "Gmail"],
)
def test_the_reports_of_three_kinds_of_host_say_that_the_mailbox_is_not_there(report, status):
    bounce = read(of(report))
    assert (bounce.message_id, bounce.has_failed, bounce.status, bounce.is_dead_mailbox) == (ID, True, status, True)
    assert bounce.words.startswith("There is no such mailbox. The mail host says: 550")


@pytest.mark.parametrize(
    ("action", "status", "has_failed", "is_dead"),
    [
        ("failed", "5.2.1", True, True), ("failed", "5.2.2", True, False), ("failed", "5.7.1", True, False),
        ("failed", "5.1.8", True, False), ("failed", "4.4.1", True, False), ("delayed", "4.4.1", False, False),
        ("FAILED (given up)", "5.1.1 (no such user)", True, True), ("failed", "", True, False),
    ],
)  # fmt: skip
def test_only_a_mailbox_that_is_not_there_is_dead_and_what_is_delayed_has_not_failed(
    action, status, has_failed, is_dead
):
    bounce = read(of(POSTFIX, action=action, status=status, said="it is so"))
    assert (bounce.has_failed, bounce.is_dead_mailbox) == (has_failed, is_dead)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "unknown"])
def test_a_report_of_success_is_nothing_to_do(action):
    assert read(of(POSTFIX, action=action)) is None


@pytest.mark.parametrize(
    "content",
    [
        of(AWAY), of(READ_RECEIPT), of(POSTFIX, "<somebody@else.example>"), of(POSTFIX, f"<{ID.hex}@other.example>"),
        of(POSTFIX, f"<{ID.hex}@hubs.dorset.example.evil.example>"), of(POSTFIX, f"<{ID.hex[:-1]}@hubs.dorset.example>"), b"",
        b"\xff\xfe\x00", of(POSTFIX).replace(b"message/rfc822", b"text/plain"),
        of(POSTFIX).replace(b"multipart/report", b"multipart/mixed"),
    ],
)  # fmt: skip
def test_what_is_no_report_of_a_mail_of_ours_is_nothing(content):
    assert read(content) is None


def test_a_report_that_brings_nothing_back_is_known_by_what_it_answers_to():
    without = of(EXCHANGE).replace(b"text/rfc822-headers", b"application/octet-stream")
    assert read(without).message_id == ID


def test_an_id_in_the_text_of_the_mail_that_came_back_does_not_count():
    content = of(POSTFIX, "<other@somewhere.example>").replace(b"Hello Jo", f"Message-ID: {OURS}".encode())
    assert read(content) is None


def test_a_report_in_base64_is_read_too():
    status = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; jo@families.example\nAction: failed\nStatus: 5.1.1\n"
    encoded = encodebytes(status.encode()).decode()
    start, end = (
        GMAIL.index("Reporting-MTA"),
        GMAIL.index("\n--000000000000aaaa0606bbbbcccc\nContent-Type: message/rfc822"),
    )
    text = GMAIL[:start].rstrip("\n") + "\nContent-Transfer-Encoding: base64\n\n" + encoded + GMAIL[end:]
    assert read(of(text)).status == "5.1.1"


def test_what_a_host_says_stays_on_one_line_without_signs_that_turn_it_round():
    bounce = read(of(POSTFIX, said="550 \x1b[31mred\u202e\r\n\tand more <script>"))
    assert "\u202e" not in bounce.words and "\x1b" not in bounce.words and "\n" not in bounce.words


def nested(levels: int) -> bytes:
    """Multiparts in multiparts."""
    head = b"".join(
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(levels)
    )
    return head + of(POSTFIX)


HOSTILE = {
    "nested without end": nested(4000),
    "nested a little": nested(20),
    "huge": of(POSTFIX).replace(b"This is a MIME", b"x" * 5_000_000),
    "many parts": b'Content-Type: multipart/report; boundary="a"\r\n\r\n' + b"--a\r\n\r\n" * 50_000,
    "many fields": of(POSTFIX).replace(b"Action:", b"X-A: b\r\n" * 30_000 + b"Action:"),
    "many references": of(AWAY, OURS * 4000).replace(b"text/plain", b"multipart/report; boundary=x"),
    "unknown encoding": of(POSTFIX).replace(b"8bit", b"\xff\xff").replace(b"us-ascii", b"no-such-charset"),
    "a mail in a mail in a mail": of(POSTFIX).replace(b"Hello Jo", b"Content-Type: message/rfc822\r\n\r\n" * 5000),
    "long lines": of(POSTFIX).replace(b"Diagnostic-Code: smtp; ", b"Diagnostic-Code: smtp; " + b"5." * 100_000),
    "bytes that are no text": of(POSTFIX).replace(b"rfc822; jo@", b"rfc822; \x80\xfe\x00jo@"),
    "cut off": of(POSTFIX)[:1400],
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mails_do_no_harm_and_take_no_time(content):
    began = time.process_time()
    bounce = read(content)
    assert time.process_time() - began < 2
    assert bounce is None or (isinstance(bounce.message_id, UUID) and len(bounce.words) <= 300)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=12)), max_size=8),
    st.sampled_from([POSTFIX, EXCHANGE, GMAIL]),
)
def test_whatever_is_broken_in_a_report_it_is_read_or_left(changes, report):
    content = bytearray(of(report))
    for place, piece in changes:
        content[place % len(content) : place % len(content) + len(piece)] = piece
    bounce = read(bytes(content))
    assert bounce is None or bounce.message_id


def test_a_report_cut_off_in_the_mail_that_it_returns_is_still_read():
    whole = of(POSTFIX)
    assert read(whole[: whole.index(b"Hello Jo")]).status == "5.1.1"
