"""How dates, times, ages and distances are said, everywhere alike: "Tuesday 12 January", "10am to 11:30am"."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from booking import clock

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@lru_cache(maxsize=4096)
def day_words(day: date) -> str:
    """ "Tuesday 12 January" """
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


@lru_cache(maxsize=4096)
def short_day(day: date) -> str:
    """ "Tue 12 Jan" """
    return f"{DAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"


@lru_cache(maxsize=4096)
def day_and_year(day: date) -> str:
    """ "12 January 2027" """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=2048)
def time_words(wall_time: str) -> str:
    """ "10am", "1:30pm", "midday", "midnight" for a local "HH:MM"."""
    hour, minute = int(wall_time[:2]), wall_time[3:5]
    if wall_time[:5] in ("12:00", "00:00", "24:00"):
        return "midday" if hour == 12 else "midnight"
    half = "am" if hour < 12 else "pm"
    return f"{(hour - 1) % 12 + 1}{'' if minute == '00' else ':' + minute}{half}"


@lru_cache(maxsize=4096)
def time_range(start: str, end: str) -> str:
    """ "10am to 11:30am" """
    return f"{time_words(start)} to {time_words(end)}"


def instant_words(instant: datetime) -> str:
    """ "Tuesday 12 January at 10am", local."""
    wall = clock.local(instant)
    return f"{day_words(wall.date())} at {time_words(wall.strftime('%H:%M'))}"


def short_instant(instant: datetime) -> str:
    """ "12 Jan 2027, 10:04", local, for staff lists."""
    wall = clock.local(instant)
    return f"{wall.day} {MONTHS[wall.month - 1][:3]} {wall.year}, {wall:%H:%M}"


def clock_time(instant: datetime) -> str:
    """ "10:04am", local."""
    return time_words(clock.local(instant).strftime("%H:%M"))


@lru_cache(maxsize=1024)
def age_range(low: int | None, high: int | None) -> str:
    """Ages in months as people say them: "birth to 12 months", "1 to 3 years", "from 18 years", "all ages"."""
    if low is None and high is None:
        return "all ages"
    if high is None:
        return f"from {_age(low or 0)}"
    if not low:
        return f"birth to {_age(high)}"
    if low % 12 == 0 and high % 12 == 0 and high > 24:
        return f"{low // 12} to {high // 12} years"
    if high <= 24:
        return f"{low} to {high} months"
    return f"{_age(low)} to {_age(high)}"


def _age(months: int) -> str:
    if months >= 24 and months % 12 == 0:
        return f"{months // 12} years"
    if months == 12:
        return "12 months"
    return f"{months} months" if months != 1 else "1 month"


def age_at(birth_year: int, birth_month: int, day: date) -> int:
    """Whole months of age on a day, reckoned from the first of the month of birth; negative before birth."""
    return (day.year - birth_year) * 12 + day.month - birth_month


def miles_words(miles: float) -> str:
    if miles < 0.2:
        return "very near"
    return f"{miles:.1f} miles" if miles < 10 else f"{miles:.0f} miles"


def count_words(count: int, one: str, many: str | None = None) -> str:
    """ "1 place", "3 places" """
    return f"{count} {one if count == 1 else many or one + 's'}"


def pounds(pence: int) -> str:
    """ "£12.50" """
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def hours_words(minutes: int) -> str:
    """ "12 hours", "1 hour 30 minutes", "45 minutes", "0 hours" """
    whole, left = divmod(minutes, 60)
    parts = [count_words(whole, "hour")] if whole or not left else []
    return " ".join([*parts, count_words(left, "minute")] if left else parts)


def month_words(year: int, month: int) -> str:
    """ "June 2024" """
    return f"{MONTHS[month - 1]} {year}"


@lru_cache(maxsize=1024)
def postcode_words(postcode: str) -> str:
    """ "BH22 9TH" for "bh229th"."""
    squeezed = "".join(postcode.split()).upper()
    return f"{squeezed[:-3]} {squeezed[-3:]}" if len(squeezed) > 4 else squeezed


FILTERS: dict[str, Callable[..., str]] = {
    "day_words": day_words,
    "short_day": short_day,
    "day_and_year": day_and_year,
    "time_words": time_words,
    "instant_words": instant_words,
    "short_instant": short_instant,
    "clock_time": clock_time,
    "miles_words": miles_words,
    "count_words": count_words,
    "month_words": month_words,
    "hours_words": hours_words,
    "pounds": pounds,
    "postcode_words": postcode_words,
}
