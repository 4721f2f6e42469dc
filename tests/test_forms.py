"""P9: nothing typed is lost, nothing is half-saved, and pressing twice does it once."""

import asyncio
import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine

from booking import clock, db
from booking.messages import outbox
from booking.programmes.bookings import leasing
from booking.programmes.models import Session
from tests import make

GOOD = {
    "adult-0": "Kim Lee", "child-0-first_name": "Ada", "child-0-month": "3", "child-0-year": "2025", "needs": "A ramp",
    "channel": "sms", "phone": "07700 900555", "email": "kim@families.example", "language": "pl",
}  # fmt: skip
NOW = "2027-01-05T10:00:00Z"


@pytest.fixture(autouse=True)
def that_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
async def session(database):
    return await make.session(await make.run(first_date=date(2027, 1, 12), places=2))


async def begin(client, session) -> str:
    answer = await client.post(f"/sessions/{session.id}/book")
    return answer.headers["location"].removesuffix("/who")


async def fill(client, session, **typed) -> str:
    path = await begin(client, session)
    answer = await client.post(f"{path}/who", data=GOOD | typed)
    assert answer.headers["location"] == f"{path}/check"
    return path


def value_of(page: str, name: str) -> str | None:
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page) or re.search(rf'<textarea[^>]*name="{name}"', page)
    if field and field[0].startswith("<textarea"):
        return unescape(re.search(rf'<textarea[^>]*name="{name}"[^>]*>([^<]*)', page)[1])
    value = field and re.search(r'value="([^"]*)"', field[0])
    return unescape(value[1]) if value else None


def chosen(page: str, name: str) -> str | None:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"[^>]*checked', page)
    found = found or re.search(rf'<select[^>]*name="{name}".*?<option value="([^"]*)" selected', page, re.DOTALL)
    return found[1] if found else None


async def bookings() -> int:
    return await db.value("SELECT COUNT(*) AS n FROM booking")


# What is typed is kept


async def test_what_was_typed_stays_with_every_problem_beside_its_field_and_in_the_summary(client, session):
    path = await begin(client, session)
    typed = {
        "adult-0": " ", "adult-1": "Jo “Q” <b>", "child-0-first_name": "", "child-0-month": "13", "child-0-year": "25",
        "needs": "Quiet & calm", "channel": "sms", "phone": "01202 123", "email": "kim at home", "language": "ur",
    }  # fmt: skip
    answer = await client.post(f"{path}/who", data=typed)
    assert answer.status_code == 422
    page = answer.text
    assert page.count("<title>Error: ") == 1
    for name in ("adult-0", "child-0-first_name", "child-0-month", "child-0-year", "phone", "email"):
        assert f'href="#{name}"' in page, f"{name} is not in the summary"
        assert f'id="{name}-error"' in page, f"{name} has nothing beside it"
        assert re.search(rf'name="{name}"[^>]*aria-describedby="[^"]*{name}-error', page), name
    for name in typed:
        if name in ("channel", "language"):
            assert chosen(page, name) == typed[name]
        else:
            assert value_of(page, name) == typed[name], name


async def test_what_was_typed_wrongly_is_there_again_when_one_comes_back(client, session):
    path = await begin(client, session)
    await client.post(f"{path}/who", data=GOOD | {"phone": "0770"})
    page = (await client.get(f"{path}/who")).text
    assert value_of(page, "adult-0") == "Kim Lee" and value_of(page, "phone") == "0770"
    assert (await client.get(f"{path}/check")).headers["location"] == f"{path}/who"


async def test_what_was_typed_is_there_when_one_goes_back(client, session):
    path = await fill(client, session)
    page = (await client.get(f"{path}/who")).text
    for name in ("adult-0", "child-0-first_name", "child-0-month", "child-0-year", "needs", "phone", "email"):
        assert value_of(page, name) == GOOD[name]
    assert (chosen(page, "channel"), chosen(page, "language")) == ("sms", "pl")


async def test_one_more_child_keeps_what_was_typed(client, session):
    path = await begin(client, session)
    page = (await client.post(f"{path}/who", data=GOOD | {"add": "child"})).text
    assert value_of(page, "adult-0") == "Kim Lee" and value_of(page, "child-1-first_name") == ""


async def test_a_name_of_300_letters_is_a_problem_and_not_cut(client, session):
    path = await begin(client, session)
    for name in ("adult-0", "child-0-first_name"):
        answer = await client.post(f"{path}/who", data=GOOD | {name: "N" * 300})
        assert answer.status_code == 422 and f'id="{name}-error"' in answer.text
        assert value_of(answer.text, name) == "N" * 300


async def test_needs_too_long_are_a_problem_and_stay(client, session):
    path = await begin(client, session)
    answer = await client.post(f"{path}/who", data=GOOD | {"needs": "x" * 700})
    assert answer.status_code == 422 and value_of(answer.text, "needs") == "x" * 700


async def test_changing_who_comes_keeps_what_was_typed(client, session):
    booking = await make.booking(session)
    answer = await client.post(
        f"/m/{booking.manage_token}/who", data={"adult-0": "Jo", "child-0-first_name": "A", "child-0-month": "x"}
    )
    assert answer.status_code == 422 and value_of(answer.text, "child-0-month") == "x"


@pytest.mark.parametrize(("path", "name"), [("/manage/ask", "address"), ("/staff/sign-in", "email")])
async def test_an_address_that_is_none_stays(client, database, path, name):
    answer = await client.post(path, data={name: "kim at home"})
    assert answer.status_code == 422 and value_of(answer.text, name) == "kim at home"
    assert f'href="#{name}"' in answer.text


@pytest.fixture
async def desk(client, session):
    await make.sign_in_staff(client, await make.staff("hub_staff", session.hub_id))
    return f"/staff/sessions/{session.id}"


async def test_staff_forms_keep_what_was_typed(client, desk):
    page = await client.post(f"{desk}/walk-ins", data={"name": "Zita", "adults": "0", "children": "0"})
    assert page.status_code == 422 and value_of(page.text, "name") == "Zita"
    page = await client.post(f"{desk}/cancel", data={"reason": "other", "words": "w" * 300})
    assert page.status_code == 422 and "w" * 300 in page.text
    page = await client.post(f"{desk}/book", data=GOOD | {"phone": "nope"})
    assert page.status_code == 422
    assert (value_of(page.text, "adult-0"), value_of(page.text, "phone"), value_of(page.text, "needs")) == (
        "Kim Lee",
        "nope",
        "A ramp",
    )


# Twice is once


async def test_pressing_confirm_twice_gives_the_first_result(client, session):
    path = await fill(client, session)
    first, second = [await client.post(f"{path}/check") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"] and first.headers["location"].startswith("/m/")
    assert await bookings() == 1
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'confirmation' AND channel = 'sms'") == 1


async def test_going_back_after_booking_leads_to_the_booking(client, session):
    path = await fill(client, session)
    made = (await client.post(f"{path}/check")).headers["location"]
    for step in ("who", "check", "ages"):
        assert (await client.get(f"{path}/{step}")).headers["location"] == made
    assert (await client.post(f"{path}/who", data=GOOD | {"adult-0": "Somebody Else"})).headers["location"] == made
    assert await bookings() == 1


@pytest.mark.slow
async def test_two_presses_at_once_book_once(app, real_database):
    """Two connections, so committed and not in the test's transaction."""
    import httpx

    session = await make.session(await make.run(first_date=date(2027, 1, 12)))
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000", headers=headers
    ) as client:
        path = await fill(client, session)
        answers = await asyncio.gather(*(client.post(f"{path}/check") for _ in range(8)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await bookings() == 1
    assert (await Session.get(id=session.id)).taken == 1


async def test_joining_the_waiting_list_twice_is_once(client, session):
    for _ in range(2):
        await make.booking(session)
    answer = await client.post(f"/sessions/{session.id}/wait")
    path = answer.headers["location"].removesuffix("/who")
    await client.post(f"{path}/who", data=GOOD)
    first, second = [await client.post(f"{path}/check") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert await db.value("SELECT COUNT(*) AS n FROM waiting_entry") == 1


async def test_giving_up_twice_gives_back_one_place(client, session):
    booking = await make.booking(session)
    first, second = [await client.post(f"/m/{booking.manage_token}/give-up") for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 409)
    assert (await Session.get(id=session.id)).taken == 0


async def test_forms_of_staff_sent_twice_do_it_once(client, desk, session):
    page = (await client.get(desk)).text
    token = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)[1]
    for _ in range(2):
        answer = await client.post(
            f"{desk}/walk-ins", data={"name": "Zita", "adults": "1", "children": "0", "form_token": token}
        )
        assert answer.status_code == 303
    assert await db.value("SELECT COUNT(*) AS n FROM attendance") == 1
    token = re.search(r'name="form_token"[^>]*value="([^"]+)"', (await client.get(f"{desk}/book")).text)[1]
    for _ in range(2):
        assert (await client.post(f"{desk}/book", data=GOOD | {"form_token": token})).status_code == 303
    assert await bookings() == 1


async def test_cancelling_twice_tells_families_once(client, desk, session):
    await make.booking(session, await make.person(phone="+447700900701"))
    answers = [await client.post(f"{desk}/cancel", data={"reason": "weather", "words": ""}) for _ in range(2)]
    assert answers[0].status_code == 303 and "cancelled already" in answers[1].text
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE kind = 'cancellation'") == 1


# Time and tabs


async def test_a_form_whose_time_is_over_still_books_while_there_is_a_place(client, session):
    path = await fill(client, session)
    with time_machine.travel(clock.now() + timedelta(minutes=25), tick=False):
        await leasing.free_expired()
        assert (await Session.get(id=session.id)).taken == 0
        page = await client.get(f"{path}/who")
        assert value_of(page.text, "adult-0") == "Kim Lee" and "is over" in page.text
        assert (await client.post(f"{path}/check")).headers["location"].startswith("/m/")
    assert (await Session.get(id=session.id)).taken == 1


async def test_a_form_whose_place_has_gone_says_so_and_keeps_what_was_typed(client, session):
    path = await fill(client, session)
    with time_machine.travel(clock.now() + timedelta(minutes=25), tick=False):
        await leasing.free_expired()
        others = [await make.booking(session) for _ in range(2)]
        answer = await client.post(f"{path}/check")
        assert answer.status_code == 409 and "waiting list" in answer.text
        assert await bookings() == 2
        await client.post(f"/m/{others[0].manage_token}/give-up")
        assert value_of((await client.get(f"{path}/who")).text, "adult-0") == "Kim Lee"
        assert (await client.post(f"{path}/check")).headers["location"].startswith("/m/")


async def test_two_tabs_do_not_mix(client, session):
    other = await make.session(await make.run(first_date=date(2027, 1, 13)))
    one, two = await begin(client, session), await begin(client, other)
    await client.post(f"{two}/who", data=GOOD | {"adult-0": "Tab Two"})
    await client.post(f"{one}/who", data=GOOD | {"adult-0": "Tab One"})
    assert "Tab Two" in (await client.get(f"{two}/check")).text
    assert "Tab One" in (await client.get(f"{one}/check")).text
    for path in (one, two):
        assert (await client.post(f"{path}/check")).headers["location"].startswith("/m/")
    assert await bookings() == 2


async def test_two_tabs_with_the_same_session_book_it_once_for_a_family(client, session):
    one, two = await fill(client, session), await fill(client, session)
    assert one == two  # the second tab is shown the place that is kept already
    first = await client.post(f"{one}/check")
    assert (await client.post(f"{two}/check")).headers["location"] == first.headers["location"]
    assert (await Session.get(id=session.id)).taken == 1


async def test_a_family_that_has_a_place_is_told_so_when_it_books_again(client, session):
    assert (await client.post(f"{await fill(client, session)}/check")).status_code == 303
    answer = await client.post(f"{await fill(client, session)}/check")
    assert answer.status_code == 409 and "already" in answer.text
    assert (await Session.get(id=session.id)).taken == 1


async def test_giving_the_form_up_frees_its_place_and_forgets_what_was_typed(client, session):
    path = await fill(client, session)
    await client.post(f"{path}/leave")
    assert (await Session.get(id=session.id)).taken == 0
    assert (await client.get(f"{path}/who")).status_code == 410
    assert await db.value("SELECT COUNT(*) AS n FROM lease") == 0


# Nothing is half-saved


async def test_a_booking_whose_message_cannot_be_written_is_no_booking(client, session, monkeypatch):
    path = await fill(client, session)

    async def broken(**_):
        raise RuntimeError("the outbox is broken")

    monkeypatch.setattr(outbox, "queue", broken)
    with pytest.raises(RuntimeError):
        await client.post(f"{path}/check")
    monkeypatch.undo()
    assert await bookings() == 0
    for table in ("attendee", "child", "message", "audit_event", "family"):
        assert await db.value(f"SELECT COUNT(*) AS n FROM {table}") == 0, table
    assert (await client.post(f"{path}/check")).headers["location"].startswith("/m/")


async def test_a_lease_of_a_cancelled_session_books_nothing(client, session):
    path = await fill(client, session)
    await Session.filter(id=session.id).update(state="cancelled")
    answer = await client.post(f"{path}/check")
    assert answer.status_code == 409 and "cancelled" in answer.text
    assert await bookings() == 0


async def test_the_reader_is_told_which_session_it_is_all_along(client, session):
    path = await fill(client, session)
    for step in ("who", "check"):
        assert "Tuesday 12 January" in (await client.get(f"{path}/{step}")).text
