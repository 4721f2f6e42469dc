"""Facts as they really come, for the preview of a text and for its stored expected texts: nobody's in particular."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from booking.messages.said import OtherRoom, RoomDate, RoomSaid, Said

ID = UUID("019b0000-7c4e-7aaa-8bbb-000000000001")
FIRST = datetime(2027, 1, 12, 10, tzinfo=UTC)
WEEK, TWO_HOURS = timedelta(weeks=1), timedelta(hours=2)
PLACE = "Ferndown Family Hub, Penny's Walk, Ferndown BH22 9JU"

# What makes a variant of a kind: facts that differ from the plain ones.
COURSE, ALSO = {"dates": 3}, {"also_token": "a7Kq2mXw9TfA_bQ4"}
VARIANTS: dict[str, dict[str, Any]] = {
    "confirmation.course": COURSE,
    "confirmation.creche": {"creche": ["Ada"]},
    "confirmation.first_visit": {"is_first_visit": True},
    "cancellation.course": COURSE,
    "cancellation.one_date": {"is_course": True},
    "cancellation.some_dates": {"is_course": True, "dates": 2},
    "cancellation.waiting": {"is_waiting": True},
    "cancellation.waiting_course": {"is_waiting": True, "dates": 3},
    "given_up.course": COURSE,
    "missed.catch_up": {
        "catch_ups": ["Thursday 14 January, 10am to midday, Wimborne Family Hub"],
        "is_creche_free": True,
    },
    "catch_up.creche": {"creche": ["Ada"]},
    "date_added.make_up": {"is_make_up": True},
    "goes_on.waiting": {"is_waiting": True},
    "waiting_joined.course": COURSE,
    "offer.course": COURSE,
    "offer.no_reply": {},  # by the settings, not by facts
    "invite.over": {"is_over": True},
    "cancellation.also": ALSO | {"dates": 2},
    "changed.also": ALSO,
    "given_up.also": ALSO,
    "missed.also": ALSO,
    "dates_changed.also": ALSO,
    "date_added.also": ALSO,
    "goes_on.also": ALSO,
    "reminder_days.also": ALSO,
    "reminder_days.phone": {"is_by_phone": True},
    "reminder_hours.also": ALSO,
    "reminder_hours.phone": {"is_by_phone": True},
    "room_cancelled.series": {"rooms": 3},
    "room_displaced.series": {"rooms": 3},
    "room_displaced.offer": {"offer": True},
    "room_reminder.series": {"rooms": 2},
    "room_date_free.series": {"rooms": 2},
    "partner_expiry.insurance": {"what": "insurance"},
    "duty_invite.over": {"is_over": True},
    "swap_decided.off": {"is_off": True},
    "cover_gone.unfit": {"is_unfit": True},
    "staff_stood_down.several": {"places": ["Ferndown Family Hub", "Wimborne Family Hub"]},
    "staff_stood_down.undone": {"is_undone": True},
    "staff_stood_down.undone_several": {"is_undone": True, "places": ["Ferndown Family Hub", "Wimborne Family Hub"]},
}
ROOM_STATES = {"room_requested": "requested", "room_declined": "declined", "room_cancelled": "cancelled"} | {
    "room_displaced": "displaced", "room_date_free": "missing",
}  # fmt: skip


def example_facts(kind: str, *, is_discreet: bool = False) -> dict[str, Any]:
    """Facts for a kind or one of its variants ("confirmation.course"), as `outbox.queue` is given them, with name and marker."""
    changes = dict(VARIANTS.get(kind, {}))
    plain, count = kind.partition(".")[0], changes.pop("dates", 1)
    if plain.startswith("room_"):
        return _plain() | _room(plain, changes)
    dates = _dates(count, is_by_phone=changes.pop("is_by_phone", False), is_discreet=is_discreet)
    facts = _plain() | {"said": dates[0], "dates": dates, "is_discreet": is_discreet} | changes
    if plain in ("changed", "dates_changed"):
        facts |= _changed(_dates(1 if plain == "changed" else 3, is_by_phone=False, is_discreet=is_discreet))
    if plain.startswith("offer"):
        facts |= {"offer_token": "o7Kq2mXw9TfA_bQ4"}
    if plain == "staff_stood_down":
        facts |= {"token": None, "staff_path": f"/staff/close/{ID}"}
    if plain.startswith(("rota_", "duty_")):
        facts |= _duties(plain) | {"token": None, "staff_path": "/duties"}
    if plain.startswith("swap_"):
        facts |= _swap() | {"token": None, "staff_path": "/duties/swaps"}
    if plain.startswith("leave_"):
        facts |= {"said": None, "leave_first": "2027-01-12", "leave_last": "2027-01-15", "token": None}
        facts |= {"reason": "Enjoy it.", "staff_path": "/duties/leave"}
    if plain.startswith("cover_"):
        facts |= {"said": None, "reason": "You would be on two duties at once.", "token": None}
        facts |= {"staff_path": "/duties/ask/o7Kq2mXw9TfA_bQ4"}
    return facts | (ALSO if plain == "also_told" else {})


def _dates(count: int, *, is_by_phone: bool, is_discreet: bool) -> list[Said]:
    said = Said(
        ID, FIRST, FIRST + TWO_HOURS, "Stay and play", PLACE, "Bus 38 stops outside. There is free parking.",
        "Socks for the soft play room.", "Sam", page_path="/sessions/stay-and-play", is_discreet=is_discreet,
    )  # fmt: skip
    if is_by_phone:
        said = replace(said, place="By phone, we ring you", directions="", bring="", is_by_phone=True)
    return [replace(said, starts_at=FIRST + n * WEEK, ends_at=FIRST + n * WEEK + TWO_HOURS) for n in range(count)]


def _duties(kind: str) -> dict[str, Any]:
    """Two new ones, one that has moved, one that is restricted and gone; or two on one day."""
    first, second, third = _dates(3, is_by_phone=False, is_discreet=False)
    if kind in ("duty_tomorrow", "duty_invite"):
        wimborne = "Wimborne Family Hub, Hanham Road, Wimborne BH21 1AS"
        later = first.starts_at + timedelta(hours=4)
        other = replace(first, title="Cover", place=wimborne, starts_at=later, ends_at=later + TWO_HOURS)
        return {"said": None, "dates": [first, other] if kind == "duty_tomorrow" else [first]}
    facts = {"duties_new": [first, second], "duties_changed": [third], "duties_gone": [second.neutral()]}
    return {"said": None, "dates": [first, second, third]} | facts


def _swap() -> dict[str, Any]:
    """A duty for another a week later."""
    first, second = _dates(2, is_by_phone=False, is_discreet=False)
    return {
        "said": None,
        "dates": [first],
        "swap_who": "Sam Green",
        "swap_return": [second],
        "reason": "My son’s school play.",
    }


def _changed(was: list[Said]) -> dict[str, Any]:
    later = timedelta(days=1)
    now = [replace(each, starts_at=each.starts_at + later, ends_at=each.ends_at + later) for each in was]
    now = [replace(each, place="Wimborne Family Hub, Hanham Road, Wimborne BH21 1AS") for each in now]
    return {"said": now[0], "dates": now, "was": was}


def _room(kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    state, count = ROOM_STATES.get(kind, "confirmed"), changes.pop("rooms", 1)
    dates = tuple(
        RoomDate(
            FIRST + n * WEEK,
            FIRST + n * WEEK + TWO_HOURS,
            state,
            title="Baby clinic",
            room="Blue room" if count > 1 else "",
        )
        for n in range(count)
    )
    room = RoomSaid(
        ("room_booking", ID), "Baby clinic", "Blue room", "Ferndown Family Hub", "Penny's Walk, Ferndown BH22 9JU", dates,
        f"/partner/bookings/{ID}",
    )  # fmt: skip
    other = OtherRoom(
        "Hall, Ferndown Family Hub", FIRST, FIRST + TWO_HOURS, FIRST - timedelta(days=4), "/swaps/h7Kq2mXw9TfA_bQ4"
    )
    offer = {"offer": other} if changes.pop("offer", False) else {}
    return {"room": room, "other": other, "token": None} | offer | changes


def _plain() -> dict[str, Any]:
    return {
        "name": "Jo", "token": "h7Kq2mXw9TfA_bQ4", "marker": "x7k2p9", "reference": "KQ7-4MD", "people": ["Jo", "Ada"], "creche": [],
        "until": FIRST - timedelta(days=4), "missed_at": FIRST - WEEK, "catch_ups": [], "is_creche_free": False,
        "is_first_visit": False, "is_waiting": False, "is_make_up": False, "is_over": False,
        "reason": "The heating has broken down.", "alternatives_path": "/?hub=ferndown",
        "gists": ["Stay and play, Tue 12 Jan 10am: off", "Baby massage: now Wed 13 Jan 1pm"],
        "words": "Please bring a towel.\n\nThe pool is open again.", "subject": "Bring a towel", "about_words": "Stay and play",
        "choices": ["Stay and play", "Baby massage"], "offered": [False, True], "times": [FIRST, FIRST + WEEK],
        "code": "123456", "minutes": 10, "booked": 4, "needed": 6, "decide_by": "Tuesday 5 January", "page_path": "/staff/runs/1/decide",
        "places": ["Ferndown Family Hub"], "when": ["Tuesday 12 January, all day"], "is_undone": False, "link": "",
        "off": ["Tue 12 Jan, 10am: Stay and play"], "moved": [], "online": ["Tue 12 Jan, 7pm: Solihull Approach"],
        "what": "agreement", "organisation": "Dorset Toy Library", "end": "3 May 2027", "in_days": "30 days",
    }  # fmt: skip
