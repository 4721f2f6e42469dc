"""/staff/notices/new: to whom, the words and when; what would leave and what a family reads; send it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages import reaching
from booking.people.signing_in import Who
from booking.places import place_lists
from booking.problems import Problem, Refused
from booking.programmes import staff_lists
from booking.programmes.notices import previewing, sending_notices
from booking.programmes.notices.audience import TO_WHOM
from booking.programmes.notices.finding_about import About
from booking.programmes.notices.notice_words import oddities_of
from booking.programmes.pages.staff import notice_form, notice_shown
from booking.programmes.pages.staff.notice_form import Form
from booking.web import access
from booking.who_asks import staff_of

NO_ABOUT = Problem("Choose to whom you write.", "about", rule="missing")


@access("staff")
async def new(request: Request) -> Response:
    """The form; without ?about= the places to choose from."""
    who = await staff_of(request)
    about = await notice_form.about_in(request.query_params, who)
    if about is None:
        return await _choose(request, who, [])
    return await _form(request, about, notice_form.read(request.query_params, about), [])


@access("staff")
async def act(request: Request) -> Response:
    """What it would do; sends it; or the form again."""
    who = await staff_of(request)
    async with request.form(max_files=0) as sent:
        about = await notice_form.about_in(sent, who)
        if about is None:
            return await _choose(request, who, [NO_ABOUT])
        form = notice_form.read(sent, about)
        do, token = str(sent.get("do", "")), str(sent.get("form_token", ""))[:64] or web.new_token()
    if form.problems or do == "change":
        return await _form(request, about, form, form.problems)
    try:
        if do == "send":
            return await _send(request, who, about, form, token)
        return await _look(request, who, about, form, token)
    except Refused as refused:
        if do == "send" and refused.rules == {"again"}:
            return await _look(request, who, about, form, token, refused.problems)
        return await _form(request, about, form, refused.problems)


async def _send(request: Request, who: Who, about: About, form: Form, token: str) -> Response:
    done = await sending_notices.send(
        about, form.wanted, form.typed, form_token=token, by=who, undo_minutes=_minutes(request)
    )
    return web.go(f"/staff/notices/{done.notice_id}")


def _minutes(request: Request) -> int:
    return web.settings_of(request).places.undo_minutes


async def _choose(request: Request, who: Who, problems: Sequence[Problem]) -> Response:
    """The next sessions; hubs and places for their managers."""
    places = await place_lists.locations(who.as_manager())
    shown = {
        "title": "Write to many families",
        "nav": "messages",
        "problems": list(problems),
        "sessions": await staff_lists.coming_with_families(who),
        "hubs": [each for each in places if each["id"] == each["hub_id"] and not each["is_restricted"]],
        "places": [each for each in places if not each["is_restricted"] and each["state"] != "ended"],
    }
    status = 422 if problems else 200
    return await web.render_staff(request, "staff/notices/choose.html", shown, status=status)


async def _form(request: Request, about: About, form: Form, problems: Sequence[Problem]) -> Response:
    shown = _basics(request, about, form) | {
        "title": "Write to families",
        "problems": list(problems),
        "to_whom": list(TO_WHOM.items()),
        "length": await _length(request, about, form),
    }
    status = 422 if problems else 200
    return await web.render_staff(request, "staff/notices/new.html", shown, status=status)


def _basics(request: Request, about: About, form: Form) -> dict[str, Any]:
    return {
        "nav": "messages",
        "about": about,
        "values": form.values | {"to_whom": form.wanted.to_whom, "when": form.values["when"] or "now"},
        "undo_minutes": _minutes(request),
        "today": clock.today().isoformat(),
    }


@access("staff")
async def length(request: Request) -> Response:
    """How many there are and how long the text is, while it is being typed."""
    who = await staff_of(request)
    async with request.form(max_files=0) as sent:
        about = await notice_form.about_in(sent, who)
        form = notice_form.read(sent, about) if about else None
    found = await _length(request, about, form) if about and form else None
    return await web.render_staff(
        request, "staff/notices/length.html", {"title": "Length", "nav": "messages", "length": found}, block="length"
    )


async def _length(request: Request, about: About, form: Form) -> dict[str, Any]:
    """Who is meant by channel, and the text as it would be billed."""
    counts = await previewing.count(about, form.wanted)
    words = form.typed.sms if not about.is_discreet else ""
    draft = reaching.draft_of_sms("notice", {"words": words, "subject": "", "about_words": ""}) if words else None
    return {
        "people": sum(counts.values()),
        "reached": notice_shown.reached(counts["sms"], counts["email"], counts["call"], counts[""]),
        "characters": draft.characters if draft else 0,
        "parts": draft.parts if draft else 0,
        "cost": notice_shown.cost(counts["sms"] * (draft.parts if draft else 0), request),
    }


async def _look(
    request: Request, who: Who, about: About, form: Form, token: str, problems: Sequence[Problem] = ()
) -> Response:
    """The preview. What was said within the hour is asked about with a box to tick, and shown all the same."""
    preview = await sending_notices.preview(
        about, form.wanted, replace(form.typed, is_sure=True), by=who, undo_minutes=_minutes(request)
    )
    is_again = bool(problems) or await sending_notices.is_said_again(about, form.wanted, form.typed)
    shown = _basics(request, about, form) | {
        "title": "This is what leaves",
        "problems": list(problems),
        "is_again": is_again,
        "form_token": token,
        "fields": notice_form.FIELDS,
        "dates": form.dates,
        "preview": preview,
        "lines": notice_shown.lines(preview, about, form.wanted, request),
        "leaves": notice_shown.leaves(preview.due_at),
        "is_now": form.typed.due_at is None,
        "oddities": oddities_of(form.typed, parts=preview.parts_each) if not about.is_discreet else [],
        "samples": notice_shown.samples(preview),
    }
    status = 409 if problems else 200
    return await web.render_staff(request, "staff/notices/preview.html", shown, status=status)


routes = [
    Route("/staff/notices/new", new, name="staff_notice_new", methods=["GET"]),
    Route("/staff/notices/new", act, name="staff_notice_new_do", methods=["POST"]),
    Route("/staff/notices/length", length, name="staff_notice_length", methods=["POST"]),
]
