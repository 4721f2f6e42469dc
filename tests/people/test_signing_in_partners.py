"""Partners' bookers sign in as staff do, at their own door; neither door opens the other's pages."""

import base64
import json

import pytest

from booking.messages.models import Message
from booking.people.models import SignedIn
from booking.people.pages.signing_in import PARTNERS_WAY, local_path
from tests import make
from tests.people.test_signing_in_staff import mailed_code

SIGN_IN = "/partner/sign-in"


async def ask(client, email, onward="/partner"):
    return await client.post(SIGN_IN, data={"email": email, "next": onward})


async def test_a_mailed_code_signs_a_booker_in_and_leads_where_they_wanted_to_go(client):
    grace = await make.booker(email="grace@toys.example")
    answer = await ask(client, " Grace@Toys.example", "/partner/terms")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SIGN_IN}/code")
    answer = await client.post(f"{SIGN_IN}/code", data={"code": await mailed_code()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/partner/terms")
    assert await SignedIn.filter(person_id=grace.id, purpose="partner").count() == 1
    assert (await client.get("/partner/terms")).status_code == 200


async def test_nobody_learns_who_books_for_a_partner(client):
    await make.booker(email="grace@toys.example")
    member = await make.staff("county_admin", email="maya@hub.example")
    parent = await make.person(email="parent@home.example")
    pages = []
    for email in ("grace@toys.example", "nobody@else.example", parent.email, member.email):
        answer = await ask(client, email)
        page = await client.get(answer.headers["location"])
        pages.append((answer.status_code, dict(answer.headers) | {"set-cookie": ""}, page.text.replace(email, "EMAIL")))
    assert all(page == pages[0] for page in pages)
    assert await Message.filter(kind="sign_in_code").values_list("address", flat=True) == ["grace@toys.example"]


async def test_the_code_of_one_door_does_not_open_the_other(client):
    both = await make.booker(email="both@toys.example")
    hub = await make.location()
    await make.Role.create(person=both, kind="hub_staff", hub_id=hub.id)
    await client.post("/staff/sign-in", data={"email": both.email, "next": "/staff"})
    code = await mailed_code()
    await ask(client, both.email)
    if await mailed_code() != code:
        assert (await client.post(f"{SIGN_IN}/code", data={"code": code})).status_code == 422
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 303
    assert (await client.get("/partner/terms")).headers["location"].startswith(SIGN_IN)


async def test_a_staff_session_is_no_partner_session_and_the_other_way_round(client):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get("/partner/terms")).headers["location"] == f"{SIGN_IN}?next=/partner/terms"
    await make.sign_in_partner(client, await make.booker())
    assert (await client.get("/staff")).headers["location"] == "/staff/sign-in?next=/staff"


async def test_who_is_staff_and_booker_keeps_the_one_session_when_the_other_begins(client):
    await make.booker(email="both@toys.example")
    client.cookies.set("hub", await make.cookie(client, staff="kept", other="forgotten"))
    await ask(client, "both@toys.example")
    answer = await client.post(f"{SIGN_IN}/code", data={"code": await mailed_code()})
    kept = json.loads(base64.b64decode(answer.cookies["hub"].split(".")[0] + "=="))
    assert set(kept) == {"staff", "partner"}


async def test_looking_at_a_page_never_uses_a_code_up(client):
    await make.booker(email="grace@toys.example")
    await ask(client, "grace@toys.example")
    code = await mailed_code()
    for path in (f"{SIGN_IN}/code", f"{SIGN_IN}/code?code={code}", SIGN_IN):
        assert (await client.get(path)).status_code == 200
    assert await SignedIn.all().count() == 0
    assert (await client.post(f"{SIGN_IN}/code", data={"code": code})).status_code == 303


async def test_a_wrong_code_is_refused_and_five_of_them_kill_the_right_one(client):
    await make.booker(email="grace@toys.example")
    await ask(client, "grace@toys.example")
    code = await mailed_code()
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert (await client.post(f"{SIGN_IN}/code", data={"code": wrong})).status_code == 422
    assert (await client.post(f"{SIGN_IN}/code", data={"code": code})).status_code == 422


async def test_the_sixth_code_in_an_hour_is_refused_for_everybody_alike(client):
    for _ in range(5):
        assert (await ask(client, "nobody@else.example")).status_code == 303
    answer = await ask(client, "nobody@else.example")
    assert answer.status_code == 422
    assert "tried too often" in answer.text


async def test_signing_out_ends_the_session_on_the_server(client):
    await make.sign_in_partner(client, await make.booker())
    kept = client.cookies.get("hub")
    assert (await client.post("/partner/sign-out")).headers["location"] == SIGN_IN
    client.cookies.set("hub", kept)
    assert (await client.get("/partner/terms")).status_code == 303


async def test_a_tap_without_a_session_sends_the_whole_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8000/partner/find?people=20"}
    answer = await client.get(SIGN_IN, headers=headers)
    assert answer.headers["HX-Redirect"] == f"{SIGN_IN}?next=/partner/find"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/partner/find?people=20", "/partner/find?people=20"),
        ("/swaps/abc", "/swaps/abc"),
        ("/staff", "/partner"),
        ("https://evil.example/partner", "/partner"),
        ("//evil.example/partner", "/partner"),
        ("/partner\\evil.example\r\n", "/partner"),
        ("/partner/sign-in", "/partner"),
        ("", "/partner"),
    ],
)
def test_only_paths_of_our_own_are_gone_on_to(asked, path):
    assert local_path(asked, PARTNERS_WAY) == path


async def test_a_link_that_fills_a_form_still_fills_it_after_signing_in(client):
    answer = await client.get("/partner/reserve?room=1&start=10:00&repeat=weekly")
    where = answer.headers["location"]
    assert where == "/partner/sign-in?next=/partner/reserve%3Froom%3D1%26start%3D10%3A00%26repeat%3Dweekly"
    assert 'value="/partner/reserve?room=1&amp;start=10:00&amp;repeat=weekly"' in (await client.get(where)).text
