"""/staff/texts: what families text us, as conversations; what waits for a person stands first."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, web
from booking.messages import hours, writing_back
from booking.messages.words_for_staff import STATES
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.problems import Refused
from booking.programmes import people_of_hubs
from booking.programmes.texts import answering_families, threads
from booking.programmes.texts.threads import Line, Thread
from booking.web import access
from booking.who_asks import staff_of
from booking.words import clock_time, count_words, day_words, instant_words, pounds, short_instant


@access("staff")
async def all_texts(request: Request) -> Response:
    who, asked = await staff_of(request), request.query_params
    waits, words = await threads.waiting_count(who), asked.get("q", "")[:100].strip()
    show = asked.get("show") if asked.get("show") in ("waiting", "all") else "all" if words or not waits else "waiting"
    page = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 4 else 1
    found, is_more = await threads.lines(who, is_waiting=show == "waiting", words=words, page=max(page, 1))
    shown = {
        "title": "Texts",
        "nav": "messages",
        "texts_wait": waits,
        "show": show,
        "words": words,
        "lines": [_line(each) for each in found],
        "after": "/staff/texts?" + urlencode({"show": show, "q": words, "page": page + 1}) if is_more else "",
    }
    return await web.render_staff(request, "staff/texts/list.html", shown, block="results")


def _line(each: Line) -> dict[str, Any]:
    return {
        "path": f"/staff/texts/{each.id}#last",
        "name": each.names or each.phone_words,
        "phone": each.phone_words if each.names else "",
        "words": each.last_words[:140] or "(no words)",
        "is_ours": each.is_ours,
        "at": _when(each.last_at),
        "waiting": each.waiting,
    }


def _when(instant: Any) -> str:
    """As messages on a phone say it: the time today, otherwise the day and time."""
    return clock_time(instant) if clock.local(instant).date() == clock.today() else short_instant(instant)


async def _thread_in_path(request: Request) -> tuple[Who, Thread]:
    """Who asks and the thread of the path; 404 when it is not there or not theirs (promise P6)."""
    who = await staff_of(request)
    thread = await threads.find(who, web.uuid_in_path(request, "text"))
    if thread is None:
        raise HTTPException(404)
    return who, thread


@access("staff")
async def one_thread(request: Request) -> Response:
    who, thread = await _thread_in_path(request)
    return await _page(request, who, thread)


async def _page(request: Request, who: Who, thread: Thread, form: web.Shown | None = None) -> Response:
    form = form or web.Shown({"words": "", "key": web.new_token()})
    shown = {
        "title": thread.title,
        "nav": "messages",
        "texts_wait": await threads.waiting_count(who),
        "thread": thread,
        "person_path": await _person_path(who, thread),
        "days": _days(thread),
        "people": [each | {"safe": hours.safe_words(each)} for each in _people(thread)],
        **(await _could_be(request, who, thread)),
        "coming": [each | {"when": instant_words(each["at"])} for each in thread.coming],
        "leaves": _leaves(thread),
        "form": form,
        "longest": writing_back.LONGEST,
        "size": _size(request, thread, str(form.values["words"])),
    }
    status = 409 if any(p.rule == "changed" for p in form.problems) else 422 if form.problems else 200
    return await web.render_staff(request, "staff/texts/thread.html", shown, block="conversation", status=status)


async def _person_path(who: Who, thread: Thread) -> str:
    """The page of the one person it can be, as far as who asks may open it."""
    people = _people(thread)
    known = await people_of_hubs.find_one(who, people[0]["id"]) if len(people) == 1 else None
    return f"/staff/people/{known['id']}" if known else ""


def _people(thread: Thread) -> list[dict[str, Any]]:
    """Who has the number, or whom staff have found for it."""
    return thread.people or ([thread.linked] if thread.linked else [])


async def _could_be(request: Request, who: Who, thread: Thread) -> dict[str, Any]:
    """The search for whose an unknown number is, and whom it found."""
    words = request.query_params.get("who", "")[:100].strip()
    found = await answering_families.could_be(thread, words, who) if words else []
    shown = [each | {"phone_words": phone_words(each["phone"]) if each["phone"] else ""} for each in found]
    return {"is_unknown": not thread.people, "who_words": words, "could_be": shown}


def _days(thread: Thread) -> list[dict[str, Any]]:
    """The conversation by local days."""
    days: list[dict[str, Any]] = []
    for each in thread.items:
        day = clock.local(each["at"]).date()
        if not days or days[-1]["date"] != day:
            words = "Today" if day == clock.today() else day_words(day)
            days.append({"date": day, "words": words, "bubbles": []})
        days[-1]["bubbles"].append(_item(each))
    return days


def _item(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "is_ours": each["is_ours"],
        "body": each["body"] or ("(deleted after 30 days)" if each["is_ours"] else "(no words)"),
        "at": clock_time(each["at"]),
        "waits": not each["is_ours"] and each["state"] == "unclear",
        "became": _became(each),
        "what": each.get("what", ""),
        "state": STATES[each["state"]] if each["is_ours"] else None,
    }


def _became(each: dict[str, Any]) -> str:
    """What became of a text of theirs, or of what we wrote."""
    if each["is_ours"]:
        due = max(each["due_at"], each["next_try_at"])
        held = f"leaves {short_instant(due)}" if each["state"] == "queued" and due > clock.now() else each["error"]
        return ", ".join(filter(None, (f"by {each['by_name']}" if each["by_name"] else "", held)))
    if each["state"] == "handled":
        return f"Dealt with by {each['handled_by'] or 'staff'}, {short_instant(each['handled_at'])}"
    return each["said_back"]


def _leaves(thread: Thread) -> str:
    """When an answer written now leaves, if that is not at once."""
    person = thread.linked or (thread.people[0] if thread.people else None)
    at = writing_back.leaves_at(person, thread.asked_at)
    return instant_words(at) if at > clock.now() else ""


def _size(request: Request, thread: Thread, words: str) -> str:
    """What the answer costs: "1 part, £0.04"."""
    parts = writing_back.parts_of(words[: writing_back.LONGEST], is_discreet=thread.is_discreet)
    pence = web.settings_of(request).messages.sms_part_pence * parts
    return f"{count_words(parts, 'part')}, {pounds(round(pence))}" if parts else ""


async def _typed(request: Request, *names: str) -> dict[str, str]:
    async with request.form(max_files=0) as form:
        return {name: str(form.get(name, ""))[:2000] for name in names}


@access("staff")
async def size(request: Request) -> Response:
    """While an answer is typed: in how many parts it would go, and what that costs."""
    _, thread = await _thread_in_path(request)
    typed = await _typed(request, "words")
    if not web.is_htmx(request):
        return web.go(_path(thread))
    context = {"size": _size(request, thread, typed["words"])}
    return await web.render_staff(request, "staff/texts/thread.html", context, block="size")


@access("staff")
async def answer(request: Request) -> Response:
    who, thread = await _thread_in_path(request)
    typed = await _typed(request, "words", "seen", "key")
    key = f"{thread.text_id}:{typed['key'][:40]}"
    try:
        await answering_families.answer(thread=thread, words=typed["words"], seen=typed["seen"], key=key, by=who)
    except Refused as refused:
        thread = await threads.find(who, thread.text_id) or thread
        return await _page(
            request, who, thread, web.Shown({"words": typed["words"], "key": typed["key"]}, refused.problems)
        )
    leaves = _leaves(thread)
    web.flash(request, f"Your answer leaves {leaves}." if leaves else "Your answer is on its way.")
    return web.go(_path(thread))


@access("staff")
async def done(request: Request) -> Response:
    """Nothing is to be answered, or the family was rung."""
    who, thread = await _thread_in_path(request)
    typed = await _typed(request, "seen")
    if await answering_families.done(thread=thread, seen=typed["seen"], by=who):
        web.flash(request, f"Dealt with, by {who.name} at {clock_time(clock.now())}.")
    else:
        web.flash(request, "Nothing was waiting here any more.", "note")
    return web.go("/staff/texts")


@access("staff")
async def person(request: Request) -> Response:
    who, thread = await _thread_in_path(request)
    typed = await _typed(request, "person")
    try:
        chosen = UUID(typed["person"])
    except ValueError:
        chosen = None
    try:
        await answering_families.link(thread=thread, person_id=chosen, by=who)
    except Refused as refused:
        web.flash_problems(request, refused)
    return web.go(_path(thread))


@access("staff")
async def back(request: Request) -> Response:
    """Reloaded after a refusal: the thread itself."""
    _, thread = await _thread_in_path(request)
    return web.go(_path(thread))


def _path(thread: Thread) -> str:
    return f"/staff/texts/{thread.text_id}#last"


routes = [
    Route("/staff/texts", all_texts, name="staff_texts", methods=["GET"]),
    Route("/staff/texts/{text}", one_thread, name="staff_text", methods=["GET"]),
    Route("/staff/texts/{text}/answer", answer, name="staff_text_answer", methods=["POST"]),
    Route("/staff/texts/{text}/answer", back, name="staff_text_answer_back", methods=["GET"]),
    Route("/staff/texts/{text}/size", size, name="staff_text_size", methods=["POST"]),
    Route("/staff/texts/{text}/done", done, name="staff_text_done", methods=["POST"]),
    Route("/staff/texts/{text}/person", person, name="staff_text_person", methods=["POST"]),
]
