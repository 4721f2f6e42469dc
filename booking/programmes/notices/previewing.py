"""What a notice that waits would do: whom it reaches by which channel and from when, what it costs, and what they read.

Asked of the notice as it is written, so that the preview, the page of a notice that waits and the sending are one (promise P10).
What they read is queued by the very code that sends it, for one person of each channel and language, and taken away again.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.looking import look
from booking.messages.words_for_staff import without_links
from booking.people.contacts import phone_words
from booking.people.models import Person
from booking.programmes.notices import audience, notice_messages
from booking.programmes.notices.audience import Audience
from booking.programmes.notices.finding_about import About

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """One of those meant, who must be rung or hears nothing, and why."""

    person_id: UUID
    name: str
    phone: str
    why: str = ""

    @property
    def phone_words(self) -> str:
        return phone_words(self.phone) if self.phone else ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one family reads; `people` read the like. A neutral one names nothing."""

    channel: str
    language: str
    is_neutral: bool
    people: int
    subject: str
    body: str
    parts: int


@dataclass(frozen=True, slots=True)
class Preview:
    """texts, mails and calls are numbers of people; parts are those of all texts. neutral are asked to
    ring, and read nothing of what was typed. `later` are (how many, from when) for whom
    it is not the hour when it is due."""

    due_at: datetime
    people: int
    texts: int
    mails: int
    calls: int
    parts: int
    neutral: int
    to_ring: tuple[Reached, ...]
    not_reached: tuple[Reached, ...]
    later: tuple[tuple[int, datetime], ...]
    samples: tuple[Sample, ...]

    @property
    def parts_each(self) -> int:
        """The parts of the longest text."""
        return max((each.parts for each in self.samples), default=0)

    @property
    def other_languages(self) -> int:
        """How many read the frame in another language than English."""
        return sum(each.people for each in self.samples if each.language != "en")

    def sample(self, channel: str, *, is_neutral: bool = False) -> Sample | None:
        """What is read by this channel, in English where anybody reads that."""
        fitting = [each for each in self.samples if each.channel == channel and each.is_neutral == is_neutral]
        return min(fitting, key=lambda each: each.language != "en", default=None)


async def of(notice_id: UUID) -> Preview:
    """What a notice that has not left would do now."""
    notice = await db.row("SELECT * FROM notice WHERE id = $1", notice_id)
    assert notice is not None
    ways = await _ways(notice)
    people = await Person.in_bulk(list(ways), "id")
    reached = {id: notice_messages.reach(notice, people[id], way) for id, way in ways.items()}
    by_channel = Counter(each.channel for each in reached.values())
    from_when = Counter(each.leaves_at for each in reached.values() if each.channel)
    due_at = max(notice["due_at"], clock.now())
    samples = await _samples(notice, people, ways, {id: each.channel for id, each in reached.items()})
    silent = [(people[id], each) for id, each in reached.items() if each.channel in ("", "call")]
    shown = sorted(silent, key=lambda it: it[0].name)
    return Preview(
        due_at=due_at,
        people=len(ways),
        texts=by_channel["sms"],
        mails=by_channel["email"],
        calls=by_channel["call"],
        parts=sum(each.parts * each.people for each in samples),
        neutral=sum(
            1
            for id, each in reached.items()
            if each.channel and notice_messages.is_neutral(notice, people[id], ways[id])
        ),
        to_ring=tuple(_named(person) for person, each in shown if each.channel == "call"),
        not_reached=tuple(_named(person, each.why) for person, each in shown if not each.channel),
        later=tuple((from_when[at], at) for at in sorted(from_when) if at > due_at),
        samples=samples,
    )


async def _ways(notice: Row) -> dict[UUID, Row]:
    """The recipients who are in the audience, with what they have there."""
    rows = await db.rows(
        "SELECT person_id FROM notice_recipient WHERE notice_id = $1 AND queued_at IS NULL", notice["id"]
    )
    meant = {row["person_id"] for row in rows}
    found = await audience.find(audience.of_notice(notice))
    return {row["person_id"]: row for row in found if row["person_id"] in meant}


def _named(person: Person, why: str = "") -> Reached:
    return Reached(person.id, person.name, person.phone, why)


async def _samples(
    notice: Row, people: Mapping[UUID, Person], ways: Mapping[UUID, Row], channels: Mapping[UUID, str]
) -> tuple[Sample, ...]:
    """One text or mail of each channel and language, and of the neutral ones."""
    groups: dict[tuple[str, str, bool], list[UUID]] = {}
    for id, channel in channels.items():
        if channel in ("sms", "email"):
            neutral = notice_messages.is_neutral(notice, people[id], ways[id])
            groups.setdefault((channel, people[id].language, neutral), []).append(id)

    async def read() -> tuple[Sample, ...]:
        return tuple(
            [await _sample(notice, people[ids[0]], ways[ids[0]], key, len(ids)) for key, ids in groups.items()]
        )

    return await look(read)


async def _sample(notice: Row, person: Person, way: Row, key: tuple[str, str, bool], people: int) -> Sample:
    queued = await notice_messages.queue(notice, person, way)
    row = await db.row("SELECT subject, body, parts FROM message WHERE id = $1", queued[0].id)
    assert row is not None
    return Sample(*key, people, row["subject"], without_links(row["body"]), row["parts"])


async def count(about: About, wanted: Audience) -> Counter[str]:
    """How many there are by channel ("" for none) of those whom a notice would reach now. Two queries."""
    notice = {"is_discreet": about.is_discreet, "is_restricted": about.is_restricted, "due_at": clock.now()}
    ways = {row["person_id"]: row for row in await audience.find(wanted)}
    people = await Person.in_bulk(list(ways), "id")
    return Counter(notice_messages.reach(notice, people[id], way).channel for id, way in ways.items())
