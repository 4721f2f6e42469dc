"""Where several dates of a series clash: another room of the building, a little earlier or later, or another weekday for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from booking.people.signing_in import Who
from booking.places import importing
from booking.places.asking import Ask, Wished, wishes
from booking.places.booking_rooms import Preview
from booking.places.partner_rooms import rooms_there
from booking.places.ways_out import SHIFTS, shift_words, shifted
from booking.places.working_out import World, look, work_out
from booking.words import DAYS, count_words

FROM_CLASHES = 2
MOST = 4


@dataclass(frozen=True, slots=True)
class WholeWay:
    """All dates another way. What stays is None; clashes is how many dates clash then."""

    words: str
    clashes: int
    room_id: UUID | None = None
    start: str | None = None
    end: str | None = None
    weekday: int | None = None

    @property
    def note(self) -> str:
        return (
            "every date is free" if not self.clashes else f"{count_words(self.clashes, 'date clashes', 'dates clash')}"
        )


async def ways_for_all(preview: Preview, who: Who) -> list[WholeWay]:
    """The best ways to move the whole series, fewest clashes first; none where fewer than two dates clash or nothing is
    better. A query for each way that is tried, thirteen at most, and six for all of them."""
    clashes = len(preview.of_state("clash"))
    rule = preview.ask.rule
    if rule is None or clashes < FROM_CLASHES or len({line.day for line in preview.lines}) != len(preview.lines):
        return []
    ask = replace(preview.ask, choices={})
    rooms = {
        each["id"]: each
        for each in await rooms_there(preview.room.location_id, ask.room_id)
        if each["id"] != ask.room_id
    }
    fitting = [key for key, each in rooms.items() if each["capacity"] >= (ask.people or 0)][:4]
    calendars = await importing.calendars()
    calendar = calendars.get(preview.room.area) or calendars[""]
    tried = [
        *((WholeWay(f"{rooms[key]['name']}, same time", 0, room_id=key), replace(ask, room_id=key)) for key in fitting),
        *_shifts(ask),
        *_weekdays(ask),
    ]
    wished = [wishes(other, calendar) for _, other in tried]
    days = sorted({wish.day for each in wished for wish in each})
    world = await look(ask, days, who, set(fitting))
    found = [
        replace(way, clashes=await _clashes(other, each, world))
        for (way, other), each in zip(tried, wished, strict=True)
        if each
    ]
    return sorted((way for way in found if way.clashes < clashes), key=lambda way: way.clashes)[:MOST]


async def _clashes(ask: Ask, wished: Sequence[Wished], world: World) -> int:
    return sum(line.state == "clash" for line in await work_out(ask, wished, world))


def _shifts(ask: Ask) -> list[tuple[WholeWay, Ask]]:
    found = []
    for minutes in SHIFTS:
        times = shifted(ask.start, ask.end, minutes)
        if times:
            start, end = times
            way = WholeWay(shift_words(minutes, start, end), 0, start=start, end=end)
            found.append((way, replace(ask, start=start, end=end)))
    return found


def _weekdays(ask: Ask) -> list[tuple[WholeWay, Ask]]:
    """The other working days of the week, the nearest first."""
    rule = ask.rule
    if rule is None:
        return []
    others = sorted((n for n in range(5) if n != rule.weekday), key=lambda n: (abs(n - rule.weekday), n))
    return [
        (WholeWay(f"{DAYS[n]}s, same time", 0, weekday=n), replace(ask, rule=replace(rule, weekday=n))) for n in others
    ]
