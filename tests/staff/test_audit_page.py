"""The audit trail: who, what, when and why, within one's hubs."""

import pytest

from booking import audit
from booking.programmes.changes import cancelling
from tests import make
from tests.staff import rows
from tests.staff.conftest import who_is


async def cancelled(session, who, reason="Snow"):
    return await cancelling.cancel(session_id=session.id, reason=reason, by=who, undo_minutes=10)


async def test_it_says_who_did_what_when_and_why(desk, hub, maya):
    session = await make.session(await make.run(location=hub, title="Messy play"))
    await make.booking(session)
    await cancelled(session, maya, "Snow on the roads")
    page = (await desk.get("/staff/audit")).text
    for words in (
        "Session cancelled",
        "Maya Okafor",
        "Snow on the roads",
        "Messy play",
        "families told: 1",
        "state: planned",
    ):
        assert words in page
    assert f'href="/staff/sessions/{session.id}"' in page


async def test_an_empty_trail_says_what_will_be_there(desk):
    assert "Nothing has been done yet" in (await desk.get("/staff/audit")).text


async def test_staff_see_the_trail_of_their_hubs_and_admins_all_of_it(client, desk, hub, maya):
    await cancelled(await make.session(await make.run(location=hub, title="Messy play")), maya)
    other = await make.session(await make.run(title="Rhyme time"))
    await cancelled(other, who_is(await make.staff("hub_staff", other.hub_id), hubs={other.hub_id}))
    page = (await desk.get("/staff/audit")).text
    assert "Messy play" in page and "Rhyme time" not in page
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get("/staff/audit")).text
    assert "Messy play" in page and "Rhyme time" in page


async def test_of_a_restricted_session_an_admin_learns_nothing_not_even_by_searching(client):
    secret = await make.location(kind="restricted", is_restricted=True, name="Undisclosed house")
    session = await make.session(await make.run(location=secret, is_restricted=True, title="Freedom course"))
    await cancelled(session, who_is(await make.staff("hub_staff", secret.id), hubs={secret.id}), "The refuge is closed")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    page = (await client.get("/staff/audit")).text
    assert "Private booking" in page
    for leak in ("Freedom", "refuge", str(session.id), "Undisclosed"):
        assert leak not in page
    for words in ("freedom", "refuge"):
        assert "Nothing found" in (await client.get(f"/staff/audit?q={words}")).text
    await make.sign_in_staff(client, await make.staff("hub_staff", secret.id))
    assert "Freedom course" in (await client.get("/staff/audit?q=freedom")).text


async def test_a_stranger_is_asked_to_sign_in(client):
    assert (await client.get("/staff/audit")).status_code == 303


@pytest.mark.parametrize(
    ("query", "found"),
    [("verb=cancel+session", 1), ("verb=nonsense", 0), ("q=maya", 2), ("q=snow", 1), ("q=messy+snow", 1), ("q=%25", 0),
     ("from=2199-01-01", 0), ("to=2001-01-01", 0), ("from=x&to=y", 2), ("page=3", 0)],
)  # fmt: skip
async def test_it_can_be_narrowed(desk, hub, maya, query, found):
    await cancelled(await make.session(await make.run(location=hub, title="Messy play")), maya)
    await audit.record("finish register", about_kind="session", about_id=None, by=maya, hub_id=hub.id)
    page = (await desk.get(f"/staff/audit?{query}")).text
    assert page.count("trail__when") == found


async def test_fifty_a_page(desk, hub, maya):
    for _ in range(52):
        await audit.record("finish register", about_kind="session", about_id=None, by=maya, hub_id=hub.id)
    page = (await desk.get("/staff/audit")).text
    assert page.count("trail__when") == 50 and "page=2" in page
    assert (await desk.get("/staff/audit?page=2")).text.count("trail__when") == 2


async def test_what_families_did_is_said_as_theirs(desk, hub):
    session = await make.session(await make.run(location=hub))
    booking = await make.booking(session)
    await audit.record("give up", about_kind="booking", about_id=booking.id, by_name="family", hub_id=hub.id)
    entry = await rows.waiting(session)
    await audit.record("join waiting list", about_kind="waiting", about_id=entry.id, by_name="family", hub_id=hub.id)
    page = (await desk.get("/staff/audit")).text
    assert "The family" in page and booking.reference in page and entry.reference in page
