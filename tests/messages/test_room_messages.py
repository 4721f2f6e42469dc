"""What partners' bookers read about rooms: stored words, one message for an act, seen by the hub's own staff."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from booking import clock, db
from booking.messages import outbox, sms_parts, wording
from booking.places.models import RoomSwap
from booking.places.telling_partners import tell
from tests import make
from tests.messages import room_examples
from tests.messages.expected_texts import check
from tests.messages.room_examples import booked, tuesdays

pytestmark = pytest.mark.anyio
KINDS = [kind for kind in wording.KINDS if kind.startswith("room_")]
OWN_STATE = {
    "room_requested": "requested",
    "room_declined": "declined",
    "room_cancelled": "cancelled",
    "room_displaced": "displaced",
    "room_date_free": "missing",
}
WITH_REASON = ("room_declined", "room_changed", "room_cancelled", "room_displaced", "room_swap")
TUESDAY = date(2027, 1, 12)


def said_by(kind: str, channel: str, room) -> wording.Text:
    reason = "The heating has broken down" if kind in WITH_REASON else ""
    return wording.compose(kind, channel, room_examples.facts(room, reason=reason))


def stored(text: wording.Text) -> str:
    return f"Subject: {text.subject}\n\n{text.body}" if text.subject else text.body + "\n"


@pytest.mark.parametrize("kind", KINDS)
def test_words_about_one_booking_are_as_stored(kind):
    room = room_examples.one(OWN_STATE.get(kind, "confirmed"))
    sms, mail = said_by(kind, "sms", room), said_by(kind, "email", room)
    check(f"{kind}.sms.txt", stored(sms))
    check(f"{kind}.mail.txt", stored(mail))
    assert sms_parts.parts(sms.body) == 1
    assert sms.body.endswith(("https://hubs.dorset.example/swaps/h7Kq2mXw9TfA_bQ4", room.page_path))


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in ("room_swap", "room_reminder", "room_date_free")]
)
def test_a_series_is_one_message_with_every_date_once(kind):
    room = room_examples.series(OWN_STATE.get(kind, "confirmed"))
    sms, mail = said_by(kind, "sms", room), said_by(kind, "email", room)
    check(f"{kind}.series.sms.txt", stored(sms))
    check(f"{kind}.series.mail.txt", stored(mail))
    assert sms_parts.parts(sms.body) == 1
    for words in ("2 February", "9 February", "16 February", "23 February", "2 March", "9 March"):
        assert mail.body.count(f"Tuesday {words} 2027") == 1, words
    assert "16 February 2027, 10am to midday: half term" in mail.body


def test_typed_words_stay_words():
    hostile = room_examples.one(title='🎈 "Clinic"; \r\nBcc: x\u202e <b>now</b> ' + "very long " * 25)
    for kind in KINDS:
        mail, sms = said_by(kind, "email", hostile), said_by(kind, "sms", hostile)
        assert "\n" not in mail.subject and "<b>now" not in mail.html and "\u202e" not in sms.body
        assert sms_parts.parts(sms.body) <= 3
        assert sms.body.endswith((hostile.page_path, room_examples.other_room().link_path))


@pytest.fixture
async def here(database):
    with time_machine.travel("2027-01-04 09:00+00:00", tick=False):
        hub = await make.location()
        yield await make.room(hub, name="Blue room"), await make.booker()


async def messages() -> list[dict]:
    return await db.rows("SELECT * FROM message WHERE kind LIKE 'room_%' ORDER BY created_at, id")


async def test_the_booker_is_told_once_however_often_the_act_is_told(here):
    room, grace = here
    row = await booked(room, TUESDAY, grace)
    await tell("room_confirmed", bookings=[row.id])
    await tell("room_confirmed", bookings=[row.id])
    [message] = await messages()
    assert (message["person_id"], message["channel"], message["address"]) == (grace.id, "email", grace.email)
    assert (message["about_kind"], message["about_id"], message["hub_id"]) == (
        "room_booking", row.id, (await room.location).hub_id,
    )  # fmt: skip
    assert "Blue room" in message["body"] and f"/partner/bookings/{row.id}" in message["body"]


async def test_a_later_change_tells_again(here):
    room, grace = here
    row = await booked(room, TUESDAY, grace)
    await tell("room_changed", bookings=[row.id])
    await db.execute("UPDATE room_booking SET sequence = 1 WHERE id = $1", row.id)
    await tell("room_changed", bookings=[row.id])
    assert len(await messages()) == 2


async def test_a_series_is_told_in_one_message(here):
    room, grace = here
    states = {date(2027, 1, 19): "missing", date(2027, 1, 26): "skipped"}
    series, rows = await tuesdays(room, grace, TUESDAY, date(2027, 3, 30), states)
    await tell("room_confirmed", bookings=[row.id for row in rows.values()])
    [message] = await messages()
    assert (message["about_kind"], message["about_id"]) == ("room_series", series.id)
    assert message["body"].count("10am to midday") == 12
    assert f"/partner/series/{series.id}" in message["body"]


async def test_who_chose_texts_gets_the_dates_by_mail_as_well(here):
    room, _ = here
    sam = await make.booker(channel="sms")
    row = await booked(room, TUESDAY, sam)
    await tell("room_confirmed", bookings=[row.id])
    sms, mail = sorted(await messages(), key=lambda each: each["channel"], reverse=True)
    assert (sms["channel"], mail["channel"]) == ("sms", "email")
    assert sms["calendar"] == "" and mail["calendar_method"] == "REQUEST"


async def test_a_booking_that_nobody_in_particular_booked_tells_nobody(here):
    room, grace = here
    row = await booked(room, TUESDAY, grace, booked_by_id=None)
    await tell("room_cancelled", bookings=[row.id])
    assert await messages() == []


async def test_who_books_for_the_partner_no_more_is_not_told_of_it(here):
    room, _ = here
    partner = await make.organisation()
    left, stays = await make.booker(partner), await make.booker(partner)
    row = await booked(room, TUESDAY, left, organisation_id=partner.id)
    await db.execute("DELETE FROM role WHERE person_id = $1", left.id)
    await tell("room_cancelled", bookings=[row.id])
    assert [message["person_id"] for message in await messages()] == [stays.id]
    await db.execute("DELETE FROM role WHERE person_id = $1", stays.id)
    await tell("room_changed", bookings=[row.id])
    assert len(await messages()) == 1


async def test_bookings_of_two_bookers_are_two_messages(here):
    room, grace = here
    other = await make.booker()
    rows = [await booked(room, TUESDAY, grace), await booked(room, TUESDAY + timedelta(days=1), other)]
    await tell("room_displaced", bookings=[row.id for row in rows], why="The building is closed.")
    assert {message["person_id"] for message in await messages()} == {grace.id, other.id}


async def test_messages_of_a_mass_act_wait_and_can_be_taken_back(here):
    room, grace = here
    row, batch = await booked(room, TUESDAY, grace, state="displaced"), uuid4()
    due = clock.now() + timedelta(minutes=10)
    await tell("room_displaced", bookings=[row.id], why="Snow", batch_id=batch, due_at=due)
    [message] = await messages()
    assert (message["state"], message["due_at"], message["batch_id"]) == ("queued", due, batch)
    await outbox.void_batch(batch)
    assert [each["state"] for each in await messages()] == ["void"]
    await tell("room_displaced", bookings=[row.id], why="Snow", batch_id=batch, due_at=due)
    assert [each["state"] for each in await messages()] == ["queued"]


async def test_a_swap_names_the_other_room_and_answers_with_one_click(here):
    room, grace = here
    hall = await make.room(await room.location, name="Hall")
    row = await booked(room, TUESDAY, grace)
    kept = await booked(hall, TUESDAY, grace, kind="swap", booked_by_id=None)
    swap = await RoomSwap.create(
        room_booking=row, kept_booking_id=kept.id, reason="A course", token="tokenOfTheSwap",
        answer_by_at=clock.at(date(2027, 1, 8), "17:00"), created_at=clock.now(),
    )  # fmt: skip
    await tell("room_swap", bookings=[row.id], why="A course", swap_id=swap.id)
    [message] = await messages()
    assert "/swaps/tokenOfTheSwap" in message["body"] and "Hall" in message["body"]
    assert message["calendar"] == ""


async def test_the_reason_reaches_the_partner_and_notes_of_staff_do_not(here):
    room, grace = here
    row = await booked(room, TUESDAY, grace, state="declined", why="between ourselves", notes="difficult people")
    await tell("room_declined", bookings=[row.id], why="The room is being painted.")
    [message] = await messages()
    assert "Why: The room is being painted" in message["body"]
    assert "ourselves" not in message["body"] and "difficult" not in message["body"]


async def outbox_of(client, kind: str, hub_id) -> str:
    await make.sign_in_staff(client, await make.staff(kind, hub_id))
    return (await client.get("/outbox")).text


async def test_the_outbox_shows_them_to_the_hubs_staff_and_to_no_other_hub(client, here):
    room, grace = here
    row = await booked(room, TUESDAY, grace, title="Weigh-in")
    await tell("room_confirmed", bookings=[row.id])
    [message] = await messages()
    own = await outbox_of(client, "hub_staff", message["hub_id"])
    assert "Weigh-in" in own and "Room booked" in own and f'href="/staff/rooms/bookings/{row.id}"' in own
    assert (await client.get(f"/outbox/{message['id']}")).status_code == 200
    assert "Weigh-in" in await outbox_of(client, "county_admin", None)
    assert "Weigh-in" not in await outbox_of(client, "hub_staff", (await make.location()).id)
    assert (await client.get(f"/outbox/{message['id']}")).status_code == 404


async def test_a_private_one_is_read_by_the_hubs_own_staff_alone(client, here):
    room, grace = here
    row = await booked(room, TUESDAY, grace, title="Safe talk", is_private=True)
    await tell("room_confirmed", bookings=[row.id])
    [message] = await messages()
    assert message["address"] == grace.email and "Safe talk" in message["body"]
    assert "Safe talk" in await outbox_of(client, "hub_staff", message["hub_id"])
    admins = await outbox_of(client, "county_admin", None)
    assert "Safe talk" not in admins and str(row.id) not in admins


async def test_staff_do_not_see_the_link_that_answers_a_swap(client, here):
    room, grace = here
    row = await booked(room, TUESDAY, grace)
    await tell("room_confirmed", bookings=[row.id])
    await db.execute("UPDATE message SET body = 'Say yes: https://hubs.example/swaps/aB3-_x9'")
    page = await outbox_of(client, "hub_staff", (await messages())[0]["hub_id"])
    assert "/swaps/..." in page and "aB3-_x9" not in page
