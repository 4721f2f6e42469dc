"""What the audit trail says in plain words."""

import json
from typing import Any

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
    "count people": "People counted",
    "undo everyone attended": "Marks of everyone taken back",
    "everyone attended": "Everyone marked as here",
    "correct register": "Register corrected",
    "remove walk-in": "Walk-in removed",
    "finish register": "Register finished",
    "reopen register": "Register opened again",
    "rang family": "Family rung about a cancelled date",
    "imported": "Tables imported",
    "book room": "Room booked",
    "ask for room": "Room asked for",
    "change room booking": "Room booking changed",
    "cancel room": "Room booking cancelled",
    "undo cancel room": "Cancelling undone",
    "approve room": "Request approved",
    "decline room": "Request declined",
    "fill date": "Missing date filled",
    "move session": "Session moved",
    "undo move session": "Move undone",
    "propose swap": "Partner asked to take another room",
    "accept swap": "Partner took the other room",
    "refuse swap": "Partner kept its room",
    "withdraw swap": "Swap withdrawn",
    "displace booking": "Booking displaced",
    "mark room use": "Said whether anybody came",
    "add keyholder": "Keyholder added",
    "end keyholder": "Keys given back",
    "close place": "Closed",
    "undo close place": "Closing undone",
    "reopen place": "Opened again, or closed for less long",
    "set room parts": "Parts of a room changed",
    "divide room": "Room divided",
    "join rooms": "Rooms joined",
    "undivide room": "Division of a room taken away",
    "unjoin rooms": "Joined room taken away",
    "add partner": "Partner added",
    "change partner": "Partner changed",
    "end partner": "Partnership ended",
    "add booker": "Booker added",
    "remove booker": "Booker removed",
    "accept terms": "Terms accepted",
    "add place": "Place added",
    "change place": "Place changed",
    "change opening hours": "Opening hours changed",
    "add special opening": "Special opening added",
    "remove special opening": "Special opening taken away",
    "add room": "Room added",
    "change room": "Room changed",
    "make calendar link": "Address of a calendar made",
    "revoke calendar link": "Address of a calendar revoked",
    "put room photo": "Picture of a room changed",
    "remove room photo": "Picture of a room taken away",
}
NAMES = {
    "state": "state",
    "places": "places",
    "source": "by",
    "families": "families told",
    "waiting": "on the waiting list",
    "messages": "messages",
    "status": "mark",
    "people": "people",
    "adults": "adults",
    "children": "children",
    "files": "files",
    "counts": "rows",
    "attendees": "people marked",
    "bookings": "bookings ended",
    "closed": "closed",
    "sessions": "sessions cancelled",
    "parts": "parts",
    "moved": "bookings to come held anew",
    "name": "name",
    "booker": "booker",
    "agreement_to_date": "agreement until",
    "insurance_to_date": "insurance until",
    "minutes_per_term": "minutes a term",
    "default_title": "usual purpose",
    "cost_code": "cost code",
    "rate_pence": "pence an hour",
    "approval": "approval",
    "capacity": "people at most",
    "setup_minutes": "minutes to set up",
    "clear_minutes": "minutes to clear",
    "valid_from_date": "first day",
    "valid_to_date": "last day",
    "first_date": "from",
    "last_date": "until",
    "opens": "opens",
    "closes": "closes",
}
VALUES = {
    "online": "the family, online",
    "phone": "staff, by phone",
    "staff": "staff",
    "": "nothing",
    "attended": "here",
}
MOST = 12


def verb_words(verb: str) -> str:
    """ "Session cancelled" for "cancel session"; a verb without words of its own as it is, with a capital."""
    return VERBS.get(verb) or verb[:1].upper() + verb[1:]


def facts(stored: Any) -> list[str]:
    """What stands in `before` or `after`, a few words each: "places: 2". Ids are left out, lists are counted."""
    values = json.loads(stored) if isinstance(stored, str) else stored
    if not isinstance(values, dict):
        return []
    return [f"{NAMES[name]}: {_value(name, value)}" for name, value in values.items() if name in NAMES][:MOST]


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) if name in ("files", "counts") else str(len(value))
    return VALUES.get(value, value) if isinstance(value, str) else str(value)
