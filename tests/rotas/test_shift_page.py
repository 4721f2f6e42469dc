"""A shift's page: who could do it and why, giving, overriding with a reason, exchanging, pinning, taking back; and who may."""

from datetime import timedelta

import pytest

from booking import clock
from booking.audit import AuditEvent
from booking.rotas.models import Assignment
from tests import make
from tests.rotas.test_rota_page import monday


@pytest.fixture
async def hub(database):
    return await make.location(name="Ferndown Family Hub")


@pytest.fixture
async def manager(client, hub):
    member = await make.staff("hub_manager", hub.id)
    await make.sign_in_staff(client, member)
    return member


def path(shift, more=""):
    return f"/staff/rota/shifts/{shift.id}{more}"


async def change(client, shift, do, **fields):
    data = {"do": do} | {name.rstrip("_"): str(value) for name, value in fields.items()}
    return await client.post(path(shift, "/change"), data=data)


async def who_does(shift) -> str | None:
    found = await Assignment.filter(shift_id=shift.id, layer="draft").select_related("staff").first()
    return found.staff.known_as if found else None


async def test_of_many_who_cannot_ten_are_shown_and_the_rest_counted(client, hub, manager):
    await make.skill("keyholder")
    for n in range(13):
        await make.worker(hub, known_as=f"No Key {n:02}")
    page = (await client.get(path(await make.shift(hub, date=monday(), skills="keyholder")))).text
    assert "3 more" in page and page.index("No Key 09") < page.index("3 more") < page.index("No Key 10")


async def test_everybody_who_could_is_listed_the_nearest_first_with_reasons(client, hub, manager):
    await make.skill("keyholder")
    near = await make.worker(hub, known_as="Near By", skills=("keyholder",))
    far = await make.location(lat=50.85, lon=-1.95)
    await make.worker(far, known_as="Further Off", skills=("keyholder",))
    await make.worker(hub, known_as="No Key")
    shift = await make.shift(hub, date=monday(), skills="keyholder")
    await make.leave(await make.worker(hub, known_as="On Leave", skills=("keyholder",)), monday())
    page = (await client.get(path(shift))).text
    assert page.index("Near By") < page.index("Further Off") < page.index("Who cannot")
    assert "based here" in page
    assert "holds keyholder" in page
    assert "1: Skill missing" in page
    assert "1: On leave" in page
    assert (await change(client, shift, "give", to=near.id)).status_code == 303
    assert await who_does(shift) == "Near By"


async def test_what_a_gift_would_break_is_said_and_needs_a_reason(client, hub, manager):
    sam, shift = await make.worker(hub, known_as="Sam Green"), await make.shift(hub, date=monday(), skills="keyholder")
    asked = await client.get(path(shift, f"/change?do=give&to={sam.id}"))
    assert "Sam Green does not hold “keyholder”." in asked.text
    refused = await change(client, shift, "give", to=sam.id, reason=" ")
    assert refused.status_code == 422
    assert await who_does(shift) is None
    assert (await change(client, shift, "give", to=sam.id, reason="Ann lends the key")).status_code == 303
    kept = await Assignment.get(shift_id=shift.id, layer="draft")
    assert (kept.overridden, kept.override_reason) == ("skill", "Ann lends the key")
    page = (await client.get(path(shift))).text
    assert "Ann lends the key" in page
    assert "<b>Warning:</b> Sam Green does not hold" in page and "<b>Broken:</b> Sam Green does not hold" not in page
    assert "does not hold" in (await client.get(f"/staff/rota?date={monday()}")).text


async def test_two_duties_at_once_cannot_be_set_aside(client, hub, manager):
    sam = await make.worker(hub)
    await make.assignment(await make.shift(hub, date=monday()), sam)
    shift = await make.shift(hub, date=monday())
    answer = await change(client, shift, "give", to=sam.id, reason="Please")
    assert answer.status_code == 422
    assert "Nobody can set this aside." in answer.text
    assert await who_does(shift) is None


async def test_two_people_change_places_and_it_is_taken_back_by_one_press(client, hub, manager):
    sam, kim = await make.worker(hub, known_as="Sam Green"), await make.worker(hub, known_as="Kim Lee")
    first, second = await make.shift(hub, date=monday()), await make.shift(hub, date=monday() + timedelta(days=1))
    await make.assignment(first, sam, "draft", is_pinned=True)
    await make.assignment(second, kim, "draft")
    await change(client, first, "exchange", with_=second.id)
    assert (await who_does(first), await who_does(second)) == ("Kim Lee", "Sam Green")
    await client.post("/staff/rota/undo")
    assert (await who_does(first), await who_does(second)) == ("Sam Green", "Kim Lee")
    assert (await Assignment.get(shift_id=first.id, layer="draft")).is_pinned


async def test_nothing_is_taken_back_once_somebody_else_has_changed_it(client, hub, manager):
    sam, kim, shift = (
        await make.worker(hub),
        await make.worker(hub, known_as="Kim Lee"),
        await make.shift(hub, date=monday()),
    )
    await change(client, shift, "give", to=sam.id)
    await Assignment.filter(shift_id=shift.id).update(staff_id=kim.id)
    await client.post("/staff/rota/undo")
    assert await who_does(shift) == "Kim Lee"


async def test_somebody_moves_to_another_shift_is_pinned_and_taken_out(client, hub, manager):
    sam = await make.worker(hub, known_as="Sam Green")
    first, second = await make.shift(hub, date=monday()), await make.shift(hub, date=monday(), start="09:30")
    await make.assignment(first, sam, "draft")
    await change(client, first, "move", with_=second.id)
    assert (await who_does(first), await who_does(second)) == (None, "Sam Green")
    await change(client, second, "pin")
    assert (await Assignment.get(shift_id=second.id, layer="draft")).is_pinned
    await change(client, second, "open")
    assert await who_does(second) is None
    assert await AuditEvent.filter(about_kind="shift", about_id=second.id).count() == 3
    assert "Sam Green taken out" in (await client.get(path(second))).text


async def test_a_drag_is_told_whom_the_shift_fits(client, hub, manager):
    sam, shift = await make.worker(hub, known_as="Sam Green"), await make.shift(hub, date=monday(), skills="keyholder")
    said = (await client.get(path(shift, "/fits"))).json()
    assert said[str(sam.id)] == ["hard", "Sam Green does not hold “keyholder”."]


async def test_beside_the_rota_only_the_panel_is_sent(client, hub, manager):
    shift = await make.shift(hub, date=monday())
    await make.assignment(shift, await make.worker(hub))
    here = {"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:8000/staff/rota?date={monday()}"}
    answer = await client.get(path(shift), headers=here)
    assert "<html" not in answer.text
    assert f"/staff/rota?date={monday()}" in answer.text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/staff/rotations", ""])
async def test_after_an_act_nobody_is_sent_elsewhere(client, hub, manager, back):
    sam, shift = await make.worker(hub), await make.shift(hub, date=monday())
    answer = await change(client, shift, "give", to=sam.id, back=back)
    assert answer.headers["location"].startswith("/staff/rota?date=")


async def test_staff_may_read_a_shift_and_change_nothing(client, hub):
    sam, shift = await make.worker(hub, known_as="Sam Green"), await make.shift(hub, date=monday())
    await make.assignment(shift, sam)
    await make.sign_in_staff(client, await make.staff("hub_staff", hub.id))
    page = (await client.get(path(shift))).text
    assert "Sam Green" in page
    assert "Take out" not in page
    assert (await change(client, shift, "open")).status_code == 404
    assert (await client.get(path(shift, "/fits"))).status_code == 404
    assert await who_does(shift) == "Sam Green"


@pytest.mark.parametrize("kind", ["hub_staff", "hub_manager"])
async def test_people_of_another_hub_find_nothing(client, hub, kind):
    shift = await make.shift(hub, date=monday())
    await make.sign_in_staff(client, await make.staff(kind, (await make.location()).id))
    for more in ("", "/change?do=open", "/fits"):
        assert (await client.get(path(shift, more))).status_code == 404
    assert (await change(client, shift, "open")).status_code == 404


async def test_a_shift_of_another_hub_cannot_be_reached_through_ones_own(client, hub, manager):
    elsewhere = await make.location()
    sam, mine, theirs = (
        await make.worker(hub),
        await make.shift(hub, date=monday()),
        await make.shift(elsewhere, date=monday()),
    )
    await make.assignment(mine, sam, "draft")
    assert (await change(client, mine, "move", with_=theirs.id)).status_code == 404
    assert await who_does(theirs) is None


async def test_a_restricted_shift_is_not_there_for_the_county_and_leaks_no_place_in_reasons(client, hub):
    home = await make.location(name="Wimborne Family Hub")
    kim = await make.worker(home, known_as="Kim Lee")
    run = await make.run(location=hub, title="Safe and Together", is_restricted=True)
    secret = await make.shift(session=await make.session(run, location=hub, date=monday()))
    await make.assignment(secret, kim)
    shift = await make.shift(home, date=monday(), start=secret.start_time, end=secret.end_time)
    for kind, at in (("county_admin", None), ("hub_manager", home.id)):
        await make.sign_in_staff(client, await make.staff(kind, at))
        assert (await client.get(path(secret))).status_code == 404
        for more in ("", f"/change?do=give&to={kim.id}", "/fits"):
            said = (await client.get(path(shift, more))).text
            assert "Safe and Together" not in said
            assert "Ferndown" not in said


async def test_what_has_begun_stays_as_it_is(client, hub, manager):
    sam = await make.worker(hub)
    shift = await make.shift(hub, date=clock.today() - timedelta(days=1))
    assert "Give it to" not in (await client.get(path(shift))).text
    assert (await change(client, shift, "give", to=sam.id)).status_code == 422
    assert await who_does(shift) is None


async def test_an_extra_shift_is_cancelled_on_its_page_and_whoever_is_in_it_is_named(client, hub, manager):
    sam, shift = await make.worker(hub, known_as="Sam Green"), await make.shift(hub, date=monday(), kind="extra")
    await make.assignment(shift, sam)
    assert "Sam Green is told." in (await client.get(path(shift))).text
    back = f"/staff/rota?hub={hub.id}"
    answer = await client.post(path(shift, "/cancel"), data={"back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert await Assignment.filter(shift_id=shift.id).count() == 0
    assert "no longer needed" in (await client.get(path(shift))).text


async def test_only_extra_shifts_are_cancelled_by_hand(client, hub, manager):
    shift = await make.shift(hub, date=monday(), kind="cover")
    assert "Cancel this shift" not in (await client.get(path(shift))).text
    assert (await client.post(path(shift, "/cancel"), data={"back": "https://else.example"})).status_code == 404


async def test_skills_are_called_by_their_names_wherever_one_reads_of_them(client, hub, manager):
    await make.skill("trained-iy", name="Trained in Incredible Years")
    able = await make.worker(hub, known_as="Able Ann", skills=("trained-iy",))
    kim, shift = await make.worker(hub, known_as="Kim Day"), await make.shift(hub, date=monday(), skills="trained-iy")
    pages = [
        await client.get(path(shift)),
        await client.get(path(shift, f"/change?do=give&to={kim.id}")),
        await change(client, shift, "give", to=kim.id),
        await client.get(f"/staff/rota?date={monday()}"),
    ]
    for page in pages:
        assert "Trained in Incredible Years" in page.text and "trained-iy" not in page.text
    assert "holds Trained in Incredible Years" in pages[0].text
    assert (await change(client, shift, "give", to=able.id)).status_code == 303
