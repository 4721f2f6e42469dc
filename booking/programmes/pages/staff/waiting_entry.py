"""/staff/waiting/entries/{entry}: one family in line: priority, an offer by hand, its answer on the telephone, taking it off."""

from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.bookings.claiming import Target
from booking.programmes.waiting import (
    answering_offers,
    ending_offers,
    keeping_lines,
    lines,
    offering,
    waiting,
    waiting_lists,
)
from booking.programmes.waiting.ending_offers import THEN, Then
from booking.programmes.waiting.waiting_lists import List
from booking.web import access
from booking.who_asks import staff_of
from booking.words import count_words, day_words, instant_words, short_instant, time_range

STATES = {
    "waiting": ("waits", "Waiting"),
    "offered": ("good", "Holds an offer"),
    "booked": ("good", "Has a place"),
    "left": ("plain", "Not on the list any more"),
    "cancelled": ("bad", "What they waited for is cancelled"),
}


async def _entry_in_path(request: Request) -> tuple[Who, dict[str, Any], List]:
    """Who asks, the family's entry and its line; 404 when it is not there or not theirs (promise P6)."""
    who = await staff_of(request)
    found = await waiting_lists.entry_of(who, web.uuid_in_path(request, "entry"))
    if found is None:
        raise HTTPException(404)
    return who, *found


@access("staff")
async def entry_page(request: Request) -> Response:
    _, entry, line = await _entry_in_path(request)
    return await _page(request, entry, line)


async def _page(
    request: Request, entry: dict[str, Any], line: List, problems: list[Problem] | None = None, **typed: str
) -> Response:
    order = await lines.in_order(Target.of(entry))
    place = next((n for n, each in enumerate(order, start=1) if each["id"] == entry["id"]), 0)
    shown = {
        "title": entry["name"],
        "nav": "plan",
        "entry": entry,
        "here": f"/staff/waiting/entries/{entry['id']}",
        "line": line,
        "when": f"{day_words(line.row['date'])}, {time_range(line.row['start_time'], line.row['end_time'])}",
        "state": STATES[entry["state"]],
        "facts": _facts(entry, place, len(order)),
        "is_first": place == 1,
        "may_offer": entry["places"] <= (line.stand.left if entry["priority"] else line.stand.left_for_all),
        "until": instant_words(entry["expires_at"]) if entry["offer_id"] else "",
        "then": THEN,
        "form": web.Shown(
            {"priority": str(entry["priority"]), "priority_reason": entry["priority_reason"], "why": "", "then": "keep"}
            | typed,
            problems or [],
        ),
        "book_path": f"/staff/sessions/{line.row['session_id']}/book?entry={entry['id']}",
    }
    return await web.render_staff(request, "staff/waiting/entry.html", shown, status=422 if problems else 200)


def _facts(entry: dict[str, Any], place: int, waiting: int) -> list[dict[str, str]]:
    who = entry["who"] if isinstance(entry["who"], list) else web.from_json(entry["who"])
    names = ", ".join(each.get("name") or each["first_name"] for each in who)
    creche = (
        f"{count_words(entry['creche_children'], 'child', 'children')} in the crèche"
        if entry["creche_children"]
        else ""
    )
    rows = [
        ("Place in line", f"{place} of {waiting}" if place else ""),
        ("Needs", count_words(entry["places"], "place")),
        ("Who is coming", names),
        ("Crèche", creche),
        ("What they need", entry["needs"]),
        ("Waiting since", short_instant(entry["created_at"])),
        ("Phone", entry["phone_words"]),
        ("Email", entry["email"]),
        ("Reference", entry["reference"]),
    ]
    return [{"name": name, "value": value} for name, value in rows if value]


async def _typed(request: Request, *names: str) -> dict[str, str]:
    async with request.form(max_files=0) as form:
        return {name: " ".join(str(form.get(name, "")).split())[:200] for name in names}


@access("staff")
async def set_priority(request: Request) -> Response:
    who, entry, line = await _entry_in_path(request)
    typed = await _typed(request, "priority", "priority_reason")
    number = int(typed["priority"]) if typed["priority"].isdecimal() and len(typed["priority"]) < 4 else -1
    try:
        await keeping_lines.set_priority(entry_id=entry["id"], priority=number, reason=typed["priority_reason"], by=who)
    except Refused as refused:
        return await _page(request, entry, line, refused.problems, **typed)
    web.flash(request, "The order of the line is changed. The family sees no sign of it.")
    return web.go(line.path)


@access("staff")
async def offer(request: Request) -> Response:
    who, entry, line = await _entry_in_path(request)
    typed = await _typed(request, "why")
    try:
        offer_id = await offering.offer_by_hand(entry_id=entry["id"], by=who, why=typed["why"])
    except Refused as refused:
        return await _page(request, entry, line, refused.problems, **typed)
    request.app.state.pages.forget()
    made = await ending_offers.find("o.id = $1", offer_id)
    assert made is not None
    web.flash(request, f"{entry['name']} is offered a place, kept until {instant_words(made['expires_at'])}.")
    return web.go(line.path)


@access("staff")
async def answer(request: Request) -> Response:
    """The family says yes or no on the telephone."""
    who, entry, line = await _entry_in_path(request)
    says = (await _typed(request, "answer"))["answer"]
    try:
        if says == "yes":
            booking = await answering_offers.take(offer_id=_open(entry), by=who, source="phone")
            web.flash(request, f"{entry['name']} has a place. Reference {booking.reference}.")
        elif says == "no":
            await answering_offers.pass_on(offer_id=_open(entry), by=who)
            web.flash(request, f"{entry['name']} passed. The next in line is asked.")
    except Refused as refused:
        return await _page(request, entry, line, refused.problems)
    request.app.state.pages.forget()
    return web.go(line.path)


def _open(entry: dict[str, Any]) -> UUID:
    """Its open offer; Refused when it holds none any more."""
    if entry["offer_id"] is None or entry["expires_at"] <= clock.now():
        raise Refused([answering_offers.GONE])
    return entry["offer_id"]


@access("staff")
async def withdraw(request: Request) -> Response:
    who, entry, line = await _entry_in_path(request)
    typed = await _typed(request, "why", "then")
    then: Then = "off" if typed["then"] == "off" else "last" if typed["then"] == "last" else "keep"
    try:
        await ending_offers.withdraw(offer_id=_open(entry), then=then, why=typed["why"], by=who)
    except Refused as refused:
        return await _page(request, entry, line, refused.problems, **typed)
    request.app.state.pages.forget()
    web.flash(request, f"The offer to {entry['name']} is taken back, and they are told.")
    return web.go(line.path)


@access("staff")
async def leave(request: Request) -> Response:
    who, entry, line = await _entry_in_path(request)
    try:
        await waiting.leave(entry_id=entry["id"], by=who)
        web.flash(request, f"{entry['name']} is off the list.")
    except Refused as refused:
        web.flash_problems(request, refused)
    request.app.state.pages.forget()
    return web.go(line.path)


@access("staff")
async def back(request: Request) -> Response:
    """Reloaded after a refusal: the family's page."""
    _, entry, _ = await _entry_in_path(request)
    return web.go(f"/staff/waiting/entries/{entry['id']}")


ENTRY = "/staff/waiting/entries/{entry}"
ACTS = {"priority": set_priority, "offer": offer, "answer": answer, "withdraw": withdraw, "leave": leave}
routes = [Route(ENTRY, entry_page, name="staff_entry", methods=["GET"])]
for _name, _act in ACTS.items():
    routes += [
        Route(f"{ENTRY}/{_name}", _act, name=f"staff_entry_{_name}", methods=["POST"]),
        Route(f"{ENTRY}/{_name}", back, name=f"staff_entry_{_name}_back", methods=["GET"]),
    ]
