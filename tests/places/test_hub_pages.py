"""/hubs and /places/{slug}: what parents read, and what nobody may."""

from datetime import date

import pytest
import time_machine

from booking import clock, db
from booking.places.models import Closure, SpecialOpening
from tests import make

MONDAY = "2027-01-11 10:00 +0000"


@pytest.fixture(autouse=True)
def on_a_monday_morning():
    with time_machine.travel(MONDAY, tick=False):
        yield


async def open_on_weekdays(at, opens="09:00", closes="17:00"):
    for weekday in range(5):
        await make.OpeningHours.create(location=at, weekday=weekday, opens=opens, closes=closes)


async def test_hubs_are_listed_by_county_with_their_other_places(client):
    hub = await make.location(hub_name="Ferndown Family Hub", name="Ferndown Centre", district="East Dorset")
    await open_on_weekdays(hub)
    await make.location(kind="outreach", name="West Moors Library", hub_id=hub.id, slug="west-moors")
    answer = await client.get("/hubs")
    assert answer.status_code == 200
    assert "Ferndown Family Hub" in answer.text and "in Ferndown Centre" in answer.text
    assert "Open now until 5pm" in answer.text
    assert 'href="/places/west-moors"' in answer.text


async def test_with_a_postcode_the_nearest_comes_first(client):
    await make.Postcode.create(postcode="BH229TH", lat=50.80, lon=-1.89)
    await make.location(hub_name="Far Hub", lat=50.6, lon=-2.4)
    await make.location(hub_name="Near Hub", lat=50.81, lon=-1.89)
    page = (await client.get("/hubs?near=bh22+9th")).text
    assert "Hubs near BH22 9TH" in page
    assert page.index("Near Hub</a>") < page.index("Far Hub</a>")
    assert "0.7 miles" in page


async def test_all_places_nearby_are_shown_when_asked_for(client):
    await make.Postcode.create(postcode="BH229TH", lat=50.80, lon=-1.89)
    hub = await make.location()
    await make.location(kind="outreach", name="Village Hall", hub_id=hub.id)
    assert "Village Hall</a></h3>" not in (await client.get("/hubs?near=BH229TH")).text
    assert "Village Hall</a></h3>" in (await client.get("/hubs?near=BH229TH&show=all")).text


async def test_an_unknown_postcode_is_said_beside_the_field_and_kept(client):
    await make.location(hub_name="Ferndown Family Hub")
    page = (await client.get("/hubs?near=ZZ1+1ZZ")).text
    assert "We do not know “ZZ1 1ZZ”" in page
    assert 'value="ZZ1 1ZZ"' in page
    assert "Ferndown Family Hub" in page


async def test_strange_input_is_shown_as_text(client):
    page = (await client.get("/hubs", params={"near": "<b>x</b>'\""})).text
    assert "<b>x</b>" not in page and "&lt;b&gt;" in page


async def test_a_county_without_hubs_says_what_to_do(client):
    assert "No hubs yet" in (await client.get("/hubs")).text


@pytest.mark.parametrize("hidden", [{"is_restricted": True}, {"kind": "restricted"}])
async def test_a_restricted_place_is_nowhere(client, hidden):
    hub = await make.location(hub_name="Open Hub", slug="open-hub")
    await make.location(name="Secret House", hub_name="Secret House", slug="secret", lat=50.8, lon=-1.9, **hidden)
    await make.location(name="Secret Hall", hub_id=hub.id, slug="hall", **({"kind": "outreach"} | hidden))
    await make.Postcode.create(postcode="BH229TH", lat=50.80, lon=-1.89)
    everything = "/hubs?near=BH229TH&show=all&more=1"
    for path in ("/hubs", "/hubs?near=BH229TH", everything, "/places/open-hub", "/hubs?near=Secret"):
        page = (await client.get(path)).text.replace("Secret”", "")
        assert "Secret House" not in page and "Secret Hall" not in page and "/places/secret" not in page
    assert (await client.get("/places/secret")).status_code == 404
    assert (await client.get("/places/hall")).status_code == 404


async def test_a_place_that_does_not_exist_is_404(client):
    answer = await client.get("/places/nowhere")
    assert answer.status_code == 404
    assert "cannot find" in answer.text


async def test_a_place_whose_agreement_has_ended_says_so_and_is_in_no_list(client):
    await make.location(hub_name="Village Hub", slug="village", valid_to_date=date(2026, 3, 31))
    page = (await client.get("/places/village")).text
    assert "Not used since 31 March 2026" in page
    assert "What is on here" not in page
    assert "Village Hub" not in (await client.get("/hubs")).text


async def test_the_last_day_of_an_agreement_still_counts(client):
    await make.location(hub_name="Village Hub", slug="village", valid_to_date=date(2027, 1, 11))
    assert "Not used" not in (await client.get("/places/village")).text
    assert "Village Hub" in (await client.get("/hubs")).text


async def test_a_place_not_yet_open_is_listed_with_its_day(client):
    hub = await make.location(hub_name="New Hub", slug="new", valid_from_date=date(2027, 2, 1))
    await open_on_weekdays(hub)
    for path in ("/hubs", "/places/new"):
        page = (await client.get(path)).text
        assert "Opens on 1 February 2027" in page
        assert "Open now" not in page


async def test_a_place_says_hours_address_access_and_who_shares_it(client):
    hub = await make.location(
        slug="hub", address="54 Wareham Road, Wimborne", postcode="BH213LE", shared_with="Citizens Advice"
    )
    await open_on_weekdays(hub)
    await make.room(hub, name="Main hall", features="step-free; hearing loop")
    await make.room(hub, name="Kitchen", features="hob")
    page = (await client.get("/places/hub")).text
    for words in ("9am to 5pm", "54 Wareham Road<br>", "BH21 3LE", "Hearing loop", "Main hall", "Citizens Advice"):
        assert words in page
    assert "geo:50.80182,-1.89145" in page
    assert "We have not been told whether there is step-free access" not in page
    assert "Hob" not in page


async def test_a_closure_shows_on_the_page(client):
    hub = await make.location(slug="hub")
    await open_on_weekdays(hub)
    day = date(2027, 1, 11)
    await Closure.create(location=hub, starts_at=clock.at(day, "00:00"), ends_at=clock.at(day, "23:59"), reason="snow")
    assert "Closed today (snow). Opens tomorrow at 9am" in (await client.get("/places/hub")).text


async def test_a_bank_holiday_shows_on_the_page(client):
    hub = await make.location(slug="hub")
    await open_on_weekdays(hub)
    await make.BankHoliday.create(date=date(2027, 1, 11), title="Hub Day")
    page = (await client.get("/places/hub")).text
    assert "Closed today (bank holiday)" in page and "Hub Day (bank holiday)" in page


async def test_a_closed_room_does_not_close_the_building(client):
    hub = await make.location(slug="hub")
    await open_on_weekdays(hub)
    day, kitchen = date(2027, 1, 11), await make.room(hub)
    await Closure.create(
        location=hub, room=kitchen, starts_at=clock.at(day, "00:00"), ends_at=clock.at(day, "23:59"), reason="flood"
    )
    page = (await client.get("/places/hub")).text
    assert "Open now until 5pm" in page and "flood" not in page.lower()


async def test_what_is_on_lists_two_weeks_of_this_place(client):
    hub = await make.location(slug="hub")
    weekly = await make.run(location=hub, title="Baby massage", first_date=date(2027, 1, 12), places=2)
    for day in (date(2027, 1, 12), date(2027, 1, 19), date(2027, 1, 26)):
        await make.session(weekly, date=day)
    await make.session(await make.run(title="Elsewhere"), date=date(2027, 1, 12))
    page = (await client.get("/places/hub")).text
    assert page.count("Baby massage</a>") == 2
    assert "2 places left" in page and "Elsewhere" not in page


async def test_a_restricted_or_unlisted_session_is_not_on_the_page(client):
    hub = await make.location(slug="hub")
    for title, hidden in (("Freedom group", {"is_restricted": True}), ("Staff group", {"is_listed": False})):
        await make.session(await make.run(location=hub, title=title, first_date=date(2027, 1, 12), **hidden))
    page = (await client.get("/places/hub")).text
    assert "Freedom group" not in page and "Staff group" not in page
    assert "Nothing is planned here for two weeks" in page


async def test_an_online_place_has_no_address_and_no_hours(client):
    online = await make.location(kind="online", slug="online", hub_name="Dorset online", lat=None, lon=None)
    await open_on_weekdays(online, "00:00", "23:59")
    page = (await client.get("/places/online")).text
    assert "Sessions by video call" in page
    assert "How to get there" not in page and "all day" not in page


async def test_a_place_page_costs_at_most_six_queries(client, monkeypatch):
    hub = await make.location(slug="hub")
    await open_on_weekdays(hub)
    for _ in range(3):
        await make.location(kind="outreach", hub_id=hub.id)
        await make.session(await make.run(location=hub, first_date=date(2027, 1, 12)))
    await client.get("/places/hub")
    asked, rows = [], db.rows
    monkeypatch.setattr(db, "rows", lambda sql, *given: asked.append(sql) or rows(sql, *given))
    await client.get("/places/hub")
    assert len(asked) <= 6


@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/safety"])
async def test_the_pages_about_us_are_there(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200 and "<h1" in answer.text


async def test_special_openings_are_said_in_words_on_the_page_of_a_place(client):
    hub = await make.location(slug="ferndown")
    await open_on_weekdays(hub)
    days = {"first_date": date(2027, 1, 11), "last_date": date(2027, 1, 13)}
    await SpecialOpening.create(
        location=hub, opens="17:00", closes="20:00", weekdays="0", is_extra=True, reason="hall hired", **days
    )
    await SpecialOpening.create(location=hub, opens="10:00", closes="12:00", weekdays="2", reason="stocktaking", **days)
    await SpecialOpening.create(
        location=await make.location(), opens="06:00", closes="23:00", reason="of another place", **days
    )
    page = (await client.get("/places/ferndown")).text
    assert "Open now until 8pm" in page
    assert "Open late until 8pm: hall hired" in page
    assert "Other hours than usual: stocktaking" in page
    assert "of another place" not in page
    answer = await client.get("/hubs")
    assert "Open now until 8pm" in answer.text
