"""Which rules there are, how hard they are, and how one that is broken is said."""

from booking.rotas.availability import span_of
from booking.rotas.values import Broken, Duty, Worker
from booking.words import short_day, time_range

NEVER = {"double"}
HARD = {
    *("double", "employed", "pattern", "leave", "skill", "skill_expired", "place", "too_far", "travel", "rest", "weekly_rest"),
    *("hours", "most_hours", "days_in_row", "saturdays", "evenings", "alone"),
}  # fmt: skip
SOFT = {"leave_asked", "over_contract", "avoids", "break"}
RULES = HARD | SOFT


def when(duty: Duty) -> str:
    """ "Tue 12 Jan, 9am to 1pm" """
    return f"{short_day(duty.date)}, {time_range(duty.start, duty.end)}"


def say(rule: str, words: str, worker: Worker, *duties: Duty) -> Broken:
    """The Broken of a rule about these duties of somebody, the judged one first."""
    level = "never" if rule in NEVER else "soft" if rule in SOFT else "hard"
    return Broken(rule, level, words, tuple(each.id for each in duties), worker.id)


def span(duty: Duty) -> tuple[int, int]:
    """Its first and last minute of its local day; after midnight they go on."""
    return span_of(duty.start, duty.end)
