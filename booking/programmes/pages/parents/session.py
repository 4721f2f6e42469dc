"""The page of one session, and of a whole course."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages import calendar
from booking.messages.calendar import Entry
from booking.problems import Problem
from booking.programmes import disclosure, json_ld, showing
from booking.programmes.appointments import finding_slots, slots
from booking.programmes.cards import for_whom
from booking.programmes.finding import places_words
from booking.programmes.plans.pictures import picture_of
from booking.web import access
from booking.words import DAYS, count_words, day_words, time_range

MOST_DAYS = 4
ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth"}


@access("anyone")
async def session_page(request: Request) -> Response:
    """What a session is, where, when, for whom, and the one thing to do. 404 for what is not listed."""
    facts = await showing.session_facts(web.uuid_in_path(request))
    return web.shared_page(request, await page_html(request, facts))


@access("anyone")
async def course_page(request: Request) -> Response:
    """The page of a run, standing at its next date."""
    facts = await showing.run_facts(request.path_params["slug"])
    return web.shared_page(request, await page_html(request, facts))


async def page_html(
    request: Request, facts: dict[str, Any] | None, problems: Sequence[Problem] = (), **more: Any
) -> str:
    """The whole page; `problems` say why what was just tried did not work. Raises 404 for what may not be shown."""
    if facts is None:
        raise HTTPException(404)
    page = await showing.page_of(facts)
    if page["shown"] is None:
        raise HTTPException(404)
    dates, further = showing.dates_to_show(page["dates"], clock.today())
    free_days = await _free_days(facts)
    on_this = sum(len(each.times) for each in free_days if each.session_id == facts["session_id"])
    context = page | {
        "title": f"{page['shown'].title}, {day_words(facts['date'])}",
        "chosen": chosen(facts),
        "places": places_words(facts | {"is_closed": page["can"] in ("begun", "over"), "times_left": on_this}),
        "free_days": free_days[:MOST_DAYS],
        "problems": list(problems),
        "for_whom": for_whom(facts),
        "rhythm": _rhythm(facts),
        "listed_dates": dates,
        "more_dates": further,
        "json_ld": Markup(json_ld.event(facts, page["shown"], web.settings_of(request).site.base_url)),
        "held_count": sum(1 for each in page["dates"] if each["state"] in ("held", "past")),
        "picture": picture_of(facts["picture"], facts["programme_title"]),
        "code_path": "",
        **more,
    }
    if more.get("code_path"):  # its dates have no pages of their own
        context["listed_dates"] = [each | {"href": ""} for each in dates]
    return web.html_of(request, "programmes/session.html", context)


async def _free_days(facts: dict[str, Any]) -> list[slots.FreeDay]:
    """The free times of a clinic from this date on."""
    if facts["booking_mode"] != "appointment":
        return []
    free = await finding_slots.free_times(facts["run_id"])
    return slots.by_day([each for each in free if each["date"] >= facts["date"]], MOST_DAYS)


def chosen(facts: dict[str, Any]) -> dict[str, Any]:
    """What is being booked, as chosen_box takes it, in words the public may know."""
    shown = disclosure.shown(facts, "public")
    assert shown is not None
    when = f"{day_words(facts['date'])}, {time_range(facts['start_time'], facts['end_time'])}"
    if facts["booking_mode"] in ("run", "referral"):
        when = f"{DAYS[facts['weekday']]}s, {time_range(facts['start_time'], facts['end_time'])}, next on {day_words(facts['date'])}"
    return {
        "title": shown.title,
        "kind": facts["booking_mode"],
        "when": when,
        "where": "Online" if shown.is_online else shown.place,
        "places": None,
    }


def _rhythm(facts: dict[str, Any]) -> str:
    """ "Every Tuesday, 10am to midday", "The second Saturday of the month, 10am to 11am" """
    day, times = DAYS[facts["weekday"]], time_range(facts["start_time"], facts["end_time"])
    if facts["frequency"] == "fortnightly":
        return f"Every other {day}, {times}"
    if facts["frequency"].startswith("monthly"):
        return f"The {ORDINALS.get(facts['frequency'].split()[-1], '')} {day} of the month, {times}"
    if facts["booking_mode"] in ("run", "referral") and facts["planned_sessions"]:
        return f"{count_words(facts['planned_sessions'], 'session')}, {day}s, {times}"
    return f"Every {day}, {times}"


@access("anyone")
async def session_calendar(request: Request) -> Response:
    """The session as an .ics file, in words that everybody may know; a cancelled one belongs in no calendar."""
    facts = await showing.session_facts(web.uuid_in_path(request))
    if facts is None or facts["state"] != "planned" or disclosure.shown(facts, "public") is None:
        raise HTTPException(404)
    said = disclosure.said(facts | {"is_discreet": False, "join_url": ""})
    entry = Entry(said, uid=f"{facts['session_id']}@public", sequence=0)
    return calendar_file(calendar.download([entry], facts["starts_at"]))


def calendar_file(text: str) -> Response:
    return Response(
        text,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="session.ics"'},
    )


routes = [
    Route("/sessions/{id}", session_page, name="session"),
    Route("/sessions/{id}/calendar.ics", session_calendar, name="session_calendar"),
    Route("/courses/{slug}", course_page, name="course"),
]
