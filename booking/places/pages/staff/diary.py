"""/staff/diary: every use of every room of a location or a hub, for a day or a week, on one grid or as a table."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import grid
from booking.places.diary import DiaryRoom, Place, places_of, rooms_at
from booking.places.grid import Use, Window
from booking.places.opening import Day, one_day, spans
from booking.places.pages.staff.diary_words import uses_of
from booking.places.pages.staff.lanes import Lane
from booking.places.queries import openings
from booking.web import access
from booking.who_asks import date_in, staff_of
from booking.words import day_words, short_day

WEEKEND = (5, 6)
SHORTEST_IN_WEEK = 45
"""Minutes of free time that are tall enough to be hit; the day and the table offer a quarter of an hour too."""
KEY = (
    ("drop_in", "Drop in"),
    ("session", "Book a place"),
    ("run", "Course"),
    ("appointment", "Appointment"),
    ("partner", "Partner"),
    ("hub", "Hub’s own"),
    ("request", "Request or kept"),
    ("private", "Private"),
    ("setup", "Setting up, clearing"),
    ("closure", "Closed"),
    ("free", "Free"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the diary is wanted: one location, or with `hub_id` every location of that hub."""

    places: tuple[Place, ...]
    hub_id: UUID | None
    day: date
    is_week: bool
    is_table: bool

    @property
    def name(self) -> str:
        first = self.places[0]
        return f"All rooms of {first.hub_name or first.name}" if self.hub_id else first.name

    @property
    def days(self) -> list[date]:
        first = self.day - timedelta(days=self.day.weekday()) if self.is_week else self.day
        return [first + timedelta(days=n) for n in range(7 if self.is_week else 1)]

    def href(self, **changes: Any) -> str:
        """The address of this diary with something changed: day, is_week, is_table."""
        asked = {"day": self.day, "is_week": self.is_week, "is_table": self.is_table} | changes
        query: dict[str, Any] = {"hub": self.hub_id} if self.hub_id else {"location": self.places[0].id}
        query |= {"date": asked["day"], "view": "week" if asked["is_week"] else "day"}
        return "/staff/diary?" + urlencode(query | ({"as": "table"} if asked["is_table"] else {}))


@access("staff")
async def diary(request: Request) -> Response:
    who = await staff_of(request)
    places = await places_of(who)
    if not places:
        return await web.render_staff(request, "staff/diary/empty.html", {"title": "Diary", "nav": "diary"})
    asked = asked_of(request, places, who)
    shown = await drawn(asked, who)
    page = "staff/diary/table.html" if asked.is_table else "staff/diary/grid.html"
    return await web.render_staff(request, page, shown | _around(asked, places))


def asked_of(request: Request, places: list[Place], who: Who) -> Asked:
    """From the address; without one the first hub's own place today. 404 for what is not theirs (promise P6)."""
    query = request.query_params
    location, hub = query.get("location", ""), query.get("hub", "")
    if location:
        chosen = [place for place in places if str(place.id) == location]
    elif hub:
        chosen = [place for place in places if str(place.hub_id) == hub]
    else:
        chosen = [next((place for place in places if who.works_at(place.hub_id)), places[0])]
    if not chosen:
        raise HTTPException(404)
    hub_id = chosen[0].hub_id if hub and not location else None
    day = date_in(request) or clock.today()
    return Asked(tuple(chosen), hub_id, day, query.get("view") == "week", query.get("as") == "table")


async def drawn(asked: Asked, who: Who) -> dict[str, Any]:
    """The rooms with their lanes, location by location, and the hours shown. Six queries with the places."""
    days, now = asked.days, clock.now()
    at = {place.id: place for place in asked.places}
    rooms = await rooms_at(list(at))
    opening = await openings(list(at), days[0], days[-1])
    uses = await uses_of(rooms, at, days[0], days[-1] + timedelta(days=1), who)
    lanes = grid.uses_by_room([(room.id, room.leaves) for room in rooms], {room.id: room.name for room in rooms}, uses)
    used = {key: grid.by_day(days, some) for key, some in lanes.items()}
    open_spans = {key: {day: spans(opening[key], day) for day in days} for key in at}
    all_open = {day: [span for each in open_spans.values() for span in each[day]] for day in days}
    all_used = {day: [use for each in used.values() for use in each[day]] for day in days}
    hours = grid.hours_shown(all_open, all_used)
    windows = [grid.window(day, *hours) for day in _needed(days, all_open, all_used)]
    shortest = SHORTEST_IN_WEEK if asked.is_week and not asked.is_table else grid.STEP
    groups = []
    for place in asked.places:
        said = [one_day(opening[place.id], window.day, clock.today()) for window in windows]
        own = [room for room in rooms if room.location_id == place.id and _is_shown(room, said, used[room.id])]
        opened = open_spans[place.id]
        lanes_of = [(room, _lanes(room, used[room.id], windows, said, opened, now, shortest)) for room in own]
        groups.append({"place": place, "days": said, "rooms": lanes_of})
    return {
        "groups": groups,
        "windows": windows,
        "first_hour": hours[0],
        "now_place": "" if asked.is_week else grid.now_place(windows[0], now),
    }


def _needed(days: list[date], all_open: dict[date, Any], all_used: dict[date, list[Use]]) -> list[date]:
    """A week whose Saturday or Sunday is not open and not used has a column less."""
    is_used = {day for day, some in all_used.items() if any(use.kind != "closure" for use in some)}
    return [day for day in days if len(days) == 1 or day.weekday() not in WEEKEND or all_open[day] or day in is_used]


def _is_shown(room: DiaryRoom, days: list[Day], used: dict[date, list[Use]]) -> bool:
    """Not a room that was given up before these days, such as half of a hall that is one again, unless it is held."""
    is_over = room.last_date is not None and room.last_date < days[0].date
    return not is_over or any(used[day.date] for day in days)


def _lanes(
    room: DiaryRoom,
    uses: dict[date, list[Use]],
    windows: list[Window],
    days: list[Day],
    open_spans: dict[date, Any],
    now: datetime,
    shortest: int,
) -> list[Lane]:
    lanes, room_id = [], str(room.id)
    for window, day in zip(windows, days, strict=True):
        is_in_use = room.is_in_use(day.date)
        opened = open_spans[day.date] if is_in_use else ()
        blocks = grid.lay_out(window, uses[day.date], opened, now=now, shortest=shortest, around=room.around)
        shut = "" if is_in_use else "Not in use"
        if is_in_use and not day.times:
            shut = f"Closed: {day.note}" if day.note else "Closed"
        book = f"/staff/rooms/book?room={room_id}&date={day.date}"
        lanes.append(Lane(room_id, day, blocks, grid.now_place(window, now), shut, book))
    return lanes


def _around(asked: Asked, places: list[Place]) -> dict[str, Any]:
    """Everything beside the grid: titles, where else to look, what the signs mean."""
    step, today = timedelta(days=7 if asked.is_week else 1), clock.today()
    days = asked.days
    when = f"{short_day(days[0])} to {short_day(days[-1])}" if asked.is_week else day_words(asked.day)
    before, after = asked.day - step, asked.day + step
    return {
        "title": f"Diary: {asked.name}, {when}",
        "nav": "diary",
        "asked": asked,
        "when": when,
        "places": places,
        "unit": "week" if asked.is_week else "day",
        "is_now": today in days,
        "before": {"href": asked.href(day=before), "text": short_day(days[0] - step)},
        "after": {"href": asked.href(day=after), "text": short_day(days[0] + step)},
        "today": asked.href(day=today),
        "whole_hub": _hub_link(asked, places),
        "views": [
            {"href": asked.href(is_week=False), "text": "Day", "current": not asked.is_week},
            {"href": asked.href(is_week=True), "text": "Week", "current": asked.is_week},
        ],
        "forms": [
            {"href": asked.href(is_table=False), "text": "Grid", "current": not asked.is_table},
            {"href": asked.href(is_table=True), "text": "Table", "current": asked.is_table},
        ],
        "key": KEY,
    }


def _hub_link(asked: Asked, places: list[Place]) -> dict[str, str] | None:
    """From one location to all of its hub, if there are more."""
    place = asked.places[0]
    if asked.hub_id or sum(each.hub_id == place.hub_id for each in places) < 2:
        return None
    query = {"hub": place.hub_id, "date": asked.day, "view": "week" if asked.is_week else "day"}
    return {"href": f"/staff/diary?{urlencode(query)}", "text": "All rooms of this hub, in every building"}


routes = [Route("/staff/diary", diary, name="staff_diary", methods=["GET"])]
