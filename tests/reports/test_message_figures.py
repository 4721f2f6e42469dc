"""A month of messages in figures: each hub its own, the restricted ones only counted, and what leaves as CSV."""

import csv
import io
from datetime import date, timedelta

import pytest

from booking import clock, db
from booking.reports import message_figures
from booking.words import month_words
from tests import make
from tests.staff import rows
from tests.staff.conftest import count_queries, who_is

__all__ = ["count_queries"]
MONTH = date(2026, 3, 1)


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub")


@pytest.fixture
async def desk(client, hub):
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


async def sent(hub, day=date(2026, 3, 15), time="10:00", **values):
    at = clock.at(day, time)
    return await rows.message(
        **{"hub_id": hub.id, "state": "sent", "created_at": at, "sent_at": at, "parts": 1} | values
    )


async def admin():
    return who_is(await make.staff("county_admin"), kind="county_admin")


def by(figures):
    return {(line.hub, line.kind, line.channel): line for line in figures.lines}


async def test_texts_mails_and_calls_are_counted_by_kind_and_hub_with_parts_and_what_arrived(hub):
    await sent(hub, state="delivered", parts=2)
    await sent(hub, state="failed", error_code="30003")
    await sent(hub, kind="offer", state="delivered")
    await sent(hub, channel="email", parts=0)
    await sent(hub, channel="call", parts=0)
    figures = await message_figures.figures(await admin(), MONTH)
    reminders = by(figures)["Ferndown Family Hub", "Reminder, days before", "sms"]
    assert (reminders.count, reminders.arrived, reminders.failed, reminders.parts) == (2, 1, 1, 3)
    assert (figures.of("sms").count, figures.of("email").count, figures.of("call").arrived) == (3, 1, 1)
    [(channel, words, count)] = figures.reasons
    assert (channel, count) == ("sms", 1) and words.startswith("The phone could not be reached")


async def test_what_never_left_counts_as_failed_and_costs_nothing(hub):
    at = clock.at(date(2026, 3, 10), "10:00")
    for state, code in (("failed", "21610"), ("missed", ""), ("void", ""), ("queued", ""), ("merged", "")):
        await rows.message(hub_id=hub.id, state=state, error_code=code, created_at=at, parts=1)
    figures = await message_figures.figures(await admin(), MONTH)
    assert (figures.of("sms").count, figures.of("sms").failed, figures.of("sms").parts) == (2, 2, 0)
    assert {words for _, words, _ in figures.reasons} == {"This number has opted out of texts.", "Too late, not sent"}


async def test_months_are_local_also_where_the_clocks_change_in_them(hub):
    await sent(hub, date(2026, 3, 31), "23:30")  # 22:30 in UTC
    await sent(hub, date(2026, 4, 1), "00:30")  # still March in UTC
    who = await admin()
    assert (await message_figures.figures(who, MONTH)).of("sms").count == 1
    assert (await message_figures.figures(who, date(2026, 4, 1))).of("sms").count == 1
    months = await message_figures.texts_by_month(who, date(2026, 4, 1))
    assert [texts for _, texts, _ in months[-2:]] == [1, 1] and len(months) == 12


async def test_staff_see_the_figures_of_their_own_hub_alone(hub):
    await sent(hub)
    await sent(await make.location(name="Other"))
    maya = who_is(await make.staff("hub_staff", hub.id), hubs={hub.id})
    figures = await message_figures.figures(maya, MONTH)
    assert [line.hub for line in figures.lines] == ["Ferndown Family Hub"]
    assert [texts for _, texts, _ in await message_figures.texts_by_month(maya, MONTH)][-1] == 1


async def test_what_is_restricted_is_only_counted_but_for_its_own_staff(hub):
    secret = await make.location(name="Secret House", is_restricted=True)
    await sent(hub, is_discreet=True, kind="offer")
    await sent(secret, state="failed", error_code="550", error="550 <jo@families.example> unknown")
    figures = await message_figures.figures(await admin(), MONTH)
    assert {(line.hub, line.kind) for line in figures.lines} == {(message_figures.ONLY_COUNTED,) * 2}
    assert figures.of("sms").count == 2
    text = message_figures.as_csv(figures, 4.0)
    assert "Secret" not in text and "jo@families" not in str(figures) and "Ferndown" not in text
    own = await message_figures.figures(who_is(await make.staff("hub_staff", secret.id), hubs={secret.id}), MONTH)
    assert [line.hub for line in own.lines] == ["Secret House"]


async def test_the_page_says_it_and_leads_from_month_to_month(desk, hub):
    await sent(hub, state="delivered", parts=3)
    page = (await desk.get("/staff/messages?month=2026-03")).text
    for words in ("March 2026", "Ferndown Family Hub", "£0.12", "100%", 'href="/staff/messages?month=2026-02"'):
        assert words in page
    assert 'href="/staff/messages?month=2026-04"' in page
    this_month = clock.today()
    page = (await desk.get("/staff/messages")).text
    assert month_words(this_month.year, this_month.month) in page and "No message left this month" in page


async def test_the_csv_has_a_line_for_each_hub_kind_and_channel_and_runs_nothing(desk, hub):
    await db.execute("UPDATE location SET name = '=cmd()' WHERE id = $1", hub.id)
    await sent(hub, state="delivered", parts=2)
    answer = await desk.get("/staff/messages.csv?month=2026-03")
    assert answer.headers["content-type"].startswith("text/csv")
    heading, line = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert heading[:3] == ["month", "hub", "what"]
    assert line == ["2026-03", "'=cmd()", "Reminder, days before", "Text message", "1", "1", "0", "2", "0.08"]


async def test_it_asks_as_many_questions_for_many_hubs_as_for_one(client, hub, count_queries):
    await make.sign_in_staff(client, await make.staff("county_admin"))

    async def asked():
        with count_queries() as counted:
            await client.get("/staff/messages?month=2026-03")
        return counted.count

    one = await asked()
    for _ in range(10):
        await sent(await make.location(), created_at=clock.now() - timedelta(days=1))
    assert await asked() == one


@pytest.mark.parametrize("path", ["/staff/messages", "/staff/messages.csv"])
async def test_a_stranger_signs_in_first_and_a_wrong_month_is_not_there(client, desk, path):
    assert (await desk.get(f"{path}?month=nonsense")).status_code == 404
    client.cookies.clear()
    assert (await client.get(path)).headers["location"].startswith("/staff/sign-in")
