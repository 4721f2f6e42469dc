"""How we reach you: the channel, the language, when it is safe, and how little a text says. By a booking's link, or for a browser
that is known (/manage/contact)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.messages import example_text
from booking.messages.said import Said
from booking.people import contact_form, keeping_contact, languages
from booking.people.contact_form import Typed
from booking.people.contacts import phone_words
from booking.people.models import Person
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes import disclosure
from booking.programmes.bookings import my_bookings, telling_others
from booking.web import access

SAVED = "Saved. This is how we reach you from now on."
STATES = {
    "opted_out": "Texts to this number are stopped.",
    "not_mobile": "Texts to this number do not arrive. It may not be a mobile.",
    "failing": "Our last text to this number did not arrive.",
    "bounced": "Our last email to this address came back.",
}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom the form is about, by which way they came, and what an example can be made of. `proved` is what a code proved."""

    person: Person
    path: str
    back: str
    back_words: str
    said: Said
    is_discreet: bool
    proved: str = ""


@access("link")
async def of_booking(request: Request) -> Response:
    """By the link of a booking or of a place in line."""
    row = await my_bookings.by_token(request.path_params["token"].split(".")[0])
    if row is None:
        raise HTTPException(404)
    who = await web.family_asking(request)
    person = await Person.get(id=row["person_id"])
    if is_of_another_adult(who, row, person):
        return web.go("/manage/contact")  # of one household, each for themselves
    is_theirs = who is not None and who.proved != "" and who.proved in (person.phone, person.email)
    path = f"/m/{row['manage_token']}"
    whose = Whose(
        person, f"{path}/contact", path, "Back to your booking" if row["kind"] == "booking" else "Back",
        disclosure.said(row), my_bookings.is_discreet(row), who.proved if who and is_theirs else "",
    )  # fmt: skip
    return await _answer(request, whose)


def is_of_another_adult(who: Who | None, row: dict[str, Any], person: Person) -> bool:
    """Whether this browser is known to be somebody else of the household: they see its bookings, and not how the other is
    reached."""
    if who is None or who.id == person.id or who.family_id != row["family_id"]:
        return False
    return not who.proved or who.proved not in (person.phone, person.email)


@access("link")
async def of_browser(request: Request) -> Response:
    """For a browser that has booked here or proved a phone or mailbox."""
    who = await web.family_asking(request)
    if who is None:
        return web.go("/manage/ask")
    coming = [row for row in await my_bookings.of_family(who) if row["ends_at"] > clock.now()]
    said = disclosure.said(coming[0]) if coming else _any_session()
    is_discreet = any(my_bookings.is_discreet(row) for row in coming)
    person = await Person.get(id=who.id)
    return await _answer(
        request, Whose(person, "/manage/contact", "/manage", "My bookings", said, is_discreet, who.proved)
    )


def _any_session() -> Said:
    """Where nothing is booked: next week at ten."""
    starts_at = clock.at(clock.today() + timedelta(days=7), "10:00")
    return Said(db.new_id(), starts_at, starts_at + timedelta(hours=1), title="Stay and play", place="Your nearest hub")


async def _answer(request: Request, whose: Whose) -> Response:
    if request.method == "GET":
        return _page(request, whose, contact_form.of_person(whose.person), [])
    async with request.form(max_fields=40, max_files=0) as form:
        typed, token = contact_form.read(form), str(form.get("form_token", ""))[:60]
        is_example = form.get("show") == "yes"
    if is_example:
        return _page(request, whose, typed, [], token=token)
    codes = tuple(each.code for each in _languages(request))
    reach, problems = contact_form.understand(typed, whose.person.phone, whose.person.email, codes)
    if problems:
        return _page(request, whose, typed, problems, token=token)
    try:
        await _save(whose, reach, token)
    except Refused as refused:
        return _page(request, whose, typed, refused.problems, token=token)
    web.flash(request, SAVED)
    return web.go(whose.back)


async def _save(whose: Whose, reach: contact_form.Reach, token: str) -> None:
    """Once for each form; for every person kept with the phone or mailbox, where a code has proved it."""

    async def body() -> None:
        if token and not await web.remember_answer(token, whose.back):
            return
        if whose.proved:
            await keeping_contact.save_for_address(whose.proved, reach)
        await keeping_contact.save(whose.person.id, reach, is_proved=bool(whose.proved))
        if reach.is_discreet:
            await telling_others.stop_for_short_words()

    await db.run_tx(body)


def _languages(request: Request) -> list[languages.Language]:
    return languages.offered(web.settings_of(request).messages.languages)


def _page(
    request: Request, whose: Whose, typed: Typed, problems: list[Problem], *, token: str | None = None
) -> Response:
    offered, sender = _languages(request), web.settings_of(request).messages.sms_sender
    language = typed.language if typed.language in {each.code for each in offered} else "en"
    context = {
        "title": "How we reach you",
        "whose": whose,
        "typed": typed,
        "problems": problems,
        "form_token": token or web.new_token(),
        "languages": offered,
        "channels": contact_form.CHANNELS,
        "days": contact_form.DAYS,
        "times": contact_form.TIMES,
        "addresses": _addresses(whose),
        "start_number": phone_words(sender) if sender.startswith("+") else "",
        "has_stopped": whose.person.phone_state == "opted_out",
        "example": example_text.reminder(
            whose.said, name=whose.person.name, language=language, is_discreet=typed.is_discreet
        ),
        "example_in": languages.language("en" if typed.is_discreet and language == "en" else language),
        "is_silent": typed.channel in ("call", "none"),
    }
    answer = web.render(request, "programmes/contact.html", context, block="example", status=422 if problems else 200)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _addresses(whose: Whose) -> list[dict[str, Any]]:
    """The phone and mailbox, in full only for whoever has proved one of them by a code, and what is wrong with them."""
    person, rows = whose.person, []
    if person.phone:
        shown = phone_words(person.phone) if whose.proved else f"Ends in {person.phone[-3:]}"
        rows.append({"name": "Phone", "value": shown, "wrong": STATES.get(person.phone_state, "")})
    if person.email:
        shown = person.email if whose.proved else f"{person.email[:2]}…@{person.email.split('@')[-1]}"
        rows.append({"name": "Email", "value": shown, "wrong": STATES.get(person.email_state, "")})
    return rows


routes = [
    Route("/m/{token}/contact", of_booking, name="contact", methods=["GET", "POST"]),
    Route("/manage/contact", of_browser, name="contact_of_browser", methods=["GET", "POST"]),
]
