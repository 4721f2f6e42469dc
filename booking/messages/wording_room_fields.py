"""The fields of texts for partners' bookers and for staff. These texts are in English alone."""

from collections.abc import Callable

from booking.messages import sender
from booking.messages.said import OtherRoom, RoomDate
from booking.messages.typed import shorten
from booking.messages.wording_told import Told

STATES = ("confirmed", "requested", "displaced", "cancelled", "declined", "skipped", "missing")


def booking(told: Told) -> str:
    return shorten(told.room.title, told.longest.title) if told.is_short else told.room.title


def room(told: Told) -> str:
    """The room; of an SMS with its location where that fits."""
    both = f"{told.room.room}, {told.room.location}"
    if not told.is_short:
        return told.room.room
    return both if len(both) <= told.longest.place else shorten(told.room.room, told.longest.place)


def room_place(told: Told) -> str:
    return told.room.place


def _first(told: Told) -> tuple[RoomDate, ...]:
    """What the message is about: what was asked for, or is had; all dates where none is."""
    wanted = {"room_requested": "requested", "room_confirmed": "confirmed"}.get(told.fact("kind"))
    return (told.room.of_state(wanted) if wanted else ()) or told.room.dates


def room_first(told: Told) -> str:
    return told.start(told.room.dates[0].starts_at)


def room_start(told: Told) -> str:
    return told.start(_first(told)[0].starts_at)


def room_when(told: Told) -> str:
    return told.span(told.room.dates[0])


def room_count(told: Told) -> str:
    wanted = {"room_requested": "requested", "room_confirmed": "confirmed"}.get(told.fact("kind"))
    dates = told.room.of_state(wanted) if wanted else told.room.dates
    return str(len(dates)) if len(dates) > 1 else ""


def room_more(told: Told) -> str:
    return str(len(told.room.dates) - 1) if len(told.room.dates) > 1 else ""


def room_list(told: Told) -> str:
    return "\n".join(f"- {told.span(each)}" for each in told.room.dates)


def room_bookings(told: Told) -> str:
    return "\n".join(f"- {told.span(each)}: {each.title}, {each.room}" for each in told.room.dates)


def room_dates(told: Told) -> str:
    """When; of a series every date, under what has become of it."""
    if len(told.room.dates) == 1:
        return told.phrase("room_when", when=room_when(told))
    groups = [(state, told.room.of_state(state)) for state in STATES]
    lists = [
        told.phrase(f"room_{state}") + "\n\n" + "\n".join(f"- {_date(told, each)}" for each in dates)
        for state, dates in groups
        if dates
    ]
    return "\n" + "\n\n".join(lists)


def _date(told: Told, each: RoomDate) -> str:
    return f"{told.span(each)}{f', {each.room}' if each.room else ''}{f': {each.why}' if each.why else ''}"


def asked_note(told: Told) -> str:
    return told.phrase("room_asked_note") if told.room.of_state("requested") else ""


def missing_note(told: Told) -> str:
    return told.phrase("room_missing_note") if told.room.of_state("missing") else ""


def find_link(told: Told) -> str:
    return f"{sender.current().base_url}/partner/find"


def partner_link(told: Told) -> str:
    return f"{sender.current().base_url}/partner"


def _other(told: Told) -> OtherRoom:
    return told.facts.get("offer") or told.fact("other")


def other_place(told: Told) -> str:
    return _other(told).place


def other_when(told: Told) -> str:
    return told.span(_other(told))


def other_until(told: Told) -> str:
    return told.start(_other(told).answer_by_at)


def other_link(told: Told) -> str:
    return sender.current().base_url + _other(told).link_path


def in_days(told: Told) -> str:
    days = told.fact("in_days")
    return told.phrase("today") if days == "0 days" else told.phrase("in_days", days=days)


def places(told: Told) -> str:
    return f" {told.phrase('and')} ".join(told.fact("places"))


def closed_from(told: Told) -> str:
    return told.fact("when")[0]


def closed_more(told: Told) -> str:
    return str(len(told.fact("when")) - 1) if len(told.fact("when")) > 1 else ""


def closed_when(told: Told) -> str:
    return "; ".join(told.fact("when"))


def outcome(told: Told) -> str:
    """ "2 off, 1 moved, 1 online"."""
    found = {name: len(told.fact(name)) for name in ("off", "moved", "online")}
    if not any(found.values()):
        return told.phrase("nothing_planned_short")
    return told.phrase("outcome", **{name: str(count) for name, count in found.items()})


def outcomes(told: Told) -> str:
    """What is off, has moved, is online: a list under each."""
    found = [("off", told.fact("off")), ("moved", told.fact("moved")), ("online_now", told.fact("online"))]
    lists = [told.phrase(name) + "\n\n" + "\n".join(f"- {line}" for line in lines) for name, lines in found if lines]
    return "\n\n".join(lists) or told.phrase("nothing_planned")


BY_NAME: dict[str, Callable[[Told], str]] = {
    each.__name__: each
    for each in (
        *(
            booking,
            room,
            room_place,
            room_first,
            room_start,
            room_when,
            room_count,
            room_more,
            room_list,
            room_bookings,
        ),
        *(
            room_dates,
            asked_note,
            missing_note,
            find_link,
            partner_link,
            other_place,
            other_when,
            other_until,
            other_link,
        ),
        *(in_days, places, closed_from, closed_more, closed_when, outcome, outcomes),
    )
}
