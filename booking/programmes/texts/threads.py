"""Texts as staff read them: a thread for each number, what waits for a person first.

A text is read by staff of the hub that wrote to its number last, and by county admins; of a number that nobody ever wrote to by
admins. What a family writes that has to do with something restricted, or a discreet person, is for staff of that very hub alone
(promises P5, P6).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from booking import clock, db
from booking.messages.words_for_staff import KINDS, without_links
from booking.people.contacts import phone_words
from booking.people.signing_in import Who
from booking.programmes.staff_lists import within
from booking.programmes.texts import who_writes
from booking.programmes.texts.who_reads import TIES

PAGE = 30
LONGEST_THREAD = 80
HEARD_DAYS = 60
TIE = f"EXISTS ({TIES.format(phone='t.sender')}{{more}})"
IS_DISCREET = "EXISTS (SELECT 1 FROM person d WHERE d.phone = t.sender AND d.is_discreet)"
TEXT = (
    "t.id, t.sender, t.body, t.received_at, t.state, t.said_back, t.hub_id, t.person_id, t.handled_at,"
    " (SELECT h.name FROM person h WHERE h.id = t.handled_by_id) AS handled_by"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thread in the list: `id` is its last text, `waiting` how many of its texts wait for a person."""

    id: UUID
    phone: str
    phone_words: str
    names: str
    last_words: str
    last_at: Any
    is_ours: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class Thread:
    """One number's conversation within what somebody may read: `items` the oldest first, `people` who have it, `hub_id` the hub
    for which it is answered."""

    text_id: UUID
    phone: str
    phone_words: str
    items: list[dict[str, Any]]
    people: list[dict[str, Any]]
    coming: list[dict[str, Any]]
    hub_id: UUID | None
    waiting: list[UUID]
    asked_at: Any
    is_opted_out: bool
    is_discreet: bool
    linked: dict[str, Any] | None
    seen: str

    @property
    def title(self) -> str:
        return self.linked["name"] if self.linked else who_writes.names_of(self.people) or self.phone_words


def readable(who: Who, first: int) -> tuple[str, list[Any]]:
    """A condition about a text t for what somebody may read, with its parameters from $first on."""
    condition, parameters = within(who, first, column="t.hub_id")
    nobody = " OR t.hub_id IS NULL" if who.is_admin else ""
    own = sorted(who.role_hubs)
    mine = db.in_list(own, first + len(parameters))
    of_text = TIE.format(more=" AND r.hub_id = t.hub_id")
    known = TIE.format(more=f" AND r.hub_id IN {mine} AND (r.hub_id = t.hub_id OR NOT {of_text})")
    return (
        f"((({condition}{nobody}) AND NOT {TIE.format(more='')} AND (NOT {IS_DISCREET} OR t.hub_id IS NULL"
        f" OR t.hub_id IN {mine})) OR {known})",
        [*parameters, *own],
    )


async def waiting_count(who: Who) -> int:
    """How many threads have a text that waits for a person."""
    condition, parameters = readable(who, 1)
    return await db.value(
        f"SELECT COUNT(DISTINCT t.sender) AS n FROM inbound_message t WHERE t.state = 'unclear' AND {condition}",
        *parameters,
    )


async def lines(who: Who, *, is_waiting: bool, words: str = "", page: int = 1) -> tuple[list[Line], bool]:
    """One page of threads, those that wait first, then the newest; and whether there are more. `words` are looked for in names,
    numbers and texts."""
    condition, parameters = readable(who, 1)
    searched, more = _searched(words, 1 + len(parameters))
    having = " HAVING SUM(CASE WHEN t.state = 'unclear' THEN 1 ELSE 0 END) > 0" if is_waiting else ""
    found = await db.rows(
        "SELECT t.sender, MAX(t.received_at) AS last_at, SUM(CASE WHEN t.state = 'unclear' THEN 1 ELSE 0 END) AS waiting"
        f" FROM inbound_message t WHERE t.state <> 'new' AND {condition}{searched} GROUP BY t.sender{having}"
        " ORDER BY CASE WHEN SUM(CASE WHEN t.state = 'unclear' THEN 1 ELSE 0 END) > 0 THEN 0 ELSE 1 END, last_at DESC, t.sender"
        f" LIMIT {PAGE + 1} OFFSET {(page - 1) * PAGE}",
        *parameters, *more,
    )  # fmt: skip
    return [await _line(who, row) for row in found[:PAGE]], len(found) > PAGE


def _searched(words: str, first: int) -> tuple[str, list[Any]]:
    conditions, parameters = "", []
    for word in words.lower().split()[:5]:
        n = first + len(parameters)
        digits = word.lstrip("+0") if word.lstrip("+").isdecimal() else word
        parameters.append(f"%{digits.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
        conditions += (
            f" AND (lower(t.body) LIKE ${n} ESCAPE '!' OR t.sender LIKE ${n} ESCAPE '!' OR EXISTS (SELECT 1 FROM person p"
            f" WHERE p.phone = t.sender AND lower(p.name) LIKE ${n} ESCAPE '!'))"
        )
    return conditions, parameters


async def _line(who: Who, row: dict[str, Any]) -> Line:
    theirs = (await _texts(who, row["sender"], limit=1))[0]
    ours = await _ours(who, row["sender"], limit=1, kinds=("staff_text",))
    last = max([theirs, *ours], key=lambda each: each["at"])
    return Line(
        theirs["id"], row["sender"], phone_words(row["sender"]) or row["sender"],
        who_writes.names_of(await who_writes.people_with(who, row["sender"])), last["body"], last["at"], last["is_ours"], row["waiting"],
    )  # fmt: skip


async def find(who: Who, text_id: UUID) -> Thread | None:
    """The thread that a text is of; None for what is not there or not theirs."""
    condition, parameters = readable(who, 2)
    one = await db.row(
        f"SELECT t.sender FROM inbound_message t WHERE t.id = $1 AND t.state <> 'new' AND {condition}",
        text_id,
        *parameters,
    )
    return await _thread(who, one["sender"]) if one else None


async def _thread(who: Who, phone: str) -> Thread:
    theirs = await _texts(who, phone, limit=LONGEST_THREAD)
    ours = await _ours(who, phone, limit=LONGEST_THREAD)
    people = await who_writes.people_with(who, phone)
    linked_id = next((each["person_id"] for each in theirs if each["person_id"]), None)
    newest = theirs[0]
    linked = next((each for each in people if each["id"] == linked_id), None) or await who_writes.linked(who, linked_id)
    return Thread(
        text_id=newest["id"], phone=phone, phone_words=phone_words(phone) or phone,
        items=sorted([*theirs, *ours], key=lambda each: (each["at"], each["is_ours"], each["id"]))[-LONGEST_THREAD:],
        people=people, coming=await who_writes.coming_of(who, [each["id"] for each in people or filter(None, [linked])]),
        hub_id=newest["hub_id"], waiting=[each["id"] for each in theirs if each["state"] == "unclear"],
        asked_at=newest["at"], is_opted_out=any(each["phone_state"] == "opted_out" for each in await _all_with(phone)),
        is_discreet=await _is_discreet(phone, linked_id),
        linked=linked,
        seen=_seen(newest, ours),
    )  # fmt: skip


def _seen(newest: dict[str, Any], ours: list[dict[str, Any]]) -> str:
    """What was on the page: their last text, and our last answer by hand."""
    answer = next((each["id"] for each in ours if each["kind"] == "staff_text"), "")
    return f"{newest['id']}/{answer}"


async def _texts(who: Who, phone: str, *, limit: int) -> list[dict[str, Any]]:
    condition, parameters = readable(who, 2)
    found = await db.rows(
        f"SELECT {TEXT} FROM inbound_message t WHERE t.sender = $1 AND t.state <> 'new' AND {condition}"
        f" ORDER BY t.received_at DESC, t.id DESC LIMIT {int(limit)}",
        phone, *parameters,
    )  # fmt: skip
    return [row | {"is_ours": False, "at": row["received_at"]} for row in found]


async def _ours(who: Who, phone: str, *, limit: int, kinds: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What we wrote to the number by SMS, the newest first; of what is discreet only what their own hub wrote, and never a code."""
    condition, parameters = within(who, 3, column="m.hub_id")
    own = sorted(who.role_hubs)
    mine = db.in_list(own, 3 + len(parameters))
    only = f" AND m.kind IN {db.in_list(kinds, 3 + len(parameters) + len(own))}" if kinds else ""
    found = await db.rows(
        "SELECT m.id, m.kind, m.body, m.state, m.error, m.created_at, m.sent_at, m.due_at, m.next_try_at, m.parts,"
        " (SELECT e.by_name FROM audit_event e WHERE e.about_kind = 'message' AND e.about_id = m.id ORDER BY e.at LIMIT 1)"
        " AS by_name FROM message m WHERE m.address = $1 AND m.created_at > $2 AND m.channel = 'sms' AND NOT m.is_secret"
        f" AND m.state NOT IN ('void', 'merged') AND ({condition}) AND (NOT m.is_discreet OR m.hub_id IN {mine}){only}"
        f" ORDER BY m.created_at DESC, m.id DESC LIMIT {int(limit)}",
        phone, clock.days_before(clock.now(), HEARD_DAYS), *parameters, *own, *kinds,
    )  # fmt: skip
    return [
        row
        | {"is_ours": True, "at": row["sent_at"] or row["created_at"], "body": without_links(row["body"])}
        | {"what": "" if row["kind"] == "staff_text" else KINDS.get(row["kind"], row["kind"])}
        for row in found
    ]


async def _all_with(phone: str) -> list[dict[str, Any]]:
    return await db.rows("SELECT id, phone_state FROM person WHERE phone = $1", phone)


async def _is_discreet(phone: str, linked_id: UUID | None) -> bool:
    """Whether anybody with the number, or whom staff take its sender to be, is discreet or has to do with something restricted."""
    found = await db.row(
        f"SELECT CASE WHEN {IS_DISCREET} OR {TIE.format(more='')} THEN 1 ELSE 0 END AS yes FROM (SELECT $1 AS sender) t",
        phone,
    )
    return bool(found and found["yes"]) or bool(linked_id and await who_writes.careful_of([linked_id]))
