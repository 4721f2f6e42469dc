"""Another adult who brings the child: named by the family, told at their own number, and shown the dates and nothing else."""

from datetime import timedelta

import pytest

from booking import clock, db
from booking.audit import AuditEvent
from booking.messages.models import Message
from booking.people import limits
from booking.people.models import Person
from booking.problems import Refused
from booking.programmes.bookings import giving_up, hearing, telling_others
from booking.programmes.models import AlsoTold, MissedDate
from tests import make

GRAN = {"name": "Gran Lee", "address": "07700 900321"}


@pytest.fixture
async def booking(client):
    run = await make.run(programme=await make.programme(title="Messy play"))
    parent = await make.person(name="Kim Lee", phone="+447700900123", email="kim@families.example")
    return await make.booking(await make.session(run), parent)


async def named(booking, **values) -> AlsoTold:
    given = {"name": "Gran Lee", "phone": "+447700900321"} | values
    return await telling_others.add(booking_id=booking.id, **given)


async def rules(booking, **values) -> set[str]:
    with pytest.raises(Refused) as refused:
        await named(booking, **values)
    return refused.value.rules


async def test_a_family_names_an_adult_who_gets_one_message_with_a_link_of_their_own(client, booking):
    path = f"/m/{booking.manage_token}"
    assert "Somebody else who should know?" in (await client.get(path)).text  # no child comes
    answer = await client.post(f"{path}/tell", data=GRAN)
    assert answer.headers["location"] == f"{path}#told"
    told = await AlsoTold.get(booking=booking)
    message = await Message.get(kind="also_told")
    assert message.address == "+447700900321" and f"/t/{told.token}." in message.body
    for secret in (booking.manage_token, booking.reference, "Kim", "900123"):
        assert secret not in message.body
    text = (await client.get(path)).text
    assert "Gran Lee" in text and "ends in 321" in text and "07700 900321" not in text
    assert (await AuditEvent.get(verb="tell another adult")).by_name == "family"


async def test_their_page_has_the_dates_and_nothing_of_the_family(client, booking):
    told = await named(booking)
    answer = await client.get(f"/t/{told.token}.k7x2qb")
    assert answer.headers["location"] == f"/t/{told.token}"
    answer = await client.get(f"/t/{told.token}")
    assert "Messy play" in answer.text and "Stop telling me" in answer.text
    for secret in (booking.manage_token, booking.reference, "Kim", "900123", "kim@", "Gran", "900321", "give-up"):
        assert secret not in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    calendar = (await client.get(f"/t/{told.token}/calendar.ics")).text
    assert calendar.count("BEGIN:VEVENT") == 1 and booking.manage_token not in calendar and "Kim" not in calendar


async def test_their_page_leaves_out_the_dates_that_the_family_will_miss(client):
    run, dates = await make.course(3)
    booking = await make.booking(run)
    told = await named(booking)
    await MissedDate.create(booking=booking, session=dates[1], created_at=clock.now())
    text = (await client.get(f"/t/{told.token}")).text
    assert text.count("dates__day") == 2
    assert (await client.get(f"/t/{told.token}/calendar.ics")).text.count("BEGIN:VEVENT") == 2


async def test_they_stop_it_by_a_button_and_the_family_cannot_name_them_again(client, booking):
    told = await named(booking)
    assert (await client.get(f"/t/{told.token}/stop")).status_code == 405
    await client.post(f"/t/{told.token}/stop")
    assert (await Message.get(kind="also_told")).state == "void"
    text = (await client.get(f"/t/{told.token}")).text
    assert "You asked not to hear from us" in text and "Messy play" not in text
    assert (await client.get(f"/t/{told.token}/calendar.ics")).status_code == 404
    assert await rules(booking) == {"asked not"}
    assert (await AuditEvent.get(verb="stop telling adult")).by_name == "the adult"
    await client.post(f"/t/{told.token}/stop")
    assert await AuditEvent.filter(verb="stop telling adult").count() == 1


async def test_the_family_takes_them_off_and_may_name_them_again_without_a_second_message(client, booking):
    told = await named(booking)
    await db.execute("UPDATE message SET state = 'sent' WHERE kind = 'also_told'")
    path = f"/m/{booking.manage_token}"
    await client.post(f"{path}/tell/{told.id}/stop")
    assert "Gran Lee" not in (await client.get(path, follow_redirects=True)).text.replace("Gran Lee hears no more", "")
    again = await named(booking)
    assert again.id == told.id and again.token != told.token
    assert await Message.filter(kind="also_told").count() == 1
    assert (await client.get(f"/t/{told.token}")).status_code == 404


async def test_one_family_takes_nobody_off_another_familys_list(client, booking):
    told = await named(booking)
    stranger = await make.booking()
    answer = await client.post(f"/m/{stranger.manage_token}/tell/{told.id}/stop")
    assert answer.status_code == 404 and (await AlsoTold.get(id=told.id)).ended_at is None


async def test_whoever_gives_the_place_up_ends_it(client, booking):
    told = await named(booking)
    await giving_up.give_up(booking_id=booking.id)
    assert (await Message.get(kind="also_told")).state == "void"
    heard = await Message.get(kind="given_up", person_id=told.person_id)
    assert f"/t/{told.token}" in heard.body and booking.manage_token not in heard.body
    text = (await client.get(f"/t/{told.token}")).text
    assert "There is nothing to come to any more" in text and "Messy play" not in text


async def test_they_are_told_of_what_changes_until_somebody_says_stop(booking):
    told, other = await named(booking), await make.booking()
    await named(other, phone="+447700900322")
    others = await hearing.others_of([booking.id])
    assert [(each.person.id, each.token) for each in others[booking.id]] == [(told.person_id, told.token)]
    await telling_others.stop(told_id=told.id, ended_by="adult")
    assert not (await hearing.others_of([booking.id]))[booking.id]


async def test_whoever_asks_for_short_words_later_has_nobody_told_any_more(client, booking):
    told, other = await named(booking), await named(await make.booking())
    form = {"channel": "sms", "language": "en", "day": list("0123456"), "is_discreet": "yes"}
    await client.post(f"/m/{booking.manage_token}/contact", data=form)
    assert not (await hearing.others_of([booking.id]))[booking.id]
    assert (await Message.get(kind="also_told", person_id=told.person_id)).state == "void"
    assert "Messy play" not in (await client.get(f"/t/{told.token}")).text
    assert (await AlsoTold.get(id=other.id)).ended_at is None


@pytest.mark.parametrize("how", ["restricted run", "discreet programme", "restricted place", "discreet person"])
async def test_nothing_discreet_is_told_to_anybody_else(client, how):
    run = await make.run(
        is_restricted=how == "restricted run",
        programme=await make.programme(is_discreet=how == "discreet programme"),
        location=await make.location(is_restricted=how == "restricted place"),
    )
    parent = await make.person(is_discreet=how == "discreet person")
    booking = await make.booking(await make.session(run), parent)
    assert await rules(booking) == {"not here"}
    if how != "discreet person":
        path = f"/m/{booking.manage_token}"
        assert "Somebody else who brings" not in (await client.get(path)).text
        assert (await client.post(f"{path}/tell", data=GRAN)).status_code == 404
    assert await AlsoTold.all().count() == 0 and await Message.all().count() == 0


async def test_three_are_told_and_a_fourth_is_refused(booking):
    for n in range(3):
        await named(booking, phone=f"+44770090033{n}")
    assert await rules(booking, phone="+447700900339") == {"too many"}
    await telling_others.stop(told_id=(await AlsoTold.first()).id, ended_by="family")
    await named(booking, phone="+447700900339")


async def test_taking_off_and_naming_others_comes_to_an_end(booking):
    for n in range(telling_others.MOST_EVER):
        told = await named(booking, phone=f"+4477009003{n:02}")
        await telling_others.stop(told_id=told.id, ended_by="family")
    assert await rules(booking, phone="+447700900399") == {"too many"}


async def test_the_familys_own_number_and_one_that_is_told_already_are_refused(booking):
    await named(booking)
    assert await rules(booking) == {"already"}
    assert await rules(booking, phone="+447700900123") == {"own"}
    assert await rules(booking, phone="", email="kim@families.example") == {"own"}


async def test_what_is_over_or_given_up_is_told_to_nobody(client):
    run = await make.run(first_date=clock.today() - timedelta(days=7))
    assert await rules(await make.booking(await make.session(run))) == {"not here"}
    assert await rules(await make.booking(state="given_up")) == {"not here"}


async def test_a_number_that_was_opted_out_hears_nothing(booking):
    await make.person(phone="+447700900321", phone_state="opted_out")
    told = await named(booking)
    assert (await Person.get(id=told.person_id)).phone_state == "opted_out"
    assert await Message.filter(kind="also_told", channel="sms").count() == 0


async def test_naming_a_number_gives_its_owner_no_bookings_and_us_no_new_family(client, booking):
    """Whoever asks for a code with that number has booked nothing; and another family's person is never theirs."""
    told, other = await named(booking), await make.booking()
    assert (await Person.get(id=told.person_id)).family_id is None
    await client.post("/manage/ask", data={"address": "07700 900321"})
    assert await Message.filter(kind="manage_code").count() == 0
    assert (await named(other)).person_id != told.person_id


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": "", "address": "07700 900321"}, "Enter their name"),
        ({"name": "Gran", "address": ""}, "Enter their mobile number or email address"),
        ({"name": "Gran", "address": "01202 123456"}, "UK mobile numbers"),
        ({"name": "Gran", "address": "gran@"}, "Enter an email address"),
        ({"name": "www.win.example", "address": "07700 900321"}, "without a web"),
    ],
)
async def test_a_mistake_keeps_what_was_typed(client, booking, typed, wrong):
    answer = await client.post(f"/m/{booking.manage_token}/tell", data=typed)
    assert answer.status_code == 422 and wrong in answer.text
    assert typed["address"] == "" or f'value="{typed["address"]}"' in answer.text


async def test_pressing_twice_names_them_once(client, booking):
    path = f"/m/{booking.manage_token}"
    for _ in range(2):
        answer = await client.post(f"{path}/tell", data=GRAN | {"form_token": "once"})
        assert answer.headers["location"] == f"{path}#told"
    assert await AlsoTold.all().count() == 1 and await Message.filter(kind="also_told").count() == 1


async def test_one_network_names_only_so_many(client, booking):
    most, _ = limits.LIMITS["adult named by address"]
    for _ in range(most):
        await client.post(f"/m/{booking.manage_token}/tell", data=GRAN)
    answer = await client.post(f"/m/{booking.manage_token}/tell", data=GRAN)
    assert "too often" in answer.text and await AlsoTold.all().count() == 1


@pytest.mark.parametrize("token", ["wrong", "x" * 300])
async def test_a_guessed_link_opens_nothing(client, token):
    assert (await client.get(f"/t/{token}")).status_code == 404
    assert (await client.get(f"/t/{token}/calendar.ics")).status_code == 404
    assert (await client.post(f"/t/{token}/stop")).status_code == 404


async def test_a_number_that_asked_for_short_words_gets_them_whoever_names_it(booking):
    """The telephone may be watched: of what a family books nothing is named there, and the family does not learn why."""
    await make.person(phone="+447700900321", is_discreet=True, safe_from="10:00", safe_to="12:00")
    await named(booking)
    message = await Message.get(kind="also_told")
    assert message.is_discreet and "Messy" not in message.body and "/t/" not in message.body
