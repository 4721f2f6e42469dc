"""What families read, compared with the stored texts in expected/."""

import re

import pytest
from jinja2 import UndefinedError

from booking.messages import sms_parts, wording
from tests.messages import examples
from tests.messages.expected_texts import check

KINDS = [kind for kind in wording.KINDS if not kind.startswith(("room_", "partner_"))]  # those have tests of their own
SMS_KINDS = [kind for kind in KINDS if kind != "invite"]
SECRETS = (
    "Freedom",
    "Secret",
    "Hidden",
    "Kim",
    "Socks",
    "Bus 38",
    "hubs.dorset.example/sessions",
    "heating",
    "Family Hubs",
)


def _name(kind: str, channel: str, variant: str) -> str:
    return f"{kind}{variant}.{channel}.txt"


def _stored(text: wording.Text) -> str:
    return f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_sms_is_as_stored_and_one_part(kind):
    text = wording.compose(kind, "sms", examples.facts(examples.said()))
    check(_name(kind, "sms", ""), _stored(text))
    assert sms_parts.parts(text.body) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_mail_is_as_stored(kind):
    check(_name(kind, "mail", ""), _stored(wording.compose(kind, "email", examples.facts(examples.said()))))


@pytest.mark.parametrize("kind", ["confirmation", "cancellation", "given_up", "missed", "waiting_joined"])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_course_is_as_stored(kind, channel):
    dates = examples.course()
    text = wording.compose(kind, channel, examples.facts(dates[0], dates=dates))
    check(_name(kind, channel.replace("email", "mail"), ".course"), _stored(text))


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_one_date_of_a_course_cancelled_does_not_read_as_if_the_course_were(channel):
    date = examples.course()[0]
    text = wording.compose("cancellation", channel, examples.facts(date, is_course=True))
    check(_name("cancellation", channel.replace("email", "mail"), ".one_date"), _stored(text))
    assert "This date only; the other dates go on" in text.body
    assert "Find another" not in text.body and "out of your bookings" not in text.body
    assert channel == "email" or sms_parts.parts(text.body) == 1


def test_mail_for_an_online_session_is_as_stored():
    session = examples.said(place="Online", directions="", join_url="https://meet.example/abc")
    check("reminder_days.online.mail.txt", _stored(wording.compose("reminder_days", "email", examples.facts(session))))


def test_the_mail_in_place_of_an_sms_is_as_stored():
    sms = wording.compose("reminder_days", "sms", examples.facts(examples.said()))
    check("instead_of_sms.mail.txt", _stored(wording.instead_of_sms("reminder_days", sms.body, "Jo Smith")))


def test_html_mail_is_as_stored():
    check("confirmation.mail.html", wording.compose("confirmation", "email", examples.facts(examples.said())).html)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "code" not in kind])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_discreet_texts_say_nothing_but_the_time(kind, channel):
    if (kind, channel) == ("invite", "sms"):
        return
    text = wording.compose(kind, channel, examples.facts(examples.discreet(), dates=[examples.discreet()]))
    check(f"discreet/{_name(kind, channel.replace('email', 'mail'), '')}", _stored(text))
    everything = text.subject + text.body + text.html
    assert [secret for secret in SECRETS if secret.lower() in everything.lower()] == []
    assert "http" not in re.sub(r"<[^>]*>", "", everything)


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_nobody_is_asked_to_reply_with_a_word_that_opts_them_out(kind):
    for session in (examples.said(), None if "code" in kind else examples.discreet()):
        body = wording.compose(kind, "sms", examples.facts(session)).body
        assert not re.search(r"\b(CANCEL|STOP|END|QUIT|UNSUBSCRIBE|STOPALL|REVOKE|OPTOUT)\b", body)
        assert "reply" not in body.lower()


def test_a_code_for_a_parent_does_not_say_whose_it_is():
    for channel in ("sms", "email"):
        text = wording.compose("manage_code", channel, examples.facts(None))
        assert "hub" not in (text.subject + text.body + text.html).lower()


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_hostile_title_stays_words_and_the_link_is_whole(kind):
    body = wording.compose(kind, "sms", examples.facts(examples.hostile())).body
    assert "\n" not in body and "\u202e" not in body
    assert sms_parts.parts(body) <= 2
    if "code" not in kind:
        assert body.endswith("https://hubs.dorset.example/m/h7Kq2mXw9TfA_bQ4.x7k2p9")


def test_hostile_title_in_mail_is_escaped_and_one_line():
    text = wording.compose("confirmation", "email", examples.facts(examples.hostile()))
    assert "\n" not in text.subject and len(text.subject) <= 120
    assert "<b>now" not in text.html and "&lt;b&gt;now" in text.html


def test_sms_keeps_title_and_place_as_long_as_one_part_lasts():
    session = examples.said(title="Baby massage for parents and carers with babies under six months", place="Weymouth")
    body = wording.compose("reminder_days", "sms", examples.facts(session)).body
    assert sms_parts.parts(body) == 1
    assert "Baby massage" in body and "Weymouth" in body


def test_missing_fact_is_an_error_not_a_gap():
    facts = examples.facts(examples.said())
    del facts["reference"]
    with pytest.raises(UndefinedError):
        wording.compose("confirmation", "email", facts)


@pytest.mark.parametrize(
    ("text", "longest", "cut"),
    [
        ("Stay and play", 20, "Stay and play"),
        ("Stay and play time", 14, "Stay and.."),
        ("Antidisestablish", 8, "Antidi.."),
        ("x y", 0, ""),
    ],
)
def test_shorten_cuts_at_a_word(text, longest, cut):
    assert wording.shorten(text, longest) == cut
