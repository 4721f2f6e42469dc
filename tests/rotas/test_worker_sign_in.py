"""People on the rota sign in with a code to their mailbox or phone; whoever is signed in as staff goes straight in."""

import pytest

from booking.messages.models import Message
from booking.people.models import SignedIn
from booking.people.pages.signing_in import WORKERS_WAY, local_path
from booking.people.signing_in_by_code import WORKERS, demo_people
from tests import make
from tests.people.test_signing_in_staff import mailed_code

SIGN_IN = "/duties/sign-in"


async def ask(client, address, onward="/duties"):
    return await client.post(SIGN_IN, data={"email": address, "next": onward})


async def sam(**values):
    person = await make.person(name="Sam Green", email="sam@hub.example", phone="+447700900321", **values)
    return await make.worker(person=person, known_as="Sam Green")


async def test_a_mailed_code_signs_in_and_leads_where_one_wanted_to_go(client):
    member = await sam()
    answer = await ask(client, " Sam@Hub.example", "/duties/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SIGN_IN}/code")
    answer = await client.post(f"{SIGN_IN}/code", data={"code": await mailed_code()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/duties/leave")
    assert await SignedIn.filter(person_id=member.person_id, purpose="worker").count() == 1
    assert (await client.get("/duties")).status_code == 200


async def test_a_code_by_text_to_the_phone_signs_in(client):
    await sam()
    page = await client.get((await ask(client, "07700 900 321")).headers["location"])
    assert "07700 900321" in page.text
    assert await Message.filter(kind="sign_in_code").values_list("channel", "address") == [("sms", "+447700900321")]
    answer = await client.post(f"{SIGN_IN}/code", data={"code": await mailed_code()})
    assert answer.headers["location"] == "/duties"
    assert (await client.get("/duties")).status_code == 200


async def test_a_phone_that_two_people_share_opens_for_neither(client):
    await sam()
    await make.worker(person=await make.person(phone="+447700900321"), known_as="Kit Green")
    assert (await ask(client, "07700900321")).status_code == 303
    assert await Message.filter(kind="sign_in_code").count() == 0


@pytest.mark.parametrize("typed", ["", "sam", "01202 123456", "+49 30 1234567", "sam@", "070 1234 5678"])
async def test_what_is_neither_a_mailbox_nor_a_mobile_is_refused(client, typed):
    assert (await ask(client, typed)).status_code == 422


async def test_nobody_learns_who_is_on_the_rota(client):
    await sam()
    parent = await make.person(email="parent@home.example", phone="+447700900322")
    member = await make.staff("hub_staff", (await make.location()).id, email="maya@hub.example")
    for one, others in (
        ("sam@hub.example", ["nobody@else.example", parent.email, member.email]),
        ("07700 900321", ["07700 900322", "07700 900999"]),
    ):
        pages = []
        for address in (one, *others):
            answer = await ask(client, address)
            page = await client.get(answer.headers["location"])
            headers = dict(answer.headers) | {"set-cookie": ""}
            pages.append((answer.status_code, headers, page.text.replace(address, "ADDRESS")))
        assert all(page == pages[0] for page in pages)
    told = await Message.filter(kind="sign_in_code").values_list("address", flat=True)
    assert sorted(told) == ["+447700900321", "sam@hub.example"]


async def test_who_signed_in_as_staff_goes_straight_in(client):
    hub = await make.location()
    member = await make.staff("hub_staff", hub.id)
    await make.worker(hub, person=member, known_as="Maya")
    await make.sign_in_staff(client, member)
    assert (await client.get(f"{SIGN_IN}?next=/duties/leave")).headers["location"] == "/duties/leave"
    assert (await client.get("/duties")).status_code == 200


async def test_the_door_of_duties_opens_no_page_of_staff(client):
    hub = await make.location()
    member = await make.staff("hub_manager", hub.id)
    await make.sign_in_worker(client, await make.worker(hub, person=member, known_as="Tom"))
    assert (await client.get("/duties")).status_code == 200
    assert (await client.get("/staff")).headers["location"] == "/staff/sign-in?next=/staff"


async def test_staff_who_are_not_on_the_rota_and_strangers_are_sent_to_the_sign_in(client):
    assert (await client.get("/duties")).headers["location"] == f"{SIGN_IN}?next=/duties"
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get("/duties")).headers["location"] == f"{SIGN_IN}?next=/duties"


async def test_looking_at_a_page_never_uses_a_code_up(client):
    await sam()
    await ask(client, "sam@hub.example")
    code = await mailed_code()
    for path in (f"{SIGN_IN}/code", f"{SIGN_IN}/code?code={code}", SIGN_IN):
        assert (await client.get(path)).status_code == 200
    assert await SignedIn.all().count() == 0
    assert (await client.post(f"{SIGN_IN}/code", data={"code": code})).status_code == 303


async def test_five_wrong_codes_kill_the_right_one(client):
    await sam()
    await ask(client, "07700900321")
    code = await mailed_code()
    for _ in range(5):
        wrong = "000000" if code != "000000" else "111111"
        assert (await client.post(f"{SIGN_IN}/code", data={"code": wrong})).status_code == 422
    assert (await client.post(f"{SIGN_IN}/code", data={"code": code})).status_code == 422


async def test_the_sixth_text_in_an_hour_is_refused_for_everybody_alike(client):
    for _ in range(5):
        assert (await ask(client, "07700900999")).status_code == 303
    assert "tried too often" in (await ask(client, "07700900999")).text


async def test_signing_out_ends_the_sessions_of_both_doors(client):
    hub = await make.location()
    member = await make.staff("hub_staff", hub.id)
    await make.worker(hub, person=member, known_as="Maya")
    await make.sign_in_staff(client, member)
    kept = client.cookies.get("hub")
    assert (await client.post("/duties/sign-out")).headers["location"] == SIGN_IN
    client.cookies.set("hub", kept)
    assert (await client.get("/duties")).status_code == 303
    assert (await client.get("/staff")).status_code == 303


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/duties/leave", "/duties/leave"),
        ("/staff", "/duties"),
        ("https://evil.example/duties", "/duties"),
        ("//evil.example", "/duties"),
        ("/duties/sign-in", "/duties"),
    ],
)
async def test_one_goes_on_to_pages_of_duties_alone(asked, path):
    assert local_path(asked, WORKERS_WAY) == path


async def test_the_demo_offers_people_of_a_hub_that_has_a_manager_first(database):
    library, hub = await make.location(name="A library"), await make.location(name="Ferndown Family Hub")
    for at in (library, hub):
        await make.worker(at)
    await make.staff("hub_manager", hub.id)
    assert [row["belongs_to"] for row in await demo_people(WORKERS)] == ["Ferndown Family Hub", "A library"]
