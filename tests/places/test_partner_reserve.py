"""/partner/reserve: every date is seen before anything is saved, and what was seen is what is saved."""

import asyncio
import html
import re
from datetime import date, timedelta

import httpx
import pytest
import time_machine

from booking import clock, db, web
from booking.places import chosen_ways, reserve_form
from booking.places.asking import Ask, Choice
from booking.places.models import Keyholder, RoomBooking, RoomSeries
from booking.places.reserve_form import Known, Typed
from booking.places.term_calendar import Period, TermCalendar
from booking.places.terms import term_choices
from tests import make
from tests.places.partner_desk import CLASH, HALF_TERM, NOW, TUESDAY, make_desk

pytestmark = pytest.mark.anyio
RESERVE = "/partner/reserve"


@pytest.fixture
async def desk(client):
    with time_machine.travel(NOW, tick=False):
        found = await make_desk()
        await make.sign_in_partner(client, found.grace)
        yield found


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)[1]
        for name in ("form_token", "agreed", "seen")
        if f'name="{name}"' in page
    }


async def see(client, desk, **values):
    return await client.post(RESERVE, data=desk.typed(**values) | {"action": "preview"})


async def save(client, desk, page: str, **values):
    return await client.post(RESERVE, data=desk.typed(**values) | hidden(page) | {"action": "save"})


async def test_a_stranger_is_sent_to_sign_in(client, desk):
    client.cookies.clear()
    for answer in (await client.get(RESERVE), await client.post(RESERVE, data=desk.typed())):
        assert (answer.status_code, answer.headers["location"][:16]) == (303, "/partner/sign-in")


async def test_every_date_is_seen_and_nothing_is_saved(client, desk):
    await desk.book_for(desk.olu_who)
    page = (await see(client, desk)).text
    assert page.count('class="asked asked--free"') == 10
    assert 'id="day-2027-02-16"' in page and "Half term" in page
    assert 'id="choice-2027-02-02-1"' in page and "Debt advice" not in page and desk.stranger.name not in page
    assert await RoomSeries.all().count() == 0


async def test_a_term_of_tuesdays_is_saved_with_what_is_missing_and_left_out(client, desk):
    await desk.book_for(desk.olu_who)
    answer = await save(client, desk, (await see(client, desk)).text)
    series = await RoomSeries.get(organisation_id=desk.organisation.id)
    assert answer.headers["location"] == f"/partner/series/{series.id}?new=yes"
    states = {clock.local(b.starts_at).date(): b.state for b in await RoomBooking.filter(series_id=series.id)}
    assert (states[TUESDAY], states[CLASH], states[HALF_TERM]) == ("confirmed", "missing", "skipped")
    done = (await client.get(answer.headers["location"])).text
    assert "10 dates are confirmed" in done and "1 date was not free" in done and "Half term" in done


async def test_a_way_out_chosen_beside_the_date_is_saved_with_it(client, desk):
    await desk.book_for(desk.olu_who)
    page = (await see(client, desk)).text
    way = chosen_ways.choice_value(Choice("use", desk.other_room.id))
    await save(client, desk, page, **{f"choice-{CLASH}": way})
    moved = await RoomBooking.get(organisation_id=desk.organisation.id, room_id=desk.other_room.id)
    assert (clock.local(moved.starts_at).date(), moved.state) == (CLASH, "confirmed")


async def test_a_free_date_may_be_left_out_and_half_term_taken(client, desk):
    choices = {
        f"choice-{TUESDAY}": "skip",
        f"choice-{HALF_TERM}": chosen_ways.choice_value(Choice("use", desk.room.id)),
    }
    page = (await see(client, desk, **choices)).text
    assert "checked><span>Take it all the same" in page
    await save(client, desk, page, **choices)
    states = {clock.local(b.starts_at).date(): b.state for b in await RoomBooking.all()}
    assert (states[TUESDAY], states[HALF_TERM]) == ("skipped", "confirmed")


async def test_pressing_twice_saves_once_and_leads_to_the_same_page(client, desk):
    page = (await see(client, desk)).text
    first, second = await save(client, desk, page), await save(client, desk, page)
    assert first.headers["location"] == second.headers["location"]
    assert await RoomSeries.all().count() == 1


async def test_who_presses_twice_and_finds_the_first_in_the_way_is_led_to_it(client, desk, monkeypatch):
    """The second began before the first had ended, and looks at the dates after it."""
    page = (await see(client, desk)).text
    first = await save(client, desk, page)
    answers = [None, first.headers["location"]]

    async def not_there_yet(token):
        return answers.pop(0)

    monkeypatch.setattr(web, "first_answer", not_there_yet)
    second = await save(client, desk, page)
    assert (second.status_code, second.headers["location"]) == (303, first.headers["location"])


async def test_pressing_twice_at_the_same_moment_saves_once(app, real_database):
    """With real transactions that compete: the second finds the dates taken by the first, and leads to it."""
    with time_machine.travel(NOW, tick=False):
        desk = await make_desk()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000", headers={"Sec-Fetch-Site": "same-origin"}
        ) as browser:
            await make.sign_in_partner(browser, desk.grace)
            page = (await see(browser, desk)).text
            answers = await asyncio.gather(*(save(browser, desk, page) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert await RoomSeries.all().count() == 1


async def test_when_the_room_is_chosen_its_layouts_come_with_the_dates(client, desk):
    await db.execute("UPDATE room SET layouts = $1 WHERE id = $2", '{"theatre": 18}', desk.room.id)
    headers = {"HX-Request": "true", "HX-Trigger-Name": "room"}
    answer = await client.post(RESERVE, data=desk.typed(), headers=headers)
    assert 'hx-swap-oob="true"' in answer.text and "Theatre (up to 18 people)" in answer.text
    assert "hx-swap-oob" not in (await client.post(RESERVE, data=desk.typed(), headers={"HX-Request": "true"})).text


async def test_whoever_was_slower_sees_what_changed_and_nothing_is_saved(client, desk):
    page = (await see(client, desk)).text
    await desk.book_for(desk.olu_who)
    answer = await save(client, desk, page)
    assert answer.status_code == 409 and "It was free when you looked" in answer.text
    assert await RoomSeries.all().count() == 0
    again = await save(client, desk, answer.text)
    assert again.status_code == 303 and await RoomBooking.filter(state="missing").count() == 1


async def test_a_form_changed_after_the_dates_were_seen_is_shown_again_first(client, desk):
    page = (await see(client, desk)).text
    answer = await save(client, desk, page, start="13:00", end="14:00")
    assert answer.status_code == 422 and "Here they are again" in answer.text
    assert await RoomBooking.all().count() == 0


async def test_problems_stand_beside_the_fields_and_what_was_typed_stays(client, desk):
    answer = await see(client, desk, room="", people="many", title="", notes="Bring the scales")
    assert answer.status_code == 422
    for name in ("room", "people", "title"):
        assert f'id="{name}-error"' in answer.text
    assert 'value="many"' in answer.text and 'value="Bring the scales"' in answer.text


async def test_while_the_form_is_filled_only_the_dates_come(client, desk):
    answer = await client.post(RESERVE, data=desk.typed(title=""), headers={"HX-Request": "true"})
    assert answer.status_code == 200 and answer.text.strip().startswith("<section")
    assert "<html" not in answer.text and answer.text.count("asked--free") == 11


async def test_an_address_fills_the_form_and_shows_the_dates_at_once(client, desk):
    link = (
        f"{RESERVE}?room={desk.room.id}&date=2027-01-12&start=10:00&end=12:00&repeat=weekly&until=2027-02-09&people=5"
    )
    page = (await client.get(link)).text
    assert page.count("asked--free") == 5 and 'value="5"' in page and 'value="2027-02-09"' in page


async def test_one_date_of_an_address_is_one_date(client, desk):
    page = (await client.get(f"{RESERVE}?room={desk.room.id}&date=2027-01-12&start=10:00&end=12:00")).text
    assert page.count("asked--free") == 1 and "Reserve this date" in page


async def test_out_of_hours_asks_for_a_keyholder_and_for_staff(client, desk):
    await Keyholder.create(location_id=desk.location.id, name="Jo Keys", organisation_id=None)
    await Keyholder.create(location_id=desk.location.id, name="Secret Keys", organisation_id=desk.stranger.id)
    evening = {"repeat": "once", "date": "2027-01-12", "start": "18:00", "end": "20:00"}
    page = (await see(client, desk, **evening)).text
    assert "Jo Keys" in page and "Secret Keys" not in page and "Ask for this date" in page
    await save(client, desk, page, **evening)
    assert (await RoomBooking.get()).state == "requested"


async def test_another_partners_keyholder_is_as_if_not_there(client, desk):
    theirs = await Keyholder.create(location_id=desk.location.id, name="Secret Keys", organisation_id=desk.stranger.id)
    own, unknown = [await see(client, desk, keyholder=str(each)) for each in (theirs.id, db.new_id())]
    assert own.status_code == unknown.status_code == 422 and "Secret Keys" not in own.text


async def test_rooms_partners_may_not_have_are_as_if_not_there(client, desk):
    refuge = await make.location(name="Safe house", is_restricted=True)
    hidden_room = await make.room(refuge, name="Quiet room", is_partner_bookable=True)
    own_use = await make.room(desk.location, name="Staff kitchen")
    for room_id in (hidden_room.id, own_use.id, db.new_id()):
        for answer in (await see(client, desk, room=str(room_id)), await client.get(f"{RESERVE}?room={room_id}")):
            assert "Choose a room" in answer.text
            assert not any(words in answer.text for words in ("Safe house", "Quiet room", "Staff kitchen"))
    await desk.book_for(desk.olu_who)
    way = {f"choice-{CLASH}": chosen_ways.choice_value(Choice("use", hidden_room.id))}
    page = (await see(client, desk, **way)).text
    assert "Safe house" not in page and 'asked--clash" id="day-2027-02-02"' in page


async def test_the_same_as_last_term_fills_everything_with_the_new_dates(client, desk):
    booked = await desk.a_term(cost_code="HV-9")
    with time_machine.travel("2027-03-20 09:00+00:00", tick=False):
        await make.sign_in_partner(client, desk.grace)
        assert f"like={booked.series_id}" in (await client.get(RESERVE)).text
        page = (await client.get(f"{RESERVE}?like={booked.series_id}")).text
    assert 'id="day-2027-04-13"' in page and 'id="day-2027-07-20"' in page and "2027-03-23" not in page
    assert 'value="HV-9"' in page and 'value="Baby clinic"' in page


async def test_another_partners_series_is_nothing_to_repeat(client, desk):
    booked = await desk.a_term()
    await make.sign_in_partner(client, desk.olu)
    for like in (booked.series_id, db.new_id(), "nonsense"):
        assert (await client.get(f"{RESERVE}?like={like}")).status_code == 404


async def test_the_week_of_the_room_says_booked_and_never_whose(client, desk):
    await desk.book_for(desk.olu_who, date(2027, 1, 7))
    page = (await see(client, desk)).text
    assert "Booked 10am to midday" in page and "Debt advice" not in page


async def test_where_several_dates_clash_all_of_them_may_go_another_way(client, desk):
    for day in (CLASH, TUESDAY):
        await desk.book_for(desk.olu_who, day)
    page = (await see(client, desk)).text
    for words in ("Garden room, same time", "Mondays, same time", "Wednesdays, same time"):
        assert words in page
    assert "every date is free" in page
    way = html.unescape(re.search(r'href="([^"]+)">Wednesdays, same time', page)[1])
    moved = (await client.get(way)).text
    assert 'id="day-2027-01-13"' in moved and "asked--clash" not in moved and 'value="Baby clinic"' in moved


async def test_one_date_that_is_taken_names_what_is_free_instead(client, desk):
    await desk.book_for(desk.olu_who, TUESDAY)
    page = (await see(client, desk, repeat="once", date="2027-01-12")).text
    assert "What is free instead" in page and 'value="save"' not in page
    way = html.unescape(re.search(r'href="([^"]+)">Garden room, same time', page)[1])
    assert "Reserve this date" in (await client.get(way)).text


async def test_where_many_dates_clash_their_ways_out_are_folded_until_one_is_chosen(client, desk):
    for week in range(4):
        await desk.book_for(desk.olu_who, TUESDAY + timedelta(weeks=week))
    page = (await see(client, desk)).text
    assert page.count("ways-folded") == 4
    assert page.index("<strong>4 dates:</strong>") < page.index("ways-folded"), "why is said once, above them"
    assert (await see(client, desk, **{f"choice-{TUESDAY}": "skip"})).text.count("ways-folded") == 3


async def test_one_clash_moves_no_whole_series(client, desk):
    await desk.book_for(desk.olu_who)
    assert "All dates another way" not in (await see(client, desk)).text


async def test_the_allowance_after_this_is_said(client, desk):
    await db.execute("UPDATE organisation SET minutes_per_term = 1500 WHERE id = $1", desk.organisation.id)
    assert "<strong>3 hours</strong> of your allowance left" in (await see(client, desk)).text
    await db.execute("UPDATE organisation SET minutes_per_term = 600 WHERE id = $1", desk.organisation.id)
    page = (await see(client, desk)).text
    assert "beyond your allowance" in page and "Reserve 5 dates and ask for 6" in page


async def test_without_accepted_terms_nothing_can_be_saved(client, desk):
    await db.execute("UPDATE organisation SET terms_accepted_at = NULL WHERE id = $1", desk.organisation.id)
    page = (await see(client, desk)).text
    assert "Accept the terms first" in page and 'value="save"' not in page


# The form itself, without pages.


def known(**values):
    return Known(**{"organisation_id": db.new_id(), "now": clock.at(date(2027, 1, 4), "09:00")} | values)


@pytest.mark.parametrize(
    "value", ["", "use", "use~~~~x", "use~no-uuid~~~", "use~~10:00~~", "use~~12:00~10:00~", "drop"]
)
def test_what_is_no_way_out_is_none(value):
    assert chosen_ways.read_choice(value) is None


@pytest.mark.parametrize(
    "choice", [Choice("skip"), Choice("use", db.new_id()), Choice("use", None, "10:00", "11:00", TUESDAY)]
)
def test_a_way_out_survives_the_form(choice):
    assert chosen_ways.read_choice(chosen_ways.choice_value(choice)) == choice


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Typed(repeat="once", date="31.1.2027"), "date"),
        (Typed(weekday="9", term="this"), "weekday"),
        (Typed(weekday="1", term="dates", first="2027-02-01", until="2027-01-01"), "until"),
        (Typed(weekday="1", term="next"), "term"),
        (Typed(start="12:00", end="10:00"), "end"),
        (Typed(start="25:00", end="26:00"), "start"),
    ],
)
def test_what_cannot_be_understood_is_said_beside_its_field(typed, field):
    ask, problems = reserve_form.understand(typed, known())
    assert ask is None and field in {problem.field for problem in problems}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"date": "2027-01-12"}, ("once", "", "")),
        ({"date": "2027-01-12", "repeat": "weekly", "until": "2027-03-23"}, ("weekly", "1", "dates")),
        ({"date": "2027-01-12", "repeat": "weekly", "until": "2027-03-23", "term": "1"}, ("weekly", "1", "dates")),
        ({"date": "2027-01-12", "repeat": "fortnightly", "term": "next"}, ("fortnightly", "1", "next")),
        ({"repeat": "never"}, ("once", "", "")),
    ],
)
def test_an_address_says_what_follows_from_it(given, expected):
    typed = reserve_form.read(given, is_sent=False)
    assert (typed.repeat, typed.weekday, typed.term) == expected


def test_a_date_of_an_address_says_which_of_the_month_it_is():
    fourth, last = [
        reserve_form.read({"date": day, "repeat": "monthly"}, is_sent=False).nth for day in ("2027-01-26", "2027-03-30")
    ]
    assert (fourth, last) == ("4", "-1")


def test_terms_written_in_halves_are_one_term():
    periods = [
        Period("term", "spring", date(2027, 1, 4), date(2027, 2, 12)),
        Period("half_term", "spring", date(2027, 2, 15), date(2027, 2, 19)),
        Period("term", "spring", date(2027, 2, 22), date(2027, 3, 25)),
        Period("term", "summer", date(2027, 4, 12), date(2027, 7, 21)),
    ]
    this, following = term_choices(TermCalendar("Dorset", periods), date(2027, 1, 20))
    assert (this.key, this.first, this.last) == ("this", date(2027, 1, 4), date(2027, 3, 25))
    assert (following.key, following.first) == ("next", date(2027, 4, 12))


def test_in_the_holidays_there_is_only_the_next_term():
    periods = [Period("term", "summer", date(2027, 4, 12), date(2027, 7, 21))]
    assert [term.key for term in term_choices(TermCalendar("Dorset", periods), date(2027, 4, 1))] == ["next"]


def test_without_school_dates_a_third_of_the_year_is_a_term():
    this, following = term_choices(TermCalendar(""), date(2027, 1, 20))
    assert (this.last, following.first) == (date(2027, 4, 30), date(2027, 5, 1))


def test_dates_chosen_are_counted_on_and_dates_left_out_are_not():
    choices = {TUESDAY: Choice("skip"), CLASH: Choice("use", start="13:00", end="14:00")}
    assert chosen_ways.expected_dates([TUESDAY, HALF_TERM], choices) == {CLASH, HALF_TERM}


def test_another_time_is_another_ask_and_another_way_out_is_not():
    ask = Ask(db.new_id(), "10:00", "12:00", day=TUESDAY)
    seen = chosen_ways.what_was_seen
    assert seen(ask) != seen(Ask(ask.room_id, "10:00", "12:30", day=TUESDAY))
    assert seen(ask) == seen(Ask(ask.room_id, "10:00", "12:00", day=TUESDAY, choices={TUESDAY: Choice("skip")}))
