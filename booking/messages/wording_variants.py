"""Which variant of a kind the facts ask for: names, the most particular first. Variants stand instead of logic in the texts.

A text is that of the first name that has one for the channel; so "confirmation.creche" may have words for a text alone.
"""

from collections.abc import Callable

from booking.messages import sender
from booking.messages.wording_told import Told

# kind -> (ending of the variant's name, when it is the one), in order of preference.
VARIANTS: dict[str, tuple[tuple[str, Callable[[Told], bool]], ...]] = {}


def names(kind: str, told: Told) -> list[str]:
    """For example ["confirmation.course", "confirmation"]."""
    asked = [f"{kind}.{ending}" for ending, is_asked in VARIANTS.get(kind, ()) if is_asked(told)]
    return [*asked, kind]


def _fact(name: str) -> Callable[[Told], bool]:
    return lambda told: bool(told.facts.get(name))


def _both(*tests: Callable[[Told], bool]) -> Callable[[Told], bool]:
    return lambda told: all(test(told) for test in tests)


def _has_dates(told: Told) -> bool:
    return len(told.dates) > 1


def _is_series(told: Told) -> bool:
    return len(told.room.dates) > 1


def _has_places(told: Told) -> bool:
    return len(told.fact("places")) > 1


def _is_by_phone(told: Told) -> bool:
    return told.said.is_by_phone


def _takes_no_replies(told: Told) -> bool:
    site, is_discreet = sender.current(), told.facts.get("is_discreet") or told.dates[0].is_discreet
    return not (site.takes_replies_neutral if is_discreet else site.takes_replies)


ALSO = ("also", _fact("also_token"))  # to another adult, who sees dates and decides nothing

VARIANTS |= {
    "confirmation": (("first_visit", _fact("is_first_visit")), ("course", _has_dates), ("creche", _fact("creche"))),
    "changed": (ALSO,),
    "dates_changed": (ALSO,),
    "cancellation": (
        ALSO,
        ("some_dates", _both(_fact("is_course"), _has_dates)),
        ("one_date", _fact("is_course")),
        ("waiting_course", _both(_fact("is_waiting"), _has_dates)),
        ("waiting", _fact("is_waiting")),
        ("course", _has_dates),
    ),
    "given_up": (ALSO, ("course", _has_dates)),
    "missed": (ALSO, ("catch_up", _fact("catch_ups"))),
    "catch_up": (("creche", _fact("creche")),),
    "date_added": (
        ALSO,
        ("make_up", _fact("is_make_up")),
    ),
    "goes_on": (
        ALSO,
        ("waiting", _fact("is_waiting")),
    ),
    "waiting_joined": (("course", _has_dates),),
    "offer": (("no_reply", _takes_no_replies), ("course", _has_dates)),
    "invite": (("over", _fact("is_over")),),
    "duty_invite": (("over", _fact("is_over")),),
    "swap_decided": (("off", _fact("is_off")),),
    "cover_ask": (("no_reply", _takes_no_replies),),
    "cover_gone": (("unfit", _fact("is_unfit")),),
    "reminder_days": (ALSO, ("phone", _is_by_phone)),
    "reminder_hours": (ALSO, ("phone", _is_by_phone)),
    "room_cancelled": (("series", _is_series),),
    "room_displaced": (("offer", _fact("offer")), ("series", _is_series)),
    "room_reminder": (("series", _is_series),),
    "room_date_free": (("series", _is_series),),
    "partner_expiry": (("insurance", lambda told: told.fact("what") == "insurance"),),
    "staff_stood_down": (
        ("undone_several", _both(_fact("is_undone"), _has_places)),
        ("undone", _fact("is_undone")),
        ("several", _has_places),
    ),
}
