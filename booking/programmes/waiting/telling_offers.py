"""What families in line are told: that a place is kept for them, that it has gone, or that we had to take it back.

Nobody is written to in the quiet hours unless they have just written to us.
"""

from typing import Any

from booking import clock
from booking.messages import outbox
from booking.people.models import Person
from booking.programmes import disclosure
from booking.programmes.bookings.booking_places import coming_dates
from booking.programmes.bookings.claiming import Target
from booking.programmes.models import Offer
from booking.programmes.waiting import offer_times
from booking.programmes.waiting.lines import Line


async def tell_offered(offer: Offer, entry: dict[str, Any], line: Line) -> None:
    """Queues the offer itself, in the transaction that made it."""
    await _queue("offer", offer.id, offer.token, offer.expires_at, entry, line.target, expires_at=offer.expires_at)


async def tell(
    kind: str, offer: dict[str, Any], entry: dict[str, Any], target: Target, *, at_once: bool = False, key: str = ""
) -> None:
    """Queues what became of an offer: offer_gone, offer_passed or offer_withdrawn; outside the quiet hours
    unless they are waiting for it (`at_once`). `offer` has id, token and expires_at, `entry` person_id and reference."""
    await _queue(kind, offer["id"], offer["token"], offer["expires_at"], entry, target, at_once=at_once, key=key)


async def _queue(
    kind: str, offer_id: Any, token: Any, until: Any, entry: dict[str, Any], target: Target, *,
    expires_at: Any = None, at_once: bool = False, key: str = "",
) -> None:  # fmt: skip
    dates = await coming_dates(target)
    if not dates:
        return
    told, now = [disclosure.said(each) for each in dates], clock.now()
    await outbox.queue(
        person=await Person.get(id=entry["person_id"]),
        kind=kind,
        about=("offer", offer_id),
        dedupe_key=f"{kind}:{offer_id}{key}",
        facts={
            "said": told[0], "dates": told, "offer_token": token, "until": until, "reference": entry["reference"],
        },
        due_at=now if at_once else offer_times.when_loud(now),
        expires_at=expires_at or told[-1].starts_at,
        hub_id=dates[0]["hub_id"],
        session_id=target.session_id,
    )  # fmt: skip
