"""The application against those who try to break it: other sites, guessers, forgers, floods and hostile texts."""

import base64
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest
import time_machine
from icalendar import Calendar
from starlette.routing import Route

from booking import app as application
from booking import clock, db
from booking.app import create_app
from booking.assets import asset_url
from booking.guarding import HEADERS
from booking.people import limits
from booking.people.contacts import read_name
from booking.people.signing_in import make_code, sign_in
from booking.web import access
from tests import make
from tests.hostile import SCRIPT, TEXTS
from tests.standing_in import METHODS, address, small_county
from tests.test_leaks import crawl

CODE = re.compile(r"\b\d{6}\b")


@pytest.fixture
async def county(database):
    return await small_county()


def strange(app, ip: str = "203.0.113.9", **headers: str) -> httpx.AsyncClient:
    """A client that sends no headers of a browser, but these."""
    transport = httpx.ASGITransport(app=app, client=(ip, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers)


# Other sites


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, False),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://127.0.0.1:8000.evil.example"}, False),
        ({"Origin": "http://127.0.0.1"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": ""}, False),
        ({}, False),
        ({"Referer": "http://127.0.0.1:8000/"}, False),
    ],
)
async def test_a_form_is_taken_from_our_own_pages_alone(app, database, headers, is_own):
    async with strange(app, **headers) as client:
        answer = await client.post("/manage/ask", data={"address": "nobody"})
    assert answer.status_code == (422 if is_own else 403)


async def test_every_route_that_changes_anything_refuses_other_sites(app, county):
    async with strange(app, **{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}) as client:
        for route, method in METHODS:
            if method != "GET" and route.endpoint.audience != "provider":
                answer = await client.request(method, address(route, county))
                assert answer.status_code == 403, f"{method} {route.path}"


async def test_no_get_changes_anything(client, county):
    """So that a link in a mail, or a scanner that opens it, does nothing."""
    await make.sign_in_staff(client, await make.staff("hub_staff", county.hub.id))
    tables = ("booking", "session", "run", "attendance", "audit_event", "message", "person", "role", "waiting_entry")
    before = {table: await db.rows(f'SELECT * FROM "{table}" ORDER BY id') for table in tables}
    for route, method in METHODS:
        if method == "GET":
            await client.get(address(route, county), params={"reason": "weather", "words": "Snow"})
    assert before == {table: await db.rows(f'SELECT * FROM "{table}" ORDER BY id') for table in tables}


# What every answer carries


async def boom(request):
    raise RuntimeError("boom")


@pytest.fixture
def breaking_app(configured, monkeypatch):
    monkeypatch.setattr(application, "ROUTES", [Route("/boom", access("anyone")(boom)), *application.ROUTES])
    return create_app(configured)


async def test_every_answer_carries_the_headers_errors_and_files_too(breaking_app, database):
    transport = httpx.ASGITransport(app=breaking_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        for status, method, path, headers in [
            (200, "GET", "/", {}), (200, "GET", asset_url("app.css"), {}), (404, "GET", "/static/nothing", {}),
            (404, "GET", "/nothing", {}), (303, "GET", "/staff", {}), (405, "DELETE", "/", {"Sec-Fetch-Site": "none"}),
            (403, "POST", "/manage/ask", {}), (400, "GET", "/?words=%00", {}), (500, "GET", "/boom", {}),
            (400, "GET", "/", {"Host": "evil.example"}), (405, "POST", "/hubs", {"Sec-Fetch-Site": "none"}),
            (422, "POST", "/manage/ask", {"Sec-Fetch-Site": "none"}), (503, "GET", "/health", {}),
        ]:  # fmt: skip
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == status, f"{method} {path} {headers}"
            for name, words in HEADERS.items():
                assert answer.headers[name] == words, f"{path} lacks {name}"
            assert "server" not in answer.headers


async def test_the_policy_allows_no_inline_script_and_no_frame():
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and "*" not in policy
    for rule in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert rule in policy


async def test_an_error_says_nothing_of_the_inside(breaking_app, database):
    transport = httpx.ASGITransport(app=breaking_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.get("/boom")
    assert "boom" not in answer.text.replace("/boom", "") and "Traceback" not in answer.text


async def test_https_sites_ask_browsers_to_stay_with_https(configured, database):
    public = configured.with_("site", base_url="https://hubs.example")
    app = create_app(public)
    async with strange(app, Host="hubs.example") as client:
        answer = await client.get("/staff/sign-in")
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
        client.headers["Sec-Fetch-Site"] = "same-origin"
        answer = await client.post("/manage/ask", data={"address": "sam@families.example"})
        assert "secure" in answer.headers["set-cookie"].lower()


class Inline(HTMLParser):
    """Whatever a strict policy would not run, and what would need no policy to harm."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/ld+json"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc") or (value or "").lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("src", "action") and (value or "").startswith(("http:", "https:", "//")):
                self.found.append(f"{tag} {name}={value}")


async def test_no_page_has_inline_script_or_style_or_things_from_elsewhere(client, county):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    starts = [address(route, county) for route, method in METHODS if method == "GET"]
    seen = await crawl(client, [*starts, "/?view=week", "/nothing"], most=90)
    for path, answer in seen.items():
        if "html" in answer.headers.get("content-type", ""):
            inline = Inline()
            inline.feed(answer.text)
            assert not inline.found, path


# Cookies


async def test_the_cookie_is_for_our_pages_alone(client, county):
    answer = await client.post("/manage/ask", data={"address": "sam@families.example"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie and "domain" not in cookie


async def test_a_forged_cookie_is_ignored(client, county):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    real = client.cookies["hub"]
    assert (await client.get("/staff")).status_code == 200
    body, rest = real.split(".", 1)
    forged = base64.b64encode(json.dumps({"staff": "guess", "leases": [str(county.lease_id)]}).encode()).decode()
    for cookie in (
        real[:-9] + ("A" if real[-9] != "A" else "B") + real[-8:],
        f"{forged}.{rest}",
        forged,
        "",
        "x.y.z",
        "." * 9,
        body,
    ):
        client.cookies.clear()
        client.cookies.set("hub", cookie)
        assert (await client.get("/staff")).status_code == 303, cookie
        assert (await client.get(f"/book/{county.lease_id}/who")).status_code == 404


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(client, county):
    await make.sign_in_staff(client, await make.staff("hub_staff", county.hub.id))
    copy = client.cookies["hub"]
    await client.post("/staff/sign-out")
    client.cookies.clear()
    client.cookies.set("hub", copy)
    assert (await client.get("/staff")).status_code == 303


async def test_a_session_that_nobody_used_ends(client, county):
    await make.sign_in_staff(client, await make.staff("hub_staff", county.hub.id))
    with time_machine.travel(clock.now() + timedelta(hours=12, minutes=1), tick=False):
        assert (await client.get("/staff")).status_code == 303


async def test_a_session_begun_before_signing_in_is_not_the_one_after(client, county):
    """Session fixation: whoever gave the browser a cookie has nothing of what it becomes."""
    member = await make.staff("hub_staff", county.hub.id)
    await client.post("/staff/sign-in", data={"email": member.email})
    planted = client.cookies["hub"]
    code = await db.value("SELECT body FROM message WHERE kind = 'sign_in_code' ORDER BY created_at DESC LIMIT 1")
    answer = await client.post("/staff/sign-in/code", data={"code": CODE.search(code)[0]})
    assert answer.headers["location"] == "/staff"
    assert (await client.get("/staff")).status_code == 200
    client.cookies.clear()
    client.cookies.set("hub", planted)
    assert (await client.get("/staff")).status_code == 303


# Hosts and ways out


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", ""]
)
async def test_a_made_up_host_is_refused(app, database, host):
    async with strange(app, Host=host) as client:
        assert (await client.get("/")).status_code == 400


async def test_links_in_messages_never_come_from_the_request(client, county):
    await client.post(
        "/manage/ask", data={"address": county.parent.phone}, headers={"X-Forwarded-Host": "evil.example"}
    )
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE body LIKE '%evil%'") == 0


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/",
        "http://[", "//[", "/staff\r\nX: y", "%2F%2Fevil.example", "/%5Cevil.example", " //evil.example", "\t/staff",
        "https:evil.example", "/staff/sign-in?next=/staff/sign-in", "staff", "/staff\u2028", "@evil.example",
    ],
)  # fmt: skip
async def test_signing_in_leads_to_our_own_pages_alone(client, county, onward):
    await make.sign_in_staff(client, await make.staff("hub_staff", county.hub.id))
    answer = await client.get("/staff/sign-in", params={"next": onward})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")


async def test_signing_in_leads_back_to_where_one_was_going(client, county):
    member = await make.staff("hub_staff", county.hub.id)
    path = f"/staff/sessions/{county.session.id}"
    answer = await client.get(path)
    page = await client.get(answer.headers["location"])
    onward = re.search(r'name="next"[^>]*value="([^"]*)"', page.text)[1]
    await client.post("/staff/sign-in", data={"email": member.email, "next": onward})
    code = await db.value("SELECT body FROM message WHERE kind = 'sign_in_code'")
    answer = await client.post("/staff/sign-in/code", data={"code": CODE.search(code)[0]})
    assert answer.headers["location"] == path


async def test_an_odd_address_of_the_page_before_breaks_nothing(client, database):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://["}
    assert (await client.get("/staff/sign-in", headers=headers)).status_code == 204


# Who is known, and who is not


async def ask_both(client, path: str, field: str, known: str, unknown: str):
    answers = []
    for who in (known, unknown):
        client.cookies.clear()
        first = await client.post(path, data={field: who})
        page = await client.get(first.headers["location"])
        wrong = await client.post(first.headers["location"], data={"code": "000000"})
        answers.append([
            (each.status_code, each.text.replace(who, "WHO"), sorted(set(each.headers) - {"set-cookie", "content-length"}))
            for each in (first, page, wrong)
        ])  # fmt: skip
    return answers


@pytest.mark.parametrize("unknown", ["strange@families.example", "nobody@hub.example"])
async def test_nobody_learns_who_has_booked(client, county, unknown):
    await db.execute("UPDATE person SET email = 'sam@families.example' WHERE id = $1", county.parent.id)
    known, stranger = await ask_both(client, "/manage/ask", "address", "sam@families.example", unknown)
    assert known == stranger
    assert await db.value("SELECT COUNT(*) AS n FROM sign_in_code") == 1


async def test_nobody_learns_whose_number_has_booked(client, county):
    await db.execute("UPDATE person SET phone = '+447700900111' WHERE id = $1", county.parent.id)
    known, stranger = await ask_both(client, "/manage/ask", "address", "07700 900111", "07700 900222")
    assert [each[0] for each in known] == [each[0] for each in stranger]
    assert known[0] == stranger[0]
    assert [each[1].replace("07700 900222", "07700 900111") for each in stranger] == [each[1] for each in known]


async def test_nobody_learns_who_works_here(client, county):
    member = await make.staff("hub_staff", county.hub.id)
    known, stranger = await ask_both(client, "/staff/sign-in", "email", member.email, "strange@hub.example")
    assert known == stranger
    known, parent = await ask_both(client, "/staff/sign-in", "email", member.email, "sam@families.example")
    assert known == parent


@pytest.mark.parametrize("path", ["/manage/ask", "/staff/sign-in"])
async def test_the_answer_comes_before_anything_is_looked_up(app, county, path, monkeypatch):
    """So that it takes as long for a stranger: the same statements before the answer leaves, whoever is asked about."""
    member = await make.staff("hub_staff", county.hub.id)
    counted, plain = [], db.rows

    async def rows(sql, *parameters):
        counted.append(sql)
        return await plain(sql, *parameters)

    monkeypatch.setattr(db, "rows", rows)
    before = {}

    def watched(who):
        async def inner(scope, receive, send):
            async def noting(message):
                if message["type"] == "http.response.start":
                    before[who] = list(counted)
                await send(message)

            await app(scope, receive, noting)

        return inner

    await db.execute("UPDATE person SET email = $1 WHERE id = $2", member.email, county.parent.id)
    for who in (member.email, "strange@families.example"):
        counted.clear()
        async with strange(watched(who), **{"Sec-Fetch-Site": "same-origin"}) as client:
            answer = await client.post(path, data={"address": who, "email": who})
        assert answer.status_code == 303
    assert before[member.email] == before["strange@families.example"]
    assert await db.value("SELECT COUNT(*) AS n FROM sign_in_code WHERE address = $1", member.email) == 1


# Codes


@pytest.fixture
async def asked(client, county):
    """A browser that asked for a code, and the code."""
    await client.post("/manage/ask", data={"address": county.parent.phone})
    body = await db.value("SELECT body FROM message WHERE kind = 'manage_code'")
    return CODE.search(body)[0]


def is_in(answer) -> bool:
    return answer.status_code == 303 and answer.headers["location"] == "/manage"


def another(code: str, n: int) -> str:
    return f"{(int(code) + n) % 1_000_000:06}"


async def test_a_code_dies_after_five_wrong_tries(client, asked):
    for n in range(1, 6):
        assert (await client.post("/manage/code", data={"code": another(asked, n)})).status_code == 422
    assert (await client.post("/manage/code", data={"code": asked})).status_code == 422


async def test_a_code_works_at_the_fifth_try(client, asked):
    for n in range(1, 5):
        await client.post("/manage/code", data={"code": another(asked, n)})
    assert is_in(await client.post("/manage/code", data={"code": asked}))


async def test_a_code_works_once(client, asked):
    ready = client.cookies["hub"]
    assert is_in(await client.post("/manage/code", data={"code": f" {asked[:3]} {asked[3:]} "}))
    client.cookies.clear()
    client.cookies.set("hub", ready)
    assert (await client.post("/manage/code", data={"code": asked})).status_code == 422


async def test_a_code_dies_in_time(client, asked):
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=False):
        assert (await client.post("/manage/code", data={"code": asked})).status_code == 422


async def test_a_code_for_parents_signs_no_staff_in(client, county):
    member = await make.staff("hub_staff", county.hub.id)
    code = await make_code(address=member.email, purpose="manage", minutes=10, tries=5)
    await client.post("/staff/sign-in", data={"email": member.email})
    await db.execute("DELETE FROM sign_in_code WHERE purpose = 'staff'")
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 422


async def test_a_code_is_for_the_address_it_was_sent_to(client, county, asked):
    await client.post("/manage/ask", data={"address": "07700 900999"})
    assert (await client.post("/manage/code", data={"code": asked})).status_code == 422


async def test_opening_links_uses_no_code_up(client, asked):
    for path in ("/manage/code", f"/manage/code?code={asked}", "/manage/ask", "/manage"):
        await client.get(path)
        await client.head(path)
    assert is_in(await client.post("/manage/code", data={"code": asked}))


async def test_a_code_does_not_stay_in_the_outbox_or_on_any_page(client, county, asked):
    assert await db.value("SELECT COUNT(*) AS n FROM sign_in_code WHERE code_hash LIKE $1", f"%{asked}%") == 0
    await make.sign_in_staff(client, await make.staff("county_admin"))
    seen = await crawl(client, ["/outbox", "/outbox?q=" + asked], most=20)
    assert not [
        path
        for path, answer in seen.items()
        if asked in answer.text.replace(f'value="{asked}"', "") and "q=" not in path
    ]


# Floods


async def test_one_address_gets_five_codes_an_hour(client, county):
    answers = [await client.post("/manage/ask", data={"address": county.parent.phone}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [422]
    assert limits.TOO_OFTEN in answers[-1].text
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'manage_code'") == 5
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert (await client.post("/manage/ask", data={"address": county.parent.phone})).status_code == 303


async def test_the_limit_is_the_same_for_a_stranger(client, county):
    answers = [await client.post("/manage/ask", data={"address": "s@families.example"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [422]


async def test_a_spelling_of_the_address_makes_no_new_allowance(client, county):
    spellings = [
        "07700 900123",
        "+44 7700 900123",
        "0044 7700 900 123",
        "(07700) 900123",
        "07700900123",
        "+447700900123",
    ]
    answers = [await client.post("/manage/ask", data={"address": text}) for text in spellings]
    assert answers[-1].status_code == 422


async def test_one_network_may_not_ask_for_everybody(client, database):
    answers = [await client.post("/manage/ask", data={"address": f"a{n}@families.example"}) for n in range(31)]
    assert [answer.status_code for answer in answers].count(422) == 1


async def test_one_network_may_not_try_codes_all_day(client, asked):
    for n in range(30):
        await client.post("/manage/code", data={"code": another(asked, n + 1)})
    answer = await client.post("/manage/code", data={"code": "000000"})
    assert limits.TOO_OFTEN in answer.text


async def test_a_header_makes_no_new_network(client, database):
    for n in range(31):
        headers = {
            "X-Forwarded-For": f"198.51.100.{n}",
            "Forwarded": f"for=198.51.100.{n}",
            "X-Real-IP": f"198.51.100.{n}",
        }
        answer = await client.post("/manage/ask", data={"address": f"a{n}@families.example"}, headers=headers)
    assert answer.status_code == 422


async def test_one_household_is_one_network_in_ipv6_too(app, database):
    for n in range(31):
        async with strange(app, f"2001:db8:1:2:{n:x}::1", **{"Sec-Fetch-Site": "same-origin"}) as client:
            answer = await client.post("/manage/ask", data={"address": f"a{n}@families.example"})
    assert answer.status_code == 422


async def test_one_network_may_not_take_every_place(client, county):
    run = await make.run(places=200)
    session = await make.session(run)
    statuses = [(await client.post(f"/sessions/{session.id}/book")).status_code for _ in range(61)]
    assert statuses == [303] * 60 + [429]


async def book(client, **typed) -> int:
    """The status of confirming a booking on a new session."""
    session = await make.session(await make.run(min_age_months=None, max_age_months=None))
    path = (await client.post(f"/sessions/{session.id}/book")).headers["location"].removesuffix("/who")
    known = {"adult-0": "Kim Lee", "channel": "email", "email": "kim@families.example", "child-0-first_name": "Ada"}
    await client.post(f"{path}/who", data=known | {"child-0-month": "3", "child-0-year": "2024"} | typed)
    return (await client.post(f"{path}/check")).status_code


async def test_one_contact_is_not_flooded_with_bookings_whatever_else_is_typed(client, database, monkeypatch):
    """Nobody fills a stranger's mailbox by booking in their name with ever new phone numbers."""
    monkeypatch.setitem(limits.LIMITS, "booking to one contact", (2, 60))
    statuses = []
    for n in range(3):
        client.cookies.clear()
        statuses.append(await book(client, phone=f"07700 90055{n}"))
    assert statuses == [303, 303, 429]


async def test_one_network_does_not_book_all_day(client, database, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "booking from one network", (2, 60))
    assert [await book(client, email=f"kim{n}@families.example") for n in range(3)] == [303, 303, 429]


@pytest.mark.parametrize(
    "name", ["Win at evil.example", "http://evil.example", "www.evil.example", "x@evil.example", "EVIL.COM/x"]
)
async def test_nobody_has_us_mail_their_links_to_others(client, county, name):
    """Names stand in mails to an address that nobody has proved yet."""
    path = (await client.post(f"/sessions/{county.session.id}/book")).headers["location"].removesuffix("/who")
    known = {"channel": "email", "email": "victim@families.example", "child-0-month": "3", "child-0-year": "2024"}
    for names in ({"adult-0": name, "child-0-first_name": "Ada"}, {"adult-0": "Kim Lee", "child-0-first_name": name}):
        assert (await client.post(f"{path}/who", data=known | names)).status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        "J.R. Smith",
        "St. John",
        "Anne-Marie O’Neill",
        "Dr. Ng",
        "María José",
        "Sam (Dad)",
        "李小龍",
        "Ali b. Omar",
        "N'Dour",
    ],
)
def test_names_of_people_are_taken(name):
    assert read_name(name, "adult-0") == (name, [])


async def test_the_child_of_another_family_cannot_be_named(client, county):
    """The ids of known children stand in the form; somebody else's there means nothing."""
    stranger = await make.child(await make.person(), first_name="Zebedee")
    token = await sign_in(person_id=county.parent.id, purpose="manage")
    session = await make.session(await make.run(min_age_months=None, max_age_months=None))
    client.cookies.set("hub", await make.cookie(client, family=token))
    path = (await client.post(f"/sessions/{session.id}/book")).headers["location"].removesuffix("/who")
    typed = {"adult-0": "Kim Lee", "channel": "call", "phone": "07700 900555", "known": str(stranger.id)}
    answer = await client.post(f"{path}/who", data=typed)
    assert answer.status_code == 422 and "Zebedee" not in answer.text


# Bodies


async def test_a_body_too_large_is_refused(client, database):
    answer = await client.post("/manage/ask", content=b"address=" + b"a" * (21 * 1024 * 1024),
                               headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"&".join(b"f%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded", 400),
        (b"address=" + b"a" * 2_000_000, "application/x-www-form-urlencoded", 400),
        (b"address=a%00b@x.example", "application/x-www-form-urlencoded", 400),
        (b"address=%ff%fe@x.example", "application/x-www-form-urlencoded", 422),
        (b"address=", "application/x-www-form-urlencoded; charset=utf-16", 400),
        (b'--b\r\nContent-Disposition: form-data; name="address"\r\n\r\na\\ud800@x.example\r\n--b--\r\n',
         "multipart/form-data; boundary=b; charset=unicode_escape", 400),
        (b'--b\r\nContent-Disposition: form-data; name="address"\r\n\r\na\x00@x.example\r\n--b--\r\n',
         "multipart/form-data; boundary=b", 400),
        (b'--b\r\nContent-Disposition: form-data; name="address"; filename="f"\r\n\r\nx\r\n--b--\r\n',
         "multipart/form-data; boundary=b", 400),
        (b"nonsense", "multipart/form-data; boundary=b", 422),
        (b"nonsense", "multipart/form-data", 400),
        (b'{"address": "x"}', "application/json", 422),
        (b"", "", 422),
    ],
)  # fmt: skip
async def test_odd_bodies_are_refused_and_break_nothing(client, database, content, kind, status):
    answer = await client.post("/manage/ask", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (status, 400)


async def test_nul_is_found_where_two_parts_of_a_body_meet(client, database):
    async def body():
        for part in (b"address=a%", b"0", b"0@x.example"):
            yield part

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/manage/ask", content=body(), headers=headers)).status_code == 400


@pytest.mark.parametrize(
    "path", ["/%00", "/courses/%00", "/m/%00", "/places/a%00b", "/?words=%00", "/hubs?near=%00", "/sessions/%00"]
)
async def test_nul_in_an_address_is_refused(client, database, path):
    assert (await client.get(path)).status_code == 400


# Hostile texts


def is_clean(html: str) -> bool:
    return SCRIPT not in html and "<img src=x" not in html


@pytest.mark.parametrize("text", TEXTS)
async def test_a_hostile_text_in_an_address_is_shown_as_text(client, county, text):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    names = [
        "near",
        "words",
        "hub",
        "topic",
        "q",
        "start",
        "date",
        "from",
        "to",
        "page",
        "state",
        "next",
        "day",
        "kind",
        "channel",
        "by",
        "person",
        "entry",
    ]
    for path in ("/", "/hubs", "/staff", "/staff/sessions", "/outbox", "/staff/sign-in", "/staff/audit"):
        answer = await client.get(path, params=dict.fromkeys(names, text))
        assert answer.status_code < 500 and is_clean(answer.text), path
    for path in ("/courses/", "/places/", "/m/"):
        answer = await client.get(path + quote(text, safe=""))
        assert answer.status_code == 404 and is_clean(answer.text)


@pytest.mark.parametrize(
    "text", ["9999-12-31", "0001-01-01", "2027-02-30", "9" * 5000, "-1", "0", "1e3", "²", "٣", "NaN"]
)
async def test_odd_numbers_and_dates_in_an_address_give_a_page(client, county, text):
    """One by one: together, one of them could hide another."""
    await make.sign_in_staff(client, await make.staff("county_admin"))
    for path, names in [
        ("/", "page when within age start day"), ("/hubs", "more show"), ("/staff", "date hub"), ("/outbox", "page"),
        ("/staff/sessions", "page from to hub"), ("/staff/audit", "page from to"), ("/staff/import", "page"),
    ]:  # fmt: skip
        for name in names.split():
            answer = await client.get(path, params={name: text})
            assert answer.status_code == 200, f"{path}?{name}={text[:20]}"


@pytest.mark.parametrize("text", TEXTS)
async def test_a_hostile_text_in_a_form_is_a_problem_or_shown_as_text(client, county, text):
    """All the way: the form, the check page, the confirmation, SMS, mail, calendar, and the staff's pages."""
    answer = await client.post(f"/sessions/{county.session.id}/book")
    path = answer.headers["location"].removesuffix("/who")
    typed = {
        "adult-0": text,
        "child-0-first_name": text,
        "child-0-month": "3",
        "child-0-year": str(clock.today().year - 2),
    }
    typed |= {"needs": text, "channel": "email", "email": "kim@families.example", "phone": "07700 900555"}
    answer = await client.post(f"{path}/who", data=typed)
    if answer.status_code == 422:
        assert is_clean(answer.text)
        typed |= {"adult-0": "Kim Lee", "child-0-first_name": text[:40]}
        answer = await client.post(f"{path}/who", data=typed)
        if answer.status_code == 422:
            typed |= {"child-0-first_name": "Ada"}
            answer = await client.post(f"{path}/who", data=typed)
    assert answer.status_code == 303
    assert is_clean((await client.get(f"{path}/check")).text)
    answer = await client.post(f"{path}/check")
    assert answer.status_code == 303
    manage = answer.headers["location"].split("?")[0]
    await make.sign_in_staff(client, await make.staff("hub_staff", county.hub.id))
    seen = await crawl(client, [manage, f"{manage}/who", f"/staff/sessions/{county.session.id}", "/outbox",
                                f"/staff/sessions/{county.session.id}/cancel?reason=other&words=x"], most=7)  # fmt: skip
    assert all(answer.status_code < 500 and is_clean(answer.text) for answer in seen.values())
    rows = await db.rows("SELECT subject, body, html, calendar FROM message WHERE kind = 'confirmation'")
    assert rows
    for row in rows:
        assert is_clean(row["html"]) and "\n" not in row["subject"] and "\u202e" not in row["body"]
        if row["calendar"]:
            parsed = Calendar.from_ical(row["calendar"])
            assert len(parsed.walk("VEVENT")) == 1 and not parsed.walk("VALARM")


@pytest.mark.parametrize("text", TEXTS)
async def test_a_hostile_text_of_staff_is_a_problem_or_shown_as_text(client, county, text):
    await make.sign_in_staff(client, await make.staff("hub_staff", county.hub.id))
    path = f"/staff/sessions/{county.session.id}"
    for more, data in [
        ("/walk-ins", {"name": text, "adults": "1", "children": text}),
        ("/walk-ins", {"name": text, "adults": "1", "children": "0", "form_token": text}),
        ("/register", {"attendee": str(county.attendee.id), "status": text}),
        ("/register", {"attendee": text, "status": "absent"}),
        ("/tally", {"adults": text}),
        (
            "/book",
            {"adult-0": text, "channel": "call", "phone": "07700 900555", "act": text, "form_token": text, "add": text},
        ),
        ("/cancel", {"reason": text, "words": ""}),
        ("/cancel", {"reason": "other", "words": text}),
        ("/cancel/undo", {"event": text}),
    ]:
        answer = await client.post(path + more, data=data)
        assert answer.status_code in (200, 303, 404, 422), more
        assert is_clean(answer.text)
        assert is_clean((await client.get(path)).text)


async def test_json_ld_cannot_end_its_script(client, database):
    title = "</script><script>alert(1)</script>"
    session = await make.session(await make.run(title=title, host="</ScRiPt>&<!--"))
    page = (await client.get(f"/sessions/{session.id}")).text
    assert is_clean(page) and "</ScRiPt>" not in page
    stated = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert stated["name"] == title


async def test_pages_for_one_family_are_not_kept_by_the_browser(client, county):
    """A shared phone, or a computer in the library."""
    token = county.booking.manage_token
    client.cookies.set("hub", await make.cookie(client, leases=[str(county.lease_id)]))
    for path in (f"/m/{token}", f"/m/{token}/give-up", f"/m/{token}/who", f"/book/{county.lease_id}/who", "/manage"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex"), path


async def test_who_leaves_in_the_middle_of_a_form_is_no_error_of_ours(app, database):
    """A phone in a tunnel: half of the body comes, then nothing."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/duties/sign-in", "raw_path": b"/duties/sign-in",
        "root_path": "", "scheme": "http", "query_string": b"", "client": ("203.0.113.7", 4711), "server": ("127.0.0.1", 8000),
        "headers": [
            (b"host", b"127.0.0.1"), (b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/x-www-form-urlencoded"),
        ],
    }  # fmt: skip
    comes = iter([{"type": "http.request", "body": b"email=ma", "more_body": True}, {"type": "http.disconnect"}])
    answers = []

    async def receive():
        return next(comes)

    async def send(message):
        answers.append(message)

    await app(scope, receive, send)
    assert answers[0]["status"] == 400
    assert await db.value("SELECT COUNT(*) AS n FROM message") == 0
