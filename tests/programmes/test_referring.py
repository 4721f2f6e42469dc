"""Families who come by a code or are put forward by a partner; never to what is restricted."""

import pytest

from booking import clock, db
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes.bookings import booking_places, giving_up, leasing, referring
from booking.programmes.bookings.booking_places import Contact
from booking.programmes.bookings.coming import Party
from booking.programmes.bookings.leasing import Target
from booking.programmes.models import Booking, Run, WaitingEntry
from tests import make

CODE = "K7M4-QXP"
FAMILY = {
    "adult-0": "Rosa Lindqvist", "channel": "sms", "phone": "07700 900345", "child-0-first_name": "Ada", "child-0-month": "3",
    "child-0-year": str(clock.today().year - 2), "consent": "yes",
}  # fmt: skip


async def course(**values):
    run = await make.run(
        **{"booking_mode": "referral", "is_listed": False, "takes_referrals": True, "referral_code": CODE} | values
    )
    return run, await make.session(run)


async def refer(client, run, **changes):
    to = str(run.id)
    return await client.post("/partner/refer", data=FAMILY | {"to": to} | changes)


@pytest.mark.parametrize("typed", ["K7M4-QXP", "k7m4qxp", " k7m4 qxp ", "K7M4–QXP"])
async def test_a_code_is_read_as_people_type_it(client, typed):
    await course()
    answer = await client.post("/with-a-code", data={"code": typed})
    assert answer.headers["Location"] == f"/with-a-code/{CODE}"


@pytest.mark.parametrize("typed", ["", "K7M4-QXR", "K7M4-QX", "K7M4-QXP2", "' OR 1=1 --", "🎈" * 8])
async def test_a_wrong_code_opens_nothing(client, typed):
    await course()
    assert (await client.post("/with-a-code", data={"code": typed})).status_code == 422
    assert (await client.get("/with-a-code/K7M4-QXR")).status_code == 404


async def test_codes_cannot_be_tried_out(client):
    for _ in range(20):
        await client.post("/with-a-code", data={"code": "AAAA-AAA"})
    await course()
    answer = await client.post("/with-a-code", data={"code": CODE})
    assert answer.status_code == 422
    assert "tried too often" in answer.text
    assert (await client.get(f"/with-a-code/{CODE}")).status_code == 429


async def test_what_the_code_opens_is_kept_nowhere_and_listed_nowhere(client):
    run, session = await course()
    page = await client.get(f"/with-a-code/{CODE}")
    assert page.status_code == 200
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert (await client.get(f"/sessions/{session.id}")).status_code == 404
    assert (await client.get(f"/courses/{run.slug}")).status_code == 404
    assert str(session.id) not in page.text
    for path in ("/?when=84", "/hubs", "/sitemap.xml"):
        assert run.title not in (await client.get(path)).text


@pytest.mark.parametrize(
    ("run", "place"),
    [({"is_restricted": True}, {}), ({}, {"is_restricted": True, "kind": "restricted"}), ({"state": "draft"}, {})],
)
async def test_no_code_opens_what_is_restricted_or_a_draft(client, run, place):
    await course(**run, location=await make.location(**place))
    assert (await client.get(f"/with-a-code/{CODE}")).status_code == 404
    assert (await client.post(f"/with-a-code/{CODE}/book")).status_code == 404
    assert await referring.open_ones() == []


async def test_who_has_a_code_may_have_a_reserved_place(client):
    await course(places=1, reserved=1, reserved_until_at=clock.at(clock.today().replace(year=2099), "09:00"))
    started = await client.post(f"/with-a-code/{CODE}/book")
    assert started.status_code == 303
    form = await client.get(started.headers["Location"])
    assert f'href="/with-a-code/{CODE}"' in form.text


async def test_a_full_course_has_its_waiting_list_behind_the_code_too(client):
    run, _ = await course(places=1)
    await make.booking(run)
    assert "Join the waiting list" in (await client.get(f"/with-a-code/{CODE}")).text
    assert (await client.post(f"/with-a-code/{CODE}/wait")).status_code == 303


async def test_staff_make_a_code_and_a_new_one_ends_it(client):
    run, session = await course(referral_code="")
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    for _ in range(2):
        await client.post(f"/staff/sessions/{session.id}/code")
    code = (await Run.get(id=run.id)).referral_code
    assert referring.tidy_code(code) == code
    assert code in (await client.get(f"/staff/sessions/{session.id}")).text


async def test_a_restricted_run_has_no_code(database):
    run, _ = await course(is_restricted=True, referral_code="")
    with pytest.raises(Refused) as refused:
        await referring.give_code(run_id=run.id, by=await make.staff("hub_staff", run.hub_id))
    assert refused.value.rules == {"restricted"}


async def test_a_partner_books_a_family_at_once(client):
    run, _ = await course(places=1, reserved=1, reserved_until_at=clock.at(clock.today().replace(year=2099), "09:00"))
    partner = await make.organisation(name="Stour Health")
    await make.sign_in_partner(client, await make.booker(partner))
    page = await client.get("/partner/refer")
    assert run.title in page.text
    answer = await refer(client, run, note="Never leave a message", needs="BSL interpreter")
    assert answer.status_code == 303, answer.text
    booking = await Booking.get(run_id=run.id)
    assert (booking.organisation_id, booking.source, booking.is_priority) == (partner.id, "referral", True)
    assert booking.needs == "Contact: Never leave a message BSL interpreter"
    assert (await Run.get(id=run.id)).reserved_taken == 1
    assert (await Person.get(id=booking.person_id)).phone == "+447700900345"
    listed = await client.get("/partner/refer")
    assert "Rosa Lindqvist" in listed.text
    assert "Has a place" in listed.text


async def test_a_full_course_puts_the_family_in_line_early(client):
    run, _ = await course(places=1)
    await make.booking(run)
    partner = await make.organisation()
    await make.sign_in_partner(client, await make.booker(partner))
    assert (await refer(client, run)).status_code == 303
    entry = await WaitingEntry.get(run_id=run.id)
    assert (entry.priority, entry.priority_reason, entry.organisation_id) == (1, "Referred", partner.id)
    assert "On the waiting list" in (await client.get("/partner/refer")).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consent": ""}, "Confirm that the family has agreed"),
        ({"adult-0": ""}, "Enter"),
        ({"channel": "sms", "phone": "01202 555123"}, "We can only text UK mobile numbers"),
        ({"note": "x" * 201}, "Use 200 letters or fewer"),
        ({"child-0-year": "1999"}, "will not be the right age"),
    ],
)
async def test_a_form_that_lacks_something_comes_back_filled(client, changes, words):
    run, _ = await course()
    await make.sign_in_partner(client, await make.booker())
    answer = await refer(client, run, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Ada" in answer.text
    assert not await Booking.exists()


async def test_a_family_that_is_not_to_be_written_to_gets_nothing(client):
    run, _ = await course()
    await make.sign_in_partner(client, await make.booker())
    assert (await refer(client, run, channel="none", phone="")).status_code == 303
    booking = await Booking.get(run_id=run.id)
    assert await db.value("SELECT COUNT(*) AS n FROM message WHERE about_id = $1", booking.id) == 0


async def test_the_same_form_twice_refers_once(client):
    run, _ = await course()
    await make.sign_in_partner(client, await make.booker())
    for _ in range(2):
        assert (await refer(client, run, form_token="the-same")).status_code == 303
    assert await Booking.filter(run_id=run.id).count() == 1


async def test_a_partner_sees_its_own_referrals_alone(client):
    run, _ = await course()
    await make.sign_in_partner(client, await make.booker(await make.organisation()))
    await refer(client, run)
    client.cookies.clear()
    await make.sign_in_partner(client, await make.booker(await make.organisation()))
    assert "Rosa" not in (await client.get("/partner/refer")).text


async def test_what_became_of_it_is_seen(client):
    run, _ = await course()
    partner = await make.organisation()
    await make.sign_in_partner(client, await make.booker(partner))
    await refer(client, run)
    await giving_up.give_up(booking_id=(await Booking.get(run_id=run.id)).id)
    assert "Gave the place up" in (await client.get("/partner/refer")).text


@pytest.mark.parametrize(
    "values",
    [
        {"is_restricted": True},
        {"booking_mode": "run", "takes_referrals": False},
        {"state": "draft"},
        {"state": "cancelled"},
    ],
)
async def test_a_partner_refers_to_nothing_that_is_not_open(client, values):
    run, _ = await course(**values)
    await make.sign_in_partner(client, await make.booker())
    assert run.title not in (await client.get("/partner/refer")).text
    assert (await refer(client, run)).status_code == 422
    assert not await Booking.exists()


async def test_staff_see_who_referred(client):
    run, session = await course()
    partner = await make.organisation(name="Stour Health")
    await make.sign_in_partner(client, await make.booker(partner))
    await refer(client, run)
    client.cookies.clear()
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    assert "Referred by Stour Health" in (await client.get(f"/staff/sessions/{session.id}")).text


async def test_staff_of_a_restricted_run_book_it_themselves(client):
    """By phone, as ever: the one way into it."""
    run, session = await course(is_restricted=True)
    await make.sign_in_staff(client, await make.staff("hub_staff", run.hub_id))
    made = await client.post(f"/staff/sessions/{session.id}/book", data=FAMILY | {"act": "book"})
    assert made.status_code == 303, made.text
    assert await Booking.filter(run_id=run.id).count() == 1


async def test_reserved_places_are_not_for_everybody(database):
    until = clock.at(clock.today().replace(year=2099), "09:00")
    run, _ = await course(booking_mode="run", places=1, reserved=1, reserved_until_at=until)
    with pytest.raises(Refused):
        await leasing.lease(Target(run.id))
    lease = await leasing.lease(Target(run.id), is_priority=True)
    assert await booking_places.book(lease_id=lease, contact=Contact("Jo"), party=Party(("Jo",)))
