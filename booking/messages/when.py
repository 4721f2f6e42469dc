"""Dates and times as messages say them: the words of booking.words, for instants, local."""

from datetime import datetime

from booking import clock, words


def time_words(instant: datetime) -> str:
    """ "10am", "2:30pm", "midday"."""
    return words.time_words(clock.local(instant).strftime("%H:%M"))


def short(instant: datetime) -> str:
    """ "Tue 12 Jan 10am": for an SMS, where every character counts."""
    return f"{words.short_day(clock.local(instant).date())} {time_words(instant)}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """ "Tuesday 12 January 2027, 10am to midday"."""
    date = clock.local(starts_at).date()
    return f"{words.day_words(date)} {date.year}, {time_words(starts_at)} to {time_words(ends_at)}"
