"""Whatever is asked, the answer is never an error of ours: properties over addresses and forms."""

from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from booking.programmes import leasing
from booking.programmes.leasing import Target
from tests import make
from tests.standing_in import small_county

quickly = settings(
    max_examples=40, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

ODD = some.sampled_from(
    ["", "0", "-1", "1e9", "9" * 5000, "2027-02-30", "0001-01-01", "9999-12-31", "2199-12-31", "any", "week", "near", "pregnant",
     "24:00", "%", "_", "\\", "'", "BH22 9TH", "BH22", "ZZ99 9ZZ", "B", "٣", "²", "NaN", "inf", "None", "true", "in_person"]
)  # fmt: skip
WORDS = some.one_of(ODD, some.text(max_size=30).filter(lambda text: "\x00" not in text and text.isprintable()))
NAMES = [
    "near",
    "within",
    "age",
    "day",
    "time",
    "how",
    "booked",
    "topic",
    "hub",
    "words",
    "when",
    "start",
    "sort",
    "view",
    "page",
]
QUERY = some.lists(some.tuples(some.sampled_from(NAMES), WORDS), max_size=8)
FIELDS = [
    *(f"adult-{n}" for n in range(5)),
    *(f"child-{n}-{part}" for n in range(3) for part in ("first_name", "month", "year")),
    *("known", "needs", "channel", "phone", "email", "language", "add"),
]
TYPED = some.one_of(
    WORDS,
    some.sampled_from(["sms", "email", "call", "07700 900123", "kim@families.example", "3", "2025", "Kim Lee", "Ada"]),
)
FORM = some.lists(some.tuples(some.sampled_from(FIELDS), TYPED), max_size=20)


@pytest.fixture
async def county(database):
    return await small_county()


@quickly
@given(asked=QUERY)
async def test_any_filters_give_a_page(client, county, asked):
    for path in ("/", "/hubs"):
        answer = await client.get(f"{path}?{urlencode(asked)}")
        assert answer.status_code == 200


@quickly
@given(raw=some.binary(max_size=40))
async def test_any_bytes_in_an_address_give_a_page_or_a_refusal(client, county, raw):
    text = quote_from_bytes(raw, safe="")
    for path in (
        f"/?words={text}",
        f"/?{text}",
        f"/courses/{text}",
        f"/sessions/{text}",
        f"/places/{text}",
        f"/m/{text}",
    ):
        answer = await client.get(path)
        assert answer.status_code in (200, 301, 303, 307, 400, 404), path


@quickly
@given(
    asked=some.lists(
        some.tuples(some.sampled_from([*NAMES, "q", "date", "from", "to", "state", "kind", "channel", "by"]), WORDS),
        max_size=6,
    )
)
async def test_any_filters_of_staff_give_a_page(client, county, asked):
    if "hub" not in client.cookies:
        await make.sign_in_staff(client, await make.staff("county_admin"))
    for path in ("/staff", "/staff/sessions", "/outbox", "/staff/audit"):
        answer = await client.get(f"{path}?{urlencode(asked)}")
        assert answer.status_code == 200, path


@quickly
@given(typed=FORM)
async def test_any_form_of_who_is_coming_is_taken_or_has_problems(client, county, typed):
    if "hub" not in client.cookies:
        lease_id = await leasing.lease(Target(county.session.run_id, county.session.id), minutes=500)
        client.cookies.set("hub", await make.cookie(client, leases=[str(lease_id)]))
        client.lease_id = lease_id
    answer = await client.post(
        f"/book/{client.lease_id}/who",
        content=urlencode(typed),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (200, 303, 422)
    for step in ("check", "ages", "who"):
        assert (await client.get(f"/book/{client.lease_id}/{step}")).status_code in (200, 303)


@quickly
@given(text=TYPED, code=TYPED)
async def test_any_address_and_code_are_answered(client, county, text, code):
    assert (await client.post("/manage/ask", data={"address": text})).status_code in (303, 422)
    client.cookies.clear()
    client.cookies.set(
        "hub", await make.cookie(client, code_to="kim@families.example", signing_in={"email": "x", "next": text})
    )
    assert (await client.post("/manage/code", data={"code": code})).status_code in (303, 422)
    assert (await client.post("/staff/sign-in/code", data={"code": code})).status_code in (303, 422)
