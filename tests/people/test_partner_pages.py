"""The pages about partners for staff, and what a partner's booker sees of the agreement."""

from datetime import timedelta

import pytest

from booking import clock
from booking.people.models import Organisation, Role
from booking.places.models import RoomBooking
from tests import make

NEW = {"name": "Toy Library", "kind": "voluntary", "approval": "room", "hours_per_term": "40", "rate_pounds": "12.50"}


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub")


@pytest.fixture
async def tom(client, hub):
    """The browser of a hub manager."""
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    return client


@pytest.fixture
async def maya(client, hub):
    """The browser of hub staff."""
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    return client


async def use(toys, at, *, days=2, hours=2, **values):
    """A partner's booking so many days from now, 10:00 local."""
    starts = clock.at(clock.today() + timedelta(days=days), "10:00")
    return await RoomBooking.create(
        **{"room": await make.room(at, name="Blue room"), "kind": "partner", "organisation_id": toys.id, "starts_at": starts,
           "ends_at": starts + timedelta(hours=hours), "title": "Baby weighing"} | values
    )  # fmt: skip


async def test_a_manager_adds_a_partner_and_who_books_for_it(tom):
    token = "t" * 20
    answer = await tom.post("/staff/partners/new", data=NEW | {"form_token": token})
    toys = await Organisation.get(name="Toy Library")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/partners/{toys.id}")
    assert (toys.minutes_per_term, toys.rate_pence, toys.terms_accepted_at) == (2400, 1250, None)
    await tom.post(
        f"/staff/partners/{toys.id}/bookers", data={"booker_name": "Grace", "booker_email": "g@toys.example"}
    )
    page = await tom.get(f"/staff/partners/{toys.id}")
    for words in (
        "Toy Library",
        "Terms not accepted",
        "40 hours a term",
        "£12.50 an hour",
        "g@toys.example",
        "Booker added",
    ):
        assert words in page.text


async def test_the_same_form_sent_twice_makes_one_partner(tom):
    for _ in range(2):
        answer = await tom.post("/staff/partners/new", data=NEW | {"form_token": "t" * 20})
        assert answer.status_code == 303
    assert await Organisation.filter(name="Toy Library").count() == 1


async def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(tom):
    answer = await tom.post("/staff/partners/new", data=NEW | {"rate_pounds": "twelve", "notes": "Ring <first>"})
    assert answer.status_code == 422
    assert 'value="twelve"' in answer.text and "Ring &lt;first&gt;" in answer.text
    assert 'id="rate_pounds-error"' in answer.text
    assert not await Organisation.exists()


async def test_a_partner_is_changed_and_the_page_says_what_was_before(tom):
    toys = await make.organisation(name="Toys", cost_code="A1", approval="room", kind="voluntary")
    form = await tom.get(f"/staff/partners/{toys.id}/change")
    assert 'value="A1"' in form.text
    answer = await tom.post(f"/staff/partners/{toys.id}/change", data=NEW | {"name": "Toys", "cost_code": "B2"})
    assert answer.status_code == 303
    page = (await tom.get(f"/staff/partners/{toys.id}")).text
    assert "cost code: A1" in page and "cost code: B2" in page


async def test_hub_staff_read_and_do_not_change(maya):
    toys = await make.organisation(name="Toys")
    grace = await make.booker(toys)
    for path in ("/staff/partners", f"/staff/partners/{toys.id}"):
        page = await maya.get(path)
        assert page.status_code == 200
        assert (
            "Add a partner" not in page.text and "End this partnership" not in page.text and "Remove<" not in page.text
        )
    for path in ("new", f"{toys.id}/change", f"{toys.id}/bookers", f"{toys.id}/bookers/remove", f"{toys.id}/end"):
        assert (
            await maya.post(f"/staff/partners/{path}", data=NEW | {"booker": str(grace.id), "why": "x"})
        ).status_code == 404
    assert await Role.exists(person=grace)


async def test_whoever_is_not_staff_is_sent_to_sign_in(client):
    toys = await make.organisation()
    await make.sign_in_partner(client, await make.booker(toys))
    for path in (
        "/staff/partners",
        "/staff/partners/new",
        f"/staff/partners/{toys.id}",
        f"/staff/partners/{toys.id}/change",
    ):
        assert (await client.get(path)).headers["location"].startswith("/staff/sign-in")


async def test_an_unknown_partner_is_not_there(tom):
    for path in ("00000000-0000-0000-0000-000000000000", "x"):
        assert (await tom.get(f"/staff/partners/{path}")).status_code == 404


async def test_the_list_says_state_next_end_and_hours_and_finds_by_booker(maya, hub):
    toys = await make.organisation(name="Toy Library", insurance_to_date=clock.today() - timedelta(days=1))
    await make.organisation(name="Citizens Advice")
    await make.booker(toys, name="Grace Penny", email="grace@toys.example")
    await use(toys, hub, days=0, hours=3)
    page = (await maya.get("/staff/partners")).text
    assert page.index("Citizens Advice") < page.index("Toy Library")
    assert "Insurance ended" in page and "In order" in page and "3 hours" in page
    for words in ("penny", "TOY lib", "grace@toys"):
        found = (await maya.get("/staff/partners", params={"q": words})).text
        assert "Toy Library" in found and "Citizens Advice" not in found
    assert "No partner found" in (await maya.get("/staff/partners", params={"q": "100%_x"})).text


async def test_ended_partners_are_listed_when_asked_for(maya):
    await make.organisation(name="Gone Ltd", ended_at=clock.now())
    assert "Gone Ltd" not in (await maya.get("/staff/partners")).text
    assert "Gone Ltd" in (await maya.get("/staff/partners?ended=yes")).text


async def test_the_list_costs_the_same_for_many_partners(maya, hub, count_queries):
    async def cost() -> int:
        with count_queries() as counted:
            await maya.get("/staff/partners")
        return counted.count

    await make.organisation()
    few = await cost()
    for _ in range(12):
        await use(await make.organisation(), hub)
    assert await cost() == few


async def test_staff_see_bookings_of_their_hubs_and_private_ones_of_their_own_hub_alone(tom, hub):
    toys, other = await make.organisation(), await make.location(name="Elsewhere")
    secret = await make.location(name="Refuge", kind="restricted", is_restricted=True)
    await use(toys, hub, title="Baby weighing", is_private=True)
    await use(toys, other, title="Advice elsewhere")
    await use(toys, secret, title="Refuge advice")
    page = (await tom.get(f"/staff/partners/{toys.id}")).text
    assert "Baby weighing" in page
    assert "Advice elsewhere" not in page and "Refuge" not in page
    await make.sign_in_staff(tom, await make.staff("county_admin"))
    page = (await tom.get(f"/staff/partners/{toys.id}")).text
    assert "Advice elsewhere" in page
    assert "Baby weighing" not in page and "Refuge" not in page


async def test_the_allowance_of_the_term_is_shown(tom, hub):
    toys = await make.organisation(minutes_per_term=600)
    await use(toys, hub, hours=3)
    page = (await tom.get(f"/staff/partners/{toys.id}")).text
    assert "3 hours of 10 hours" in page


async def test_a_partnership_with_bookings_to_come_does_not_end_and_says_why(tom, hub):
    toys = await make.organisation()
    await use(toys, hub)
    answer = await tom.post(f"/staff/partners/{toys.id}/end", data={"why": "Closed"})
    assert answer.status_code == 422
    assert "bookings to come (1)" in answer.text
    await RoomBooking.filter(organisation_id=toys.id).update(state="cancelled")
    assert (await tom.post(f"/staff/partners/{toys.id}/end", data={"why": "Closed"})).status_code == 303
    assert "Ended" in (await tom.get(f"/staff/partners/{toys.id}")).text


async def test_a_removed_booker_is_out_at_once(tom, app):
    toys = await make.organisation()
    grace = await make.booker(toys)
    browser = type(tom)(
        transport=tom._transport, base_url="http://127.0.0.1:8000", headers={"Sec-Fetch-Site": "same-origin"}
    )
    await make.sign_in_partner(browser, grace)
    assert (await browser.get("/partner/terms")).status_code == 200
    await tom.post(f"/staff/partners/{toys.id}/bookers/remove", data={"booker": str(grace.id)})
    assert (await browser.get("/partner/terms")).headers["location"].startswith("/partner/sign-in")
    assert (await tom.post(f"/staff/partners/{toys.id}/bookers/remove", data={"booker": "x"})).status_code == 422


# What a booker sees


async def test_terms_are_accepted_by_a_booker_and_the_warning_goes(client):
    toys = await make.organisation(terms_accepted_at=None, name="Toys")
    grace = await make.booker(toys)
    await make.sign_in_partner(client, grace)
    page = (await client.get("/partner/terms")).text
    assert "The terms have not been accepted yet" in page and "We accept these terms" in page
    answer = await client.post("/partner/terms")
    assert (answer.status_code, answer.headers["location"]) == (303, "/partner")
    page = (await client.get("/partner/terms")).text
    assert "have not been accepted" not in page and f"by {grace.name}" in page
    assert (await Organisation.get(id=toys.id)).terms_accepted_by_id == grace.id


async def test_what_ends_soon_or_has_ended_is_said_on_every_page(client):
    soon, past = clock.today() + timedelta(days=20), clock.today() - timedelta(days=1)
    toys = await make.organisation(agreement_to_date=soon, insurance_to_date=past)
    await make.sign_in_partner(client, await make.booker(toys))
    page = (await client.get("/partner/terms")).text
    assert "The agreement ends on" in page and "in 20 days" in page
    assert page.index("The insurance ended on") < page.index("The agreement ends on")


async def test_a_booker_of_two_partners_changes_between_them_and_to_no_third(client):
    advice, toys, third = [await make.organisation(name=name) for name in ("Advice", "Toys", "Third")]
    grace = await make.booker(toys)
    await Role.create(person=grace, kind="partner", organisation=advice)
    await make.sign_in_partner(client, grace)
    page = (await client.get("/partner/terms")).text
    assert "You act for <strong>Advice</strong>" in page and "Change to Toys" in page
    assert "You act for <strong>Toys</strong>" in (await client.get(f"/partner/terms?organisation={toys.id}")).text
    assert "You act for <strong>Toys</strong>" in (await client.get("/partner/terms")).text
    for stranger in (third.id, "x", ""):
        answer = await client.get("/partner/terms", params={"organisation": str(stranger)})
        assert answer.status_code == (404 if stranger else 200)
        assert "Third" not in answer.text
    await Role.filter(person=grace, organisation=toys).delete()
    assert "You act for" not in (await client.get("/partner/terms")).text


async def test_pages_for_partners_are_kept_by_no_cache(client):
    await make.sign_in_partner(client, await make.booker())
    assert (await client.get("/partner/terms")).headers["Cache-Control"] == "no-store"
