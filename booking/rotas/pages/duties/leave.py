"""/duties/leave: ask for time away, see what became of it, take it back."""

from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import cells, clock, db, web
from booking.places.typed import Field, read_typed
from booking.problems import Problem, Refused
from booking.rotas.pages.duties.asking import me, typed
from booking.rotas.people_who_work import leave
from booking.web import access
from booking.words import count_words, day_and_year, time_range

HOME = "/duties/leave"
OWN_KINDS = {code: words for code, words in leave.KINDS.items() if code != "sick"}
LEVELS = {"requested": "waits", "approved": "good", "declined": "bad", "withdrawn": "plain"}
FIELDS = (
    Field("first", cells.day, must="Enter the first day"),
    Field("last", cells.day),
    Field("start", cells.wall_time, "00:00"),
    Field("end", cells.wall_time, "24:00"),
)
BACK = Field("back", cells.day, must="Enter the first day on which you are back")
NAMES = ("first", "last", "start", "end", "kind", "reason")
PAST = Problem("Choose a day from today on. For days that are over, ring your manager.", "first", rule="past")


@access("worker")
async def leave_page(request: Request) -> Response:
    _, profile = await me(request)
    return await _page(request, profile)


async def _page(request: Request, profile: dict[str, Any], form: web.Shown | None = None) -> Response:
    empty = dict.fromkeys(NAMES, "") | {"kind": "annual"}
    context = {
        "title": "Leave",
        "nav": "leave",
        "leave": await _asked(profile),
        "kinds": OWN_KINDS,
        "form": form or web.Shown(empty),
        "form_token": web.new_token(),
    }
    return await web.render_worker(request, "duties/leave.html", context, status=422 if form else 200)


async def _asked(profile: dict[str, Any]) -> list[dict[str, Any]]:
    """What they asked for, the latest first, a year back."""
    rows = await db.rows(
        "SELECT * FROM leave WHERE staff_id = $1 ORDER BY first_date DESC, asked_at DESC LIMIT 40", profile["id"]
    )
    return [
        {
            "id": row["id"],
            "when": when(row),
            "kind": leave.KINDS[row["kind"]],
            "level": LEVELS[row["state"]],
            "state": leave.STATES[row["state"]],
            "reason": row["reason"],
            "answer": row["answer"],
            "may_withdraw": row["state"] == "requested",
            "back": _back(row),
        }
        for row in rows
    ]


def _back(row: dict[str, Any]) -> str:
    """The day that stands in "I am back from" where they are ill, or will be; else nothing."""
    today = clock.today()
    if row["kind"] != "sick" or row["state"] != "approved" or row["last_date"] < today:
        return ""
    return str(max(today, row["first_date"]))


def when(row: dict[str, Any]) -> str:
    """ "Tuesday 12 January 2027 to ...", with the times where it is not whole days."""
    first, last = row["first_date"], row["last_date"]
    days = day_and_year(first) if first == last else f"{day_and_year(first)} to {day_and_year(last)}"
    is_whole = (row["start"], row["end"]) == ("00:00", "24:00")
    return days if is_whole else f"{days}, {time_range(row['start'], row['end'])}"


@access("worker")
async def ask(request: Request) -> Response:
    who, profile = await me(request)
    form = await typed(request, *NAMES, "form_token")
    values, problems = read_typed(FIELDS, form)
    if not problems and values["first"] < clock.today():
        problems = [PAST]
    if form["kind"] not in OWN_KINDS:
        problems.append(Problem("Choose what kind of leave it is", "kind", rule="kind"))
    if problems:
        return await _page(request, profile, web.Shown(form, problems))

    async def body() -> list[Any] | None:
        if form["form_token"] and not await web.remember_answer(form["form_token"], HOME):
            return None
        id = await leave.ask_for_leave(
            profile["id"], values["first"], values["last"] or values["first"], values["start"], values["end"], form["kind"],
            form["reason"], by=who,
        )  # fmt: skip
        return await leave.concerned(id)

    try:
        in_the_way = await db.run_tx(body)
    except Refused as refused:
        return await _page(request, profile, web.Shown(form, refused.problems))
    if in_the_way is not None:
        web.flash(request, _asked_words(len(in_the_way)))
    return web.go(HOME)


def _asked_words(in_the_way: int) -> str:
    said = "Asked for. A manager decides, and you see it here."
    if not in_the_way:
        return said
    return f"{said} You have {count_words(in_the_way, 'duty', 'duties')} in that time: they stay yours until somebody else has them."


@access("worker")
async def withdraw(request: Request) -> Response:
    who, profile = await me(request)
    id = web.uuid_in_path(request, "leave")
    if not await db.value("SELECT 1 AS one FROM leave WHERE id = $1 AND staff_id = $2", id, profile["id"]):
        raise HTTPException(404)
    try:
        await leave.withdraw_leave(id, by=who)
        web.flash(request, "Taken back.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(HOME)


@access("worker")
async def back(request: Request) -> Response:
    """They are well before the last day that was written down."""
    who, profile = await me(request)
    id, form = web.uuid_in_path(request, "leave"), await typed(request, "back")
    if not await db.value("SELECT 1 AS one FROM leave WHERE id = $1 AND staff_id = $2", id, profile["id"]):
        raise HTTPException(404)
    values, problems = read_typed((BACK,), form)
    try:
        if problems:
            raise Refused(problems)
        await leave.shorten_sickness(id, values["back"] - timedelta(days=1), by=who)
    except Refused as refused:
        shown = web.Shown(dict.fromkeys(NAMES, "") | {"kind": "annual"} | form, refused.problems)
        return await _page(request, profile, shown)
    web.flash(
        request,
        "Good to have you back. Duties that were opened are not yours again by themselves: ring your manager, or say below My duties which you could take.",
    )
    return web.go(HOME)


routes = [
    Route(HOME, leave_page, name="my_leave", methods=["GET"]),
    Route(HOME, ask, name="ask_for_leave", methods=["POST"]),
    Route(f"{HOME}/{{leave}}/back", back, name="back_from_sickness", methods=["POST"]),
    Route(f"{HOME}/{{leave}}/withdraw", withdraw, name="withdraw_leave", methods=["POST"]),
]
