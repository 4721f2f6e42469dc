"""Who hears what of a swap, in the transaction of the act. A restricted duty is its time and nothing else, also to whoever could
take it (promise P5)."""

from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.people.models import Person
from booking.rotas import telling

ASKED, AGREED, DECLINED, DECIDED = "swap_asked", "swap_agreed", "swap_declined", "swap_decided"
Row = dict[str, Any]


async def asked(swap_id: UUID) -> None:
    """To the colleague: please take this."""
    swap = await _swap(swap_id)
    await _queue(swap, ASKED, "to", who=swap["from_name"], reason=swap["words"])


async def agreed(swap_id: UUID) -> None:
    """To whoever asked: a manager decides next. The question need not leave any more."""
    swap = await _swap(swap_id)
    await _take_back(swap_id, "It was answered.", ASKED)
    await _queue(swap, AGREED, "from", who=swap["to_name"])


async def declined(swap_id: UUID) -> None:
    """To whoever asked, also where the colleague had agreed before."""
    swap = await _swap(swap_id)
    await _take_back(swap_id, "It was answered.", ASKED, AGREED)
    await _queue(swap, DECLINED, "from", who=swap["to_name"], reason=swap["why"])


async def approved(swap_id: UUID) -> None:
    """Both hear of their duties instead: that a manager decides next is over."""
    await _take_back(swap_id, "It was decided.", ASKED, AGREED)


async def refused(swap_id: UUID) -> None:
    """To both: the manager said no, and why."""
    swap = await _swap(swap_id)
    await _take_back(swap_id, "It was decided.", ASKED, AGREED)
    for side, other in (("from", "to"), ("to", "from")):
        await _queue(swap, DECIDED, side, who=swap[f"{other}_name"], reason=swap["why"])


async def withdrawn(swap_id: UUID, *, was: str) -> None:
    """What has not left is taken back; a colleague who has agreed hears that it is not needed."""
    swap = await _swap(swap_id)
    await _take_back(swap_id, "The swap was withdrawn.", ASKED, AGREED)
    if was == "agreed":
        await _queue(swap, DECIDED, "to", who=swap["from_name"], is_off=True)


async def off(swap_id: UUID) -> None:
    """To both: the rota has changed, so there is nothing to swap any more."""
    swap = await _swap(swap_id)
    await _take_back(swap_id, "The rota has changed.", ASKED, AGREED)
    for side, other in (("from", "to"), ("to", "from")):
        await _queue(swap, DECIDED, side, who=swap[f"{other}_name"], is_off=True)


async def _take_back(swap_id: UUID, why: str, *kinds: str) -> None:
    """What has not left of these kinds is not sent."""
    await outbox.void(why=why, about=("swap_request", swap_id), kinds=kinds)


async def _swap(swap_id: UUID) -> Row:
    row = await db.row(
        "SELECT w.*, f.known_as AS from_name, f.person_id AS from_person_id, t.known_as AS to_name, t.person_id AS to_person_id"
        " FROM swap_request w JOIN staff_profile f ON f.id = w.from_staff_id JOIN staff_profile t ON t.id = w.to_staff_id"
        " WHERE w.id = $1",
        swap_id,
    )
    assert row is not None
    return row


async def _queue(swap: Row, kind: str, side: str, *, who: str, reason: str = "", is_off: bool = False) -> None:
    """One message to one of the two, about the duty that was asked for."""
    ids = [each for each in (swap["shift_id"], swap["in_return_id"]) if each]
    duties = await telling.duties_of(ids)
    duty = duties[swap["shift_id"]]
    person = await Person.get(id=swap[f"{side}_person_id"])
    await outbox.queue(
        person=person,
        kind=kind,
        facts={
            "dates": [telling.said_of(duty)],
            "swap_return": [telling.said_of(duties[each]) for each in ids[1:]],
            "swap_who": who,
            "reason": reason,
            "is_off": is_off,
            "staff_path": "/duties/swaps",
        },
        about=("swap_request", swap["id"]),
        dedupe_key=f"{kind}:{swap['id']}:{side}{':off' if is_off else ''}",
        expires_at=max(duty["ends_at"], clock.now()),
        hub_id=duty["hub_id"],
        is_for_hub_alone=any(each["is_secret"] for each in duties.values()),
    )
