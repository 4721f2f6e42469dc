"""/duties: the next duty, the weeks, what waits for an answer, and what one could take."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.problems import Refused
from booking.rotas import loading
from booking.rotas.availability import minutes_of_leave
from booking.rotas.duties import answering, reading, swap_lists, willing, wishes
from booking.rotas.pages.duties.asking import me
from booking.rotas.pages.duties.duty import shown_of, state_of
from booking.rotas.rules import monday_of
from booking.web import access
from booking.words import count_words, day_words, hours_words, short_day

HOME = "/duties"
SHOWN_WEEKS = 4
"""Weeks with duties that stand open on the page; those after them fold out."""


@access("worker")
async def duties_page(request: Request) -> Response:
    who, profile = await me(request)
    monday = monday_of(clock.today())
    rows = await reading.duties_of(profile["id"], monday, monday + reading.AHEAD)
    to_come = [row for row in rows if row["ends_at"] > clock.now()]
    swaps = await swap_lists.open_of_shifts([row["shift_id"] for row in rows])
    weeks = await _weeks(rows, swaps, profile, monday)
    return await web.render_worker(
        request,
        "duties/home.html",
        {
            "title": "My duties",
            "nav": "duties",
            "name": who.name.split(" ")[0],
            "next": await shown_of(to_come[0], swaps.get(to_come[0]["shift_id"])) if to_come else None,
            "weeks": weeks[:SHOWN_WEEKS],
            "later": weeks[SHOWN_WEEKS:],
            "to_accept": sum(not row["answer"] and reading.is_to_come(row) for row in rows),
            "to_answer": await swap_lists.to_answer(profile["id"]),
            "swaps": [row for row in await swap_lists.of_worker(profile["id"]) if row["is_open"]],
            "leave": await _leave(profile),
            "wishes": wishes.wishes_of(await wishes.rows_of(profile["id"])),
            "open_duties": await willing.shown(await willing.possible(profile["id"])),
        },
    )


async def _weeks(rows: list[dict], swaps: dict, profile: dict, monday: date) -> list[dict[str, Any]]:
    """Each week with its duties that are not over and its hours; this one and the next in any case."""
    workers = await loading.workers_of(None, only=[profile["id"]])
    by_week: dict[date, list[dict]] = defaultdict(list)
    for row in rows:
        by_week[monday_of(row["date"])].append(row)
    found = []
    for week in sorted({monday, monday + timedelta(days=7), *by_week}):
        own, away = by_week.get(week, []), minutes_of_leave(workers[0], week, week + timedelta(days=6))
        found.append(
            {
                "name": _week_words(week, monday),
                "hours": _hours_words(sum(row["minutes"] for row in own), away, profile["weekly_minutes"]),
                "duties": [_line(row, swaps.get(row["shift_id"])) for row in own if row["ends_at"] > clock.now()],
            }
        )
    return found


def _week_words(week: date, monday: date) -> str:
    named = {monday: "This week", monday + timedelta(days=7): "Next week"}
    return named.get(week, f"Week of {short_day(week)}")


def _hours_words(minutes: int, away: int, agreed: int | None) -> str:
    """ "12 of 37 hours, and 7 hours 24 minutes of leave" """
    words = hours_words(minutes)
    if agreed:
        words = f"{words} of {hours_words(agreed)}"
    return f"{words}, and {hours_words(away)} of leave" if away else words


def _line(row: dict, swap: dict | None) -> dict[str, Any]:
    return {**reading.told(row, is_own=True), "state": state_of(row, swap), "href": f"{HOME}/shifts/{row['shift_id']}"}


async def _leave(profile: dict) -> list[dict[str, Any]]:
    """Leave to come that was asked for or approved."""
    rows = await db.rows(
        "SELECT first_date, last_date, state FROM leave WHERE staff_id = $1 AND last_date >= $2 AND state IN ('requested', 'approved')"
        " ORDER BY first_date LIMIT 10",
        profile["id"],
        clock.today(),
    )
    return [
        {
            "when": day_words(row["first_date"])
            if row["first_date"] == row["last_date"]
            else f"{short_day(row['first_date'])} to {short_day(row['last_date'])}",
            "level": "good" if row["state"] == "approved" else "waits",
            "words": "Approved" if row["state"] == "approved" else "Asked for",
        }
        for row in rows
    ]


@access("worker")
async def accept_all(request: Request) -> Response:
    who, profile = await me(request)
    count = await answering.accept_all(staff_id=profile["id"], by=who)
    web.flash(request, f"You have accepted {count_words(count, 'duty', 'duties')}. Thank you.")
    return web.go(HOME)


@access("worker")
async def say_willing(request: Request) -> Response:
    _, profile = await me(request)
    try:
        await willing.say_willing(shift_id=web.uuid_in_path(request, "shift"), staff_id=profile["id"])
        web.flash(request, "Thank you. Your manager sees that you could take it, and decides.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"{HOME}#open")


@access("worker")
async def take_back(request: Request) -> Response:
    _, profile = await me(request)
    await willing.take_back(shift_id=web.uuid_in_path(request, "shift"), staff_id=profile["id"])
    web.flash(request, "Your manager does not count on you for it any more.")
    return web.go(f"{HOME}#open")


routes = [
    Route(HOME, duties_page, name="duties", methods=["GET"]),
    Route(f"{HOME}/accept", accept_all, name="accept_duties", methods=["POST"]),
    Route(f"{HOME}/open/{{shift}}/willing", say_willing, name="say_willing", methods=["POST"]),
    Route(f"{HOME}/open/{{shift}}/not-willing", take_back, name="not_willing", methods=["POST"]),
]
