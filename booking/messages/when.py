"""Dates and times as families read them: local, twelve-hour, after the GOV.UK style guide."""

from datetime import datetime

from booking import clock


def time_words(instant: datetime) -> str:
    """ "10am", "2:30pm", "midday", "midnight"."""
    wall = clock.local(instant)
    if (wall.hour, wall.minute) in ((0, 0), (12, 0)):
        return "midday" if wall.hour else "midnight"
    minutes = f":{wall.minute:02}" if wall.minute else ""
    return f"{wall.hour % 12 or 12}{minutes}{'am' if wall.hour < 12 else 'pm'}"


def short(instant: datetime) -> str:
    """ "Tue 12 Jan 10am": for an SMS, where every character counts."""
    wall = clock.local(instant)
    return f"{wall:%a} {wall.day} {wall:%b} {time_words(instant)}"


def date_words(instant: datetime) -> str:
    """ "Tuesday 12 January 2027"."""
    wall = clock.local(instant)
    return f"{wall:%A} {wall.day} {wall:%B} {wall.year}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """ "Tuesday 12 January 2027, 10am to midday"."""
    return f"{date_words(starts_at)}, {time_words(starts_at)} to {time_words(ends_at)}"
