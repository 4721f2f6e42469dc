"""Online and back: rooms are freed and taken again, families hear it once, and those without a device are to be rung."""

import pytest

from booking import db
from booking.messages.models import Message
from booking.places.models import RoomBooking, RoomHold
from booking.problems import Refused
from booking.programmes import disclosure
from booking.programmes.changes import switching_online
from booking.programmes.changes.dates_in_scope import Wish
from booking.programmes.models import Run, Session
from tests import make
from tests.places.who import staff_who
from tests.programmes.changing_calls import course, everything, family

LINK = "https://meet.example/toddlers"


async def switch(session, who, scope="date", to="online", join_url=LINK):
    return await switching_online.switch(
        session_id=session.id, scope=scope, to=to, join_url=join_url, reason="Snow", by=who, undo_minutes=10
    )


async def facts(session):
    return await db.row(f"SELECT {disclosure.FACTS} FROM session s {disclosure.JOINS} WHERE s.id = $1", session.id)


async def test_one_date_goes_online_and_its_room_is_free(hub, room, maya):
    first, second, *_ = await course(hub, room)
    await switch(first, maya)
    assert (await facts(first))["delivery"] == "online" and (await facts(first))["join_url"] == LINK
    assert (await facts(second))["delivery"] == "in_person" and (await facts(second))["join_url"] == ""
    assert await RoomHold.filter(starts_at=first.starts_at).count() == 0 and await RoomHold.all().count() == 3
    assert (await Session.get(id=first.id)).edited == "online"


async def test_the_link_is_for_those_booked_alone(hub, room, maya):
    first, *_ = await course(hub, room)
    await switch(first, maya)
    shown = {who: disclosure.shown(await facts(first), who).join_url for who in ("public", "booked", "other staff")}
    assert shown == {"public": "", "booked": LINK, "other staff": ""}


async def test_families_hear_once_however_many_dates_and_each_date_is_in_their_calendar(hub, room, maya):
    first, *_ = await course(hub, room)
    parent = await family(await first.run)
    done = await switch(first, maya, "all")
    own = await Message.filter(batch_id=done.event_id, person=parent).exclude(kind="invite")
    assert sorted((each.kind, each.channel) for each in own) == [("dates_changed", "email"), ("dates_changed", "sms")]
    assert "Online" in next(each.body for each in own if each.channel == "sms")
    entries = await Message.filter(batch_id=done.event_id, calendar_method="REQUEST")
    assert len(entries) == 4 == done.calendar_entries and all(LINK in e.calendar.replace("\r\n ", "") for e in entries)


async def test_for_good_the_run_itself_is_online_but_not_its_past(hub, room, maya):
    first, *rest = await course(hub, room)
    await switch(rest[1], maya, "later")
    assert (await Run.get(id=first.run_id)).delivery == "online"
    assert [(await facts(each))["delivery"] for each in (first, *rest)] == ["in_person"] * 2 + ["online"] * 2


async def test_who_has_no_device_or_wants_calls_is_to_be_rung(hub, room, maya):
    first, *_ = await course(hub, room)
    run = await first.run
    await family(run, name="Ann Able")
    await family(run, name="Nora None", has_no_device=True)
    await family(run, name="Cal Call", channel="call")
    done = await switch(first, maya)
    assert sorted(each.name for each in done.to_ring) == ["Cal Call", "Nora None"]
    assert {each.why_ring for each in done.to_ring} == {"has no device to join with"}
    back = await switch_back_later(first, maya)
    assert [each.name for each in back.to_ring] == ["Cal Call"]


async def switch_back_later(session, who):
    await Message.all().update(state="sent")
    return await switch(session, who, to="in_person", join_url="")


async def test_back_in_person_it_has_its_room_again(hub, room, maya):
    first, *_ = await course(hub, room)
    before = await RoomHold.all().order_by("starts_at").values_list("room_id", "starts_at", "ends_at")
    await switch(first, maya)
    await switch(first, maya, to="in_person", join_url="")
    assert await RoomHold.all().order_by("starts_at").values_list("room_id", "starts_at", "ends_at") == before
    assert (await facts(first))["join_url"] == ""


async def test_back_in_person_is_refused_when_the_room_was_taken(hub, room, maya):
    first, *_ = await course(hub, room)
    await switch(first, maya)
    times = {"starts_at": first.starts_at, "ends_at": first.ends_at}
    other = await RoomBooking.create(room=room, kind="hub", **times)
    await RoomHold.create(room=room, room_booking=other, **times)
    with pytest.raises(Refused) as refused:
        await switch(first, maya, to="in_person", join_url="")
    assert "taken" in refused.value.problems[0].words


@pytest.mark.parametrize("scope", ["date", "later", "all"])
async def test_undone_all_is_as_it_was(hub, room, maya, scope):
    _, second, *_ = await course(hub, room)
    await family(await second.run, channel="call")
    before = await everything()
    done = await switch(second, maya, scope)
    await switching_online.undo(session_id=second.id, event_id=done.event_id, by=maya)
    assert await everything() == before
    assert await Message.exclude(state="void").count() == 0
    assert (
        await db.value("SELECT COUNT(*) AS n FROM audit_event WHERE verb = 'family to be rung' AND undone_at IS NULL")
        == 0
    )


async def test_a_preview_changes_nothing_and_says_what_the_act_does(hub, room, maya):
    first, *_ = await course(hub, room)
    await family(await first.run)
    before = await everything()
    seen = await switching_online.preview(
        session_id=first.id, scope="all", to="online", join_url=LINK, by=maya, undo_minutes=10
    )
    assert await everything() == before and await Message.all().count() == 0
    assert (seen.sms_count, seen.mail_count, seen.calendar_entries) == (1, 1, 4)
    assert [each.frees_room for each in seen.changes] == [True] * 4


@pytest.mark.parametrize("link", ["", "http://meet.example/x", "meet.example"])
async def test_without_a_safe_link_it_is_refused(hub, room, maya, link):
    first, *_ = await course(hub, room)
    with pytest.raises(Refused) as refused:
        await switch(first, maya, join_url=link)
    assert refused.value.problems[0].field == "join_url"


async def test_the_creche_does_not_take_place_while_the_course_is_online(hub, room, maya):
    first, *_ = await course(hub, room)
    creche_room = await make.room(hub, name="Creche")
    beside = (await course(hub, creche_room, booking_mode="linked", is_listed=False))[0]
    await Run.filter(id=first.run_id).update(creche_run_id=beside.run_id)
    before = await everything()
    done = await switch(first, maya)
    assert (await Session.get(id=beside.id)).state == "cancelled"
    assert await RoomHold.filter(room=creche_room).count() == 3
    await switching_online.undo(session_id=first.id, event_id=done.event_id, by=maya)
    assert await everything() == before
    await switch(first, maya)
    await switch_back_later(first, maya)
    assert (await Session.get(id=beside.id)).state == "planned" and await RoomHold.filter(room=creche_room).count() == 4


async def test_it_is_part_of_another_transaction_when_called_in_one(hub, room, maya):
    first, *_ = await course(hub, room)
    before = await everything()

    async def body():
        await switch(first, maya)
        raise ValueError

    with pytest.raises(ValueError):
        await db.run_tx(body)
    assert await everything() == before


async def test_staff_of_another_hub_cannot_send_it_to_a_room_of_this_one(hub, room):
    first, *_ = await course(hub, room)
    other = await make.location()
    stranger = staff_who(await make.staff("hub_staff", other.id), {other.id})
    with pytest.raises(Refused):
        await switching_online.switch(
            session_id=first.id, scope="date", to="online", join_url=LINK, by=stranger, undo_minutes=10,
            wish=Wish(room_id=(await make.room(hub)).id),
        )  # fmt: skip
