"""What families read where one date of a course is a call, compared with expected/."""

from dataclasses import replace

import pytest

from booking.messages import calendar, sms_parts, wording
from booking.messages.calendar import Entry
from tests.messages import examples
from tests.messages.expected_texts import check


def by_phone(said):
    changes = {
        "place": "By phone, we ring you",
        "directions": "",
        "bring": "",
        "latitude": None,
        "longitude": None,
        "page_path": "",
    }
    return replace(said, is_by_phone=True, **changes)


def stored(text: wording.Text) -> str:
    return f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"


@pytest.mark.parametrize(("channel", "name"), [("sms", "sms"), ("email", "mail")])
@pytest.mark.parametrize("kind", ["confirmation", "reminder_days", "reminder_hours"])
def test_a_call_is_told_as_a_call(kind, channel, name):
    dates = examples.course()
    dates[1] = by_phone(dates[1])
    facts = examples.facts(dates[0], dates=dates) if kind == "confirmation" else examples.facts(dates[1])
    text = wording.compose(kind, channel, facts)
    check(f"{kind}.call.{name}.txt", stored(text))
    assert channel == "email" or sms_parts.parts(text.body) == 1


def test_a_call_stands_in_the_calendar_without_a_place():
    entry = Entry(by_phone(examples.said()), "7f6c2c1e-0000-5000-8000-000000000008", 0, "Jo Bloggs", "jo@home.example")
    check("request_call.ics", calendar.invite(entry, "REQUEST", examples.STAMP))
