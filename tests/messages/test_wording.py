"""What families read, compared with the stored texts in expected/."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.messages import sms_parts, wording, wording_files
from booking.messages.wording_fields import NotDiscreet
from tests.messages import examples
from tests.messages.expected_texts import check

KINDS = [
    kind
    for kind in wording.KINDS
    if not kind.startswith(("room_", "partner_", "staff_", "rota_", "duty_", "swap_", "leave_", "cover_"))
]  # those have tests of their own
SMS_KINDS = [kind for kind in KINDS if kind != "invite"]
ASK_FOR_AN_ANSWER = ("offer", "text_gave_up", "text_choose", "reminder_days", "reminder_hours")
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
def test_a_course_with_a_creche_place_says_who_has_it(channel):
    dates = examples.course()
    text = wording.compose("confirmation", channel, examples.facts(dates[0], dates=dates, creche="Ada and Bo"))
    check(_name("confirmation", channel.replace("email", "mail"), ".creche"), _stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_missed_date_says_where_it_can_be_caught_up(channel):
    where = ["Thursday 18 March, 10am to midday, Wimborne Family Hub", "Friday 19 March, 1pm to 3pm, online"]
    told = examples.facts(examples.course()[0], catch_ups=where, is_creche_free=True)
    text = wording.compose("missed", channel, told)
    check(_name("missed", channel.replace("email", "mail"), ".catch_up"), _stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


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
        assert "reply" not in body.lower() or kind in ASK_FOR_AN_ANSWER


def test_a_code_for_a_parent_does_not_say_whose_it_is():
    for channel in ("sms", "email"):
        text = wording.compose("manage_code", channel, examples.facts(None))
        assert "hub" not in (text.subject + text.body + text.html).lower()


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_hostile_title_stays_words_and_the_link_is_whole(kind):
    body = wording.compose(kind, "sms", examples.facts(examples.hostile())).body
    assert "\n" not in body and "\u202e" not in body
    assert sms_parts.parts(body) <= 2
    if "code" not in kind and kind not in ("text_read", "text_choose"):
        link = "o/o7Kq2mXw9TfA_bQ4" if kind.startswith("offer") else "m/h7Kq2mXw9TfA_bQ4"
        assert body.endswith(f"https://hubs.dorset.example/{link}.x7k2p9")


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
    with pytest.raises(wording.MissingFact):
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


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_first_visit_says_that_afterwards_they_just_come(channel):
    text = wording.compose("confirmation", channel, examples.facts(examples.said(), is_first_visit=True))
    check(_name("confirmation", channel.replace("email", "mail"), ".first_visit"), _stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


@given(title=st.text(max_size=80), place=st.text(max_size=80), host=st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_whatever_somebody_typed_stands_in_a_mail_as_it_is(title, place, host):
    session = examples.said(title=title, place=place, host=host)
    for language in wording_files.languages():
        body = wording.compose("confirmation", "email", examples.facts(session), language=language).body
        bare = re.sub("[\u2068\u2069]", "", body)
        for typed in (wording.tidy(title), wording.tidy(host)):
            assert typed in bare
        assert "https://hubs.dorset.example/m/h7Kq2mXw9TfA_bQ4.x7k2p9\n" in body


@given(title=st.text(max_size=300), place=st.text(max_size=80), reason=st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_whatever_somebody_typed_an_sms_has_its_time_and_its_link_whole(title, place, reason):
    facts = examples.facts(examples.said(title=title, place=place), reason=reason)
    for kind in ("cancellation", "reminder_days"):
        body = wording.compose(kind, "sms", facts).body
        assert "Tue 12 Jan 10am" in body and body.endswith("https://hubs.dorset.example/m/h7Kq2mXw9TfA_bQ4.x7k2p9")
        assert "\n" not in body


def test_braces_and_brackets_in_a_title_do_nothing():
    facts = examples.facts(examples.said(title="{link} [[x {title} {0} %s"))
    assert "[[x {title} {0} %s" in wording.compose("confirmation", "email", facts).subject


def test_a_discreet_text_cannot_use_a_field_that_names_anything_whoever_wrote_it():
    for words in ("{title}, {start}", "{start} {link}", "{place}", "{people}"):
        with pytest.raises(NotDiscreet):
            wording.compose("confirmation", "sms", examples.facts(examples.discreet()), kept=wording.Words("", words))


def test_a_language_without_a_text_falls_back_to_english_and_says_so():
    text = wording.compose("staff_decide", "sms", examples.facts(examples.said()), language="pl")
    assert text.language == "en" and text.body.startswith("Family Hubs: please decide by")
    assert wording.compose("reminder_days", "sms", examples.facts(examples.said()), language="xx").language == "en"


def test_kept_words_are_said_in_the_place_of_the_shipped_ones():
    kept = wording.Words("Come! {title}", "Hello {name}, {when}[[ at {place}]]\n\nSee: {link}")
    text = wording.compose("reminder_days", "email", examples.facts(examples.said(place="")), kept=kept)
    assert text.subject == "Come! Stay and play"
    assert text.body.startswith("Hello Jo, Tuesday 12 January 2027, 10am to midday\n\nSee: https://")


def test_news_of_several_things_have_one_line_each():
    gists = {
        kind: wording.compose(kind, "sms", examples.facts(examples.said())).gist
        for kind in ("cancellation", "changed", "dates_changed", "date_added", "goes_on", "missed", "reminder_days")
    }
    assert gists.pop("reminder_days") == ""
    assert all(
        gist and "\n" not in gist and "http" not in gist and "Tue 12 Jan 10am" in gist for gist in gists.values()
    )


def test_every_kind_stands_in_the_docs():
    told = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
    by_itself = {"digest", "instead_of_sms"}  # made by the messages area, from others
    assert [kind for kind in wording.KINDS if kind not in by_itself and kind not in told] == []
