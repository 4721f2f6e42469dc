"""/staff/runs/{id}/decide: how many have booked, how many are needed; run it, or cancel the whole course in one action."""

from datetime import date

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.changes.cancelling import REASONS
from booking.programmes.changes.cancelling_dates import CancelledDates
from booking.programmes.pages.planning.asking import RUN, run_in_path
from booking.programmes.pages.staff.cancelling import reason_of
from booking.programmes.plans import deciding_numbers
from booking.programmes.run_lists import Row
from booking.web import access
from booking.words import clock_time, count_words, day_words, short_day, time_range


@access("staff")
async def ask(request: Request) -> Response:
    """The numbers and the two ways; with a reason chosen, the preview of what cancelling does."""
    who, run = await run_in_path(request)
    typed = {name: request.query_params.get(name, "")[:500] for name in ("reason", "words")}
    if not (typed["reason"] or typed["words"] or "reason" in request.query_params or "words" in request.query_params):
        return await _page(request, run, typed | {"reason": "few"}, [])
    reason, problems = reason_of(typed["reason"], typed["words"])
    preview = None
    if not problems:
        try:
            preview = await deciding_numbers.preview(
                run_id=run["id"], reason=reason, by=who, undo_minutes=_undo_minutes(request)
            )
        except Refused as refused:
            problems = refused.problems
    return await _page(request, run, typed, problems, preview=preview, reason=reason)


@access("staff")
async def act(request: Request) -> Response:
    who, run = await run_in_path(request)
    async with request.form(max_files=0, max_fields=80) as form:
        what = str(form.get("act", ""))
        typed = {name: str(form.get(name, ""))[:500] for name in ("reason", "words", "min_places", "decide_by")}
        problems, words = await _try(request, who, run, what, form)
    if problems:
        return await _page(request, run, typed, problems)
    request.app.state.pages.forget()
    if words:
        web.flash(request, words)
    return web.go(f"/staff/runs/{run['id']}" if what == "cancel" else f"/staff/runs/{run['id']}/decide")


async def _try(request: Request, who: Who, run: Row, what: str, form: FormData) -> tuple[list[Problem], str]:
    """Runs the verb; the Problems that stopped it, or what to say."""
    try:
        return [], await _do(request, who, run, what, form)
    except Refused as refused:
        return refused.problems, ""


async def _do(request: Request, who: Who, run: Row, what: str, form: FormData) -> str:
    if what == "run":
        await deciding_numbers.let_run(run_id=run["id"], by=who)
        return "It runs. Nobody is asked about its numbers again."
    if what == "again":
        await deciding_numbers.ask_again(run_id=run["id"], by=who)
        return "It is to be decided once more."
    if what == "numbers":
        needed, by = _number(str(form.get("min_places", ""))), _day(str(form.get("decide_by", "")))
        await deciding_numbers.set_numbers(run_id=run["id"], needed=needed, decide_by=by, by=who)
        return "Saved." if needed else "No least number any more."
    if what != "cancel":
        return ""
    reason, problems = reason_of(str(form.get("reason", "")), str(form.get("words", ""))[:500])
    if problems:
        raise Refused(problems)
    await deciding_numbers.cancel_run(run_id=run["id"], reason=reason, by=who, undo_minutes=_undo_minutes(request))
    return ""


def _number(text: str) -> int | None:
    """None for nothing; what is no number is one that is never right."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _page(
    request: Request,
    run: Row,
    typed: dict[str, str],
    problems: list[Problem],
    *,
    preview: CancelledDates | None = None,
    reason: str = "",
) -> Response:
    numbers = await deciding_numbers.numbers_of(run["id"])
    defaults = {
        "reason": "few", "words": "", "min_places": str(numbers.needed or ""),
        "decide_by": numbers.decide_by.isoformat() if numbers.decide_by else "",
    }  # fmt: skip
    shown = {
        "title": run["title"],
        "nav": "plan",
        "run": run,
        "numbers": numbers,
        "state": _state(run, numbers),
        "begins": _begins(run, numbers),
        "by": day_words(numbers.decide_by) if numbers.decide_by else "",
        "may_decide": run["state"] == "published" and numbers.begins_at is not None,
        "reasons": [(value, words or "Something else") for value, words in REASONS.items()],
        "form": web.Shown(defaults | {name: value for name, value in typed.items() if value}, problems),
        "preview": preview,
        "reason": reason,
        "lines": _lines(preview, run["creche_run_id"] is not None) if preview else [],
        "is_discreet": bool(run["is_restricted"] or run["is_discreet"]),
        "undo_minutes": _undo_minutes(request),
    }
    return await web.render_staff(request, "staff/plan/decide.html", shown, status=422 if problems else 200)


def _undo_minutes(request: Request) -> int:
    return web.settings_of(request).places.undo_minutes


def _state(run: Row, numbers: deciding_numbers.Numbers) -> tuple[str, str]:
    if run["state"] == "cancelled":
        return "bad", "Cancelled"
    if numbers.decided_at:
        return "good", f"It runs, decided on {short_day(clock.local(numbers.decided_at).date())}"
    if numbers.is_short:
        return "waits", "Too few so far"
    return "good", "Enough have booked" if numbers.needed else "No least number"


def _begins(run: Row, numbers: deciding_numbers.Numbers) -> str:
    if numbers.begins_at is None:
        return ""
    day = day_words(clock.local(numbers.begins_at).date())
    return f"{day}, {time_range(run['start_time'], run['end_time'])}"


def _lines(preview: CancelledDates, has_creche: bool) -> list[str]:
    """What will happen, a sentence each."""
    told = sum(each.hears for each in preview.told)
    sentences = [
        f"{count_words(len(preview.dates), 'date is', 'dates are')} cancelled, from {_day_of(preview)}.",
        f"{count_words(told, 'family hears', 'families hear')} it, once for the whole course. The messages leave at"
        f" {clock_time(preview.messages_leave_at)}, not before."
        if told
        else "No message is sent: nobody is booked who can be written to.",
        f"{count_words(preview.calendar_entries, 'calendar entry is', 'calendar entries are')} removed."
        if preview.calendar_entries
        else "",
        "The waiting list ends." if preview.waiting else "",
        "Its rooms are free for others, and those of its crèche." if has_creche else "Its rooms are free for others.",
        "The dates stay on the public pages, marked as cancelled.",
    ]
    return [sentence for sentence in sentences if sentence]


def _day_of(preview: CancelledDates) -> str:
    return day_words(clock.local(min(each["starts_at"] for each in preview.dates)).date())


DECIDE = f"{RUN}/decide"
routes = [
    Route(DECIDE, ask, name="staff_decide", methods=["GET"]),
    Route(DECIDE, act, name="staff_decide_do", methods=["POST"]),
]
