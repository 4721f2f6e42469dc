"""A partner's form under way: what was typed, what is known of the room, and every date of it. Writes nothing."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import booking_rooms, importing, reserve_form
from booking.places.booking_rooms import Preview
from booking.places.partner_rooms import keyholders_for, room_for_partners
from booking.places.reserve_form import Known, Typed, as_uuid
from booking.places.rooms import RoomFacts
from booking.places.term_calendar import TermCalendar
from booking.places.terms import TermChoice, term_choices
from booking.problems import Problem, Refused


@dataclass
class Reserving:
    """One form under way: who asks, what was typed, and what is known of the room."""

    who: Who
    organisation: dict[str, Any]
    typed: Typed
    room: RoomFacts | None = None
    terms: list[TermChoice] = field(default_factory=list)
    keyholders: list[dict[str, Any]] = field(default_factory=list)
    preview: Preview | None = None
    base: Preview | None = None
    problems: list[Problem] = field(default_factory=list)
    lost: set[date] = field(default_factory=set)
    token: str = ""


async def known_of(who: Who, organisation: dict[str, Any], typed: Typed) -> Reserving:
    room = await room_for_partners(as_uuid(typed.room))
    terms = term_choices(await calendar_of(room), clock.today())
    if not typed.term:
        typed = replace(typed, term=terms[0].key if terms else reserve_form.OWN_DATES)
    keyholders = await keyholders_for(room.location_id, [organisation["id"]]) if room else []
    return Reserving(who, organisation, typed, room, terms, keyholders, token=web.new_token())


async def calendar_of(room: RoomFacts | None) -> TermCalendar:
    """That of the room's area; before a room is chosen that of any area that has one."""
    calendars = await importing.calendars()
    if room:
        return calendars.get(room.area) or calendars[""]
    return next((calendar for calendar in calendars.values() if calendar.periods), calendars[""])


async def look(under_way: Reserving) -> None:
    """Puts what is asked for, every date and all Problems into it; writes nothing."""
    ask, under_way.problems = reserve_form.understand(under_way.typed, _as_known(under_way))
    if ask is None:
        return
    try:
        ask = replace(ask, choices=await _allowed(ask.choices))
        under_way.preview = await booking_rooms.preview(ask, by=under_way.who)
        under_way.base = (
            await booking_rooms.preview(replace(ask, choices={}), by=under_way.who)
            if ask.choices
            else under_way.preview
        )
    except Refused as refused:
        under_way.problems += refused.problems
        under_way.preview = None


async def _allowed(choices: Any) -> dict[date, Any]:
    """Ways out into rooms that partners may choose; any other is as if it had not been chosen."""
    known = {None: True}
    for choice in choices.values():
        if choice.room_id not in known:
            known[choice.room_id] = await room_for_partners(choice.room_id) is not None
    return {day: choice for day, choice in choices.items() if known[choice.room_id]}


def _as_known(under_way: Reserving) -> Known:
    return Known(
        under_way.organisation["id"],
        clock.now(),
        under_way.room,
        under_way.terms,
        frozenset(each["id"] for each in under_way.keyholders),
    )
