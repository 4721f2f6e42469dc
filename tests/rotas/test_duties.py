"""My duties: what somebody on the rota sees of theirs, and answers; a colleague's is not there."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.audit import AuditEvent
from booking.rotas.models import Assignment, Shift, Willing
from tests import make


def in_days(days: int):
    """So many days after next Monday: 0 to 5 are days on which everybody works."""
    return clock.today() + timedelta(days=7 - clock.today().weekday() + days)


async def sam_with(*days: int, **values):
    """Somebody at a hub with a published duty on each of these days."""
    hub = await make.location(name="Ferndown Family Hub", lat=50.8, lon=-1.9)
    sam = await make.worker(hub, known_as="Sam Green")
    shifts = []
    for day in days:
        shift = await make.shift(hub, **{"date": in_days(day), "title": "Front desk"} | values)
        await make.assignment(shift, sam)
        shifts.append(shift)
    return hub, sam, shifts


async def test_the_next_duty_stands_first_with_where_and_with_whom(client):
    hub, sam, (first, second) = await sam_with(3, 4)
    kim = await make.worker(hub, known_as="Kim Hall")
    await make.assignment(await make.shift(hub, date=in_days(3), start="10:00", end="12:00"), kim)
    await make.sign_in_worker(client, sam)
    page = (await client.get("/duties")).text
    assert page.index(f"/duties/shifts/{first.id}") < page.index(f"/duties/shifts/{second.id}")
    for words in (
        "Front desk",
        "Ferndown Family Hub",
        "Kim Hall",
        "9am to 1pm",
        "openstreetmap.org",
        "8 hours of 37 hours",
    ):
        assert words in page


async def test_what_is_not_published_is_not_there(client):
    hub, sam, _ = await sam_with()
    shift = await make.shift(hub, title="Only planned")
    await make.assignment(shift, sam, "draft")
    await make.sign_in_worker(client, sam)
    assert "Only planned" not in (await client.get("/duties")).text
    assert (await client.get(f"/duties/shifts/{shift.id}")).status_code == 404


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Moved: it was Sat 12 Jan, 10am to 12:30pm, at St. Mary’s.", "Moved: it was Sat 12 Jan, 10am to 12:30pm."),
        ("It is on again. Moved: it was Tue 12 Jan, 10am to 12pm. Ann Lee is named, but has another duty then.",
         "It is on again. Moved: it was Tue 12 Jan, 10am to 12pm."),
        ("Moved: it was at Hall. Ann Lee has another duty then and is out.", "Moved to another place."),
        ("Ann Lee has another duty then and is out.", ""),
    ],
)  # fmt: skip
async def test_of_a_move_people_read_what_concerns_them_and_no_colleague(client, words, read):
    _, sam, (shift,) = await sam_with(3)
    await Shift.filter(id=shift.id).update(moved_words=words, moved_at=clock.now())
    await Assignment.filter(shift_id=shift.id).update(made_at=clock.now() - timedelta(days=1))
    await make.sign_in_worker(client, sam)
    page = (await client.get(f"/duties/shifts/{shift.id}")).text
    assert "Ann Lee" not in page and "Mary" not in page
    assert f'duty-moved">{read}<' in page if read else "duty-moved" not in page


async def test_whoever_got_a_duty_after_it_moved_reads_nothing_of_that(client):
    _, sam, (shift,) = await sam_with(3)
    await Shift.filter(id=shift.id).update(
        moved_words="Moved to another place.", moved_at=clock.now() - timedelta(days=1)
    )
    await Assignment.filter(shift_id=shift.id).update(made_at=clock.now())
    await make.sign_in_worker(client, sam)
    assert "Moved to another" not in (await client.get(f"/duties/shifts/{shift.id}")).text


async def test_a_duty_is_accepted_and_then_says_so(client):
    _, sam, (shift,) = await sam_with(3)
    await make.sign_in_worker(client, sam)
    assert (await client.post(f"/duties/shifts/{shift.id}/accept")).status_code == 303
    assert (await Assignment.get(shift_id=shift.id, layer="published")).answer == "accepted"
    assert "Accepted" in (await client.get("/duties")).text
    assert (await AuditEvent.get(verb="accept duty")).about_id == shift.id


async def test_all_that_waits_is_accepted_by_one_press(client):
    _, sam, _ = await sam_with(3, 4, 5)
    await make.sign_in_worker(client, sam)
    assert "Accept all 3 duties" in (await client.get("/duties")).text
    await client.post("/duties/accept")
    assert await Assignment.filter(layer="published", answer="accepted").count() == 3


async def test_who_declines_says_why_and_stays_until_replaced(client):
    hub, sam, (shift,) = await sam_with(3)
    await make.sign_in_worker(client, sam)
    assert (await client.post(f"/duties/shifts/{shift.id}/decline", data={"words": " "})).status_code == 422
    await client.post(f"/duties/shifts/{shift.id}/decline", data={"words": "Dentist"})
    own = await Assignment.get(shift_id=shift.id, layer="published")
    assert (own.staff_id, own.answer, own.answer_words) == (sam.id, "declined", "Dentist")
    page = (await client.get(f"/duties/shifts/{shift.id}")).text
    assert "yours until a manager gives it to somebody else" in page
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    page = (await client.get("/staff/rota/swaps")).text
    assert "Sam Green: Dentist" in page


async def test_what_has_begun_is_answered_no_more(client):
    _, sam, (shift,) = await sam_with(3)
    now = clock.now()
    await db.execute(
        "UPDATE shift SET starts_at = $1, ends_at = $2 WHERE id = $3",
        now - timedelta(hours=1),
        now + timedelta(hours=1),
        shift.id,
    )
    await make.sign_in_worker(client, sam)
    await client.post(f"/duties/shifts/{shift.id}/decline", data={"words": "Too late"})
    assert (await Assignment.get(shift_id=shift.id, layer="published")).answer == ""
    assert (await client.get(f"/duties/shifts/{shift.id}/swap")).status_code == 404


async def test_a_colleagues_duty_is_not_there(client):
    hub, _, (shift,) = await sam_with(3)
    await make.sign_in_worker(client, await make.worker(hub, known_as="Kim Hall"))
    path = f"/duties/shifts/{shift.id}"
    for answer in (
        await client.get(path),
        await client.get(f"{path}/swap"),
        await client.post(f"{path}/accept"),
        await client.post(f"{path}/decline", data={"words": "No"}),
        await client.post(f"{path}/swap", data={"to": str(hub.id)}),
        await client.get("/duties/shifts/nothing"),
    ):
        assert answer.status_code == 404
    assert (await Assignment.get(shift_id=shift.id, layer="published")).answer == ""


async def test_a_stranger_is_sent_to_the_sign_in(client):
    _, _, (shift,) = await sam_with(3)
    for path in ("/duties", f"/duties/shifts/{shift.id}", f"/duties/shifts/{shift.id}/swap", "/duties/swaps"):
        assert (await client.get(path)).headers["location"].startswith("/duties/sign-in?next=/duties")


async def test_a_restricted_duty_is_in_full_on_the_own_page_and_not_offered_to_others(client):
    refuge = await make.location(name="Rose House", is_restricted=True, address="9 Hidden Lane")
    sam = await make.worker(refuge, known_as="Sam Green")
    own, unfilled = (
        await make.shift(refuge, title="Freedom group"),
        await make.shift(refuge, title="Night cover", start="14:00", end="16:00"),
    )
    await make.assignment(own, sam)
    await make.sign_in_worker(client, sam)
    page = (await client.get("/duties")).text
    assert "Freedom group" in page and "Rose House" in page and "Hidden Lane" in page
    assert "Night cover" not in page
    kim = await make.worker(refuge, known_as="Kim Hall")
    await make.sign_in_worker(client, kim)
    page = (await client.get("/duties")).text
    assert "Rose House" not in page and "Freedom" not in page and str(unfilled.id) not in page


async def open_duty(hub, day=5, **values):
    """A shift that nobody does, on a day whose rota is published."""
    other = await make.worker(hub, known_as=f"Other {day}", pattern=False)
    await make.assignment(await make.shift(hub, date=in_days(day), start="15:00", end="16:00"), other)
    return await make.shift(hub, date=in_days(day), title="Somebody needed", **values)


async def test_open_duties_are_shown_to_whom_the_rules_let_take_them(client):
    hub, sam, _ = await sam_with()
    await make.skill("first-aid")
    mine, not_mine = await open_duty(hub), await open_duty(hub, 4, skills="first-aid")
    await make.sign_in_worker(client, sam)
    page = (await client.get("/duties")).text
    assert f"/duties/open/{mine.id}/willing" in page
    assert str(not_mine.id) not in page
    await client.post(f"/duties/open/{mine.id}/willing")
    await client.post(f"/duties/open/{not_mine.id}/willing")
    assert [row.shift_id for row in await Willing.filter(staff_id=sam.id)] == [mine.id]
    assert "I cannot after all" in (await client.get("/duties")).text
    await client.post(f"/duties/open/{mine.id}/not-willing")
    assert await Willing.all().count() == 0


async def test_volunteers_without_a_pattern_say_when_they_can(client):
    hub, _, _ = await sam_with()
    bea = await make.worker(hub, known_as="Bea", kind="volunteer", pattern=False, weekly_minutes=None)
    shift = await open_duty(hub)
    await make.sign_in_worker(client, bea)
    assert f"/duties/open/{shift.id}/willing" in (await client.get("/duties")).text


async def test_what_is_planned_for_somebody_or_not_published_yet_is_not_open(client):
    hub, sam, _ = await sam_with()
    planned = await open_duty(hub)
    await make.assignment(planned, await make.worker(hub, known_as="Kim Hall"), "draft")
    unpublished = await make.shift(hub, date=in_days(12), title="Not yet")
    await make.sign_in_worker(client, sam)
    page = (await client.get("/duties")).text
    assert str(planned.id) not in page and str(unpublished.id) not in page
