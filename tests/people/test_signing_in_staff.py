"""Staff sign in with a mailed code, and whoever asks learns nothing about who works here."""

import re

import pytest

from booking import clock
from booking.messages.models import Message
from booking.people.models import SignedIn, SignInCode
from booking.people.pages.signing_in import local_path
from tests import make


async def ask(client, email, next_path="/staff"):
    return await client.post("/staff/sign-in", data={"email": email, "next": next_path})


async def mailed_code() -> str:
    message = await Message.filter(kind="sign_in_code").order_by("-created_at").first()
    return re.search(r"\b\d{6}\b", message.body).group()


async def test_a_mailed_code_signs_in_and_leads_where_one_wanted_to_go(client):
    member = await make.staff("hub_staff", (await make.location()).id, email="maya@hub.example")
    answer = await ask(client, "Maya@Hub.example ", "/staff/sessions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in/code")
    answer = await client.post("/staff/sign-in/code", data={"code": await mailed_code()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sessions")
    assert await SignedIn.filter(person_id=member.id, purpose="staff").count() == 1
    assert (await client.get("/staff")).status_code == 200


async def test_a_stranger_gets_the_very_same_page_and_no_mail(client):
    await make.staff("hub_staff", (await make.location()).id, email="maya@hub.example")
    parent = await make.person(email="parent@home.example")
    pages = []
    for email in ("maya@hub.example", "nobody@else.example", parent.email):
        answer = await ask(client, email)
        page = await client.get(answer.headers["location"])
        pages.append((answer.status_code, dict(answer.headers) | {"set-cookie": ""}, page.text.replace(email, "EMAIL")))
    assert pages[0] == pages[1] == pages[2]
    assert await Message.filter(kind="sign_in_code").values_list("address", flat=True) == ["maya@hub.example"]


async def test_looking_at_a_page_never_uses_a_code_up(client):
    await make.staff("county_admin", email="maya@hub.example")
    await ask(client, "maya@hub.example")
    code = await mailed_code()
    for path in ("/staff/sign-in/code", f"/staff/sign-in/code?code={code}", "/staff/sign-in"):
        assert (await client.get(path)).status_code == 200
    assert await SignedIn.all().count() == 0
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 303


async def test_a_code_works_once(client):
    await make.staff("county_admin", email="maya@hub.example")
    await ask(client, "maya@hub.example")
    code = await mailed_code()
    asked = client.cookies.get("hub")
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 303
    client.cookies.set("hub", asked)
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 422


async def test_five_wrong_tries_kill_a_code(client):
    await make.staff("county_admin", email="maya@hub.example")
    await ask(client, "maya@hub.example")
    code = await mailed_code()
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        answer = await client.post("/staff/sign-in/code", data={"code": wrong})
        assert answer.status_code == 422
        assert "The code is not right" in answer.text
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 422


async def test_a_code_is_dead_after_ten_minutes(client, time_machine):
    await make.staff("county_admin", email="maya@hub.example")
    await ask(client, "maya@hub.example")
    code, later = await mailed_code(), clock.now() + __import__("datetime").timedelta(minutes=11)
    time_machine.move_to(later)
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code == 422


async def test_the_sixth_code_in_an_hour_is_refused_for_everybody_alike(client):
    for email in ("nobody@else.example",):
        for _ in range(5):
            assert (await ask(client, email)).status_code == 303
        answer = await ask(client, email)
        assert answer.status_code == 422
        assert "tried too often" in answer.text


async def test_signing_out_ends_the_session_on_the_server(client):
    member = await make.staff("county_admin")
    await make.sign_in_staff(client, member)
    kept = client.cookies.get("hub")
    assert (await client.post("/staff/sign-out")).headers["location"] == "/staff/sign-in"
    client.cookies.set("hub", kept)
    assert (await client.get("/staff")).status_code == 303


async def test_a_new_session_keeps_nothing_but_the_family_of_the_browser(client):
    await make.staff("county_admin", email="maya@hub.example")
    cookie = await make.cookie(client, family="f", staff="old", something="else")
    client.cookies.set("hub", cookie)
    await ask(client, "maya@hub.example")
    answer = await client.post("/staff/sign-in/code", data={"code": await mailed_code()})
    import base64
    import json

    kept = json.loads(base64.b64decode(answer.cookies["hub"].split(".")[0] + "=="))
    assert set(kept) == {"family", "staff"}
    assert kept["staff"] != "old"


async def test_a_wrong_address_is_asked_for_again_with_what_was_typed(client):
    answer = await ask(client, "maya at hub")
    assert answer.status_code == 422
    assert 'value="maya at hub"' in answer.text
    assert await SignInCode.all().count() == 0


async def test_without_a_session_staff_pages_lead_to_sign_in(client):
    for path in ("/staff", "/staff/sessions", "/outbox"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/sign-in?next={path}")


async def test_a_tap_without_a_session_sends_the_whole_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8000/staff/sessions/1?x=1"}
    answer = await client.get("/staff/sign-in", headers=headers)
    assert answer.headers["HX-Redirect"] == "/staff/sign-in?next=/staff/sessions/1"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/staff/sessions?q=play", "/staff/sessions?q=play"),
        ("/outbox", "/outbox"),
        ("https://evil.example/staff", "/staff"),
        ("//evil.example/staff", "/staff"),
        ("/\\evil.example", "/staff"),
        ("/staff\r\nSet-Cookie: a=b", "/staff"),
        ("/staff/sign-in", "/staff"),
        ("javascript:alert(1)", "/staff"),
        ("", "/staff"),
    ],
)
def test_only_paths_of_our_own_are_gone_on_to(asked, path):
    assert local_path(asked) == path


async def test_a_stranger_elsewhere_cannot_use_up_the_codes_of_staff(client):
    await make.staff(hub_id=(await make.location()).id, email="maya@hub.example")
    stranger = type(client)(
        transport=type(client._transport)(app=client._transport.app, client=("198.51.100.9", 1)),
        base_url="http://127.0.0.1:8000",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    for _ in range(6):
        answer = await stranger.post("/staff/sign-in", data={"email": "maya@hub.example"})
    assert answer.status_code == 422
    assert (await client.post("/staff/sign-in", data={"email": "maya@hub.example"})).status_code == 303
