"""Room bookings that the tests of wording and calendars speak of."""

from datetime import date, datetime, timedelta
from uuid import UUID

from booking import clock
from booking.messages.said import OtherRoom, RoomDate, RoomSaid
from booking.places.models import RoomBooking, RoomSeries

ID = UUID("019b0000-7c4e-7aaa-8bbb-000000000001")


def at(day: date, wall: str) -> datetime:
    return clock.at(day, wall)


def dated(day: date, state: str = "confirmed", **more) -> RoomDate:
    return RoomDate(at(day, "10:00"), at(day, "12:00"), state, **more)


def one(state: str = "confirmed", **changes) -> RoomSaid:
    facts = {
        "about": ("room_booking", ID),
        "title": "Baby clinic",
        "room": "Blue room",
        "location": "Ferndown Family Hub",
        "address": "Penny's Walk, Ferndown, BH22 9JU",
        "dates": (dated(date(2027, 1, 12), state),),
        "page_path": f"/partner/bookings/{ID}",
    }
    return RoomSaid(**facts | changes)


def series(state: str = "confirmed") -> RoomSaid:
    """Tuesdays of a term: one in another room, half term left out, one date taken, one to be decided."""
    dates = (
        dated(date(2027, 2, 2), state),
        dated(date(2027, 2, 9), state, room="Hall, Ferndown Family Hub"),
        dated(date(2027, 2, 16), "skipped", why="half term"),
        dated(date(2027, 2, 23), "missing", why="Blue room is taken on Tue 23 Feb from 9:30am to 11am"),
        dated(date(2027, 3, 2), "requested"),
        dated(date(2027, 3, 9), state),
    )
    return one(about=("room_series", ID), dates=dates, page_path=f"/partner/series/{ID}")


def other_room() -> OtherRoom:
    day = date(2027, 1, 12)
    return OtherRoom(
        place="Hall, Ferndown Family Hub, Penny's Walk, Ferndown, BH22 9JU",
        starts_at=at(day, "10:00"),
        ends_at=at(day, "12:00"),
        answer_by_at=at(day - timedelta(days=4), "17:00"),
        link_path="/swaps/h7Kq2mXw9TfA_bQ4",
    )


def facts(room: RoomSaid, **changes) -> dict:
    known = {"room": room, "name": "Grace", "marker": "x7k2p9", "reason": "", "other": other_room()}
    return known | changes


async def booked(room, day: date, by, *, start="10:00", end="12:00", **values) -> RoomBooking:
    """One row of a partner's booking, as the verbs leave it."""
    return await RoomBooking.create(
        **{
            "room": room,
            "kind": "partner",
            "starts_at": at(day, start),
            "ends_at": at(day, end),
            "title": "Baby clinic",
            "booked_by_id": by.id,
            "created_at": clock.now(),
        }
        | values
    )


async def tuesdays(room, by, first: date, last: date, states: dict[date, str] | None = None, **values):
    """A weekly series from the first to the last date with a row for each; returns (series, rows by date)."""
    row = await RoomSeries.create(
        **{
            "room": room,
            "weekday": first.weekday(),
            "start_time": "10:00",
            "end_time": "12:00",
            "first_date": first,
            "last_date": last,
            "title": "Baby clinic",
            "booked_by_id": by.id,
            "created_at": clock.now(),
        }
        | values
    )
    rows, day = {}, first
    while day <= last:
        rows[day] = await booked(room, day, by, series=row, state=(states or {}).get(day, "confirmed"))
        day += timedelta(days=7)
    return row, rows
