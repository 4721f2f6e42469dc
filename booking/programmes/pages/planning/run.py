"""/staff/runs/{id}: one run with its facts, all its dates, and what staff can do with it."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.programmes import run_lists
from booking.programmes.changes import acts_to_undo
from booking.programmes.pages.planning.asking import RUN, path_of_run, run_in_path
from booking.programmes.pages.staff.change_lines import own_words
from booking.programmes.run_lists import Row
from booking.programmes.staff_lists import BOOKED_AS_ONE
from booking.programmes.waiting.waiting_lists import path_of as path_of_line
from booking.web import access
from booking.words import (
    age_range,
    clock_time,
    count_words,
    day_and_year,
    short_day,
    short_instant,
    time_range,
)

STATES = {"draft": ("waits", "Draft"), "published": ("good", "Published"), "cancelled": ("bad", "Cancelled")}
DELIVERY = {"online": "Online", "phone": "By phone", "hybrid": "In person and online", "in_person": ""}
SHOWN = {"day", "online"}  # what of its own a date shows by itself
EVERY = {"weekly": "Every {day}", "fortnightly": "Every second {day}", "monthly": "Once a month, on a {day}"}


@access("staff")
async def run_page(request: Request) -> Response:
    """Six queries, however many dates it has."""
    _, run = await run_in_path(request)
    if run["state"] == "draft":
        return web.go(path_of_run(run))
    dates = await run_lists.dates_of(run["id"])
    counts = await run_lists.counts_of(run["id"])
    now = clock.now()
    undo = await run_lists.publishing_to_undo(run)
    shown = {
        "title": run["title"],
        "nav": "plan",
        "publishing": undo | {"until": clock_time(undo["undo_until_at"])} if undo else None,
        "run": run,
        "state": STATES[run["state"]],
        "facts": facts_of(run, dates, counts),
        "dates": date_lines(run, dates, await run_lists.skips_of(run["id"]), now),
        "actions": actions_of(run, dates, now),
        "acts": [act | {"leave_at": clock_time(act["undo_until_at"])} for act in await acts_to_undo.of_run(run["id"])],
        "next": next((each for each in dates if each["starts_at"] > now and each["state"] == "planned"), None),
    }
    return await web.render_staff(request, "staff/plan/run.html", shown)


def actions_of(run: Row, dates: list[Row], now: datetime) -> list[dict[str, Any]]:
    """What can be done with a run: href, text, and whether it is the main thing. Add a line for a page of yours."""
    to_come = next((each for each in dates if each["starts_at"] > now and each["state"] == "planned"), None)
    if run["state"] != "published":
        return []
    path, found = f"/staff/runs/{run['id']}", []
    if to_come:
        found.append((f"/staff/sessions/{to_come['id']}/change", "Change a date, or all to come"))
        found.append((f"{path}/add-date", "Add a date"))
    if to_come and run["booking_mode"] == "appointment":
        found.append((f"/staff/sessions/{to_come['id']}/slots", "Appointments of the next date"))
    if to_come and run["min_places"] and not run["decided_at"]:
        found.append((f"{path}/decide", "Decide: run or cancel"))
    if to_come and run["booking_mode"] in BOOKED_AS_ONE:
        found.append((path_of_line(run["id"], None), "Waiting list"))
    if to_come:
        found.append((f"/staff/feeds?kind=run&about={run['id']}", "Calendar to subscribe to"))
    return [{"href": href, "text": text} for href, text in found]


def facts_of(run: Row, dates: list[Row], counts: Row) -> list[dict[str, str]]:
    """The facts of a run as fact_list shows them."""
    held = [each for each in dates if each["state"] != "cancelled"]
    waiting = f", {counts['waiting']} waiting" if counts["waiting"] else ""
    leads = " and ".join(name for name in (run["facilitator_1"], run["facilitator_2"]) if name)
    rooms = dict.fromkeys(each["room_name"] for each in held if each.get("location_id") == run["location_id"])
    where = ", ".join(filter(None, [*(rooms or [run["room_name"]]), run["location_name"]]))
    rows = [
        ("Programme", run["programme_title"]),
        ("When", when_words(run, held)),
        ("Where", where if run["delivery"] not in ("online", "phone") else DELIVERY[run["delivery"]]),
        ("Delivery", DELIVERY.get(run["delivery"], "") if run["delivery"] == "hybrid" else ""),
        ("For", age_range(run["min_age_months"], run["max_age_months"])),
        ("Led by", leads or run["host"]),
        ("Places", f"{counts['booked']} of {run['places']} booked{waiting}"),
        ("Crèche", f"{run['creche_places']} places" if run["creche_places"] else ""),
        ("Kept back", _reserved_words(run)),
        ("Least number", _least_words(run)),
        ("Referral code", run["referral_code"]),
        ("Planned by", run["planned_by_name"] or ""),
        ("Published", short_instant(run["published_at"]) if run["published_at"] else ""),
        ("Notes", run["notes"]),
    ]
    href = {"Programme": {"href": f"/staff/programmes/{run['programme_id']}"}}
    return [{"name": name, "value": value} | href.get(name, {}) for name, value in rows if value]


def when_words(run: Row, held: list[Row]) -> str:
    """ "Every Tuesday, 10am to midday, 12 dates from 12 January 2027 to 20 April 2027" """
    day = short_day(run["first_date"]).split()[0]
    days = {
        "Mon": "Monday",
        "Tue": "Tuesday",
        "Wed": "Wednesday",
        "Thu": "Thursday",
        "Fri": "Friday",
        "Sat": "Saturday",
    }
    every = EVERY.get(run["frequency"], "On {day}s and other days").format(day=days.get(day, "Sunday"))
    if not held:
        return f"{every}, {time_range(run['start_time'], run['end_time'])}"
    span = day_and_year(held[0]["date"])
    if held[-1]["date"] != held[0]["date"]:
        span = f"{span} to {day_and_year(held[-1]['date'])}"
    return f"{every}, {time_range(run['start_time'], run['end_time'])}. {count_words(len(held), 'date')}: {span}"


def _reserved_words(run: Row) -> str:
    if not run["reserved"]:
        return ""
    until = f" until {short_instant(run['reserved_until_at'])}" if run["reserved_until_at"] else ""
    return f"{count_words(run['reserved'], 'place')} for referred or priority families{until}"


def _least_words(run: Row) -> str:
    if not run["min_places"]:
        return ""
    by = f", to be decided by {short_day(run['decide_by_date'])}" if run["decide_by_date"] else ""
    return f"{count_words(run['min_places'], 'place')}{by}{' (decided)' if run['decided_at'] else ''}"


def date_lines(run: Row, dates: list[Row], skips: list[Row], now: datetime) -> list[dict[str, Any]]:
    """Every date and every skip of a run in order, as run_date shows them."""
    lines = [(each["date"], each["start_time"], date_line(run, each, now)) for each in dates]
    held = {each["date"] for each in dates}
    lines += [(skip["date"], "", skip_line(skip)) for skip in skips if skip["date"] not in held]
    return [line for _, _, line in sorted(lines, key=lambda each: each[:2])]


def skip_line(skip: Row) -> dict[str, Any]:
    shown = {
        "number": "",
        "href": "",
        "times": "",
        "where": "",
        "level": "plain",
        "words": "Left out",
        "is_past": False,
    }
    return shown | {"day": short_day(skip["date"]), "note": skip["reason"], "is_off": False}


def date_line(run: Row, each: Row, now: datetime) -> dict[str, Any]:
    is_off = each["state"] == "cancelled"
    level, words = ("bad", "Cancelled") if is_off else ("plain", "Changed") if each["edited"] else ("plain", "")
    place = "" if each["location_id"] == run["location_id"] else each["location_name"]
    where = ", ".join(part for part in (each["room_name"], place) if part) or "By phone" * (each["kind"] == "call")
    online = "Online" if each["delivery"] == "online" else ""
    moved = f"moved from {short_day(each['moved_from_date'])}" if each["moved_from_date"] else ""
    return {
        "number": each["number"],
        "href": f"/staff/sessions/{each['id']}",
        "day": short_day(each["date"]),
        "times": time_range(each["start_time"], each["end_time"]),
        "where": online or where,
        "note": each["why_cancelled"]
        if is_off
        else ". ".join(filter(None, (moved, own_words(set(each["edited"].split()) - SHOWN)))),
        "level": level,
        "words": words,
        "is_past": each["ends_at"] <= now,
        "is_off": is_off,
    }


routes = [Route(RUN, run_page, name="staff_run", methods=["GET"])]
