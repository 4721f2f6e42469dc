"""The fields of texts for people on the rota. A restricted duty is a time and nothing else (promise P5)."""

from collections.abc import Callable, Sequence
from datetime import date

from booking import clock
from booking.messages import wording_dates
from booking.messages.said import Said
from booking.messages.typed import shorten
from booking.messages.wording_told import Told


def _line(told: Told, each: Said) -> str:
    """ "Tuesday 12 January 2027, 10am to midday: Stay and play, Ferndown Family Hub, Penny's Walk" """
    return f"{told.span(each)}: {_what(told, each)}"


def _what(told: Told, each: Said) -> str:
    return told.phrase("private_duty") if each.is_discreet else ", ".join(filter(None, (each.title, each.place)))


def _where(told: Told, each: Said) -> str:
    """The building alone."""
    if each.is_discreet:
        return told.phrase("private_duty")
    return shorten(each.place.split(",")[0], told.longest.place) if told.is_short else each.place.split(",")[0]


def _short(told: Told, duties: Sequence[Said]) -> str:
    """The first, and how many more: "Tue 12 Jan 10am, Ferndown Family Hub +2"."""
    if not duties:
        return ""
    first = ", ".join(filter(None, (told.start(duties[0].starts_at), _where(told, duties[0]))))
    return f"{first} +{len(duties) - 1}" if len(duties) > 1 else first


def _named(fact: str, *, is_short: bool) -> Callable[[Told], str]:
    def words(told: Told) -> str:
        duties: Sequence[Said] = told.facts.get(fact) or ()
        return _short(told, duties) if is_short else "\n".join(f"- {_line(told, each)}" for each in duties)

    return words


def duty_start(told: Told) -> str:
    return told.start(told.dates[0].starts_at)


def duty_when(told: Told) -> str:
    return told.span(told.dates[0])


def duty_what(told: Told) -> str:
    return _what(told, told.dates[0])


def duty_day(told: Told) -> str:
    return wording_dates.day(told.dates[0].starts_at, told.language)


def duty_times(told: Told) -> str:
    """The duties of one day: in a text "9am Ferndown, 2pm Wimborne", in a mail one in a line."""
    if not told.is_short:
        return "\n".join(f"- {_line(told, each)}" for each in told.dates)
    times = [(wording_dates.time(each.starts_at, told.language), _where(told, each)) for each in told.dates]
    return ", ".join(" ".join(filter(None, each)) for each in times)


def swap_duty(told: Told) -> str:
    """The duty that a swap is about."""
    return _one(told, told.dates[:1])


def swap_return(told: Told) -> str:
    """What comes back for it, where something does."""
    return _one(told, told.facts.get("swap_return") or ())


def _one(told: Told, duties: Sequence[Said]) -> str:
    return _short(told, duties) if told.is_short or not duties else _line(told, duties[0])


def cover_duty(told: Told) -> str:
    """The duty that somebody is asked to cover."""
    return _one(told, told.dates[:1])


def swap_who(told: Told) -> str:
    """The colleague's name."""
    return told.fact("swap_who")


def leave_first(told: Told) -> str:
    return _day(told, "leave_first")


def leave_last(told: Told) -> str:
    return _day(told, "leave_last")


def _day(told: Told, fact: str) -> str:
    """A day of leave: short in a text."""
    instant = clock.at(date.fromisoformat(told.fact(fact)), "12:00")
    return (
        wording_dates.short_day(instant, told.language) if told.is_short else wording_dates.day(instant, told.language)
    )


BY_NAME: dict[str, Callable[[Told], str]] = {
    **{each.__name__: each for each in (duty_start, duty_when, duty_what, duty_day, duty_times)},
    **{each.__name__: each for each in (leave_first, leave_last)},
    **{each.__name__: each for each in (swap_duty, swap_return, swap_who, cover_duty)},
    **{f"duties_{which}": _named(f"duties_{which}", is_short=False) for which in ("new", "changed", "gone")},
    **{f"{which}_short": _named(f"duties_{which}", is_short=True) for which in ("new", "changed", "gone")},
}
