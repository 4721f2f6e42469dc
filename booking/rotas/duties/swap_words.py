"""Why a colleague cannot take a duty, in words that give away nothing about them: not that somebody is ill, nor what they hold."""

from booking.rotas.values import Broken

TO_COLLEAGUES = {
    "double": "has another duty at that time",
    "employed": "does not work here then",
    "pattern": "does not work at that time",
    "leave": "is not free that day",
    "skill": "does not have every skill that it needs",
    "skill_expired": "does not have every skill that it needs",
    "place": "does not work at this place",
    "too_far": "is too far away",
    "travel": "could not get there in time",
    "rest": "would have too little rest",
    "weekly_rest": "would have no day off",
    "hours": "would work too many hours that week",
    "most_hours": "would work too many hours that week",
    "days_in_row": "would work too many days in a row",
    "saturdays": "would work too many weekends",
    "evenings": "would work too many evenings",
}
STATES = {
    "asked": ("waits", "Waits for your colleague"),
    "agreed": ("waits", "Agreed, waits for a manager"),
    "approved": ("good", "Done"),
    "refused": ("bad", "A manager said no"),
    "declined": ("bad", "Your colleague cannot"),
    "withdrawn": ("plain", "Withdrawn"),
    "void": ("plain", "The rota has changed"),
}


def reason(broken: Broken) -> str:
    """ "has another duty at that time" """
    return TO_COLLEAGUES.get(broken.rule, "is kept from it by a rule")


def to_colleague(broken: Broken) -> str:
    """A whole sentence, for whoever asks or is asked."""
    return f"This swap is against a rule: one of you {reason(broken)}."
