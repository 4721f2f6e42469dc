"""The monthly statement: what stands on it, what it adds up to, and who may read it."""

import csv
import io
from datetime import date, timedelta

import pytest

from booking import clock
from booking.places.models import RoomBooking
from booking.reports.statement import Line, amount, as_csv, made_of, month_after, safe_cell, statement
from tests import make

MARCH = date(2027, 3, 1)


@pytest.fixture
async def toys(database):
    return await make.organisation(name="Dorset Toy Library")


@pytest.fixture
async def room(database):
    return await make.room(await make.location(name="Ferndown Family Hub"), name="Blue room", notice_hours=24)


async def use(toys, room, day=date(2027, 3, 2), start="10:00", end="11:30", **values):
    return await RoomBooking.create(
        **{"room": room, "kind": "partner", "organisation_id": toys.id, "starts_at": clock.at(day, start), "ends_at": clock.at(day, end),
           "title": "Baby weighing", "rate_pence": 1200, "cost_code": "HV-1"} | values
    )  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "rate", "pence"),
    [
        (60, 1250, 1250),
        (90, 1250, 1875),
        (20, 1000, 333),
        (40, 1000, 667),
        (1, 30, 1),
        (1, 29, 0),
        (0, 1250, 0),
        (60, 0, 0),
    ],
)
def test_an_amount_is_whole_pence_half_a_penny_up(minutes, rate, pence):
    assert amount(minutes, rate) == pence


@pytest.mark.parametrize(
    ("months", "month"), [(1, date(2027, 4, 1)), (-3, date(2026, 12, 1)), (10, date(2028, 1, 1)), (0, MARCH)]
)
def test_months_are_counted_over_the_year(months, month):
    assert month_after(MARCH, months) == month


async def test_confirmed_bookings_of_the_local_month_count(toys, room):
    await use(toys, room, date(2027, 2, 28))
    await use(toys, room, date(2027, 3, 1), "00:00", "01:00")
    await use(toys, room, date(2027, 3, 31), "23:30", "23:59", title="Last")  # 22:30 UTC
    await use(toys, room, date(2027, 4, 1), "00:30", "01:30")  # 23:30 UTC on 31 March
    await use(toys, room, kind="swap")
    await use(await make.organisation(), room)
    for state in ("requested", "declined", "displaced", "missing", "skipped"):
        await use(toys, room, state=state)
    shown = await statement(toys.id, MARCH)
    assert [(line.day, line.start, line.end) for line in shown.lines] == [
        (date(2027, 3, 1), "00:00", "01:00"), (date(2027, 3, 31), "23:30", "23:59"),
    ]  # fmt: skip
    assert (shown.total.bookings, shown.total.minutes) == (2, 89)


async def test_the_night_of_the_change_counts_the_time_that_passes(toys, room):
    await use(toys, room, date(2027, 3, 28), "00:30", "03:30")
    await use(toys, room, date(2027, 10, 31), "00:30", "03:30")
    assert [line.minutes for line in (await statement(toys.id, MARCH)).lines] == [120]
    assert [line.minutes for line in (await statement(toys.id, date(2027, 10, 1))).lines] == [240]


async def test_a_booking_without_a_cost_code_has_the_partners(toys, room):
    await toys.filter(id=toys.id).update(cost_code="TOY-7")
    await use(toys, room, cost_code="")
    await use(toys, room, cost_code="OWN")
    assert [each.cost_code for each in (await statement(toys.id, MARCH)).by_cost_code] == ["OWN", "TOY-7"]


async def test_sums_are_by_cost_code_and_of_rounded_amounts(toys, room):
    for hour in ("09", "11", "13"):
        await use(toys, room, start=f"{hour}:00", end=f"{hour}:20", rate_pence=1000)
    await use(toys, room, start="15:00", end="16:00", cost_code="", rate_pence=500)
    shown = await statement(toys.id, MARCH)
    assert [(each.cost_code, each.bookings, each.minutes, each.pence) for each in shown.by_cost_code] == [
        ("", 1, 60, 500), ("HV-1", 3, 60, 999),
    ]  # fmt: skip
    assert shown.total.pence == 1499 == sum(line.amount_pence for line in shown.lines)


async def test_what_the_partner_cancelled_late_is_listed_and_does_not_count(toys, room):
    grace = await make.booker(toys)
    starts = clock.at(date(2027, 3, 2), "10:00")
    await use(
        toys, room, state="cancelled", decided_by_id=grace.id, decided_at=starts - timedelta(hours=23), title="Late"
    )
    await use(
        toys, room, state="cancelled", decided_by_id=grace.id, decided_at=starts - timedelta(hours=25), title="In time"
    )
    shown = await statement(toys.id, MARCH)
    assert [(line.title, line.state, line.counts) for line in shown.lines] == [("Late", "Cancelled late", False)]
    assert (shown.total.pence, shown.late.bookings, shown.late.minutes) == (0, 1, 90)


async def test_what_staff_cancelled_or_nobody_had_confirmed_is_not_held_against_the_partner(toys, room):
    starts = clock.at(date(2027, 3, 2), "10:00")
    maya, grace = await make.staff("hub_staff", room.location_id), await make.booker(toys)
    late = {"state": "cancelled", "decided_at": starts - timedelta(hours=1)}
    await use(toys, room, **late, decided_by_id=maya.id)
    await use(toys, room, **late, decided_by_id=grace.id, hold_until_at=starts)
    assert (await statement(toys.id, MARCH)).lines == ()
    await make.Role.create(person=maya, kind="partner", organisation=toys)
    assert len((await statement(toys.id, MARCH)).lines) == 1, "staff who book for the partner too act for it"


async def test_what_was_not_used_is_marked_and_counts(toys, room):
    await use(toys, room, use="unused")
    shown = await statement(toys.id, MARCH)
    assert (shown.lines[0].state, shown.total.bookings) == ("Confirmed, not used", 1)


def test_the_csv_holds_plain_numbers_and_no_formula():
    lines = [
        Line(date(2027, 3, 2), "10:00", "11:30", 90, '=cmd|"x"', "@hub", "+1, \"two\"\n3", "Confirmed", "-HV", 1250),
        Line(date(2027, 3, 3), "10:00", "10:20", 20, "Blue room", "Hub", "Zażółć", "Cancelled late", "", 5),
    ]  # fmt: skip
    first, second = list(csv.DictReader(io.StringIO(as_csv(made_of(MARCH, lines)))))
    assert first == {
        "date": "2027-03-02", "from": "10:00", "to": "11:30", "minutes": "90", "hours": "1.50", "room": "'=cmd|\"x\"",
        "location": "'@hub", "purpose": "'+1, \"two\"\n3", "state": "Confirmed", "in total": "yes", "cost code": "'-HV",
        "rate per hour": "12.50", "amount": "18.75",
    }  # fmt: skip
    assert (second["in total"], second["purpose"], second["amount"]) == ("no", "Zażółć", "0.02")


@pytest.mark.parametrize("words", ["=1", "+1", "-1", "@x", "\t=1", "\r1", "  =1", " @x"])
def test_a_cell_that_would_run_is_text(words):
    assert safe_cell(words) == f"'{words}"
    assert safe_cell("Blue room = big") == "Blue room = big"


# The pages


@pytest.fixture
async def grace(client, toys):
    """The browser of a booker."""
    await make.sign_in_partner(client, await make.booker(toys))
    return client


async def test_a_partner_reads_its_month_and_takes_it_along(grace, toys, room):
    await use(toys, room)
    page = (await grace.get("/partner/statement?month=2027-03")).text
    for words in (
        "Statement for March 2027",
        "Blue room",
        "Baby weighing",
        "HV-1",
        "£18.00",
        "1.50",
        "month=2027-02",
        "month=2027-04",
    ):
        assert words in page
    answer = await grace.get("/partner/statement.csv?month=2027-03")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="statement-dorset-toy-library-2027-03.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("\ufeffdate,from,to") and "2027-03-02,10:00,11:30,90,1.50,Blue room" in answer.text


async def test_an_empty_month_says_so(grace):
    assert "Nothing in March 2027" in (await grace.get("/partner/statement?month=2027-03")).text
    assert (await grace.get("/partner/statement")).status_code == 200


@pytest.mark.parametrize("month", ["2027-13", "2027", "soon", "1066-10", "9999-12", "2027-03-01"])
async def test_what_is_no_month_is_not_there(grace, month):
    for path in ("/partner/statement", "/partner/statement.csv"):
        assert (await grace.get(path, params={"month": month})).status_code == 404


async def test_a_partner_sees_all_of_its_own_also_what_is_private(grace, toys):
    refuge = await make.room(await make.location(kind="restricted", is_restricted=True, name="Refuge"))
    await use(toys, refuge, is_private=True)
    assert "Refuge" in (await grace.get("/partner/statement?month=2027-03")).text


async def test_a_booker_of_another_partner_finds_nothing(client, toys, room):
    await use(toys, room)
    await make.sign_in_partner(client, await make.booker(await make.organisation(name="Other")))
    assert "Blue room" not in (await client.get("/partner/statement?month=2027-03")).text
    for path in ("/partner/statement", "/partner/statement.csv"):
        assert (await client.get(path, params={"month": "2027-03", "organisation": str(toys.id)})).status_code == 404
    answer = await client.get(f"/staff/partners/{toys.id}/statement.csv?month=2027-03")
    assert answer.headers["location"].startswith("/staff/sign-in")


async def test_staff_read_what_was_booked_at_their_hubs_and_nothing_private_of_others(client, toys, room):
    refuge = await make.room(await make.location(kind="restricted", is_restricted=True, name="Refuge"))
    other = await make.room(name="Green room")
    for where in (room, refuge, other):
        await use(toys, where)
    await use(toys, other, title="Quiet talk", is_private=True)
    path = f"/staff/partners/{toys.id}/statement"
    await make.sign_in_staff(client, await make.staff("hub_staff", room.location_id))
    for kind in ("", ".csv"):
        shown = (await client.get(f"{path}{kind}?month=2027-03")).text
        assert "Blue room" in shown and "Green room" not in shown and "Refuge" not in shown
    await make.sign_in_staff(client, await make.staff("county_admin"))
    for kind in ("", ".csv"):
        shown = (await client.get(f"{path}{kind}?month=2027-03")).text
        assert "Green room" in shown and "Refuge" not in shown and "Quiet talk" not in shown
    assert (await client.get("/staff/partners/00000000-0000-0000-0000-000000000000/statement")).status_code == 404


async def test_a_long_month_costs_as_many_queries_as_a_short_one(grace, toys, room, count_queries):
    async def cost() -> int:
        with count_queries() as counted:
            await grace.get("/partner/statement?month=2027-03")
        return counted.count

    await use(toys, room)
    few = await cost()
    for hour in range(8, 18):
        await use(toys, room, start=f"{hour:02}:00", end=f"{hour:02}:30", cost_code=f"C{hour}")
    assert await cost() == few
