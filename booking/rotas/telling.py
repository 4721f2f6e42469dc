"""Whoever's published duties change hears of it: one message with all of it, and, who wants that, a calendar mail for each duty.

Called inside the transaction of the act, with a fixed number of statements whatever the number of people and duties. A restricted duty
is said as its time and nothing else (promise P5).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages import outbox
from booking.messages.said import Said
from booking.people.models import Person
from booking.people.signing_in import Who
from booking.rotas.assigning import Change
from booking.rotas.values import BESIDE
from booking.rotas.words_for_staff import KINDS

CHANGED, PUBLISHED, REMINDER, ENTRY = "duty_changed", "rota_published", "duty_tomorrow", "duty_invite"
NEWS_KINDS = (CHANGED, PUBLISHED, ENTRY)
"""They leave in the order in which they came to be."""
CHANGES_MADE = "Their duties have changed."
"""Why a reminder was taken back that is written anew."""
SOON = timedelta(days=3)
"""What begins later nobody has been reminded of yet."""
APART = timedelta(seconds=5)
"""Between the mails for one calendar, so that they arrive in order and after the words."""
DUTIES = (
    "SELECT s.id, s.hub_id, s.kind, s.title, s.starts_at, s.ends_at, l.name AS place, l.address, l.postcode, x.title AS run_title,"
    " (l.is_restricted OR l.kind = 'restricted' OR COALESCE(x.is_restricted, FALSE)) AS is_secret"
    " FROM shift s JOIN location l ON l.id = s.location_id LEFT JOIN session e ON e.id = s.session_id"
    " LEFT JOIN run x ON x.id = e.run_id"
)


@dataclass(frozen=True, slots=True)
class News:
    """What is new for one person, each in the order of time."""

    new: list[Said] = field(default_factory=list)
    changed: list[Said] = field(default_factory=list)
    gone: list[Said] = field(default_factory=list)

    @property
    def all(self) -> list[Said]:
        return [*self.new, *self.changed, *self.gone]


@dataclass(frozen=True, slots=True)
class Told:
    """One person and their news. way: text message, email, a call, or "" where no message reaches them and somebody must say it;
    ways: all by which it goes."""

    staff_id: UUID
    name: str
    news: News
    way: str
    ways: tuple[str, ...] = ()


async def tell(
    changes: Sequence[Change],
    *,
    by: Who | None,
    words: str = "",
    undo_until: datetime | None = None,
    kind: str = CHANGED,
    batch_id: UUID | None = None,
    only: Collection[UUID] | None = None,
) -> list[Told]:
    """Queues one message to each person whose published duties changed, by name, and returns them. Whose duties come out as they
    were hear nothing; what is over is no news. `before` the same as `after` is a duty that itself has changed; `words` say why;
    `only` these (staff ids) are told.

    The messages leave from `undo_until` on (None: now), and never before another that still waits for the same person.
    """
    moved = folded(changes)
    duties = await duties_of(moved)
    news = {id: own for id, own in news_of(moved, duties).items() if only is None or id in only}
    if not news:
        return []
    people = await _people(news)
    waits = await waiting_until(each["person_id"] for each in people.values())
    soon = [id for id, own in news.items() if any(each.starts_at < clock.now() + SOON for each in own.all)]
    await outbox.void_of_many("staff_profile", soon, kinds=[REMINDER], why=CHANGES_MADE)
    members = sorted(people.values(), key=lambda each: (each["known_as"], each["id"]))
    asked, entries = [], []
    for member in members:
        own = news[member["id"]]
        due_at = max(undo_until or clock.now(), waits.get(member["person_id"], clock.now()))
        act = _Act(kind, words, due_at, batch_id, db.new_id(), duties[own.all[0].session_id]["hub_id"])
        asked.append(_message(member, own, act))
        entries += _entries(member, own, act) if member["gets_invites"] else []
    ways = await outbox.queue_many(asked, entries)
    return [
        Told(member["id"], member["known_as"], news[member["id"]], next(iter(way), ""), tuple(way))
        for member, way in zip(members, ways, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Act:
    kind: str
    words: str
    due_at: datetime
    batch_id: UUID | None
    key: UUID
    hub_id: UUID


def folded(changes: Iterable[Change]) -> dict[UUID, tuple[UUID | None, UUID | None]]:
    """shift -> who had it before all of them and who has it after, of the published layer; what came back to whom it was is left
    out. Pure."""
    found: dict[UUID, tuple[UUID | None, UUID | None]] = {}
    came_back: set[UUID] = set()
    for each in (it for it in changes if it.layer == "published"):
        if each.shift_id in found:
            found[each.shift_id] = (found[each.shift_id][0], each.after)
            came_back.add(each.shift_id)
        else:
            found[each.shift_id] = (each.before, each.after)
    return {
        id: pair for id, pair in found.items() if any(pair) and not (id in came_back and pair[0] == pair[1])
    }  # fmt: skip


async def duties_of(shift_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The shifts with the words about them. One query."""
    ids = sorted(set(shift_ids))
    if not ids:
        return {}
    return {row["id"]: row for row in await db.rows(f"{DUTIES} WHERE s.id IN {db.in_list(ids)}", *ids)}


def said_of(row: Mapping[str, Any]) -> Said:
    """What its person may be told of a shift in a message or a calendar; of a restricted one the time. Preparation and follow-up
    say so: they are called as their session is."""
    title = row["run_title"] or row["title"]
    named = f"{KINDS[row['kind']]}: {title}" if title and row["kind"] in BESIDE else title or KINDS[row["kind"]]
    said = Said(
        row["id"], row["starts_at"], row["ends_at"], named,
        ", ".join(filter(None, (row["place"], row["address"], row["postcode"]))), page_path="/duties",
    )  # fmt: skip
    return said.neutral() if row["is_secret"] else said


def news_of(
    moved: Mapping[UUID, tuple[UUID | None, UUID | None]], duties: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, News]:
    """staff -> what is new for them, of duties that are not over. Pure."""
    found: dict[UUID, News] = defaultdict(News)
    for row in sorted(duties.values(), key=lambda each: (each["starts_at"], each["id"])):
        before, after = moved[row["id"]]
        if row["ends_at"] <= clock.now():
            continue
        if before and before == after:
            found[before].changed.append(said_of(row))
            continue
        if before:
            found[before].gone.append(said_of(row))
        if after:
            found[after].new.append(said_of(row))
    return dict(found)


async def _people(staff_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """staff -> id, person_id, known_as, gets_invites and the Person. Two queries."""
    ids = sorted(set(staff_ids))
    rows = await db.rows(
        f"SELECT id, known_as, person_id, gets_invites FROM staff_profile WHERE id IN {db.in_list(ids)}", *ids
    )
    people = await Person.in_bulk([row["person_id"] for row in rows], "id")
    return {row["id"]: row | {"person": people[row["person_id"]]} for row in rows}


async def waiting_until(person_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """person -> from when news about duties may leave, where an older one still waits to be undone: never before it, nor before its
    last calendar entry."""
    ids = sorted(set(person_ids))
    rows = await db.rows(
        "SELECT person_id, MAX(due_at) AS latest_at FROM message WHERE state = 'queued' AND kind IN ($1, $2, $3)"
        f" AND due_at > $4 AND person_id IN {db.in_list(ids, 5)} GROUP BY person_id",
        *NEWS_KINDS, clock.now(), *ids,
    )  # fmt: skip
    return {row["person_id"]: row["latest_at"] + APART for row in rows}


def _message(member: Mapping[str, Any], news: News, act: _Act) -> outbox.Order:
    """All that is new for one person, with the address of their duties page."""
    return outbox.Order(
        member["person"], act.kind,
        {
            "dates": news.all, "duties_new": news.new, "duties_changed": news.changed, "duties_gone": news.gone,
            "reason": act.words.strip().rstrip("."), "staff_path": "/duties",
        },
        ("staff_profile", member["id"]), f"{act.kind}:{act.key}", act.due_at, max(each.ends_at for each in news.all), act.batch_id,
        hub_id=act.hub_id,
    )  # fmt: skip


def _entries(member: Mapping[str, Any], news: News, act: _Act) -> list[outbox.Order]:
    """Their calendar mails, one for each duty, in the order of time."""
    found = [(each, False) for each in (*news.new, *news.changed)] + [(each, True) for each in news.gone]
    return [
        entry_of(member, said, is_over, act.key, act.due_at + number * APART, act.hub_id, act.batch_id)
        for number, (said, is_over) in enumerate(sorted(found, key=lambda each: each[0].starts_at), start=1)
    ]


def entry_of(
    member: Mapping[str, Any], said: Said, is_over: bool, key: UUID, due_at: datetime, hub_id: UUID, batch_id: UUID | None = None
) -> outbox.Order:  # fmt: skip
    """The calendar mail about one duty of this person (`id` and `person`), of the act that `key` names."""
    return outbox.duty_invite(
        member["person"], said, is_over=is_over, about=("staff_profile", member["id"]), dedupe_key=f"duty_invite:{key}",
        due_at=due_at, hub_id=hub_id, batch_id=batch_id,
    )  # fmt: skip
