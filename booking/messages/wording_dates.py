"""Days and times in the reader's language. English says them as everywhere on the site; the others by Unicode's CLDR
(Babel), with the 24-hour clock, which no language reads wrongly."""

from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton

from booking import clock
from booking.messages import when
from booking.messages.wording_languages import LANGUAGES
from booking.words import day_words
from booking.words import short_day as english_short


def start(instant: datetime, language: str) -> str:
    """ "Tue 12 Jan 10am": short, for texts and subjects."""
    if language == "en":
        return when.short(instant)
    return f"{_short_day(clock.local(instant).date(), language)} {time(instant, language)}"


def short_day(instant: datetime, language: str) -> str:
    """ "Tue 12 Jan": for texts about whole days."""
    local = clock.local(instant).date()
    return english_short(local) if language == "en" else _short_day(local, language)


def day(instant: datetime, language: str) -> str:
    """ "Tuesday 12 January 2027"."""
    local = clock.local(instant).date()
    return f"{day_words(local)} {local.year}" if language == "en" else _long_day(local, language)


def time(instant: datetime, language: str) -> str:
    """ "10am", "midday"; "10:00" where it is not English."""
    return when.time_words(instant) if language == "en" else clock.local(instant).strftime("%H:%M")


@lru_cache(maxsize=4096)
def _short_day(local: date, language: str) -> str:
    locale = Locale.parse(LANGUAGES[language].locale)
    return format_skeleton("MMMEd", local, locale=locale)


@lru_cache(maxsize=4096)
def _long_day(local: date, language: str) -> str:
    return format_date(local, format="full", locale=Locale.parse(LANGUAGES[language].locale))
