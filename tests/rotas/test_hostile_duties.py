"""What somebody types into the forms of duties is a problem or is shown as text: on their page, a colleague's, a manager's, in messages."""

import pytest

from booking.messages.models import Message
from booking.rotas.models import Assignment, Leave, SwapRequest
from tests import make
from tests.hostile import SCRIPT, TEXTS
from tests.rotas.test_duties import in_days
from tests.rotas.test_swaps import Small


@pytest.fixture
async def here(client):
    return await Small().fill()


def is_clean(html: str) -> bool:
    return SCRIPT not in html and "<img src=x" not in html and "\x1b" not in html and "49{%" not in html


async def become(client, *, worker=None, member=None):
    client.cookies.clear()
    await (make.sign_in_worker(client, worker) if worker else make.sign_in_staff(client, member))


async def all_clean(client, here, *paths):
    for reader in ({"worker": here.sam}, {"worker": here.kim}, {"member": here.member}):
        await become(client, **reader)
        for path in paths:
            answer = await client.get(path)
            assert answer.status_code < 500 and is_clean(answer.text), path


@pytest.mark.parametrize("text", TEXTS)
async def test_words_of_duties_swaps_and_leave(client, here, text):
    duty = f"/duties/shifts/{here.mine.id}"
    await become(client, worker=here.sam)
    assert (await client.post(f"{duty}/decline", data={"words": text})).status_code in (303, 422)
    answer = await client.post(f"{duty}/swap", data={"to": str(here.kim.id), "in_return": text, "words": text})
    assert answer.status_code in (303, 422)
    asked = {"first": str(in_days(2)), "last": text, "start": text, "end": text, "kind": text, "reason": text}
    assert (await client.post("/duties/leave", data=asked)).status_code in (303, 422)
    asked |= {"last": "", "start": "", "end": "", "kind": "annual"}
    assert (await client.post("/duties/leave", data=asked)).status_code == 303
    assert await Leave.all().count() == 1
    swap = await SwapRequest.get_or_none()
    paths = [
        "/duties",
        "/duties/swaps",
        "/duties/leave",
        duty,
        "/staff/rota/swaps",
        f"/staff/rota/shifts/{here.mine.id}",
    ]
    await all_clean(client, here, *paths, *([f"/staff/rota/swaps/{swap.id}"] if swap else []))
    if swap:
        await become(client, worker=here.kim)
        assert (await client.post(f"/duties/swaps/{swap.id}/decline", data={"words": text})).status_code == 303
        await all_clean(client, here, "/duties/swaps", "/staff/rota/swaps")
    assert all(
        "\x1b" not in row.body and "\x00" not in row.body and SCRIPT not in row.html for row in await Message.all()
    )
    assert (await Assignment.get(shift_id=here.mine.id, layer="published")).staff_id == here.sam.id


@pytest.mark.parametrize("text", TEXTS)
async def test_what_is_typed_at_the_door(client, text):
    answer = await client.post("/duties/sign-in", data={"email": text, "next": text})
    assert answer.status_code in (303, 422) and SCRIPT not in answer.text and "<img src=x" not in answer.text
    assert (await client.get("/duties/sign-in", params={"next": text})).status_code == 200
    for path in ("/duties/shifts/x", "/duties/shifts/x/swap"):
        assert (await client.get(path, params={"to": text})).status_code == 303
