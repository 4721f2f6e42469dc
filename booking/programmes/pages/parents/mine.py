"""My bookings: all of a family's, in a browser that is known or after a code sent to a phone or mailbox."""

from datetime import timedelta

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from booking import clock, db, web
from booking.messages import outbox
from booking.people import proving, signing_in
from booking.people.contacts import is_uk_mobile, phone_words, read_email, read_phone
from booking.people.limits import too_often
from booking.problems import Problem
from booking.programmes.bookings import my_bookings
from booking.settings import SignIn
from booking.web import access

WRONG_CODE = Problem("That code is not right, or it is too old. Check it, or ask for a new one.", "code", rule="code")


@access("link")
async def mine(request: Request) -> Response:
    """My bookings: the list for a browser that is known, else where to send the code."""
    who = await web.family_asking(request)
    if who is None:
        return _ask_page(request, "", [])
    now = clock.now()
    all_of_them = [my_bookings.summary(row, now) for row in await my_bookings.of_family(who)]
    context = {
        "title": "My bookings",
        "coming": [each for each in all_of_them if each["state"] in ("booked", "waiting", "offered")],
        "ended": [each for each in all_of_them if each["state"] not in ("booked", "waiting", "offered")][-10:],
        "proved": phone_words(who.proved) if who.proved.startswith("+") else who.proved,
    }
    answer = web.render(request, "programmes/mine.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _ask_page(request: Request, typed: str, problems: list[Problem]) -> Response:
    context = {"title": "My booking", "typed": typed, "problems": problems}
    return web.render(request, "programmes/ask_code.html", context, status=422 if problems else 200)


@access("anyone")
async def ask_code(request: Request) -> Response:
    """Sends a code to a phone or mailbox that has booked; says the same whether or not it has."""
    if request.method == "GET":
        return _ask_page(request, "", [])
    async with request.form(max_fields=5, max_files=0) as form:
        typed = str(form.get("address", ""))[:300]
    address, problems = read_email(typed, "address") if "@" in typed else read_phone(typed, "address")
    if not problems and not address.count("@") and not is_uk_mobile(address):
        problems = [
            Problem("We can only text UK mobile numbers, which begin with 07. Or enter your email address", "address")
        ]
    if not problems:
        problems = await too_often("codes from one network", web.network_of(request))
        problems = problems or await too_often("code to one address", address)
    if problems:
        return _ask_page(request, typed, problems)
    request.session["code_to"] = address
    sending = BackgroundTask(_send_code, address, web.settings_of(request).sign_in)
    return RedirectResponse("/manage/code", 303, background=sending)


async def _send_code(address: str, rules: SignIn) -> None:
    """After the answer has left, so that it takes as long for somebody who has booked as for a stranger."""
    column = "email" if "@" in address else "phone"
    person = await db.row(
        f"SELECT p.id FROM person p JOIN booking b ON b.person_id = p.id WHERE p.{column} = $1 LIMIT 1", address
    )
    person = person or await db.row(
        f"SELECT p.id FROM person p JOIN waiting_entry b ON b.person_id = p.id WHERE p.{column} = $1 LIMIT 1", address
    )
    if person is None:
        return

    async def body() -> None:
        code = await signing_in.make_code(
            address=address, purpose="manage", minutes=rules.code_minutes, tries=rules.code_tries
        )
        await outbox.queue_code(
            kind="manage_code",
            channel="email" if column == "email" else "sms",
            address=address,
            code=code,
            about=("person", person["id"]),
            dedupe_key=f"manage_code:{db.new_id()}",
            expires_at=clock.now() + timedelta(minutes=rules.code_minutes),
        )

    await db.run_tx(body)


@access("anyone")
async def use_code(request: Request) -> Response:
    """The code is typed in. Only a POST uses it, so a mail scanner that opens links uses up nothing."""
    address = request.session.get("code_to")
    if not address:
        return web.go("/manage")
    problems: list[Problem] = []
    if request.method == "POST":
        async with request.form(max_fields=5, max_files=0) as form:
            code = str(form.get("code", ""))[:20]
        problems = await too_often("code tried from one network", web.network_of(request))
        if not problems and await signing_in.use_code(address=address, purpose="manage", code=code):
            return await _sign_in(request, address)
        problems = problems or [WRONG_CODE]
    shown = phone_words(address) if address.startswith("+") else address
    context = {"title": "Enter the code", "address": shown, "problems": problems}
    return web.render(request, "programmes/use_code.html", context, status=422 if problems else 200)


async def _sign_in(request: Request, address: str) -> Response:
    request.session.pop("code_to", None)
    here = await web.family_asking(request)
    person_id = await proving.proved_person(address=address, here=here)
    request.session["family"] = await signing_in.sign_in(person_id=person_id, purpose="manage", proved=address)
    return web.go("/manage")


@access("link")
async def forget_me(request: Request) -> Response:
    """This browser is no longer known: for shared phones and library computers."""
    token = request.session.get("family")
    if token:
        await signing_in.sign_out(token)
    for key in ("family", "leases", "code_to"):
        request.session.pop(key, None)
    return web.go("/")


routes = [
    Route("/manage", mine, name="mine"),
    Route("/manage/ask", ask_code, name="manage_ask", methods=["GET", "POST"]),
    Route("/manage/code", use_code, name="manage_code", methods=["GET", "POST"]),
    Route("/manage/forget", forget_me, name="manage_forget", methods=["POST"]),
]
