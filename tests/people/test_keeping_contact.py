"""How somebody wants to be reached: what the form understands, who may change it, and what waits to be sent follows."""

import pytest

from booking import clock, db
from booking.audit import AuditEvent
from booking.messages import following
from booking.messages.models import Message
from booking.people import contact_form, keeping_contact
from booking.people.contact_form import Reach, Typed
from booking.people.models import Person
from booking.problems import Refused
from tests import make
from tests.staff.rows import message

PHONE, MAIL = "+447700900123", "kim@families.example"


def rules(typed: Typed, phone: str = PHONE, email: str = MAIL) -> set[str]:
    return {each.rule for each in contact_form.understand(typed, phone, email)[1]}


@pytest.mark.parametrize(
    ("typed", "phone", "email", "expected"),
    [
        (Typed(channel="sms"), PHONE, "", set()),
        (Typed(channel="sms"), "", MAIL, {"not mobile"}),
        (Typed(channel="sms"), "+441202123456", MAIL, {"not mobile"}),
        (Typed(channel="call"), "+441202123456", "", set()),
        (Typed(channel="call"), "", MAIL, {"no phone"}),
        (Typed(channel="email"), PHONE, "", {"no email"}),
        (Typed(channel="none"), "", "", set()),
        (Typed(channel=""), PHONE, MAIL, {"missing"}),
        (Typed(channel="pigeon"), PHONE, MAIL, {"missing"}),
        (Typed(channel="sms", safe_from="09:30"), PHONE, MAIL, {"hours"}),
        (Typed(channel="sms", safe_to="09:30"), PHONE, MAIL, {"hours"}),
        (Typed(channel="sms", safe_from="14:00", safe_to="09:30"), PHONE, MAIL, {"hours"}),
        (Typed(channel="sms", safe_from="09:30", safe_to="09:30"), PHONE, MAIL, {"hours"}),
        (Typed(channel="sms", safe_from="9:77", safe_to="14:00"), PHONE, MAIL, {"hours"}),
        (Typed(channel="sms", safe_from="09:30", safe_to="14:00"), PHONE, MAIL, set()),
        (Typed(channel="sms", days=[]), PHONE, MAIL, {"missing"}),
    ],
)
def test_the_form_says_what_is_wrong(typed, phone, email, expected):
    assert rules(typed, phone, email) == expected


def test_every_day_and_any_language_are_kept_as_what_they_are():
    reach, _ = contact_form.understand(Typed(channel="sms", language="cy", days=list("0123456")), PHONE, MAIL)
    assert (reach.safe_days, reach.language) == ("", "cy")
    reach, _ = contact_form.understand(Typed(channel="sms", language="xx", days=["4", "0"]), PHONE, MAIL, ("en", "cy"))
    assert (reach.safe_days, reach.language) == ("04", "en")


def test_staff_may_type_a_number_and_it_must_be_one():
    reach, problems = contact_form.understand_staff(Typed(channel="sms", phone="07700 900 555", email="K@X.example"))
    assert not problems and (reach.phone, reach.email) == ("+447700900555", "k@x.example")
    problems = contact_form.understand_staff(Typed(channel="sms", phone="12", email="no"))[1]
    assert {each.field for each in problems} == {"phone", "email"}


async def test_what_is_saved_is_kept_with_who_changed_it_and_not_what_it_was(database):
    person = await make.person(email=MAIL)
    reach = Reach("email", "pl", "09:30", "14:00", "024", is_discreet=True, hears_urgent=True)
    assert await keeping_contact.save(person.id, reach)
    kept = await Person.get(id=person.id)
    assert (kept.channel, kept.language, kept.safe_from, kept.safe_to, kept.safe_days) == (
        "email", "pl", "09:30", "14:00", "024",
    )  # fmt: skip
    assert kept.is_discreet and kept.hears_urgent and kept.phone == person.phone
    event = await AuditEvent.get(verb="change contact")
    assert event.by_name == "family" and "09:30" not in str(event.after)
    assert not await keeping_contact.save(person.id, reach)
    assert await AuditEvent.filter(verb="change contact").count() == 1


async def test_a_link_makes_contact_safer_and_only_a_code_less_safe(database):
    person = await make.person(is_discreet=True)
    with pytest.raises(Refused) as refused:
        await keeping_contact.save(person.id, Reach("sms"))
    assert refused.value.rules == {"needs code"}
    await keeping_contact.save(person.id, Reach("sms"), is_proved=True)
    assert not (await Person.get(id=person.id)).is_discreet


@pytest.mark.parametrize(
    "wider",
    [
        Reach("email", "en", "09:30", "14:00", "02", is_discreet=True), Reach("call", "en", "09:30", "14:00", "02", is_discreet=True),
        Reach("sms", "en", "", "", "02", is_discreet=True), Reach("sms", "en", "09:00", "14:00", "02", is_discreet=True),
        Reach("sms", "en", "09:30", "14:30", "0", is_discreet=True), Reach("sms", "en", "09:30", "14:00", "", is_discreet=True),
        Reach("sms", "en", "09:30", "14:00", "024", is_discreet=True),
    ],
)  # fmt: skip
async def test_by_a_link_nobody_who_wants_short_words_is_reached_another_way_or_at_more_times(database, wider):
    person = await make.person(
        phone=PHONE, email=MAIL, is_discreet=True, safe_from="09:30", safe_to="14:00", safe_days="02"
    )
    with pytest.raises(Refused) as refused:
        await keeping_contact.save(person.id, wider)
    assert refused.value.rules == {"needs code"}
    assert await keeping_contact.save(person.id, wider, is_proved=True)


@pytest.mark.parametrize(
    "safer",
    [
        Reach("none", "pl", "10:00", "13:00", "0", is_discreet=True),
        Reach("sms", "ur", "09:30", "14:00", "02", is_discreet=True),
    ],
)
async def test_by_a_link_they_may_be_reached_less_and_in_another_language(database, safer):
    person = await make.person(phone=PHONE, is_discreet=True, safe_from="09:30", safe_to="14:00", safe_days="02")
    assert await keeping_contact.save(person.id, safer)


async def test_a_new_number_has_not_failed_and_nobody_has_proved_it(database):
    person = await make.person(phone=PHONE, phone_state="not_mobile", proved=PHONE, email=MAIL, email_state="bounced")
    await keeping_contact.save(person.id, Reach("sms", phone="+447700900777"), is_proved=True)
    kept = await Person.get(id=person.id)
    assert (kept.phone, kept.phone_state, kept.proved, kept.email_state) == ("+447700900777", "ok", "", "bounced")


async def test_who_asks_for_nothing_gets_nothing_that_waits(database):
    person, other = await make.person(email=MAIL), await make.person()
    for channel in ("sms", "email", "call"):
        await message(person=person, channel=channel)
    sent, theirs = await message(person=person, state="sent"), await message(person=other)
    await keeping_contact.save(person.id, Reach("none"))
    assert await Message.filter(person=person, state="void").count() == 3
    assert (await Message.get(id=sent.id)).state == "sent" and (await Message.get(id=theirs.id)).state == "queued"


async def test_what_waits_goes_to_the_new_number(database):
    person = await make.person(phone=PHONE)
    waits = await message(person=person, address=PHONE, state="claimed", claimed_by="a worker", claimed_at=clock.now())
    sent = await message(person=person, address=PHONE, state="sent")
    await keeping_contact.save(person.id, Reach("sms", phone="+447700900777"), is_proved=True)
    now = await Message.get(id=waits.id)
    assert (now.address, now.state, now.claimed_by) == ("+447700900777", "queued", "")
    assert (await Message.get(id=sent.id)).address == PHONE


async def test_who_asks_to_be_rung_is_rung_once_about_what_matters(database):
    person, about = await make.person(phone=PHONE, email=MAIL), db.new_id()
    body = "Hub: Messy play on Tue 12 Jan is cancelled. See what else is on: https://hubs.example/m/abc.mmm"
    same = {"person": person, "kind": "cancellation", "about_id": about, "batch_id": db.new_id()}
    await message(**same, channel="sms", body=body, dedupe_key=f"cancel:{about}:sms")
    await message(**same, channel="email", subject="Cancelled", dedupe_key=f"cancel:{about}:email")
    await message(person=person, kind="confirmation", channel="sms")
    await keeping_contact.save(person.id, Reach("call"))
    call = await Message.get(person=person, state="queued")
    assert (call.channel, call.address, call.batch_id) == ("call", PHONE, same["batch_id"])
    assert "is cancelled" in call.body and "http" not in call.body
    assert await Message.filter(person=person, state="void").count() == 3


async def test_short_words_hold_for_what_was_written_before(database):
    person = await make.person(phone=PHONE, email=MAIL)
    text = await message(person=person, kind="cancellation", body="Messy play at Ferndown is cancelled")
    mail = await message(person=person, channel="email", kind="cancellation", subject="Messy play", html="Messy play")
    invite = await message(person=person, channel="sms", kind="invite", calendar="SUMMARY:Messy play")
    await keeping_contact.save(person.id, Reach("sms", is_discreet=True))
    now = await Message.get(id=text.id)
    assert now.state == "queued" and now.is_discreet and "Messy" not in now.body
    assert now.body.startswith("We have news about your appointment. Please ring ")
    assert {(await Message.get(id=each.id)).state for each in (mail, invite)} == {"void"}


async def test_short_words_are_in_the_language_of_who_reads_them(database):
    person = await make.person(phone=PHONE, language="pl")
    text = await message(person=person, kind="cancellation", body="Messy play jest odwolane")
    await keeping_contact.save(person.id, Reach("sms", language="pl", is_discreet=True))
    now = await Message.get(id=text.id)
    assert now.language == "pl" and now.body.startswith("Mamy wiadomosc o Panstwa wizycie.") and now.parts == 1


async def test_a_mail_in_short_words_names_nothing_either(database):
    person = await make.person(phone=PHONE, email=MAIL, channel="email", is_discreet=True)
    mail = await message(
        person=person, channel="email", subject="Messy play", body="Messy", html="Messy", calendar="Messy", gist="Messy"
    )
    await following.follow(person)
    now = await Message.get(id=mail.id)
    assert "Messy" not in f"{now.subject}{now.body}{now.html}{now.calendar}{now.gist}" and now.html


async def test_a_code_that_was_asked_for_still_comes(database):
    person = await make.person()
    code = await message(person=person, kind="manage_code", is_secret=True)
    await keeping_contact.save(person.id, Reach("none"))
    assert (await Message.get(id=code.id)).state == "queued"


async def test_staff_try_a_number_again_but_never_one_that_was_opted_out(database):
    member = await make.staff()
    failing = await make.person(phone_state="failing")
    assert await keeping_contact.try_again(failing.id, "phone", member)
    assert (await Person.get(id=failing.id)).phone_state == "ok"
    assert (await AuditEvent.get(verb="try address again")).by_id == member.id
    stopped = await make.person(phone_state="opted_out")
    assert not await keeping_contact.try_again(stopped.id, "phone", member)
    assert (await Person.get(id=stopped.id)).phone_state == "opted_out"


async def test_whom_nobody_knows_is_refused(database):
    with pytest.raises(Refused, match="do not find"):
        await keeping_contact.save(db.new_id(), Reach("sms"))
