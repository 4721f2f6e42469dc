"""What the outbox was asked for, made safe before any wording sees it: to discreet people nothing is said but the time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking.messages import channels, hours, kept_words, outbox_rows, sender, wording
from booking.messages.channels import Channel
from booking.messages.said import RoomEntry, RoomSaid, Said
from booking.messages.wording import Text

CODE, SOON, ORDINARY, NOTICE = range(4)  # the order in which what is due goes
A_DAY = timedelta(hours=24)
# texts that somebody discreet may get: what opens their own page, and nothing that was typed
LINKS = ("token", "offer_token", "also_token", "marker")
# to staff and partners about their work: the words stay, the sender is neutral
OF_WORK = ("room_", "partner_", "staff_decide", "staff_stood_down", "rota_", "duty_", "swap_", "cover_")
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Order:
    """What queue() was asked for."""

    person: Any
    kind: str
    facts: dict[str, Any]
    about: tuple[str, UUID]
    dedupe_key: str
    due_at: datetime
    expires_at: datetime | None = None
    batch_id: UUID | None = None
    session_id: UUID | None = None
    hub_id: UUID | None = None
    entry: RoomEntry | None = None
    is_for_hub_alone: bool = False

    @property
    def said(self) -> Said | None:
        return self.facts.get("said")

    @property
    def room(self) -> RoomSaid | None:
        return self.facts.get("room")

    @property
    def is_discreet(self) -> bool:
        """Whether neither the words nor the sender may name anything."""
        return bool(self.person.is_discreet or (self.said and self.said.is_discreet) or self.facts.get("is_discreet"))

    @property
    def is_hidden(self) -> bool:
        """Whether staff of that very hub alone may read it, and the sender is the neutral one."""
        return bool(self.is_discreet or (self.room and self.room.is_private) or self.is_for_hub_alone)

    @property
    def urgency(self) -> int:
        """0 codes, 1 what cannot wait, 2 ordinary, 3 notices to many."""
        if self.kind in hours.CODES:
            return CODE
        if self.kind == "notice":
            return NOTICE
        if hours.is_answer(self.kind) or self.kind.startswith("offer"):
            return SOON
        said = [*self._saids("dates"), *self._saids("was"), *([self.said] if self.said else [])]
        return SOON if any(self.due_at - A_DAY < each.starts_at <= self.due_at + A_DAY for each in said) else ORDINARY

    def _saids(self, name: str) -> Sequence[Said]:
        return [each for each in self.facts.get(name) or () if isinstance(each, Said)]


def made_safe(order: Order) -> Order:
    """The order as it stands, or to a discreet person with nothing in it but times and links."""
    if not order.person.is_discreet or order.kind.startswith(OF_WORK):
        return order
    facts = {name: _neutral(name, value) for name, value in order.facts.items()}
    return replace(order, facts=facts | {"is_discreet": True})


def neutral(said: Said) -> Said:
    """The session's time and nothing else."""
    return Said(said.session_id, said.starts_at, said.ends_at, is_discreet=True)


def _neutral(name: str, value: Any) -> Any:
    if isinstance(value, Said):
        return neutral(value)
    if isinstance(value, list | tuple):
        return [
            neutral(each) if isinstance(each, Said) else each for each in value if isinstance(each, Said | datetime)
        ]
    return value if name in LINKS or not isinstance(value, str) else ""


async def text_of(
    order: Order, kind: str, channel: Channel, facts: dict[str, Any], among: kept_words.Kept | None = None
) -> Text:
    """The words, those that staff keep (`among`, or looked up) or the shipped ones, in the person's language where there are some.
    Raises wording.MissingFact."""
    if channel == "call" and not wording.has(kind, "call", facts):
        return await _to_say(order, kind, facts, among)
    if facts.get("is_discreet") and not wording.has(kind, channel, facts):
        return wording.news(channel, order.person.language)
    kept, language = await kept_words.in_use(kind, channel, facts, order.person.language, among)
    return wording.compose(kind, channel, facts, language=language, kept=kept)


async def _to_say(order: Order, kind: str, facts: dict[str, Any], among: kept_words.Kept | None) -> Text:
    """What staff say when they ring: the text without its links, which nobody can read out."""
    text = await text_of(order, kind, "sms", facts, among) if kind not in ("invite", "duty_invite") else Text("", "")
    words = LINK.sub("", text.body).removeprefix(f"{sender.current().name}: ")
    return replace(text, subject="", body=" ".join(words.split()).rstrip(" :"), html="")


async def values_of(
    order: Order,
    channel: Channel,
    kind: str,
    facts: dict[str, Any],
    dedupe_key: str,
    among: kept_words.Kept | None = None,
) -> dict[str, Any]:
    """What `outbox_rows.write` is given for one channel of the order."""
    said: Said | None = facts.get("said")
    marker = outbox_rows.new_marker()
    names = {"name": order.person.name.split(" ")[0], "marker": marker}
    text = await text_of(order, kind, channel, names | facts, among)
    return {
        "text": text,
        "person_id": order.person.id,
        "kind": kind,
        "channel": channel,
        "address": channels.address(order.person, channel),
        "about": order.about,
        "session_id": order.session_id or (said.session_id if said else None),
        "hub_id": order.hub_id,
        "batch_id": order.batch_id,
        "dedupe_key": dedupe_key,
        "marker": marker,
        "is_discreet": order.is_hidden,
        "due_at": order.due_at,
        "expires_at": order.expires_at,
        "urgency": order.urgency,
        "language": text.language,
        "gist": text.gist,
    }


def duty_invite(
    person: Any, said: Said, *, is_over: bool, about: tuple[str, UUID], dedupe_key: str, due_at: datetime, hub_id: UUID | None,
    batch_id: UUID | None = None,
) -> Order:  # fmt: skip
    """A mail that puts one duty into somebody's calendar, changes it, or takes it out. Of a restricted one it says the time alone."""
    facts = {"dates": [said], "is_over": is_over}
    return Order(
        person, "duty_invite", facts, about, dedupe_key, due_at, said.ends_at, batch_id, said.session_id, hub_id,
        is_for_hub_alone=said.is_discreet,
    )  # fmt: skip
