"""/staff/rooms/requests: what partners have asked for and staff decide about, with one tap or with a reason."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.places import deciding_requests, requests_inbox, room_history
from booking.places.chosen_ways import as_uuid
from booking.places.deciding_requests import Decided
from booking.places.requests_inbox import AskedDate, date_words
from booking.places.requests_inbox import Request as Waiting
from booking.places.using_rooms import keyholders_of
from booking.problems import Problem, Refused
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, count_words, short_day, time_range

REQUESTS = "/staff/rooms/requests"
NO_DATE = Problem("Tick at least one date.", rule="no date")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form of one request as it was sent. ticked is None where it had no dates to tick: then all are meant."""

    about_id: UUID | None = None
    ticked: frozenset[UUID | None] | None = None
    why: str = ""
    keyholder_id: UUID | None = None

    def is_ticked(self, about_id: UUID, date_id: UUID) -> bool:
        return about_id != self.about_id or self.ticked is None or date_id in self.ticked


@access("staff")
async def requests_page(request: Request) -> Response:
    return await _page(request, await staff_of(request), [])


async def _page(request: Request, who: Who, problems: list[Problem], typed: Typed = Typed()) -> Response:
    waiting = await requests_inbox.requests_for(who)
    places = sorted({each.first["location_id"] for each in waiting if each.lacks_keyholder})
    keyholders = await keyholders_of(places) if places else []
    context = {
        "title": "Requests",
        "nav": "requests",
        "items": [_item(each, keyholders, typed) for each in waiting],
        "swaps": [_swap(each) for each in await room_history.swaps_under_way(who)],
        "problems": problems,
        "refused_id": typed.about_id,
        "why": typed.why,
        "keyholder_id": typed.keyholder_id,
    }
    return await web.render_staff(request, "staff/rooms/requests.html", context, status=422 if problems else 200)


def _item(waiting: Waiting, keyholders: list[dict[str, Any]], typed: Typed) -> dict[str, Any]:
    first, number = waiting.first, len(waiting.dates)
    organisation = first["organisation_name"] or "Our own use"
    return {
        "id": waiting.about_id,
        "title": first["title"] or organisation,
        "whose": ", ".join(part for part in (first["booker_name"], first["organisation_name"]) if part),
        "where": f"{first['room_name']}, {first['location_name']}",
        "people": count_words(first["people"], "person", "people") if first["people"] else "",
        "why": first["why"],
        "notes": first["notes"],
        "href": f"/staff/rooms/bookings/{first['id']}",
        "held": _held(waiting),
        "dates": [_date(each, typed.is_ticked(waiting.about_id, each.id)) for each in waiting.dates],
        "number": number,
        "free": waiting.free,
        "approve": _approve_words(waiting),
        "lacks_keyholder": waiting.lacks_keyholder,
        "keyholders": [
            each
            for each in keyholders
            if each["location_id"] == first["location_id"]
            and each["organisation_id"] in (None, first["organisation_id"])
        ],
    }


def _held(waiting: Waiting) -> dict[str, str]:
    until = waiting.held_until_at
    if until is None or until <= clock.now():
        return {"level": "bad", "words": "No longer held"}
    return {"level": "waits", "words": f"Held until {short_day(clock.local(until).date())}, {clock_time(until)}"}


def _swap(row: dict[str, Any]) -> dict[str, Any]:
    is_asked = row["state"] == "open"
    starts = clock.local(row["starts_at"])
    words = {"open": "Asked", "refused": "Said no", "lapsed": "No answer"}[row["state"]]
    until = f", answers by {short_day(clock.local(row['answer_by_at']).date())}" if is_asked else ""
    return {
        "href": f"/staff/rooms/bookings/{row['room_booking_id']}",
        "level": "waits" if is_asked else "bad",
        "words": words,
        "title": f"{row['own_room']}, {short_day(starts.date())}",
        "detail": f"{row['organisation_name']} may take {row['kept_room']} instead{until}. We need it for: {row['for_title']}",
    }


def _approve_words(waiting: Waiting) -> str:
    number, free = len(waiting.dates), waiting.free
    if number == 1:
        return "Approve"
    return f"Approve all {number}" if number == free else f"Approve the {count_words(free, 'free date')}"


def _date(date: AskedDate, is_ticked: bool) -> dict[str, Any]:
    starts, ends = clock.local(date.starts_at), clock.local(date.ends_at)
    return {
        "id": date.id,
        "day": date_words(date),
        "times": time_range(f"{starts:%H:%M}", f"{ends:%H:%M}"),
        "level": "bad" if date.clash else "good",
        "words": date.clash or "Free",
        "is_ticked": is_ticked,
    }


@access("staff")
async def decide(request: Request) -> Response:
    """Approves or declines all dates of one request, or those that were ticked."""
    who = await staff_of(request)
    async with request.form(max_fields=300, max_files=0) as form:
        decision, typed = str(form.get("decision", "")), _typed(form)
    waiting = next((each for each in await requests_inbox.requests_for(who) if each.about_id == typed.about_id), None)
    ids = [each.id for each in waiting.dates if typed.is_ticked(waiting.about_id, each.id)] if waiting else []
    try:
        if waiting and not ids:
            raise Refused([NO_DATE])
        if decision == "decline":
            declined = await deciding_requests.decline(room_booking_ids=ids, by=who, why=typed.why)
            web.flash(request, f"Declined: {count_words(len(declined), 'date')}. The partner reads why.")
        else:
            decided = await deciding_requests.approve(room_booking_ids=ids, by=who, keyholder_id=typed.keyholder_id)
            _say(request, decided, waiting)
    except Refused as refused:
        return await _page(request, who, refused.problems, typed)
    return web.go(REQUESTS)


def _typed(form: FormData) -> Typed:
    ticked = frozenset(as_uuid(str(each)) for each in form.getlist("date"))
    return Typed(
        about_id=as_uuid(str(form.get("request", ""))),
        ticked=ticked if ticked or "ticks" in form else None,
        why=str(form.get("why", ""))[:300],
        keyholder_id=as_uuid(str(form.get("keyholder", ""))),
    )


def _say(request: Request, decided: Decided, waiting: Waiting | None) -> None:
    """What was confirmed, and what had been taken meanwhile."""
    if decided.confirmed:
        web.flash(request, f"Confirmed: {count_words(len(decided.confirmed), 'date')}. The partner is told.")
    days = {each.id: date_words(each) for each in waiting.dates} if waiting else {}
    for id, problem in decided.refused:
        web.flash(request, f"Not confirmed, {days.get(id, 'one date')}: {problem.words}", "note")


routes = [
    Route(REQUESTS, requests_page, name="staff_room_requests", methods=["GET"]),
    Route(REQUESTS, decide, name="staff_room_requests_do", methods=["POST"]),
]
