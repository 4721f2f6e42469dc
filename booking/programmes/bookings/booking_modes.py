"""How a programme is booked, in our words, also where an import has said it in the council's. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODES = {
    "drop_in": "Drop in, no booking",
    "session": "Session by session",
    "run": "The whole run",
    "first_visit": "The first visit only",
    "appointment": "Appointments",
    "referral": "By referral only",
}


@dataclass(frozen=True, slots=True)
class Mode:
    """booking_mode of a run, and what goes with it."""

    booking_mode: str
    is_first_visit_booked: bool = False
    takes_referrals: bool = False


def mode_of(programme: Mapping[str, Any]) -> Mode:
    """What a run of this programme is booked by: as staff chose, else as the words of an imported rule say."""
    chosen, rule = programme["booking_mode"], programme["booking_rule"].lower()
    takes = "professional" in rule or "referral" in rule
    if not chosen:
        chosen = _read(rule, programme["kind"])
    if chosen == "first_visit":
        return Mode("session", is_first_visit_booked=True, takes_referrals=takes)
    return Mode(chosen, takes_referrals=takes or chosen == "referral")


def _read(rule: str, kind: str) -> str:
    starts = {
        "drop": "drop_in",
        "book first": "first_visit",
        "appointment": "appointment",
        "referral": "referral",
        "with linked": "linked",
    }
    found = next((mode for words, mode in starts.items() if rule.startswith(words)), "")
    return found or ("run" if kind == "course" else "session")
