"""The outbox for an act that tells many people: what each hears is composed one by one, read and written together.

As in outbox.py nothing is sent here, and it is called inside the transaction of the act.
"""

from collections.abc import Sequence
from typing import Any

from booking import clock
from booking.messages import channels, invites, kept_words, orders, outbox_rows
from booking.messages.calendar import Method
from booking.messages.channels import Channel
from booking.messages.orders import Order


async def queue_many(asked: Sequence[Order], entries: Sequence[Order] = ()) -> list[list[Channel]]:
    """Queues all these messages, and mails for calendars (`orders.duty_invite`); returns the channels of each message, in their order.

    A fixed number of statements, however many there are. Their dedupe keys are new: of an act that happens once. Raises
    wording.MissingFact.
    """
    if not asked and not entries:
        return []
    kept = await kept_words.of_kinds(order.kind for order in (*asked, *entries))
    picked, rows = [], []
    for order in map(orders.made_safe, asked):
        ways = channels.pick(order.person, order.kind, is_discreet=order.is_discreet)
        rows += [await _row(order, channel, f"{order.dedupe_key}:{channel}", kept) for channel in ways]
        picked.append(ways)
    await outbox_rows.write_many([*rows, *await _of_calendars(entries, kept)])
    return picked


async def _row(order: Order, channel: Channel, key: str, kept: kept_words.Kept) -> dict[str, Any]:
    return outbox_rows.row_of(**await orders.values_of(order, channel, order.kind, order.facts, key, kept))


async def _of_calendars(entries: Sequence[Order], kept: kept_words.Kept) -> list[dict[str, Any]]:
    """The mails to whoever has a mailbox; none that takes out what never stood there."""
    reached = [
        each for each in entries if "email" in channels.pick(each.person, each.kind, is_discreet=each.is_discreet)
    ]
    methods: list[Method] = ["CANCEL" if each.facts["is_over"] else "REQUEST" for each in reached]
    asked = [(each.person, each.facts["dates"][0], method) for each, method in zip(reached, methods, strict=True)]
    rows = []
    for order, method, text in zip(reached, methods, await invites.next_invites(asked, clock.now()), strict=True):
        if text:
            row = await _row(order, "email", f"{order.dedupe_key}:email:{order.session_id}", kept)
            rows.append(row | {"calendar": text, "calendar_method": method})
    return rows
