"""/partner/refer: a professional puts a family forward for a course or group, and sees what became of its own referrals."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from booking import clock, db, web
from booking.people import languages
from booking.people.limits import too_often
from booking.problems import Problem, Refused
from booking.programmes import showing
from booking.programmes.bookings import referring, who_form
from booking.programmes.bookings.coming import Offered, age_problems, places_needed
from booking.programmes.bookings.referring import Open
from booking.programmes.cards import for_whom
from booking.programmes.models import WaitingEntry
from booking.web import access
from booking.words import day_words, short_day

HOME = "/partner/refer"
CHANNELS = who_form.CHANNELS | {"none": "No messages: I tell them myself"}
STATES = {
    "booked": ("good", "Has a place"),
    "waiting": ("waits", "On the waiting list"),
    "offered": ("waits", "Is being offered a place"),
    "given_up": ("plain", "Gave the place up"),
    "left": ("plain", "Left the list"),
    "cancelled": ("bad", "Cancelled by the hub"),
}
CHOOSE = Problem("Choose what the family is referred to", "to", rule="missing")
LONGEST_NOTE = 200


@access("partner")
async def page(request: Request) -> Response:
    """What families can be referred to, and one's own referrals; with ?to= the form."""
    to = await _chosen(request.query_params.get("to", ""))
    if to:
        return await _form_page(request, to, _empty(), {}, [])
    return await _list_page(request, [])


async def _chosen(value: str) -> Open | None:
    return next((each for each in await referring.open_ones() if each.value == value), None) if value else None


async def _list_page(request: Request, problems: list[Problem]) -> Response:
    _, organisation = await web.partner_of(request)
    words = request.query_params.get("q", "")[:60].lower().split()
    offered = await referring.open_ones()
    found = [each for each in offered if all(word in f"{each.title} {each.place}".lower() for word in words)]
    context = {
        "title": "Refer a family",
        "nav": "refer",
        "words": " ".join(words),
        "offered": [_line(each) for each in found[:40]],
        "more": max(len(found) - 40, 0),
        "is_any": bool(offered),
        "referrals": [_referral(row) for row in await referring.referred_by(organisation["id"])],
        "problems": problems,
    }
    return await web.render_partner(request, "partner/refer.html", context, status=422 if problems else 200)


def _line(each: Open) -> dict[str, str]:
    day = short_day(each.date)
    return {
        "href": f"{HOME}?to={each.value}",
        "title": each.title,
        "where": each.place,
        "when": day if each.session_id else f"Next on {day}",
    }


def _referral(row: dict[str, Any]) -> dict[str, Any]:
    level, words = STATES.get(row["state"], ("plain", row["state"]))
    on = f", {short_day(row['date'])}" if row["date"] else ""
    return {
        "name": row["name"],
        "what": f"{row['title']}{on}",
        "where": row["place"],
        "since": short_day(clock.local(row["since_at"]).date()),
        "reference": row["reference"],
        "level": level,
        "words": words,
    }


def _empty() -> who_form.Typed:
    return who_form.Typed(children=[{"first_name": "", "month": "", "year": ""}])


async def _form_page(
    request: Request, to: Open, typed: who_form.Typed, more: dict[str, Any], problems: list[Problem]
) -> Response:
    facts = await _facts(to)
    context = {
        "title": "Refer a family",
        "nav": "refer",
        "to": to,
        "day": day_words(to.date),
        "typed": typed,
        "offered": Offered.of(facts),
        "for_whom": for_whom(facts),
        "channels": CHANNELS,
        "languages": languages.offered(web.settings_of(request).messages.languages),
        "note": "",
        "has_consent": False,
        "may_go_on": any(each.rule == "age" for each in problems),
        "form_token": web.new_token(),
        "problems": problems,
        **more,
    }
    return await web.render_partner(request, "partner/refer_family.html", context, status=422 if problems else 200)


async def _facts(to: Open) -> dict[str, Any]:
    facts = await showing.facts_of_run(to.run_id)
    if facts is None:
        raise Refused([referring.NOT_OPEN])
    return facts


@access("partner")
async def refer(request: Request) -> Response:
    """Books the family or puts it in line, once per form; the form again with its Problems."""
    who, organisation = await web.partner_of(request)
    async with request.form(max_fields=80, max_files=0) as form:
        typed, given = (
            who_form.read(form),
            {name: str(form.get(name, ""))[:400] for name in ("to", "note", "add", "act")},
        )
        token, has_consent = str(form.get("form_token", ""))[:60], form.get("consent") == "yes"
    to = await _chosen(given["to"])
    if to is None:
        return await _list_page(request, [CHOOSE if not given["to"] else referring.NOT_OPEN])
    more = {"note": given["note"], "has_consent": has_consent, "form_token": token or web.new_token()}
    if given["add"]:
        typed.children.append({"first_name": "", "month": "", "year": ""})
        return await _form_page(request, to, typed, more, [])
    read, problems = await _understood(to, typed, given, has_consent)
    problems = problems or await too_often("referral by one partner", str(organisation["id"]))
    if problems:
        return await _form_page(request, to, typed, more, problems)
    try:
        words = await _refer_once(to, organisation, read, given["note"], has_consent, token, who)
    except Refused as refused:
        return await _form_page(request, to, typed, more, refused.problems)
    request.app.state.pages.forget()
    if words:
        web.flash(request, words)
    return web.go(HOME)


async def _understood(
    to: Open, typed: who_form.Typed, given: dict[str, str], has_consent: bool
) -> tuple[who_form.Read, list[Problem]]:
    offered = Offered.of(await _facts(to))
    read = who_form.understand(typed, offered, {}, may_be_silent=True)
    problems = list(read.problems)
    if len(given["note"]) > LONGEST_NOTE:
        problems.append(Problem(f"Use {LONGEST_NOTE} letters or fewer", "note", rule="too long"))
    if not has_consent:
        problems.append(referring.NO_CONSENT)
    if not problems and given["act"] != "all the same":
        problems = age_problems(offered, read.party, to.date)
    return read, problems


async def _refer_once(
    to: Open, organisation: dict[str, Any], read: who_form.Read, note: str, has_consent: bool, token: str, who: Any
) -> str:
    """What to say of it; "" when this form had been sent before."""
    offered = Offered.of(await _facts(to))
    party = referring.with_note(read.party, note)

    async def body() -> str:
        if token and not await web.remember_answer(token, HOME):
            return ""
        made = await referring.refer(
            to=to, organisation_id=organisation["id"], contact=read.contact, party=party,
            places=places_needed(offered, party), has_consent=has_consent, by=who,
        )  # fmt: skip
        what = "is on the waiting list, as a referred family" if isinstance(made, WaitingEntry) else "has a place"
        return f"{read.contact.name} {what}. Reference {made.reference}."

    return await db.run_tx(body)


routes = [
    Route(HOME, page, name="partner_refer", methods=["GET"]),
    Route(HOME, refer, name="partner_refer_do", methods=["POST"]),
]
