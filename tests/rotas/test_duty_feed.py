"""The calendar of one person's duties: what is published, its id for ever, and of what is restricted the time alone."""

import re
from datetime import timedelta

import pytest

from booking import clock, db
from booking.open_data.models import FeedLink
from booking.people.models import Role
from booking.rotas import assigning
from tests import make
from tests.rotas.test_duties import in_days

HOME = "/duties/calendar"


async def address(client, member) -> str:
    """Makes an address on the page and returns its path."""
    client.cookies.clear()
    await make.sign_in_worker(client, member)
    assert (await client.post(HOME, data={"sees": "all", "words": "My phone"})).status_code == 303
    page = (await client.get(HOME)).text
    return re.search(r"/feeds/[\w-]+\.ics", page).group()


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def uids(text: str) -> list[str]:
    return re.findall(r"UID:(\S+)", text)


async def test_published_duties_stand_in_it_and_drafts_do_not(client):
    hub = await make.location(name="Ferndown Family Hub", address="1 Penny Walk")
    sam = await make.worker(hub)
    await make.assignment(await make.shift(hub, date=in_days(1), title="Front desk"), sam)
    await make.assignment(await make.shift(hub, date=in_days(2), title="Only planned"), sam, "draft")
    await make.assignment(await make.shift(hub, date=in_days(1), title="Of a colleague"), await make.worker(hub))
    answer = await client.get(await address(client, sam))
    text = unfolded(answer.text)
    assert "SUMMARY:Extra shift: Front desk" in text and "Ferndown Family Hub" in text
    assert "Only planned" not in text and "Of a colleague" not in text
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_a_duty_that_moves_keeps_its_id_and_its_sequence_rises(client):
    hub = await make.location()
    sam = await make.worker(hub)
    shift = await make.shift(hub, date=in_days(1))
    await make.assignment(shift, sam)
    path = await address(client, sam)
    before = await client.get(path)
    assert (await client.get(path, headers={"If-None-Match": before.headers["etag"]})).status_code == 304
    start = shift.starts_at + timedelta(days=1)
    await db.execute(
        "UPDATE shift SET date = $2, starts_at = $3, ends_at = $4 WHERE id = $1",
        shift.id, in_days(2), start, start + timedelta(hours=4),
    )  # fmt: skip
    await db.execute("UPDATE assignment SET sequence = sequence + 1 WHERE shift_id = $1", shift.id)
    after = await client.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert uids(after.text) == uids(before.text)
    assert "SEQUENCE:0" in before.text and "SEQUENCE:1" in after.text


async def test_a_duty_that_goes_to_somebody_else_leaves_the_one_calendar_for_the_other(client):
    hub = await make.location()
    sam, kim = await make.worker(hub), await make.worker(hub)
    shift = await make.shift(hub, date=in_days(1), title="Front desk")
    await make.assignment(shift, sam)
    of_sam, of_kim = await address(client, sam), await address(client, kim)
    await assigning.assign(shift.id, kim.id, by=None, layers=assigning.BOTH)
    assert "Front desk" not in (await client.get(of_sam)).text
    assert "Front desk" in (await client.get(of_kim)).text


async def test_what_is_cancelled_says_so(client):
    hub = await make.location()
    sam = await make.worker(hub)
    await make.assignment(await make.shift(hub, title="Front desk", state="cancelled"), sam)
    text = unfolded((await client.get(await address(client, sam))).text)
    assert "SUMMARY:Cancelled: Extra shift: Front desk" in text and "STATUS:CANCELLED" in text


@pytest.mark.parametrize("secret", ["place", "run"])
async def test_of_a_restricted_duty_it_says_the_time_alone(client, secret):
    place = await make.location(name="Rose House", address="9 Hidden Lane", is_restricted=secret == "place")
    run = await make.run(location=place, title="Freedom group", is_restricted=True)
    sam = await make.worker(place)
    shift = await make.shift(place, session=await make.session(run, date=in_days(1)), title="Freedom lead")
    await make.assignment(shift, sam)
    text = unfolded((await client.get(await address(client, sam))).text)
    assert "SUMMARY:Private booking" in text and "CLASS:PRIVATE" in text
    for word in ("Rose", "Hidden", "Freedom", "Facilitator", str(shift.id), place.postcode):
        assert word not in text


async def test_an_address_is_stopped_and_then_not_there(client):
    sam = await make.worker()
    path = await address(client, sam)
    link = await FeedLink.get(kind="duties")
    await client.post(f"{HOME}/{link.id}/revoke")
    assert (await client.get(path)).status_code == 404


async def test_nobody_elses_address_can_be_stopped(client):
    hub = await make.location()
    sam = await make.worker(hub)
    path = await address(client, sam)
    link = await FeedLink.get(kind="duties")
    client.cookies.clear()
    await make.sign_in_worker(client, await make.worker(hub))
    assert (await client.post(f"{HOME}/{link.id}/revoke")).status_code == 404
    client.cookies.clear()
    assert (await client.post(f"{HOME}/{link.id}/revoke")).headers["location"].startswith("/duties/sign-in")
    assert (await client.get(path)).status_code == 200


async def test_it_ends_with_the_work_here(client):
    sam = await make.worker()
    path = await address(client, sam)
    assert (await client.get(path)).status_code == 200
    await Role.filter(person_id=sam.person_id, kind="worker").delete()
    assert (await client.get(path)).status_code == 404


async def test_only_the_hash_of_an_address_is_kept(client):
    sam = await make.worker()
    token = (await address(client, sam)).removeprefix("/feeds/").removesuffix(".ics")
    assert token not in (await FeedLink.get(kind="duties")).token_hash
    assert token not in (await client.get(HOME)).text
    assert clock.now() >= (await FeedLink.get(kind="duties")).created_at
