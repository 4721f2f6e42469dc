"""/staff/notices: writing to many, seeing first what leaves, and taking it back."""

import re
from datetime import timedelta

import pytest

from booking import clock, db
from booking.programmes.notices import queueing_notices
from tests import make

WORDS = "The car park is closed on Tuesday. Please park at the library."


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Hub", hub_name="Ferndown")


@pytest.fixture
async def session(hub):
    found = await make.session(await make.run(location=hub))
    for values in (
        {},
        {},
        {"channel": "email", "email": "bea@families.example"},
        {"channel": "none", "name": "Silent Sue"},
    ):
        await make.booking(found, await make.person(**values))
    return found


@pytest.fixture
async def staff(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


@pytest.fixture
async def manager(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


def form(about: str, **values) -> dict[str, str]:
    return {"about": about, "to_whom": "booked", "sms": WORDS, "when": "now", "do": "look"} | values


async def send(client, about: str, **values) -> str:
    """The address of the notice that was sent."""
    answer = await client.post("/staff/notices/new", data=form(about, do="send", form_token="t", **values))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def notices() -> int:
    return await db.value("SELECT COUNT(*) AS n FROM notice")


async def test_the_form_says_how_many_are_meant(staff, session):
    page = (await staff.get(f"/staff/notices/new?about=session:{session.id}")).text
    assert "4 families" in page and "2 texts, 1 email, 1 not reached" in page


async def test_the_preview_shows_what_leaves_and_sends_nothing(staff, session):
    answer = await staff.post("/staff/notices/new", data=form(f"session:{session.id}"))
    assert answer.status_code == 200
    assert (
        "4 families are meant" in answer.text and "2 texts, for about £0.08" in answer.text and "1 email" in answer.text
    )
    assert f"Family Hubs: {WORDS}" in answer.text and "Silent Sue" in answer.text and "wants no messages" in answer.text
    assert await notices() == await db.value("SELECT COUNT(*) AS n FROM message") == 0


async def test_sent_it_waits_with_an_undo_and_a_press_more_does_nothing(staff, session):
    where = await send(staff, f"session:{session.id}")
    assert await send(staff, f"session:{session.id}") == where
    page = (await staff.get(where)).text
    assert "It leaves" in page and "Undo" in page and "Send it now" in page and await notices() == 1
    answer = await staff.post(f"{where}/undo")
    assert answer.headers["location"] == where
    assert "It is taken back. Nobody has read it." in (await staff.get(where)).text


async def test_sent_now_it_shows_how_far_it_is(staff, session):
    where = await send(staff, f"session:{session.id}")
    await staff.post(f"{where}/send-now")
    await queueing_notices.queue_due()
    page = (await staff.get(where)).text
    assert "0 of 4" not in page and "want no messages" in page and "<progress" in page
    part = await staff.get(where, headers={"HX-Request": "true"})
    assert part.text.strip().startswith('<div id="progress"')


async def test_the_list_shows_each_with_its_counts(staff, session):
    await send(staff, f"session:{session.id}")
    page = (await staff.get("/staff/notices")).text
    assert WORDS in page and "4 families" in page and "Waits" in page
    assert (
        (await staff.get("/staff/notices?page=2")).status_code
        == (await staff.get("/staff/notices?page=x")).status_code
        == 200
    )


async def test_the_same_again_asks_first(staff, session):
    await send(staff, f"session:{session.id}")
    data = form(f"session:{session.id}", do="send", form_token="another")
    answer = await staff.post("/staff/notices/new", data=data)
    assert answer.status_code == 409 and "less than an hour ago" in answer.text and await notices() == 1
    assert (await staff.post("/staff/notices/new", data=data | {"is_sure": "yes"})).status_code == 303


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"sms": ""}, "Write what families are to read"),
        ({"when": "at"}, "Choose the day"),
        ({"when": "at", "date": "2020-01-01", "time": "09:00"}, "That time is over"),
        ({"when": "at", "date": "soon", "time": "soon"}, "is not a time"),
        ({"to_whom": "waiting"}, "Nobody is meant"),
    ],
)
async def test_what_is_wrong_stands_on_the_form_with_all_that_was_typed(staff, session, typed, words):
    data = form(f"session:{session.id}", mail="A long letter") | typed
    answer = await staff.post("/staff/notices/new", data=data)
    assert answer.status_code == 422 and words in answer.text and "A long letter" in answer.text
    assert await notices() == 0


async def test_a_later_time_is_kept_over_the_preview(staff, session):
    day = (clock.today() + timedelta(days=2)).isoformat()
    data = form(f"session:{session.id}", when="at", date=day, time="09:30")
    page = (await staff.post("/staff/notices/new", data=data)).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert (fields["when"], fields["date"], fields["time"]) == ("at", day, "09:30") and "at 9:30am" in page
    answer = await staff.post("/staff/notices/new", data=fields | {"do": "send"})
    due_at = (await db.row("SELECT due_at FROM notice"))["due_at"]
    assert answer.status_code == 303 and clock.local(due_at).strftime("%Y-%m-%d %H:%M") == f"{day} 09:30"


async def test_what_looks_like_a_mistake_is_asked_about(staff, session):
    words = "CAR PARK CLOSED PLEASE PARK AT LIBRARY see https://bit.ly/x, reply STOP " * 6
    page = (await staff.post("/staff/notices/new", data=form(f"session:{session.id}", sms=words))).text
    assert "Is this meant?" in page
    for said in ("CAPITALS", "short link", "STOP or CANCEL", "parts"):
        assert said in page


async def test_while_it_is_typed_its_length_is_counted(staff, session):
    data = form(f"session:{session.id}", sms="x" * 200)
    part = (await staff.post("/staff/notices/length", data=data, headers={"HX-Request": "true"})).text
    assert "2 parts each" in part and "£0.16" in part and "<html" not in part


async def test_managers_choose_a_hub_or_place_and_staff_read_where_to_begin(client, hub, session):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = (await client.get("/staff/notices/new")).text
    assert f"about=hub:{hub.id}" in page and f"about=location:{hub.id}" in page
    for about in (f"hub:{hub.id}", f"location:{hub.id}"):
        assert "4 families" in (await client.get(f"/staff/notices/new?about={about}")).text
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert "about=hub" not in (await client.get("/staff/notices/new")).text
    assert (await client.get(f"/staff/notices/new?about=hub:{hub.id}")).status_code == 404


async def test_the_next_sessions_with_families_are_there_to_choose_and_no_others(staff, hub, session):
    empty = await make.session(await make.run(location=hub))
    other = await make.session(await make.run(location=await make.location()))
    await make.booking(other)
    page = (await staff.get("/staff/notices/new")).text
    assert f'href="/staff/notices/new?about=session:{session.id}"' in page
    assert str(empty.id) not in page and str(other.id) not in page


async def test_what_a_manager_wrote_to_the_hub_staff_see_and_do_not_take_back(client, hub, session):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    where = await send(client, f"hub:{hub.id}")
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = (await client.get(where)).text
    assert WORDS in page and "/undo" not in page
    assert (await client.post(f"{where}/undo")).status_code == 404


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager"])
async def test_strangers_find_nothing(client, hub, session, kind):
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    where = await send(client, f"session:{session.id}")
    await make.sign_in_staff(client, await make.staff(kind, (await make.location()).id))
    for path in (where, f"{where}/undo", f"{where}/send-now"):
        assert (await client.get(path)).status_code == 404
        if path != where:
            assert (await client.post(path)).status_code == 404
    for about in (
        f"session:{session.id}",
        f"run:{session.run_id}",
        f"waiting:{session.id}",
        f"hub:{hub.id}",
        f"location:{hub.id}",
    ):
        assert (await client.get(f"/staff/notices/new?about={about}")).status_code == 404
        for do in ("look", "send", "change"):
            assert (await client.post("/staff/notices/new", data=form(about, do=do))).status_code == 404
        assert (await client.post("/staff/notices/length", data=form(about))).status_code == 404
    assert WORDS not in (await client.get("/staff/notices")).text and await notices() == 1


async def test_a_restricted_session_is_written_to_by_its_own_staff_in_neutral_words(client, hub):
    secret = await make.session(await make.run(location=hub, is_restricted=True, title="zqhush"))
    await make.booking(secret, await make.person())
    about = f"session:{secret.id}"
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get(f"/staff/notices/new?about={about}")).status_code == 404
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = (await client.post("/staff/notices/new", data=form(about, sms="zqnote for the phone"))).text
    sent = page[page.index("What will happen") : page.index('class="aside"')]
    assert "Please ring" in sent and "zqnote" not in sent and "zqhush" not in sent
    where = await send(client, about, sms="zqnote for the phone")
    assert "zqnote" in (await client.get(where)).text
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert (await client.get(where)).status_code == 404
    await db.execute("UPDATE notice SET due_at = $1", clock.now())
    await queueing_notices.queue_due()
    for path in ("/staff/notices", "/outbox", "/outbox?kind=notice", "/staff/audit", "/staff"):
        seen = (await client.get(path)).text
        assert "zqhush" not in seen and "zqnote" not in seen, path


async def test_hostile_words_stay_words_on_every_page(staff, session):
    words = '<script>alert(1)</script> {{ 7*7 }} {name} "><img src=x>'
    page = (await staff.post("/staff/notices/new", data=form(f"session:{session.id}", sms=words))).text
    where = await send(staff, f"session:{session.id}", sms=words)
    for text in (page, (await staff.get(where)).text, (await staff.get("/staff/notices")).text):
        assert "<script>alert" not in text and "<img src=x" not in text and "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "about", ["", "session", "session:x", "person:1", ":", "hub:00000000-0000-0000-0000-000000000000"]
)
async def test_nothing_readable_leads_to_the_choice(manager, about):
    answer = await manager.get("/staff/notices/new", params={"about": about})
    assert answer.status_code == (404 if about.startswith("hub:0") else 200)


async def test_who_waits_is_written_to_from_their_list(staff, session):
    await make.waiting(session, await make.person(name="Wanda"))
    about = f"waiting:{session.id}"
    assert f"about={about}" in (await staff.get(f"/staff/waiting/sessions/{session.id}")).text
    page = (await staff.get(f"/staff/notices/new?about={about}")).text
    assert "1 family" in page and "To whom?" not in page
    assert "waiting list" in (await staff.post("/staff/notices/new", data=form(about))).text
    assert await send(staff, about)
    [row] = await db.rows("SELECT to_whom FROM notice")
    assert row["to_whom"] == "waiting"


async def test_dates_are_chosen_for_a_run_and_kept_over_the_preview(staff, hub):
    run, dates = await make.course(location=hub)
    await make.booking(run, await make.person())
    typed = {"first": dates[0].date.isoformat(), "last": dates[1].date.isoformat()}
    page = (await staff.post("/staff/notices/new", data=form(f"run:{run.id}") | typed)).text
    assert " to " in page and f'value="{typed["last"]}"' in page
    answer = await staff.post(
        "/staff/notices/new", data=form(f"run:{run.id}") | {"first": typed["last"], "last": typed["first"]}
    )
    assert answer.status_code == 422 and "last day is before the first" in answer.text


async def test_pages_that_families_belong_to_lead_to_it(manager, hub, session):
    for path, about in (
        (f"/staff/sessions/{session.id}", f"session:{session.id}"),
        (f"/staff/runs/{session.run_id}", f"run:{session.run_id}"),
        (f"/staff/places/{hub.id}", f"location:{hub.id}"),
        ("/staff", f"hub:{hub.id}"),
    ):
        page = (await manager.get(path)).text
        assert f"/staff/notices/new?about={about}" in page, path
        assert (await manager.get(f"/staff/notices/new?about={about}")).status_code == 200
