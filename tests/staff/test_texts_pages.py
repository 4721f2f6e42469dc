"""Texts as staff read and answer them: threads by number, within the hubs of who asks, several at once and nothing lost."""

import re
from datetime import timedelta

import pytest
import time_machine

from booking import clock, db
from booking.messages import inbox
from booking.messages.models import InboundMessage, Message
from booking.people.models import Person
from booking.programmes.models import Booking
from booking.programmes.texts import threads
from tests import make
from tests.programmes.lines_of import TEN, at
from tests.programmes.texts_of import heard
from tests.staff.conftest import who_is

pytestmark = pytest.mark.usefixtures("database", "ten")
SAM = "+447700900777"


@pytest.fixture
def ten():
    with time_machine.travel(TEN, tick=False):
        yield


async def wrote(hub, body: str = "Can I bring my <b>sister</b>?", *, sender: str = SAM, minutes: int = 0, **values):
    return await InboundMessage.create(
        **{
            "provider_reference": f"SM{db.new_id()}", "sender": sender, "body": body, "state": "unclear",
            "received_at": clock.now() - timedelta(minutes=minutes), "hub_id": hub.id if hub else None,
        }
        | values
    )  # fmt: skip


@pytest.fixture
async def sam(hub):
    """Sam, booked at the hub in two days, who has been reminded."""
    run = await make.run(location=hub, title="Baby massage", first_date=clock.today() + timedelta(days=2))
    booking = await make.booking(await make.session(run), await make.person(name="Sam Carter", phone=SAM))
    await heard(
        booking, hub_id=hub.id, at=at(minutes=-30), body="Ferndown: Baby massage. See https://hubs.example/m/abc.defg"
    )
    return await Person.get(id=booking.person_id)


async def page(desk, path: str = "/staff/texts", status: int = 200) -> str:
    answer = await desk.get(path)
    assert answer.status_code == status
    return " ".join(answer.text.split())


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


async def answer(desk, text, words: str, seen: str = "", key: str = "k1"):
    shown = await page(desk, f"/staff/texts/{text.id}")
    return await desk.post(
        f"/staff/texts/{text.id}/answer", data={"words": words, "seen": seen or hidden(shown, "seen"), "key": key}
    )


async def test_what_waits_for_a_person_stands_first_with_a_count(desk, hub, sam):
    await wrote(hub, minutes=20)
    await wrote(hub, "Took it", sender="+447700900778", state="answered", said_back="Took the place")
    await wrote(hub, "Hello?", sender="+447700900779", minutes=5)
    shown = await page(desk)
    assert "Texts (2" in shown and "Took it" not in shown
    everything = await page(desk, "/staff/texts?show=all")
    assert everything.index("Hello?") < everything.index("sister") < everything.index("Took it")
    assert "Can I bring my &lt;b&gt;sister" in everything and "Sam Carter" in everything


async def test_a_search_finds_names_numbers_and_words(desk, hub, sam):
    await wrote(hub)
    await wrote(hub, "Something else", sender="+447700900779")
    for words in ("carter", "07700900777", "SISTER"):
        shown = await page(desk, f"/staff/texts?q={words}")
        assert "sister" in shown and "Something else" not in shown
    assert "No text found" in await page(desk, "/staff/texts?q=100%25")


async def test_a_thread_shows_both_sides_and_what_became_of_them(desk, hub, sam):
    await wrote(hub, "Yes", minutes=10, state="answered", said_back="Says they come")
    text = await wrote(hub)
    shown = await page(desk, f"/staff/texts/{text.id}")
    assert shown.index("Ferndown: Baby massage") < shown.index("Says they come") < shown.index("sister")
    assert "/m/abc" not in shown and "Reminder, days before" in shown and "07700 900777" in shown
    assert "Coming up" in shown and "Baby massage</a>" in shown and "To answer" in shown


async def test_an_answer_is_sent_once_and_deals_with_what_waited(desk, hub, sam):
    text = await wrote(hub)
    shown = await page(desk, f"/staff/texts/{text.id}")
    data = {"words": "Of course, bring her along", "seen": hidden(shown, "seen"), "key": hidden(shown, "key")}
    for _ in range(2):
        assert (await desk.post(f"/staff/texts/{text.id}/answer", data=data)).status_code == 303
    (sent,) = await Message.filter(kind="staff_text")
    assert (sent.address, sent.channel, sent.person_id, sent.hub_id) == (SAM, "sms", sam.id, hub.id)
    assert sent.body.endswith("Of course, bring her along") and sent.due_at == TEN
    assert (await InboundMessage.get(id=text.id)).state == "handled"
    assert "Nothing to answer" in await page(desk, "/staff/texts?show=waiting")
    assert "by Maya Okafor" in await page(desk, f"/staff/texts/{text.id}")


async def test_who_answers_what_has_moved_on_sees_it_first_and_loses_no_word(desk, hub, sam):
    text = await wrote(hub, minutes=5)
    seen = hidden(await page(desk, f"/staff/texts/{text.id}"), "seen")
    await wrote(hub, "Never mind!")
    refused = await answer(desk, text, "Of course", seen)
    assert refused.status_code == 409 and "Never mind!" in refused.text and ">Of course</textarea>" in refused.text
    assert await Message.filter(kind="staff_text").count() == 0
    assert (await answer(desk, text, "Of course", hidden(refused.text, "seen"))).status_code == 303


async def test_of_two_who_answer_the_same_one_hears_of_the_other(desk, hub, sam):
    text = await wrote(hub)
    seen = hidden(await page(desk, f"/staff/texts/{text.id}"), "seen")
    assert (await answer(desk, text, "Yes", seen, "first")).status_code == 303
    refused = await answer(desk, text, "No, sorry", seen, "second")
    assert refused.status_code == 409 and "No, sorry" in refused.text
    assert await Message.filter(kind="staff_text").count() == 1


async def test_done_marks_what_was_on_the_page_and_no_more(desk, hub, sam):
    first = await wrote(hub, minutes=5)
    seen = hidden(await page(desk, f"/staff/texts/{first.id}"), "seen")
    second = await wrote(hub, "One more thing")
    assert (await desk.post(f"/staff/texts/{first.id}/done", data={"seen": seen})).status_code == 303
    assert [(await InboundMessage.get(id=each.id)).state for each in (first, second)] == ["handled", "unclear"]
    await desk.post(f"/staff/texts/{first.id}/done", data={"seen": seen})
    assert "Nothing was waiting here any more" in await page(desk)


async def test_nothing_is_written_to_a_number_that_has_opted_out(desk, hub, sam):
    text = await wrote(hub)
    seen = hidden(await page(desk, f"/staff/texts/{text.id}"), "seen")
    await db.execute("UPDATE person SET phone_state = 'opted_out' WHERE id = $1", sam.id)
    shown = await page(desk, f"/staff/texts/{text.id}")
    assert "Opted out of texts" in shown and "<textarea" not in shown
    refused = await desk.post(f"/staff/texts/{text.id}/answer", data={"words": "Hi", "seen": seen, "key": "k"})
    assert refused.status_code == 422 and await Message.filter(kind="staff_text").count() == 0


@pytest.mark.parametrize(("words", "why"), [("  \n ", "Write your answer"), ("x" * 601, "600 letters or shorter")])
async def test_an_answer_needs_words_and_not_too_many(desk, hub, sam, words, why):
    refused = await answer(desk, await wrote(hub), words)
    assert refused.status_code == 422 and why in refused.text


async def test_safe_hours_are_shown_and_hold_the_answer(desk, hub, sam):
    await db.execute("UPDATE person SET safe_from = '12:00', safe_to = '14:00' WHERE id = $1", sam.id)
    text = await wrote(hub)
    shown = await page(desk, f"/staff/texts/{text.id}")
    assert "midday to 2pm" in shown and "It leaves" in shown
    await answer(desk, text, "Of course")
    assert (await Message.get(kind="staff_text")).due_at == clock.at(TEN.date(), "12:00")


async def test_quiet_hours_hold_an_answer_unless_its_sender_has_just_written(desk, hub, sam):
    with time_machine.travel(at(hours=11), tick=False):
        text = await wrote(hub, minutes=60)
        await answer(desk, text, "Good evening")
        assert (await Message.get(kind="staff_text")).due_at == at(hours=22)
        newer = await wrote(hub, "And tomorrow?", minutes=2)
        await answer(desk, newer, "Tomorrow too", key="k2")
        assert await Message.filter(kind="staff_text", due_at=clock.now()).count() == 1


async def test_while_typing_the_size_and_cost_are_told(desk, hub, sam):
    text = await wrote(hub)
    told = await desk.post(
        f"/staff/texts/{text.id}/size", data={"words": "Of course " * 20}, headers={"HX-Request": "true"}
    )
    assert "2 parts, £0.08" in told.text and "<html" not in told.text
    assert (await desk.post(f"/staff/texts/{text.id}/size", data={"words": "x"})).status_code == 303


async def test_several_people_with_the_number_are_told_apart_by_staff(desk, hub, sam):
    run = await make.run(location=hub)
    await make.booking(await make.session(run), kim := await make.person(name="Kim Lee", phone=SAM))
    text = await wrote(hub)
    assert "Several people have this number" in await page(desk, f"/staff/texts/{text.id}")
    stranger = await make.person(name="Rosa", phone="+447700900123")
    await desk.post(f"/staff/texts/{text.id}/person", data={"person": str(stranger.id)})
    assert (await InboundMessage.get(id=text.id)).person_id is None
    await desk.post(f"/staff/texts/{text.id}/person", data={"person": str(kim.id)})
    assert (await InboundMessage.get(id=text.id)).person_id == kim.id
    assert '<h1 class="govuk-heading-l">Kim Lee</h1>' in await page(desk, f"/staff/texts/{text.id}")


async def test_staff_of_another_hub_find_nothing_and_change_nothing(client, hub, sam):
    text = await wrote(hub)
    await make.sign_in_staff(client, await make.staff("hub_staff", (await make.location()).id))
    assert "sister" not in await page(client, "/staff/texts?show=all")
    await page(client, f"/staff/texts/{text.id}", 404)
    for act in ("answer", "done", "person", "size"):
        assert (await client.post(f"/staff/texts/{text.id}/{act}", data={"words": "Hi"})).status_code == 404
    assert (await InboundMessage.get(id=text.id)).state == "unclear"


async def test_a_number_that_nobody_knows_is_for_county_admins(client, hub):
    text = await wrote(None, "Hello there")
    await make.sign_in_staff(client, await make.staff("hub_manager", hub.id))
    await page(client, f"/staff/texts/{text.id}", 404)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "Nobody at your hubs has given us this number" in await page(client, f"/staff/texts/{text.id}")
    await answer(client, text, "Who is this?")
    assert (await Message.get(kind="staff_text")).person_id is None


async def test_texts_of_a_family_of_something_restricted_are_for_its_own_staff_alone(client, hub, sam):
    secret = await make.location(is_restricted=True)
    await make.booking(await make.session(await make.run(location=secret, is_restricted=True)), sam)
    text = await wrote(hub, "About tomorrow")
    for kind, at_hub in (("hub_staff", hub.id), ("county_admin", None)):
        await make.sign_in_staff(client, await make.staff(kind, at_hub))
        assert "About tomorrow" not in await page(client, "/staff/texts?show=all")
        await page(client, f"/staff/texts/{text.id}", 404)
    await make.sign_in_staff(client, await make.staff("hub_staff", secret.id))
    assert "About tomorrow" in await page(client, "/staff/texts?show=all")
    await answer(client, text, "See you then")
    sent = await Message.get(kind="staff_text")
    assert sent.is_discreet and sent.body == "See you then"


async def test_texts_of_a_discreet_person_are_for_their_own_hub_and_answered_neutrally(client, hub, sam):
    await db.execute("UPDATE person SET is_discreet = $2 WHERE id = $1", sam.id, True)
    text = await wrote(hub, "About tomorrow")
    await make.sign_in_staff(client, await make.staff("county_admin"))
    await page(client, f"/staff/texts/{text.id}", 404)
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    await answer(client, text, "See you then")
    assert (await Message.get(kind="staff_text")).is_discreet


async def test_what_another_hub_wrote_to_the_number_is_not_shown(desk, hub, sam):
    other = await make.run(title="Elsewhere")
    booking = await make.booking(await make.session(other), sam)
    await heard(booking, hub_id=other.hub_id, body="Elsewhere at ten")
    text = await wrote(hub)
    shown = await page(desk, f"/staff/texts/{text.id}")
    assert "Elsewhere" not in shown


async def test_the_words_of_an_answer_go_with_the_texts_after_a_month(desk, hub, sam):
    await answer(desk, await wrote(hub), "Of course")
    await Message.filter(kind="staff_text").update(state="sent")
    with time_machine.travel(at(days=31), tick=False):
        assert await inbox.forget_old() == 1
    assert (await Message.get(kind="staff_text")).body == "" and await InboundMessage.all().count() == 0


async def test_the_list_costs_little_and_a_thread_the_same_however_long(desk, hub, sam, count_queries):
    text = await wrote(hub)
    path = f"/staff/texts/{text.id}"
    with count_queries() as few:
        await desk.get(path)
    for n in range(20):
        await wrote(hub, f"More {n}")
    with count_queries() as many:
        await desk.get(path)
    assert many.count == few.count


async def test_the_inbox_is_empty_and_says_what_comes_here(desk):
    assert "No texts yet" in await page(desk)
    assert await threads.waiting_count(who_is(await make.staff("hub_staff"))) == 0


async def test_a_thread_leads_to_the_person_and_today_to_the_texts_that_wait(desk, hub, sam):
    text = await wrote(hub)
    assert f'href="/staff/people/{sam.id}"' in await page(desk, f"/staff/texts/{text.id}")
    assert '<a class="govuk-link" href="/staff/texts">1 family waits for an answer</a>' in await page(desk, "/staff")


async def test_today_says_nothing_of_texts_where_none_waits_or_only_those_of_another_hub(desk, hub, sam):
    await wrote(await make.location(), sender="+447700900778")
    assert "for an answer" not in await page(desk, "/staff")


@pytest.mark.parametrize(
    "path", ["/outbox", "/staff/notices", "/staff/people", "/staff/wording", "/staff/messages", "/staff/jobs"]
)
async def test_every_page_of_messages_says_how_many_texts_wait(client, hub, sam, path):
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "to read" not in await page(client, path)
    await wrote(hub)
    assert '(1<span class="govuk-visually-hidden"> to read</span>)' in await page(client, path)


async def test_an_unknown_number_is_linked_to_a_family_by_search(desk, hub, sam):
    text = await wrote(hub, sender="+447700900779")
    booking = await Booking.get(person_id=sam.id)
    path = f"/staff/texts/{text.id}"
    for words in ("carter", "07700900777", booking.reference.lower()):
        shown = await page(desk, f"{path}?who={words}")
        assert "This is about" in shown and "Sam Carter" in shown
    assert "Nobody found" in await page(desk, f"{path}?who=nobody")
    await desk.post(f"{path}/person", data={"person": str(sam.id)})
    shown = await page(desk, path)
    assert (
        "<h1" in shown and "Sam Carter" in shown and "Baby massage</a>" in shown and f"/staff/people/{sam.id}" in shown
    )
    await answer(desk, text, "See you")
    sent = await Message.get(kind="staff_text")
    assert (sent.person_id, sent.address) == (sam.id, "+447700900779")


async def test_nobody_is_found_for_it_who_is_of_another_hub_or_discreet(desk, hub, sam):
    text = await wrote(hub, sender="+447700900779")
    other = await make.booking(await make.session(await make.run()), await make.person(name="Kim Elsewhere"))
    await db.execute("UPDATE person SET is_discreet = $2 WHERE id = $1", sam.id, True)
    for person_id, words in ((other.person_id, "Elsewhere"), (sam.id, "carter")):
        assert "Nobody found" in await page(desk, f"/staff/texts/{text.id}?who={words}")
        await desk.post(f"/staff/texts/{text.id}/person", data={"person": str(person_id)})
        assert (await InboundMessage.get(id=text.id)).person_id is None


async def test_who_was_found_and_asked_for_discretion_since_is_answered_so_and_not_named_to_others(client, hub, sam):
    text = await wrote(hub, sender="+447700900779", person_id=sam.id)
    await db.execute("UPDATE person SET is_discreet = $2 WHERE id = $1", sam.id, True)
    await make.sign_in_staff(client, await make.staff("county_admin"))
    assert "Sam Carter" not in await page(client, f"/staff/texts/{text.id}")
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    assert "Sam Carter" in await page(client, f"/staff/texts/{text.id}")
    await answer(client, text, "See you")
    assert (await Message.get(kind="staff_text")).is_discreet
