"""Partners as records: what is read, kept, refused, and who books for them."""

from datetime import date, timedelta

import pytest

from booking import clock
from booking.audit import AuditEvent
from booking.open_data.models import FeedLink
from booking.people import organisation_form, organisations
from booking.people.agreements import next_end, notices, state_of
from booking.people.models import Organisation, Person, Role, SignedIn
from booking.people.organisation_form import Facts
from booking.people.signing_in import sign_in
from booking.places.models import RoomBooking
from booking.problems import Refused
from tests import make
from tests.staff.conftest import who_is

TYPED = organisation_form.NEW | {"name": "Toy Library", "kind": "voluntary"}
TODAY = date(2027, 1, 10)


@pytest.fixture
async def tom(database):
    hub = await make.location()
    return who_is(await make.staff("hub_manager", hub.id), kind="hub_manager", hubs={hub.id})


def read(**changes):
    return organisation_form.read(TYPED | changes)


def test_what_is_typed_is_kept_in_whole_minutes_and_pence():
    facts, problems = read(
        hours_per_term="12.5", rate_pounds="£1,00.50", phone="01202 555 123", email="Hello@Toys.example ",
        agreement_to_date="2027-03-31", is_reminded="yes", approval="always",
    )  # fmt: skip
    assert problems == []
    assert (facts.minutes_per_term, facts.rate_pence) == (750, 10050)
    assert (facts.phone, facts.email) == ("+441202555123", "hello@toys.example")
    assert (facts.agreement_to_date, facts.insurance_to_date) == (date(2027, 3, 31), None)
    assert facts.is_reminded and facts.approval == "always"


def test_nothing_typed_is_no_limit_and_the_rooms_own_rate_and_nought_is_nought():
    assert (read()[0].minutes_per_term, read()[0].rate_pence) == (None, None)
    assert read(rate_pounds="0", hours_per_term="0")[0].rate_pence == 0


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " \u202e "), ("name", "x" * 201), ("kind", "pirates"), ("email", "toys at example"), ("phone", "12"),
        ("agreement_to_date", "31.3.2027"), ("insurance_to_date", "soon"), ("hours_per_term", "many"), ("hours_per_term", "-1"),
        ("hours_per_term", "1.001"), ("hours_per_term", "1e9"), ("hours_per_term", "NaN"), ("rate_pounds", "12.505"),
        ("rate_pounds", "Infinity"), ("approval", "sometimes"), ("cost_code", "c" * 61),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_problem_beside_its_field(field, typed):
    _, problems = read(**{field: typed})
    assert [problem.field for problem in problems] == [field]


async def test_a_partner_comes_back_in_the_form_as_it_was_typed(tom):
    typed = TYPED | {
        "hours_per_term": "12.5",
        "rate_pounds": "12.50",
        "insurance_to_date": "2027-05-01",
        "notes": "Two\nlines",
    }
    facts, _ = organisation_form.read(typed)
    organisation_id = await organisations.add_organisation(facts=facts, by=tom)
    row = (await Organisation.filter(id=organisation_id).values())[0]
    assert organisation_form.typed_from(row) == typed


async def test_a_name_is_given_once(tom):
    await organisations.add_organisation(facts=Facts("Toy Library"), by=tom)
    other = await organisations.add_organisation(facts=Facts("Other"), by=tom)
    for call in (
        organisations.add_organisation(facts=Facts("toy library"), by=tom),
        organisations.change_organisation(organisation_id=other, facts=Facts("TOY LIBRARY"), by=tom),
    ):
        with pytest.raises(Refused) as refused:
            await call
        assert (refused.value.problems[0].field, refused.value.rules) == ("name", {"name taken"})


async def test_who_adds_the_same_partner_a_moment_later_is_told_so(tom, monkeypatch):
    async def nobody_has_it_yet(name, besides=None):
        return None

    await organisations.add_organisation(facts=Facts("Toy Library"), by=tom)
    monkeypatch.setattr(organisations, "_refuse_taken_name", nobody_has_it_yet)
    with pytest.raises(Refused, match="of this name already"):
        await organisations.add_organisation(facts=Facts("Toy Library"), by=tom)


async def test_a_change_says_what_was_before_and_nothing_else(tom):
    organisation_id = await organisations.add_organisation(facts=Facts("Toy Library", cost_code="A1"), by=tom)
    facts = Facts("Toy Library", cost_code="B2", agreement_to_date=date(2027, 3, 31))
    assert await organisations.change_organisation(organisation_id=organisation_id, facts=facts, by=tom) == [
        "agreement_to_date",
        "cost_code",
    ]
    event = await AuditEvent.get(verb="change partner")
    assert (event.before, event.after) == (
        {"agreement_to_date": None, "cost_code": "A1"},
        {"agreement_to_date": "2027-03-31", "cost_code": "B2"},
    )
    assert await organisations.change_organisation(organisation_id=organisation_id, facts=facts, by=tom) == []
    assert await AuditEvent.filter(verb="change partner").count() == 1


async def test_who_works_here_gets_the_role_beside_theirs(tom):
    toys, hub = await make.organisation(), await make.location()
    member = await make.staff("hub_staff", hub.id, email="both@hub.example")
    assert (
        await organisations.add_booker(organisation_id=toys.id, name="Somebody", email=" Both@Hub.example", by=tom)
        == member.id
    )
    assert set(await Role.filter(person=member).values_list("kind", flat=True)) == {"hub_staff", "partner"}
    assert (await Person.get(id=member.id)).name == member.name


async def test_a_parents_record_is_never_used_for_their_work(tom):
    toys, parent = await make.organisation(), await make.person(email="sam@home.example")
    booker = await organisations.add_booker(organisation_id=toys.id, name="Sam", email="sam@home.example", by=tom)
    assert booker != parent.id
    assert (await Person.get(id=booker)).family_id is None


async def test_one_person_books_for_two_partners(tom):
    toys, advice = await make.organisation(), await make.organisation()
    first = await organisations.add_booker(organisation_id=toys.id, name="Grace", email="g@p.example", by=tom)
    assert first == await organisations.add_booker(organisation_id=advice.id, name="Grace", email="g@p.example", by=tom)
    with pytest.raises(Refused, match="already"):
        await organisations.add_booker(organisation_id=advice.id, name="Grace", email="g@p.example", by=tom)


async def test_a_booker_without_name_or_address_is_refused_with_both_problems(tom):
    toys = await make.organisation()
    with pytest.raises(Refused) as refused:
        await organisations.add_booker(organisation_id=toys.id, name=" ", email="nowhere", by=tom)
    assert [problem.field for problem in refused.value.problems] == ["booker_name", "booker_email"]


async def test_a_booker_removed_is_signed_out_and_staff_stay_signed_in_as_staff(tom):
    toys = await make.organisation()
    grace = await make.booker(toys)
    for purpose in ("partner", "staff"):
        await sign_in(person_id=grace.id, purpose=purpose)
    await organisations.remove_booker(organisation_id=toys.id, person_id=grace.id, by=tom)
    assert await SignedIn.filter(person=grace).values_list("purpose", flat=True) == ["staff"]
    assert not await Role.exists(person=grace)
    with pytest.raises(Refused):
        await organisations.remove_booker(organisation_id=toys.id, person_id=grace.id, by=tom)


async def test_the_booker_of_another_partner_is_not_removed(tom):
    grace = await make.booker()
    with pytest.raises(Refused):
        await organisations.remove_booker(organisation_id=(await make.organisation()).id, person_id=grace.id, by=tom)
    assert await Role.exists(person=grace)


async def test_an_ended_partner_signs_nobody_in_and_takes_no_change(tom):
    toys = await make.organisation()
    grace = await make.booker(toys)
    await sign_in(person_id=grace.id, purpose="partner")
    link = await FeedLink.create(kind="partner", about_id=toys.id, token_hash="h", created_at=clock.now())
    await organisations.end_organisation(organisation_id=toys.id, why="Closed down", by=tom)
    assert not await Role.exists(organisation=toys) and not await SignedIn.exists(person=grace)
    assert (await FeedLink.get(id=link.id)).revoked_at is not None
    assert (await AuditEvent.get(verb="end partner")).why == "Closed down"
    for call in (
        organisations.end_organisation(organisation_id=toys.id, why="Again", by=tom),
        organisations.add_booker(organisation_id=toys.id, name="Kim", email="k@p.example", by=tom),
        organisations.change_organisation(organisation_id=toys.id, facts=Facts("New"), by=tom),
        organisations.accept_terms(organisation_id=toys.id, by=tom),
    ):
        with pytest.raises(Refused, match="ended"):
            await call


async def test_a_partner_does_not_end_with_bookings_to_come_or_without_a_reason(tom):
    toys, room = await make.organisation(), await make.room()
    soon = clock.now() + timedelta(days=3)
    booking = await RoomBooking.create(
        room=room, kind="partner", organisation_id=toys.id, starts_at=soon, ends_at=soon + timedelta(hours=1)
    )
    with pytest.raises(Refused, match="bookings to come"):
        await organisations.end_organisation(organisation_id=toys.id, why="Closed", by=tom)
    await RoomBooking.filter(id=booking.id).update(state="cancelled")
    with pytest.raises(Refused) as refused:
        await organisations.end_organisation(organisation_id=toys.id, why="  ", by=tom)
    assert refused.value.problems[0].field == "why"


async def test_terms_are_accepted_once_and_it_is_kept_by_whom(tom):
    toys = await make.organisation(terms_accepted_at=None)
    grace = who_is(await make.booker(toys), kind="partner")
    await organisations.accept_terms(organisation_id=toys.id, by=grace)
    first = await Organisation.get(id=toys.id)
    assert first.terms_accepted_at and first.terms_accepted_by_id == grace.id
    await organisations.accept_terms(organisation_id=toys.id, by=tom)
    assert (await Organisation.get(id=toys.id)).terms_accepted_by_id == grace.id
    assert await AuditEvent.filter(verb="accept terms").count() == 1


def papers(**changes):
    return {
        "terms_accepted_at": clock.now(),
        "agreement_to_date": None,
        "insurance_to_date": None,
        "ended_at": None,
    } | changes


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (61, None, ""),
        (60, "waits", "The agreement ends on 11 March 2027, in 60 days."),
        (1, "waits", "The agreement ends on 11 January 2027, in 1 day."),
        (0, "waits", "The agreement ends today."),
        (-1, "bad", "The agreement ended on 9 January 2027."),
    ],
)
def test_an_agreement_is_warned_of_60_days_ahead_and_holds_on_its_last_day(days, level, words):
    found = notices(papers(agreement_to_date=TODAY + timedelta(days=days)), TODAY)
    assert [(notice.level, notice.words) for notice in found] == ([(level, words)] if level else [])


def test_what_stops_bookings_comes_first_and_gives_the_state():
    row = papers(terms_accepted_at=None, agreement_to_date=TODAY, insurance_to_date=TODAY - timedelta(days=3))
    assert [notice.what for notice in notices(row, TODAY)] == ["terms", "insurance", "agreement"]
    assert state_of(row, TODAY) == ("bad", "Terms not accepted")
    assert state_of(papers(insurance_to_date=TODAY - timedelta(days=1)), TODAY) == ("bad", "Insurance ended")
    assert state_of(papers(insurance_to_date=TODAY), TODAY) == ("waits", "Ends soon")
    assert state_of(papers(), TODAY) == ("good", "In order")
    assert state_of(papers(ended_at=clock.now()), TODAY) == ("plain", "Ended")
    assert next_end(row) == (TODAY - timedelta(days=3), "insurance")
    assert next_end(papers()) is None
