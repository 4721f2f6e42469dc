"""/staff/sessions/{id}/cancel: say why, see what will happen and to whom, do it; then undo it, or send at once."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import web
from booking.people.signing_in import Who
from booking.problems import Problem, Refused
from booking.programmes.changes import cancelling, undoing_cancelling
from booking.programmes.changes.cancelling import REASONS
from booking.programmes.pages.staff import taken_back
from booking.programmes.pages.staff.asking import path_of, session_in_path
from booking.programmes.pages.staff.session import basics
from booking.programmes.pages.staff.taken_back import after_act, back
from booking.web import access
from booking.words import clock_time, count_words

UNDONE = "It takes place after all. No family heard of it, except any who booked since."
TOO_LONG = Problem("Make the words to families 200 letters or shorter.", "words", rule="too long")


def reason_of(choice: str, words: str) -> tuple[str, list[Problem]]:
    """What families read: the chosen reason, the words, or both. A Problem when there is neither."""
    words = " ".join(words.split())
    if len(words) > 200:
        return "", [TOO_LONG]
    parts = [part.rstrip(".") for part in (REASONS.get(choice, ""), words) if part]
    return ". ".join(parts), [] if parts else [cancelling.NO_REASON]


@access("staff")
async def ask(request: Request) -> Response:
    """The reasons; with one chosen, the preview of what cancelling does, which is the act rolled back."""
    who, session = await session_in_path(request)
    typed = {"reason": request.query_params.get("reason", ""), "words": request.query_params.get("words", "")}
    if "reason" not in request.query_params and "words" not in request.query_params:
        return await _page(request, who, session, typed, [], preview=None)
    return await _look(request, who, session, typed)


async def _look(request: Request, who: Who, session: dict[str, Any], typed: dict[str, str]) -> Response:
    reason, problems = reason_of(typed["reason"], typed["words"])
    preview = None
    if not problems:
        minutes = web.settings_of(request).places.undo_minutes
        try:
            preview = await cancelling.preview(
                session_id=session["session_id"], reason=reason, by=who, undo_minutes=minutes
            )
        except Refused as refused:
            problems = refused.problems
    return await _page(request, who, session, typed, problems, preview=preview, reason=reason)


async def _page(
    request: Request,
    who: Who,
    session: dict[str, Any],
    typed: dict[str, str],
    problems: list[Problem],
    *,
    preview: Any,
    reason: str = "",
) -> Response:
    shown = basics(session) | {
        "heading": "Cancel this date",
        "reasons": [(value, words or "Something else") for value, words in REASONS.items()],
        "form": web.Shown(typed, problems),
        "preview": preview,
        "reason": reason,
        "lines": _lines(preview, not session["is_restricted"]) if preview else [],
        "undo_minutes": web.settings_of(request).places.undo_minutes,
    }
    return await web.render_staff(request, "staff/cancel.html", shown, status=422 if problems else 200)


def _lines(preview: Any, is_listed: bool) -> list[str]:
    """What will happen, a sentence each."""
    told = sum(each.hears for each in preview.told)
    sentences = [
        f"{count_words(told, 'family is', 'families are')} told: {count_words(preview.sms_count, 'text message')},"
        f" {count_words(preview.mail_count, 'email')}. They leave at {clock_time(preview.messages_leave_at)},"
        " not before."
        if told
        else "No message is sent: nobody is booked who can be written to.",
        f"{count_words(preview.calendar_entries, 'calendar entry is', 'calendar entries are')} removed."
        if preview.calendar_entries
        else "",
        f"{count_words(preview.ended_bookings, 'booking ends', 'bookings end')}." if preview.ended_bookings else "",
        f"{count_words(preview.kept_bookings, 'booking of the whole course stays', 'bookings of the whole course stay')}; only this date is lost."
        if preview.kept_bookings
        else "",
        f"{count_words(preview.will_miss, 'family had', 'families had')} already said that they would miss this date"
        " and hear nothing."
        if preview.will_miss
        else "",
        f"{count_words(preview.waiting, 'family', 'families')} on the waiting list of this date are told too,"
        " and the list ends."
        if preview.waiting
        else "",
        f"{count_words(preview.reminders, 'reminder is', 'reminders are')} taken back." if preview.reminders else "",
        "The room is free for others." if preview.is_room_freed else "",
        "The date stays on the public pages, marked as cancelled." if is_listed else "",
    ]
    return [sentence for sentence in sentences if sentence]


@access("staff")
async def act(request: Request) -> Response:
    who, session = await session_in_path(request)
    async with request.form(max_files=0) as form:
        typed = {name: str(form.get(name, ""))[:500] for name in ("reason", "words")}
    reason, problems = reason_of(typed["reason"], typed["words"])
    if not problems:
        try:
            done = await cancelling.cancel(
                session_id=session["session_id"],
                reason=reason,
                by=who,
                undo_minutes=web.settings_of(request).places.undo_minutes,
            )
        except Refused as refused:
            problems = refused.problems
        else:
            request.app.state.pages.forget()
            if not done.told:
                web.flash(request, "Cancelled. No family was booked.")
            return web.go(path_of(session))
    return await _page(request, who, session, typed, problems, preview=None)


@access("staff")
async def undo(request: Request) -> Response:
    return await after_act(request, undoing_cancelling.undo, UNDONE)


@access("staff")
async def send_now(request: Request) -> Response:
    return await taken_back.send_now(request, cancelling.VERB)


CANCEL = "/staff/sessions/{id}/cancel"
routes = [
    Route(CANCEL, ask, name="staff_cancel", methods=["GET"]),
    Route(CANCEL, act, name="staff_cancel_do", methods=["POST"]),
    Route(f"{CANCEL}/undo", undo, name="staff_cancel_undo", methods=["POST"]),
    Route(f"{CANCEL}/send-now", send_now, name="staff_cancel_send_now", methods=["POST"]),
    Route(f"{CANCEL}/undo", back, name="staff_back_from_undo", methods=["GET"]),
    Route(f"{CANCEL}/send-now", back, name="staff_back_from_send_now", methods=["GET"]),
]
