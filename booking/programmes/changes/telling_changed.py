"""What families hear when dates change, and what the preview shows of it: every distinct message, and who must be rung."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from booking import audit, clock, db
from booking.messages.said import Said
from booking.messages.words_for_staff import without_links
from booking.people.models import Person
from booking.problems import Problem
from booking.programmes import disclosure
from booking.programmes.appointments.keeping_slots import times_of
from booking.programmes.bookings import hearing
from booking.programmes.changes.dates_in_scope import Change, Row
from booking.programmes.changes.telling_cancelled import Told
from booking.programmes.registers.registering import as_json

RING = "family to be rung"
NO_DEVICE = "has no device to join with"
NO_MESSAGE = "no message reaches them"


@dataclass(frozen=True, slots=True)
class Words:
    """One distinct message, with how many families get it; links are left out."""

    channel: str
    subject: str
    body: str
    families: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did, or as a preview would do. warnings: what the rules say of the new places and times. creche: what
    becomes of the creche's dates beside them."""

    event_id: UUID
    messages_leave_at: datetime
    told: list[Told]
    waiting: int
    reminders: int
    warnings: list[Problem]
    calendar_entries: int
    texts: list[Words]
    sms_count: int = 0
    mail_count: int = 0
    changes: list[Change] = field(default_factory=list)
    creche: list[Change] = field(default_factory=list)

    @property
    def to_ring(self) -> list[Told]:
        return [each for each in self.told if each.is_to_ring]

    @property
    def example_sms(self) -> str:
        return next((each.body for each in self.texts if each.channel == "sms"), "")

    @property
    def example_subject(self) -> str:
        return next((each.subject for each in self.texts if each.channel == "email"), "")

    @property
    def example_mail(self) -> str:
        return next((each.body for each in self.texts if each.channel == "email"), "")


@dataclass(frozen=True, slots=True)
class _News:
    """One date of which families are told, as it was and as it is."""

    session_id: UUID
    was: Said
    now: Said
    goes_online: bool


async def tell(
    changes: Sequence[Change],
    event_id: UUID,
    due_at: datetime,
    *,
    is_switch: bool,
    by: Any,
    slots_before: Mapping[UUID, tuple[datetime, datetime]] = MappingProxyType({}),
    since: datetime | None = None,
) -> list[Told]:
    """Queues one message to every family that comes to what changed, if what it was told of time or place is true no longer.

    Another room in the same building is no news: families are told the building. Who must be rung stands in the trail, so
    that the session's page can say so. `since` leaves only those who booked then or later.
    """
    news = await _news(changes)
    if not news:
        return []
    run_id, hub_id = changes[0].before["run_id"], changes[0].before["hub_id"]
    bookings = await _bookings(run_id, [each.session_id for each in news], since)
    people = await Person.in_bulk({row["person_id"] for row, _ in bookings}, "id")
    others = await hearing.others_of([row["id"] for row, _ in bookings])
    slots_now = await times_of([each.session_id for each in news])
    told, first = [], {}
    for row, missed in bookings:
        own = [n for n in news if n.session_id not in missed and row["session_id"] in (None, n.session_id)]
        if row["slot_id"]:
            own = _of_slot(own, slots_before.get(row["slot_id"]), slots_now.get(row["slot_id"]))
        if own:
            first[row["id"]] = str(own[0].session_id)
            told.append(
                await _tell(
                    row, people[row["person_id"]], own, event_id, due_at, hub_id, is_switch, others.get(row["id"], ())
                )
            )
    for each in told:
        if each.is_to_ring:
            await audit.record(
                RING, about_kind="booking", about_id=each.booking_id, by=by, hub_id=hub_id,
                why=each.why_ring or NO_MESSAGE, before={"event": str(event_id)},
                after={"first": first[each.booking_id], "dates_to_ring": [str(n.session_id) for n in news]},
            )  # fmt: skip
    return told


def _of_slot(
    news: Sequence[_News], was: tuple[datetime, datetime] | None, now: tuple[datetime, datetime] | None
) -> list[_News]:
    """A family with an appointment is told its own time, and nothing when that stays."""
    if was is None or now is None:
        return list(news)
    own = [
        replace(
            each,
            was=replace(each.was, starts_at=was[0], ends_at=was[1]),
            now=replace(each.now, starts_at=now[0], ends_at=now[1]),
        )
        for each in news
    ]
    return [each for each in own if was != now or each.goes_online or each.was.place != each.now.place]


async def _news(changes: Sequence[Change]) -> list[_News]:
    ids = [each.before["id"] for each in changes]
    now = {
        row["session_id"]: row
        for row in await db.rows(
            f"SELECT {disclosure.FACTS}, s.location_id FROM session s {disclosure.JOINS} WHERE s.id IN {db.in_list(ids)}",
            *ids,
        )
    }
    return [
        _News(
            each.before["id"], disclosure.said(each.before), disclosure.said(now[each.before["id"]]),
            now[each.before["id"]]["delivery"] == "online" != each.before["delivery"],
        )
        for each in sorted(changes, key=lambda each: each.after["starts_at"])
        if _is_news(each.before, now[each.before["id"]])
    ]  # fmt: skip


def _is_news(before: Row, now: Row) -> bool:
    """Compared by the facts, because of discreet ones no message says the place."""
    names = ["starts_at", "ends_at", "location_id", "delivery"]
    if now["delivery"] == "online":
        names = ["starts_at", "ends_at", "delivery", "join_url"]
    return any(before[name] != now[name] for name in names)


async def _bookings(run_id: UUID, session_ids: Sequence[UUID], since: datetime | None) -> list[tuple[Row, set[UUID]]]:
    """Those of these dates and of the whole run, with the dates that each will miss."""
    some = db.in_list(session_ids, 3)
    since = since or datetime(2000, 1, 1, tzinfo=UTC)
    rows = await db.rows(
        "SELECT b.id, b.person_id, b.reference, b.manage_token, b.session_id, b.slot_id FROM booking b WHERE b.state = 'booked'"
        f" AND b.created_at > $2 AND (b.session_id IN {some} OR (b.session_id IS NULL AND b.run_id = $1)) ORDER BY b.id",
        run_id, since, *session_ids,
    )  # fmt: skip
    missed: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await db.rows(
        f"SELECT booking_id, session_id FROM missed_date WHERE session_id IN {db.in_list(session_ids)}", *session_ids
    ):
        missed[row["booking_id"]].add(row["session_id"])
    return [(row, missed[row["id"]]) for row in rows]


async def _tell(
    row: Row, person: Person, news: Sequence[_News], event_id: UUID, due_at: datetime, hub_id: UUID, is_switch: bool,
    others: Sequence[hearing.Other],
) -> Told:  # fmt: skip
    first, last = news[0], news[-1]
    has_none = person.has_no_device or person.channel == "call"
    why = NO_DEVICE if is_switch and has_none and any(each.goes_online for each in news) else ""
    queued = await hearing.tell(
        person=person,
        others=others,
        ring_because=why,
        kind="changed" if len(news) == 1 else "dates_changed",
        about=("booking", row["id"]),
        dedupe_key=f"changed:{row['id']}:{event_id}",
        facts={
            "said": first.now,
            "dates": [each.now for each in news],
            "was": [each.was for each in news],
            "people": "",
            "reference": row["reference"],
            "token": row["manage_token"],
        },
        due_at=due_at,
        expires_at=max(last.now.ends_at, due_at + timedelta(hours=1)),
        calendar=[each.now for each in news],
        batch_id=event_id,
        session_id=first.session_id,
        hub_id=hub_id,
    )
    channels = tuple(each.channel for each in queued)
    return Told(row["id"], person.name, person.phone, row["reference"], channels, why)


async def summary(
    event_id: UUID, leave_at: datetime, told: list[Told], changes: Sequence[Change], creche: Sequence[Change], *,
    warnings: list[Problem], reminders: int,
) -> Changed:  # fmt: skip
    """The act in numbers and in the words of its messages."""
    found = await db.rows(
        "SELECT channel, kind, subject, body, calendar_method, about_id FROM message WHERE batch_id = $1 ORDER BY id",
        event_id,
    )
    own = [row for row in found if row["kind"] != "invite" and row["channel"] != "call"]
    ids = [each.before["id"] for each in changes if each.aspects]
    waiting = await db.value(
        f"SELECT COUNT(*) AS n FROM waiting_entry WHERE state = 'waiting' AND session_id IN {db.in_list(ids)}", *ids
    )
    return Changed(
        event_id=event_id,
        messages_leave_at=leave_at,
        told=told,
        waiting=waiting,
        reminders=reminders,
        warnings=warnings,
        calendar_entries=sum(1 for row in found if row["calendar_method"]),
        texts=distinct(own, {each.booking_id: each.name for each in told}),
        sms_count=sum(1 for row in own if row["channel"] == "sms"),
        mail_count=sum(1 for row in own if row["channel"] == "email"),
        changes=list(changes),
        creche=list(creche),
    )


def distinct(messages: Sequence[Row], names: Mapping[UUID, str]) -> list[Words]:
    """The messages that differ in more than name and link, those to the most families first."""
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    examples: dict[tuple[str, str, str], str] = {}
    for row in messages:
        body = without_links(row["body"])
        first = names.get(row["about_id"], "").split(" ")[0]
        key = (row["channel"], row["subject"], body.replace(f"Hello {first},", "Hello,"))
        counts[key] += 1
        examples.setdefault(key, body)
    most = sorted(counts, key=lambda key: (key[0] != "sms", -counts[key]))
    return [Words(key[0], key[1], examples[key], counts[key]) for key in most]


async def nobody_to_ring(event_id: UUID, since: datetime) -> None:
    """Undo: those who were to be rung about it need not be."""
    rings = await db.rows(
        "SELECT id, before FROM audit_event WHERE verb = $1 AND at >= $2 AND undone_at IS NULL", RING, since
    )
    ids = [row["id"] for row in rings if as_json(row["before"])["event"] == str(event_id)]
    await db.execute(f"UPDATE audit_event SET undone_at = $1 WHERE id IN {db.in_list(ids, 2)}", clock.now(), *ids)
