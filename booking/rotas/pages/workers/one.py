"""/staff/workers/{id}: a week as a picture, hours, time away, skills."""

from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.people.trail_words import verb_words
from booking.problems import Problem
from booking.programmes.disclosure import PRIVATE
from booking.rotas import loading
from booking.rotas.availability import minutes_of_leave
from booking.rotas.duties import wishes
from booking.rotas.pages.workers.asking import HOME, worker_in_path
from booking.rotas.people_who_work import leave, leave_lists, pictures, worker_lists
from booking.rotas.people_who_work.worker_facts import CHANNELS, KINDS
from booking.web import access
from booking.words import count_words, day_and_year, day_words, hours_words, short_day, time_range

WEEKS = 5
NO_TIMES = {
    "volunteer": "They have not said when they can, so nobody plans them.",
    "staff": "Any time: there is no pattern.",
}
EMPTY = dict.fromkeys(
    ("skill", "from_date", "to_date", "day", "day_start", "day_end", "day_kind", "reason", "first", "last", "start", "end", "kind", "back"), ""
)  # fmt: skip


@access("staff")
async def worker_page(request: Request) -> Response:
    return await show(request, EMPTY, [])


async def show(request: Request, typed: dict[str, str], problems: list[Problem]) -> Response:
    """Their page, with what was typed and its problems beside the fields."""
    who, worker = await worker_in_path(request)
    today = clock.today()
    pattern = await db.rows(
        'SELECT week, weekday, start, "end", kind FROM work_pattern WHERE staff_id = $1', worker["id"]
    )
    days = await db.rows(
        'SELECT id, date, start, "end", kind, reason FROM pattern_exception WHERE staff_id = $1 AND date >= $2 ORDER BY date, start',
        worker["id"],
        today,
    )
    away = await leave_lists.of_person(worker["id"])
    held = (await worker_lists.skills_of([worker["id"]]))[worker["id"]]
    context = {
        "title": worker["known_as"],
        "nav": "rota",
        "worker": worker,
        "kind_words": KINDS[worker["kind"]],
        "has_ended": bool(worker["to_date"] and worker["to_date"] < today),
        "facts": await _facts(worker, who),
        "weeks": pictures.weeks(pattern, worker["cycle_weeks"]),
        "has_week": bool(pattern),
        "wishes": [each.words for each in wishes.wishes_of(pattern)],
        "no_times": ""
        if any(row["kind"] == "works" for row in pattern)
        else NO_TIMES.get(worker["kind"], NO_TIMES["staff"]),
        "turn": _turn(worker, today),
        "days": [_day(row) for row in days],
        "calendar": pictures.calendar(away, days, today),
        "leave": [_leave(row, worker) for row in away],
        "skills": [_skill(row) for row in held],
        "warnings": [_warning(row) for row in held if row["state"]],
        "all_skills": [(str(row["id"]), row["name"]) for row in await worker_lists.skills() if row["ended_at"] is None],
        "hours": await _hours(worker, today),
        "leave_kinds": list(leave.KINDS.items()),
        "typed": EMPTY | typed,
        "problems": problems,
        "may_change": worker["may_change"],
        "history": await _history(worker, who),
    }
    return await web.render_staff(request, "staff/workers/one.html", context, status=422 if problems else 200)


def _turn(worker: dict[str, Any], today: date) -> str:
    """ "This is week 2." where weeks take turns."""
    if worker["cycle_weeks"] < 2 or worker["cycle_from_date"] is None:
        return ""
    begin = worker["cycle_from_date"] - timedelta(days=worker["cycle_from_date"].weekday())
    return f"This is week {(today - begin).days // 7 % worker['cycle_weeks'] + 1}."


async def _facts(worker: dict[str, Any], who: Who) -> list[dict[str, Any]]:
    """Name and value of each; what a reader may not have is empty already and left out."""
    rows = await db.rows(
        "SELECT name, hub_id, (is_restricted OR kind = 'restricted') AS is_secret FROM location"
        f" WHERE id IN {db.in_list(worker['places'])} ORDER BY name",
        *worker["places"],
    )
    places = [PRIVATE if row["is_secret"] and not who.works_at(row["hub_id"]) else row["name"] for row in rows]
    limits = (
        f"{count_words(worker['evenings_in_week'], 'evening')} a week, {worker['saturdays_in_four']} of four weekends,"
    )
    told = CHANNELS.get(worker["channel"], "Not by messages")
    contact = [phone_words(worker["phone"]) if worker["phone"] else "", worker["email"]]
    lines = [
        ("What", KINDS[worker["kind"]] + (f" of {worker['organisation']}" if worker["organisation"] else "")),
        ("Home hub", worker["hub"]),
        ("Sets out from", worker["base"] or worker["postcode"]),
        ("Postcode", worker["postcode"] if worker["base"] else ""),
        (
            "Works at",
            ", ".join(places) or f"Anywhere within {worker['max_travel_minutes']} minutes",
        ),
        ("Gets about", "Drives" if worker["drives"] else "By bus, by bike or on foot"),
        (
            "Second person",
            "Counts as the second person in a building"
            if worker["counts_for_two"]
            else "Does not count as the second person",
        ),
        ("At most", f"{limits} {count_words(worker['days_in_row'], 'day')} in a row"),
        (
            "Told by",
            f"{told}{', and reminded the day before' if worker['is_reminded'] else ''}"
            f"{', with a calendar mail for each duty' if worker['gets_invites'] else ''}"
            if worker["may_change"]
            else "",
        ),
        ("Reached at", ", ".join(filter(None, contact))),
        ("First day", day_and_year(worker["from_date"]) if worker["from_date"] else ""),
        ("Last day", day_and_year(worker["to_date"]) if worker["to_date"] else ""),
        ("Notes", worker["notes"]),
    ]
    return [{"name": label, "value": words} for label, words in lines if words]


def _day(row: dict[str, Any]) -> dict[str, Any]:
    is_whole = (row["start"], row["end"]) == ("00:00", "24:00")
    times = "all day" if is_whole else time_range(row["start"], row["end"].replace("24:00", "00:00"))
    what = "Does not work" if row["kind"] == "off" else "Can work"
    return row | {"words": f"{what} {times}", "when": day_words(row["date"])}


def _leave(row: dict[str, Any], worker: dict[str, Any]) -> dict[str, Any]:
    """Why they are away is for managers of the home hub."""
    if worker["may_change"]:
        is_ill = row["kind"] == "sick" and row["state"] == "approved" and row["last_date"] >= clock.today()
        back = min(max(clock.today(), row["first_date"]), row["last_date"])
        return row | {
            "may_withdraw": row["state"] in ("requested", "approved"),
            "back": str(back) if is_ill else "",
        }
    return row | {"kind_words": "Away", "reason": "", "answer": "", "may_withdraw": False, "back": ""}


def _skill(row: dict[str, Any]) -> dict[str, Any]:
    until = f"Until {day_and_year(row['to_date'])}" if row["to_date"] else "For ever"
    words = {
        "": until,
        "soon": until,
        "expired": f"Expired on {day_and_year(row['to_date'])}" if row["to_date"] else "",
    }
    return row | {"until": words[row["state"]]}


def _warning(row: dict[str, Any]) -> str:
    day = day_and_year(row["to_date"])
    return f"{row['name']} expired on {day}." if row["state"] == "expired" else f"{row['name']} ends on {day}."


async def _hours(worker: dict[str, Any], today: date) -> list[dict[str, Any]]:
    """Each of the next weeks: planned and on leave against the contract."""
    monday = today - timedelta(days=today.weekday())
    [values] = await loading.workers_of(None, only=[worker["id"]])
    found = []
    for day, minutes, count in await worker_lists.minutes_by_week(worker["id"], monday, WEEKS):
        leave_minutes = minutes_of_leave(values, day, day + timedelta(days=6))
        contract = worker["weekly_minutes"]
        total = minutes + leave_minutes
        said = f"{hours_words(minutes)} in {count_words(count, 'duty', 'duties')}" if count else "Nothing planned"
        found.append(
            {
                "week": short_day(day),
                "words": said + (f", {hours_words(leave_minutes)} leave" if leave_minutes else ""),
                "total": total,
                "contract": contract,
                "over": contract is not None and total > contract,
            }
        )
    return found


async def _history(worker: dict[str, Any], who: Who) -> list[dict[str, Any]]:
    if not worker["may_change"]:
        return []
    rows = await db.rows(
        "SELECT at AS happened_at, verb, by_name, why FROM audit_event WHERE (about_kind = 'worker' AND about_id = $1)"
        " OR (about_kind = 'leave' AND about_id IN (SELECT id FROM leave WHERE staff_id = $1)) ORDER BY at DESC LIMIT 8",
        worker["id"],
    )
    return [
        row | {"when": short_day(clock.local(row["happened_at"]).date()), "what": verb_words(row["verb"])}
        for row in rows
    ]


routes = [Route(f"{HOME}/{{id}}", worker_page, name="staff_worker", methods=["GET"])]
