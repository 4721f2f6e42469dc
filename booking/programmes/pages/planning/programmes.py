"""/staff/programmes: what is offered; managers and admins change it, staff read."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import db, web
from booking.problems import Problem, Refused
from booking.programmes import run_lists
from booking.programmes.bookings.booking_modes import MODES, mode_of
from booking.programmes.pages.planning.asking import typed_in
from booking.programmes.pages.planning.home import line_of
from booking.programmes.pages.staff.said_of_messages import trail_rows
from booking.programmes.plans import keeping_programmes, programme_form
from booking.programmes.plans.keeping_programmes import plain
from booking.programmes.plans.pictures import picture_of
from booking.programmes.plans.plan_form import DELIVERY
from booking.programmes.registers.register_lists import trail_of
from booking.programmes.run_lists import Row
from booking.web import access
from booking.who_asks import staff_of
from booking.words import age_range, count_words, hours_words

LIST = "/staff/programmes"
ONE = "/staff/programmes/{id}"


@access("staff")
async def programmes(request: Request) -> Response:
    """One query, however many there are."""
    who = await staff_of(request)
    words, with_ended = request.query_params.get("q", "").strip()[:100], request.query_params.get("ended") == "yes"
    found = [_line(plain(row)) for row in await keeping_programmes.every(who, words, with_ended=with_ended)]
    groups: dict[str, list[dict[str, Any]]] = {}
    for line in found:
        groups.setdefault("Ended" if line["is_ended"] else line["group"] or "Other", []).append(line)
    shown = {
        "title": "Programmes", "nav": "plan", "words": words, "with_ended": with_ended, "groups": groups, "count": len(found),
        "may_change": who.is_manager,
    }  # fmt: skip
    return await web.render_staff(request, "staff/programmes/list.html", shown, block="results")


def _line(row: Row) -> dict[str, Any]:
    length = f"{count_words(row['session_count'], 'session')} of " if (row["session_count"] or 1) > 1 else ""
    minutes = hours_words(row["minutes"]) if row["minutes"] else ""
    return {
        "href": f"{LIST}/{row['id']}",
        "title": row["title"],
        "group": row["group"][:1].upper() + row["group"][1:],
        "kind": mode_of(row).booking_mode,
        "facts": " · ".join(
            filter(
                None,
                [_for(row), length + minutes, count_words(row["places_max"], "place") if row["places_max"] else ""],
            )
        ),
        "running": row["running"],
        "is_ended": row["ended_at"] is not None,
        "is_restricted": row["is_restricted"],
        "picture": picture_of(row["picture"], row["title"]),
    }


def _for(row: Row) -> str:
    if row["audience"] != "families":
        return programme_form.AUDIENCES[row["audience"]]
    if row["age_of"] in ("child", "young person"):
        return age_range(row["min_age_months"], row["max_age_months"]).capitalize()
    return programme_form.AGES_OF.get(row["age_of"], row["age_of"]).partition(":")[0]


async def _in_path(request: Request) -> Row:
    row = await keeping_programmes.programme_row(await staff_of(request), web.uuid_in_path(request))
    if row is None:
        raise HTTPException(404)
    return plain(row)


@access("staff")
async def programme(request: Request) -> Response:
    who = await staff_of(request)
    row = await _in_path(request)
    shown = {
        "title": row["title"], "nav": "plan", "programme": row, "line": _line(row), "facts": facts_of(row),
        "runs": [line_of(run) for run in await run_lists.of_programme(who, row["id"])],
        "may_change": who.is_manager, "trail": trail_rows(await trail_of(row["id"], 20)),
    }  # fmt: skip
    return await web.render_staff(request, "staff/programmes/one.html", shown)


def facts_of(row: Row) -> list[dict[str, str]]:
    """What is known of it, in words."""
    least = f", {row['places_min']} at least" if row["places_min"] else ""
    oldest = row["send_max_age_months"]
    with_needs = f"; with additional needs up to {programme_form.age_words(oldest)}" if oldest else ""
    calls = ", ".join(f"week {part['week']} ({part['minutes']} minutes)" for part in row["parts"] or ())
    on_one = [
        count_words(row["most_adults"], "adult") if row["most_adults"] else "",
        count_words(row["most_children"], "child", "children") if row["most_children"] else "",
    ]
    rows = [
        ("For", _for(row) + with_needs),
        ("Booking", MODES.get(row["booking_mode"]) or row["booking_rule"].capitalize()),
        ("Sessions", _line(row)["facts"].split(" · ")[1] if row["minutes"] else ""),
        ("Calls", calls),
        ("Places", f"{row['places_max']} {row['places_unit']}{least}" if row["places_max"] else ""),
        ("On one place", " and up to ".join(filter(None, on_one))),
        ("Crèche", f"{row['creche_places']} places" if row["creche_places"] else row["creche"].capitalize()),
        ("Facilitators", ", ".join(filter(None, [str(row["facilitators"] or ""), row["skills"]]))),
        ("Beside a session", " and ".join(_beside(row))),
        ("Crèche workers", str(row["creche_workers"] or "")),
        ("Held", DELIVERY.get(row["delivery"], row["delivery"].replace("_", " ").replace(";", ", ").capitalize())),
        ("Topic", row["topic_name"] or ""),
        ("What to bring", row["what_to_bring"]),
        ("Reminders", _reminders(row["reminder_leads"])),
        ("Joining", f"Until session {row['entry_sessions']} begins" if mode_of(row).booking_mode == "run" else ""),
        ("Numbers", f"Decided {count_words(row['decide_days'], 'day')} before" if row["places_min"] else ""),
        ("Restricted", "Only staff of the hub see its runs" if row["is_restricted"] else ""),
        ("Messages", "In neutral words" if row["is_discreet"] else ""),
    ]
    return [{"name": name, "value": value} for name, value in rows if value]


def _beside(row: Row) -> list[str]:
    """What each facilitator works before and after, in words."""
    return [
        f"{row[name]} minutes of {words}"
        for name, words in (("prepare_minutes", "preparation"), ("follow_up_minutes", "follow-up"))
        if row[name]
    ]


def _reminders(leads: str) -> str:
    units = {"d": "day", "h": "hour"}
    words = [count_words(int(lead[:-1]), units[lead[-1]]) for lead in leads.split()]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) + " before" if words else ""


@access("manager")
async def new(request: Request) -> Response:
    return await _form_page(request, None, programme_form.blank(), [])


@access("manager")
async def add(request: Request) -> Response:
    """Sent twice, it is added once (promise P9)."""
    who = await staff_of(request)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)

    async def once() -> str:
        path = f"{LIST}/{await keeping_programmes.add(typed=typed, by=who)}"
        token = typed.get("form_token", "")
        if token and not await web.remember_answer(token, path):
            raise Refused([Problem(await web.first_answer(token) or LIST, rule="sent before")])
        return path

    try:
        path = await db.run_tx(once)
    except Refused as refused:
        if refused.problems[0].rule == "sent before":
            return web.go(refused.problems[0].words)
        return await _form_page(request, None, programme_form.blank() | typed, refused.problems)
    web.flash(request, f"{typed['title'].strip()} is added.")
    return web.go(path)


@access("manager")
async def edit(request: Request) -> Response:
    row = await _in_path(request)
    return await _form_page(request, row, programme_form.typed_facts(row | {"booking_mode": _mode(row)}), [])


def _mode(row: Row) -> str:
    """As the form offers it, also where an import has said it in words."""
    mode = mode_of(row)
    return row["booking_mode"] or ("first_visit" if mode.is_first_visit_booked else mode.booking_mode)


@access("manager")
async def change(request: Request) -> Response:
    who, row = await staff_of(request), await _in_path(request)
    async with request.form(max_files=0) as form:
        typed = typed_in(form)
    try:
        changed = await keeping_programmes.change(programme_id=row["id"], typed=typed, by=who)
    except Refused as refused:
        return await _form_page(request, row, programme_form.blank() | typed, refused.problems)
    request.app.state.pages.forget()
    web.flash(
        request, "Saved. Runs that are planned already keep what they have." if changed else "Nothing was changed."
    )
    return web.go(f"{LIST}/{row['id']}")


async def _form_page(request: Request, row: Row | None, typed: dict[str, str], problems: list[Problem]) -> Response:
    shown = {
        "title": f"Change {row['title']}" if row else "Add a programme",
        "nav": "plan",
        "typed": typed,
        "problems": problems,
        "path_of_form": f"{LIST}/{row['id']}/edit" if row else f"{LIST}/new",
        "back": {"href": f"{LIST}/{row['id']}" if row else LIST, "text": row["title"] if row else "Programmes"},
        "is_new": row is None,
        "modes": MODES.items(),
        "audiences": programme_form.AUDIENCES.items(),
        "ages_of": programme_form.AGES_OF.items(),
        "units": programme_form.UNITS.items(),
        "deliveries": DELIVERY.items(),
        "pictures": programme_form.PICTURES.items(),
        "topics": [(topic["id"], topic["name"]) for topic in await keeping_programmes.topics()],
        "form_token": web.new_token(),
    }
    return await web.render_staff(request, "staff/programmes/form.html", shown, status=422 if problems else 200)


@access("manager")
async def end(request: Request) -> Response:
    who, row = await staff_of(request), await _in_path(request)
    try:
        await keeping_programmes.end(programme_id=row["id"], by=who)
        web.flash(request, f"{row['title']} is ended. What is published stays.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"{LIST}/{row['id']}")


@access("manager")
async def bring_back(request: Request) -> Response:
    who, row = await staff_of(request), await _in_path(request)
    try:
        await keeping_programmes.bring_back(programme_id=row["id"], by=who)
        web.flash(request, f"{row['title']} is offered again.")
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(f"{LIST}/{row['id']}")


@access("manager")
async def back(request: Request) -> Response:
    return web.go(f"{LIST}/{(await _in_path(request))['id']}")


routes = [
    Route(LIST, programmes, name="staff_programmes", methods=["GET"]),
    Route(f"{LIST}/new", new, name="staff_programme_new", methods=["GET"]),
    Route(f"{LIST}/new", add, name="staff_programme_add", methods=["POST"]),
    Route(ONE, programme, name="staff_programme", methods=["GET"]),
    Route(f"{ONE}/edit", edit, name="staff_programme_edit", methods=["GET"]),
    Route(f"{ONE}/edit", change, name="staff_programme_change", methods=["POST"]),
    Route(f"{ONE}/end", end, name="staff_programme_end", methods=["POST"]),
    Route(f"{ONE}/end", back, name="staff_back_from_programme_end", methods=["GET"]),
    Route(f"{ONE}/bring-back", bring_back, name="staff_programme_bring_back", methods=["POST"]),
    Route(f"{ONE}/bring-back", back, name="staff_back_from_bring_back", methods=["GET"]),
]
