"""Every text that ships, in every language: it is in the format, complete, and reads as stored in expected/<language>/.

Store anew after a change that is meant: WRITE_EXPECTED=1 bin/test tests/messages/test_shipped_texts.py
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from booking.messages import sender, sms_parts, wording, wording_fields, wording_files
from booking.messages.wording_check import check_words
from booking.messages.wording_examples import example_facts
from booking.messages.wording_field_words import FIELDS, fields_of
from booking.messages.wording_format import fields_in, render
from booking.messages.wording_languages import LANGUAGES
from booking.messages.wording_told import Told
from tests.messages.expected_texts import check, difference

CHANNELS = {"sms": "sms", "mail": "email", "call": "call"}
ENGLISH_ONLY = ("room_", "partner_", "staff_decide", "staff_stood_down", "instead_of_sms.room_")
OTHERS = [language for language in wording_files.languages() if language != "en"]
ENGLISH = wording_files.shipped("en")
SECRETS = ("Stay and play", "Ferndown", "Penny", "Bus 38", "Socks", "Sam", "hubs.dorset.example/sessions", "heating")
MANY_PARTS = {"uk": 4, "bn": 4, "ur": 4, "ar": 4}  # written in UCS-2; the others take two at most
LONG_IN_ENGLISH = ("staff_stood_down", "rota_", "duty_")  # for staff, with a long link


def texts(*, is_discreet: bool) -> list[tuple[str, str]]:
    """(name, key) of every text in English; subjects and gists go with it."""
    found = ENGLISH.texts(is_discreet)
    return [(name, key) for name in found for key in CHANNELS if key in found[name]]


OPEN, DISCREET = texts(is_discreet=False), texts(is_discreet=True)


def is_for_families(name: str, key: str = "sms") -> bool:
    return key != "call" and not name.startswith(ENGLISH_ONLY)


def texts_of(language: str, *, is_discreet: bool) -> list[tuple[str, str]]:
    found = [text for text in (DISCREET if is_discreet else OPEN) if text[0] != "instead_of_sms"]
    return found if language == "en" else [text for text in found if is_for_families(*text)]


def composed(language: str, name: str, key: str, is_discreet: bool) -> wording.Text:
    facts = example_facts(name, is_discreet=is_discreet)
    return wording.compose(name.partition(".")[0], CHANNELS[key], facts, language=language)


@contextmanager
def answering(name: str) -> Iterator[None]:
    """The variants without a reply are used where a text to us cannot be answered."""
    with pytest.MonkeyPatch.context() as patch:
        if name.endswith("no_reply"):
            site = replace(sender.current(), takes_replies=False, takes_replies_neutral=False)
            patch.setattr(sender, "_sender", site)
        yield


@pytest.mark.parametrize("is_discreet", [False, True], ids=["open", "discreet"])
@pytest.mark.parametrize("language", wording_files.languages())
def test_every_text_is_as_stored(language, is_discreet):
    wrong = []
    for name, key in texts_of(language, is_discreet=is_discreet):
        with answering(name):
            wrong += [f"{name}.{key}: {problem}" for problem in problems_of(language, name, key, is_discreet)]
    assert not wrong, "\n".join(wrong)


def problems_of(language: str, name: str, key: str, is_discreet: bool) -> list[str]:
    kind, channel, facts = name.partition(".")[0], CHANNELS[key], example_facts(name, is_discreet=is_discreet)
    text = composed(language, name, key, is_discreet)
    problems = []
    if (used := wording.which(kind, channel, facts)) != name:
        problems.append(f"{used} is used in its place")
    if text.language != language:
        problems.append(f"{language} has none")
    gist = f"\nIn one line: {text.gist}\n" if text.gist and key == "sms" else ""
    stored = f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body.rstrip() + "\n"
    problems += difference(f"{language}/{'discreet/' if is_discreet else ''}{name}.{key}.txt", stored + gist)
    problems += leaks(text) if is_discreet else []
    return problems + (badly_sized(language, name, text.body) if key == "sms" else [])


def leaks(text: wording.Text) -> list[str]:
    everything = (text.subject + text.body + text.html + text.gist).casefold()
    named = [f"names {secret}" for secret in SECRETS if secret.casefold() in everything]
    return [*named, *(["has an address of the web"] if "http" in text.body else [])]


def badly_sized(language: str, name: str, body: str) -> list[str]:
    most = 1 if language == "en" and not name.startswith(LONG_IN_ENGLISH) else MANY_PARTS.get(language, 2)
    wrong = [f"is longer than {most} parts: {body}"] if sms_parts.parts(body) > most else []
    is_dear = language not in MANY_PARTS and not sms_parts.is_gsm(body)
    return [*wrong, *(["needs the larger alphabet"] if is_dear else [])]


@pytest.mark.parametrize("language", wording_files.languages())
def test_every_shipped_text_is_in_the_format_and_has_what_it_needs(language):
    problems = []
    for is_discreet in (False, True):
        shipped = wording_files.shipped(language).texts(is_discreet)
        for name, found in shipped.items():
            assert set(found) <= set(wording_files.KEYS), name
            subject = found.get("subject") or shipped.get(name.partition(".")[0], {}).get("subject", "")
            for key, channel in CHANNELS.items():
                if key in found:
                    problems += [(name, key, it) for it in check_words(name, channel, subject, found[key], is_discreet)]
            assert set(fields_in(found.get("gist", ""))) <= set(fields_of(name, is_discreet=is_discreet)), name
    assert problems == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("is_discreet", [False, True])
def test_a_language_has_every_text_that_english_has_and_no_other(language, is_discreet):
    own, english = wording_files.shipped(language).texts(is_discreet), ENGLISH.texts(is_discreet)
    wanted = {(name, key) for name in english for key in english[name] if is_for_families(name, key)}
    assert {(name, key) for name in own for key in own[name]} == wanted


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("is_discreet", [False, True])
def test_a_language_uses_no_field_that_the_english_text_does_without(language, is_discreet):
    own, english = wording_files.shipped(language).texts(is_discreet), ENGLISH.texts(is_discreet)
    more = [
        (name, key, sorted(set(fields_in(text)) - set(fields_in(english[name][key]))))
        for name, found in own.items()
        for key, text in found.items()
    ]
    assert [each for each in more if each[2]] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_small_word_with_its_fields(language):
    own = wording_files.shipped(language).phrases
    for name in (
        "span",
        "online",
        "by_phone",
        "by_phone_short",
        "this_one_by_phone",
        "it_was",
        "reply_no",
        "reply_no_or_link",
        "reply_yes_no_or_link",
        "yes_or_no",
        "tell_us",
        "and",
        "offered",
        "creche_free",
        "private_duty",
    ):
        assert set(fields_in(own[name])) == set(fields_in(ENGLISH.phrases[name])), name
    assert "{phone}" in own["foot"] and "{hub}" in own["foot"] and "{phone}" in own["foot_discreet"]
    assert render(own["foot_discreet"], {"phone": "1"}.__getitem__)


@pytest.mark.parametrize("language", wording_files.languages())
def test_every_field_of_every_kind_can_be_said(language):
    for kind, known in FIELDS.items():
        if language != "en" and not is_for_families(kind):
            continue
        facts = example_facts(kind) | {"kind": kind}
        for channel in CHANNELS.values():
            for name in known:
                assert isinstance(wording_fields.value(name, Told(facts, language, channel)), str)


@pytest.mark.parametrize("language", wording_files.languages())
def test_the_html_of_a_mail_has_its_language_and_direction(language):
    html = composed(language, "confirmation", "mail", False).html
    assert f'<html lang="{language}"' in html
    assert ('dir="rtl"' in html) == LANGUAGES[language].is_rtl
    assert ("<bdi>Stay and play</bdi>" in html) == LANGUAGES[language].is_rtl
    assert re.search(r'<a href="https://hubs\.dorset\.example/m/[^"]+"[^>]*>[^<]+</a>', html)


@pytest.mark.parametrize("language", wording_files.languages())
def test_links_stand_bare_in_the_words_and_no_direction_mark_is_in_a_text_message(language):
    mail, sms = composed(language, "confirmation", "mail", False), composed(language, "confirmation", "sms", False)
    assert "https://hubs.dorset.example/m/h7Kq2mXw9TfA_bQ4.x7k2p9\n" in mail.body
    assert not re.search("[\u2066-\u2069\u200e\u200f]", sms.body + mail.subject)


@pytest.mark.parametrize("language", [language for language in OTHERS if LANGUAGES[language].is_rtl])
def test_a_phone_number_keeps_its_order_from_right_to_left(language):
    mail = composed(language, "confirmation", "mail", False)
    assert "\u206801632 960 123\u2069" in mail.body and "<bdi>01632 960 123</bdi>" in mail.html
    sms = composed(language, "reminder_days", "sms", True).body
    assert "01632960123" in sms and "01632 960" not in sms


@pytest.mark.parametrize("language", wording_files.languages())
def test_the_mail_in_place_of_an_sms_is_as_stored(language):
    sms = composed(language, "reminder_days", "sms", False)
    text = wording.instead_of_sms("reminder_days", sms.body, "Jo Smith", language)
    check(f"{language}/instead_of_sms.mail.txt", f"Subject: {text.subject}\n\n{text.body}")
    assert text.language == language and "/m/h7Kq2mXw9TfA_bQ4.x7k2p9" in text.body


@pytest.mark.parametrize("language", wording_files.languages())
def test_a_mail_in_place_of_an_sms_never_asks_for_a_reply(language):
    for kind, instead in (("offer", "yes_or_no"), ("reminder_days", "tell_us"), ("reminder_hours", "tell_us")):
        sms = composed(language, kind, "sms", False)
        mail = wording.instead_of_sms(kind, sms.body, "Jo Smith", language)
        phrases = wording_files.shipped(language).phrases
        assert phrases[instead] in mail.body, kind
        asked = [sms_parts.plain(phrases[name]) for name in ("reply_no_or_link", "reply_yes_no_or_link")]
        assert any(words in sms.body for words in asked) and not any(words in mail.body for words in asked), kind
