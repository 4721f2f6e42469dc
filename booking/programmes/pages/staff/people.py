"""/staff/people: finding somebody; /staff/people/{id}: who they are, how they are reached, what was said to them."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.messages import outbox_lists
from booking.messages.outbox_lists import Reader, Wanted
from booking.people import contact_form, keeping_contact, languages
from booking.people.contact_form import Typed
from booking.people.contacts import phone_words
from booking.people.models import Person
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes import people_of_hubs
from booking.programmes.bookings import telling_others
from booking.programmes.pages.staff.said_of_messages import message_rows, trail_rows
from booking.web import access
from booking.who_asks import staff_of
from booking.words import day_words, time_range

NO_REASON = Problem("Say why you change it, for example that they rang", "why", rule="missing")
CHANNELS = {"sms": "Text message", "email": "Email", "call": "Phone call", "none": "Nothing: no message and no call"}
MARKS = {
    "opted_out": ("bad", "Texts stopped by them"),
    "not_mobile": ("bad", "Not a mobile"),
    "failing": ("bad", "The last text did not arrive"),
    "bounced": ("bad", "The last email came back"),
}
STATES = {
    "booked": ("good", "Has a place"), "given_up": ("plain", "Gave it up"), "cancelled": ("bad", "Cancelled by us"),
    "waiting": ("waits", "Waits"), "offered": ("waits", "Holds an offer"), "left": ("plain", "Left the list"),
}  # fmt: skip


@access("staff")
async def people(request: Request) -> Response:
    """By part of a name, phone or email, or by reference."""
    who, words = await staff_of(request), request.query_params.get("q", "")[:100]
    found = await people_of_hubs.find(who, words)
    context = {
        "title": "People",
        "nav": "messages",
        "words": words,
        "is_short": bool(words.strip()) and len(words.strip()) < people_of_hubs.FEWEST_LETTERS,
        "found": [_in_list(row) for row in found],
        "is_more": len(found) == people_of_hubs.MOST,
    }
    return await web.render_staff(request, "staff/people.html", context, block="results")


def _in_list(row: dict[str, Any]) -> dict[str, Any]:
    phone = phone_words(row["phone"]) if row["phone"] else ""
    return {
        "href": f"/staff/people/{row['id']}",
        "name": row["name"],
        "reach": " · ".join(filter(None, (phone, row["email"]))),
        "marks": _marks(row),
    }


def _marks(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [MARKS[state] for state in (row["phone_state"], row["email_state"]) if state in MARKS]


@access("staff")
async def person_page(request: Request) -> Response:
    who, person = await _person(request)
    return await _page(request, who, person, contact_form.of_person(await Person.get(id=person["id"])), "", [])


async def _person(request: Request) -> tuple[Who, dict[str, Any]]:
    """Who asks, and the person of the path; 404 when they are not theirs to know (promise P6)."""
    who = await staff_of(request)
    person = await people_of_hubs.find_one(who, web.uuid_in_path(request))
    if person is None:
        raise HTTPException(404)
    return who, person


@access("staff")
async def change(request: Request) -> Response:
    """How they are reached, as they said on the telephone; the reason stands in the trail."""
    who, person = await _person(request)
    async with request.form(max_fields=80, max_files=0) as form:
        typed, why = contact_form.read(form), " ".join(str(form.get("why", ""))[:300].split())
    codes = tuple(each.code for each in _languages(request))
    reach, problems = contact_form.understand_staff(typed, codes)
    problems += [] if why else [NO_REASON]
    if not problems:
        try:
            await _save(who, person, reach, why)
        except Refused as refused:
            problems = refused.problems
    if problems:
        return await _page(request, who, person, typed, why, problems)
    web.flash(request, "Saved. What waits to be sent follows.")
    return web.go(f"/staff/people/{person['id']}")


async def _save(who: Who, person: dict[str, Any], reach: contact_form.Reach, why: str) -> None:
    async def body() -> None:
        await keeping_contact.save(person["id"], reach, who, hub_id=person["hub_id"], why=why, is_proved=True)
        if reach.is_discreet:
            await telling_others.stop_for_short_words(who)

    await db.run_tx(body)


@access("staff")
async def again(request: Request) -> Response:
    """A number or mailbox that is marked is tried once more."""
    who, person = await _person(request)
    async with request.form(max_fields=80, max_files=0) as form:
        which = "email" if form.get("which") == "email" else "phone"
    was_marked = await keeping_contact.try_again(person["id"], which, who, hub_id=person["hub_id"])
    what = "The mailbox" if which == "email" else "The number"
    if was_marked:
        web.flash(request, f"{what} is tried again with the next message.")
    else:
        web.flash(request, f"{what} was not marked, or its owner has stopped texts: only they can text START.", "note")
    return web.go(f"/staff/people/{person['id']}")


def _languages(request: Request) -> list[languages.Language]:
    return languages.offered(web.settings_of(request).messages.languages)


async def _page(
    request: Request, who: Who, person: dict[str, Any], typed: Typed, why: str, problems: list[Problem]
) -> Response:
    own = tuple(sorted(who.role_hubs))
    reader = Reader(None if who.is_admin else own, discreet_hub_ids=own)
    said, is_more = await outbox_lists.find(reader, Wanted(person_id=person["id"]))
    context = {
        "title": person["name"],
        "nav": "messages",
        "person": person,
        "phone_words": phone_words(person["phone"]) if person["phone"] else "",
        "marks": _marks(person),
        "again": _may_try(person),
        "texts_path": await people_of_hubs.texts_path(who, person["phone"]),
        "household": await people_of_hubs.household_of(who, person),
        "told": await people_of_hubs.told_beside(who, person["id"]),
        "reached": _reached(person),
        "bookings": [_booking(row) for row in await people_of_hubs.bookings_of(who, person["id"])],
        "messages": message_rows(said),
        "is_more": is_more,
        "trail": trail_rows(await people_of_hubs.trail_of(who, person["id"])),
        "typed": typed,
        "why": why,
        "problems": problems,
        "channels": CHANNELS,
        "languages": _languages(request),
        "days": contact_form.DAYS,
        "times": contact_form.TIMES,
    }
    return await web.render_staff(request, "staff/person.html", context, status=422 if problems else 200)


def _may_try(person: dict[str, Any]) -> list[tuple[str, str]]:
    marked = (
        ("phone", person["phone_state"], "Try this number again"),
        ("email", person["email_state"], "Try this mailbox again"),
    )
    return [(which, words) for which, state, words in marked if state in MARKS and state != "opted_out"]


def _reached(person: dict[str, Any]) -> list[dict[str, str]]:
    """How they want it, in the order of what must be known before anybody rings."""
    days = [
        words for value, words in contact_form.DAYS.items() if value in (person["safe_days"] or contact_form.EVERY_DAY)
    ]
    hours = time_range(person["safe_from"], person["safe_to"]) if person["safe_from"] else ""
    only = " · ".join(filter(None, (hours, ", ".join(days) if person["safe_days"] else "")))
    rows = [
        ("By", CHANNELS.get(person["channel"], person["channel"])),
        ("Before ringing", person["contact_words"]),
        ("Only", only),
        ("Words", "Short words only: never name the session, the place or the hub" if person["is_discreet"] else ""),
        ("Phone", phone_words(person["phone"]) if person["phone"] else "None"),
        ("Email", person["email"] or "None"),
        ("Language", languages.language(person["language"]).words),
        ("At night", "May be texted when today’s session is called off" if person["hears_urgent"] else ""),
    ]
    return [{"name": name, "value": value} for name, value in rows if value]


def _booking(row: dict[str, Any]) -> dict[str, Any]:
    state = STATES.get(row["booking_state"], ("plain", row["booking_state"]))
    if row["is_over"] and row["booking_state"] == "booked":
        state = ("plain", "Over")
    return {
        "href": f"/staff/sessions/{row['session_id']}",
        "title": row["title"],
        "when": f"{day_words(row['date'])}, {time_range(row['start_time'], row['end_time'])}",
        "place": row["place"],
        "reference": row["reference"],
        "state": state,
    }


routes = [
    Route("/staff/people", people, name="staff_people", methods=["GET"]),
    Route("/staff/people/{id}", person_page, name="staff_person", methods=["GET"]),
    Route("/staff/people/{id}", change, name="staff_change_person", methods=["POST"]),
    Route("/staff/people/{id}/again", again, name="staff_try_again", methods=["POST"]),
]
