"""Duties as lines of words that this reader may have (promise P5)."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from booking.people.signing_in import Who
from booking.rotas import loading
from booking.rotas.seeing import is_hidden, seen_by
from booking.rotas.values import Duty
from booking.rotas.words_for_staff import KINDS
from booking.words import short_day, time_range


async def lines_of(shift_ids: Collection[UUID], who: Who) -> list[dict[str, Any]]:
    """These shifts in order of time: {"when", "what", "where", "href"}."""
    if not shift_ids:
        return []
    plan = await seen_by(await loading.around(list(shift_ids), []), who)
    wanted = set(shift_ids)
    return [line(each) for each in sorted(plan.duties, key=lambda it: (it.starts_at, it.id)) if each.id in wanted]


def line(duty: Duty) -> dict[str, Any]:
    """One duty of `seen_by`."""
    is_secret = is_hidden(duty)
    return {
        "id": duty.id,
        "when": f"{short_day(duty.date)}, {time_range(duty.start, duty.end)}",
        "what": duty.title or KINDS[duty.kind],
        "where": duty.place.name,
        "href": "" if is_secret else f"/staff/rota/shifts/{duty.id}",
    }
