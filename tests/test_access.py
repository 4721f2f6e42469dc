"""P6: every route says who may see it, and does as it says; what a stranger may not see is not there.

A matrix of every route and method with everybody who could come: a stranger, a family, staff of another hub, staff,
manager and county admin. New routes are walked by themselves.
"""

import re

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from booking import app as application
from booking import assets, db
from booking.app import UnmarkedRoute, create_app, route_list
from booking.people.signing_in import sign_in
from booking.web import AUDIENCES, access
from tests import make, standing_in
from tests.standing_in import METHODS, address, form, small_county

SIGNED_IN = ("staff", "manager", "admin", "same machine")
FINE = (200, 204, 303, 409, 422)
ADDRESS = re.compile(r'(?:href|action|formaction|hx-get|hx-post)="([^"]*)"')
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


@pytest.fixture
async def county(database):
    return await small_county()


async def become(client, county, who: str) -> None:
    """Signs the browser in as `who`; a family's browser also has the form under way."""
    client.cookies.clear()
    if who == "family":
        token = await sign_in(person_id=county.parent.id, purpose="manage")
        client.cookies.set("hub", await make.cookie(client, family=token, leases=[str(county.lease_id)]))
    elif who == "staff, manager elsewhere":
        await make.sign_in_staff(client, await make.staff_here_manager_elsewhere(county.hub.id, county.other_hub.id))
    elif who != "nobody":
        kind, hub = {
            "other hub's staff": ("hub_staff", county.other_hub.id),
            "other hub's manager": ("hub_manager", county.other_hub.id),
            "staff": ("hub_staff", county.hub.id),
            "manager": ("hub_manager", county.hub.id),
            "admin": ("county_admin", None),
        }[who]
        await make.sign_in_staff(client, await make.staff(kind, hub))


async def answers(client, county, audiences=AUDIENCES, methods=("GET", "POST")):
    """(route, method, answer) of every route for one of these audiences."""
    for route, method in METHODS:
        if route.endpoint.audience in audiences and method in methods:
            data = form(county) if method == "POST" else None
            yield route, method, await client.request(method, address(route, county), data=data)


async def footprint() -> dict:
    """What strangers must not change."""
    tables = (
        "audit_event", "attendance", "message", "role", "import_job", "booking", "session", "run", "slot", "offer", "waiting_entry",
        "inbound_message", "room_booking", "closure", "missed_date",
    )  # fmt: skip
    counts = {table: await db.value(f'SELECT COUNT(*) AS n FROM "{table}"') for table in tables}
    own = "SELECT COUNT(*) AS n FROM audit_event WHERE about_kind <> 'programme'"  # which every manager keeps
    counts["audit_event"] = await db.value(own)
    states = await db.rows("SELECT id, state, taken, adults_counted FROM session ORDER BY id")
    more = {
        table: [tuple(row.values()) for row in await db.rows(f'SELECT id, state FROM "{table}" ORDER BY id')]
        for table in ("run", "slot", "offer", "waiting_entry", "inbound_message", "room_booking")
    }
    return counts | {"sessions": [tuple(row.values()) for row in states], "states": more}


async def check(client, county, who: str, expected) -> None:
    """Every route for those signed in answers `who` as `expected(route)` says."""
    await become(client, county, who)
    wrong = []
    async for route, method, answer in answers(client, county, SIGNED_IN):
        if not expected(route, answer):
            wrong.append(f"{method} {route.path} ({route.endpoint.audience}): {answer.status_code}")
    assert not wrong, f"for {who}:\n" + "\n".join(wrong)


def is_sent_to_sign_in(answer) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/staff/sign-in?next=/")


def is_about_one_thing(route) -> bool:
    """Of one hub, that is; imports, partners, programmes, term calendars and wording are the county's."""
    return "{" in route.path and not route.path.startswith(
        ("/staff/import", "/staff/partners", "/staff/programmes", "/staff/terms", "/staff/wording")
    )


@pytest.mark.parametrize("who", ["nobody", "family"])
async def test_whoever_is_not_staff_is_sent_to_the_sign_in_and_changes_nothing(client, county, who):
    before = await footprint()
    await check(client, county, who, lambda route, answer: is_sent_to_sign_in(answer))
    assert await footprint() == before


@pytest.mark.parametrize("who", ["other hub's staff", "other hub's manager"])
async def test_staff_of_another_hub_find_nothing_of_ours(client, county, who):
    rights = {"staff", "same machine"} | ({"manager"} if "manager" in who else set())
    before = None

    def expected(route, answer) -> bool:
        if is_about_one_thing(route) or route.endpoint.audience not in rights:
            return answer.status_code == 404
        return answer.status_code in FINE

    await become(client, county, who)
    before = await footprint()
    await check(client, county, who, expected)
    assert {**before, "role": 0} == {**await footprint(), "role": 0}


@pytest.mark.parametrize(
    ("who", "rights"),
    [
        ("staff", {"staff", "same machine"}),
        ("manager", {"staff", "same machine", "manager"}),
        ("admin", {"staff", "same machine", "manager", "admin"}),
    ],
)
async def test_staff_reach_what_is_theirs_and_no_more(client, county, who, rights):
    def expected(route, answer) -> bool:
        if route.endpoint.audience not in rights:
            return answer.status_code == 404
        return answer.status_code in FINE and not is_sent_to_sign_in(answer)

    await check(client, county, who, expected)


async def test_who_manages_another_hub_is_plain_staff_here(client, county):
    """Of what managers do they do nothing here; pages of managers that are about no one thing are there, of their own hub."""

    def expected(route, answer) -> bool:
        audience = route.endpoint.audience
        if audience == "admin" or (audience == "manager" and is_about_one_thing(route)):
            return answer.status_code == 404
        return answer.status_code in FINE and not is_sent_to_sign_in(answer)

    await check(client, county, "staff, manager elsewhere", expected)


async def test_who_manages_another_hub_is_shown_no_more_to_press_than_plain_staff(client, county):
    """Addresses of forms and links that name something of this hub, page by page."""
    shown = {}
    for who in ("staff", "staff, manager elsewhere"):
        await become(client, county, who)
        shown[who] = {
            route.path: {each for each in ADDRESS.findall(answer.text) if ID.search(each)}
            async for route, _, answer in answers(client, county, ("staff", "same machine"), ("GET",))
        }
    ours, theirs = shown.values()
    more = {
        path: {each for each in theirs[path] - ours[path] if str(county.other_hub.id) not in each} for path in theirs
    }
    more = {path: some for path, some in more.items() if some}
    of_the_county = {"/staff/programmes/{id}", "/staff/partners/{id}"}
    assert more.keys() <= of_the_county | {"/staff/feeds"}, more  # and addresses of their own


@pytest.mark.parametrize("who", ["nobody", "family", "admin"])
async def test_whoever_books_for_no_partner_is_sent_to_the_partners_sign_in(client, county, who):
    await become(client, county, who)
    before, wrong = await footprint(), []
    async for route, method, answer in answers(client, county, ("partner",)):
        if answer.status_code != 303 or not answer.headers["location"].startswith("/partner/sign-in?next=/partner"):
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert not wrong
    assert await footprint() == before


async def test_the_booker_of_another_partner_finds_nothing_of_ours(client, county):
    await make.sign_in_partner(client, await make.booker())
    wrong = []
    async for route, method, answer in answers(client, county, ("partner",)):
        expected = (404,) if "{" in route.path else FINE
        if answer.status_code not in expected:
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert not wrong
    answer = await client.get(f"/partner/terms?organisation={county.partner.id}")
    assert answer.status_code == 404


@pytest.mark.parametrize("who", ["nobody", "family", "staff"])
async def test_public_pages_are_there_for_everybody(client, county, who):
    await become(client, county, who)
    wrong = []
    async for route, method, answer in answers(client, county, ("anyone",)):
        if answer.status_code not in (*FINE, 301, 400, 503) or is_sent_to_sign_in(answer):
            wrong.append(f"{method} {route.path}: {answer.status_code}")
    assert not wrong


async def test_a_form_under_way_opens_in_its_own_browser_alone(client, county):
    for who, is_there in [("nobody", False), ("admin", False), ("family", True)]:
        await become(client, county, who)
        for route, method in METHODS:
            if "{lease}" in route.path and not route.path.endswith("/leave"):
                answer = await client.request(method, address(route, county), data=form(county))
                assert (answer.status_code != 404) is is_there, f"{who}: {method} {route.path} {answer.status_code}"
        answer = await client.post(f"/book/{county.lease_id}/leave")
        assert (answer.status_code != 404) is is_there


async def test_a_guessed_manage_link_opens_nothing(client, county):
    token = county.booking.manage_token
    for guess in (token[:-1], token + "0", token.swapcase(), "%25", "_" * len(token), "0", str(county.booking.id)):
        for route, method in METHODS:
            if "/m/{token}" in route.path:
                path = address(route, county).replace(f"/m/{token}", f"/m/{guess}")
                answer = await client.request(method, path, data=form(county))
                assert answer.status_code == 404, f"{method} {path}"


async def test_the_link_of_one_family_changes_nothing_of_another(client, county):
    """Alice's link with Bob's session in it."""
    other = await make.session(await make.run())
    bob = await make.booking(other, await make.person())
    before = await footprint()
    answer = await client.post(f"/m/{bob.manage_token}/dates/{county.session.id}")
    assert answer.status_code == 409
    assert await footprint() == before


async def test_every_route_is_listed_with_its_audience():
    listed = route_list()
    assert {(each["path"], tuple(each["methods"])) for each in listed} >= {
        (route.path, tuple(sorted(route.methods))) for route in standing_in.routes()
    }
    assert {each["audience"] for each in listed} <= set(AUDIENCES)


async def unmarked(request):
    return PlainTextResponse("hello")


@pytest.mark.parametrize(
    "stray",
    [
        Route("/stray", unmarked),
        Mount("/stray", routes=[Route("/inside", unmarked)]),
        Mount("/stray", app=lambda scope, receive, send: None),
    ],
)
def test_the_site_does_not_start_with_a_route_that_says_nothing(configured, monkeypatch, stray):
    monkeypatch.setattr(application, "ROUTES", [*application.ROUTES, stray])
    with pytest.raises(UnmarkedRoute, match="/stray"):
        create_app(configured)


def test_the_site_does_not_start_with_a_mark_that_nobody_knows(configured, monkeypatch):
    monkeypatch.setattr(application, "ROUTES", [Route("/stray", access("whoever")(unmarked)), *application.ROUTES])
    with pytest.raises(UnmarkedRoute, match="/stray"):
        create_app(configured)


def test_only_the_built_files_are_mounted():
    assert [mount.app for mount in application.ROUTES if isinstance(mount, Mount)] == [assets.files]


async def test_a_partner_who_is_no_staff_is_not_let_in(client, county):
    await make.sign_in_staff(client, await make.staff("partner", county.hub.id))
    answer = await client.get(f"/staff/sessions/{county.session.id}")
    assert is_sent_to_sign_in(answer)


async def test_a_role_that_is_no_staff_role_opens_no_hub(client, county):
    """Staff at one hub who are partners at another are strangers to that one's families."""
    member = await make.staff("hub_staff", county.other_hub.id)
    await db.execute(
        "INSERT INTO role (id, person_id, kind, hub_id) VALUES ($1, $2, 'partner', $3)",
        db.new_id(), member.id, county.hub.id,
    )  # fmt: skip
    await make.sign_in_staff(client, member)
    assert (await client.get(f"/staff/sessions/{county.session.id}")).status_code == 404


async def test_a_family_session_is_no_staff_session(client, county):
    """The token of a parent's browser, put where a staff token belongs."""
    member = await make.staff("hub_staff", county.hub.id)
    token = await sign_in(person_id=member.id, purpose="manage")
    client.cookies.set("hub", await make.cookie(client, staff=token))
    assert is_sent_to_sign_in(await client.get("/staff"))


async def test_somebody_whose_role_was_taken_away_is_out_at_once(client, county):
    member = await make.staff("hub_staff", county.hub.id)
    await make.sign_in_staff(client, member)
    assert (await client.get("/staff")).status_code == 200
    await db.execute("DELETE FROM role WHERE person_id = $1", member.id)
    assert is_sent_to_sign_in(await client.get("/staff"))
