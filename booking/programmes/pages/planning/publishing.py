"""/staff/plan/{run}/publish: what families will see, from when, and on what terms; then it is published."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import cells, clock, web
from booking.people.signing_in import Who
from booking.places.typed import Field, read_typed, ticked
from booking.problems import Problem, Refused
from booking.programmes import run_lists
from booking.programmes.pages.planning.asking import DRAFT, path_of_run, run_in_path
from booking.programmes.pages.planning.run import date_lines, when_words
from booking.programmes.plans import keeping_programmes, publishing
from booking.programmes.plans.pictures import picture_of
from booking.programmes.plans.publishing import Terms
from booking.programmes.run_lists import Row
from booking.web import access
from booking.words import age_range, clock_time, count_words, short_day

FIELDS = (
    Field("min_places", cells.whole(1, 2000)),
    Field("decide_by", cells.day),
    Field("reserved", cells.whole(0, 2000), 0),
    Field("reserved_until", cells.day),
)


@access("staff")
async def ask(request: Request) -> Response:
    who, run = await run_in_path(request, "run")
    if run["state"] != "draft":
        return web.go(path_of_run(run))
    programme = await keeping_programmes.programme_row(who, run["programme_id"])
    assert programme is not None
    return await _page(request, who, run, _as_typed(publishing.terms_for(run, programme)), [])


def _as_typed(terms: Terms) -> dict[str, str]:
    return {
        "is_listed": "yes" if terms.is_listed else "",
        "is_restricted": "yes" if terms.is_restricted else "",
        "min_places": str(terms.min_places or ""),
        "decide_by": terms.decide_by.isoformat() if terms.decide_by else "",
        "reserved": str(terms.reserved or ""),
        "reserved_until": terms.reserved_until.isoformat() if terms.reserved_until else "",
    }


@access("staff")
async def act(request: Request) -> Response:
    who, run = await run_in_path(request, "run")
    if run["state"] != "draft":
        return web.go(path_of_run(run))
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:20].strip() for name in _as_typed(Terms())}
    values, problems = read_typed(FIELDS, typed)
    if problems:
        return await _page(request, who, run, typed, problems)
    terms = Terms(is_listed=ticked(typed["is_listed"]), is_restricted=ticked(typed["is_restricted"]), **values)
    minutes = web.settings_of(request).places.undo_minutes
    try:
        await publishing.publish(run["id"], terms, by=who, undo_minutes=minutes)
    except Refused as refused:
        return await _page(request, who, run, typed, refused.problems)
    request.app.state.pages.forget()
    request.app.state.choices.forget()
    web.flash(
        request, f"{run['title']} is published. For {minutes} minutes you can take it back, while nobody has booked."
    )
    return web.go(f"/staff/runs/{run['id']}")


async def _page(request: Request, who: Who, run: Row, typed: dict[str, str], problems: list[Problem]) -> Response:
    dates = await run_lists.dates_of(run["id"])
    skips = await run_lists.skips_of(run["id"])
    programme = await keeping_programmes.programme_row(who, run["programme_id"])
    assert programme is not None
    creche = await run_lists.run_seen_by(who, run["creche_run_id"]) if run["creche_run_id"] else None
    shown = {
        "title": f"Publish {run['title']}",
        "nav": "plan",
        "run": run,
        "typed": typed,
        "problems": problems,
        "programme": programme,
        "path_of_draft": path_of_run(run),
        "card": _card(run, dates),
        "when": when_words(run, dates),
        "dates": [_public_date(line) for line in date_lines(run, dates, skips, _now(dates))],
        "creche_places": creche["places"] if creche else 0,
        "undo_minutes": web.settings_of(request).places.undo_minutes,
        "is_by_referral": run["booking_mode"] == "referral",
    }
    return await web.render_staff(request, "staff/plan/publish.html", shown, status=422 if problems else 200)


def _now(dates: list[Row]) -> Any:
    """Before the first date, so that none counts as past."""
    return min((each["starts_at"] for each in dates), default=clock.now())


def _card(run: Row, dates: list[Row]) -> dict[str, Any]:
    """The card that families find, as result_card shows it."""
    first = dates[0] if dates else None
    day = short_day(first["date"]) if first else ""
    online = run["delivery"] == "online"
    return {
        "href": "#preview", "title": run["title"], "kind": run["booking_mode"], "day": day,
        "start": clock_time(first["starts_at"]) if first else "", "end": clock_time(first["ends_at"]) if first else "",
        "for_whom": age_range(run["min_age_months"], run["max_age_months"]).capitalize(),
        "where": "Online" if online else run["location_name"],
        "places": {"state": "many", "words": f"{count_words(run['places'], 'place')} left"},
        "picture": picture_of(run["picture"], run["programme_title"]),
        "note": f"{count_words(len(dates), 'session')}" if len(dates) > 1 else "",
    }  # fmt: skip


def _public_date(line: dict[str, Any]) -> dict[str, str]:
    """As the course's page lists it."""
    is_skip = line["words"] == "Left out"
    return {
        "day": line["day"],
        "times": line["times"],
        "state": "skipped" if is_skip else "held",
        "reason": line["note"],
    }


PUBLISH = f"{DRAFT}/publish"
routes = [
    Route(PUBLISH, ask, name="staff_publish", methods=["GET"]),
    Route(PUBLISH, act, name="staff_publish_do", methods=["POST"]),
]
