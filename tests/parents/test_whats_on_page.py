"""The front page: what is on, by place, age, day and words; live places; nothing unlisted."""

from datetime import timedelta

import pytest
import time_machine

from booking import clock
from booking.programmes.models import Session, Topic
from booking.words import day_words
from tests import make

NEAR = {"lat": 50.80182, "lon": -1.89145, "postcode": "BH22 9TH"}
FAR = {"lat": 51.88, "lon": 0.90, "postcode": "CO1 1AA"}


async def on(title: str, **values) -> Session:
    place = await make.location(**values.pop("at", NEAR))
    programme = await make.programme(title=title, **values.pop("offered", {}))
    run = await make.run(programme=programme, location=place, **values)
    return await make.session(run)


async def page(client, address: str = "/") -> str:
    answer = await client.get(address)
    assert answer.status_code == 200
    return answer.text


async def test_a_session_is_shown_with_when_what_whom_where_and_places(client):
    session = await on("Messy play", places=12)
    text = await page(client)
    for words in (
        "Messy play",
        "10am",
        "to 11:30am",
        "6 months to 5 years",
        "12 places left",
        f"/sessions/{session.id}",
    ):
        assert words in text


async def test_what_is_restricted_unlisted_or_over_is_not_there(client):
    await on("Secret course", is_restricted=True)
    await on("Creche", is_listed=False)
    over = await on("Yesterday")
    await Session.filter(id=over.id).update(date=clock.today() - timedelta(days=1))
    text = await page(client, "/?when=84")
    assert "Nothing found" in text
    for title in ("Secret course", "Creche", "Yesterday"):
        assert title not in text


async def test_near_a_postcode_comes_first_with_its_distance_and_far_ones_are_left_out(client):
    await make.Postcode.create(postcode="BH229TH", lat=50.80182, lon=-1.89145)
    await on("Here")
    await on("A mile off", at={"lat": 50.8163, "lon": -1.89145})
    await on("Far away", at=FAR)
    text = await page(client, "/?near=bh229th")
    assert text.index("Here") < text.index("A mile off")
    assert "1.0 miles" in text and "Far away" not in text
    assert "Far away" in await page(client, "/?near=bh229th&within=any")


async def test_a_place_nobody_knows_is_said_kindly_and_kept(client):
    text = await page(client, "/?near=Narnia+%3Cb%3E")
    assert "We do not know that place" in text
    assert 'value="Narnia &lt;b&gt;"' in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("age=12", {"Toddlers", "Everyone"}),
        ("age=0", {"Babies", "Everyone"}),
        ("age=pregnant", {"Bumps"}),
        ("how=online", {"Everyone"}),
        ("booked=drop_in", {"Babies"}),
        ("time=evening", {"Bumps"}),
        ("words=todd", {"Toddlers"}),
        ("topic=health--feeding", {"Babies"}),
        ("topic=health", {"Babies"}),
        ("words=100%25", set()),
    ],
)
async def test_each_filter_keeps_what_fits(client, query, expected):
    await Topic.create(code="health", name="Health")
    feeding = await Topic.create(code="health--feeding", name="Feeding", parent_code="health")
    await on("Babies", min_age_months=0, max_age_months=12, booking_mode="drop_in", offered={"topic": feeding})
    await on("Toddlers", min_age_months=12, max_age_months=36)
    bumps = {"age_of": "expectant parents"}
    await on("Bumps", min_age_months=None, max_age_months=None, start_time="18:00", end_time="19:00", offered=bumps)
    await on("Everyone", min_age_months=None, max_age_months=None, delivery="online", offered={"age_of": "all"})
    results = (await page(client, f"/?{query}")).split("results-part")[1]
    shown = {title for title in ("Babies", "Toddlers", "Bumps", "Everyone") if f">{title}</a>" in results}
    assert shown == expected


async def test_days_and_hub_and_weeks(client):
    session = await on("Messy play")
    weekday, other = session.weekday, (session.weekday + 1) % 7
    hub = await session.location
    assert "Messy play" in await page(client, f"/?day={weekday}&hub={hub.slug}")
    assert "Nothing found" in await page(client, f"/?day={other}")
    assert "Messy play" in await page(client, f"/?view=week&start={session.date}")
    assert "Nothing found" in await page(client, f"/?start={session.date + timedelta(days=1)}")


async def test_places_left_are_live_and_words_say_when_it_is_full(client):
    session = await on("Messy play", places=2)
    await make.booking(session)
    assert "1 place left" in await page(client)
    await make.booking(session)
    assert "Full" in await page(client)


async def test_a_lease_whose_time_is_over_counts_as_free_though_no_job_ran(client):
    session = await on("Messy play", places=1)
    await client.post(f"/sessions/{session.id}/book")
    assert "Full" in await page(client)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert "1 place left" in await page(client)


async def test_a_cancelled_session_stays_visible_as_cancelled(client):
    session = await on("Messy play")
    await Session.filter(id=session.id).update(state="cancelled")
    assert "Cancelled" in await page(client)


async def test_more_than_a_page_is_turned_over(client):
    run = await make.run()
    for n in range(55):
        hour = f"{8 + n // 6:02}:{n % 6 * 10:02}"
        await make.session(run, start_time=hour, end_time="23:00", number=n + 1)
    first, second = await page(client), await page(client, "/?page=2")
    assert first.count('class="result is-') == 50 and "More sessions" in first
    assert second.count('class="result is-') == 5 and "Earlier sessions" in second


async def test_htmx_gets_only_the_results(client):
    await on("Messy play")
    answer = await client.get("/?words=messy", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<section id="results"')
    assert answer.headers["Vary"] == "HX-Request" or "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["Near, afternoon", "Far, morning", "Near, next week"]),
        ("&sort=time", ["Far, morning", "Near, afternoon", "Near, next week"]),
        ("&sort=near", ["Near, afternoon", "Near, next week", "Far, morning"]),
    ],
)
async def test_near_a_place_the_nearest_comes_first_each_day_or_as_the_reader_chooses(client, sort, expected):
    await make.Postcode.create(postcode="BH229TH", lat=50.80, lon=-1.89)
    near, far = await make.location(lat=50.80, lon=-1.89), await make.location(lat=50.83, lon=-1.89)
    for place, title, start in ((near, "Near, afternoon", "14:00"), (far, "Far, morning", "09:00")):
        await make.session(await make.run(title=title, location=place, start_time=start, end_time="15:00"))
    next_week = clock.today() + timedelta(days=9)
    await make.session(await make.run(title="Near, next week", location=near, first_date=next_week))
    text = (await client.get(f"/?near=BH22+9TH{sort}")).text
    assert sorted(expected, key=text.index) == expected
    heading = f"{near.name}, very near" if sort == "&sort=near" else day_words(next_week)
    assert f'<h2 class="results__day">{heading}</h2>' in text
