"""What the audit trail says in plain words."""

VERBS = {
    "book": "Place booked",
    "give up": "Place given up",
    "miss date": "Will miss this date",
    "come after all": "Will come after all",
    "change who comes": "Changed who comes",
    "join waiting list": "Joined the waiting list",
    "leave waiting list": "Left the waiting list",
    "cancel session": "Session cancelled",
    "undo cancel session": "Cancelling undone",
    "send now": "Messages sent at once",
    "everyone attended": "Everyone marked as here",
    "correct register": "Register corrected",
    "remove walk-in": "Walk-in removed",
    "finish register": "Register finished",
    "reopen register": "Register opened again",
    "import": "Tables imported",
}


def verb_words(verb: str) -> str:
    """ "Session cancelled" for "cancel session"; a verb without words of its own as it is, with a capital."""
    return VERBS.get(verb) or verb[:1].upper() + verb[1:]
